// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files of the maps share: the operations of a type, and values in and out. */
#pragma once

#include <string.h>

#include "sim/map.h"
#include "sim/map_mem.h"
#include "sim/map_prog.h"
#include "sim/space.h"
#include "sim/world.h"

/* Creation flags that the build machine's linux/bpf.h may lack. */
enum {
	MAP_F_LINK = 1 << 13,
	MAP_F_VTYPE_BTF_OBJ_FD = 1 << 15,
	MAP_F_TOKEN_FD = 1 << 16,
	MAP_F_SEGV_ON_FAULT = 1 << 17,
	MAP_F_NO_USER_CONV = 1 << 18,
};
#define MAP_F_ACCESS_PROG (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)
#define MAP_F_ACCESS_USER (BPF_F_RDONLY | BPF_F_WRONLY)
#define MAP_F_ACCESS (MAP_F_ACCESS_PROG | MAP_F_ACCESS_USER)

#define MAP_PAGE 4096u
#define MAP_KMALLOC_MAX (4u << 20) /* KMALLOC_MAX_SIZE */
#define MAP_PERCPU_MAX (32u << 10) /* PCPU_MIN_UNIT_SIZE */
#define MAP_STORAGE_MAX 65407u	   /* BPF_LOCAL_STORAGE_MAX_VALUE_SIZE */
#define MAP_BATCH_KEY 264	   /* at least every key of types whose batches go key by key */

/*
 * The operations of a type; a type has a struct of its own that begins with struct map.  NULL: the
 * caller answers, see map_user.c.
 */
struct map_ops {
	size_t size; /* of the type's struct */
	int (*check)(const struct world *w, const struct map_spec *s);
	bool check_first; /* before the sizes and flags of map_kinds.def */
	/* The struct is zero but for struct map.  On failure release() is called as well. */
	int (*init)(struct map *m);
	void (*release)(struct map *m);
	void (*closed)(struct map *m);
	void (*set_frozen)(struct map *m); /* regions change their flags */
	bool inner;			   /* may lie in a map of maps */
	bool inner_entries;		   /* and then max_entries must be the same */

	/* bpf(2); NULL: the errno of user_no. */
	int (*lookup)(struct map *m, const void *key, void *value, uint64_t flags);
	int (*update)(struct map *m, const void *key, const void *value, uint64_t flags);
	int (*remove)(struct map *m, const void *key);
	int (*next)(struct map *m, const void *key, void *next);
	int (*take)(struct map *m, const void *key, void *value, uint64_t flags);
	struct {
		uint16_t lookup, update, remove, next;
	} no;

	/* Batches: bits 1 << enum map_batch that work; of hashes lookups go by buckets. */
	unsigned int batches;
	int (*batch_lookup)(struct map *m, bool take, struct map_batch_args *a);

	/* What cannot be listed; see map_dump(). */
	void (*dump)(struct map *m, map_piece *fn, void *arg);
	int (*restore)(struct map *m, const void *key, size_t key_len, const void *value,
		       size_t len);

	int (*memfd)(struct map *m, int *fd, size_t *len);
	bool (*readable)(const struct map *m);

	/* Programs. */
	uint64_t (*elem)(struct map *m, const void *key);
	uint64_t (*elem_cpu)(struct map *m, const void *key, unsigned int cpu);
	int (*prog_update)(struct map *m, const void *key, const void *value, uint64_t flags);
	int (*push)(struct map *m, const void *value, uint64_t flags);
	int (*pop)(struct map *m, void *value);
	int (*peek)(struct map *m, void *value);
	int64_t (*for_each)(struct map *m, int (*fn)(void *arg, const void *key, uint64_t addr),
			    void *arg);
	int (*direct)(struct map *m, uint32_t off, uint64_t *addr);
	uint64_t (*count)(const struct map *m);
	struct prog *(*prog_at)(struct map *m, uint32_t index);
	struct map *(*inner_at)(struct map *m, const void *key);
	int (*file_at)(struct map *m, const void *key, uint64_t *file);
	int (*target)(struct map *m, const void *key, uint64_t *target, struct prog **prog);
};

/* What creation wants of a type's sizes; read off map_kinds.def.  NULL: no such type. */
struct map_kind {
	const struct map_ops *ops;
	uint32_t key_min, key_max, value_min, value_max;
	uint32_t entries_min, entries_max;
	uint32_t flags;
};
const struct map_kind *map_kind(uint32_t type);
bool map_is_percpu(uint32_t type);

static inline uint32_t round8(uint32_t n)
{
	return (n + 7) & ~7u;
}

static inline uint32_t map_cpus(const struct map *m)
{
	return m->world->cpus ? m->world->cpus : 1;
}

/* Values in and out; fields only the kernel writes are left alone, and read as zeros. */
void map_copy_around(const struct map *m, void *value, const void *from);
static inline void map_copy_in(const struct map *m, void *value, const void *from)
{
	if (m->spec.fields)
		map_copy_around(m, value, from);
	else if (m->spec.value_size == 8)
		memcpy(value, from, 8);
	else
		memcpy(value, from, m->spec.value_size);
}
void map_copy_out(const struct map *m, void *to, const void *value);
/* The same of one CPU's value, with what is behind it up to 8 bytes' multiple. */
void map_copy_in_padded(const struct map *m, void *value, const void *from);
/* The fields of a new value. */
void map_init_fields(const struct map *m, void *value);
/* A value goes away. */
static inline void map_drop_fields(struct map *m, void *value)
{
	if (m->spec.fields && m->free_fields)
		m->free_fields(m, value);
}

/* BPF_NOEXIST, BPF_EXIST against whether the entry is there. */
static inline int map_exist_flags(bool there, uint64_t flags)
{
	flags &= 3;
	if (there)
		return flags == 1 ? -17 : 0;
	return flags == 2 ? -2 : 0;
}

/* get_next_key of everything with indices 0 to max_entries - 1. */
int map_index_next(struct map *m, const void *key, void *next);
static inline uint32_t map_index(const void *key)
{
	uint32_t i;

	memcpy(&i, key, sizeof(i));
	return i;
}

/* Objects behind descriptors: a reference, or a negative errno. */
int map_get_prog(struct map *m, int fd, struct prog **p);
int map_get_map(struct map *m, int fd, struct map **inner);
int map_get_file(struct map *m, enum map_file kind, int fd, uint64_t *key);

/* Whether a map may lie where the template was of that shape. */
struct map_shape {
	uint32_t type, key_size, value_size, max_entries, flags;
	uint32_t nr_fields;
	struct map_field *fields;
};
int map_shape_new(const struct map *inner, struct map_shape **shape);
void map_shape_free(struct map_shape *shape);
bool map_shape_fits(const struct map_shape *shape, const struct map *inner);
