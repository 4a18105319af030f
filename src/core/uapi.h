// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bpf(2) as the newest kernel has it: one struct per command, for core only.
 *
 * The build machine's linux/bpf.h may be years older than the running kernel, so commands go out
 * in structs of our own.  A zeroed tail that an old kernel does not know is accepted by it; a
 * tail that is not zero gives E2BIG, which is how "kernel too old" shows.
 */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* Commands and flags that Debian 12's header (Linux 6.1) lacks. */
enum {
	UAPI_TOKEN_CREATE = 36,
	UAPI_PROG_STREAM_READ = 37,
};
enum {
	UAPI_F_BEFORE = 1 << 3, /* attach flags */
	UAPI_F_AFTER = 1 << 4,
	UAPI_F_ID = 1 << 5,
	UAPI_F_LINK = 1 << 13,	  /* struct_ops map; relative_fd is a link */
	UAPI_F_PATH_FD = 1 << 14, /* OBJ_PIN, OBJ_GET */
	UAPI_UPROBE_MULTI_RETURN = 1,
	UAPI_KPROBE_MULTI_RETURN = 1,
};

/* A pointer as the kernel wants it. */
static inline uint64_t attr_ptr(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

struct attr_map_create {
	uint32_t map_type, key_size, value_size, max_entries, map_flags;
	uint32_t inner_map_fd, numa_node;
	char map_name[16];
	uint32_t map_ifindex, btf_fd, btf_key_type_id, btf_value_type_id;
	uint32_t btf_vmlinux_value_type_id;
	uint64_t map_extra;
	int32_t value_type_btf_obj_fd, map_token_fd;
};

struct attr_elem { /* MAP_LOOKUP_ELEM, UPDATE, DELETE, GET_NEXT_KEY, LOOKUP_AND_DELETE */
	uint32_t map_fd, pad;
	uint64_t key, value; /* value: next_key of MAP_GET_NEXT_KEY */
	uint64_t flags;
};

struct attr_batch {
	uint64_t in_batch, out_batch, keys, values;
	uint32_t count, map_fd;
	uint64_t elem_flags, flags;
};

struct attr_obj { /* OBJ_PIN, OBJ_GET */
	uint64_t pathname;
	uint32_t bpf_fd, file_flags;
	int32_t path_fd;
};

struct attr_prog_attach { /* PROG_ATTACH, PROG_DETACH */
	uint32_t target, attach_bpf_fd, attach_type, attach_flags, replace_bpf_fd;
	uint32_t relative; /* fd or id */
	uint64_t expected_revision;
};

struct attr_test_run {
	uint32_t prog_fd, retval, data_size_in, data_size_out;
	uint64_t data_in, data_out;
	uint32_t repeat, duration, ctx_size_in, ctx_size_out;
	uint64_t ctx_in, ctx_out;
	uint32_t flags, cpu, batch_size;
};

struct attr_id { /* x_GET_NEXT_ID, x_GET_FD_BY_ID */
	uint32_t id, next_id, open_flags;
	int32_t token_fd;
};

struct attr_info {
	uint32_t bpf_fd, info_len;
	uint64_t info;
};

struct attr_query {
	uint32_t target, attach_type, query_flags, attach_flags;
	uint64_t prog_ids;
	uint32_t count, pad;
	uint64_t prog_attach_flags, link_ids, link_attach_flags, revision;
};

struct attr_raw_tracepoint {
	uint64_t name;
	uint32_t prog_fd, pad;
	uint64_t cookie;
};

struct attr_task_fd_query {
	uint32_t pid, fd, flags, buf_len;
	uint64_t buf;
	uint32_t prog_id, fd_type;
	uint64_t probe_offset, probe_addr;
};

struct attr_multi { /* kprobe_multi */
	uint32_t flags, cnt;
	uint64_t syms, addrs, cookies;
};

struct attr_uprobe_multi {
	uint64_t path, offsets, ref_ctr_offsets, cookies;
	uint32_t cnt, flags, pid;
};

struct attr_link_create {
	uint32_t prog_fd; /* or map_fd */
	uint32_t target;  /* fd or ifindex */
	uint32_t attach_type, flags;
	union {
		struct {
			uint64_t info;
			uint32_t info_len;
		} iter;
		uint64_t perf_cookie;
		struct attr_multi kprobe_multi;
		struct attr_uprobe_multi uprobe_multi;
		struct {
			uint32_t btf_id, pad;
			uint64_t cookie;
		} tracing;
		struct {
			uint32_t pf, hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct { /* tcx, netkit, cgroup */
			uint32_t relative, pad;
			uint64_t expected_revision;
		} chain;
	};
};

struct attr_link_update {
	uint32_t link_fd, new_fd, flags, old_fd;
};

/* ---- beside bpf(2) ------------------------------------------------------------------------- */

/* A record of getdents64(2), which no header of the C library has. */
struct uapi_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t len; /* to the next one */
	uint8_t type;
	char name[];
};

/* The bytes that one takes with a name of n. */
static inline size_t uapi_dirent_len(size_t n)
{
	return (offsetof(struct uapi_dirent, name) + n + 1 + 7) & ~(size_t)7;
}
