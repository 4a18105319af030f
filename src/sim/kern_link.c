// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Links.  They are kept, shown, updated and detached as the kernel does it; nothing happens in the
 * mock's world that would call their programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/btf_priv.h"
#include "sim/kern_attr.h"
#include "sim/kern_net.h"
#include "sim/kern_priv.h"
#include "uapi/names.h"

#define CGROUP2_MAGIC 0x63677270
#define MAX_MANY (1u << 20) /* MAX_KPROBE_MULTI_CNT, MAX_UPROBE_MULTI_CNT */

static void release(struct kobj *o)
{
	struct kern_link *l = (struct kern_link *)o;

	if (l->prog)
		kobj_put(&l->prog->obj);
	if (l->map)
		kobj_put(&l->map->obj);
	free(l->name);
	free(l->many.addrs);
	free(l->many.refs);
	free(l->many.cookies);
	free(l);
}

int kern_link_new(struct kern *k, uint32_t type, struct prog *p, struct kern_link **l)
{
	*l = calloc(1, sizeof(**l));
	(void)k;
	if (!*l)
		return -ENOMEM;
	(*l)->obj = (struct kobj){ .kind = KOBJ_LINK, .refs = 1, .release = release };
	(*l)->type = type;
	(*l)->prog = p ? kobj_get(&p->obj) : NULL;
	return 0;
}

/* Numbered and handed out, or dropped when err says that it came to nothing. */
static long finish(struct kern *k, struct kern_link *l, int err)
{
	long fd = err ? err : kern_add(k, &l->obj, 0);

	if (!fd)
		fd = kern_fd(k, &l->obj, 0);
	kobj_put(&l->obj);
	return fd;
}

int kern_prog_object(struct kern *k, uint32_t fd, struct prog **p)
{
	struct kobj *o;
	int err = kern_object(k, (int)fd, KOBJ_PROG, &o);

	if (!err)
		*p = (struct prog *)o;
	return err;
}

/* ---- what goes with what ------------------------------------------------------------------- */

/* Whether the word is one of a list with commas. */
static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, word, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return true;
	}
	return false;
}

static const struct uapi_attach_type_info *attach_row(uint32_t type)
{
	/* 6.18 knows no later ones than these. */
	return type <= UAPI_ATTACH_trace_uprobe_session ? &uapi_attach_types[type] : NULL;
}

uint32_t kern_link_type(uint32_t attach_type)
{
	const struct uapi_attach_type_info *row = attach_row(attach_type);

	for (size_t i = 0; row && i < uapi_nr_link_types; i++)
		if (strcmp(uapi_link_types[i].name, row->link_type) == 0)
			return uapi_link_types[i].id;
	return 0;
}

int kern_attach_check(const struct prog *p, uint32_t attach_type)
{
	const struct uapi_attach_type_info *row = attach_row(attach_type);
	const char *type = uapi_prog_type_name(p->type);

	if (p->type == UAPI_PROG_ext)
		return 0;
	if (!row || !type || !in_list(row->prog_type, type))
		return -EINVAL;
	switch (p->type) {
	case UAPI_PROG_cgroup_skb:
	case UAPI_PROG_cgroup_sock:
	case UAPI_PROG_cgroup_sock_addr:
	case UAPI_PROG_cgroup_sockopt:
	case UAPI_PROG_sk_lookup:
	case UAPI_PROG_tracing:
	case UAPI_PROG_lsm:
	case UAPI_PROG_netfilter:
		/* Of cgroup_skb only those that return 2 and 3 are held to it. */
		return p->type == UAPI_PROG_cgroup_skb || p->attach_type == attach_type ? 0
											: -EINVAL;
	case UAPI_PROG_kprobe:
		if (attach_type != UAPI_ATTACH_perf_event && p->attach_type != attach_type)
			return -EINVAL;
		return attach_type == UAPI_ATTACH_perf_event &&
				       p->attach_type >= UAPI_ATTACH_trace_kprobe_multi
			       ? -EINVAL
			       : 0;
	default:
		return 0;
	}
}

int kern_target(int fd, uint32_t link_type, uint64_t *id)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return -EBADF;
	if (link_type == UAPI_LINK_cgroup && (unsigned long)fs.f_type != CGROUP2_MAGIC)
		return -EBADF;
	if (link_type == UAPI_LINK_netns && (unsigned long)fs.f_type != NSFS_MAGIC)
		return -EINVAL;
	*id = st.st_ino;
	return 0;
}

/* How many links of that type there are on a target. */
static unsigned int count(const struct kern *k, uint32_t type, uint32_t attach_type,
			  uint64_t target)
{
	const struct kern_ids *ids = &k->ids[KOBJ_LINK];
	unsigned int n = 0;

	for (size_t i = 0; i < ids->n; i++) {
		const struct kern_link *l = (const struct kern_link *)ids->v[i];

		n += l->type == type && l->attach_type == attach_type && l->target == target;
	}
	return n;
}

/* ---- making -------------------------------------------------------------------------------- */

static int on_device(struct kern *k, const struct attr_link_create *a, struct kern_link *l)
{
	kern_sweep(k);
	l->target = a->target;
	if (l->type == UAPI_LINK_xdp) {
		l->flags = a->flags;
		return kern_xdp_link(k, a->target, l->prog, a->flags);
	}
	if (!kern_dev(k, a->target))
		return -ENODEV;
	if (l->type == UAPI_LINK_netkit)
		return -EINVAL; /* of no device of the mock */
	return a->flags & ~(uint32_t)(BPF_F_REPLACE | UAPI_F_BEFORE | UAPI_F_AFTER | UAPI_F_ID |
				      UAPI_F_LINK)
		       ? -EINVAL
		       : 0;
}

static int on_file(struct kern *k, const struct attr_link_create *a, struct kern_link *l)
{
	int err;

	if (l->type == UAPI_LINK_netns && a->flags)
		return -EINVAL;
	err = kern_target((int)a->target, l->type, &l->target);
	kern_sweep(k);
	if (!err && l->attach_type == UAPI_ATTACH_flow_dissector &&
	    count(k, l->type, l->attach_type, l->target))
		err = -E2BIG;
	return err;
}

static int on_netfilter(const struct attr_link_create *a, struct kern_link *l)
{
	if (a->flags || a->netfilter.flags & ~1u)
		return -EINVAL;
	if (a->netfilter.pf != 2 && a->netfilter.pf != 10)
		return -EAFNOSUPPORT;
	if (a->netfilter.hooknum > 4)
		return -EPROTO;
	if (a->netfilter.priority == INT32_MIN || a->netfilter.priority == INT32_MAX)
		return -ERANGE;
	l->pf = a->netfilter.pf;
	l->hook = a->netfilter.hooknum;
	l->priority = a->netfilter.priority;
	l->flags = a->netfilter.flags;
	return 0;
}

static int take_u64s(uint64_t from, uint32_t n, uint64_t **to)
{
	return from ? user_take((void **)to, from, n * sizeof(**to)) : 0;
}

static int on_many(const struct attr_link_create *a, struct kern_link *l)
{
	bool user = l->type == UAPI_LINK_uprobe_multi;
	uint32_t n = user ? a->uprobe_multi.cnt : a->kprobe_multi.cnt;
	uint64_t addrs = user ? a->uprobe_multi.offsets : a->kprobe_multi.addrs;
	char path[4096];
	int err;

	l->flags = user ? a->uprobe_multi.flags : a->kprobe_multi.flags;
	if (a->flags || l->flags & ~1u)
		return -EINVAL;
	if (!user && !addrs == !a->kprobe_multi.syms)
		return -EINVAL;
	if (!n || (user && (!addrs || !a->uprobe_multi.path)))
		return -EINVAL;
	if (n > MAX_MANY)
		return -E2BIG;
	l->many.n = n;
	err = take_u64s(addrs, n, &l->many.addrs);
	if (!err)
		err = take_u64s(user ? a->uprobe_multi.cookies : a->kprobe_multi.cookies, n,
				&l->many.cookies);
	if (!err && user)
		err = take_u64s(a->uprobe_multi.ref_ctr_offsets, n, &l->many.refs);
	if (!err && user)
		err = user_string(path, a->uprobe_multi.path, sizeof(path), -EINVAL);
	if (err || !user)
		return err;
	l->many.pid = a->uprobe_multi.pid;
	l->name = strdup(path);
	return l->name ? 0 : -ENOMEM;
}

static int on_map(struct kern *k, const struct attr_link_create *a, struct kern_link *l)
{
	struct kobj *o;
	int err = kern_object(k, (int)a->target, KOBJ_MAP, &o);

	if (a->flags)
		return -EINVAL;
	if (err)
		return err;
	if (((struct map *)o)->spec.type != UAPI_MAP_sockmap &&
	    ((struct map *)o)->spec.type != UAPI_MAP_sockhash)
		return -EINVAL;
	l->map = kobj_get(o);
	return 0;
}

/* The name of what attach_btf_id stands for, without what the kernel puts in front. */
static const char *target_name(struct kern *k, const struct prog *p)
{
	const struct btf *b = p->attach_btf ? p->attach_btf : kern_vmlinux(k);
	const struct btf_type *t = b ? btf_type(b, p->attach_btf_id) : NULL;
	const char *name = t ? btf_name(b, t->name_off) : "";

	if (strncmp(name, "btf_trace_", 10) == 0)
		return name + 10;
	return strncmp(name, "bpf_iter_", 9) == 0 ? name + 9 : name;
}

static int on_function(struct kern *k, const struct attr_link_create *a, struct kern_link *l)
{
	const struct prog *p = l->prog, *to = p->attach_prog;

	if (a->flags)
		return -EINVAL;
	l->cookie = a->tracing.cookie;
	l->target_btf = p->attach_btf_id;
	if (l->type == UAPI_LINK_iter) {
		union {
			struct {
				uint32_t map_fd;
			} map;
			uint8_t bytes[16];
		} info = {};
		struct kobj *o;

		if (a->iter.info_len > sizeof(info) || !a->iter.info != !a->iter.info_len)
			return -EINVAL;
		if (user_read(&info, a->iter.info, a->iter.info_len))
			return -EFAULT;
		if (strcmp(target_name(k, p), "bpf_map_elem") == 0) {
			int err = a->iter.info_len
					  ? kern_object(k, (int)info.map.map_fd, KOBJ_MAP, &o)
					  : -EBADF;

			if (err)
				return err;
			l->map = kobj_get(o);
		}
	}
	l->name = strdup(target_name(k, p));
	l->target = to		      ? to->obj.id
		    : p->attach_btf   ? p->attach_btf->obj.id
		    : kern_vmlinux(k) ? kern_vmlinux(k)->obj.id
				      : 0;
	return l->name ? 0 : -ENOMEM;
}

static int on_perf(struct kern *k, const struct attr_link_create *a, struct kern_link *l)
{
	const struct kern_file *f = kern_file(k, (int)a->target);

	if (a->flags)
		return -EINVAL;
	if (!f || f->kind != FILE_PERF)
		return -EBADF;
	l->cookie = a->perf_cookie;
	l->perf_type = f->perf_type;
	l->flags = f->type;
	l->offset = f->config;
	l->name = f->path ? strdup(f->path) : NULL;
	return 0;
}

static int set_up(struct kern *k, const struct attr_link_create *a, struct kern_link *l)
{
	switch (l->type) {
	case UAPI_LINK_xdp:
	case UAPI_LINK_tcx:
	case UAPI_LINK_netkit:
		return on_device(k, a, l);
	case UAPI_LINK_cgroup:
	case UAPI_LINK_netns:
		return on_file(k, a, l);
	case UAPI_LINK_netfilter:
		return on_netfilter(a, l);
	case UAPI_LINK_kprobe_multi:
	case UAPI_LINK_uprobe_multi:
		return on_many(a, l);
	case UAPI_LINK_sockmap:
		return on_map(k, a, l);
	case UAPI_LINK_perf_event:
		return on_perf(k, a, l);
	case UAPI_LINK_tracing:
	case UAPI_LINK_raw_tracepoint:
	case UAPI_LINK_iter:
		return on_function(k, a, l);
	default:
		return -EINVAL;
	}
}

static long struct_ops_link(struct kern *k, const struct attr_link_create *a)
{
	struct kern_link *l;
	struct kobj *o;
	int err = kern_object(k, (int)a->prog_fd, KOBJ_MAP, &o);

	if (err)
		return err;
	if (((struct map *)o)->spec.type != UAPI_MAP_struct_ops ||
	    !(((struct map *)o)->spec.flags & UAPI_F_LINK))
		return -EINVAL;
	err = kern_link_new(k, UAPI_LINK_struct_ops, NULL, &l);
	if (err)
		return err;
	l->map = kobj_get(o);
	l->attach_type = UAPI_ATTACH_struct_ops;
	return finish(k, l, 0);
}

long call_link_create(struct call *c)
{
	const struct attr_link_create *a = (const void *)c->attr;
	uint32_t type = kern_link_type(a->attach_type);
	struct kern_link *l;
	struct prog *p;
	int err;

	if (a->attach_type == UAPI_ATTACH_struct_ops)
		return struct_ops_link(c->k, a);
	err = kern_prog_object(c->k, a->prog_fd, &p);
	if (!err)
		err = kern_attach_check(p, a->attach_type);
	if (!err && p->type == UAPI_PROG_ext)
		type = UAPI_LINK_tracing;
	if (!err && (!type || p->type == UAPI_PROG_struct_ops))
		err = -EINVAL;
	if (!err)
		err = kern_link_new(c->k, type, p, &l);
	if (err)
		return err;
	l->attach_type = a->attach_type;
	return finish(c->k, l, set_up(c->k, a, l));
}

/* Any name is one of a kernel that has no BTF to ask. */
static bool is_tracepoint(struct kern *k, const char *name)
{
	const struct btf *b = kern_vmlinux(k);
	char word[160];

	snprintf(word, sizeof(word), "btf_trace_%s", name);
	return !b || btf_find(b, BTF_KIND_TYPEDEF, word) != 0;
}

long call_raw_tracepoint_open(struct call *c)
{
	const struct attr_raw_tracepoint *a = (const void *)c->attr;
	bool typed;
	struct attr_link_create as = { .tracing.cookie = a->cookie };
	struct kern_link *l;
	char name[128];
	struct prog *p;
	int err = kern_prog_object(c->k, a->prog_fd, &p);

	if (err)
		return err;
	typed = p->type == UAPI_PROG_tracing || p->type == UAPI_PROG_lsm ||
		p->type == UAPI_PROG_ext;
	if (!typed && p->type != UAPI_PROG_raw_tracepoint &&
	    p->type != UAPI_PROG_raw_tracepoint_writable)
		return -EINVAL;
	if (typed && a->name)
		return -EINVAL;
	if (!typed) {
		if (user_string(name, a->name, sizeof(name) - 1, 0))
			return -EFAULT;
		name[sizeof(name) - 1] = '\0';
		if (!is_tracepoint(c->k, name))
			return -ENOENT;
	}
	err = kern_link_new(c->k,
			    !typed || p->attach_type == UAPI_ATTACH_trace_raw_tp
				    ? UAPI_LINK_raw_tracepoint
				    : UAPI_LINK_tracing,
			    p, &l);
	if (err)
		return err;
	l->attach_type = p->attach_type;
	l->cookie = a->cookie;
	if (typed)
		return finish(c->k, l, on_function(c->k, &as, l));
	l->name = strdup(name);
	return finish(c->k, l, l->name ? 0 : -ENOMEM);
}

/* ---- afterwards ---------------------------------------------------------------------------- */

static int find(struct kern *k, uint32_t fd, struct kern_link **l)
{
	struct kobj *o;
	int err = kern_object(k, (int)fd, KOBJ_LINK, &o);

	if (!err)
		*l = (struct kern_link *)o;
	return err;
}

static bool can_update(uint32_t type)
{
	return type == UAPI_LINK_cgroup || type == UAPI_LINK_netns || type == UAPI_LINK_xdp ||
	       type == UAPI_LINK_iter || type == UAPI_LINK_tcx || type == UAPI_LINK_netkit ||
	       type == UAPI_LINK_sockmap;
}

static int update(struct kern_link *l, struct prog *new, const struct prog *old)
{
	if (!can_update(l->type))
		return -EINVAL;
	if (!l->target && l->type != UAPI_LINK_iter && l->type != UAPI_LINK_sockmap)
		return -ENOLINK;
	if (old && l->prog != old)
		return -EPERM;
	if (new->type != l->prog->type)
		return -EINVAL;
	if (l->type != UAPI_LINK_cgroup && l->type != UAPI_LINK_tcx &&
	    new->attach_type != l->prog->attach_type)
		return -EINVAL;
	kobj_get(&new->obj);
	kobj_put(&l->prog->obj);
	l->prog = new;
	return 0;
}

long call_link_update(struct call *c)
{
	const struct attr_link_update *a = (const void *)c->attr;
	struct prog *new, *old = NULL;
	struct kern_link *l;
	int err;

	if (a->flags & ~(uint32_t)BPF_F_REPLACE)
		return -EINVAL;
	err = find(c->k, a->link_fd, &l);
	if (err)
		return err;
	if (l->type == UAPI_LINK_struct_ops)
		return -EOPNOTSUPP;
	err = kern_prog_object(c->k, a->new_fd, &new);
	if (!err && (a->flags & BPF_F_REPLACE))
		err = kern_prog_object(c->k, a->old_fd, &old);
	else if (!err && a->old_fd)
		err = -EINVAL;
	return err ? err : update(l, new, old);
}

long call_link_detach(struct call *c)
{
	const struct attr_link_detach *a = (const void *)c->attr;
	struct kern_link *l;
	int err = find(c->k, a->link_fd, &l);

	if (err)
		return err;
	if (l->type != UAPI_LINK_cgroup && l->type != UAPI_LINK_netns && l->type != UAPI_LINK_xdp &&
	    l->type != UAPI_LINK_tcx && l->type != UAPI_LINK_netkit &&
	    l->type != UAPI_LINK_sockmap && l->type != UAPI_LINK_struct_ops)
		return -EOPNOTSUPP;
	l->target = 0;
	if (l->map && l->type == UAPI_LINK_sockmap) {
		kobj_put(&l->map->obj);
		l->map = NULL;
	}
	return 0;
}

/* What an iterator would write is about objects of the kernel, which the mock has none of. */
long call_iter_create(struct call *c)
{
	const struct attr_iter_create *a = (const void *)c->attr;
	struct kern_link *l;
	int err;

	if (a->flags)
		return -EINVAL;
	err = find(c->k, a->link_fd, &l);
	if (err)
		return err;
	return l->type == UAPI_LINK_iter ? -EOPNOTSUPP : -EINVAL;
}
