#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ringbuf read: records of any program's ring buffer.
load helper

setup() {
	need_kernel
	private_bpffs
}
teardown() {
	clean_up
}

# A syscall program that sends one record with the two numbers of its context.
sender() {
	cat >"$BATS_TEST_TMPDIR/sender.bpf" <<-EOF
	license GPL
	struct arguments { u32 a; s32 b }
	event sample { u32 a; s32 b; char text[8] }
	map samples ringbuf { max_entries 4096; event sample }
	prog syscall sender {
	        r6 = r1
	        r0 = bpf_ringbuf_reserve(map[samples], sizeof(sample), 0)
	        if r0 == 0 goto .full
	        r1 = *(r6 + arguments.a)
	        *(r0 + sample.a) = r1
	        r1 = *(u32 *)(r6 + arguments.b)
	        *(r0 + sample.b) = r1
	        r1 = 0x6b6f ll
	        *(u64 *)(r0 + sample.text) = r1
	        bpf_ringbuf_submit(r0, 0)
	        r0 = 0
	        exit
	.full:
	        r0 = 1
	        exit
	}
	EOF
	bpfctl prog load "$BATS_TEST_TMPDIR/sender.bpf" "$BPFFS/sender" pinmaps "$BPFFS/maps"
}

send() { # two numbers as little-endian hex
	bpfctl prog run pinned "$BPFFS/sender" ctx "$1" "$2" --expect "${3:-0}" >/dev/null
}

@test "records are decoded by the type in the program's BTF" {
	sender
	send 01000000 ffffffff
	send 02000000 feffffff
	same '{"a":1,"b":-1,"text":"ok"}
{"a":2,"b":-2,"text":"ok"}' "$(bpfctl ringbuf read pinned "$BPFFS/maps/samples" --count 2 --format jsonl)"
}

@test "records are decoded by --type, by --spec, or shown as bytes" {
	sender
	send 01000000 ffffffff
	same '{"a":1,"b":-1,"text":"ok"}' "$(bpfctl ringbuf read pinned "$BPFFS/maps/samples" --type 'struct sample' --count 1 --format jsonl)"
	send 01000000 ffffffff
	same '{"x":18446744069414584321,"y":"ok"}' "$(bpfctl ringbuf read pinned "$BPFFS/maps/samples" --spec '{ u64 x; char y[8] }' --count 1 --format jsonl)"
	run --separate-stderr bpfctl ringbuf read pinned "$BPFFS/maps/samples" --type no_such_type --count 1
	[ "$status" -eq 6 ]
	run --separate-stderr bpfctl ringbuf read pinned "$BPFFS/maps/samples" --spec '{ u64 x' --count 1
	[ "$status" -eq 3 ]
}

@test "a reader follows, and ends after --for" {
	real_kernel "two commands at a time"
	sender
	start bpfctl ringbuf read pinned "$BPFFS/maps/samples" --format jsonl --ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	send 05000000 00000000
	# a whole line is there as soon as the reader would wait
	until [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 1 ]; do kill -0 "$PID"; done
	send 06000000 00000000
	until [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 2 ]; do kill -0 "$PID"; done
	kill -INT "$PID"
	wait "$PID"
	same '5 6' "$(jq -s -r 'map(.a) | join(" ")' <"$BATS_TEST_TMPDIR/out")"
	grep -q '2 records' "$BATS_TEST_TMPDIR/err"
	run --separate-stderr bpfctl ringbuf read pinned "$BPFFS/maps/samples" --for 20ms
	[ "$status" -eq 0 ]
}

@test "json is one document, tables have the fields for columns" {
	sender
	send 01000000 02000000
	bpfctl -j ringbuf read pinned "$BPFFS/maps/samples" --count 1 | jq -e '. == [{a: 1, b: 2, text: "ok"}]'
	send 01000000 02000000
	run --separate-stderr bpfctl ringbuf read pinned "$BPFFS/maps/samples" --count 1
	same 'a  b  text
1  2  ok' "$output"
	[ "$(bpfctl -j ringbuf read pinned "$BPFFS/maps/samples" --for 1ms)" = "[]" ]
}

@test "a full ring buffer loses records, and the program knows" {
	sender
	for _ in $(seq 200); do
		send 01000000 02000000 0 || break
	done
	send 01000000 02000000 1
	[ "$(bpfctl ringbuf read pinned "$BPFFS/maps/samples" --for 10ms --format jsonl | wc -l)" -gt 100 ]
	send 01000000 02000000 0
}

@test "other maps are refused" {
	new_map "$BPFFS/not_a_ring" array 4 4 1
	run --separate-stderr bpfctl ringbuf read not_a_ring --count 1
	[ "$status" -ne 0 ]
	[[ $stderr == *array* ]]
}
