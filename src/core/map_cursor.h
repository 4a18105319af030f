// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading all entries of a map: in batches where the kernel has them, else key by key.  One
 * buffer, no allocation per entry.
 *
 * While others change the map, every entry that stays is seen, and none twice: hash tables are
 * batched bucket by bucket, arrays by index, and for the rest the keys that were seen are
 * remembered.  The number of steps is bounded, whatever others do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct map;

struct map_cursor {
	/* Of the entry that map_cursor_next() gave last. */
	int value_error; /* errno of a value that cannot be read; the value is NULL then */
	/* At the end: stopped because the map changes faster than it can be read. */
	bool cut;
	/* Keys went away or came again on the way, as far as that shows. */
	bool changed;

	/*
	 * Set after opening: empty slots of tables of devices, CPUs and sockets come too, with
	 * ENOENT for their value, as bpftool has them.
	 */
	bool empty_slots;

	/* The rest is the cursor's own. */
	const struct map *map;
	int way;
	uint8_t *keys, *values; /* room for cap entries */
	uint8_t *in, *out;	/* batch positions, or the key after the current one */
	uint32_t cap, n, at;	/* entries in the buffer */
	uint64_t index;		/* of an array walked by index */
	uint64_t steps;		/* left */
	bool started, last;
	struct seen *seen;
	struct readahead *readahead; /* of a large map: the next batch comes meanwhile */
};

/* map must live as long as the cursor. */
int map_cursor_open(struct map_cursor *c, const struct map *map, struct err *e);
/*
 * 1 and the next entry (in the cursor's buffer, until the next call), 0 at the end, or a negative
 * errno.  *value is NULL if it cannot be read.
 */
int map_cursor_next(struct map_cursor *c, const void **key, const void **value, struct err *e);
/* How the map is read: "in batches", "key by key", "by index"; after the first entry. */
const char *map_cursor_way(const struct map_cursor *c);
void map_cursor_close(struct map_cursor *c);
#define auto_map_cursor __attribute__((cleanup(map_cursor_close))) /* struct map_cursor c = {} */
