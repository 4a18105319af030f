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
struct world;

struct btf {
	struct kobj obj;
	uint8_t *data; /* header, types, strings: what info returns */
	size_t len;
	const struct btf_type **types; /* by number; [0] is void */
	uint32_t n;
	const char *strings;
	size_t strings_len;
	struct btf *base; /* split BTF: numbers and strings go on from there; or NULL */
	bool is_kernel;
	char name[64]; /* "vmlinux" */
};

/* Checks and copies.  0, or the negative errno BPF_BTF_LOAD fails with and its log. */
int btf_new(const void *data, size_t len, struct btf *base, struct buf *log, struct btf **btf);

const struct btf_type *btf_type(const struct btf *b, uint32_t id); /* NULL: no such type */
const char *btf_name(const struct btf *b, uint32_t off);
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
