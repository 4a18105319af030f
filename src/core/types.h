// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * BTF: types by id and by name, resolved and laid out.
 *
 * What an object file or another process put into BTF is not trusted: ids and names are checked
 * where they are used, and chains of types are followed a limited number of steps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct buf;
struct err;

/* The numbers are BTF's. */
enum type_kind {
	T_VOID,
	T_INT,
	T_PTR,
	T_ARRAY,
	T_STRUCT,
	T_UNION,
	T_ENUM,
	T_FWD,
	T_TYPEDEF,
	T_VOLATILE,
	T_CONST,
	T_RESTRICT,
	T_FUNC,
	T_FUNC_PROTO,
	T_VAR,
	T_DATASEC,
	T_FLOAT,
	T_DECL_TAG,
	T_TYPE_TAG,
	T_ENUM64,
};

enum { TYPE_SIGNED = 1, TYPE_CHAR = 2, TYPE_BOOL = 4 };

struct type {
	uint32_t id;
	enum type_kind kind;
	const char *name;      /* "": anonymous; belongs to the struct types */
	uint32_t size;	       /* INT, FLOAT, ENUM, STRUCT, UNION, DATASEC */
	uint32_t ref;	       /* the type this one is made of; of a FUNC_PROTO what it returns */
	uint32_t n;	       /* members, values, parameters, variables; elements of an ARRAY */
	unsigned int flags;    /* of an INT; TYPE_SIGNED of an ENUM too */
	uint8_t bits, bit_off; /* of an INT */
	bool is_union;	       /* of a FWD */
	int32_t component;     /* of a DECL_TAG: member or parameter, -1 the whole */
	uint32_t linkage;      /* of a FUNC and a VAR */
};

/* A member of a struct or union, a variable of a DATASEC (type: the VAR), a parameter. */
struct type_member {
	const char *name; /* "": anonymous */
	uint32_t type;
	uint64_t bit_off; /* from the start of the whole */
	uint32_t bits;	  /* width of a bitfield, else 0 */
};

struct types;

/* From the kernel by id (module BTF on top of vmlinux), vmlinux, or the bytes of a .BTF section. */
struct types *types_by_id(uint32_t id, struct err *e);
struct types *types_vmlinux(struct err *e);
struct types *types_raw(const void *data, size_t len, struct err *e);
/* For core: BTF that belongs to someone else and outlives the result. */
struct types *types_borrow(struct btf *btf);
struct btf *types_btf(const struct types *t);
void types_freep(struct types **t);
#define auto_types __attribute__((cleanup(types_freep)))

uint32_t types_count(const struct types *t); /* ids are 1 to count - 1 */
/* False if there is no such id; id 0 is void. */
bool types_get(const struct types *t, uint32_t id, struct type *type);
/* i < type.n */
bool types_member(const struct types *t, const struct type *type, uint32_t i,
		  struct type_member *m);
/* Name and value of an enumerator; the value sign-extended from its width. */
bool types_value(const struct types *t, const struct type *type, uint32_t i, const char **name,
		 int64_t *value);

/* By name, of any kind or of one ("struct x" names a struct); 0 if there is none. */
uint32_t types_find(const struct types *t, const char *name);
uint32_t types_find_kind(const struct types *t, const char *name, enum type_kind kind);

/* A string of the BTF, as line information refers to them; "" if there is none. */
const char *types_string(const struct types *t, uint32_t off);

/* The type beneath typedefs, const, volatile, restrict and type tags; false: broken. */
bool types_strip(const struct types *t, uint32_t id, struct type *type);
/* Bytes a value of this type takes, or a negative errno: it has no size. */
int64_t types_size(const struct types *t, uint32_t id);
/* What a member of this type is aligned to in C; 1 if that cannot be told. */
uint32_t types_align(const struct types *t, uint32_t id);

/* "struct flow *", "char[16]", "u32": short, for messages. */
void types_text(const struct types *t, uint32_t id, struct buf *to);
/* "int tp(void * ctx)", spaced as bpftool does, from a FUNC. */
void types_proto(const struct types *t, uint32_t func, struct buf *to);
