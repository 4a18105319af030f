#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The programs of examples/: each assembles, loads, passes its tests, and gives the same in the
# kernel and in the mock, where the kernel can run it.
load helper

teardown() {
	clean_up
}

# What the running kernel refuses to load although the verifier has nothing against it, and the
# words of the refusal: REFUSED[name].
declare -gA REFUSED=(
	[lirc_mode2_count]='is built without lirc_mode2'
	[fentry_tcp_connect]='Operation not permitted'
	[lsm_file_open]='Operation not permitted'
)

names() {
	local f
	for f in "$ROOT"/examples/*.bpf; do
		basename "$f" .bpf
	done
}

@test "every example says in its first line what it shows, and how to try it" {
	local f
	for f in "$ROOT"/examples/*.bpf; do
		echo "$f"
		head -1 "$f" | grep -q "^; $(basename "$f" .bpf): .*[.]\$"
		sed '/^[^;]/,$d' "$f" | grep -q '^;   '
		grep -q '^test "' "$f"
	done
}

@test "example list has them all, with their types" {
	same "$(names)" "$(bpfctl -j example list | jq -r '.[].name')"
	bpfctl -j example list | jq -e 'all((.shows | length) > 10 and (.type | length) > 0)'
	bpfctl -j example list | jq -e '.[] | select(.name == "port_filter") |
		.type == "xdp" and .shows == "drop TCP segments to one port, count them, report each."'
	bpfctl -j example list --type tracepoint | jq -e 'map(.name) | index("execsnoop") != null and index("port_filter") == null'
	run --separate-stderr bpfctl example list --type nosuch
	[ "$status" -eq 2 ]
}

@test "example show prints the source as it is" {
	local n
	for n in $(names); do
		bpfctl example show "$n" | cmp - "$ROOT/examples/$n.bpf"
	done
	[ "$(bpfctl -j example show xdp_pass_all | jq -r '.[0].line')" = \
		"$(head -1 "$ROOT/examples/xdp_pass_all.bpf")" ]
	run --separate-stderr bpfctl example show port_filtr
	[ "$status" -eq 6 ]
	[[ $stderr == *"did you mean 'port_filter'?"* ]]
}

@test "every example assembles without a warning" {
	local f
	for f in "$ROOT"/examples/*.bpf; do
		run --separate-stderr bpfctl asm "$f" -Werror -o "$BATS_TEST_TMPDIR/x.o"
		echo "$f: $stderr"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
	done
}

@test "every example passes its tests in the mock" {
	local n
	for n in $(names); do
		run --separate-stderr bpfctl -j test "$ROOT/examples/$n.bpf"
		echo "$n: $output $stderr"
		[ "$status" -eq 0 ]
		jq -e 'length > 0 and all(.status == "pass")' <<<"$output"
	done
}

# bats test_tags=root
@test "every example is taken by the kernel" {
	need_root
	private_bpffs
	local n
	for n in $(names); do
		mkdir "$BPFFS/$n"
		run --separate-stderr bpfctl prog loadall "$ROOT/examples/$n.bpf" "$BPFFS/$n"
		echo "$n: $stderr"
		if [ -n "${REFUSED[$n]:-}" ] && [ "$status" -ne 0 ]; then
			[[ $stderr == *"${REFUSED[$n]}"* ]]
			continue
		fi
		[ "$status" -eq 0 ]
	done
}

# bats test_tags=root
@test "every example gives the same in the kernel as in the mock, where both can run it" {
	need_root
	local n
	for n in $(names); do
		run --separate-stderr bpfctl test "$ROOT/examples/$n.bpf" --diff
		echo "$n: $output $stderr"
		if [ -n "${REFUSED[$n]:-}" ] && [ "$status" -ne 0 ]; then
			[[ $output == *"${REFUSED[$n]}"* ]]
			continue
		fi
		[ "$status" -eq 0 ]
	done
}

# exists TOKEN: what a backquoted word or line of the examples' README means is there
exists() {
	local t=$1 words
	if [[ $t =~ ^[a-z0-9_]+\(\)$ ]]; then
		grep -q "^macro ${t%)}" "$ROOT"/lib/*.inc
		return
	fi
	case $t in
	bpfctl\ *)
		read -ra words <<<"${t/FILE/$ROOT/examples/xdp_pass_all.bpf}"
		bpfctl --parse-only "${words[@]:1}"
		;;
	*.bpf) [ -s "$ROOT/examples/$t" ] ;;
	\<*\>) [ -s "$ROOT/lib/${t:1:-1}.inc" ] ;;
	prog\ *) assembles "" "$t t {" "r0 = 0" "exit" "}" ;;
	event\ * | map\ *) assembles "$t" "prog xdp p {" "r0 = 0" "exit" "}" ;;
	*) assembles "" "prog xdp p {" "stack u64 slot" "${t//; /$'\n'}" "exit" "}" ;;
	esac
}

# assembles DECLARATION LINE...: together with what the lines of the README name
assembles() {
	printf '%s\n' "include <net>" "map counts array { key u32; value u64; max_entries 1 }" "$@" \
		"func each(u32 i, void *arg) {" "r0 = 0" "exit" "}" >"$BATS_TEST_TMPDIR/line.bpf"
	[[ "$*" == *"event seen"* ]] ||
		echo "event seen { u64 ts; u32 pid }" >>"$BATS_TEST_TMPDIR/line.bpf"
	bpfctl asm "$BATS_TEST_TMPDIR/line.bpf" -Wno-unset-register -o "$BATS_TEST_TMPDIR/line.o"
}

@test "what the README of the examples names exists" {
	local token n=0
	# shellcheck disable=SC2016 # Markdown
	while read -r token; do
		echo "$token"
		exists "$token"
		n=$((n + 1))
	done < <(grep '^| ' "$ROOT/examples/README.md" | cut -d'|' -f3- | grep -o '`[^`]*`' | tr -d '`')
	[ "$n" -gt 250 ]
}

@test "the README of the examples has the 25 programs and the 29 files" {
	in_table() {
		sed -n "/^### $1/,/^###* [^#]/p" "$ROOT/examples/README.md" | sed '1d' | grep '^| [a-z]' |
			grep -v '^| there' | cut -d'|' -f2 | tr ',' '\n' | grep -c '[a-z]'
	}
	same 25 "$(in_table "Its ready-made programs")"
	same 29 "$(in_table "Its example files")"
}
