// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walks through maps that others may be changing. */
#include "core/map_cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/ahead.h"
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

#define ENOTSUPP 524
#define BATCH_BYTES (256u << 10) /* of keys and values; more gains nothing */
#define LEAST_STEPS (1u << 16)
#define AHEAD_BATCHES 4 /* a map of fewer is done before a thread has begun */

enum way { BY_BATCH, BY_INDEX, BY_KEY };

/* A set of keys: open addressing over copies that lie one after the other. */
struct seen {
	uint8_t *keys;
	uint32_t *slots; /* 1 + number of the key, 0: free */
	uint32_t n, room, cap;
	uint32_t size; /* of a key */
};

/* The batch that another thread reads. */
struct readahead {
	struct ahead *thread;
	struct attr_batch attr;
	uint8_t *keys, *values; /* cap entries */
	uint32_t cap;
	bool pending;
};

static uint64_t hash(const uint8_t *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3;
	return h ^ h >> 32;
}

static uint32_t *slot_of(const struct seen *s, const uint8_t *key)
{
	uint32_t i = (uint32_t)hash(key, s->size) & (s->cap - 1);

	while (s->slots[i] &&
	       memcmp(s->keys + (size_t)(s->slots[i] - 1) * s->size, key, s->size) != 0)
		i = (i + 1) & (s->cap - 1);
	return &s->slots[i];
}

static void seen_grow(struct seen *s)
{
	free(s->slots);
	s->cap = s->cap ? 2 * s->cap : 1024;
	s->room = s->cap / 2;
	s->slots = xcalloc(s->cap, sizeof(*s->slots));
	s->keys = xreallocarray(s->keys, s->room, s->size);
	for (uint32_t i = 0; i < s->n; i++)
		*slot_of(s, s->keys + (size_t)i * s->size) = i + 1;
}

/* True if key was there before; it is afterwards. */
static bool seen_before(struct seen *s, const uint8_t *key)
{
	uint32_t *slot;

	if (s->n == s->room)
		seen_grow(s);
	slot = slot_of(s, key);
	if (*slot)
		return true;
	memcpy(s->keys + (size_t)s->n * s->size, key, s->size);
	*slot = ++s->n;
	return false;
}

/* Hash tables give whole buckets in order, so that no entry comes twice; a trie starts over when
 * the key it stood at is gone. */
static bool needs_seen(uint32_t type)
{
	switch (type) {
	case UAPI_MAP_hash:
	case UAPI_MAP_percpu_hash:
	case UAPI_MAP_lru_hash:
	case UAPI_MAP_lru_percpu_hash:
	case UAPI_MAP_hash_of_maps:
	case UAPI_MAP_stack_trace: /* by index, inside */
		return false;
	default:
		return !map_is_array(type);
	}
}

static bool has_batch(uint32_t type)
{
	switch (type) {
	case UAPI_MAP_hash:
	case UAPI_MAP_percpu_hash:
	case UAPI_MAP_lru_hash:
	case UAPI_MAP_lru_percpu_hash:
	case UAPI_MAP_hash_of_maps:
	case UAPI_MAP_array:
	case UAPI_MAP_percpu_array:
	case UAPI_MAP_array_of_maps:
	case UAPI_MAP_lpm_trie:
	case UAPI_MAP_rhash:
		return true;
	default:
		return false;
	}
}

static void remember(struct map_cursor *c)
{
	if (c->seen)
		return;
	c->seen = xcalloc(1, sizeof(*c->seen));
	c->seen->size = c->map->info.key_size;
	seen_grow(c->seen);
}

static void make_room(struct map_cursor *c, uint32_t cap)
{
	c->cap = cap;
	c->keys = xreallocarray(c->keys, cap, c->map->info.key_size);
	c->values = xreallocarray(c->values, cap, c->map->value_len);
}

int map_cursor_open(struct map_cursor *c, const struct map *map, struct err *e)
{
	const struct map_info *i = &map->info;
	size_t entry = i->key_size + map->value_len;
	uint64_t n = BATCH_BYTES / (entry ? entry : 1);
	char label[64];

	*c = (struct map_cursor){ .map = map };
	if (!i->key_size)
		return err_input(e, "%s is of type %s, which has no entries to walk through",
				 map_label(i, label), uapi_map_type_name(i->type) ?: "unknown");
	n = n > i->max_entries ? i->max_entries : n;
	n = n < 4 ? 4 : n;
	/* A position is a bucket number or a key. */
	c->in = xcalloc(1, i->key_size < 8 ? 8 : i->key_size);
	c->out = xcalloc(1, i->key_size < 8 ? 8 : i->key_size);
	c->way = has_batch(i->type) ? BY_BATCH : map_is_array(i->type) ? BY_INDEX : BY_KEY;
	make_room(c, c->way == BY_BATCH ? (uint32_t)n : 1);
	if (needs_seen(i->type))
		remember(c);
	c->steps = 4 * (uint64_t)i->max_entries;
	if (c->steps < LEAST_STEPS)
		c->steps = LEAST_STEPS;
	return 0;
}

void map_cursor_close(struct map_cursor *c)
{
	if (c->readahead) {
		ahead_freep(&c->readahead->thread);
		free(c->readahead->keys);
		free(c->readahead->values);
		free(c->readahead);
	}
	free(c->keys);
	free(c->values);
	free(c->in);
	free(c->out);
	if (c->seen) {
		free(c->seen->keys);
		free(c->seen->slots);
		free(c->seen);
	}
	memset(c, 0, sizeof(*c));
}

/* One step of the budget; false when there is none left, which ends the walk. */
static bool may_step(struct map_cursor *c, uint64_t n)
{
	if (c->steps >= n) {
		c->steps -= n;
		return true;
	}
	c->cut = true;
	c->last = true;
	return false;
}

/* This kernel has no batches for this type: key by key, or by index. */
static void leave_batches(struct map_cursor *c)
{
	if (map_is_array(c->map->info.type)) {
		c->way = BY_INDEX;
		return;
	}
	c->way = BY_KEY;
	remember(c);
}

static void ask(const struct map_cursor *c, struct attr_batch *a, uint8_t *keys, uint8_t *values)
{
	*a = (struct attr_batch){
		.in_batch = c->started ? attr_ptr(c->in) : 0,
		.out_batch = attr_ptr(c->out),
		.keys = attr_ptr(keys),
		.values = attr_ptr(values),
		.count = c->cap,
		.map_fd = (uint32_t)c->map->fd,
	};
}

/* The batch behind this one is read while this one is used; where it goes the next fill() looks. */
static void read_ahead(struct map_cursor *c)
{
	struct readahead *x = c->readahead;

	if (!x && c->map->info.max_entries > AHEAD_BATCHES * (uint64_t)c->cap) {
		struct ahead *thread = ahead_new();

		if (!thread)
			return;
		x = c->readahead = xcalloc(1, sizeof(*x));
		x->thread = thread;
	}
	if (!x)
		return;
	if (x->cap < c->cap) {
		x->cap = c->cap;
		x->keys = xreallocarray(x->keys, x->cap, c->map->info.key_size);
		x->values = xreallocarray(x->values, x->cap, c->map->value_len);
	}
	ask(c, &x->attr, x->keys, x->values);
	ahead_start(x->thread, BPF_MAP_LOOKUP_BATCH, &x->attr, sizeof(x->attr));
	x->pending = true;
}

static void swap(uint8_t **a, uint8_t **b)
{
	uint8_t *was = *a;

	*a = *b;
	*b = was;
}

/* The next batch into the buffer: what the kernel says, and *count entries. */
static int read_batch(struct map_cursor *c, uint32_t *count)
{
	struct readahead *x = c->readahead;
	struct attr_batch a;
	int r;

	if (x && x->pending) {
		x->pending = false;
		r = ahead_wait(x->thread);
		*count = x->attr.count;
		swap(&c->keys, &x->keys);
		swap(&c->values, &x->values);
		return r;
	}
	ask(c, &a, c->keys, c->values);
	r = sys_bpf(BPF_MAP_LOOKUP_BATCH, &a, sizeof(a));
	*count = a.count;
	return r;
}

/*
 * Fills the buffer.  0: there are entries, or the walk went over to another way, or it is over
 * (c->last).
 */
static int fill(struct map_cursor *c, struct err *e)
{
	char label[64];
	uint32_t count;
	int r = read_batch(c, &count);

	c->at = c->n = 0;
	switch (r) {
	case 0:
	case -ENOENT:
		c->n = count <= c->cap ? count : 0;
		c->last = r == -ENOENT;
		c->started = true;
		swap(&c->in, &c->out);
		if (may_step(c, c->n ? c->n : 1) && !c->last)
			read_ahead(c);
		return 0;
	case -ENOSPC: /* one bucket holds more than the buffer */
		if (c->cap / 2 > c->map->info.max_entries)
			break;
		make_room(c, 2 * c->cap);
		return 0;
	case -EINTR: /* the generic walk lost its key too often */
		c->changed = true;
		may_step(c, 1);
		return 0;
	case -EINVAL:
	case -ENOTSUPP:
	case -EOPNOTSUPP:
		if (c->started)
			break;
		leave_batches(c);
		return 0;
	}
	return err_code(e, r, "cannot read %s", map_label(&c->map->info, label));
}

static int next_by_batch(struct map_cursor *c, const void **key, const void **value, struct err *e)
{
	for (;;) {
		while (c->at < c->n) {
			const uint8_t *k = c->keys + (size_t)c->at * c->map->info.key_size;

			*value = c->values + c->at * c->map->value_len;
			c->at++;
			if (c->seen && seen_before(c->seen, k)) {
				c->changed = true;
				continue;
			}
			*key = k;
			return 1;
		}
		if (c->last)
			return 0;
		if (c->way != BY_BATCH)
			return map_cursor_next(c, key, value, e);
		c->at = c->n = 0;
		{
			int r = fill(c, e);

			if (r)
				return r;
		}
	}
}

/* The value of the key in c->keys: 1, 0 for an empty slot. */
static int read_value(struct map_cursor *c, const void **key, const void **value)
{
	struct attr_elem a = {
		.map_fd = (uint32_t)c->map->fd,
		.key = attr_ptr(c->keys),
		.value = attr_ptr(c->values),
	};
	int r = sys_bpf(BPF_MAP_LOOKUP_ELEM, &a, sizeof(a));

	if (r == -ENOENT &&
	    !(c->empty_slots && c->way == BY_INDEX && c->map->info.type != UAPI_MAP_prog_array &&
	      c->map->info.type != UAPI_MAP_array_of_maps))
		return 0;
	c->value_error = -r;
	*key = c->keys;
	*value = r ? NULL : c->values;
	return 1;
}

static int next_by_index(struct map_cursor *c, const void **key, const void **value)
{
	while (c->index < c->map->info.max_entries) {
		uint32_t i = (uint32_t)c->index++;

		memcpy(c->keys, &i, sizeof(i));
		if (read_value(c, key, value))
			return 1;
	}
	return 0;
}

/* The key after the current one is fetched first: the caller may delete the current one. */
static int next_by_key(struct map_cursor *c, const void **key, const void **value, struct err *e)
{
	while (!c->last) {
		int r;

		if (!c->started) {
			r = map_next_key(c->map, NULL, c->out, e);
			c->started = true;
			if (r <= 0)
				return r;
		}
		memcpy(c->keys, c->out, c->map->info.key_size);
		r = map_next_key(c->map, c->keys, c->out, e);
		if (r < 0)
			return r;
		c->last = r == 0;
		if (!may_step(c, 1))
			return 0;
		if (c->seen && seen_before(c->seen, c->keys)) {
			c->changed = true;
			continue;
		}
		if (read_value(c, key, value))
			return 1;
		c->changed = true;
	}
	return 0;
}

int map_cursor_next(struct map_cursor *c, const void **key, const void **value, struct err *e)
{
	c->value_error = 0;
	switch (c->way) {
	case BY_BATCH:
		return next_by_batch(c, key, value, e);
	case BY_INDEX:
		return next_by_index(c, key, value);
	default:
		return next_by_key(c, key, value, e);
	}
}

const char *map_cursor_way(const struct map_cursor *c)
{
	static const char *const ways[] = {
		[BY_BATCH] = "in batches",
		[BY_INDEX] = "by index",
		[BY_KEY] = "key by key",
	};

	return ways[c->way];
}
