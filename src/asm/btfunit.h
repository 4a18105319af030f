// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files that write a unit's BTF share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btfw;
struct ctype;
struct layout;
struct unit;

/* A number in a map's definition, which is a pointer to an array of that length. */
struct number {
	uint32_t n, ptr;
};
#define NR_RECENT 32u /* as many are remembered, to be used again */

struct maker {
	struct btfw *w;
	const struct layout *lay;
	const struct unit *u;
	uint32_t nr_ctypes;
	uint32_t *id;	/* of every ctype; 0: void, or not needed */
	uint32_t *todo; /* needed, what they are made of not yet looked at */
	size_t nr_todo;
	uint32_t array_index;
	uint32_t func_ptr; /* to some function, for struct_ops */
	struct number recent[NR_RECENT];
	uint32_t nr_numbers;
};

/* BTF counts what a type lists in 16 bits; 0 or -EINVAL with a complaint. */
int maker_check(const struct maker *m, size_t n, uint32_t pos, const char *what);
/* Each adds a type and returns its number. */
uint32_t maker_array(struct maker *m, uint32_t element, uint32_t n);
uint32_t maker_var(struct maker *m, const char *name, uint32_t type, uint32_t linkage);
/* A row of a DATASEC. */
void maker_row(struct maker *m, uint32_t type, uint32_t off, uint32_t size);
/* u32 and its like, which objects call __u32. */
bool maker_is_short(const struct maker *m, const struct ctype *t);

/* All maps, and the list by which libbpf finds them (btfmap.c). */
int maker_maps(struct maker *m);
