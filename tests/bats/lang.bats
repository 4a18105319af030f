#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The language as its commands show it: CO-RE in objects, expansion, layout, warnings, helpers.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	clean_up
}

# write FILE: standard input to a file here
write() {
	cat >"$1"
}

core_source() {
	write core.bpf <<'EOF'
license GPL
prog raw_tracepoint/sched_switch p {
	stack u64 buf
	*(buf) = 0
	r6 = *(r1 + bpf_raw_tracepoint_args.args[1])
	bpf_probe_read_kernel(&buf, byte_size(task_struct::pid), r6 + task_struct::pid)
	r2 = field_exists(task_struct::pid)
	r2 = signed(task_struct::pid)
	r2 = lshift_u64(task_struct::in_execve)
	r2 = rshift_u64(task_struct::in_execve)
	r2 = type_exists(task_struct)
	r2 = type_size(task_struct)
	r2 = type_matches(pid_t)
	r2 = local_type_id(task_struct) ll
	r2 = target_type_id(task_struct) ll
	r2 = enumval(bpf_cmd::BPF_PROG_LOAD)
	r2 = enumval_exists(bpf_cmd::BPF_PROG_LOAD)
	r0 = 0
	exit
}
EOF
}

# bats test_tags=root
@test "all 13 kinds of CO-RE records are resolved by libbpf and taken by the kernel" {
	real_kernel "bpftool"
	need bpftool
	[ -e /sys/kernel/btf/vmlinux ] || skip "needs the kernel's BTF"
	private_bpffs
	core_source
	bpfctl asm core.bpf -o core.o
	bpftool -d prog load core.o "$BPFFS/p" 2>log
	for kind in byte_off byte_sz field_exists signed lshift_u64 rshift_u64 local_type_id \
		target_type_id type_exists type_size enumval_exists enumval_value type_matches; do
		echo "$kind"
		grep -q "<$kind>.*matching candidate\|<$kind>" log
	done
	grep -q 'patched insn' log
	run ! grep -q 'poisoned' log
}

# bats test_tags=root
@test "a struct of the source is found in a kernel that has the field elsewhere" {
	real_kernel "bpftool"
	need bpftool
	[ -e /sys/kernel/btf/vmlinux ] || skip "needs the kernel's BTF"
	private_bpffs
	write stub.bpf <<'EOF'
struct task_struct { s32 pid }
prog raw_tracepoint/sched_switch p {
	r1 = task_struct::pid
	r0 = 0
	exit
}
EOF
	bpfctl asm stub.bpf -o stub.o
	bpftool -d prog load stub.o "$BPFFS/p" 2>log
	grep -q 'imm 0 -> [1-9]' log
}

@test "the types come from --btf, an object or raw" {
	need clang
	write k.c <<'EOF'
struct far { long a; long b; int here; };
struct far f;
EOF
	clang -g -target bpf -c k.c -o k.o
	write far.bpf <<'EOF'
prog xdp p {
	r0 = far::here
	exit
}
EOF
	bpfctl asm far.bpf --btf k.o --emit hex | grep -qx 'b7 00 00 00 10 00 00 00'
	run --separate-stderr bpfctl asm far.bpf --btf far.bpf
	[ "$status" -eq 3 ]
}

@test "--expand gives a source that assembles to the same" {
	core_source
	for f in "$ROOT"/examples/*.bpf; do
		echo "$f"
		bpfctl asm "$f" --expand >x.bpf
		same "$(bpfctl asm "$f" --emit list | cut -c1-34)" \
			"$(bpfctl asm x.bpf --emit list | cut -c1-34)"
	done
}

@test "--expand writes macros, blocks and calls out" {
	write m.bpf <<'EOF'
macro twice(reg) {
	reg += reg
}
prog xdp p {
	r0 = 1
	if r0 == 1 {
		twice(r0)
	}
	exit
}
EOF
	bpfctl asm m.bpf --expand >x.bpf
	grep -qx '	if r0 != 0x1 goto L3' x.bpf
	grep -qx '	r0 += r0' x.bpf
	grep -qx 'L3:' x.bpf
	grep -qx '	// twice(r0)' x.bpf
}

@test "asm fmt changes the layout and nothing else, and only once" {
	for f in "$ROOT"/examples/*.bpf "$ROOT"/lib/*.inc; do
		echo "$f"
		bpfctl asm fmt "$f" >once
		bpfctl asm fmt <once >twice
		cmp once twice
		same "$(tr -d ' \t\n' <"$f")" "$(tr -d ' \t\n' <once)"
	done
	for f in "$ROOT"/examples/*.bpf; do
		bpfctl asm fmt "$f" >once.bpf
		same "$(bpfctl asm "$f" --emit list | cut -c1-34)" \
			"$(bpfctl asm once.bpf --emit list | cut -c1-34)"
	done
}

@test "asm fmt: indentation, blanks, comments" {
	write f.bpf <<'EOF'


prog  xdp p{

r0=1 // one
r0   s>>=   2      // two
if r0 == 1{
.x:
exit


}else{
*(u32 *)(r10 - 4)=r0
}
exit ; "a  b"
}
map m hash{key u32;value u64;  max_entries 1}
map n hash {key u32;#value
}
EOF
	same 'prog xdp p {
	r0 = 1    // one
	r0 s>>= 2 // two
	if r0 == 1 {
	.x:
		exit
	} else {
		*(u32 *)(r10 - 4) = r0
	}
	exit ; "a  b"
}
map m hash { key u32; value u64; max_entries 1 }
map n hash { key u32;#value
}' "$(bpfctl asm fmt f.bpf)"
	run bpfctl asm fmt --check f.bpf
	[ "$status" -eq 1 ]
	bpfctl asm fmt -i f.bpf
	bpfctl asm fmt --check f.bpf
}

@test "warnings are told, silenced and made errors by name" {
	write w.bpf <<'EOF'
prog xdp p {
	r0 = r3
	exit
	exit
}
EOF
	run --separate-stderr bpfctl asm w.bpf --check
	[ "$status" -eq 0 ]
	[[ $stderr == *'2:2: warning: r3 is used before it has a value [-Wunset-register]'* ]]
	[[ $stderr == *'4:2: warning: nothing leads here [-Wunreachable]'* ]]
	run --separate-stderr bpfctl asm w.bpf --check -Wno-unreachable -Wno-unset-register
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	run --separate-stderr bpfctl asm w.bpf --check -Werror=unreachable
	[ "$status" -eq 3 ]
	[[ $stderr == *'4:2: error: nothing leads here'*'1 error in w.bpf'* ]]
	run --separate-stderr bpfctl asm w.bpf --check -Werror
	[ "$status" -eq 3 ]
	[[ $stderr == *'2 errors in w.bpf'* ]]
	run --separate-stderr bpfctl asm w.bpf --check -Wno-unreachabel
	[ "$status" -eq 2 ]
	[[ $stderr == *"there is no warning 'unreachabel'"*"did you mean 'unreachable'?"* ]]
}

@test "what compilers made is told nothing about" {
	need clang
	for c in "$DATA"/c/*.bpf.c; do
		o=$(compile "$(basename "$c" .bpf.c)")
		bpfctl disasm "$o" >x.bpf
		run --separate-stderr bpfctl asm build --check -Wno-unknown-section x.bpf
		echo "$c: $stderr"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
	done
	for f in "$ROOT"/examples/*.bpf; do
		[ -z "$(bpfctl asm "$f" --check 2>&1)" ]
	done
}

@test "--kernel-version tells of helpers that came later" {
	write k.bpf <<'EOF'
prog xdp p {
	r0 = bpf_ktime_get_boot_ns()
	exit
}
EOF
	run bpfctl asm k.bpf --check --kernel-version 5.4
	[[ $output == *'bpf_ktime_get_boot_ns came with kernel 5.8 [-Whelper-version]'* ]]
	[ -z "$(bpfctl asm k.bpf --check --kernel-version 5.8 2>&1)" ]
	run bpfctl asm k.bpf --check --kernel-version five
	[ "$status" -eq 2 ]
}

@test "helper list: all, by type, kernel and category" {
	[ "$(bpfctl -j helper list | jq length)" -eq 211 ]
	[ "$(bpfctl -j helper list --type sk_lookup | jq length)" -eq 83 ]
	bpfctl -j helper list --kernel 3.19 | jq -e 'map(.id) == [1, 2, 3]'
	bpfctl -j helper list --category ringbuf | jq -e 'all(.category == "ringbuf")'
	run --separate-stderr bpfctl helper list --type xpd
	[ "$status" -eq 2 ]
	[[ $stderr == *"did you mean 'xdp'?"* ]]
	run --separate-stderr bpfctl helper list --category none
	[ "$status" -eq 2 ]
	run --separate-stderr bpfctl helper list --kernel x
	[ "$status" -eq 2 ]
}

@test "helper show and search" {
	bpfctl -j helper show redirect_map | jq -e '.id == 51 and (.prog_types | index("xdp"))'
	[ "$(bpfctl -j helper show 51)" = "$(bpfctl -j helper show bpf_redirect_map)" ]
	run --separate-stderr bpfctl helper show redirect_mop
	[ "$status" -eq 6 ]
	[[ $stderr == *"did you mean"* ]]
	bpfctl -j helper search tunnel | jq -e 'length > 3'
	bpfctl -j helper search no-such-thing | jq -e 'length == 0'
}

@test "helper check says whether, and why not" {
	bpfctl -j helper check redirect xdp | jq -e .allowed
	run bpfctl helper check skb_store_bytes xdp
	[ "$status" -eq 1 ]
	[[ $output == *"other program types"* ]]
	run bpfctl helper check ringbuf_output xdp --kernel 5.4
	[ "$status" -eq 1 ]
	[[ $output == *"it came with kernel 5.8"* ]]
}

@test "helper: rows of a file, which are what list prints" {
	write h.json <<'EOF'
[{"id": 9001, "name": "my_helper", "prog_types": ["xdp"], "since": "6.1", "category": "own"}]
EOF
	bpfctl helper check my_helper xdp --from h.json
	bpfctl -j helper list --from h.json --category own | jq -e 'length == 1'
	bpfctl -j helper list >all.json
	cmp all.json <(bpfctl -j helper list --from all.json)
	echo '[{"name": "x"}]' >bad.json
	run --separate-stderr bpfctl helper list --from bad.json
	[ "$status" -eq 3 ]
	echo '[{"id": 1, "name": "x", "prog_types": ["nope"]}]' >bad.json
	run --separate-stderr bpfctl helper list --from bad.json
	[ "$status" -eq 2 ]
}

# bats test_tags=root
@test "helper --probe: the kernel agrees with the table" {
	need_kernel
	[ "$(bpfctl -j helper check skb_store_bytes xdp --probe | jq .allowed)" = false ]
	[ "$(bpfctl -j helper check xdp_adjust_head xdp --probe | jq .allowed)" = true ]
	for t in xdp sched_cls sock_ops sk_lookup; do
		bpfctl -j helper list --type "$t" --kernel "$(uname -r | cut -d. -f1,2)" --probe |
			jq -e 'all(.available == "yes")'
	done
}

# bats test_tags=root
@test "maps of maps, programs in maps, callbacks and struct_ops load" {
	real_kernel "bpftool"
	need bpftool
	private_bpffs
	write m.bpf <<'EOF'
map a array { key u32; value u64; max_entries 1 }
map outer array_of_maps {
	key u32; max_entries 4
	inner array { key u32; value u64; max_entries 1 }
	values = { [2] = a }
}
map progs prog_array { key u32; max_entries 3; values = { [1] = second } }
func each(u32 i, void *ctx) {
	r0 = 0
	exit
}
prog xdp first {
	stack u32 k
	*(k) = 2
	r6 = r1
	r0 = bpf_map_lookup_elem(map[outer], &k)
	if r0 != 0 {
		r1 = r0
		*(k) = 0
		r2 = &k
		call bpf_map_lookup_elem
		if r0 != 0 { *(u64 *)(r0 + 0) = 77 }
	}
	r0 = bpf_loop(3, subprog[each], 0, 0)
	bpf_tail_call(r6, map[progs], 1)
	r0 = XDP_DROP
	exit
}
prog xdp second {
	r0 = XDP_TX
	exit
}
EOF
	bpfctl asm m.bpf -o m.o
	bpftool prog loadall m.o "$BPFFS/p" pinmaps "$BPFFS/m"
	head -c 64 /dev/zero >packet
	[[ $(bpftool prog run pinned "$BPFFS/p/first" data_in packet) == *"Return value: 3,"* ]]
	bpftool -j map dump pinned "$BPFFS/m/a" | jq -e '.[0].formatted.value == 77'
}

@test "the program of the manual page assembles without a warning" {
	sed -n '/^include <net>/,/^\.EE/p' "$ROOT/man/bpfctl-asm.7.in" | sed '/^\.EE/d; s/^\\&//' >drop.bpf
	[ -s drop.bpf ]
	bpfctl asm drop.bpf --check -Werror
	bpfctl asm drop.bpf --expand >x.bpf
	bpfctl asm x.bpf --check -Werror
}

# bats test_tags=root
@test "the program of the manual page drops what it says" {
	real_kernel "bpftool"
	need bpftool
	private_bpffs
	sed -n '/^include <net>/,/^\.EE/p' "$ROOT/man/bpfctl-asm.7.in" | sed '/^\.EE/d; s/^\\&//' >drop.bpf
	bpfctl asm drop.bpf -o drop.o
	bpftool prog load drop.o "$BPFFS/p"
	{
		printf '\0\0\0\0\0\1\0\0\0\0\0\2\10\0'
		printf '\105\0\0\50\0\0\0\0\100\6\0\0\12\0\0\1\12\0\0\2'
		printf '\4\0\1\273\0\0\0\0\0\0\0\0\120\2\0\0\0\0\0\0'
	} >https
	sed 's/\x01\xbb/\x01\xbc/' https >other
	[[ $(bpftool prog run pinned "$BPFFS/p" data_in https) == *"Return value: 1,"* ]]
	[[ $(bpftool prog run pinned "$BPFFS/p" data_in other) == *"Return value: 2,"* ]]
}

# bats test_tags=root
@test "attach says where run puts a program, unless the command line does" {
	need_kernel
	private_netns
	write a.bpf <<'EOF'
prog xdp p {
	r0 = XDP_PASS
	exit
}
attach p { dev veth0; mode skb }
EOF
	run --separate-stderr bpfctl --netns "$NETNS" -v run a.bpf -- true
	echo "$stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"attached to device veth0, skb mode"* ]]
	run --separate-stderr bpfctl --netns "$NETNS" run a.bpf --dev nowhere -- true
	[ "$status" -ne 0 ]
	[[ $stderr == *nowhere* ]]
}

externs_source() {
	write ext.bpf <<'EOF'
license GPL
kconfig u32 LINUX_KERNEL_VERSION
kconfig u8 CONFIG_NO_SUCH_THING weak
ksym u64 no_such_symbol weak
kfunc void bpf_rcu_read_lock()
kfunc void bpf_rcu_read_unlock()
kfunc void no_such_kfunc() weak
map m hash { key u32; value u64; max_entries 4 }
func each(void *map, u32 *key, u64 *value, void *ctx) {
	r0 = 0
	exit
}
func global twice(u32 x) {
	r0 = r1
	r0 += r0
	exit
}
prog tp_btf/sched_switch p {
	stack u64 ctx
	r1 = &LINUX_KERNEL_VERSION
	r6 = *(u32 *)(r1 + 0)
	r1 = &CONFIG_NO_SUCH_THING
	r6 = *(u8 *)(r1 + 0)
	r1 = &no_such_symbol
	call bpf_rcu_read_lock
	call bpf_rcu_read_unlock
	r1 = &no_such_kfunc
	if r1 != 0 {
		call no_such_kfunc
	}
	*(ctx) = 0
	r0 = bpf_for_each_map_elem(map[m], subprog[each], &ctx, 0)
	r1 = 21
	call twice
	r0 = 0
	exit
}
EOF
	bpfctl asm ext.bpf --check -Werror
	bpfctl asm ext.bpf -o ext.o
}

# bats test_tags=root
@test "externs, weak ones, callbacks and global functions load" {
	real_kernel "bpftool"
	need bpftool
	[ -e /sys/kernel/btf/vmlinux ] || skip "needs the kernel's BTF"
	private_bpffs
	externs_source
	bpftool prog load ext.o "$BPFFS/p"
}

@test "linkers and dumpers take the objects without a word" {
	need bpftool
	externs_source
	write ops.bpf <<'EOF'
struct cong { void *init; char name[16] }
prog struct_ops start { exit }
struct_ops link cong mine { init = start; name = "mine" }
EOF
	bpfctl asm ops.bpf -o ops.o
	for o in ext.o ops.o; do
		bpftool gen object linked.o "$o"
		bpftool btf dump file "$o" >/dev/null
		[ -z "$(readelf -a "$o" 2>&1 >/dev/null)" ]
	done
	bpftool gen skeleton ext.o >/dev/null
}

# two_kernels: here.o and there.o, whose types have the same names and lie elsewhere
two_kernels() {
	clang -g -target bpf -c -x c - -o here.o <<'E'
struct inner { int a, b; };
struct box { long first; unsigned long value; unsigned int bits:3, more:5; struct inner in; int list[4]; short gone; };
struct lost { int x; };
enum mode { SLOW = 1, FAST = 2, NEVER = 3 };
struct box box; struct lost lost; enum mode mode;
E
	clang -g -target bpf -c -x c - -o there.o <<'E'
struct inner { long new; int b, a; };
struct box { long first, new, newer; unsigned long value; int pad, bits; unsigned char x:4, more:4; struct inner in; int list[8]; };
enum mode { STOPPED, FAST = 7, SLOW = 9 };
struct box box; enum mode mode;
E
	write box.bpf <<'E'
prog raw_tracepoint/sched_switch p {
	r6 = *(r1 + box::value)
	r2 = box::in.a
	r2 = box::list[2]
	r2 = byte_size(box::list)
	r2 = field_exists(box::gone)
	r2 = signed(box::bits)
	r2 = lshift_u64(box::more)
	r2 = rshift_u64(box::more)
	r2 = type_exists(lost)
	r2 = type_size(inner)
	r2 = type_matches(inner)
	r2 = enumval(mode::FAST)
	r2 = enumval_exists(mode::NEVER)
	r0 = 0
	exit
}
E
	bpfctl asm box.bpf --btf here.o -Wno-unset-register -o box.o
}

@test "an object of one kernel fits another, whose fields lie elsewhere" {
	need_kernel
	need clang
	private_bpffs
	two_kernels
	bpfctl prog load box.o "$BPFFS/here" --btf here.o >/dev/null
	bpfctl prog load box.o "$BPFFS/there" --btf there.o >/dev/null
	same '(79) r6 = *(u64 *)(r1 +8)
(b7) r2 = 20
(b7) r2 = 36
(b7) r2 = 16
(b7) r2 = 1
(b7) r2 = 0
(b7) r2 = 56
(b7) r2 = 59
(b7) r2 = 1
(b7) r2 = 8
(b7) r2 = 1
(b7) r2 = 2
(b7) r2 = 1
(b7) r0 = 0
(95) exit' "$(bpfctl prog dump xlated pinned "$BPFFS/here" | sed -n 's/^ *[0-9]*: //p')"
	same '(79) r6 = *(u64 *)(r1 +24)
(b7) r2 = 60
(b7) r2 = 72
(b7) r2 = 32
(b7) r2 = 0
(b7) r2 = 1
(b7) r2 = 56
(b7) r2 = 60
(b7) r2 = 0
(b7) r2 = 16
(b7) r2 = 1
(b7) r2 = 7
(b7) r2 = 0
(b7) r0 = 0
(95) exit' "$(bpfctl prog dump xlated pinned "$BPFFS/there" | sed -n 's/^ *[0-9]*: //p')"
	# the same from BTF without an object around it, in one step from the source
	command -v llvm-objcopy >/dev/null || return 0
	llvm-objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc there.o there.btf
	bpfctl prog load box.o "$BPFFS/raw" --btf there.btf >/dev/null
	cmp <(bpfctl prog dump xlated pinned "$BPFFS/raw" file -) \
		<(bpfctl prog dump xlated pinned "$BPFFS/there" file -)
	# and from what disasm makes of the object
	bpfctl disasm box.o >disasm.bpf
	bpfctl asm disasm.bpf -Wno-unset-register -o again.o
	bpfctl prog load again.o "$BPFFS/again" --btf there.o >/dev/null
	cmp <(bpfctl prog dump xlated pinned "$BPFFS/again" file -) \
		<(bpfctl prog dump xlated pinned "$BPFFS/there" file -)
}
