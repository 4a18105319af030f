// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Packets as struct sk_buff: what their context shows, and test runs with them. */
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>

#include "core/mem.h"
#include "sim/csum.h"
#include "sim/kobject.h"
#include "sim/run_priv.h"

#define SKB_HEADROOM 64	 /* NET_SKB_PAD */
#define SKB_TAILROOM 320 /* of struct skb_shared_info */
#define PAGE 4096
#define GSO_LEGACY_MAX 65536
#define GSO_MAX_SEGS 65535
#define VLAN_PRESENT (1u << 16) /* in run_skb.vlan_tci */

struct __sk_buff *run_skb_ctx(struct run *r)
{
	return (struct __sk_buff *)(void *)r->ctx;
}

enum miss run_skb_access(struct vm *vm, struct region *rg, uint32_t off, uint32_t size, bool write,
			 uint64_t *value)
{
	struct __sk_buff *skb = run_skb_ctx(run_of(vm));
	enum ctx_kind kind = run_of(vm)->kind;

	(void)rg;
	if (!write || size != 4 || (kind != CTX_tc && kind != CTX_sk_skb))
		return rg->fields[off] ? MISS_FIELD_WRITE : MISS_FIELD;
	/* These are 16 bits wide in the kernel. */
	if (off == offsetof(struct __sk_buff, tc_index))
		skb->tc_index = (uint16_t)*value;
	else if (off == offsetof(struct __sk_buff, tc_classid) && kind == CTX_tc)
		skb->tc_classid = (uint16_t)*value;
	else if (off != offsetof(struct __sk_buff, queue_mapping) || kind != CTX_tc)
		return rg->fields[off] ? MISS_FIELD_WRITE : MISS_FIELD;
	else if ((uint32_t)*value < 0xffff) /* NO_QUEUE_MAPPING and more are ignored */
		skb->queue_mapping = (uint32_t)*value;
	return MISS_NONE;
}

/* What eth_type_trans() makes of the destination; the loopback device has address 0. */
static uint32_t pkt_type(const uint8_t *eth)
{
	static const uint8_t lo[6];

	if (memcmp(eth, lo, 6) == 0)
		return 0;	   /* PACKET_HOST */
	return eth[0] & 1 ? 2 : 3; /* PACKET_MULTICAST, PACKET_OTHERHOST */
}

uint16_t run_skb_protocol(const uint8_t *type, size_t n)
{
	uint16_t proto = (uint16_t)(type[0] << 8 | type[1]);

	if (proto >= ETH_P_802_3_MIN)
		return proto;
	/* Novell's packets begin with ones, 802.2's with anything else. */
	return n >= 4 && type[2] == 0xff && type[3] == 0xff ? ETH_P_802_3 : ETH_P_802_2;
}

static uint16_t swap16(uint16_t v)
{
	return (uint16_t)(v << 8 | v >> 8);
}

void run_skb_show(struct run *r)
{
	struct __sk_buff *skb = run_skb_ctx(r);

	skb->len = r->pkt.len;
	skb->protocol = swap16(r->skb.protocol);
	skb->vlan_present = r->skb.vlan_tci & VLAN_PRESENT ? 1 : 0;
	skb->vlan_tci = r->skb.vlan_tci & 0xffff;
}

/* The addresses of an IP packet are those of its socket, as in a test run. */
static void sock_addresses(struct run *r, struct kobject *sk)
{
	const uint8_t *ip = r->pkt.mem + r->skb.net;
	uint32_t left = r->pkt.head + r->pkt.len - r->skb.net;
	size_t n;
	struct bpf_sock *s = kobject_bytes(sk, &n);

	memset(s, 0, sizeof(*s));
	s->state = 7; /* TCP_CLOSE */
	if (r->skb.protocol == ETH_P_IP && left >= 20) {
		s->family = 2;
		memcpy(&s->src_ip4, ip + 12, 4);
		memcpy(&s->dst_ip4, ip + 16, 4);
	} else if (r->skb.protocol == ETH_P_IPV6 && left >= 40) {
		s->family = 10;
		memcpy(s->src_ip6, ip + 8, 16);
		memcpy(s->dst_ip6, ip + 24, 16);
	}
}

static int add_sock(struct run *r)
{
	if (!r->sock)
		r->sock = kobject_new_sock(r->w);
	if (!r->sock)
		return -ENOMEM;
	sock_addresses(r, r->sock);
	r->skb.sk = kobject_addr(r->sock);
	run_skb_ctx(r)->sk = 0;
	memcpy(r->ctx + offsetof(struct __sk_buff, sk), &r->skb.sk, 8);
	return 0;
}

/* The packet is an Ethernet frame; types below layer 2 do not see its header. */
int run_skb_begin(struct run *r, uint32_t meta)
{
	struct __sk_buff *skb = run_skb_ctx(r);
	struct pkt *p = &r->pkt;
	uint8_t *eth = pkt_data(p);

	(void)meta;
	r->skb = (struct run_skb){ .l2 = r->kind == CTX_tc || r->kind == CTX_flow_dissector,
				   .mac = p->head,
				   .net = p->head,
				   .dissector = r->kind == CTX_flow_dissector,
				   .room = SKB_HEADROOM,
				   .transport = UINT16_MAX };
	if (p->len >= ETH_HLEN) {
		skb->pkt_type = pkt_type(eth);
		r->skb.protocol = run_skb_protocol(eth + 12, p->len - 12);
		r->skb.net = p->head + ETH_HLEN;
		if (!r->skb.l2) {
			pkt_push(p, -ETH_HLEN);
			r->skb.room += ETH_HLEN;
			pkt_set_head(p);
		}
	}
	if (r->skb.dissector)
		return 0;
	skb->ifindex = skb->ingress_ifindex = 0;
	skb->ifindex = 1;
	skb->wire_len = p->len;
	run_skb_show(r);
	return add_sock(r);
}

static bool zero(const struct __sk_buff *ctx, size_t from, size_t to)
{
	const uint8_t *b = (const uint8_t *)ctx;

	for (size_t i = from; i < to; i++)
		if (b[i])
			return false;
	return true;
}

#define AT(field) offsetof(struct __sk_buff, field)
#define PAST(field) (AT(field) + sizeof(((struct __sk_buff *)0)->field))

/* What may be given; the rest must be zero. */
static int convert_in(struct run *r, const struct __sk_buff *in)
{
	struct __sk_buff *skb = run_skb_ctx(r);

	if (!zero(in, 0, AT(mark)) || !zero(in, PAST(mark), AT(priority)) ||
	    !zero(in, PAST(ifindex), AT(cb)) || !zero(in, PAST(cb), AT(tstamp)) ||
	    !zero(in, PAST(gso_segs), AT(gso_size)) || !zero(in, PAST(gso_size), AT(hwtstamp)) ||
	    !zero(in, PAST(hwtstamp), sizeof(*in)))
		return -EINVAL;
	skb->mark = in->mark;
	skb->priority = in->priority;
	skb->ingress_ifindex = in->ingress_ifindex;
	skb->tstamp = in->tstamp;
	memcpy(skb->cb, in->cb, sizeof(skb->cb));
	if (in->wire_len && (in->wire_len < r->pkt.len || in->wire_len > GSO_LEGACY_MAX))
		return -EINVAL;
	if (in->wire_len)
		skb->wire_len = in->wire_len;
	if (in->gso_segs > GSO_MAX_SEGS)
		return -EINVAL;
	skb->gso_segs = in->gso_segs;
	skb->gso_size = (uint16_t)in->gso_size;
	skb->hwtstamp = in->hwtstamp;
	return 0;
}

static void convert_out(struct run *r, struct __sk_buff *out)
{
	const struct __sk_buff *skb = run_skb_ctx(r);

	out->mark = skb->mark;
	out->priority = skb->priority;
	out->ingress_ifindex = skb->ingress_ifindex;
	out->ifindex = skb->ifindex;
	out->tstamp = skb->tstamp;
	memcpy(out->cb, skb->cb, sizeof(out->cb));
	out->wire_len = skb->wire_len;
	out->gso_segs = skb->gso_segs;
	out->hwtstamp = skb->hwtstamp;
}

/* From a header that the program does not see back to a frame whose header is gone. */
static void push_header(struct run *r)
{
	if (!r->skb.l2 && pkt_push(&r->pkt, ETH_HLEN))
		memset(pkt_data(&r->pkt), 0, ETH_HLEN);
}

static int finish(struct run *r, struct run_test *t, struct __sk_buff *ctx, bool has_ctx)
{
	int err;

	push_header(r);
	if (t->flags & BPF_F_TEST_SKB_CHECKSUM_COMPLETE) {
		uint32_t end = r->pkt.head + r->pkt.len;
		uint32_t len = end > r->skb.net ? end - r->skb.net : 0;

		if (csum_fold(
			    csum_add(csum_partial(r->pkt.mem + r->skb.net, len, 0), ~r->skb.csum)))
			return -EBADMSG;
	}
	convert_out(r, ctx);
	err = run_data_out(t, pkt_data(&r->pkt), r->pkt.len);
	return err || !has_ctx ? err : run_ctx_out(t, ctx, sizeof(*ctx));
}

static int short_header(const struct run *r)
{
	uint32_t left = r->pkt.head + r->pkt.len - r->skb.net;

	return (r->skb.protocol == ETH_P_IP && left < 20) ||
	       (r->skb.protocol == ETH_P_IPV6 && left < 40);
}

int run_test_skb(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	struct __sk_buff ctx = {};
	uint32_t n = t->data_size_in;
	int has_ctx, err;

	if (t->flags & ~(uint32_t)BPF_F_TEST_SKB_CHECKSUM_COMPLETE || t->cpu || t->batch_size)
		return -EINVAL;
	if (n < ETH_HLEN || n > PAGE - SKB_HEADROOM - SKB_TAILROOM)
		return -EINVAL;
	if (!t->data_in)
		return -EFAULT;
	has_ctx = run_ctx_in(t, &ctx, sizeof(ctx));
	if (has_ctx < 0)
		return has_ctx;
	err = run_begin(r, p, sizeof(ctx));
	if (err)
		return err;
	memcpy(r->pkt.mem + PKT_HEADROOM, t->data_in, n);
	pkt_set(&r->pkt, 0, n, n);
	r->has_pkt = true;
	err = run_skb_begin(r, 0);
	if (err)
		return err;
	if (has_ctx && ctx.ifindex > 1)
		return -ENODEV;
	if (short_header(r))
		return -EINVAL;
	err = has_ctx ? convert_in(r, &ctx) : 0;
	if (err)
		return err;
	if (t->flags & BPF_F_TEST_SKB_CHECKSUM_COMPLETE) {
		uint32_t len = r->pkt.head + r->pkt.len - r->skb.net;

		r->skb.csum = csum_partial(r->pkt.mem + r->skb.net, len, 0);
		r->skb.summed = true;
	}
	run_show_packet(r);
	err = run_repeat(r, p, t, fault);
	return err ? err : finish(r, t, &ctx, has_ctx);
}
