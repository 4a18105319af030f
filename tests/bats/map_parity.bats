#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bpftool's map commands, word by word: the same entries, the same JSON, on the same maps.
load helper

setup() {
	need_root
	need bpftool
	private_bpffs
	M=$BPFFS/m
}
teardown() {
	clean_up
}

# agree COMMAND MAP-WORDS ...: both print the same JSON; newer keys of bpftool's are ours already
agree() {
	echo "map $*"
	same "$(bpftool -j map "$@" | jq -Sc 'walk(if type == "object" then del(.inner_map_id) else . end)')" \
		"$(bpfctl -j map "$@" | jq -Sc 'walk(if type == "object" then del(.inner_map_id) else . end)')"
}

# silent WORDS ...: both do it and print null
silent() {
	[ "$("$@")" = null ]
}

# make TYPE KEY VALUE ENTRIES FLAGS
make() {
	rm -f "$M"
	bpfctl map create "$M" type "$1" key "$2" value "$3" entries "$4" name parity flags "$5"
}

@test "entries of tables with keys" {
	while read -r type key value flags; do
		make "$type" "$key" "$value" 4 "$flags"
		k1=$(printf '1 %.0s' $(seq "$key")) k2="hex $(printf '0b %.0s' $(seq "$key"))"
		v1=$(printf '7 %.0s' $(seq "$value")) v2="hex $(printf 'fe %.0s' $(seq "$value"))"
		case $type in
		*array) k1="1 0 0 0" k2="hex 02 00 00 00" ;;
		lpm_trie) k1="8 0 0 0 10 0 0 0" k2="hex 10 00 00 00 0a 01 00 00" ;;
		esac
		# shellcheck disable=SC2086 # words
		{
			silent bpfctl -j map update pinned "$M" key $k1 value $v1
			silent bpftool -j map update pinned "$M" key $k2 value $v2 noexist || [[ $type == *array ]]
			[[ $type == *array ]] && bpftool map update pinned "$M" key $k2 value $v2
			bpfctl map update pinned "$M" key $k2 value $v2 exist
			agree dump pinned "$M"
			agree dump name parity
			agree lookup pinned "$M" key $k1
			agree lookup pinned "$M" key $k2
			agree getnext pinned "$M"
			[[ $type == *array ]] || silent bpfctl -j map delete pinned "$M" key $k1
			agree dump pinned "$M"
		}
	done <<-EOF
	hash 4 8 0
	hash 12 3 1
	lru_hash 4 8 0
	percpu_hash 4 8 0
	lru_percpu_hash 6 12 0
	array 4 8 0
	percpu_array 4 4 0
	lpm_trie 8 4 1
	EOF
}

@test "queues and stacks" {
	for type in queue stack; do
		make $type 0 4 4 0
		silent bpfctl -j map push pinned "$M" value 1 0 0 0
		silent bpftool -j map push pinned "$M" value 2 0 0 0
		silent bpfctl -j map enqueue pinned "$M" value hex 03 00 00 00
		silent bpfctl -j map enqueue pinned "$M" value 1 0 0 0
		agree peek pinned "$M"
		[ "$(bpftool -j map pop pinned "$M" | jq -c keys)" = "$(bpfctl -j map pop pinned "$M" | jq -c keys)" ]
		[ "$(bpftool -j map dequeue pinned "$M" | jq -c keys)" = "$(bpfctl -j map dequeue pinned "$M" | jq -c keys)" ]
	done
}

@test "tables of maps, programs, devices and CPUs" {
	bpfctl map create "$BPFFS/in" type hash key 4 value 8 entries 4 name parity_in
	for type in array_of_maps hash_of_maps; do
		rm -f "$M"
		bpfctl map create "$M" type $type key 4 value 4 entries 4 name parity inner_map name parity_in
		silent bpfctl -j map update pinned "$M" key 1 0 0 0 value pinned "$BPFFS/in"
		bpftool map update pinned "$M" key 2 0 0 0 value name parity_in
		agree dump pinned "$M"
		agree lookup pinned "$M" key 1 0 0 0
	done
	own_prog
	make prog_array 4 4 4 0
	silent bpfctl -j map update pinned "$M" key 1 0 0 0 value pinned "$BPFFS/p"
	bpftool map update pinned "$M" key 2 0 0 0 value name "$OWN"
	bpfctl map update pinned "$M" key 3 0 0 0 value tag "$(bpfctl -j prog show pinned "$BPFFS/p" | jq -r .tag)"
	agree dump pinned "$M"
	agree lookup pinned "$M" key 3 0 0 0
	make devmap 4 4 3 0
	silent bpfctl -j map update pinned "$M" key 0 0 0 0 value 1 0 0 0
	agree dump pinned "$M"
	make cpumap 4 4 2 0
	silent bpfctl -j map update pinned "$M" key 0 0 0 0 value 64 0 0 0
	agree dump pinned "$M"
	# Empty slots are entries for bpftool, and for nobody else.
	[ "$(bpfctl map dump pinned "$M" --format jsonl | wc -l)" -eq 1 ]
	make sockmap 4 4 2 0
	agree dump pinned "$M"
}

@test "with BTF: formatted entries, per CPU, and globals" {
	bpfctl map create hash key '{ u32 a; s8 b:3; u8 c:5; be16 d }' value '{ u64 n; char s[8]; u16 list[2]; bool on; void *p; s128 w }' max 4 pinned "$M"
	bpfctl map update pinned "$M" '{a=1,b=-2,c=3,d=4}' '{n=5,s=abc,list=[6,7],on=true,p=0xff,w=-1}'
	agree dump pinned "$M"
	rm "$M"
	bpfctl map create percpu_hash key u32 value '{ u32 n; u32 m }' max 4 pinned "$M"
	bpfctl map update pinned "$M" 3 '{n=1,m=2}'
	agree dump pinned "$M"
	agree lookup pinned "$M" key 3 0 0 0
	rm "$M"
	bpfctl map create queue value u32 max 4 pinned "$M"
	bpfctl map push pinned "$M" 5
	agree peek pinned "$M"
}

@test "pin, freeze and create print null" {
	silent bpfctl -j map create "$M" type array key 4 value 4 entries 1 name parity
	silent bpfctl -j map pin pinned "$M" "$BPFFS/n"
	silent bpfctl -j map freeze pinned "$M"
	agree show pinned "$BPFFS/n"
}

@test "event_pipe: records of a perf event array" {
	need clang
	cat >"$BATS_TEST_TMPDIR/e.c" <<-'EOF'
	#include <linux/bpf.h>
	#include <bpf/bpf_helpers.h>
	struct {
		__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
		__uint(key_size, 4);
		__uint(value_size, 4);
		__uint(max_entries, 256);
	} pipe SEC(".maps");
	SEC("raw_tracepoint/sys_enter") int f(void *ctx)
	{
		unsigned long v = 0x0102030405060708;
		bpf_perf_event_output(ctx, &pipe, BPF_F_CURRENT_CPU, &v, sizeof(v));
		return 0;
	}
	char LICENSE[] SEC("license") = "GPL";
	EOF
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$BATS_TEST_TMPDIR/e.c" -o "$BATS_TEST_TMPDIR/e.o"
	bpfctl prog loadall "$BATS_TEST_TMPDIR/e.o" "$BPFFS/p" pinmaps "$BPFFS/maps"
	start bpfctl -j map event_pipe pinned "$BPFFS/maps/pipe" --count 2 --ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	bpfctl prog run pinned "$BPFFS/p/f" >/dev/null
	bpfctl prog run pinned "$BPFFS/p/f" >/dev/null
	wait "$PID"
	jq -e 'length == 2 and (.[0] | .type == 9 and .cpu == .index and .timestamp > 0 and .data[0:8] == [8,7,6,5,4,3,2,1])' "$BATS_TEST_TMPDIR/out"
	jq -e '.[1].timestamp >= .[0].timestamp' "$BATS_TEST_TMPDIR/out"
	# One CPU, whose programs send through an element of their own.
	run --separate-stderr -2 bpfctl map event_pipe pinned "$BPFFS/maps/pipe" cpu 0
	run --separate-stderr -2 bpfctl map event_pipe pinned "$BPFFS/maps/pipe" cpu 4096 index 0
	start bpfctl -j map event_pipe pinned "$BPFFS/maps/pipe" cpu 0 index 0 --count 1 --ready-file "$BATS_TEST_TMPDIR/ready" >"$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	taskset -c 0 "$BPFCTL" prog run pinned "$BPFFS/p/f" >/dev/null
	wait "$PID"
	jq -e '.[0].cpu == 0' "$BATS_TEST_TMPDIR/out"
	bpfctl map create hash key 4 value 4 max 1 pinned "$M"
	run --separate-stderr -3 bpfctl map event_pipe pinned "$M"
}
