// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Maps twice: of the mock kernel and, where we may, of the real one.  An operation is done on
 * both and what comes back is compared.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/map.h"
#include "sim/map_prog.h"
#include "sim/prog.h"
#include "sim/space.h"
#include "sim/world.h"
#include "test.h"
#include "uapi/names.h"

#define MAPS_VALUE 4096 /* room for a value of all CPUs */

/* Descriptors of objects both kernels have. */
struct maps_fds {
	int prog, prog2, map, udp, xsk, perf, cgroup, pid, file;
};

struct maps_rig {
	struct world w;
	struct map_objects objects;
	struct maps_fds fd;
	struct prog prog, prog2; /* what fd.prog and fd.prog2 are in the mock */
	struct map *inner;	 /* fd.map */
	unsigned int cpus;
};

static inline void maps_no_release(struct kobj *o)
{
	(void)o;
}

static inline int maps_bad_fd(int fd, int otherwise)
{
	return fcntl(fd, F_GETFD) < 0 ? -EBADF : otherwise;
}

static inline int maps_get_map(void *arg, int fd, struct map **m)
{
	struct maps_rig *r = arg;

	if (fd != r->fd.map || !r->inner)
		return maps_bad_fd(fd, -EINVAL);
	*m = kobj_get(&r->inner->obj);
	return 0;
}

static inline int maps_get_prog(void *arg, int fd, struct prog **p)
{
	struct maps_rig *r = arg;

	if (fd < 0 || (fd != r->fd.prog && fd != r->fd.prog2))
		return maps_bad_fd(fd, -EINVAL);
	*p = kobj_get(fd == r->fd.prog ? &r->prog.obj : &r->prog2.obj);
	return 0;
}

/* As the kernel looks at sockets; the others are known by their descriptors. */
static inline int maps_get_file(void *arg, enum map_file kind, int fd, uint64_t *key)
{
	struct maps_rig *r = arg;
	socklen_t len = sizeof(*key);
	int want = kind == MAP_FILE_PERF     ? r->fd.perf
		   : kind == MAP_FILE_CGROUP ? r->fd.cgroup
		   : kind == MAP_FILE_PIDFD  ? r->fd.pid
					     : fd;

	if (kind == MAP_FILE_REUSEPORT) {
		int on = 0;

		len = sizeof(on);
		if (getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, &len) || !on)
			return -EINVAL;
		len = sizeof(*key);
		return getsockopt(fd, SOL_SOCKET, SO_COOKIE, key, &len) ? -errno : 0;
	}
	if (kind == MAP_FILE_SOCKET || kind == MAP_FILE_XSK) {
		if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, key, &len))
			return -errno;
		return kind == MAP_FILE_XSK && fd != r->fd.xsk ? -EOPNOTSUPP : 0;
	}
	*key = (uint64_t)fd;
	return fd == want && fcntl(fd, F_GETFD) >= 0 ? 0 : -EBADF;
}

static inline unsigned int maps_possible_cpus(void)
{
	auto_file FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	unsigned int first = 0, last = 0;

	if (!f || fscanf(f, "%u-%u", &first, &last) < 1)
		return 1;
	return last + 1;
}

static inline void maps_init(struct maps_rig *r)
{
	*r = (struct maps_rig){ .fd = { -1, -1, -1, -1, -1, -1, -1, -1, -1 } };
	r->w.space = space_new();
	r->w.cpus = maps_possible_cpus();
	r->w.clock.boot_ns = 1000;
	r->objects = (struct map_objects){ .arg = r,
					   .get_map = maps_get_map,
					   .get_prog = maps_get_prog,
					   .get_file = maps_get_file };
	r->prog.type = r->prog2.type = UAPI_PROG_socket_filter;
	r->prog.obj = r->prog2.obj =
		(struct kobj){ .kind = KOBJ_PROG, .id = 77, .refs = 1, .release = maps_no_release };
}

static inline void maps_free(struct maps_rig *r)
{
	int *fds = (int *)&r->fd;

	for (size_t i = 0; i < sizeof(r->fd) / sizeof(int); i++)
		closep(&fds[i]);
	if (r->inner)
		kobj_put(&r->inner->obj);
	space_free(r->w.space);
}

static inline int maps_bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr)) < 0 ? -errno : 0;
}

/* Whether the kernel lets us make and read maps. */
static inline const char *maps_no_kernel(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_LRU_HASH, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	auto_fd int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	return fd < 0 ? "needs CAP_BPF" : NULL;
}

/* A descriptor, or -errno.  inner: of maps of maps; btf: of storages. */
static inline int maps_kernel_new(const struct map_spec *s, int inner, int btf)
{
	union bpf_attr attr = { .map_type = s->type,
				.key_size = s->key_size,
				.value_size = s->value_size,
				.max_entries = s->max_entries,
				.map_flags = s->flags,
				.inner_map_fd = inner < 0 ? 0 : (uint32_t)inner,
				.numa_node = s->numa_node,
				.map_ifindex = s->ifindex,
				.btf_fd = btf < 0 ? 0 : (uint32_t)btf,
				.btf_key_type_id = s->btf_key_type,
				.btf_value_type_id = s->btf_value_type,
				.btf_vmlinux_value_type_id = s->btf_vmlinux_value_type,
				.map_extra = s->extra };
	int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
}

/* BTF of one type, int; -1. */
static inline int maps_btf(void)
{
	static const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t hdr_len, type_off, type_len, str_off, str_len;
		uint32_t types[4];
		char strings[5];
	} btf = { .magic = 0xeb9f,
		  .version = 1,
		  .hdr_len = 24,
		  .type_len = 16,
		  .str_off = 16,
		  .str_len = 5,
		  .types = { 1, 1 << 24, 4, 1 << 24 | 32 },
		  .strings = "\0int" };
	union bpf_attr attr = { .btf = (uintptr_t)&btf, .btf_size = 24 + 16 + 5 };

	return (int)syscall(SYS_bpf, BPF_BTF_LOAD, &attr, sizeof(attr));
}

/* ---- operations --------------------------------------------------------------------------- */

enum maps_op {
	OP_LOOKUP,
	OP_UPDATE,
	OP_DELETE,
	OP_NEXT,
	OP_TAKE,
	OP_FREEZE,
	OP_BATCH_LOOKUP,
	OP_BATCH_TAKE,
	OP_BATCH_UPDATE,
	OP_BATCH_DELETE,
	OPS
};

static inline const char *maps_op_name(enum maps_op op)
{
	static const char *const names[] = { "lookup",	     "update",	   "delete",
					     "next",	     "take",	   "freeze",
					     "batch lookup", "batch take", "batch update",
					     "batch delete" };

	return names[op];
}

struct maps_args {
	const void *key; /* or keys; or where a batch goes on */
	void *value;	 /* in and out, or the next key */
	uint64_t flags, batch_flags;
	void *keys, *out;
	uint32_t count;
};

static inline int maps_mock(struct map *m, enum maps_op op, struct maps_args *a)
{
	struct map_batch_args b = { .in = a->key,
				    .out = a->out,
				    .keys = a->keys,
				    .values = a->value,
				    .count = a->count,
				    .elem_flags = a->flags,
				    .flags = a->batch_flags };
	static const enum map_batch kinds[] = { MAP_BATCH_LOOKUP, MAP_BATCH_LOOKUP_DELETE,
						MAP_BATCH_UPDATE, MAP_BATCH_DELETE };
	int r;

	switch (op) {
	case OP_LOOKUP:
		return map_user_lookup(m, a->key, a->value, a->flags);
	case OP_UPDATE:
		return map_user_update(m, a->key, a->value, a->flags);
	case OP_DELETE:
		return map_user_delete(m, a->key);
	case OP_NEXT:
		return map_user_next(m, a->key, a->value);
	case OP_TAKE:
		return map_user_take(m, a->key, a->value, a->flags);
	case OP_FREEZE:
		return map_user_freeze(m);
	default:
		r = map_batch(m, kinds[op - OP_BATCH_LOOKUP], &b);
		a->count = b.count;
		return r;
	}
}

static inline int maps_kernel_batch(int fd, enum maps_op op, struct maps_args *a)
{
	static const int cmds[] = { BPF_MAP_LOOKUP_BATCH, BPF_MAP_LOOKUP_AND_DELETE_BATCH,
				    BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH };
	union bpf_attr attr = { .batch = { .in_batch = (uintptr_t)a->key,
					   .out_batch = (uintptr_t)a->out,
					   .keys = (uintptr_t)a->keys,
					   .values = (uintptr_t)a->value,
					   .count = a->count,
					   .map_fd = (uint32_t)fd,
					   .elem_flags = a->flags,
					   .flags = a->batch_flags } };
	int r;

	if (op == OP_BATCH_UPDATE || op == OP_BATCH_DELETE)
		attr.batch.in_batch = attr.batch.out_batch = 0;
	r = maps_bpf(cmds[op - OP_BATCH_LOOKUP], &attr);
	a->count = attr.batch.count;
	return r;
}

static inline int maps_kernel(int fd, enum maps_op op, struct maps_args *a)
{
	static const int cmds[] = { BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM,
				    BPF_MAP_GET_NEXT_KEY, BPF_MAP_LOOKUP_AND_DELETE_ELEM };
	union bpf_attr attr = { .map_fd = (uint32_t)fd,
				.key = (uintptr_t)a->key,
				.value = op == OP_DELETE ? 0 : (uintptr_t)a->value,
				.flags = op == OP_DELETE || op == OP_NEXT ? 0 : a->flags };

	if (op >= OP_BATCH_LOOKUP)
		return maps_kernel_batch(fd, op, a);
	if (op == OP_FREEZE) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)fd;
		return maps_bpf(BPF_MAP_FREEZE, &attr);
	}
	return maps_bpf(cmds[op], &attr);
}
