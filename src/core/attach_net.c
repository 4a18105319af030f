// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attaching to network devices. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_link.h>

#include "core/attach.h"
#include "core/attach_rows.h"
#include "core/err.h"
#include "core/net.h"
#include "core/netns.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

/* A link is made for a device of the namespace that the thread is in. */
static int create_link(void *arg)
{
	return sys_bpf(BPF_LINK_CREATE, arg, sizeof(struct attr_link_create));
}

static uint32_t mode_flags(enum xdp_mode mode)
{
	return mode == XDP_MODE_NATIVE ? XDP_FLAGS_DRV_MODE
	       : mode == XDP_MODE_SKB  ? XDP_FLAGS_SKB_MODE
	       : mode == XDP_MODE_HW   ? XDP_FLAGS_HW_MODE
				       : 0;
}

static int xdp_error(const struct net_dev *dev, enum xdp_mode mode, int code, struct err *e)
{
	err_code(e, code, "cannot attach to %s", dev->name);
	switch (code) {
	case -EBUSY:
	case -EEXIST:
		if (dev->xdp_mode)
			return err_hint(e,
					"XDP program %u is attached to it in %s mode; detach "
					"that one first",
					dev->xdp_id, xdp_mode_name(dev->xdp_mode));
		return code;
	case -EOPNOTSUPP:
		return err_hint(e, "the driver has no XDP in %s mode; mode skb works everywhere",
				xdp_mode_name(mode));
	case -ERANGE:
		return err_hint(e,
				"the MTU of %u is too large for XDP without fragments: lower it, "
				"or use a program of section xdp.frags",
				dev->mtu);
	case -EINVAL:
		if (mode == XDP_MODE_HW)
			return err_hint(e,
					"the device runs no programs, or this one was not loaded "
					"for it");
		return err_hint(e, "the program's expected attach type must be xdp: one for a "
				   "devmap or cpumap cannot be attached to a device");
	default:
		return probe_denied(e, NEED_NET_ADMIN | NEED_BPF);
	}
}

bool attach_device(struct net **net, const char *target, const struct attach_opts *opts,
		   struct net_dev *dev, struct err *e)
{
	*net = net_open(opts->netns, e);
	return *net && net_dev(*net, target, dev, e) == 0;
}

int attach_device_link(struct attr_link_create *l, const struct net_dev *dev,
		       const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	int fd;

	l->target = dev->ifindex;
	e->class = ERR_NONE;
	fd = netns_call(opts->netns, create_link, l, e);
	if (fd < 0)
		return fd;
	a->fd = fd;
	a->is_link = true;
	return 0;
}

int attach_xdp(int prog_fd, const char *target, const struct attach_opts *opts,
	       struct attachment *a, struct err *e)
{
	struct attr_link_create l = { .prog_fd = (uint32_t)prog_fd,
				      .attach_type = UAPI_ATTACH_xdp,
				      .flags = mode_flags(opts->mode) };
	auto_net struct net *net = NULL;
	struct net_dev dev = {}, now;
	struct err ignored = {};
	int r;

	if (!attach_device(&net, target, opts, &dev, e))
		return err_class(e, e->class);
	r = attach_device_link(&l, &dev, opts, a, e);
	if (r < 0)
		return e->class ? r : xdp_error(&dev, opts->mode, r, e);
	if (net_dev(net, target, &now, &ignored))
		now = dev;
	snprintf(a->target, sizeof(a->target), "device %s, %s mode", dev.name,
		 xdp_mode_name(opts->mode ? opts->mode : now.xdp_mode));
	return 0;
}

static int tcx_error(const struct net_dev *dev, const char *way, int code, struct err *e)
{
	err_code(e, code, "cannot attach to the %s of %s", way, dev->name);
	if (code == -EEXIST)
		return err_hint(e, "the program is attached there already");
	if (code == -EINVAL && probe_before("6.6"))
		return err_hint(e,
				"tcx is there since Linux 6.6; tc filter add dev %s %s bpf "
				"takes a pinned program on older kernels",
				dev->name, way);
	return probe_denied(e, NEED_NET_ADMIN | NEED_BPF);
}

/* Behind those that are there. */
static int attach_tcx(uint32_t type, const char *way, int prog_fd, const char *target,
		      const struct attach_opts *opts, struct attachment *a, struct err *e)
{
	struct attr_link_create l = { .prog_fd = (uint32_t)prog_fd, .attach_type = type };
	auto_net struct net *net = NULL;
	struct net_dev dev = {};
	int r;

	if (!attach_device(&net, target, opts, &dev, e))
		return err_class(e, e->class);
	r = attach_device_link(&l, &dev, opts, a, e);
	if (r < 0)
		return e->class ? r : tcx_error(&dev, way, r, e);
	snprintf(a->target, sizeof(a->target), "device %s, %s", dev.name, way);
	return 0;
}

int attach_tcx_ingress(int prog_fd, const char *target, const struct attach_opts *opts,
		       struct attachment *a, struct err *e)
{
	return attach_tcx(UAPI_ATTACH_tcx_ingress, "ingress", prog_fd, target, opts, a, e);
}

int attach_tcx_egress(int prog_fd, const char *target, const struct attach_opts *opts,
		      struct attachment *a, struct err *e)
{
	return attach_tcx(UAPI_ATTACH_tcx_egress, "egress", prog_fd, target, opts, a, e);
}
