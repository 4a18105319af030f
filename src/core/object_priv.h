// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the object files share. */
#pragma once

#include "core/buf.h"
#include "core/object.h"

struct bpf_map;
struct bpf_program;

struct object {
	struct bpf_object *bpf;
	struct types *types; /* borrows bpf's */
	char *name;
	struct object_opts opts; /* its strings are gone after opening */
	struct bpf_program **progs;
	struct bpf_map **maps;
	/* Of keys and values: libbpf forgets them when it makes a map whose kernel takes none. */
	struct object_map_types {
		uint32_t key, value;
	} * map_types;
	size_t nr_progs, nr_maps;
	char **logs;	     /* of each program, NULL: none */
	struct buf warnings; /* libbpf's, a line each, the first one first */
	struct object_blame blame;
	char message[400]; /* blame.message */
};

/* The first warning without its prefix, "" if there is none; buf is returned. */
const char *object_warning(const struct object *o, char *buf, size_t size);

/*
 * In front of the kernel while libbpf works for an object: hears its words, and remembers the
 * calls that failed.
 */
struct watch {
	struct sys_backend base;
	struct object *o;
	/* The last BPF_PROG_LOAD that failed for a program of the object. */
	struct {
		const struct bpf_program *prog; /* NULL: none failed */
		uint32_t type, attach_type, nr_insns;
		int code;    /* positive errno */
		void *lines; /* struct bpf_line_info, as given to the kernel */
		uint32_t nr_lines;
	} load;
	/* The last BPF_MAP_CREATE that failed. */
	struct {
		int code; /* positive errno, 0: none failed */
		uint32_t type, key_size, value_size, max_entries, flags;
		char name[16];
	} map;
};

void watch_begin(struct watch *w, struct object *o);
void watch_end(struct watch *w);
