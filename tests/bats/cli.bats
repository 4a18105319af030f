#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The contract of every command: help, wrong options, completion, schema.
load helper

teardown() {
	clean_up
}

# Every command that is not hidden, a line each: "map list".
commands() {
	local group
	bpfctl __complete -- '' | cut -f1 | while read -r group; do
		if bpfctl "$group" --help | grep -q 'COMMAND \.\.\.$'; then
			bpfctl __complete -- "$group" '' | cut -f1 | grep -v '^@' | sed "s/^/$group /"
		else
			echo "$group"
		fi
	done
}

@test "bpfctl alone prints its commands and exits 0" {
	run --separate-stderr bpfctl
	[ "$status" -eq 0 ]
	[[ $output == Usage:* ]]
	[ -z "$stderr" ]
}

@test "every command prints help on standard output and exits 0" {
	commands | while read -r c; do
		echo "bpfctl $c --help"
		# shellcheck disable=SC2086
		run --separate-stderr bpfctl $c --help
		[ "$status" -eq 0 ]
		[[ $output == "Usage: bpfctl $c"* ]]
		[ -z "$stderr" ]
		# shellcheck disable=SC2086
		[ "$(bpfctl $c -h)" = "$output" ]
	done
}

@test "every command refuses an unknown option with status 2, on standard error" {
	commands | while read -r c; do
		echo "bpfctl $c --no-such-option"
		# shellcheck disable=SC2086
		run --separate-stderr bpfctl $c --no-such-option
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == "bpfctl $c: unknown option '--no-such-option'"* ]]
	done
}

@test "every command has a schema of valid JSON" {
	commands | while read -r c; do
		echo "bpfctl __schema $c"
		# shellcheck disable=SC2086
		bpfctl -j __schema $c | jq -e '.title and .type' >/dev/null
	done
}

@test "completion offers each option of each command" {
	commands | while read -r c; do
		# shellcheck disable=SC2086
		for o in $(bpfctl $c --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
			echo "$c $o"
			# shellcheck disable=SC2086
			bpfctl __complete -- $c -- | cut -f1 | grep -qx -- "$o"
		done
	done
}

# offers WORDS... : the candidates for the last of them, one a line
offers() {
	bpfctl __complete -- "$@" | cut -f1
}

@test "completion offers the handle words a kind of object has" {
	same "id
name
pinned" "$(offers map show '' | head -3)"
	same "id
pinned" "$(offers link show '' | head -2)"
	same "id
name
tag
pinned
file" "$(offers prog show '' | head -5)"
}

@test "completion offers what is there: ids, names, tags, pins, devices, namespaces" {
	need_kernel
	private_bpffs
	[ -n "${MOCK:-}" ] || private_netns
	bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BPFFS/filter" pinmaps "$BPFFS/maps"
	id=$(bpfctl -j prog show pinned "$BPFFS/filter" | jq .id)
	tag=$(bpfctl -j prog show pinned "$BPFFS/filter" | jq -r .tag)
	offers prog show id '' | grep -qx "$id"
	offers prog show '' | grep -qx "$id"
	offers prog show name '' | grep -qx port_filter
	offers prog show tag '' | grep -qx "$tag"
	offers prog show pinned '' | grep -qx "$BPFFS/filter"
	offers map dump name '' | grep -qx drops
	offers map dump pinned '' | grep -qx "$BPFFS/maps/drops"
	run ! grep -qx "$BPFFS/filter" <(offers map dump pinned '')
	offers xdp attach '' | grep -qx lo
	[ -n "${MOCK:-}" ] || offers xdp list --netns '' | grep -qx "$NETNS"
}

@test "completion says nothing where nothing may be read" {
	real_kernel "what it forbids"
	same "" "$(as_nobody "$BPFCTL" __complete -- map show id '' 2>&1)"
}

@test "an unknown command suggests the nearest" {
	run --separate-stderr bpfctl vresion
	[ "$status" -eq 2 ]
	same "bpfctl: unknown command 'vresion'
  hint: did you mean 'version'?" "$stderr"
}

@test "a unique prefix of a command is enough" {
	[ "$(bpfctl ver)" = "$(bpfctl version)" ]
}

@test "with -j an error is one JSON object on standard output" {
	run --separate-stderr bpfctl -j nonsense
	[ "$status" -eq 2 ]
	[ "$(jq -r .class <<<"$output")" = usage ]
	[ -z "$stderr" ]
	run --separate-stderr bpfctl nonsense -j
	[ "$(jq -r .error <<<"$output")" = "unknown command 'nonsense'" ]
	run --separate-stderr bpfctl version --format jsonl --zz
	[ "$(jq -r .class <<<"$output")" = usage ]
}

@test "a quote and a control character in an error stay valid JSON" {
	run --separate-stderr bpfctl -j $'a"b\x01\xff'
	[ "$status" -eq 2 ]
	jq -e . <<<"$output"
}

@test "control characters of an error do not reach the terminal" {
	run --separate-stderr bpfctl $'a\x1b[31m'
	[[ $stderr != *$'\x1b'* ]]
}

@test "version says bpfctl, libbpf and features in bpftool's shape" {
	run bpfctl version
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^bpfctl\ v[0-9] ]]
	[[ ${lines[1]} =~ ^using\ libbpf\ v1\. ]]
	bpfctl -j version | jq -e '.version and .libbpf_version and (.features | type == "object")'
	same "$(bpfctl version)" "$(bpfctl -V)"
}

@test "a full disk is an error, not a silent loss" {
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr bash -c '"$BPFCTL" version >/dev/full'
	[ "$status" -eq 1 ]
	[[ $stderr == *"No space left on device"* ]]
}

@test "a closed pipe ends quietly" {
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr bash -c '"$BPFCTL" version | true; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}
