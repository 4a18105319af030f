// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Plain instructions without tokens.  Readers return what is behind their text, or NULL. */
#include "asm/fast.h"

#include <string.h>

#include "asm/emit.h"
#include "asm/parse.h"
#include "uapi/names.h"

#define LONGEST 64 /* characters a reader may look ahead; the last line may be shorter */

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* r0 to r10; w registers where `narrow` asks for them.  What follows must be no digit. */
static const char *read_reg(const char *s, uint8_t *n)
{
	if (!is_digit(s[1]))
		return NULL;
	*n = (uint8_t)(s[1] - '0');
	s += 2;
	if (*n == 1 && *s == '0') {
		*n = 10;
		s++;
	}
	return s;
}

/* Up to 9 decimal digits: fewer than 31 bits. */
static const char *read_u32(const char *s, int32_t *v)
{
	const char *start = s;
	int32_t n = 0;

	while (is_digit(*s) && s - start < 9)
		n = n * 10 + (*s++ - '0');
	*v = n;
	if (s == start || is_digit(*s) || (*start == '0' && s - start > 1))
		return NULL;
	return s;
}

static const char *read_s32(const char *s, int32_t *v)
{
	bool neg = *s == '-';

	s = read_u32(s + neg, v);
	if (neg)
		*v = -*v;
	return s;
}

/* The last operand: a register as wide as `width` ('r' or 'w') says, or a number. */
static const char *read_value(const char *s, char width, struct insn *in)
{
	if (*s != width)
		return read_s32(s, &in->imm);
	in->code |= CODE_REG;
	return read_reg(s, &in->src);
}

/* `u32 *)(r2 + 4)` or `(r2 +4)` */
static const char *read_memory(const char *s, uint8_t *reg, struct insn *in)
{
	int32_t off;
	bool neg;

	if (*s++ != 'u')
		return NULL;
	if (s[0] == '8' && s[1] == ' ')
		in->code |= SIZE_B;
	else if (s[0] == '1' && s[1] == '6')
		in->code |= SIZE_H;
	else if (s[0] == '6' && s[1] == '4')
		in->code |= SIZE_DW;
	else if (s[0] != '3' || s[1] != '2')
		return NULL;
	s += s[0] == '8' ? 1 : 2;
	if (strncmp(s, " *)(r", 5) != 0)
		return NULL;
	s = read_reg(s + 4, reg);
	if (!s || *s++ != ' ')
		return NULL;
	neg = *s == '-';
	if (*s != '+' && !neg)
		return NULL;
	s++;
	s += *s == ' ';
	s = read_u32(s, &off);
	if (!s || *s != ')' || off > INT16_MAX)
		return NULL;
	in->off = (int16_t)(neg ? -off : off);
	return s + 1;
}

/* --- statements --- */

/* An operator and the blank behind it; *op is its index in ops.texts. */
static const char *read_operator(const char *s, const struct ops *ops, uint32_t *op)
{
	uint32_t text = 0;

	for (unsigned int i = 0; i < 4 && *s != ' '; i++)
		text |= (uint32_t)(unsigned char)*s++ << 8 * i;
	*op = ops_find(ops, text);
	return *s == ' ' ? s + 1 : NULL;
}

static bool is_odd(const struct insn *in) /* what the kernel refuses is warned of */
{
	uint8_t op = in->code >> 4;

	if (in->code & CODE_REG)
		return false;
	if (op == 3 || op == 9)
		return in->imm == 0;
	return (op == 6 || op == 7 || op == 12) && (in->imm < 0 || in->imm > 31);
}

static const char *read_load(const char *s, char width, struct insn *in)
{
	in->code = isa_rows[ROW_ldx].code;
	if (s[1] != '(')
		return NULL;
	s = read_memory(s + 2, &in->src, in);
	return width == 'w' && (in->code & CODE_SIZE) == SIZE_DW ? NULL : s;
}

/* `rN = ...`, `rN += ...`, `rN <<= ...` */
static const char *read_alu(const char *s, const struct ops *ops, struct insn *in)
{
	const struct isa_row *row;
	char width = *s;
	uint32_t op;

	s = read_reg(s, &in->dst);
	if (!s || *s++ != ' ')
		return NULL;
	s = read_operator(s, ops, &op);
	if (!s || !ops->texts[op].set)
		return NULL;
	row = &isa_rows[ops->texts[op].set - 1];
	if (*s == '*' && row == &isa_rows[ROW_mov])
		return read_load(s, width, in);
	in->code = row->code ^ (width == 'w' ? CODE_WIDTH : 0);
	in->off = row->off;
	s = read_value(s, width, in);
	return s && is_odd(in) ? NULL : s;
}

/* `*(u32 *)(r1 + 4) = ...` */
static const char *read_store(const char *s, struct insn *in)
{
	if (s[1] != '(')
		return NULL;
	s = read_memory(s + 2, &in->dst, in);
	if (!s || strncmp(s, " = ", 3) != 0)
		return NULL;
	s += 3;
	if (*s == 'r' || (*s == 'w' && (in->code & CODE_SIZE) != SIZE_DW)) {
		in->code |= isa_rows[ROW_stx].code;
		return read_reg(s, &in->src);
	}
	in->code |= isa_rows[ROW_st].code;
	s = read_s32(s, &in->imm);
	return s && in->imm >= 0 && in->imm <= INT8_MAX ? s : NULL;
}

/* `+3`, `pc+3` */
static const char *read_distance(const char *s, struct insn *in)
{
	int32_t distance;
	bool neg;

	s += s[0] == 'p' && s[1] == 'c' ? 2 : 0;
	neg = *s == '-';
	if (*s != '+' && !neg)
		return NULL;
	s = read_u32(s + 1, &distance);
	if (!s || distance > INT16_MAX)
		return NULL;
	in->off = (int16_t)(neg ? -distance : distance);
	return s;
}

/* `if r1 == r2 goto +3` */
static const char *read_if(const char *s, const struct ops *ops, struct insn *in)
{
	char width = s[3];
	uint32_t op;

	if (s[1] != 'f' || s[2] != ' ' || (width != 'r' && width != 'w'))
		return NULL;
	s = read_reg(s + 3, &in->dst);
	if (!s || *s++ != ' ')
		return NULL;
	s = read_operator(s, ops, &op);
	if (!s || !ops->texts[op].compare)
		return NULL;
	in->code = isa_rows[ops->texts[op].compare - 1].code ^ (width == 'w' ? CODE_WIDTH : 0);
	s = read_value(s, width, in);
	if (!s || strncmp(s, " goto ", 6) != 0)
		return NULL;
	return read_distance(s + 6, in);
}

/* `goto +3`, `call 12`, `exit` */
static const char *read_word(const char *s, struct insn *in)
{
	if (strncmp(s, "exit", 4) == 0) {
		in->code = isa_rows[ROW_exit].code;
		return s + 4;
	}
	if (strncmp(s, "goto ", 5) == 0) {
		in->code = isa_rows[ROW_ja].code;
		return read_distance(s + 5, in);
	}
	if (strncmp(s, "call ", 5) != 0)
		return NULL;
	in->code = isa_rows[ROW_call].code;
	s = read_u32(s + 5, &in->imm);
	return s && in->imm && in->imm <= (int32_t)uapi_nr_helpers ? s : NULL;
}

bool fast_line(struct parser *p, int *err)
{
	struct insn in = { 0 };
	const char *start = p->lex.s, *s;

	while (*start == ' ' || *start == '\t')
		start++;
	if (p->lex.end - start < LONGEST)
		return false;
	switch (*start) {
	case 'r':
	case 'w':
		s = read_alu(start, &p->ops, &in);
		break;
	case '*':
		s = read_store(start, &in);
		break;
	case 'i':
		s = read_if(start, &p->ops, &in);
		break;
	default:
		s = read_word(start, &in);
	}
	if (!s || *s != '\n')
		return false;
	p->stmt_pos = lex_pos(&p->lex, start);
	p->at = (uint32_t)p->u->nr_insns;
	p->lex.s = s + 1;
	p->lex.tok.kind = T_EOL;
	p->below = NULL;
	*err = emit(p, &in);
	return true;
}
