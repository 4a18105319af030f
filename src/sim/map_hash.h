// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The table behind everything that is found by a key: entries in slots with a number, chained in
 * buckets.  A slot's number also says where its value is.
 */
#pragma once

#include "sim/map_ops.h"

#define SLOT_NONE UINT32_MAX

struct slot {
	uint32_t next; /* of the bucket; + 1, 0: the last.  Kept when freed: a walk may stand on it
			*/
	uint32_t free; /* the next free one, likewise */
	uint32_t hash;
	uint32_t older, newer; /* of an LRU: SLOT_NONE at the ends */
	uint32_t used;
	uint8_t key[];
};

struct table {
	struct map_mem slots, buckets; /* buckets: first slot + 1 */
	uint32_t key_size, stride, mask;
	uint32_t room;	/* slots */
	uint32_t fresh; /* slots from here on were never used */
	uint32_t free;	/* + 1; 0: none */
	uint32_t count; /* entries */
	bool lru;
	uint32_t oldest, newest;
};

/* A table of `room` slots in roundup_pow_of_two(buckets) buckets. */
int table_new(struct table *t, uint32_t key_size, uint64_t room, uint32_t buckets, bool lru);
void table_release(struct table *t);

static inline struct slot *table_slot(const struct table *t, uint32_t i)
{
	return (struct slot *)(void *)(t->slots.host + (size_t)i * t->stride);
}

/* Taking a slot, and giving it back; SLOT_NONE: there is none. */
uint32_t table_take(struct table *t);
void table_give(struct table *t, uint32_t i);

uint32_t table_hash(const void *key, uint32_t size);
/* The slot with that key, or SLOT_NONE. */
uint32_t table_find(const struct table *t, const void *key);
/* Puts a taken slot in, in front of its bucket; takes one out, without giving it back. */
void table_insert(struct table *t, uint32_t i, const void *key);
void table_remove(struct table *t, uint32_t i);
/* A taken slot takes the place of the one with that key, or goes in; the old one or SLOT_NONE. */
uint32_t table_put(struct table *t, uint32_t i, const void *key);
/* An LRU's entry is used now. */
void table_touch(struct table *t, uint32_t i);

/* The first entry in or behind a bucket; the one behind an entry; SLOT_NONE. */
uint32_t table_first(const struct table *t, uint32_t bucket);
uint32_t table_after(const struct table *t, uint32_t i);
/* get_next_key: a key that is not there is followed by the first. */
int table_next_key(const struct table *t, const void *key, void *next);
