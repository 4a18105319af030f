# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the files of tests/vm load: the helpers of tests/bats, and what is for several kernels.
load ../bats/helper

# older VERSION: than which this kernel is older
older() {
	[ "$1" != "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" ]
}

# since VERSION WHAT: or the test is skipped
since() {
	! older "$1" || skip "$2 is there since Linux $1"
}

# Nothing of a program "p" is there any more; the kernel frees it a little after the end.
gone() {
	local left deadline=$((SECONDS + 20))
	while :; do
		left=$( (bpfctl -j prog list; bpfctl -j link list) | jq -c '.[] | select(.name == "p" or .prog_id)')
		[ -z "$left" ] && return
		[ "$SECONDS" -lt "$deadline" ] || break
	done
	echo "left: $left"
	return 1
}

# reporter SECTION [RETURN]: a program at $P that reports the process in which it runs
reporter() {
	P=$BATS_TEST_TMPDIR/p.bpf
	cat >"$P" <<-EOF
	license GPL
	event hit { u32 pid; u32 uid; char comm[16] }
	map hits ringbuf { max_entries 65536; event hit }
	prog $1 p {
	        r0 = bpf_get_current_uid_gid()
	        r7 = r0
	        r0 = bpf_ringbuf_reserve(map[hits], sizeof(hit), 0)
	        if r0 == 0 goto .out
	        r6 = r0
	        *(r6 + hit.uid) = r7
	        r0 = bpf_get_current_pid_tgid()
	        r0 >>= 32
	        *(r6 + hit.pid) = r0
	        r0 = bpf_get_current_comm(r6 + hit.comm, sizeof(hit.comm))
	        bpf_ringbuf_submit(r6, 0)
	.out:
	        ${2:-r0 = 0}
	        exit
	}
	EOF
}

# counter SECTION RETURN: a program at $P that counts in the map "count"
counter() {
	P=$BATS_TEST_TMPDIR/p.bpf
	cat >"$P" <<-EOF
	license GPL
	map count array { key u32; value u64; max_entries 1 }
	prog $1 p {
	        stack u32 slot
	        *(slot) = 0
	        r0 = bpf_map_lookup_elem(map[count], &slot)
	        if r0 == 0 goto .out
	        r1 = 1
	        lock *(u64 *)(r0 + 0) += r1
	.out:
	        r0 = $2
	        exit
	}
	EOF
}

# unlink_under: runs $P while a file is removed; its records are in $output
unlink_under() {
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr timeout 120 "$BPFCTL" run "$P" --format jsonl -- \
		sh -c 'touch "$0" && exec rm "$0"' "$BATS_TEST_TMPDIR/file"
	echo "$output $stderr"
}
