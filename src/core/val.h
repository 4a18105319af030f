// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The value tree: what literals and JSON input become, and what a field of a row can be. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum val_kind {
	V_NULL,
	V_BOOL,
	V_INT, /* negative numbers only: what fits uint64_t is V_UINT */
	V_UINT,
	V_DOUBLE,
	V_STR, /* any bytes, length counted; s is terminated for convenience */
	V_LIST,
	V_MAP, /* keeps insertion order; keys are terminated strings */
};

struct val {
	enum val_kind kind;
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double d;
		struct {
			char *s;
			size_t len;
		} str;
		struct {
			struct val *v;
			char **keys; /* V_MAP only */
			size_t n;
		} seq;
	};
};

/* Deepest nesting that json_parse() and codec accept; everything here recurses at most so far. */
#define VAL_MAX_DEPTH 64

void val_drop(struct val *v);			    /* leaves V_NULL */
#define auto_val __attribute__((cleanup(val_drop))) /* struct val v = {} */

struct val val_bool(bool b);
struct val val_int(int64_t i);
struct val val_uint(uint64_t u);
struct val val_double(double d);
int val_set_str(struct val *v, const char *s, size_t len); /* copies; 0 or -ENOMEM */

/* Lists and maps start as { .kind = V_LIST }.  Both take item, also on failure; 0 or -ENOMEM. */
int val_append(struct val *list, struct val *item);
int val_put(struct val *map, const char *key, struct val *item); /* replaces an equal key */

const struct val *val_get(const struct val *map, const char *key); /* NULL: absent, or no map */
bool val_equal(const struct val *a, const struct val *b);
int val_copy(struct val *to, const struct val *from); /* 0 or -ENOMEM */
