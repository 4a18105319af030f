// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Test runs of XDP. */
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>

#include "sim/run_priv.h"

#define XDP_HEADROOM 256 /* XDP_PACKET_HEADROOM */
#define XDP_TAILROOM 320 /* of struct skb_shared_info */
#define XDP_BATCH 256
#define PAGE 4096
#define FRAGS 17     /* MAX_SKB_FRAGS */
#define META_MAX 252 /* a multiple of 4 that fits in 8 bits */

#ifndef BPF_F_TEST_XDP_LIVE_FRAMES
#define BPF_F_TEST_XDP_LIVE_FRAMES (1U << 1)
#endif

static bool bad_meta(uint32_t meta)
{
	return meta & 3 || meta > META_MAX;
}

/* The only device is the loopback one, with a single queue. */
static int check_device(const struct xdp_md *md)
{
	if (md->egress_ifindex || (!md->ingress_ifindex && md->rx_queue_index))
		return -EINVAL;
	if (md->ingress_ifindex > 1)
		return -ENODEV;
	return md->rx_queue_index ? -EINVAL : 0;
}

static int check_md(const struct xdp_md *md, const struct run_test *t, bool live)
{
	if (md->data_meta || md->data_end > t->data_size_in || md->data > md->data_end ||
	    bad_meta(md->data) || (live && (t->data_out || t->ctx_out)))
		return -EINVAL;
	return 0;
}

static int check(const struct prog *p, const struct run_test *t)
{
	bool live = t->flags & BPF_F_TEST_XDP_LIVE_FRAMES;

	if (p->attach_type == UAPI_ATTACH_xdp_devmap || p->attach_type == UAPI_ATTACH_xdp_cpumap)
		return -EINVAL;
	if (t->flags & ~BPF_F_TEST_XDP_LIVE_FRAMES)
		return -EINVAL;
	if (!live)
		return t->batch_size ? -EINVAL : 0;
	return t->batch_size > XDP_BATCH ? -E2BIG : 0;
}

/* The packet: linear as much as a page takes, or the context says; the rest in frags. */
static int packet(struct run *r, const struct run_test *t, const struct xdp_md *md, bool has_ctx)
{
	uint32_t meta = has_ctx ? md->data : 0, n = t->data_size_in;
	uint32_t headroom = XDP_HEADROOM - meta, linear = has_ctx ? md->data_end : n;

	if (linear > PAGE - headroom - XDP_TAILROOM)
		linear = PAGE - headroom - XDP_TAILROOM;
	if (t->flags & BPF_F_TEST_XDP_LIVE_FRAMES && n > linear)
		return -EINVAL;
	if (n < meta + ETH_HLEN)
		return -EINVAL;
	if (!t->data_in)
		return -EFAULT;
	if (n - linear > FRAGS * PAGE)
		return -ENOMEM;
	memset(r->pkt.mem + PKT_HEADROOM - XDP_HEADROOM, 0, XDP_HEADROOM);
	memcpy(r->pkt.mem + PKT_HEADROOM - meta, t->data_in, n);
	pkt_set(&r->pkt, meta, linear - meta, n - meta);
	r->has_pkt = true;
	r->room = PAGE;
	return 0;
}

int run_test_xdp(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	struct xdp_md md = {};
	int err = check(p, t), has_ctx;

	if (err)
		return err;
	has_ctx = run_ctx_in(t, &md, sizeof(md));
	if (has_ctx < 0)
		return has_ctx;
	err = has_ctx ? check_md(&md, t, t->flags & BPF_F_TEST_XDP_LIVE_FRAMES) : 0;
	if (!err)
		err = run_begin(r, p, sizeof(md));
	if (!err)
		err = packet(r, t, &md, has_ctx);
	if (!err && has_ctx)
		err = check_device(&md);
	if (err)
		return err;
	((struct xdp_md *)(void *)r->ctx)->ingress_ifindex = 1;
	run_show_packet(r);
	err = run_repeat(r, p, t, fault);
	if (err)
		return err;
	md.data = r->pkt.meta;
	md.data_end = r->pkt.meta + r->pkt.linear;
	err = run_data_out(t, pkt_data(&r->pkt) - r->pkt.meta, r->pkt.meta + r->pkt.len);
	return err || !has_ctx ? err : run_ctx_out(t, &md, sizeof(md));
}
