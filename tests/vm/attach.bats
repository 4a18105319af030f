#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Programs at the kernel's own functions: attached, run, their records decoded, and gone at the end.
load helper

# fires SECTION: a program of that section runs when rm removes a file
fires() {
	echo "== $1"
	reporter "$1"
	unlink_under
	[ "$status" -eq 0 ]
	jq -es 'map(select(.comm == "rm" and .pid > 1 and .uid == 0)) | length == 1' <<<"$output"
	gone
}

@test "kprobe and kretprobe" {
	fires kprobe/vfs_unlink
	fires kretprobe/vfs_unlink
	fires ksyscall/unlinkat
}

@test "fentry and fexit" {
	fires fentry/vfs_unlink
	fires fexit/vfs_unlink
}

@test "kprobe.multi and kretprobe.multi" {
	since 6.2 "kprobe.multi in Debian's kernels"
	fires "kprobe.multi/vfs_unlin*"
	fires "kretprobe.multi/vfs_unlin*"
}

@test "lsm and fmod_ret that look on" {
	fires lsm/inode_unlink
	fires fmod_ret/security_inode_unlink
}

@test "lsm that denies one user, and no longer when it ended" {
	local dir=$BATS_TEST_TMPDIR/dir as=(setpriv --reuid=4242 --regid=4242 --clear-groups)
	reporter lsm/inode_mkdir 'if r7 == 0 goto pc+2
	        r0 = -1
	        exit
	        r0 = 0'
	mkdir -m 777 "$dir"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_RUN_TMPDIR/file" || true
	"${as[@]}" mkdir "$dir/before"
	run --separate-stderr timeout 120 "$BPFCTL" run "$P" --format jsonl -- "${as[@]}" mkdir "$dir/meanwhile"
	echo "$output $stderr"
	[ "$status" -eq 1 ]
	[[ $stderr == *"Operation not permitted"* ]]
	[ ! -e "$dir/meanwhile" ]
	jq -es 'any(.comm == "mkdir" and .uid % 65536 == 4242)' <<<"$output"
	gone
	"${as[@]}" mkdir "$dir/afterwards"
}

@test "tp_btf, raw_tracepoint and tracepoint" {
	local s
	for s in tp_btf/sched_process_exec raw_tracepoint/sched_process_exec tracepoint/sched/sched_process_exec; do
		echo "== $s"
		reporter "$s"
		run --separate-stderr timeout 120 "$BPFCTL" run "$P" --format jsonl -- true
		echo "$output $stderr"
		[ "$status" -eq 0 ]
		jq -es 'any(.comm == "true" and .pid > 1)' <<<"$output"
		gone
	done
}

@test "uprobe and uretprobe, in a process" {
	local s
	for s in uprobe/libc.so.6:malloc uretprobe/libc.so.6:malloc; do
		echo "== $s"
		reporter "$s"
		run --separate-stderr timeout 120 "$BPFCTL" run "$P" --format jsonl -- sh -c 'exec ls /'
		echo "$stderr"
		[ "$status" -eq 0 ]
		grep '^{' <<<"$output" | jq -es 'any(.comm == "ls" and .pid > 1)'
		gone
	done
}

# heard WAY RETURN: a program at the loopback device counts a datagram, and the answer to it
heard() {
	counter "$1" "$2"
	run --separate-stderr timeout 120 "$BPFCTL" run "$P" --dev lo --maps --format jsonl -- \
		bash -c 'echo x >/dev/udp/127.0.0.1/9'
	echo "$1: $output $stderr"
	[ "$status" -eq 0 ]
	jq -es 'map(select(.map == "count"))[0].value == 2' <<<"$output"
	gone
}

@test "tcx, both ways" {
	since 6.6 tcx
	ip link set lo up
	heard tcx/ingress -1
	heard tcx/egress -1
}

@test "xdp" {
	ip link set lo up
	heard xdp 2
}
