#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# --record on the real kernel and on the mock, --replay as a user who may do nothing.
load helper

setup() {
	umask 0
	LAB=$(mktemp -d) # where nobody may write
	chmod 777 "$LAB"
	cd "$LAB" || return
	PINS=/sys/fs/bpf
}

teardown() {
	clean_up
	rm -rf "$LAB"
}

# replay ARG ...: by nobody when we are root
replay() {
	as_nobody "$BPFCTL" --replay "$LAB/record" "$@"
}

# The same output, errors and status again.
both() {
	local first=0 second=0
	again --record record "$@"
	"$BPFCTL" --record "$LAB/record" "$@" >out 2>err || first=$?
	chmod 666 record
	replay "$@" >out2 2>err2 || second=$?
	cat err2
	[ "$second" -eq "$first" ]
	cmp out out2
	cmp err err2
}

# A private bpffs with the port filter and its maps, and nobody may look at neither.
loaded() {
	need_root
	private_bpffs
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/filter" pinmaps "$BPFFS/maps"
}

# On the mock: a state with two maps.
mocked() {
	STATE=$LAB/lab.json
	cat >"$STATE" <<'END_OF_STATE'
{ "mock": 1, "maps": [
  { "id": 3, "name": "ports", "type": "hash", "key_size": 4, "value_size": 8, "max_entries": 16,
    "entries": [ { "key": "bb 01 00 00", "value": "0700000000000000" } ] },
  { "id": 9, "name": "counts", "type": "percpu_array", "key_size": 4, "value_size": 4,
    "max_entries": 2 } ] }
END_OF_STATE
	chmod 666 "$STATE"
}

@test "maps of the kernel: list, show, dump, lookup, update, delete" {
	loaded
	both map list
	both -j map show pinned "$BPFFS/maps/drops"
	both -p map dump pinned "$BPFFS/maps/port_fil_rodata"
	both map update pinned "$BPFFS/maps/drops" 0 5
	both map lookup pinned "$BPFFS/maps/drops" 0
	grep -q 5 out2
	both map delete pinned "$BPFFS/maps/drops" 0
	both map lookup pinned "$BPFFS/maps/absent" 0
}

@test "programs of the kernel: load, list, show, dump, run" {
	loaded
	both prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/again"
	grep -q '"call":"prog_load".*"insns":\["' record
	both -f prog list
	both -j prog show pinned "$BPFFS/filter"
	[ "$(jq -r .name <out2)" = port_filter ]
	[ "$(jq .loaded_at <out2)" -gt 1700000000 ]
	both prog dump xlated pinned "$BPFFS/filter"
	both prog run pinned "$BPFFS/filter" data ff ff ff ff ff ff 00 00 00 00 00 00 08 00
}

@test "pins of the kernel, more of them than one look takes" {
	loaded
	mkdir "$BPFFS"/{1..1400}
	both -f prog list
}

@test "links of the kernel: list, show" {
	need_root
	private_bpffs
	private_netns
	in_netns "$NETNS" "$BPFCTL" run "$ROOT/examples/port_filter.bpf" --dev veth0 --pin "$BPFFS/held"
	both link list
	both -j link show pinned "$BPFFS/held/links/port_filter"
	[ "$(jq -r .type <out2)" = xdp ]
}

@test "a control group: attached to again when it is gone" {
	need_root
	local group
	group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/bpfctl-$$-$BATS_TEST_NUMBER
	printf 'license GPL\nprog cgroup/connect4 p {\n\tr0 = 1\n\texit\n}\n' >group.bpf
	mkdir "$group"
	"$BPFCTL" --record record -v run group.bpf --cgroup "$group" -- true 2>err || { rmdir "$group"; return 1; }
	rmdir "$group"
	chmod 666 record
	replay -v run group.bpf --cgroup "$group" -- true 2>err2
	same "$(sed 's/in .* s$//' err)" "$(sed 's/in .* s$//' err2)"
	[[ $(<err2) == *"cgroup $group"* ]]
}

@test "globals and functions of an object of clang" {
	loaded
	local o=${BPFCTL%/*}/bpf/mock.o
	[ -e "$o" ] || skip "needs clang"
	both prog load "$o" "$BPFFS/object"
}

@test "what the verifier says comes again" {
	need_root
	printf 'license GPL\nprog xdp p {\n\tr0 = *(u32 *)(r1 + 400)\n\texit\n}\n' >bad.bpf
	both prog load bad.bpf "$PINS/bpfctl-never"
	grep -q 'invalid bpf_context access' err2
}

@test "of the mock, as its file is not there any more" {
	mocked
	"$BPFCTL" --mock "$STATE" --record record -j map dump id 9 >out
	mv "$STATE" gone
	same "$(cat out)" "$(replay -j map dump id 9)"
}

@test "another command is told, with its call, its line and both inputs" {
	mocked
	"$BPFCTL" --mock "$STATE" --record record map lookup id 3 443
	run replay map lookup id 3 444
	[ "$status" -eq 3 ]
	[[ $output == *"line "*"call "*"map_lookup_elem: key is \"bc 01 00 00\", and \"bb 01 00 00\" in the record"* ]]
	run replay map delete id 3 443
	[ "$status" -eq 3 ]
	[[ $output == *"map_delete_elem, and map_lookup_elem in the record"* ]]
	run replay map list
	[ "$status" -eq 3 ]
	run replay prog list
	[ "$status" -eq 3 ]
	run replay -j prog list
	[ "$(jq -r .class <<<"$output")" = input ]
}

@test "a command that does less leaves calls over" {
	mocked
	"$BPFCTL" --mock "$STATE" --record record map lookup id 3 443
	sed -n '1,2p' record >short
	printf '{"n":9,"call":"map_freeze"}\n' >>record
	run replay map lookup id 3 443
	[ "$status" -eq 3 ]
	[[ $output == *"the record goes on with map_freeze"* ]]
	mv short record
	run replay map lookup id 3 443
	[ "$status" -eq 3 ]
	[[ $output == *"the record is at its end"* ]]
}

@test "a damaged record is class input, with the line" {
	mocked
	"$BPFCTL" --mock "$STATE" --record good map lookup id 3 443
	cp good record
	sed -i '3s/"call"/"call/' record
	run replay map lookup id 3 443
	[ "$status" -eq 3 ]
	[[ $output == *"line 3"* ]]
	sed 's/"value":"07 00/"value":"07 00 00 00/' good >record
	run replay map lookup id 3 443
	[ "$status" -eq 3 ]
	[[ $output == *"is more than was asked for"* ]]
	head -c -10 good >record
	run replay map lookup id 3 443
	[ "$status" -eq 3 ]
	sed '/"kind"/s/"value_size":8/"value_size":800/' good >record
	run replay map lookup id 3 443
	[ "$status" -eq 3 ]
	[[ $output == *"is of another map"* ]]
	echo '[]' >record
	run replay map list
	[ "$status" -eq 3 ]
	[[ $output == *"no object"* ]]
	echo '{"bpfctl_record":99}' >record
	run replay map list
	[ "$status" -eq 3 ]
	[[ $output == *"version 1"* ]]
	rm record
	run replay map list
	[ "$status" -eq 6 ]
}

@test "a failure that is injected is not in the record" {
	mocked
	run "$BPFCTL" --mock "$STATE" --record record --fail map_lookup_elem=EPERM map lookup id 3 443
	[ "$status" -eq 4 ]
	[ "$(grep -c map_lookup_elem record)" -eq 0 ]
}

@test "network devices of the kernel" {
	need_root
	both xdp list
	both -j xdp show lo
	[ "$(jq .ifindex out2)" -eq 1 ]
	both xdp show no_such_device
	grep -q sendto record
	private_netns
	both --netns "$NETNS" xdp show veth0
	grep -q veth out2
	private_bpffs
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/filter"
	bpfctl --netns "$NETNS" attach xdp veth0 prog pinned "$BPFFS/filter" --pin "$BPFFS/link"
	for i in $(seq 160); do mkdir "$BPFFS/directory$i"; done # more than one buffer holds
	both -f prog list
}

@test "network devices of the mock: attached, shown, with a namespace" {
	mocked
	jq '.devices = [{ index: 1, name: "lo", mtu: 65536 },
		{ index: 7, name: "veth0", kind: "veth", netns: "blue", mtu: 1500 }]' "$STATE" >s && mv s "$STATE"
	"$BPFCTL" --mock "$STATE" prog load "$ROOT/examples/port_filter.bpf" "$PINS/p"
	"$BPFCTL" --mock "$STATE" --record record -j --netns blue xdp attach veth0 prog pinned "$PINS/p" >out
	[ "$(jq -r '.mode + .kind' <out)" = driverveth ]
	same "$(cat out)" "$(replay -j --netns blue xdp attach veth0 prog pinned "$PINS/p")"
	run replay -j --netns blue xdp attach veth1 prog pinned "$PINS/p"
	[ "$status" -ne 0 ]
	run replay -j --netns blue xdp attach veth0 --mode native prog pinned "$PINS/p"
	[ "$status" -eq 3 ]
	[[ $output == *"sendto: message is "* ]]
	sed -i '/recvfrom/s/"message":"../"message":"zz/' record
	run replay -j --netns blue xdp attach veth0 prog pinned "$PINS/p"
	[ "$status" -eq 3 ]
	[[ $output == *"must be pairs of hex digits"* ]]
}

@test "events of the kernel: run to the end of a command, which is not run again" {
	need_root
	printf '#!/bin/sh\necho "$$" >>%s/ran\n/bin/true\nexit 3\n' "$LAB" >ran.sh
	chmod 755 ran.sh
	both run "$ROOT/examples/execsnoop.bpf" -- "$LAB/ran.sh"
	grep -q '"call":"event"' record
	grep -q "^$(cat ran) .*ran.sh" out2
	[ "$(wc -l <ran)" -eq 1 ]
	both -j run "$ROOT/examples/execve_count.bpf" --maps -- /bin/true
	[ "$(jq '.[0].value' out2)" -ge 1 ]
	both run "$ROOT/examples/execsnoop.bpf" --for 1ms
}

# A program that sends two records, one by a ring buffer and one by perf events.
senders() {
	cat >senders.bpf <<-'END_OF_SOURCE'
	license GPL
	event sample { u32 a; char text[8] }
	map ring ringbuf { max_entries 4096; event sample }
	map perf perf_event_array { key u32; value u32; max_entries 64; event sample }
	prog tc sender {
		stack sample s
		r6 = r1
		r1 = 7
		*(s.a) = r1
		r1 = 0x6b6f ll
		*(u64 *)(s.text) = r1
		r0 = bpf_ringbuf_output(map[ring], &s, sizeof(sample), 0)
		r1 = 8
		*(s.a) = r1
		r3 = BPF_F_CURRENT_CPU ll
		r0 = bpf_perf_event_output(r6, map[perf], r3, &s, sizeof(sample))
		exit
	}
	END_OF_SOURCE
}

@test "a reader of a ring buffer and one of perf events" {
	need_root
	private_bpffs
	senders
	bpfctl prog load senders.bpf "$BPFFS/sender" pinmaps "$BPFFS/maps"
	local send=(sh -c '"$@" >/dev/null' - "$BPFCTL" prog run pinned "$BPFFS/sender" data "$(printf "00%.0s" $(seq 64))" repeat 3)
	"${send[@]}"
	both -j ringbuf read pinned "$BPFFS/maps/ring" --count 3
	[ "$(jq -c 'map(.a)' out2)" = '[7,7,7]' ]
	both ringbuf read pinned "$BPFFS/maps/ring" --for 1ms
	both -j ringbuf read pinned "$BPFFS/maps/perf" -- "${send[@]}"
	[ "$(jq -c 'map(.a)' out2)" = '[8,8,8]' ]
	sed -i '/"event"/s/"data":"08/"data":"0z/' record
	run replay -j ringbuf read pinned "$BPFFS/maps/perf" -- "${send[@]}"
	[ "$status" -eq 3 ]
	[[ $output == *"must be pairs of hex digits"* ]]
}

@test "events of the mock" {
	STATE=$LAB/lab.json
	senders
	"$BPFCTL" --mock "$STATE" prog load senders.bpf "$PINS/sender" pinmaps "$PINS/maps"
	"$BPFCTL" --mock "$STATE" prog run pinned "$PINS/sender" data "$(printf "00%.0s" $(seq 64))"
	"$BPFCTL" --mock "$STATE" --record record -j ringbuf read pinned "$PINS/maps/ring" --count 1 >out
	[ "$(jq '.[0].a' out)" -eq 7 ]
	same "$(cat out)" "$(replay -j ringbuf read pinned "$PINS/maps/ring" --count 1)"
	run "$BPFCTL" --mock "$STATE" --record record map browse
	[ "$status" -ne 0 ]
	[[ $output == *"no part of a record"* ]]
}

@test "a record is made or replayed, not both" {
	run "$BPFCTL" --record record --replay record map list
	[ "$status" -eq 2 ]
}
