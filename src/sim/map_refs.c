// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Arrays whose values user space writes as descriptors: prog_array, array_of_maps,
 * perf_event_array (with map_perf.c), cgroup_array, and the ways of reuseport_sockarray.
 */
#include "sim/map_refs.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "sim/prog.h"
#include "uapi/names.h"

int refs_init(struct map *m)
{
	return map_mem_new(&refs(m)->slots, m->spec.max_entries, sizeof(uint64_t), false);
}

void refs_release(struct map *m)
{
	map_mem_free(&refs(m)->slots);
}

int refs_index(const struct map *m, const void *key, uint32_t *i)
{
	*i = map_index(key);
	if (*i >= m->spec.max_entries)
		return -E2BIG;
	return 0;
}

/* The high-water mark bounds what the end has to look through. */
static void set(struct map *m, uint32_t i, uint64_t to)
{
	struct refs *a = refs(m);

	*refs_slot(m, i) = to;
	if (to && i >= a->used)
		a->used = i + 1;
}

/* ---- objects: programs and maps ----------------------------------------------------------- */

static struct kobj *object(struct map *m, uint32_t i)
{
	return (struct kobj *)(uintptr_t)*refs_slot(m, i);
}

static void objects_clear(struct map *m)
{
	for (uint32_t i = 0; i < refs(m)->used; i++) {
		kobj_put(object(m, i));
		*refs_slot(m, i) = 0;
	}
	refs(m)->used = 0;
}

static void objects_release(struct map *m)
{
	objects_clear(m);
	refs_release(m);
}

static int objects_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	uint32_t i;

	(void)flags;
	if (refs_index(m, key, &i) || !object(m, i))
		return -ENOENT;
	memcpy(value, &object(m, i)->id, sizeof(uint32_t));
	return 0;
}

static int objects_set(struct map *m, const void *key, const void *value, uint64_t flags,
		       int (*get)(struct map *m, int fd, struct kobj **o))
{
	struct kobj *o, *old;
	uint32_t i;
	int r, fd;

	if (flags != BPF_ANY)
		return -EINVAL;
	r = refs_index(m, key, &i);
	if (r)
		return r;
	memcpy(&fd, value, sizeof(fd));
	r = get(m, fd, &o);
	if (r)
		return r;
	old = object(m, i);
	set(m, i, (uintptr_t)o);
	kobj_put(old);
	return 0;
}

static int objects_remove(struct map *m, const void *key)
{
	struct kobj *old;
	uint32_t i;
	int r = refs_index(m, key, &i);

	if (r)
		return r;
	old = object(m, i);
	if (!old)
		return -ENOENT;
	*refs_slot(m, i) = 0;
	kobj_put(old);
	return 0;
}

/* ---- prog_array --------------------------------------------------------------------------- */

/* What all programs of an array have in common, from the first that asked. */
struct prog_array {
	struct refs r;
	bool owned;
	uint32_t type, attach_type;
	bool frags;
};

#define PROG_XDP_HAS_FRAGS (1u << 5)

bool map_prog_compatible(struct map *m, const struct prog *p)
{
	struct prog_array *a = (struct prog_array *)m;
	bool frags = p->flags & PROG_XDP_HAS_FRAGS;

	if (m->spec.type != UAPI_MAP_prog_array)
		return true;
	if (!a->owned) {
		a->owned = true;
		a->type = p->type;
		a->attach_type = p->attach_type;
		a->frags = frags;
		return true;
	}
	if (a->type != p->type || a->frags != frags)
		return false;
	/* These types' attach types decide what a program may do. */
	switch (p->type) {
	case UAPI_PROG_tracing:
	case UAPI_PROG_lsm:
	case UAPI_PROG_ext:
	case UAPI_PROG_struct_ops:
		return a->attach_type == p->attach_type;
	default:
		return true;
	}
}

static int get_prog(struct map *m, int fd, struct kobj **o)
{
	struct prog *p;
	int r = map_get_prog(m, fd, &p);

	if (r)
		return r;
	if (p->type == UAPI_PROG_ext || !map_prog_compatible(m, p)) {
		kobj_put(&p->obj);
		return -EINVAL;
	}
	*o = &p->obj;
	return 0;
}

static int prog_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return objects_set(m, key, value, flags, get_prog);
}

static struct prog *prog_at(struct map *m, uint32_t i)
{
	return i < m->spec.max_entries ? (struct prog *)(void *)object(m, i) : NULL;
}

const struct map_ops map_prog_array_ops = {
	.size = sizeof(struct prog_array),
	.init = refs_init,
	.release = objects_release,
	.closed = objects_clear,
	.lookup = objects_lookup,
	.update = prog_update,
	.remove = objects_remove,
	.next = map_index_next,
	.prog_at = prog_at,
};

/* ---- array_of_maps ------------------------------------------------------------------------ */

static int inner_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	return s->inner ? 0 : -EBADF;
}

static int get_inner(struct map *m, int fd, struct kobj **o)
{
	struct map *inner;
	int r = map_get_map(m, fd, &inner);

	if (r)
		return r;
	if (!map_shape_fits(m->inner, inner)) {
		kobj_put(&inner->obj);
		return -EINVAL;
	}
	*o = &inner->obj;
	return 0;
}

static int inner_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return objects_set(m, key, value, flags, get_inner);
}

static struct map *inner_at(struct map *m, const void *key)
{
	uint32_t i;

	return refs_index(m, key, &i) ? NULL : (struct map *)(void *)object(m, i);
}

static uint64_t inner_elem(struct map *m, const void *key)
{
	struct map *inner = inner_at(m, key);

	return inner ? map_addr(inner) : 0;
}

const struct map_ops map_array_of_maps_ops = {
	.size = sizeof(struct refs),
	.check = inner_check,
	.init = refs_init,
	.release = objects_release,
	.lookup = objects_lookup,
	.update = inner_update,
	.remove = objects_remove,
	.next = map_index_next,
	.batches = 1 << MAP_BATCH_LOOKUP | 1 << MAP_BATCH_UPDATE,
	.elem = inner_elem,
	.inner_at = inner_at,
};

/* ---- files: perf events, cgroups ---------------------------------------------------------- */

int refs_set_file(struct map *m, const void *key, const void *value, uint64_t flags,
		  enum map_file kind)
{
	uint64_t file;
	uint32_t i;
	int r, fd;

	if (flags != BPF_ANY)
		return -EINVAL;
	r = refs_index(m, key, &i);
	if (r)
		return r;
	memcpy(&fd, value, sizeof(fd));
	r = map_get_file(m, kind, fd, &file);
	if (!r)
		set(m, i, file + 1);
	return r;
}

int refs_remove_file(struct map *m, const void *key)
{
	uint32_t i;
	int r = refs_index(m, key, &i);

	if (r)
		return r;
	if (!*refs_slot(m, i))
		return -ENOENT;
	*refs_slot(m, i) = 0;
	return 0;
}

int refs_file_at(struct map *m, const void *key, uint64_t *file)
{
	uint32_t i;
	int r = refs_index(m, key, &i);

	if (r)
		return r;
	if (!*refs_slot(m, i))
		return -ENOENT;
	*file = *refs_slot(m, i) - 1;
	return 0;
}

static int cgroup_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return refs_set_file(m, key, value, flags, MAP_FILE_CGROUP);
}

const struct map_ops map_cgroup_array_ops = {
	.size = sizeof(struct refs),
	.init = refs_init,
	.release = refs_release,
	.inner = true,
	.update = cgroup_update,
	.remove = refs_remove_file,
	.next = map_index_next,
	.no = { .lookup = MAP_ENOTSUPP },
	.file_at = refs_file_at,
};

/* ---- reuseport_sockarray ------------------------------------------------------------------ */

/* A descriptor of 4 or 8 bytes. */
int refs_socket_fd(const struct map *m, const void *value, int *fd)
{
	uint64_t v = 0;

	memcpy(&v, value, m->spec.value_size);
	if (v > INT32_MAX)
		return m->spec.value_size == 8 ? -EINVAL : -EBADF;
	*fd = (int)v;
	return 0;
}

/* What user space sees of a socket. */
int refs_socket_show(struct map *m, const void *key, void *value, uint64_t flags)
{
	uint64_t file;
	int r;

	(void)flags;
	if (m->spec.value_size != sizeof(uint64_t))
		return -ENOSPC;
	r = m->ops->file_at(m, key, &file);
	if (r)
		return -ENOENT;
	memcpy(value, &file, sizeof(file));
	return 0;
}

int refs_set_socket(struct map *m, const void *key, const void *value, uint64_t flags,
		    enum map_file kind)
{
	uint64_t file;
	uint32_t i;
	int fd, r;

	if (flags > BPF_EXIST)
		return -EINVAL;
	r = refs_index(m, key, &i);
	if (!r)
		r = refs_socket_fd(m, value, &fd);
	if (!r)
		r = map_get_file(m, kind, fd, &file);
	if (r)
		return r;
	if (kind == MAP_FILE_XSK && *refs_slot(m, i) == file + 1)
		return 0;
	r = map_exist_flags(*refs_slot(m, i) != 0, flags);
	if (!r && m->spec.type == UAPI_MAP_reuseport_sockarray)
		r = map_get_file(m, MAP_FILE_REUSEPORT, fd, &file);
	if (!r)
		set(m, i, file + 1);
	return r;
}

int refs_put_socket(struct map *m, const void *key, uint64_t cookie, uint64_t flags)
{
	uint32_t i;
	int r = flags > BPF_EXIST ? -EINVAL : refs_index(m, key, &i);

	if (!r)
		r = map_exist_flags(*refs_slot(m, i) != 0, flags);
	if (!r)
		set(m, i, cookie + 1);
	return r;
}

static int reuseport_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return refs_set_socket(m, key, value, flags, MAP_FILE_SOCKET);
}

const struct map_ops map_reuseport_sockarray_ops = {
	.size = sizeof(struct refs),
	.init = refs_init,
	.release = refs_release,
	.inner = true,
	.inner_entries = true,
	.lookup = refs_socket_show,
	.update = reuseport_update,
	.remove = refs_remove_file,
	.next = map_index_next,
	.file_at = refs_file_at,
};
