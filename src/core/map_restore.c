// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writing saved entries, and undoing it. */
#include "core/map_restore.h"

#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "core/map.h"
#include "core/map_image.h"
#include "core/mem.h"
#include "core/obj.h"
#include "core/sock_cookie.h"
#include "uapi/names.h"

/* ---- ids and descriptors ------------------------------------------------------------------ */

enum holds { BYTES, PROG, MAP, NUMBER_AND_PROG, SOCKET };

static enum holds what_it_holds(const struct map *m)
{
	switch (m->info.type) {
	case UAPI_MAP_prog_array:
		return PROG;
	case UAPI_MAP_array_of_maps:
	case UAPI_MAP_hash_of_maps:
		return MAP;
	case UAPI_MAP_devmap:
	case UAPI_MAP_devmap_hash:
	case UAPI_MAP_cpumap:
		return m->info.value_size == 8 ? NUMBER_AND_PROG : BYTES;
	case UAPI_MAP_sockmap:
	case UAPI_MAP_sockhash:
	case UAPI_MAP_reuseport_sockarray:
		return SOCKET;
	default:
		return BYTES;
	}
}

static int open_at(enum obj_kind kind, uint8_t *at, int *fd, struct err *e)
{
	uint32_t id;

	memcpy(&id, at, sizeof(id));
	*fd = obj_open(kind, id, e);
	if (*fd < 0)
		return *fd;
	id = (uint32_t)*fd;
	memcpy(at, &id, sizeof(id));
	return 0;
}

static int open_socket(const struct map *m, uint8_t *value, int *fd, struct err *e)
{
	uint64_t cookie = 0, number;

	if (m->info.value_size != 8)
		return err_input(e, "sockets are known by their cookie only in maps with values of "
				    "8 bytes");
	memcpy(&cookie, value, 8);
	*fd = sock_by_cookie(cookie, e);
	if (*fd < 0)
		return *fd;
	number = (uint64_t)*fd;
	memcpy(value, &number, 8);
	return 0;
}

int map_value_open(const struct map *m, void *value, int *fd, struct err *e)
{
	uint8_t *at = value;
	uint32_t id;

	*fd = -1;
	switch (what_it_holds(m)) {
	case PROG:
		return open_at(OBJ_PROG, at, fd, e);
	case MAP:
		return open_at(OBJ_MAP, at, fd, e);
	case NUMBER_AND_PROG:
		memcpy(&id, at + 4, sizeof(id));
		return id ? open_at(OBJ_PROG, at + 4, fd, e) : 0;
	case SOCKET:
		return open_socket(m, at, fd, e);
	default:
		return 0;
	}
}

/* ---- writing ------------------------------------------------------------------------------ */

static const void *key_at(const struct map_image *image, size_t i)
{
	return image->map->info.key_size ? map_image_key(image, i) : NULL;
}

static int write_one(const struct map *m, const struct map_image *image, size_t i, struct err *e)
{
	auto_free void *value = xmalloc(m->value_len);
	auto_fd int fd = -1;
	int r;

	memcpy(value, map_image_value(image, i), m->value_len);
	r = map_value_open(m, value, &fd, e);
	return r ? r : map_update(m, key_at(image, i), value, 0, e);
}

static int write_all(const struct map *m, const struct map_image *image, struct restore *how,
		     struct err *e)
{
	uint32_t done = 0;
	int r = 0;

	how->written = 0;
	if (!image->n)
		return 0;
	if (what_it_holds(m) == BYTES && m->info.key_size) {
		r = map_update_many(m, image->keys, image->values, (uint32_t)image->n, &done,
				    &how->batched, e);
		how->written = done;
		return r < 0 ? r : 0;
	}
	for (size_t i = 0; r == 0 && i < image->n; i++) {
		r = write_one(m, image, i, e);
		how->written += r == 0;
	}
	return r;
}

static bool can_delete(const struct map *m)
{
	uint32_t type = m->info.type;

	return !map_is_array(type) || type == UAPI_MAP_prog_array ||
	       type == UAPI_MAP_array_of_maps || type == UAPI_MAP_devmap ||
	       type == UAPI_MAP_cpumap || type == UAPI_MAP_sockmap;
}

static int delete_all(const struct map *m, const struct map_image *image, size_t n, struct err *e)
{
	uint32_t done;
	int r = 0;

	if (!can_delete(m) || !n)
		return 0;
	if (!map_is_array(m->info.type)) {
		r = map_delete_batch(m, image->keys, (uint32_t)n, &done, e);
		return r < 0 ? r : 0;
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = map_delete(m, map_image_key(image, i), e);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/* ---- checking, and putting back ----------------------------------------------------------- */

static int check(const struct map *m, const struct map_image *image, struct err *e)
{
	char label[64];

	if (image->n > m->info.max_entries && m->info.type != UAPI_MAP_lru_hash &&
	    m->info.type != UAPI_MAP_lru_percpu_hash)
		return err_worded(e, E2BIG, "%s takes %u entries, there are %zu",
				  map_label(&m->info, label), m->info.max_entries, image->n);
	if (what_it_holds(m) == BYTES)
		return 0;
	for (size_t i = 0; i < image->n; i++) {
		auto_free void *value = xmalloc(m->value_len);
		auto_fd int fd = -1;
		int r;

		memcpy(value, map_image_value(image, i), m->value_len);
		r = map_value_open(m, value, &fd, e);
		if (r)
			return err_wrap(e, "entry %zu: ", i + 1);
	}
	return 0;
}

static int put_back(const struct map *m, const struct map_image *before,
		    const struct map_image *image, size_t written)
{
	struct restore ignored = {};
	struct err e = {};
	/* The one that failed may have been written too. */
	size_t n = written < image->n ? written + 1 : written;
	int r = delete_all(m, image, n, &e);

	if (r == 0)
		r = write_all(m, before, &ignored, &e);
	err_clear(&e);
	return r;
}

static int failed(const struct map *m, const struct map_image *before,
		  const struct map_image *image, const struct restore *how, struct err *e)
{
	if (!how->atomic)
		return err_wrap(e, "%zu of %zu entries were written, then: ", how->written,
				image->n);
	if (put_back(m, before, image, how->written))
		return err_wrap(e, "%zu of %zu entries were written and could not be taken back: ",
				how->written, image->n);
	return err_wrap(e, "nothing was changed: ");
}

int map_restore(const struct map *m, const struct map_image *image, struct restore *how,
		struct err *e)
{
	auto_map_image struct map_image before = {};
	bool changed, keyless = map_is_keyless(m->info.type);
	int r = check(m, image, e);

	if (r == 0 && keyless && (how->atomic || how->clear))
		return err_input(e, "a %s has no keys to put back or to remove",
				 uapi_map_type_name(m->info.type));
	if (r == 0 && (how->atomic || how->clear))
		r = map_image_read(&before, m, false, &changed, e);
	if (r == 0 && how->clear)
		r = delete_all(m, &before, before.n, e);
	if (r)
		return r;
	r = write_all(m, image, how, e);
	return r ? failed(m, &before, image, how, e) : 0;
}
