#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Looking at maps: --where, --sort, --columns, --limit, --agg, --per-cpu, --hist, openmetrics, watch.
load helper

setup() {
	need_kernel
	private_bpffs
}
teardown() {
	clean_up
}

make_map() {
	new_map "$BPFFS/${5:-m}" "$1" "$2" "$3" "$4"
	[ "${5:-m}" = m ] || bpfctl map pin pinned "$BPFFS/$5" "$BPFFS/m"
}
map() {
	bpfctl map "$1" pinned "$BPFFS/m" "${@:2}"
}
flows() {
	make_map hash 8 16 10 flows
	K=(--key-spec '{ ip4 addr; be16 port; u16 pad }' --value-spec '{ u64 bytes; u32 count; char dev[4] }')
	map update '{addr=10.0.0.9,port=80}' '{bytes=100,count=1,dev="eth0"}' "${K[@]}"
	map update '{addr=10.0.0.10,port=443}' '{bytes=5000,count=7,dev="eth1"}' "${K[@]}"
	map update '{addr=192.168.1.1,port=22}' '{bytes=70,count=2,dev="eth0"}' "${K[@]}"
}

@test "--where, --sort, --columns and --limit name fields of entries" {
	flows
	same $'443\t7' "$(map dump "${K[@]}" --where 'value.bytes > 1000' --columns key.port,value.count --format plain)"
	same $'10.0.0.9\n10.0.0.10\n192.168.1.1' "$(map dump "${K[@]}" --sort key.addr --columns key.addr --format plain)"
	same $'5000\n100' "$(map dump "${K[@]}" --sort -value.bytes --limit 2 --columns value.bytes --format plain)"
	same '22' "$(map dump "${K[@]}" --where 'not (key.addr ~ 10.*) and value.dev == eth0' --columns key.port --format csv | tail -n 1 | tr -d '\r')"
	same '{"key.addr":"10.0.0.10"}' "$(map dump "${K[@]}" --where 'key.port == 443' --columns key.addr --format jsonl)"
	# -j shows bytes, and conditions still mean the types
	map dump "${K[@]}" -j --where 'key.port == 443' | jq -e 'length == 1 and .[0].key[0] == "0x0a"'
	same '[]' "$(map dump "${K[@]}" -j --where 'key.port == 1')"
}

@test "wrong fields and conditions are usage errors" {
	flows
	for args in "--where key.prt==1" "--sort nosuch" "--columns key,value.x" "--where key.port>" \
		"--columns ," "--hist log2" "--hist log2 --of value.dev" "--hist log2 --of value.count --weight value.dev" \
		"--hist cubic" "--agg sum --per-cpu"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr map dump "${K[@]}" $args
		echo "$args: $status $stderr"
		[ "$status" -eq 2 ]
		[ -n "$stderr" ]
	done
	run --separate-stderr map dump "${K[@]}" --agg sum
	[ "$status" -eq 3 ]
	[[ $stderr == *"per-CPU"* ]]
	run --separate-stderr bpfctl map list --where 'nme == x'
	[ "$status" -eq 2 ]
	[[ $stderr == *"did you mean 'name'?"* ]]
	run bpfctl -j map list --where 'nme == x'
	jq -e '.class == "usage"' <<<"$output"
}

@test "lists of all objects can be chosen from, sorted and cut" {
	make_map hash 4 8 10 chosen
	same hash "$(bpfctl map list --where 'name == chosen and max_entries >= 10' --columns type --format plain)"
	bpfctl map list --sort -id --limit 1 --columns id --format plain | grep -Eq '^[0-9]+$'
	bpfctl prog list -j --limit 0 >/dev/null
	same "$(bpfctl -j map list | jq -c 'map(.id) | sort | reverse')" \
		"$(bpfctl -j map list --sort -id | jq -c 'map(.id)')"
	run bpfctl ringbuf read nosuch --sort x
	[ "$status" -ne 0 ]
}

@test "per-CPU values: a list, a column each, or one of all" {
	[ -z "${MOCK:-}" ] || in_state '.cpus = 2'
	make_map percpu_hash 4 8 10
	n=$(cut -d- -f2 /sys/devices/system/cpu/possible); n=$((n + 1))
	[ -z "${MOCK:-}" ] || n=2
	values=$(seq -s, 1 $n)
	map update 7 "[$values]"
	same "$((n * (n + 1) / 2))" "$(map dump --agg sum --columns value --format plain)"
	same 1 "$(map dump --agg min --columns value --format plain)"
	same "$n" "$(map dump --agg max --columns value --format plain)"
	map dump --agg avg --format jsonl | jq -e --argjson n "$n" '.value == ($n + 1) / 2'
	same "7,$values" "$(map dump --per-cpu --format csv | tail -n 1 | tr -d '\r')"
	same 1 "$(map dump --per-cpu --where "cpu0 == 1" --columns cpu0 --format plain)"
}

@test "histograms: log2, linear, of a field, weighted, of chosen entries" {
	make_map hash 4 8 100
	for i in 1 2 3 4 5 6 7 8; do map update $i $i; done
	same '[[1,1,1],[2,3,2],[4,7,4],[8,15,1]]' "$(map dump --hist log2 -j | jq -c 'map([.from,.to,.count])')"
	same '[[1,4,4],[5,8,4]]' "$(map dump --hist linear --buckets 2 -j | jq -c 'map([.from,.to,.count])')"
	same '[[4,7,2]]' "$(map dump --hist log2 --where 'key > 5 && key < 8' -j | jq -c 'map([.from,.to,.count])')"
	same '[[1,8,36]]' "$(map dump --hist linear --buckets 1 --of key --weight value -j | jq -c 'map([.from,.to,.count])')"
	map dump --hist log2 | grep -Eqx ' +4 +7 +4  #{40}'
	map dump --hist log2 | grep -Eqx ' +2 +3 +2  #{20}'
	same '[]' "$(map dump --hist log2 --where 'key > 500' -j)"
}

@test "sum, least, greatest and average; whether any or all entries are so" {
	make_map hash 4 8 100
	same '{"entries":0,"sum":0,"min":null,"max":null,"avg":null}' "$(map sum --format jsonl)"
	for i in 1 2 3 6; do map update $i $((i * 10)); done
	same '{"entries":4,"sum":120,"min":10,"max":60,"avg":30}' "$(map sum --format jsonl)"
	same '{"entries":2,"sum":9,"min":3,"max":6,"avg":4.5}' "$(map sum --of key --where 'value >= 30' --format jsonl)"
	same '{"entries":1}' "$(map sum --any --where 'value == 60' --format jsonl)"
	run map sum --any --where 'value == 61'
	[ "$status" -eq 1 ]
	map sum --all --where 'value <= 60'
	run map sum --all --where 'value < 60'
	[ "$status" -eq 1 ]
	for args in "--any" "--of nosuch" "--all --any --where key"; do
		# shellcheck disable=SC2086 # words
		run map sum $args
		[ "$status" -eq 2 ]
	done
}

# Names, labels and numbers as the exposition format has them; every family once.
check_metrics() {
	awk '
		/^# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* gauge$/ { if ($3 in seen) bad = 1; seen[$3] = 1; now = $3; next }
		/^# EOF$/ { eof = NR; next }
		/^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*",?)*\})? -?[0-9.]+(e[+-]?[0-9]+)?$/ {
			sub(/[{ ].*/, ""); if ($0 != now) bad = 1; next }
		{ print "wrong: " $0; bad = 1 }
		END { exit bad || eof != NR }'
}

@test "openmetrics: labels from key fields, numbers as samples" {
	flows
	map dump "${K[@]}" --format openmetrics | check_metrics
	map dump "${K[@]}" --format openmetrics | grep -qxF 'bpf_map_flows_bytes{addr="10.0.0.10",port="443",pad="0",dev="eth1"} 5000'
	bpfctl map list --format openmetrics | check_metrics
	bpfctl prog list --format openmetrics | check_metrics
	let_go "$BPFFS/m"
	make_map percpu_array 4 8 2 counts
	map dump --format openmetrics | check_metrics
	map dump --format openmetrics | grep -qx 'bpf_map_counts{key="1",cpu="0"} 0'
	map dump --format openmetrics --agg sum | grep -qx 'bpf_map_counts{key="1"} 0'
	same '# EOF' "$(map dump --format openmetrics --where 'key > 5')"
}

@test "watch prints what is new, gone or changed, with rates" {
	real_kernel "two commands at a time"
	make_map hash 4 8 10
	map update 1 10
	map update 3 30
	start bpfctl map watch pinned "$BPFFS/m" --interval 100ms --count 3 --format jsonl \
		--ready-file "$BATS_TEST_TMPDIR/ready" > "$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	map delete 3
	map update 1 25
	map update 2 5
	wait "$PID"
	jq -es 'sort_by(.key) | map([.change, .key, .value, .delta]) ==
		[["changed",1,25,15],["new",2,5,5],["gone",3,30,null]]' "$BATS_TEST_TMPDIR/out"
	jq -es 'map(select(.rate)) | all(.rate > 0 and .rate <= .delta * 10)' "$BATS_TEST_TMPDIR/out"
	run map watch --interval 10ms --for 50ms --where 'change == new' --format jsonl
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run map watch --limit 1 --interval 10ms --for 10s -- sh -c "'$BPFCTL' map update pinned $BPFFS/m 1 26; exec tail -f /dev/null"
	[[ $output == *changed* ]]
}

@test "watch --await: a key that comes, changes or goes" {
	real_kernel "two commands at a time"
	make_map hash 4 8 10
	run --separate-stderr map watch 7 --await exists --for 50ms
	[ "$status" -eq 1 ]
	[[ $stderr == *"within the time"* ]]
	start bpfctl map watch pinned "$BPFFS/m" 7 --await exists --format jsonl --ready-file "$BATS_TEST_TMPDIR/ready" > "$BATS_TEST_TMPDIR/out"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	map update 7 70
	wait "$PID"
	same '{"key":7,"value":70}' "$(cat "$BATS_TEST_TMPDIR/out")"
	map watch key 7 --await changes --from 71
	run map watch 7 --await changes --from 70 --for 50ms
	[ "$status" -eq 1 ]
	rm "$BATS_TEST_TMPDIR/ready"
	start bpfctl map watch pinned "$BPFFS/m" --await changes --ready-file "$BATS_TEST_TMPDIR/ready"
	await "$BATS_TEST_TMPDIR/ready" "$PID"
	map update 8 1
	wait "$PID"
	map watch 9 --await gone
	run map watch 7 --await gone --for 20ms
	[ "$status" -eq 1 ]
	for args in "--await exists" "7 --from 1" "--await changes --from 1" "--await never"; do
		# shellcheck disable=SC2086 # words
		run map watch $args
		[ "$status" -eq 2 ]
	done
	let_go "$BPFFS/m"
	make_map queue 0 4 4
	run map watch
	[ "$status" -eq 3 ]
}

@test "events of a running program are chosen from too" {
	real_kernel "events"
	same '"true"' "$(bpfctl run "$ROOT/examples/execsnoop.bpf" --format jsonl --where 'filename ~ */true' --limit 1 \
		-- sh -c '/bin/ls / >/dev/null; /bin/true; /bin/true' | jq -c .comm)"
	run --separate-stderr bpfctl run "$ROOT/examples/execsnoop.bpf" --columns pid,nosuch -- sh -c /bin/true
	[ "$status" -eq 2 ]
	[[ $stderr == *"no row has a field 'nosuch'"* ]]
	run --separate-stderr bpfctl run "$ROOT/examples/execsnoop.bpf" --sort pid -- sh -c /bin/true
	[ "$status" -eq 2 ]
}

@test "-v says how a map was read" {
	make_map hash 4 8 10
	run --separate-stderr bpfctl -v map dump pinned "$BPFFS/m"
	[[ $stderr == *"was read in batches"* ]]
	let_go "$BPFFS/m"
	make_map prog_array 4 4 10
	run --separate-stderr bpfctl -v map dump pinned "$BPFFS/m"
	[[ $stderr == *"was read by index"* ]]
}
