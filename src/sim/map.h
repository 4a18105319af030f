// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Maps of every type, with the errors, flags and capacities of Linux.
 *
 * Two sides use a map.  bpf(2) copies: keys and values in the layout user space knows (a per-CPU
 * map's value is one value of 8 bytes' multiple per possible CPU).  Programs get addresses of
 * the space: each map's values are regions of it, and map_elem() says where one is.
 *
 * Functions return 0 (or what they say), or the negative errno bpf(2) fails with.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kobj.h"

struct buf;
struct map;
struct map_ops;
struct prog;
struct region;
struct world;

enum map_file { MAP_FILE_SOCKET, MAP_FILE_CGROUP, MAP_FILE_PIDFD, MAP_FILE_PERF, MAP_FILE_INODE };

/*
 * Where values hold what user space writes as a descriptor (inner maps, programs, perf events,
 * cgroups, sockets) the kernel behind bpf(2) finds the object.  Each get returns a reference or
 * a negative errno; `id` is what a lookup shows instead.
 */
struct map_objects {
	void *arg;
	int (*get_map)(void *arg, int fd, struct map **m);
	int (*get_prog)(void *arg, int fd, struct prog **p);
	/* A descriptor of the machine: socket, cgroup, pidfd, perf event.  *key tells it from all
	 * others of its kind (an inode, a cookie, a pid); nothing is held. */
	int (*get_file)(void *arg, enum map_file kind, int fd, uint64_t *key);
};

/* Fields of values that the kernel alone may write, as the map's BTF has them; -1: none. */
struct map_fields {
	int32_t spin_lock, timer, wq, refcount;
	struct map_kptr {
		uint32_t off, btf_id;
		bool ref, percpu;
	} * kptrs; /* owned by the map */
	uint32_t nr_kptrs;
};

struct map_spec {
	uint32_t type, key_size, value_size, max_entries, flags, numa_node, ifindex;
	uint64_t extra;
	char name[16];
	struct map *inner;	   /* the template of a map of maps; kept by its shape alone */
	struct map_fields *fields; /* taken over; NULL: the value has none */
	uint32_t btf_key_type, btf_value_type, btf_vmlinux_value_type;
	struct kobj *btf; /* a reference, taken over; or NULL */
};

struct map {
	struct kobj obj;
	const struct map_ops *ops;
	struct world *world;
	const struct map_objects *objects;
	struct map_spec spec; /* flags and max_entries as info shows them */
	struct region *self;  /* REGION_MAP: the address `map[...]` stands for */
	bool frozen;	      /* against bpf(2) */
	uint32_t progs;	      /* programs that use it */
	uint32_t writers;     /* writable mappings of it; such a map cannot be frozen */
};

/* Each map type has a struct of its own that begins with struct map. */
int map_new(struct world *w, const struct map_objects *objects, struct map_spec *spec,
	    struct map **m);

/* --- bpf(2): what user space does --- */

uint32_t map_key_size(const struct map *m);
uint32_t map_user_size(const struct map *m); /* of a value as user space sees it */
int map_lookup(struct map *m, const void *key, void *value, uint64_t flags);
int map_update(struct map *m, const void *key, const void *value, uint64_t flags);
int map_delete(struct map *m, const void *key);
int map_next_key(struct map *m, const void *key, void *next); /* key NULL: the first */
int map_lookup_delete(struct map *m, const void *key, void *value, uint64_t flags);
int map_freeze(struct map *m);

enum map_batch { MAP_BATCH_LOOKUP, MAP_BATCH_LOOKUP_DELETE, MAP_BATCH_UPDATE, MAP_BATCH_DELETE };
struct map_batch_args {
	const void *in; /* where the last one ended; NULL: from the start */
	void *out;
	void *keys, *values; /* user layout, one behind the other */
	uint32_t count;	     /* in: room or entries; out: entries done, whatever is returned */
	uint64_t elem_flags, flags;
};
/* -EOPNOTSUPP: not with this type. */
int map_batch(struct map *m, enum map_batch what, struct map_batch_args *a);

/* Host bytes that mmap(2) of the map shows, in *fd's file at offset 0; -ENOTSUPP: none. */
int map_memfd(struct map *m, int *fd, size_t *len);
/* Whether there is something to read (ring buffers). */
bool map_readable(const struct map *m);

/* --- programs: helpers --- */

/*
 * Each takes host bytes of a key that has been checked.  map_elem: the address of the value on
 * this CPU (world->cpu), 0: no such entry.
 */
uint64_t map_elem(struct map *m, const void *key);
uint64_t map_elem_cpu(struct map *m, const void *key, unsigned int cpu);
int map_prog_update(struct map *m, const void *key, const void *value, uint64_t flags);
int map_prog_delete(struct map *m, const void *key);
int map_push(struct map *m, const void *value, uint64_t flags);
int map_pop(struct map *m, void *value);
int map_peek(struct map *m, void *value); /* bloom: whether it may be there: 0 or -ENOENT */
/* Calls fn for every entry until it returns other than 0; the number of calls, or an error. */
int64_t map_for_each(struct map *m, int (*fn)(void *arg, const void *key, uint64_t value_addr),
		     void *arg);
/* Of arrays of programs and maps of maps: what lies there, not referenced; NULL: nothing. */
struct prog *map_prog_at(struct map *m, uint32_t index);
struct map *map_inner_at(struct map *m, const void *key);

/* Local storage: of the object with that key (see get_file); the value's address or 0. */
uint64_t map_storage(struct map *m, uint64_t object, const void *init, uint64_t flags);
int map_storage_delete(struct map *m, uint64_t object);

/* Ring buffers.  reserve: the address of a record, 0: full. */
uint64_t map_ring_reserve(struct map *m, uint64_t size, uint64_t flags);
void map_ring_commit(struct map *m, uint64_t addr, uint64_t flags, bool discard);
int map_ring_output(struct map *m, const void *data, uint64_t size, uint64_t flags);
uint64_t map_ring_query(struct map *m, uint64_t what);
/* The record an address of the running program lies in, and of which map; NULL: none. */
struct map *map_ring_of(struct world *w, uint64_t addr);
/* Records reserved and neither submitted nor discarded: how many, which a run must end with. */
uint32_t map_ring_open(const struct map *m);

/* User ring buffers: the next sample user space has written; -ENODATA: none. */
int map_user_ring_peek(struct map *m, const void **data, uint32_t *len);
void map_user_ring_done(struct map *m);

/* perf_event_output: to the event at `index` of the map, or of this CPU (BPF_F_CURRENT_CPU). */
int map_perf_output(struct map *m, uint64_t flags, const void *data, uint64_t size);

/* Where redirects go: ifindex, CPU or queue at a key of devmap, cpumap, xskmap; -ENOENT: none. */
int map_redirect_target(struct map *m, const void *key, uint64_t *target, struct prog **prog);
