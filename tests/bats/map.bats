#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# map: list, show, dump, lookup, update, delete.
load helper

setup() {
	need_kernel
	private_bpffs
}
teardown() {
	clean_up
}

# make_map TYPE KEY VALUE ENTRIES [FLAGS]: named "m", pinned at $BPFFS/m
make_map() {
	new_map "$BPFFS/m" "$@"
}

@test "entries are written and read in every spelling" {
	make_map hash 4 8 100
	bpfctl map update pinned "$BPFFS/m" 1 10
	bpfctl map update pinned "$BPFFS/m" 0x2 0b101
	bpfctl map update pinned "$BPFFS/m" key hex 03 00 00 00 value hex 1e 00 00 00 00 00 00 00
	bpfctl map update pinned "$BPFFS/m" key 4 0 0 0 value 40 0 0 0 0 0 0 0
	bpfctl map update pinned "$BPFFS/m" key u32:5 value hex:3200000000000000
	same $'1\t10\n2\t5\n3\t30\n4\t40\n5\t50' "$(bpfctl map dump pinned "$BPFFS/m" --format plain | sort -n)"
	same '{"key":4,"value":40}' "$(bpfctl map lookup pinned "$BPFFS/m" 4 --format jsonl)"
	[ -n "${MOCK:-}" ] ||
		same "$(bpftool -j map lookup pinned "$BPFFS/m" key 4 0 0 0)" "$(bpfctl -j map lookup pinned "$BPFFS/m" 4)"
	bpfctl map delete pinned "$BPFFS/m" 4
	run --separate-stderr bpfctl map lookup pinned "$BPFFS/m" 4
	[ "$status" -eq 6 ]
}

@test "any, exist and noexist" {
	make_map hash 4 8 100
	run bpfctl map update pinned "$BPFFS/m" key 1 value 1 exist
	[ "$status" -eq 6 ]
	bpfctl map update pinned "$BPFFS/m" key 1 value 1 noexist
	run bpfctl map update pinned "$BPFFS/m" key 1 value 2 noexist
	[ "$status" -eq 1 ]
	bpfctl map update pinned "$BPFFS/m" key 1 value 3 exist
	bpfctl map update pinned "$BPFFS/m" key 1 value 4 any
	[ "$(bpfctl map lookup pinned "$BPFFS/m" 1 --format jsonl | jq .value)" -eq 4 ]
	run bpfctl map update pinned "$BPFFS/m" key 1 value 4 any exist
	[ "$status" -eq 2 ]
}

@test "numbers that do not fit, and other wrong words, change nothing" {
	make_map hash 4 8 100
	bpfctl map update pinned "$BPFFS/m" 1 7
	before=$(bpfctl -j map dump pinned "$BPFFS/m")
	while read -r status words; do
		echo "$words"
		# shellcheck disable=SC2086 # words
		run --separate-stderr bpfctl map update pinned "$BPFFS/m" $words
		[ "$status" -ne 0 ]
		[ -n "$stderr" ]
		same "$before" "$(bpfctl -j map dump pinned "$BPFFS/m")"
	done <<-EOF
	3 4294967296 1
	3 -2147483649 1
	3 1 18446744073709551616
	3 1x 1
	3 key 1 2 3 value 1
	3 key hex 0a000001 0 0 0 value 1
	3 key 256 0 0 0 value 1
	3 key hex 1 value 1
	3 key 1 value 1 2 3
	2 1
	2 key 1
	2 1 2 3
	EOF
}

@test "specs say what the bytes mean, both ways" {
	make_map hash 8 16 100
	k='{ ip4 addr; be16 port; u16 pad }'
	v='{ u64 count; char name[8] }'
	bpfctl map update pinned "$BPFFS/m" '{addr=10.0.0.1,port=443}' '{count=3,name="https"}' --key-spec "$k" --value-spec "$v"
	same '{"key":{"addr":"10.0.0.1","port":443,"pad":0},"value":{"count":3,"name":"https"}}' \
		"$(bpfctl map dump pinned "$BPFFS/m" --key-spec "$k" --value-spec "$v" --format jsonl)"
	same '["0x0a","0x00","0x00","0x01","0x01","0xbb","0x00","0x00"]' \
		"$(bpfctl -j map dump pinned "$BPFFS/m" | jq -c '.[0].key')"
	printed=$(bpfctl map dump pinned "$BPFFS/m" --key-spec "$k" --value-spec "$v" --format plain)
	bpfctl map delete pinned "$BPFFS/m" "${printed%%$'\t'*}" --key-spec "$k" --value-spec "$v"
	[ "$(bpfctl -j map dump pinned "$BPFFS/m")" = "[]" ]
	run --separate-stderr bpfctl map dump pinned "$BPFFS/m" --key-spec u32
	[ "$status" -eq 3 ]
	run --separate-stderr bpfctl map dump pinned "$BPFFS/m" --key-spec '{ u32'
	[ "$status" -eq 3 ]
}

@test "dumps agree with bpftool, with and without BTF, per CPU" {
	real_kernel "bpftool to compare with"
	o=$(compile links)
	bpftool prog loadall "$o" "$BPFFS/p" pinmaps "$BPFFS/maps"
	for i in 1 2 3; do
		bpftool map update pinned "$BPFFS/maps/counts" key $i 0 0 0 value $i 0 0 0 0 0 0 0
	done
	same "$(bpftool -j map dump pinned "$BPFFS/maps/counts" | jq -Sc 'sort_by(.key)')" \
		"$(bpfctl -j map dump pinned "$BPFFS/maps/counts" | jq -Sc 'sort_by(.key)')"
	for type in percpu_hash percpu_array; do
		new_map "$BPFFS/$type" $type 4 4 2
		bpfctl map update pinned "$BPFFS/$type" 1 4294967295
		same "$(bpftool -j map dump pinned "$BPFFS/$type" | jq -Sc .)" \
			"$(bpfctl -j map dump pinned "$BPFFS/$type" | jq -Sc .)"
	done
	for type in array lru_hash; do
		new_map "$BPFFS/$type" $type 4 3 2
		bpfctl map update pinned "$BPFFS/$type" key 1 value 1 2 3
		same "$(bpftool -j map dump pinned "$BPFFS/$type" | jq -Sc .)" \
			"$(bpfctl -j map dump pinned "$BPFFS/$type" | jq -Sc .)"
	done
}

@test "maps of a value per CPU show as many as the kernel may have CPUs" {
	local type cpus
	for type in percpu_hash percpu_array; do
		new_map "$BPFFS/$type" $type 4 4 2
		bpfctl map update pinned "$BPFFS/$type" 1 4294967295
		cpus=$(bpfctl -j map lookup pinned "$BPFFS/$type" 1 | jq '.values | length')
		[ "$cpus" -ge 1 ]
		bpfctl -j map dump pinned "$BPFFS/$type" |
			jq -e --argjson n "$cpus" 'map(select(.key == ["0x01", "0x00", "0x00", "0x00"])) | .[0].values |
				length == $n and all(.value == ["0xff", "0xff", "0xff", "0xff"])'
	done
}

@test "maps of maps and tables of programs take handles for values" {
	new_map "$BPFFS/in" array 4 4 1
	new_map "$BPFFS/out" array_of_maps 4 4 2 0 "$BPFFS/in"
	id=$(bpfctl -j map show pinned "$BPFFS/in" | jq .id)
	bpfctl map update pinned "$BPFFS/out" key 1 value pinned "$BPFFS/in"
	[ "$(bpfctl -j map lookup pinned "$BPFFS/out" 1 | jq .inner_map_id)" -eq "$id" ]
	bpfctl map update pinned "$BPFFS/out" 0 "$id"
	[ "$(bpfctl --format jsonl map lookup pinned "$BPFFS/out" 0 | jq .value)" -eq "$id" ]
	new_map "$BPFFS/t" prog_array 4 4 2
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/p"
	bpfctl map update pinned "$BPFFS/t" key 0 value prog pinned "$BPFFS/p"
	[ "$(bpfctl --format jsonl map lookup pinned "$BPFFS/t" 0 | jq .value)" -eq "$(bpfctl -j prog show pinned "$BPFFS/p" | jq .id)" ]
}

@test "a full map and a frozen map say so" {
	make_map hash 4 4 2
	bpfctl map update pinned "$BPFFS/m" 1 1
	bpfctl map update pinned "$BPFFS/m" 2 2
	run --separate-stderr bpfctl map update pinned "$BPFFS/m" 3 3
	[ "$status" -eq 1 ]
	[[ $stderr == *"full"* ]]
	freeze_map "$BPFFS/m"
	run --separate-stderr bpfctl map update pinned "$BPFFS/m" 1 9
	[ "$status" -eq 4 ]
	[[ $stderr == *"frozen"* ]]
	bpfctl -j map show pinned "$BPFFS/m" | jq -e '.frozen == 1'
}

@test "a ring buffer cannot be dumped, and says what can be done" {
	make_map ringbuf 0 0 4096
	run --separate-stderr bpfctl map dump pinned "$BPFFS/m"
	[ "$status" -ne 0 ]
	[[ $stderr == *ringbuf* ]]
}

@test "every output format of a list is what it says" {
	make_map array 4 4 3
	id=$(bpfctl -j map show pinned "$BPFFS/m" | jq .id)
	bpfctl map list --format json | jq -e "any(.id == $id)"
	bpfctl map list --format jsonl | jq -es "any(.id == $id)"
	bpfctl map list --format plain | awk -F'\t' -v id="$id" '$1 == id && $2 == "array" && $3 == "m" { found = 1 } END { exit !found }'
	bpfctl map list --format csv | head -n 1 | grep -q '^id,type,name,'
	bpfctl map list | head -n 1 | grep -Eq '^ *ID +TYPE +NAME'
	bpfctl -p map show pinned "$BPFFS/m" | grep -qx '  "name": "m",'
}

@test "-f shows pins, and who holds a map is shown" {
	make_map array 4 4 3
	bpfctl -jf map show pinned "$BPFFS/m" | jq -e --arg p "$BPFFS/m" '.pinned == [$p]'
	bpfctl -j map show pinned "$BPFFS/m" | jq -e '.pinned == null and .pids == null'
	real_kernel "who holds an object"
	start bpfctl run "$ROOT/examples/execsnoop.bpf" --ready-file "$BATS_TEST_TMPDIR/ready" >/dev/null
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	bpfctl -j prog show execsnoop | jq -e --argjson pid "$PID" '.pids == [{pid: $pid, comm: "bpfctl"}]'
	bpfctl prog list | grep execsnoop | grep -qF "bpfctl($PID)"
}
