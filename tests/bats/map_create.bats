#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# map create: what can be said of a new map, and what is wrong.
load helper

setup() {
	need_kernel
	private_bpffs
	M=$BPFFS/m
}
teardown() {
	clean_up
}

# show JQ: of the map at $M
show() {
	bpfctl -j map show pinned "$M" | jq -c "$1"
}

@test "as bpftool says it" {
	[ "$(bpfctl -j map create "$M" type hash key 4 value 8 entries 10 name made flags 1)" = null ]
	[ "$(show '[.type,.name,.bytes_key,.bytes_value,.max_entries,.flags]')" = '["hash","made",4,8,10,1]' ]
	bpfctl map create "$BPFFS/outer" type array_of_maps key 4 value 4 entries 2 name out inner_map pinned "$M"
	bpfctl map update pinned "$BPFFS/outer" key 0 0 0 0 value pinned "$M"
}

@test "named flags, map_extra, NUMA node, sizes with a unit" {
	bpfctl map create hash key 4 value 4 max 1K flags no_prealloc,BPF_F_RDONLY_PROG pinned "$M" name n
	[ "$(show '[.flags,.max_entries]')" = '[129,1024]' ]
	let_go "$M"
	bpfctl map create bloom_filter value 8 max 10 extra 4 pinned "$M"
	[ "$(show .map_extra)" = 4 ]
	let_go "$M"
	bpfctl map create array value 8 max 4 numa 0 flags mmapable pinned "$M"
	[ "$(show .flags)" = $((0x404)) ]
	let_go "$M"
	bpfctl map create 2 value 8 max 4 pinned "$M"
	[ "$(show .type)" = '"array"' ]
}

@test "a spec becomes the map's BTF, for every tool" {
	need bpftool
	bpfctl map create hash key '{ ip4 addr; be16 port; u16 pad }' \
		value '{ u64 n; s32 low:3; s32 high:5; char name[8]; u16 list[3]; bool on; union { u32 w; u8 b[4] } u; le32 l; void *p }' \
		max 8 pinned "$M"
	[ "$(show '.btf_id > 0')" = true ]
	bpfctl map update pinned "$M" '{addr=10.0.0.1,port=443}' \
		'{n=7,low=-1,high=9,name=abc,list=[1,2,3],on=true,u={w=258},l=3,p=0xff}'
	same '{"key":{"addr":"10.0.0.1","port":443,"pad":0},"value":{"n":7,"low":-1,"high":9,"name":"abc","list":[1,2,3],"on":true,"u":{"w":258,"b":[2,1,0,0]},"l":3,"p":"0xff"}}' \
		"$(bpfctl map dump pinned "$M" --format jsonl)"
	[ -n "${MOCK:-}" ] || [ "$(bpftool -j map dump pinned "$M" | jq -c '.[0].formatted.value | [.n, .name, .list, .on]')" = '[7,"abc",[1,2,3],true]' ]
	[ -n "${MOCK:-}" ] || same "$(bpftool -j map dump pinned "$M" | jq -Sc .)" "$(bpfctl -j map dump pinned "$M" | jq -Sc .)"
	let_go "$M"
	bpfctl map create lpm_trie key cidr6 value 'f64' max 8 pinned "$M"
	bpfctl map update pinned "$M" fe80::/10 1.5
	same '{"key":"fe80::/10","value":1.5}' "$(bpfctl map dump pinned "$M" --format jsonl)"
	let_go "$M"
	bpfctl map create hash key mac value 'ip6[2]' max 8 pinned "$M"
	bpfctl map update pinned "$M" aa:bb:cc:dd:ee:ff '[::1,fe80::1]'
	same '{"key":"aa:bb:cc:dd:ee:ff","value":["::1","fe80::1"]}' "$(bpfctl map dump pinned "$M" --format jsonl)"
}

@test "a map that a source or an object defines" {
	need clang
	bpfctl map create --from "$ROOT/examples/port_filter.bpf" drops pinned "$M"
	[ "$(show '[.type,.bytes_value,.max_entries]')" = '["array",8,1]' ]
	bpfctl map update pinned "$M" 0 5
	let_go "$M"
	o=$(compile links)
	bpfctl map create --from "$o" counts pinned "$M"
	[ "$(show '[.name, .btf_id > 0]')" = '["counts",true]' ]
	run --separate-stderr -6 bpfctl map create --from "$o" count -- true
	[[ $stderr == *"did you mean 'counts'?"* ]]
	run --separate-stderr -2 bpfctl map create --from "$o" counts type hash -- true
}

@test "a map for a command lives as long as it, and gives its status" {
	real_kernel "two commands at a time"
	# shellcheck disable=SC2016 # the command's own variable
	run --separate-stderr bpfctl map create hash key u32 value u32 max 4 name for_cmd -- \
		sh -c '"$0" map update $BPFCTL_MAP 1 2 && "$0" map lookup name for_cmd 1 --format plain; exit 7' "$BPFCTL"
	[ "$status" -eq 7 ]
	same $'1\t2' "$output"
	run --separate-stderr -6 bpfctl map create array value 4 max 1 -- /no/such/command
}

@test "what cannot be created says why" {
	while IFS='|' read -r status words message; do
		echo "$words"
		# shellcheck disable=SC2086 # words
		run --separate-stderr bpfctl map create $words
		echo "$stderr"
		[ "$status" -ne 0 ]
		[[ $stderr == *"$message"* ]]
		[ ! -e "$M" ]
	done <<-EOF
	2|hash key 4 value 4 max 1|nothing would hold the map
	2|hash key 4 max 1 pinned $M|the value of the hash map is missing
	2|hash value 4 max 1 pinned $M|the key of the hash map is missing
	2|array value 4 pinned $M|the number of entries of the array map is missing
	3|hahs key 4 value 4 max 1 pinned $M|did you mean 'hash'?
	3|hash key 4 value 4 max 1 flags mmapabel pinned $M|did you mean 'mmapable'?
	3|hash key u33 value 4 max 1 pinned $M|unknown type
	3|hash key 4 value 4 max 1X pinned $M|is no number of entries
	3|hash key 4 value 4 max 5G pinned $M|is no number of entries
	3|ringbuf max 5000 pinned $M|a power of 2 and a multiple of the page size
	3|ringbuf max 2K pinned $M|a power of 2 and a multiple of the page size
	1|lpm_trie key 4 value 4 max 1 pinned $M|5..260 bytes
	1|array_of_maps max 1 pinned $M|cannot create a map of type array_of_maps
	3|array_of_maps max 1 inner hash:4:8 pinned $M|expected TYPE:KEY:VALUE:ENTRIES
	3|array value 4 max 1 name a_name_of_16_char pinned $M|longer than 15 characters
	3|array value 4 max 1 name a-b pinned $M|other characters
	2|array value 4 max 1 entries 1 pinned $M|give one of them
	EOF
}

@test "completion knows the types" {
	bpfctl __complete -- map create '' | cut -f1 | grep -qx lpm_trie
	bpfctl __complete -- map create "$M" type '' | cut -f1 | grep -qx ringbuf
	bpfctl __complete -- map create hash '' | cut -f1 | grep -qx flags
}
