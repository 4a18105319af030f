// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets of rtnetlink: requests about devices, and their answers. */
#include "sim/kern_net.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/kern_priv.h"
#include "sim/kern_xdp.h"

#define NAMED "/run/netns/" /* where namespaces have their names */
#define REQUEST_MAX 65536

/* ---- messages ------------------------------------------------------------------------------ */

/* Where the header is; the length is filled in when it ends. */
static size_t begin_message(struct buf *to, const struct nlmsghdr *request, uint16_t type,
			    uint16_t flags)
{
	struct nlmsghdr h = { .nlmsg_type = type,
			      .nlmsg_flags = flags,
			      .nlmsg_seq = request->nlmsg_seq,
			      .nlmsg_pid = (uint32_t)getpid() };
	size_t at = to->len;

	buf_add(to, &h, sizeof(h));
	return at;
}

static void end_message(struct buf *to, size_t at)
{
	uint32_t len = (uint32_t)(to->len - at);

	if (!buf_error(to))
		memcpy(to->data + at, &len, sizeof(len));
}

static size_t begin_attr(struct buf *to, uint16_t type)
{
	struct nlattr a = { .nla_type = type };
	size_t at = to->len;

	buf_add(to, &a, sizeof(a));
	return at;
}

static void end_attr(struct buf *to, size_t at)
{
	uint16_t len = (uint16_t)(to->len - at);

	if (!buf_error(to))
		memcpy(to->data + at, &len, sizeof(len));
	buf_fill(to, 0, -len & 3u);
}

static void put_attr(struct buf *to, uint16_t type, const void *data, size_t n)
{
	size_t at = begin_attr(to, type);

	buf_add(to, data, n);
	end_attr(to, at);
}

static void put_str(struct buf *to, uint16_t type, const char *s)
{
	put_attr(to, type, s, strlen(s) + 1);
}

static void put_u32(struct buf *to, uint16_t type, uint32_t v)
{
	put_attr(to, type, &v, sizeof(v));
}

/* 0 or a negative errno, and the kernel's words. */
static void put_ack(struct buf *to, const struct nlmsghdr *request, int err, const char *why)
{
	struct nlmsgerr ack = { .error = err, .msg = *request };
	uint16_t flags = NLM_F_CAPPED | (why ? NLM_F_ACK_TLVS : 0);
	size_t at = begin_message(to, request, NLMSG_ERROR, flags);

	buf_add(to, &ack, sizeof(ack));
	if (why)
		put_str(to, NLMSGERR_ATTR_MSG, why);
	end_message(to, at);
}

/* ---- devices ------------------------------------------------------------------------------- */

static void put_xdp(struct kern *k, const struct kern_dev *d, struct buf *to)
{
	static const uint16_t attrs[KERN_XDP_MODES] = {
		[KERN_XDP_NATIVE] = IFLA_XDP_DRV_PROG_ID, [KERN_XDP_SKB] = IFLA_XDP_SKB_PROG_ID
	};
	size_t at = begin_attr(to, IFLA_XDP);
	uint32_t id = 0;
	uint8_t mode = 0;

	for (unsigned int i = KERN_XDP_NATIVE; i < KERN_XDP_MODES; i++) {
		const struct prog *p = kern_xdp_prog(k, d, i);

		if (!p)
			continue;
		mode = mode ? XDP_ATTACHED_MULTI : (uint8_t)i;
		id = p->obj.id;
		put_u32(to, attrs[i], id);
	}
	put_attr(to, IFLA_XDP_ATTACHED, &mode, sizeof(mode));
	if (id && mode != XDP_ATTACHED_MULTI)
		put_u32(to, IFLA_XDP_PROG_ID, id);
	end_attr(to, at);
}

static void put_dev(struct kern *k, const struct kern_dev *d, const struct nlmsghdr *request,
		    uint16_t flags, struct buf *to)
{
	size_t at = begin_message(to, request, RTM_NEWLINK, flags), info;
	struct ifinfomsg head = { .ifi_index = (int)d->ifindex,
				  .ifi_flags = d->up ? IFF_UP | IFF_RUNNING : 0 };

	buf_add(to, &head, sizeof(head));
	put_str(to, IFLA_IFNAME, d->name);
	put_u32(to, IFLA_MTU, d->mtu);
	if (d->kind[0]) {
		info = begin_attr(to, IFLA_LINKINFO);
		put_str(to, IFLA_INFO_KIND, d->kind);
		end_attr(to, info);
	}
	put_xdp(k, d, to);
	end_message(to, at);
}

static void get_links(struct kern *k, const char *netns, const struct nlmsghdr *request,
		      struct buf *to)
{
	size_t at;
	int done = 0;

	for (size_t i = 0; i < k->net.nr_devs; i++)
		if (strcmp(k->net.devs[i].netns, netns) == 0)
			put_dev(k, &k->net.devs[i], request, NLM_F_MULTI, to);
	at = begin_message(to, request, NLMSG_DONE, NLM_F_MULTI);
	buf_add(to, &done, sizeof(done));
	end_message(to, at);
}

static struct kern_dev *asked_dev(struct kern *k, const char *netns, const struct nlmsghdr *request)
{
	const struct ifinfomsg *info = (const void *)(request + 1);
	struct kern_dev *d = NULL;

	if (request->nlmsg_len >= sizeof(*request) + sizeof(*info))
		d = kern_dev(k, (uint32_t)info->ifi_index);
	return d && strcmp(d->netns, netns) == 0 ? d : NULL;
}

static int get_link(struct kern *k, const char *netns, const struct nlmsghdr *request,
		    struct buf *to)
{
	const struct kern_dev *d = asked_dev(k, netns, request);

	if (d)
		put_dev(k, d, request, 0, to);
	return d ? 0 : -ENODEV;
}

/* ---- changing them ------------------------------------------------------------------------- */

/* The next attribute of n bytes at *at; NULL: there is none. */
static const struct nlattr *next_attr(const uint8_t **at, size_t *n)
{
	const struct nlattr *a = (const void *)*at;
	size_t step;

	if (*n < sizeof(*a) || a->nla_len < sizeof(*a) || a->nla_len > *n)
		return NULL;
	step = (a->nla_len + 3u) & ~3ul;
	step = step < *n ? step : *n;
	*at += step;
	*n -= step;
	return a;
}

static uint16_t attr_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

static int32_t attr_s32(const struct nlattr *a)
{
	int32_t v = 0;

	if (a->nla_len >= sizeof(*a) + sizeof(v))
		memcpy(&v, a + 1, sizeof(v));
	return v;
}

static int read_xdp(struct kern *k, const struct nlattr *xdp, struct xdp_change *c)
{
	const uint8_t *at = (const uint8_t *)(xdp + 1);
	size_t n = xdp->nla_len - sizeof(*xdp);
	int32_t fd = -1, expected = -1;
	const struct nlattr *a;
	int err = 0;

	while ((a = next_attr(&at, &n))) {
		if (attr_type(a) == IFLA_XDP_FD)
			fd = attr_s32(a);
		else if (attr_type(a) == IFLA_XDP_EXPECTED_FD)
			expected = attr_s32(a);
		else if (attr_type(a) == IFLA_XDP_FLAGS)
			c->flags = (uint32_t)attr_s32(a);
		else
			return -EINVAL;
	}
	if (c->flags & ~(uint32_t)XDP_FLAGS_MASK)
		return -EINVAL;
	if (fd >= 0)
		err = kern_prog_object(k, (uint32_t)fd, &c->new);
	if (!err && expected >= 0)
		err = kern_prog_object(k, (uint32_t)expected, &c->old);
	return err;
}

static int set_link(struct kern *k, const char *netns, const struct nlmsghdr *request,
		    const char **why)
{
	struct xdp_change c = { .dev = asked_dev(k, netns, request) };
	size_t head = sizeof(*request) + sizeof(struct ifinfomsg);
	const struct nlattr *a;
	const uint8_t *at;
	size_t n;
	int err = 0;

	if (!c.dev)
		return -ENODEV;
	at = (const uint8_t *)request + head;
	n = request->nlmsg_len - head;
	while (!err && (a = next_attr(&at, &n))) {
		if (attr_type(a) != IFLA_XDP)
			return -EOPNOTSUPP;
		err = read_xdp(k, a, &c);
		if (!err)
			err = kern_xdp_change(k, &c);
	}
	*why = c.why;
	return err;
}

/* ---- sockets ------------------------------------------------------------------------------- */

static int answer(struct kern *k, struct kern_file *f, const struct nlmsghdr *request)
{
	auto_buf struct buf b = {};
	const char *why = NULL;
	int err;

	if (request->nlmsg_type == RTM_GETLINK && (request->nlmsg_flags & NLM_F_DUMP)) {
		get_links(k, f->path, request, &b);
	} else {
		if (request->nlmsg_type == RTM_GETLINK)
			err = get_link(k, f->path, request, &b);
		else if (request->nlmsg_type == RTM_SETLINK)
			err = set_link(k, f->path, request, &why);
		else
			err = -EOPNOTSUPP;
		put_ack(&b, request, err, why);
	}
	if (buf_error(&b))
		return -ENOMEM;
	free(f->answer);
	f->answer_len = b.len;
	f->answer = (uint8_t *)buf_take(&b);
	return 0;
}

static long take_request(struct kern *k, struct kern_file *f, uint64_t from, size_t n)
{
	auto_free void *copy = NULL;
	const struct nlmsghdr *h;
	int err;

	if (n < sizeof(*h) || n > REQUEST_MAX)
		return -EINVAL;
	err = user_take(&copy, from, n);
	if (err)
		return err;
	h = copy;
	if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > n)
		return -EINVAL;
	err = answer(k, f, h);
	return err ? err : (long)n;
}

/* As many whole messages as there is room for. */
static long give_answer(struct kern_file *f, uint64_t to, size_t room)
{
	size_t n = 0;

	while (n < f->answer_len) {
		const struct nlmsghdr *h = (const void *)(f->answer + n);
		size_t len = (h->nlmsg_len + 3u) & ~3ul;

		if (n + len > room)
			break;
		n += len;
	}
	if (!f->answer_len)
		return -EAGAIN;
	if (!n)
		return -EMSGSIZE;
	if (user_write(to, f->answer, n))
		return -EFAULT;
	f->answer_len -= n;
	memmove(f->answer, f->answer + n, f->answer_len);
	return (long)n;
}

/* ---- namespaces ---------------------------------------------------------------------------- */

static bool is_netns(const struct kern *k, const char *name)
{
	for (size_t i = 0; i < k->net.nr_devs; i++)
		if (k->net.devs[i].netns[0] && strcmp(k->net.devs[i].netns, name) == 0)
			return true;
	return false;
}

static long named_file(struct kern *k, enum kern_file_kind kind, const char *name)
{
	struct kern_file f = { .kind = kind, .own_fd = -1, .path = strdup(name) };
	long fd = f.path ? kern_fd_other(k, &f, kind == FILE_NETNS ? "netns" : "netlink") : -ENOMEM;

	if (fd < 0)
		free(f.path);
	return fd;
}

static bool open_netns(struct kern *k, uint64_t at, long *result)
{
	char path[4096];

	if (user_string(path, at, sizeof(path), -EINVAL) ||
	    strncmp(path, NAMED, strlen(NAMED)) != 0)
		return false;
	*result = is_netns(k, path + strlen(NAMED))
			  ? named_file(k, FILE_NETNS, path + strlen(NAMED))
			  : -ENOENT;
	return true;
}

/* A thread that has entered one is in it until it ends. */
static const char *netns_now(const struct kern *k)
{
	return k->net.tid == gettid() ? k->net.netns : "";
}

static long enter_netns(struct kern *k, int fd)
{
	const struct kern_file *f = kern_file(k, fd);

	if (!f || f->kind != FILE_NETNS)
		return fcntl(fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	k->net.tid = gettid();
	snprintf(k->net.netns, sizeof(k->net.netns), "%s", f->path);
	return 0;
}

bool kern_net_call(struct kern *k, long nr, const unsigned long args[6], long *result)
{
	struct kern_file *f;

	switch (nr) {
	case SYS_openat:
		return open_netns(k, args[1], result);
	case SYS_setns:
		*result = enter_netns(k, (int)args[0]);
		return true;
	case SYS_socket:
		if (args[0] != AF_NETLINK || args[2] != NETLINK_ROUTE)
			return false;
		*result = named_file(k, FILE_NETLINK, netns_now(k));
		return true;
	case SYS_sendto:
		kern_sweep(k); /* links that nobody holds any more */
			       /* fall through */
	case SYS_setsockopt:
	case SYS_recvfrom:
		f = kern_file(k, (int)args[0]);
		if (!f || f->kind != FILE_NETLINK)
			return false;
		if (nr == SYS_setsockopt)
			*result = 0;
		else
			*result = nr == SYS_sendto ? take_request(k, f, args[1], args[2])
						   : give_answer(f, args[1], args[2]);
		return true;
	default:
		return false;
	}
}
