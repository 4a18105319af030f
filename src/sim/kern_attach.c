// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* PROG_ATTACH, PROG_DETACH, PROG_QUERY: attachments without a link, and both kinds in order. */
#include <errno.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/kern_net.h"
#include "sim/kern_state.h"
#include "uapi/names.h"

#define MAX_ATTACHED 64 /* of one target: BPF_MPROG_MAX, BPF_CGROUP_MAX_PROGS */
#define BASE_FLAGS (BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI | BPF_F_REPLACE | 1u << 6)
#define ORDER_FLAGS (BPF_F_REPLACE | UAPI_F_BEFORE | UAPI_F_AFTER | UAPI_F_ID | UAPI_F_LINK)

/* What the target of an attach type is: the number that tells it, or a negative errno. */
static int find_target(struct kern *k, uint32_t fd, uint32_t type, uint64_t *target)
{
	struct kobj *o;
	int err;

	switch (kern_link_type(type)) {
	case UAPI_LINK_cgroup:
		return kern_target((int)fd, UAPI_LINK_cgroup, target);
	case UAPI_LINK_netns:
		return kern_target((int)fd, UAPI_LINK_netns, target);
	case UAPI_LINK_tcx:
		*target = fd;
		return kern_dev(k, fd) ? 0 : -ENODEV;
	case UAPI_LINK_netkit:
		return kern_dev(k, fd) ? -ENXIO : -ENODEV;
	case UAPI_LINK_sockmap:
		err = kern_object(k, (int)fd, KOBJ_MAP, &o);
		if (err)
			return err;
		*target = o->id;
		if (((struct map *)o)->spec.type != UAPI_MAP_sockmap &&
		    ((struct map *)o)->spec.type != UAPI_MAP_sockhash)
			return -EOPNOTSUPP;
		return 0;
	default:
		return -EINVAL;
	}
}

/* Only these have no link type but can be attached: the flow dissector to one's own network. */
static int check_flags(uint32_t type, const struct attr_prog_attach *a, bool detach)
{
	uint32_t link = kern_link_type(type), flags = a->attach_flags;

	if (link == UAPI_LINK_tcx || link == UAPI_LINK_netkit)
		return flags & ~(uint32_t)ORDER_FLAGS ? -EINVAL : 0;
	if (link == UAPI_LINK_cgroup) {
		if (detach)
			return flags || a->relative ? -EINVAL : 0;
		if (flags & ~(uint32_t)BASE_FLAGS & ~(uint32_t)ORDER_FLAGS)
			return -EINVAL;
		return (flags & BPF_F_ALLOW_OVERRIDE) && (flags & BPF_F_ALLOW_MULTI) ? -EINVAL : 0;
	}
	if (flags & ~(uint32_t)BASE_FLAGS || (detach && flags))
		return -EINVAL;
	return a->relative || a->expected_revision ? -EINVAL : 0;
}

static bool can_attach(uint32_t type)
{
	switch (kern_link_type(type)) {
	case UAPI_LINK_cgroup:
		return type != UAPI_ATTACH_lsm_cgroup;
	case UAPI_LINK_tcx:
	case UAPI_LINK_netkit:
	case UAPI_LINK_sockmap:
		return true;
	case UAPI_LINK_netns:
		return type == UAPI_ATTACH_flow_dissector;
	default:
		return false;
	}
}

static struct kern_attached *find(struct kern *k, uint32_t type, uint64_t target,
				  const struct prog *p)
{
	for (size_t i = 0; i < k->nr_attached; i++) {
		struct kern_attached *at = &k->attached[i];

		if (at->attach_type == type && at->target == target && (!p || at->prog == p))
			return at;
	}
	return NULL;
}

int kern_attached_add(struct kern *k, const struct kern_attached *at)
{
	if (array_grow(&k->attached, k->nr_attached, &k->cap_attached, sizeof(*at)))
		return -ENOMEM;
	kobj_get(&at->prog->obj);
	k->attached[k->nr_attached++] = *at;
	k->revision++;
	return 0;
}

static void replace(struct kern *k, struct kern_attached *at, struct prog *p)
{
	kobj_get(&p->obj);
	kobj_put(&at->prog->obj);
	at->prog = p;
	k->revision++;
}

static int attach(struct kern *k, const struct attr_prog_attach *a, struct prog *p, uint64_t target)
{
	bool chain = kern_link_type(a->attach_type) == UAPI_LINK_tcx;
	bool multi = chain || a->attach_flags & BPF_F_ALLOW_MULTI;
	const struct kern_attached new = { a->attach_type, a->attach_flags, target, p };
	struct kern_attached *there = find(k, a->attach_type, target, NULL);
	struct prog *old;
	int err;

	if (a->attach_flags & BPF_F_REPLACE) {
		if (!multi)
			return -EINVAL;
		err = kern_prog_object(k, a->replace_bpf_fd, &old);
		if (err)
			return err;
		there = find(k, a->attach_type, target, old);
		if (there)
			replace(k, there, p);
		return there ? 0 : -ENOENT;
	}
	if (there && !chain &&
	    ((there->flags ^ a->attach_flags) & (BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI)))
		return -EPERM;
	if (multi && find(k, a->attach_type, target, p))
		return chain ? -EEXIST : -EINVAL;
	if (!there || multi)
		return kern_attached_add(k, &new);
	if (a->attach_type == UAPI_ATTACH_flow_dissector && there->prog == p)
		return -EINVAL;
	replace(k, there, p);
	return 0;
}

long call_prog_attach(struct call *c)
{
	const struct attr_prog_attach *a = (const void *)c->attr;
	uint64_t target;
	struct prog *p;
	int err;

	if (!can_attach(a->attach_type))
		return -EINVAL;
	err = check_flags(a->attach_type, a, false);
	if (!err)
		err = kern_prog_object(c->k, a->attach_bpf_fd, &p);
	if (!err)
		err = kern_attach_check(p, a->attach_type);
	if (!err)
		err = find_target(c->k, a->target, a->attach_type, &target);
	return err ? err : attach(c->k, a, p, target);
}

long call_prog_detach(struct call *c)
{
	const struct attr_prog_attach *a = (const void *)c->attr;
	struct kern_attached *at;
	struct prog *p = NULL;
	uint64_t target;
	int err;

	if (!can_attach(a->attach_type))
		return -EINVAL;
	err = check_flags(a->attach_type, a, true);
	if (!err && a->attach_bpf_fd) {
		err = kern_prog_object(c->k, a->attach_bpf_fd, &p);
		if (!err)
			err = kern_attach_check(p, a->attach_type);
		/* Any program will do where there can be only one. */
		if (err && kern_link_type(a->attach_type) == UAPI_LINK_cgroup) {
			p = NULL;
			err = 0;
		}
	}
	if (!err)
		err = find_target(c->k, a->target, a->attach_type, &target);
	if (err)
		return err;
	at = find(c->k, a->attach_type, target, p);
	if (!at)
		return -ENOENT;
	kobj_put(&at->prog->obj);
	memmove(at, at + 1, (size_t)(c->k->attached + --c->k->nr_attached - at) * sizeof(*at));
	c->k->revision++;
	return 0;
}

/* ---- asking -------------------------------------------------------------------------------- */

struct found {
	uint32_t progs[2 * MAX_ATTACHED], links[2 * MAX_ATTACHED], flags[2 * MAX_ATTACHED];
	uint32_t n, first_flags;
};

static void collect(const struct kern *k, uint32_t type, uint64_t target, struct found *f)
{
	const struct kern_ids *ids = &k->ids[KOBJ_LINK];

	for (size_t i = 0; i < k->nr_attached && f->n < MAX_ATTACHED; i++) {
		const struct kern_attached *at = &k->attached[i];

		if (at->attach_type != type || at->target != target)
			continue;
		if (!f->n)
			f->first_flags = at->flags & BASE_FLAGS;
		f->flags[f->n] = at->flags & BASE_FLAGS;
		f->progs[f->n++] = at->prog->obj.id;
	}
	for (size_t i = 0; i < ids->n && f->n < 2 * MAX_ATTACHED; i++) {
		const struct kern_link *l = (const struct kern_link *)ids->v[i];

		if (l->attach_type != type || l->target != target || !l->prog)
			continue;
		if (!f->n && l->type == UAPI_LINK_cgroup)
			f->first_flags = BPF_F_ALLOW_MULTI;
		f->links[f->n] = l->obj.id;
		f->progs[f->n++] = l->prog->obj.id;
	}
}

static int give_found(const struct attr_query *a, const struct found *f, uint32_t room)
{
	uint32_t n = room < f->n ? room : f->n;

	if (!room || !a->prog_ids || !f->n)
		return 0;
	if (user_write(a->prog_ids, f->progs, n * sizeof(uint32_t)) ||
	    (a->prog_attach_flags &&
	     user_write(a->prog_attach_flags, f->flags, n * sizeof(uint32_t))) ||
	    (a->link_ids && user_write(a->link_ids, f->links, n * sizeof(uint32_t))))
		return -EFAULT;
	return n < f->n ? -ENOSPC : 0;
}

long call_prog_query(struct call *c)
{
	struct attr_query *a = (void *)c->attr;
	uint32_t link = kern_link_type(a->attach_type), room = a->count;
	struct found f = {};
	uint64_t target;
	int err;

	if (a->query_flags & ~(uint32_t)BPF_F_QUERY_EFFECTIVE)
		return -EINVAL;
	if (link != UAPI_LINK_cgroup && link != UAPI_LINK_netns && link != UAPI_LINK_sockmap &&
	    link != UAPI_LINK_tcx && link != UAPI_LINK_netkit)
		return -EINVAL;
	if (a->query_flags && link != UAPI_LINK_cgroup)
		return -EINVAL;
	err = find_target(c->k, a->target, a->attach_type, &target);
	if (err)
		return err;
	kern_sweep(c->k);
	collect(c->k, a->attach_type, target, &f);
	a->attach_flags = a->query_flags ? 0 : f.first_flags;
	a->count = f.n;
	a->revision = c->k->revision + 1;
	if (CALL_PUT(c, attr_query, attach_flags) || CALL_PUT(c, attr_query, count))
		return -EFAULT;
	if ((link == UAPI_LINK_tcx || link == UAPI_LINK_cgroup) &&
	    CALL_PUT(c, attr_query, revision))
		return -EFAULT;
	return give_found(a, &f, room);
}
