#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# For the same kernel objects bpfctl agrees with bpftool on every key that bpftool prints.
load helper

setup() {
	real_kernel "bpftool to compare with"
	need bpftool
	private_bpffs
}
teardown() {
	clean_up
}

# agrees KIND NAME: every object of that name, key by key.  What moves between two calls
# (statistics) is left out; objects are asked for one by one, since the lists of old bpftools carry
# fields over from one to the next.
agrees() {
	local theirs ours id
	for id in $(bpftool -j "$1" show | jq --arg n "$2" '.[] | select(.name == $n or .prog_id == ($n | tonumber?)) | .id'); do
		theirs=$(bpftool -jf "$1" show id "$id")
		ours=$(bpfctl -jf "$1" list)
		jq -n -e --argjson theirs "$theirs" --argjson ours "$ours" '
			$theirs as $t | ($ours[] | select(.id == $t.id)) as $o | [$t | to_entries[] |
			 select(.key | IN("pids", "run_time_ns", "run_cnt") | not) |
			 # bpftool 7.1 names a pin once per mount it sees it through
			 if .key == "pinned" then .value |= unique else . end |
			 select($o[.key] != .value) | {key, theirs: .value, ours: $o[.key]}] |
			if . == [] then true else debug | false end' || return 1
	done
	[ -n "$id" ]
}

@test "maps of every kind bpftool can create" {
	local type key value entries flags i=0
	while read -r type key value entries flags; do
		i=$((i + 1))
		# shellcheck disable=SC2086
		bpftool map create "$BPFFS/m$i" type "$type" key "$key" value "$value" entries "$entries" \
			name "parity_$i" flags "$flags"
		echo "$type"
		agrees map "parity_$i"
	done <<-EOF
	hash 4 8 10 0
	hash 12 32 8 1
	array 4 8 3 0
	percpu_hash 4 8 10 0
	percpu_array 4 4 2 0
	lru_hash 4 8 10 0
	lru_percpu_hash 4 8 10 2
	lpm_trie 8 4 10 1
	prog_array 4 4 4 0
	perf_event_array 4 4 2 0
	stack_trace 4 64 8 0
	cgroup_array 4 4 2 0
	queue 0 8 4 0
	stack 0 8 4 0
	ringbuf 0 0 4096 0
	devmap 4 4 4 0
	devmap_hash 4 4 4 0
	cpumap 4 4 2 0
	xskmap 4 4 4 0
	sockmap 4 4 4 0
	sockhash 4 4 4 0
	EOF
	[ "$i" -eq 21 ]
}

@test "a frozen map and a map of maps" {
	bpftool map create "$BPFFS/in" type array key 4 value 4 entries 1 name parity_in
	bpftool map create "$BPFFS/out" type array_of_maps key 4 value 4 entries 2 name parity_out inner_map pinned "$BPFFS/in"
	bpftool map freeze pinned "$BPFFS/in"
	agrees map parity_in
	agrees map parity_out
	[ "$(bpfctl -j map show parity_in | jq .frozen)" = 1 ]
}

@test "programs with maps, BTF, pins and metadata" {
	o=$(compile links)
	bpftool prog loadall "$o" "$BPFFS/p" pinmaps "$BPFFS/m"
	agrees prog a_tracepoint
	agrees prog a_raw_tracepoint
	agrees prog a_btf_tracepoint
	agrees map counts
	[ "$(bpfctl -j prog show a_tracepoint | jq -c .metadata)" = "$(bpftool -j prog show name a_tracepoint | jq -c .metadata)" ]
}

@test "links of tracepoints, raw tracepoints, BTF tracepoints and iterators" {
	o=$(compile links)
	bpfctl run "$o" --pin "$BPFFS/p"
	bpftool iter pin "$(compile iter)" "$BPFFS/iter"
	for name in a_tracepoint a_raw_tracepoint a_btf_tracepoint an_iterator; do
		echo "$name"
		agrees link "$(bpftool -j prog show name "$name" | jq .id)"
	done
}

@test "show prints the same object as list" {
	bpftool map create "$BPFFS/m" type hash key 4 value 8 entries 10 name parity_show
	same "$(bpfctl -j map list | jq -c '.[] | select(.name == "parity_show")')" \
		"$(bpfctl -j map show parity_show | jq -c .)"
	same "$(bpfctl -j map show pinned "$BPFFS/m")" "$(bpfctl -j map show name parity_show)"
}

@test "a test run gives what bpftool gives" {
	o=$(compile port_filter)
	bpftool prog load "$o" "$BPFFS/f"
	printf '\001\002\003\004\005\006\007\010\011\012\013\014\010\000' >"$BATS_TEST_TMPDIR/in"
	theirs=$(bpftool -j prog run pinned "$BPFFS/f" data_in "$BATS_TEST_TMPDIR/in" data_out - | jq -cS 'del(.duration)')
	ours=$(bpfctl -j prog run pinned "$BPFFS/f" data_in "$BATS_TEST_TMPDIR/in" data_out - | jq -cS 'del(.duration)')
	same "$theirs" "$ours"
}
