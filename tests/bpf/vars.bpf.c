// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Global variables that are set before loading. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile unsigned short blocked = 443;
const volatile struct {
	int low, high;
} range = { 1, 2 };
const volatile unsigned int list[3] = { 1, 2, 3 };
volatile char comm[8] = "none";
volatile unsigned int zero;

SEC("syscall")
int sum(void *ctx)
{
	return blocked + range.low + range.high + list[2] + comm[0] + zero;
}

char LICENSE[] SEC("license") = "GPL";
