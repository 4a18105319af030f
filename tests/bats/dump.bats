#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# prog dump xlated: the text of bpftool, and source that gives the same bytes.
load helper

setup() {
	need_kernel
	private_bpffs
	cd "$BATS_TEST_TMPDIR" || return
}
teardown() {
	clean_up
}

# Where the text differs on purpose: kernel functions and helpers say which of the two they are
# when the number does not, and bpftool before 7.5 does not know the address of a per-CPU variable.
without_exceptions() {
	sed -E 's/call (kfunc|helper) /call /g; s/&\(void __percpu \*\)\((r[0-9]+)\)/\1/g'
}

# as_bpftool PIN [WORD]: a form of the dump, if there is a kernel that bpftool can ask
as_bpftool() {
	[ -z "${MOCK:-}" ] || return 0
	need bpftool
	bpfctl prog dump xlated pinned "$@" >ours
	bpftool prog dump xlated pinned "$@" >theirs
	diff -u theirs <(without_exceptions <ours)
	diff <(bpftool -j prog dump xlated pinned "$@") \
		<(bpfctl -j prog dump xlated pinned "$@" | without_exceptions)
	diff <(bpftool -jp prog dump xlated pinned "$@" | jq .) \
		<(bpfctl -jp prog dump xlated pinned "$@" | jq . | without_exceptions)
}

# agrees PIN: every form of the dump is bpftool's, and gives the program's bytes when assembled.
agrees() {
	local form style
	bpfctl prog dump xlated pinned "$1" file ours.bin
	if [ -z "${MOCK:-}" ]; then
		bpftool prog dump xlated pinned "$1" file theirs.bin
		cmp theirs.bin ours.bin
	fi
	for form in "" opcodes linum; do
		echo "# $1 $form"
		# shellcheck disable=SC2086 # no word or one
		as_bpftool "$1" $form
		# shellcheck disable=SC2086
		bpfctl prog dump xlated pinned "$1" $form >ours
		bpfctl asm ours --emit bin -o again.bin 2>/dev/null
		cmp again.bin ours.bin
	done
	for style in llvm mnemonic; do
		bpfctl prog dump xlated pinned "$1" --style $style >ours
		bpfctl asm ours --emit bin -o again.bin 2>/dev/null
		cmp again.bin ours.bin
	done
}

# A program with functions, a callback, helpers by name and by address, kernel functions, maps
# and their values, and 64-bit constants.
everything() {
	cat >all.bpf <<-'E'
		map counts hash { key u32; value u64; max_entries 64 }
		map list array { key u32; value u64; max_entries 64 }
		kfunc void bpf_rcu_read_lock()
		kfunc void bpf_rcu_read_unlock()
		data u64 total[2] = { 5, 6 }
		prog syscall main_prog {
		    stack u32 key
		    *(key) = 0
		    r0 = bpf_map_lookup_elem(map[counts], &key)
		    r0 = bpf_map_lookup_elem(map[list], &key)
		    r0 = bpf_loop(3, subprog[each], 0, 0)
		    r1 = 4
		    call twice
		    call global_one
		    r1 = &total + 8
		    r1 = *(u64 *)(r1 + 0)
		    r1 = 0x1122334455667788 ll
		    call bpf_get_smp_processor_id
		    call bpf_ktime_get_ns
		    call bpf_get_prandom_u32
		    call bpf_rcu_read_lock
		    call bpf_rcu_read_unlock
		    r0 = 0
		    exit
		}
		func twice(u64 x) {
		    r0 = r1
		    r0 += r1
		    exit
		}
		func each(u32 i, void *arg) {
		    r0 = 0
		    exit
		}
		func global int global_one() {
		    r1 = 1
		    call twice
		    exit
		}
	E
	bpfctl prog load all.bpf "$BPFFS/all"
}

@test "dump xlated: functions, callbacks, helpers, maps" {
	everything
	agrees "$BPFFS/all"
	run bpfctl prog dump xlated pinned "$BPFFS/all"
	[[ $output == *"call kfunc bpf_rcu_read_lock#"* ]]
	[[ $output =~ "subprog[+"[0-9]+"]" ]]
	[ -n "${MOCK:-}" ] || [[ $output =~ "call pc+"[0-9]+"#bpf_prog_"[0-9a-f]{16}"_twice" ]]
	[[ $output =~ "map[id:"[0-9]+"][0]+8" ]]
}

@test "dump xlated: what clang makes of C" {
	need clang
	local name
	for name in links port_filter iter; do
		load_all "$(compile $name)" "$BPFFS/$name"
		for pin in $(pins "$BPFFS/$name"); do
			agrees "$pin"
		done
	done
}

@test "dump xlated: the objects of the unit tests" {
	local o
	for o in "$ROOT"/build/bpf/{kinds,vars,types,prog}.o; do
		[ -e "$o" ] || skip "needs $o (make check-units)"
		load_all "$o" "$BPFFS/$(basename "$o" .o)" 2>/dev/null || continue
		for pin in $(pins "$BPFFS/$(basename "$o" .o)"); do
			agrees "$pin"
		done
	done
}

@test "dump xlated: a program without BTF" {
	bpfctl asm - --emit bin -o raw.bin <<-'E'
		r0 = 2
		if r1 == 0 goto +1
		r0 = -1
		exit
	E
	printf 'prog socket p {\n%s\n}\n' "$(bpfctl disasm --raw raw.bin)" >p.bpf
	bpfctl asm p.bpf -o p.o
	objcopy=$(command -v llvm-objcopy || ls /usr/lib/llvm-*/bin/llvm-objcopy) || skip "needs llvm-objcopy"
	$objcopy -R .BTF -R .BTF.ext -R .rel.BTF.ext p.o
	bpfctl prog load p.o "$BPFFS/p"
	agrees "$BPFFS/p"
	same "   0: (b7) r0 = 2
   1: (15) if r1 == 0x0 goto pc+1
   2: (b7) r0 = -1
   3: (95) exit" "$(bpfctl prog dump xlated pinned "$BPFFS/p")"
}

@test "dump xlated: opcodes and linum together" {
	everything
	run bpfctl prog dump xlated pinned "$BPFFS/all" linum opcodes
	[[ $output == *"; *(key) = 0 [file:all.bpf line_num:8 line_col:5]
   0: (62) *(u32 *)(r10 -4) = 0
       62 0a fc ff 00 00 00 00"* ]]
	bpfctl -j prog dump xlated pinned "$BPFFS/all" opcodes linum |
		jq -e '.[0] | .file == "all.bpf" and .line_num == 8 and .line_col == 5 and .opcodes.dst_reg == "0xa"'
}

@test "dump xlated: where the kernel hides its symbols numbers stand in their place" {
	real_kernel "privileges to do without"
	command -v setpriv >/dev/null || skip "needs setpriv"
	everything
	chmod 755 "$BPFFS" "$BATS_TEST_TMPDIR"
	chmod 644 "$BPFFS/all"
	# without CAP_SYSLOG the kernel shows neither symbols nor distances of helpers
	run setpriv --bounding-set=-syslog --inh-caps=-syslog --ambient-caps=-syslog \
		"$BPFCTL" prog dump xlated pinned "$BPFFS/all"
	[ "$status" -eq 0 ]
	[[ $output == *"exit"* ]]
	printf '%s\n' "$output" >hidden
	bpfctl asm hidden --emit bin -o hidden.bin
}

@test "dump xlated: usage" {
	run --separate-stderr bpfctl prog dump xlated
	[ "$status" -eq 2 ]
	# shellcheck disable=SC2154
	[[ $stderr == *"PROG is missing"* ]]
	run --separate-stderr bpfctl prog dump xlated id 4294967295
	[ "$status" -eq 6 ]
	everything
	run --separate-stderr bpfctl prog dump xlated pinned "$BPFFS/all" file x opcodes
	[ "$status" -eq 2 ]
	same null "$(bpfctl -j prog dump xlated pinned "$BPFFS/all" file out.bin)"
	cmp out.bin <(bpfctl prog dump xlated pinned "$BPFFS/all" file -)
}

# ---- every example -----------------------------------------------------------------------------

@test "dump xlated: each example, in each form, is source of the kernel's bytes" {
	local f pin form n=0
	for f in "$ROOT"/examples/*.bpf; do
		bpfctl prog loadall "$f" "$BPFFS/$(basename "$f" .bpf)" >out 2>err || continue
		n=$((n + 1))
		for pin in $(pins "$BPFFS/$(basename "$f" .bpf)"); do
			bpfctl prog dump xlated pinned "$pin" file kernel.bin
			for form in "" opcodes linum; do
				echo "# $pin $form"
				# shellcheck disable=SC2086 # no word or one
				bpfctl prog dump xlated pinned "$pin" $form >text
				bpfctl asm text --emit bin -o again.bin 2>/dev/null
				cmp again.bin kernel.bin
			done
		done
	done
	[ "$n" -ge 60 ]
}

# Lines of 8 bytes, WANTED|GOT: those that differ.  Constants that the verifier has replaced (maps,
# variables, functions) are compared without the value.
other_bytes() {
	awk -F'|' '
		wide { wide = 0; next }
		substr($1, 1, 2) == "18" && substr($1, 3, 1) != "0" {
			wide = 1
			if (substr($1, 1, 2) substr($1, 4, 1) == substr($2, 1, 2) substr($2, 4, 1)) next
		}
		$1 != $2 { print NR ": " $0; bad = 1 }
		END { exit bad }'
}

@test "the verifier log of each example is source of what was loaded" {
	real_kernel "a whole verifier"
	need bpftool
	need xxd
	local f name p n=0
	for f in "$ROOT"/examples/*.bpf; do
		name=$(basename "$f" .bpf)
		rm -f tape
		bpfctl --record tape prog loadall "$f" "$BPFFS/ours_$name" >out 2>err || continue
		bpfctl asm "$f" -o x.o
		bpftool -d prog loadall x.o "$BPFFS/theirs_$name" >log 2>&1 || true # what it cannot pin
		while read -r p; do
			echo "# $name $p"
			sed -n "/^libbpf: prog '$p': -- BEGIN/,/^-- END/p" log >one.log
			# without this table a log leaves out what no path reaches
			grep -q '^Live regs before insn' one.log || continue
			bpfctl asm one.log --emit bin -o got.bin 2>err || { head -9 err; return 1; }
			# shellcheck disable=SC2016 # jq's variables
			jq -r --arg p "${p:0:15}" 'select(.call == "prog_load" and .in.name == $p) |
				.in.insns[]' tape >want
			[ -s want ]
			paste -d '|' want <(xxd -p -c8 got.bin) | other_bytes
			n=$((n + 1))
		done < <(sed -n "s/^libbpf: prog '\(.*\)': -- BEGIN PROG LOAD LOG --/\1/p" log)
	done
	[ "$n" -gt 0 ] || skip "needs a kernel whose log has all instructions (6.16)"
	[ "$n" -ge 70 ]
}

@test "what llvm-objdump prints of each example is source of the object's bytes" {
	need llvm-objcopy
	local f s objdump newest
	for objdump in llvm-objdump /usr/lib/llvm-{14,16,19,22}/bin/llvm-objdump; do
		command -v "$objdump" >/dev/null && newest=$objdump
	done
	[ -n "${newest:-}" ] || skip "needs llvm-objdump"
	for f in "$ROOT"/examples/*.bpf; do
		bpfctl asm "$f" -o x.o
		"$newest" -d x.o >text 2>err
		[ ! -s err ]
		echo "# $f"
		bpfctl asm text --emit bin -o got.bin 2>/dev/null
		: >want.bin
		while read -r s; do
			llvm-objcopy -O binary --only-section="$s" --set-section-flags "$s=alloc" x.o part.bin
			cat part.bin >>want.bin
		done < <(sed -n 's/^Disassembly of section \(.*\):$/\1/p' text)
		cmp got.bin want.bin
	done
}
