// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that send records of tagged types when they are run. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define tag(text) __attribute__((btf_decl_tag(text)))

struct hello {
	__u32 number;
	char text[8];
};

struct first {
	__u32 kind;
	__u64 a;
} tag("kind:1");

struct second {
	__u32 kind;
	__u32 b, c;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records_with_a_long_name SEC(".maps") tag("event:hello");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} several SEC(".maps") tag("event:first") tag("event:second=2");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 256);
} perf SEC(".maps") tag("event:hello");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} untyped SEC(".maps");

struct hello *hello_unused;
struct first *first_unused;
struct second *second_unused;

SEC("syscall")
int send(__u32 *n)
{
	struct hello h = { .number = *n, .text = "hello" };
	struct first f = { .kind = 1, .a = *n };
	struct second s = { .kind = 2, .b = *n, .c = 7 };

	bpf_ringbuf_output(&records_with_a_long_name, &h, sizeof(h), 0);
	bpf_ringbuf_output(&several, &f, sizeof(f), 0);
	bpf_ringbuf_output(&several, &s, sizeof(s), 0);
	bpf_ringbuf_output(&untyped, &h, 3, 0);
	return 0;
}

SEC("syscall")
int discard(__u32 *n)
{
	struct hello *h = bpf_ringbuf_reserve(&records_with_a_long_name, sizeof(*h), 0);

	if (h)
		bpf_ringbuf_discard(h, 0);
	return hello_unused != 0;
}

SEC("xdp")
int send_perf(struct xdp_md *ctx)
{
	struct hello h = { .number = 9, .text = "perf" };

	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &h, sizeof(h));
	return (first_unused != 0) + (second_unused != 0);
}

char LICENSE[] SEC("license") = "GPL";
