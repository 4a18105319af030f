#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# README: what it shows is what happens.
load helper

@test "the program in the README assembles" {
	awk '/^## The language/ { on = 1 } on && /^```/ { block++; next } on && block == 1' "$ROOT/README.md" >"$BATS_TEST_TMPDIR/readme.bpf"
	grep -q '^prog ' "$BATS_TEST_TMPDIR/readme.bpf"
	bpfctl asm "$BATS_TEST_TMPDIR/readme.bpf" --check
}

@test "the commands in the README exist" {
	# shellcheck disable=SC2016 # Markdown
	sed -n '/^```sh/,/^```$/p' "$ROOT/README.md" | grep -oE '^bpfctl [^#]*' | while read -r line; do
		echo "$line"
		eval "set -- $line"
		shift
		bpfctl --parse-only "$@"
	done
}

@test "the demo of somebody who may not use BPF is on the mock, and says so" {
	need setpriv
	run as_nobody "$ROOT/tools/demo" "$BPFCTL"
	[ "$status" -eq 0 ]
	[[ $output == *"this is the mock kernel"*"RETURN VALUE  1"*"RETURN VALUE  2"*"RETURN VALUE  1"* ]]
	[[ $output == *"map dump drops"$'\n'"KEY  VALUE"$'\n'"0    2"* ]]
	[ "$(grep -c '"0a c7 00 01 0a c7 00 02 30 39 01 bb"' <<<"$output")" -eq 2 ]
	[[ $output != *hello* ]]
}

@test "the demo filters one port of two and leaves nothing behind" {
	real_kernel "packets between network namespaces"
	run "$ROOT/tools/demo" "$BPFCTL"
	[ "$status" -eq 0 ]
	[[ $output == *"hello from port 8080"*"hello from port 9090"*"no answer within a second"*"hello from port 9090"*"drops"*"hello from port 8080"* ]]
	[ -z "$(ip netns list | grep bpfctl-demo || true)" ]
}
