# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Objects of compilers and other people, taken apart by disasm and put together by asm: the same
# instructions, data, relocations and maps.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	include=/usr/include/$(uname -m)-linux-gnu
	ROUNDTRIP=$(dirname "$BPFCTL")/roundtrip
	[ -x "$ROUNDTRIP" ] || skip "needs make $ROUNDTRIP"
}

# files_of PACKAGE PATTERN: its files of that name, links left out
files_of() {
	local f
	dpkg -L "$1" 2>/dev/null | while read -r f; do
		# shellcheck disable=SC2053 # a pattern
		if [[ $f == $2 && -f $f && ! -L $f ]]; then echo "$f"; fi
	done
}

# compile_for TARGET CPU: the C of the tests to objects here
compile_for() {
	local c o
	for c in "$ROOT"/tests/bpf/*.bpf.c "$DATA"/c/*.bpf.c; do
		o=$(basename "$c" .bpf.c).o
		clang -O2 -g -target "$1" -mcpu="$2" -I"$include" -c "$c" -o "$o"
	done
}

# The same through the newest LLVM that is there, which knows more than the compiler.
translate_for() {
	local c o
	for c in "$ROOT"/tests/bpf/*.bpf.c "$DATA"/c/*.bpf.c; do
		o=$(basename "$c" .bpf.c)
		clang -O2 -g -target "$1" -mcpu=v3 -I"$include" -S -emit-llvm "$c" -o "$o.ll"
		"$LLC" -march="$1" -mcpu="$2" -filetype=obj "$o.ll" -o "$o.o"
	done
}

# comes_back FILE...: all of them, in every style; how many there were is at the end
comes_back() {
	run "$ROUNDTRIP" "$@"
	echo "$output"
	# shellcheck disable=SC2154
	[ "$status" -eq 0 ] && [[ ${lines[-1]} == *" objects, 0 failed" ]]
}

both_orders() {
	local target
	for target in bpfel bpfeb; do
		"$1" "$target" "$2"
		comes_back ./*.o
	done
}

@test "objects of xdp-tools come back the same" {
	local files
	mapfile -t files < <(files_of xdp-tools '*.o'; files_of libxdp1 '*.o')
	[ ${#files[@]} -gt 0 ] || skip "needs the package xdp-tools"
	comes_back "${files[@]}"
	[ "${lines[-1]%% *}" -ge 10 ]
}

@test "objects inside of libbpf-tools come back the same" {
	local files
	mapfile -t files < <(files_of libbpf-tools '*/*bin/*')
	[ ${#files[@]} -gt 0 ] || skip "needs the package libbpf-tools"
	comes_back "${files[@]}"
	[ "${lines[-1]%% *}" -ge 40 ]
}

@test "objects inside of bpftool come back the same" {
	local bpftool
	for bpftool in /usr/sbin/bpftool /usr/lib/linux-tools*/*/bpftool; do
		[ -x "$bpftool" ] || continue
		mkdir inside
		"$ROUNDTRIP" --extract "$bpftool" inside || skip "$bpftool was built without objects"
		comes_back inside/*.o
		return
	done
	skip "needs bpftool"
}

@test "C for cpu v1 comes back the same, in either byte order" {
	need clang
	both_orders compile_for v1
}

@test "C for cpu v2 comes back the same, in either byte order" {
	need clang
	both_orders compile_for v2
}

@test "C for cpu v3 comes back the same, in either byte order" {
	need clang
	both_orders compile_for v3
}

@test "C for cpu v4 comes back the same, in either byte order" {
	need clang
	if clang -target bpf -mcpu=v4 -c -x c /dev/null -o v4.o 2>/dev/null; then
		rm v4.o
		both_orders compile_for v4
		return
	fi
	for LLC in /usr/lib/llvm-*/bin/llc; do
		if "$LLC" -march=bpf -mcpu=help 2>&1 </dev/null | grep -qw v4; then
			both_orders translate_for v4
			return
		fi
	done
	skip "needs a compiler that knows cpu v4"
}

@test "C without debug information comes back the same" {
	local c
	need clang
	for c in "$ROOT"/tests/bpf/*.bpf.c "$DATA"/c/*.bpf.c; do
		grep -qE 'preserve_(field_info|access_index)' "$c" || # which are made of it
			clang -O2 -target bpf -I"$include" -c "$c" -o "$(basename "$c").o"
	done
	comes_back ./*.o
}

@test "stripped objects come back the same" {
	need clang
	need llvm-strip
	compile_for bpfel v3
	llvm-strip -g ./*.o
	comes_back ./*.o
}

@test "linked objects come back the same" {
	need clang
	need bpftool
	compile_for bpfel v3
	bpftool gen object linked.o corpus.o types.o
	comes_back linked.o
}

@test "the commands themselves do it, through a pipe" {
	need clang
	compile_for bpfel v3
	bpfctl disasm corpus.o | bpfctl asm --emit elf - -o again.o
	run "$ROUNDTRIP" --same corpus.o again.o
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "what comes back once is the same source every time after" {
	need clang
	compile_for bpfel v3
	bpfctl disasm corpus.o | bpfctl asm --emit elf - -o once.o
	bpfctl disasm once.o >once.bpf
	bpfctl asm --emit elf once.bpf -o twice.o
	bpfctl disasm twice.o | diff once.bpf -
}

@test "objects of our own come back the same" {
	local f o
	for f in "$ROOT"/examples/*.bpf; do
		o=$(basename "$f" .bpf).o
		bpfctl asm --emit elf "$f" -o "$o" 2>/dev/null || { echo "$f"; return 1; }
	done
	comes_back ./*.o
}
