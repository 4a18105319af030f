// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* rtnetlink through libmnl. */
#include "core/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "core/err.h"
#include "core/link.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/netns.h"
#include "core/opt.h"
#include "core/probe.h"
#include "core/sys.h"
#include "uapi/names.h"

#define MESSAGE 65536 /* what the kernel sends in one go is no longer than 32 KiB */

struct net {
	int fd;
	unsigned int seq;
	char extack[256]; /* what the kernel said about the last request that failed */
	char buf[MESSAGE];
};

const char *xdp_mode_name(enum xdp_mode mode)
{
	static const char *const names[] = { "auto", "native", "skb", "hw", "multi" };

	return names[mode];
}

const char *xdp_mode_bpftool(enum xdp_mode mode)
{
	static const char *const names[] = { "none", "driver", "generic", "offload", "multi" };

	return names[mode];
}

/* ---- the socket --------------------------------------------------------------------------- */

static int open_here(void *arg)
{
	struct net *n = arg;

	n->fd = sys_netlink(NETLINK_ROUTE);
	return n->fd < 0 ? n->fd : 0;
}

struct net *net_open(const char *netns, struct err *e)
{
	auto_net struct net *n = xcalloc(1, sizeof(*n));
	int r;

	n->fd = -1;
	e->class = ERR_NONE;
	r = netns_call(netns, open_here, n, e);
	if (!r)
		return take_ptr(n);
	if (e->class == ERR_NONE)
		err_code(e, r, "cannot open a netlink socket");
	return NULL;
}

void net_freep(struct net **np)
{
	struct net *n = *np;

	if (!n)
		return;
	closep(&n->fd);
	freep(np);
}

static int take_extack(const struct nlattr *a, void *arg)
{
	struct net *n = arg;

	if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0)
		snprintf(n->extack, sizeof(n->extack), "%s", mnl_attr_get_str(a));
	return MNL_CB_OK;
}

/* An acknowledgement: 0, or the negative errno in it, with the kernel's words. */
static int read_ack(struct net *n, const struct nlmsghdr *h)
{
	const struct nlmsgerr *ack = mnl_nlmsg_get_payload(h);
	size_t off = sizeof(*ack);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*ack))
		return -EBADMSG;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		off += ack->msg.nlmsg_len - sizeof(struct nlmsghdr);
	if ((h->nlmsg_flags & NLM_F_ACK_TLVS) && off < mnl_nlmsg_get_payload_len(h))
		mnl_attr_parse(h, (unsigned int)MNL_ALIGN(off), take_extack, n);
	return ack->error;
}

/* Sends the message in buf and reads the answer; fn sees each part of a dump. */
static int talk(struct net *n, struct nlmsghdr *h, int (*fn)(const struct nlmsghdr *h, void *arg),
		void *arg)
{
	ssize_t got;

	h->nlmsg_seq = ++n->seq;
	n->extack[0] = '\0';
	got = sys_netlink_send(n->fd, h, h->nlmsg_len);
	if (got < 0)
		return (int)got;
	for (;;) {
		const struct nlmsghdr *m = (const struct nlmsghdr *)n->buf;
		int len;

		got = sys_netlink_receive(n->fd, n->buf, sizeof(n->buf));
		if (got < 0)
			return (int)got;
		len = (int)got;
		for (; mnl_nlmsg_ok(m, len); m = mnl_nlmsg_next(m, &len)) {
			if (m->nlmsg_seq != n->seq)
				continue;
			if (m->nlmsg_flags & NLM_F_DUMP_INTR)
				return -EINTR;
			if (m->nlmsg_type == NLMSG_ERROR)
				return read_ack(n, m);
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (fn)
				fn(m, arg);
		}
	}
}

/* ---- devices ------------------------------------------------------------------------------ */

static void copy_name(char *to, size_t size, const struct nlattr *a)
{
	if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0)
		snprintf(to, size, "%s", mnl_attr_get_str(a));
}

static int take_xdp(const struct nlattr *a, void *arg)
{
	struct net_dev *d = arg;
	uint16_t type = mnl_attr_get_type(a);
	uint32_t v = mnl_attr_validate(a, MNL_TYPE_U32) == 0 ? mnl_attr_get_u32(a) : 0;

	switch (type) {
	case IFLA_XDP_ATTACHED:
		if (mnl_attr_get_u8(a) <= XDP_MODE_MULTI)
			d->xdp_mode = (enum xdp_mode)mnl_attr_get_u8(a);
		break;
	case IFLA_XDP_PROG_ID:
		d->xdp_id = v;
		break;
	case IFLA_XDP_DRV_PROG_ID:
		d->xdp_ids[XDP_MODE_NATIVE] = v;
		break;
	case IFLA_XDP_SKB_PROG_ID:
		d->xdp_ids[XDP_MODE_SKB] = v;
		break;
	case IFLA_XDP_HW_PROG_ID:
		d->xdp_ids[XDP_MODE_HW] = v;
		break;
	}
	return MNL_CB_OK;
}

static int take_info(const struct nlattr *a, void *arg)
{
	struct net_dev *d = arg;

	if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
		copy_name(d->kind, sizeof(d->kind), a);
	return MNL_CB_OK;
}

static int take_link(const struct nlattr *a, void *arg)
{
	struct net_dev *d = arg;

	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		copy_name(d->name, sizeof(d->name), a);
		break;
	case IFLA_MTU:
		if (mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			d->mtu = mnl_attr_get_u32(a);
		break;
	case IFLA_XDP:
		mnl_attr_parse_nested(a, take_xdp, d);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(a, take_info, d);
		break;
	}
	return MNL_CB_OK;
}

struct devs {
	struct net_dev *v;
	size_t n, cap;
};

static int add_dev(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct devs *l = arg;
	struct net_dev *d;

	if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return MNL_CB_OK;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	d = &l->v[l->n++];
	*d = (struct net_dev){ .ifindex = (uint32_t)info->ifi_index, .flags = info->ifi_flags };
	mnl_attr_parse(h, sizeof(*info), take_link, d);
	return MNL_CB_OK;
}

static struct nlmsghdr *request(struct net *n, uint16_t type, uint16_t flags, uint32_t ifindex)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(n->buf);
	struct ifinfomsg *info;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	info = mnl_nlmsg_put_extra_header(h, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)ifindex;
	return h;
}

static int by_index(const void *a, const void *b)
{
	const struct net_dev *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

int net_devs(struct net *n, struct net_dev **devs, size_t *nr, struct err *e)
{
	struct devs l = {};
	int r;

	for (int tries = 0; tries < 8; tries++) { /* devices may come and go meanwhile */
		l.n = 0;
		r = talk(n, request(n, RTM_GETLINK, NLM_F_DUMP, 0), add_dev, &l);
		if (r != -EINTR)
			break;
	}
	*devs = l.v;
	*nr = l.n;
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_index);
	if (!r || r == -EINTR)
		return 0;
	free(l.v);
	*devs = NULL;
	*nr = 0;
	return err_code(e, r, "cannot list network devices");
}

int net_dev(struct net *n, const char *name, struct net_dev *dev, struct err *e)
{
	struct near near = near_to(name, strlen(name));
	auto_free struct net_dev *devs = NULL;
	uint64_t index = 0;
	size_t nr;
	int r = net_devs(n, &devs, &nr, e);

	if (r)
		return r;
	if (opt_number(name, &index))
		index = 0;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(devs[i].name, name) == 0 || (index && devs[i].ifindex == index)) {
			*dev = devs[i];
			return 0;
		}
		near_offer(&near, devs[i].name);
	}
	err_absent(e, "there is no network device %s", name);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return -ENOENT;
}

bool net_name(uint32_t ifindex, char name[16])
{
	struct err ignored = {};
	auto_net struct net *n = net_open(NULL, &ignored);
	struct devs l = {};
	bool found = n && !talk(n, request(n, RTM_GETLINK, NLM_F_ACK, ifindex), add_dev, &l) && l.n;

	if (found)
		memcpy(name, l.v[0].name, sizeof(l.v[0].name));
	free(l.v);
	err_clear(&ignored);
	return found;
}

uint32_t net_index(const char *name)
{
	struct err ignored = {};
	auto_net struct net *n = net_open(NULL, &ignored);
	struct net_dev dev = {};

	if (n)
		net_dev(n, name, &dev, &ignored);
	err_clear(&ignored);
	return dev.ifindex;
}

/* ---- XDP ---------------------------------------------------------------------------------- */

static uint32_t mode_flags(enum xdp_mode mode)
{
	switch (mode) {
	case XDP_MODE_NATIVE:
		return XDP_FLAGS_DRV_MODE;
	case XDP_MODE_SKB:
		return XDP_FLAGS_SKB_MODE;
	case XDP_MODE_HW:
		return XDP_FLAGS_HW_MODE;
	default:
		return 0;
	}
}

/* fd -1 detaches. */
static int set_xdp(struct net *n, uint32_t ifindex, int fd, uint32_t flags, int expected_fd)
{
	struct nlmsghdr *h = request(n, RTM_SETLINK, NLM_F_ACK, ifindex);
	struct nlattr *nest = mnl_attr_nest_start(h, IFLA_XDP);

	mnl_attr_put_u32(h, IFLA_XDP_FD, (uint32_t)fd);
	if (expected_fd >= 0) {
		flags |= XDP_FLAGS_REPLACE;
		mnl_attr_put_u32(h, IFLA_XDP_EXPECTED_FD, (uint32_t)expected_fd);
	}
	if (flags)
		mnl_attr_put_u32(h, IFLA_XDP_FLAGS, flags);
	mnl_attr_nest_end(h, nest);
	return talk(n, h, NULL, NULL);
}

/* The id of the link that holds a program on the device; 0: no link does. */
struct held {
	uint32_t ifindex, prog_id, link_id;
};

static int find_link(const struct link_info *i, int fd, void *arg)
{
	struct held *x = arg;

	(void)fd;
	if (i->type != UAPI_LINK_xdp || i->prog_id != x->prog_id || i->ifindex != x->ifindex)
		return 0;
	x->link_id = i->id;
	return 1;
}

static void what_is_there(const struct net_dev *now, enum xdp_mode mode, struct err *e)
{
	enum xdp_mode at = mode && now->xdp_ids[mode] ? mode : now->xdp_mode;
	struct held x = { .ifindex = now->ifindex };
	struct err ignored = {};

	if (at == XDP_MODE_MULTI)
		at = now->xdp_ids[XDP_MODE_NATIVE] ? XDP_MODE_NATIVE : XDP_MODE_SKB;
	x.prog_id = now->xdp_ids[at] ? now->xdp_ids[at] : now->xdp_id;
	if (!x.prog_id)
		return;
	link_each(find_link, &x, &ignored);
	if (x.link_id)
		err_hint(e,
			 "program %u is attached in %s mode by link %u; detach or update that link",
			 x.prog_id, xdp_mode_name(at), x.link_id);
	else
		err_hint(e, "program %u is attached in %s mode; replace it, or detach it first",
			 x.prog_id, xdp_mode_name(at));
}

static int xdp_error(struct net *n, const struct net_dev *dev, const char *what,
		     const struct xdp_change *how, int code, struct err *e)
{
	char said[sizeof(n->extack)];
	struct net_dev now = *dev;
	struct err ignored = {};
	char index[16];

	memcpy(said, n->extack, sizeof(said));
	snprintf(index, sizeof(index), "%u", dev->ifindex);
	net_dev(n, index, &now, &ignored);
	if (said[0])
		err_worded(e, code, "cannot %s %s: %s", what, dev->name, said);
	else
		err_code(e, code, "cannot %s %s", what, dev->name);
	switch (code) {
	case -EBUSY:
	case -EEXIST:
		if (how->expected_fd >= 0)
			err_hint(e, "another program than the expected one is attached");
		else
			what_is_there(&now, how->mode, e);
		break;
	case -EOPNOTSUPP:
		if (how->mode == XDP_MODE_NATIVE || how->mode == XDP_MODE_HW)
			err_hint(e,
				 "the driver has no XDP in this mode; mode skb works everywhere");
		break;
	case -ERANGE:
		err_hint(e,
			 "the MTU of %u is too large for XDP without fragments: lower it, or "
			 "use a program of section xdp.frags",
			 dev->mtu);
		break;
	case -EPERM:
		return probe_denied(e, NEED_NET_ADMIN);
	}
	return code;
}

/* The mode in which the device runs a program now. */
static int mode_now(struct net *n, const struct net_dev *dev, enum xdp_mode asked)
{
	struct net_dev now = {};
	struct err ignored = {};
	char index[16];

	if (asked != XDP_MODE_AUTO)
		return (int)asked;
	snprintf(index, sizeof(index), "%u", dev->ifindex);
	if (net_dev(n, index, &now, &ignored))
		return XDP_MODE_AUTO;
	return (int)now.xdp_mode;
}

int net_xdp_attach(struct net *n, const struct net_dev *dev, int prog_fd,
		   const struct xdp_change *how, struct err *e)
{
	uint32_t flags = mode_flags(how->mode);
	int r;

	if (!how->replace && how->expected_fd < 0)
		flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;
	r = set_xdp(n, dev->ifindex, prog_fd, flags, how->expected_fd);
	if (r)
		return xdp_error(n, dev, "attach to", how, r, e);
	return mode_now(n, dev, how->mode);
}

int net_xdp_detach(struct net *n, const struct net_dev *dev, const struct xdp_change *how,
		   struct err *e)
{
	enum xdp_mode mode = how->mode ? how->mode : dev->xdp_mode;
	int r;

	if (!dev->xdp_mode)
		return err_absent(e, "%s has no XDP program", dev->name);
	if (mode == XDP_MODE_MULTI)
		return err_usage(e, "%s has XDP programs in several modes: say which one",
				 dev->name);
	if (how->mode && !dev->xdp_ids[mode] && dev->xdp_mode != mode) {
		r = err_absent(e, "%s has no XDP program in %s mode", dev->name,
			       xdp_mode_name(mode));
		err_hint(e, "it has one in %s mode", xdp_mode_name(dev->xdp_mode));
		return r;
	}
	r = set_xdp(n, dev->ifindex, -1, mode_flags(mode), how->expected_fd);
	return r ? xdp_error(n, dev, "detach from", how, r, e) : 0;
}
