# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What every test file loads.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
DATA=$ROOT/tests/data
: "${BPFCTL:=$ROOT/build/bpfctl}"
export BPFCTL ROOT DATA LC_ALL=C.UTF-8
unset ARGP_HELP_FMT NO_COLOR

# MOCK=1 runs the same files on the mock kernel, as whoever runs them: `make check-mock` is an
# ordinary user without any capability.  What needs_a_kernel put here goes in front of every
# command line.
MOCKED=()

bpfctl() {
	"$BPFCTL" "${MOCKED[@]}" "$@"
}

# Prints a command line that repeats what just ran; a failing test shows it.
again() {
	echo "again: $*"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

# For tests of what the mock kernel does as well: root, or the mock with a state of the test's own.
need_kernel() {
	if [ -n "${MOCK:-}" ]; then
		STATE=$BATS_TEST_TMPDIR/kernel.json
		MOCKED=(--mock "$STATE")
	else
		need_root
	fi
}

# real_kernel WHY: for tests, or the ends of tests, of what a mock kernel cannot have
real_kernel() {
	[ -z "${MOCK:-}" ] || skip "needs the real kernel: $1"
	need_root
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
	if [ -n "${MOCK:-}" ]; then
		BPFFS=/sys/fs/bpf # the mock's, which no one else sees
		return
	fi
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

# in_state FILTER [JQ-OPTION ...]: changes the mock kernel's state as a person with an editor does
in_state() {
	[ -s "$STATE" ] || echo '{ "mock": 1 }' >"$STATE"
	jq "${@:2}" "$1" "$STATE" >"$STATE.new" && mv "$STATE.new" "$STATE"
}

# new_map PIN TYPE KEY VALUE ENTRIES [FLAGS] [INNER-PIN]: a map with the pin's name, made by
# bpftool, or written into the mock's state
new_map() {
	local pin=$1 name=${1##*/} flags=${6:-0} inner=${7:-}
	if [ -z "${MOCK:-}" ]; then
		bpftool map create "$pin" type "$2" key "$3" value "$4" entries "$5" name "$name" \
			flags "$flags" ${inner:+inner_map pinned "$inner"}
		return
	fi
	# shellcheck disable=SC2016 # jq's variables
	in_state '([.maps[]?.id, 0] | max + 1) as $id |
		[.pins[]? | select(.path == $inner) | .map] as $in |
		([.maps[]? | select(.id == $in[0]) | del(.id, .name, .entries)] | first) as $shape |
		.maps += [{ id: $id, name: $name, type: $type, key_size: $key, value_size: $value,
			max_entries: $n, flags: $flags } + if $shape then { inner: $shape } else {} end] |
		.pins += [{ path: $pin, map: $id }]' \
		--arg pin "$pin" --arg name "$name" --arg type "$2" --arg inner "$inner" \
		--argjson key "$3" --argjson value "$4" --argjson n "$5" --argjson flags "$flags"
}

# load_one OBJECT PIN [WORD ...], load_all OBJECT DIR [WORD ...]: programs are loaded and pinned, by
# bpftool where there is a kernel that it can ask
load_one() {
	if [ -n "${MOCK:-}" ]; then bpfctl prog load "$@"; else bpftool prog load "$@"; fi
}
load_all() {
	if [ -n "${MOCK:-}" ]; then bpfctl prog loadall "$@"; else bpftool prog loadall "$@"; fi
}

# pins DIR: the paths of what is pinned there
pins() {
	if [ -n "${MOCK:-}" ]; then
		# shellcheck disable=SC2016 # jq's variables
		jq -r --arg dir "$1/" '.pins[].path | select(startswith($dir))' "$STATE"
	else
		printf '%s\n' "$1"/*
	fi
}

# let_go PIN: away with a map's pin
let_go() {
	if [ -n "${MOCK:-}" ]; then bpfctl map unpin "$1"; else rm "$1"; fi
}

# A directory for pins of new_map.
make_pin_dir() {
	if [ -n "${MOCK:-}" ]; then
		# shellcheck disable=SC2016 # jq's variables
		in_state '.pins += [{ path: $pin }]' --arg pin "$1"
	else
		mkdir "$1"
	fi
}

# freeze_map PIN
freeze_map() {
	if [ -z "${MOCK:-}" ]; then
		bpftool map freeze pinned "$1"
	else
		# shellcheck disable=SC2016 # jq's variables
		in_state '(.pins[] | select(.path == $pin) | .map) as $id |
			(.maps[] | select(.id == $id)).frozen = true' --arg pin "$1"
	fi
}

# A network namespace of the test's own, $NETNS, with veth0 (10.77.0.1) and its peer veth1 in
# another one, $PEERNS (10.77.0.2).  On the mock devices of these names, by which nothing comes.
private_netns() {
	NETNS=bpfctl-$$-$BATS_TEST_NUMBER
	PEERNS=$NETNS-peer
	if [ -n "${MOCK:-}" ]; then
		# shellcheck disable=SC2016 # jq's variables
		in_state '.devices = [{ index: 1, name: "lo", mtu: 65536, netns: $ns },
			{ index: 2, name: "veth0", kind: "veth", mtu: 1500, up: true, netns: $ns },
			{ index: 3, name: "veth1", kind: "veth", mtu: 1500, up: true, netns: $peer }]' \
			--arg ns "$NETNS" --arg peer "$PEERNS"
		return
	fi
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

# as_nobody COMMAND ...: without privileges; as it is for who has none, or where setpriv is missing
as_nobody() {
	if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
		setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
			--bounding-set=-all "$@"
	else
		"$@"
	fi
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
	if [ -n "${NETNS:-}" ] && [ -z "${MOCK:-}" ]; then
		ip netns del "$NETNS" 2>/dev/null || true
		ip netns del "$PEERNS" 2>/dev/null || true
	fi
	if [ -n "${BPFFS:-}" ] && [ -z "${MOCK:-}" ]; then
		umount "$BPFFS" 2>/dev/null || true
	fi
	return 0
}

STARTED=()
# start COMMAND ...: in the background; its process id is in $PID
start() {
	[ "$1" = bpfctl ] && set -- "$BPFCTL" "${MOCKED[@]}" "${@:2}"
	"$@" &
	PID=$!
	STARTED+=("$PID")
}
