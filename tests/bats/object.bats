# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Objects the assembler makes, as the tools of others see them.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	clean_up
}

# asm NAME [OPTION...]: standard input to NAME.o
asm() {
	local name=$1
	shift
	cat >"$name.bpf"
	bpfctl asm "$@" --emit elf "$name.bpf" -o "$name.o"
}

# silently COMMAND...: it succeeds, and nothing on standard error
silently() {
	again "$*"
	run --separate-stderr "$@"
	# shellcheck disable=SC2154
	[ "$status" -eq 0 ] && [ -z "$stderr" ] && return
	printf '%s\n' "status $status" "$output" "$stderr"
	return 1
}

# names DIR: what is pinned there
names() {
	pins "$1" | sed 's|.*/||' | sort | paste -sd ' '
}

# line_of TEXT: the number of the first line of all.bpf that has it
line_of() {
	grep -nF -m 1 "$1" all.bpf | cut -d: -f1
}

# One of everything an object can hold.
everything() {
	asm all "$@" <<-'E'
		license GPL

		struct pair { u32 a; u32 b:3; u32 c:5; s64 list[2]; bool on; char name[16] }
		enum color { RED = -1, GREEN, BLUE = 7 }
		event opened kind 1 { u32 kind; u32 pid; char comm[16] }
		event closed kind 2 { u32 kind; u64 ns }

		map counts hash { key u32; value pair; max_entries 64 }
		map sizes array { key_size 4; value_size 24; max_entries 2; flags BPF_F_MMAPABLE }
		map records ringbuf { max_entries 4096; event opened; event closed }

		rodata u16 port = 443
		rodata char greeting[6] = "hello"
		data u64 total = 0x1122334455667788
		data color shade = BLUE
		bss u32 seen[4]

		kconfig int LINUX_KERNEL_VERSION
		ksym bpf_prog_put weak
		kfunc void bpf_rcu_read_lock()
		kfunc void bpf_rcu_read_unlock()
		kfunc struct task_struct *bpf_task_from_pid(s32 pid)
		kfunc void bpf_task_release(struct task_struct *p)

		prog xdp first {
		    stack u32 key
		    *(key) = 0
		    r0 = bpf_map_lookup_elem(map[counts], &key)
		    if r0 == 0 goto .none
		    r0 = *(u32 *)(r0 + 0)
		.none:
		    r1 = &total
		    r2 = *(u64 *)(r1 + 0)
		    r2 += 1
		    *(u64 *)(r1 + 0) = r2
		    r1 = &port
		    r1 = *(u16 *)(r1 + 0)
		    call twice
		    call global_one
		    r0 = bpf_loop(3, subprog[each], 0, 0)
		    r0 = XDP_PASS
		    exit
		}

		prog tc second {
		    r6 = &LINUX_KERNEL_VERSION
		    r6 = *(u32 *)(r6 + 0)
		    r7 = &bpf_prog_put
		    r0 = bpf_trace_printk("version %d\n", 12, r6)
		    r1 = &greeting
		    r1 = *(u8 *)(r1 + 1)
		    r1 = &seen
		    r2 = 5
		    *(u32 *)(r1 + 12) = r2
		    r1 = 3
		    call twice
		    r0 = 0
		    exit
		}

		prog xdp third {
		    r1 = map[records]
		    r2 = 16
		    r3 = 0
		    call bpf_ringbuf_reserve
		    if r0 == 0 goto .out
		    r1 = r0
		    r2 = 0
		    call bpf_ringbuf_discard
		.out:
		    r1 = map[sizes]
		    r0 = XDP_PASS
		    exit
		}

		prog syscall fourth {
		    call bpf_rcu_read_lock
		    call bpf_rcu_read_unlock
		    r0 = bpf_task_from_pid(1)
		    if r0 == 0 goto .none
		    bpf_task_release(r0)
		.none:
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
}

@test "readelf reads an object with everything in it" {
	need readelf
	everything
	silently readelf -aW all.o
	[[ $output != *arning* ]]
	[[ $output == *"STRTAB"*"SYMTAB"* || $output == *"SYMTAB"*"STRTAB"* ]]
	[[ $output == *" FUNC    LOCAL  DEFAULT "*" twice"* ]]
	[[ $output == *" FUNC    GLOBAL DEFAULT "*" global_one"* ]]
	[[ $output == *" NOTYPE  WEAK   DEFAULT  UND bpf_prog_put"* ]]
}

@test "eu-elflint finds nothing to complain of" {
	need eu-elflint
	everything
	silently eu-elflint all.o
	same "No errors" "$output"
}

@test "llvm-objdump shows instructions, relocations and source" {
	local objdump found=0
	everything
	for objdump in llvm-objdump /usr/lib/llvm-*/bin/llvm-objdump; do
		command -v "$objdump" >/dev/null || continue
		found=1
		silently "$objdump" -d -r all.o
		[[ $output == *"<first>:"*"R_BPF_64_64	counts"*"R_BPF_64_32	.text"* ]]
		[[ $output == *"R_BPF_64_32	global_one"* ]]
		[[ $output == *"R_BPF_64_64	.rodata.str1.1"* ]]
	done
	[ $found -eq 1 ] || skip "needs llvm-objdump"
}

@test "bpftool dumps the types, in either byte order the same" {
	need bpftool
	everything
	silently bpftool btf dump file all.o
	local little=$output
	[[ $little == *"DECL_TAG 'event:opened'"*"DECL_TAG 'event:closed'"* ]]
	[[ $little == *"DECL_TAG 'kind:2'"* ]]
	[[ $little == *"'b' type_id="*" bits_offset=32 bitfield_size=3"* ]]
	[[ $little == *"FUNC 'twice' type_id="*" linkage=static"* ]]
	[[ $little == *"FUNC 'global_one' type_id="*" linkage=global"* ]]
	[[ $little == *"'RED' val=-1"* ]]
	everything --endian big
	silently bpftool btf dump file all.o
	same "$little" "$output"
}

@test "bpftool makes C of the types that a compiler takes" {
	need bpftool
	need cc
	everything
	silently bpftool btf dump file all.o format c
	printf '%s\n' "#include <linux/types.h>" "$output" "int x = sizeof(struct pair) == 48 ? 0 : 1;" >types.c
	silently cc -c -Wall -Wno-unknown-pragmas -Werror -o types.o types.c
}

@test "the loader takes all of it, and says nothing" {
	need_kernel
	everything
	private_bpffs
	silently load_all all.o "$BPFFS/all" pinmaps "$BPFFS/maps"
	same "first fourth second third" "$(names "$BPFFS/all")"
	[[ " $(names "$BPFFS/maps") " == *" counts "*"records "*"sizes "* ]]
	silently bpfctl -j map show pinned "$BPFFS/maps/counts"
	same 'hash 4 48 64' "$(jq -r '"\(.type) \(.bytes_key) \(.bytes_value) \(.max_entries)"' <<<"$output")"
}

@test "the kernel shows the author's lines and columns" {
	need_kernel
	everything
	private_bpffs
	load_all all.o "$BPFFS/all"
	silently bpfctl prog dump xlated pinned "$BPFFS/all/first" linum
	[[ $output == *"; *(key) = 0 [file:all.bpf line_num:$(line_of '(key) = 0') line_col:5]"* ]]
	[[ $output == *"; call global_one [file:all.bpf line_num:$(line_of 'call global_one') line_col:5]"* ]]
	[[ $output == *"twice(__u64 x):"* ]]
}

@test "the verifier quotes the line it refuses" {
	need_kernel
	private_bpffs
	asm bad <<-'E'
		prog xdp p {
		    r0 = 1
		    r0 = *(u64 *)(r1 + 4000)   // too far
		    exit
		}
	E
	real_kernel "a whole verifier"
	run bpftool prog load bad.o "$BPFFS/p"
	[ "$status" -ne 0 ]
	[[ $output == *"; r0 = *(u64 *)(r1 + 4000)   // too far"*"invalid bpf_context access"* ]]
}

@test "functions stand behind a program as in a dump, and load" {
	need_kernel
	private_bpffs
	asm dump <<-'E'
		prog xdp p {
		   0: (b7) r1 = 2
		   1: (85) call pc+2
		   2: (b7) r0 = 2
		   3: (95) exit
		   4: (85) call pc+1
		   5: (95) exit
		   6: (b7) r0 = 7
		   7: (95) exit
		}
	E
	silently load_one dump.o "$BPFFS/p"
	run bpfctl prog dump xlated pinned "$BPFFS/p"
	[[ $output == *"p_at_4"*"p_at_6"* ]]
}

@test "a stream without a program loads as the type one asks for" {
	need_kernel
	private_bpffs
	asm bare <<-'E'
		r0 = 0
		call sub
		exit
		sub:
		r0 = 1
		exit
	E
	silently load_one bare.o "$BPFFS/p" type socket
}

@test "bpftool links objects of ours" {
	need_kernel
	everything
	private_bpffs
	asm other <<-'E'
		map more hash { key u32; value u32; max_entries 8 }
		data u32 total2 = 9
		prog xdp other {
		    r0 = bpf_trace_printk("other %d\n", 10, 1)
		    r1 = &total2
		    r2 = map[more]
		    r1 = 4
		    call twice
		    r0 = XDP_PASS
		    exit
		}
		func twice(u64 x) {
		    r0 = 0
		    exit
		}
	E
	echo 'map alone array { key u32; value u32; max_entries 1 }' | asm library
	silently bpftool gen object linked.o all.o other.o library.o
	silently load_all linked.o "$BPFFS/linked"
	same "first fourth other second third" "$(names "$BPFFS/linked")"
	run bpfctl prog dump xlated pinned "$BPFFS/linked/other"
	[[ $output == *"twice"*"r0 = 0"* ]]
}

@test "bpftool links objects of ours with clang's, first or last" {
	need_kernel
	need clang
	everything
	private_bpffs
	cat >c.bpf.c <<-'E'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__type(key, int);
			__type(value, long);
			__uint(max_entries, 4);
		} of_c SEC(".maps");
		const volatile int limit = 3;
		int sum;
		static __attribute__((noinline)) int twice(int x) { return x * sum; }
		SEC("xdp") int from_c(struct xdp_md *ctx)
		{
			int key = 0;
			long *v = bpf_map_lookup_elem(&of_c, &key);
			bpf_printk("c %d", limit);
			return v ? twice(*v) : XDP_PASS;
		}
		char LICENSE[] SEC("license") = "GPL";
	E
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c c.bpf.c -o c.o
	silently bpftool gen object one.o all.o c.o
	silently load_all one.o "$BPFFS/one"
	silently bpftool gen object two.o c.o all.o
	silently load_all two.o "$BPFFS/two"
	same "first fourth from_c second third" "$(names "$BPFFS/two")"
}

@test "a skeleton compiles" {
	need bpftool
	need cc
	asm skel <<-'E'
		rodata u16 port = 443
		data u64 total
		bss s8 bits[16]
		map m array { key u32; value u64; max_entries 1 }
		prog xdp p {
		    r1 = &port
		    r1 = &total
		    r1 = &bits
		    r1 = map[m]
		    r0 = 0
		    exit
		}
	E
	silently bpftool gen skeleton skel.o name skel
	printf '%s\n' "$output" >skel.h
	echo '#include "skel.h"
	int f(struct skel *s) { return s->rodata->port + s->data->total + s->bss->bits[3]; }' >use.c
	silently cc -Wall -Wextra -Wno-unused-function -c use.c -o use.o
}

@test "an extern that nobody uses is not asked for" {
	need_kernel
	private_bpffs
	asm unused <<-'E'
		ksym no_such_symbol
		kfunc void no_such_function()
		prog socket p {
		    r0 = 0
		    exit
		}
	E
	silently load_one unused.o "$BPFFS/p"
}

# The program that the formats are tried on.
small() {
	cat >small.bpf <<-'E'
		prog xdp my_prog {
		    r1 = 0x1122334455667788 ll
		    r2 = -7
		    call half
		    if r0 > 5 goto .end
		    r0 = -2147483648
		.end:
		    exit
		}
		func half(u64 x) {
		    r0 = r1
		    r0 >>= 1
		    exit
		}
	E
}

@test "hex and bytes are the same" {
	need xxd
	small
	bpfctl asm small.bpf --emit bin -o small.bin
	bpfctl asm small.bpf --emit hex -o small.hex
	same "$(xxd -p small.bin)" "$(xxd -r -p small.hex | xxd -p)"
	[ "$(stat -c %s small.bin)" -eq 80 ]
	[ "$(wc -l <small.hex)" -eq 9 ]
}

@test "the array for C has the bytes, and compilers take it" {
	need cc
	small
	bpfctl asm small.bpf --emit bin -o small.bin
	bpfctl asm small.bpf --emit c -o small.h
	printf '%s\n' '#include <unistd.h>' '#include "small.h"' \
		'int main(void) { return write(1, my_prog, sizeof(my_prog)) < 0; }' >use.c
	silently cc -Wall -Wextra -Werror use.c -o use
	./use | cmp - small.bin
	if command -v c++ >/dev/null; then silently c++ -Wall -Wextra -Werror -x c++ -c use.c -o use.o; fi
}

@test "the array for Rust has the bytes" {
	need rustc
	small
	bpfctl asm small.bpf --emit bin -o small.bin
	bpfctl asm small.bpf --emit rust -o small.rs
	printf '%s\n' 'use std::io::Write;' 'include!("small.rs");' \
		'fn main() { std::io::stdout().write_all(&MY_PROG).unwrap(); }' >use.rs
	silently rustc use.rs
	./use | cmp - small.bin
}

@test "the array for Go is formatted as Go wants it" {
	need gofmt
	small
	bpfctl asm small.bpf --emit go -o small.go
	silently gofmt -l small.go
	[ -z "$output" ]
}

@test "what needs a loader is an error outside of objects" {
	everything
	run bpfctl asm all.bpf --prog first --emit hex -o out
	[ "$status" -eq 3 ]
	[[ $output == *"all.bpf:$(line_of 'map[counts]'):"*"error: only an object file can refer to map 'counts'"* ]]
	[ ! -e out ]
	run bpfctl asm all.bpf --emit hex -o out
	[[ $output == *"the source has 4 programs, and this format holds one"* ]]
}

# ---- every example ------------------------------------------------------------------------------

# examples: their objects, here
examples() {
	local f
	for f in "$ROOT"/examples/*.bpf; do
		bpfctl asm "$f" -o "$(basename "$f" .bpf).o"
	done
}

@test "dumpers take each example without a word" {
	need bpftool
	need readelf
	local o objdump newest
	for objdump in llvm-objdump /usr/lib/llvm-{14,16,19,22}/bin/llvm-objdump; do
		command -v "$objdump" >/dev/null && newest=$objdump
	done
	examples
	for o in *.o; do
		silently bpftool btf dump file "$o"
		silently readelf -aW "$o"
		[[ $output != *arning* ]]
		[ -z "${newest:-}" ] || silently "$newest" -d -r "$o"
	done
}

@test "skeletons of all examples compile" {
	need bpftool
	need cc
	local o name
	examples
	for o in *.o; do
		name=${o%.o}
		silently bpftool gen skeleton "$o" name "$name"
		printf '%s\n' "$output" >"$name.skel.h"
		echo "#include \"$name.skel.h\"" >>all.c
	done
	silently cc -Wall -Wextra -Wno-unused-function -fsyntax-only all.c
}

# loads OBJECT DIR: by bpftool without a word; not what it is too old for, or the kernel refuses
loads() {
	run --separate-stderr bpftool prog loadall "$1" "$2"
	if [ "$status" -ne 0 ]; then
		[[ $stderr == *"failed to guess program type"* || $stderr == *"wasn't loaded"* ||
			$stderr == *"program load failed: "@(Operation not permitted|Invalid argument)* ]] &&
			return 1
	fi
	echo "$1: $stderr"
	[ "$status" -eq 0 ] && [ -z "$stderr" ] && loaded=$((loaded + 1))
}

@test "each example loads, also linked with another of ours and with clang's" {
	real_kernel "the loaders of others"
	need bpftool
	need clang
	local o name loaded=0
	private_bpffs
	examples
	mkdir others
	asm others/ours <<-'E'
		map of_ours array { key u32; value u64; max_entries 2 }
		prog socket from_ours {
		    r1 = map[of_ours]
		    r0 = 0
		    exit
		}
	E
	cat >c.bpf.c <<-'E'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__type(key, int);
			__type(value, long);
			__uint(max_entries, 4);
		} of_c SEC(".maps");
		const volatile int limit_of_c = 3;
		int sum_of_c;
		SEC("xdp") int from_c(struct xdp_md *ctx)
		{
			int key = 0;
			long *v = bpf_map_lookup_elem(&of_c, &key);
			return v ? *v * sum_of_c + limit_of_c : XDP_PASS;
		}
		char LICENSE[] SEC("license") = "GPL";
	E
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c c.bpf.c -o others/c.o
	for o in *.o; do
		name=${o%.o}
		silently bpftool gen object others/linked "$o" others/ours.o others/c.o
		if loads "$o" "$BPFFS/$name"; then
			loads others/linked "$BPFFS/linked_$name"
		fi
	done
	[ "$loaded" -ge 100 ]
}
