#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every command without a kernel: --mock, as a user who may do nothing.
load helper

setup() {
	umask 0
	LAB=$(mktemp -d) # where nobody may write
	chmod 777 "$LAB"
	cd "$LAB" || return
	STATE=$LAB/lab.json
	PINS=/sys/fs/bpf
}

teardown() {
	rm -rf "$LAB"
}

# mock ARG ...: bpfctl on the mock, by nobody when we are root
mock() {
	as_nobody "$BPFCTL" --mock "$STATE" "$@"
}

# A state that a person has written.
two_maps() {
	cat >"$STATE" <<'END'
{ "mock": 1, "maps": [
  { "id": 3, "name": "ports", "type": "hash", "key_size": 4, "value_size": 8, "max_entries": 16,
    "entries": [ { "key": "bb 01 00 00", "value": "0700000000000000" } ] },
  { "id": 9, "name": "slots", "type": "array", "key_size": 4, "value_size": 4, "max_entries": 2 } ],
  "pins": [ { "path": "/sys/fs/bpf/ports", "map": 3 } ] }
END
	chmod 666 "$STATE"
}

@test "an absent file is a new kernel, and is made" {
	run mock -j map list
	[ "$status" -eq 0 ]
	[ "$(jq length <<<"$output")" -eq 0 ]
	[ "$(jq .mock "$STATE")" -eq 1 ]
}

@test "maps of a file that a person wrote: list, show, dump, lookup" {
	two_maps
	[ "$(mock -j map list | jq -c '[.[].id]')" = '[3,9]' ]
	[ "$(mock -j map show ports | jq -r .type)" = hash ]
	[ "$(mock -j -f map show ports | jq -r '.pinned[0]')" = "$PINS/ports" ]
	[ "$(mock -j map dump ports | jq length)" -eq 1 ]
	run mock map lookup ports 443
	[ "$status" -eq 0 ]
	[[ $output == *7* ]]
}

@test "update, delete and getnext change the file" {
	two_maps
	mock map update ports key hex 50 00 00 00 value hex 01 00 00 00 00 00 00 00
	[ "$(jq '.maps[] | select(.id == 3) | .entries | length' "$STATE")" -eq 2 ]
	mock map delete ports key hex bb 01 00 00
	[ "$(jq -r '.maps[] | select(.id == 3) | .entries[0].key' "$STATE")" = "50 00 00 00" ]
	run mock map lookup ports key hex bb 01 00 00
	[ "$status" -eq 6 ]
}

@test "pins keep maps and programs, in directories that are made for them" {
	mock prog load "$ROOT/examples/port_filter.bpf" "$PINS/net/filter" pinmaps "$PINS/net/maps"
	[ "$(jq -r '.pins[] | select(.program) | .path' "$STATE")" = "$PINS/net/filter" ]
	run mock map lookup pinned "$PINS/net/maps/drops" 0
	[ "$status" -eq 0 ]
	run mock prog pin port_filter "$PINS/net/filter"
	[ "$status" -eq 1 ]
	[[ $output == *"it exists"* ]]
	run mock prog pin port_filter "$PINS/net/a.b"
	[ "$status" -eq 3 ]
}

@test "examples are loaded, listed, shown, pinned again and dumped" {
	local count=0
	for n in cgroup_connect_redirect execsnoop ip_allowlist kprobe_timestamp opensnoop \
		port_filter sk_lookup_steering tc_vlan_tag; do
		f=$ROOT/examples/$n.bpf
		count=$((count + 1))
		again mock prog load "$f" "$PINS/$n"
		mock prog load "$f" "$PINS/$n"
	done
	[ "$(mock -j prog list | jq length)" -eq "$count" ]
	[ "$(mock -j prog show port_filter | jq -r .type)" = xdp ]
	mock prog pin port_filter "$PINS/again"
	[ "$(mock -j -f prog show port_filter | jq '.pinned | length')" -eq 2 ]
	mock prog dump xlated port_filter | grep -q 'r0 = 1'
}

@test "an example runs: its packet is dropped and counted" {
	mock prog load "$ROOT/examples/port_filter.bpf" "$PINS/p"
	run mock -j prog run port_filter repeat 3 data ff ff ff ff ff ff 00 00 00 00 00 00 08 00 \
		45 00 00 28 00 00 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 \
		12 34 01 bb 00 00 00 00 00 00 00 00 50 02 00 00 00 00 00 00
	[ "$status" -eq 0 ]
	[ "$(jq .retval <<<"$output")" -eq 1 ]
	[ "$(mock -j map dump drops | jq '.[0].formatted.value // .[0].value')" = 3 ]
}

@test "an object of clang: globals, functions, CO-RE against --btf" {
	local o=${BPFCTL%/*}/bpf/mock.o
	[ -e "$o" ] || skip "needs clang"
	[ -r /sys/kernel/btf/vmlinux ] || skip "needs the kernel's types"
	mock --btf /sys/kernel/btf/vmlinux prog loadall "$o" "$PINS/o" pinmaps "$PINS/m"
	run mock -j prog run count data 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	[ "$(jq .retval <<<"$output")" -eq 2 ]
	run mock -j prog run offset_of_pid
	[ "$status" -eq 0 ]
	[ "$(jq .retval <<<"$output")" -gt 100 ]
	[ "$(mock -j map dump seen | jq length)" -eq 1 ]
}

@test "another kernel's types by --btf: fields are where they are there" {
	need clang
	need llvm-objcopy
	cat >k.c <<'END'
struct far { long a; long b; int here; };
struct far f;
END
	clang -g -target bpf -c k.c -o k.o
	llvm-objcopy --dump-section=.BTF=k.btf k.o /dev/null
	cat >far.bpf <<'END'
struct far { s32 here }
prog xdp p {
	r0 = far::here
	exit
}
END
	mock --btf k.btf prog load far.bpf "$PINS/p"
	run mock --btf k.btf -j prog run pinned "$PINS/p" data 00 00 00 00 00 00 00 00 00 00 00 00 00 00
	[ "$(jq .retval <<<"$output")" -eq 16 ]
	sed -i 's/far::here/far::there/; s/s32 here/s32 there/' far.bpf
	run mock --btf k.btf prog load far.bpf "$PINS/q"
	[ "$status" -ne 0 ]
	run mock --btf nowhere.btf prog list
	[ "$status" -eq 6 ]
}

@test "the verifier's no, with its words" {
	cat >bad.bpf <<'END'
license GPL
prog xdp p {
	r0 = r5
	exit
}
END
	chmod 644 bad.bpf
	run mock prog load bad.bpf "$PINS/p"
	[ "$status" -eq 5 ]
	[[ $output == *"!read_ok"* ]]
}

@test "a damaged state file is class input, with the place" {
	printf '{ "mock": 1,\n  "maps": [ }\n' >"$STATE"
	run mock map list
	[ "$status" -eq 3 ]
	[[ $output == *lab.json:2:* ]]
	two_maps
	sed -i 's/"bb 01 00 00"/"bb 01 00"/' "$STATE"
	run mock map list
	[ "$status" -eq 3 ]
	[[ $output == *'maps[0]'*'3 bytes, not 4'* ]]
	two_maps
	sed -i 's/"hash"/"hush"/' "$STATE"
	run mock map list
	[ "$status" -eq 3 ]
	[[ $output == *'maps[0].type'*hush* ]]
}

@test "what no command lists is kept: filters, records that nobody has read, storages" {
	cat >"$STATE" <<'END'
{ "mock": 1, "maps": [
  { "id": 3, "name": "slots", "type": "array", "key_size": 4, "value_size": 4, "max_entries": 2 },
  { "id": 4, "name": "seen", "type": "bloom_filter", "value_size": 8, "max_entries": 16,
    "entries": [ { "key": "00 00 00 00 00 00 00 00", "value": "00 00 40" } ] },
  { "id": 5, "name": "line", "type": "queue", "value_size": 4, "max_entries": 3,
    "entries": [ { "value": "01 00 00 00" }, { "value": "02 00 00 00" } ] },
  { "id": 6, "name": "groups", "type": "cgroup_storage", "key_size": 8, "value_size": 4,
    "entries": [ { "key": "2a 00 00 00 00 00 00 00", "value": "07 00 00 00 00 00 00 00" } ] } ] }
END
	chmod 666 "$STATE"
	mock map update slots 1 9
	entries() {
		jq -c ".maps[] | select(.name == \"$1\") | [.entries[] | [.key, .value]]" "$STATE"
	}
	[[ $(entries seen) == *'["00 00 00 00 00 00 00 00","00 00 40 00 '* ]]
	[ "$(entries line)" = '[[null,"01 00 00 00"],[null,"02 00 00 00"]]' ]
	[ "$(entries groups)" = '[["2a 00 00 00 00 00 00 00","07 00 00 00 00 00 00 00"]]' ]
	mock map dump groups --format plain | grep -q '\b7$'

	mock prog load "$ROOT/examples/port_filter.bpf" "$PINS/p"
	for _ in 1 2; do
		mock prog run port_filter data ff ff ff ff ff ff 00 00 00 00 00 00 08 00 \
			45 00 00 28 00 00 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 \
			12 34 01 bb 00 00 00 00 00 00 00 00 50 02 00 00 00 00 00 00
	done
	[ "$(entries events | jq length)" -eq 2 ]
	[ "$(entries events | jq '.[0] == .[1]')" = true ]

	sed -i 's/"2a 00 00 00 00 00 00 00"/"2a"/' "$STATE"
	run mock map list
	[ "$status" -eq 3 ]
	[[ $output == *"maps["*"].entries"* ]]
}

@test "what is large and empty costs nothing, and a template takes no id" {
	cat >"$STATE" <<'END'
{ "mock": 1, "maps": [
  { "id": 1, "type": "array", "key_size": 4, "value_size": 4, "max_entries": 2000000000,
    "entries": [ { "key": "00 00 00 60", "value": "05 00 00 00" } ] },
  { "id": 2, "type": "array", "key_size": 4, "value_size": 4, "max_entries": 3, "flags": 1024,
    "entries": [ { "key": "02 00 00 00", "value": "06 00 00 00" } ] },
  { "id": 3, "type": "array_of_maps", "key_size": 4, "value_size": 4, "max_entries": 2,
    "inner": { "type": "array", "key_size": 4, "value_size": 4, "max_entries": 2 } } ] }
END
	chmod 666 "$STATE"
	timeout 60 "$BPFCTL" --mock "$STATE" map update id 2 0 1
	[ "$(jq -c '[.maps[] | .entries[].key]' "$STATE")" = '["00 00 00 60","00 00 00 00","02 00 00 00"]' ]
}

@test "run waits for a tracepoint as nobody: tracefs is the mock's own" {
	run mock run "$ROOT/examples/execsnoop.bpf" --for 100ms
	[ "$status" -eq 0 ]
	[[ $output != *denied* ]]
	run mock run "$ROOT/examples/execsnoop.bpf" --dry-run
	[ "$status" -eq 0 ]
}

@test "another version of the state is not read" {
	echo '{ "mock": 7 }' >"$STATE"
	run mock map list
	[ "$status" -eq 3 ]
	[[ $output == *"version 7"* ]]
	echo '[]' >"$STATE"
	run mock map list
	[ "$status" -eq 3 ]
}

@test "a state file that another command uses is waited for, not overwritten" {
	need flock
	two_maps
	exec 9<>"$STATE"
	flock 9
	run timeout 1 "$BPFCTL" --mock "$STATE" map list
	[ "$status" -eq 124 ]
	exec 9>&-
	run mock map list
	[ "$status" -eq 0 ]
}

@test "--fail: calls fail, each or the Nth, and a log is said" {
	two_maps
	run mock --fail map_lookup_elem=EIO map lookup ports 443
	[ "$status" -eq 1 ]
	[[ $output == *"Input/output error"* ]]
	run mock --fail map_get_fd_by_id:9=EPERM map list
	[ "$status" -eq 0 ]
	run mock --fail map_get_fd_by_id:2=EPERM map list
	[ "$status" -eq 4 ]
}

@test "--fail and --latency: what they do not know is a usage error" {
	run mock --fail map_crate=EIO map list
	[ "$status" -eq 2 ]
	[[ $output == *"map_create"* ]]
	run mock --fail map_create=EWHAT map list
	[ "$status" -eq 2 ]
	run mock --fail map_create map list
	[ "$status" -eq 2 ]
	run mock --fail map_create:x=EIO map list
	[ "$status" -eq 2 ]
	run mock --latency bpf=soon map list
	[ "$status" -eq 2 ]
}

@test "--latency: a call takes its time" {
	two_maps
	local from to
	from=$(date +%s%N)
	mock --latency map_get_fd_by_id:1=200ms map list >/dev/null
	to=$(date +%s%N)
	[ $((to - from)) -ge 200000000 ]
}

@test "a state that is read and not changed stays as it is; what was saved loads again" {
	mock prog load "$ROOT/examples/port_filter.bpf" "$PINS/p" pinmaps "$PINS/m"
	mock map update drops 0 value 41
	cp "$STATE" before.json
	mock -j prog list >/dev/null
	mock map dump drops >/dev/null
	cmp before.json "$STATE"
	[ "$(jq -r '.programs[0].insns[0] | length' "$STATE")" -eq 16 ]
	[ "$(mock map lookup drops 0 | grep -c 41)" -eq 1 ]
}

@test "read-only data is frozen, and stays so" {
	mock prog load "$ROOT/examples/port_filter.bpf" "$PINS/p"
	[ "$(mock -j map list | jq -c '[.[] | select(.name == "port_fil.rodata") | .frozen]')" = '[1]' ]
	run mock map update name port_fil.rodata 0 value hex 00 00
	[ "$status" -eq 4 ]
}

@test "an xdp link: attached, listed, detached, gone with its pin" {
	mock prog load "$ROOT/examples/port_filter.bpf" "$PINS/p"
	mock attach xdp lo prog port_filter --pin "$PINS/link"
	[ "$(mock -j link list | jq -r '.[0].type')" = xdp ]
	[ "$(mock -j -f link list | jq -r '.[0].pinned[0]')" = "$PINS/link" ]
	run mock attach xdp lo prog port_filter --pin "$PINS/other"
	[ "$status" -ne 0 ]
	mock link detach pinned "$PINS/link"
	[ "$(jq -r '.links[0].target' "$STATE")" = null ]
}

@test "run attaches for as long as it runs, and leaves nothing" {
	run mock run "$ROOT/examples/port_filter.bpf" --dev lo --for 50ms
	[ "$status" -eq 0 ]
	[ "$(jq '.programs + .maps + .links | length' "$STATE")" -eq 0 ]
}

@test "values per CPU are of as many CPUs as the state says" {
	cat >"$STATE" <<'END'
{ "mock": 1, "cpus": 40, "maps": [
  { "id": 1, "name": "each", "type": "percpu_array", "key_size": 4, "value_size": 4, "max_entries": 3 } ] }
END
	chmod 666 "$STATE"
	mock map update each 2 7
	[ "$(mock -j map dump each | jq -c 'map(.values | length)')" = '[40,40,40]' ]
	[ "$(mock -j map lookup each 2 | jq -c '[.values[0,39].value[0]]')" = '["0x07","0x07"]' ]
}
