// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* C types, fields by path, and the bodies of struct, union and enum. */
#include "asm/type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "core/mem.h"

#define MAX_DIMENSIONS 8

/* --- C's own types, whose names are several words in any order --- */

enum { SIGNED = 1, UNSIGNED = 2, SHORT = 4, LONG = 8, LONG_LONG = 16, INT = 32, CHAR = 64 };

static unsigned int int_word(const struct tok *t)
{
	static const struct {
		const char *word;
		unsigned int bit;
	} words[] = {
		{ "signed", SIGNED }, { "unsigned", UNSIGNED }, { "short", SHORT },
		{ "long", LONG },     { "int", INT },		{ "char", CHAR },
	};

	for (size_t i = 0; i < countof(words); i++)
		if (tok_is(t, words[i].word))
			return words[i].bit;
	return 0;
}

/* `signed unsigned`, `short long`, `long char` */
static bool contradicts(unsigned int words)
{
	return (words & SIGNED && words & UNSIGNED) || (words & SHORT && words & LONG) ||
	       (words & CHAR && words & (SHORT | LONG | INT));
}

/* The one way in which the table of types has it. */
static const char *int_name(unsigned int words)
{
	bool is_unsigned = words & UNSIGNED;

	if (words & CHAR)
		return is_unsigned ? "unsigned char" : words & SIGNED ? "signed char" : "char";
	if (words & SHORT)
		return is_unsigned ? "unsigned short" : "short";
	if (words & LONG_LONG)
		return is_unsigned ? "unsigned long long" : "long long";
	if (words & LONG)
		return is_unsigned ? "unsigned long" : "long";
	return is_unsigned ? "unsigned int" : "int";
}

static int read_int(struct parser *p, uint32_t *type)
{
	unsigned int words = 0, word;

	while ((word = int_word(&p->lex.tok))) {
		if (word == LONG && words & LONG)
			word = LONG_LONG;
		if (words & word)
			return fail(p, &p->lex.tok, "'%.*s' twice in a type", (int)p->lex.tok.len,
				    p->lex.tok.s);
		words |= word;
		if (contradicts(words))
			return fail(p, &p->lex.tok, "there is no such type");
		lex_next(&p->lex);
	}
	ctype_find(p->u->types, int_name(words), strlen(int_name(words)), type);
	return 0;
}

/* --- types by name --- */

/*
 * A type that is known but incomplete may be declared below, or be a context of which only a
 * pointer has been seen so far.
 */
int type_find(struct parser *p, const struct tok *name, uint32_t *type)
{
	bool known = ctype_find(p->u->types, name->s, name->len, type);
	int err;

	if (known && (ctype_get(p->u->types, *type)->size || *type == 0 ||
		      decl_of_type(p, ctype_get(p->u->types, *type)->name)))
		return 0;
	err = ctype_context(p->u->types, name->s, name->len, type);
	if (err == -ENOMEM)
		return fail_memory(p);
	return known ? 0 : err;
}

static void near_types(struct parser *p, struct near *n)
{
	if (src_is_full(p->src))
		return;
	for (uint32_t i = 0; i < ctypes_count(p->u->types); i++) {
		const char *name = ctype_get(p->u->types, i)->name;

		if (name && !near_try(n, name, strlen(name)))
			break;
	}
}

static int fail_type(struct parser *p, const struct tok *name)
{
	struct near near;

	near_begin(&near, name->s, name->len);
	near_types(p, &near);
	return fail_unknown(p, name, "type", &near);
}

static const char *kind_name(enum ctype_kind kind)
{
	return kind == CT_STRUCT ? "struct" : kind == CT_UNION ? "union" : "enum";
}

/* `struct x`: known, or one of the kernel's, to which there can only be pointers. */
static int read_tagged(struct parser *p, enum ctype_kind kind, uint32_t *type)
{
	struct tok name;
	int err;

	lex_next(&p->lex);
	name = p->lex.tok;
	if (!tok_is_name(&name))
		return fail_expected(p, "the name of a type");
	err = type_find(p, &name, type);
	if (err == -ENOENT) {
		*type = ctype_new(p->u->types, kind, name.s, name.len, pos_of(p, &name));
		if (*type == CTYPE_NONE)
			return fail_memory(p);
		err = 0;
	}
	if (!err && ctype_get(p->u->types, *type)->kind != kind)
		err = fail(p, &name, "'%.*s' is not %s %s", (int)name.len, name.s,
			   kind == CT_STRUCT  ? "a"
			   : kind == CT_UNION ? "a"
					      : "an",
			   kind_name(kind));
	lex_next(&p->lex);
	return err;
}

/* volatile makes no difference to a layout. */
static bool skip_qualifiers(struct parser *p)
{
	bool is_const = false;

	while (tok_is(&p->lex.tok, "const") || tok_is(&p->lex.tok, "volatile")) {
		is_const |= tok_is(&p->lex.tok, "const");
		lex_next(&p->lex);
	}
	return is_const;
}

static int read_base(struct parser *p, uint32_t *type)
{
	struct tok *t = &p->lex.tok;
	int err;

	if (t->kind != T_NAME)
		return fail_expected(p, "a type");
	if (tok_is(t, "struct"))
		return read_tagged(p, CT_STRUCT, type);
	if (tok_is(t, "union"))
		return read_tagged(p, CT_UNION, type);
	if (tok_is(t, "enum"))
		return read_tagged(p, CT_ENUM, type);
	if (int_word(t))
		return read_int(p, type);
	err = type_find(p, t, type);
	if (err == -ENOENT)
		err = fail_type(p, t);
	if (!err)
		lex_next(&p->lex);
	return err;
}

/* Once is enough: const of a const type is that type. */
static int make_const(struct parser *p, bool is_const, uint32_t *type)
{
	if (is_const)
		*type = ctype_const(p->u->types, *type);
	return *type == CTYPE_NONE ? fail_memory(p) : 0;
}

int type_read_base(struct parser *p, uint32_t *type)
{
	bool is_const = skip_qualifiers(p);
	int err = read_base(p, type);

	return err ? err : make_const(p, is_const | skip_qualifiers(p), type);
}

int type_read_stars(struct parser *p, uint32_t *type)
{
	int err = 0;

	while (!err && accept(p, '*')) {
		*type = ctype_ptr(p->u->types, *type);
		err = *type == CTYPE_NONE ? fail_memory(p)
					  : make_const(p, skip_qualifiers(p), type);
	}
	return err;
}

int type_read(struct parser *p, uint32_t *type)
{
	int err = type_read_base(p, type);

	return err ? err : type_read_stars(p, type);
}

/* One dimension, from the innermost on. */
static int array_of(struct parser *p, uint32_t *type, const struct value *n)
{
	uint64_t size = ctype_get(p->u->types, ctype_strip(p->u->types, *type))->size;

	if (size && n->num.mag > CTYPE_MAX_SIZE / size)
		return value_fail(p, n, "an array of more than %u MiB", CTYPE_MAX_SIZE >> 20);
	*type = ctype_array(p->u->types, *type, (uint32_t)n->num.mag);
	return *type == CTYPE_NONE ? fail_memory(p) : 0;
}

int type_read_array(struct parser *p, uint32_t *type)
{
	struct value n[MAX_DIMENSIONS];
	unsigned int dimensions = 0;
	struct tok first = p->lex.tok;
	int err = 0;

	while (!err && p->lex.tok.kind == '[') {
		struct value *v = &n[dimensions];

		if (dimensions++ == MAX_DIMENSIONS)
			return fail(p, &p->lex.tok, "more than %d dimensions", MAX_DIMENSIONS);
		lex_next(&p->lex);
		*v = (struct value){ .s = p->lex.tok.s, .len = 1 };
		if (p->lex.tok.kind != ']')
			err = expr_in(p, v, 0, UINT32_MAX, "the number of elements");
		if (!err)
			err = need(p, ']', "']'");
	}
	if (!err && dimensions)
		err = type_complete(p, *type, &first);
	while (!err && dimensions)
		err = array_of(p, type, &n[--dimensions]);
	return err;
}

/* What the size of a type depends on. */
static uint32_t innermost(struct parser *p, uint32_t type)
{
	const struct ctype *c = ctype_get(p->u->types, type);

	while (c->kind == CT_TYPEDEF || c->kind == CT_CONST || c->kind == CT_ARRAY) {
		type = c->ref;
		c = ctype_get(p->u->types, type);
	}
	return type;
}

/* A struct is read at this moment if nobody has asked for it before. */
int type_complete(struct parser *p, uint32_t type, const struct tok *t)
{
	const struct ctype *c = ctype_get(p->u->types, innermost(p, type));
	struct decl *d;

	if (c->kind == CT_VOID)
		return fail(p, t, "nothing can have the type void");
	if (c->size)
		return 0;
	d = c->name ? decl_of_type(p, c->name) : NULL;
	if (d)
		return decl_resolve(p, d, t);
	fail(p, t, "%s '%s' is not declared", kind_name(c->kind), c->name ? c->name : "");
	return src_hint(p->src, "only pointers to it are possible without its members");
}

/* --- fields --- */

/* The token is a field that the type does not have. */
static int fail_field(struct parser *p, uint32_t type)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, type));
	struct near near;

	if (c->kind != CT_STRUCT && c->kind != CT_UNION)
		return fail(p, &p->lex.tok, "what is before '.' has no fields");
	near_begin(&near, p->lex.tok.s, p->lex.tok.len);
	for (uint32_t i = 0; i < c->n && !src_is_full(p->src); i++)
		if (!near_try(&near, c->members[i].name, strlen(c->members[i].name)))
			break;
	return fail_unknown(p, &p->lex.tok, "field", &near);
}

/* `.name`, the token being the dot. */
static int step_field(struct parser *p, struct cfield *f)
{
	struct cfield inner;
	int err;

	lex_next(&p->lex);
	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, "the name of a field");
	err = type_complete(p, f->type, &p->lex.tok);
	if (err)
		return err;
	if (!ctype_field(p->u->types, f->type, p->lex.tok.s, p->lex.tok.len, &inner))
		return fail_field(p, f->type);
	inner.bit_off += f->off * 8;
	inner.off += f->off;
	*f = inner;
	lex_next(&p->lex);
	return 0;
}

/* `[index]`; an array without a number, at the end of a struct, has any. */
static int step_element(struct parser *p, struct cfield *f)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, f->type));
	struct value v = { .len = 0 };
	uint64_t off;
	int err;

	if (c->kind != CT_ARRAY)
		return fail(p, &p->lex.tok, "what is before '[' is no array");
	lex_next(&p->lex);
	err = expr_in(p, &v, 0, c->n ? c->n - 1 : CTYPE_MAX_SIZE, "the index");
	if (err)
		return err;
	off = f->off + v.num.mag * ctype_get(p->u->types, ctype_strip(p->u->types, c->ref))->size;
	if (off > CTYPE_MAX_SIZE)
		return value_fail(p, &v, "this is too far from the start");
	f->off = (uint32_t)off;
	f->bit_off = f->off * 8;
	f->type = c->ref;
	return need(p, ']', "']'");
}

int type_path(struct parser *p, struct cfield *f)
{
	int err = 0;

	while (!err) {
		if (p->lex.tok.kind == '.')
			err = step_field(p, f);
		else if (p->lex.tok.kind == '[')
			err = step_element(p, f);
		else
			break;
	}
	return err;
}

int type_field(struct parser *p, struct cfield *f)
{
	struct tok name = p->lex.tok;
	int err;

	memset(f, 0, sizeof(*f));
	err = type_find(p, &name, &f->type);
	if (err == -ENOENT)
		return fail_type(p, &name);
	lex_next(&p->lex);
	return err ? err : type_path(p, f);
}

/* The type of a variable of the source or of the frame; 0 type: it is neither. */
static int variable_type(struct parser *p, const struct tok *name, uint32_t *type)
{
	const struct symbol *slot = symtab_find(&p->scope.slot_names, name->s, name->len);
	struct decl *d = slot ? NULL : decl_find(p, name);
	int err = 0;

	*type = 0;
	if (slot) {
		*type = p->scope.slots[slot->value].type;
	} else if (d && d->kind == DECL_VAR) {
		err = decl_resolve(p, d, name);
		if (!err)
			*type = p->u->vars[d->nr].type;
	}
	return err;
}

/* A variable hides a type of its name, as it does in C. */
int type_operand(struct parser *p, uint32_t *type)
{
	struct tok first = p->lex.tok;
	struct cfield f = { .type = 0 };
	int err = variable_type(p, &first, &f.type);

	if (err)
		return err;
	if (f.type) {
		lex_next(&p->lex);
		err = type_path(p, &f);
	} else if (first.kind == T_NAME && *p->lex.s == '.') {
		err = type_field(p, &f);
	} else {
		err = type_read(p, &f.type);
		if (!err)
			err = type_read_array(p, &f.type);
	}
	if (!err && f.bits)
		err = fail(p, &first, "a bitfield has no size in bytes");
	*type = f.type;
	return err ? err : type_complete(p, f.type, &first);
}
