// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* isa.def as a table, the way from an instruction to its row, and the bytes. */
#include "asm/isa_row.h"

#define INSN(id, shape, code, src, off, imm, cpu, op, mnemonic)                                    \
	{ shape, code, src, false, cpu, off, imm, op, mnemonic },
#define ALSO(id, shape, code, src, off, imm, cpu, op, mnemonic)                                    \
	{ shape, code, src, true, cpu, off, imm, op, mnemonic },
const struct isa_row isa_rows[ROW_COUNT] = {
#include "asm/isa.def"
};

#define ALL_SIZES 0xf
#define WORD_SIZES 0x9 /* 4 and 8 bytes */
#define NOT_DW 0x7
#define VARY_ALU (CODE_WIDTH | CODE_REG)

const struct shape_info isa_shapes[SHAPES] = {
	[ALU] = { VARY_ALU, 0, F_DST | F_VALUE },
	[NEG] = { CODE_WIDTH, 0, F_DST },
	[MOVSX] = { CODE_WIDTH, 0, F_DST | F_SRC },
	[CAST] = { 0, 0, F_DST | F_SRC | F_IMM },
	[PERCPU] = { 0, 0, F_DST | F_SRC },
	[END] = { 0, 0, F_DST | F_IMM },
	[ABS] = { CODE_SIZE, NOT_DW, F_IMM },
	[IND] = { CODE_SIZE, NOT_DW, F_SRC | F_IMM },
	[LDX] = { CODE_SIZE, ALL_SIZES, F_DST | F_SRC | F_OFF },
	[LDSX] = { CODE_SIZE, NOT_DW, F_DST | F_SRC | F_OFF },
	[ST] = { CODE_SIZE, ALL_SIZES, F_DST | F_OFF | F_IMM },
	[STX] = { CODE_SIZE, ALL_SIZES, F_DST | F_SRC | F_OFF },
	[ATOMIC] = { CODE_SIZE, WORD_SIZES, F_DST | F_SRC | F_OFF },
	[FETCH] = { CODE_SIZE, WORD_SIZES, F_DST | F_SRC | F_OFF },
	[XCHG] = { CODE_SIZE, WORD_SIZES, F_DST | F_SRC | F_OFF },
	[ACQ] = { CODE_SIZE, ALL_SIZES, F_DST | F_SRC | F_OFF },
	[REL] = { CODE_SIZE, ALL_SIZES, F_DST | F_SRC | F_OFF },
	[IMM64] = { 0, 0, F_DST | F_IMM },
	[PSEUDO] = { 0, 0, F_DST | F_IMM },
	[JA] = { 0, 0, F_OFF },
	[JAL] = { 0, 0, F_IMM },
	[JX] = { 0, 0, F_DST },
	[JCOND] = { VARY_ALU, 0, F_DST | F_OFF | F_VALUE },
	[HELPER] = { 0, 0, F_IMM },
	[CALL] = { 0, 0, F_OFF | F_IMM },
	[BARE] = { 0, 0, 0 },
};

/*
 * What the variants of a row have in common: class (the 32-bit classes 4 and 6 counted as 7 and
 * 5) and operation, or class and mode where there are no operations.
 */
#define ALU_CLASS(code) (((code)&3) == 3 || ((code)&3) == 0)
#define KEY(code)                                                                                  \
	((code)&4 ? (ALU_CLASS(code) ? 32 : 48) + ((code) >> 4) : ((code)&3) * 8 + ((code) >> 5))

/* The INSN row of each key plus one; the ALSO rows follow it. */
static const uint8_t first_row[64] = {
#define INSN(id, shape, code, ...) [KEY(code)] = ROW_##id + 1,
#define ALSO(...)
#include "asm/isa.def"
};

static bool code_fits(const struct isa_row *row, uint8_t code)
{
	const struct shape_info *s = &isa_shapes[row->shape];
	uint8_t diff = code ^ row->code;

	if (diff & ~s->vary)
		return false;
	if (s->sizes)
		return s->sizes >> (code >> 3 & 3) & 1;
	return (diff & CODE_WIDTH) == 0 || (diff & CODE_WIDTH) == CODE_WIDTH;
}

/* Widths that only some variants of a row have. */
static bool width_fits(const struct isa_row *row, const struct insn *in)
{
	if (row->shape == END)
		return in->imm == 16 || in->imm == 32 || in->imm == 64;
	if (row->shape == MOVSX)
		return in->off < 32 || !is_32bit(in->code);
	return true;
}

static bool fields_fit(const struct isa_row *row, const struct insn *in)
{
	unsigned int use = isa_shapes[row->shape].fields;
	unsigned int differ = (in->dst != 0) * F_DST | (in->src != row->src) * F_SRC |
			      (in->off != row->off) * F_OFF | (in->imm != row->imm) * F_IMM;

	if (use & F_VALUE)
		use |= in->code & CODE_REG ? F_SRC : F_IMM;
	return !(differ & ~use) && width_fits(row, in);
}

const struct isa_row *isa_find_any(const struct insn *in)
{
	const struct isa_row *row = isa_rows + first_row[KEY(in->code)];

	if (row == isa_rows)
		return NULL;
	row--;
	do {
		if (code_fits(row, in->code) && fields_fit(row, in))
			return row;
	} while (++row < isa_rows + ROW_COUNT && row->also);
	return NULL;
}

const struct isa_row *isa_find(const struct insn *in)
{
	const struct isa_row *row = isa_find_any(in);
	bool src_is_reg = row && row->src == 0; /* else it tells the row apart */

	return in->dst > 10 || (src_is_reg && in->src > 10) ? NULL : row;
}

bool insn_jumps(const struct insn *in, int64_t *distance)
{
	const struct isa_row *row = isa_find_any(in);

	if (!row || (row->shape != JA && row->shape != JAL && row->shape != JCOND))
		return false;
	*distance = row->shape == JAL ? in->imm : in->off;
	return true;
}

unsigned int isa_cpu(const struct insn *in)
{
	const struct isa_row *row = isa_find_any(in);

	if (!row)
		return 1;
	return row->shape == JCOND && is_32bit(in->code) ? 3 : row->cpu;
}

void insn_encode(const struct insn *in, bool big_endian, uint8_t bytes[INSN_SIZE])
{
	uint16_t off = (uint16_t)in->off;
	uint32_t imm = (uint32_t)in->imm;

	bytes[0] = in->code;
	bytes[1] =
		big_endian ? (uint8_t)(in->dst << 4 | in->src) : (uint8_t)(in->src << 4 | in->dst);
	for (unsigned int i = 0; i < 2; i++)
		bytes[2 + i] = (uint8_t)(off >> 8 * (big_endian ? 1 - i : i));
	for (unsigned int i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(imm >> 8 * (big_endian ? 3 - i : i));
}

/* Written out, as compilers make one load of it. */
static uint32_t number(const uint8_t *b, bool big_endian)
{
	uint32_t v = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;

	return big_endian ? __builtin_bswap32(v) : v;
}

void insn_decode(const uint8_t bytes[INSN_SIZE], bool big_endian, struct insn *in)
{
	uint32_t head = number(bytes, big_endian);

	in->code = bytes[0];
	in->dst = big_endian ? bytes[1] >> 4 : bytes[1] & 15;
	in->src = big_endian ? bytes[1] & 15 : bytes[1] >> 4;
	in->off = (int16_t)(big_endian ? head : head >> 16);
	in->imm = (int32_t)number(bytes + 4, big_endian);
}
