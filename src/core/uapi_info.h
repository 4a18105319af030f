// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What BPF_OBJ_GET_INFO_BY_FD fills, as the newest kernel has it; for core only. */
#pragma once

#include <stdint.h>

struct uapi_map_info {
	uint32_t type, id, key_size, value_size, max_entries, map_flags;
	char name[16];
	uint32_t ifindex, btf_vmlinux_value_type_id;
	uint64_t netns_dev, netns_ino;
	uint32_t btf_id, btf_key_type_id, btf_value_type_id, btf_vmlinux_id;
	uint64_t map_extra, hash;
	uint32_t hash_size, pad;
};

struct uapi_prog_info {
	uint32_t type, id;
	uint8_t tag[8];
	uint32_t jited_prog_len, xlated_prog_len;
	uint64_t jited_prog_insns, xlated_prog_insns;
	uint64_t load_time; /* ns since boot */
	uint32_t created_by_uid, nr_map_ids;
	uint64_t map_ids;
	char name[16];
	uint32_t ifindex;
	uint32_t gpl_compatible; /* a bitfield: lowest bit on little endian, highest on big */
	uint64_t netns_dev, netns_ino;
	uint32_t nr_jited_ksyms, nr_jited_func_lens;
	uint64_t jited_ksyms, jited_func_lens;
	uint32_t btf_id, func_info_rec_size;
	uint64_t func_info;
	uint32_t nr_func_info, nr_line_info;
	uint64_t line_info, jited_line_info;
	uint32_t nr_jited_line_info, line_info_rec_size, jited_line_info_rec_size, nr_prog_tags;
	uint64_t prog_tags, run_time_ns, run_cnt, recursion_misses;
	uint32_t verified_insns, attach_btf_obj_id, attach_btf_id, pad;
};

struct uapi_btf_info {
	uint64_t btf;
	uint32_t btf_size, id;
	uint64_t name;
	uint32_t name_len, kernel_btf;
};

/* Kinds of a perf_event link. */
enum {
	UAPI_PERF_UPROBE = 1,
	UAPI_PERF_URETPROBE,
	UAPI_PERF_KPROBE,
	UAPI_PERF_KRETPROBE,
	UAPI_PERF_TRACEPOINT,
	UAPI_PERF_EVENT,
};

struct uapi_link_perf {
	uint32_t type, pad;
	union {
		struct {
			uint64_t file_name;
			uint32_t name_len, offset;
			uint64_t cookie, ref_ctr_offset;
		} uprobe;
		struct {
			uint64_t func_name;
			uint32_t name_len, offset;
			uint64_t addr, missed, cookie;
		} kprobe;
		struct {
			uint64_t tp_name;
			uint32_t name_len, pad;
			uint64_t cookie;
		} tracepoint;
		struct {
			uint64_t config;
			uint32_t type, pad;
			uint64_t cookie;
		} event;
	};
};

struct uapi_link_info {
	uint32_t type, id, prog_id, pad;
	union {
		struct {
			uint64_t tp_name;
			uint32_t tp_name_len, pad;
			uint64_t cookie;
		} raw_tracepoint;
		struct {
			uint32_t attach_type, target_obj_id, target_btf_id, pad;
			uint64_t cookie;
		} tracing;
		struct {
			uint64_t cgroup_id;
			uint32_t attach_type;
		} cgroup;
		struct {
			uint64_t target_name;
			uint32_t target_name_len, map_id;
			union {
				struct {
					uint64_t cgroup_id;
					uint32_t order;
				} cgroup;
				struct {
					uint32_t tid, pid;
				} task;
			};
		} iter;
		struct {
			uint32_t netns_ino, attach_type;
		} netns;
		struct { /* xdp, tcx, netkit */
			uint32_t ifindex, attach_type;
		} dev;
		struct { /* struct_ops, sockmap */
			uint32_t map_id, attach_type;
		} map;
		struct {
			uint32_t pf, hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct {
			uint64_t addrs;
			uint32_t count, flags;
			uint64_t missed, cookies;
		} kprobe_multi;
		struct {
			uint64_t path, offsets, ref_ctr_offsets, cookies;
			uint32_t path_size, count, flags, pid;
		} uprobe_multi;
		struct uapi_link_perf perf_event;
	};
};
