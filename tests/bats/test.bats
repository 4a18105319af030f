#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# test: test blocks are run, and every way they can fail is told.
load helper

# Programs for the tests here: they return what the test makes them.
programs() {
	cat <<-'EOT'
	struct pair { u16 a; u8 b[4] }
	event said { u32 mark; ip4 who }
	map m hash { key ip4; value struct pair; max_entries 4 }
	map counts percpu_array { key u32; value u64; max_entries 1 }
	map q queue { value u32; max_entries 4 }
	map jumps prog_array { key u32; value u32; max_entries 2 }
	map out ringbuf { max_entries 4096; event said }
	map inherited array { key u32; value u32; max_entries 1; pinning by_name }
	data struct pair pair
	rodata u32 verdict = 2
	prog xdp p {
		r1 = &verdict
		r0 = *(u32 *)(r1 + 0)
		exit
	}
	prog tc shaper {
		r6 = r1
		r2 = 9
		*(u32 *)(r6 + __sk_buff.priority) = r2
		r0 = bpf_ringbuf_reserve(map[out], sizeof(said), 0)
		if r0 == 0 goto .end
		r2 = *(u32 *)(r6 + __sk_buff.mark)
		*(r0 + said.mark) = r2
		r2 = htonl(0x0a000007)
		*(r0 + said.who) = r2
		bpf_ringbuf_submit(r0, 0)
	.end:
		r0 = 0
		exit
	}
	prog xdp ttl {
		r2 = *(r1 + xdp_md.data)
		r3 = *(r1 + xdp_md.data_end)
		r4 = r2
		r4 += 34
		if r4 > r3 goto .end
		r4 = 9
		*(u8 *)(r2 + 22) = r4
	.end:
		r0 = XDP_TX
		exit
	}
	EOT
}

# with_tests LINES: the programs and these tests, in $FILE
with_tests() {
	FILE=$BATS_TEST_TMPDIR/t.bpf
	{ programs; cat; } >"$FILE"
}

# The ways to run tests: everybody has the mock kernel, root the real one and both.
ways() {
	echo
	[ "$(id -u)" -ne 0 ] || printf '%s\n' --kernel --diff
}

# passes: all tests in $FILE pass, whoever runs them
passes() {
	local way
	for way in $(ways) ''; do
		again bpfctl test ${way:+"$way"} "$FILE"
		run bpfctl test ${way:+"$way"} "$FILE"
		echo "$output"
		[ "$status" -eq 0 ]
		[[ "$output" == *", 0 failed, 0 skipped, "* ]]
	done
}

# fails EXPECTED-LINES...: the one test in $FILE fails, and says all of them
fails() {
	local line way
	for way in $(ways) ''; do
		again bpfctl test ${way:+"$way"} "$FILE"
		run bpfctl test ${way:+"$way"} "$FILE"
		echo "$output"
		[ "$status" -eq 1 ]
		for line in "$@"; do
			grep -qF -- "$line" <<<"$output"
		done
	done
}

@test "everything that is given arrives, and everything expected is found" {
	with_tests <<-'EOT'
	test "xdp" {
		prog p
		m[10.0.0.1] = { a = 1; b = [1, 2, 3, 4] }
		counts[0] = 7
		q[] = 3; q[] = 4
		jumps[1] = prog ttl
		set pair = { a = 1; b = [1, 2, 3, 4] }
		set pair.b[2] = 9
		set verdict = XDP_TX
		ctx { ingress_ifindex = 1 }
		packet first 30 of eth / ip4(src=10.0.0.30)
		expect retval = XDP_TX
		expect retval != XDP_PASS
		expect retval > 2
		expect retval >= 3
		expect retval < 4
		expect retval <= 3
		expect m[10.0.0.1] = { a = 1 }
		expect m[10.0.0.1].b[3] = 4
		expect m[10.0.0.2] absent
		expect counts[0] = 7
		expect q[] = 3
		expect q[] = 4
		expect jumps[1] = prog ttl
		expect jumps[0] absent
		expect pair = { a = 1; b[2] = 9 }
		expect pair.b = [1, 2, 9, 4]
		expect ctx.ingress_ifindex = 1
		expect count(m) = 1
		expect count(out) = 0
		expect packet unchanged
	}
	test "tc" {
		prog shaper
		ctx { mark = 0x77; cb[2] = 5 }
		repeat 2
		expect retval = TC_ACT_OK
		expect ctx.mark = 0x77
		expect ctx.priority = 9
		expect ctx.cb[2] = 5
		expect event said { mark = 0x77; who = 10.0.0.7 }
		expect event said
		expect count(out) = 2
	}
	test "a changed packet" {
		prog ttl
		packet eth / ip4(check=0) / udp / "x"
		expect packet eth / ip4(check=0, ttl=9) / udp / "x"
	}
	EOT
	passes
}

@test "a wrong return value is shown by its name" {
	with_tests <<<'test "t" { prog p; expect retval = XDP_DROP }'
	fails 'retval: expected XDP_DROP (1)' 'got      XDP_PASS (2)' "$FILE:43: test"
}

@test "each comparison can fail" {
	with_tests <<<'test "t" { prog p
		expect retval != 2
		expect retval < 2
		expect retval <= 1
		expect retval > 2
		expect retval >= 3 }'
	fails 'expected not XDP_PASS (2)' 'expected less than XDP_PASS (2)' \
		'expected at most XDP_DROP (1)' 'expected more than XDP_PASS (2)' \
		'expected at least XDP_TX (3)'
}

@test "a wrong packet is shown as text, with the fields that differ" {
	with_tests <<<'test "t" { prog ttl; packet eth / ip4; expect packet eth / ip4(ttl=8, check=0) }'
	fails 'packet: expected eth / ip4(ttl=8, check=0x0000)' 'ip4.ttl: 9, not 8' 'ip4.check: 0x'
}

@test "a wrong field of the context" {
	with_tests <<<'test "t" { prog shaper; expect ctx.priority = 8 }'
	fails 'ctx.priority: expected 8' 'got      9'
}

@test "wrong entries of maps" {
	with_tests <<<'test "t" { prog p; m[10.0.0.1] = { a = 1; b = [1] }; q[] = 1; jumps[0] = prog p
		expect m[10.0.0.1] = { a = 2; b[0] = 7 }
		expect m[10.0.0.1].a > 1
		expect m[10.0.0.1] absent
		expect m[10.0.0.2] = { a = 2 }
		expect q[] = 2
		expect q[] = 2
		expect jumps[0] = prog ttl
		expect count(m) = 2 }'
	fails 'm[10.0.0.1].a: expected 2' 'm[10.0.0.1].b[0]: expected 7' 'm[10.0.0.1].a: expected more than 1' \
		'm[10.0.0.1]: expected no such entry' 'm[10.0.0.2]: expected {"a":2}' 'q[]: expected 2' \
		'got      no such entry' 'jumps[0]: expected prog ttl' 'count(m): expected 2'
}

@test "wrong variables and records" {
	with_tests <<<'test "t" { prog shaper
		expect pair.a = 3
		expect event said { mark = 1 }
		expect event said
		expect count(out) = 2 }'
	fails 'pair.a: expected 3' 'event said.mark: expected 1' 'no more of it among 1 records' \
		'count(out): expected 2'
}

@test "what only a mock kernel can do is skipped on the real one" {
	need_kernel
	with_tests <<<'test "t" { prog p; clock 5s; expect retval = 1 }'
	run bpfctl test --kernel "$FILE"
	[ "$status" -eq 0 ]
	[[ "$output" == *'skip  t  # clock is for the mock kernel'* ]]
}

@test "programs that the kernel cannot test-run are skipped" {
	need_kernel
	with_tests <<-'EOT'
	prog kprobe/do_nanosleep k {
		r0 = 0
		exit
	}
	test "t" { prog k; expect retval = 0 }
	EOT
	run bpfctl test --kernel "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'skip  t  # the kernel cannot test-run programs of type kprobe'* ]]
}

# --- what is wrong before anything runs ---

@test "all mistakes of a file are told at once, with their places" {
	with_tests <<-'EOT'
	test "t" {
		prog p
		m[10.0.0.1] = 4
		m[10.0.0.300] = { a = 1 }
		m[10.0.0.1] = { c = 1 }
		m[10.0.0.1] = { a = 65536 }
		m[] = { a = 1 }
		q[1] = 3
		counts[0] = prog p
		set pair.c = 3
		set verdict = "x"
		ctx { ingress = 3 }
		arg0 = 5
		packet eth(dst=02:00:00:00:00)
		expect ctx.rx_queue_index = 1
		expect ctx.mark = 3
		expect pair.b[7] = 3
		expect event said { whom = 3 }
	}
	EOT
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 3 ]
	[ "$(grep -c ': error: ' <<<"$output")" -eq 15 ]
	[[ "$output" == *"t.bpf:45:1: error: "* ]]
	[[ "$output" == *"there is no field 'whom'"*"hint: did you mean 'who'?"* ]]
	[[ "$output" == *"15 errors in $FILE"* ]]
}

@test "mistakes of the language come first, as data under -j" {
	with_tests <<<'test "t" { prog pp; packet ethh; expect rtval = 1 }'
	run --separate-stderr bpfctl -j test "$FILE"
	[ "$status" -eq 3 ]
	[ "$(jq -r '.diagnostics | length' <<<"$output")" -eq 3 ]
	[ "$(jq -r '.diagnostics[1].hint' <<<"$output")" = "did you mean 'eth'?" ]
}

@test "a packet that is too short for the kernel names the line" {
	need_kernel
	with_tests <<<'test "t" { prog p; packet first 13 of eth; expect retval = 2 }'
	run bpfctl test --kernel "$FILE"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"error  t"*"t.bpf:43: "*"needs a packet of at least 14 bytes"* ]]
}

# Programs that cannot be loaded among others, and tail calls between them.
unloadable() {
	FILE=$BATS_TEST_TMPDIR/t.bpf
	cat >"$FILE" <<-'EOT'
	map jumps prog_array { key u32; value u32; max_entries 4; values = { second, [2] = third } }
	map other prog_array { key u32; value u32; max_entries 4; values = { bad } }
	func jump(struct xdp_md *ctx) {
		bpf_tail_call(r1, map[jumps], 0)
		r0 = 1
		exit
	}
	prog xdp first {
		call jump
		exit
	}
	prog xdp second {
		bpf_tail_call(r1, map[jumps], 2)
		r0 = 2
		exit
	}
	prog xdp third {
		r0 = 3
		exit
	}
	prog xdp bad {
		r0 = 1
		exit
		r0 = 2
		exit
	}
	prog xdp to_bad {
		bpf_tail_call(r1, map[other], 0)
		r0 = 1
		exit
	}
	test "to third" { prog first; expect retval = 3 }
	test "bad" { prog bad; expect retval = 3 }
	test "short" { prog third; packet first 13 of eth; expect retval = 3 }
	test "to bad" { prog to_bad; expect retval = 3 }
	test "named" { prog third; expect count(other) = 1 }
	test "third" { prog third; expect retval = 3 }
	EOT
}

@test "what cannot be loaded or run fails the tests that need it, and no others" {
	local runner
	unloadable
	for runner in '' --kernel; do
		[ -z "$runner" ] || [ -z "$MOCK" ] || continue
		run bpfctl test $runner "$FILE"
		echo "$output"
		[ "$status" -eq 1 ]
		[[ "$output" == *"6 tests: 2 passed, 0 failed, 0 skipped, 4 not run, "* ]]
		[[ "$output" == *"  pass  to third"*"  error  bad"*"the verifier rejects bad: unreachable insn 2"* ]]
		[[ "$output" == *"  error  short"*"t.bpf:34: "*"needs a packet of at least 14 bytes"* ]]
		[[ "$output" == *"  error  to bad"*"  error  named"*"  pass  third"* ]]
	done
}

@test "tests that could not be run, in all formats" {
	need python3
	unloadable
	run --separate-stderr bpfctl test "$FILE" --format tap
	[ "$status" -eq 1 ]
	[ "$(grep -c '^not ok [2345] - ' <<<"$output")" -eq 4 ]
	[ "$(grep -c '^# .*the verifier rejects bad: ' <<<"$output")" -eq 3 ]
	[ "${lines[-1]}" = "ok 6 - third" ]
	run --separate-stderr bpfctl test "$FILE" --format jsonl
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 6 ]
	[ "$(jq -r .status <<<"${lines[1]}")" = error ]
	[[ "$(jq -r .reason <<<"${lines[1]}")" == *"the verifier rejects bad: "* ]]
	run --separate-stderr bpfctl test "$FILE" --format csv
	[ "$(grep -c '^error,' <<<"$output")" -eq 4 ]
	run --separate-stderr bpfctl test "$FILE" --format junit
	python3 - "$output" <<-'EOT'
	import sys
	import xml.etree.ElementTree as tree
	suite = tree.fromstring(sys.argv[1].encode()).find("testsuite")
	assert [suite.get(k) for k in ("tests", "failures", "errors")] == ["6", "0", "4"]
	error = suite.findall("testcase")[1].find("error")
	assert "the verifier rejects bad" in error.get("message")
	EOT
}

@test "files without tests, and filters that nothing matches, are class absent" {
	programs >"$BATS_TEST_TMPDIR/none.bpf"
	run bpfctl test "$BATS_TEST_TMPDIR/none.bpf"
	[ "$status" -eq 6 ]
	with_tests <<<'test "t" { prog p; expect retval = 2 }'
	run bpfctl test "$FILE" --filter 'x*'
	[ "$status" -eq 6 ]
	run bpfctl test "$BATS_TEST_TMPDIR/nowhere.bpf"
	[ "$status" -eq 6 ]
	run bpfctl test
	[ "$status" -eq 2 ]
}

# --- captures, other programs ---

# capture: two packets in the pcap format, in $BATS_TEST_TMPDIR/a.pcap
capture() {
	local frame='020000000002020000000001088500'
	{
		printf 'd4c3b2a1020004000000000000000000ffff000001000000'
		printf '00000000000000000f0000000f000000%s' "$frame"
		printf '00000000000000000f0000000f000000%s' "${frame%00}77"
	} | xxd -r -p >"$BATS_TEST_TMPDIR/a.pcap"
}

@test "packets of a capture" {
	need xxd
	capture
	with_tests <<-'EOT'
	test "t" {
		prog p
		packet pcap "a.pcap"[1]
		expect packet hex "020000000002 020000000001 0885 77"
	}
	EOT
	passes
	sed -i 's/\[1\]$/[2]/' "$FILE"
	run bpfctl test "$FILE"
	[ "$status" -eq 3 ]
	[[ "$output" == *"has 2 packets, and none of number 2"* ]]
	sed -i 's/a.pcap/t.bpf/' "$FILE"
	run bpfctl test "$FILE"
	[ "$status" -eq 3 ]
	[[ "$output" == *"is no capture"* ]]
}

@test "a file of tests about an object of clang" {
	need clang
	compile port_filter >/dev/null
	FILE=$BATS_TEST_TMPDIR/t.bpf
	cat >"$FILE" <<-'EOT'
	object "port_filter.o"
	test "443 is dropped" {
		prog port_filter
		packet eth / ip4(src=10.0.0.9) / tcp(dport=443)
		expect retval = XDP_DROP
		expect drops[0] = 1
		expect event drop { src = 0x0a000009; dport = 443 }
	}
	test "another port" {
		prog port_filter
		set blocked = 80
		packet eth / ip4 / tcp(dport=80)
		expect retval = XDP_DROP
	}
	EOT
	passes
	sed -i 's/set blocked/set blokced/; s/drops\[0\]/drop[0]/; s/prog port_filter/prog port_fliter/' "$FILE"
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"did you mean 'port_filter'?"* ]]
}

@test "a file of tests about another source" {
	programs >"$BATS_TEST_TMPDIR/other.bpf"
	FILE=$BATS_TEST_TMPDIR/t.bpf
	printf 'program "other.bpf"\ntest "t" { prog p; set verdict = 1; expect retval = 1 }\n' >"$FILE"
	passes
	printf 'object "nowhere.o"\ntest "t" { prog p; expect retval = 1 }\n' >"$FILE"
	run bpfctl test "$FILE"
	[ "$status" -eq 3 ]
	[[ "$output" == *"t.bpf:1:8: error: "* ]]
}

# --- formats ---

results() {
	with_tests <<-'EOT'
	test "one <passes> & \"quotes\"" { prog p; expect retval = 2 }
	test "one fails # not skipped" { prog p; expect retval = 1 }
	test "one is skipped" { prog p; clock 5s; redirect = 1; expect fault "x" }
	EOT
	sed -i 's/ redirect = 1;//' "$FILE"
}

@test "rows: json, jsonl, plain and csv" {
	need_kernel
	results
	run --separate-stderr bpfctl test --kernel "$FILE" --format json
	[ "$status" -eq 1 ]
	[ "$(jq -c 'map(.status)' <<<"$output")" = '["pass","fail","skip"]' ]
	[ "$(jq -c '.[1].failures[0] | [.line, .what, .expected, .got]' <<<"$output")" = \
		'[44,"retval","XDP_DROP (1)","XDP_PASS (2)"]' ]
	run --separate-stderr bpfctl test --kernel "$FILE" --format jsonl
	[ "${#lines[@]}" -eq 3 ]
	[ "$(jq -r .test <<<"${lines[1]}")" = "one fails # not skipped" ]
	run --separate-stderr bpfctl test --kernel "$FILE" --format plain
	[ "${#lines[@]}" -eq 3 ]
	run --separate-stderr bpfctl test --kernel "$FILE" --format csv
	[ "${#lines[@]}" -eq 4 ]
}

@test "TAP: a plan, a line for each test, diagnostics as comments" {
	need_kernel
	results
	run --separate-stderr bpfctl test --kernel "$FILE" --format tap
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "TAP version 13" ]
	[ "${lines[1]}" = "1..3" ]
	[ "$(grep -c '^ok ' <<<"$output")" -eq 2 ]
	[ "$(grep -c '^not ok 2 - one fails \\# not skipped$' <<<"$output")" -eq 1 ]
	[ "$(grep -c '^ok 3 - one is skipped # SKIP ' <<<"$output")" -eq 1 ]
	[ "$(grep -cvE '^(ok|not ok) [0-9]|^#|^TAP|^1\.\.' <<<"$output")" -eq 0 ]
}

@test "JUnit: XML that can be read, with the numbers of the suite" {
	need_kernel
	need python3
	results
	run --separate-stderr bpfctl test --kernel "$FILE" --format junit
	[ "$status" -eq 1 ]
	python3 - "$FILE" <<-'EOT' "$output"
	import sys
	import xml.etree.ElementTree as tree
	suite = tree.fromstring(sys.argv[2].encode()).find("testsuite")
	assert suite.get("name") == sys.argv[1]
	assert [suite.get(k) for k in ("tests", "failures", "skipped")] == ["3", "1", "1"]
	cases = suite.findall("testcase")
	assert cases[0].get("name") == 'one <passes> & "quotes"'
	assert "expected XDP_DROP (1)" in cases[1].find("failure").text
	assert cases[2].find("skipped") is not None
	EOT
}

@test "a record that was submitted cannot be written, by an instruction that wrote it either" {
	with_tests <<-'EOT'
	prog xdp late {
		r8 = 0
	.again:
		r0 = bpf_ringbuf_reserve(map[out], 16, 0)
		if r0 == 0 goto .end
		if r8 > 1 goto .keep
		r6 = r0
	.keep:
		r7 = r0
		*(u64 *)(r6 + 0) = r8
		bpf_ringbuf_submit(r7, 0)
		r8 += 1
		if r8 < 3 goto .again
	.end:
		r0 = 0
		exit
	}
	test "t" { prog late; expect fault "ring buffer record is gone (submitted)" }
	EOT
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "files are completed" {
	[ "$(bpfctl __complete -- test p)" = @files ]
	[ "$(bpfctl __complete -- test port_filter.bpf p)" = @files ]
}

@test "tap and junit are for tests alone" {
	run bpfctl map list --format tap
	[ "$status" -eq 2 ]
}

@test "what no test gets past ends TAP with a bail-out" {
	need setpriv
	real_kernel "what it forbids"
	results
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_RUN_TMPDIR" \
		"$BATS_RUN_TMPDIR"/*
	install -m 755 "$BPFCTL" "$BATS_TEST_TMPDIR/bpfctl"
	run --separate-stderr as_nobody "$BATS_TEST_TMPDIR/bpfctl" test --kernel "$FILE" --format tap
	[ "$status" -eq 4 ]
	[[ "${lines[2]}" == "Bail out! "* ]]
}

@test "tests are listed and chosen by name" {
	results
	run --separate-stderr bpfctl test "$FILE" --list --format jsonl
	[ "${#lines[@]}" -eq 3 ]
	[ "$(jq -c '[.prog, .line]' <<<"${lines[2]}")" = '["p",45]' ]
	run bpfctl test "$FILE" --filter 'one <*'
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 test: 1 passed, 0 failed, 0 skipped"* ]]
}

@test "nothing is pinned, whatever the maps say" {
	need_kernel
	private_bpffs
	with_tests <<<'test "t" { prog p; inherited[0] = 3; expect inherited[0] = 3 }'
	bpfctl test --kernel "$FILE"
	[ ! -e /sys/fs/bpf/inherited ]
	clean_up
}

@test "the object of a source with tests has nothing of them" {
	programs >"$BATS_TEST_TMPDIR/a.bpf"
	with_tests <<<'test "t" { prog p; expect retval = 2 }'
	bpfctl asm "$BATS_TEST_TMPDIR/a.bpf" -o "$BATS_TEST_TMPDIR/a.o"
	mkdir "$BATS_TEST_TMPDIR/b"
	cp "$FILE" "$BATS_TEST_TMPDIR/b/a.bpf"
	cd "$BATS_TEST_TMPDIR/b"
	bpfctl asm a.bpf -o b.o
	[ "$(stat -c %s b.o)" -le "$(stat -c %s ../a.o)" ]
}

@test "the tests of port_filter pass on the kernel, with the same results" {
	real_kernel "to compare the mock with"
	run bpfctl test --diff "$ROOT/examples/port_filter.bpf"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"26 tests: 26 passed, 0 failed, 0 skipped"* ]]
}

@test "the mock kernel needs no privileges" {
	need setpriv
	real_kernel "what it forbids"
	# the build may be where others cannot look
	install -m 755 "$BPFCTL" "$BATS_TEST_TMPDIR/bpfctl"
	install -m 644 "$ROOT/examples/port_filter.bpf" "$BATS_TEST_TMPDIR/"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_RUN_TMPDIR" \
		"$BATS_RUN_TMPDIR"/*
	as_nobody "$BATS_TEST_TMPDIR/bpfctl" test "$BATS_TEST_TMPDIR/port_filter.bpf"
	run as_nobody "$BATS_TEST_TMPDIR/bpfctl" test --kernel "$BATS_TEST_TMPDIR/port_filter.bpf"
	echo "$output"
	[ "$status" -eq 4 ]
}

# --- what only the mock kernel has ---

# Programs that ask for what is around them.
curious() {
	cat <<-'EOT'
	event who { u64 now; u32 pid; u32 uid; u32 random; u32 cpu; char comm[16]; u64 cgroup }
	map out ringbuf { max_entries 4096; event who }
	map dev devmap { key u32; value u32; max_entries 4 }
	struct openat_args { u64 common; s64 nr; s64 dfd; u64 filename; u64 flags; u64 mode }
	rodata char hello[16] = "hello %d"
	prog raw_tracepoint/x curious {
		r6 = r1
		r0 = bpf_ringbuf_reserve(map[out], sizeof(who), 0)
		if r0 == 0 goto .end
		r7 = r0
		r0 = bpf_ktime_get_ns()
		*(r7 + who.now) = r0
		r0 = bpf_get_current_pid_tgid()
		r0 >>= 32
		*(r7 + who.pid) = r0
		r0 = bpf_get_current_uid_gid()
		*(r7 + who.uid) = r0
		r0 = bpf_get_prandom_u32()
		*(r7 + who.random) = r0
		r0 = bpf_get_smp_processor_id()
		*(r7 + who.cpu) = r0
		r0 = bpf_get_current_cgroup_id()
		*(r7 + who.cgroup) = r0
		r0 = bpf_get_current_comm(r7 + who.comm, 16)
		bpf_ringbuf_submit(r7, 0)
	.end:
		r7 = *(u64 *)(r6 + 8)
		r0 = bpf_trace_printk(&hello, 9, r7)
		r0 = r7
		exit
	}
	prog tracepoint/syscalls/sys_enter_openat opened {
		r0 = *(r1 + openat_args.dfd)
		exit
	}
	prog xdp sent {
		r0 = bpf_redirect_map(map[dev], 2, 0)
		exit
	}
	prog xdp careless {
		r2 = *(r1 + xdp_md.data)
		r0 = *(u8 *)(r2 + 100)
		exit
	}
	EOT
}

curious_tests() {
	FILE=$BATS_TEST_TMPDIR/t.bpf
	{ curious; cat; } >"$FILE"
}

# Records through perf events: three, and as many as there is room for.
perf_senders() {
	cat <<-'EOT'
	event sample { u32 a; char text[8] }
	map perf perf_event_array { key u32; value u32; max_entries 64; event sample }
	prog xdp three {
		stack sample s
		r6 = r1
		r7 = 0
	.again:
		*(s.a) = r7
		r1 = 0x6b6f ll
		*(u64 *)(s.text) = r1
		r3 = BPF_F_CURRENT_CPU ll
		r0 = bpf_perf_event_output(r6, map[perf], r3, &s, sizeof(sample))
		if r0 != 0 goto .end
		r7 += 1
		if r7 < 3 goto .again
	.end:
		exit
	}
	prog xdp all {
		stack u64 big[4]
		r6 = r1
		r7 = 0
		r8 = 0
		*(u64 *)(big + 0) = r8
		*(u64 *)(big + 8) = r8
		*(u64 *)(big + 16) = r8
		*(u64 *)(big + 24) = r8
	.again:
		r3 = BPF_F_CURRENT_CPU ll
		r0 = bpf_perf_event_output(r6, map[perf], r3, &big, 28)
		if r0 != 0 goto .full
		r7 += 1
	.full:
		r8 += 1
		if r8 < 7000 goto .again
		r0 = r7
		exit
	}
	prog xdp elsewhere {
		stack u64 x
		r2 = 0
		*(x) = r2
		r0 = bpf_perf_event_output(r1, map[perf], 1, &x, 8)
		exit
	}
	test "three" {
		prog three
		expect event sample { a = 0; text = "ok" }
		expect event sample { a = 1 }
		expect event sample { a = 2 }
		expect retval = 0
	}
	test "on another CPU" { prog three; cpu 1; expect event sample { a = 0 }; expect retval = 0 }
	test "to another CPU" { prog elsewhere; expect retval = -95 }
	test "a full buffer" { prog all; expect retval = 5461 }
	EOT
}

@test "records through perf events reach the expectations" {
	[ "$(nproc --all)" -gt 1 ] || skip "needs two CPUs"
	FILE=$BATS_TEST_TMPDIR/t.bpf
	perf_senders >"$FILE"
	passes
	sed -i 's/a = 1 }/a = 5 }/' "$FILE"
	run bpfctl test "$FILE"
	[ "$status" -eq 1 ]
	[[ "$output" == *"event sample.a: expected 5"* ]]
	[ -z "${MOCK:-}" ] || return 0
	perf_senders >"$FILE"
	run bpfctl test --diff "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "sockets are chosen from maps, put into maps, and have options" {
	FILE=$BATS_TEST_TMPDIR/t.bpf
	cat >"$FILE" <<-'EOT'
	map socks sockmap { key u32; value u64; max_entries 4 }
	map peers sockhash { key u32; value u64; max_entries 4 }
	rodata s64 wanted = 0
	prog sk_msg to_peer {
		stack u32 key
		r2 = *(r1 + sk_msg_md.remote_port)
		*(key) = r2
		r0 = bpf_msg_redirect_hash(r1, map[peers], &key, BPF_F_INGRESS)
		exit
	}
	prog sk_msg to_slot {
		r0 = bpf_msg_redirect_map(r1, map[socks], 3, 0)
		exit
	}
	prog sk_msg wrong_flags {
		r0 = bpf_msg_redirect_map(r1, map[socks], 3, 8)
		exit
	}
	prog sk_skb/stream_verdict skb_to_peer {
		stack u32 key
		r2 = 9
		*(key) = r2
		r0 = bpf_sk_redirect_hash(r1, map[peers], &key, 0)
		exit
	}
	prog sockops keep {
		stack u32 key
		r6 = r1
		r2 = 2
		*(key) = r2
		r0 = bpf_sock_map_update(r6, map[socks], &key, BPF_NOEXIST)
		if r0 != 0 goto .out
		r0 = bpf_sock_hash_update(r6, map[peers], &key, BPF_ANY)
	.out:
		r2 = &wanted
		r2 = *(u64 *)(r2 + 0)
		if r0 == r2 goto .right
		r0 = 0
		exit
	.right:
		r0 = 1
		exit
	}
	prog sockops buffers {
		stack u32 n
		r6 = r1
		r2 = 5000
		*(n) = r2
		r0 = bpf_setsockopt(r6, 1, 7, &n, 4)
		if r0 != 0 goto .out
		r2 = 0
		*(n) = r2
		r0 = bpf_getsockopt(r6, 1, 7, &n, 4)
		if r0 != 0 goto .out
		r2 = *(u32 *)(n)
		if r2 != 10000 goto .out
		r0 = 1
	.out:
		exit
	}
	prog sockops unknown_option {
		stack u32 n
		r2 = 1
		*(n) = r2
		r0 = bpf_setsockopt(r1, 1, 1000, &n, 4)
		r0 += 22
		exit
	}
	test "a peer" { prog to_peer; peers[5] = 1; ctx { remote_port = 5 }; expect retval = SK_PASS; expect redirect = 5 }
	test "no peer" { prog to_peer; peers[5] = 1; ctx { remote_port = 6 }; expect retval = SK_DROP }
	test "a slot" { prog to_slot; socks[3] = 1; expect retval = SK_PASS; expect redirect = 3 }
	test "an empty slot" { prog to_slot; socks[2] = 1; expect retval = SK_DROP }
	test "wrong flags" { prog wrong_flags; socks[3] = 1; expect retval = SK_DROP }
	test "a packet" { prog skb_to_peer; peers[9] = 1; expect retval = SK_PASS; expect redirect = 9 }
	test "a new connection" { prog keep; ctx { op = 4 }; expect retval = 1; expect socks[2] = 1; expect count(peers) = 1 }
	test "twice" { prog keep; socks[2] = 1; ctx { op = 5 }; set wanted = -17; expect retval = 1; expect count(peers) = 0 }
	test "at another moment" { prog keep; ctx { op = 1 }; set wanted = -95; expect retval = 1 }
	test "room doubles" { prog buffers; expect retval = 1 }
	test "no such option" { prog unknown_option; expect retval = 0 }
	EOT
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"11 passed, 0 failed, 0 skipped"* ]]
}

@test "the clock, the task, arguments and what is printed" {
	curious_tests <<-'EOT'
	test "t" {
		prog curious
		clock 5s
		pid 42; uid 7; comm "sshd"; cgroup 77; seed 3; arg1 = 5
		expect retval = 5
		expect event who { now = 5000000000; pid = 42; uid = 7; comm = "sshd"; cgroup = 77; cpu = 0 }
		expect printk "hello 5"
	}
	test "a tracepoint" { prog opened; ctx openat_args { dfd = -100 }; expect retval = -100 }
	test "a redirect" { prog sent; dev[2] = 1; expect retval = XDP_REDIRECT; expect redirect = 2 }
	test "a fault" { prog careless; packet eth; expect fault "87 bytes past the end of packet" }
	EOT
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "programs of types no kernel can test-run" {
	FILE=$BATS_TEST_TMPDIR/t.bpf
	cat >"$FILE" <<-'EOT'
	prog cgroup/connect4 connecting {
		r2 = htons(81)
		*(u32 *)(r1 + bpf_sock_addr.user_port) = r2
		r0 = 1
		exit
	}
	prog cgroup/dev device {
		r0 = *(u32 *)(r1 + bpf_cgroup_dev_ctx.major)
		exit
	}
	test "connect" {
		prog connecting
		ctx { user_ip4 = htonl(0x7f000001); user_port = htons(80) }
		expect retval = 1
		expect ctx.user_port = htons(81)
		expect ctx.user_ip4 = htonl(0x7f000001)
	}
	test "device" { prog device; ctx { major = 1 }; expect retval = 1 }
	EOT
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
	run bpfctl test "$FILE" --format tap
	[[ "$output" == *"ok 2 - device"* ]]
}

@test "the values of a per-CPU map are those of the CPU the program ran on" {
	FILE=$BATS_TEST_TMPDIR/t.bpf
	cat >"$FILE" <<-'EOT'
	map counts percpu_array { key u32; value u64; max_entries 2 }
	prog xdp p {
		stack u32 slot
		r1 = 0
		*(slot) = r1
		r0 = bpf_map_lookup_elem(map[counts], &slot)
		if r0 == 0 goto .out
		r1 = 1
		lock *(u64 *)(r0 + 0) += r1
	.out:
		r0 = 2
		exit
	}
	test "t" { prog p; counts[0] = 7; cpu 0; expect counts[0] = 8; expect counts[1] = 0 }
	EOT
	passes
	sed -i 's/cpu 0/cpu 63/' "$FILE"
	[ "$(nproc --all)" -lt 64 ] || skip "this machine has 64 CPUs"
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"t.bpf:14: there are CPUs 0 to "* ]]
}

@test "what the mock kernel saw is compared" {
	curious_tests <<-'EOT'
	test "t" {
		prog curious
		arg1 = 5
		expect printk "hello 6"
		expect printk "hello 5"
		expect redirect = 1
		expect fault "x"
	}
	test "r" { prog sent; dev[2] = 1; expect redirect = 3 }
	EOT
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 1 ]
	for line in 'printk: expected hello 6' 'got      hello 5' 'got      no line' \
		'got      nothing was redirected' 'run: expected fault: x' 'redirect: expected 3'; do
		grep -qF "$line" <<<"$output"
	done
}

@test "a fault shows the instruction, the line, the registers, the verifier's words" {
	curious_tests <<<'test "t" { prog careless; packet eth; expect retval = 0 }'
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 1 ]
	for line in 'fault: invalid read of 1 byte at r2+100' 'in careless, 1: (71) r0 = *(u8 *)(r2 +100)' \
		"$FILE:42: r0 = *(u8 *)(r2 + 100)" 'registers r1=' \
		'the verifier would say: invalid access to packet, off=100 size=1'; do
		grep -qF "$line" <<<"$output"
	done
}

@test "the same test ends the same way" {
	curious_tests <<<'test "t" { prog curious; expect event who { random = 1 } }'
	run --separate-stderr bpfctl test "$FILE" --format json
	first=$(jq -r '.[0].failures[0].got' <<<"$output")
	[ -n "$first" ]
	run --separate-stderr bpfctl test "$FILE" --format json
	[ "$first" = "$(jq -r '.[0].failures[0].got' <<<"$output")" ]
	sed -i 's/prog curious; expect/prog curious; seed 99; expect/' "$FILE"
	run bpfctl test "$FILE" --format json
	[ "$first" != "$(jq -r '.[0].failures[0].got' <<<"$output")" ]
}

@test "objects of the kernel are laid out by its types" {
	need llvm-objcopy
	# a kernel of one struct
	printf 'event thing { u32 a; u32 b }\nprog xdp p {\n\tr0 = 2\n\texit\n}\n' >"$BATS_TEST_TMPDIR/k.bpf"
	bpfctl asm "$BATS_TEST_TMPDIR/k.bpf" -o "$BATS_TEST_TMPDIR/k.o"
	llvm-objcopy --dump-section=.BTF="$BATS_TEST_TMPDIR/k.btf" "$BATS_TEST_TMPDIR/k.o" /dev/null
	FILE=$BATS_TEST_TMPDIR/t.bpf
	cat >"$FILE" <<-'EOT'
	prog kprobe/f p {
		stack u32 b
		r3 = *(u64 *)(r1 + 112)
		r3 += 4
		r0 = bpf_probe_read_kernel(&b, 4, r3)
		r0 = *(b)
		exit
	}
	test "t" {
		prog p
		object it : thing { a = 1; b = 77 }
		arg0 = it
		expect retval = 77
	}
	EOT
	[ "$(uname -m)" = x86_64 ] || skip "the registers are those of x86_64"
	run bpfctl --btf "$BATS_TEST_TMPDIR/k.btf" test "$FILE"
	echo "$output"
	[ "$status" -eq 0 ]
	run bpfctl test --kernel "$FILE"
	[[ "$output" == *"object is for the mock kernel"* ]]
	sed -i 's/it : thing/it : think/' "$FILE"
	run bpfctl --btf "$BATS_TEST_TMPDIR/k.btf" test "$FILE"
	echo "$output"
	[[ "$output" == *"the kernel has no struct 'think'"* ]]
	run bpfctl --btf "$BATS_TEST_TMPDIR/nowhere.btf" test "$FILE"
	[ "$status" -eq 1 ]
	[[ "$output" == *"cannot open $BATS_TEST_TMPDIR/nowhere.btf"* ]]
	sed -i 's/arg0 = it/arg0 = itt/' "$FILE"
	run bpfctl test "$FILE"
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"did you mean 'it'?"* ]]
}

# --- looking closer ---

@test "coverage: lines, branches, what was missed" {
	run bpfctl test "$ROOT/examples/port_filter.bpf" --coverage --filter 'tcp/80*'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"58% of 46 lines, 50% of 54 instructions, 38% of 18 branches reached"* ]]
	[[ "$output" == *"not reached: line 51-72"* ]]
	[[ "$output" == *"only one way: line 26, 28, 31, 33, 39, 43, 48"* ]]
	run --separate-stderr bpfctl test "$ROOT/examples/port_filter.bpf" --coverage --format json
	[ "$(jq -c '.[] | select(.line == 26) | [.count, .insns, .insns_hit, .branches, .branches_hit]' \
		<<<"$output")" = '[2834,1,1,2,2]' ]
	run bpfctl test "$ROOT/examples/port_filter.bpf" --coverage --format tap
	[[ "$output" == *"# $ROOT/examples/port_filter.bpf: 100% of 46 lines"* ]]
}

@test "coverage: a page that needs nothing else" {
	need python3
	bpfctl test "$ROOT/examples/port_filter.bpf" --coverage-html "$BATS_TEST_TMPDIR/c.html"
	python3 - "$BATS_TEST_TMPDIR/c.html" <<-'EOT'
	import sys
	from html.parser import HTMLParser
	class Rows(HTMLParser):
	    rows = 0
	    def handle_starttag(self, tag, attrs):
	        assert tag not in ("link", "script", "img")
	        self.rows += tag == "tr" and dict(attrs).get("class") in ("yes", "part")
	page = Rows()
	page.feed(open(sys.argv[1]).read())
	assert page.rows == 46, page.rows
	EOT
}

@test "a trace tells every instruction and what it changed" {
	run bpfctl test "$ROOT/examples/port_filter.bpf" --trace --filter 'arp*'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[2]}" == *"0: (61) r6 = *(u32 *)(r1 +0)  r6=0x"* ]]
	[[ "$output" == *"3: (07) r2 += 34  r2=0x"* ]]
	[[ "$output" == *"55: (b7) r0 = 2  r0=0x2"* ]]
}

@test "what is about the mock kernel excludes --kernel" {
	for o in --diff --trace --coverage; do
		run bpfctl test "$ROOT/examples/port_filter.bpf" --kernel "$o"
		[ "$status" -eq 2 ]
	done
}

@test "--watch runs again when a source is written" {
	cp "$ROOT/examples/port_filter.bpf" "$BATS_TEST_TMPDIR/w.bpf"
	start bpfctl test --watch --count 2 --for 60s --ready-file "$BATS_TEST_TMPDIR/ready" \
		--filter 'arp*' --format jsonl "$BATS_TEST_TMPDIR/w.bpf" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	until [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 1 ]; do kill -0 "$PID"; done
	echo "broken" >"$BATS_TEST_TMPDIR/w.txt"
	echo >>"$BATS_TEST_TMPDIR/w.bpf"
	wait "$PID"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 2 ]
}

@test "--watch ends after its time" {
	run bpfctl test --watch --for 1ms "$ROOT/examples/port_filter.bpf" --filter 'arp*'
	[ "$status" -eq 0 ]
}
