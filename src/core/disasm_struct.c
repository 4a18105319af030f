// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Structs, unions and enums of an object as declarations.  The language lays them out by the rules
 * of C, as the compiler did; where the object's layout is another one (an attribute said so) the
 * padding is written out, or the struct is packed.  What does not come out right that way becomes
 * a struct of bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"

#define MAX_DEPTH 32	 /* declarations that need each other */
#define MAX_ANONYMOUS 12 /* structs without a name inside each other; the language has 16 */
#define PAD_NAME 32
#define MAX_TEXT (16u << 20)	   /* broken BTF can contain itself many times */
#define MAX_BITFIELD_OFF 0xffffffu /* BTF has 24 bits for it */

/* A struct being written. */
struct body {
	struct dis *d;
	const struct type *t;
	bool packed;
	bool *padded; /* of the declaration: members have been added */
	unsigned int indent, anonymous;
	struct symtab *taken; /* names of members; those of inner structs without a name count */
	struct buf *to;
	uint64_t end; /* bits, of what has been written */
	uint32_t align;
};

static bool put_body(struct body *b);

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

static void begin_line(const struct body *b)
{
	buf_fill(b->to, ' ', 4 * (size_t)b->indent);
}

static bool take_member_name(const struct body *b, const char *name)
{
	bool is_new = false;

	return dis_is_name(name) && symtab_add(b->taken, name, strlen(name), 0, &is_new) && is_new;
}

/* ---- members ------------------------------------------------------------------------------ */

/* Bytes up to the place where the next member begins. */
static bool pad_to(struct body *b, uint64_t bits)
{
	uint64_t from = round_up(b->end, 8) / 8, to = bits / 8;
	size_t len;
	char *name;

	if (from >= to)
		return from == to;
	name = pool_alloc(&b->d->pool, PAD_NAME);
	if (!name)
		return false;
	len = (size_t)snprintf(name, PAD_NAME, "pad_%llu", (unsigned long long)from);
	while (!take_member_name(b, name)) {
		if (len + 1 == PAD_NAME)
			return false;
		name[len++] = '_'; /* zeros are behind it */
	}
	begin_line(b);
	*b->padded = true;
	buf_addf(b->to, "__u8 %s[%llu]\n", name, (unsigned long long)(to - from));
	b->end = to * 8;
	return true;
}

/* Where the language would put a bitfield. */
static uint64_t place_bits(const struct body *b, uint64_t at, uint64_t unit, uint32_t width)
{
	if (b->packed || at / unit == (at + width - 1) / unit)
		return at;
	return round_up(at, unit);
}

/* A gap in front of a bitfield: bytes as far as they go, then a field without a name. */
static bool pad_bits(struct body *b, const char *type, uint64_t unit, uint64_t bits)
{
	uint64_t start = bits / unit * unit;
	uint64_t gap;

	if (start > b->end && !pad_to(b, start))
		return false;
	gap = bits - b->end;
	if (!gap)
		return true;
	if (gap > unit || place_bits(b, b->end, unit, (uint32_t)gap) != b->end)
		return false;
	begin_line(b);
	buf_addf(b->to, "%s : %llu\n", type, (unsigned long long)gap);
	b->end = bits;
	return true;
}

static bool put_bitfield(struct body *b, const struct type_member *m)
{
	auto_buf struct buf type = {};
	struct dis_form form;
	uint64_t unit, at;
	struct dis_base base;

	if (!dis_base(b->d, m->type, &base) || base.nr_dims ||
	    !dis_put_base(b->d, &base, &type, &form) || m->bit_off > MAX_BITFIELD_OFF ||
	    (base.t.kind != T_INT && base.t.kind != T_ENUM && base.t.kind != T_ENUM64 &&
	     !base.known))
		return false;
	unit = form.size * 8;
	if (m->bits > unit || (m->bits > 1 && strcmp(buf_str(&type), "bool") == 0))
		return false;
	at = place_bits(b, b->t->kind == T_UNION ? 0 : b->end, unit, m->bits);
	if (at < m->bit_off && !pad_bits(b, buf_str(&type), unit, m->bit_off))
		return false;
	if (at < m->bit_off)
		at = place_bits(b, b->end, unit, m->bits);
	if (at != m->bit_off || (*m->name && !take_member_name(b, m->name)))
		return false;
	begin_line(b);
	buf_addf(b->to, "%s %s: %u\n", buf_str(&type), m->name, m->bits);
	if (at + m->bits > b->end)
		b->end = at + m->bits;
	if (*m->name && !b->packed && form.align > b->align)
		b->align = form.align;
	return true;
}

/* `struct {` ... `}`: a struct without a name, in the line that has been begun. */
static bool put_anonymous(struct body *b, const struct dis_base *base, bool has_name,
			  struct buf *to, struct dis_form *form)
{
	struct symtab own = { .slots = NULL };
	struct body inner = {
		.d = b->d,
		.t = &base->t,
		.padded = b->padded,
		.indent = b->indent + 1,
		.anonymous = b->anonymous + 1,
		.taken = has_name ? &own : b->taken,
		.to = to,
		.align = 1,
	};
	bool ok;

	if (inner.anonymous > MAX_ANONYMOUS || !base->t.size)
		return false;
	buf_addf(to, "%s {\n", base->t.kind == T_UNION ? "union" : "struct");
	ok = put_body(&inner);
	symtab_free(&own);
	buf_fill(to, ' ', 4 * (size_t)b->indent);
	buf_addc(to, '}');
	*form = (struct dis_form){ base->t.size, inner.align };
	return ok;
}

/* The type and the name; structs without a name of their own are written here. */
static bool put_declarator(struct body *b, const struct type_member *m, struct buf *to,
			   struct dis_form *form)
{
	struct dis_base base;
	bool is_struct;

	if (!dis_base(b->d, m->type, &base))
		return false;
	is_struct = !base.known && (base.t.kind == T_STRUCT || base.t.kind == T_UNION);
	if (is_struct && !base.t.size && *m->name) { /* nothing, by a name */
		*b->padded = true;
		*form = (struct dis_form){ 0, 1 };
		buf_addf(to, "__u8 %s[0]", m->name);
		return true;
	}
	if (is_struct && !*base.t.name && !base.alias) {
		if (!put_anonymous(b, &base, *m->name, to, form) || (!*m->name && base.nr_dims))
			return false;
	} else if (!*m->name || !dis_put_base(b->d, &base, to, form)) {
		return false;
	} else if (is_struct) {
		*b->padded |= b->d->decls->v[base.t.id].padded;
	}
	form->size *= base.n;
	if (*m->name && to->len && to->data[to->len - 1] != '*')
		buf_addc(to, ' ');
	buf_adds(to, m->name);
	dis_put_dims(&base, to);
	if (base.t.kind == T_PTR) {
		struct type tag;

		if (types_get(b->d->types, base.t.ref, &tag) && tag.kind == T_TYPE_TAG) {
			buf_adds(to, "    // type tag ");
			dis_put_comment(to, tag.name);
		}
	}
	return form->size <= DIS_MAX_SIZE;
}

static bool put_member(struct body *b, const struct type_member *m)
{
	auto_buf struct buf line = {};
	struct dis_form form;
	uint64_t at;

	if (m->bits)
		return put_bitfield(b, m);
	if (m->bit_off % 8 || (*m->name && !take_member_name(b, m->name)) ||
	    !put_declarator(b, m, &line, &form))
		return false;
	if (b->packed)
		form.align = 1;
	at = round_up(b->t->kind == T_UNION ? 0 : b->end, 8 * (uint64_t)form.align);
	if (at < m->bit_off && b->t->kind == T_STRUCT) {
		if (!pad_to(b, m->bit_off))
			return false;
		at = round_up(b->end, 8 * (uint64_t)form.align);
	}
	if (at != m->bit_off)
		return false;
	begin_line(b);
	buf_add(b->to, line.data, line.len);
	buf_addc(b->to, '\n');
	b->to->failed |= line.failed;
	if (at + form.size * 8 > b->end)
		b->end = at + form.size * 8;
	if (form.align > b->align)
		b->align = form.align;
	return true;
}

/* False: the layout would be another one, or there is too much of it. */
static bool put_body(struct body *b)
{
	struct type_member m;

	for (uint32_t i = 0; i < b->t->n; i++)
		if (!types_member(b->d->types, b->t, i, &m) || !put_member(b, &m) ||
		    b->to->len > MAX_TEXT)
			return false;
	if (round_up(round_up(b->end, 8) / 8, b->align) < b->t->size) {
		if (b->t->kind == T_UNION)
			b->end = 0;
		if (!pad_to(b, (uint64_t)b->t->size * 8))
			return false;
	}
	return round_up(round_up(b->end, 8) / 8, b->align) == b->t->size;
}

/* ---- declarations ------------------------------------------------------------------------- */

static void put_head(struct dis *d, const struct type *t, bool packed, bool opaque)
{
	const struct dis_declared *v = &d->decls->v[t->id];
	struct buf *to = &d->decls->text;

	if (opaque) {
		buf_adds(to, "// only its size: the layout is not one of the language\n");
		buf_adds(to, t->kind == T_UNION ? "union" : "struct");
		buf_addf(to, " %s", v->name);
	} else if (v->is_event && t->kind == T_STRUCT) {
		buf_addf(to, "event %s", v->name);
		if (v->kind)
			buf_addf(to, " kind %u", v->kind - 1);
	} else {
		buf_adds(to, t->kind == T_UNION ? "union" : "struct");
		buf_addf(to, " %s", v->name);
	}
	buf_adds(to, packed ? " packed {\n" : " {\n");
}

static bool declare_struct(struct dis *d, const struct type *t)
{
	struct dis_declared *v = &d->decls->v[t->id];
	struct buf *to = &d->decls->text;

	for (int packed = 0; packed <= 1 && to->len < MAX_TEXT; packed++) {
		auto_buf struct buf text = {};
		struct symtab taken = { .slots = NULL };
		struct body b = { .d = d,
				  .t = t,
				  .padded = &v->padded,
				  .packed = packed,
				  .indent = 1,
				  .taken = &taken,
				  .to = &text,
				  .align = 1 };
		bool ok = put_body(&b);

		symtab_free(&taken);
		if (!ok)
			continue;
		put_head(d, t, packed, false);
		buf_add(to, text.data, text.len);
		to->failed |= text.failed;
		buf_adds(to, "}\n\n");
		v->form = (struct dis_form){ t->size, b.align };
		v->state = TYPE_DONE;
		return true;
	}
	put_head(d, t, false, true);
	buf_addf(to, "    u8 bytes[%u]\n}\n\n", t->size);
	v->form = (struct dis_form){ t->size, 1 };
	v->state = TYPE_OPAQUE;
	return true;
}

/* Bytes of an enum by the language's rule, by the values it has. */
static uint32_t enum_size(const struct dis *d, const struct type *t)
{
	int64_t min = 0, max = 0, value;
	const char *name;

	for (uint32_t i = 0; i < t->n && types_value(d->types, t, i, &name, &value); i++) {
		min = value < min ? value : min;
		max = value > max ? value : max;
	}
	return min < INT32_MIN || max > (min < 0 ? INT32_MAX : (int64_t)UINT32_MAX) ? 8 : 4;
}

/* Enumerators are names like those of maps and variables. */
static bool enumerators_are_free(struct dis *d, const struct type *t)
{
	struct symtab own = { .slots = NULL };
	const char *name;
	bool ok = t->n, is_new;
	int64_t value;

	for (uint32_t i = 0; i < t->n && ok; i++)
		ok = types_value(d->types, t, i, &name, &value) && dis_is_name(name) &&
		     !symtab_find(&d->names, name, strlen(name)) &&
		     symtab_add(&own, name, strlen(name), 0, &is_new) && is_new;
	symtab_free(&own);
	return ok;
}

static bool declare_enum(struct dis *d, const struct type *t)
{
	struct dis_declared *v = &d->decls->v[t->id];
	struct buf *to = &d->decls->text;
	int64_t value, next = 0;
	const char *name;

	if (enum_size(d, t) != t->size || !enumerators_are_free(d, t) || to->len > MAX_TEXT)
		return false;
	buf_addf(to, "enum %s {\n", v->name);
	for (uint32_t i = 0; i < t->n && types_value(d->types, t, i, &name, &value); i++) {
		buf_addf(to, "    %s", dis_name(d, name));
		if (value != next)
			buf_addf(to, " = %lld", (long long)value);
		buf_addc(to, '\n');
		next = (int64_t)((uint64_t)value + 1);
	}
	buf_adds(to, "}\n\n");
	v->form = (struct dis_form){ t->size, t->size };
	v->state = TYPE_DONE;
	return true;
}

/* A name for the text; namesakes, and those of the language's own types, get another. */
static const char *name_type(struct dis *d, const struct type *t, const char *wanted)
{
	enum type_kind kind = t->kind == T_ENUM64 ? T_ENUM : t->kind;
	auto_buf struct buf other = {};
	const char *name;

	if (dis_own_type(d, wanted)) {
		buf_addf(&other, "%s_", wanted);
		wanted = buf_str(&other);
	}
	do
		name = dis_name_in(d, &d->decls->names, wanted);
	while (*name && !dis_take_tag(d, name, kind));
	return *name ? name : NULL;
}

static bool declare(struct dis *d, const struct type *t, const char *wanted)
{
	struct dis_declared *v = &d->decls->v[t->id];
	const struct ctype *own = *t->name ? dis_own_type(d, t->name) : NULL;
	bool ok;

	if (own && own->size == t->size && dis_take_tag(d, t->name, t->kind)) {
		v->name = t->name;
		v->form = (struct dis_form){ own->size, own->align };
		v->state = TYPE_DONE;
		v->is_own = true;
		return true;
	}
	v->name = name_type(d, t, *t->name ? t->name : wanted);
	if (!v->name)
		return false;
	v->state = TYPE_BUSY;
	d->decls->depth++;
	ok = t->kind == T_STRUCT || t->kind == T_UNION ? declare_struct(d, t) : declare_enum(d, t);
	d->decls->depth--;
	return ok;
}

bool dis_need_type(struct dis *d, uint32_t type, const char *wanted)
{
	struct dis_declared *v;
	struct dis_base b;
	bool ok;

	if (!type || !dis_base(d, type, &b) || b.known ||
	    (b.t.kind != T_STRUCT && b.t.kind != T_UNION && b.t.kind != T_ENUM &&
	     b.t.kind != T_ENUM64))
		return false;
	v = &d->decls->v[b.t.id];
	if (v->state != TYPE_NEW)
		return v->state == TYPE_DONE || v->state == TYPE_OPAQUE;
	if (b.alias)
		wanted = b.alias;
	if ((!*b.t.name && !wanted) || !b.t.size || b.t.size > DIS_MAX_SIZE ||
	    d->decls->depth >= MAX_DEPTH)
		return false;
	ok = declare(d, &b.t, wanted);
	if (!ok)
		v->state = TYPE_FAILED;
	return ok;
}

/* What the language has itself is written out, too. */
static bool declare_own(struct dis *d, const struct type *t)
{
	struct dis_declared *v = &d->decls->v[t->id];
	const char *name = dis_name_in(d, &d->decls->names, t->name);

	if (strcmp(name, t->name) != 0 || (t->kind != T_STRUCT && t->kind != T_UNION))
		return false;
	*v = (struct dis_declared){
		.name = t->name, .state = TYPE_BUSY, .is_event = v->is_event, .kind = v->kind
	};
	return declare_struct(d, t);
}

bool dis_declare_type(struct dis *d, uint32_t type)
{
	const struct dis_declared *v = &d->decls->v[type];
	struct type t;

	bool is_new, has_own;

	if (!types_get(d->types, type, &t) || !*t.name)
		return false;
	has_own = dis_own_type(d, t.name);
	is_new = v->state == TYPE_NEW && t.size && t.size <= DIS_MAX_SIZE;
	if (v->is_own || (has_own && is_new) ? !declare_own(d, &t) : !dis_need_type(d, type, NULL))
		return false;
	return v->state == TYPE_DONE && strcmp(v->name, t.name) == 0;
}
