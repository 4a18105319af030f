// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Open addressing, linear probing, at most half full. */
#include "asm/symtab.h"

#include <stdlib.h>
#include <string.h>

#define KEEP 1024 /* slots that clearing does not give back */

void symtab_free(struct symtab *t)
{
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

void symtab_clear(struct symtab *t)
{
	if (t->cap > KEEP)
		symtab_free(t);
	else if (t->n)
		memset(t->slots, 0, t->cap * sizeof(*t->slots));
	t->n = 0;
}

/* The seed, an address, keeps a source from being written so that all its names collide. */
static uint32_t hash_of(const struct symtab *t, const char *key, size_t len)
{
	uint64_t h = t->seed ^ len, word = 0;

	for (; len >= sizeof(word); key += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, key, len);
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h ^ h >> 32);
}

/* The entry of the key, or the free slot it belongs to; there is always one. */
static struct symbol *probe(const struct symtab *t, const char *key, size_t len, uint32_t hash)
{
	for (size_t i = hash & (t->cap - 1);; i = (i + 1) & (t->cap - 1)) {
		struct symbol *s = &t->slots[i];

		if (!s->key)
			return s;
		if (s->hash == hash && s->len == len && memcmp(s->key, key, len) == 0)
			return s;
	}
}

static int grow(struct symtab *t)
{
	struct symtab wider = { .cap = t->cap ? t->cap * 2 : 64, .n = t->n, .seed = t->seed };

	wider.slots = calloc(wider.cap, sizeof(*wider.slots));
	if (!wider.slots)
		return -1;
	for (size_t i = 0; i < t->cap; i++) {
		struct symbol *s = &t->slots[i];

		if (s->key)
			*probe(&wider, s->key, s->len, s->hash) = *s;
	}
	free(t->slots);
	*t = wider;
	return 0;
}

struct symbol *symtab_find(const struct symtab *t, const char *key, size_t len)
{
	struct symbol *s = t->n ? probe(t, key, len, hash_of(t, key, len)) : NULL;

	return s && s->key ? s : NULL;
}

struct symbol *symtab_add(struct symtab *t, const char *key, size_t len, uint32_t value,
			  bool *is_new)
{
	struct symbol *s;
	uint32_t hash;

	if (!t->seed)
		t->seed = (uintptr_t)t;
	if (len > UINT32_MAX || (t->n >= t->cap / 2 && grow(t) != 0))
		return NULL;
	hash = hash_of(t, key, len);
	s = probe(t, key, len, hash);
	if (is_new)
		*is_new = !s->key;
	if (!s->key) {
		*s = (struct symbol){ key, (uint32_t)len, hash, value };
		t->n++;
	}
	return s;
}
