// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls with arguments: `r0 = bpf_map_lookup_elem(map[m], &key)`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "asm/uapi.h"
#include "core/mem.h"
#include "uapi/names.h"

#define MAX_ARGS 5 /* r1 to r5 */

enum arg_kind { ARG_ANY, ARG_NUMBER, ARG_POINTER, ARG_MAP };

/* What is called, and what it takes. */
struct callee {
	struct tok name;
	enum arg_kind params[MAX_ARGS];
	unsigned int nr_params;
	bool variadic;
	const char *args; /* of a helper, for the complaint */
};

/* --- who is called --- */

bool is_callable(struct parser *p, const struct tok *name)
{
	const struct decl *d;

	if (name->kind != T_NAME || lex_peek(&p->lex) != '(')
		return false;
	d = decl_find(p, name);
	if (d)
		return d->kind == DECL_FUNC ||
		       (d->kind == DECL_EXTERN && p->u->externs[d->nr].is_func);
	return uapi_find_helper(p, name);
}

/* "struct bpf_map *map, const void *key, ...": the next parameter from *s on. */
static bool next_param(const char **s, const char **param, size_t *len)
{
	const char *start = *s;

	while (*start == ' ' || *start == ',')
		start++;
	*param = start;
	*len = strcspn(start, ",");
	*s = start + *len;
	return *len && strcmp(start, "void") != 0;
}

static void learn_helper(struct callee *c, const struct uapi_helper *h)
{
	const char *s = h->args, *param;
	size_t len;

	c->args = h->args;
	while (c->nr_params < MAX_ARGS && next_param(&s, &param, &len)) {
		enum arg_kind kind = ARG_NUMBER;

		if (strncmp(param, "...", 3) == 0) {
			c->variadic = true;
			return;
		}
		if (strncmp(param, "struct bpf_map *", 16) == 0 ||
		    strncmp(param, "void *ringbuf", 13) == 0)
			kind = ARG_MAP;
		else if (memchr(param, '*', len))
			kind = ARG_POINTER;
		c->params[c->nr_params++] = kind;
	}
}

static void learn_params(struct parser *p, struct callee *c, const struct param *params, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < MAX_ARGS; i++) {
		const struct ctype *t =
			ctype_get(p->u->types, ctype_strip(p->u->types, params[i].type));

		c->params[i] = t->kind == CT_PTR ? ARG_POINTER : ARG_NUMBER;
	}
	c->nr_params = n;
}

/* The kernel's list of licenses that may use everything. */
static bool is_gpl(const char *license)
{
	static const char *const list[] = {
		"GPL",		"GPL v2",	"GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
	};

	for (size_t i = 0; license && i < countof(list); i++)
		if (strcmp(license, list[i]) == 0)
			return true;
	return !license; /* the default */
}

/* "5.8" as 5008 */
static unsigned int version_of(const char *text)
{
	char *end;
	unsigned long major = strtoul(text, &end, 10);

	return (unsigned int)(major * 1000 + (*end ? strtoul(end + 1, NULL, 10) : 0));
}

/* "sched_cls, sched_act and 12 more" */
static void list_types(uint64_t types, char *text, size_t size)
{
	unsigned int left = (unsigned int)__builtin_popcountll(types), shown = 0;
	size_t n = 0;

	for (uint32_t t = 0; t < 64 && shown < 4 && n < size; t++)
		if (types >> t & 1 && uapi_prog_type_name(t))
			n += (size_t)snprintf(text + n, size - n, "%s%s", shown++ ? ", " : "",
					      uapi_prog_type_name(t));
	if (left > shown && n < size)
		snprintf(text + n, size - n, " and %u more", left - shown);
}

/* A function may be called by programs of any type. */
static void check_program(struct parser *p, const struct uapi_helper *h, const struct tok *name)
{
	const struct uapi_helper_use *use = &uapi_helper_uses[h->id - 1];
	const struct uapi_section *sec;
	const char *extra;
	char text[128] = "";

	if (p->scope.prog == NONE || p->u->progs[p->scope.prog].is_func)
		return;
	sec = uapi_section_find(p->u->progs[p->scope.prog].section, &extra);
	if (!sec || sec->prog_type == UAPI_PROG_ext || sec->prog_type == UAPI_PROG_unspec ||
	    use->prog_types >> sec->prog_type & 1)
		return;
	src_warn(p->src, "helper-program", pos_of(p, name), name->len,
		 "programs of type %s may not call %s", sec->prog_type_name, h->name);
	list_types(use->prog_types, text, sizeof(text));
	src_hint(p->src, "it is for %s", text);
}

int check_helper(struct parser *p, const struct uapi_helper *h, const struct tok *name)
{
	if (h->flags & HELPER_GPL && !is_gpl(p->u->license)) {
		fail(p, name, "%s is for programs under the GPL", h->name);
		return src_hint(p->src, "the license of this source is \"%s\"", p->u->license);
	}
	if (p->opts->checks)
		check_program(p, h, name);
	if (p->opts->kernel_version && version_of(h->since) > p->opts->kernel_version)
		src_warn(p->src, "helper-version", pos_of(p, name), name->len,
			 "%s came with kernel %s", h->name, h->since);
	return 0;
}

/* Functions of the source hide helpers. */
static int learn(struct parser *p, struct callee *c)
{
	struct decl *d = decl_find(p, &c->name);
	const struct uapi_helper *h;
	int err;

	if (!d) {
		h = uapi_find_helper(p, &c->name);
		if (h)
			learn_helper(c, h);
		return 0;
	}
	err = decl_resolve(p, d, &c->name);
	if (!err && d->kind == DECL_FUNC)
		learn_params(p, c, p->u->progs[d->nr].params, p->u->progs[d->nr].nr_params);
	else if (!err)
		learn_params(p, c, p->u->externs[d->nr].params, p->u->externs[d->nr].nr_params);
	return err;
}

/* --- arguments --- */

static int load_number(struct parser *p, struct reg dst, const struct value *v)
{
	uint64_t bits = num_bits(v->num);
	struct insn in = { .code = isa_rows[ROW_mov].code, .dst = dst.n, .imm = (int32_t)bits };

	if (num_in(v->num, INT32_MIN, INT32_MAX))
		return emit(p, &in);
	if (num_in(v->num, 0, UINT32_MAX)) { /* the upper half becomes zero */
		in.code ^= CODE_WIDTH;
		return emit(p, &in);
	}
	in.code = INSN_LD_IMM64;
	return emit_wide(p, &in, (uint32_t)(bits >> 32), REF_NONE, 0);
}

/* Where the literal is in .rodata.str1.1; equal ones are kept once. */
static int intern(struct parser *p, const struct tok *t, uint32_t *off)
{
	char *text = pool_alloc(&p->u->pool, t->len);
	struct symbol *s;
	bool is_new;
	long len;

	if (!text)
		return fail_memory(p);
	len = lex_string(t, text);
	if (len < 0)
		return fail(p, t, "bad escape in a string");
	s = symtab_add(&p->strings, text, (size_t)len + 1, (uint32_t)p->string_bytes.len, &is_new);
	if (!s || p->string_bytes.len > INT32_MAX)
		return fail_memory(p);
	if (is_new)
		buf_add(&p->string_bytes, text, (size_t)len + 1);
	*off = s->value;
	return buf_error(&p->string_bytes) ? fail_memory(p) : 0;
}

/* The address of the literal; its length is another argument's business. */
static int arg_string(struct parser *p, struct reg dst)
{
	struct insn in = { .code = INSN_LD_IMM64, .dst = dst.n };
	uint32_t off = 0;
	int err = intern(p, &p->lex.tok, &off);

	in.imm = (int32_t)off;
	lex_next(&p->lex);
	return err ? err : emit_wide(p, &in, 0, REF_STR, 0);
}

int assign_string(struct parser *p, struct reg dst)
{
	if (dst.narrow)
		return fail(p, &p->lex.tok, "an address does not fit a w register");
	return arg_string(p, dst);
}

static int fail_overwritten(struct parser *p, const struct tok *t, unsigned int n)
{
	fail(p, t, "'%.*s' has been overwritten by argument %u", (int)t->len, t->s, n);
	return src_hint(p->src,
			"arguments go to r1, r2 ... from left to right: keep it in r6 to r9");
}

/* `r6`, `r6 + 4`, `w6`; *written are the argument registers that no longer have their value. */
static int arg_register(struct parser *p, struct reg dst, unsigned int *written)
{
	struct tok t = p->lex.tok;
	struct insn mov = { .code = isa_rows[ROW_mov].code | CODE_REG, .dst = dst.n };
	struct insn add = { .code = isa_rows[ROW_add].code, .dst = dst.n };
	bool has_sum;
	struct value v = { .len = 0 };
	struct reg src;
	int err = reg_take(p, &src);

	if (err)
		return err;
	if (*written >> src.n & 1)
		return fail_overwritten(p, &t, src.n);
	has_sum = p->lex.tok.kind == '+' || p->lex.tok.kind == '-';
	if (has_sum && src.narrow)
		return fail(p, &t, "only an r register can have something added here");
	if (has_sum) {
		p->core_ok = true;
		err = expr_sum(p, &v);
		p->core_ok = false;
		p->core = NULL; /* until the addition */
		if (!err)
			err = value_in(p, &v, INT32_MIN, INT32_MAX, "what is added");
		add.imm = (int32_t)num_bits(v.num);
	}
	mov.src = src.n;
	mov.code ^= src.narrow ? CODE_WIDTH : 0;
	if (!err && (src.n != dst.n || src.narrow)) {
		err = emit(p, &mov);
		*written |= 1u << dst.n;
	}
	if (!err && has_sum) {
		p->core = v.core;
		err = emit(p, &add);
		*written |= 1u << dst.n;
	}
	return err;
}

static int check_kind(struct parser *p, const struct callee *c, const struct tok *t, unsigned int i,
		      enum arg_kind kind, bool is_zero)
{
	static const char *const names[] = {
		[ARG_NUMBER] = "a number", [ARG_POINTER] = "a pointer", [ARG_MAP] = "a map"
	};
	enum arg_kind want = i < c->nr_params ? c->params[i] : ARG_ANY;

	if (want == ARG_ANY || kind == ARG_ANY || kind == want || (is_zero && want == ARG_POINTER))
		return 0;
	fail(p, t, "argument %u of %.*s must be %s", i + 1, (int)c->name.len, c->name.s,
	     names[want]);
	return c->args ? src_hint(p->src, "it takes (%s)", c->args) : -EINVAL;
}

static bool is_address(const struct parser *p)
{
	const struct tok *t = &p->lex.tok;

	return t->kind == '&' || t->kind == T_STR ||
	       ((tok_is(t, "map") || tok_is(t, "subprog")) && lex_peek(&p->lex) == '[');
}

/* Argument i, from 0; the token is its first. */
static int take_arg(struct parser *p, const struct callee *c, unsigned int i, unsigned int *written)
{
	struct reg dst = { .n = (uint8_t)(i + 1) };
	struct tok t = p->lex.tok;
	enum arg_kind kind = ARG_POINTER;
	struct value v = { .len = 0 };
	int err;

	if (t.kind == T_REG)
		return arg_register(p, dst, written);
	*written |= 1u << dst.n;
	if (!is_address(p)) {
		p->core_ok = true;
		err = expr_read(p, &v);
		p->core_ok = false;
		if (!err)
			err = check_kind(p, c, &t, i, ARG_NUMBER, !v.num.mag);
		return err ? err : load_number(p, dst, &v);
	}
	if (tok_is(&t, "map"))
		kind = ARG_MAP;
	err = check_kind(p, c, &t, i, kind, false);
	if (err)
		return err;
	if (t.kind == '&')
		return assign_address(p, dst);
	if (t.kind == T_STR)
		return arg_string(p, dst);
	return kind == ARG_MAP ? assign_map(p, dst) : assign_subprog(p, dst);
}

/* Complaints about single arguments come first. */
static int check_count(struct parser *p, const struct callee *c, unsigned int n)
{
	if (n == c->nr_params || (c->variadic && n > c->nr_params))
		return 0;
	fail(p, &c->name, "%.*s takes %u argument%s, not %u", (int)c->name.len, c->name.s,
	     c->nr_params, c->nr_params == 1 ? "" : "s", n);
	return c->args ? src_hint(p->src, "(%s)", c->args) : -EINVAL;
}

static int take_args(struct parser *p, const struct callee *c)
{
	unsigned int n = 0, written = 0;
	int err = need(p, '(', "'('");

	while (!err && p->lex.tok.kind != ')') {
		if (n == MAX_ARGS)
			return fail(p, &p->lex.tok, "a call has at most %d arguments", MAX_ARGS);
		err = take_arg(p, c, n++, &written);
		if (!err && p->lex.tok.kind != ')')
			err = need(p, ',', "',' or ')'");
	}
	if (!err)
		err = need(p, ')', "')'");
	return err ? err : check_count(p, c, n);
}

int stmt_sugar(struct parser *p)
{
	struct callee c = { .name = p->lex.tok };
	int err = learn(p, &c);

	lex_next(&p->lex);
	if (!err)
		err = take_args(p, &c);
	return err ? err : call_by_name(p, &c.name);
}

int assign_call(struct parser *p, struct reg dst)
{
	if (dst.n == 0 && !dst.narrow)
		return stmt_sugar(p);
	fail(p, &p->lex.tok, "the result of a call is in r0");
	if (dst.n == 0)
		return src_hint(p->src, "write r0 = ...");
	return src_hint(p->src, "write r0 = ..., and on the next line %c%u = %c0",
			dst.narrow ? 'w' : 'r', dst.n, dst.narrow ? 'w' : 'r');
}
