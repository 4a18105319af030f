// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Live links: what is attached where. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct ksyms;

/* Kinds of a link of type perf_event; the numbers are the kernel's. */
enum link_perf {
	LINK_PERF_UNKNOWN, /* before Linux 6.6 the kernel does not say */
	LINK_PERF_UPROBE,
	LINK_PERF_URETPROBE,
	LINK_PERF_KPROBE,
	LINK_PERF_KRETPROBE,
	LINK_PERF_TRACEPOINT,
	LINK_PERF_EVENT,
};

/* A function of a multi link. */
struct link_func {
	uint64_t addr; /* uprobe_multi: offset in the file */
	uint64_t cookie, ref_ctr_offset;
	const char *name, *module; /* after link_resolve(); NULL: unknown */
};

/* The comments name the types that have a field; elsewhere it is 0 or NULL. */
struct link_info {
	uint32_t id, type, prog_id;
	uint32_t attach_type;	  /* tracing cgroup netns tcx netkit sockmap */
	uint32_t prog_type;	  /* tracing */
	enum link_perf perf;	  /* perf_event */
	bool retprobe;		  /* perf_event kprobe, uprobe; kprobe_multi, uprobe_multi */
	char *name;		  /* tracepoint, iterator target, function, path */
	uint64_t cookie;	  /* raw_tracepoint tracing perf_event */
	uint32_t target_obj_id;	  /* tracing: BTF object, or program of an ext program */
	uint32_t target_btf_id;	  /* tracing */
	uint64_t cgroup_id;	  /* cgroup; iter over cgroups */
	uint32_t order;		  /* iter over cgroups */
	uint32_t map_id;	  /* iter over a map; struct_ops sockmap */
	uint32_t tid, pid;	  /* iter over tasks; pid: uprobe_multi */
	uint32_t netns_ino;	  /* netns */
	uint32_t ifindex;	  /* xdp tcx netkit; 0: the device is gone */
	char devname[16];	  /* the same; "" if this namespace has no such device */
	uint32_t pf, hook, flags; /* netfilter */
	int32_t priority;	  /* netfilter */
	uint64_t addr;		  /* perf_event kprobe */
	uint64_t offset;	  /* perf_event kprobe, uprobe */
	uint64_t ref_ctr_offset;  /* perf_event uprobe */
	uint64_t missed;	  /* perf_event kprobe; kprobe_multi */
	uint32_t event_type;	  /* perf_event event */
	uint64_t event_config;	  /* perf_event event */
	struct link_func *funcs;  /* kprobe_multi uprobe_multi */
	uint32_t nr_funcs;
};

int link_info_read(int fd, struct link_info *i, struct err *e);
void link_info_free(struct link_info *i);
#define auto_link_info __attribute__((cleanup(link_info_free))) /* struct link_info i = {} */
/* Names of the functions of a kprobe_multi link; they belong to k. */
void link_resolve(struct link_info *i, const struct ksyms *k);

/* Every link, by ascending id; see obj_each(). */
int link_each(int (*fn)(const struct link_info *i, int fd, void *arg), void *arg, struct err *e);

/* Ends the attachment now, whoever holds the link. */
int link_detach(int fd, struct err *e);
/* Another program (struct_ops: map) in place of the present one; old_fd -1: whatever that is. */
int link_update(int fd, int new_fd, int old_fd, struct err *e);

/* "device veth0", "tracepoint sys_enter_openat", "cgroup id 1234": where it is attached. */
void link_target(const struct link_info *i, struct buf *to);

/* Names as bpftool has them; NULL for a number that has none. */
const char *link_iter_order(uint32_t order);
const char *link_perf_type(uint32_t type);
const char *link_perf_config(uint32_t type, uint64_t config, char buf[64]);
/* "ipv4", "prerouting"; NULL: unknown. */
const char *link_nf_family(uint32_t pf);
const char *link_nf_hook(uint32_t pf, uint32_t hook);
