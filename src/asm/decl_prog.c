// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* prog, func, and what is found in the kernel: kfunc, ksym, kconfig. */
#include <errno.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/parse.h"
#include "asm/type.h"
#include "core/mem.h"
#include "uapi/names.h"

#define MAX_PARAMS 5 /* r1 to r5 */

/* --- first reading --- */

static int add_prog(struct parser *p, unsigned int kind, const struct word *w, const char *section,
		    struct decl **d)
{
	struct unit *u = p->u;
	int err = decl_add(p, kind, w, d);

	if (err)
		return err;
	if (array_grow(&u->progs, u->nr_progs, &p->cap_progs, sizeof(*u->progs)) != 0)
		return fail_memory(p);
	(*d)->nr = (uint32_t)u->nr_progs;
	u->progs[u->nr_progs++] = (struct prog){ .name = decl_name(p, &(*d)->name),
						 .section = section,
						 .is_func = kind == DECL_FUNC,
						 .pos = (*d)->pos };
	return 0;
}

/* Notes where the body is; its end is known when it has been skipped. */
static int add_body(struct parser *p, uint32_t prog)
{
	while (!at_end(p) && p->lex.tok.kind != '{')
		lex_next(&p->lex);
	if (p->lex.tok.kind != '{')
		return fail_expected(p, "'{'");
	if (array_grow(&p->chunks, p->nr_chunks, &p->cap_chunks, sizeof(*p->chunks)) != 0)
		return fail_memory(p);
	p->chunks[p->nr_chunks++] = (struct chunk){ .at = p->lex, .prog = prog };
	return 0;
}

static int fail_section(struct parser *p, const struct tok *t)
{
	size_t head = strcspn(t->s, "/ \t\n{");
	struct near near;

	near_begin(&near, t->s, head < t->len && !memchr(t->s, ' ', head) ? head : t->len);
	for (size_t i = 0; i < uapi_nr_sections; i++) {
		const char *s = uapi_sections[i].pattern;

		near_try(&near, s, strcspn(s, "+"));
	}
	fail_unknown(p, t, "section", &near);
	if (near.best)
		return src_hint(p->src, "did you mean '%.*s'? a name in quotes is taken as it is",
				(int)near.best_len, near.best);
	return src_hint(p->src, "a name in quotes is taken as it is");
}

/* Anything up to a blank: `kprobe/f`, `uprobe//bin/bash:readline`. */
static char *read_plain_section(struct parser *p)
{
	struct tok t = { .kind = T_NAME, .s = p->lex.s };
	const char *s = t.s, *extra;
	char *section;

	while (*s > ' ' && *s != '{')
		s++;
	t.len = (uint32_t)(s - t.s);
	p->lex.s = s;
	section = pool_str(&p->u->pool, t.s, t.len);
	if (!section)
		fail_memory(p);
	else if (!t.len)
		fail(p, &t, "expected the section of the program, as in: prog xdp NAME {");
	else if (!uapi_section_find(section, &extra))
		fail_section(p, &t);
	else
		return section;
	return NULL;
}

/*
 * A string in its place: the author means it, so that a name no loader knows is only warned of.
 * Such programs are loaded by those who say the type.
 */
static char *read_quoted_section(struct parser *p)
{
	struct tok t;
	const char *extra;
	char *section;

	lex_next(&p->lex);
	t = p->lex.tok;
	section = decl_string(p, &t);
	if (!section)
		return NULL;
	if (!*section) {
		fail(p, &t, "expected the section of the program, as in: prog xdp NAME {");
		return NULL;
	}
	if (!uapi_section_find(section, &extra))
		src_warn(p->src, "unknown-section", pos_of(p, &t), t.len,
			 "loaders know no section of this name: they have to be told the type of "
			 "the program");
	return section;
}

/* `prog SECTION NAME {` */
int collect_prog(struct parser *p, const struct word *w)
{
	const char *section;
	struct decl *d;
	int err;

	while (*p->lex.s == ' ' || *p->lex.s == '\t')
		p->lex.s++;
	section = *p->lex.s == '"' ? read_quoted_section(p) : read_plain_section(p);
	lex_next(&p->lex);
	if (!section && at_end(p))
		return -EINVAL;
	err = add_prog(p, DECL_PROG, w, section ? section : "", &d);
	if (!err)
		err = add_body(p, d->nr);
	return section ? err : -EINVAL;
}

/* To the name in front of the first parenthesis. */
static int find_function(struct parser *p)
{
	while (!at_end(p) && !(tok_is_name(&p->lex.tok) && lex_peek(&p->lex) == '('))
		lex_next(&p->lex);
	return at_end(p) ? fail_expected(p, "NAME(...)") : 0;
}

/* `func [global [hidden]] [TYPE] NAME(PARAMETERS) {` */
int collect_func(struct parser *p, const struct word *w)
{
	struct lex start;
	struct decl *d;
	int err;

	lex_next(&p->lex);
	start = p->lex;
	err = find_function(p);
	if (!err)
		err = add_prog(p, DECL_FUNC, w, ".text", &d);
	if (err)
		return err;
	d->at = start;
	return add_body(p, d->nr);
}

static int add_extern(struct parser *p, const struct word *w, const struct lex *start)
{
	struct unit *u = p->u;
	struct decl *d;
	int err = decl_add(p, DECL_EXTERN, w, &d);

	if (err)
		return err;
	if (array_grow(&u->externs, u->nr_externs, &p->cap_externs, sizeof(*u->externs)) != 0)
		return fail_memory(p);
	d->at = *start;
	d->nr = (uint32_t)u->nr_externs;
	u->externs[u->nr_externs++] =
		(struct extern_decl){ .name = decl_name(p, &d->name),
				      .section = w->use == W_KCONFIG ? ".kconfig" : ".ksyms",
				      .is_func = w->use == W_KFUNC,
				      .pos = d->pos };
	return 0;
}

/* `kfunc [weak] TYPE NAME(PARAMETERS) [weak]` */
int collect_kfunc(struct parser *p, const struct word *w)
{
	struct lex start;
	int err;

	lex_next(&p->lex);
	start = p->lex;
	err = find_function(p);
	return err ? err : add_extern(p, w, &start);
}

/* `ksym [weak] [TYPE] NAME [weak]`, `kconfig [weak] TYPE NAME [weak]` */
int collect_extern(struct parser *p, const struct word *w)
{
	struct lex start;

	lex_next(&p->lex);
	start = p->lex;
	decl_find_name(p);
	return add_extern(p, w, &start);
}

/* --- second reading --- */

static bool accept_word(struct parser *p, const char *word)
{
	if (!tok_is(&p->lex.tok, word))
		return false;
	lex_next(&p->lex);
	return true;
}

/* Numbers and pointers: what fits a register. */
static int check_scalar(struct parser *p, uint32_t type, const struct tok *t)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, type));
	int err = c->kind == CT_PTR ? 0 : type_complete(p, type, t);

	if (!err &&
	    (c->kind == CT_STRUCT || c->kind == CT_UNION || c->kind == CT_ARRAY || c->size > 8))
		err = fail(p, t, "functions take and return numbers and pointers");
	return err;
}

static int read_param(struct parser *p, struct param *param)
{
	struct tok first = p->lex.tok;
	int err = type_read(p, &param->type);

	if (!err)
		err = check_scalar(p, param->type, &first);
	if (!err && tok_is_name(&p->lex.tok)) {
		param->name = decl_name(p, &p->lex.tok);
		lex_next(&p->lex);
	}
	return err;
}

/* Behind the parenthesis; `void` alone is none. */
static int read_params(struct parser *p, struct param **params, uint32_t *n)
{
	int err = 0;

	*n = 0;
	*params = pool_alloc(&p->u->pool, MAX_PARAMS * sizeof(**params));
	if (!*params)
		return fail_memory(p);
	if (tok_is(&p->lex.tok, "void") && lex_peek(&p->lex) == ')')
		lex_next(&p->lex);
	while (!err && p->lex.tok.kind != ')') {
		if (*n == MAX_PARAMS)
			return fail(p, &p->lex.tok, "more than %d parameters", MAX_PARAMS);
		err = read_param(p, &(*params)[(*n)++]);
		if (!err && p->lex.tok.kind != ')')
			err = need(p, ',', "',' or ')'");
	}
	return err ? err : need(p, ')', "')'");
}

/* `[TYPE] NAME(PARAMETERS)`; without a type it is int. */
static int read_proto(struct parser *p, const struct decl *d, uint32_t *ret, struct param **params,
		      uint32_t *n)
{
	struct tok first = p->lex.tok;
	int err = 0;

	if (first.s == d->name.s)
		ctype_find(p->u->types, "int", 3, ret);
	else
		err = type_read(p, ret);
	if (!err && *ret && ctype_get(p->u->types, *ret)->kind != CT_VOID)
		err = check_scalar(p, *ret, &first);
	if (!err && p->lex.tok.s != d->name.s)
		err = fail_expected(p, "a name");
	if (err)
		return err;
	lex_next(&p->lex);
	lex_next(&p->lex);
	return read_params(p, params, n);
}

/* "xdp_md", "pt_regs (bpf_user_pt_regs_t)": the context struct, if it has one that is known. */
static int context_type(struct parser *p, const struct uapi_section *s, uint32_t *type)
{
	const char *context = "";
	int err;

	for (size_t i = 0; i < uapi_nr_prog_types; i++)
		if (uapi_prog_types[i].id == s->prog_type)
			context = uapi_prog_types[i].context;
	err = ctype_context(p->u->types, context, strcspn(context, " ("), type);
	if (err == -ENOENT)
		*type = 0;
	return err == -ENOMEM ? fail_memory(p) : 0;
}

/* A program is int NAME(struct context *ctx). */
static int resolve_prog(struct parser *p, struct prog *prog)
{
	const struct uapi_section *s;
	const char *extra;
	uint32_t type = 0;
	int err = 0;

	s = uapi_section_find(prog->section, &extra);
	if (s)
		err = context_type(p, s, &type);
	if (err)
		return err;
	type = ctype_ptr(p->u->types, type);
	prog->params = pool_alloc(&p->u->pool, sizeof(*prog->params));
	if (type == CTYPE_NONE || !prog->params)
		return fail_memory(p);
	ctype_find(p->u->types, "int", 3, &prog->ret);
	prog->params[0] = (struct param){ "ctx", type };
	prog->nr_params = 1;
	return 0;
}

int resolve_func(struct parser *p, struct decl *d)
{
	struct prog *prog = &p->u->progs[d->nr];
	int err;

	if (d->kind == DECL_PROG)
		return resolve_prog(p, prog);
	prog->global = lex_peek(&p->lex) != '(' && accept_word(p, "global");
	prog->hidden = prog->global && lex_peek(&p->lex) != '(' && accept_word(p, "hidden");
	err = read_proto(p, d, &prog->ret, &prog->params, &prog->nr_params);
	if (!err && p->lex.tok.kind != '{')
		err = fail_expected(p, "'{'");
	return err;
}

static int resolve_symbol(struct parser *p, struct decl *d, struct extern_decl *e)
{
	struct tok first = p->lex.tok;
	int err = 0;

	if (first.s != d->name.s)
		err = type_read(p, &e->type);
	else if (d->use == W_KCONFIG)
		err = fail_expected(p, "a type and a name");
	if (!err && p->lex.tok.s != d->name.s)
		err = fail_expected(p, "a name");
	if (err)
		return err;
	lex_next(&p->lex);
	err = type_read_array(p, &e->type);
	return err || d->use != W_KCONFIG ? err : type_complete(p, e->type, &first);
}

int resolve_extern(struct parser *p, struct decl *d)
{
	struct extern_decl *e = &p->u->externs[d->nr];
	int err;

	e->weak = accept_word(p, "weak");
	if (e->is_func)
		err = read_proto(p, d, &e->ret, &e->params, &e->nr_params);
	else
		err = resolve_symbol(p, d, e);
	if (!err && accept_word(p, "weak"))
		e->weak = true;
	return err || at_end(p) ? err : fail_expected(p, "the end of the line");
}
