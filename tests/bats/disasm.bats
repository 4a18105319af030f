# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# disasm: parts of objects, styles, bytes, loaded programs, and what it refuses.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	clean_up
}

# An object with two programs that share a function; only one uses the map and the variable.
two_programs() {
	bpfctl asm --emit elf - -o two.o "$@" <<-'E'
		license "Dual BSD/GPL"
		struct pair { u32 a; u32 b }
		map pairs hash { key u32; value pair; max_entries 8 }
		data u64 total = 5
		prog xdp first {
		    r1 = map[pairs]
		    r1 = &total
		    call twice
		    exit
		}
		prog tc second {
		    if r1 == 0 goto .none
		    call twice
		.none:
		    exit
		}
		func u64 twice(u64 x) {
		    r0 = r1
		    r0 += r1
		    exit
		}
	E
}

# fails STATUS PATTERN COMMAND...: an error on standard error that matches, and no output
fails() {
	local status_wanted=$1 pattern=$2
	shift 2
	again "$*"
	run --separate-stderr "$@"
	echo "status $status: $stderr"
	# shellcheck disable=SC2053 # a pattern
	[ "$status" -eq "$status_wanted" ] && [[ $stderr == $pattern ]] && [ -z "$output" ]
}

@test "an object is a whole source" {
	two_programs
	same 'license "Dual BSD/GPL"

struct pair {
    __u32 a
    __u32 b
}

map pairs hash {
    key __u32
    value struct pair
    max_entries 8
}

data __u64 total = 5

prog xdp first {
    ; r1 = map[pairs]
    r1 = map[pairs]
    ; r1 = &total
    r1 = &total
    ; call twice
    call twice
    ; exit
    exit
}

prog tc second {
    ; if r1 == 0 goto .none
    if r1 == 0x0 goto .L2
    ; call twice
    call twice
    ; exit
.L2:
    exit
}

func __u64 twice(__u64 x) {
    ; r0 = r1
    r0 = r1
    ; r0 += r1
    r0 += r1
    ; exit
    exit
}' "$(bpfctl disasm two.o)"
}

@test "standard input is an object too" {
	two_programs
	same "$(bpfctl disasm two.o)" "$(bpfctl disasm - <two.o)"
}

@test "JSON has a line in each object" {
	two_programs
	same "$(bpfctl disasm two.o)" "$(bpfctl -j disasm two.o | jq -r '.[].line')"
}

@test "a program comes with what it needs, and assembles" {
	two_programs
	run bpfctl disasm two.o --prog second
	[ "$status" -eq 0 ]
	[[ $output == *"prog tc second {"*"func __u64 twice"* ]]
	[[ $output != *first* && $output != *pairs* && $output != *total* ]]
	bpfctl asm - --emit elf -o second.o <<<"$output"
	run bpfctl disasm two.o --prog first
	[[ $output == *"struct pair {"*"map pairs"*"data __u64 total"*"prog xdp first"*"func __u64 twice"* ]]
	[[ $output != *second* ]]
}

@test "a section comes with what it needs, and assembles" {
	two_programs
	run bpfctl disasm two.o --section xdp
	[[ $output == *"map pairs"*"prog xdp first"*"func __u64 twice"* && $output != *second* ]]
	bpfctl asm - --emit elf -o first.o <<<"$output"
	run bpfctl disasm two.o --section .data
	[[ $output == *"data __u64 total = 5" && $output != *prog* ]]
	run bpfctl disasm two.o --section .maps
	[[ $output == *"struct pair"*"map pairs"* && $output != *prog* ]]
}

@test "styles are different words for the same bytes" {
	local style
	two_programs
	bpfctl disasm two.o --style mnemonic | grep -q '%r0, %r1'
	bpfctl disasm two.o --style llvm | grep -q 'if r1 == 0 goto .L2'
	for style in kernel llvm mnemonic; do
		bpfctl disasm two.o --style "$style" | bpfctl asm - --emit elf -o "$style.o"
		"$(dirname "$BPFCTL")/roundtrip" --same two.o "$style.o"
	done
}

@test "an object of the other byte order says so" {
	two_programs --endian big
	run bpfctl disasm two.o
	same "// big endian: assemble it with --endian big" "${lines[0]}"
	bpfctl disasm two.o | bpfctl asm - --endian big --emit elf -o again.o
	"$(dirname "$BPFCTL")/roundtrip" --same two.o again.o
}

@test "bytes without headers are instructions" {
	printf 'r0 = 2\nexit\n' | bpfctl asm - --emit bin -o raw.bin
	same $'r0 = 2\nexit' "$(bpfctl disasm --raw raw.bin)"
	same $'mov %r0, 2\nexit' "$(bpfctl disasm --raw --style mnemonic - <raw.bin)"
	printf 'r0 = 2\nexit\n' | bpfctl asm - --endian big --emit bin -o raw.bin
	same $'r0 = 2\nexit' "$(bpfctl disasm --raw --endian big raw.bin)"
}

@test "a loaded program is what prog dump xlated shows" {
	need_kernel
	private_bpffs
	bpfctl asm - --emit elf -o one.o <<<$'prog xdp one {\n r0 = 2\n exit\n}'
	bpfctl prog load one.o "$BPFFS/one"
	run bpfctl disasm prog pinned "$BPFFS/one"
	[ "$status" -eq 0 ]
	[[ $output == *"0: (b7) r0 = 2"*"1: (95) exit"* ]]
	same "$(bpfctl prog dump xlated pinned "$BPFFS/one")" "$output"
	same "$output" "$(bpfctl -j disasm prog pinned "$BPFFS/one" | jq -r '.[].line')"
}

# ---- what is refused ------------------------------------------------------------------------

@test "an unknown program or section is absent, and near ones are named" {
	two_programs
	fails 6 "*two.o has no program 'frist'*did you mean 'first'*" bpfctl disasm two.o --prog frist
	fails 6 "*two.o has no program 'other'*shows all*" bpfctl disasm two.o --prog other
	fails 6 "*two.o has no section '.date'*did you mean '.data'*" bpfctl disasm two.o --section .date
	fails 6 "*two.o has no section 'other'*" bpfctl disasm two.o --section other
	fails 3 "*section '.symtab' of two.o has no programs*" bpfctl disasm two.o --section .symtab
}

@test "what is no object is class input" {
	two_programs
	: >empty
	fails 3 "*empty is empty*" bpfctl disasm empty
	echo text >text
	fails 3 "*text*--raw*" bpfctl disasm text
	fails 3 "*directory*" bpfctl disasm "$PWD"
	fails 3 "*ls: not a BPF object file*" bpfctl disasm "$(command -v ls)"
	head -c 12345 /dev/zero >zeros
	fails 3 "*zeros*" bpfctl disasm zeros
	fails 6 "*missing*" bpfctl disasm missing
	head -c 13 two.o >odd
	fails 3 "*13 bytes are no whole instructions*" bpfctl disasm --raw odd
}

@test "an object cut off anywhere is an error or less of a source, never a crash" {
	local size n
	two_programs
	size=$(stat -c %s two.o)
	for ((n = 1; n < size; n += 61)); do
		head -c "$n" two.o >cut.o
		run bpfctl disasm cut.o
		[ "$status" -eq 3 ] || { echo "cut at $n: $status"; return 1; }
	done
}

@test "what excludes each other is class usage" {
	two_programs
	fails 2 "*FILE is missing*" bpfctl disasm
	fails 2 "*--prog is for objects*" bpfctl disasm --raw two.o --prog first
	fails 2 "*--section is for objects*" bpfctl disasm prog id 1 --section xdp
	fails 2 "*prog*section*" bpfctl disasm two.o --prog first --section xdp
	fails 2 "*exclude each other*" bpfctl disasm two.o prog id 1
	fails 2 "*--style*" bpfctl disasm two.o --style gas
}

# ---- what compilers leave out ----------------------------------------------------------------

@test "without symbols there are names by place, and bytes" {
	need clang
	need llvm-objcopy
	clang -target bpf -g -O2 -c -x c - -o plain.o <<-'E'
		int answer = 42;
		static int twice(int x) __attribute__((noinline));
		static int twice(int x) { return x * 2 + 1; }
		__attribute__((section("xdp"))) int f(void *ctx) { return 2; }
		int g(int x) { return twice(x) + twice(x + 1); }
	E
	llvm-objcopy --strip-all --keep-section=.BTF plain.o bare.o
	run bpfctl disasm bare.o
	[ "$status" -eq 0 ]
	[[ $output == *"data static u8 data_0[4] = { 0x2a }"* ]]
	[[ $output == *"prog xdp xdp_0 {"*"exit"* ]]
	bpfctl asm - --emit elf -o again.o <<<"$output"
	"$(dirname "$BPFCTL")/roundtrip" --same bare.o again.o
}

# lines FILE: of a source, without those that quote the author and in one spelling of types
lines_of() {
	sed '/^ *; /d; s/\b__\([us][0-9]\)/\1/g' "$1"
}

# comes_back OBJECT: disasm, asm and disasm again give the same lines, and the same bytes
comes_back() {
	bpfctl disasm "$1" >once.bpf
	bpfctl asm once.bpf -Wno-unset-register -o again.o
	bpfctl disasm again.o >twice.bpf
	diff <(lines_of once.bpf | sort) <(lines_of twice.bpf | sort)
	"$(dirname "$BPFCTL")/roundtrip" --same "$1" again.o
}

@test "what maps begin with and structs of functions come back" {
	need clang
	clang -target bpf -g -O2 -I"/usr/include/$(uname -m)-linux-gnu" -c -x c - -o full.o <<-'E'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		struct pair { int a, b; };
		struct inner {
			__uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, struct pair);
			__uint(max_entries, 5); __uint(map_flags, BPF_F_NO_PREALLOC);
		};
		struct inner in1 SEC(".maps"), in2 SEC(".maps");
		struct {
			__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4); __type(key, int);
			__array(values, struct inner);
		} outer SEC(".maps") = { .values = { &in2, [2] = &in1 } };
		struct {
			__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 9); __type(key, int);
			__array(values, struct inner);
		} later SEC(".maps");
		int f2(void *ctx);
		struct {
			__uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __type(key, int);
			__array(values, int (void *));
		} jumps SEC(".maps") = { .values = { [1] = (void *)&f2 } };
		struct ops { int (*init)(void *); long flags; int (*none)(void *); char name[8]; };
		SEC("struct_ops/init") int ops_init(void *x) { return 0; }
		SEC(".struct_ops.link") struct ops mine = { .init = (void *)ops_init, .flags = -3, .name = "mine" };
		SEC("xdp") int f1(struct xdp_md *ctx) { bpf_tail_call(ctx, &jumps, 1); return 0; }
		SEC("xdp") int f2(void *ctx) { return 1; }
	E
	comes_back full.o
	run cat once.bpf
	[[ $output != *"not kept"* ]]
	[[ $output == *"map outer array_of_maps {"*"    inner hash {"*"        value struct pair"*"        flags 1"*"    values = { in2, [2] = in1 }"* ]]
	[[ $output == *"map later hash_of_maps {"*"    inner hash {"* ]]
	[[ $output == *"map jumps prog_array {"*"    values = { [1] = f2 }"* ]]
	[[ $output == *"struct_ops link ops mine {"$'\n'"    init = ops_init"$'\n'"    flags = -3"$'\n'"    name = \"mine\""$'\n'"}"* ]]
	run bpfctl disasm full.o --prog f1
	[[ $output == *"map jumps"*"prog xdp f2 {"*"prog xdp f1 {"* && $output != *outer* && $output != *ops* ]]
	run bpfctl disasm full.o --section .struct_ops.link
	[[ $output == *"prog struct_ops/init ops_init {"*"struct_ops link ops mine {"* && $output != *jumps* ]]
}

@test "what a loader adapts comes back as what the author named" {
	need clang
	clang -target bpf -g -O2 -mcpu=v3 -I"/usr/include/$(uname -m)-linux-gnu" -c -x c - -o core.o <<-'E'
		#include <linux/bpf.h>
		#include <linux/types.h>
		#include <bpf/bpf_helpers.h>
		#include <bpf/bpf_core_read.h>
		#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
		struct inner { int a; union { long u; struct { short s1, s2; }; }; int arr[4]; };
		struct big { char c; struct inner in; struct inner *next; long l; };
		enum e { E_A = 1, E_B = 7 };
		#pragma clang attribute pop
		SEC("raw_tp/x") int p(struct bpf_raw_tracepoint_args *ctx)
		{
			struct big *b = (void *)ctx->args[0];
			long r = BPF_CORE_READ(b, next, arr[2]) + BPF_CORE_READ(b, in.s2);
			r += bpf_core_field_exists(b->l) + bpf_core_field_size(b->in);
			r += bpf_core_type_exists(struct big) + bpf_core_type_size(struct inner);
			r += bpf_core_enum_value(enum e, E_B) + bpf_core_enum_value_exists(enum e, E_A);
			return r + bpf_core_type_id_kernel(struct inner);
		}
		SEC("tp_btf/x") int q(unsigned long long *ctx)
		{
			struct big *b = (void *)ctx[0];
			return b->in.arr[3] + b->next->s1 + b->l;
		}
	E
	comes_back core.o || [ "$(grep -c 'a loader adapts' once.bpf)" -eq 1 ]
	for text in '= big::next$' '= inner::arr\[2\]$' '= big::in.s2$' '= field_exists(big::l)$' \
		'= byte_size(big::in)$' '= type_exists(big)$' '= type_size(inner)$' \
		'= enumval(e::E_B) ll$' '= enumval_exists(e::E_A) ll$' ' + big::in.arr\[3\])$' \
		' + inner::s1)$' ' + big::l)$' '// a loader adapts: target_type_id(inner)$'; do
		echo "$text"
		grep -qe "$text" once.bpf
	done
	for text in big::next 'inner::arr\[2\]' 'field_exists(big::l)' 'enumval(e::E_B) ll' 'big::l)'; do
		grep -q "$text" twice.bpf
	done
}

@test "types that are the language's too, and members of no size, are named as well" {
	need clang
	clang -target bpf -g -O2 -mcpu=v3 -I"/usr/include/$(uname -m)-linux-gnu" -c -x c - -o core.o <<-'E'
		#include <linux/bpf.h>
		#include <linux/types.h>
		#include <bpf/bpf_helpers.h>
		#include <bpf/bpf_core_read.h>
		#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
		struct nothing {};
		struct pt_regs { unsigned long rest[14], di; };
		struct task_struct { int flags; struct nothing map; int pid; };
		#pragma clang attribute pop
		SEC("kprobe/f") int p(struct pt_regs *ctx)
		{
			struct task_struct *t = (void *)ctx->di;
			return BPF_CORE_READ(t, pid);
		}
	E
	comes_back core.o
	run ! grep 'a loader adapts' once.bpf
	grep -q ' + pt_regs::di)$' once.bpf
	grep -q '= task_struct::pid$' once.bpf
}

@test "what a loader adapts in other people's programs is named" {
	local bin kept=0 lost=0 n=0
	for bin in /usr/sbin/{execsnoop,biolatency,tcpconnect,runqlat}; do
		[ -f "$(readlink -f "$bin")" ] || continue
		mkdir "in_$n"
		"$(dirname "$BPFCTL")/roundtrip" --extract "$(readlink -f "$bin")" "in_$n" >/dev/null || continue
		for o in "in_$n"/*.o; do
			bpfctl disasm "$o" >x.bpf
			kept=$((kept + $(grep -v '^ *[;/]' x.bpf | grep -c '[a-z_0-9]::[a-z_]' || true)))
			lost=$((lost + $(grep -c 'a loader adapts' x.bpf || true)))
		done
		n=$((n + 1))
	done
	[ "$n" -gt 0 ] || skip "needs the package libbpf-tools"
	echo "$kept kept, $lost lost in $n"
	[ "$kept" -gt 0 ]
	[ "$lost" -eq 0 ]
}

@test "our own objects come back with everything that a loader adapts" {
	local f
	for f in "$ROOT"/examples/*.bpf "$ROOT"/tests/lib/*.bpf; do
		echo "$f"
		bpfctl asm "$f" -o own.o
		comes_back own.o
		run ! grep -e 'a loader adapts' -e 'not kept' once.bpf
	done
}

@test "what the language has no words for is a comment" {
	need clang
	clang -target bpf -g -O2 -I"/usr/include/$(uname -m)-linux-gnu" -c -x c - -o odd.o <<-'E'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		struct inner { __uint(type, 2); __type(key, int); __type(value, long); __uint(max_entries, 1); };
		struct inner in1 SEC(".maps");
		struct { __uint(type, 12); __uint(max_entries, 2); __type(key, int); __array(values, struct inner); }
			outer SEC(".maps") = { .values = { [5] = &in1 } };
		int f2(void *ctx);
		struct { __uint(type, 3); __uint(max_entries, 2); __type(key, int); __array(values, int (void *)); }
			jumps SEC(".maps") = { .values = { [1] = (void *)&f2 } };
		int target = 3;
		int *pointer = &target;
		struct ops { int (*init)(void *); long flags; int *data; };
		SEC("struct_ops/init") int ops_init(void *x) { return 0; }
		SEC(".struct_ops") struct ops my_ops = { .init = (void *)ops_init, .data = &target };
		SEC("xdp") int f1(struct xdp_md *ctx) { bpf_tail_call(ctx, &jumps, 1); return *pointer; }
		SEC("xdp") int f2(void *ctx) { return 1; }
	E
	run bpfctl disasm odd.o
	[[ $output == *"// not kept: struct_ops my_ops"* ]]
	[[ $output == *"map outer array_of_maps {"*"value_size 4"*"// not kept: the maps in it"* ]]
	[[ $output == *"// the object has the address of target at byte 0 of what follows"*"data int *pointer"* ]]
	bpfctl asm - --emit elf -o again.o <<<"$output"
}

@test "maps of before BTF are maps, in the same place" {
	need clang
	clang -target bpf -O2 -I"/usr/include/$(uname -m)-linux-gnu" -c -x c - -o old.o <<-'E'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		struct def { unsigned type, key_size, value_size, max_entries, map_flags; };
		struct def SEC("maps") first = { BPF_MAP_TYPE_HASH, 4, 8, 16, 1 };
		struct def SEC("maps") second = { BPF_MAP_TYPE_ARRAY, 4, 8, 32 };
		SEC("socket") int f(void *ctx) { int k = 0; return !bpf_map_lookup_elem(&second, &k); }
	E
	run bpfctl disasm old.o
	[[ $output == *"map first hash {
    key_size 4
    value_size 8
    max_entries 16
    flags 1
}"*"map second array {"*"r1 = map[second]"* ]]
	bpfctl asm - --emit elf -o again.o <<<"$output"
	"$(dirname "$BPFCTL")/roundtrip" --same old.o again.o
}

@test "a struct that is marked as an event without being one is a struct" {
	need clang
	clang -target bpf -g -O2 -c -x c - -o tag.o <<-'E'
		struct __attribute__((btf_decl_tag("kind:1"))) no { long x; };
		struct __attribute__((btf_decl_tag("kind:2"))) yes { unsigned kind; };
		struct no no = { 5 };
		struct yes yes = { 6 };
	E
	run bpfctl disasm tag.o
	[[ $output == *"struct no {"*"data struct no no = { .x = 5 }"* ]]
	[[ $output == *"event yes kind 2 {"*"data struct yes yes = { .kind = 6 }"* ]]
	bpfctl asm - --emit elf -o again.o <<<"$output"
}

@test "variables in a section that the language reserves are left out, and that is said" {
	need clang
	need llvm-objcopy
	clang -target bpf -g -O2 -c -x c - -o x.o <<-'E'
		int kept = 3;
		__attribute__((section("odd"))) int lost = 4;
		__attribute__((section("xdp"))) int f(void *ctx) { return lost + kept; }
	E
	llvm-objcopy --rename-section odd=.strtab,alloc,data x.o
	bpfctl disasm x.o >x.bpf
	grep -qx '// not kept: section .strtab' x.bpf
	grep -q '// not kept: a reference to ' x.bpf
	bpfctl asm x.bpf -Wno-unset-register -o again.o
}
