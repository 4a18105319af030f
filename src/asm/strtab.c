// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* String tables: open addressing over offsets into the bytes. */
#include "asm/strtab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct strtab_slot {
	uint32_t hash;
	uint32_t off; /* 0: free; "" is never looked up */
};

#define MIN_SLOTS 64u

/* Text past this many strings is not entered: a larger table falls out of the processor's cache. */
#define TEXTS_EXACT (15u << 10)

void strtab_free(struct strtab *t)
{
	buf_free(&t->bytes);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

/* Eight bytes at a time: the source lines of a large program all pass through here. */
static uint32_t hash_of(const char *s, size_t len)
{
	const uint64_t k = 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio */
	uint64_t h = len * k, word;

	for (; len >= sizeof(word); s += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, s, len);
	h = (h ^ word) * k;
	return (uint32_t)(h ^ h >> 32);
}

static int grow(struct strtab *t)
{
	uint32_t n = t->slots ? 2 * (t->mask + 1) : MIN_SLOTS;
	struct strtab_slot *slots = n ? calloc(n, sizeof(*slots)) : NULL;

	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; t->slots && i <= t->mask; i++) {
		uint32_t at = t->slots[i].hash & (n - 1);

		if (!t->slots[i].off)
			continue;
		while (slots[at].off)
			at = (at + 1) & (n - 1);
		slots[at] = t->slots[i];
	}
	free(t->slots);
	t->slots = slots;
	t->mask = n - 1;
	return 0;
}

/* The slot of the string, or the free one where it belongs.  There is always a free slot. */
static struct strtab_slot *find(const struct strtab *t, const char *s, size_t len, uint32_t hash)
{
	uint32_t at = hash & t->mask;

	for (; t->slots[at].off; at = (at + 1) & t->mask) {
		const char *have = t->bytes.data + t->slots[at].off;
		size_t room = t->bytes.len - t->slots[at].off;

		if (t->slots[at].hash == hash && len < room && memcmp(have, s, len) == 0 &&
		    !have[len])
			break;
	}
	return &t->slots[at];
}

/* Adds the string unless it is there; with `exact` it can be found from now on. */
static uint32_t intern(struct strtab *t, const char *s, size_t len, size_t limit, bool exact)
{
	uint32_t hash = hash_of(s, len), off;
	struct strtab_slot *slot;

	if (!t->bytes.len)
		buf_addc(&t->bytes, '\0');
	if (!len || t->bytes.failed)
		return 0;
	if (exact && (!t->slots || t->nr >= t->mask / 2) && grow(t) < 0) {
		t->bytes.failed = true;
		return 0;
	}
	slot = t->slots ? find(t, s, len, hash) : NULL;
	if (slot && slot->off)
		return slot->off;
	if (t->bytes.len > limit || len >= limit - t->bytes.len || !buf_reserve(&t->bytes, len + 1))
		return 0;
	off = (uint32_t)t->bytes.len;
	if (exact && slot) {
		*slot = (struct strtab_slot){ hash, off };
		t->nr++;
	}
	buf_add(&t->bytes, s, len);
	buf_addc(&t->bytes, '\0');
	return off;
}

uint32_t strtab_add(struct strtab *t, const char *s, size_t len)
{
	uint32_t off = intern(t, s, len, UINT32_MAX, true);

	if (!off && len)
		t->bytes.failed = true;
	return off;
}

uint32_t strtab_text(struct strtab *t, const char *s, size_t len, size_t limit)
{
	return intern(t, s, len, limit, t->nr < TEXTS_EXACT);
}

uint32_t strtab_adds(struct strtab *t, const char *s)
{
	return strtab_add(t, s ? s : "", s ? strlen(s) : 0);
}

int strtab_error(const struct strtab *t)
{
	return buf_error(&t->bytes);
}
