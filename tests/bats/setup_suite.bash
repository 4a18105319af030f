# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Around the whole run: nothing of ours may be loaded, attached or pinned when it ends.

# Objects the kernel has now, a line each: "prog 12 xdp name".
objects() {
	local kind
	for kind in prog map link; do
		bpftool -j "$kind" show 2>/dev/null |
			jq -r --arg kind "$kind" '.[] | "\($kind) \(.id) \(.type) \(.name // "")"'
	done
}

setup_suite() {
	[ "$(id -u)" -eq 0 ] && command -v bpftool >/dev/null || return 0
	objects | sort >"$BATS_SUITE_TMPDIR/before"
	find /sys/fs/bpf -mindepth 1 2>/dev/null | sort >"$BATS_SUITE_TMPDIR/pins"
}

# The kernel frees objects a little after the last descriptor is closed.  What somebody else on the
# machine loads meanwhile is not ours: only what is there from the end of the run on counts.
teardown_suite() {
	local deadline=$((SECONDS + 10)) left pins
	[ -e "$BATS_SUITE_TMPDIR/before" ] || return 0
	left=$(objects | sort | comm -13 "$BATS_SUITE_TMPDIR/before" -)
	while :; do
		left=$(comm -12 <(objects | sort) <(printf '%s' "$left"))
		[ -z "$left" ] && break
		if [ "$SECONDS" -ge "$deadline" ]; then
			printf 'left behind:\n%s\n' "$left" >&2
			return 1
		fi
	done
	pins=$(find /sys/fs/bpf -mindepth 1 2>/dev/null | sort | comm -13 "$BATS_SUITE_TMPDIR/pins" -)
	if [ -n "$pins" ]; then
		printf 'pins left behind:\n%s\n' "$pins" >&2
		return 1
	fi
}
