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

enum {
	CT_SIGNED = 1,	/* CT_INT, CT_ENUM */
	CT_CHAR = 2,	/* CT_INT */
	CT_BOOL = 4,	/* CT_INT */
	CT_PACKED = 8,	/* CT_STRUCT, CT_UNION: no padding */
	CT_KERNEL = 16, /* CT_STRUCT, CT_UNION: as a kernel has it, found by T::f only */
};

struct cmember {
	const char *name; /* "" for an anonymous struct or union member */
	uint32_t type;
	uint32_t bit_off; /* from the start of the struct */
	uint8_t bits;	  /* width of a bitfield, else 0 */
	bool used;	  /* of a CT_KERNEL struct: an object describes those only */
	bool is_func;	  /* a pointer that a struct_ops fills with a program */
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
	uint32_t kernel_id; /* CT_KERNEL: where its members come from; 0: they are there */
};

/*
 * A table of types; a type is its index.  Index 0 is void.  Names, members and values live in
 * the table's own memory, and what ctype_get() returns stays where it is.  From the start there
 * are the types of C ("unsigned int"), with CT_TYPEDEFs of them for u8 ... s64, __u8 ... __s64,
 * bool, be16, be32, be64, __be16 ... and for values that are read in a way of their own: ip4, ip6,
 * mac, cidr4, cidr6.
 */
struct ctypes;

struct ctypes *ctypes_new(void); /* NULL: no memory */
void ctypes_freep(struct ctypes **t);

const struct ctype *ctype_get(const struct ctypes *t, uint32_t type);
size_t ctypes_count(const struct ctypes *t);

/* By tag or typedef name; "struct x", "union x", "enum x" are looked up without the keyword. */
bool ctype_find(const struct ctypes *t, const char *name, size_t len, uint32_t *type);
/*
 * A context struct of programs (xdp_md, __sk_buff, pt_regs of the host ...), made when first asked
 * for.  0, -ENOENT or -ENOMEM.
 */
int ctype_context(struct ctypes *t, const char *name, size_t len, uint32_t *type);

#define CTYPE_NONE UINT32_MAX
#define CTYPE_MAX_SIZE (64u << 20) /* bytes of a type */
#define CTYPE_MAX_MEMBERS 65535u   /* BTF counts them in 16 bits */

/*
 * These return the type, an existing equal one where there is one; CTYPE_NONE: no memory.  What
 * an array is made of must be complete, and the size of the whole below CTYPE_MAX_SIZE.
 */
uint32_t ctype_ptr(struct ctypes *t, uint32_t to);
uint32_t ctype_const(struct ctypes *t, uint32_t of);
uint32_t ctype_array(struct ctypes *t, uint32_t of, uint32_t n);
/*
 * A new struct, union or enum; its name must not be taken, len 0: anonymous.  Fill it with what
 * follows.  Until then it is incomplete, which shows as size 0.
 */
uint32_t ctype_new(struct ctypes *t, enum ctype_kind kind, const char *name, size_t len,
		   uint32_t pos);
/* No padding from here on. */
void ctype_pack(struct ctypes *t, uint32_t type);
/*
 * Lays the member out by the rules of C on the BPF target; bits 0: not a bitfield; name NULL:
 * what C skips at `: 3`, or at `: 0`, where the next bitfield begins a new unit.  -E2BIG: above
 * CTYPE_MAX_SIZE or CTYPE_MAX_MEMBERS; or -ENOMEM.
 */
int ctype_member(struct ctypes *t, uint32_t to, const char *name, size_t len, uint32_t type,
		 unsigned int bits);
/* The same at a place the caller knows; offsets must not descend. */
int ctype_member_at(struct ctypes *t, uint32_t to, const char *name, size_t len, uint32_t type,
		    uint32_t off);
/* The same for a kernel's struct, with a bitfield's width; its members are in the order of BTF. */
int ctype_kernel_member(struct ctypes *t, uint32_t to, const char *name, uint32_t type,
			uint32_t bit_off, unsigned int bits);
/*
 * A kernel's struct, union, enum, typedef (of `ref`) or integer (signed: ref 1) of that size, which
 * no name leads to.
 */
uint32_t ctype_kernel(struct ctypes *t, enum ctype_kind kind, const char *name, uint32_t size,
		      uint32_t id, uint32_t ref);
void ctype_kernel_done(struct ctypes *t, uint32_t type); /* all members are there */
void ctype_use(struct ctypes *t, uint32_t type, uint32_t member);
void ctype_use_func(struct ctypes *t, uint32_t type, uint32_t member);
int ctype_value(struct ctypes *t, uint32_t to, const char *name, size_t len, int64_t value);
/* Size, padding, index of the members.  Returns 0 or -ENOMEM. */
int ctype_finish(struct ctypes *t, uint32_t type);

/* Without typedefs and const. */
uint32_t ctype_strip(const struct ctypes *t, uint32_t type);

/* A field, found by one name (no dots), through anonymous members too. */
struct cfield {
	uint32_t type;
	uint32_t off; /* bytes; of a bitfield: of the bit at bit_off */
	uint8_t bits; /* bitfield width, 0 if none */
	uint32_t bit_off;
};
bool ctype_field(const struct ctypes *t, uint32_t type, const char *name, size_t len,
		 struct cfield *f);
