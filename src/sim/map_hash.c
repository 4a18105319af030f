// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hash, lru_hash and their per-CPU kinds.
 *
 * As in the kernel an update of an entry puts a new one in its place: an address a program got
 * before still shows the old value.  A slot per CPU beyond max_entries makes room for that.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "sim/map_hash.h"
#include "sim/map_htab.h"
#include "uapi/names.h"

int htab_check(const struct world *w, const struct map_spec *s)
{
	bool lru = s->type == UAPI_MAP_lru_hash || s->type == UAPI_MAP_lru_percpu_hash;
	bool percpu = map_is_percpu(s->type);

	(void)w;
	if (s->flags & BPF_F_NO_COMMON_LRU && !lru)
		return -EINVAL;
	if (lru && s->flags & BPF_F_NO_PREALLOC)
		return -MAP_ENOTSUPP;
	if (s->flags & BPF_F_NUMA_NODE && s->numa_node != UINT32_MAX &&
	    (percpu || s->flags & BPF_F_NO_COMMON_LRU))
		return -EINVAL;
	if (!s->max_entries || !s->key_size || !s->value_size)
		return -EINVAL;
	if ((uint64_t)s->key_size + s->value_size >= MAP_KMALLOC_MAX - HTAB_ELEM)
		return -E2BIG;
	if (percpu && s->value_size > MAP_PERCPU_MAX)
		return -E2BIG;
	/* 16 bytes a bucket, below 4 GiB */
	return s->max_entries > 1u << 27 ? -E2BIG : 0;
}

int htab_init_sized(struct map *m, uint32_t value_size)
{
	struct htab *h = htab(m);
	bool lru = m->spec.type == UAPI_MAP_lru_hash || m->spec.type == UAPI_MAP_lru_percpu_hash;
	uint64_t room = (uint64_t)m->spec.max_entries + map_cpus(m);
	int r;

	h->cpus = map_is_percpu(m->spec.type) ? map_cpus(m) : 1;
	if (m->spec.flags & BPF_F_NO_COMMON_LRU) {
		uint32_t n = map_cpus(m), up = m->spec.max_entries % n;

		m->spec.max_entries += up ? n - up : 0;
		room += n;
	}
	h->v.stride = round8(value_size);
	if (m->spec.flags & BPF_F_NO_PREALLOC) {
		room = map_room(room, (uint64_t)h->v.stride * h->cpus);
		room = map_room(room, sizeof(struct slot) + 7ul + m->spec.key_size);
	}
	r = table_new(&h->t, m->spec.key_size, room, m->spec.max_entries, lru);
	if (r)
		return r;
	h->v.count = room * h->cpus;
	return map_mem_new(&h->v.mem, h->v.count, h->v.stride, false);
}

static int htab_init(struct map *m)
{
	return htab_init_sized(m, m->spec.value_size);
}

static void drop_slot(struct htab *h, uint32_t i)
{
	for (uint32_t c = 0; h->m.spec.fields && c < h->cpus; c++)
		map_drop_fields(&h->m, map_value_host(&h->v, (uint64_t)i * h->cpus + c));
	if (h->drop)
		h->drop(h, i);
}

static void htab_release(struct map *m)
{
	struct htab *h = htab(m);

	if (h->t.buckets.host && (h->drop || (m->spec.fields && m->free_fields)))
		for (uint32_t i = table_first(&h->t, 0); i != SLOT_NONE; i = table_after(&h->t, i))
			drop_slot(h, i);
	table_release(&h->t);
	map_values_free(&h->v);
}

static void htab_frozen(struct map *m)
{
	map_values_flags(m, &htab(m)->v);
}

/* ---- entries ------------------------------------------------------------------------------ */

static void remove_slot(struct htab *h, uint32_t i)
{
	table_remove(&h->t, i);
	drop_slot(h, i);
	table_give(&h->t, i);
}

/* A slot for an entry, in place of another (old) or a new one. */
static int take_slot(struct htab *h, uint32_t old, uint32_t *slot)
{
	if (old == SLOT_NONE && h->t.count >= h->m.spec.max_entries) {
		if (!h->t.lru)
			return -E2BIG;
		remove_slot(h, h->t.oldest);
	}
	*slot = table_take(&h->t);
	return *slot == SLOT_NONE ? -ENOMEM : 0;
}

int htab_place(struct map *m, const void *key, uint64_t flags, uint32_t *slot)
{
	struct htab *h = htab(m);
	uint32_t old = SLOT_NONE;
	int r;

	/* With room for a new one it is told on the way whether there was an old one. */
	if (flags & 3 || h->t.count >= m->spec.max_entries) {
		old = table_find(&h->t, key);
		r = map_exist_flags(old != SLOT_NONE, flags);
		if (r)
			return r;
	}
	r = take_slot(h, old, slot);
	if (r)
		return r;
	old = table_put(&h->t, *slot, key);
	if (old != SLOT_NONE) {
		drop_slot(h, old);
		table_give(&h->t, old);
	}
	return 0;
}

static int htab_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct htab *h = htab(m);
	uint32_t i;
	int r;

	if ((flags & (h->t.lru ? ~UINT64_C(0) : ~(uint64_t)BPF_F_LOCK)) > BPF_EXIST)
		return -EINVAL;
	if (flags & BPF_F_LOCK) {
		if (!map_field(m, MAP_FIELD_SPIN_LOCK))
			return -EINVAL;
		i = table_find(&h->t, key);
		if (i != SLOT_NONE) {
			r = map_exist_flags(true, flags);
			if (!r)
				map_copy_in(m, map_value_host(&h->v, i), value);
			return r;
		}
	}
	r = htab_place(m, key, flags, &i);
	if (r)
		return r;
	map_init_fields(m, map_value_host(&h->v, i));
	map_copy_in(m, map_value_host(&h->v, i), value);
	return 0;
}

static int htab_remove(struct map *m, const void *key)
{
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, key);

	if (i == SLOT_NONE)
		return -ENOENT;
	remove_slot(h, i);
	return 0;
}

int htab_next(struct map *m, const void *key, void *next)
{
	return table_next_key(&htab(m)->t, key, next);
}

static void copy_slot(struct map *m, uint32_t i, void *value)
{
	struct htab *h = htab(m);
	uint8_t *to = value;

	if (h->show) {
		h->show(h, i, value);
		return;
	}
	if (h->cpus == 1 && !map_is_percpu(m->spec.type)) {
		map_copy_out(m, value, map_value_host(&h->v, i));
		return;
	}
	memcpy(to, map_value_host(&h->v, (uint64_t)i * h->cpus), (size_t)h->cpus * h->v.stride);
	for (uint32_t c = 0; m->spec.fields && c < h->cpus; c++)
		map_init_fields(m, to + (size_t)c * h->v.stride);
}

int htab_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	uint32_t i = table_find(&htab(m)->t, key);

	(void)flags;
	if (i == SLOT_NONE)
		return -ENOENT;
	copy_slot(m, i, value);
	return 0;
}

static int htab_take(struct map *m, const void *key, void *value, uint64_t flags)
{
	int r = htab_lookup(m, key, value, flags);

	return r ? r : htab_remove(m, key);
}

/* ---- per-CPU values ----------------------------------------------------------------------- */

/* An entry to write into: the one that is there, or a new one, all zeros. */
static int percpu_slot(struct map *m, const void *key, uint64_t flags, uint32_t *i)
{
	struct htab *h = htab(m);
	int r;

	if (flags > BPF_EXIST)
		return -EINVAL;
	*i = table_find(&h->t, key);
	if (*i == SLOT_NONE) {
		r = htab_place(m, key, flags, i);
		if (!r)
			memset(map_value_host(&h->v, (uint64_t)*i * h->cpus), 0,
			       (size_t)h->cpus * h->v.stride);
		return r;
	}
	r = map_exist_flags(true, flags);
	if (!r)
		table_touch(&h->t, *i);
	return r;
}

static int percpu_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct htab *h = htab(m);
	uint32_t i;
	int r = percpu_slot(m, key, flags, &i);

	for (uint32_t c = 0; !r && c < h->cpus; c++)
		map_copy_in_padded(m, map_value_host(&h->v, (uint64_t)i * h->cpus + c),
				   (const uint8_t *)value + (size_t)c * h->v.stride);
	return r;
}

static int percpu_prog_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct htab *h = htab(m);
	uint32_t i;
	int r = percpu_slot(m, key, flags, &i);

	if (!r)
		map_copy_in(m, map_value_host(&h->v, (uint64_t)i * h->cpus + m->world->cpu), value);
	return r;
}

/* ---- programs ----------------------------------------------------------------------------- */

static uint64_t htab_elem(struct map *m, const void *key)
{
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, key);

	return i == SLOT_NONE ? 0 : map_value_addr(m, &h->v, i);
}

static uint64_t lru_elem(struct map *m, const void *key)
{
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, key);

	if (i == SLOT_NONE)
		return 0;
	table_touch(&h->t, i);
	return map_value_addr(m, &h->v, (uint64_t)i);
}

static uint64_t percpu_elem_cpu(struct map *m, const void *key, unsigned int cpu)
{
	struct htab *h = htab(m);
	uint32_t i = table_find(&h->t, key);

	if (i == SLOT_NONE)
		return 0;
	table_touch(&h->t, i);
	return map_value_addr(m, &h->v, (uint64_t)i * h->cpus + cpu);
}

static uint64_t percpu_elem(struct map *m, const void *key)
{
	return percpu_elem_cpu(m, key, m->world->cpu);
}

static int64_t htab_for_each(struct map *m, int (*fn)(void *, const void *, uint64_t), void *arg)
{
	struct htab *h = htab(m);
	unsigned int cpu = h->cpus > 1 ? m->world->cpu : 0;
	int64_t calls = 0;

	for (uint32_t i = table_first(&h->t, 0), after; i != SLOT_NONE; i = after) {
		after = table_after(&h->t, i);
		calls++;
		if (fn(arg, table_slot(&h->t, i)->key,
		       map_value_addr(m, &h->v, (uint64_t)i * h->cpus + cpu)))
			break;
		/* Taken out meanwhile, its chain still leads on; put elsewhere, it does not. */
		if (after != SLOT_NONE && !table_slot(&h->t, after)->used)
			after = table_after(&h->t, after);
	}
	return calls;
}

static uint64_t htab_count(const struct map *m)
{
	return ((const struct htab *)m)->t.count;
}

/* ---- batches: bucket by bucket, and a bucket at least ------------------------------------- */

static uint32_t bucket_len(const struct table *t, uint32_t bucket)
{
	uint32_t n = 0, i = ((const uint32_t *)(const void *)t->buckets.host)[bucket];

	for (; i; i = table_slot(t, i - 1)->next)
		n++;
	return n;
}

static void copy_bucket(struct map *m, uint32_t bucket, bool take, struct map_batch_args *a)
{
	struct htab *h = htab(m);
	uint32_t ks = m->spec.key_size, vs = map_user_size(m), next;
	uint32_t i = ((const uint32_t *)(const void *)h->t.buckets.host)[bucket];

	for (; i; i = next) {
		next = table_slot(&h->t, i - 1)->next;
		memcpy((uint8_t *)a->keys + (size_t)a->count * ks, table_slot(&h->t, i - 1)->key,
		       ks);
		copy_slot(m, i - 1, (uint8_t *)a->values + (size_t)a->count * vs);
		a->count++;
		if (take)
			remove_slot(h, i - 1);
	}
}

int htab_batch(struct map *m, bool take, struct map_batch_args *a)
{
	struct htab *h = htab(m);
	uint32_t room = a->count, bucket = 0, n;
	int r = 0;

	a->count = 0;
	if (a->in)
		memcpy(&bucket, a->in, sizeof(bucket));
	if (bucket > h->t.mask)
		return -ENOENT;
	for (;;) {
		n = h->t.count ? bucket_len(&h->t, bucket) : 0;
		if (n > room - a->count) {
			r = a->count ? 0 : -ENOSPC;
			break;
		}
		copy_bucket(m, bucket, take, a);
		if (bucket++ == h->t.mask || !h->t.count) {
			bucket = h->t.mask + 1;
			r = -ENOENT;
			break;
		}
	}
	memcpy(a->out, &bucket, sizeof(bucket));
	return r;
}

#define ALL_BATCHES                                                                                \
	(1 << MAP_BATCH_LOOKUP | 1 << MAP_BATCH_LOOKUP_DELETE | 1 << MAP_BATCH_UPDATE |            \
	 1 << MAP_BATCH_DELETE)
#define HTAB_OPS                                                                                   \
	.size = sizeof(struct htab), .check = htab_check, .init = htab_init,                       \
	.release = htab_release, .set_frozen = htab_frozen, .inner = true, .lookup = htab_lookup,  \
	.remove = htab_remove, .next = htab_next, .take = htab_take, .batches = ALL_BATCHES,       \
	.batch_lookup = htab_batch, .for_each = htab_for_each, .count = htab_count

const struct map_ops map_hash_ops = {
	HTAB_OPS,
	.update = htab_update,
	.elem = htab_elem,
	.prog_update = htab_update,
};
const struct map_ops map_lru_hash_ops = {
	HTAB_OPS,
	.update = htab_update,
	.elem = lru_elem,
	.prog_update = htab_update,
};
const struct map_ops map_percpu_hash_ops = {
	HTAB_OPS,
	.update = percpu_update,
	.elem = percpu_elem,
	.elem_cpu = percpu_elem_cpu,
	.prog_update = percpu_prog_update,
};
const struct map_ops map_lru_percpu_hash_ops = {
	HTAB_OPS,
	.update = percpu_update,
	.elem = percpu_elem,
	.elem_cpu = percpu_elem_cpu,
	.prog_update = percpu_prog_update,
};

/* ---- hash_of_maps: the values are pointers ------------------------------------------------ */

static struct map **inner_of(const struct htab *h, uint32_t i)
{
	return map_value_host(&h->v, i);
}

static void inner_drop(struct htab *h, uint32_t i)
{
	struct map **inner = inner_of(h, i);

	if (*inner)
		kobj_put(&(*inner)->obj);
	*inner = NULL;
}

static void inner_show(struct htab *h, uint32_t i, void *value)
{
	memcpy(value, &(*inner_of(h, i))->obj.id, sizeof(uint32_t));
}

static int inner_check(const struct world *w, const struct map_spec *s)
{
	int r = htab_check(w, s);

	return r || s->inner ? r : -EBADF;
}

static int inner_init(struct map *m)
{
	int r = htab_init_sized(m, sizeof(struct map *));

	htab(m)->drop = inner_drop;
	htab(m)->show = inner_show;
	return r;
}

static int inner_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	struct map *inner;
	uint32_t i;
	int fd, r;

	memcpy(&fd, value, sizeof(fd));
	r = map_get_map(m, fd, &inner);
	if (r)
		return r;
	if (!map_shape_fits(m->inner, inner) || flags > BPF_EXIST)
		r = -EINVAL;
	else
		r = htab_place(m, key, flags, &i);
	if (r)
		kobj_put(&inner->obj);
	else
		*inner_of(htab(m), i) = inner;
	return r;
}

static struct map *inner_at(struct map *m, const void *key)
{
	uint32_t i = table_find(&htab(m)->t, key);

	return i == SLOT_NONE ? NULL : *inner_of(htab(m), i);
}

static uint64_t inner_elem(struct map *m, const void *key)
{
	struct map *inner = inner_at(m, key);

	return inner ? map_addr(inner) : 0;
}

const struct map_ops map_hash_of_maps_ops = {
	.size = sizeof(struct htab),
	.check = inner_check,
	.init = inner_init,
	.release = htab_release,
	.lookup = htab_lookup,
	.update = inner_update,
	.remove = htab_remove,
	.next = htab_next,
	.batches = ALL_BATCHES,
	.batch_lookup = htab_batch,
	.elem = inner_elem,
	.count = htab_count,
	.inner_at = inner_at,
};
