// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines of instructions: what stands in front, labels, and which statement it is. */
#include "asm/stmt.h"

#include <errno.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/dump.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/fast.h"
#include "asm/macro.h"
#include "asm/parse.h"
#include "asm/uapi.h"

/* --- operands --- */

int fail_register(struct parser *p)
{
	const struct tok *t = &p->lex.tok;

	if (t->kind != T_REG)
		return fail_expected(p, "a register");
	fail(p, t, "unknown register '%.*s'", (int)t->len, t->s);
	return src_hint(p->src, "registers are r0 to r10, w0 to w10, and fp for r10");
}

/* r11 is the kernel's scratch register; it occurs in dumps of loaded programs. */
int reg_take(struct parser *p, struct reg *r)
{
	const struct tok *t = &p->lex.tok;

	if (t->kind != T_REG)
		return fail_register(p);
	r->n = t->num & (REG_32 - 1);
	r->narrow = t->num >= REG_32;
	if (r->n > 10 && (r->n > 11 || !p->from_dump))
		return fail_register(p);
	lex_next(&p->lex);
	return 0;
}

int reg_take_wide(struct parser *p, uint8_t *n)
{
	struct tok t = p->lex.tok;
	struct reg r = { 0, false };
	int err = reg_take(p, &r);

	if (!err && r.narrow) {
		fail(p, &t, "expected a 64-bit register");
		err = src_hint(p->src, "r%u", r.n);
	}
	*n = r.n;
	return err;
}

/* What stands before the value, `r1 &= `, to be repeated with a better one. */
struct prefix {
	const char *s;
	int len;
	bool is_wide, is_mov; /* of an r register, and nothing but = */
};

/* Only the kernel's spelling has one that can be repeated. */
static struct prefix prefix_of(const struct parser *p, const struct value *v)
{
	struct prefix x = { .s = p->lex.text + (p->stmt_pos - p->lex.base) };

	x.len = (int)(v->s - x.s);
	x.is_wide = *x.s == 'r' && x.len < 20;
	x.is_mov = x.is_wide && x.len > 3 && strchr(" 0123456789", v->s[v->s[-1] == ' ' ? -3 : -2]);
	return x;
}

/* 0xffffffff is no value of a sign-extended field; which of three things was meant? */
static int fail_unsigned(struct parser *p, const struct value *v)
{
	uint32_t bits = (uint32_t)v->num.mag;
	struct prefix x = prefix_of(p, v);

	value_fail(p, v, "0x%x is sign-extended to 64 bits here, to 0xffffffff%08x", bits, bits);
	if (x.is_mov)
		return src_hint(
			p->src, "%.*s%d for that, w%.*s0x%x for 32 bits, %.*s0x%x ll for 64 bits",
			x.len, x.s, (int32_t)bits, x.len - 1, x.s + 1, bits, x.len, x.s, bits);
	if (x.is_wide)
		return src_hint(p->src,
				"%.*s%d for that, w%.*s0x%x for 32 bits, rN = 0x%x ll in another "
				"register for 64 bits",
				x.len, x.s, (int32_t)bits, x.len - 1, x.s + 1, bits, bits);
	return src_hint(p->src, "write %d for that; for 64 bits load rN = 0x%x ll first",
			(int32_t)bits, bits);
}

static int fail_too_large(struct parser *p, const struct value *v)
{
	struct prefix x = prefix_of(p, v);

	value_fail(p, v, "%s%llu does not fit the 32 bits of the instruction",
		   v->num.neg ? "-" : "", (unsigned long long)v->num.mag);
	if (x.is_mov)
		return src_hint(p->src, "%.*s%.*s ll loads 64 bits", x.len, x.s, (int)v->len, v->s);
	return src_hint(p->src, "rN = %.*s ll loads 64 bits", (int)v->len, v->s);
}

int imm_take(struct parser *p, enum imm_rule rule, int32_t *imm)
{
	struct value v;
	int err = expr_read(p, &v);
	bool unsigned_too = rule == IMM_NARROW || (rule == IMM_BITS && v.bits);

	if (err)
		return err;
	*imm = (int32_t)num_bits(v.num);
	if (num_in(v.num, INT32_MIN, unsigned_too ? UINT32_MAX : INT32_MAX))
		return 0;
	if (num_in(v.num, 0, UINT32_MAX))
		return fail_unsigned(p, &v);
	return fail_too_large(p, &v);
}

/* --- statements --- */

/* `.insn 0xCCsdOOOOIIIIIIII`; the token is the dot. */
int stmt_raw(struct parser *p)
{
	struct insn in;
	struct value v;
	uint64_t bits;
	int err;

	lex_next(&p->lex);
	lex_next(&p->lex);
	err = expr_in(p, &v, 0, UINT64_MAX, "the bits of an instruction");
	if (err)
		return err;
	bits = v.num.mag;
	in.code = (uint8_t)(bits >> 56);
	in.src = bits >> 52 & 15;
	in.dst = bits >> 48 & 15;
	in.off = (int16_t)(bits >> 32);
	in.imm = (int32_t)bits;
	p->has_marks = true;
	return emit_ref(p, &in, REF_NONE, REF_RAW);
}

int stmt_bare(struct parser *p, const struct word *w)
{
	struct insn in = { .code = isa_rows[w->row].code };

	lex_next(&p->lex);
	return emit(p, &in);
}

static int (*const statements[W_USES])(struct parser *p, const struct word *w) = {
	[W_ALU] = stmt_mnemonic,    [W_NEG] = stmt_mnemonic,
	[W_MOVSX] = stmt_mnemonic,  [W_MOVS] = stmt_mnemonic,
	[W_END] = stmt_mnemonic,    [W_ENDLE] = stmt_mnemonic,
	[W_LOAD] = stmt_mnemonic,   [W_STORE] = stmt_mnemonic,
	[W_PACKET] = stmt_mnemonic, [W_LDDW] = stmt_mnemonic,
	[W_XADD] = stmt_mnemonic,   [W_JCOND] = stmt_mnemonic,
	[W_JUMP] = stmt_jump,	    [W_CALL] = stmt_call,
	[W_CALLX] = stmt_callx,	    [W_BARE] = stmt_bare,
	[W_IF] = stmt_if,	    [W_LOCK] = stmt_lock,
	[W_RELEASE] = stmt_release, [W_LDPSEUDO] = stmt_ld_pseudo,
	[W_STACK] = stmt_stack,	    [W_WHEN] = stmt_when,
	[W_REPEAT] = stmt_repeat,   [W_ELSE] = stmt_else,
};

/* A word nobody knows; with a parenthesis behind it, it was meant to be called. */
static int fail_statement(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	const struct decl *d = decl_find(p, t);
	struct near near;

	if (d && d->kind == DECL_MACRO) {
		fail(p, t, "'%.*s' is a macro", (int)t->len, t->s);
		return src_hint(p->src, "%.*s(...) calls it", (int)t->len, t->s);
	}
	near_begin(&near, t->s, t->len);
	near_words(p, &near, W_ALU, W_STACK);
	near_words(p, &near, W_LICENSE, W_USES);
	if (lex_peek(&p->lex) == '(') {
		near_decls(p, &near, 1 << DECL_FUNC | 1 << DECL_EXTERN | 1 << DECL_MACRO);
		near_helpers(p, &near);
	}
	return fail_unknown(p, t, lex_peek(&p->lex) == '(' ? "function" : "instruction", &near);
}

/* A line that only a dump has; section headers begin to count anew. */
static int pass_over(struct parser *p, const char *line)
{
	if (strncmp(line, "Disassembly", 11) == 0)
		p->scope.base = (uint32_t)p->u->nr_insns;
	lex_skip_line(&p->lex);
	return 0;
}

static int stmt_word(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	const struct word *w = words_find(&p->words, t->s, t->len);
	int err;

	if (w && statements[w->use] && (w->use != W_STACK || !dump_is_noise(p, t->s)))
		return statements[w->use](p, w);
	if (macro_find(p, t))
		return macro_call(p);
	if (is_callable(p, t))
		return stmt_sugar(p);
	if (dump_is_noise(p, t->s))
		return pass_over(p, t->s);
	err = dump_unknown(p);
	return err <= 0 ? err : fail_statement(p);
}

/* --- lines --- */

/* `name:` at the token, which may be `.name:`. */
static bool is_label(const struct parser *p)
{
	const char *s = p->lex.s;

	if (!label_starts(&p->lex.tok))
		return false;
	while (lex_is_label_char(*s))
		s++;
	return *s == ':' && s[1] != ':' && s - p->lex.tok.s > (p->lex.tok.kind == '.');
}

static int read_labels(struct parser *p)
{
	const char *s;
	uint32_t len;
	int err = 0;

	while (!err && is_label(p)) {
		if (dump_is_no_label(p, p->lex.tok.s))
			return pass_over(p, p->lex.tok.s);
		label_take(p, &s, &len);
		err = label_define(p, s, len);
		lex_next(&p->lex); /* the colon */
	}
	return err;
}

/* One statement; `end` is where the program's brace is. */
static int stmt_any(struct parser *p, const char *end)
{
	int err;

	p->stmt_pos = pos_of(p, &p->lex.tok);
	switch (p->lex.tok.kind) {
	case T_REG:
		return stmt_register(p);
	case '*':
		return stmt_store(p);
	case T_NAME:
		return stmt_word(p);
	case '.':
		if (strncmp(p->lex.s, "insn", 4) == 0)
			return stmt_raw(p);
		break;
	case T_EOL:
	case T_EOF:
		return 0;
	case '}':
		if (p->lex.tok.s == end)
			return 0;
		return fail(p, &p->lex.tok, "'}' without a '{'");
	default:
		break;
	}
	if (dump_is_noise(p, p->lex.tok.s))
		return pass_over(p, p->lex.tok.s);
	err = dump_unknown(p);
	return err <= 0 ? err : fail_expected(p, "an instruction");
}

static int stmt_line(struct parser *p, const char *end)
{
	const char *s = p->lex.s;
	uint32_t first;
	int err = 0;

	p->expect.n = 0;
	p->from_dump = false;
	p->below = NULL;
	p->vague = 0;
	p->at = (uint32_t)p->u->nr_insns;
	while (*s == ' ' || *s == '\t')
		s++;
	if (*s >= '0' && *s <= '9')
		err = dump_prefix(p);
	lex_next(&p->lex);
	if (err)
		return err < 0 ? err : pass_over(p, s);
	if (p->lex.tok.kind == '(' && !dump_is_noise(p, s))
		err = dump_opcode(p);
	if (p->from_dump)
		dump_look_below(p);
	if (!err && is_label(p))
		err = read_labels(p);
	first = p->at;
	if (!err)
		err = stmt_any(p, end);
	if (!err && !at_end(p) && p->lex.tok.s < end)
		err = fail(p, &p->lex.tok, "unexpected '%.*s' behind the instruction",
			   (int)(p->lex.tok.len > 40 ? 40 : p->lex.tok.len), p->lex.tok.s);
	return err || !p->expect.n ? err : dump_check(p, first);
}

/* The rest of a line that is wrong, and the blocks that begin in it. */
static void skip_failed(struct parser *p)
{
	while (!at_end(p)) {
		const char *close = p->lex.tok.kind == '{' ? decl_block_end(p) : NULL;

		if (close)
			p->lex.s = close + 1;
		lex_next(&p->lex);
	}
}

int stmt_read(struct parser *p, const char *end)
{
	while (p->lex.s < end) {
		int err = 0;

		if (fast_line(p, &err) && !err)
			continue;
		if (!err)
			err = stmt_line(p, end);
		if (err == -ENOMEM)
			return err;
		p->core = NULL;
		p->core_ok = false;
		if (err)
			skip_failed(p);
		if (p->below)
			p->lex.s = p->below;
	}
	return 0;
}
