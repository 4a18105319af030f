#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# asm run: bare instructions in the interpreter.
load helper

source_of() {
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/a.bpf"
	echo "$BATS_TEST_TMPDIR/a.bpf"
}

@test "asm run: r1 is the memory, r2 its length, r0 comes out in hex" {
	run bpfctl asm run "$(source_of 'r0 = *(u32 *)(r1 + 4)' 'r0 += r2' exit)" --mem 0102030405060708
	[ "$status" -eq 0 ]
	[ "$output" = 0x807060d ]
}

@test "asm run: a source on standard input, in JSON with the memory as it was left" {
	run bash -c 'printf "%s\n" "*(u8 *)(r1 + 1) = 7" "r0 = 0" exit | "$BPFCTL" -j asm run --mem 0000 --show-mem'
	[ "$status" -eq 0 ]
	[ "$output" = '{"r0":"0x0","mem":["0x00","0x07"]}' ]
}

@test "asm run: one program of several, by name" {
	f=$(source_of 'prog xdp a {' 'r0 = 1' exit '}' 'prog xdp b {' 'r0 = 2' exit '}')
	run bpfctl asm run "$f" --prog b
	[ "$status" -eq 0 ]
	[ "$output" = 0x2 ]
}

@test "asm run: a read past the memory says by how much, and what the registers held" {
	run --separate-stderr bpfctl asm run "$(source_of 'r0 = *(u64 *)(r1 + 0)' exit)" --mem 0102
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ "$stderr" == *"instruction 0: invalid read of 8 bytes at r1: 6 bytes past the end of memory (2 bytes)"* ]]
	[[ "$stderr" == *"r2 = 0x2"* ]]
}

@test "asm run: what the load check refuses is class rejected" {
	run --separate-stderr bpfctl -j asm run "$(source_of 'r0 = r3' exit)"
	[ "$status" -eq 5 ]
	[ "$(jq -r .class <<<"$output")" = rejected ]
	[ "$(jq -r .error <<<"$output")" = 'R3 !read_ok' ]
}

@test "asm run: a helper that wants a context is told that there is none" {
	run --separate-stderr bpfctl asm run "$(source_of 'r2 = 0' 'call bpf_get_attach_cookie' exit)"
	[ "$status" -eq 5 ]
	[[ "$stderr" == *"program of this type cannot use helper bpf_get_attach_cookie#174"* ]]
}

@test "asm run: helpers without a context work" {
	run bpfctl asm run "$(source_of 'call bpf_get_current_pid_tgid' exit)"
	[ "$status" -eq 0 ]
	[ "$output" = 0x3e8000003e8 ]
}

@test "asm run --plugin: program and memory in hex, as the conformance suite gives them" {
	run bash -c 'echo "71 10 01 00 00 00 00 00 95 00 00 00 00 00 00 00" | "$BPFCTL" asm run --plugin "01 ab"'
	[ "$status" -eq 0 ]
	[ "$output" = ab ]
	run bpfctl asm run --plugin --program b7000000ffffffff9500000000000000
	[ "$status" -eq 0 ]
	[ "$output" = ffffffffffffffff ]
}

@test "asm run --plugin: digits that are none, or one too few, are class input" {
	run bash -c 'echo "71 1x" | "$BPFCTL" asm run --plugin'
	[ "$status" -eq 3 ]
	run bash -c 'echo "711" | "$BPFCTL" asm run --plugin'
	[ "$status" -eq 3 ]
	run bash -c 'echo "71" | "$BPFCTL" asm run --plugin'
	[ "$status" -eq 3 ]
}

@test "asm run: --program without --plugin is a usage error" {
	run bpfctl asm run --program 95
	[ "$status" -eq 2 ]
}
