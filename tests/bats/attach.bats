#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# attach, xdp, link: loaded programs to where they run, and off again.
load helper

setup() {
	need_kernel
	private_bpffs
}
teardown() {
	clean_up
}

links() {
	bpfctl -j link list | jq -c --argjson id "$(bpfctl -j prog show "$1" | jq .id)" '[.[] | select(.prog_id == $id)]'
}

# A program that counts its runs in the map "hits".
counter() { # SECTION NAME
	cat >"$BATS_TEST_TMPDIR/$2.bpf" <<-EOF
	license GPL
	map hits_$2 array { key u32; value u64; max_entries 1 }
	prog $1 $2 {
	        stack u32 slot
	        r1 = 0
	        *(slot) = r1
	        r0 = bpf_map_lookup_elem(map[hits_$2], &slot)
	        if r0 == 0 goto .out
	        r1 = 1
	        lock *(u64 *)(r0 + 0) += r1
	.out:
	        r0 = ${3:-0}
	        exit
	}
	EOF
	bpfctl prog load "$BATS_TEST_TMPDIR/$2.bpf" "$BPFFS/$2"
}

hits() {
	bpfctl --format jsonl map lookup "hits_$1" 0 | jq .value
}

@test "tracepoint: attached while a command runs" {
	real_kernel "events"
	counter tracepoint/sched/sched_process_exec tpa
	run --separate-stderr bpfctl attach tracepoint sched/sched_process_exec prog tpa -- sh -c '/bin/true; exit 3'
	[ "$status" -eq 3 ]
	[ "$(hits tpa)" -ge 2 ]
	[ "$(links tpa)" = "[]" ]
}

@test "tracepoint: held until a signal, seen as a link meanwhile" {
	real_kernel "tracefs, which is of root alone"
	counter tracepoint/sched/sched_process_exec tpb
	start bpfctl attach tracepoint sched/sched_process_exec prog tpb --ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	grep -q sched_process_exec "$BATS_TEST_TMPDIR/out"
	links tpb | jq -e 'length == 1 and .[0].type == "perf_event"'
	kill -TERM "$PID"
	wait "$PID"
	[ "$(links tpb)" = "[]" ]
}

@test "raw tracepoint: pinned, shown, detached" {
	counter raw_tracepoint/sys_enter rtp
	bpfctl attach raw_tracepoint sys_enter prog rtp --pin "$BPFFS/link"
	links rtp | jq -e 'length == 1 and .[0].tp_name == "sys_enter"'
	[ -n "${MOCK:-}" ] || [ "$(hits rtp)" -gt 0 ]
	bpfctl link show pinned "$BPFFS/link" | grep -q sys_enter
	[ -z "${MOCK:-}" ] || return 0 # a link of the state is held by the state
	rm "$BPFFS/link"
	[ "$(links rtp)" = "[]" ]
}

@test "wrong targets and wrong programs are refused" {
	real_kernel "tracefs, which is of root alone"
	counter tracepoint/sched/sched_process_exec tpc
	counter xdp xdpc 2
	run --separate-stderr bpfctl attach tracepoint sched/no_such_event prog tpc
	[ "$status" -eq 6 ]
	run --separate-stderr bpfctl attach tracepoint sched_process_exec prog tpc
	[ "$status" -ne 0 ]
	run --separate-stderr bpfctl attach tracepoint sched/sched_switch prog xdpc
	[ "$status" -eq 3 ]
	[[ $stderr == *xdp* ]]
	run --separate-stderr bpfctl attach raw_tracepoint no_such_event prog tpc
	[ "$status" -eq 3 ]
	run --separate-stderr bpfctl attach tracepoint sched/sched_switch prog no_such_program
	[ "$status" -eq 6 ]
}

@test "xdp: attach reports the mode, list and show agree with bpftool" {
	private_netns
	counter xdp xdpd 2
	id=$(bpfctl -j prog show xdpd | jq .id)
	bpfctl -j --netns "$NETNS" xdp attach veth0 prog xdpd | jq -e --argjson id "$id" '.mode == "driver" and .id == $id'
	bpfctl -j --netns "$NETNS" xdp list | jq -e --argjson id "$id" \
		'length == 1 and .[0].devname == "veth0" and .[0].mode == "driver" and .[0].id == $id'
	if [ -z "${MOCK:-}" ]; then
		same "$(in_netns "$NETNS" bpftool -j net show | jq -c '.[0].xdp')" \
			"$(bpfctl -j --netns "$NETNS" xdp list | jq -c 'map({devname, ifindex, mode, id})')"
		in_netns "$NETNS" bash -c 'echo x >/dev/udp/10.77.0.2/9' || true
		in_netns "$PEERNS" bash -c 'echo x >/dev/udp/10.77.0.1/9' || true
		[ "$(hits xdpd)" -gt 0 ]
	fi
	run --separate-stderr bpfctl --netns "$NETNS" xdp attach veth0 prog xdpd
	[ "$status" -eq 1 ]
	[[ $stderr == *"$id"* ]]
	bpfctl --netns "$NETNS" xdp detach veth0
	[ "$(bpfctl -j --netns "$NETNS" xdp list)" = "[]" ]
	run --separate-stderr bpfctl --netns "$NETNS" xdp detach veth0
	[ "$status" -eq 6 ]
}

@test "xdp: generic mode, replacing the expected program only" {
	private_netns
	counter xdp first 2
	counter xdp second 2
	bpfctl -j --netns "$NETNS" xdp attach veth0 prog first --mode generic | jq -e '.mode == "generic"'
	run --separate-stderr bpfctl --netns "$NETNS" xdp attach veth0 prog second replace second --mode generic
	[ "$status" -ne 0 ]
	bpfctl --netns "$NETNS" xdp attach veth0 prog second replace first --mode generic
	[ "$(bpfctl -j --netns "$NETNS" xdp show veth0 | jq .id)" -eq "$(bpfctl -j prog show second | jq .id)" ]
	bpfctl --netns "$NETNS" xdp attach veth0 prog first overwrite --mode generic
	run --separate-stderr bpfctl --netns "$NETNS" xdp detach veth0 prog second
	[ "$status" -ne 0 ]
	bpfctl --netns "$NETNS" xdp detach veth0 prog first
}

@test "tcx: a program sees what a device receives, and another what it sends" {
	real_kernel "packets between network namespaces"
	private_netns
	counter tcx/ingress tcxin -1
	counter tcx/egress tcxout -1
	bpfctl --netns "$NETNS" attach tcx_ingress veth0 prog tcxin --pin "$BPFFS/in"
	bpfctl --netns "$NETNS" attach tcx_egress veth0 prog tcxout --pin "$BPFFS/out"
	links tcxin | jq -e 'length == 1 and .[0].type == "tcx" and .[0].attach_type == "tcx_ingress"'
	in_netns "$NETNS" bash -c 'echo x >/dev/udp/10.77.0.2/9'
	in_netns "$PEERNS" bash -c 'echo x >/dev/udp/10.77.0.1/9'
	[ "$(hits tcxin)" -gt 0 ]
	[ "$(hits tcxout)" -gt 0 ]
	run --separate-stderr timeout 60 "$BPFCTL" --netns "$NETNS" attach tcx_ingress veth0 prog tcxin
	[ "$status" -eq 1 ]
	[[ $stderr == *"attached there already"* ]]
	rm "$BPFFS/in" "$BPFFS/out"
	[ "$(links tcxin)$(links tcxout)" = "[][]" ]
}

@test "tcx: run attaches for as long as it runs" {
	real_kernel "packets between network namespaces"
	private_netns
	run --separate-stderr bpfctl run "$ROOT/examples/tc_shot_all.bpf"
	[ "$status" -eq 2 ]
	[[ $stderr == *"--dev DEV"* ]]
	in_netns "$NETNS" "$BPFCTL" run "$ROOT/examples/tc_shot_all.bpf" --dev veth0 -- \
		bash -c '! timeout 1 bash -c "echo x >/dev/tcp/10.77.0.2/9"; '"$BPFCTL"' -j link list' |
		jq -e 'any(.type == "tcx" and .devname == "veth0")'
}

@test "xdp: a link is detached by its id" {
	private_netns
	counter xdp linked 2
	bpfctl --netns "$NETNS" attach xdp veth0 prog linked --pin "$BPFFS/link"
	id=$(links linked | jq '.[0].id')
	run --separate-stderr bpfctl --netns "$NETNS" xdp detach veth0
	[ "$status" -ne 0 ]
	[[ $stderr == *"$id"* || $stderr == *link* ]]
	bpfctl link detach id "$id"
	[ "$(bpfctl -j --netns "$NETNS" xdp list)" = "[]" ]
}

# refused WORDS ARG ...: xdp attach fails, and says so
refused() {
	run --separate-stderr bpfctl --netns "$NETNS" xdp attach "${@:2}"
	echo "$stderr"
	[ "$status" -ne 0 ]
	[[ $stderr == *"$1"* ]]
}

@test "xdp: what may not be together is refused in the same words" {
	private_netns
	counter xdp one 2
	counter xdp two 2
	counter tc no 0
	refused "Underlying driver does not support XDP in native mode" lo prog one --mode native
	refused "Invalid argument" veth0 prog no
	bpfctl -j --netns "$NETNS" xdp attach lo prog one | jq -e '.mode == "generic" and .ifindex == 1'
	bpfctl --netns "$NETNS" xdp attach veth0 prog one --mode native
	refused "XDP program already attached" veth0 prog two
	refused "Native and generic XDP can't be active at the same time" veth0 prog two --mode generic
	refused "another program than the expected one" veth0 prog two replace two
	run --separate-stderr bpfctl --netns "$NETNS" attach xdp veth0 prog two --pin "$BPFFS/link"
	[ "$status" -ne 0 ]
	bpfctl --netns "$NETNS" xdp detach veth0
	bpfctl --netns "$NETNS" attach xdp veth0 prog two --pin "$BPFFS/link"
	refused "Can't replace active BPF XDP link" veth0 prog one
	[ "$(bpfctl -j --netns "$NETNS" xdp show veth0 | jq .id)" -eq "$(bpfctl -j prog show two | jq .id)" ]
	refused "there is no network device veth1" veth1 prog one
	[ "$(bpfctl -j --netns "$PEERNS" xdp list)" = "[]" ]
	bpfctl --netns "$PEERNS" xdp show veth1 | grep -q veth1
}

@test "xdp: devices of the mock are in its state, and wrong ones are told" {
	[ -n "${MOCK:-}" ] || skip "is about the mock"
	counter xdp mine 2
	bpfctl xdp attach eth0 prog mine
	bpfctl xdp attach lo prog mine
	[ "$(jq -c '[.devices[] | [.name, .xdp_native, .xdp_generic]]' "$STATE")" = "$(jq -c \
		'.programs[0].id as $id | [["lo", null, $id], ["eth0", $id, null]]' "$STATE")" ]
	in_state '.devices[1].name = "wan0" | .devices[1].mtu = 9000'
	[ "$(bpfctl -j xdp list | jq -c '[.[] | [.devname, .mtu]]')" = '[["lo",65536],["wan0",9000]]' ]
	rm -f "$STATE.good" && cp "$STATE" "$STATE.good"
	for edit in '.devices[1].index = 1' '.devices[1].name = "lo"' '.devices[0].index = 0' \
		'.devices[0] |= del(.name)' '.devices[0].name = "a_name_that_is_too_long"' \
		'.devices[0].xdp_native = 99'; do
		cp "$STATE.good" "$STATE"
		in_state "$edit"
		run --separate-stderr bpfctl xdp list
		echo "$edit: $stderr"
		[ "$status" -eq 3 ]
		[[ $stderr == *"devices["[01]"]."* ]]
	done
}

@test "a network namespace that is not there is class absent" {
	run --separate-stderr bpfctl --netns no_such_netns xdp list
	[ "$status" -eq 6 ]
}
