// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All entries of a map at once: counted, or removed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;
struct map;

/* What was done, also when it failed on the way. */
struct map_bulk {
	uint64_t entries;
	bool cut; /* stopped: others fill the map as fast as it is read */
};

/* An array has all its elements, always; a table of programs or devices those that are set. */
int map_count_entries(const struct map *m, struct map_bulk *b, struct err *e);
/* Deletes every entry; the elements of an array become 0.  What others add meanwhile may stay. */
int map_clear(const struct map *m, struct map_bulk *b, struct err *e);
/* 1 if there is no entry, 0 if there is one. */
int map_is_empty(const struct map *m, struct err *e);
