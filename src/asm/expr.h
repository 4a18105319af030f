// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Constant expressions: the operators of C on exact integers, names, fields, functions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/num.h"

struct parser;

struct value {
	struct num num;
	const char *s; /* what was written */
	uint32_t len;
	bool bits;	  /* it was a lone hexadecimal or binary number, which may stand for bits */
	uint32_t type;	  /* of the field, when it was nothing but T.f; else 0 */
	uint8_t bitfield; /* width, when that field is one */
	uint32_t bit_off; /* where it begins */
	const struct core_ref *core; /* set by the loader: nothing is computed with it */
};

int expr_read(struct parser *p, struct value *v);
/* What stands behind a register, or where only a distance can stand: `+ 4`, `- 8 + T.f`. */
int expr_sum(struct parser *p, struct value *v);

/* -EINVAL with "%s must be between ..." when it is not. */
int value_in(struct parser *p, const struct value *v, int64_t min, uint64_t max, const char *what);
int value_fail(struct parser *p, const struct value *v, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* expr_read() and value_in(). */
int expr_in(struct parser *p, struct value *v, int64_t min, uint64_t max, const char *what);
