// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * BTF as the mock kernel needs it: checked when it is loaded, then types by number and name,
 * sizes, and members by name.  Objects loaded by BPF_BTF_LOAD, and the kernel's own from a file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kobj.h"

struct btf_type;
struct buf;
struct map_fields;

struct btf {
	struct kobj obj;
	uint8_t *data; /* header, types, strings: what info returns */
	size_t len;
	const struct btf_type **types; /* by number, from `start` on; [0] of the base is void */
	uint32_t n;		       /* numbers there are, those of base included */
	uint32_t start;		       /* the first number of its own; 0 without base */
	const char *strings;
	uint32_t strings_len, strings_start;
	struct btf *base; /* split BTF: numbers and strings go on from there; or NULL */
	bool is_kernel;
	char name[64]; /* "vmlinux" */
};

#define BTF_MAX_SIZE (16u << 20)

/*
 * Checks and copies.  0, or the negative errno BPF_BTF_LOAD fails with and its log; log may be
 * NULL.  Takes a reference of base, which may be NULL.
 */
int btf_new(const void *data, size_t len, struct btf *base, struct buf *log, struct btf **btf);
/* The same for the kernel's own types, of which only the structure is checked. */
int btf_new_kernel(const void *data, size_t len, const char *name, struct btf **btf);

const struct btf_type *btf_type(const struct btf *b, uint32_t id); /* NULL: no such type */
const char *btf_name(const struct btf *b, uint32_t off);	   /* "" for what is no offset */
/* The first type with that kind and name; 0: none. */
uint32_t btf_find(const struct btf *b, unsigned int kind, const char *name);
/* Beneath typedef, const, volatile, restrict and tags. */
uint32_t btf_strip(const struct btf *b, uint32_t id);
/* Bytes of a type; false: it has no size. */
bool btf_size(const struct btf *b, uint32_t id, uint32_t *size);

struct btf_field {
	uint32_t type, bit_off, bit_size; /* bit_size 0: no bitfield */
};
/* A member of a struct or union, those of anonymous ones included. */
bool btf_member(const struct btf *b, uint32_t id, const char *name, struct btf_field *f);

/*
 * What only the kernel may write in values of that type.  0 and *fields (of malloc(), NULL: there
 * is nothing of the kind), or the negative errno BPF_MAP_CREATE fails with.
 */
int btf_map_fields(const struct btf *b, uint32_t id, struct map_fields **fields);
