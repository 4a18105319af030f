// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Mnemonics: `add r1, 5`, `ldxw %r1, [%r2+4]`, as ubpf, rbpf and gas spell them. */
#include <errno.h>

#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"

/* A register, which in a 32-bit instruction may be written w. */
static int take_reg(struct parser *p, bool narrow, uint8_t *n)
{
	struct reg r = { 0, false };
	int err;

	if (!narrow)
		return reg_take_wide(p, n);
	err = reg_take(p, &r);
	*n = r.n;
	return err;
}

static int take_comma(struct parser *p)
{
	return need(p, ',', "','");
}

static int take_address(struct parser *p, struct mem *m)
{
	int err = need(p, '[', "'['");

	if (!err)
		err = mem_take(p, m);
	return err ? err : need(p, ']', "']'");
}

/*
 * The operands of each kind of mnemonic.  w->arg is the variant: the bits of the code that the
 * 32-bit one flips, a width, or a size.
 */
static int mnem_alu(struct parser *p, const struct word *w, struct insn *in)
{
	bool narrow = w->arg;
	int err = take_reg(p, narrow, &in->dst);

	if (!err)
		err = take_comma(p);
	if (err)
		return err;
	if (p->lex.tok.kind != T_REG) {
		p->core_ok = true;
		err = imm_take(p, narrow ? IMM_NARROW : IMM_BITS, &in->imm);
		p->core_ok = false;
		if (!err && !p->core)
			note_refused(p, in);
		return err;
	}
	in->code |= CODE_REG;
	if (w->row == ROW_div || w->row == ROW_mod || w->row == ROW_mov)
		p->vague = F_OFF;
	return take_reg(p, narrow, &in->src);
}

static int mnem_neg(struct parser *p, const struct word *w, struct insn *in)
{
	int err = take_reg(p, w->arg, &in->dst);

	if (!err && p->lex.tok.kind == ',')
		err = fail(p, &p->lex.tok, "neg has one operand: it works in place");
	return err;
}

static int mnem_movsx(struct parser *p, const struct word *w, struct insn *in)
{
	int err = take_reg(p, w->arg, &in->dst);

	if (!err)
		err = take_comma(p);
	if (!err)
		err = take_reg(p, w->arg, &in->src);
	if (!err && w->arg && w->row == ROW_movsx32)
		err = fail(p, &p->lex.tok, "32 bits cannot be extended to 32 bits");
	return err;
}

/* `movs r1, r2, 8` */
static int mnem_movs(struct parser *p, const struct word *w, struct insn *in)
{
	struct value v = { .len = 0 };
	int err = mnem_movsx(p, w, in);

	if (!err)
		err = take_comma(p);
	if (!err)
		err = expr_read(p, &v);
	if (!err && !num_in(v.num, 8, 8) && !num_in(v.num, 16, 16) &&
	    (w->arg || !num_in(v.num, 32, 32)))
		err = value_fail(p, &v, "the width must be 8, 16%s", w->arg ? "" : " or 32");
	if (!err)
		in->off = (int16_t)v.num.mag;
	return err;
}

/* `le16 r1`: the width is in the name. */
static int mnem_end(struct parser *p, const struct word *w, struct insn *in)
{
	in->imm = w->arg;
	return reg_take_wide(p, &in->dst);
}

/* `endle r1, 16` */
static int mnem_endle(struct parser *p, const struct word *w, struct insn *in)
{
	struct value v = { .len = 0 };
	int err = reg_take_wide(p, &in->dst);

	(void)w;
	if (!err)
		err = take_comma(p);
	if (!err)
		err = expr_read(p, &v);
	if (!err && !num_in(v.num, 16, 16) && !num_in(v.num, 32, 32) && !num_in(v.num, 64, 64))
		err = value_fail(p, &v, "the width must be 16, 32 or 64");
	if (!err)
		in->imm = (int32_t)v.num.mag;
	return err;
}

/* `ldxw r1, [r2+4]` */
static int mnem_load(struct parser *p, const struct word *w, struct insn *in)
{
	struct mem m = { .reg = 0 };
	int err;

	in->code |= w->arg;
	err = reg_take_wide(p, &in->dst);
	if (!err)
		err = take_comma(p);
	if (!err)
		err = take_address(p, &m);
	if (!err) {
		in->src = m.reg;
		in->off = m.off;
	}
	return err;
}

/* `stw [r1+4], 7` and `stxw [r1+4], r2`: the name says whether it is a register. */
static int mnem_store(struct parser *p, const struct word *w, struct insn *in)
{
	unsigned int bits = size_bytes(w->arg) * 8;
	struct mem m = { .reg = 0 };
	struct value v = { .len = 0 };
	int err;

	in->code |= w->arg;
	err = take_address(p, &m);
	if (!err)
		err = take_comma(p);
	if (err)
		return err;
	in->dst = m.reg;
	in->off = m.off;
	if (w->row == ROW_stx)
		return reg_take_wide(p, &in->src);
	if (bits == 64)
		return imm_take(p, IMM_BITS, &in->imm);
	err = expr_in(p, &v, -((int64_t)1 << (bits - 1)), ((uint64_t)1 << bits) - 1,
		      "the value stored");
	if (!err)
		in->imm = (int32_t)num_bits(v.num);
	return err;
}

/* `ldabsw 14`, `ldindw r2, 14` */
static int mnem_packet(struct parser *p, const struct word *w, struct insn *in)
{
	struct value v = { .len = 0 };
	int err = 0;

	in->code |= w->arg;
	if (w->row == ROW_ldind) {
		err = reg_take_wide(p, &in->src);
		if (!err)
			err = take_comma(p);
	} else if (p->lex.tok.kind == T_REG) {
		fail(p, &p->lex.tok, "this has no register operand: the result is in r0");
		return src_hint(p->src, "%s takes the offset alone", w->name);
	}
	if (!err)
		err = expr_in(p, &v, INT32_MIN, INT32_MAX, "an offset in the packet");
	if (!err)
		in->imm = (int32_t)num_bits(v.num);
	return err;
}

/* `jeq r1, 5, `, and the target is read by the caller. */
static int mnem_jcond(struct parser *p, const struct word *w, struct insn *in)
{
	int err = take_reg(p, w->arg, &in->dst);

	if (!err)
		err = take_comma(p);
	if (err)
		return err;
	if (p->lex.tok.kind == T_REG) {
		in->code |= CODE_REG;
		err = take_reg(p, w->arg, &in->src);
	} else {
		err = imm_take(p, w->arg ? IMM_NARROW : IMM_BITS, &in->imm);
	}
	return err ? err : take_comma(p);
}

static int (*const readers[W_USES])(struct parser *p, const struct word *w, struct insn *in) = {
	[W_ALU] = mnem_alu,	[W_NEG] = mnem_neg,	[W_MOVSX] = mnem_movsx,
	[W_MOVS] = mnem_movs,	[W_END] = mnem_end,	[W_ENDLE] = mnem_endle,
	[W_LOAD] = mnem_load,	[W_STORE] = mnem_store, [W_PACKET] = mnem_packet,
	[W_JCOND] = mnem_jcond,
};

/* `lddw r1, 5`, or the name of something that has an address. */
static int stmt_lddw(struct parser *p)
{
	struct insn in = { .code = INSN_LD_IMM64 };
	struct reg dst = { .narrow = false };
	struct value v = { .len = 0 };
	int err = reg_take_wide(p, &dst.n);

	if (!err)
		err = take_comma(p);
	if (err)
		return err;
	if (p->lex.tok.kind == T_NAME && names_address(p, &p->lex.tok))
		return assign_symbol(p, dst);
	err = expr_read(p, &v);
	if (!err && tok_is(&p->lex.tok, "ll"))
		lex_next(&p->lex);
	in.dst = dst.n;
	in.imm = (int32_t)num_bits(v.num);
	return err ? err : emit_wide(p, &in, (uint32_t)(num_bits(v.num) >> 32), REF_NONE, 0);
}

int stmt_mnemonic(struct parser *p, const struct word *w)
{
	struct insn in = { .code = isa_rows[w->row].code, .off = isa_rows[w->row].off };
	struct target target;
	int err;

	lex_next(&p->lex);
	if (w->use == W_LDDW)
		return stmt_lddw(p);
	if (w->use == W_XADD)
		return atomic_operands(p, w->arg, (enum row_id)w->row);
	if (w->arg == CODE_WIDTH && isa_shapes[isa_rows[w->row].shape].vary & CODE_WIDTH)
		in.code ^= CODE_WIDTH;
	err = readers[w->use](p, w, &in);
	if (err || w->use != W_JCOND)
		return err ? err : emit(p, &in);
	err = target_read(p, &target);
	return err ? err : emit_jump(p, &in, &target);
}
