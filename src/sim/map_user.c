// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bpf(2)'s side of maps: what is checked for every type, then the type's own operation. */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_ops.h"
#include "uapi/names.h"

uint32_t map_key_size(const struct map *m)
{
	return m->spec.key_size;
}

uint32_t map_user_size(const struct map *m)
{
	if (map_is_percpu(m->spec.type))
		return round8(m->spec.value_size) * map_cpus(m);
	return m->spec.value_size;
}

/* A key where there are none, none where there should be one. */
static int check_key(const struct map *m, const void *key)
{
	if (!m->spec.key_size)
		return key ? -EINVAL : 0;
	return key ? 0 : -EFAULT;
}

static int check_lock(const struct map *m, uint64_t flags)
{
	return flags & BPF_F_LOCK && !map_field(m, MAP_FIELD_SPIN_LOCK) ? -EINVAL : 0;
}

int map_user_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	int r = flags & ~(uint64_t)BPF_F_LOCK ? -EINVAL : check_lock(m, flags);

	if (!r)
		r = check_key(m, key);
	if (r)
		return r;
	return m->ops->lookup ? m->ops->lookup(m, key, value, flags) : -(int)m->ops->no.lookup;
}

int map_user_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	int r = m->frozen ? -EPERM : check_lock(m, flags);

	if (!r)
		r = check_key(m, key);
	if (r)
		return r;
	return m->ops->update ? m->ops->update(m, key, value, flags) : -(int)m->ops->no.update;
}

int map_user_delete(struct map *m, const void *key)
{
	int r = m->frozen ? -EPERM : check_key(m, key);

	if (r)
		return r;
	return m->ops->remove ? m->ops->remove(m, key) : -(int)m->ops->no.remove;
}

int map_user_next(struct map *m, const void *key, void *next)
{
	if (key && !m->spec.key_size)
		return -EINVAL;
	return m->ops->next ? m->ops->next(m, key, next) : -(int)m->ops->no.next;
}

int map_user_take(struct map *m, const void *key, void *value, uint64_t flags)
{
	bool keyless = m->spec.type == UAPI_MAP_queue || m->spec.type == UAPI_MAP_stack;
	int r = flags & ~(uint64_t)BPF_F_LOCK ? -EINVAL : m->frozen ? -EPERM : 0;

	if (!r && flags && keyless)
		r = -EINVAL;
	if (!r)
		r = check_lock(m, flags);
	if (!r)
		r = check_key(m, key);
	if (r)
		return r;
	return m->ops->take ? m->ops->take(m, key, value, flags) : -MAP_ENOTSUPP;
}

int map_user_freeze(struct map *m)
{
	if (m->spec.type == UAPI_MAP_struct_ops || m->spec.fields)
		return -MAP_ENOTSUPP;
	if (m->frozen)
		return -EPERM;
	if (m->writers)
		return -EBUSY;
	m->frozen = true;
	if (m->ops->set_frozen)
		m->ops->set_frozen(m);
	return 0;
}

int map_memfd(struct map *m, int *fd, size_t *len)
{
	return m->ops->memfd ? m->ops->memfd(m, fd, len) : -MAP_ENOTSUPP;
}

bool map_readable(const struct map *m)
{
	return m->ops->readable && m->ops->readable(m);
}

int map_index_next(struct map *m, const void *key, void *next)
{
	uint32_t i = key ? map_index(key) : UINT32_MAX;

	if (i == m->spec.max_entries - 1)
		return -ENOENT;
	i = i >= m->spec.max_entries ? 0 : i + 1;
	memcpy(next, &i, sizeof(i));
	return 0;
}

/* ---- batches ------------------------------------------------------------------------------ */

/* Key by key; token is the last key. */
static int lookup_each(struct map *m, struct map_batch_args *a, uint32_t count)
{
	uint32_t ks = m->spec.key_size, vs = map_user_size(m), done = 0;
	uint8_t prev[MAP_BATCH_KEY], *key = a->keys, *value = a->values;
	const void *at = a->in;
	int r = 0;

	/* Keys skipped because they went away between are not among those that are output. */
	while (done < count) {
		r = map_user_next(m, at, key);
		if (r)
			break;
		memcpy(prev, key, ks);
		at = prev;
		r = map_user_lookup(m, key, value, a->elem_flags);
		if (r == -ENOENT) {
			r = 0;
			continue;
		}
		if (r)
			return r;
		key += ks;
		value += vs;
		done++;
	}
	a->count = done;
	if (done)
		memcpy(a->out, prev, ks);
	return r;
}

static int change_each(struct map *m, bool update, struct map_batch_args *a, uint32_t count)
{
	uint32_t ks = m->spec.key_size, vs = map_user_size(m), done;
	const uint8_t *key = a->keys, *value = a->values;
	int r = 0;

	for (done = 0; done < count; done++, key += ks) {
		r = update ? map_user_update(m, key, value + (size_t)done * vs, a->elem_flags)
			   : map_user_delete(m, key);
		if (r)
			break;
	}
	a->count = done;
	return r;
}

uint32_t map_batch_token(const struct map *m)
{
	return m->ops->batch_lookup ? sizeof(uint32_t) : m->spec.key_size;
}

int map_batch(struct map *m, enum map_batch what, struct map_batch_args *a)
{
	uint32_t count = a->count;
	int r;

	if (what != MAP_BATCH_LOOKUP && m->frozen)
		return -EPERM;
	if (!(m->ops->batches >> what & 1))
		return -MAP_ENOTSUPP;
	r = a->elem_flags & ~(uint64_t)BPF_F_LOCK ? -EINVAL : check_lock(m, a->elem_flags);
	if (r)
		return r;
	if (what == MAP_BATCH_UPDATE || what == MAP_BATCH_DELETE)
		return count ? change_each(m, what == MAP_BATCH_UPDATE, a, count) : 0;
	if (m->ops->batch_lookup && a->flags)
		return -EINVAL;
	if (!count)
		return 0;
	a->count = 0;
	if (!m->ops->batch_lookup)
		return lookup_each(m, a, count);
	a->count = count;
	return m->ops->batch_lookup(m, what == MAP_BATCH_LOOKUP_DELETE, a);
}
