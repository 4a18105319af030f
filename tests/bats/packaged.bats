#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Programs of Debian's xdp-tools: on every packet they do in the mock kernel what they do in the
# real one, maps and packet included.
load helper

setup() {
	real_kernel "to compare the mock with"
	cd "$BATS_TEST_TMPDIR" || return
}

# on_packets OBJECT PROGRAM [GIVEN]: a test for each packet in program.bpf
on_packets() {
	local name packet
	echo "object \"$1\""
	while read -r name packet; do
		echo "test \"$name\" { prog $2; packet $packet; ${3:-} expect retval != 99 }"
	done <<-'EOF'
	tcp eth(src=02:00:00:00:00:07) / ip4(src=10.0.0.1, dst=10.0.0.2) / tcp(sport=1025, dport=80) / "hello"
	answer eth(dst=02:00:00:00:00:07) / ip4(src=10.0.0.2, dst=10.0.0.1) / tcp(sport=80, dport=1025)
	udp eth / ip4(src=10.0.0.9, dst=10.0.0.2) / udp(sport=53, dport=80) / "hello, world"
	icmp eth / ip4 / icmp
	tcp6 eth / ip6(src=fd00::1) / tcp(dport=80)
	udp6 eth / ip6(dst=fd00::1) / udp(dport=12345)
	vlan eth / vlan(id=7) / ip4 / tcp(dport=80)
	vlans eth / vlan(id=7) / vlan(id=9) / ip6 / udp(sport=80)
	arp eth(type=0x806) / "0123456789012345678901234567"
	ethernet eth
	short first 20 of eth / ip4 / tcp
	cut first 44 of eth / ip4 / tcp
	long eth / ip4 / udp(dport=9) / "012345678901234567890123456789012345678901234567890123456789"
	EOF
}

# agree OBJECT [GIVEN]: every XDP program that a kernel runs on packets alone; how many in $agreed
agree() {
	local prog
	for prog in $(bpfctl disasm "$1" 2>/dev/null | awk '$1 == "prog" && $2 == "xdp" { print $3 }'); do
		echo "# $1: $prog"
		on_packets "$1" "$prog" "${2:-}" >program.bpf
		run bpfctl test --diff program.bpf
		echo "$output"
		[ "$status" -eq 0 ] || return 1
		[[ $output == *"13 tests: 13 passed, 0 failed, 0 skipped"* ]] || return 1
		agreed=$((agreed + 1))
	done
}

# packaged PACKAGE PATTERN: its files of that name
packaged() {
	local f
	dpkg -L "$1" 2>/dev/null | while read -r f; do
		# shellcheck disable=SC2053 # a pattern
		if [[ $f == $2 && -f $f && ! -L $f ]]; then echo "$f"; fi
	done
}

@test "the objects of xdp-tools and libxdp" {
	local o agreed=0
	for o in $(packaged xdp-tools '*.o'; packaged libxdp1 '*.o'); do
		agree "$o"
	done
	[ "$agreed" -gt 0 ] || skip "needs the package xdp-tools"
	[ "$agreed" -ge 10 ]
}

# The bits of an entry of xdp-filter: 1 source, 2 destination, 4 TCP, 8 UDP.
@test "the filters of xdp-tools, with something to filter" {
	local o maps given agreed=0
	for o in $(packaged xdp-tools '*/xdpfilt_*.o'; packaged libxdp1 '*/xdpfilt_*.o'); do
		maps=$(bpfctl disasm "$o" 2>/dev/null | awk '$1 == "map" { print $2 }')
		given=''
		[[ $maps != *filter_ports* ]] || given+='filter_ports[80] = 6; filter_ports[53] = 9;'
		[[ $maps != *filter_ipv4* ]] || given+='filter_ipv4[0x0100000a] = 1;'
		[[ $maps != *filter_ipv6* ]] || given+='filter_ipv6[fd00::1] = 3;'
		[[ $maps != *filter_ethernet* ]] || given+='filter_ethernet[{ addr = [ 2, 0, 0, 0, 0, 7 ] }] = 3;'
		agree "$o" "$given"
	done
	[ "$agreed" -gt 0 ] || skip "needs the package xdp-tools"
}

# Their maps get sizes from the commands that the objects are in, here from us.
@test "the objects inside of the commands of xdp-tools" {
	local f o agreed=0 roundtrip
	roundtrip=$(dirname "$BPFCTL")/roundtrip
	[ -x "$roundtrip" ] || skip "needs make $roundtrip"
	for f in $(packaged xdp-tools '*/xdp-bench'; packaged xdp-tools '*/xdp-trafficgen'); do
		rm -rf inside
		mkdir inside
		"$roundtrip" --extract "$f" inside >/dev/null
		for o in inside/*.o; do
			bpfctl disasm "$o" 2>/dev/null | sed 's/max_entries 0 /max_entries 4 /' >sized.bpf
			bpfctl asm sized.bpf -o sized.o 2>/dev/null
			agree sized.o
		done
	done
	[ "$agreed" -gt 0 ] || skip "needs the package xdp-tools"
	[ "$agreed" -ge 15 ]
}
