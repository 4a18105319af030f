// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A map that all who load this share. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} shared SEC(".maps");

SEC("syscall")
int use(void *ctx)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&shared, &zero) != 0;
}

char LICENSE[] SEC("license") = "GPL";
