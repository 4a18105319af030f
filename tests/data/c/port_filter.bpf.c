// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* examples/port_filter.bpf in C: the second way in, compiled by clang in the tests. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct drop {
	__be32 src, dst;
	__be16 sport, dport;
};

const volatile __u16 blocked = 443;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

/* Keeps the record's type in BTF. */
const struct drop *unused_drop __attribute__((unused));

static void report(const struct iphdr *ip, const struct tcphdr *tcp)
{
	struct drop *d = bpf_ringbuf_reserve(&events, sizeof(*d), 0);

	if (!d)
		return;
	d->src = ip->saddr;
	d->dst = ip->daddr;
	d->sport = tcp->source;
	d->dport = tcp->dest;
	bpf_ringbuf_submit(d, 0);
}

SEC("xdp")
int port_filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;
	__u32 slot = 0;
	__u64 *count;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (ip->protocol != IPPROTO_TCP || ip->frag_off & bpf_htons(0x1fff) || ip->ihl < 5)
		return XDP_PASS;
	tcp = (void *)ip + ip->ihl * 4;
	if ((void *)(tcp + 1) > end || bpf_ntohs(tcp->dest) != blocked)
		return XDP_PASS;
	count = bpf_map_lookup_elem(&drops, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	report(ip, tcp);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
