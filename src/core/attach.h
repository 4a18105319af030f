// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Attaching programs: one row per kind.  What is attached is kept by a descriptor, so that it ends
 * with the process whatever ends that, or pinned, so that it stays.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/net.h"

struct bpf_link;
struct err;
struct object;

/* What the command line says about where; a row takes what is for it. */
struct attach_opts {
	const char *dev;    /* xdp, tcx: name or index of a device */
	const char *netns;  /* the namespace the device is in */
	const char *cgroup; /* of cgroup programs, for rows to come */
	enum xdp_mode mode; /* xdp */
	uint32_t pid;	    /* uprobes and USDT: only this process; 0: all */
	uint64_t cookie;    /* what bpf_get_attach_cookie() gives */
	bool nomount;	    /* do not mount tracefs */
};

struct attach_kind;

/* Something attached. */
struct attachment {
	int fd;	      /* the link; on kernels without perf links the perf event; -1: none */
	bool is_link; /* fd is a link: it can be pinned and asked about */
	const struct attach_kind *kind; /* NULL: libbpf attached it */
	struct bpf_link *lib;		/* then: libbpf's own, which has fd */
	char target[256];		/* "device veth0, native mode"; for people */
};
#define ATTACHMENT_INIT                                                                            \
	{                                                                                          \
		.fd = -1                                                                           \
	}
/* Ends it, unless it is pinned. */
void attachment_close(struct attachment *a);
#define auto_attachment __attribute__((cleanup(attachment_close)))
int attachment_pin(const struct attachment *a, const char *path, bool nomount, struct err *e);

struct attach_kind {
	const char *name;   /* "tracepoint" */
	const char *target; /* "GROUP/NAME", for help */
	const char *help;
	const char *since;	  /* kernel */
	const char *prog_types;	  /* libbpf's names, with blanks between */
	const char *attach_types; /* likewise; NULL: any */
	bool typed;		  /* only if the program was loaded with one of those */
	bool on_device;		  /* the target is a network device, --dev */
	unsigned int need;	  /* capabilities, NEED_x of probe.h */
	/* target is what stands at its place on the command line or behind the slash of a section.
	 */
	int (*attach)(int prog_fd, const char *target, const struct attach_opts *opts,
		      struct attachment *a, struct err *e);
};
extern const struct attach_kind attach_kinds[]; /* ends with name NULL */

/* By name; usage error with near names. */
const struct attach_kind *attach_kind(const char *name, struct err *e);
/* The kind for a program's types; NULL: none here. */
const struct attach_kind *attach_kind_for(uint32_t prog_type, uint32_t attach_type);

/* A loaded program to a target.  A program of another type than the kind takes is class input. */
int attach_prog(const struct attach_kind *kind, int prog_fd, const char *target,
		const struct attach_opts *opts, struct attachment *a, struct err *e);

/*
 * A program of a loaded object to what its section says, the options filling in what that leaves
 * open.  1: attached, 0: programs of this section are not attached to anything (called by others,
 * run by request), negative: error.
 */
int attach_object_prog(struct object *o, size_t prog, const struct attach_opts *opts,
		       struct attachment *a, struct err *e);
