// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Statements that begin with a register: `rN += ...`, `rN = ...`. */
#include <errno.h>
#include <string.h>

#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"

static int fail_width(struct parser *p, const struct tok *t, struct reg dst)
{
	fail(p, t, "'%.*s' is not as wide as the other register", (int)t->len, t->s);
	return src_hint(p->src, dst.narrow ? "both are w registers for 32 bits"
					   : "both are r registers for 64 bits");
}

/* The operators of more registers than two need two instructions. */
static int check_no_operator(struct parser *p, struct reg dst)
{
	const struct tok *t = &p->lex.tok;
	char w = dst.narrow ? 'w' : 'r';

	if (!strchr("+-*/%&|^", t->kind) && t->kind != T_SHL && t->kind != T_SHR)
		return 0;
	fail(p, t, "an instruction has two operands");
	return src_hint(p->src, "copy first, then compute: %c%u %.*s= ...", w, dst.n, (int)t->len,
			t->s);
}

/* Such an instruction can be written, and a dump may have it; but it will not load. */
void note_refused(struct parser *p, const struct insn *in)
{
	int bits = is_32bit(in->code) ? 32 : 64;
	uint8_t op = in->code & 0xf0;

	if ((op == 0x60 || op == 0x70 || op == 0xc0) && (in->imm < 0 || in->imm >= bits))
		src_warn(p->src, "shift-range", p->stmt_pos, 1,
			 "the kernel refuses to shift %d bits by %d", bits, in->imm);
	else if ((op == 0x30 || op == 0x90) && in->imm == 0)
		src_warn(p->src, "div-zero", p->stmt_pos, 1,
			 "the kernel refuses to divide by the number 0");
}

/* The operand of an ALU instruction, with the row's code in *in. */
static int operand(struct parser *p, struct insn *in, struct reg dst)
{
	struct tok t = p->lex.tok;
	struct reg src;
	int err;

	in->dst = dst.n;
	if (dst.narrow)
		in->code ^= CODE_WIDTH;
	if (t.kind != T_REG) {
		p->core_ok = true;
		err = imm_take(p, dst.narrow ? IMM_NARROW : IMM_SIGNED, &in->imm);
		p->core_ok = false;
		if (err)
			return err;
		if (!p->core)
			note_refused(p, in);
		return emit(p, in);
	}
	err = reg_take(p, &src);
	if (err)
		return err;
	if (src.narrow != dst.narrow)
		return fail_width(p, &t, dst);
	in->code |= CODE_REG;
	in->src = src.n;
	err = check_no_operator(p, dst);
	return err ? err : emit(p, in);
}

/* `+=` and the like; the token is the operator. */
static int operate(struct parser *p, struct reg dst, enum row_id row)
{
	struct insn in = { .code = isa_rows[row].code, .off = isa_rows[row].off };

	if (row == ROW_div || row == ROW_mod)
		p->vague = F_OFF; /* older disassemblers print the signed ones so */
	lex_next(&p->lex);
	return operand(p, &in, dst);
}

/* --- rN = --- */

/* `-rM`, which must be the register itself; the token is the minus. */
static int negate(struct parser *p, struct reg dst)
{
	struct insn in = { .code = isa_rows[ROW_neg].code, .dst = dst.n };
	struct reg src;
	struct tok t;
	int err;

	lex_next(&p->lex);
	t = p->lex.tok;
	err = reg_take(p, &src);
	if (err)
		return err;
	if (src.n != dst.n || src.narrow != dst.narrow) {
		fail(p, &t, "a register can only be negated in place");
		return src_hint(p->src, "copy it first");
	}
	in.code ^= dst.narrow ? CODE_WIDTH : 0;
	return emit(p, &in);
}

/* The row of `(s8)rM`, with the token behind the parenthesis; NONE: an expression begins here. */
static uint32_t cast_row(struct parser *p)
{
	struct lex saved = p->lex;
	uint32_t row = NONE;

	lex_next(&p->lex);
	if (tok_is(&p->lex.tok, "s8"))
		row = ROW_movsx8;
	else if (tok_is(&p->lex.tok, "s16"))
		row = ROW_movsx16;
	else if (tok_is(&p->lex.tok, "s32"))
		row = ROW_movsx32;
	if (row != NONE)
		lex_next(&p->lex);
	if (row == NONE || !accept(p, ')')) {
		p->lex = saved;
		return NONE;
	}
	return row;
}

/* `(s8)rM`, the cast having been read. */
static int extend(struct parser *p, struct reg dst, enum row_id row)
{
	struct insn in = { .code = isa_rows[row].code, .off = isa_rows[row].off, .dst = dst.n };
	struct tok t = p->lex.tok;
	struct reg src;
	int err = reg_take(p, &src);

	if (err)
		return err;
	if (src.narrow != dst.narrow)
		return fail_width(p, &t, dst);
	if (dst.narrow && row == ROW_movsx32)
		return fail(p, &t, "32 bits cannot be extended to 32 bits");
	in.src = src.n;
	in.code ^= dst.narrow ? CODE_WIDTH : 0;
	return emit(p, &in);
}

/* `le16 rM`, which must be the register itself. */
static int swap_bytes(struct parser *p, struct reg dst, const struct word *w)
{
	struct insn in = { .code = isa_rows[w->row].code, .dst = dst.n, .imm = w->arg };
	struct tok t;
	uint8_t src;
	int err;

	lex_next(&p->lex);
	t = p->lex.tok;
	err = reg_take_wide(p, &src);
	if (err)
		return err;
	if (dst.narrow || src != dst.n)
		return fail(p, &t, "bytes can only be swapped in place, in an r register");
	return emit(p, &in);
}

/* `addr_space_cast(rM, to, from)` */
static int assign_cast(struct parser *p, struct reg dst)
{
	struct insn in = { .code = isa_rows[ROW_cast].code, .off = isa_rows[ROW_cast].off };
	struct value to, from;
	int err;

	lex_next(&p->lex);
	err = need(p, '(', "'('");
	if (!err)
		err = reg_take_wide(p, &in.src);
	if (!err)
		err = need(p, ',', "','");
	if (!err)
		err = expr_in(p, &to, 0, UINT16_MAX, "an address space");
	if (!err)
		err = need(p, ',', "','");
	if (!err)
		err = expr_in(p, &from, 0, UINT16_MAX, "an address space");
	if (!err)
		err = need(p, ')', "')'");
	if (err)
		return err;
	in.dst = dst.n;
	in.imm = (int32_t)(to.num.mag << 16 | from.num.mag);
	return emit(p, &in);
}

/* A number: 64 bits of it with `ll` behind, or an opcode 18 in front. */
static int assign_number(struct parser *p, struct reg dst)
{
	struct insn in = { .code = INSN_LD_IMM64, .dst = dst.n };
	struct lex start = p->lex;
	struct value v = { .len = 0 };
	bool wide;
	int err;

	p->core_ok = true;
	err = expr_read(p, &v);
	p->core_ok = false;
	wide = !err && tok_is(&p->lex.tok, "ll");
	if (err)
		return err;
	if (wide || (p->expect.n && p->expect.bytes[0] == INSN_LD_IMM64)) {
		if (wide)
			lex_next(&p->lex);
		in.imm = (int32_t)num_bits(v.num);
		return emit_wide(p, &in, (uint32_t)(num_bits(v.num) >> 32), REF_NONE, 0);
	}
	in.code = isa_rows[ROW_mov].code;
	if (num_in(v.num, INT32_MIN, INT32_MAX)) {
		in.code ^= dst.narrow ? CODE_WIDTH : 0;
		in.imm = (int32_t)num_bits(v.num);
		return emit(p, &in);
	}
	p->lex = start; /* once more, for the complaint or the other range */
	return operand(p, &in, dst);
}

static int assign_register(struct parser *p, struct reg dst)
{
	struct insn in = { .code = isa_rows[ROW_mov].code };

	p->vague = F_OFF; /* older disassemblers print sign extension so */
	return operand(p, &in, dst);
}

static bool follows(const struct parser *p, const char *word)
{
	struct lex ahead = p->lex;

	lex_next(&ahead);
	return tok_is(&ahead.tok, word);
}

/* What a name begins: one of the words above, a call, an address, or a number. */
static int assign_name(struct parser *p, struct reg dst)
{
	const struct tok *t = &p->lex.tok;
	const struct word *w = words_find(&p->words, t->s, t->len);

	switch (w ? w->use : W_USES) {
	case W_END:
		return swap_bytes(p, dst, w);
	case W_FETCH:
	case W_XCHG:
	case W_ACQUIRE:
		return assign_atomic(p, dst, w);
	case W_CAST:
		return assign_cast(p, dst);
	case W_MAP:
		return assign_map(p, dst);
	case W_SUBPROG:
		return assign_subprog(p, dst);
	default:
		break;
	}
	if (is_callable(p, t))
		return assign_call(p, dst);
	if (names_address(p, t) && follows(p, "ll"))
		return assign_symbol(p, dst);
	return assign_number(p, dst);
}

static bool register_follows(const struct parser *p)
{
	struct lex ahead = p->lex;

	lex_next(&ahead);
	return ahead.tok.kind == T_REG;
}

/* What stands behind `rN =`. */
static int assign(struct parser *p, struct reg dst)
{
	uint32_t row;

	switch (p->lex.tok.kind) {
	case T_REG:
		return assign_register(p, dst);
	case '*':
		return assign_load(p, dst);
	case '&':
		return assign_address(p, dst);
	case T_STR:
		return assign_string(p, dst);
	case T_NAME:
		return assign_name(p, dst);
	case '-':
		return register_follows(p) ? negate(p, dst) : assign_number(p, dst);
	case '(':
		row = cast_row(p);
		return row == NONE ? assign_number(p, dst) : extend(p, dst, (enum row_id)row);
	default:
		return assign_number(p, dst);
	}
}

int stmt_register(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	struct reg dst;
	bool is_signed;
	int err = reg_take(p, &dst);

	if (err)
		return err;
	if (accept(p, '='))
		return assign(p, dst);
	is_signed = tok_is(t, "s"); /* s>>= and others */
	if (is_signed)
		lex_next(&p->lex);
	if (!p->ops.set[is_signed][t->kind])
		return fail_expected(p, "=, += or another assignment");
	return operate(p, dst, (enum row_id)(p->ops.set[is_signed][t->kind] - 1));
}
