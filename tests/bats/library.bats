#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The standard library: its macros assemble without a warning, load in programs of every type they
# are for, and do what they say.
load helper

teardown() {
	clean_up
}

# programs FILE: the names of its programs, each with its section
programs() {
	sed -n 's/^prog \([^ ]*\) \([a-z0-9_]*\) {.*/\2 \1/p' "$1"
}

@test "every macro of the library is used in a test, and has a comment with its name" {
	for inc in "$ROOT"/lib/*.inc; do
		while read -r name; do
			echo "$inc: $name"
			grep -q "^; .*\b$name(" "$inc"
			cat "$ROOT"/lib/*.inc "$ROOT"/tests/lib/*.bpf |
				grep -v "^macro\|^;" | grep -q "\b$name("
		done < <(sed -n 's/^macro \([a-z0-9_]*\)(.*/\1/p' "$inc")
	done
}

@test "programs with the library's macros assemble without a warning" {
	for f in "$ROOT"/tests/lib/*.bpf; do
		again bpfctl asm "$f" -Werror -o lib.o
		bpfctl asm "$f" -Werror -o "$BATS_TEST_TMPDIR/lib.o"
	done
}

@test "the library's macros do what they say" {
	mapfile -t files < <(grep -l '^test ' "$ROOT"/tests/lib/*.bpf)
	run bpfctl test "${files[@]}"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *" 0 failed, 0 skipped, "* ]]
}

# bats test_tags=root
@test "the library's macros do the same in the kernel" {
	need_root
	for f in "$ROOT"/tests/lib/*.bpf; do
		case $f in */hooks.bpf | */sockmap.bpf) continue ;; esac # a test run has none
		again bpfctl test --diff "$f"
		run bpfctl test --diff "$f"
		echo "$output"
		[ "$status" -eq 0 ]
		[[ "$output" == *" 0 failed, "* ]]
	done
}

# takes SECTION: the kernel loads programs of this kind at all; else says so
takes() {
	printf 'prog %s t {\n\tr0 = %d\n\texit\n}\n' "$1" 0 >"$BATS_TEST_TMPDIR/t.bpf"
	if bpfctl prog load "$BATS_TEST_TMPDIR/t.bpf" "$BPFFS/t" 2>/dev/null; then
		rm "$BPFFS/t"
	else
		echo "# this kernel loads no $1" >&3
		return 1
	fi
}

# bats test_tags=root
@test "the verifier takes every program that uses the library" {
	need_root
	private_bpffs
	for f in "$ROOT"/tests/lib/*.bpf; do
		while read -r p section; do
			case $section in
			f*/* | lsm/*) takes "$section" || continue ;;
			esac
			again bpfctl prog load "$f" "$BPFFS/$p" --prog "$p"
			bpfctl prog load "$f" "$BPFFS/$p" --prog "$p"
			rm "$BPFFS/$p"
		done < <(programs "$f")
	done
}
