// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock kernel from the inside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "core/uapi.h"
#include "core/uapi_info.h"
#include "sim/btf.h"
#include "sim/fault.h"
#include "sim/kern.h"
#include "sim/kern_net.h"
#include "sim/kern_perf.h"
#include "sim/kobj.h"
#include "sim/map.h"
#include "sim/prog.h"
#include "sim/world.h"

#define KERN_ATTR_SIZE 168 /* of union bpf_attr in Linux 6.18 */
#define KERN_ENOTSUPP 524

/* ---- objects by number --------------------------------------------------------------------- */

struct kern_ids {
	struct kobj **v; /* by id */
	size_t n, cap;
	uint32_t last; /* handed out: numbers are not used again before they wrap */
};

/* ---- descriptors --------------------------------------------------------------------------- */

enum kern_file_kind {
	FILE_OBJECT,
	FILE_PERF,  /* of perf_event_open */
	FILE_STATS, /* BPF_ENABLE_STATS */
	FILE_DIR,   /* a directory of the mock's bpffs */
	FILE_NETNS,
	FILE_NETLINK, /* a socket */
};

/* A memfd that stands for something, known again by its inode. */
struct kern_file {
	enum kern_file_kind kind;
	uint64_t dev, ino;
	struct kobj *obj;	    /* FILE_OBJECT: a reference */
	uint64_t config;	    /* FILE_PERF: attr.config, or the offset of a probe */
	uint32_t type;		    /* FILE_PERF: attr.type */
	uint32_t perf_type;	    /* FILE_PERF: UAPI_PERF_x */
	struct kobj *perf_prog;	    /* FILE_PERF: the attached program; a reference */
	char *path;		    /* of FILE_DIR, FILE_NETx; of a probe the file or function */
	struct kern_perf_ring ring; /* FILE_PERF */
	uint8_t *answer;	    /* FILE_NETLINK: what is still to be read */
	size_t answer_len;
	int own_fd; /* the object's own descriptor of the file, which is no user's; -1 */
	bool seen;
};

/* A pin, or a directory (obj NULL). */
struct kern_pin {
	char *path;
	struct kobj *obj; /* a reference */
	uint32_t mode;
};

/* ---- links --------------------------------------------------------------------------------- */

struct kern_link {
	struct kobj obj;
	uint32_t type; /* enum bpf_link_type */
	uint32_t attach_type;
	struct prog *prog; /* a reference; NULL: of struct_ops */
	struct map *map;   /* struct_ops, sockmap, iter of a map; a reference, or NULL */
	uint64_t target;   /* ifindex, cgroup id, inode of a netns, id of a program; 0: gone */
	uint32_t target_btf;
	uint64_t cookie;
	char *name; /* tracepoint, iterator, function, file */
	uint32_t flags, pf, hook;
	int32_t priority;
	uint32_t perf_type; /* UAPI_PERF_x */
	uint64_t offset;    /* perf uprobe, kprobe */
	struct kern_many {
		uint64_t *addrs, *refs, *cookies; /* n each, or NULL */
		uint32_t n, pid;
	} many; /* kprobe_multi, uprobe_multi */
};

/* What PROG_ATTACH has attached, without a link. */
struct kern_attached {
	uint32_t attach_type, flags;
	uint64_t target;
	struct prog *prog; /* a reference */
};

struct kern {
	struct world world;
	bool world_made;
	struct map_objects objects;
	struct kern_ids ids[KOBJ_KINDS];
	struct kern_file *files;
	size_t nr_files, cap_files;
	struct kern_pin *pins; /* by path */
	size_t nr_pins, cap_pins;
	struct kern_attached *attached;
	size_t nr_attached, cap_attached;
	struct kern_net net;
	const void *vmlinux_data;
	size_t vmlinux_len;
	struct btf *vmlinux; /* once somebody asked */
	struct vm_fault fault;
	unsigned int stats; /* open descriptors of ENABLE_STATS */
	bool by_id;	    /* programs name maps and BTF by id: they come from a saved state */
	uint64_t revision;
};

/* ---- a call -------------------------------------------------------------------------------- */

/* The attributes of a bpf(2) call: copied in, completed with zeros. */
struct call {
	struct kern *k;
	_Alignas(8) uint8_t attr[KERN_ATTR_SIZE];
	uint64_t user; /* where they came from */
	uint32_t size;
};

/* Memory of the caller, which may not be there: 0 or -EFAULT. */
int user_read(void *to, uint64_t from, size_t n);
int user_write(uint64_t to, const void *from, size_t n);
/* Whether [from, from + n) of the caller is zero: 0, -E2BIG, -EFAULT. */
int user_zero(uint64_t from, size_t n);
/* A string of at most max bytes, terminator included: 0, -EFAULT, or too_long. */
int user_string(char *to, uint64_t from, size_t max, int too_long);
/* n bytes into new memory (*p, the caller's): 0, -EFAULT, -ENOMEM. */
int user_take(void **p, uint64_t from, size_t n);
/* Writes bytes of attr back, as far as the caller's is that long. */
int call_put(struct call *c, size_t off, size_t n);
#define CALL_PUT(c, type, member)                                                                  \
	call_put(c, offsetof(struct type, member), sizeof(((struct type *)0)->member))

/* ---- parts --------------------------------------------------------------------------------- */

/* Gives it an id and the kernel's marks; `id` 0: the next one.  0 or -ENOMEM, -EEXIST. */
int kern_add(struct kern *k, struct kobj *o, uint32_t id);
struct kobj *kern_by_id(const struct kern *k, enum kobj_kind kind, uint32_t id);
/* The lowest id above `id`; 0: none. */
uint32_t kern_next_id(const struct kern *k, enum kobj_kind kind, uint32_t id);

/* A descriptor of the object; takes its own reference.  flags: BPF_F_RDONLY, BPF_F_WRONLY. */
int kern_fd(struct kern *k, struct kobj *o, uint32_t flags);
/* A file that is no object; what *f holds is taken over. */
int kern_fd_other(struct kern *k, const struct kern_file *f, const char *name);
struct kern_file *kern_file(struct kern *k, int fd); /* NULL: none of ours */
int kern_any_fd(const struct kern_file *f);	     /* one that is open; -1: none */
/* -EBADF: no descriptor; -EINVAL: of something else. */
int kern_object(struct kern *k, int fd, enum kobj_kind kind, struct kobj **o);
void kern_sweep(struct kern *k); /* forgets what no descriptor leads to any more */
void kern_files_free(struct kern *k);
/* Gives back the reference of a descriptor or pin; without any left, a map is closed. */
void kern_let_go(struct kern *k, struct kobj *o);

/* Paths of the mock's bpffs, which is mounted at KERN_BPFFS. */
#define KERN_BPFFS "/sys/fs/bpf"
bool kern_is_pin_path(const char *path);
int kern_pin(struct kern *k, const char *path, struct kobj *o); /* NULL: a directory */
struct kern_pin *kern_pin_find(struct kern *k, const char *path);
void kern_unpin(struct kern *k, struct kern_pin *p);
void kern_pins_free(struct kern *k);
int kern_user_path(uint64_t from, char path[4096]); /* read, and without needless slashes */
bool kern_is_pinned(const struct kern *k, const struct kobj *o);
/* System calls with paths: false: not the mock's. */
bool kern_fs_call(struct kern *k, long nr, const unsigned long args[6], long *result);

bool kern_name_ok(const char name[16]); /* letters, digits, _ and . */

int kern_prog_object(struct kern *k, uint32_t fd, struct prog **p);
/* Inode of a cgroup's directory or a network namespace; -EBADF, -EINVAL. */
int kern_target(int fd, uint32_t link_type, uint64_t *id);
/* Whether a program may be attached so: 0 or -EINVAL. */
int kern_attach_check(const struct prog *p, uint32_t attach_type);
uint32_t kern_link_type(uint32_t attach_type); /* 0: none */
int kern_link_new(struct kern *k, uint32_t type, struct prog *p, struct kern_link **l);
void kern_link_gone(struct kern *k, struct kern_link *l); /* of a target */

/* SHA-256, of which programs' tags are the first 8 bytes. */
void kern_sha256(const void *data, size_t n, uint8_t digest[32]);

/* Commands: each gets the call with its attributes checked for a tail of zeros. */
typedef long kern_cmd(struct call *c);
kern_cmd call_map_create, call_map_lookup, call_map_update, call_map_delete, call_map_next,
	call_map_lookup_delete, call_map_freeze, call_map_batch_lookup,
	call_map_batch_lookup_delete, call_map_batch_update, call_map_batch_delete;
kern_cmd call_prog_load, call_prog_test_run, call_prog_bind_map;
kern_cmd call_obj_pin, call_obj_get;
kern_cmd call_prog_attach, call_prog_detach, call_prog_query;
kern_cmd call_link_create, call_link_update, call_link_detach, call_raw_tracepoint_open,
	call_task_fd_query, call_iter_create;
kern_cmd call_btf_load, call_info, call_enable_stats;
