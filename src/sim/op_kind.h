// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kinds of ops.  Arithmetic and comparisons are listed in sim/alu.h, with what they mean;
 * here are the other lists, and which of all deserve to be parts of pairs.
 */
#pragma once

#include <linux/bpf.h>

#include "sim/alu.h"

#define MEM_OPS(X) X(b, uint8_t, 0) X(h, uint16_t, 1) X(w, uint32_t, 2) X(dw, uint64_t, 3)
#define LDS_OPS(X) X(b, int8_t, 0) X(h, int16_t, 1) X(w, int32_t, 2)
/* Of the stack: pairs are made of the first. */
#define FP_HOT(X) X(w, uint32_t, 2) X(dw, uint64_t, 3)
#define FP_REST(X) X(b, uint8_t, 0) X(h, uint16_t, 1)

/* Operations that are common enough with an immediate to have it without a detour. */
#define ALU_IMM(X) X(mov) X(add) X(and) X(lsh) X(rsh) X(add32) X(lsh32) X(rsh32)
#define CMP_IMM(X) X(jeq) X(jne) X(jgt) X(jlt) X(jset) X(jeq32) X(jne32) X(jgt32) X(jlt32)
/* With registers; decode turns > into < round, and the like, and leaves these. */
#define CMP_HOT(X) X(jeq) X(jne) X(jgt) X(jge) X(jeq32) X(jne32)
#define CMP_REST(X)                                                                                \
	X(jset)                                                                                    \
	X(jsgt)                                                                                    \
	X(jsge)                                                                                    \
	X(jlt)                                                                                     \
	X(jle)                                                                                     \
	X(jslt)                                                                                    \
	X(jsle)                                                                                    \
	X(jgt32) X(jge32) X(jset32) X(jsgt32) X(jsge32) X(jlt32) X(jle32) X(jslt32) X(jsle32)

/* X(name, insn.imm) */
#define ATOMIC_OPS(X)                                                                              \
	X(atomic_add, BPF_ADD)                                                                     \
	X(atomic_or, BPF_OR)                                                                       \
	X(atomic_and, BPF_AND)                                                                     \
	X(atomic_xor, BPF_XOR)                                                                     \
	X(fetch_add, BPF_ADD | BPF_FETCH)                                                          \
	X(fetch_or, BPF_OR | BPF_FETCH)                                                            \
	X(fetch_and, BPF_AND | BPF_FETCH)                                                          \
	X(fetch_xor, BPF_XOR | BPF_FETCH)                                                          \
	X(xchg, BPF_XCHG)                                                                          \
	X(cmpxchg, BPF_CMPXCHG)

/*
 * Those that pairs are made of come first: arithmetic, loads and stores of plain memory, of the
 * stack at a constant offset, and comparisons.
 */
enum op_kind {
#define KIND(name, ...) OP_##name,
#define KIND_IMM(name) OP_##name##_k,
#define KIND_MEM(name, ...) OP_ld##name, OP_st##name,
#define KIND_FP(name, ...) OP_ldfp##name, OP_stfp##name,
#define KIND_CHECKED(name, ...) OP_ldck##name,
#define KIND_LDS(name, ...) OP_lds##name, OP_ldsfp##name, OP_ldsck##name,
#define KIND_ATOMIC(name, ...) OP_##name##_w, OP_##name##_dw,
#define KIND_ORDERED(name, ...) OP_acquire_##name, OP_release_##name,
	ALU_HOT(KIND) ALU_IMM(KIND_IMM) MEM_OPS(KIND_MEM) FP_HOT(KIND_FP)
		OP_CMP, /* comparisons begin here */
	OP_before_cmp = OP_CMP - 1,
	CMP_HOT(KIND) CMP_IMM(KIND_IMM) OP_PAIRED, /* the kinds that pairs are made of end here */
	OP_before_rest = OP_PAIRED - 1,
	CMP_REST(KIND) OP_AFTER_CMP,
	OP_before_alu = OP_AFTER_CMP - 1,
	ALU_REST(KIND) FP_REST(KIND_FP) MEM_OPS(KIND_CHECKED) LDS_OPS(KIND_LDS)
		ATOMIC_OPS(KIND_ATOMIC) MEM_OPS(KIND_ORDERED)
#undef KIND
#undef KIND_IMM
#undef KIND_MEM
#undef KIND_FP
#undef KIND_CHECKED
#undef KIND_LDS
#undef KIND_ATOMIC
#undef KIND_ORDERED
			OP_cast,
	OP_imm64,
	OP_ja,
	OP_may_goto,
	OP_ld_abs,
	OP_ld_ind,
	OP_helper,
	OP_call,
	OP_call_light,
	OP_exit,
	OP_exit_light,
	OP_dead, /* what the load check found unreachable, and second slots */
	OP_KINDS,
};
