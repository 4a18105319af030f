// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The programs' side of maps: the type's own operation, or what it means to have none. */
#include "sim/map_prog.h"

#include <errno.h>

#include "sim/map_ops.h"
#include "uapi/names.h"

uint64_t map_elem(struct map *m, const void *key)
{
	return m->ops->elem ? m->ops->elem(m, key) : 0;
}

uint64_t map_elem_cpu(struct map *m, const void *key, unsigned int cpu)
{
	if (cpu >= map_cpus(m) || !m->ops->elem_cpu)
		return 0;
	return m->ops->elem_cpu(m, key, cpu);
}

int map_prog_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return m->ops->prog_update ? m->ops->prog_update(m, key, value, flags) : -EINVAL;
}

int map_prog_delete(struct map *m, const void *key)
{
	return m->ops->remove ? m->ops->remove(m, key) : -(int)m->ops->no.remove;
}

int map_push(struct map *m, const void *value, uint64_t flags)
{
	return m->ops->push ? m->ops->push(m, value, flags) : -EOPNOTSUPP;
}

int map_pop(struct map *m, void *value)
{
	return m->ops->pop ? m->ops->pop(m, value) : -EOPNOTSUPP;
}

int map_peek(struct map *m, void *value)
{
	return m->ops->peek ? m->ops->peek(m, value) : -EOPNOTSUPP;
}

int64_t map_for_each(struct map *m, int (*fn)(void *arg, const void *key, uint64_t value_addr),
		     void *arg)
{
	return m->ops->for_each ? m->ops->for_each(m, fn, arg) : -EINVAL;
}

int map_direct_value(struct map *m, uint32_t off, uint64_t *addr)
{
	return m->ops->direct ? m->ops->direct(m, off, addr) : -EINVAL;
}

uint64_t map_count(const struct map *m)
{
	return m->ops->count ? m->ops->count(m) : m->spec.max_entries;
}

struct prog *map_prog_at(struct map *m, uint32_t index)
{
	return m->ops->prog_at ? m->ops->prog_at(m, index) : NULL;
}

struct map *map_inner_at(struct map *m, const void *key)
{
	return m->ops->inner_at ? m->ops->inner_at(m, key) : NULL;
}

int map_file_at(struct map *m, const void *key, uint64_t *file)
{
	return m->ops->file_at ? m->ops->file_at(m, key, file) : -ENOENT;
}

int map_redirect_target(struct map *m, const void *key, uint64_t *target, struct prog **prog)
{
	*prog = NULL;
	return m->ops->target ? m->ops->target(m, key, target, prog) : -ENOENT;
}
