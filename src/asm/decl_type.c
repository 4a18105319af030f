// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* struct, union, enum and event. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/type.h"
#include "core/mem.h"

#define MAX_ANONYMOUS 16 /* structs without a name inside each other; ctype.c can do 32 */

/* --- first reading --- */

static enum ctype_kind kind_of(unsigned int use)
{
	return use == W_UNION ? CT_UNION : use == W_ENUM ? CT_ENUM : CT_STRUCT;
}

/* Ends of members and enumerators; none is special, and there may be several. */
static bool at_separator(const struct parser *p)
{
	int kind = p->lex.tok.kind;

	return kind == T_EOL || kind == ';';
}

static void skip_separators(struct parser *p)
{
	while (at_separator(p) || p->lex.tok.kind == ',')
		lex_next(&p->lex);
}

/* To behind the value of an enumerator: a separator outside of parentheses. */
static void skip_value(struct parser *p)
{
	unsigned int depth = 0;

	while (p->lex.tok.kind != T_EOF && !at_separator(p)) {
		int kind = p->lex.tok.kind;

		if (!depth && (kind == ',' || kind == '}'))
			return;
		depth += kind == '(';
		depth -= kind == ')' && depth;
		lex_next(&p->lex);
	}
}

/* Enters the names in the body; their values are read with the enum. */
static int collect_enumerators(struct parser *p, const struct word *w, uint32_t of)
{
	struct lex saved = p->lex;
	uint32_t nr = 0;
	int err = 0;

	p->lex.data = true;
	lex_next(&p->lex);
	for (skip_separators(p); !err && tok_is_name(&p->lex.tok); skip_separators(p)) {
		struct decl *d;

		err = decl_add(p, DECL_ENUMERATOR, w, &d);
		if (!err) {
			d->nr = nr++;
			d->of = of;
			skip_value(p);
		}
	}
	p->lex = saved;
	return err;
}

/* `enum {`: a declaration that nobody can ask for by its name. */
static int add_anonymous(struct parser *p, const struct word *w, struct decl **d)
{
	if (array_grow(&p->decls, p->nr_decls, &p->cap_decls, sizeof(**d)) != 0)
		return fail_memory(p);
	*d = &p->decls[p->nr_decls++];
	**d = (struct decl){ .kind = DECL_TYPE, .use = w->use, .name = p->lex.tok, .at = p->lex };
	(*d)->pos = pos_of(p, &p->lex.tok);
	return 0;
}

static int check_new(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	uint32_t type;

	if (!ctype_find(p->u->types, t->s, t->len, &type) ||
	    ctype_get(p->u->types, type)->size == 0)
		return 0;
	return fail(p, t, "'%.*s' is a type of the language", (int)t->len, t->s);
}

/* The head up to the brace: `struct NAME {`, `event NAME kind 3 {`. */
static int skip_head(struct parser *p)
{
	while (!at_end(p) && p->lex.tok.kind != '{')
		lex_next(&p->lex);
	return p->lex.tok.kind == '{' ? 0 : fail_expected(p, "'{'");
}

int collect_type(struct parser *p, const struct word *w)
{
	struct decl *d = NULL;
	struct tok name;
	bool named;
	uint32_t index;
	int err;

	lex_next(&p->lex);
	name = p->lex.tok;
	named = w->use != W_ENUM || name.kind != '{';
	err = named ? check_new(p) : 0;
	if (!err)
		err = named ? decl_add(p, DECL_TYPE, w, &d) : add_anonymous(p, w, &d);
	if (err || !d)
		return err;
	index = (uint32_t)(d - p->decls);
	d->nr = ctype_new(p->u->types, kind_of(w->use), name.s, named ? name.len : 0, d->pos);
	if (d->nr == CTYPE_NONE)
		return fail_memory(p);
	err = skip_head(p);
	return err || w->use != W_ENUM ? err : collect_enumerators(p, w, index);
}

/* --- enum --- */

static int read_enumerator(struct parser *p, uint32_t type, int64_t *next)
{
	struct tok name = p->lex.tok;
	struct value v = { .len = 0 };
	int err = 0;

	if (!tok_is_name(&name))
		return fail_expected(p, "the name of an enumerator");
	lex_next(&p->lex);
	if (accept(p, '=')) {
		err = expr_in(p, &v, INT64_MIN, INT64_MAX, "the value of an enumerator");
		*next = (int64_t)num_bits(v.num);
	}
	if (!err)
		err = ctype_value(p->u->types, type, name.s, name.len, *next);
	if (err == -E2BIG)
		return fail(p, &name, "more than %u enumerators", CTYPE_MAX_MEMBERS);
	*next = (int64_t)((uint64_t)*next + 1);
	return err == -ENOMEM ? fail_memory(p) : err;
}

static int read_enum(struct parser *p, uint32_t type)
{
	struct tok start = p->lex.tok;
	int64_t next = 0;
	int err = 0;

	for (skip_separators(p); !err && p->lex.tok.kind != '}'; skip_separators(p)) {
		err = read_enumerator(p, type, &next);
		if (!err && !at_separator(p) && p->lex.tok.kind != ',' && p->lex.tok.kind != '}')
			err = fail_expected(p, "',' or '}'");
	}
	if (!err && !ctype_get(p->u->types, type)->n)
		err = fail(p, &start, "an enum without enumerators");
	if (!err && ctype_finish(p->u->types, type) != 0)
		err = fail_memory(p);
	return err;
}

/* --- struct and union --- */

/* A list of members, and the names that are taken in it, those of anonymous structs included. */
struct members {
	uint32_t type;
	struct symtab names;
	unsigned int nesting;
};

static int read_members(struct parser *p, struct members *m);

static int check_bitfield(struct parser *p, uint32_t type, const struct value *v, bool named)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, type));

	if (c->kind != CT_INT && c->kind != CT_ENUM)
		return value_fail(p, v, "only integers can be bitfields");
	return value_in(p, v, named ? 1 : 0, c->flags & CT_BOOL ? 1 : c->size * 8,
			"the width of the bitfield");
}

static int take_name(struct parser *p, struct members *m, const struct tok *name)
{
	bool is_new;

	if (!symtab_add(&m->names, name->s, name->len, 0, &is_new))
		return fail_memory(p);
	if (is_new)
		return 0;
	return fail(p, name, "field '%.*s' is declared twice", (int)name->len, name->s);
}

/* name NULL: a gap of so many bits; len 0: an anonymous struct. */
static int add_member(struct parser *p, struct members *m, const struct tok *name, uint32_t type,
		      unsigned int bits)
{
	int err = name->len ? take_name(p, m, name) : 0;

	if (!err)
		err = ctype_member(p->u->types, m->type, name->s, name->len, type, bits);
	if (err == -E2BIG)
		return fail(p, &p->lex.tok, "a struct of more than %u MiB or %u fields",
			    CTYPE_MAX_SIZE >> 20, CTYPE_MAX_MEMBERS);
	return err == -ENOMEM ? fail_memory(p) : err;
}

/* `*name[2]`, `name : 3`, `: 3` */
static int read_declarator(struct parser *p, struct members *m, uint32_t type)
{
	struct tok first = p->lex.tok, name = { .s = NULL };
	struct value bits = { .num = { 0, false } };
	int err = type_read_stars(p, &type);

	if (!err && tok_is_name(&p->lex.tok)) {
		name = p->lex.tok;
		lex_next(&p->lex);
		err = type_read_array(p, &type);
	} else if (!err && p->lex.tok.kind != ':') {
		err = fail_expected(p, "the name of a field");
	}
	if (!err)
		err = type_complete(p, type, &first);
	if (!err && accept(p, ':')) {
		err = expr_read(p, &bits);
		if (!err)
			err = check_bitfield(p, type, &bits, name.s);
	}
	return err ? err : add_member(p, m, &name, type, (unsigned int)bits.num.mag);
}

/* The names of an anonymous struct are names of the one it is in. */
static int merge_names(struct parser *p, struct members *m, const struct symtab *inner)
{
	int err = 0;

	for (size_t i = 0; i < inner->cap && !err; i++) {
		const struct symbol *s = &inner->slots[i];
		struct tok name = { .s = s->key, .len = s->len };

		if (s->key)
			err = take_name(p, m, &name);
	}
	return err;
}

static bool at_body(const struct parser *p)
{
	return (tok_is(&p->lex.tok, "struct") || tok_is(&p->lex.tok, "union")) &&
	       lex_peek(&p->lex) == '{';
}

/* `struct { ... }`, of which *names are the fields' names. */
static int read_anonymous(struct parser *p, struct members *inner)
{
	enum ctype_kind kind = tok_is(&p->lex.tok, "union") ? CT_UNION : CT_STRUCT;
	int err;

	if (inner->nesting > MAX_ANONYMOUS)
		return fail(p, &p->lex.tok, "nested more than %d deep", MAX_ANONYMOUS);
	inner->type = ctype_new(p->u->types, kind, NULL, 0, pos_of(p, &p->lex.tok));
	if (inner->type == CTYPE_NONE)
		return fail_memory(p);
	lex_next(&p->lex);
	lex_next(&p->lex);
	err = read_members(p, inner);
	return err ? err : need(p, '}', "'}'");
}

static int read_declarators(struct parser *p, struct members *m, uint32_t type)
{
	int err = read_declarator(p, m, type);

	while (!err && accept(p, ',')) {
		while (p->lex.tok.kind == T_EOL)
			lex_next(&p->lex);
		err = read_declarator(p, m, type);
	}
	return err;
}

/* A struct without a name is a member by itself, or the type of those whose names follow. */
static int read_anonymous_member(struct parser *p, struct members *m)
{
	struct members inner = { .nesting = m->nesting + 1 };
	struct tok nameless = { .s = p->lex.tok.s };
	int err = read_anonymous(p, &inner);

	if (!err && (at_separator(p) || p->lex.tok.kind == '}')) {
		err = merge_names(p, m, &inner.names);
		if (!err)
			err = add_member(p, m, &nameless, inner.type, 0);
	} else if (!err) {
		err = read_declarators(p, m, inner.type);
	}
	symtab_free(&inner.names);
	return err;
}

static int read_member(struct parser *p, struct members *m)
{
	uint32_t type = 0;
	int err;

	if (at_body(p)) {
		err = read_anonymous_member(p, m);
	} else {
		err = type_read_base(p, &type);
		if (!err)
			err = read_declarators(p, m, type);
	}
	if (!err && !at_separator(p) && p->lex.tok.kind != '}')
		err = fail_expected(p, "';' or the end of the line");
	return err;
}

/* After a bad member the others are read still, for what is wrong with them. */
static int read_members(struct parser *p, struct members *m)
{
	struct tok start = p->lex.tok;
	int err = 0;

	for (skip_separators(p); p->lex.tok.kind != '}'; skip_separators(p)) {
		int bad;

		if (p->lex.tok.kind == T_EOF)
			return fail_expected(p, "'}'");
		bad = read_member(p, m);
		if (bad == -ENOMEM)
			return bad;
		err = bad ? bad : err;
		while (bad && !at_separator(p) && p->lex.tok.kind != '}' &&
		       p->lex.tok.kind != T_EOF)
			lex_next(&p->lex);
	}
	if (!err && !ctype_get(p->u->types, m->type)->n)
		err = fail(p, &start, "a struct without fields");
	if (!err && ctype_finish(p->u->types, m->type) != 0)
		err = fail_memory(p);
	return err;
}

/* --- second reading --- */

static int add_event(struct parser *p, const struct decl *d, const struct value *kind)
{
	struct unit *u = p->u;

	if (array_grow(&u->events, u->nr_events, &p->cap_events, sizeof(*u->events)) != 0)
		return fail_memory(p);
	u->events[u->nr_events++] =
		(struct event_decl){ d->nr, kind->len, (uint32_t)kind->num.mag };
	return 0;
}

/* `kind 3` of an event, `packed`, and the brace. */
static int read_head(struct parser *p, const struct decl *d)
{
	struct value kind = { .len = 0 };
	int err = 0;

	if (d->use == W_EVENT && tok_is(&p->lex.tok, "kind")) {
		lex_next(&p->lex);
		err = expr_in(p, &kind, 0, UINT32_MAX, "the kind of an event");
	}
	if (!err && d->use != W_ENUM && tok_is(&p->lex.tok, "packed")) {
		lex_next(&p->lex);
		ctype_pack(p->u->types, d->nr);
	}
	if (!err && d->use == W_EVENT)
		err = add_event(p, d, &kind);
	p->lex.data = true;
	return err ? err : need(p, '{', "'{'");
}

/* The first field of an event that has a kind says which event a record is. */
static int check_event(struct parser *p, const struct decl *d)
{
	const struct event_decl *e = &p->u->events[p->u->nr_events];
	const struct ctype *c = ctype_get(p->u->types, d->nr);
	const struct ctype *first =
		ctype_get(p->u->types, ctype_strip(p->u->types, c->members[0].type));

	while (e[-1].type != d->nr) /* fields may be events too */
		e--;
	e--;
	if (!e->has_kind || (strcmp(c->members[0].name, "kind") == 0 && first->kind == CT_INT &&
			     first->size == 4 && !c->members[0].bits))
		return 0;
	fail(p, &d->name, "the first field of an event with a kind must be u32 kind");
	return src_hint(p->src, "readers tell records apart by it");
}

int resolve_type(struct parser *p, struct decl *d)
{
	struct members m = { .type = d->nr };
	int err = read_head(p, d);

	if (!err && d->use == W_ENUM)
		err = read_enum(p, d->nr);
	else if (!err)
		err = read_members(p, &m);
	symtab_free(&m.names);
	if (!err && d->use == W_EVENT)
		err = check_event(p, d);
	if (err)
		return err;
	p->lex.data = false;
	lex_next(&p->lex);
	if (at_end(p))
		return 0;
	fail_expected(p, "the end of the line");
	return src_hint(p->src, "packed is written in front of the brace: struct NAME packed {");
}
