// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that attach by links wherever they are loaded, for comparing what tools say of links. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile char bpf_metadata_author[] SEC(".rodata") = "bpfctl tests";
const volatile int bpf_metadata_version SEC(".rodata") = 7;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static int count(__u32 key)
{
	__u64 one = 1;

	bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	return bpf_metadata_version + bpf_metadata_author[0] ? 0 : 1;
}

SEC("tracepoint/syscalls/sys_enter_getcpu")
int a_tracepoint(void *ctx)
{
	return count(1);
}

SEC("raw_tracepoint/sys_enter")
int a_raw_tracepoint(void *ctx)
{
	return 0;
}

SEC("tp_btf/sched_switch")
int a_btf_tracepoint(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
