// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers that read and write the bytes of a struct sk_buff, and its checksums. */
#include <limits.h>
#include <linux/if_ether.h>
#include <string.h>

#include "core/mem.h"
#include "sim/csum.h"
#include "sim/helper_priv.h"

#define NOTSUPP 524

#ifndef BPF_F_IPV6
#define BPF_F_IPV6 (1ULL << 7)
#endif

/* Whether [off, off + n) lies in the packet. */
static bool inside(const struct run *r, uint64_t off, uint64_t n)
{
	return off <= r->pkt.len && n <= r->pkt.len - off;
}

/* The bytes at off are about to go, or have come: the packet's checksum, if it has one, follows. */
static void sum_pull(struct run *r, uint32_t off, uint32_t n)
{
	if (r->skb.summed)
		r->skb.csum =
			csum_add(r->skb.csum,
				 ~csum_rotate(csum_partial(pkt_data(&r->pkt) + off, n, 0), off));
}

static void sum_push(struct run *r, uint32_t off, uint32_t n)
{
	if (r->skb.summed)
		r->skb.csum = csum_add(
			r->skb.csum, csum_rotate(csum_partial(pkt_data(&r->pkt) + off, n, 0), off));
}

HELPER(skb_store_bytes)
{
	struct run *r = run_of(vm);
	uint32_t off = (uint32_t)r2, n = (uint32_t)r4;
	const void *from = arg_ctx(vm, 1, r1) ? vm_read(vm, 3, r3, n) : NULL;

	if (!from)
		return 0;
	if (r5 & ~(uint64_t)(BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH)) {
		run_moved(r, "bpf_skb_store_bytes()");
		return NO(EINVAL);
	}
	if (off > INT_MAX || !inside(r, off, n)) {
		run_moved(r, "bpf_skb_store_bytes()");
		return NO(EFAULT);
	}
	if (r5 & BPF_F_RECOMPUTE_CSUM)
		sum_pull(r, off, n);
	memmove(pkt_data(&r->pkt) + off, from, n);
	if (r5 & BPF_F_RECOMPUTE_CSUM)
		sum_push(r, off, n);
	if (r5 & BPF_F_INVALIDATE_HASH)
		run_skb_ctx(r)->hash = 0;
	run_moved(r, "bpf_skb_store_bytes()");
	return 0;
}

HELPER(skb_load_bytes)
{
	struct run *r = run_of(vm);
	uint32_t off = (uint32_t)r2, n = (uint32_t)r4;
	void *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 3, r3, n) : NULL;

	if (!to)
		return 0;
	/* A dissector that is tested has bytes, but no packet. */
	if (off > INT_MAX || !inside(r, off, n) || r->skb.dissector) {
		memset(to, 0, n);
		return NO(EFAULT);
	}
	memmove(to, pkt_data(&r->pkt) + off, n);
	return 0;
}

HELPER(skb_load_bytes_relative)
{
	struct run *r = run_of(vm);
	uint32_t off = (uint32_t)r2, n = (uint32_t)r4;
	uint32_t start = r5 == 0 ? r->skb.mac : r->skb.net;
	void *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 3, r3, n) : NULL;

	if (!to)
		return 0;
	if (off > 0xffff || (uint32_t)r5 > 1 ||
	    (uint64_t)start + off + n > (uint64_t)r->pkt.head + r->pkt.len) {
		memset(to, 0, n);
		return NO(EFAULT);
	}
	memmove(to, r->pkt.mem + start + off, n);
	return 0;
}

static uint16_t add16(uint16_t a, uint16_t b)
{
	uint16_t sum = (uint16_t)(a + b);

	return (uint16_t)(sum + (sum < b));
}

static void replace_diff(uint16_t *sum, uint32_t diff)
{
	*sum = csum_fold(csum_add(diff, ~csum_unfold(*sum)));
}

static void replace4(uint16_t *sum, uint32_t from, uint32_t to)
{
	uint32_t rest = csum_add(~csum_unfold(*sum), ~from);

	*sum = csum_fold(csum_add(rest, to));
}

static void replace2(uint16_t *sum, uint16_t from, uint16_t to)
{
	*sum = (uint16_t)~add16(add16((uint16_t) ~*sum, (uint16_t)~from), to);
}

/* A checksum in the packet; false: *err says what is wrong with where it is. */
static bool sum_at(struct run *r, uint64_t off, uint16_t *sum, int *err)
{
	*err = 0;
	if ((uint32_t)off > 0xffff || off & 1 || !inside(r, (uint32_t)off, 2))
		*err = -EFAULT;
	else
		memcpy(sum, pkt_data(&r->pkt) + (uint32_t)off, 2);
	return !*err;
}

static int l3_replace(struct run *r, uint64_t off, uint64_t from, uint64_t to, uint64_t flags)
{
	uint16_t sum;
	int err;

	if (flags & ~(uint64_t)BPF_F_HDR_FIELD_MASK)
		return -EINVAL;
	if (!sum_at(r, off, &sum, &err))
		return err;
	switch (flags & BPF_F_HDR_FIELD_MASK) {
	case 0:
		if (from)
			return -EINVAL;
		replace_diff(&sum, (uint32_t)to);
		break;
	case 2:
		replace2(&sum, (uint16_t)from, (uint16_t)to);
		break;
	case 4:
		replace4(&sum, (uint32_t)from, (uint32_t)to);
		break;
	default:
		return -EINVAL;
	}
	memcpy(pkt_data(&r->pkt) + (uint32_t)off, &sum, 2);
	return 0;
}

HELPER(l3_csum_replace)
{
	struct run *r = run_of(vm);
	int err;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	err = l3_replace(r, r2, r3, r4, r5);
	run_moved(r, "bpf_l3_csum_replace()");
	return (uint64_t)(int64_t)err;
}

static int l4_change(struct run *r, uint16_t *sum, uint64_t from, uint64_t to, uint64_t flags)
{
	bool pseudo = flags & BPF_F_PSEUDO_HDR && r->skb.summed;

	switch (flags & BPF_F_HDR_FIELD_MASK) {
	case 0:
		if (from)
			return -EINVAL;
		replace_diff(sum, (uint32_t)to);
		if (pseudo && !(flags & BPF_F_IPV6))
			r->skb.csum = ~csum_add((uint32_t)to, ~r->skb.csum);
		return 0;
	case 2:
		from = (uint16_t)from;
		to = (uint16_t)to;
		break;
	case 4:
		break;
	default:
		return -EINVAL;
	}
	replace4(sum, (uint32_t)from, (uint32_t)to);
	if (pseudo)
		r->skb.csum = ~csum_add(csum_add(~r->skb.csum, ~(uint32_t)from), (uint32_t)to);
	return 0;
}

static int l4_replace(struct run *r, uint64_t off, uint64_t from, uint64_t to, uint64_t flags)
{
	uint64_t known = BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | BPF_F_PSEUDO_HDR |
			 BPF_F_HDR_FIELD_MASK | BPF_F_IPV6;
	bool mangled = flags & BPF_F_MARK_MANGLED_0;
	uint16_t sum;
	int err;

	if (flags & ~known)
		return -EINVAL;
	if (!sum_at(r, off, &sum, &err))
		return err;
	/* UDP without a checksum keeps none. */
	if (mangled && !(flags & BPF_F_MARK_ENFORCE) && !sum)
		return 0;
	err = l4_change(r, &sum, from, to, flags);
	if (err)
		return err;
	if (mangled && !sum)
		sum = 0xffff;
	memcpy(pkt_data(&r->pkt) + (uint32_t)off, &sum, 2);
	return 0;
}

HELPER(l4_csum_replace)
{
	struct run *r = run_of(vm);
	int err;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	err = l4_replace(r, r2, r3, r4, r5);
	run_moved(r, "bpf_l4_csum_replace()");
	return (uint64_t)(int64_t)err;
}

HELPER(csum_diff)
{
	uint32_t nfrom = (uint32_t)r2, nto = (uint32_t)r4, seed = (uint32_t)r5, sum = seed;
	const void *from = vm_read(vm, 1, r1, nfrom);
	const void *to = from ? vm_read(vm, 3, r3, nto) : NULL;

	if (!to)
		return 0;
	if (nfrom && nto)
		sum = csum_add(csum_partial(to, nto, seed), ~csum_partial(from, nfrom, 0));
	else if (nto)
		sum = csum_partial(to, nto, seed);
	else if (nfrom)
		sum = ~csum_partial(from, nfrom, ~seed);
	return (uint16_t)~csum_fold(sum);
}

HELPER(csum_update)
{
	struct run *r = run_of(vm);

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (!r->skb.summed)
		return NO(NOTSUPP);
	r->skb.csum = csum_add(r->skb.csum, (uint32_t)r2);
	return r->skb.csum;
}

/* The level counts checksums the hardware has looked at; level_1 is one more, 0: none. */
HELPER(csum_level)
{
	struct run *r = run_of(vm);
	uint8_t *n = &r->skb.level_1;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	switch (r2) {
	case BPF_CSUM_LEVEL_INC:
		if (*n ? *n < 4 : !r->skb.summed)
			++*n;
		return 0;
	case BPF_CSUM_LEVEL_DEC:
		if (*n)
			--*n;
		return 0;
	case BPF_CSUM_LEVEL_RESET:
		*n = 0;
		return 0;
	case BPF_CSUM_LEVEL_QUERY:
		return *n ? (uint64_t)(*n - 1) : NO(EACCES);
	default:
		return NO(EINVAL);
	}
}

/* The kernel's hash has a key made at boot; this one only tells flows apart as well. */
HELPER(get_hash_recalc)
{
	struct run *r = run_of(vm);
	struct __sk_buff *skb;
	uint32_t n;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	skb = run_skb_ctx(r);
	n = r->pkt.head + r->pkt.len > r->skb.net ? r->pkt.head + r->pkt.len - r->skb.net : 0;
	if (!skb->hash) {
		uint32_t h = csum_partial(r->pkt.mem + r->skb.net, n < 40 ? n : 40, 1);

		h *= 0x9e3779b1u;
		skb->hash = h ? h : 1;
	}
	return skb->hash;
}

HELPER(set_hash)
{
	if (arg_ctx(vm, 1, r1))
		run_skb_ctx(run_of(vm))->hash = (uint32_t)r2;
	return 0;
}

HELPER(set_hash_invalid)
{
	if (arg_ctx(vm, 1, r1))
		run_skb_ctx(run_of(vm))->hash = 0;
	return 0;
}

/* The header's checksum is adjusted the way the kernel does it, which keeps it apart from 0. */
static uint64_t ecn_ipv4(uint8_t *ip)
{
	uint8_t next = (ip[1] + 1) & 3;
	uint16_t sum;

	if (!(next & 2))
		return !next;
	memcpy(&sum, ip + 10, 2);
	sum = add16(sum, (uint16_t)((0xfb + next) << 8 | 0xff));
	memcpy(ip + 10, &sum, 2);
	ip[1] |= 3;
	return 1;
}

/* The checksum of the packet follows as if the header began at an even place, wherever it does. */
static uint64_t ecn_ipv6(struct run *r, uint8_t *ip)
{
	uint32_t from, to;

	if (!(ip[1] & 0x30))
		return 0;
	memcpy(&from, ip, 4);
	ip[1] |= 0x30;
	memcpy(&to, ip, 4);
	if (r->skb.summed)
		r->skb.csum = csum_add(csum_add(r->skb.csum, ~from), to);
	return 1;
}

HELPER(skb_ecn_set_ce)
{
	struct run *r = run_of(vm);
	uint32_t end;
	uint8_t *ip;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	end = r->pkt.head + r->pkt.len;
	ip = r->pkt.mem + r->skb.net;
	if (r->skb.protocol == ETH_P_IP && r->skb.net + 20 <= end)
		return ecn_ipv4(ip);
	return r->skb.protocol == ETH_P_IPV6 && r->skb.net + 40 <= end ? ecn_ipv6(r, ip) : 0;
}

/* Whose clock a time stamp is of: 0 the real one, 1 monotonic, 2 TAI. */
HELPER(skb_set_tstamp)
{
	struct run *r = run_of(vm);
	struct __sk_buff *skb;
	uint32_t type = (uint32_t)r3;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (r->skb.protocol != ETH_P_IP && r->skb.protocol != ETH_P_IPV6)
		return NO(EOPNOTSUPP);
	if (type > 2 || (type && !r2))
		return NO(EINVAL);
	skb = run_skb_ctx(r);
	skb->tstamp = r2;
	skb->tstamp_type = (uint8_t)type;
	return 0;
}
