// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Links as objects. */
#include "core/link.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/net.h"
#include "core/obj.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"
#include "uapi/names.h"

/* Buffers for what a second call fills in. */
struct details {
	char name[PATH_MAX];
	uint64_t *addrs, *refs, *cookies;
};

static void details_free(struct details *d)
{
	free(d->addrs);
	free(d->refs);
	free(d->cookies);
}

static uint64_t *numbers(uint32_t n)
{
	return xcalloc(n, sizeof(uint64_t));
}

/* Points the info of the first call at buffers; false: there is nothing more to ask. */
static bool wants_more(struct uapi_link_info *k, struct details *d)
{
	uint64_t name = attr_ptr(d->name);
	uint32_t len = sizeof(d->name);

	switch (k->type) {
	case UAPI_LINK_raw_tracepoint:
		k->raw_tracepoint.tp_name = name;
		k->raw_tracepoint.tp_name_len = len;
		return true;
	case UAPI_LINK_iter:
		k->iter.target_name = name;
		k->iter.target_name_len = len;
		return true;
	case UAPI_LINK_perf_event:
		/* All kinds but an event have name and length in the same place. */
		if (k->perf_event.type && k->perf_event.type != UAPI_PERF_EVENT) {
			k->perf_event.uprobe.file_name = name;
			k->perf_event.uprobe.name_len = len;
			return true;
		}
		return false;
	case UAPI_LINK_kprobe_multi:
		k->kprobe_multi.addrs = attr_ptr(d->addrs = numbers(k->kprobe_multi.count));
		k->kprobe_multi.cookies = attr_ptr(d->cookies = numbers(k->kprobe_multi.count));
		return k->kprobe_multi.count != 0;
	case UAPI_LINK_uprobe_multi: {
		uint32_t n = k->uprobe_multi.count;

		k->uprobe_multi.path = name;
		k->uprobe_multi.path_size = len;
		k->uprobe_multi.offsets = attr_ptr(d->addrs = numbers(n));
		k->uprobe_multi.ref_ctr_offsets = attr_ptr(d->refs = numbers(n));
		k->uprobe_multi.cookies = attr_ptr(d->cookies = numbers(n));
		return n != 0;
	}
	default:
		return false;
	}
}

static void take_funcs(struct link_info *i, const struct details *d, uint32_t n)
{
	i->nr_funcs = n;
	i->funcs = xcalloc(n, sizeof(*i->funcs));
	for (uint32_t f = 0; d->addrs && f < n; f++) {
		i->funcs[f].addr = d->addrs[f];
		i->funcs[f].cookie = d->cookies[f];
		i->funcs[f].ref_ctr_offset = d->refs ? d->refs[f] : 0;
	}
}

static void take_perf(struct link_info *i, const struct uapi_link_perf *p)
{
	i->perf = p->type <= UAPI_PERF_EVENT ? (enum link_perf)p->type : LINK_PERF_UNKNOWN;
	i->retprobe = p->type == UAPI_PERF_URETPROBE || p->type == UAPI_PERF_KRETPROBE;
	switch (i->perf) {
	case LINK_PERF_UPROBE:
	case LINK_PERF_URETPROBE:
		i->offset = p->uprobe.offset;
		i->cookie = p->uprobe.cookie;
		i->ref_ctr_offset = p->uprobe.ref_ctr_offset;
		break;
	case LINK_PERF_KPROBE:
	case LINK_PERF_KRETPROBE:
		i->offset = p->kprobe.offset;
		i->addr = p->kprobe.addr;
		i->missed = p->kprobe.missed;
		i->cookie = p->kprobe.cookie;
		break;
	case LINK_PERF_TRACEPOINT:
		i->cookie = p->tracepoint.cookie;
		break;
	case LINK_PERF_EVENT:
		i->event_type = p->event.type;
		i->event_config = p->event.config;
		i->cookie = p->event.cookie;
		break;
	case LINK_PERF_UNKNOWN:
		break;
	}
}

static void take_iter(struct link_info *i, const struct uapi_link_info *k)
{
	const char *name = i->name ? i->name : "";

	if (strcmp(name, "bpf_map_elem") == 0 || strcmp(name, "bpf_sk_storage_map") == 0) {
		i->map_id = k->iter.map_id;
	} else if (strcmp(name, "cgroup") == 0) {
		i->cgroup_id = k->iter.cgroup.cgroup_id;
		i->order = k->iter.cgroup.order;
	} else if (strncmp(name, "task", 4) == 0) {
		i->tid = k->iter.task.tid;
		i->pid = k->iter.task.pid;
	}
}

static void take_device(struct link_info *i, uint32_t ifindex)
{
	char name[16] = "";

	i->ifindex = ifindex;
	if (ifindex && net_name(ifindex, name))
		memcpy(i->devname, name, sizeof(i->devname));
}

static void take_tracing(struct link_info *i, const struct uapi_link_info *k)
{
	struct uapi_prog_info p = {};
	auto_fd int fd = sys_fd_by_id(BPF_PROG_GET_FD_BY_ID, k->prog_id);

	i->attach_type = k->tracing.attach_type;
	i->target_obj_id = k->tracing.target_obj_id;
	i->target_btf_id = k->tracing.target_btf_id;
	i->cookie = k->tracing.cookie;
	if (fd >= 0 && sys_info(fd, &p, sizeof(p)) == 0)
		i->prog_type = p.type;
}

static void take(struct link_info *i, const struct uapi_link_info *k, const struct details *d)
{
	if (d->name[0])
		i->name = xstrdup(d->name);
	switch (k->type) {
	case UAPI_LINK_raw_tracepoint:
		i->cookie = k->raw_tracepoint.cookie;
		break;
	case UAPI_LINK_tracing:
		take_tracing(i, k);
		break;
	case UAPI_LINK_cgroup:
		i->cgroup_id = k->cgroup.cgroup_id;
		i->attach_type = k->cgroup.attach_type;
		break;
	case UAPI_LINK_iter:
		take_iter(i, k);
		break;
	case UAPI_LINK_netns:
		i->netns_ino = k->netns.netns_ino;
		i->attach_type = k->netns.attach_type;
		break;
	case UAPI_LINK_tcx:
	case UAPI_LINK_netkit:
		i->attach_type = k->dev.attach_type;
		take_device(i, k->dev.ifindex);
		break;
	case UAPI_LINK_xdp:
		take_device(i, k->dev.ifindex);
		break;
	case UAPI_LINK_sockmap:
		i->attach_type = k->map.attach_type;
		i->map_id = k->map.map_id;
		break;
	case UAPI_LINK_struct_ops:
		i->map_id = k->map.map_id;
		break;
	case UAPI_LINK_netfilter:
		i->pf = k->netfilter.pf;
		i->hook = k->netfilter.hooknum;
		i->priority = k->netfilter.priority;
		i->flags = k->netfilter.flags;
		break;
	case UAPI_LINK_perf_event:
		take_perf(i, &k->perf_event);
		break;
	case UAPI_LINK_kprobe_multi:
		i->retprobe = k->kprobe_multi.flags & UAPI_KPROBE_MULTI_RETURN;
		i->missed = k->kprobe_multi.missed;
		take_funcs(i, d, k->kprobe_multi.count);
		break;
	case UAPI_LINK_uprobe_multi:
		i->retprobe = k->uprobe_multi.flags & UAPI_UPROBE_MULTI_RETURN;
		i->pid = k->uprobe_multi.pid;
		take_funcs(i, d, k->uprobe_multi.count);
		break;
	}
}

int link_info_read(int fd, struct link_info *i, struct err *e)
{
	__attribute__((cleanup(details_free))) struct details d = {};
	struct uapi_link_info k = {};
	int r = sys_info(fd, &k, sizeof(k));

	memset(i, 0, sizeof(*i));
	if (r)
		return err_code(e, r, "cannot ask the kernel about a link");
	i->id = k.id;
	i->type = k.type;
	i->prog_id = k.prog_id;
	if (wants_more(&k, &d)) {
		struct uapi_link_info more = k;

		/* Details that this user or this kernel does not give are left out. */
		if (sys_info(fd, &more, sizeof(more)) == 0)
			k = more;
	}
	d.name[sizeof(d.name) - 1] = '\0';
	take(i, &k, &d);
	return 0;
}

void link_info_free(struct link_info *i)
{
	free(i->name);
	free(i->funcs);
	memset(i, 0, sizeof(*i));
}

struct each {
	int (*fn)(const struct link_info *i, int fd, void *arg);
	void *arg;
	struct err *e;
};

static int each_fd(int fd, uint32_t id, void *arg)
{
	auto_link_info struct link_info i = {};
	struct each *x = arg;
	int r = link_info_read(fd, &i, x->e);

	(void)id;
	return r ? r : x->fn(&i, fd, x->arg);
}

int link_each(int (*fn)(const struct link_info *i, int fd, void *arg), void *arg, struct err *e)
{
	struct each x = { fn, arg, e };

	return obj_each(OBJ_LINK, each_fd, &x, e);
}

static const char *type_of(int fd)
{
	struct uapi_link_info k = {};
	const char *name = sys_info(fd, &k, sizeof(k)) ? NULL : uapi_link_type_name(k.type);

	return name ? name : "unknown";
}

int link_detach(int fd, struct err *e)
{
	uint32_t a = (uint32_t)fd;
	int r = sys_bpf(BPF_LINK_DETACH, &a, sizeof(a));

	if (!r)
		return 0;
	if (r == -EOPNOTSUPP) {
		err_worded(e, r, "a link of type %s cannot be detached by force", type_of(fd));
		return err_hint(
			e, "it ends when its last pin is removed and its last holder closes it");
	}
	err_code(e, r, "cannot detach the link");
	return probe_denied(e, NEED_BPF);
}

static int update_error(int fd, int code, int old_fd, struct err *e)
{
	err_code(e, code, "cannot put another program into the link");
	switch (code) {
	case -EPERM:
		if (old_fd >= 0)
			return err_hint(e, "another program than the expected one is attached; "
					   "look again and retry");
		return probe_denied(e, NEED_BPF | NEED_NET_ADMIN);
	case -EINVAL:
		return err_hint(e, "the new program must have the type and attach type of the "
				   "old one (and the same name, for struct_ops maps)");
	case -EOPNOTSUPP:
		return err_hint(e, "links of type %s cannot be updated: attach anew", type_of(fd));
	case -ENOLINK:
		return err_hint(e, "what it was attached to is gone");
	default:
		return code;
	}
}

int link_update(int fd, int new_fd, int old_fd, struct err *e)
{
	struct attr_link_update a = {
		.link_fd = (uint32_t)fd,
		.new_fd = (uint32_t)new_fd,
		.flags = old_fd >= 0 ? BPF_F_REPLACE : 0,
		.old_fd = old_fd >= 0 ? (uint32_t)old_fd : 0,
	};
	int r = sys_bpf(BPF_LINK_UPDATE, &a, sizeof(a));

	return r ? update_error(fd, r, old_fd, e) : 0;
}
