// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Iterators, which take their target from BTF. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} table SEC(".maps");

SEC("iter/task")
int tasks(void *ctx)
{
	return 0;
}

SEC("iter/bpf_map_elem")
int entries(void *ctx)
{
	return 0;
}

SEC("tp_btf/sys_enter")
int typed(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
