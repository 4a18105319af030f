// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * BPF objects: an ELF image opened, adjusted and loaded, through libbpf.
 *
 * Open, then look and adjust, then load; then descriptors are there.  Dropping the object closes
 * them: what shall live on is attached, pinned, or held elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sys.h"

struct codec;
struct err;
struct object;
struct types;

/* Of the library inside: "1.1". */
const char *object_library_version(void);

struct object_opts {
	const char *name;     /* in messages: the file; maps are named after its beginning */
	const char *btf_path; /* the kernel types to relocate against, instead of the kernel's */
	const char *pin_dir;  /* of maps that say "pinning by name"; NULL: /sys/fs/bpf */
	const char *type;     /* a program type or section name for all its programs */
	bool nomount;	      /* mount no BPF file system for maps that are pinned by name */
	bool relaxed_maps;    /* unknown fields in map definitions are let by */
	uint32_t log_level;   /* the verifier's: 1 instructions, 2 states, 4 statistics */
	/* What libbpf says meanwhile (warnings also become part of errors); may be NULL. */
	void (*say)(void *arg, enum sys_level level, const char *text);
	void *arg;
};

/* image may go away afterwards. */
struct object *object_open(const void *image, size_t len, const struct object_opts *opts,
			   struct err *e);
struct object *object_open_file(const char *path, const struct object_opts *opts, struct err *e);
void object_freep(struct object **o);
#define auto_object __attribute__((cleanup(object_freep)))

/* The object's own types; borrowed; NULL: it has no BTF. */
const struct types *object_types(const struct object *o);
const char *object_name(const struct object *o);

struct object_prog {
	const char *name, *section;
	uint32_t type, attach_type;
	int fd; /* -1 before loading, and if it is not to be loaded */
	bool autoload;
};
size_t object_nr_progs(const struct object *o);
void object_prog(const struct object *o, size_t i, struct object_prog *p);
/* Index of the program of that name; -ENOENT with near names. */
int object_find_prog(const struct object *o, const char *name, struct err *e);
int object_set_autoload(struct object *o, size_t prog, bool autoload, struct err *e);
/* The network device that programs are bound to (offload, metadata). */
void object_set_ifindex(struct object *o, uint32_t ifindex);

struct object_map {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, flags;
	int fd;			       /* -1 before loading */
	bool internal;		       /* made of a section of globals */
	const char *pin_path;	       /* NULL: not pinned by the object */
	uint32_t key_type, value_type; /* in object_types(), 0: not known */
};
size_t object_nr_maps(const struct object *o);
void object_map(const struct object *o, size_t i, struct object_map *m);
/* By its name, or ".data" for globals; -ENOENT with near names. */
int object_find_map(const struct object *o, const char *name, struct err *e);
/* Uses the map behind fd (borrowed) instead of making one; type and sizes must be the same. */
int object_reuse_map(struct object *o, size_t map, int fd, struct err *e);
/*
 * Before loading: makes this map alone, and no program.  A table of maps comes with the other maps,
 * which may be in it from the beginning.
 */
int object_only_map(struct object *o, size_t map, struct err *e);
/* The bytes of an internal map before loading, NULL for others. */
void *object_map_data(struct object *o, size_t map, size_t *size);

/* Maps that say "pinning by name" are made anew and not pinned. */
void object_pin_nothing(struct object *o);

/* A global variable or a part of it ("flow.port", "list[2]"): where it lies. */
struct object_var {
	size_t map;
	uint32_t off; /* in the map's value */
	struct codec *codec, *section;
};
int object_var_open(const struct object *o, const char *path, struct object_var *v, struct err *e);
void object_var_close(struct object_var *v);
#define auto_object_var __attribute__((cleanup(object_var_close))) /* struct object_var v = {} */

/* "NAME=VALUE" for a global variable, "NAME.field=VALUE", "NAME[2]=VALUE"; before loading. */
int object_set(struct object *o, const char *assignment, struct err *e);

/* Where in the source a program was rejected. */
struct object_blame {
	const char *prog;    /* its name; NULL: it was no program that failed */
	long insn;	     /* index of the instruction, -1 if unknown */
	const char *file;    /* "" if unknown, and then line is 0 */
	const char *text;    /* the source line */
	uint32_t line, col;  /* from 1; col 0: unknown */
	const char *message; /* the verifier's last words */
};

/*
 * Makes maps and loads programs.  A program that the verifier rejects is class rejected: e->what
 * ends in its last words, e->detail shows the source line, e->log is the whole log, and
 * object_blame() says the same as data.  Other failures say which capability, policy or kernel
 * feature is missing.
 */
int object_load(struct object *o, struct err *e);
const struct object_blame *object_blame(const struct object *o);

/* The verifier's log of a program, if log_level asked for one and it was loaded; else "". */
const char *object_prog_log(const struct object *o, size_t prog);

/* The object inside, for core/attach.c alone. */
struct bpf_object *object_bpf(const struct object *o);
