// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rows of isa.def, for the files that walk them: look-up, printer, parser, tests. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/isa.h"

/* How operands are written, and which fields they fill. */
enum shape {
	ALU,	/* dst += imm|src; also 32 bits wide */
	NEG,	/* dst = -dst */
	MOVSX,	/* dst = (s8)src */
	CAST,	/* dst = addr_space_cast(src, to, from) */
	PERCPU, /* dst = &(void __percpu *)(src) */
	END,	/* dst = le16 dst; the width is imm */
	ABS,	/* r0 = *(u16 *)skb[imm] */
	IND,	/* r0 = *(u16 *)skb[src + imm] */
	LDX,	/* dst = *(u32 *)(src + off) */
	LDSX,	/* the same with a signed type */
	ST,	/* *(u32 *)(dst + off) = imm */
	STX,	/* *(u32 *)(dst + off) = src */
	ATOMIC, /* lock *(u32 *)(dst + off) += src */
	FETCH,	/* src = atomic_fetch_add((u32 *)(dst + off), src) */
	XCHG,	/* src = atomic_xchg(...), r0 = atomic_cmpxchg(..., r0, src) */
	ACQ,	/* dst = load_acquire((u32 *)(src + off)) */
	REL,	/* store_release((u32 *)(dst + off), src) */
	IMM64,	/* dst = imm ll */
	PSEUDO, /* dst = map[fd:7]: ld_imm64 with src set */
	JA,	/* goto off */
	JAL,	/* gotol imm */
	JX,	/* gotox dst */
	JCOND,	/* if dst == src|imm goto off */
	HELPER, /* call imm */
	CALL,	/* call imm, with off for those who use it */
	BARE,	/* exit */
	SHAPES
};

enum {
	F_DST = 1,
	F_SRC = 2,
	F_OFF = 4,
	F_IMM = 8,
	F_VALUE = 16, /* src or imm, as bit 3 of the code says */
	F_HIGH = 32,  /* imm of the second slot; of dumps only */

	CODE_WIDTH = 0x03, /* flipped between the 64- and the 32-bit class */
	CODE_REG = 0x08,   /* set: the operand is a register */
	CODE_SIZE = 0x18,  /* of memory accesses */

	SIZE_W = 0x00,
	SIZE_H = 0x08,
	SIZE_B = 0x10,
	SIZE_DW = 0x18,
};

struct shape_info {
	uint8_t vary;  /* bits of the code that differ between the variants of a row */
	uint8_t sizes; /* of the access: bit (code >> 3 & 3) */
	uint8_t fields;
};
extern const struct shape_info isa_shapes[SHAPES];

#define INSN(id, ...) ROW_##id,
enum row_id {
#include "asm/isa.def"
	ROW_COUNT
};

struct isa_row {
	uint8_t shape;
	uint8_t code, src;
	bool also; /* shares the code of the row before */
	uint8_t cpu;
	int16_t off;
	int32_t imm;
	const char *op, *mnemonic;
};
extern const struct isa_row isa_rows[ROW_COUNT];

/* The row ignoring register numbers above 10, which only the kernel's own code has. */
const struct isa_row *isa_find_any(const struct insn *in);

static inline bool is_32bit(uint8_t code) /* of ALU, NEG, MOVSX, JCOND */
{
	return (code & 7) == 4 || (code & 7) == 6;
}

static inline unsigned int size_bytes(uint8_t code)
{
	return (const uint8_t[]){ 4, 2, 1, 8 }[code >> 3 & 3];
}
