#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run attaches programs of control groups, and of netkit devices.
load helper

setup() {
	need_kernel
	private_bpffs
	cd "$BATS_TEST_TMPDIR" || return
	MOUNT=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$MOUNT" ] || skip "needs a mount of cgroup2"
	CGROUP=$MOUNT
	if [ -z "${MOCK:-}" ]; then
		CGROUP=$MOUNT/bpfctl-chain-$$-$BATS_TEST_NUMBER
		mkdir "$CGROUP"
	fi
	cat >refuse.bpf <<-'E'
		map asked array { key u32; value u64; max_entries 1 }
		prog cgroup/connect4 refuse {
		    stack u32 slot
		    *(slot) = 0
		    r0 = bpf_map_lookup_elem(map[asked], &slot)
		    if r0 != 0 {
		        r1 = 1
		        lock *(u64 *)(r0 + 0) += r1
		    }
		    r0 = 0
		    exit
		}
	E
	cat >try <<-'E'
		[ -z "$1" ] || echo $$ >"$1/cgroup.procs"
		bash -c 'echo x >/dev/udp/127.0.0.1/9' 2>/dev/null
	E
}

teardown() {
	clean_up
	[ -n "${MOCK:-}" ] || [ ! -d "${CGROUP:-}" ] || rmdir "$CGROUP"
}

@test "run: a program of a control group, by --cgroup" {
	run --separate-stderr bpfctl -v run refuse.bpf --cgroup "$CGROUP" -- true
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"attached to cgroup $CGROUP"* ]]
	run --separate-stderr bpfctl run refuse.bpf -- true
	[ "$status" -eq 2 ]
	[[ $stderr == *"in which control group"*"--cgroup PATH"* ]]
	run --separate-stderr bpfctl run refuse.bpf --cgroup "$CGROUP/nothing" -- true
	[ "$status" -eq 6 ]
	real_kernel "processes in control groups"
	run --separate-stderr bpfctl run refuse.bpf --cgroup "$CGROUP" --maps -- sh try "$CGROUP"
	echo "$output $stderr"
	[ "$status" -ne 0 ]
	[[ $output == *"asked  0    1"* ]]
	# nobody else, and nobody afterwards
	run bpfctl run refuse.bpf --cgroup "$CGROUP" --maps -- sh try ""
	[ "$status" -eq 0 ]
	[[ $output == *"asked  0    0"* ]]
	sh try "$CGROUP"
}

@test "run: two programs of one control group, which the source names" {
	{
		cat refuse.bpf
		printf 'prog cgroup/connect4 allow {\n r0 = 1\n exit\n}\n'
		printf 'attach %s { cgroup %s; multi }\n' refuse "$CGROUP" allow "$CGROUP"
	} >both.bpf
	run --separate-stderr bpfctl -v run both.bpf -- true
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[ "$(grep -c "attached to cgroup $CGROUP" <<<"$stderr")" -eq 2 ]
	real_kernel "processes in control groups"
	run bpfctl run both.bpf -- sh try "$CGROUP"
	[ "$status" -ne 0 ] # one that refuses is enough
}

@test "run: what is no control group is said" {
	real_kernel "what a directory is"
	run --separate-stderr bpfctl run refuse.bpf --cgroup "$BATS_TEST_TMPDIR" -- true
	[ "$status" -eq 3 ]
	[[ $stderr == *"is no control group of version 2"*cgroup2* ]]
}

@test "run: netkit devices" {
	printf 'prog netkit/primary count {\n r0 = 0\n exit\n}\n' >netkit.bpf
	run --separate-stderr bpfctl run netkit.bpf -- true
	[ "$status" -eq 2 ]
	[[ $stderr == *"which netkit device"*"--dev DEV"* ]]
	run --separate-stderr bpfctl run netkit.bpf --dev lo -- true
	[ "$status" -eq 1 ]
	[[ $stderr == *"the device must be of kind netkit"* ]]
	real_kernel "devices of kind netkit"
	private_netns
	ip -n "$NETNS" link add nk0 type netkit 2>/dev/null || skip "needs netkit"
	run --separate-stderr bpfctl --netns "$NETNS" -v run netkit.bpf --dev nk0 -- true
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"attached to device nk0"* ]]
}

@test "run: the examples of control groups" {
	local f n=0
	while read -r f; do
		echo "$f"
		run --separate-stderr bpfctl -v run "$f" --cgroup "$CGROUP" -- true
		echo "$stderr"
		[ "$status" -eq 0 ]
		[[ $stderr == *"attached to cgroup $CGROUP"* ]]
		n=$((n + 1))
	done < <(grep -lE '^prog (cgroup|sockops)' "$ROOT"/examples/*.bpf)
	[ "$n" -ge 7 ]
}
