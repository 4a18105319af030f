// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* devmap, devmap_hash, cpumap: where packets are redirected to. */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_htab.h"
#include "sim/prog.h"
#include "uapi/names.h"

#define CPUMAP_MAX 8192u /* NR_CPUS of the usual distributions */
#define CPU_QUEUE_MAX 16384u

/* A value with room for a program; user space writes its descriptor, reads its id. */
struct dest {
	uint32_t to; /* ifindex, or the queue's size; 0: nothing is here */
	union {
		int fd;
		uint32_t id;
	} prog;
};

struct redir {
	struct htab h; /* devmap_hash: found by key; the others: slot = index */
	struct map_mem progs;
	uint32_t used;
};

static struct redir *redir(struct map *m)
{
	return (struct redir *)m;
}

static bool is_hash(const struct map *m)
{
	return m->spec.type == UAPI_MAP_devmap_hash;
}

static struct prog **prog_of(struct map *m, uint32_t slot)
{
	return (struct prog **)(void *)redir(m)->progs.host + slot;
}

static struct dest *dest_of(struct map *m, uint32_t slot)
{
	return map_value_host(&redir(m)->h.v, slot);
}

static int redir_init(struct map *m)
{
	struct htab *h = &redir(m)->h;
	int r;

	/* Programs get a pointer into the kernel's own record. */
	if (m->spec.type != UAPI_MAP_cpumap)
		m->spec.flags |= BPF_F_RDONLY_PROG;
	r = is_hash(m) ? htab_init_sized(m, m->spec.value_size)
		       : map_values_new(m, &h->v, m->spec.max_entries, false);
	return r ? r : map_mem_new(&redir(m)->progs, h->v.count, sizeof(struct prog *), false);
}

static void clear(struct map *m, uint32_t slot)
{
	struct prog **p = prog_of(m, slot);

	if (*p)
		kobj_put(&(*p)->obj);
	*p = NULL;
	memset(dest_of(m, slot), 0, redir(m)->h.v.stride);
}

static void redir_release(struct map *m)
{
	struct redir *r = redir(m);

	for (uint32_t i = 0; r->progs.host && i < r->used; i++)
		clear(m, i);
	table_release(&r->h.t);
	map_values_free(&r->h.v);
	map_mem_free(&r->progs);
}

/* The program a value names: of XDP, to be attached to such maps, like what the map runs.  The
 * kernel makes a cpumap's entry with its program, or says that it cannot make one. */
static int dest_prog(struct map *m, const struct dest *d, struct prog **p)
{
	bool cpu = m->spec.type == UAPI_MAP_cpumap;
	int r;

	*p = NULL;
	if (m->spec.value_size < sizeof(*d) || d->prog.fd <= 0)
		return 0;
	r = map_get_prog(m, d->prog.fd, p);
	if (r)
		return cpu ? -ENOMEM : -EINVAL;
	if ((*p)->type != UAPI_PROG_xdp ||
	    (*p)->attach_type != (cpu ? UAPI_ATTACH_xdp_cpumap : UAPI_ATTACH_xdp_devmap)) {
		kobj_put(&(*p)->obj);
		return cpu ? -ENOMEM : -EINVAL;
	}
	return 0;
}

static int check_dev(struct map *m, uint32_t ifindex)
{
	const struct map_objects *o = m->objects;

	return o && o->get_dev ? o->get_dev(o->arg, ifindex) : 0;
}

static void fill(struct map *m, uint32_t slot, const struct dest *d, struct prog *p)
{
	struct redir *r = redir(m);

	clear(m, slot);
	memcpy(dest_of(m, slot), &d->to, sizeof(d->to));
	if (p)
		dest_of(m, slot)->prog.id = p->obj.id;
	*prog_of(m, slot) = p;
	if (slot >= r->used)
		r->used = slot + 1;
}

/* A new value checked: its device is there, its program fits. */
static int check_dest(struct map *m, const struct dest *d, struct prog **p)
{
	int r = m->spec.type == UAPI_MAP_cpumap ? 0 : check_dev(m, d->to);

	*p = NULL;
	return r ? r : dest_prog(m, d, p);
}

/* ---- devmap, cpumap ----------------------------------------------------------------------- */

static int slot_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	bool cpu = m->spec.type == UAPI_MAP_cpumap;
	uint32_t i = map_index(key);
	struct dest d = {};
	struct prog *p;
	int r;

	memcpy(&d, value, m->spec.value_size);
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (i >= m->spec.max_entries)
		return -E2BIG;
	if (flags == BPF_NOEXIST)
		return -EEXIST;
	if (cpu && d.to > CPU_QUEUE_MAX)
		return -EOVERFLOW;
	if (cpu && i >= map_cpus(m))
		return -ENODEV;
	if (!d.to) {
		/* Of devices a program without one is refused. */
		if (!cpu && m->spec.value_size == sizeof(d) && d.prog.fd > 0)
			return -EINVAL;
		clear(m, i);
		return 0;
	}
	r = check_dest(m, &d, &p);
	if (!r)
		fill(m, i, &d, p);
	return r;
}

static int slot_remove(struct map *m, const void *key)
{
	uint32_t i = map_index(key);

	if (i >= m->spec.max_entries)
		return -EINVAL;
	clear(m, i);
	return 0;
}

/* ---- devmap_hash -------------------------------------------------------------------------- */

static int hash_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct htab *h = &redir(m)->h;
	struct dest d = {};
	struct prog *p;
	uint32_t i;
	int r;

	memcpy(&d, value, m->spec.value_size);
	if (flags > BPF_EXIST || !d.to)
		return -EINVAL;
	i = table_find(&h->t, key);
	if (i != SLOT_NONE && flags & BPF_NOEXIST)
		return -EEXIST;
	r = check_dest(m, &d, &p);
	/* BPF_EXIST asks for nothing here. */
	if (!r && i == SLOT_NONE) {
		r = htab_place(m, key, BPF_ANY, &i);
		if (r && p)
			kobj_put(&p->obj);
	}
	if (!r)
		fill(m, i, &d, p);
	return r;
}

static int hash_remove(struct map *m, const void *key)
{
	struct table *t = &redir(m)->h.t;
	uint32_t i = table_find(t, key);

	if (i == SLOT_NONE)
		return -ENOENT;
	table_remove(t, i);
	clear(m, i);
	table_give(t, i);
	return 0;
}

/* ---- all ---------------------------------------------------------------------------------- */

static uint32_t find(struct map *m, const void *key)
{
	uint32_t i = is_hash(m) ? table_find(&redir(m)->h.t, key) : map_index(key);

	if (i == SLOT_NONE || (!is_hash(m) && i >= m->spec.max_entries) || !dest_of(m, i)->to)
		return SLOT_NONE;
	return i;
}

static int redir_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	uint32_t i = find(m, key);

	(void)flags;
	if (i == SLOT_NONE)
		return -ENOENT;
	memcpy(value, dest_of(m, i), m->spec.value_size);
	return 0;
}

static uint64_t redir_elem(struct map *m, const void *key)
{
	uint32_t i = find(m, key);

	return i == SLOT_NONE ? 0 : map_value_addr(m, &redir(m)->h.v, i);
}

static int redir_target(struct map *m, const void *key, uint64_t *target, struct prog **prog)
{
	uint32_t i = find(m, key);

	if (i == SLOT_NONE)
		return -ENOENT;
	*target = m->spec.type == UAPI_MAP_cpumap ? map_index(key) : dest_of(m, i)->to;
	*prog = *prog_of(m, i);
	return 0;
}

static uint64_t hash_count(const struct map *m)
{
	return ((const struct redir *)m)->h.t.count;
}

static int cpu_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	return s->max_entries > CPUMAP_MAX ? -E2BIG : 0;
}

#define REDIR_OPS                                                                                  \
	.size = sizeof(struct redir), .init = redir_init, .release = redir_release, .inner = true, \
	.lookup = redir_lookup, .elem = redir_elem, .target = redir_target

const struct map_ops map_devmap_ops = {
	REDIR_OPS,
	.update = slot_update,
	.remove = slot_remove,
	.next = map_index_next,
};
const struct map_ops map_cpumap_ops = {
	REDIR_OPS,
	.check = cpu_check,
	.update = slot_update,
	.remove = slot_remove,
	.next = map_index_next,
};
const struct map_ops map_devmap_hash_ops = {
	REDIR_OPS,	   .update = hash_update, .remove = hash_remove,
	.next = htab_next, .count = hash_count,
};
