#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# CO-RE: objects assembled for other kernels, in $VM_CORE, find this kernel's fields.
load helper

# reads OBJECT: it reports pid, parent and name of a shell's last program as they are
reads() {
	local out pid parent
	# shellcheck disable=SC2016 # the inner shell expands
	out=$(timeout 120 "$BPFCTL" run "$1" --format jsonl -- sh -c 'echo "$$ $PPID"; exec tail /dev/null')
	echo "$1: $out"
	read -r pid parent < <(grep '^[0-9]* [0-9]*$' <<<"$out")
	grep '^{' <<<"$out" | jq -es --argjson pid "$pid" --argjson parent "$parent" '
		map(select(.pid == $pid and .first == 116)) | length == 1 and (.[0] |
			.tgid == $pid and .is_pid == $pid and .parent == $parent and .has_mm == 1 and
			.second == 97)'
}

@test "fields of this kernel's task, from a source" {
	reads "$BATS_TEST_DIRNAME/core.bpf"
	gone
}

@test "fields of this kernel's task, from objects made for others" {
	local o moved=0
	[ -n "$(ls "${VM_CORE:-/nonexistent}" 2>/dev/null)" ] || skip "no types of another kernel are here"
	for o in "$VM_CORE"/*.o; do
		reads "$o"
		gone
		# "patched insn #8 (LDX/ST/STX) off 2432 -> 2416"
		"$BPFCTL" -d prog load "$o" /sys/fs/bpf/core 2>&1 |
			sed -n 's/.*patched insn .* off \([0-9]*\) -> \([0-9]*\).*/\1 \2/p' >"$BATS_TEST_TMPDIR/offsets"
		rm /sys/fs/bpf/core
		echo "$o: $(tr '\n' ',' <"$BATS_TEST_TMPDIR/offsets")"
		[ -s "$BATS_TEST_TMPDIR/offsets" ]
		! grep -vq '^\([0-9]*\) \1$' "$BATS_TEST_TMPDIR/offsets" || moved=$((moved + 1))
	done
	[ "$moved" -ge 1 ]
}
