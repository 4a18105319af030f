// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables of the handlers of pairs: one table per kind that may come first. */
#pragma once

#include "sim/op.h"
#include "sim/op_step.h"

/* What may follow arithmetic and loads: everything common. */
#define PAIRS_ALL(ALU, IMM, MEM, FP, CMP, CMP_K)                                                   \
	ALU_HOT(ALU) ALU_IMM(IMM) MEM_OPS(MEM) FP_HOT(FP) CMP_HOT(CMP) CMP_IMM(CMP_K)
/* What often follows stores, and comparisons that do not jump. */
#define PAIRS_SOME(ALU, IMM, MEM, FP, CMP, CMP_K)                                                  \
	ALU(mov)                                                                                   \
	ALU(or) IMM(mov) IMM(add) IMM(and) MEM_OPS(MEM) FP_HOT(FP) CMP(jgt) CMP_K(jeq) CMP_K(jne)

/* X(kind, comparison, operand): the comparisons that begin pairs. */
#define CMP_FIRSTS(X)                                                                              \
	X(jeq_k, jeq, op->imm)                                                                     \
	X(jne_k, jne, op->imm)                                                                     \
	X(jgt_k, jgt, op->imm)                                                                     \
	X(jeq32_k, jeq32, op->imm) X(jne32_k, jne32, op->imm) X(jgt, jgt, *op->src)

#define PAIRS(name, ...) extern op_fn *const pairs_##name[OP_PAIRED];
#define PAIRS_IMM(name) PAIRS(name##_k)
#define PAIRS_MEM(name, ...) PAIRS(ld##name) PAIRS(st##name)
#define PAIRS_FP(name, ...) PAIRS(ldfp##name) PAIRS(stfp##name)
ALU_HOT(PAIRS)
ALU_IMM(PAIRS_IMM)
MEM_OPS(PAIRS_MEM)
FP_HOT(PAIRS_FP)
CMP_FIRSTS(PAIRS)
#undef PAIRS
#undef PAIRS_IMM
#undef PAIRS_MEM
#undef PAIRS_FP
