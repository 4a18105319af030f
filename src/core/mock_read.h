// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading a state file's objects: the first thing that is wrong is kept, with its place, and what
 * is read afterwards does not matter.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct kern;
struct val;

struct reading {
	struct kern *k;
	const char *name;
	struct err *e;
	const char *list; /* what is being read: list[index] */
	size_t index;
	int failed; /* the first error; what is read afterwards does not matter */
};

/* Keeps "FILE: LIST[INDEX].key: ..." as class input; what failed is returned. */
__attribute__((format(printf, 3, 4))) int read_bad(struct reading *l, const char *key,
						   const char *fmt, ...);
uint64_t read_uint(struct reading *l, const struct val *map, const char *key, uint64_t other);
uint32_t read_u32(struct reading *l, const struct val *map, const char *key); /* 0: not there */
bool read_bool(struct reading *l, const struct val *map, const char *key);
const char *read_str(struct reading *l, const struct val *map, const char *key); /* "" */
/* The same with room for `size` characters, the last zero included. */
void read_short(struct reading *l, const struct val *map, const char *key, char *to, size_t size);
/* A name by its table's function, or a number. */
uint32_t read_name(struct reading *l, const struct val *map, const char *key,
		   int (*find)(const char *name));
/* Hex digits in pairs, blanks between them or not; read_exactly: so many bytes, and never NULL. */
void read_hex(struct reading *l, const char *key, const char *s, struct buf *to);
void read_bytes(struct reading *l, const struct val *map, const char *key, struct buf *to);
void read_exactly(struct reading *l, const struct val *map, const char *key, size_t n,
		  struct buf *to);
/* Calls fn for each object of a list until something is wrong. */
int read_each(struct reading *l, const struct val *root, const char *key,
	      int (*fn)(struct reading *l, const struct val *v));
