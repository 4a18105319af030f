// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What arithmetic and comparisons mean, once for the interpreter and for the load check, which
 * computes with constants.  Semantics are Linux's: shift amounts are masked, division by zero
 * gives 0, the remainder by zero the dividend, and the smallest number divided by -1 itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * X(name, type, what dst becomes); 32-bit results zero the upper half.  The first list is what
 * compilers emit most, and what pairs are made of (sim/op.h).
 */
#define ALU_HOT(X)                                                                                 \
	X(mov, uint64_t, s)                                                                        \
	X(add, uint64_t, d + s)                                                                    \
	X(sub, uint64_t, d - s)                                                                    \
	X(mul, uint64_t, d *s)                                                                     \
	X(or, uint64_t, d | s)                                                                     \
	X(xor, uint64_t, d ^ s)                                                                    \
	X(mov32, uint32_t, s)                                                                      \
	X(add32, uint32_t, d + s)                                                                  \
	X(mul32, uint32_t, d *s)                                                                   \
	X(or32, uint32_t, d | s)                                                                   \
	X(xor32, uint32_t, d ^ s)

#define ALU_REST(X)                                                                                \
	X(and, uint64_t, d &s)                                                                     \
	X(lsh, uint64_t, d << (s & 63))                                                            \
	X(rsh, uint64_t, d >> (s & 63))                                                            \
	X(arsh, uint64_t, (int64_t)d >> (s & 63))                                                  \
	X(neg, uint64_t, 0 - d)                                                                    \
	X(div, uint64_t, s ? d / s : 0)                                                            \
	X(mod, uint64_t, s ? d % s : d)                                                            \
	X(sdiv, uint64_t, s + 1 > 1 ? (uint64_t)((int64_t)d / (int64_t)s) : 0 - (s & d))           \
	X(smod, uint64_t, s + 1 > 1 ? (uint64_t)((int64_t)d % (int64_t)s) : ~s & d)                \
	X(movs8, uint64_t, (int8_t)s)                                                              \
	X(movs16, uint64_t, (int16_t)s)                                                            \
	X(movs32, uint64_t, (int32_t)s)                                                            \
	X(low16, uint64_t, (uint16_t)d)                                                            \
	X(low32, uint64_t, (uint32_t)d)                                                            \
	X(same, uint64_t, d)                                                                       \
	X(swap16, uint64_t, __builtin_bswap16((uint16_t)d))                                        \
	X(swap32, uint64_t, __builtin_bswap32((uint32_t)d))                                        \
	X(swap64, uint64_t, __builtin_bswap64(d))                                                  \
	X(sub32, uint32_t, d - s)                                                                  \
	X(and32, uint32_t, d &s)                                                                   \
	X(lsh32, uint32_t, d << (s & 31))                                                          \
	X(rsh32, uint32_t, d >> (s & 31))                                                          \
	X(arsh32, uint32_t, (int32_t)d >> (s & 31))                                                \
	X(neg32, uint32_t, 0 - d)                                                                  \
	X(div32, uint32_t, s ? d / s : 0)                                                          \
	X(mod32, uint32_t, s ? d % s : d)                                                          \
	X(sdiv32, uint32_t, s + 1 > 1 ? (uint32_t)((int32_t)d / (int32_t)s) : 0 - (s & d))         \
	X(smod32, uint32_t, s + 1 > 1 ? (uint32_t)((int32_t)d % (int32_t)s) : ~s & d)              \
	X(mov32s8, uint32_t, (int8_t)s)                                                            \
	X(mov32s16, uint32_t, (int16_t)s)

/* X(name, condition on d and s, as unsigned; D and S, signed); each has a twin for 32 bits. */
#define CMP_OPS(X)                                                                                 \
	X(jeq, d == s)                                                                             \
	X(jgt, d > s)                                                                              \
	X(jge, d >= s)                                                                             \
	X(jset, (d & s) != 0)                                                                      \
	X(jne, d != s)                                                                             \
	X(jsgt, D > S)                                                                             \
	X(jsge, D >= S)                                                                            \
	X(jlt, d < s)                                                                              \
	X(jle, d <= s)                                                                             \
	X(jslt, D < S)                                                                             \
	X(jsle, D <= S)

#define ALU_FN(name, type, expr)                                                                   \
	static inline uint64_t alu_##name(uint64_t d64, uint64_t s64)                              \
	{                                                                                          \
		type d = (type)d64, s = (type)s64;                                                 \
                                                                                                   \
		(void)d, (void)s;                                                                  \
		return (type)(expr);                                                               \
	}
ALU_HOT(ALU_FN)
ALU_REST(ALU_FN)
#undef ALU_FN

#define CMP_FN(name, expr)                                                                         \
	static inline bool cmp_##name(uint64_t d, uint64_t s)                                      \
	{                                                                                          \
		int64_t D = (int64_t)d, S = (int64_t)s;                                            \
                                                                                                   \
		(void)D, (void)S;                                                                  \
		return expr;                                                                       \
	}                                                                                          \
	static inline bool cmp_##name##32(uint64_t d64, uint64_t s64)                              \
	{                                                                                          \
		uint32_t d = (uint32_t)d64, s = (uint32_t)s64;                                     \
		int32_t D = (int32_t)d, S = (int32_t)s;                                            \
                                                                                                   \
		(void)D, (void)S;                                                                  \
		return expr;                                                                       \
	}
CMP_OPS(CMP_FN)
#undef CMP_FN
