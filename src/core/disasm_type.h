// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Types of an object, and values of them, as the language writes them. */
#pragma once

#include "core/disasm_priv.h"

/* --- types (disasm_type.c, disasm_struct.c) --- */

/* Of a type as it is written; not always that of the object. */
struct dis_form {
	uint64_t size;
	uint32_t align;
};

enum dis_state { TYPE_NEW, TYPE_BUSY, TYPE_OPAQUE, TYPE_DONE, TYPE_FAILED };

/* A struct, union or enum that has been looked at. */
struct dis_declared {
	const char *name;
	enum dis_state state;
	struct dis_form form;
	bool is_event;
	bool is_own;   /* the language's own of that name and size stands for it */
	bool padded;   /* with members that the object does not have, or one of its members is */
	uint32_t kind; /* of an event, plus one; 0: it has none */
};

struct dis_types {
	struct dis_declared *v; /* by the type's number */
	uint32_t n;
	unsigned int depth;
	struct symtab names;   /* of declared types */
	struct symtab kinds;   /* of names behind struct, union, enum: the kind */
	struct symtab structs; /* of the object, by name */
	struct ctypes *lang;   /* what the language has itself */
	struct buf text;
};

struct dis_types *dis_types_new(struct dis *d);
void dis_types_free(struct dis_types *t);
/* The language's own type of that name, a context struct included; NULL: it has none. */
const struct ctype *dis_own_type(const struct dis *d, const char *name);
/* Whether a name can stand behind the keyword of this kind: nothing else has it. */
bool dis_take_tag(struct dis *d, const char *name, enum type_kind kind);
/* A struct of the object by name, 0: there is none. */
uint32_t dis_struct_named(const struct dis *d, const char *name);

#define DIS_MAX_DIMENSIONS 8	 /* the language's */
#define DIS_MAX_SIZE (64u << 20) /* likewise, of a type */

/* Beneath const, arrays, and typedefs the language does not know. */
struct dis_base {
	struct type t;
	const char *alias; /* the last of those typedefs, or NULL */
	const char *known; /* a typedef that the language has, or NULL */
	const char *tag;   /* the last type tag, or NULL */
	uint32_t dims[DIS_MAX_DIMENSIONS];
	unsigned int nr_dims;
	uint64_t n; /* elements in all */
};
bool dis_base(const struct dis *d, uint32_t type, struct dis_base *b);
/* Text of what dis_base() found, but for structs without a name. */
bool dis_put_base(struct dis *d, const struct dis_base *b, struct buf *to, struct dis_form *form);
void dis_put_dims(const struct dis_base *b, struct buf *to);

/*
 * `TYPE NAME[n]`, or without a name; what it needs is declared.  False: the language has nothing
 * of that size, and nothing is written.
 */
bool dis_put_type(struct dis *d, uint32_t type, const char *name, struct buf *to,
		  struct dis_form *form);
/* Declares a struct, union or enum by a name of its own choice if it has none. */
bool dis_need_type(struct dis *d, uint32_t type, const char *wanted);
/*
 * Declares a named one under its own name, which the loader looks it up by, even where the language
 * has a type of that name.  False: the name is taken, or the layout is none of the language.
 */
bool dis_declare_type(struct dis *d, uint32_t type);
/* `TYPE NAME(PARAMETERS)` of a FUNC; of a global one what pointers lead to counts. */
void dis_put_proto(struct dis *d, uint32_t func, const char *name, bool is_global, struct buf *to);
/* Whether a struct was written as bytes, or as it is in the object. */
bool dis_is_opaque(const struct dis *d, uint32_t type);
/* The declarations so far; empty afterwards. */
void dis_take_decls(struct dis *d, struct buf *to);

/* --- initial values (disasm_value.c) --- */

/* ` = VALUE` unless it is all zeros.  False: this type has no value that is these bytes. */
bool dis_put_value(struct dis *d, uint32_t type, const uint8_t *bytes, size_t len, struct buf *to);
/* The same for bytes without a type. */
void dis_put_bytes(const uint8_t *bytes, size_t len, struct buf *to);
/* Characters and a zero behind them, and nothing else. */
bool dis_is_text(const uint8_t *bytes, size_t len);
