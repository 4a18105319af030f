// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Handlers of one op each, and which handler belongs to which kind. */
#include "sim/op_pair.h"
#include "sim/op_priv.h"

#define SINGLE(name, ...)                                                                          \
	static op_ret op_##name(OP_ARGS)                                                           \
	{                                                                                          \
		if (unlikely(!step_##name(op, vm)))                                                \
			OP_TAIL(op_slow_mem, op);                                                  \
		OP_NEXT(1);                                                                        \
	}
#define SINGLE_IMM(name) SINGLE(name##_k)
#define SINGLE_MEM(name, ...)                                                                      \
	SINGLE(ld##name) SINGLE(st##name) SINGLE(ldfp##name) SINGLE(ldck##name) SINGLE(stfp##name)
#define SINGLE_LDS(name, ...) SINGLE(lds##name) SINGLE(ldsfp##name) SINGLE(ldsck##name)
#define SINGLE_TEST(kind, name, operand)                                                           \
	static op_ret op_##kind(OP_ARGS)                                                           \
	{                                                                                          \
		if (cmp_##name(*op->dst, operand))                                                 \
			OP_TAKE(op);                                                               \
		OP_NEXT(1);                                                                        \
	}
#define SINGLE_CMP(name) SINGLE_TEST(name, name, *op->src)
#define SINGLE_CMP_IMM(name) SINGLE_TEST(name##_k, name, op->imm)

ALU_HOT(SINGLE)
ALU_IMM(SINGLE_IMM)
ALU_REST(SINGLE)
MEM_OPS(SINGLE_MEM)
LDS_OPS(SINGLE_LDS)
CMP_HOT(SINGLE_CMP)
CMP_REST(SINGLE_CMP)
CMP_IMM(SINGLE_CMP_IMM)

#define ROW(name, ...) [OP_##name] = op_##name,
#define ROW_IMM(name) ROW(name##_k)
#define ROW_MEM(name, ...)                                                                         \
	ROW(ld##name) ROW(st##name) ROW(ldfp##name) ROW(ldck##name) ROW(stfp##name)
#define ROW_LDS(name, ...) ROW(lds##name) ROW(ldsfp##name) ROW(ldsck##name)
#define ROW_ATOMIC(name, ...) ROW(name##_w) ROW(name##_dw)
#define ROW_ORDERED(name, ...) ROW(acquire_##name) ROW(release_##name)
op_fn *const op_single[OP_KINDS] = {
	ALU_HOT(ROW) ALU_IMM(ROW_IMM) ALU_REST(ROW) MEM_OPS(ROW_MEM) LDS_OPS(ROW_LDS) CMP_HOT(ROW)
		CMP_REST(ROW) CMP_IMM(ROW_IMM) ATOMIC_OPS(ROW_ATOMIC) MEM_OPS(ROW_ORDERED) ROW(cast)
			ROW(imm64) ROW(ja) ROW(may_goto) ROW(ld_abs) ROW(ld_ind) ROW(helper)
				ROW(call) ROW(call_light) ROW(exit) ROW(exit_light) ROW(dead)
};

#define PAIRS_OF(name, ...) [OP_##name] = pairs_##name,
#define PAIRS_OF_IMM(name) PAIRS_OF(name##_k)
#define PAIRS_OF_MEM(name, ...) PAIRS_OF(ld##name) PAIRS_OF(st##name)
#define PAIRS_OF_FP(name, ...) PAIRS_OF(ldfp##name) PAIRS_OF(stfp##name)
static op_fn *const *const pairs[OP_PAIRED] = { ALU_HOT(PAIRS_OF) ALU_IMM(PAIRS_OF_IMM) MEM_OPS(
	PAIRS_OF_MEM) FP_HOT(PAIRS_OF_FP) CMP_FIRSTS(PAIRS_OF) };

op_fn *op_pair(enum op_kind a, enum op_kind b)
{
	return a < OP_PAIRED && b < OP_PAIRED && pairs[a] ? pairs[a][b] : NULL;
}
