#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What a kernel has not is said as such, with the version that has it, and nothing is left behind.
load helper

setup() {
	private_bpffs
}
teardown() {
	clean_up
}

# lacks VERSION WHAT: tests of what is missing are for older kernels
lacks() {
	older "$1" || skip "this kernel has $2"
}

# says CLASS WORDS: the last run's error
says() {
	echo "$output $stderr"
	[ "$status" -ge 1 ] && [ "$status" -le 6 ]
	jq -es --arg class "$1" --arg words "$2" '.[-1] | .class == $class and
		((.error + " " + .hint) | contains($words))' <<<"$output$stderr"
	gone
}

@test "without tcx" {
	lacks 6.6 tcx
	ip link set lo up
	counter tcx/ingress -1
	run --separate-stderr timeout 120 "$BPFCTL" -j run "$P" --dev lo -- true
	says failed "there since Linux 6.6"
}

@test "without kprobe.multi" {
	lacks 6.2 "kprobe.multi"
	reporter "kprobe.multi/vfs_unlin*"
	run --separate-stderr timeout 120 "$BPFCTL" -j run "$P" -- true
	if older 5.18; then
		says failed "there since Linux 5.18"
	else
		says failed "its configuration leaves it out"
	fi
}

@test "without netfilter programs" {
	lacks 6.4 netfilter
	run --separate-stderr timeout 120 "$BPFCTL" -j prog load "$ROOT/examples/netfilter_count.bpf" "$BPFFS/p"
	says failed "there since Linux 6.4"
}

@test "without programs that are run by request" {
	lacks 5.14 "programs of type syscall"
	run --separate-stderr timeout 120 "$BPFCTL" -j prog load "$ROOT/examples/bitwise_demo.bpf" "$BPFFS/p"
	says failed "there since Linux 5.14"
}

@test "without fsession" {
	lacks 7.0 fsession
	reporter fsession/vfs_unlink
	run --separate-stderr timeout 120 "$BPFCTL" -j run "$P" -- true
	says failed "there since Linux 7.0"
}

@test "a kernel function that is not there" {
	local s
	for s in kprobe fentry fexit; do
		reporter "$s/no_such_function_at_all"
		run --separate-stderr timeout 120 "$BPFCTL" -j run "$P" -- true
		[ "$status" -eq 6 ]
		says absent no_such_function_at_all
	done
}

@test "without maps of newer kernels" {
	lacks 6.9 "maps of type arena"
	run --separate-stderr timeout 120 "$BPFCTL" -j map create "$BPFFS/m" type arena key 0 value 0 entries 4
	echo "$output $stderr"
	[ "$status" -ge 1 ] && [ "$status" -le 6 ]
	jq -es '.[-1].hint | contains("6.9")' <<<"$output$stderr"
}

@test "without links of perf events" {
	lacks 5.15 "links of perf events"
	reporter tracepoint/sched/sched_process_exec
	bpfctl prog load "$P" "$BPFFS/p"
	run --separate-stderr timeout 120 "$BPFCTL" -j attach tracepoint sched/sched_process_exec prog pinned "$BPFFS/p" --pin "$BPFFS/link"
	echo "$output $stderr"
	[ "$status" -eq 1 ]
	[[ $output$stderr == *"cannot be pinned"* ]]
	[ ! -e "$BPFFS/link" ]
	run --separate-stderr timeout 120 "$BPFCTL" -j attach tracepoint sched/sched_process_exec prog pinned "$BPFFS/p" --cookie 7
	echo "$output $stderr"
	[ "$status" -eq 1 ]
	[[ $output$stderr == *"Linux 5.15"* ]]
}

@test "a small limit of locked memory: raised where it may be, named where not" {
	lacks 5.11 "no such charge"
	ulimit -l 64
	timeout 120 "$BPFCTL" map create "$BPFFS/big" type hash key 4 value 64 entries 10000
	rm "$BPFFS/big"
	ulimit -l 64
	run --separate-stderr timeout 120 setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
		"$BPFCTL" -j map create "$BPFFS/big" type hash key 4 value 64 entries 10000
	echo "$output $stderr"
	[ "$status" -eq 4 ]
	[[ $output$stderr == *"RLIMIT_MEMLOCK"* ]]
}

@test "perf events that are left to the administrator" {
	local paranoid
	paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
	[ "$paranoid" -gt 2 ] || skip "kernel.perf_event_paranoid is $paranoid"
	reporter tracepoint/sched/sched_process_exec
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	bpfctl prog load "$P" "$BPFFS/p"
	run --separate-stderr timeout 120 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
		"$BPFCTL" -j attach tracepoint sched/sched_process_exec prog pinned "$BPFFS/p" -- true
	echo "$output $stderr"
	[ "$status" -eq 4 ]
	[[ $output$stderr == *"perf_event_paranoid is $paranoid"* ]]
}
