#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# map: operations on entries and on whole maps, globals by name, and what goes wrong.
load helper

setup() {
	need_kernel
	private_bpffs
	M=$BPFFS/m
}
teardown() {
	clean_up
}

@test "a default for a key that is not there" {
	bpfctl map create hash key u32 value '{ u32 a; u32 b }' max 4 pinned "$M"
	same '{"key":1,"value":{"a":7,"b":0}}' "$(bpfctl map lookup pinned "$M" 1 --default '{a=7}' --format jsonl)"
	bpfctl map update pinned "$M" 1 '{a=1,b=2}'
	same '{"key":1,"value":{"a":1,"b":2}}' "$(bpfctl map lookup pinned "$M" 1 --default '{a=7}' --format jsonl)"
	run --separate-stderr -3 bpfctl map lookup pinned "$M" 2 --default '{c=7}'
	[[ $stderr == *"there is no field 'c'"* ]]
	[ "$(bpfctl map count pinned "$M" --format plain)" -eq 1 ]
}

@test "only if it is still what it was" {
	bpfctl map create hash key u32 value u64 max 4 pinned "$M"
	bpfctl map update pinned "$M" 1 10
	run --separate-stderr -1 bpfctl map update pinned "$M" 1 20 --if-equals 11
	[[ $stderr == *"another value"*"nothing was changed"* ]]
	bpfctl map update pinned "$M" 1 20 --if-equals 10
	run --separate-stderr -6 bpfctl map update pinned "$M" 2 20 --if-equals 0
	run --separate-stderr -2 bpfctl map update pinned "$M" 2 20 noexist --if-equals 0
	same $'1\t20' "$(bpfctl map dump pinned "$M" --format plain)"
}

@test "numbers are added to, within their bounds" {
	bpfctl map create hash key u32 value '{ u8 small; s16 both; f64 real; char text[4] }' max 4 pinned "$M"
	bpfctl map incr pinned "$M" 1 field small by 250 >/dev/null
	bpfctl map incr pinned "$M" 1 field small >/dev/null
	bpfctl map incr pinned "$M" 1 field both by -3 >/dev/null
	same $'1\t{small=251,both=-3,real=1.5,text=""}' "$(bpfctl map incr pinned "$M" 1 field real by 1.5 --format plain)"
	run --separate-stderr -3 bpfctl map incr pinned "$M" 1 field small by 5
	[[ $stderr == *"does not fit"*"0 to 255"* ]]
	run --separate-stderr -3 bpfctl map incr pinned "$M" 1 field small by -252
	run --separate-stderr -3 bpfctl map incr pinned "$M" 1 field text
	run --separate-stderr -3 bpfctl map incr pinned "$M" 1 field smal
	[[ $stderr == *"did you mean 'small'?"* ]]
	run --separate-stderr -3 bpfctl map incr pinned "$M" 1
	same $'1\t{small=251,both=-3,real=1.5,text=""}' "$(bpfctl map dump pinned "$M" --format plain)"
	bpfctl map create percpu_array value u32 max 1 pinned "$BPFFS/p"
	run --separate-stderr -3 bpfctl map incr pinned "$BPFFS/p" 0
	[[ $stderr == *"cpu N"* ]]
	[ "$(bpfctl map incr pinned "$BPFFS/p" 0 cpu 0 by 4 --format jsonl | jq '.values[0]')" -eq 4 ]
}

@test "an entry is taken out of a hash" {
	real_kernel "two commands at a time"
	bpfctl map create hash key u32 value u32 max 4 pinned "$M"
	bpfctl map update pinned "$M" 1 10
	same $'1\t10' "$(bpfctl map pop pinned "$M" 1 --format plain)"
	run --separate-stderr -6 bpfctl map pop pinned "$M" 1
	start bpfctl map pop pinned "$M" 2 --wait --format plain >"$BATS_TEST_TMPDIR/out"
	bpfctl map update pinned "$M" 2 20
	wait "$PID"
	same $'2\t20' "$(cat "$BATS_TEST_TMPDIR/out")"
	run --separate-stderr -6 bpfctl map peek pinned "$M" 2 --timeout 10ms
	run --separate-stderr -3 bpfctl map push pinned "$M" 1
}

@test "values under a spin lock" {
	need clang
	cat >"$BATS_TEST_TMPDIR/l.c" <<-'EOF'
	#include <linux/bpf.h>
	#include <bpf/bpf_helpers.h>
	struct v { struct bpf_spin_lock lock; unsigned int n; };
	struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, unsigned int);
		__type(value, struct v);
		__uint(max_entries, 4);
	} locked SEC(".maps");
	EOF
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$BATS_TEST_TMPDIR/l.c" -o "$BATS_TEST_TMPDIR/l.o"
	bpfctl map create --from "$BATS_TEST_TMPDIR/l.o" locked pinned "$M"
	bpfctl map update pinned "$M" 1 '{n=1}'
	bpfctl map update pinned "$M" 1 '{n=2}' exist lock
	bpfctl map incr pinned "$M" 1 field n lock >/dev/null
	[ "$(bpfctl map lookup pinned "$M" 1 lock --format jsonl | jq .value.n)" -eq 3 ]
	bpfctl map create hash key 4 value 4 max 1 pinned "$BPFFS/plain"
	run --separate-stderr -1 bpfctl map update pinned "$BPFFS/plain" 1 1 lock
}

@test "the next key" {
	real_kernel "the order of bpftool"
	need bpftool
	bpfctl map create array value u32 max 3 pinned "$M"
	for key in "" "key 0 0 0 0" "key 1 0 0 0"; do
		# shellcheck disable=SC2086 # words
		same "$(bpftool -j map getnext pinned "$M" $key)" "$(bpfctl -j map getnext pinned "$M" $key)"
	done
	same $'1\t2' "$(bpfctl map getnext pinned "$M" 1 --format plain)"
	run --separate-stderr -6 bpfctl map getnext pinned "$M" 2
	[[ $stderr == *"last key"* ]]
	bpfctl map create hash key u32 value u32 max 3 pinned "$BPFFS/h"
	run --separate-stderr -6 bpfctl map getnext pinned "$BPFFS/h"
	[[ $stderr == *"is empty"* ]]
}

@test "counting and clearing go by batches" {
	real_kernel "bpftool, for many entries at once"
	need strace
	need bpftool
	n=20000
	bpfctl map create hash key u32 value u64 max $n pinned "$M"
	for ((i = 0; i < n; i++)); do
		echo "map update pinned $M key $((i & 255)) $((i >> 8)) 0 0 value 1 0 0 0 0 0 0 0"
	done | bpftool batch file - >/dev/null
	[ "$(bpfctl map count pinned "$M" --format plain)" -eq $n ]
	calls=$(strace -f -e trace=bpf "$BPFCTL" map count pinned "$M" 2>&1 >/dev/null | grep -c '^bpf(')
	echo "$calls calls to count"
	[ "$calls" -lt $((n / 100)) ]
	calls=$(strace -f -e trace=bpf "$BPFCTL" map clear pinned "$M" 2>&1 >/dev/null | grep -c '^bpf(')
	echo "$calls calls to clear"
	[ "$calls" -lt $((n / 100)) ]
	[ "$(bpfctl map count pinned "$M" --format plain)" -eq 0 ]
}

@test "freezing" {
	bpfctl map create array value u32 max 3 pinned "$M"
	[ "$(bpfctl -j map freeze pinned "$M")" = null ]
	for words in "update pinned $M 0 1" "clear pinned $M" "freeze pinned $M" "incr pinned $M 0"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr bpfctl map $words
		[ "$status" -ne 0 ]
		[[ $stderr == *"is frozen"* ]]
	done
	same $'1\t0' "$(bpfctl map lookup pinned "$M" 1 --format plain)"
}

@test "pins" {
	real_kernel "files in a BPF file system"
	bpfctl map create array value u32 max 3 name pins pinned "$M"
	[ "$(bpfctl -j map pin pinned "$M" "$BPFFS/other")" = null ]
	[ "$(bpfctl -j map show pinned "$M" | jq .id)" = "$(bpfctl -j map show pinned "$BPFFS/other" | jq .id)" ]
	bpfctl map unpin "$BPFFS/other"
	[ ! -e "$BPFFS/other" ]
	run --separate-stderr -6 bpfctl map unpin "$BPFFS/other"
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/p"
	run --separate-stderr bpfctl map unpin "$BPFFS/p"
	[ "$status" -ne 0 ]
	[ -e "$BPFFS/p" ]
	run --separate-stderr bpfctl map pin pinned "$M" "$BPFFS/p"
	[ "$status" -ne 0 ]
}

@test "globals by name, one at a time, while the program is loaded" {
	need clang
	cat >"$BATS_TEST_TMPDIR/g.c" <<-'EOF'
	#include <linux/bpf.h>
	#include <bpf/bpf_helpers.h>
	const volatile unsigned short limit = 443;
	volatile struct { int low, high; } range = { 1, 2 };
	volatile unsigned int list[3] = { 1, 2, 3 };
	volatile char comm[8] = "none";
	volatile unsigned int zero;
	SEC("syscall") int sum(void *ctx) { return range.low + range.high + list[2] + comm[0] + zero + limit; }
	EOF
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$BATS_TEST_TMPDIR/g.c" -o "$BATS_TEST_TMPDIR/g.o"
	bpfctl prog loadall "$BATS_TEST_TMPDIR/g.o" "$BPFFS/p" pinmaps "$BPFFS/maps"
	data=$BPFFS/maps/g_data
	[ "$(bpfctl -j map var list pinned "$data" | jq -c 'map({(.name): .value}) | add')" = \
		'{"range":{"low":1,"high":2},"list":[1,2,3],"comm":"none"}' ]
	bpfctl map var set pinned "$data" range.low 10
	bpfctl map var set pinned "$data" 'list[2]' 0x20
	bpfctl map var set pinned "$data" comm ABC -v 2>"$BATS_TEST_TMPDIR/said"
	grep -q "in place" "$BATS_TEST_TMPDIR/said"
	bpfctl map var set pinned "$BPFFS/maps/g_bss" zero 5
	[ "$(bpfctl -j map var get pinned "$data" 'list[2]' | jq .value)" -eq 32 ]
	[ "$(bpfctl -j prog run pinned "$BPFFS/p/sum" | jq .retval)" -eq $((10 + 2 + 32 + 65 + 5 + 443)) ]
	run --separate-stderr -4 bpfctl map var set pinned "$BPFFS/maps/g_rodata" limit 1
	[[ $stderr == *"is frozen"* ]]
	[ "$(bpfctl -j map var get pinned "$BPFFS/maps/g_rodata" limit | jq .value)" -eq 443 ]
	run --separate-stderr -6 bpfctl map var get pinned "$data" rang
	[[ $stderr == *"did you mean 'range'?"* ]]
	run --separate-stderr -3 bpfctl map var set pinned "$data" 'list[3]' 1
	run --separate-stderr -3 bpfctl map var set pinned "$data" range.low 4294967296
	bpfctl map create array value u32 max 1 pinned "$M"
	run --separate-stderr -3 bpfctl map var list pinned "$M"
	[[ $stderr == *"no global variables"* ]]
}

@test "bad values and keys change nothing and name what was expected" {
	bpfctl map create hash key '{ u16 a; u16 b }' value '{ u8 n; s8 s; be16 p }' max 4 pinned "$M"
	bpfctl map update pinned "$M" '{a=1,b=2}' '{n=1,s=-1,p=80}'
	before=$(bpfctl -j map dump pinned "$M")
	while IFS='|' read -r key value message; do
		echo "$key $value"
		run --separate-stderr -3 bpfctl map update pinned "$M" "$key" "$value"
		echo "$stderr"
		[[ $stderr == *"$message"* ]]
	done <<-EOF
	{a=1,b=2}|{n=256}|n: 256 does not fit; expected u8, 0 to 255
	{a=1,b=2}|{s=-129}|-129 does not fit; expected s8, -128 to 127
	{a=1,b=2}|{p=65536}|expected be16, 0 to 65535
	{a=1,c=2}|{n=1}|there is no field 'c'
	{a=1,b}|{n=1}|'=' is missing behind the field 'b'
	{a=1,b=2}|{n=1,n=2}|the field 'n' is given twice
	{a=1,b=2}|{n=1} x|'x' is too much
	{a=1,b=2}|{n=1|'}' is missing
	5|{n=1}|expected
	{a=1,b=2}|hex:0102|2 bytes were given, 4 are needed
	{a=1,b=2}|@/dev/null|/dev/null has not 4 bytes
	EOF
	run --separate-stderr -3 bpfctl map update pinned "$M" key 1 0 2 value 1 0 0 0
	[[ $stderr == *"3 bytes were given, 4 are needed"* ]]
	run --separate-stderr -3 bpfctl map update pinned "$M" key 1 0 2 0 value 1 0 0 0 0
	run --separate-stderr -3 bpfctl map update pinned "$M" '{a=1,b=2}' 1 --value-spec u64
	[[ $stderr == *"has 8 bytes, the map's value has 4"* ]]
	same "$before" "$(bpfctl -j map dump pinned "$M")"
	# What is not said of a struct is 0.
	bpfctl map update pinned "$M" '{a=1,b=2}' '{p=443}'
	same $'{a=1,b=2}\t{n=0,s=0,p=443}' "$(bpfctl map dump pinned "$M" --format plain)"
}

@test "values from files and as JSON" {
	bpfctl map create hash key u32 value '{ u32 n; u16 list[2] }' max 4 pinned "$M"
	printf '\001\000\000\000\002\000\003\000' >"$BATS_TEST_TMPDIR/v"
	bpfctl map update pinned "$M" 1 @"$BATS_TEST_TMPDIR/v"
	same '{"key":1,"value":{"n":1,"list":[2,3]}}' "$(bpfctl map lookup pinned "$M" 1 --format jsonl)"
	bpfctl map update pinned "$M" 2 '{"n": 7, "list": [8, 9]}'
	bpfctl map update pinned "$M" 3 "$(bpfctl -j map lookup pinned "$M" 2 | jq -c .value)"
	[ "$(bpfctl map dump pinned "$M" --format jsonl | jq -sc 'sort_by(.key) | map(.value.n)')" = '[1,7,7]' ]
	run --separate-stderr bpfctl map update pinned "$M" 1 @"$BATS_TEST_TMPDIR/none"
	[ "$status" -ne 0 ]
}

@test "a map that is gone" {
	bpfctl map create array value u32 max 1 pinned "$M"
	id=$(bpfctl -j map show pinned "$M" | jq .id)
	let_go "$M"
	until ! bpfctl map show id "$id" >/dev/null 2>&1; do :; done
	for words in "lookup id $id 0" "update id $id 0 1" "dump id $id" "count id $id" "clear id $id" "pop id $id" "freeze id $id"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -6 bpfctl map $words
		[[ $stderr == *"$id"* ]]
	done
}
