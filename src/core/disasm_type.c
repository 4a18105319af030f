// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Types of an object as the language writes them: by name, pointers, arrays, prototypes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"

#define MAX_CHAIN 32   /* const, typedefs, arrays on top of each other */
#define MAX_POINTERS 6 /* stars */
#define MAX_PARAMS 5   /* r1 to r5 */

/* ---- tables ------------------------------------------------------------------------------- */

static void learn_structs(const struct dis *d, struct dis_types *t)
{
	struct type type;

	for (uint32_t id = 1; id < t->n; id++)
		if (types_get(d->types, id, &type) && type.kind == T_STRUCT && *type.name)
			symtab_add(&t->structs, type.name, strlen(type.name), id, NULL);
}

/* The language tells events apart by a first field `u32 kind`. */
static bool begins_with_kind(const struct dis *d, const struct type *t)
{
	struct type_member m;
	struct type field;

	return t->kind == T_STRUCT && t->n && types_member(d->types, t, 0, &m) &&
	       strcmp(m.name, "kind") == 0 && !m.bit_off && !m.bits &&
	       types_strip(d->types, m.type, &field) && field.kind == T_INT && field.size == 4 &&
	       field.bits == 32 && !field.bit_off;
}

/* What declaration tags say: `event:NAME` of a map, `kind:N` of a struct. */
static void read_tag(const struct dis *d, struct dis_types *t, const struct type *tag)
{
	const struct symbol *s;
	struct type of;

	if (strncmp(tag->name, "kind:", 5) == 0 && types_get(d->types, tag->ref, &of) &&
	    begins_with_kind(d, &of)) {
		t->v[tag->ref].is_event = true;
		t->v[tag->ref].kind = (uint32_t)strtoul(tag->name + 5, NULL, 10) + 1;
	} else if (strncmp(tag->name, "event:", 6) == 0) {
		s = symtab_find(&t->structs, tag->name + 6, strlen(tag->name + 6));
		if (s)
			t->v[s->value].is_event = true;
	}
}

struct dis_types *dis_types_new(struct dis *d)
{
	struct dis_types *t = xcalloc(1, sizeof(*t));
	struct type type;

	t->lang = ctypes_new();
	t->n = d->types ? types_count(d->types) : 1;
	t->v = xcalloc(t->n, sizeof(*t->v));
	if (!d->types)
		return t;
	learn_structs(d, t);
	for (uint32_t id = 1; id < t->n; id++)
		if (types_get(d->types, id, &type) && type.kind == T_DECL_TAG)
			read_tag(d, t, &type);
	return t;
}

void dis_types_free(struct dis_types *t)
{
	if (!t)
		return;
	free(t->v);
	symtab_free(&t->names);
	symtab_free(&t->kinds);
	symtab_free(&t->structs);
	ctypes_freep(&t->lang);
	buf_free(&t->text);
	free(t);
}

void dis_take_decls(struct dis *d, struct buf *to)
{
	buf_add(to, d->decls->text.data, d->decls->text.len);
	to->failed |= d->decls->text.failed;
	d->decls->text.len = 0;
}

bool dis_is_opaque(const struct dis *d, uint32_t type)
{
	return type < d->decls->n && d->decls->v[type].state == TYPE_OPAQUE;
}

uint32_t dis_struct_named(const struct dis *d, const char *name)
{
	const struct symbol *s = symtab_find(&d->decls->structs, name, strlen(name));

	return s ? s->value : 0;
}

const struct ctype *dis_own_type(const struct dis *d, const char *name)
{
	struct ctypes *lang = d->decls->lang;
	uint32_t type;

	if (!lang || (!ctype_find(lang, name, strlen(name), &type) &&
		      ctype_context(lang, name, strlen(name), &type) != 0))
		return NULL;
	return ctype_get(lang, type)->size ? ctype_get(lang, type) : NULL;
}

static bool is_kind(const struct ctype *c, enum type_kind kind)
{
	return (c->kind == CT_STRUCT && kind == T_STRUCT) ||
	       (c->kind == CT_UNION && kind == T_UNION) || (c->kind == CT_ENUM && kind == T_ENUM);
}

bool dis_take_tag(struct dis *d, const char *name, enum type_kind kind)
{
	const struct ctype *own = dis_own_type(d, name);
	struct symbol *s;
	char *kept;

	if (!dis_is_name(name) || (own && !is_kind(own, kind)))
		return false;
	s = symtab_find(&d->decls->kinds, name, strlen(name));
	if (s)
		return s->value == (uint32_t)kind;
	kept = pool_str(&d->pool, name, strlen(name));
	return kept && symtab_add(&d->decls->kinds, kept, strlen(kept), (uint32_t)kind, NULL);
}

/* ---- what a type is made of --------------------------------------------------------------- */

/* A typedef of the language for the same thing: u32, __be16, mac ... */
static bool is_known(const struct dis *d, uint32_t id, const char *name)
{
	const struct ctype *own = dis_own_type(d, name);
	struct type t;

	if (!own || own->kind != CT_TYPEDEF || types_size(d->types, id) != (int64_t)own->size ||
	    !types_strip(d->types, id, &t))
		return false;
	while (own->kind == CT_TYPEDEF)
		own = ctype_get(d->decls->lang, own->ref);
	switch (own->kind) {
	case CT_INT:
		return t.kind == T_INT && !(t.flags & TYPE_SIGNED) == !(own->flags & CT_SIGNED) &&
		       !(t.flags & TYPE_BOOL) == !(own->flags & CT_BOOL);
	case CT_ARRAY:
		return t.kind == T_ARRAY;
	case CT_STRUCT:
		return t.kind == T_STRUCT;
	default:
		return false;
	}
}

bool dis_base(const struct dis *d, uint32_t type, struct dis_base *b)
{
	*b = (struct dis_base){ .n = 1 };
	for (int i = 0; d->types && i < MAX_CHAIN; i++) {
		if (!types_get(d->types, type, &b->t))
			return false;
		switch (b->t.kind) {
		case T_TYPEDEF:
			b->known = is_known(d, type, b->t.name) ? b->t.name : NULL;
			b->alias = b->t.name;
			if (b->known)
				return true;
			break;
		case T_ARRAY:
			if (b->nr_dims == DIS_MAX_DIMENSIONS)
				return false;
			b->dims[b->nr_dims++] = b->t.n;
			b->n *= b->t.n;
			b->alias = NULL;
			if (b->n > DIS_MAX_SIZE)
				return false;
			break;
		case T_TYPE_TAG:
			b->tag = b->t.name;
			break;
		case T_CONST:
		case T_VOLATILE:
		case T_RESTRICT:
			break;
		default:
			return true;
		}
		type = b->t.ref;
	}
	return false;
}

void dis_put_dims(const struct dis_base *b, struct buf *to)
{
	for (unsigned int i = 0; i < b->nr_dims; i++)
		buf_addf(to, "[%u]", b->dims[i]);
}

/* ---- names of types ----------------------------------------------------------------------- */

static bool put_sized_int(uint32_t size, bool is_signed, struct buf *to, struct dis_form *form)
{
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	buf_addf(to, "%c%u", is_signed ? 's' : 'u', size * 8);
	*form = (struct dis_form){ size, size };
	return true;
}

static bool put_int(struct dis *d, const struct type *t, struct buf *to, struct dis_form *form)
{
	const struct ctype *own = dis_own_type(d, t->name);
	bool is_char = strcmp(t->name, "char") == 0;

	if (t->bits != t->size * 8 || t->bit_off)
		return false;
	if (t->flags & TYPE_BOOL && t->size == 1) {
		buf_adds(to, "bool");
		*form = (struct dis_form){ 1, 1 };
		return true;
	}
	if (!own || own->kind != CT_INT || own->size != t->size ||
	    (!is_char && !(t->flags & TYPE_SIGNED) != !(own->flags & CT_SIGNED)))
		return put_sized_int(t->size, t->flags & TYPE_SIGNED, to, form);
	buf_adds(to, t->name);
	*form = (struct dis_form){ t->size, t->size };
	return true;
}

static const char *keyword(enum type_kind kind)
{
	return kind == T_UNION ? "union" : kind == T_ENUM || kind == T_ENUM64 ? "enum" : "struct";
}

/* What a pointer leads to by name, if it has one that can be written; else void. */
static void put_pointee(struct dis *d, const struct type *t, const char *known, struct buf *to)
{
	bool is_struct = t->kind == T_STRUCT || t->kind == T_UNION || t->kind == T_FWD;
	enum type_kind kind = t->kind == T_FWD ? (t->is_union ? T_UNION : T_STRUCT) : t->kind;
	const char *name = t->name;
	struct dis_form form;
	bool done = false;

	if (known) {
		buf_adds(to, known);
		return;
	}
	if (is_struct && t->kind != T_FWD && d->decls->v[t->id].name)
		name = d->decls->v[t->id].name;
	if (is_struct && dis_take_tag(d, name, kind)) {
		buf_addf(to, "%s %s", keyword(kind), name);
		return;
	}
	if (t->kind == T_INT)
		done = put_int(d, t, to, &form);
	else if (t->kind == T_ENUM || t->kind == T_ENUM64)
		done = put_sized_int(t->size, t->flags & TYPE_SIGNED, to, &form);
	if (!done)
		buf_adds(to, "void");
}

/* `const struct flow **`; id is what the first star leads to. */
static void put_pointer(struct dis *d, uint32_t id, struct buf *to)
{
	const char *known = NULL;
	unsigned int stars = 1;
	bool is_const = false;
	struct type t = { .kind = T_VOID };

	for (int i = 0; i < MAX_CHAIN && stars <= MAX_POINTERS; i++) {
		if (!types_get(d->types, id, &t))
			t = (struct type){ .kind = T_VOID };
		known = t.kind == T_TYPEDEF && is_known(d, id, t.name) ? t.name : NULL;
		is_const |= t.kind == T_CONST;
		if (t.kind == T_PTR) {
			stars++;
			is_const = false;
		} else if (known ||
			   (t.kind != T_CONST && t.kind != T_VOLATILE && t.kind != T_RESTRICT &&
			    t.kind != T_TYPE_TAG && t.kind != T_TYPEDEF)) {
			break;
		}
		id = t.ref;
	}
	buf_adds(to, is_const ? "const " : "");
	put_pointee(d, &t, known, to);
	buf_addc(to, ' ');
	buf_fill(to, '*', stars > MAX_POINTERS ? 1 : stars);
}

static bool put_declared(struct dis *d, const struct dis_base *b, struct buf *to,
			 struct dis_form *form)
{
	const struct dis_declared *v = &d->decls->v[b->t.id];
	bool is_enum = b->t.kind == T_ENUM || b->t.kind == T_ENUM64;

	if (dis_need_type(d, b->t.id, b->alias)) {
		buf_addf(to, "%s %s", keyword(b->t.kind), v->name);
		*form = v->form;
		return true;
	}
	return is_enum && put_sized_int(b->t.size, b->t.flags & TYPE_SIGNED, to, form);
}

bool dis_put_base(struct dis *d, const struct dis_base *b, struct buf *to, struct dis_form *form)
{
	const struct ctype *own = b->known ? dis_own_type(d, b->known) : NULL;

	if (own) {
		buf_adds(to, b->known);
		*form = (struct dis_form){ own->size, own->align };
		return true;
	}
	switch (b->t.kind) {
	case T_INT:
		return put_int(d, &b->t, to, form);
	case T_FLOAT:
		buf_adds(to, b->t.size == 4 ? "float" : "double");
		*form = (struct dis_form){ b->t.size, b->t.size };
		return b->t.size == 4 || b->t.size == 8;
	case T_PTR:
		put_pointer(d, b->t.ref, to);
		*form = (struct dis_form){ 8, 8 };
		return true;
	case T_STRUCT:
	case T_UNION:
	case T_ENUM:
	case T_ENUM64:
		return put_declared(d, b, to, form);
	default:
		return false;
	}
}

bool dis_put_type(struct dis *d, uint32_t type, const char *name, struct buf *to,
		  struct dis_form *form)
{
	size_t start = to->len;
	struct dis_base b;

	if (!type || !dis_base(d, type, &b) || !dis_put_base(d, &b, to, form) ||
	    form->size * b.n > DIS_MAX_SIZE) {
		to->len = start;
		return false;
	}
	form->size *= b.n;
	if (*name && to->data[to->len - 1] != '*')
		buf_addc(to, ' ');
	buf_adds(to, name);
	dis_put_dims(&b, to);
	return true;
}

/* ---- prototypes --------------------------------------------------------------------------- */

/* What fits a register; a pointer's struct is declared where the verifier asks for its size. */
static void put_scalar(struct dis *d, uint32_t type, const char *name, bool needs_size,
		       struct buf *to)
{
	struct dis_form form;
	size_t start = to->len;
	struct type inner;
	struct dis_base b;
	bool is_scalar =
		dis_base(d, type, &b) && !b.nr_dims && b.t.kind != T_STRUCT && b.t.kind != T_UNION;

	if (is_scalar && needs_size && b.t.kind == T_PTR &&
	    types_strip(d->types, b.t.ref, &inner) && *inner.name &&
	    (inner.kind == T_STRUCT || inner.kind == T_UNION))
		dis_need_type(d, inner.id, NULL);
	if (is_scalar && b.known) {
		const struct ctype *own = dis_own_type(d, b.known);

		is_scalar = own->size <= 8 && types_strip(d->types, type, &inner) &&
			    inner.kind == T_INT;
	}
	if (is_scalar && dis_put_type(d, type, name, to, &form) && form.size <= 8)
		return;
	to->len = start;
	buf_addf(to, "u64 %s", name);
}

static void put_params(struct dis *d, const struct type *proto, bool is_global, struct buf *to)
{
	struct type_member m;

	for (uint32_t i = 0; i < proto->n && i < MAX_PARAMS; i++) {
		auto_buf struct buf name = {};

		if (!types_member(d->types, proto, i, &m) || !m.type)
			break;
		if (dis_is_name(m.name))
			buf_adds(&name, m.name);
		else
			buf_addf(&name, "arg%u", i);
		buf_adds(to, i ? ", " : "");
		put_scalar(d, m.type, buf_str(&name), is_global, to);
	}
}

void dis_put_proto(struct dis *d, uint32_t func, const char *name, bool is_global, struct buf *to)
{
	struct type f, proto, ret;

	if (!func || !types_get(d->types, func, &f) || !types_get(d->types, f.ref, &proto) ||
	    proto.kind != T_FUNC_PROTO) {
		buf_addf(to, "%s()", name);
		return;
	}
	if (types_strip(d->types, proto.ref, &ret) && ret.kind == T_VOID)
		buf_addf(to, "void %s", name);
	else
		put_scalar(d, proto.ref, name, false, to);
	buf_addc(to, '(');
	put_params(d, &proto, is_global, to);
	buf_addc(to, ')');
}
