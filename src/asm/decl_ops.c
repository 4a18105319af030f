// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* struct_ops: a kernel's struct of functions, filled with programs; attach: where programs go. */
#include <errno.h>
#include <string.h>

#include "asm/core.h"
#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/parse.h"
#include "core/mem.h"

#define MAX_REFS 256 /* programs in a struct_ops */

/* --- struct_ops --- */

/* `struct_ops [link] TYPE NAME {`: a variable, in the section that says what it is. */
int collect_struct_ops(struct parser *p, const struct word *w)
{
	struct unit *u = p->u;
	bool is_link;
	struct lex start;
	struct decl *d;
	int err;

	lex_next(&p->lex);
	is_link = tok_is(&p->lex.tok, "link");
	if (is_link)
		lex_next(&p->lex);
	start = p->lex;
	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, "the name of a struct");
	lex_next(&p->lex);
	err = decl_add(p, DECL_VAR, w, &d);
	if (err)
		return err;
	if (array_grow(&u->vars, u->nr_vars, &p->cap_vars, sizeof(*u->vars)) != 0)
		return fail_memory(p);
	d->at = start;
	d->nr = (uint32_t)u->nr_vars;
	u->vars[u->nr_vars++] =
		(struct var_decl){ .name = decl_name(p, &d->name),
				   .section = is_link ? ".struct_ops.link" : ".struct_ops",
				   .kind = VAR_DATA,
				   .pos = d->pos };
	return p->lex.tok.kind == '{' ? 0 : fail_expected(p, "'{'");
}

/* A program in the place of a function; the token is its name. */
static int read_program(struct parser *p, struct var_decl *v, const struct cfield *f)
{
	const struct tok *t = &p->lex.tok;
	const struct decl *d = decl_find(p, t);
	struct near near;

	if (d && d->kind != DECL_PROG)
		return fail(p, t, "'%.*s' is not a program", (int)t->len, t->s);
	near_begin(&near, t->s, t->len);
	near_decls(p, &near, 1 << DECL_PROG);
	if (!d)
		return fail_unknown(p, t, "program", &near);
	if (strncmp(p->u->progs[d->nr].section, "struct_ops", 10) != 0) {
		fail(p, t, "'%.*s' is not a struct_ops program", (int)t->len, t->s);
		return src_hint(p->src, "declare it as prog struct_ops %.*s {", (int)t->len, t->s);
	}
	if (v->nr_refs == MAX_REFS)
		return fail(p, t, "more than %d programs", MAX_REFS);
	v->refs[v->nr_refs++] = (struct var_ref){ f->off, d->nr };
	lex_next(&p->lex);
	return 0;
}

/* `member = value` */
static int read_member(struct parser *p, struct var_decl *v, uint8_t *to)
{
	struct tok name = p->lex.tok;
	const struct ctype *c = ctype_get(p->u->types, v->type);
	struct cfield f = { .type = 0 };
	struct near near;
	uint32_t index;
	int err;

	if (!tok_is_name(&name))
		return fail_expected(p, "the name of a member");
	err = core_member(p, v->type, &name, &f, &index);
	if (err == -ENOENT) {
		near_begin(&near, name.s, name.len);
		for (uint32_t i = 0; i < c->n; i++)
			near_try(&near, c->members[i].name, strlen(c->members[i].name));
		return fail_unknown(p, &name, "member", &near);
	}
	lex_next(&p->lex);
	if (!err)
		err = need(p, '=', "'='");
	if (err)
		return err;
	if (f.bits)
		return fail(p, &name, "a bitfield cannot be set here");
	if (ctype_get(p->u->types, ctype_strip(p->u->types, f.type))->kind == CT_PTR &&
	    p->lex.tok.kind == T_NAME) {
		ctype_use_func(p->u->types, v->type, index);
		return read_program(p, v, &f);
	}
	return decl_init(p, f.type, to + f.off);
}

static int read_members(struct parser *p, struct var_decl *v, uint8_t *to)
{
	int err = 0;

	for (;;) {
		while (p->lex.tok.kind == T_EOL || p->lex.tok.kind == ';' || p->lex.tok.kind == ',')
			lex_next(&p->lex);
		if (p->lex.tok.kind == '}')
			return 0;
		if (p->lex.tok.kind == T_EOF)
			return fail_expected(p, "'}'");
		err = read_member(p, v, to);
		if (!err && !strchr(";,}\n", p->lex.tok.kind))
			err = fail_expected(p, "';' or the end of the line");
		if (err)
			return err;
	}
}

int resolve_struct_ops(struct parser *p, struct decl *d)
{
	struct var_decl v = p->u->vars[d->nr];
	struct tok first = p->lex.tok;
	const struct ctype *c;
	uint8_t *init;
	int err = core_type(p, &v.type);

	if (err)
		return err;
	c = ctype_get(p->u->types, v.type);
	if (c->kind != CT_STRUCT || !c->size)
		return fail(p, &first, "'%.*s' is not a struct", (int)first.len, first.s);
	lex_next(&p->lex); /* the name */
	init = pool_alloc(&p->u->pool, c->size);
	v.refs = pool_alloc(&p->u->pool, MAX_REFS * sizeof(*v.refs));
	if (!init || !v.refs)
		return fail_memory(p);
	p->lex.data = true;
	err = need(p, '{', "'{'");
	if (!err)
		err = read_members(p, &v, init);
	if (err)
		return err;
	p->lex.data = false;
	lex_next(&p->lex);
	v.init = init;
	p->u->vars[d->nr] = v;
	return at_end(p) ? 0 : fail_expected(p, "the end of the line");
}

/* --- attach --- */

static const struct {
	const char *key;
	bool has_value;
} keys[] = {
	{ "dev", true },    { "mode", true },  { "cgroup", true },
	{ "multi", false }, { "netns", true }, { "pid", true },
};

/* `attach PROG {`: a declaration without a name of its own. */
int collect_attach(struct parser *p, const struct word *w)
{
	struct decl *d;

	lex_next(&p->lex);
	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, "the name of a program");
	if (array_grow(&p->decls, p->nr_decls, &p->cap_decls, sizeof(*d)) != 0)
		return fail_memory(p);
	d = &p->decls[p->nr_decls++];
	*d = (struct decl){ .kind = DECL_ATTACH, .use = w->use, .name = p->lex.tok };
	d->pos = pos_of(p, &d->name);
	lex_next(&p->lex);
	d->at = p->lex;
	return p->lex.tok.kind == '{' ? 0 : fail_expected(p, "'{'");
}

/* Any characters up to a blank or what ends the pair. */
static char *read_word(struct parser *p)
{
	struct tok t = p->lex.tok;
	const char *end = t.s;
	char *text;

	if (t.kind == T_STR) {
		text = decl_string(p, &t);
	} else {
		while ((unsigned char)*end > ' ' && *end != ';' && *end != '}')
			end++;
		if (end == t.s) {
			fail_expected(p, "a value");
			return NULL;
		}
		t.len = (uint32_t)(end - t.s);
		text = decl_name(p, &t);
		p->lex.s = end;
	}
	if (text)
		lex_next(&p->lex);
	return text;
}

static int read_pair(struct parser *p, uint32_t prog, size_t first)
{
	struct attach_decl a = { .prog = prog, .value = "" };
	struct unit *u = p->u;
	struct near near;
	size_t i = 0;

	near_begin(&near, p->lex.tok.s, p->lex.tok.len);
	for (; i < countof(keys) && !tok_is(&p->lex.tok, keys[i].key); i++)
		near_try(&near, keys[i].key, strlen(keys[i].key));
	if (i == countof(keys))
		return fail_unknown(p, &p->lex.tok, "word of attach", &near);
	a.key = keys[i].key;
	for (size_t k = first; k < u->nr_attaches; k++)
		if (u->attaches[k].key == a.key)
			return fail(p, &p->lex.tok, "%s is given twice", a.key);
	lex_next(&p->lex);
	if (keys[i].has_value)
		a.value = read_word(p);
	if (!a.value)
		return p->no_memory ? -ENOMEM : -EINVAL;
	if (array_grow(&u->attaches, u->nr_attaches, &p->cap_attaches, sizeof(a)) != 0)
		return fail_memory(p);
	u->attaches[u->nr_attaches++] = a;
	return strchr(";}\n", p->lex.tok.kind) ? 0 : fail_expected(p, "';' or the end of the line");
}

int resolve_attach(struct parser *p, struct decl *d)
{
	const struct decl *prog = decl_find(p, &d->name);
	size_t first = p->u->nr_attaches;
	struct near near;
	int err = 0;

	if (prog && prog->kind != DECL_PROG)
		return fail(p, &d->name, "'%.*s' is not a program", (int)d->name.len, d->name.s);
	near_begin(&near, d->name.s, d->name.len);
	near_decls(p, &near, 1 << DECL_PROG);
	if (!prog)
		return fail_unknown(p, &d->name, "program", &near);
	p->lex.data = true;
	lex_next(&p->lex);
	while (!err) {
		while (p->lex.tok.kind == T_EOL || p->lex.tok.kind == ';')
			lex_next(&p->lex);
		if (p->lex.tok.kind == '}')
			break;
		err = read_pair(p, prog->nr, first);
	}
	if (err)
		return err;
	p->lex.data = false;
	lex_next(&p->lex);
	return at_end(p) ? 0 : fail_expected(p, "the end of the line");
}
