// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files of the instruction printer share: a line in the making. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "asm/isa_row.h"

struct buf;

#define LINE_ROOM 128 /* the longest text is about 60 bytes */

/* Written straight into b, behind what it holds; b->len follows when the line is complete. */
struct text {
	const struct insn *in;
	const struct isa_row *row;
	size_t at;
	const struct isa_names *names;
	struct buf *b;
	enum style style;
	bool narrow;  /* 32-bit variant, or access of less than 8 bytes */
	bool by_imm;  /* the last operand is imm, not src */
	bool with_op; /* the opcode stands in front */
	char *p;
	char scratch[LINE_ROOM]; /* takes the line when there is no memory for it */
};

static inline void put_char(struct text *t, char c)
{
	*t->p++ = c;
}

static inline void put(struct text *t, const char *s)
{
	size_t n = strlen(s);

	memcpy(t->p, s, n);
	t->p += n;
}

static inline bool is_kernel(const struct text *t)
{
	return t->style == STYLE_KERNEL;
}

static inline bool is_mnemonic(const struct text *t)
{
	return t->style == STYLE_MNEMONIC;
}

void put_u64(struct text *t, uint64_t v);
void put_s64(struct text *t, int64_t v);
void put_reg(struct text *t, unsigned int n, bool narrow); /* w3 when narrow; %r3 */
void put_value(struct text *t, bool narrow);		   /* imm, or the register src */
void put_mnemonic(struct text *t);			   /* with 32 when narrow, and a blank */
void put_result(struct text *t, unsigned int reg, bool narrow); /* "r3 = " */

void text_init(struct text *t, enum style style, const struct isa_names *names, struct buf *b);
/* NULL: there is no text.  with_op: the kernel's own registers have one too. */
const struct isa_row *row_of_text(const struct insn *in, size_t left, bool with_op);
/* Sets the row; r11, which only the kernel's own code has, is read back behind an opcode only. */
void find_text(struct text *t, const struct insn *in, size_t left, bool with_op);
/* Prints t->row, an `.insn` line if that is NULL; returns the slots used. */
size_t print_line(struct text *t);

/* Each prints the shapes of its name. */
void print_packet(struct text *t);
void print_load(struct text *t);
void print_store(struct text *t);
void print_atomic(struct text *t);
void print_fetch(struct text *t);
void print_xchg(struct text *t);
void print_ordered(struct text *t);
