// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The hash table. */
#include <errno.h>

#include "sim/map_hash.h"

static uint64_t pow2_above(uint32_t n)
{
	uint64_t p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

int table_new(struct table *t, uint32_t key_size, uint64_t room, uint32_t buckets, bool lru)
{
	uint64_t n = pow2_above(buckets);
	int r;

	t->key_size = key_size;
	t->stride = round8((uint32_t)sizeof(struct slot) + key_size);
	t->room = room < SLOT_NONE ? (uint32_t)room : SLOT_NONE - 1;
	t->mask = (uint32_t)(n - 1);
	t->lru = lru;
	t->oldest = t->newest = SLOT_NONE;
	r = map_mem_new(&t->slots, t->room, t->stride, false);
	return r ? r : map_mem_new(&t->buckets, n, sizeof(uint32_t), false);
}

void table_release(struct table *t)
{
	map_mem_free(&t->slots);
	map_mem_free(&t->buckets);
}

uint32_t table_take(struct table *t)
{
	uint32_t i = t->free;

	if (i) {
		t->free = table_slot(t, i - 1)->free;
		return i - 1;
	}
	return t->fresh < t->room ? t->fresh++ : SLOT_NONE;
}

void table_give(struct table *t, uint32_t i)
{
	table_slot(t, i)->free = t->free;
	t->free = i + 1;
}

/* Multiply and fold; the low bits are the bucket. */
static inline uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static inline uint32_t hash_key(const void *key, uint32_t size)
{
	const uint8_t *p = key;
	uint64_t h = size, v;
	uint32_t w;

	if (size == 4) {
		memcpy(&w, p, 4);
		return (uint32_t)mix(4, w);
	}
	for (; size >= 8; size -= 8, p += 8) {
		memcpy(&v, p, 8);
		h = mix(h, v);
	}
	if (size) {
		v = 0;
		memcpy(&v, p, size);
		h = mix(h, v);
	}
	return (uint32_t)h;
}

uint32_t table_hash(const void *key, uint32_t size)
{
	return hash_key(key, size);
}

static inline bool same_key(const void *a, const void *b, uint32_t size)
{
	uint64_t x, y;
	uint32_t v, w;

	if (size == 4) {
		memcpy(&v, a, 4);
		memcpy(&w, b, 4);
		return v == w;
	}
	if (size == 8) {
		memcpy(&x, a, 8);
		memcpy(&y, b, 8);
		return x == y;
	}
	return memcmp(a, b, size) == 0;
}

static inline void copy_key(void *to, const void *key, uint32_t size)
{
	if (size == 4)
		memcpy(to, key, 4);
	else if (size == 8)
		memcpy(to, key, 8);
	else
		memcpy(to, key, size);
}

static inline uint32_t *bucket(const struct table *t, uint32_t hash)
{
	return (uint32_t *)(void *)t->buckets.host + (hash & t->mask);
}

uint32_t table_find(const struct table *t, const void *key)
{
	uint32_t hash = hash_key(key, t->key_size), i = *bucket(t, hash);

	while (i) {
		const struct slot *s = table_slot(t, i - 1);

		if (s->hash == hash && same_key(s->key, key, t->key_size))
			return i - 1;
		i = s->next;
	}
	return SLOT_NONE;
}

/* ---- least recently used ------------------------------------------------------------------ */

static void lru_unlink(struct table *t, struct slot *s)
{
	if (s->older != SLOT_NONE)
		table_slot(t, s->older)->newer = s->newer;
	else
		t->oldest = s->newer;
	if (s->newer != SLOT_NONE)
		table_slot(t, s->newer)->older = s->older;
	else
		t->newest = s->older;
}

static void lru_newest(struct table *t, uint32_t i)
{
	struct slot *s = table_slot(t, i);

	s->older = t->newest;
	s->newer = SLOT_NONE;
	if (t->newest != SLOT_NONE)
		table_slot(t, t->newest)->newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

void table_touch(struct table *t, uint32_t i)
{
	if (!t->lru || t->newest == i)
		return;
	lru_unlink(t, table_slot(t, i));
	lru_newest(t, i);
}

/* ---- changes ------------------------------------------------------------------------------ */

void table_insert(struct table *t, uint32_t i, const void *key)
{
	struct slot *s = table_slot(t, i);
	uint32_t *b;

	s->hash = hash_key(key, t->key_size);
	memcpy(s->key, key, t->key_size);
	s->used = 1;
	b = bucket(t, s->hash);
	s->next = *b;
	*b = i + 1;
	t->count++;
	if (t->lru)
		lru_newest(t, i);
}

void table_remove(struct table *t, uint32_t i)
{
	struct slot *s = table_slot(t, i);
	uint32_t *p = bucket(t, s->hash);

	while (*p != i + 1)
		p = &table_slot(t, *p - 1)->next;
	*p = s->next;
	s->used = 0;
	t->count--;
	if (t->lru)
		lru_unlink(t, s);
}

uint32_t table_put(struct table *t, uint32_t i, const void *key)
{
	struct slot *s = table_slot(t, i), *old = NULL;
	uint32_t *p, was = SLOT_NONE;

	s->hash = hash_key(key, t->key_size);
	p = bucket(t, s->hash);
	for (; *p; p = &old->next) {
		old = table_slot(t, *p - 1);
		if (old->hash == s->hash && same_key(old->key, key, t->key_size))
			break;
	}
	if (*p) {
		was = *p - 1;
		s->next = old->next;
		old->used = 0;
		if (t->lru)
			lru_unlink(t, old);
	} else {
		p = bucket(t, s->hash);
		s->next = *p;
		t->count++;
	}
	copy_key(s->key, key, t->key_size);
	s->used = 1;
	*p = i + 1;
	if (t->lru)
		lru_newest(t, i);
	return was;
}

/* ---- in order ----------------------------------------------------------------------------- */

uint32_t table_first(const struct table *t, uint32_t from)
{
	const uint32_t *b = (const uint32_t *)(const void *)t->buckets.host;

	if (!t->count)
		return SLOT_NONE;
	for (uint64_t i = from; i <= t->mask; i++)
		if (b[i])
			return b[i] - 1;
	return SLOT_NONE;
}

uint32_t table_after(const struct table *t, uint32_t i)
{
	const struct slot *s = table_slot(t, i);

	if (s->next)
		return s->next - 1;
	return (s->hash & t->mask) == t->mask ? SLOT_NONE : table_first(t, (s->hash & t->mask) + 1);
}

int table_next_key(const struct table *t, const void *key, void *next)
{
	uint32_t i = key ? table_find(t, key) : SLOT_NONE;

	i = i == SLOT_NONE ? table_first(t, 0) : table_after(t, i);
	if (i == SLOT_NONE)
		return -ENOENT;
	memcpy(next, table_slot(t, i)->key, t->key_size);
	return 0;
}
