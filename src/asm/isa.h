// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The BPF instruction set: one table (isa.def), read by the parser, the encoder, the printer,
 * the manual and the tests.
 *
 *   63            32 31        16 15   12 11    8 7          0
 *  +----------------+------------+-------+-------+------------+
 *  |   imm (s32)    | off (s16)  |  src  |  dst  |    code    |
 *  +----------------+------------+-------+-------+------------+
 *
 * (little endian; big endian stores off and imm big endian and has dst in the high nibble.)
 * ld_imm64, and only it, takes a second slot with code, dst, src, off = 0 and imm = high word.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define INSN_SIZE 8u
#define INSN_LD_IMM64 0x18
#define STACK_SIZE 512 /* MAX_BPF_STACK in the kernel */

struct insn {
	uint8_t code, dst, src;
	int16_t off;
	int32_t imm;
};

/* The src field of ld_imm64 and of call. */
enum {
	PSEUDO_MAP_FD = 1,
	PSEUDO_MAP_VALUE = 2,
	PSEUDO_BTF_ID = 3,
	PSEUDO_FUNC = 4,
	PSEUDO_MAP_IDX = 5,
	PSEUDO_MAP_IDX_VALUE = 6,
	PSEUDO_CALL = 1,
	PSEUDO_KFUNC_CALL = 2,
};

void insn_encode(const struct insn *in, bool big_endian, uint8_t bytes[INSN_SIZE]);
void insn_decode(const uint8_t bytes[INSN_SIZE], bool big_endian, struct insn *in);

/* The row of isa.def an instruction belongs to; NULL: no valid instruction. */
struct isa_row;
const struct isa_row *isa_find(const struct insn *in);
/* First cpu version (1 to 4, LLVM's v1 to v4) that has it; 1 also for what is no instruction. */
unsigned int isa_cpu(const struct insn *in);

enum style { STYLE_KERNEL, STYLE_LLVM, STYLE_MNEMONIC };

/*
 * How operands that only the context can name are printed; each may be NULL, and may return
 * false to have the number printed.  Indices are instruction slots.
 */
struct isa_names {
	void *arg;
	bool (*target)(void *arg, size_t at, int64_t to, struct buf *b); /* jump label */
	bool (*call)(void *arg, size_t at, const struct insn *in,
		     struct buf *b); /* after "call " */
	bool (*imm64)(void *arg, size_t at, const struct insn in[2],
		      struct buf *b); /* map[x], ... */
};

/*
 * The text of one instruction, which the assembler reads back to the same bytes in any style.
 * `at` is its slot, in[0..left) what follows.  Returns the slots used: 1 or 2.
 *
 * Bytes that no spelling stands for (no valid instruction, unused fields that are set, an ld_imm64
 * that lacks its second slot) are printed as `.insn 0xCCsdOOOOIIIIIIII`: code, src, dst, off and
 * imm, a slot each.  r11, the kernel's scratch register, is read back only from what looks like a
 * dump, so that such lines have their opcode in front: `(bf) r11 = r1`.
 */
size_t insn_print(const struct insn *in, size_t left, size_t at, enum style style,
		  const struct isa_names *names, struct buf *b);

/* The slots that the text of one instruction stands for, as insn_print() returns them. */
size_t insn_slots(const struct insn *in, size_t left);
/* Whether it jumps (a call does not), and how far from the slot behind it. */
bool insn_jumps(const struct insn *in, int64_t *distance);
/* `.insn` and the bits of one slot, whatever they are. */
void insn_print_raw(const struct insn *in, struct buf *b);

/*
 * The same behind an opcode assertion, as the kernel prints it: `(b7) r1 = 5`.  64-bit constants
 * need no `ll` then.
 */
size_t insn_print_op(const struct insn *in, size_t left, size_t at, enum style style,
		     const struct isa_names *names, struct buf *b);

/*
 * A whole stream, a line each.  Unlike single instructions the text as a whole is valid: a jump
 * that leaves the stream, or goes into the middle of an ld_imm64, becomes an `.insn` line.
 */
void insns_print(const struct insn *in, size_t n, enum style style, const struct isa_names *names,
		 struct buf *b);

/* Instructions as they lie in a file. */
struct insn_bytes {
	const uint8_t *bytes;
	size_t n; /* slots */
	bool big_endian;
};

/*
 * The same a piece at a time, for streams of any length: appends the lines from slot `at` on, some
 * 100 KiB of them, and returns the slot to go on with, n at the end.
 */
size_t insns_print_bytes(const struct insn_bytes *from, size_t at, enum style style, struct buf *b);
