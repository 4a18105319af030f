// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Global variables of loaded programs, which live in maps of one element. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec;
struct err;
struct map;

/*
 * The bytes of all variables of a map; mapped into memory where the map allows it, so that
 * writing one of them leaves its neighbours alone, else a copy.
 */
struct vars {
	const struct map *map; /* borrowed */
	struct codec *codec;   /* of the whole section */
	struct types *types;
	uint8_t *data;
	size_t mapped; /* bytes, 0: data is a copy */
	bool frozen;
};
void vars_close(struct vars *v);
#define auto_vars __attribute__((cleanup(vars_close))) /* struct vars v = {} */

/* write: they will be changed.  Class input if the map holds no variables. */
int vars_open(struct vars *v, const struct map *map, bool write, struct err *e);

struct var {
	const char *name; /* belongs to the vars */
	uint32_t off, size;
	struct codec *codec; /* the caller's */
};
/* Variable i, or absent at the end (1). */
int vars_at(const struct vars *v, size_t i, struct var *var, struct err *e);
/* "limit", "config.ports[2]": near names if there is none. */
int vars_find(const struct vars *v, const char *path, struct var *var, struct err *e);
/* Text into a variable, and that into the map. */
int vars_set(struct vars *v, const struct var *var, const char *text, struct err *e);
