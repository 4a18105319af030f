// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program with everything that is listed of one: long name, maps, a function, metadata. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile int bpf_metadata_version SEC(".rodata") = 3;
const volatile char bpf_metadata_author[] SEC(".rodata") = "me";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

__attribute__((noinline)) int twice(int x)
{
	return x * 2;
}

SEC("xdp")
int count_packets_and_pass(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&hits, &zero);

	if (n)
		__sync_fetch_and_add(n, twice(bpf_metadata_version));
	return (void *)(long)ctx->data_end > (void *)(long)ctx->data ? XDP_PASS : XDP_DROP;
}

SEC("syscall")
int sum(__u32 *args)
{
	return args[0] + args[1];
}

char LICENSE[] SEC("license") = "GPL";
