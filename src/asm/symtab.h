// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A hash table from byte strings to numbers; the keys stay with the caller. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	const char *key; /* NULL: free */
	uint32_t len;
	uint32_t hash;
	uint32_t value;
};

/* Zero-initialised is empty. */
struct symtab {
	struct symbol *slots;
	size_t cap, n;
	uint64_t seed;
};

void symtab_free(struct symtab *t);
/* Empties it; keeps a small table's memory. */
void symtab_clear(struct symtab *t);

/* NULL: not there. */
struct symbol *symtab_find(const struct symtab *t, const char *key, size_t len);
/*
 * The entry of a key, made with `value` if there was none, which *is_new says (may be NULL).
 * NULL: no memory.
 */
struct symbol *symtab_add(struct symtab *t, const char *key, size_t len, uint32_t value,
			  bool *is_new);
