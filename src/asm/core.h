// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Values that the loader sets for the kernel it finds (CO-RE): T::f, and the functions of such
 * fields, types and enumerators.  One stands alone as the number of an arithmetic instruction, an
 * assignment or an argument, or as the offset of a memory access; the instruction gets a record.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/kernel_types.h"

struct near;
struct parser;
struct tok;
struct value;

/* `T::f[2].g`, from T on. */
int core_field(struct parser *p, struct value *v);
bool core_is_function(const struct tok *name);
/* `byte_size(T::f)` and its like, from the name on. */
int core_function(struct parser *p, struct value *v);
/* The function that asks this; NULL for CORE_BYTE_OFFSET, which is T::f alone. */
const char *core_name(enum core_kind kind);
void core_near_functions(struct near *n);
/* -EINVAL: something is computed with the value, which is not known yet. */
int core_alone(struct parser *p, const struct value *v);

/*
 * How a bitfield is read: a load of `size` bytes at `off`, shifted left and then right in a
 * register of 64 bits.
 */
struct bit_read {
	uint32_t off, size, left, right;
};
struct bit_read bits_read(bool big_endian, uint32_t bit_off, uint32_t bits, uint32_t type_size);
/* `r1 = *(r2 + T.f)` and `T::f` of a bitfield. */
struct mem;
int core_load_bits(struct parser *p, uint8_t dst, const struct mem *m);

/* A struct of the source or the kernel, by the name that the token is; goes behind it. */
int core_type(struct parser *p, uint32_t *type);
/* Its member by that name, *index the direct one it is in; -ENOENT without a complaint. */
struct cfield;
int core_member(struct parser *p, uint32_t type, const struct tok *name, struct cfield *f,
		uint32_t *index);

/* The kernel's types (kernel.c). */
/* By name; 0, -ENOENT, or fail_memory(). */
int kernel_find(struct parser *p, const char *name, uint32_t len, uint32_t *type);
/* Makes sure that the members of a struct are there. */
int kernel_members(struct parser *p, uint32_t type);
