// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Saved entries back into a map. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct map;
struct map_image;

struct restore {
	bool atomic;	/* after a failure the map is put back to what it was */
	bool clear;	/* entries that are not in the image go away */
	size_t written; /* result */
	bool batched;	/* result: in batches, not one by one */
};

/*
 * Everything that can be known beforehand is checked before the first entry is written: that
 * there is room, and that the programs, maps and sockets which values name are there.
 */
int map_restore(const struct map *m, const struct map_image *image, struct restore *how,
		struct err *e);

/*
 * What lookup gives as an id and update takes as a descriptor (programs, maps, sockets by their
 * cookie) is opened and put into value; *fd, to be closed by the caller, is -1 if there is none.
 */
int map_value_open(const struct map *m, void *value, int *fd, struct err *e);
