# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What every test file loads.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
DATA=$ROOT/tests/data
: "${BPFCTL:=$ROOT/build/bpfctl}"
export BPFCTL ROOT DATA LC_ALL=C.UTF-8
unset ARGP_HELP_FMT NO_COLOR

bpfctl() {
	"$BPFCTL" "$@"
}

# Prints a command line that repeats what just ran; a failing test shows it.
again() {
	echo "again: $*"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

need() {
	command -v "$1" >/dev/null || skip "needs $1"
}

# same WANTED GOT: equal texts, or a diff
same() {
	diff -u <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

# compile NAME: tests/data/c/NAME.bpf.c by clang; prints the object's path
compile() {
	local o=$BATS_TEST_TMPDIR/$1.o
	clang -O2 -g -target bpf -mcpu="${2:-v3}" -I"/usr/include/$(uname -m)-linux-gnu" \
		-c "$DATA/c/$1.bpf.c" -o "$o" && echo "$o"
}

# A BPF file system of the test's own at $BPFFS; gone, with all pins, when the test ends.
private_bpffs() {
	BPFFS=$BATS_TEST_TMPDIR/bpffs
	mkdir "$BPFFS"
	mount -t bpf bpf "$BPFFS"
}

# own_prog: port_filter under a name and a tag that no other test has, pinned at $BPFFS/p; $OWN is
# the name
own_prog() {
	OWN=own_$$
	sed "/^test /,$ d; s/^prog xdp port_filter {/prog xdp $OWN {\n\tr0 = $$/" "$ROOT/examples/port_filter.bpf" >"$BATS_TEST_TMPDIR/own.bpf"
	bpfctl prog load "$BATS_TEST_TMPDIR/own.bpf" "$BPFFS/p"
}

# A network namespace of the test's own, $NETNS, with veth0 (10.77.0.1) and its peer veth1 in
# another one, $PEERNS (10.77.0.2).
private_netns() {
	NETNS=bpfctl-$$-$BATS_TEST_NUMBER
	PEERNS=$NETNS-peer
	ip netns add "$NETNS"
	ip netns add "$PEERNS"
	ip -n "$NETNS" link add veth0 type veth peer name veth1 netns "$PEERNS"
	ip -n "$NETNS" addr add 10.77.0.1/24 dev veth0
	ip -n "$PEERNS" addr add 10.77.0.2/24 dev veth1
	ip -n "$NETNS" link set veth0 up
	ip -n "$PEERNS" link set veth1 up
}

# `ip netns exec` would hide bpffs and tracefs behind a fresh /sys.
in_netns() {
	local ns=$1
	shift
	nsenter --net=/run/netns/"$ns" "$@"
}

# Waits for a file that a command makes when it is ready, or for the command's end.
await() {
	local file=$1 pid=$2
	while [ ! -e "$file" ]; do
		kill -0 "$pid" 2>/dev/null || return 1
	done
}

# Undoes private_bpffs, private_netns and what `start` began; every file's teardown calls it.
clean_up() {
	local p
	for p in "${STARTED[@]}"; do
		kill -KILL "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	STARTED=()
	if [ -n "${NETNS:-}" ]; then
		ip netns del "$NETNS" 2>/dev/null || true
		ip netns del "$PEERNS" 2>/dev/null || true
	fi
	if [ -n "${BPFFS:-}" ]; then
		umount "$BPFFS" 2>/dev/null || true
	fi
	return 0
}

STARTED=()
# start COMMAND ...: in the background; its process id is in $PID
start() {
	[ "$1" = bpfctl ] && set -- "$BPFCTL" "${@:2}"
	"$@" &
	PID=$!
	STARTED+=("$PID")
}
