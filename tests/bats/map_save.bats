#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# map save, restore, diff.
load helper

setup() {
	need_kernel
	private_bpffs
}
teardown() {
	clean_up
}

# make_map NAME TYPE KEY VALUE ENTRIES [FLAGS]: pinned at $BPFFS/NAME
make_map() {
	new_map "$BPFFS/$1" "$2" "$3" "$4" "$5" "${6:-0}"
}
map() {
	bpfctl map "$1" pinned "$BPFFS/$2" "${@:3}"
}
dump() {
	bpfctl -j map dump pinned "$BPFFS/$1" | jq -Sc 'sort_by(.key)'
}
# refused PATTERN COMMAND ...: class input, and $BPFFS/m is as it was
refused() {
	local before pattern=$1
	shift
	before=$(dump m)
	run --separate-stderr "$@"
	echo "$stderr"
	[ "$status" -eq 3 ]
	[[ $stderr == *$pattern* ]]
	same "$before" "$(dump m)"
}

@test "every type that can be read comes back as it was, in both forms" {
	local type flags form f=$BATS_TEST_TMPDIR/f
	for type in hash percpu_hash lru_hash lru_percpu_hash array percpu_array lpm_trie; do
		flags=0 k=4
		[ $type = lpm_trie ] && flags=1 k=8
		make_map $type $type $k 12 5 $flags
		for i in 1 2 3; do
			[ $type = lpm_trie ] && i=10.0.$i.0/24
			map update $type "$i" hex:0a0b0c0d000102030405ff0$((RANDOM % 10))
		done
		before=$(dump $type)
		for form in "" --compact; do
			map save $type "$f" $form
			bpfctl map diff "$f" pinned "$BPFFS/$type"
			case $type in
			*array) for i in 0 1 2 3 4; do map update $type $i hex:000000000000000000000000; done ;;
			lpm_trie) for i in 1 2 3; do map delete $type 10.0.$i.0/24; done ;;
			*) for i in 1 2 3; do map delete $type $i; done ;;
			esac
			[ "$before" != "$(dump $type)" ]
			run bpfctl map diff "$f" pinned "$BPFFS/$type"
			[ "$status" -eq 1 ]
			bpfctl map restore "$f" pinned "$BPFFS/$type"
			same "$before" "$(dump $type)"
			bpfctl map diff pinned "$BPFFS/$type" "$f"
		done
	done
}

@test "queues and stacks are taken, put back, and restored in their order" {
	local f=$BATS_TEST_TMPDIR/f type
	for type in queue stack; do
		make_map $type $type 0 4 5
		for i in 1 2 3; do bpfctl map push pinned "$BPFFS/$type" $i; done
		run --separate-stderr map save $type "$f"
		[ "$status" -eq 3 ]
		[[ $stderr == *--take* ]]
		[ ! -e "$f" ]
		map save $type "$f" --take
		map save $type "$f.c" --take --compact
		bpfctl map diff "$f" "$f.c" || return 1
		pops=$(for _ in 1 2 3; do bpfctl -j map pop pinned "$BPFFS/$type" | jq -c .value; done)
		for g in "$f" "$f.c"; do
			bpfctl map restore "$g" pinned "$BPFFS/$type"
			same "$pops" "$(for _ in 1 2 3; do bpfctl -j map pop pinned "$BPFFS/$type" | jq -c .value; done)"
		done
		run bpfctl -j map pop pinned "$BPFFS/$type"
		[ "$status" -ne 0 ]
		rm "$f"
	done
	make_map bloom bloom_filter 0 4 5
	run --separate-stderr map save bloom "$f" --take
	[ "$status" -eq 3 ]
}

@test "programs, maps and devices in tables are found again by their ids" {
	real_kernel "bpftool"
	local f=$BATS_TEST_TMPDIR/f
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/p"
	make_map tails prog_array 4 4 3
	map update tails key 1 value prog pinned "$BPFFS/p"
	make_map inner array 4 4 1
	bpftool map create "$BPFFS/outer" type hash_of_maps key 4 value 4 entries 2 name outer inner_map pinned "$BPFFS/inner"
	map update outer key 7 value pinned "$BPFFS/inner"
	make_map dev devmap_hash 4 8 4
	map update dev key 3 value lo
	for m in tails outer dev; do
		before=$(dump $m)
		map save $m "$f"
		bpfctl map delete pinned "$BPFFS/$m" "$(jq -r 'select(.key).key' "$f")"
		[ "$before" != "$(dump $m)" ]
		bpfctl map restore "$f" pinned "$BPFFS/$m"
		same "$before" "$(dump $m)"
	done
	# a program that is gone is noticed before anything is written
	make_map m prog_array 4 4 3
	rm "$BPFFS/p"
	map save tails "$f"
	bpftool map delete pinned "$BPFFS/tails" key 1 0 0 0
	while bpfctl prog show id "$(jq 'select(.value).value' "$f")" >/dev/null 2>&1; do :; done
	run --separate-stderr bpfctl map restore "$f" pinned "$BPFFS/m"
	[ "$status" -eq 6 ]
	[[ $stderr == *"entry 1"* ]]
}

@test "sockets are found again by their cookies" {
	real_kernel "sockets that outlive a command"
	need python3
	local f=$BATS_TEST_TMPDIR/f
	start python3 -c '
import socket, sys, time
a = socket.create_server(("127.0.0.1", 0))
b = socket.create_connection(a.getsockname())
c, _ = a.accept()
print(b.fileno(), file=open(sys.argv[1] + ".t", "w"), flush=True)
import os; os.rename(sys.argv[1] + ".t", sys.argv[1])
time.sleep(600)' "$f.fd"
	await "$f.fd" "$PID"
	make_map socks sockhash 4 8 4
	map update socks key 5 value "$PID/$(cat "$f.fd")"
	before=$(dump socks)
	[ "$before" != "[]" ]
	map save socks "$f"
	map delete socks 5
	bpfctl map restore "$f" pinned "$BPFFS/socks"
	same "$before" "$(dump socks)"
}

@test "what types do not tell is saved as bytes" {
	local f=$BATS_TEST_TMPDIR/f
	make_map m hash 8 8 4
	map update m hex:0102030405060708 hex:ff00ff00ff00ff00
	bpfctl map save pinned "$BPFFS/m" "$f" --key-spec '{ u8 a; u32 b }' --value-spec '{ u32 x; u16 y }'
	grep -qF '"key_hex":"0102030405060708"' "$f"
	before=$(dump m)
	map delete m hex:0102030405060708
	bpfctl map restore "$f" pinned "$BPFFS/m"
	same "$before" "$(dump m)"
}

@test "a file that is cut off or wrong is refused with its line, and nothing is written" {
	local f=$BATS_TEST_TMPDIR/f good=$BATS_TEST_TMPDIR/good
	make_map m hash 4 8 10
	for i in 1 2 3 4; do map update m $i $((i * 10)); done
	map save m "$good"
	map update m 1 99
	cp "$good" "$f"
	head -n -1 "$good" > "$f"
	refused "$f:5: cut off" bpfctl map restore "$f" pinned "$BPFFS/m"
	head -c -30 "$good" > "$f"
	refused "$f:5: " bpfctl map restore "$f" pinned "$BPFFS/m"
	sed '3d' "$good" > "$f"
	refused "$f:5: there are 3 entries" bpfctl map restore "$f" pinned "$BPFFS/m"
	(cat "$good"; echo '{"key":9,"value":9}') > "$f"
	refused "$f:7: there is more" bpfctl map restore "$f" pinned "$BPFFS/m"
	while IFS='|' read -r line pattern; do
		(sed -n 1,2p "$good"; printf '%s\n' "$line"; sed -n 3,9p "$good") > "$f"
		refused "$f:3: $pattern" bpfctl map restore "$f" pinned "$BPFFS/m"
	done <<-'EOT'
	{"key":4294967296,"value":1}|key: 
	{"key":5,"value":18446744073709551616}|
	{"key":5,"value":-1,"x":2}|'x' is no part
	{"key":5}|there is no value
	{"value":5}|there is no key
	{"key":5,"value":"abc"}|value: 
	{"key":"5x","value":1}|key: 
	{"key":[1,2],"value":1}|key: 
	{"key":5,"value":1|
	[1]|expected an entry
	{"key_hex":"0a0b","value":1}|expected 4 bytes
	{"key_hex":"0a0b0c0x","value":1}|expected 4 bytes
	nonsense|
	EOT
	# the other form
	bpfctl map save pinned "$BPFFS/m" "$good" --compact
	for n in 0 5 20 60 100 $(($(stat -c %s "$good") - 1)); do
		head -c "$n" "$good" > "$f"
		[ "$n" -eq 0 ] || refused "$f" bpfctl map restore "$f" pinned "$BPFFS/m"
	done
	for at in 9 20 62 80; do
		cp "$good" "$f"
		printf '\xee' | dd of="$f" bs=1 seek=$at conv=notrunc status=none
		refused "$f" bpfctl map restore "$f" pinned "$BPFFS/m"
	done
	run --separate-stderr bpfctl map restore "$f.none" pinned "$BPFFS/m"
	[ "$status" -eq 6 ]
}

@test "sizes and CPUs have to fit" {
	local f=$BATS_TEST_TMPDIR/f form
	make_map m hash 4 4 10
	make_map big hash 8 4 10
	make_map wide hash 4 8 10
	make_map cpus percpu_hash 4 4 10
	map update cpus 1 5
	for form in "" --compact; do
		for other in big wide cpus; do
			map save $other "$f" $form
			refused "$f" bpfctl map restore "$f" pinned "$BPFFS/m"
		done
	done
	map save cpus "$f"
	sed -i 's/"values":\[/"values":[1,/' "$f"
	run --separate-stderr bpfctl map restore "$f" pinned "$BPFFS/cpus"
	[ "$status" -eq 3 ]
	[[ $stderr == *"$f:2: "*CPUs* ]]
	run --separate-stderr bpfctl map diff pinned "$BPFFS/big" pinned "$BPFFS/wide"
	[ "$status" -eq 3 ]
}

@test "a full map: how many were written is said, and --atomic takes them back" {
	local f=$BATS_TEST_TMPDIR/f
	make_map m hash 4 4 4
	map update m 100 1
	map update m 200 2
	for i in 1 2 3; do echo "{\"key\":$i,\"value\":$i}"; done > "$f"
	before=$(dump m)
	run --separate-stderr bpfctl map restore "$f" pinned "$BPFFS/m" --atomic
	[ "$status" -eq 1 ]
	[[ $stderr == *"nothing was changed"*"is full"* ]]
	same "$before" "$(dump m)"
	run --separate-stderr bpfctl map restore "$f" pinned "$BPFFS/m"
	[ "$status" -eq 1 ]
	[[ $stderr == *"2 of 3 entries were written"*"is full"* ]]
	map delete m 1
	map delete m 2
	bpfctl map restore "$f" pinned "$BPFFS/m" --clear --atomic
	same '[1,2,3]' "$(bpfctl map dump pinned "$BPFFS/m" --format jsonl | jq -cs 'map(.key) | sort')"
	for i in 4 5; do echo "{\"key\":$i,\"value\":$i}"; done >> "$f"
	before=$(dump m)
	run --separate-stderr bpfctl map restore "$f" pinned "$BPFFS/m"
	[ "$status" -eq 1 ]
	[[ $stderr == *"takes 4 entries, there are 5"* ]]
	same "$before" "$(dump m)"
	freeze_map "$BPFFS/m"
	run --separate-stderr bpfctl map restore <(head -n 2 "$f") pinned "$BPFFS/m" --atomic
	[ "$status" -eq 4 ]
	[[ $stderr == *frozen* ]]
}

@test "what goes to a pipe comes from a pipe, and a file appears whole or not at all" {
	real_kernel "two commands at a time"
	make_map m hash 4 4 100
	make_map n hash 4 4 100
	map update m 1 2
	map save m | bpfctl map restore - pinned "$BPFFS/n"
	map save m --compact | bpfctl map restore - pinned "$BPFFS/n"
	same "$(dump m)" "$(dump n)"
	bpfctl map dump pinned "$BPFFS/m" --format jsonl | bpfctl -v map restore - pinned "$BPFFS/n" 2>&1 |
		grep -q '1 entries were written to map .* in batches'
	mkdir "$BATS_TEST_TMPDIR/d"
	run map save m "$BATS_TEST_TMPDIR/d"
	[ "$status" -eq 3 ]
	run map save m "$BATS_TEST_TMPDIR/none/f"
	[ "$status" -eq 6 ]
	run map save m /dev/full
	[ "$status" -eq 1 ]
	[ -z "$(ls "$BATS_TEST_TMPDIR/d")" ]
	bpfctl -v map save pinned "$BPFFS/m" /dev/null 2>&1 | grep -q 'in batches'
}

@test "diff of two maps, two files, a map and a file" {
	local f=$BATS_TEST_TMPDIR/f
	make_map m hash 4 8 100
	make_map n hash 4 8 100
	for i in 1 2 3; do map update m $i $i; map update n $i $i; done
	map save m "$f"
	bpfctl map diff pinned "$BPFFS/m" pinned "$BPFFS/n"
	map update n 2 20
	map delete n 1
	map update n 10 10
	want='[{"change":"removed","key":1,"old":1},{"change":"changed","key":2,"old":2,"new":20},{"change":"added","key":10,"new":10}]'
	map save n "$f.n"
	map save n "$f.c" --compact
	for a in "pinned $BPFFS/m" "$f" "file $f"; do
		for b in "pinned $BPFFS/n" "$f.n" "$f.c"; do
			# shellcheck disable=SC2086 # words
			run bpfctl -j map diff $a $b
			[ "$status" -eq 1 ]
			same "$want" "$output"
		done
	done
	same added$'\t'10$'\t\t'10 "$(bpfctl map diff "$f" "$f.n" --format plain --where 'change == added')"
	run bpfctl map diff "$f" nosuchmap
	[ "$status" -eq 6 ]
}
