// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that count how often they ran for one process. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile unsigned int only;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} runs SEC(".maps");

static int count(__u32 slot)
{
	__u64 *n = bpf_map_lookup_elem(&runs, &slot);

	if (n && bpf_get_current_pid_tgid() >> 32 == only)
		__sync_fetch_and_add(n, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getpgid")
int tp(void *ctx)
{
	return count(0);
}

SEC("raw_tracepoint/sys_enter")
int raw(void *ctx)
{
	return count(1);
}

SEC("tp_btf/sys_exit")
int typed(void *ctx)
{
	return count(2);
}

SEC("uprobe//proc/self/exe:called_by_the_test")
int user(void *ctx)
{
	return count(3);
}

SEC("xdp")
int packets(struct xdp_md *ctx)
{
	__u32 slot = 4;
	__u64 *n = bpf_map_lookup_elem(&runs, &slot);

	if (n)
		__sync_fetch_and_add(n, 1);
	return XDP_PASS;
}

SEC("syscall")
int on_request(void *ctx)
{
	return 0;
}

SEC("?kprobe/no_such_function_anywhere")
int nowhere(void *ctx)
{
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_getpgit")
int misspelled(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
