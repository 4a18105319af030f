#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# map browse, in a terminal that tmux makes.
load helper

setup() {
	real_kernel "two commands at a time"
	need tmux
	private_bpffs
	SOCKET=$BATS_TEST_TMPDIR/tmux
	bpfctl map create "$BPFFS/m" type hash key 4 value 8 entries 50 name browsed
	for i in 1 2 3; do bpfctl map update pinned "$BPFFS/m" $i $((40 - i * 10)); done
}
teardown() {
	tmux -S "$SOCKET" kill-server 2>/dev/null || true
	clean_up
}

# browse ARGS: in a terminal of 90 columns and 24 lines, until it is ready
browse() {
	env TERM=screen tmux -S "$SOCKET" -f /dev/null new-session -d -x 90 -y 24 \
		"'$BPFCTL' map browse --ready-file '$BATS_TEST_TMPDIR/ready' $* 2> '$BATS_TEST_TMPDIR/err'; echo \$? > '$BATS_TEST_TMPDIR/status'"
	until [ -e "$BATS_TEST_TMPDIR/ready" ] || [ -e "$BATS_TEST_TMPDIR/status" ]; do :; done
}
keys() {
	tmux -S "$SOCKET" send-keys "$@"
}
# until the screen has a line that matches, at most ten seconds
shows() {
	local end=$((SECONDS + 10)) screen=
	while [ $SECONDS -lt $end ]; do
		screen=$(tmux -S "$SOCKET" capture-pane -p) || true
		grep -Eq -- "$1" <<<"$screen" && return
	done
	echo "'$1' does not come:"
	echo "$screen"
	return 1
}
ended() {
	local end=$((SECONDS + 10))
	until [ -s "$BATS_TEST_TMPDIR/status" ]; do
		[ $SECONDS -lt $end ] || return 1
	done
	[ "$(cat "$BATS_TEST_TMPDIR/status")" -eq "$1" ]
}
entries() {
	bpfctl map dump pinned "$BPFFS/m" --format jsonl --sort key | jq -cs 'map([.key, .value])'
}
# until the map has these entries
becomes() {
	local end=$((SECONDS + 10))
	until [ "$(entries)" = "$1" ]; do
		[ $SECONDS -lt $end ] || { entries; return 1; }
	done
}

@test "from the list of maps to one map and back, with help and search" {
	browse
	shows '^ID\^ +TYPE +NAME'
	keys /
	shows '^/$'
	keys -l browsed
	keys Enter
	shows '^search: browsed +1 of '
	shows '^[0-9]+ +hash +browsed +50 '
	keys Enter
	shows '^map [0-9]+ \(browsed\)  hash  3 of 50 entries'
	shows '^1 +30 '
	keys '?'
	shows 'd +delete the key'
	keys x
	shows '^3 +10 '
	keys q
	shows '^ID\^ +TYPE'
	keys Escape
	keys s
	shows '^ID +TYPE\^ '
	keys q
	ended 0
}

@test "a value is changed, an entry made and deleted, after a confirmation" {
	browse pinned "$BPFFS/m"
	shows '^1 +30 '
	keys e
	shows '^value: 30'
	keys C-u 7 7 Enter
	shows 'write 77 to 1\? \(y/n\)'
	keys n
	shows '\? help'
	same '[[1,30],[2,20],[3,10]]' "$(entries)"
	keys e C-u 7 8 Enter
	shows 'write 78 to 1\?'
	keys y
	becomes '[[1,78],[2,20],[3,10]]'
	shows '^1 +78 '
	keys n
	shows '^key:'
	keys 4 Enter
	shows '^value:'
	keys 5 Enter y
	becomes '[[1,78],[2,20],[3,10],[4,5]]'
	keys Down d
	shows 'delete 2\? \(y/n\)'
	keys Escape
	shows '\? help'
	keys d y
	becomes '[[1,78],[3,10],[4,5]]'
	# what does not fit is said, and changes nothing
	keys g e C-u 1 x Enter y
	shows "'1x'"
	becomes '[[1,78],[3,10],[4,5]]'
	keys C-c
	ended 0
}

@test "entries are sorted, searched, and show their rates" {
	browse pinned "$BPFFS/m" --interval 100ms
	shows '^KEY\^ +VALUE +PER SECOND'
	keys s
	shows '^KEY +VALUE\^'
	tmux -S "$SOCKET" capture-pane -p | sed -n 3p | grep -Eq '^3 +10'
	keys r
	shows '^KEY +VALUEv'
	tmux -S "$SOCKET" capture-pane -p | sed -n 3p | grep -Eq '^1 +30'
	keys / 2 Enter
	shows '^search: 2 +1 of 3'
	start bash -c "while :; do '$BPFCTL' map update pinned '$BPFFS/m' 2 \$((20 + RANDOM)); done"
	shows '^2 +[0-9]+ +-?[1-9][0-9.]*'
	keys q
	ended 0
}

@test "without a terminal, with an unknown one, or with a signal it ends in order" {
	run --separate-stderr bpfctl map browse </dev/null
	[ "$status" -eq 2 ]
	[[ $stderr == *"needs a terminal"* ]]
	env TERM=screen tmux -S "$SOCKET" -f /dev/null new-session -d \
		"TERM=nosuchterm '$BPFCTL' map browse 2> '$BATS_TEST_TMPDIR/err'; echo \$? > '$BATS_TEST_TMPDIR/status'"
	ended 2
	grep -q "nosuchterm" "$BATS_TEST_TMPDIR/err"
	rm "$BATS_TEST_TMPDIR/status"
	browse nosuchmap
	ended 6
	rm -f "$BATS_TEST_TMPDIR/status" "$BATS_TEST_TMPDIR/ready"
	browse --for 200ms
	ended 0
	rm "$BATS_TEST_TMPDIR/status" "$BATS_TEST_TMPDIR/ready"
	browse
	kill -TERM "$(cat "$BATS_TEST_TMPDIR/ready")"
	ended 0
	run ! grep . "$BATS_TEST_TMPDIR/err"
}
