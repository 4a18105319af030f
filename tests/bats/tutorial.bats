#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bpfctl-tutorial(7), followed by somebody who has an empty folder and nothing else: what is typed is
# typed, in order, and the answers are those of the page.
load helper

setup_file() {
	make -s -C "$ROOT" man O="$(dirname "$BPFCTL")" >/dev/null
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/empty"
	cd "$BATS_TEST_TMPDIR/empty" || return
	PATH=$(dirname "$BPFCTL"):$PATH
	unset -f bpfctl
}

# session: the lines of the page's examples, as a reader sees them
session() {
	sed -n '/^\.EX$/,/^\.EE$/p' "$(dirname "$BPFCTL")/man/bpfctl-tutorial.7" |
		sed '/^\.E[XE]$/d; s/^\\&//; s/\\e/\\/g; s/\\-/-/g'
}

# without_times: of tests
without_times() {
	sed -E 's/, [0-9.]+ m?s$/, some time/'
}

# is_typed LINE: it begins with a prompt
is_typed() {
	[[ $1 == '$ '* || $1 == '# '* ]]
}

# follow PROMPTS: types the lines of the page with one of these prompts, and compares
follow() {
	local n=0 i=0 command wanted got lines
	mapfile -t lines < <(session)
	while [ "$i" -lt "${#lines[@]}" ]; do
		local typed=${lines[i]}
		is_typed "$typed" || return 1
		command=${typed:2}
		i=$((i + 1))
		if [[ $typed == *"<<'EOF'" ]]; then
			while [ "${lines[i]}" != EOF ]; do
				command+=$'\n'${lines[i]}
				i=$((i + 1))
			done
			command+=$'\n'EOF
			i=$((i + 1))
		fi
		wanted=
		while [ "$i" -lt "${#lines[@]}" ] && ! is_typed "${lines[i]}"; do
			wanted+=${lines[i]}$'\n'
			i=$((i + 1))
		done
		[[ $1 == *"${typed:0:1}"* ]] || continue
		echo "$typed"
		got=$(bash -c "$command" 2>&1 </dev/null)
		same "$(printf %s "$wanted" | without_times)" "$(without_times <<<"$got")" || return 1
		n=$((n + 1))
	done
	echo "$n commands"
}

@test "the tutorial, as far as it needs no privileges" {
	run follow '$'
	echo "$output"
	[ "$status" -eq 0 ]
	same "$(session | grep -c '^\$ ') commands" "${lines[-1]}"
	[ "$(session | grep -c '^\$ ')" -ge 12 ]
}

# bats test_tags=root
@test "the tutorial to its end, on the real kernel" {
	real_kernel "packets on a device"
	need unshare
	local all
	all=$(session | grep -cE '^[$#] ')
	mkdir -p /run/netns
	export -f follow session is_typed without_times same
	# names of network namespaces are this test's own
	run unshare -m bash -c "mount -t tmpfs none /run/netns && follow '\$#'"
	echo "$output"
	[ "$status" -eq 0 ]
	same "$all commands" "${lines[-1]}"
	[ "$all" -gt "$(session | grep -c '^\$ ')" ]
}
