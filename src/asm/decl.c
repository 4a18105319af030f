// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two readings of declarations, and names. */
#include "asm/decl.h"

#include <errno.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/uapi.h"
#include "core/mem.h"

/* --- names --- */

struct decl *decl_find(struct parser *p, const struct tok *name)
{
	const struct symbol *s = symtab_find(&p->names, name->s, name->len);

	return s ? &p->decls[s->value] : NULL;
}

struct decl *decl_of_type(struct parser *p, const char *name)
{
	const struct symbol *s = name ? symtab_find(&p->types, name, strlen(name)) : NULL;

	return s ? &p->decls[s->value] : NULL;
}

char *decl_name(struct parser *p, const struct tok *name)
{
	char *copy = pool_str(&p->u->pool, name->s, name->len);

	if (!copy)
		fail_memory(p);
	return copy;
}

char *decl_string(struct parser *p, const struct tok *t)
{
	char *text;
	long len;

	if (t->kind != T_STR) {
		fail_expected(p, "a string");
		return NULL;
	}
	text = pool_alloc(&p->u->pool, t->len);
	if (!text) {
		fail_memory(p);
		return NULL;
	}
	len = lex_string(t, text);
	if (len < 0 || memchr(text, 0, (size_t)len)) {
		fail(p, t, "bad escape in a string");
		return NULL;
	}
	return text;
}

static int fail_twice(struct parser *p, const struct tok *name, const struct decl *first)
{
	fail(p, name, "'%.*s' is declared twice", (int)name->len, name->s);
	src_note(p->src, first->pos, name->len, "first here");
	return -EINVAL;
}

/* Names of registers would be read as those in instructions. */
static int check_name(struct parser *p, const struct tok *t)
{
	if (t->kind == T_REG)
		return fail(p, t, "'%.*s' is a register", (int)t->len, t->s);
	return t->kind == T_NAME ? 0 : fail_expected(p, "a name");
}

int decl_add(struct parser *p, unsigned int kind, const struct word *w, struct decl **d)
{
	struct symtab *table = kind == DECL_TYPE ? &p->types : &p->names;
	struct tok name = p->lex.tok;
	int err = check_name(p, &name);
	struct symbol *s;
	bool is_new;

	if (err)
		return err;
	if (array_grow(&p->decls, p->nr_decls, &p->cap_decls, sizeof(**d)) != 0)
		return fail_memory(p);
	s = symtab_add(table, name.s, name.len, (uint32_t)p->nr_decls, &is_new);
	if (!s)
		return fail_memory(p);
	if (!is_new)
		return fail_twice(p, &name, &p->decls[s->value]);
	*d = &p->decls[p->nr_decls++];
	**d = (struct decl){
		.kind = (uint8_t)kind, .use = w->use, .name = name, .pos = pos_of(p, &name)
	};
	lex_next(&p->lex);
	(*d)->at = p->lex;
	return 0;
}

/* --- constants --- */

int collect_const(struct parser *p, const struct word *w)
{
	struct decl *d;

	lex_next(&p->lex);
	return decl_add(p, DECL_CONST, w, &d);
}

int resolve_const(struct parser *p, struct decl *d)
{
	struct value v = { .len = 0 };
	int err = need(p, '=', "'='");

	if (!err)
		err = expr_read(p, &v);
	if (!err && !at_end(p))
		err = fail_expected(p, "the end of the line");
	if (!err)
		d->value = v.num;
	return err;
}

int resolve_enumerator(struct parser *p, struct decl *d)
{
	(void)p;
	(void)d;
	return 0; /* its enum reads it */
}

/* An enumerator may use those before it, while its enum is being read. */
static int enumerator_value(struct parser *p, struct decl *d, const struct tok *name,
			    struct num *value)
{
	struct decl *of = &p->decls[d->of];
	const struct ctype *e = ctype_get(p->u->types, of->nr);
	bool known = of->state == DECL_BUSY && d->nr < e->n;
	int err = known ? 0 : decl_resolve(p, of, name);

	if (!err && d->nr >= e->n)
		err = -EINVAL; /* the enum is broken, which has been said */
	if (!err)
		*value = num_s64(e->values[d->nr].value);
	return err;
}

/* The source hides what the kernel has by the same name. */
int decl_constant(struct parser *p, const struct tok *name, struct num *value)
{
	struct decl *d = decl_find(p, name);
	int64_t v;
	int err;

	if (d && d->kind == DECL_ENUMERATOR)
		return enumerator_value(p, d, name, value);
	if (d && d->kind == DECL_CONST) {
		err = decl_resolve(p, d, name);
		*value = d->value;
		return err;
	}
	err = uapi_find_const(p, name, &v);
	if (!err)
		*value = num_s64(v);
	return err;
}

/* --- second reading --- */

static int (*const resolvers[])(struct parser *p, struct decl *d) = {
	[DECL_CONST] = resolve_const, [DECL_ENUMERATOR] = resolve_enumerator,
	[DECL_TYPE] = resolve_type,   [DECL_MAP] = resolve_map,
	[DECL_VAR] = resolve_var,     [DECL_PROG] = resolve_func,
	[DECL_FUNC] = resolve_func,   [DECL_EXTERN] = resolve_extern,
	[DECL_MACRO] = resolve_macro, [DECL_ATTACH] = resolve_attach,
};

/* A declaration that needs itself. */
static int fail_cycle(struct parser *p, struct decl *d, const struct tok *asked)
{
	return fail(p, asked,
		    d->kind == DECL_TYPE && d->use != W_ENUM ? "'%.*s' contains itself"
							     : "'%.*s' is defined by itself",
		    (int)d->name.len, d->name.s);
}

int decl_resolve(struct parser *p, struct decl *d, const struct tok *asked)
{
	struct lex saved = p->lex;
	int err;

	if (d->state == DECL_DONE)
		return 0;
	if (d->state == DECL_FAILED)
		return -EINVAL;
	if (d->state == DECL_BUSY)
		return fail_cycle(p, d, asked);
	err = enter(p);
	if (err)
		return err;
	d->state = DECL_BUSY;
	p->lex = d->at;
	err = resolvers[d->kind](p, d);
	d->state = err ? DECL_FAILED : DECL_DONE;
	p->lex = saved;
	leave(p);
	return err;
}

int decl_resolve_all(struct parser *p)
{
	for (size_t i = 0; i < p->nr_decls; i++) {
		struct decl *d = &p->decls[i];

		if (decl_resolve(p, d, &d->name) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}
