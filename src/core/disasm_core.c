// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CO-RE relocations in words: `field_exists(task_struct::pid)`. */
#include <stdlib.h>
#include <string.h>

#include "asm/core.h"
#include "core/disasm_ext.h"
#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"

#define MAX_STEPS 32

/* By number; NULL: the field itself, its offset. */
static const struct {
	const char *name;
	bool of_type, of_value; /* else of a field */
} kinds[] = {
	{ NULL, false, false },
	{ "byte_size", false, false },
	{ "field_exists", false, false },
	{ "signed", false, false },
	{ "lshift_u64", false, false },
	{ "rshift_u64", false, false },
	{ "local_type_id", true, false },
	{ "target_type_id", true, false },
	{ "type_exists", true, false },
	{ "type_size", true, false },
	{ "enumval_exists", false, true },
	{ "enumval", false, true },
	{ "type_matches", true, false },
};

/* The next number of "0:1:2"; false: there is none. */
static bool next(const char **s, uint32_t *n)
{
	char *end;

	if (**s == ':')
		++*s;
	if (**s < '0' || **s > '9')
		return false;
	*n = (uint32_t)strtoul(*s, &end, 10);
	*s = end;
	return true;
}

/* A field on its way: the type and place of what has been named so far. */
struct field {
	uint32_t type;
	uint64_t bit_off;
	uint32_t bits;
	bool is_element; /* the last step was into an array */
	bool is_named;	 /* the last step had a name, or was into an array behind one */
	bool is_source;	 /* the language can say all of it */
};

static bool step_element(const struct types *t, struct field *f, const struct type *type,
			 uint32_t n, struct buf *to)
{
	int64_t size = types_size(t, type->ref);

	buf_addf(to, "[%u]", n);
	f->is_source &= size > 0 && f->is_named && (!type->n || n < type->n);
	f->is_element = true;
	f->type = type->ref;
	f->bit_off += (uint64_t)(size > 0 ? size : 0) * 8 * n;
	return true;
}

/* One step into the field; false: it leads nowhere. */
static bool step(const struct dis *d, struct field *f, uint32_t n, bool *first, struct buf *to)
{
	struct type_member m;
	struct type type;

	if (!types_strip(d->types, f->type, &type))
		return false;
	if (type.kind == T_ARRAY)
		return step_element(d->types, f, &type, n, to);
	if ((type.kind != T_STRUCT && type.kind != T_UNION) || n >= type.n ||
	    !types_member(d->types, &type, n, &m))
		return false;
	if (*m.name) {
		buf_adds(to, *first ? "::" : ".");
		buf_adds(to, m.name);
		*first = false;
	}
	f->is_source &= !*m.name || dis_is_name(m.name);
	f->is_element = false;
	f->is_named = *m.name;
	f->type = m.type;
	f->bit_off += m.bit_off;
	f->bits = m.bits;
	return true;
}

/* Writes the field, and finds where it lies. */
static struct field put_path(const struct dis *d, const struct dis_ext_core *core, struct buf *to)
{
	struct field f = { .type = core->type, .is_source = true };
	const char *s = core->access;
	bool first = true;
	uint32_t n;

	if (next(&s, &n) && n) {
		buf_addf(to, "[%u]", n);
		f.is_source = false;
	}
	for (int i = 0; i < MAX_STEPS && next(&s, &n); i++)
		if (!step(d, &f, n, &first, to)) {
			buf_adds(to, " ?");
			f.is_source = false;
			break;
		}
	f.is_source &= !*s && f.is_named;
	return f;
}

/* The enumerator that a record names. */
static bool find_value(const struct types *t, const struct dis_ext_core *core, const char **name,
		       int64_t *value)
{
	const char *s = core->access;
	struct type type;
	uint32_t n;

	return next(&s, &n) && types_strip(t, core->type, &type) &&
	       (type.kind == T_ENUM || type.kind == T_ENUM64) && n < type.n &&
	       types_value(t, &type, n, name, value);
}

static void put_value(const struct types *t, const struct dis_ext_core *core, struct buf *to)
{
	const char *name = "?";
	int64_t value;

	find_value(t, core, &name, &value);
	buf_addf(to, "::%s", name);
}

static void put_name(const struct types *t, uint32_t id, struct buf *to)
{
	struct type type;

	if (types_get(t, id, &type) && *type.name)
		buf_adds(to, type.name);
	else
		types_text(t, id, to);
}

void dis_core_text(const struct dis *d, const struct dis_ext_core *core, struct buf *to)
{
	const char *name;

	if (core->kind >= countof(kinds)) {
		buf_addf(to, "relocation %u of ", core->kind);
		put_name(d->types, core->type, to);
		return;
	}
	name = kinds[core->kind].name;
	if (name)
		buf_addf(to, "%s(", name);
	put_name(d->types, core->type, to);
	if (kinds[core->kind].of_value)
		put_value(d->types, core, to);
	else if (!kinds[core->kind].of_type)
		put_path(d, core, to);
	if (name)
		buf_addc(to, ')');
}

/* ---- as source ---------------------------------------------------------------------------- */

/* The language looks the type up by its name: it must be that of the text, and whole. */
static bool is_declared(struct dis *d, uint32_t id, struct type *t)
{
	return types_get(d->types, id, t) &&
	       (t->kind == T_STRUCT || t->kind == T_UNION || t->kind == T_ENUM ||
		t->kind == T_ENUM64) &&
	       dis_declare_type(d, id);
}

/* No struct on the way became bytes. */
static bool is_whole(const struct dis *d, const struct dis_ext_core *core)
{
	auto_buf struct buf ignored = {};
	struct field f = { .type = core->type };
	const char *s = core->access;
	bool first = true;
	struct type t;
	uint32_t n;

	next(&s, &n);
	while (next(&s, &n)) {
		if (!types_strip(d->types, f.type, &t) || dis_is_opaque(d, t.id) ||
		    !step(d, &f, n, &first, &ignored))
			return false;
	}
	return true;
}

/* As the assembler computes it; false: it takes no such thing. */
static bool field_value(const struct dis *d, uint32_t kind, const struct field *f, int64_t *value)
{
	struct bit_read r = { .size = 0 };
	struct type t;

	if (!types_strip(d->types, f->type, &t))
		return false;
	r.size = (uint32_t)types_size(d->types, f->type);
	r.off = (uint32_t)(f->bit_off / 8);
	r.left = r.right = 64 - r.size * 8;
	if (f->bits)
		r = bits_read(d->big_endian, (uint32_t)f->bit_off, f->bits, r.size ? r.size : 1);
	switch (kind) {
	case CORE_BYTE_OFFSET:
		*value = r.off;
		return true;
	case CORE_BYTE_SIZE:
		*value = r.size;
		return true;
	case CORE_FIELD_EXISTS:
		*value = 1;
		return true;
	case CORE_SIGNED:
		*value = t.flags & TYPE_SIGNED ? 1 : 0;
		return !f->is_element;
	default:
		*value = kind == CORE_RSHIFT_U64     ? r.right
			 : d->big_endian && !f->bits ? (8 - (int64_t)r.size) * 8
						     : r.left;
		return !f->is_element && r.size <= 8 && t.kind != T_STRUCT && t.kind != T_UNION &&
		       t.kind != T_ARRAY;
	}
}

bool dis_core_source(struct dis *d, const struct dis_ext_core *core, int64_t *value)
{
	auto_buf struct buf ignored = {};
	const char *name;
	struct field f;
	struct type t;

	*value = 1;
	if (core->kind >= countof(kinds) || !is_declared(d, core->type, &t))
		return false;
	if (kinds[core->kind].of_value)
		return t.kind != T_STRUCT && t.kind != T_UNION &&
		       find_value(d->types, core, &name,
				  core->kind == CORE_ENUMVAL ? value : &(int64_t){ 0 });
	if (core->kind == CORE_TYPE_SIZE)
		*value = t.size;
	if (core->kind == CORE_LOCAL_TYPE_ID || core->kind == CORE_TARGET_TYPE_ID)
		*value = 0; /* the assembler leaves ids to the loader; compilers do not */
	if (kinds[core->kind].of_type)
		return core->kind != CORE_TYPE_MATCHES || !d->decls->v[t.id].padded;
	f = put_path(d, core, &ignored);
	return f.is_source && is_whole(d, core) && field_value(d, core->kind, &f, value);
}
