// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Plans from BTF. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/codec_priv.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/types.h"

#define MAX_CHAIN 32 /* typedefs and qualifiers on top of each other */

/* Types that their name says how to read. */
static const struct {
	const char *name;
	uint8_t kind;
	uint32_t size;
} named[] = {
	{ "ip4", OP_IP4, 4 },	    { "ip6", OP_IP6, 16 },    { "mac", OP_MAC, 6 },
	{ "be16", OP_BE, 2 },	    { "be32", OP_BE, 4 },     { "be64", OP_BE, 8 },
	{ "__be16", OP_BE, 2 },	    { "__be32", OP_BE, 4 },   { "__be64", OP_BE, 8 },
	{ "__le16", OP_LE, 2 },	    { "__le32", OP_LE, 4 },   { "__le64", OP_LE, 8 },
	{ "cidr4", OP_CIDR, 8 },    { "cidr6", OP_CIDR, 20 }, { "in_addr", OP_IP4, 4 },
	{ "in6_addr", OP_IP6, 16 },
};

/* A type on its way into the plan. */
struct place {
	const char *name;
	uint64_t bit_off; /* from the start of the struct or element around it */
	uint32_t bits;	  /* a bitfield, else 0 */
	uint64_t room;	  /* bits there are, from the same start */
	int depth;
};

static uint32_t broken(struct codec *c)
{
	if (!c->error)
		c->error = -EINVAL;
	return 0;
}

/* The op for a type of so many bytes at a place; checks that it lies within what is around it. */
static uint32_t add_at(struct codec *c, struct op op, const struct place *at, uint64_t bytes)
{
	uint64_t bits = at->bits ? at->bits : bytes * 8;

	if (at->bit_off + bits > at->room || (!at->bits && at->bit_off % 8))
		return broken(c);
	op.name = at->name;
	op.off = (uint32_t)(at->bit_off / 8);
	op.size = (uint32_t)bytes;
	if (at->bits) {
		op.bits = (uint8_t)at->bits;
		op.bit_off = (uint8_t)(at->bit_off % 8);
	}
	return codec_add(c, &op);
}

static uint32_t add_type(struct codec *c, uint32_t id, const struct place *at);

static uint32_t add_int(struct codec *c, const struct type *t, const struct place *at)
{
	struct op op = { .kind = OP_UINT, .type = t->id };
	struct place bits = *at;

	if (!t->size || t->size > 16 || t->bits > 128 || !t->bits)
		return broken(c);
	if (t->flags & TYPE_BOOL)
		op.kind = OP_BOOL;
	else if (t->flags & TYPE_SIGNED)
		op.kind = OP_INT;
	if ((t->flags & TYPE_CHAR) ||
	    (c->style == CODEC_TYPED && t->size == 1 && strcmp(t->name, "char") == 0))
		op.flags |= OPF_CHAR;
	/* The old way to say bitfield: an integer type that is narrower than its bytes. */
	if (!at->bits && (t->bit_off || t->bits != t->size * 8 || at->bit_off % 8)) {
		bits.bit_off += t->bit_off;
		bits.bits = t->bits;
	}
	if (bits.bits > t->size * 8)
		return broken(c);
	/* Sizes that no machine has, such as 3, are read bit by bit. */
	if (!bits.bits && (t->size & (t->size - 1)))
		bits.bits = t->bits;
	return add_at(c, op, &bits, t->size);
}

static uint32_t add_scalar(struct codec *c, const struct type *t, uint8_t kind,
			   const struct place *at)
{
	struct op op = { .kind = kind, .type = t->id };
	uint32_t size = kind == OP_PTR ? 8 : t->size;

	if (kind == OP_ENUM && (t->flags & TYPE_SIGNED))
		op.flags = OPF_SIGNED;
	if (size != 1 && size != 2 && size != 4 && size != 8) {
		if (kind != OP_FLOAT)
			return broken(c);
		op.kind = OP_BYTES; /* long double */
	}
	if (kind == OP_FLOAT && size < 4)
		op.kind = OP_BYTES;
	if (at->bits > size * 8 || (at->bits && kind == OP_FLOAT))
		return broken(c);
	return add_at(c, op, at, size);
}

/* An element that makes a string of its array. */
static bool is_char(const struct codec *c, uint32_t element)
{
	struct type t;

	/* bpftool does not look through typedefs here. */
	for (int i = 0; i < MAX_CHAIN; i++) {
		if (!types_get(c->types, element, &t))
			return false;
		if (t.kind == T_INT)
			return t.size == 1 && t.bits == 8 &&
			       ((t.flags & TYPE_CHAR) || strcmp(t.name, "char") == 0);
		if (t.kind != T_VOLATILE && t.kind != T_CONST && t.kind != T_RESTRICT &&
		    t.kind != T_TYPE_TAG && !(t.kind == T_TYPEDEF && c->style == CODEC_TYPED))
			return false;
		element = t.ref;
	}
	return false;
}

static uint32_t add_array(struct codec *c, const struct type *t, const struct place *at)
{
	int64_t element = types_size(c->types, t->ref);
	/* Elements without size are none: nothing tells them apart. */
	struct op op = { .kind = OP_ARRAY, .type = t->id, .count = element ? t->n : 0 };
	struct place first = { .room = (uint64_t)element * 8, .depth = at->depth + 1 };
	uint32_t i;

	if (element < 0 || at->bits || (uint64_t)element * t->n > UINT32_MAX)
		return broken(c);
	if (is_char(c, t->ref))
		op.flags |= OPF_CHAR;
	if (!t->n && element)
		op.flags |= OPF_FLEX;
	i = add_at(c, op, at, (uint64_t)element * t->n);
	add_type(c, t->ref, &first);
	if (c->error)
		return 0;
	c->ops[i].next = c->n;
	return i;
}

static void add_members(struct codec *c, const struct type *t, const struct place *around)
{
	struct type_member m;

	for (uint32_t i = 0; i < t->n && !c->error; i++) {
		struct place at = { .depth = around->depth + 1, .room = around->room };
		struct type inner;

		if (!types_member(c->types, t, i, &m) || m.bit_off > around->room) {
			broken(c);
			return;
		}
		at.name = m.name;
		at.bits = m.bits;
		at.bit_off = around->bit_off + m.bit_off;
		/* The members of an anonymous struct are members of the one around it, as in C. */
		if (!m.name[0] && c->style == CODEC_TYPED && !m.bits &&
		    types_strip(c->types, m.type, &inner) &&
		    (inner.kind == T_STRUCT || inner.kind == T_UNION)) {
			if (at.depth > CODEC_MAX_DEPTH ||
			    at.bit_off + (uint64_t)inner.size * 8 > around->room) {
				broken(c);
				return;
			}
			at.room = at.bit_off + (uint64_t)inner.size * 8;
			add_members(c, &inner, &at);
			continue;
		}
		/* Unnamed bitfields are padding. */
		if (!m.name[0] && m.bits && c->style == CODEC_TYPED)
			continue;
		add_type(c, m.type, &at);
	}
}

static uint32_t add_struct(struct codec *c, const struct type *t, uint8_t kind,
			   const struct place *at)
{
	struct op op = { .kind = kind, .type = t->id };
	struct place inside = { .room = (uint64_t)t->size * 8, .depth = at->depth };
	uint32_t i;

	if (at->bits)
		return broken(c);
	i = add_at(c, op, at, t->size);
	add_members(c, t, &inside);
	if (c->error)
		return 0;
	c->ops[i].next = c->n;
	return i;
}

/* Adds the type if its name is one of the table's; *i is its op then. */
static bool add_named(struct codec *c, const struct type *t, const struct place *at, uint32_t *i)
{
	if (c->style != CODEC_TYPED || at->bits || (t->kind != T_TYPEDEF && t->kind != T_STRUCT))
		return false;
	for (size_t k = 0; k < countof(named); k++) {
		struct op op = { .kind = named[k].kind, .type = t->id };

		if (strcmp(t->name, named[k].name) != 0)
			continue;
		if (types_size(c->types, t->id) != named[k].size)
			return false;
		*i = add_at(c, op, at, named[k].size);
		return true;
	}
	return false;
}

static uint32_t add_type(struct codec *c, uint32_t id, const struct place *at)
{
	struct type t;
	uint32_t i;

	for (int chain = 0; chain < MAX_CHAIN; chain++, id = t.ref) {
		if (c->error || at->depth > CODEC_MAX_DEPTH || !types_get(c->types, id, &t))
			return broken(c);
		if (add_named(c, &t, at, &i))
			return i;
		switch (t.kind) {
		case T_TYPEDEF:
		case T_VOLATILE:
		case T_CONST:
		case T_RESTRICT:
		case T_TYPE_TAG:
		case T_VAR:
			continue;
		case T_INT:
			return add_int(c, &t, at);
		case T_ENUM:
		case T_ENUM64:
			return add_scalar(c, &t, OP_ENUM, at);
		case T_FLOAT:
			return add_scalar(c, &t, OP_FLOAT, at);
		case T_PTR:
			return add_scalar(c, &t, OP_PTR, at);
		case T_ARRAY:
			return add_array(c, &t, at);
		case T_STRUCT:
			return add_struct(c, &t, OP_STRUCT, at);
		case T_UNION:
			return add_struct(c, &t, OP_UNION, at);
		case T_DATASEC:
			return add_struct(c, &t, OP_DATASEC, at);
		default:
			return broken(c);
		}
	}
	return broken(c);
}

/* Only what stands last can take what is left. */
static void settle_flex(struct codec *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->ops[i].next != c->n)
			c->ops[i].flags &= (uint8_t)~OPF_FLEX;
}

struct codec *codec_of_type(const struct types *t, uint32_t id, enum codec_style style,
			    struct err *e)
{
	auto_codec struct codec *c = codec_new(style, t);
	int64_t size = types_size(t, id);
	struct place whole = { .room = size < 0 ? 0 : (uint64_t)size * 8 };
	auto_buf struct buf text = {};

	if (c && size >= 0)
		add_type(c, id, &whole);
	if (c && size >= 0 && !c->error) {
		settle_flex(c);
		return take_ptr(c);
	}
	types_text(t, id, &text);
	if (!c || c->error == -ENOMEM)
		err_worded(e, ENOMEM, "no memory to read the type %s", buf_str(&text));
	else if (c->error == -E2BIG)
		err_input(e, "the type %s has more than %d parts", buf_str(&text), CODEC_MAX_OPS);
	else if (size < 0)
		err_input(e, "the type %s has no size: there are no values of it", buf_str(&text));
	else
		err_input(e, "the type %s is damaged, or nested too deep", buf_str(&text));
	return NULL;
}
