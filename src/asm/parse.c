// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A source to a unit: the passes, and what all of the parser complains with. */
#include "asm/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/checks.h"
#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/decl_test.h"
#include "asm/emit.h"
#include "asm/stmt.h"

/* --- complaints --- */

/* A token that could not be read is itself what is wrong, whatever was expected. */
static int fail_lexical(struct parser *p, const struct tok *t)
{
	const char *hint = lex_error_hint((enum lex_error)t->num);

	src_error(p->src, pos_of(p, t), t->len, "%s", lex_error_text((enum lex_error)t->num));
	return hint ? src_hint(p->src, "%s", hint) : -EINVAL;
}

int fail(struct parser *p, const struct tok *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (t->kind == T_BAD)
		return fail_lexical(p, t);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return src_error(p->src, pos_of(p, t), t->len ? t->len : 1, "%s", text);
}

int fail_expected(struct parser *p, const char *what)
{
	const struct tok *t = &p->lex.tok;

	if (at_end(p))
		return fail(p, t, "expected %s before the end of the line", what);
	return fail(p, t, "expected %s, not '%.*s'", what, (int)(t->len > 40 ? 40 : t->len), t->s);
}

int fail_unknown(struct parser *p, const struct tok *t, const char *kind, const struct near *n)
{
	fail(p, t, "unknown %s '%.*s'", kind, (int)(t->len > 40 ? 40 : t->len), t->s);
	if (!n->best || t->kind == T_BAD)
		return -EINVAL;
	return src_hint(p->src, "did you mean '%.*s'?", (int)n->best_len, n->best);
}

/* unit_parse() returns NULL without an error in src. */
int fail_memory(struct parser *p)
{
	p->no_memory = true;
	return -ENOMEM;
}

void near_words(struct parser *p, struct near *n, enum word_use from, enum word_use to)
{
	size_t count;
	const struct word *w = words_all(&count);

	for (size_t i = 0; i < count && !src_is_full(p->src); i++)
		if (w[i].use >= from && w[i].use <= to)
			near_try(n, w[i].name, strlen(w[i].name));
}

void near_decls(struct parser *p, struct near *n, unsigned int kinds)
{
	for (size_t i = 0; i < p->nr_decls && !src_is_full(p->src); i++)
		if (kinds >> p->decls[i].kind & 1 &&
		    !near_try(n, p->decls[i].name.s, p->decls[i].name.len))
			break;
}

void near_table(struct parser *p, struct near *n, const struct symtab *t)
{
	for (size_t i = 0; i < t->cap && !src_is_full(p->src); i++)
		if (t->slots[i].key && !near_try(n, t->slots[i].key, t->slots[i].len))
			break;
}

/* --- tokens --- */

bool accept(struct parser *p, int kind)
{
	if (p->lex.tok.kind != kind)
		return false;
	lex_next(&p->lex);
	return true;
}

int need(struct parser *p, int kind, const char *what)
{
	return accept(p, kind) ? 0 : fail_expected(p, what);
}

int enter(struct parser *p)
{
	if (p->depth >= MAX_DEPTH)
		return fail(p, &p->lex.tok, "nested more than %d deep", MAX_DEPTH);
	p->depth++;
	return 0;
}

/* --- passes --- */

/* Names are entered in file order, programs of included files where the include stands. */
static void check_bare(struct parser *p)
{
	const struct chunk *c = p->chunks;

	p->u->bare = !p->u->nr_progs;
	for (size_t i = 0; i < p->nr_chunks && !p->u->bare; i++) {
		if (c[i].prog != NONE)
			continue;
		p->lex = c[i].at;
		lex_next(&p->lex);
		fail(p, &p->lex.tok, "instructions outside of a program");
	}
}

/* The instructions in file order; those of a bare source are one program. */
static int read_chunks(struct parser *p)
{
	int err = 0;

	if (p->u->bare)
		scope_begin(p, NONE);
	for (size_t i = 0; i < p->nr_chunks && err != -ENOMEM; i++) {
		const struct chunk *c = &p->chunks[i];

		if (c->prog == NONE && !p->u->bare)
			continue;
		p->lex = c->at;
		err = c->prog == NONE ? stmt_read(p, c->end) : stmt_read_prog(p, c);
	}
	if (p->u->bare && err != -ENOMEM)
		err = scope_end(p);
	return err == -ENOMEM ? err : 0;
}

/* Takes back what vinsn.ref means only here. */
static void finish(struct parser *p)
{
	for (size_t i = 0; i < p->u->nr_insns && p->has_marks; i++) {
		struct vinsn *v = &p->u->insns[i];

		if (v->kind == REF_NONE && v->ref == REF_RAW)
			v->kind = REF_AS_IS;
		if (v->kind == REF_NONE || v->kind == REF_AS_IS)
			v->ref = 0;
	}
	if (!p->u->license)
		p->u->license = "GPL";
	p->u->strings_len = p->string_bytes.len;
	if (p->string_bytes.len)
		p->u->strings = (const uint8_t *)buf_take(&p->string_bytes);
}

/* Errors do not end it before all of the source has been looked at; lack of memory does. */
static int read_unit(struct parser *p)
{
	int err = decl_collect(p);

	if (err == 0)
		err = decl_resolve_all(p);
	if (err == 0)
		decl_lay_out(p);
	if (err == 0)
		err = test_read_all(p);
	if (err == 0) {
		check_bare(p);
		err = read_chunks(p);
	}
	if (err == 0)
		finish(p);
	if (err == 0 && p->opts->checks && !src_errors(p->src) && unit_check(p->u) != 0)
		err = fail_memory(p);
	return err;
}

/* What the unit does not take with it. */
static void parser_free(struct parser *p)
{
	free(p->decls);
	free(p->chunks);
	free(p->tests);
	symtab_free(&p->test_names);
	free(p->macros);
	symtab_free(&p->names);
	symtab_free(&p->types);
	symtab_free(&p->uapi);
	symtab_free(&p->kernel_types);
	symtab_free(&p->kernel_names);
	symtab_free(&p->strings);
	buf_free(&p->string_bytes);
	symtab_free(&p->included);
	scope_free(p);
}

static struct unit *unit_new(struct src *s, const struct asm_options *opts)
{
	struct unit *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->src = s;
	u->big_endian = opts->big_endian;
	u->cpu = opts->cpu ? opts->cpu : 4;
	u->types = ctypes_new();
	if (!u->types)
		unit_freep(&u);
	return u;
}

struct unit *unit_parse(struct src *s, uint32_t pos, const struct asm_options *opts)
{
	struct parser p = { .src = s, .opts = opts, .u = unit_new(s, opts) };
	const char *text = src_text(s, pos);
	const char *path = src_locate(s, pos).path;
	int err = -ENOMEM;

	words_init(&p.words);
	ops_init(&p.ops);
	lex_init(&p.lex, text, src_len(s, pos), pos);
	if (p.u && symtab_add(&p.included, path, strlen(path), 1, NULL))
		err = read_unit(&p);
	parser_free(&p);
	if (err || p.no_memory || src_errors(s))
		unit_freep(&p.u);
	return p.u;
}
