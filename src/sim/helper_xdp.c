// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers of XDP, and redirects. */
#include <linux/if_ether.h>
#include <string.h>

#include "sim/helper_priv.h"

#define FRAME 40     /* sizeof(struct xdp_frame), at the start of the headroom */
#define HEADROOM 256 /* XDP_PACKET_HEADROOM */
#define TAILROOM 320 /* of struct skb_shared_info */
#define FRAG 4096
#define META_MAX 252
#define TC_SHOT 2
#define TC_REDIRECT 7
#define LO_MTU 65536

/* Where the frame of an XDP packet begins. */
static uint32_t hard_start(void)
{
	return PKT_HEADROOM - HEADROOM;
}

HELPER(xdp_adjust_head)
{
	struct run *r = run_of(vm);
	int64_t off = (int32_t)r2, head = (int64_t)r->pkt.head + off;
	uint32_t meta = r->pkt.meta;
	uint64_t ret = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (head < (int64_t)hard_start() + FRAME + meta ||
	    head > (int64_t)r->pkt.head + r->pkt.linear - ETH_HLEN) {
		ret = NO(EINVAL);
	} else {
		uint8_t *old = pkt_data(&r->pkt) - meta;

		pkt_push(&r->pkt, -off);
		memmove(pkt_data(&r->pkt) - meta, old, meta);
	}
	run_moved(r, "bpf_xdp_adjust_head()");
	return ret;
}

HELPER(xdp_adjust_meta)
{
	struct run *r = run_of(vm);
	int64_t meta = (int64_t)r->pkt.meta - (int32_t)r2;
	uint64_t ret = 0;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	if (meta < 0 || (int64_t)r->pkt.head - meta < (int64_t)hard_start() + FRAME)
		ret = NO(EINVAL);
	else if (meta & 3 || meta > META_MAX)
		ret = NO(EACCES);
	else
		r->pkt.meta = (uint32_t)meta;
	run_moved(r, "bpf_xdp_adjust_meta()");
	return ret;
}

/* A packet in one piece ends before what the kernel keeps at the end of the frame. */
static int tail_linear(struct run *r, int64_t off)
{
	int64_t len = (int64_t)r->pkt.len + off;

	if (r->pkt.head + len > (int64_t)hard_start() + r->room - TAILROOM || len < ETH_HLEN)
		return -EINVAL;
	return pkt_resize(&r->pkt, (uint32_t)len) ? 0 : -EINVAL;
}

static int tail_frags(struct run *r, int64_t off)
{
	uint32_t in_frags = r->pkt.len - r->pkt.linear, last = in_frags % FRAG;

	if (off < 0 && (int64_t)r->pkt.len + off < ETH_HLEN)
		return -EINVAL;
	/* Pages are filled one by one; the last one may have room. */
	if (off >= 0 && off > FRAG - (last ? last : FRAG))
		return -EINVAL;
	return pkt_resize(&r->pkt, (uint32_t)(r->pkt.len + off)) ? 0 : -EINVAL;
}

HELPER(xdp_adjust_tail)
{
	struct run *r = run_of(vm);
	int err;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	err = r->pkt.linear < r->pkt.len ? tail_frags(r, (int32_t)r2) : tail_linear(r, (int32_t)r2);
	run_moved(r, "bpf_xdp_adjust_tail()");
	return (uint64_t)(int64_t)err;
}

HELPER(xdp_get_buff_len)
{
	return run_of(vm)->pkt.len;
}

static int xdp_bytes(const struct run *r, uint32_t off, uint32_t n)
{
	if (off > 0xffff || n > 0xffff)
		return -EFAULT;
	return off + n > r->pkt.len ? -EINVAL : 0;
}

HELPER(xdp_load_bytes)
{
	struct run *r = run_of(vm);
	uint32_t off = (uint32_t)r2, n = (uint32_t)r4;
	void *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 3, r3, n) : NULL;
	int err;

	if (!to)
		return 0;
	err = xdp_bytes(r, off, n);
	if (!err)
		memmove(to, pkt_data(&r->pkt) + off, n);
	return (uint64_t)(int64_t)err;
}

HELPER(xdp_store_bytes)
{
	struct run *r = run_of(vm);
	uint32_t off = (uint32_t)r2, n = (uint32_t)r4;
	const void *from = arg_ctx(vm, 1, r1) ? vm_read(vm, 3, r3, n) : NULL;
	int err;

	if (!from)
		return 0;
	err = xdp_bytes(r, off, n);
	if (!err)
		memmove(pkt_data(&r->pkt) + off, from, n);
	return (uint64_t)(int64_t)err;
}

static void redirected(struct vm *vm, uint64_t ifindex, uint64_t flags)
{
	const struct world *w = world_of(vm);

	run_of(vm)->redirect = (struct run_redirect){ true, NULL, (uint32_t)ifindex, flags };
	if (w->hooks.redirect)
		w->hooks.redirect(w->hooks.arg, NULL, (uint32_t)ifindex, flags);
}

HELPER(redirect)
{
	bool xdp = run_of(vm)->kind == CTX_xdp;

	if (r2 & ~(uint64_t)(xdp ? 0 : BPF_F_INGRESS))
		return xdp ? XDP_ABORTED : TC_SHOT;
	redirected(vm, r1, r2);
	return xdp ? XDP_REDIRECT : TC_REDIRECT;
}

HELPER(redirect_peer)
{
	if (r2)
		return TC_SHOT;
	redirected(vm, r1, r2);
	return TC_REDIRECT;
}

HELPER(redirect_neigh)
{
	uint32_t n = (uint32_t)r3;

	if (n && !vm_read(vm, 2, r2, n))
		return 0;
	if ((n && n < sizeof(struct bpf_redir_neigh)) || r4)
		return TC_SHOT;
	redirected(vm, r1, r4);
	return TC_REDIRECT;
}

HELPER(clone_redirect)
{
	struct run *r = run_of(vm);
	bool known = (uint32_t)r2 == 1 || world_of(vm)->hooks.redirect;

	if (!arg_ctx(vm, 1, r1))
		return 0;
	run_moved(r, "bpf_clone_redirect()");
	if (r3 & ~(uint64_t)BPF_F_INGRESS || !known)
		return NO(EINVAL);
	redirected(vm, r2, r3);
	r->redirect.set = false; /* the packet itself goes on */
	return 0;
}

HELPER(check_mtu)
{
	struct run *r = run_of(vm);
	bool skb = ctx_is_skb(r->kind);
	uint32_t *mtu = arg_ctx(vm, 1, r1) ? vm_update(vm, 3, r3, 4) : NULL, given;
	int64_t len;

	if (!mtu)
		return 0;
	given = *mtu;
	if (r5 & ~(uint64_t)(skb ? BPF_MTU_CHK_SEGS : 0) || (r5 && ((int32_t)r4 || given)))
		return NO(EINVAL);
	if ((uint32_t)r2 > 1)
		return NO(ENODEV);
	len = given ? (int64_t)given + ETH_HLEN : r->pkt.len;
	*mtu = LO_MTU;
	return len + (int32_t)r4 <= LO_MTU + ETH_HLEN ? BPF_MTU_CHK_RET_SUCCESS
						      : BPF_MTU_CHK_RET_FRAG_NEEDED;
}

#ifndef BPF_FIB_LOOKUP_SKIP_NEIGH
#define BPF_FIB_LOOKUP_SKIP_NEIGH (1U << 2)
#endif
#define FIB_FLAGS 0x3f

HELPER(fib_lookup)
{
	const struct world *w = world_of(vm);
	void *params = arg_ctx(vm, 1, r1) ? vm_update(vm, 2, r2, (uint32_t)r3) : NULL;

	if (!params)
		return 0;
	if ((uint32_t)r3 < sizeof(struct bpf_fib_lookup) || (uint32_t)r4 & ~(uint32_t)FIB_FLAGS)
		return NO(EINVAL);
	if (!w->hooks.fib_lookup)
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	return (uint64_t)w->hooks.fib_lookup(w->hooks.arg, params, (uint32_t)r4);
}
