// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The fields of struct insn.code, and the numbers the installed <linux/bpf.h> may lack. */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>

#include "asm/isa.h"

#define OP_CLASS(code) ((code)&0x07)
#define OP_SIZE(code) ((code)&0x18)
#define OP_MODE(code) ((code)&0xe0)
#define OP_ALU(code) ((code)&0xf0)
#define OP_SRC(code) ((code)&0x08)

enum {
	CLASS_LD = BPF_LD,
	CLASS_LDX = BPF_LDX,
	CLASS_ST = BPF_ST,
	CLASS_STX = BPF_STX,
	CLASS_ALU = BPF_ALU,
	CLASS_JMP = BPF_JMP,
	CLASS_JMP32 = BPF_JMP32,
	CLASS_ALU64 = BPF_ALU64,
};

enum {
	MODE_MEMSX = 0x80,	 /* since 6.6 */
	JMP_JCOND = 0xe0,	 /* since 6.8: may_goto */
	ATOMIC_LOAD_ACQ = 0x100, /* since 6.15 */
	ATOMIC_STORE_REL = 0x110,
	MOV_CAST = 1, /* off of addr_space_cast, since 6.9 */
};

/* log2 of the bytes that a load or store of this code moves. */
static inline unsigned int insn_shift(uint8_t code)
{
	static const uint8_t shift[] = { 2, 1, 0, 3 }; /* W, H, B, DW */

	return shift[OP_SIZE(code) >> 3];
}

static inline bool insn_is_jump(uint8_t code)
{
	return OP_CLASS(code) == CLASS_JMP || OP_CLASS(code) == CLASS_JMP32;
}

/* A jump that names a place in its own function. */
static inline bool insn_is_branch(uint8_t code)
{
	return insn_is_jump(code) && OP_ALU(code) != BPF_CALL && OP_ALU(code) != BPF_EXIT;
}

static inline bool insn_is_imm64(const struct insn *in)
{
	return in->code == INSN_LD_IMM64;
}

static inline bool insn_is_subcall(const struct insn *in)
{
	return in->code == (BPF_JMP | BPF_CALL) && in->src == PSEUDO_CALL;
}

static inline bool insn_is_func(const struct insn *in)
{
	return insn_is_imm64(in) && in->src == PSEUDO_FUNC;
}

/* Distance of a jump's target from the instruction behind it. */
static inline int64_t insn_jump(const struct insn *in)
{
	return in->code == (BPF_JMP32 | BPF_JA) ? in->imm : in->off;
}

/* What both slots of ld_imm64 hold. */
static inline uint64_t insn_imm64(const struct insn in[2])
{
	return (uint32_t)in[0].imm | (uint64_t)(uint32_t)in[1].imm << 32;
}
