// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counting and clearing, in batches where the kernel has them. */
#include "core/map_bulk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/map.h"
#include "core/map_cursor.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

#define ENOTSUPP 524
#define CHUNK_BYTES (256u << 10)

/* Elements that are there from the beginning, and stay. */
static bool is_full_array(uint32_t type)
{
	return type == UAPI_MAP_array || type == UAPI_MAP_percpu_array ||
	       type == UAPI_MAP_insn_array || type == UAPI_MAP_struct_ops;
}

static int unreadable(const struct map *m, struct err *e)
{
	char label[64];

	return err_input(e, "%s is of type %s, whose entries user space cannot see",
			 map_label(&m->info, label), uapi_map_type_name(m->info.type) ?: "unknown");
}

int map_count_entries(const struct map *m, struct map_bulk *b, struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	int r;

	*b = (struct map_bulk){};
	if (is_full_array(m->info.type)) {
		b->entries = m->info.max_entries;
		return 0;
	}
	r = map_cursor_open(&c, m, e);
	while (r >= 0 && (r = map_cursor_next(&c, &key, &value, e)) > 0) {
		if (c.value_error == ENOTSUPP || c.value_error == EOPNOTSUPP)
			return unreadable(m, e);
		b->entries++;
	}
	b->cut = c.cut;
	return r;
}

int map_is_empty(const struct map *m, struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	int r;

	if (m->info.type == UAPI_MAP_queue || m->info.type == UAPI_MAP_stack) {
		auto_free void *one = xcalloc(1, m->value_len);

		r = map_lookup(m, NULL, one, 0, e);
		if (r == -ENOENT)
			err_clear(e);
		return r == -ENOENT ? 1 : r;
	}
	if (is_full_array(m->info.type))
		return 0;
	r = map_cursor_open(&c, m, e);
	if (r >= 0)
		r = map_cursor_next(&c, &key, &value, e);
	if (r > 0 && (c.value_error == ENOTSUPP || c.value_error == EOPNOTSUPP))
		return unreadable(m, e);
	return r < 0 ? r : r == 0;
}

/* ---- clearing ----------------------------------------------------------------------------- */

struct chunk {
	uint8_t *keys, *values, *in, *out;
	uint32_t cap;
};

static void chunk_free(struct chunk *c)
{
	free(c->keys);
	free(c->values);
	free(c->in);
	free(c->out);
}
#define auto_chunk __attribute__((cleanup(chunk_free)))

static void chunk_grow(struct chunk *c, const struct map *m, uint32_t cap)
{
	size_t position = m->info.key_size < 8 ? 8 : m->info.key_size;

	c->cap = cap;
	c->keys = xreallocarray(c->keys, cap, m->info.key_size);
	c->values = xreallocarray(c->values, cap, m->value_len);
	c->in = xreallocarray(c->in, 1, position);
	c->out = xreallocarray(c->out, 1, position);
}

static void chunk_make(struct chunk *c, const struct map *m)
{
	size_t n = CHUNK_BYTES / (m->info.key_size + m->value_len);

	n = n > m->info.max_entries ? m->info.max_entries : n;
	chunk_grow(c, m, n < 4 ? 4 : (uint32_t)n);
}

/* The kernel's own way, bucket by bucket: 0, or -ENOTSUPP: it has none for this map. */
static int clear_by_batch(const struct map *m, struct map_bulk *b, struct err *e)
{
	auto_chunk struct chunk c = {};
	bool started = false;
	char label[64];

	chunk_make(&c, m);
	for (;;) {
		struct attr_batch a = {
			.in_batch = started ? attr_ptr(c.in) : 0,
			.out_batch = attr_ptr(c.out),
			.keys = attr_ptr(c.keys),
			.values = attr_ptr(c.values),
			.count = c.cap,
			.map_fd = (uint32_t)m->fd,
		};
		uint8_t *swap = c.in;
		int r = sys_bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &a, sizeof(a));

		if (r == -ENOSPC && c.cap / 2 <= m->info.max_entries) {
			chunk_grow(&c, m, 2 * c.cap); /* one bucket holds more */
			continue;
		}
		if (r == 0 || r == -ENOENT)
			b->entries += a.count <= c.cap ? a.count : 0;
		if (r == -ENOENT)
			return 0;
		if (!started && (r == -EINVAL || r == -ENOTSUPP || r == -EOPNOTSUPP))
			return -ENOTSUPP;
		if (r)
			return err_code(e, r, "cannot clear %s", map_label(&m->info, label));
		started = true;
		c.in = c.out;
		c.out = swap;
	}
}

/* The first key, as often as there is one. */
static int clear_by_key(const struct map *m, struct map_bulk *b, struct err *e)
{
	auto_free void *key = xcalloc(1, m->info.key_size ?: 1);
	uint64_t steps = 4 * (uint64_t)m->info.max_entries + 65536;
	int r;

	while ((r = map_next_key(m, NULL, key, e)) > 0) {
		if (!steps--) {
			b->cut = true;
			return 0;
		}
		r = map_delete(m, key, e);
		if (r == 0)
			b->entries++;
		else if (r == -ENOENT) /* someone else was faster */
			err_clear(e);
		else
			return r;
	}
	return r;
}

/* Slots of a table: those that are empty are passed over, where that can be seen. */
static int clear_slots(const struct map *m, struct map_bulk *b, struct err *e)
{
	auto_free void *value = xcalloc(1, m->value_len);

	for (uint32_t i = 0; i < m->info.max_entries; i++) {
		struct attr_elem a = {
			.map_fd = (uint32_t)m->fd,
			.key = attr_ptr(&i),
			.value = attr_ptr(value),
		};
		int r = sys_bpf(BPF_MAP_LOOKUP_ELEM, &a, sizeof(a));

		if (r == -ENOENT)
			continue;
		a.value = 0;
		r = sys_bpf(BPF_MAP_DELETE_ELEM, &a, sizeof(a));

		/* Some types say EINVAL for an empty slot: the wording is map_delete()'s. */
		if (r == -EINVAL && m->info.type == UAPI_MAP_sockmap)
			r = -ENOENT;
		if (r && r != -ENOENT)
			return map_delete(m, &i, e);
		b->entries += r == 0;
	}
	return 0;
}

static int clear_array(const struct map *m, struct map_bulk *b, struct err *e)
{
	uint64_t n = CHUNK_BYTES / (4 + m->value_len) + 1;
	auto_free uint32_t *keys = xcalloc(n, sizeof(*keys));
	auto_free void *zeros = xcalloc(n, m->value_len);

	for (uint64_t at = 0; at < m->info.max_entries;) {
		uint32_t part =
			(uint32_t)(m->info.max_entries - at < n ? m->info.max_entries - at : n);
		uint32_t done = 0;
		int r;

		for (uint32_t i = 0; i < part; i++)
			keys[i] = (uint32_t)at + i;
		r = map_update_batch(m, keys, zeros, part, 0, &done, e);
		b->entries += done;
		if (r < 0)
			return r;
		at += part;
	}
	return 0;
}

static int clear_queue(const struct map *m, struct map_bulk *b, struct err *e)
{
	auto_free void *value = xcalloc(1, m->value_len);
	uint64_t steps = 4 * (uint64_t)m->info.max_entries + 65536;
	int r = 0;

	while (steps-- && (r = map_lookup_and_delete(m, NULL, value, e)) == 0)
		b->entries++;
	b->cut = r == 0;
	if (r == -ENOENT)
		err_clear(e);
	return r == -ENOENT ? 0 : r;
}

int map_clear(const struct map *m, struct map_bulk *b, struct err *e)
{
	uint32_t type = m->info.type;
	char label[64];
	int r;

	*b = (struct map_bulk){};
	if (type == UAPI_MAP_array || type == UAPI_MAP_percpu_array)
		return clear_array(m, b, e);
	if (type == UAPI_MAP_queue || type == UAPI_MAP_stack)
		return clear_queue(m, b, e);
	if (type == UAPI_MAP_bloom_filter)
		return err_input(e, "%s is a bloom_filter, which forgets nothing: create a new one",
				 map_label(&m->info, label));
	if (!m->info.key_size)
		return err_input(e, "%s is of type %s, which has no entries to remove",
				 map_label(&m->info, label), uapi_map_type_name(type) ?: "unknown");
	if (map_is_array(type))
		return clear_slots(m, b, e);
	r = clear_by_batch(m, b, e);
	return r == -ENOTSUPP ? clear_by_key(m, b, e) : r;
}
