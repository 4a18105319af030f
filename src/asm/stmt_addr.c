// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Addresses in registers: maps, variables, stack slots, functions, kernel symbols. */
#include <errno.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/loaded.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "asm/type.h"

static int check_wide(struct parser *p, struct reg dst)
{
	if (!dst.narrow)
		return 0;
	return fail(p, &p->lex.tok, "an address does not fit a w register");
}

static int emit_address(struct parser *p, struct reg dst, uint8_t src, int32_t imm, uint32_t high,
			enum ref_kind kind, uint32_t ref)
{
	struct insn in = { .code = INSN_LD_IMM64, .dst = dst.n, .src = src, .imm = imm };

	return emit_wide(p, &in, high, kind, ref);
}

/* --- maps --- */

/* `[0]` and `+ 16` behind a map: the address of a value, or the map itself. */
static int take_value_offset(struct parser *p, bool *is_value, uint32_t *off)
{
	struct value v = { .len = 0 };
	int err;

	*off = 0;
	*is_value = accept(p, '[');
	if (!*is_value)
		return 0;
	err = expr_in(p, &v, 0, 0, "the element whose address is taken");
	if (!err)
		err = need(p, ']', "']'");
	if (err || (p->lex.tok.kind != '+' && p->lex.tok.kind != '-'))
		return err;
	err = expr_sum(p, &v);
	if (!err)
		err = value_in(p, &v, 0, UINT32_MAX, "the offset in a value");
	*off = (uint32_t)v.num.mag;
	return err;
}

/* `fd:7]`, `idx:7]+16`: numbers as they are in the instruction. */
static int assign_map_number(struct parser *p, struct reg dst)
{
	bool by_index = tok_is(&p->lex.tok, "idx"), is_id = tok_is(&p->lex.tok, "id");
	struct tok t = p->lex.tok;
	bool is_value = false;
	uint32_t off = 0;
	struct value v = { .len = 0 };
	int err;

	lex_next(&p->lex);
	lex_next(&p->lex);
	err = expr_in(p, &v, INT32_MIN, INT32_MAX, "the number of a map");
	if (!err)
		err = need(p, ']', "']'");
	if (!err && !by_index)
		err = take_value_offset(p, &is_value, &off);
	if (!err && by_index && p->lex.tok.kind == '+') {
		struct value plus;

		err = expr_sum(p, &plus);
		if (!err)
			err = value_in(p, &plus, 0, UINT32_MAX, "the offset in a value");
		off = (uint32_t)plus.num.mag;
		is_value = true;
	}
	if (err)
		return err;
	p->vague = is_value ? 0 : F_HIGH;
	if (is_id && p->expect.n < INSN_SIZE)
		src_warn(p->src, "map-id", pos_of(p, &t), t.len,
			 "a loader takes the number for a file descriptor, not an id");
	return emit_address(p, dst,
			    by_index ? (is_value ? PSEUDO_MAP_IDX_VALUE : PSEUDO_MAP_IDX)
				     : (is_value ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD),
			    (int32_t)num_bits(v.num), off, REF_NONE, 0);
}

static int fail_map(struct parser *p, const struct tok *name)
{
	struct near near;

	if (decl_find(p, name))
		return fail(p, name, "'%.*s' is not a map", (int)name->len, name->s);
	near_begin(&near, name->s, name->len);
	near_decls(p, &near, 1 << DECL_MAP);
	return fail_unknown(p, name, "map", &near);
}

/* The token is `map`. */
int assign_map(struct parser *p, struct reg dst)
{
	const struct tok *t = &p->lex.tok;
	struct decl *d;
	bool is_value;
	uint32_t off;
	int err = check_wide(p, dst);

	lex_next(&p->lex);
	if (!err)
		err = need(p, '[', "'['");
	if (err)
		return err;
	if ((tok_is(t, "id") || tok_is(t, "fd") || tok_is(t, "idx")) && *p->lex.s == ':')
		return assign_map_number(p, dst);
	if (t->kind != T_NAME)
		return fail_expected(p, "the name of a map");
	d = decl_find(p, t);
	if (!d || d->kind != DECL_MAP)
		return fail_map(p, t);
	lex_next(&p->lex);
	err = need(p, ']', "']'");
	if (!err)
		err = take_value_offset(p, &is_value, &off);
	if (err)
		return err;
	return emit_address(p, dst, is_value ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD, 0, off, REF_MAP,
			    d->nr);
}

/* --- functions --- */

/* A callback must be a func. */
static int fail_func(struct parser *p, const struct tok *name)
{
	struct near near;

	if (decl_find(p, name))
		return fail(p, name, "'%.*s' is not a func", (int)name->len, name->s);
	near_begin(&near, name->s, name->len);
	near_decls(p, &near, 1 << DECL_FUNC);
	return fail_unknown(p, name, "func", &near);
}

/* `subprog[name]`, or with a distance as the kernel prints it; the token is `subprog`. */
int assign_subprog(struct parser *p, struct reg dst)
{
	const struct tok *t = &p->lex.tok;
	uint32_t ref = 0;
	enum ref_kind kind = REF_NONE;
	int32_t distance = 0;
	int err = check_wide(p, dst);

	lex_next(&p->lex);
	if (!err)
		err = need(p, '[', "'['");
	if (!err && (t->kind == '+' || t->kind == '-')) {
		struct value v = { .len = 0 };

		err = expr_sum(p, &v);
		if (!err)
			err = value_in(p, &v, INT32_MIN, INT32_MAX, "a distance");
		distance = (int32_t)num_bits(v.num);
		p->vague = F_HIGH; /* a compiled program has the number of the function there */
	} else if (!err) {
		struct decl *d = decl_find(p, t);

		if (!d || d->kind != DECL_FUNC)
			return fail_func(p, t);
		kind = REF_FUNC_ADDR;
		ref = d->nr;
		lex_next(&p->lex);
	}
	if (!err)
		err = need(p, ']', "']'");
	p->vague = kind == REF_NONE ? F_HIGH : 0;
	if (!err && kind == REF_NONE)
		err = loaded_note(p);
	return err ? err : emit_address(p, dst, PSEUDO_FUNC, distance, 0, kind, ref);
}

/* --- & --- */

/* `r2 = &slot` is two instructions. */
static int add_to_frame(struct parser *p, struct reg dst, int64_t off)
{
	struct insn mov = { .code = isa_rows[ROW_mov].code | CODE_REG, .dst = dst.n, .src = 10 };
	struct insn add = { .code = isa_rows[ROW_add].code, .dst = dst.n, .imm = (int32_t)off };
	int err = emit(p, &mov);

	return err || !off ? err : emit(p, &add);
}

/* The offset of `.f[2] + 4` behind a variable of the type. */
static int take_inner(struct parser *p, uint32_t type, int64_t *off)
{
	struct cfield f = { .type = type };
	struct tok t = p->lex.tok;
	struct value v = { .len = 0 };
	int err = type_path(p, &f);

	if (!err && f.bits)
		err = fail(p, &t, "a bitfield has no address");
	*off = f.off;
	if (err || (p->lex.tok.kind != '+' && p->lex.tok.kind != '-'))
		return err;
	err = expr_sum(p, &v);
	if (!err)
		err = value_in(p, &v, -(int64_t)CTYPE_MAX_SIZE, CTYPE_MAX_SIZE, "an offset");
	*off += (int64_t)num_bits(v.num);
	return err;
}

/* `(void __percpu *)(r2)`, in dumps of loaded programs only; the token is the parenthesis. */
static int assign_percpu(struct parser *p, struct reg dst)
{
	static const char *const words[] = { "void", "__percpu" };
	struct insn in = { .code = isa_rows[ROW_percpu].code,
			   .dst = dst.n,
			   .off = isa_rows[ROW_percpu].off };
	int err = 0;

	for (size_t i = 0; i < 2; i++) {
		lex_next(&p->lex);
		if (!tok_is(&p->lex.tok, words[i]))
			return fail_expected(p, "(void __percpu *)");
	}
	lex_next(&p->lex);
	err = need(p, '*', "'*'");
	if (!err)
		err = need(p, ')', "')'");
	if (!err)
		err = need(p, '(', "'('");
	if (!err)
		err = reg_take_wide(p, &in.src);
	if (!err)
		err = need(p, ')', "')'");
	return err ? err : emit(p, &in);
}

static int fail_variable(struct parser *p, const struct tok *name, const struct decl *d)
{
	struct near near;

	if (d && d->kind == DECL_MAP) {
		fail(p, name, "'%.*s' is a map", (int)name->len, name->s);
		return src_hint(p->src, "write map[%.*s]", (int)name->len, name->s);
	}
	if (d)
		return fail(p, name, "'%.*s' is not a variable", (int)name->len, name->s);
	near_begin(&near, name->s, name->len);
	near_decls(p, &near, 1 << DECL_VAR | 1 << DECL_EXTERN | 1 << DECL_FUNC);
	near_table(p, &near, &p->scope.slot_names);
	return fail_unknown(p, name, "variable", &near);
}

/* The address of what d declares; the token is behind its name. */
static int assign_declared(struct parser *p, struct reg dst, struct decl *d, const struct tok *name)
{
	int64_t off;
	int err;

	if (d && d->kind == DECL_FUNC)
		return emit_address(p, dst, PSEUDO_FUNC, 0, 0, REF_FUNC_ADDR, d->nr);
	if (d && d->kind == DECL_EXTERN)
		return emit_address(p, dst, 0, 0, 0, REF_EXTERN, d->nr);
	if (!d || d->kind != DECL_VAR)
		return fail_variable(p, name, d);
	err = decl_resolve(p, d, name);
	if (!err)
		err = take_inner(p, p->u->vars[d->nr].type, &off);
	return err ? err : emit_address(p, dst, 0, (int32_t)off, 0, REF_VAR, d->nr);
}

/* The token is &. */
int assign_address(struct parser *p, struct reg dst)
{
	const struct symbol *slot;
	struct tok name;
	int64_t off;
	int err = check_wide(p, dst);

	if (err)
		return err;
	lex_next(&p->lex);
	if (p->lex.tok.kind == '(')
		return assign_percpu(p, dst);
	name = p->lex.tok;
	if (name.kind != T_NAME)
		return fail_expected(p, "the name of a variable");
	lex_next(&p->lex);
	slot = symtab_find(&p->scope.slot_names, name.s, name.len);
	if (!slot)
		return assign_declared(p, dst, decl_find(p, &name), &name);
	err = take_inner(p, p->scope.slots[slot->value].type, &off);
	return err ? err : add_to_frame(p, dst, p->scope.slots[slot->value].off + off);
}

/* --- other dialects --- */

bool names_address(struct parser *p, const struct tok *name)
{
	const struct decl *d = decl_find(p, name);

	return d && (d->kind == DECL_MAP || d->kind == DECL_VAR || d->kind == DECL_EXTERN ||
		     d->kind == DECL_FUNC);
}

/* `name ll`, LLVM's way, and `lddw r1, name`. */
int assign_symbol(struct parser *p, struct reg dst)
{
	struct tok name = p->lex.tok;
	struct decl *d = decl_find(p, &name);
	int err = check_wide(p, dst);

	if (err)
		return err;
	lex_next(&p->lex);
	if (d->kind == DECL_MAP)
		err = emit_address(p, dst, PSEUDO_MAP_FD, 0, 0, REF_MAP, d->nr);
	else
		err = assign_declared(p, dst, d, &name);
	if (!err && tok_is(&p->lex.tok, "ll"))
		lex_next(&p->lex);
	return err;
}

/* `ld_pseudo r1, 1, 7`: src and the 64 bits of any ld_imm64. */
int stmt_ld_pseudo(struct parser *p, const struct word *w)
{
	struct reg dst = { .narrow = false };
	struct value src, v;
	uint32_t high;
	int err;

	(void)w;
	lex_next(&p->lex);
	err = reg_take_wide(p, &dst.n);
	if (!err)
		err = need(p, ',', "','");
	if (!err)
		err = expr_in(p, &src, 0, PSEUDO_MAP_IDX_VALUE, "the kind of a 64-bit constant");
	if (!err)
		err = need(p, ',', "','");
	if (!err)
		err = expr_in(p, &v, INT32_MIN, UINT64_MAX, "the constant");
	if (err)
		return err;
	high = v.num.neg ? 0 : (uint32_t)(v.num.mag >> 32);
	return emit_address(p, dst, (uint8_t)src.num.mag, (int32_t)num_bits(v.num), high, REF_NONE,
			    0);
}
