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
