// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The work of the commonest ops, as functions from which handlers of one and of two are made. */
#pragma once

#include "sim/op.h"

/*
 * A step does the work of *op and returns true; or false, having done nothing, when the memory
 * needs op_slow_mem().
 */
#define STEP_ALU(name, ...)                                                                        \
	static inline bool step_##name(struct op *op, struct vm *vm)                               \
	{                                                                                          \
		(void)vm;                                                                          \
		*op->dst = alu_##name(get(op->dst), *op->src);                                     \
		return true;                                                                       \
	}
ALU_HOT(STEP_ALU)
ALU_REST(STEP_ALU)
#undef STEP_ALU

#define STEP_IMM(name)                                                                             \
	static inline bool step_##name##_k(struct op *op, struct vm *vm)                           \
	{                                                                                          \
		(void)vm;                                                                          \
		*op->dst = alu_##name(get(op->dst), op->imm);                                      \
		return true;                                                                       \
	}
ALU_IMM(STEP_IMM)
#undef STEP_IMM

#define STEP_LOAD(name, type)                                                                      \
	static inline bool step_##name(struct op *op, struct vm *vm)                               \
	{                                                                                          \
		uint64_t at = *op->src - op->lo;                                                   \
		type v;                                                                            \
                                                                                                   \
		(void)vm;                                                                          \
		if (unlikely(at >= op->lim))                                                       \
			return false;                                                              \
		memcpy(&v, op->host + at, sizeof(v));                                              \
		*op->dst = (uint64_t)v;                                                            \
		return true;                                                                       \
	}

#define STEP_STORE(name, type)                                                                     \
	static inline bool step_st##name(struct op *op, struct vm *vm)                             \
	{                                                                                          \
		uint64_t at = *op->dst - op->lo;                                                   \
		type v = (type)*op->src;                                                           \
                                                                                                   \
		(void)vm;                                                                          \
		if (unlikely(at >= op->lim))                                                       \
			return false;                                                              \
		memcpy(op->host + at, &v, sizeof(v));                                              \
		return true;                                                                       \
	}

/* Of the stack.  Bounds and alignment, and that the bytes were written, the load check knows. */
#define STEP_LOAD_FP(name, type)                                                                   \
	static inline bool step_##name(struct op *op, struct vm *vm)                               \
	{                                                                                          \
		type v;                                                                            \
                                                                                                   \
		memcpy(&v, vm->fp + op->off, sizeof(v));                                           \
		*op->dst = (uint64_t)v;                                                            \
		return true;                                                                       \
	}

/* That they were written, it does not. */
#define STEP_LOAD_CHECKED(name, type)                                                              \
	static inline bool step_##name(struct op *op, struct vm *vm)                               \
	{                                                                                          \
		uint32_t bits = op->init_bits;                                                     \
		type v;                                                                            \
                                                                                                   \
		if (unlikely((vm->fp[op->init_at] & bits) != bits))                                \
			return false;                                                              \
		memcpy(&v, vm->fp + op->off, sizeof(v));                                           \
		*op->dst = (uint64_t)v;                                                            \
		return true;                                                                       \
	}

#define STEP_STORE_FP(name, type, k)                                                               \
	static inline bool step_stfp##name(struct op *op, struct vm *vm)                           \
	{                                                                                          \
		type v = (type)*op->src;                                                           \
                                                                                                   \
		if ((k) == 3)                                                                      \
			vm->fp[op->init_at] = 0xff;                                                \
		else                                                                               \
			vm->fp[op->init_at] |= (uint8_t)op->init_bits;                             \
		memcpy(vm->fp + op->off, &v, sizeof(v));                                           \
		return true;                                                                       \
	}

#define STEP_MEM(name, type, k)                                                                    \
	STEP_LOAD(ld##name, type)                                                                  \
	STEP_STORE(name, type)                                                                     \
	STEP_LOAD_FP(ldfp##name, type)                                                             \
	STEP_LOAD_CHECKED(ldck##name, type)                                                        \
	STEP_STORE_FP(name, type, k)
MEM_OPS(STEP_MEM)
#undef STEP_MEM

#define STEP_LDS(name, type, k)                                                                    \
	STEP_LOAD(lds##name, type)                                                                 \
	STEP_LOAD_FP(ldsfp##name, type)                                                            \
	STEP_LOAD_CHECKED(ldsck##name, type)
LDS_OPS(STEP_LDS)
#undef STEP_LDS

/* A taken jump.  What is left can only run out backwards, and so every loop is stopped. */
#define OP_TAKE(op_)                                                                               \
	do {                                                                                       \
		struct op *from_ = (op_);                                                          \
		left -= from_->count;                                                              \
		if (unlikely(left < 0))                                                            \
			OP_TAIL(op_over_budget, from_);                                            \
		OP_GO((struct op *)((char *)from_ + from_->jump));                                 \
	} while (0)
