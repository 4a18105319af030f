#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# map: every type is created, filled, read back, saved, cleared, restored, compared, and deleted
# from, with real sockets, devices, cgroups and programs where a type needs them.
load helper

setup() {
	need_kernel
	private_bpffs
	M=$BPFFS/m
}
teardown() {
	if [ -n "${CGROUP:-}" ]; then
		rmdir "$CGROUP"
	fi
	clean_up
}

# Companions in a network namespace of the test's own: $C is their process.
companions() {
	real_kernel "sockets in network namespaces of its own"
	need cc
	private_netns
	ip -n "$NETNS" link set lo up
	cc -O1 -Wall -o "$BATS_TEST_TMPDIR/companions" "$ROOT/tests/bats/companions.c"
	start nsenter --net=/run/netns/"$NETNS" "$BATS_TEST_TMPDIR/companions" \
		"$BATS_TEST_TMPDIR/companions.ready" veth0
	C=$PID
	await "$BATS_TEST_TMPDIR/companions.ready" "$C"
}

# A cgroup of the test's own, $CGROUP.
private_cgroup() {
	real_kernel "cgroups of its own"
	CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/bpfctl-$$-$BATS_TEST_NUMBER
	mkdir "$CGROUP"
}

# create TYPE WORDS ...: pinned at $M; the test is skipped if the kernel is older than the type
create() {
	if [ -n "${MOCK:-}" ]; then bpfctl map unpin "$M" 2>/dev/null || true; else rm -f "$M"; fi
	bpfctl map create "$@" pinned "$M"
	[ "$(bpfctl -j map show pinned "$M" | jq -r .type)" = "$1" ]
}

# entries: "KEY VALUE" a line, sorted, as they are typed back
entries() {
	bpfctl map dump pinned "$M" --format plain | LC_ALL=C sort
}

# put KEY VALUE
put() {
	bpfctl map update pinned "$M" "$@"
}

count() {
	bpfctl map count pinned "$M" --format plain
}

# round_trip [WORDS ...]: saved in both forms, cleared, restored (with these words), the same
round_trip() {
	local form before
	before=$(bpfctl -j map dump pinned "$M" | jq -Sc 'sort_by(.key)')
	for form in "" --compact; do
		# shellcheck disable=SC2086 # no word if there is none
		bpfctl map save pinned "$M" "$BATS_TEST_TMPDIR/saved" $form
		bpfctl map clear pinned "$M" >/dev/null
		[ "$before" != "$(bpfctl -j map dump pinned "$M" | jq -Sc 'sort_by(.key)')" ]
		bpfctl "$@" map restore "$BATS_TEST_TMPDIR/saved" pinned "$M" >/dev/null
		same "$before" "$(bpfctl -j map dump pinned "$M" | jq -Sc 'sort_by(.key)')"
		bpfctl map diff "$BATS_TEST_TMPDIR/saved" pinned "$M"
	done
}

# walk KEY1 VALUE1 KEY2 VALUE2 [FLAG]: two entries in, what is printed typed back after a delete
# (with FLAG, noexist unless said), and all of them out again
walk() {
	local flag=${5:-noexist}
	put "$1" "$2"
	put "$3" "$4"
	same "$(printf '%s\t%s\n' "$1" "$2" "$3" "$4" | LC_ALL=C sort)" "$(entries)"
	[ "$(count)" -eq 2 ]
	run -1 bpfctl map empty pinned "$M"
	round_trip
	bpfctl map delete pinned "$M" "$1"
	same "$(printf '%s\t%s' "$3" "$4")" "$(entries)"
	run --separate-stderr -6 bpfctl map lookup pinned "$M" "$1"
	put "$1" "$2" "$flag"
	if [ "$flag" = noexist ]; then
		run --separate-stderr -1 bpfctl map update pinned "$M" "$3" "$4" noexist
	else
		run --separate-stderr -3 bpfctl map update pinned "$M" "$3" "$4" noexist
		[[ $stderr == *"without exist, noexist"* ]]
	fi
	[ "$(bpfctl map clear pinned "$M" --format plain)" -eq 2 ]
	[ "$(count)" -eq 0 ]
	bpfctl map empty pinned "$M"
}

# What printed text has: plain output of one value.
lookup() {
	bpfctl map lookup pinned "$M" "$@" --format plain
}

@test "every type of the table is in a test of this file" {
	missing=
	while read -r type; do
		grep -qwE "create $type|for type in( [a-z_]+)* $type|^	$type" "$BATS_TEST_FILENAME" || missing+=" $type"
	done < <(sed -n 's/^MAP_TYPE([0-9]*, \([a-z_]*\),.*/\1/p' "$ROOT/src/uapi/map_types.def")
	same "" "$missing"
}

@test "hash tables" {
	create hash key u32 value u64 max 4
	walk 1 10 2 18446744073709551615
	create lru_hash key 'char[8]' value '{ ip4 a; be16 p; u16 q }' max 16
	walk abc '{a=10.0.0.1,p=443,q=7}' de '{a=10.0.0.2,p=80,q=0}'
	create hash key 3 value 5 max 4 flags no_prealloc
	walk hex:0a0b0c hex:0102030405 hex:0a0b0d hex:0000000000
}

@test "hash tables with a value for each CPU" {
	[ -z "${MOCK:-}" ] || in_state '.cpus = 2'
	[ -n "${MOCK:-}" ] && cpus=2 || cpus=$(bpfctl map create percpu_array value u8 max 1 -- sh -c "\"$BPFCTL\" --format jsonl map dump \$BPFCTL_MAP" | jq '.values | length')
	list() { for ((i = 0; i < cpus; i++)); do printf '%s%s' "$([ $i = 0 ] || echo ,)" "$(($1 + i))"; done; }
	for type in percpu_hash lru_percpu_hash; do
		create $type key u32 value u32 max 64
		[ "$cpus" -eq 1 ] || walk 1 "$(list 10)" 2 "$(list 20)"
		put 3 7
		same "3"$'\t'"$(for ((i = 0; i < cpus; i++)); do printf '%s7' "$([ $i = 0 ] || echo ,)"; done)" "$(entries)"
		put 3 cpu=0:9
		[ "$(bpfctl --format jsonl map lookup pinned "$M" 3 | jq '.values[0]')" -eq 9 ]
		run --separate-stderr -3 bpfctl map update pinned "$M" 3 "[$(list 0),1]"
		[[ $stderr == *"are not $cpus values, one for each CPU"* ]]
	done
}

@test "arrays, which have all their elements always" {
	for type in array percpu_array; do
		create $type value u64 max 3 numa 0 || create $type value u64 max 3
		put 1 7
		put 2 8
		[ "$(count)" -eq 3 ]
		[ "$(bpfctl --format jsonl map lookup pinned "$M" 1 | jq '.value // .values[0]')" -eq 7 ]
		run --separate-stderr -3 bpfctl map delete pinned "$M" 1
		[[ $stderr == *"only overwritten"* ]]
		run --separate-stderr -1 bpfctl map update pinned "$M" 3 1
		[[ $stderr == *"the last one is 2"* ]]
		round_trip
		[ "$(bpfctl map clear pinned "$M" --format plain)" -eq 3 ]
		[ "$(bpfctl --format jsonl map dump pinned "$M" | jq -s 'map(.value // .values[0]) | add')" -eq 0 ]
		run -1 bpfctl map empty pinned "$M"
	done
}

@test "prefixes" {
	create lpm_trie key cidr4 value u32 max 16
	walk 10.0.0.0/8 1 10.1.0.0/16 2
	put 10.0.0.0/8 1
	put 10.1.0.0/16 2
	put 0.0.0.0/0 3
	same $'10.1.0.0/16\t2' "$(bpfctl map match pinned "$M" 10.1.2.3 --format plain)"
	same $'10.0.0.0/8\t1' "$(bpfctl map match pinned "$M" 10.2.3.4 --format plain)"
	same $'0.0.0.0/0\t3' "$(bpfctl map match pinned "$M" 10.0.0.0/7 --format plain)"
	bpfctl map delete pinned "$M" 0.0.0.0/0
	run --separate-stderr -6 bpfctl map match pinned "$M" 192.168.0.1
	create lpm_trie key cidr6 value u32 max 16
	walk fe80::/10 1 2001:db8::/32 2
	# A shorter prefix with the same value is another entry.
	put fe80::/10 5
	put fe80::/64 5
	same $'fe80::/64\t5' "$(bpfctl map match pinned "$M" fe80::1 --format plain)"
	same $'fe80::/10\t5' "$(bpfctl map match pinned "$M" fe81::1 --format plain)"
	create lpm_trie key 8 value 4 max 4
	put 10.0.0.0/8 1
	same $'10.0.0.0/8\t1' "$(entries)"
	# The key may be any struct: prefixes are written the same.
	create lpm_trie key '{ u32 len; u8 net[4] }' value 4 max 4
	put 10.0.0.0/8 1
	same $'{len=8,net=[10,0,0,0]}\t1' "$(bpfctl map match pinned "$M" 10.1.2.3 --format plain)"
	put '{len=16,net=[10,1,0,0]}' 2
	bpfctl map delete pinned "$M" 10.1.0.0/16
	run --separate-stderr -3 bpfctl map lookup pinned "$M" 10.0.0.0/33
	create hash key 4 value 4 max 1
	run --separate-stderr -3 bpfctl map match pinned "$M" 1
}

@test "queues and stacks" {
	for type in queue stack; do
		create $type value u32 max 3
		for i in 1 2 3; do bpfctl map push pinned "$M" $i; done
		run --separate-stderr -1 bpfctl map push pinned "$M" 4
		[[ $stderr == *"full: it takes 3 entries"* ]]
		first=1
		[ $type = stack ] && first=3
		[ "$(bpfctl map peek pinned "$M" --format plain)" -eq $first ]
		for form in "" --compact; do
			# shellcheck disable=SC2086 # no word if there is none
			bpfctl map save pinned "$M" "$BATS_TEST_TMPDIR/saved" --take $form
			[ "$(bpfctl map peek pinned "$M" --format plain)" -eq $first ]
			[ "$(bpfctl map clear pinned "$M" --format plain)" -eq 3 ]
			bpfctl map restore "$BATS_TEST_TMPDIR/saved" pinned "$M" >/dev/null
		done
		[ "$(bpfctl map pop pinned "$M" --format plain)" -eq $first ]
		[ "$(bpfctl map clear pinned "$M" --format plain)" -eq 2 ]
		bpfctl map empty pinned "$M"
		run --separate-stderr -6 bpfctl map pop pinned "$M"
		run --separate-stderr -3 bpfctl map lookup pinned "$M" 1
	done
	create queue value u32 max 2
	for i in 1 2; do bpfctl map enqueue pinned "$M" $i; done
	bpfctl map push pinned "$M" 3 --force
	same $'2\n3' "$(bpfctl map pop pinned "$M" --follow --count 2 --format plain)"
}

@test "waiting for a value, and following a queue" {
	real_kernel "two commands at a time"
	create queue value u32 max 8
	run --separate-stderr -6 bpfctl map pop pinned "$M" --timeout 20ms
	[[ $stderr == *"is empty"* ]]
	start bpfctl map pop pinned "$M" --wait --format plain >"$BATS_TEST_TMPDIR/out"
	bpfctl map push pinned "$M" 5
	wait "$PID"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = 5 ]
	start bpfctl map pop pinned "$M" --follow --count 3 --interval 1ms --format jsonl >"$BATS_TEST_TMPDIR/out"
	for i in 1 2 3; do bpfctl map push pinned "$M" $i; done
	wait "$PID"
	[ "$(jq -sc 'map(.value)' "$BATS_TEST_TMPDIR/out")" = "[1,2,3]" ]
	bpfctl map pop pinned "$M" --follow --timeout 10ms
}

@test "bloom filters" {
	create bloom_filter value u32 max 100 hashes 3
	[ "$(bpfctl -j map show pinned "$M" | jq .map_extra)" -eq 3 ]
	bpfctl map push pinned "$M" 7
	[ "$(bpfctl -j map test pinned "$M" 7)" = '{"found":true}' ]
	found=0
	for i in 1 2 3 4 5; do bpfctl -q map test pinned "$M" $i >/dev/null && found=$((found + 1)); done
	[ $found -lt 5 ]
	run --separate-stderr -3 bpfctl map clear pinned "$M"
	run --separate-stderr -3 bpfctl map peek pinned "$M"
}

@test "ring buffers and arenas, which have no entries" {
	for type in ringbuf user_ringbuf; do
		create $type max 64K
		[ "$(bpfctl -j map show pinned "$M" | jq .max_entries)" -eq 65536 ]
		run --separate-stderr -3 bpfctl map count pinned "$M"
		run --separate-stderr -3 bpfctl map clear pinned "$M"
	done
	create arena max 4
	run --separate-stderr -3 bpfctl map dump pinned "$M"
	[[ $stderr == *arena* ]]
}

@test "maps of maps" {
	bpfctl map create hash key u32 value u64 max 4 name in_a pinned "$BPFFS/a"
	bpfctl map create hash key u32 value u64 max 4 name in_b pinned "$BPFFS/b"
	a=$(bpfctl -j map show pinned "$BPFFS/a" | jq .id)
	b=$(bpfctl -j map show pinned "$BPFFS/b" | jq .id)
	create array_of_maps max 4 inner_map pinned "$BPFFS/a"
	walk 0 "$a" 2 "$b" any
	create hash_of_maps key u64 max 4 inner hash:4:8:4
	walk 5 "$a" 6 "$b"
	bpfctl map inner add pinned "$M" 5 map pinned "$BPFFS/a"
	bpfctl map inner update pinned "$M" 5 1 100
	[ "$(bpfctl map lookup pinned "$BPFFS/a" 1 --format plain)" = $'1\t100' ]
	bpfctl map inner add pinned "$M" 6 name fresh
	bpfctl map inner add pinned "$M" 7 new hash:4:8:4
	[ "$(bpfctl -j map inner list pinned "$M" | jq -c 'sort_by(.key) | map([.key, .name, .max_entries])')" = \
		'[[5,"in_a",4],[6,"fresh",4],[7,null,4]]' ]
	same $'1\t100' "$(bpfctl map inner lookup pinned "$M" 5 1 --format plain)"
	[ "$(bpfctl -j map inner dump pinned "$M" | jq -c 'sort_by(.key) | map(.entries)')" = '[[{"key":1,"value":100}],[],[]]' ]
	bpfctl map inner del pinned "$M" 6
	[ "$(count)" -eq 2 ]
	run --separate-stderr -3 bpfctl map inner add pinned "$M" 6 new hash:4:4:4
	[[ $stderr == *"those of the inner map"* ]]
	run --separate-stderr -3 bpfctl map inner list pinned "$BPFFS/a"
	run --separate-stderr -6 bpfctl map inner lookup pinned "$M" 99 1
}

@test "tables of programs" {
	own_prog
	id=$(bpfctl -j prog show pinned "$BPFFS/p" | jq .id)
	create prog_array max 4
	walk 0 "$id" 3 "$id" any
	for words in "prog pinned $BPFFS/p" "pinned $BPFFS/p" "prog:$BPFFS/p" "prog $OWN" "id $id"; do
		# shellcheck disable=SC2086 # words
		put key 1 value $words
		same $'1\t'"$id" "$(lookup 1)"
		bpfctl map delete pinned "$M" 1
	done
	for words in "incr pinned $M 1" "lookup pinned $M 1 --default 5" "update pinned $M 1 $id --if-equals $id"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -3 bpfctl map $words
		[[ $stderr == *"cannot be compared"* ]]
	done
	run --separate-stderr -6 bpfctl map update pinned "$M" 1 prog:nothing_of_this_name
	[[ $stderr == *"no program"* ]]
}

@test "devices and CPUs" {
	private_netns
	index=2
	if [ -n "${MOCK:-}" ]; then # there is none of it elsewhere
		# shellcheck disable=SC2016 # jq's variable
		in_state '.devices += [{ index: 4711, name: "far", netns: $ns }]' --arg ns "$NETNS"
	else
		index=$(ip -n "$NETNS" -j link show veth0 | jq '.[0].ifindex')
		ip -n "$NETNS" link add far index 4711 type veth peer name away
	fi
	for type in devmap devmap_hash; do
		key=
		[ $type = devmap_hash ] && key="key 4"
		# shellcheck disable=SC2086 # words
		bpfctl --netns "$NETNS" map create $type $key max 8 pinned "$M"
		bpfctl --netns "$NETNS" map update pinned "$M" 1 veth0
		bpfctl --netns "$NETNS" map update pinned "$M" key 2 value dev lo
		bpfctl --netns "$NETNS" map update pinned "$M" key 3 0 0 0 value 1 0 0 0
		bpfctl --netns "$NETNS" map update pinned "$M" key 4 value dev far
		same $'1\t'"$index"$'\n2\t1\n3\t1\n4\t4711' "$(entries)"
		round_trip --netns "$NETNS"
		[ "$(count)" -eq 4 ]
		bpfctl map delete pinned "$M" 2
		[ "$(bpfctl map clear pinned "$M" --format plain)" -eq 3 ]
		bpfctl map empty pinned "$M"
		run --separate-stderr -6 bpfctl --netns "$NETNS" map update pinned "$M" 1 nodevice
		let_go "$M"
	done
	bpfctl --netns "$NETNS" map create devmap value 8 max 2 pinned "$M"
	bpfctl --netns "$NETNS" map update pinned "$M" 0 veth0
	printed=$(entries)
	same $'0\t{ifindex='"$index"',prog_id=0}' "$printed"
	bpfctl --netns "$NETNS" map update pinned "$M" 1 "${printed#*$'\t'}"
	create cpumap value 8
	put 0 192
	same $'0\t{qsize=192,prog_id=0}' "$(entries)"
	round_trip
	bpfctl map delete pinned "$M" 0
	[ "$(count)" -eq 0 ]
	create cpumap
	put key 0 value cpu 64
	same $'0\t64' "$(lookup 0)"
}

@test "sockets" {
	companions
	create sockmap max 4
	put 1 "$C/10"
	put key 2 value sock "$C/10"
	[ "$(count)" -eq 2 ]
	cookie=$(lookup 1 | cut -f2)
	[ "$cookie" -gt 0 ]
	same $'2\t'"$cookie" "$(lookup 2)"
	bpfctl map delete pinned "$M" 1
	run --separate-stderr -6 bpfctl map delete pinned "$M" 1
	[ "$(bpfctl map clear pinned "$M" --format plain)" -eq 1 ]
	spec='{ ip4 a; be16 p; u16 q }'
	create sockhash key "$spec" max 4
	put '{a=10.0.0.1,p=80}' "sock:$C/10" --key-spec "$spec"
	same '{a=10.0.0.1,p=80,q=0}'$'\t'"$cookie" "$(bpfctl map dump pinned "$M" --format plain --key-spec "$spec")"
	bpfctl map delete pinned "$M" '{a=10.0.0.1,p=80}' --key-spec "$spec"
	bpfctl map empty pinned "$M"
	create reuseport_sockarray max 4
	put 3 "$C/11"
	[ "$(count)" -eq 1 ]
	[ "$(lookup 3 | cut -f2)" -gt 0 ]
	bpfctl map delete pinned "$M" 3
	[ "$(count)" -eq 0 ]
	run --separate-stderr -6 bpfctl map update pinned "$M" 1 "$C/99"
	[[ $stderr == *"no descriptor 99"* ]]
	run --separate-stderr -3 bpfctl map update pinned "$M" 1 sock
	[[ $stderr == *"expected PID/FD"* ]]
}

@test "what cannot be read back: AF_XDP sockets, perf events, cgroups" {
	companions
	private_cgroup
	while read -r type flags value; do
		echo "$type"
		create "$type" max 4 flags "$flags"
		put 1 "$value"
		run --separate-stderr -1 bpfctl map lookup pinned "$M" 1
		[[ $stderr == *"cannot be read by key"* ]]
		run --separate-stderr -3 bpfctl map count pinned "$M"
		bpfctl map delete pinned "$M" 1
		run --separate-stderr -1 bpfctl map delete pinned "$M" 9
		[[ $stderr == *"no such index: the last one is 3"* ]]
		put 1 "$value"
		[ "$(bpfctl map clear pinned "$M" --format plain)" -gt 0 ]
	done <<-EOF
	xskmap 0 $C/12
	perf_event_array preserve_elems $C/13
	cgroup_array 0 $CGROUP
	EOF
}

@test "local storage by socket, process, cgroup and file" {
	companions
	private_cgroup
	echo x >"$BATS_TEST_TMPDIR/file"
	while read -r type key; do
		echo "$type"
		create "$type" value '{ u32 n; char who[8] }'
		run --separate-stderr bpfctl map update pinned "$M" "$key" '{n=7,who=me}'
		# Storage of files is there for LSM programs alone.
		if [ "$type" = inode_storage ] && [ "$status" -ne 0 ]; then
			continue
		fi
		[ "$status" -eq 0 ]
		same "$key"$'\t{n=7,who=me}' "$(lookup "$key")"
		[ "$(bpfctl map incr pinned "$M" "$key" field n --format jsonl | jq .value.n)" -eq 8 ]
		bpfctl map delete pinned "$M" "$key"
		run --separate-stderr -6 bpfctl map lookup pinned "$M" "$key"
		run --separate-stderr bpfctl map dump pinned "$M"
		[ "$status" -ne 0 ]
		[[ $stderr == *"$type"*"cannot be walked through"* ]]
	done <<-EOF
	sk_storage $C/10
	task_storage $C
	cgrp_storage $CGROUP
	inode_storage $BATS_TEST_TMPDIR/file
	EOF
}

@test "storage of attached cgroups" {
	need bpftool
	need clang
	private_cgroup
	for type in cgroup_storage percpu_cgroup_storage; do
		cat >"$BATS_TEST_TMPDIR/s.c" <<-EOF
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		struct {
			__uint(type, BPF_MAP_TYPE_$(echo $type | tr "[:lower:]" "[:upper:]"));
			__type(key, struct bpf_cgroup_storage_key);
			__type(value, __u64);
		} store SEC(".maps");
		SEC("cgroup/skb") int f(struct __sk_buff *skb)
		{
			__u64 *v = bpf_get_local_storage(&store, 0);
			return *v < 1;
		}
		EOF
		clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$BATS_TEST_TMPDIR/s.c" -o "$BATS_TEST_TMPDIR/s.o"
		bpftool prog loadall "$BATS_TEST_TMPDIR/s.o" "$BPFFS/p" pinmaps "$BPFFS/maps"
		bpftool cgroup attach "$CGROUP" egress pinned "$BPFFS/p/f"
		M=$BPFFS/maps/store
		[ "$(bpfctl -j map show pinned "$M" | jq -r .type)" = $type ]
		[ "$(count)" -eq 1 ]
		key=$(bpfctl map dump pinned "$M" --format plain | cut -f1)
		put "$key" 7
		[ "$(bpfctl map lookup pinned "$M" "$key" --format jsonl | jq '.value // .values[0]')" -eq 7 ]
		bpftool cgroup detach "$CGROUP" egress pinned "$BPFFS/p/f"
		rm -r "$BPFFS/p" "$BPFFS/maps"
		M=$BPFFS/m
		create $type value u64
	done
}

@test "stacks of a program that ran" {
	create stack_trace max 8
	run --separate-stderr bpfctl map update pinned "$M" 1 hex:00
	[ "$status" -ne 0 ]
	[ "$(count)" -eq 0 ]
	let_go "$M"
	cat >"$BATS_TEST_TMPDIR/s.bpf" <<-'EOF'
	license GPL
	map stacks stack_trace { key u32; value u64[127]; max_entries 8 }
	prog raw_tracepoint/sys_enter f {
		r2 = map[stacks]
		r3 = 0
		call bpf_get_stackid
		r0 = 0
		exit
	}
	EOF
	bpfctl prog loadall "$BATS_TEST_TMPDIR/s.bpf" "$BPFFS/p" pinmaps "$BPFFS/maps"
	bpfctl prog run pinned "$BPFFS/p/f" >/dev/null
	M=$BPFFS/maps/stacks
	[ "$(count)" -ge 1 ]
	key=$(bpfctl map getnext pinned "$M" --format plain)
	[ "$(bpfctl map lookup pinned "$M" "$key" --format jsonl | jq -r .value | wc -c)" -gt 100 ]
	bpfctl map delete pinned "$M" "$key"
	[ "$(bpfctl map clear pinned "$M" --format plain)" -ge 0 ]
	[ "$(count)" -eq 0 ]
}

@test "struct_ops, and types newer than this kernel" {
	real_kernel "types of the running kernel"
	create struct_ops value tcp_congestion_ops name cc_test
	[ "$(bpfctl -j map show pinned "$M" | jq .max_entries)" -eq 1 ]
	bpfctl map lookup pinned "$M" 0 --format jsonl | jq -e .value.data
	run --separate-stderr -6 bpfctl map create struct_ops value no_such_ops -- true
	for type in insn_array rhash; do
		words="max 4"
		[ $type = rhash ] && words="key 4 value 8 max 4"
		# shellcheck disable=SC2086 # words
		run --separate-stderr bpfctl map create $type $words -- true
		[ "$status" -eq 0 ] || [[ $stderr == *"it is there since Linux"* ]]
	done
}
