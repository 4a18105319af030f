#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Wrong input: a clear error of the right class, and nothing left behind.
load helper

teardown() {
	clean_up
}

# fails STATUS PATTERN COMMAND ...: that exit status, nothing on standard output, a message that
# matches; and with -j the same as one object of the class
fails() {
	local want=$1 pattern=$2 class
	shift 2
	class=$(sed -n "$((want + 1))p" <<<$'none\nfailed\nusage\ninput\ndenied\nrejected\nabsent')
	again "$@"
	run --separate-stderr "$@"
	echo "status $status: $stderr"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	[[ $stderr =~ $pattern ]]
	run --separate-stderr "$@" -j
	[ "$status" -eq "$want" ]
	[ "$(jq -r .class <<<"$output")" = "$class" ]
	[[ $(jq -r '.error + "\n" + (.hint // "") + "\n" + (.detail // "")' <<<"$output") =~ $pattern ]]
}

# Every command that reads a program file.
each_reader() {
	local file=$1 status=$2 pattern=$3
	fails "$status" "$pattern" bpfctl run "$file"
	fails "$status" "$pattern" bpfctl prog load "$file" "$BATS_TEST_TMPDIR/pin"
	fails "$status" "$pattern" bpfctl asm "$file" -o "$BATS_TEST_TMPDIR/out"
	[ ! -e "$BATS_TEST_TMPDIR/pin" ]
	[ ! -e "$BATS_TEST_TMPDIR/out" ]
}

@test "a directory is class input" {
	each_reader "$BATS_TEST_TMPDIR" 3 "is a directory"
}

@test "a file that is not there is class absent" {
	each_reader "$BATS_TEST_TMPDIR/none.bpf" 6 "cannot open .*none.bpf: No such file or directory"
}

@test "an empty file is class input" {
	: >"$BATS_TEST_TMPDIR/empty.bpf"
	fails 3 "empty.bpf is empty" bpfctl run "$BATS_TEST_TMPDIR/empty.bpf"
	fails 3 "empty.bpf:1:1: error: the source has no instructions" \
		bpfctl asm "$BATS_TEST_TMPDIR/empty.bpf" -o "$BATS_TEST_TMPDIR/out"
	[ ! -e "$BATS_TEST_TMPDIR/out" ]
}

@test "a truncated object is class input, wherever it is cut" {
	need clang
	o=$(compile port_filter)
	for size in 10 64 100 1000 $(($(stat -c %s "$o") - 1)); do
		head -c "$size" "$o" >"$BATS_TEST_TMPDIR/cut.o"
		fails 3 "cut.o" bpfctl run "$BATS_TEST_TMPDIR/cut.o" --dry-run
	done
}

@test "an object of another machine is class input" {
	fails 3 "" bpfctl run /bin/true --dry-run
}

@test "a file of a gigabyte is refused at once" {
	truncate -s 1G "$BATS_TEST_TMPDIR/huge.bpf"
	each_reader "$BATS_TEST_TMPDIR/huge.bpf" 3 "huge.bpf is larger than 256 MiB"
}

@test "a device without end is refused" {
	fails 3 "/dev/zero is larger than 256 MiB" bpfctl asm /dev/zero -o "$BATS_TEST_TMPDIR/out"
}

@test "500 errors are shown in one run, in order, and nothing is written" {
	for i in $(seq 500); do
		echo "r1 = nonsense_$i"
	done >"$BATS_TEST_TMPDIR/many.bpf"
	run --separate-stderr bpfctl asm "$BATS_TEST_TMPDIR/many.bpf" -o "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 3 ]
	[ ! -e "$BATS_TEST_TMPDIR/out" ]
	[ "$(grep -c ': error: ' <<<"$stderr")" -eq 500 ]
	same "$(seq 500)" "$(sed -nE 's/^.*many\.bpf:([0-9]+):[0-9]+: error: .*/\1/p' <<<"$stderr")"
	[[ $stderr == *"bpfctl asm build: 500 errors in"* ]]
	run --separate-stderr bpfctl -j asm "$BATS_TEST_TMPDIR/many.bpf"
	jq -e '.diagnostics | length == 500 and all(.line > 0 and .column > 0 and .severity == "error")' <<<"$output"
}

@test "an unknown section name suggests the nearest" {
	cat >"$BATS_TEST_TMPDIR/section.bpf" <<-EOF
	prog xdq f {
	        r0 = 2
	        exit
	}
	EOF
	fails 3 "section.bpf:1:6: error: unknown section 'xdq'.*xdp" \
		bpfctl asm "$BATS_TEST_TMPDIR/section.bpf" -o "$BATS_TEST_TMPDIR/out"
}

@test "an object with an unknown section name is class input" {
	need_kernel
	cat >"$BATS_TEST_TMPDIR/section.c" <<-EOF
	__attribute__((section("nonsense/x"), used)) int f(void *ctx) { return 0; }
	char _license[] __attribute__((section("license"), used)) = "GPL";
	EOF
	clang -O2 -g -target bpf -c "$BATS_TEST_TMPDIR/section.c" -o "$BATS_TEST_TMPDIR/section.o"
	fails 3 "nonsense/x" bpfctl run "$BATS_TEST_TMPDIR/section.o"
}

@test "a program the verifier rejects is class rejected, with its last words and the author's line" {
	real_kernel "a whole verifier"
	cat >"$BATS_TEST_TMPDIR/bad.bpf" <<-EOF
	license GPL
	prog xdp f {
	        r2 = *(r1 + xdp_md.data)
	        r0 = *(u8 *)(r2 + 12)
	        exit
	}
	EOF
	fails 5 "invalid access to packet.*R2" bpfctl prog load "$BATS_TEST_TMPDIR/bad.bpf" "$BATS_TEST_TMPDIR/pin"
	run --separate-stderr bpfctl prog load "$BATS_TEST_TMPDIR/bad.bpf" "$BATS_TEST_TMPDIR/pin"
	[[ $stderr == *"bad.bpf:4:"* ]]
	[[ $stderr == *"r0 = *(u8 *)(r2 + 12)"$'\n'*"^"* ]]
	run --separate-stderr bpfctl -v prog load "$BATS_TEST_TMPDIR/bad.bpf" "$BATS_TEST_TMPDIR/pin"
	[[ $stderr == *"R1=ctx"* ]]
}

@test "a map of a type this kernel lacks is told by its name" {
	real_kernel "what an old kernel says"
	cat >"$BATS_TEST_TMPDIR/type.c" <<-EOF
	#include <linux/bpf.h>
	#include <bpf/bpf_helpers.h>
	struct { __uint(type, 4000); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4); } m SEC(".maps");
	SEC("xdp") int f(struct xdp_md *c) { __u32 k = 0; return bpf_map_lookup_elem(&m, &k) ? 1 : 2; }
	char _license[] SEC("license") = "GPL";
	EOF
	clang -O2 -g -target bpf -I"/usr/include/$(uname -m)-linux-gnu" -c "$BATS_TEST_TMPDIR/type.c" -o "$BATS_TEST_TMPDIR/type.o"
	run --separate-stderr bpfctl prog load "$BATS_TEST_TMPDIR/type.o" "$BATS_TEST_TMPDIR/pin"
	echo "$status: $stderr"
	[ "$status" -eq 1 ]
	[[ $stderr == *"map m"* ]]
	[[ $stderr == *"4000"* ]]
}

@test "without privileges everything is class denied, and says which capability is missing" {
	real_kernel "what it forbids"
	need setpriv
	# the binary and the example must be readable for an ordinary user
	cp "$BPFCTL" "$ROOT/examples/execsnoop.bpf" "$BATS_TEST_TMPDIR/"
	BPFCTL=$BATS_TEST_TMPDIR/bpfctl
	chmod -R a+rX "$BATS_RUN_TMPDIR"
	for command in "map list" "prog list" "link list" "prog show id 1" \
		"run $BATS_TEST_TMPDIR/execsnoop.bpf" "prog load $BATS_TEST_TMPDIR/execsnoop.bpf /sys/fs/bpf/no"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr as_nobody "$BPFCTL" $command
		echo "$command: $status: $stderr"
		[ "$status" -eq 4 ]
		[[ $stderr =~ CAP_(BPF|SYS_ADMIN) ]]
		# shellcheck disable=SC2086
		run --separate-stderr as_nobody "$BPFCTL" $command -j
		[ "$(jq -r '.class, .errno' <<<"$output" | tr '\n' ' ')" = "denied EPERM " ]
	done
}

@test "pinning where there is no BPF file system says so" {
	real_kernel "mounts"
	mkdir "$BATS_TEST_TMPDIR/plain"
	: >"$BATS_TEST_TMPDIR/plain/occupied"
	run --separate-stderr bpfctl prog load "$ROOT/examples/port_filter.bpf" "$BATS_TEST_TMPDIR/plain/pin"
	echo "$status: $stderr"
	[ "$status" -ne 0 ]
	[[ $stderr == *"BPF file system"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/plain/pin" ]
	run --separate-stderr bpfctl -n prog load "$ROOT/examples/port_filter.bpf" "$BATS_TEST_TMPDIR/none/pin"
	[ "$status" -ne 0 ]
	[[ $stderr == *"BPF file system"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "bpffs is mounted where it is missing, unless -n" {
	real_kernel "mounts"
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr unshare --mount --propagation private sh -c '
		umount -a -t bpf || true
		"$0" -n prog load "$1" /sys/fs/bpf/x && exit 99
		"$0" prog load "$1" /sys/fs/bpf/x && "$0" prog show pinned /sys/fs/bpf/x' "$BPFCTL" "$ROOT/examples/port_filter.bpf"
	echo "$status: $output / $stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"BPF file system"* ]]
	[[ $output == *port_filter* ]]
}

@test "names that several objects have are listed" {
	need_kernel
	private_bpffs
	for i in 1 2; do
		make_pin_dir "$BPFFS/$i"
		new_map "$BPFFS/$i/twice" array 4 4 1
	done
	fails 2 "twice" bpfctl map show name twice
	ids=$(bpfctl -j map list | jq -r '.[] | select(.name == "twice") | .id')
	[ "$(wc -l <<<"$ids")" -eq 2 ]
	run --separate-stderr bpfctl map dump twice
	for id in $ids; do
		[[ $stderr == *"$id"* ]]
	done
}

@test "objects that are not there are class absent" {
	need_kernel
	fails 6 "no map has id 4294967295" bpfctl map show id 4294967295
	fails 6 "no map has the name no_such_map" bpfctl map dump no_such_map
	fails 6 "" bpfctl prog show tag 0123456789abcdef
	fails 6 "" bpfctl link show id 4294967295
	fails 6 "" bpfctl map show pinned /sys/fs/bpf/no/such/pin
	fails 6 "" bpfctl xdp show no_such_device
}
