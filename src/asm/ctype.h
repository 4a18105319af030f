// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* C types of a source: declared structs, unions and enums, and what is built from them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctype_kind {
	CT_VOID,
	CT_INT,
	CT_FLOAT,
	CT_PTR,
	CT_ARRAY,
	CT_STRUCT,
	CT_UNION,
	CT_ENUM,    /* size 8: becomes BTF_KIND_ENUM64 */
	CT_TYPEDEF, /* be16, ip4, mac ...: a name that tells readers how to print the value */
	CT_CONST,
};

enum { CT_SIGNED = 1, CT_CHAR = 2, CT_BOOL = 4 }; /* flags of CT_INT; CT_SIGNED also of CT_ENUM */

struct cmember {
	const char *name; /* "" for an anonymous struct or union member */
	uint32_t type;
	uint32_t bit_off; /* from the start of the struct */
	uint8_t bits;	  /* width of a bitfield, else 0 */
};

struct cenumerator {
	const char *name;
	int64_t value; /* bit pattern */
};

struct ctype {
	enum ctype_kind kind;
	uint8_t flags;
	uint32_t size; /* bytes */
	uint32_t align;
	const char *name; /* NULL: anonymous */
	uint32_t ref;	  /* PTR, ARRAY element, TYPEDEF, CONST: the type beneath */
	uint32_t n;	  /* ARRAY elements; members or enumerators */
	struct cmember *members;
	struct cenumerator *values;
	uint32_t pos;
};

/*
 * A table of types; a type is its index.  Index 0 is void.  Names, members and values live in
 * the table's own memory.  The base types of the language (u8 ... s64, char, bool, be16, be32,
 * be64, ip4, ip6, mac, cidr4, cidr6 and the __u8 ... spellings) are there from the start.
 */
struct ctypes;

struct ctypes *ctypes_new(void); /* NULL: no memory */
void ctypes_freep(struct ctypes **t);

const struct ctype *ctype_get(const struct ctypes *t, uint32_t type);
size_t ctypes_count(const struct ctypes *t);

/* By tag or typedef name; "struct x", "union x", "enum x" are looked up without the keyword. */
bool ctype_find(const struct ctypes *t, const char *name, size_t len, uint32_t *type);

/* These return the type, an existing equal one where there is one; UINT32_MAX: no memory. */
uint32_t ctype_ptr(struct ctypes *t, uint32_t to);
uint32_t ctype_const(struct ctypes *t, uint32_t of);
uint32_t ctype_array(struct ctypes *t, uint32_t of, uint32_t n);
/* A new struct, union or enum; its name must not be taken.  Fill it with the two below. */
uint32_t ctype_new(struct ctypes *t, enum ctype_kind kind, const char *name, size_t len,
		   uint32_t pos);
/* Lays the member out by the rules of C on the BPF target; bits 0: not a bitfield. */
int ctype_member(struct ctypes *t, uint32_t to, const char *name, size_t len, uint32_t type,
		 unsigned int bits);
int ctype_value(struct ctypes *t, uint32_t to, const char *name, size_t len, int64_t value);
/* Trailing padding; packed_align 0 is the natural one. */
void ctype_finish(struct ctypes *t, uint32_t type);

/* Without typedefs and const. */
uint32_t ctype_strip(const struct ctypes *t, uint32_t type);

/* A field named by path: "a.b[2].c", through anonymous members.  *member keeps the last step. */
struct cfield {
	uint32_t type;
	uint32_t off; /* bytes */
	uint8_t bits; /* bitfield width, 0 if none */
	uint32_t bit_off;
};
bool ctype_field(const struct ctypes *t, uint32_t type, const char *name, size_t len,
		 struct cfield *f); /* one step: a name, no dots */
