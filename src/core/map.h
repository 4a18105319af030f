// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Live maps: what they are, and their elements. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct map_info {
	uint32_t id, type, key_size, value_size, max_entries, flags;
	char name[16]; /* the kernel keeps 15 characters */
	uint64_t map_extra;
	uint32_t ifindex; /* offloaded to this device, else 0 */
	uint64_t netns_dev, netns_ino;
	uint32_t btf_id, key_type_id, value_type_id;
	uint32_t vmlinux_value_type_id; /* struct_ops */
	/* The rest comes from fdinfo. */
	bool has_memlock, frozen;
	uint64_t memlock;		  /* bytes */
	int owner_prog_type, owner_jited; /* -1 unless a prog_array that has an owner */
};

/*
 * An open map.  cpus is 0 unless the map is per-CPU; then a value as lookup and update move it is
 * cpus times stride bytes.
 */
struct map {
	int fd;
	struct map_info info; /* without what comes from fdinfo */
	unsigned int cpus;
	size_t stride;	  /* value_size, rounded up to 8 if per-CPU */
	size_t value_len; /* bytes of a whole value */
};
#define MAP_INIT                                                                                   \
	{                                                                                          \
		.fd = -1                                                                           \
	}

int map_info_read(int fd, struct map_info *i, struct err *e);
/* Every map, by ascending id; see obj_each(). */
int map_each(int (*fn)(const struct map_info *i, int fd, void *arg), void *arg, struct err *e);

int map_open(struct map *m, int fd, struct err *e); /* takes fd */
int map_open_id(struct map *m, uint32_t id, struct err *e);
/* Stride and length of values, from info and the number of CPUs (0: not per CPU). */
void map_lay_out(struct map *m, unsigned int cpus);
void map_close(struct map *m);
#define auto_map __attribute__((cleanup(map_close))) /* struct map m = MAP_INIT */

/* "map 12 (ports)", for messages. */
const char *map_label(const struct map_info *i, char buf[64]);
/* Index-addressed: keys are 0 to max_entries - 1. */
bool map_is_array(uint32_t type);
/* Has no keys at all: queue, stack, bloom filter; lookup peeks, update pushes. */
bool map_is_keyless(uint32_t type);

/* Flags of lookup and update. */
enum { MAPF_ANY = 0, MAPF_NOEXIST = 1, MAPF_EXIST = 2, MAPF_LOCK = 4 };

/*
 * One element.  key is NULL for a map without keys.  -ENOENT, class absent: no such key, or
 * nothing to take.
 */
int map_lookup(const struct map *m, const void *key, void *value, uint64_t flags, struct err *e);
int map_update(const struct map *m, const void *key, const void *value, uint64_t flags,
	       struct err *e);
int map_delete(const struct map *m, const void *key, struct err *e);
int map_lookup_and_delete(const struct map *m, const void *key, void *value, struct err *e);
/* The key after key, or the first (key NULL): 1, or 0 at the end. */
int map_next_key(const struct map *m, const void *key, void *next, struct err *e);

/*
 * n elements at once where the kernel can, else one by one.  Returns how many were done; on
 * failure the errno, and *done holds the number.  Deleting skips keys that are not there.
 */
int map_update_batch(const struct map *m, const void *keys, const void *values, uint32_t n,
		     uint64_t flags, uint32_t *done, struct err *e);
/* The same; *batched: the kernel took them in batches. */
int map_update_many(const struct map *m, const void *keys, const void *values, uint32_t n,
		    uint32_t *done, bool *batched, struct err *e);
int map_delete_batch(const struct map *m, const void *keys, uint32_t n, uint32_t *done,
		     struct err *e);

/* No more changes from user space. */
int map_freeze(const struct map *m, struct err *e);

struct map_spec {
	uint32_t type, key_size, value_size, max_entries, flags;
	const char *name; /* may be NULL; at most 15 characters */
	uint64_t map_extra;
	uint32_t numa_node, ifindex;
	int inner_fd; /* of map-in-map types, else 0 */
	int btf_fd;   /* 0: no type ids */
	uint32_t key_type_id, value_type_id;
	uint32_t vmlinux_value_type_id; /* of struct_ops */
};
int map_create(struct map *m, const struct map_spec *spec, struct err *e);
/* The error of a creation that others tried; code is the negative errno, and returned. */
int map_create_error(const struct map_spec *spec, int code, struct err *e);
