// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * .BTF and .BTF.ext of an object: the types of a unit, its functions and variables, and where in
 * the source every instruction comes from.
 *
 * What the language knows and C has no word for is kept in declaration tags, so that it survives
 * linking and loading and any reader finds it:
 *
 *	DECL_TAG "event:NAME" on the VAR of a map	its records are of type NAME (a struct,
 *union or typedef); one tag for each type, in source order DECL_TAG "kind:N" on a STRUCT
 *of the types that share a map, this is the one whose first member, a u32, holds N
 *
 * In C the same is written __attribute__((btf_decl_tag("event:NAME"))).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/strtab.h"
#include "core/buf.h"

struct layout;

#define BTFW_MAX (16u << 20)	   /* bytes of .BTF that the kernel takes */
#define BTFW_SPARE (64u << 10)	   /* of them for names of files and what the loader adds */
#define BTFW_MAX_TYPES 0xfffffu	   /* types, likewise */
#define BTFW_MAX_VLEN 0xffffu	   /* members, enumerators, parameters, variables of a section */
#define BTFW_MAX_BIT_OFF 0xffffffu /* of a member, once its struct has a bitfield */

/* The kinds, as in the kernel's uapi/linux/btf.h. */
enum btfw_kind {
	KIND_INT = 1,
	KIND_PTR = 2,
	KIND_ARRAY = 3,
	KIND_STRUCT = 4,
	KIND_UNION = 5,
	KIND_ENUM = 6,
	KIND_TYPEDEF = 8,
	KIND_CONST = 10,
	KIND_FUNC = 12,
	KIND_FUNC_PROTO = 13,
	KIND_VAR = 14,
	KIND_DATASEC = 15,
	KIND_FLOAT = 16,
	KIND_DECL_TAG = 17,
	KIND_ENUM64 = 19,
};
enum { ENC_SIGNED = 1, ENC_CHAR = 2, ENC_BOOL = 4 };	    /* of INT; the kernel takes one */
enum { LINK_STATIC = 0, LINK_GLOBAL = 1, LINK_EXTERN = 2 }; /* of FUNC and VAR */
#define BTFW_KFLAG (1u << 31)				    /* goes with vlen */

/* BTF being written. */
struct btfw {
	struct buf types;
	struct strtab strs;
	uint32_t nr; /* types: 1 .. nr */
	bool big_endian;
	uint32_t *type_id;   /* of every ctype of the unit */
	uint32_t *prog_func; /* the FUNC of every program and function, in the order of the unit */
};

void btfw_free(struct btfw *w);
#define auto_btfw __attribute__((cleanup(btfw_free)))

/*
 * Begins a type with the three words that all have, and returns its number.  `type` is its size
 * or the type beneath.  name NULL: anonymous.
 */
uint32_t btfw_type(struct btfw *w, const char *name, enum btfw_kind kind, uint32_t vlen,
		   uint32_t type);
void btfw_word(struct btfw *w, uint32_t v); /* what follows */
uint32_t btfw_name(struct btfw *w, const char *name);
uint32_t btfw_int(struct btfw *w, const char *name, uint32_t size, uint32_t encoding);
uint32_t btfw_tag(struct btfw *w, const char *text, uint32_t of);

/*
 * Makes the types of a unit: 0, -ENOMEM, or -EINVAL with a diagnostic when something is larger
 * than BTF can say.  btfw_free() in either case.
 */
int btfw_make(struct btfw *w, const struct layout *lay);

/*
 * Appends .BTF.ext of an object that has programs; lines of the source enter w's strings, so it
 * comes before btfw_write().
 */
int btfw_write_ext(struct btfw *w, const struct layout *lay, struct buf *b);
/* Appends .BTF. */
int btfw_write(const struct btfw *w, struct buf *b);
