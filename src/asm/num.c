// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sign and magnitude; the bitwise operators see two's complement with the sign going on for ever.
 */
#include "asm/num.h"

#include "asm/lex.h"

#define MOST_NEGATIVE ((uint64_t)1 << 63)

static enum num_status make(struct num *r, uint64_t mag, bool neg)
{
	r->mag = mag;
	r->neg = neg && mag;
	return r->neg && mag > MOST_NEGATIVE ? NUM_OVERFLOW : NUM_OK;
}

int num_compare(struct num a, struct num b)
{
	int by_mag = a.mag < b.mag ? -1 : a.mag > b.mag;

	if (a.neg != b.neg)
		return a.neg ? -1 : 1;
	return a.neg ? -by_mag : by_mag;
}

static enum num_status add(struct num a, struct num b, struct num *r)
{
	uint64_t sum;

	if (a.neg != b.neg)
		return a.mag >= b.mag ? make(r, a.mag - b.mag, a.neg)
				      : make(r, b.mag - a.mag, b.neg);
	if (__builtin_add_overflow(a.mag, b.mag, &sum))
		return NUM_OVERFLOW;
	return make(r, sum, a.neg);
}

static enum num_status subtract(struct num a, struct num b, struct num *r)
{
	b.neg = !b.neg; /* -0 is harmless here */
	return add(a, b, r);
}

static enum num_status multiply(struct num a, struct num b, struct num *r)
{
	uint64_t product;

	if (__builtin_mul_overflow(a.mag, b.mag, &product))
		return NUM_OVERFLOW;
	return make(r, product, a.neg != b.neg);
}

static enum num_status divide(int op, struct num a, struct num b, struct num *r)
{
	if (!b.mag)
		return NUM_DIV_ZERO;
	if (op == '/')
		return make(r, a.mag / b.mag, a.neg != b.neg);
	return make(r, a.mag % b.mag, a.neg);
}

static enum num_status shift(int op, struct num a, struct num b, struct num *r)
{
	unsigned int n = (unsigned int)b.mag;

	if (b.neg || b.mag > 63)
		return NUM_BAD_SHIFT;
	if (op == T_SHL)
		return multiply(a, num_u64((uint64_t)1 << n), r);
	if (!a.neg)
		return make(r, a.mag >> n, false);
	return make(r, ((a.mag - 1) >> n) + 1, true); /* rounds down, as arithmetic shifts do */
}

static bool bit_op(int op, bool a, bool b)
{
	return op == '&' ? a && b : op == '|' ? a || b : a != b;
}

static enum num_status bitwise(int op, struct num a, struct num b, struct num *r)
{
	uint64_t x = num_bits(a), y = num_bits(b);
	uint64_t bits = op == '&' ? x & y : op == '|' ? x | y : x ^ y;
	bool neg = bit_op(op, a.neg, b.neg);

	if (neg && !bits)
		return NUM_OVERFLOW; /* -2^64 */
	return make(r, neg ? -bits : bits, neg);
}

static enum num_status compare(int op, struct num a, struct num b, struct num *r)
{
	int c = num_compare(a, b);
	bool is = op == '<'	? c < 0
		  : op == '>'	? c > 0
		  : op == T_LE	? c <= 0
		  : op == T_GE	? c >= 0
		  : op == T_EQ	? c == 0
		  : op == T_NE	? c != 0
		  : op == T_AND ? a.mag && b.mag
				: a.mag || b.mag;

	return make(r, is, false);
}

enum num_status num_binary(int op, struct num a, struct num b, struct num *result)
{
	switch (op) {
	case '+':
		return add(a, b, result);
	case '-':
		return subtract(a, b, result);
	case '*':
		return multiply(a, b, result);
	case '/':
	case '%':
		return divide(op, a, b, result);
	case T_SHL:
	case T_SHR:
		return shift(op, a, b, result);
	case '&':
	case '|':
	case '^':
		return bitwise(op, a, b, result);
	default:
		return compare(op, a, b, result);
	}
}

enum num_status num_unary(int op, struct num a, struct num *result)
{
	if (op == '!')
		return make(result, !a.mag, false);
	if (op == '~' && !a.neg && a.mag >= MOST_NEGATIVE) /* it has 64 bits, and no sign */
		return make(result, ~a.mag, false);
	if (op == '~') { /* -a - 1 */
		enum num_status status = make(result, a.mag, !a.neg);

		return status != NUM_OK ? status : subtract(*result, num_u64(1), result);
	}
	return make(result, a.mag, !a.neg);
}
