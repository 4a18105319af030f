// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The entries of a map in memory, and the files they are saved in.
 *
 * A file of JSON lines begins with {"map":{..}}, ends with {"entries":N}, and has one line per
 * entry in between; a file without the first line is entries only, as `map dump` prints them.
 * The compact form, all numbers in the byte order of the machine that wrote it:
 *
 *    0  8 bytes  "bpfmap", 0x1a, 1 (the version)
 *    8  u32      0x01020304, which tells the byte order
 *   12  u32      type, key size, value size, CPUs (0: not per CPU), max_entries, flags, 0
 *   40  16 bytes name
 *   56  chunks   u32 n, then n times key and value as the kernel has them (one CPU's value padded
 *                to 8 bytes); a chunk of n = 0 is the last
 *       u64      number of entries
 *       u32      CRC-32 of everything before
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct map;
struct map_codec;
struct val;

struct map_image {
	const struct map *map; /* whose sizes it has; borrowed */
	uint8_t *keys, *values;
	size_t n, cap;
};
#define auto_map_image __attribute__((cleanup(map_image_free))) /* struct map_image i = {} */
void map_image_free(struct map_image *i);

/* Copies; key NULL for a map without keys. */
void map_image_add(struct map_image *i, const void *key, const void *value);
const uint8_t *map_image_key(const struct map_image *i, size_t at);
const uint8_t *map_image_value(const struct map_image *i, size_t at);

/*
 * All entries of a map.  What has to be taken to be read (queues, stacks) is put back, the oldest
 * first, and only read with `take`.  *changed: others changed the map meanwhile.
 */
int map_image_read(struct map_image *i, const struct map *map, bool take, bool *changed,
		   struct err *e);

/* The compact form, appended. */
void map_image_pack(const struct map_image *i, struct buf *to);

/* What a file says of its map; type is UINT32_MAX if it says nothing. */
struct image_head {
	uint32_t type, key_size, value_size, cpus, max_entries, flags;
	char name[16];
	bool compact;
};
int map_image_head(const char *text, size_t len, const char *path, struct image_head *h,
		   struct err *e);

/*
 * Either form, for a map of codec->map's sizes.  Errors are class input and begin with path, and
 * the line where there are lines; the whole text is read before 0 is returned.
 */
int map_image_parse(struct map_image *i, const struct map_codec *codec, const char *text,
		    size_t len, const char *path, struct err *e);

/* Lines one by one, for what needs no map: 1 and an entry in *v, 0 at the end. */
struct image_lines {
	const char *text, *end, *path;
	size_t line, entries;
	bool headed, closed;
};
int image_next(struct image_lines *l, struct val *v, struct err *e);
