// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Exact integers from -2^63 to 2^64 - 1: what any field can hold, signed or not. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct num {
	uint64_t mag;
	bool neg; /* never with mag 0 */
};

enum num_status { NUM_OK, NUM_OVERFLOW, NUM_DIV_ZERO, NUM_BAD_SHIFT };

static inline struct num num_u64(uint64_t v)
{
	return (struct num){ v, false };
}

static inline struct num num_s64(int64_t v)
{
	return (struct num){ v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0 };
}

/* As 64 bits, two's complement. */
static inline uint64_t num_bits(struct num n)
{
	return n.neg ? -n.mag : n.mag;
}

static inline bool num_in(struct num n, int64_t min, uint64_t max)
{
	if (n.neg)
		return min < 0 && n.mag <= -(uint64_t)min;
	return n.mag <= max && (min < 0 || n.mag >= (uint64_t)min);
}

int num_compare(struct num a, struct num b); /* <0, 0, >0 */

/* The operators of C, named by their token (lex.h), on integers of any size; 0 for false. */
enum num_status num_binary(int op, struct num a, struct num b, struct num *result);
enum num_status num_unary(int op, struct num a, struct num *result); /* '-', '~', '!' */
