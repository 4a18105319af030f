#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# One program at many places: sections uprobe.multi, uretprobe.multi, uprobe.session.
load helper

setup() {
	need_kernel
	need cc
	private_bpffs
	cd "$BATS_TEST_TMPDIR" || return
	cc -O0 -x c - -o own <<-'E'
		int work_one(int x) { return x + 1; }
		int work_two(int x) { return x + 2; }
		int rest(int x) { return x + 3; }
		int main(void)
		{
			int sum = 0;
			for (int i = 0; i < 5; i++)
				sum += work_one(i) + work_two(i) + work_two(i) + rest(i);
			return sum == 0;
		}
	E
}

teardown() {
	clean_up
}

# counts SECTION: a program that counts how often it runs, and adds what it may have been returned
counts() {
	cat >count.bpf <<-E
		include <tracing>
		include <map>
		map hits array { key u32; value u64; max_entries 2 }
		prog $1 count {
		    stack u32 key
		    probe_ret(r6, r1)
		    r6 <<= 32
		    r6 >>= 32
		    *(key) = 0
		    map_add(hits, &key, 1)
		    *(key) = 1
		    map_add(hits, &key, r6)
		    r0 = 0
		    exit
		}
	E
}

# entry N: the value of an entry that --maps shows
entry() {
	awk -v n="$1" '$1 == "hits" && $2 == n { print $3 }' <<<"$output"
}

@test "uprobe.multi: every function that matches, by one link" {
	counts "uprobe.multi/$PWD/own:work_*"
	run --separate-stderr bpfctl -v run count.bpf --maps -- ./own
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"attached to 2 functions of $PWD/own"* ]]
	[ -n "${MOCK:-}" ] || same 15 "$(entry 0)"
}

@test "uretprobe.multi: what they return" {
	counts "uretprobe.multi/$PWD/own:work_one"
	run --separate-stderr bpfctl -v run count.bpf --maps -- ./own
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"attached to 1 function of $PWD/own"* ]]
	[ -n "${MOCK:-}" ] || same "5 15" "$(entry 0) $(entry 1)"
}

@test "uprobe.multi: one process, named where the program is" {
	counts "uprobe.multi/$PWD/own:*"
	echo 'attach count { pid 1 }' >>count.bpf
	run --separate-stderr bpfctl run count.bpf --maps -- ./own
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[ -n "${MOCK:-}" ] || same 0 "$(entry 0)"
}

@test "uprobe.multi: the link says where" {
	counts "uprobe.multi/$PWD/own:work_*"
	bpfctl run count.bpf --pin "$BPFFS/here" >/dev/null
	same uprobe_multi "$(bpfctl -j link show pinned "$BPFFS/here/links/count" | jq -r .type)"
}

@test "uprobe.multi: what is not there is said" {
	counts "uprobe.multi/$PWD/own:wrok_one"
	run --separate-stderr bpfctl run count.bpf -- true
	[ "$status" -eq 6 ]
	[[ $stderr == *"no function of $PWD/own matches 'wrok_one'"*"did you mean 'work_one'?"* ]]
	counts "uprobe.multi/libnosuch.so.1:f"
	run --separate-stderr bpfctl run count.bpf -- true
	[ "$status" -eq 6 ]
	[[ $stderr == *"there is no file 'libnosuch.so.1'"* ]]
	counts "uprobe.multi/nothing"
	run --separate-stderr bpfctl run count.bpf -- true
	[ "$status" -eq 3 ]
	[[ $stderr == *"expected FILE:PATTERN"* ]]
}
