// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * struct_ops: one value, which an update registers (or makes ready for a link) and a delete takes
 * back.  What is in it, only the owner of BTF can check, and does before.
 */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_ops.h"

/* enum bpf_struct_ops_state */
enum { STATE_INIT, STATE_INUSE, STATE_TOBEFREE, STATE_READY };

/* Every value begins with it. */
struct common {
	uint32_t refcnt, state;
};

extern const struct map_ops map_struct_ops_ops;

struct ops_map {
	struct map m;
	struct map_mem mem;
	uint32_t state;
};

static int ops_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	return s->btf_vmlinux_value_type && s->value_size >= sizeof(struct common) ? 0 : -EINVAL;
}

static int ops_init(struct map *m)
{
	return map_mem_new(&((struct ops_map *)m)->mem, 1, m->spec.value_size, false);
}

static void ops_release(struct map *m)
{
	map_mem_free(&((struct ops_map *)m)->mem);
}

static int ops_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	const struct ops_map *o = (const struct ops_map *)m;
	struct common c = { .refcnt = o->state == STATE_INUSE, .state = o->state };

	(void)flags;
	if (map_index(key))
		return -ENOENT;
	memset(value, 0, m->spec.value_size);
	if (o->state == STATE_INIT)
		return 0;
	memcpy(value, o->mem.host, m->spec.value_size);
	memcpy(value, &c, sizeof(c));
	return 0;
}

static int ops_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct ops_map *o = (struct ops_map *)m;
	struct common c;

	if (flags)
		return -EINVAL;
	if (map_index(key))
		return -E2BIG;
	memcpy(&c, value, sizeof(c));
	if (c.refcnt || c.state)
		return -EINVAL;
	if (o->state != STATE_INIT)
		return -EBUSY;
	memcpy(o->mem.host, value, m->spec.value_size);
	o->state = m->spec.flags & MAP_F_LINK ? STATE_READY : STATE_INUSE;
	return 0;
}

static int ops_remove(struct map *m, const void *key)
{
	struct ops_map *o = (struct ops_map *)m;

	(void)key;
	if (m->spec.flags & MAP_F_LINK)
		return -EOPNOTSUPP;
	if (o->state != STATE_INUSE)
		return o->state == STATE_TOBEFREE ? -EINPROGRESS : -ENOENT;
	o->state = STATE_TOBEFREE;
	return 0;
}

bool map_struct_ops_ready(const struct map *m)
{
	return m->ops == &map_struct_ops_ops && ((const struct ops_map *)m)->state == STATE_READY;
}

static int ops_next(struct map *m, const void *key, void *next)
{
	uint32_t zero = 0;

	(void)m;
	if (key && !map_index(key))
		return -ENOENT;
	memcpy(next, &zero, sizeof(zero));
	return 0;
}

const struct map_ops map_struct_ops_ops = {
	.size = sizeof(struct ops_map),
	.check = ops_check,
	.init = ops_init,
	.release = ops_release,
	.lookup = ops_lookup,
	.update = ops_update,
	.remove = ops_remove,
	.next = ops_next,
};
