// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries in memory, from a map and to the compact form and back. */
#include "core/map_image.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/map_cursor.h"
#include "core/map_image_priv.h"
#include "core/mem.h"
#include "uapi/names.h"

#define ORDER 0x01020304u
#define CHUNK 65536u

static const char magic[8] = "bpfmap\x1a\x01";

struct head {
	char magic[8];
	uint32_t order, type, key_size, value_size, cpus, max_entries, flags, zero;
	char name[16];
};

void map_image_free(struct map_image *i)
{
	free(i->keys);
	free(i->values);
	*i = (struct map_image){};
}

void map_image_add(struct map_image *i, const void *key, const void *value)
{
	size_t key_size = i->map->info.key_size, value_len = i->map->value_len;

	if (i->n == i->cap) {
		i->cap = i->cap ? 2 * i->cap : 256;
		i->keys = xreallocarray(i->keys, i->cap, key_size + !key_size);
		i->values = xreallocarray(i->values, i->cap, value_len);
	}
	if (key)
		memcpy(i->keys + i->n * key_size, key, key_size);
	memcpy(i->values + i->n * value_len, value, value_len);
	i->n++;
}

const uint8_t *map_image_key(const struct map_image *i, size_t at)
{
	return i->keys + at * i->map->info.key_size;
}

const uint8_t *map_image_value(const struct map_image *i, size_t at)
{
	return i->values + at * i->map->value_len;
}

/* ---- from a map --------------------------------------------------------------------------- */

/* A stack gives the newest first; put back in this order everything is as it was. */
static void turn_round(struct map_image *i)
{
	size_t len = i->map->value_len;
	auto_free uint8_t *swap = xmalloc(len);

	for (size_t a = 0; a < i->n / 2; a++) {
		uint8_t *x = i->values + a * len, *y = i->values + (i->n - 1 - a) * len;

		memcpy(swap, x, len);
		memcpy(x, y, len);
		memcpy(y, swap, len);
	}
}

static int take_and_put_back(struct map_image *i, const struct map *m, struct err *e)
{
	auto_free void *value = xmalloc(m->value_len);
	char label[64];
	int r = 0;

	while (i->n <= m->info.max_entries && (r = map_lookup_and_delete(m, NULL, value, e)) == 0)
		map_image_add(i, NULL, value);
	if (r && e->class != ERR_ABSENT)
		return r;
	if (m->info.type == UAPI_MAP_stack)
		turn_round(i);
	for (size_t k = 0; k < i->n; k++) {
		r = map_update(m, NULL, map_image_value(i, k), 0, e);
		if (r)
			return err_wrap(e, "%zu elements could not be put back into %s: ", i->n - k,
					map_label(&m->info, label));
	}
	return 0;
}

static int read_keyless(struct map_image *i, const struct map *m, bool take, struct err *e)
{
	char label[64];

	map_label(&m->info, label);
	if (m->info.type == UAPI_MAP_bloom_filter)
		return err_input(e, "%s is a bloom filter: what is in it cannot be read", label);
	if (take)
		return take_and_put_back(i, m, e);
	err_input(e, "%s is a %s: its elements can be read only by taking them", label,
		  uapi_map_type_name(m->info.type));
	return err_hint(e, "--take takes them all and puts them back");
}

int map_image_read(struct map_image *i, const struct map *m, bool take, bool *changed,
		   struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	char label[64];
	int r;

	*i = (struct map_image){ .map = m };
	*changed = false;
	if (map_is_keyless(m->info.type))
		return read_keyless(i, m, take, e);
	r = map_cursor_open(&c, m, e);
	while (r == 0 && (r = map_cursor_next(&c, &key, &value, e)) > 0) {
		if (!value)
			return err_code(e, c.value_error, "cannot read an entry of %s",
					map_label(&m->info, label));
		map_image_add(i, key, value);
		r = 0;
	}
	*changed = c.cut || c.changed;
	if (r == 0 && c.cut)
		return err_failed(e, "%s changes faster than it can be read",
				  map_label(&m->info, label));
	return r;
}

/* ---- the compact form --------------------------------------------------------------------- */

void map_image_pack(const struct map_image *i, struct buf *to)
{
	const struct map_info *m = &i->map->info;
	struct head h = {
		.order = ORDER,
		.type = m->type,
		.key_size = m->key_size,
		.value_size = m->value_size,
		.cpus = i->map->cpus,
		.max_entries = m->max_entries,
		.flags = m->flags,
	};
	size_t start = to->len;
	uint64_t total = i->n;
	uint32_t zero = 0, crc;

	memcpy(h.magic, magic, sizeof(magic));
	memcpy(h.name, m->name, sizeof(h.name));
	buf_add(to, &h, sizeof(h));
	for (size_t at = 0; at < i->n; at += CHUNK) {
		uint32_t n = i->n - at < CHUNK ? (uint32_t)(i->n - at) : CHUNK;

		buf_add(to, &n, sizeof(n));
		for (size_t k = at; k < at + n; k++) {
			buf_add(to, map_image_key(i, k), m->key_size);
			buf_add(to, map_image_value(i, k), i->map->value_len);
		}
	}
	buf_add(to, &zero, sizeof(zero));
	buf_add(to, &total, sizeof(total));
	crc = (uint32_t)crc32_z(0, (const Bytef *)to->data + start, to->len - start);
	buf_add(to, &crc, sizeof(crc));
}

bool image_is_compact(const char *text, size_t len)
{
	return len >= 6 && memcmp(text, magic, 6) == 0;
}

int image_compact_head(const char *text, size_t len, const char *path, struct image_head *to,
		       struct err *e)
{
	struct head h;

	if (len < sizeof(h))
		return err_input(e, "%s is cut off: it has %zu bytes", path, len);
	memcpy(&h, text, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0)
		return err_input(e, "%s is of another version than this program reads", path);
	if (h.order != ORDER)
		return err_input(e, "%s was written by a machine of the other byte order", path);
	*to = (struct image_head){
		.type = h.type,
		.key_size = h.key_size,
		.value_size = h.value_size,
		.cpus = h.cpus,
		.max_entries = h.max_entries,
		.flags = h.flags,
		.compact = true,
	};
	memcpy(to->name, h.name, sizeof(to->name));
	to->name[sizeof(to->name) - 1] = '\0';
	return 0;
}

int image_unpack(struct map_image *i, const char *text, size_t len, const char *path, struct err *e)
{
	size_t key_size = i->map->info.key_size, entry = key_size + i->map->value_len;
	size_t at = sizeof(struct head), end = len - 12;
	uint64_t total;
	uint32_t n, crc;

	if (len < at + 16)
		return err_input(e, "%s is cut off: it has %zu bytes", path, len);
	memcpy(&total, text + end, 8);
	memcpy(&crc, text + end + 8, 4);
	if (crc != (uint32_t)crc32_z(0, (const Bytef *)text, len - 4))
		return err_input(e, "%s is damaged or cut off: its checksum is wrong", path);
	for (;;) {
		if (end - at < 4)
			return err_input(e, "%s is damaged: it has no last chunk", path);
		memcpy(&n, text + at, 4);
		at += 4;
		if (!n)
			break;
		if (n > (end - at) / entry)
			return err_input(e, "%s is damaged: a chunk is longer than the file", path);
		for (uint32_t k = 0; k < n; k++, at += entry)
			map_image_add(i, text + at, text + at + key_size);
	}
	if (at != end || total != i->n)
		return err_input(e, "%s is damaged: it has %zu entries and claims %llu", path, i->n,
				 (unsigned long long)total);
	return 0;
}
