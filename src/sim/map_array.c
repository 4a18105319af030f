// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* array, percpu_array: all entries are there from the start. */
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/map_ops.h"

struct amap {
	struct map m;
	struct map_values v; /* of a per-CPU array: the CPUs' values of an index side by side */
};

static struct amap *amap(struct map *m)
{
	return (struct amap *)m;
}

static int array_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	return s->value_size > INT_MAX ? -E2BIG : 0;
}

static int percpu_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	return s->value_size > MAP_PERCPU_MAX ? -E2BIG : 0;
}

static int array_init(struct map *m)
{
	return map_values_new(m, &amap(m)->v, m->spec.max_entries, m->spec.flags & BPF_F_MMAPABLE);
}

static int percpu_init(struct map *m)
{
	return map_values_new(m, &amap(m)->v, (uint64_t)m->spec.max_entries * map_cpus(m), false);
}

static void array_drop_fields(struct map *m)
{
	uint64_t n = m->spec.fields && m->free_fields ? amap(m)->v.count : 0;

	for (uint64_t i = 0; i < n; i++)
		map_drop_fields(m, map_value_host(&amap(m)->v, i));
}

static void array_release(struct map *m)
{
	if (amap(m)->v.mem.host)
		array_drop_fields(m);
	map_values_free(&amap(m)->v);
}

static void array_frozen(struct map *m)
{
	map_values_flags(m, &amap(m)->v);
}

static bool is_clear(const uint8_t *p, size_t n)
{
	while (n && !p[n - 1])
		n--;
	return !n;
}

/* What is not zero, without a look at memory that nobody has touched. */
static void array_dump(struct map *m, map_piece *fn, void *arg)
{
	const struct map_values *v = &amap(m)->v;
	size_t size = (size_t)v->stride * (v->count / m->spec.max_entries), start, end;
	uint32_t n = map_is_percpu(m->spec.type) ? (uint32_t)size : m->spec.value_size, i = 0;
	auto_free uint8_t *value = malloc(n);

	while (value && i < m->spec.max_entries &&
	       map_mem_used(&v->mem, (size_t)i * size, &start, &end)) {
		if (start / size > i)
			i = (uint32_t)(start / size);
		for (; i < m->spec.max_entries && (size_t)i * size < end; i++) {
			memcpy(value, v->mem.host + (size_t)i * size, n);
			for (uint32_t at = 0; at < n; at += v->stride)
				map_init_fields(m, value + at);
			if (!is_clear(value, n))
				fn(arg, &i, sizeof(i), value, n);
		}
	}
}

/* ---- array -------------------------------------------------------------------------------- */

static int array_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	uint32_t i = map_index(key);

	(void)flags;
	if (i >= m->spec.max_entries)
		return -ENOENT;
	map_copy_out(m, value, map_value_host(&amap(m)->v, i));
	return 0;
}

/* What both kinds ask of a program's update, and user space's of an array. */
static int update_flags(const struct map *m, uint32_t i, uint64_t flags)
{
	if ((flags & ~(uint64_t)BPF_F_LOCK) > BPF_EXIST)
		return -EINVAL;
	if (i >= m->spec.max_entries)
		return -E2BIG;
	if (flags & BPF_NOEXIST)
		return -EEXIST;
	return flags & BPF_F_LOCK && !map_field(m, MAP_FIELD_SPIN_LOCK) ? -EINVAL : 0;
}

static int array_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	uint32_t i = map_index(key);
	int r = update_flags(m, i, flags);

	if (r)
		return r;
	if (!(flags & BPF_F_LOCK))
		map_drop_fields(m, map_value_host(&amap(m)->v, i));
	map_copy_in(m, map_value_host(&amap(m)->v, i), value);
	return 0;
}

static uint64_t array_elem(struct map *m, const void *key)
{
	uint32_t i = map_index(key);

	return i < m->spec.max_entries ? map_value_addr(m, &amap(m)->v, i) : 0;
}

static int array_direct(struct map *m, uint32_t off, uint64_t *addr)
{
	if (m->spec.max_entries != 1)
		return -MAP_ENOTSUPP;
	if (off >= m->spec.value_size)
		return -EINVAL;
	*addr = map_value_addr(m, &amap(m)->v, 0);
	if (!*addr)
		return -ENOMEM;
	*addr += off;
	return 0;
}

static int array_memfd(struct map *m, int *fd, size_t *len)
{
	const struct map_mem *mem = &amap(m)->v.mem;

	if (!mem->file)
		return -MAP_ENOTSUPP;
	*fd = mem->fd;
	*len = mem->len;
	return 0;
}

static int64_t array_for_each(struct map *m, int (*fn)(void *, const void *, uint64_t), void *arg)
{
	int64_t calls = 0;

	for (uint32_t i = 0; i < m->spec.max_entries; i++) {
		calls++;
		if (fn(arg, &i, m->ops->elem(m, &i)))
			break;
	}
	return calls;
}

const struct map_ops map_array_ops = {
	.dump = array_dump,
	.size = sizeof(struct amap),
	.check = array_check,
	.init = array_init,
	.release = array_release,
	.set_frozen = array_frozen,
	.inner = true,
	.inner_entries = true,
	.lookup = array_lookup,
	.update = array_update,
	.next = map_index_next,
	.no = { .remove = EINVAL },
	.batches = 1 << MAP_BATCH_LOOKUP | 1 << MAP_BATCH_UPDATE,
	.memfd = array_memfd,
	.elem = array_elem,
	.prog_update = array_update,
	.for_each = array_for_each,
	.direct = array_direct,
};

/* ---- percpu_array ------------------------------------------------------------------------- */

static int percpu_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	const struct map_values *v = &amap(m)->v;
	uint32_t i = map_index(key), cpus = map_cpus(m);
	uint8_t *to = value;

	(void)flags;
	if (i >= m->spec.max_entries)
		return -ENOENT;
	for (uint32_t c = 0; c < cpus; c++, to += v->stride) {
		memcpy(to, map_value_host(v, (uint64_t)i * cpus + c), v->stride);
		map_init_fields(m, to);
	}
	return 0;
}

static int percpu_flags(const struct map *m, uint32_t i, uint64_t flags)
{
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (i >= m->spec.max_entries)
		return -E2BIG;
	return flags == BPF_NOEXIST ? -EEXIST : 0;
}

static int percpu_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct map_values *v = &amap(m)->v;
	uint32_t i = map_index(key), cpus = map_cpus(m);
	int r = percpu_flags(m, i, flags);

	for (uint32_t c = 0; !r && c < cpus; c++) {
		void *to = map_value_host(v, (uint64_t)i * cpus + c);

		map_drop_fields(m, to);
		map_copy_in_padded(m, to, (const uint8_t *)value + (size_t)c * v->stride);
	}
	return r;
}

static int percpu_prog_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	uint32_t i = map_index(key);
	int r = update_flags(m, i, flags);
	void *to;

	if (r)
		return r;
	to = map_value_host(&amap(m)->v, (uint64_t)i * map_cpus(m) + m->world->cpu);
	map_drop_fields(m, to);
	map_copy_in(m, to, value);
	return 0;
}

static uint64_t percpu_elem_cpu(struct map *m, const void *key, unsigned int cpu)
{
	uint32_t i = map_index(key);

	if (i >= m->spec.max_entries)
		return 0;
	return map_value_addr(m, &amap(m)->v, (uint64_t)i * map_cpus(m) + cpu);
}

static uint64_t percpu_elem(struct map *m, const void *key)
{
	return percpu_elem_cpu(m, key, m->world->cpu);
}

const struct map_ops map_percpu_array_ops = {
	.dump = array_dump,
	.size = sizeof(struct amap),
	.check = percpu_check,
	.init = percpu_init,
	.release = array_release,
	.set_frozen = array_frozen,
	.inner = true,
	.lookup = percpu_lookup,
	.update = percpu_update,
	.next = map_index_next,
	.no = { .remove = EINVAL },
	.batches = 1 << MAP_BATCH_LOOKUP | 1 << MAP_BATCH_UPDATE,
	.elem = percpu_elem,
	.elem_cpu = percpu_elem_cpu,
	.prog_update = percpu_prog_update,
	.for_each = array_for_each,
};
