// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Maps as programs see them: what helpers are made of.
 *
 * Each function takes host bytes that have been checked, returns what the helper returns, and
 * does not care whether the map is frozen.  Which helper takes which map is not asked here.
 */
#pragma once

#include "sim/map.h"

/*
 * The address of the value on this CPU (world->cpu), of maps of maps the inner map's
 * address; 0: no such entry, or nothing of the type has an address (map_file_at() tells more).
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
/* `r1 = map[m][0] + off ll`: the address, with the errno a load fails with otherwise. */
int map_direct_value(struct map *m, uint32_t off, uint64_t *addr);
/* Entries there are; of arrays max_entries. */
uint64_t map_count(const struct map *m);

/* What lies in arrays of programs and maps of maps, not referenced; NULL: nothing. */
struct prog *map_prog_at(struct map *m, uint32_t index);
struct map *map_inner_at(struct map *m, const void *key);
/* The same of perf events, cgroups, sockets: get_file()'s key; -ENOENT: nothing, -E2BIG. */
int map_file_at(struct map *m, const void *key, uint64_t *file);
/* Whether p may tail call through m; the first program to ask decides for all. */
bool map_prog_compatible(struct map *m, const struct prog *p);

/* Local storage: of the object with that key (see get_file); the value's address or 0.  flags:
 * BPF_LOCAL_STORAGE_GET_F_CREATE; init: host bytes of a value, or NULL for zeros. */
uint64_t map_storage(struct map *m, uint64_t object, const void *init, uint64_t flags);
int map_storage_delete(struct map *m, uint64_t object);
/* The old kinds, [percpu_]cgroup_storage: made if there is none; map_cgroup_gone: detached. */
uint64_t map_cgroup_storage(struct map *m, uint64_t cgroup, uint32_t attach_type);
void map_cgroup_gone(struct map *m, uint64_t cgroup, uint32_t attach_type);

/* bpf_get_stackid: n return addresses, the innermost first; the id, or -EEXIST and others. */
int64_t map_stack_id(struct map *m, const uint64_t *ips, uint32_t n, uint64_t flags);

/* Ring buffers.  reserve: the address of a record (a REGION_RECORD), 0: full or too large. */
uint64_t map_ring_reserve(struct map *m, uint64_t size, uint64_t flags);
void map_ring_commit(struct map *m, uint64_t addr, uint64_t flags, bool discard);
int map_ring_output(struct map *m, const void *data, uint64_t size, uint64_t flags);
uint64_t map_ring_query(struct map *m, uint64_t what);
/* The map whose reserved record begins at addr; NULL: none does. */
struct map *map_ring_of(struct world *w, uint64_t addr);
/* Records reserved and neither submitted nor discarded: how many, which a run must end with. */
uint32_t map_ring_open(const struct map *m);

/*
 * User ring buffers: the next sample user space has written, until map_user_ring_done();
 * -ENODATA: none, -EAGAIN: a discarded one was skipped, -EINVAL, -E2BIG: user space wrote nonsense.
 */
int map_user_ring_peek(struct map *m, const void **data, uint32_t *len);
void map_user_ring_done(struct map *m);

/* perf_event_output: to the event at `flags & BPF_F_INDEX_MASK`, or of this CPU. */
int map_perf_output(struct map *m, uint64_t flags, const void *data, uint64_t size);
/* Takes the oldest record map_objects.perf_output did not get; false: there is none.  The bytes
 * are the caller's to read until the map is used again. */
struct map_perf_record {
	unsigned int cpu;
	uint32_t size;
	uint64_t time; /* ns since boot */
	const void *data;
};
bool map_perf_next(struct map *m, struct map_perf_record *rec);

/* A socket, known by its cookie, into a sockmap or sockhash. */
int map_put_socket(struct map *m, const void *key, uint64_t cookie, uint64_t flags);

/* Where redirects go: ifindex, CPU or socket at a key of devmap, cpumap, xskmap, and the program
 * that entry runs (not referenced, or NULL); -ENOENT: none. */
int map_redirect_target(struct map *m, const void *key, uint64_t *target, struct prog **prog);

/* Arenas: the region (max_entries pages) and the pages in use; page -1: any.  The first page, or
 * a negative errno. */
struct region *map_arena_region(struct map *m);
int64_t map_arena_alloc(struct map *m, int64_t page, uint32_t n);
int map_arena_free(struct map *m, uint32_t page, uint32_t n);
