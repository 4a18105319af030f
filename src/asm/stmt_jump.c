// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Jumps and plain calls. */
#include <errno.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/loaded.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "asm/uapi.h"
#include "uapi/names.h"

/* The comparison that the token begins, s> being two tokens; the last of them stays the token. */
static uint32_t condition_row(struct parser *p)
{
	bool is_signed = tok_is(&p->lex.tok, "s");
	uint8_t row;

	if (is_signed)
		lex_next(&p->lex);
	row = p->ops.compare[is_signed][p->lex.tok.kind];
	return row ? row - 1u : NONE;
}

/* The right side of a comparison; numbers in hex are bit patterns, as the kernel prints them. */
int condition_operand(struct parser *p, struct insn *in, bool narrow)
{
	struct tok t = p->lex.tok;
	struct reg src;
	int err;

	if (t.kind != T_REG)
		return imm_take(p, narrow ? IMM_NARROW : IMM_BITS, &in->imm);
	err = reg_take(p, &src);
	if (!err && src.narrow != narrow)
		err = fail(p, &t, "'%.*s' is not as wide as the other register", (int)t.len, t.s);
	in->code |= CODE_REG;
	in->src = src.n;
	return err;
}

int condition_read(struct parser *p, struct insn *in)
{
	struct reg dst;
	uint32_t row;
	int err;

	lex_next(&p->lex);
	err = reg_take(p, &dst);
	if (err)
		return err;
	row = condition_row(p);
	if (row == NONE)
		return fail_expected(p,
				     "a comparison: ==, !=, <, s<, <=, s<=, >, s>, >=, s>= or &");
	in->code = isa_rows[row].code ^ (dst.narrow ? CODE_WIDTH : 0);
	in->dst = dst.n;
	lex_next(&p->lex);
	return condition_operand(p, in, dst.narrow);
}

int stmt_if(struct parser *p, const struct word *w)
{
	struct target target;
	struct insn in = { 0 };
	int err = condition_read(p, &in);

	(void)w;
	if (err)
		return err;
	if (p->lex.tok.kind == '{')
		return block_if(p, &in);
	accept(p, ',');
	if (!tok_is(&p->lex.tok, "goto"))
		return fail_expected(p, "goto or '{'");
	lex_next(&p->lex);
	err = target_read(p, &target);
	return err ? err : emit_jump(p, &in, &target);
}

int stmt_jump(struct parser *p, const struct word *w)
{
	struct insn in = { .code = isa_rows[w->row].code };
	struct target target;
	int err;

	lex_next(&p->lex);
	err = target_read(p, &target);
	return err ? err : emit_jump(p, &in, &target);
}

/* `gotox r1`, `callx r1`; what `callx 5` means depends on who reads it. */
int stmt_callx(struct parser *p, const struct word *w)
{
	struct insn in = { .code = isa_rows[w->row].code };
	int err;

	lex_next(&p->lex);
	if (p->lex.tok.kind == T_NUM) {
		fail(p, &p->lex.tok, "callx takes a register");
		return src_hint(p->src, "call pc+%llu calls a subprogram by its distance",
				(unsigned long long)p->lex.tok.num);
	}
	err = reg_take_wide(p, &in.dst);
	return err ? err : emit(p, &in);
}

/* --- call --- */

static int take_number(struct parser *p, int32_t *number)
{
	struct value v = { .len = 0 };
	int err = expr_in(p, &v, INT32_MIN, INT32_MAX, "the number of a function");

	*number = (int32_t)num_bits(v.num);
	return err;
}

/*
 * `call 5`: a helper.  Disassemblers write other kinds so too, which only the bytes tell; but the
 * negative numbers in their text are calls that a linker has yet to fill in.
 */
static int call_number(struct parser *p)
{
	struct insn in = { .code = isa_rows[ROW_call].code };
	struct tok t = p->lex.tok;
	int err = take_number(p, &in.imm);

	if (err)
		return err;
	p->vague = F_SRC | F_OFF;
	if (in.imm < 0 && p->from_dump)
		in.src = PSEUDO_CALL;
	else if (!uapi_helper_name((uint32_t)in.imm) && p->expect.n < INSN_SIZE)
		src_warn(p->src, "unknown-helper", pos_of(p, &t), t.len,
			 "there is no helper with this number");
	return emit(p, &in);
}

/* `#5` glued to a name; or a name behind it, as bpftool has it for subprograms. */
static int take_tag(struct parser *p, int32_t *number, bool *is_number)
{
	*is_number = false;
	if (p->lex.tok.kind != '#')
		return 0;
	lex_next(&p->lex);
	if (p->lex.tok.kind == T_NUM || p->lex.tok.kind == '-') {
		*is_number = true;
		return take_number(p, number);
	}
	while (!at_end(p))
		lex_next(&p->lex);
	return 0;
}

/* `call pc+5`, `call pc+5#2` where off has the distance, `call pc+5#name` of a loaded program. */
static int call_distance(struct parser *p)
{
	struct insn in = { .code = isa_rows[ROW_call].code, .src = PSEUDO_CALL };
	bool has_number;
	struct value v = { .len = 0 };
	int err;

	lex_next(&p->lex);
	err = expr_sum(p, &v);
	if (!err)
		err = value_in(p, &v, INT32_MIN, INT32_MAX, "the distance of a call");
	if (err)
		return err;
	p->vague = p->lex.tok.kind == '#' ? F_OFF | F_IMM : 0;
	in.imm = (int32_t)num_bits(v.num);
	err = take_tag(p, &in.imm, &has_number);
	if (!err && has_number) {
		err = value_in(p, &v, INT16_MIN, INT16_MAX, "the distance of such a call");
		in.off = (int16_t)num_bits(v.num);
		p->vague = 0;
	}
	if (!err && p->vague)
		err = loaded_note(p);
	return err ? err : emit(p, &in);
}

/* `call kernel-function#5`, `call kernel-function+3#5` with the index of a module in off. */
static int call_kernel_function(struct parser *p)
{
	struct insn in = { .code = isa_rows[ROW_call].code, .src = PSEUDO_KFUNC_CALL };
	bool has_number = false;
	struct value v = { .len = 0 };
	int err = 0;

	lex_next(&p->lex); /* kernel */
	lex_next(&p->lex); /* - */
	lex_next(&p->lex); /* function */
	if (p->lex.tok.kind == '+' || p->lex.tok.kind == '-') {
		err = expr_sum(p, &v);
		if (!err)
			err = value_in(p, &v, INT16_MIN, INT16_MAX, "the index of a module");
		in.off = (int16_t)num_bits(v.num);
	}
	if (!err)
		err = take_tag(p, &in.imm, &has_number);
	if (!err && !has_number)
		err = fail_expected(p, "'#' and a number");
	return err ? err : emit(p, &in);
}

/*
 * No BTF has as many types, so a number that is not below is none of a kernel function but, in a
 * loaded program, the distance of a helper's code from __bpf_call_base.
 */
#define MAX_BTF_ID (1 << 18)

/*
 * `call name#number`: a helper if name and number say so; `unknown` one; a helper's address in a
 * loaded program, whose name is known but has another number; else a kernel function.
 */
static int call_tagged(struct parser *p, const struct tok *name)
{
	const struct uapi_helper *helper = uapi_find_helper(p, name);
	struct insn in = { .code = isa_rows[ROW_call].code };
	bool has_number;
	int err = take_tag(p, &in.imm, &has_number);

	if (err)
		return err;
	if (!has_number)
		return fail_expected(p, "a number behind '#'");
	if (helper && in.imm != (int32_t)helper->id && uapi_helper_name((uint32_t)in.imm)) {
		fail(p, name, "%s is helper %u, and %d is another one", helper->name, helper->id,
		     in.imm);
		return src_hint(p->src, "leave the number out");
	}
	if (!helper)
		p->vague = F_SRC | F_OFF;
	if (!helper && !tok_is(name, "unknown") && in.imm >= 0 && in.imm < MAX_BTF_ID)
		in.src = PSEUDO_KFUNC_CALL;
	return emit(p, &in);
}

int fail_callee(struct parser *p, const struct tok *name)
{
	struct near near;

	if (decl_find(p, name))
		return fail(p, name, "'%.*s' is not a function", (int)name->len, name->s);
	near_begin(&near, name->s, name->len);
	near_decls(p, &near, 1 << DECL_FUNC | 1 << DECL_PROG | 1 << DECL_EXTERN);
	near_helpers(p, &near);
	near_table(p, &near, &p->scope.labels);
	return fail_unknown(p, name, "function", &near);
}

/* A program of the same section may be called, as in C a function with a section of its own. */
static int check_callee(struct parser *p, const struct decl *d, const struct tok *name)
{
	const struct prog *callee = &p->u->progs[d->nr];

	if (d->kind != DECL_PROG || p->scope.prog == NONE)
		return 0;
	if (d->nr == p->scope.prog)
		return fail(p, name, "program '%s' calls itself", callee->name);
	if (strcmp(callee->section, p->u->progs[p->scope.prog].section) != 0)
		src_warn(p->src, "call-section", pos_of(p, name), name->len,
			 "loaders take calls of a program within its section only");
	return 0;
}

/* A function, kernel function or helper by name; -ENOENT without a complaint. */
int call_by_name(struct parser *p, const struct tok *name)
{
	struct insn in = { .code = isa_rows[ROW_call].code, .src = PSEUDO_CALL, .imm = -1 };
	struct decl *d = decl_find(p, name);
	const struct uapi_helper *helper;
	int err;

	if (d && (d->kind == DECL_FUNC || d->kind == DECL_PROG)) {
		err = check_callee(p, d, name);
		return err ? err : emit_ref(p, &in, REF_FUNC, d->nr);
	}
	if (d && d->kind == DECL_EXTERN && p->u->externs[d->nr].is_func)
		return emit_ref(p, &in, REF_EXTERN, d->nr);
	helper = uapi_find_helper(p, name);
	if (!helper)
		return -ENOENT;
	in.src = 0;
	in.imm = (int32_t)helper->id;
	err = check_helper(p, helper, name);
	return err ? err : emit(p, &in);
}

/* In a bare stream functions are labels. */
static int call_label(struct parser *p)
{
	struct insn in = { .code = isa_rows[ROW_call].code, .src = PSEUDO_CALL };
	struct target target;
	int err = target_read(p, &target);

	return err ? err : emit_jump(p, &in, &target);
}

static int call_name(struct parser *p)
{
	struct tok name = p->lex.tok;
	bool is_label = p->scope.prog == NONE;
	int err;

	label_take(p, &name.s, &name.len); /* compilers put dots into names of functions */
	if (p->lex.tok.kind == '#')
		return call_tagged(p, &name);
	err = call_by_name(p, &name);
	if (err != -ENOENT)
		return err;
	if (!is_label)
		return fail_callee(p, &name);
	p->lex.s = name.s;
	lex_next(&p->lex);
	return call_label(p);
}

/* `helper name#5`, `kfunc name#5`: the number counts, whatever kind it looks like. */
static int take_named_number(struct parser *p, int32_t *number)
{
	bool has_number = false;
	struct tok name;
	int err;

	label_take(p, &name.s, &name.len);
	err = take_tag(p, number, &has_number);
	return err || has_number ? err : fail_expected(p, "'#' and a number");
}

/* `call local f`, `call local 5`, `call helper 5`, `call runtime 5`: other dialects. */
static int call_kind(struct parser *p, uint8_t src)
{
	struct insn in = { .code = isa_rows[ROW_call].code, .src = src };
	int err;

	lex_next(&p->lex);
	if (p->lex.tok.kind == T_NAME && src == PSEUDO_CALL)
		return call_name(p);
	if (p->lex.tok.kind == T_NAME)
		err = take_named_number(p, &in.imm);
	else
		err = take_number(p, &in.imm);
	return err ? err : emit(p, &in);
}

static int call_register(struct parser *p)
{
	struct insn in = { .code = isa_rows[ROW_callx].code };
	int err = reg_take_wide(p, &in.dst);

	return err ? err : emit(p, &in);
}

int stmt_call(struct parser *p, const struct word *w)
{
	const struct tok *t = &p->lex.tok;
	char next;

	(void)w;
	lex_next(&p->lex);
	next = lex_peek(&p->lex);
	switch (t->kind) {
	case T_REG:
		return call_register(p);
	case T_NAME:
		if (tok_is(t, "pc") && (next == '+' || next == '-'))
			return call_distance(p);
		if (tok_is(t, "kernel") && strncmp(p->lex.s, "-function", 9) == 0)
			return call_kernel_function(p);
		if (!lex_is_label_char(next) && next != '-' && next != '+')
			return call_name(p);
		if (tok_is(t, "local"))
			return call_kind(p, PSEUDO_CALL);
		if (tok_is(t, "helper"))
			return call_kind(p, 0);
		if (tok_is(t, "runtime") || tok_is(t, "kfunc"))
			return call_kind(p, PSEUDO_KFUNC_CALL);
		return call_name(p);
	case '.':
		return p->scope.prog == NONE ? call_label(p) : fail_expected(p, "a function");
	default:
		return call_number(p);
	}
}
