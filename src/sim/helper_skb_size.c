// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers that change the length or the shape of a struct sk_buff. */
#include <linux/if_ether.h>
#include <string.h>

#include "sim/csum.h"
#include "sim/helper_priv.h"

#define NOTSUPP 524
#define MAX_LEN 16064 /* SKB_MAX_ALLOC */
#define VLAN_HLEN 4
#define VLAN_PRESENT (1u << 16)

#ifndef BPF_F_ADJ_ROOM_DECAP_L3_IPV4
#define BPF_F_ADJ_ROOM_DECAP_L3_IPV4 (1ULL << 7)
#define BPF_F_ADJ_ROOM_DECAP_L3_IPV6 (1ULL << 8)
#endif

/* Bytes that leave the packet, or have come, leave its checksum and come to it. */
static void sum_pull(struct run *r, const uint8_t *from, uint32_t n)
{
	if (r->skb.summed)
		r->skb.csum = ~csum_partial(from, n, ~r->skb.csum);
}

static void sum_push(struct run *r, const uint8_t *from, uint32_t n)
{
	if (r->skb.summed)
		r->skb.csum = csum_partial(from, n, r->skb.csum);
}

static uint64_t done(struct run *r, int err, const char *why)
{
	run_moved(r, why);
	return (uint64_t)(int64_t)err;
}

HELPER(skb_pull_data)
{
	struct run *r = run_of(vm);

	if (!arg_ctx(vm, 1, r1))
		return 0;
	run_moved(r, "bpf_skb_pull_data()");
	return (uint32_t)r2 > r->pkt.len ? NO(ENOMEM) : 0;
}

/*
 * n bytes are put in front.  A kernel that has too little room there takes more, in steps, and
 * moves all places of headers by as much: also one that was never set, which then counts as set.
 */
static void take_room(struct run *r, uint32_t n)
{
	const uint32_t step = 64; /* NET_SKB_PAD */

	if (n > r->skb.room) {
		uint32_t more = (n - r->skb.room + step - 1) / step * step;

		r->skb.room += more;
		r->skb.transport = (uint16_t)(r->skb.transport + more);
	}
	r->skb.room -= n;
}

/* A packet cannot be shorter than what is in front of its headers. */
static uint32_t min_len(const struct run *r)
{
	int64_t net = (int64_t)r->skb.net - r->pkt.head;
	int64_t transport = (int64_t)r->skb.transport - r->skb.room;

	if (r->skb.transport != UINT16_MAX && transport > 0)
		return (uint32_t)transport;
	return net > 0 ? (uint32_t)net : 0;
}

HELPER(skb_change_tail)
{
	struct run *r = run_of(vm);
	uint32_t len = (uint32_t)r2;
	int err = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r3 || len > MAX_LEN || len < min_len(r))
		err = -EINVAL;
	else if (r->skb.encap)
		err = -NOTSUPP;
	else if (!pkt_resize(&r->pkt, len))
		err = -ENOMEM;
	else
		r->skb.summed = false; /* the sum stays what it was */
	return done(r, err, "bpf_skb_change_tail()");
}

HELPER(skb_change_head)
{
	struct run *r = run_of(vm);
	uint32_t more = (uint32_t)r2;
	int err = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r3 || more > MAX_LEN || r->pkt.len + more > MAX_LEN)
		err = -EINVAL;
	else if (!pkt_push(&r->pkt, more))
		err = -ENOMEM;
	if (!err) {
		memset(pkt_data(&r->pkt), 0, more);
		take_room(r, more);
		r->skb.mac = r->pkt.head;
	}
	return done(r, err, "bpf_skb_change_head()");
}

HELPER(skb_change_type)
{
	struct __sk_buff *skb = run_skb_ctx(run_of(vm));

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (skb->pkt_type > 3 || (uint32_t)r2 > 3) /* PACKET_OTHERHOST */
		return NO(EINVAL);
	skb->pkt_type = (uint32_t)r2;
	return 0;
}

/* Opens or closes a gap behind the first off bytes; headers move with what is in front. */
static bool gap(struct run *r, uint32_t off, int64_t n)
{
	bool same = r->skb.transport - r->skb.room == r->skb.net - r->pkt.head;

	if (n < 0)
		sum_pull(r, pkt_data(&r->pkt) + off, (uint32_t)-n);
	if (!pkt_gap(&r->pkt, off, n))
		return false;
	if (n > 0)
		take_room(r, (uint32_t)n);
	else
		r->skb.room += (uint32_t)-n;
	if (same)
		r->skb.transport = (uint16_t)(r->skb.transport - n);
	r->skb.mac = (uint32_t)(r->skb.mac - n);
	r->skb.net = (uint32_t)(r->skb.net - n);
	return true;
}

/* An IPv4 header becomes an IPv6 one, or the other way: 20 bytes more or less, all to be filled. */
HELPER(skb_change_proto)
{
	struct run *r = run_of(vm);
	uint32_t mac = r->skb.net - r->skb.mac;
	uint16_t to = (uint16_t)((r2 & 0xff) << 8 | (r2 >> 8 & 0xff));
	bool grow = r->skb.protocol == ETH_P_IP && to == ETH_P_IPV6;
	int err = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r3)
		err = -EINVAL;
	else if (!grow && (r->skb.protocol != ETH_P_IPV6 || to != ETH_P_IP))
		err = -NOTSUPP;
	else if (!gap(r, mac, grow ? 20 : -20))
		err = -ENOMEM;
	if (!err) {
		r->skb.protocol = to;
		run_skb_ctx(r)->hash = 0;
	}
	return done(r, err, "bpf_skb_change_proto()");
}

static uint32_t base_len(const struct run *r)
{
	return r->skb.protocol == ETH_P_IPV6 ? 40 : 20;
}

/* What a bigger header may say about itself. */
static int check_encap(const struct run *r, uint32_t n, uint64_t flags)
{
	uint64_t v4 = BPF_F_ADJ_ROOM_ENCAP_L3_IPV4, v6 = BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
	uint32_t inner =
		(uint32_t)(flags >> BPF_ADJ_ROOM_ENCAP_L2_SHIFT) & BPF_ADJ_ROOM_ENCAP_L2_MASK;

	if (!(flags & (v4 | v6)))
		return 0;
	if ((flags & (v4 | v6)) == (v4 | v6))
		return -EINVAL;
	if (flags & BPF_F_ADJ_ROOM_ENCAP_L4_GRE && flags & BPF_F_ADJ_ROOM_ENCAP_L4_UDP)
		return -EINVAL;
	if (flags & BPF_F_ADJ_ROOM_ENCAP_L2_ETH && inner < ETH_HLEN)
		return -EINVAL;
	if (r->skb.encap)
		return -EALREADY;
	return inner > n ? -EINVAL : 0;
}

static int room_flags(const struct run *r, uint32_t n, uint64_t flags, uint32_t *min)
{
	uint64_t decap = BPF_F_ADJ_ROOM_DECAP_L3_IPV4 | BPF_F_ADJ_ROOM_DECAP_L3_IPV6;
	uint64_t l2 = (uint64_t)BPF_ADJ_ROOM_ENCAP_L2_MASK << BPF_ADJ_ROOM_ENCAP_L2_SHIFT;
	uint64_t encap = BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 |
			 BPF_F_ADJ_ROOM_ENCAP_L4_GRE | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
			 BPF_F_ADJ_ROOM_ENCAP_L2_ETH | l2;
	uint64_t both = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET;

	*min = base_len(r);
	if (flags & ~(decap | encap | both))
		return -EINVAL;
	if (n > 0xfff)
		return -EFAULT;
	if (r->skb.protocol != ETH_P_IP && r->skb.protocol != ETH_P_IPV6)
		return -NOTSUPP;
	return 0;
}

static int room_decap(bool shrink, uint64_t flags, uint32_t *min)
{
	uint64_t decap = flags & (BPF_F_ADJ_ROOM_DECAP_L3_IPV4 | BPF_F_ADJ_ROOM_DECAP_L3_IPV6);

	if (!decap)
		return 0;
	if (!shrink)
		return -EINVAL;
	if (decap == BPF_F_ADJ_ROOM_DECAP_L3_IPV4)
		*min = 20;
	else if (decap == BPF_F_ADJ_ROOM_DECAP_L3_IPV6)
		*min = 40;
	else
		return -EINVAL;
	return 0;
}

/* The new header is the outer one; the transport header comes behind it. */
static void set_encap(struct run *r, uint32_t header)
{
	r->skb.encap = true;
	r->skb.transport = (uint16_t)(r->skb.room + (r->skb.net - r->pkt.head) + header);
}

static int resize_room(struct run *r, uint32_t off, bool shrink, uint32_t n, uint64_t flags)
{
	uint64_t decap = BPF_F_ADJ_ROOM_DECAP_L3_IPV4 | BPF_F_ADJ_ROOM_DECAP_L3_IPV6;
	int err;

	if (shrink && flags & ~(decap | BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -EINVAL;
	err = shrink ? 0 : check_encap(r, n, flags);
	if (err)
		return err;
	if (!gap(r, off, shrink ? -(int64_t)n : (int64_t)n))
		return -ENOMEM;
	if (flags & (BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 | BPF_F_ADJ_ROOM_DECAP_L3_IPV6))
		r->skb.protocol = ETH_P_IPV6;
	else if (flags & (BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_DECAP_L3_IPV4))
		r->skb.protocol = ETH_P_IP;
	if (flags & (BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6))
		set_encap(r, flags & BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 ? 40 : 20);
	if (!(flags & BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		r->skb.level_1 = 0;
	return 0;
}

static int adjust_room(struct run *r, int32_t diff, uint32_t mode, uint64_t flags)
{
	bool shrink = diff < 0;
	uint32_t n = shrink ? 0 - (uint32_t)diff : (uint32_t)diff, min, left;
	int err = room_flags(r, n, flags, &min);

	if (err)
		return err;
	if (mode != BPF_ADJ_ROOM_NET && mode != BPF_ADJ_ROOM_MAC)
		return -NOTSUPP;
	err = room_decap(shrink, flags, &min);
	if (err)
		return err;
	if (r->pkt.head + r->pkt.len < r->skb.net)
		return -NOTSUPP;
	left = r->pkt.head + r->pkt.len - r->skb.net;
	if (shrink ? n >= left || left - n < min : r->pkt.len + n > MAX_LEN)
		return -NOTSUPP;
	return resize_room(r,
			   r->skb.net - r->skb.mac + (mode == BPF_ADJ_ROOM_NET ? base_len(r) : 0),
			   shrink, n, flags);
}

/* Of sk_skb programs: room in front of all. */
static int stream_room(struct run *r, int32_t diff, uint32_t mode, uint64_t flags)
{
	uint32_t n = diff < 0 ? 0 - (uint32_t)diff : (uint32_t)diff;

	if (flags & ~(uint64_t)0)
		return -EINVAL;
	if (mode)
		return -EOPNOTSUPP;
	if (n > 0xfff)
		return -EFAULT;
	if (diff < 0 ? n > r->pkt.len : r->pkt.len + n > MAX_LEN)
		return -EOPNOTSUPP;
	if (!pkt_push(&r->pkt, diff))
		return -ENOMEM;
	if (diff > 0)
		memset(pkt_data(&r->pkt), 0, n);
	return 0;
}

HELPER(skb_adjust_room)
{
	struct run *r = run_of(vm);
	int err;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	err = r->kind == CTX_sk_skb ? stream_room(r, (int32_t)r2, (uint32_t)r3, r4)
				    : adjust_room(r, (int32_t)r2, (uint32_t)r3, r4);
	return done(r, err, "bpf_skb_adjust_room()");
}

static bool is_vlan(uint16_t proto)
{
	return proto == ETH_P_8021Q || proto == ETH_P_8021AD;
}

static uint16_t be16(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static void set_tag(struct run *r, uint16_t proto, uint16_t tci)
{
	r->skb.vlan_tci = VLAN_PRESENT | tci;
	run_skb_ctx(r)->vlan_proto = (uint32_t)(uint16_t)(proto << 8 | proto >> 8);
}

/* A tag beside the packet goes in front of its type, the new one beside it. */
HELPER(skb_vlan_push)
{
	struct run *r = run_of(vm);
	uint16_t proto = (uint16_t)((r2 & 0xff) << 8 | (r2 >> 8 & 0xff)), old;
	uint8_t *b;
	int err = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (!is_vlan(proto))
		proto = ETH_P_8021Q;
	if (r->skb.vlan_tci & VLAN_PRESENT) {
		old = be16((const uint8_t *)&run_skb_ctx(r)->vlan_proto);
		if (pkt_gap(&r->pkt, 12, VLAN_HLEN)) {
			b = pkt_data(&r->pkt) + 12;
			b[0] = (uint8_t)(old >> 8);
			b[1] = (uint8_t)old;
			b[2] = (uint8_t)(r->skb.vlan_tci >> 8);
			b[3] = (uint8_t)r->skb.vlan_tci;
			sum_push(r, b, VLAN_HLEN);
			take_room(r, VLAN_HLEN);
			r->skb.mac -= VLAN_HLEN;
			r->skb.net -= VLAN_HLEN;
			r->skb.protocol = old;
		} else {
			err = -ENOMEM;
		}
	}
	if (!err)
		set_tag(r, proto, (uint16_t)r3);
	return done(r, err, "bpf_skb_vlan_push()");
}

/* The first tag inside the packet; false: there is none. */
static bool pop_inner(struct run *r, uint16_t *tci)
{
	uint8_t *b = pkt_data(&r->pkt);

	if (r->pkt.len < ETH_HLEN + VLAN_HLEN)
		return false;
	*tci = be16(b + 14);
	r->skb.protocol = run_skb_protocol(b + 16, r->pkt.len - 16);
	sum_pull(r, b + 12, VLAN_HLEN);
	pkt_gap(&r->pkt, 12, -VLAN_HLEN);
	r->skb.room += VLAN_HLEN;
	r->skb.mac += VLAN_HLEN;
	if (r->skb.net < r->pkt.head + ETH_HLEN)
		r->skb.net = r->pkt.head + ETH_HLEN;
	return true;
}

HELPER(skb_vlan_pop)
{
	struct run *r = run_of(vm);
	uint16_t tci, proto;
	int err = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r->skb.vlan_tci & VLAN_PRESENT)
		r->skb.vlan_tci = run_skb_ctx(r)->vlan_proto = 0;
	else if (is_vlan(r->skb.protocol) && !pop_inner(r, &tci))
		err = -ENOMEM;
	proto = r->skb.protocol;
	if (!err && is_vlan(proto) && pop_inner(r, &tci))
		set_tag(r, proto, tci);
	return done(r, err, "bpf_skb_vlan_pop()");
}
