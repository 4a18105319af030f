// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Maps of every type, with the errors, flags and capacities of Linux.
 *
 * Two sides use a map.  bpf(2) copies: keys and values in the layout user space knows (a per-CPU
 * map's value is one value of 8 bytes' multiple per possible CPU).  Programs get addresses of
 * the space: each map's values are regions of it; that side is in map_prog.h.
 *
 * Functions return 0 (or what they say), or the negative errno bpf(2) fails with; -MAP_ENOTSUPP is
 * among them.  "Host bytes" are of the caller's, of the size the map's kind has.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kobj.h"

struct map;
struct map_ops;
struct prog;
struct region;
struct world;

#define MAP_ENOTSUPP 524 /* the kernel's internal ENOTSUPP, which user space sees all the same */

enum map_file {
	MAP_FILE_SOCKET,
	MAP_FILE_XSK,	    /* a socket of AF_XDP */
	MAP_FILE_REUSEPORT, /* one with SO_REUSEPORT, else -EINVAL */
	MAP_FILE_CGROUP,
	MAP_FILE_PIDFD,
	MAP_FILE_PERF,
	MAP_FILE_INODE,
};

/*
 * Where values hold what user space writes as a descriptor (inner maps, programs, perf events,
 * cgroups, sockets) the kernel behind bpf(2) finds the object.  A function that is NULL finds
 * nothing: -EBADF.
 */
struct map_objects {
	void *arg;
	/* A reference each, or a negative errno. */
	int (*get_map)(void *arg, int fd, struct map **m);
	int (*get_prog)(void *arg, int fd, struct prog **p);
	/* A descriptor of the machine: socket, cgroup, pidfd, perf event.  *key tells it from all
	 * others of its kind (an inode, a cookie, a pid); nothing is held. */
	int (*get_file)(void *arg, enum map_file kind, int fd, uint64_t *key);
	/* Whether there is such a device: 0, or -EINVAL.  NULL: every ifindex but 0 is one. */
	int (*get_dev)(void *arg, uint32_t ifindex);
	/* bpf_perf_event_output to an event (its key) of this CPU; NULL: map_perf_next() has it. */
	int (*perf_output)(void *arg, uint64_t event, const void *data, uint64_t size);
};

/* Fields of values that the kernel alone may write, as the map's BTF has them. */
enum map_field_kind {
	MAP_FIELD_SPIN_LOCK,
	MAP_FIELD_RES_SPIN_LOCK,
	MAP_FIELD_TIMER,
	MAP_FIELD_WQ,
	MAP_FIELD_TASK_WORK,
	MAP_FIELD_KPTR_UNREF,
	MAP_FIELD_KPTR_REF,
	MAP_FIELD_KPTR_PERCPU,
	MAP_FIELD_UPTR,
	MAP_FIELD_LIST_HEAD,
	MAP_FIELD_RB_ROOT,
	MAP_FIELD_REFCOUNT,
};
struct map_field {
	enum map_field_kind kind;
	uint32_t off, size;
	uint32_t btf_id; /* of kptrs: what they point to */
};
struct map_fields {
	uint32_t n;
	struct map_field field[]; /* by offset */
};

struct map_spec {
	uint32_t type, key_size, value_size, max_entries, flags, numa_node, ifindex;
	uint64_t extra;
	char name[16];
	struct map *inner; /* maps of maps: the template, kept by its shape alone; NULL: none */
	struct map_fields *fields; /* of malloc(); NULL: the value has none */
	uint32_t btf_key_type, btf_value_type, btf_vmlinux_value_type;
	struct kobj *btf; /* a reference, or NULL */
};

struct map {
	struct kobj obj; /* kind, refs = 1 and release are set; id, uid, load_time are kern's */
	const struct map_ops *ops;
	struct world *world;
	const struct map_objects *objects;
	struct map_spec spec; /* as info shows it: flags without BPF_F_RDONLY, BPF_F_WRONLY; inner
				 is NULL */
	struct map_shape *inner; /* of maps of maps: what the template was like */
	struct region *self;	 /* map_addr() makes it */
	bool frozen;		 /* against bpf(2) */
	uint32_t progs;		 /* programs that use it */
	uint32_t writers;	 /* writable mappings of it; such a map cannot be frozen */
	/* Called with a value that has fields before it goes away: cancels timers, puts kptrs. */
	void (*free_fields)(struct map *m, void *value);
};

/*
 * BPF_MAP_CREATE after capabilities, name and BTF: every check of sizes and flags, in the kernel's
 * order.  0 and *m with one reference, and then fields and btf belong to the map; on failure they
 * stay the caller's.  The objects must outlive the map.
 */
int map_new(struct world *w, const struct map_objects *objects, const struct map_spec *spec,
	    struct map **m);
/*
 * The address `map[...]` stands for, of a REGION_MAP whose object is the map; 0: no memory.  Made
 * when first asked for, as are the regions of values: maps no program uses cost no addresses.
 */
uint64_t map_addr(struct map *m);
/* The last descriptor and pin are gone: prog arrays are emptied, perf arrays mostly, too. */
void map_closed(struct map *m);
/* The field of a kind; NULL: none. */
const struct map_field *map_field(const struct map *m, enum map_field_kind kind);
/* Whether values of this type may have such a field: 0, or what BPF_MAP_CREATE fails with. */
int map_field_allowed(uint32_t type, enum map_field_kind kind);

/* --- bpf(2): what user space does --- */

/*
 * key and value are host bytes of map_key_size() and map_user_size(); with key size 0 key must be
 * NULL.  A frozen map answers -EPERM to what writes.
 */
uint32_t map_key_size(const struct map *m);
uint32_t map_user_size(const struct map *m); /* of a value as user space sees it */
int map_user_lookup(struct map *m, const void *key, void *value, uint64_t flags);
int map_user_update(struct map *m, const void *key, const void *value, uint64_t flags);
int map_user_delete(struct map *m, const void *key);
int map_user_next(struct map *m, const void *key, void *next); /* key NULL: the first */
int map_user_take(struct map *m, const void *key, void *value, uint64_t flags);
int map_user_freeze(struct map *m);

enum map_batch { MAP_BATCH_LOOKUP, MAP_BATCH_LOOKUP_DELETE, MAP_BATCH_UPDATE, MAP_BATCH_DELETE };
struct map_batch_args {
	const void *in; /* map_batch_token() bytes: where the last one ended; NULL: the start */
	void *out;
	void *keys, *values; /* user layout, one behind the other */
	uint32_t count;	     /* in: room or entries; out: entries done, whatever is returned */
	uint64_t elem_flags, flags;
};
/* -MAP_ENOTSUPP: not with this type. */
int map_batch(struct map *m, enum map_batch what, struct map_batch_args *a);
uint32_t map_batch_token(const struct map *m);

/*
 * The file behind mmap(2) of the map, to be handed out as its descriptor (duplicated: the map
 * keeps *fd) and mapped at the offsets the kernel has; -MAP_ENOTSUPP: it cannot be mapped.
 *
 *	BPF_F_MMAPABLE array	elements of 8 bytes' multiple, the whole rounded up to pages
 *	ringbuf, user_ringbuf	consumer page | producer page | data | data again
 *	arena			max_entries pages
 */
int map_memfd(struct map *m, int *fd, size_t *len);
/*
 * What a type holds that bpf(2) cannot list, piece by piece, to be kept and put back into a new
 * map of the same spec:
 *
 *	bloom_filter		key: offset (8 bytes), value: the bits there, up to 64 bytes
 *	ringbuf			value: a record that is not consumed; the oldest first
 *	local storages		key: the object (8 bytes; of cgroup_storage 16), value
 */
bool map_is_dumped(const struct map *m); /* it is one of these, and map_undump() works */
typedef void map_piece(void *arg, const void *key, size_t key_len, const void *value, size_t len);
/* Arrays too, without what is zero; to be put back by updates.  False: it has to be listed. */
bool map_dump(struct map *m, map_piece *fn, void *arg);
/* 0; -EINVAL: no such piece. */
int map_undump(struct map *m, const void *key, size_t key_len, const void *value, size_t len);
/* struct_ops with BPF_F_LINK: whether it has its value, and a link may register it. */
bool map_struct_ops_ready(const struct map *m);
/* Whether there is something to read (ring buffers). */
bool map_readable(const struct map *m);
