// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Local storage: sk, task, inode and cgrp_storage by the object's key, and the old
 * [percpu_]cgroup_storage by cgroup and attach type.
 */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_htab.h"
#include "uapi/names.h"

#define OBJECTS_MAX 65536u /* with a value in one map at a time */

/* Found by the first key_size bytes. */
struct owner {
	uint64_t object;
	uint32_t attach_type, zero;
};

static bool is_cgroup(const struct map *m)
{
	return m->spec.type == UAPI_MAP_cgroup_storage ||
	       m->spec.type == UAPI_MAP_percpu_cgroup_storage;
}

static int local_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	if (!(s->flags & BPF_F_NO_PREALLOC) || !s->btf_key_type || !s->btf_value_type)
		return -EINVAL;
	return s->value_size > MAP_STORAGE_MAX ? -E2BIG : 0;
}

static int cgroup_check(const struct world *w, const struct map_spec *s)
{
	uint32_t max = s->type == UAPI_MAP_cgroup_storage ? MAP_STORAGE_MAX : MAP_PERCPU_MAX;

	(void)w;
	if (s->key_size != sizeof(uint64_t) && s->key_size != sizeof(struct owner))
		return -EINVAL;
	return s->value_size > max ? -E2BIG : 0;
}

static int storage_init(struct map *m)
{
	struct htab *h = htab(m);
	uint32_t key = is_cgroup(m) ? m->spec.key_size : (uint32_t)sizeof(uint64_t);
	uint64_t room;
	int r;

	h->cpus = map_is_percpu(m->spec.type) ? map_cpus(m) : 1;
	room = MAP_MEMORY_MAX / round8(m->spec.value_size) / h->cpus;
	if (room > OBJECTS_MAX)
		room = OBJECTS_MAX;
	r = table_new(&h->t, key, room, OBJECTS_MAX / 16, false);
	return r ? r : map_values_new(m, &h->v, room * h->cpus, false);
}

static void give(struct htab *h, uint32_t i)
{
	table_remove(&h->t, i);
	for (uint32_t c = 0; c < h->cpus; c++)
		map_drop_fields(&h->m, map_value_host(&h->v, (uint64_t)i * h->cpus + c));
	table_give(&h->t, i);
}

static void storage_release(struct map *m)
{
	struct htab *h = htab(m);

	while (h->t.buckets.host && h->t.count)
		give(h, table_first(&h->t, 0));
	table_release(&h->t);
	map_values_free(&h->v);
}

static void storage_frozen(struct map *m)
{
	map_values_flags(m, &htab(m)->v);
}

/* A value of zeros for a new owner. */
static uint32_t make(struct htab *h, const void *owner)
{
	uint32_t i = table_take(&h->t);

	if (i == SLOT_NONE)
		return i;
	table_insert(&h->t, i, owner);
	memset(map_value_host(&h->v, (uint64_t)i * h->cpus), 0, (size_t)h->cpus * h->v.stride);
	return i;
}

static uint64_t storage_count(const struct map *m)
{
	return ((const struct htab *)m)->t.count;
}

/* ---- keeping ------------------------------------------------------------------------------ */

static void storage_dump(struct map *m, map_piece *fn, void *arg)
{
	struct htab *h = htab(m);
	struct owner o;
	bool first = true;

	for (; table_next_key(&h->t, first ? NULL : &o, &o) == 0; first = false) {
		uint64_t i = table_find(&h->t, &o);

		fn(arg, &o, h->t.key_size, map_value_host(&h->v, i * h->cpus),
		   (size_t)h->cpus * h->v.stride);
	}
}

static int storage_restore(struct map *m, const void *key, size_t key_len, const void *value,
			   size_t len)
{
	struct htab *h = htab(m);
	const uint8_t *from = value;
	uint32_t i;

	if (key_len != h->t.key_size || len != (size_t)h->cpus * h->v.stride)
		return -EINVAL;
	i = table_find(&h->t, key);
	if (i == SLOT_NONE)
		i = make(h, key);
	if (i == SLOT_NONE)
		return -EINVAL;
	for (uint32_t c = 0; c < h->cpus; c++)
		map_copy_in_padded(m, map_value_host(&h->v, (uint64_t)i * h->cpus + c),
				   from + (size_t)c * h->v.stride);
	return 0;
}

#define KEPT .dump = storage_dump, .restore = storage_restore

/* ---- by object: user space's key is a descriptor ------------------------------------------ */

static int owner_of(struct map *m, const void *key, uint64_t *object)
{
	static const enum map_file kinds[] = {
		[UAPI_MAP_sk_storage] = MAP_FILE_SOCKET,
		[UAPI_MAP_inode_storage] = MAP_FILE_INODE,
		[UAPI_MAP_task_storage] = MAP_FILE_PIDFD,
		[UAPI_MAP_cgrp_storage] = MAP_FILE_CGROUP,
	};

	return map_get_file(m, kinds[m->spec.type], (int)map_index(key), object);
}

static int local_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	struct htab *h = htab(m);
	uint64_t object;
	uint32_t i;
	int r = owner_of(m, key, &object);

	(void)flags;
	if (r)
		return r;
	i = table_find(&h->t, &object);
	if (i == SLOT_NONE)
		return -ENOENT;
	map_copy_out(m, value, map_value_host(&h->v, i));
	return 0;
}

static int local_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct htab *h = htab(m);
	uint64_t object;
	uint32_t i;
	int r = owner_of(m, key, &object);

	if (r)
		return r;
	if ((flags & ~(uint64_t)BPF_F_LOCK) > BPF_EXIST)
		return -EINVAL;
	i = table_find(&h->t, &object);
	r = map_exist_flags(i != SLOT_NONE, flags);
	if (r)
		return r;
	if (i != SLOT_NONE && !(flags & BPF_F_LOCK)) {
		give(h, i);
		i = SLOT_NONE;
	}
	if (i == SLOT_NONE)
		i = make(h, &object);
	if (i == SLOT_NONE)
		return -ENOMEM;
	map_copy_in(m, map_value_host(&h->v, i), value);
	return 0;
}

static int local_remove(struct map *m, const void *key)
{
	uint64_t object;
	int r = owner_of(m, key, &object);

	return r ? r : map_storage_delete(m, object);
}

uint64_t map_storage(struct map *m, uint64_t object, const void *init, uint64_t flags)
{
	struct htab *h = htab(m);
	uint32_t i;

	if (flags & ~(uint64_t)BPF_LOCAL_STORAGE_GET_F_CREATE)
		return 0;
	i = table_find(&h->t, &object);
	if (i == SLOT_NONE && flags) {
		i = make(h, &object);
		if (i != SLOT_NONE && init)
			map_copy_in(m, map_value_host(&h->v, i), init);
	}
	return i == SLOT_NONE ? 0 : map_value_addr(m, &h->v, i);
}

int map_storage_delete(struct map *m, uint64_t object)
{
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, &object);

	if (i == SLOT_NONE)
		return -ENOENT;
	give(h, i);
	return 0;
}

#define LOCAL_OPS                                                                                  \
	{                                                                                          \
		.size = sizeof(struct htab), .check = local_check, .init = storage_init,           \
		.release = storage_release, .set_frozen = storage_frozen, .inner = true,           \
		.lookup = local_lookup, .update = local_update, .remove = local_remove,            \
		.no = { .next = MAP_ENOTSUPP }, .count = storage_count, KEPT,                      \
	}

const struct map_ops map_sk_storage_ops = LOCAL_OPS;
const struct map_ops map_inode_storage_ops = LOCAL_OPS;
const struct map_ops map_task_storage_ops = LOCAL_OPS;
const struct map_ops map_cgrp_storage_ops = LOCAL_OPS;

/* ---- by cgroup: values are there while a program is attached ------------------------------ */

static int cgroup_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, key);

	(void)flags;
	if (i == SLOT_NONE)
		return -ENOENT;
	if (map_is_percpu(m->spec.type))
		memcpy(value, map_value_host(&h->v, (uint64_t)i * h->cpus),
		       (size_t)h->cpus * h->v.stride);
	else
		map_copy_out(m, value, map_value_host(&h->v, i));
	return 0;
}

static int cgroup_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	bool percpu = map_is_percpu(m->spec.type);
	struct htab *h = htab(m);
	uint32_t i;

	if (flags & ~(uint64_t)(percpu ? BPF_EXIST : BPF_F_LOCK | BPF_EXIST))
		return -EINVAL;
	i = table_find(&h->t, key);
	if (i == SLOT_NONE)
		return -ENOENT;
	for (uint32_t c = 0; c < h->cpus; c++)
		map_copy_in_padded(m, map_value_host(&h->v, (uint64_t)i * h->cpus + c),
				   (const uint8_t *)value + (size_t)c * h->v.stride);
	return 0;
}

static int cgroup_next(struct map *m, const void *key, void *next)
{
	struct table *t = &htab(m)->t;

	if (key && table_find(t, key) == SLOT_NONE)
		return -ENOENT;
	return table_next_key(t, key, next);
}

uint64_t map_cgroup_storage(struct map *m, uint64_t cgroup, uint32_t attach_type)
{
	struct owner o = { .object = cgroup, .attach_type = attach_type };
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, &o);

	if (i == SLOT_NONE)
		i = make(h, &o);
	if (i == SLOT_NONE)
		return 0;
	return map_value_addr(m, &h->v, (uint64_t)i * h->cpus + (h->cpus > 1 ? m->world->cpu : 0));
}

void map_cgroup_gone(struct map *m, uint64_t cgroup, uint32_t attach_type)
{
	struct owner o = { .object = cgroup, .attach_type = attach_type };
	uint32_t i = table_find(&htab(m)->t, &o);

	if (i != SLOT_NONE)
		give(htab(m), i);
}

#define CGROUP_OPS                                                                                 \
	{                                                                                          \
		.size = sizeof(struct htab), .check = cgroup_check, .check_first = true,           \
		.init = storage_init, .release = storage_release, .set_frozen = storage_frozen,    \
		.lookup = cgroup_lookup, .update = cgroup_update, .next = cgroup_next,             \
		.no = { .remove = EINVAL }, .count = storage_count, KEPT,                          \
	}

const struct map_ops map_cgroup_storage_ops = CGROUP_OPS;
const struct map_ops map_percpu_cgroup_storage_ops = CGROUP_OPS;
