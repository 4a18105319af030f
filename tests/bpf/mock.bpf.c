// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Globals, functions, a map, and an offset that is relocated against the kernel's types. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* As the kernel names it, not as it lies there. */
struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

__u32 runs = 40;
const volatile __u32 step = 2;

static __attribute__((noinline)) __u32 add(__u32 a, __u32 b)
{
	return a + b;
}

SEC("syscall")
int offset_of_pid(void *ctx)
{
	struct task_struct *t = 0;

	return (long)__builtin_preserve_access_index(&t->pid);
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 7;
	__u64 one = 1;

	runs = add(runs, step);
	bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
	return runs == 42 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
