// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps: creation, the shapes of inner maps, and the end. */
#include "sim/map.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/map_ops.h"
#include "uapi/names.h"

#define MAP_KIND(type, ops, ...) extern const struct map_ops map_##ops##_ops;
#include "sim/map_kinds.def"
#undef MAP_KIND

static const struct map_kind kinds[] = {
#define MAP_KIND(type, ops, ...) [UAPI_MAP_##type] = { &map_##ops##_ops, __VA_ARGS__ },
#include "sim/map_kinds.def"
#undef MAP_KIND
};

const struct map_kind *map_kind(uint32_t type)
{
	return type < countof(kinds) && kinds[type].ops ? &kinds[type] : NULL;
}

bool map_is_percpu(uint32_t type)
{
	return type == UAPI_MAP_percpu_hash || type == UAPI_MAP_percpu_array ||
	       type == UAPI_MAP_lru_percpu_hash || type == UAPI_MAP_percpu_cgroup_storage;
}

/* ---- creation ----------------------------------------------------------------------------- */

/* What is asked of every type before the type is asked. */
static int check_common(const struct map_spec *s)
{
	if (s->btf_vmlinux_value_type &&
	    (s->type != UAPI_MAP_struct_ops || s->btf_key_type || s->btf_value_type))
		return -EINVAL;
	if (s->btf_key_type && !s->btf_value_type)
		return -EINVAL;
	if (s->type != UAPI_MAP_bloom_filter && s->type != UAPI_MAP_arena && s->extra)
		return -EINVAL;
	if ((s->flags & MAP_F_ACCESS_USER) == MAP_F_ACCESS_USER)
		return -EINVAL;
	if (s->flags & BPF_F_NUMA_NODE && s->numa_node != 0 && s->numa_node != UINT32_MAX)
		return -EINVAL;
	return 0;
}

static int check_kind(const struct map_kind *k, const struct map_spec *s)
{
	if (s->flags & ~(k->flags | MAP_F_TOKEN_FD) ||
	    (s->flags & MAP_F_ACCESS_PROG) == MAP_F_ACCESS_PROG)
		return -EINVAL;
	if (s->key_size < k->key_min || s->key_size > k->key_max || s->value_size < k->value_min ||
	    s->value_size > k->value_max || s->max_entries < k->entries_min ||
	    s->max_entries > k->entries_max)
		return -EINVAL;
	/* 4 or 8: a descriptor, or one with a program or a cookie of its own. */
	if (k->value_min == 4 && s->value_size != 4 && s->value_size != 8)
		return -EINVAL;
	return 0;
}

static void release(struct kobj *o)
{
	struct map *m = (struct map *)(void *)o;

	if (m->ops->release)
		m->ops->release(m);
	if (m->self)
		region_drop(m->self, "map freed");
	kobj_put(m->spec.btf);
	map_shape_free(m->inner);
	free(m->spec.fields);
	free(m);
}

static int map_make(const struct map_kind *k, struct world *w, const struct map_objects *objects,
		    const struct map_spec *spec, struct map **map)
{
	struct map *m = calloc(1, k->ops->size);
	int r;

	if (!m)
		return -ENOMEM;
	m->obj = (struct kobj){ .kind = KOBJ_MAP, .refs = 1, .release = release };
	m->ops = k->ops;
	m->world = w;
	m->objects = objects;
	m->spec = *spec;
	m->spec.inner = NULL;
	/* These are the descriptor's. */
	m->spec.flags &= ~(uint32_t)MAP_F_ACCESS_USER;
	r = k->ops->inner_at ? map_shape_new(spec->inner, &m->inner) : 0;
	if (!r && k->ops->init)
		r = k->ops->init(m);
	if (r) {
		/* These stay the caller's. */
		m->spec.btf = NULL;
		m->spec.fields = NULL;
		kobj_put(&m->obj);
		return r;
	}
	*map = m;
	return 0;
}

int map_new(struct world *w, const struct map_objects *objects, const struct map_spec *spec,
	    struct map **m)
{
	const struct map_kind *k = map_kind(spec->type);
	int r = check_common(spec);

	if (r || !k)
		return r ? r : -EINVAL;
	if (k->ops->check_first)
		r = k->ops->check(w, spec);
	if (!r)
		r = check_kind(k, spec);
	if (!r && k->ops->check && !k->ops->check_first)
		r = k->ops->check(w, spec);
	if (r)
		return r;
	/* There are no devices a map could be offloaded to. */
	if (spec->ifindex)
		return -EINVAL;
	return map_make(k, w, objects, spec, m);
}

uint64_t map_addr(struct map *m)
{
	char label[48];
	struct region_spec spec = { .kind = REGION_MAP, .label = label, .len = 1, .object = m };

	if (!m->self) {
		snprintf(label, sizeof(label), "map %s", m->spec.name);
		m->self = space_add(m->world->space, &spec);
	}
	return m->self ? m->self->base : 0;
}

void map_closed(struct map *m)
{
	if (m->ops->closed)
		m->ops->closed(m);
}

/* ---- fields ------------------------------------------------------------------------------- */

const struct map_field *map_field(const struct map *m, enum map_field_kind kind)
{
	const struct map_fields *f = m->spec.fields;

	for (uint32_t i = 0; f && i < f->n; i++)
		if (f->field[i].kind == kind)
			return &f->field[i];
	return NULL;
}

#define BIT(type) (UINT64_C(1) << UAPI_MAP_##type)
#define STORAGES (BIT(sk_storage) | BIT(inode_storage) | BIT(task_storage) | BIT(cgrp_storage))
#define TABLES (BIT(hash) | BIT(lru_hash) | BIT(array))

static const uint64_t field_types[] = {
	[MAP_FIELD_SPIN_LOCK] = BIT(hash) | BIT(array) | BIT(cgroup_storage) | STORAGES,
	[MAP_FIELD_RES_SPIN_LOCK] = BIT(hash) | BIT(array) | BIT(cgroup_storage) | STORAGES,
	[MAP_FIELD_TIMER] = TABLES,
	[MAP_FIELD_WQ] = TABLES,
	[MAP_FIELD_TASK_WORK] = TABLES,
	[MAP_FIELD_KPTR_UNREF] =
		TABLES | BIT(percpu_hash) | BIT(lru_percpu_hash) | BIT(percpu_array) | STORAGES,
	[MAP_FIELD_KPTR_REF] =
		TABLES | BIT(percpu_hash) | BIT(lru_percpu_hash) | BIT(percpu_array) | STORAGES,
	[MAP_FIELD_KPTR_PERCPU] =
		TABLES | BIT(percpu_hash) | BIT(lru_percpu_hash) | BIT(percpu_array) | STORAGES,
	[MAP_FIELD_UPTR] = BIT(task_storage),
	[MAP_FIELD_LIST_HEAD] = TABLES,
	[MAP_FIELD_RB_ROOT] = TABLES,
	[MAP_FIELD_REFCOUNT] =
		TABLES | BIT(percpu_hash) | BIT(lru_percpu_hash) | BIT(percpu_array) | STORAGES,
};

int map_field_allowed(uint32_t type, enum map_field_kind kind)
{
	return type < 64 && field_types[kind] >> type & 1 ? 0 : -EOPNOTSUPP;
}

/* ---- inner maps --------------------------------------------------------------------------- */

int map_shape_new(const struct map *inner, struct map_shape **shape)
{
	const struct map_fields *f = inner->spec.fields;
	struct map_shape *s;

	/* A map of maps of maps of ... has one level. */
	if (inner->inner)
		return -EINVAL;
	if (!inner->ops->inner)
		return -MAP_ENOTSUPP;
	s = calloc(1, sizeof(*s));
	*shape = s;
	if (!s)
		return -ENOMEM;
	*s = (struct map_shape){ .type = inner->spec.type,
				 .key_size = inner->spec.key_size,
				 .value_size = inner->spec.value_size,
				 .max_entries = inner->spec.max_entries,
				 .flags = inner->spec.flags,
				 .nr_fields = f ? f->n : 0 };
	if (!s->nr_fields)
		return 0;
	s->fields = calloc(s->nr_fields, sizeof(*s->fields));
	if (!s->fields)
		return -ENOMEM;
	memcpy(s->fields, f->field, s->nr_fields * sizeof(*s->fields));
	return 0;
}

void map_shape_free(struct map_shape *s)
{
	if (s)
		free(s->fields);
	free(s);
}

bool map_shape_fits(const struct map_shape *s, const struct map *inner)
{
	const struct map_fields *f = inner->spec.fields;

	if (s->type != inner->spec.type || s->key_size != inner->spec.key_size ||
	    s->value_size != inner->spec.value_size || s->flags != inner->spec.flags ||
	    s->nr_fields != (f ? f->n : 0))
		return false;
	for (uint32_t i = 0; i < s->nr_fields; i++)
		if (memcmp(&s->fields[i], &f->field[i], sizeof(*s->fields)) != 0)
			return false;
	return !inner->ops->inner_entries || s->flags & BPF_F_INNER_MAP ||
	       s->max_entries == inner->spec.max_entries;
}

/* ---- objects behind descriptors ----------------------------------------------------------- */

int map_get_prog(struct map *m, int fd, struct prog **p)
{
	const struct map_objects *o = m->objects;

	return o && o->get_prog ? o->get_prog(o->arg, fd, p) : -EBADF;
}

int map_get_map(struct map *m, int fd, struct map **inner)
{
	const struct map_objects *o = m->objects;

	return o && o->get_map ? o->get_map(o->arg, fd, inner) : -EBADF;
}

int map_get_file(struct map *m, enum map_file kind, int fd, uint64_t *key)
{
	const struct map_objects *o = m->objects;

	return o && o->get_file ? o->get_file(o->arg, kind, fd, key) : -EBADF;
}

bool map_is_dumped(const struct map *m)
{
	return m->ops->restore;
}

bool map_dump(struct map *m, map_piece *fn, void *arg)
{
	if (m->ops->dump)
		m->ops->dump(m, fn, arg);
	return m->ops->dump;
}

int map_undump(struct map *m, const void *key, size_t key_len, const void *value, size_t len)
{
	return m->ops->restore ? m->ops->restore(m, key, key_len, value, len) : -EINVAL;
}
