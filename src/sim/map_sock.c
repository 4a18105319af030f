// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* sockmap, sockhash, xskmap: sockets, known by their cookies. */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_htab.h"
#include "sim/map_refs.h"

/* ---- sockmap, xskmap ---------------------------------------------------------------------- */

static int sockmap_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	uint64_t file;
	int fd, r = refs_socket_fd(m, value, &fd);

	/* The socket is looked at first. */
	if (!r)
		r = map_get_file(m, MAP_FILE_SOCKET, fd, &file);
	return r ? r : refs_set_socket(m, key, value, flags, MAP_FILE_SOCKET);
}

static int sockmap_remove(struct map *m, const void *key)
{
	return refs_remove_file(m, key) ? -EINVAL : 0;
}

const struct map_ops map_sockmap_ops = {
	.size = sizeof(struct refs),
	.init = refs_init,
	.release = refs_release,
	.inner = true,
	.lookup = refs_socket_show,
	.update = sockmap_update,
	.remove = sockmap_remove,
	.next = map_index_next,
	.file_at = refs_file_at,
};

static int xsk_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return refs_set_socket(m, key, value, flags, MAP_FILE_XSK);
}

static int xsk_remove(struct map *m, const void *key)
{
	uint32_t i;

	if (refs_index(m, key, &i))
		return -EINVAL;
	*refs_slot(m, i) = 0;
	return 0;
}

static int xsk_target(struct map *m, const void *key, uint64_t *target, struct prog **prog)
{
	(void)prog;
	return refs_file_at(m, key, target) ? -ENOENT : 0;
}

const struct map_ops map_xskmap_ops = {
	.size = sizeof(struct refs),
	.init = refs_init,
	.release = refs_release,
	.inner = true,
	.inner_entries = true,
	.update = xsk_update,
	.remove = xsk_remove,
	.next = map_index_next,
	.no = { .lookup = EOPNOTSUPP },
	.file_at = refs_file_at,
	.target = xsk_target,
};

/* ---- sockhash ----------------------------------------------------------------------------- */

#define STACK_MAX 512u /* MAX_BPF_STACK */

static int sockhash_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	if (s->key_size > STACK_MAX)
		return -E2BIG;
	return s->max_entries > 1u << 28 ? -EINVAL : 0;
}

static int sockhash_init(struct map *m)
{
	return htab_init_sized(m, sizeof(uint64_t));
}

static void sockhash_release(struct map *m)
{
	table_release(&htab(m)->t);
	map_values_free(&htab(m)->v);
}

static int sockhash_put(struct map *m, const void *key, uint64_t cookie, uint64_t flags)
{
	uint32_t i;
	int r = flags > BPF_EXIST ? -EINVAL : htab_place(m, key, flags, &i);

	if (!r)
		memcpy(map_value_host(&htab(m)->v, i), &cookie, sizeof(cookie));
	return r;
}

static int sockhash_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	uint64_t file;
	int fd, r = refs_socket_fd(m, value, &fd);

	if (!r)
		r = map_get_file(m, MAP_FILE_SOCKET, fd, &file);
	return r ? r : sockhash_put(m, key, file, flags);
}

static int sockhash_remove(struct map *m, const void *key)
{
	struct table *t = &htab(m)->t;
	uint32_t i = table_find(t, key);

	if (i == SLOT_NONE)
		return -ENOENT;
	table_remove(t, i);
	table_give(t, i);
	return 0;
}

static int sockhash_file_at(struct map *m, const void *key, uint64_t *file)
{
	uint32_t i = table_find(&htab(m)->t, key);

	if (i == SLOT_NONE)
		return -ENOENT;
	memcpy(file, map_value_host(&htab(m)->v, i), sizeof(*file));
	return 0;
}

static uint64_t sockhash_count(const struct map *m)
{
	return ((const struct htab *)m)->t.count;
}

const struct map_ops map_sockhash_ops = {
	.size = sizeof(struct htab),
	.check = sockhash_check,
	.init = sockhash_init,
	.release = sockhash_release,
	.inner = true,
	.lookup = refs_socket_show,
	.update = sockhash_update,
	.remove = sockhash_remove,
	.next = htab_next,
	.count = sockhash_count,
	.file_at = sockhash_file_at,
};

int map_put_socket(struct map *m, const void *key, uint64_t cookie, uint64_t flags)
{
	return m->ops == &map_sockhash_ops ? sockhash_put(m, key, cookie, flags)
					   : refs_put_socket(m, key, cookie, flags);
}
