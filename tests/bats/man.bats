#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Manual pages: they exist, are valid, and their examples are commands that exist.
load helper

setup_file() {
	make -s -C "$ROOT" man O="$(dirname "$BPFCTL")" >/dev/null
}

@test "every top-level command has a page" {
	for c in $(bpfctl __complete -- '' | cut -f1); do
		[ "$c" = version ] && continue
		echo "$c"
		[ -e "$ROOT/man/bpfctl-$c.8.in" ]
	done
}

@test "the pages are silent under mandoc -Tlint" {
	need mandoc
	for page in "$(dirname "$BPFCTL")"/man/*.[78]; do
		echo "$page"
		# section references to pages of ours are looked up in the system's directories
		run mandoc -Tlint -W warning "$page"
		[ -z "$output" ]
	done
}

@test "every page names its command, its exit statuses and examples" {
	for page in "$(dirname "$BPFCTL")"/man/bpfctl-*.8; do
		echo "$page"
		grep -q '^.SH EXAMPLES$' "$page"
		grep -q '^.SH EXIT STATUS$' "$page"
		grep -q '^.SH SYNOPSIS$' "$page"
	done
}

@test "every example is a command line that bpfctl understands" {
	n=0
	cd "$BATS_TEST_TMPDIR" # some send their output to a file
	while read -r line; do
		echo "$line"
		eval "set -- $line"
		shift
		before=()
		after=()
		for word in "$@"; do
			[ "$word" = -- ] && break
			before+=("$word")
		done
		after=("${@:${#before[@]}+1}")
		bpfctl "${before[@]}" --parse-only "${after[@]}"
		n=$((n + 1))
	done < <(sed -n '/^.SH EXAMPLES/,/^.SH SEE ALSO/p' "$ROOT"/man/*.in | grep '^bpfctl ')
	echo "$n examples"
	[ "$n" -gt 40 ]
}

@test "every option of every command is in its page" {
	bpfctl __complete -- '' | cut -f1 | while read -r c; do
		page=$(dirname "$BPFCTL")/man/bpfctl-$c.8
		[ -e "$page" ] || continue
		bpfctl "$c" --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r o; do
			echo "$c $o"
			grep -qF -- "${o//-/\\-}" "$page"
		done
	done
}

# blocks: the examples of a part of bpfctl-asm(7), each a file 1.bpf, 2.bpf ... here
blocks() {
	sed -n '/^\.SH EVERY CONSTRUCT ONCE/,/^\.SH A FILTER/p' "$ROOT/man/bpfctl-asm.7.in" |
		sed 's/^\\&//; s/\\-/-/g' |
		awk '/^\.EX$/ { n++; on = 1; next } /^\.EE$/ { on = 0 } on { print > (n ".bpf") }'
}

@test "every construct in bpfctl-asm(7) assembles" {
	local f n=0
	cd "$BATS_TEST_TMPDIR"
	blocks
	for f in [0-9]*.bpf; do
		n=$((n + 1))
		echo "$f"
		if ! grep -q '^prog ' "$f"; then
			{ echo "prog socket p {"; cat "$f"; printf 'r0 = 0\nexit\n}\n'; } >bare.bpf
			mv bare.bpf "$f"
		fi
		bpfctl asm "$f" -Wno-unset-register -Wno-unreachable -o x.o
	done
	[ "$n" -ge 9 ]
}

@test "bpfctl-asm(7) has an example of every declaration and block" {
	local word
	cd "$BATS_TEST_TMPDIR"
	blocks
	# object and program are words of files of tests
	sed -n '/^\/\* declarations \*\//,$ s/^WORD("\([a-z_]*\)".*/\1/p' "$ROOT/src/asm/words.def" >words
	printf '%s\n' stack when repeat else lock goto gotol may_goto load_acquire store_release subprog >>words
	[ "$(wc -l <words)" -gt 30 ]
	while read -r word; do
		echo "$word"
		case $word in object | program) continue ;; esac
		cat [0-9]*.bpf | grep -qw -e "$word"
	done <words
}
