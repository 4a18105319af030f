// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What changed in a map between two looks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/map_image.h"

struct val;

/* An image with its entries in the order of their keys' bytes. */
struct snapshot {
	struct map_image image;
	uint32_t *order;
};
int snapshot_take(struct snapshot *s, const struct map *map, bool *changed, struct err *e);
/* Of one entry alone; no entry if the key is not there. */
int snapshot_key(struct snapshot *s, const struct map *map, const void *key, struct err *e);
void snapshot_free(struct snapshot *s);
#define auto_snapshot __attribute__((cleanup(snapshot_free))) /* struct snapshot s = {} */

/*
 * Calls fn for each entry that is new (old NULL), gone (now NULL) or has another value; stops and
 * returns what fn returns when that is not 0.
 */
int snapshot_diff(const struct snapshot *old, const struct snapshot *now,
		  int (*fn)(void *arg, const void *key, const void *old_value, const void *value),
		  void *arg);

/*
 * now - old, number by number; NULL old counts as 0.  What is no number is left out of structs
 * and null elsewhere.
 */
struct val val_delta(const struct val *old, const struct val *now);
/* Its numbers divided by seconds, to two decimals below 100, to whole ones above. */
struct val val_rate(const struct val *delta, double seconds);
