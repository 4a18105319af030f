// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions by hand, for tests that must not depend on the assembler. */
#pragma once

#include <linux/bpf.h>
#include <string.h>

#include "asm/isa.h"

#define I(code_, dst_, src_, off_, imm_)                                                           \
	((struct insn){ .code = (uint8_t)(code_),                                                  \
			.dst = (uint8_t)(dst_),                                                    \
			.src = (uint8_t)(src_),                                                    \
			.off = (int16_t)(off_),                                                    \
			.imm = (int32_t)(imm_) })

#define ALU_K(op, d, k) I(BPF_ALU64 | BPF_##op | BPF_K, d, 0, 0, k)
#define ALU_X(op, d, s) I(BPF_ALU64 | BPF_##op | BPF_X, d, s, 0, 0)
#define ALU32_K(op, d, k) I(BPF_ALU | BPF_##op | BPF_K, d, 0, 0, k)
#define ALU32_X(op, d, s) I(BPF_ALU | BPF_##op | BPF_X, d, s, 0, 0)
#define MOV_K(d, k) ALU_K(MOV, d, k)
#define MOV_X(d, s) ALU_X(MOV, d, s)
#define JMP_K(op, d, k, off) I(BPF_JMP | BPF_##op | BPF_K, d, 0, off, k)
#define JMP_X(op, d, s, off) I(BPF_JMP | BPF_##op | BPF_X, d, s, off, 0)
#define JMP32_K(op, d, k, off) I(BPF_JMP32 | BPF_##op | BPF_K, d, 0, off, k)
#define JMP32_X(op, d, s, off) I(BPF_JMP32 | BPF_##op | BPF_X, d, s, off, 0)
#define JA(off) I(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define GOTOL(imm) I(BPF_JMP32 | BPF_JA, 0, 0, 0, imm)
#define MAY_GOTO(off) I(BPF_JMP | 0xe0, 0, 0, off, 0)
#define LDX(size, d, s, off) I(BPF_LDX | BPF_MEM | BPF_##size, d, s, off, 0)
#define LDSX(size, d, s, off) I(BPF_LDX | 0x80 | BPF_##size, d, s, off, 0)
#define STX(size, d, off, s) I(BPF_STX | BPF_MEM | BPF_##size, d, s, off, 0)
#define ST(size, d, off, k) I(BPF_ST | BPF_MEM | BPF_##size, d, 0, off, k)
#define ATOMIC(size, op, d, off, s) I(BPF_STX | BPF_ATOMIC | BPF_##size, d, s, off, op)
#define HELPER_CALL(id) I(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define KFUNC(id) I(BPF_JMP | BPF_CALL, 0, 2, 0, id)
#define CALL(off) I(BPF_JMP | BPF_CALL, 0, 1, 0, off)
#define EXIT I(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define LD_IMM64(d, src, v)                                                                        \
	I(BPF_LD | BPF_IMM | BPF_DW, d, src, 0, (uint32_t)(uint64_t)(v)),                          \
		I(0, 0, 0, 0, (uint32_t)((uint64_t)(v) >> 32))
#define LD_ABS(size, off) I(BPF_LD | BPF_ABS | BPF_##size, 0, 0, 0, off)
#define LD_IND(size, s, off) I(BPF_LD | BPF_IND | BPF_##size, 0, s, 0, off)

/* The eight bytes bpf(2) takes. */
static inline struct bpf_insn kernel_insn(struct insn in)
{
	struct bpf_insn b;

	memset(&b, 0, sizeof(b));
	b.code = in.code;
	b.dst_reg = in.dst & 15;
	b.src_reg = in.src & 15;
	b.off = in.off;
	b.imm = in.imm;
	return b;
}
