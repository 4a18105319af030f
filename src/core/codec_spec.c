// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Plans from a spec: a small grammar of C's types, laid out by C's rules. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec_priv.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/types.h"

#define MAX_BYTES (1u << 30)

static const struct base {
	const char *name;
	uint8_t kind, flags;
	uint8_t size, align;
} bases[] = {
	{ "u8", OP_UINT, 0, 1, 1 },
	{ "u16", OP_UINT, 0, 2, 2 },
	{ "u32", OP_UINT, 0, 4, 4 },
	{ "u64", OP_UINT, 0, 8, 8 },
	{ "u128", OP_UINT, 0, 16, 16 },
	{ "s8", OP_INT, 0, 1, 1 },
	{ "s16", OP_INT, 0, 2, 2 },
	{ "s32", OP_INT, 0, 4, 4 },
	{ "s64", OP_INT, 0, 8, 8 },
	{ "s128", OP_INT, 0, 16, 16 },
	{ "bool", OP_BOOL, 0, 1, 1 },
	{ "f32", OP_FLOAT, 0, 4, 4 },
	{ "f64", OP_FLOAT, 0, 8, 8 },
	{ "be16", OP_BE, 0, 2, 2 },
	{ "be32", OP_BE, 0, 4, 4 },
	{ "be64", OP_BE, 0, 8, 8 },
	{ "le16", OP_LE, 0, 2, 2 },
	{ "le32", OP_LE, 0, 4, 4 },
	{ "le64", OP_LE, 0, 8, 8 },
	{ "ip4", OP_IP4, 0, 4, 4 },
	{ "ip6", OP_IP6, 0, 16, 1 },
	{ "mac", OP_MAC, 0, 6, 1 },
	{ "cidr4", OP_CIDR, 0, 8, 4 },
	{ "cidr6", OP_CIDR, 0, 20, 4 },
	{ "ptr", OP_PTR, 0, 8, 8 },
	/* C's and the kernel's own words for them */
	{ "char", OP_INT, OPF_CHAR, 1, 1 },
	{ "int", OP_INT, 0, 4, 4 },
	{ "float", OP_FLOAT, 0, 4, 4 },
	{ "double", OP_FLOAT, 0, 8, 8 },
	{ "_Bool", OP_BOOL, 0, 1, 1 },
	{ "size_t", OP_UINT, 0, 8, 8 },
	{ "__u8", OP_UINT, 0, 1, 1 },
	{ "__u16", OP_UINT, 0, 2, 2 },
	{ "__u32", OP_UINT, 0, 4, 4 },
	{ "__u64", OP_UINT, 0, 8, 8 },
	{ "__s8", OP_INT, 0, 1, 1 },
	{ "__s16", OP_INT, 0, 2, 2 },
	{ "__s32", OP_INT, 0, 4, 4 },
	{ "__s64", OP_INT, 0, 8, 8 },
	{ "uint8_t", OP_UINT, 0, 1, 1 },
	{ "uint16_t", OP_UINT, 0, 2, 2 },
	{ "uint32_t", OP_UINT, 0, 4, 4 },
	{ "uint64_t", OP_UINT, 0, 8, 8 },
	{ "int8_t", OP_INT, 0, 1, 1 },
	{ "int16_t", OP_INT, 0, 2, 2 },
	{ "int32_t", OP_INT, 0, 4, 4 },
	{ "int64_t", OP_INT, 0, 8, 8 },
	{ "__be16", OP_BE, 0, 2, 2 },
	{ "__be32", OP_BE, 0, 4, 4 },
	{ "__be64", OP_BE, 0, 8, 8 },
};

struct spec {
	struct codec *c;
	const char *whole, *s;
	char *pool; /* where the next name goes, in c->names */
	int depth;
	struct err *e;
};

__attribute__((format(printf, 2, 3))) static int wrong(struct spec *sp, const char *fmt, ...)
{
	char what[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_input(sp->e, "type '%s': %s%s%.24s%s", sp->whole, what, *sp->s ? " at '" : "",
			 sp->s, *sp->s ? "'" : "");
}

static void blanks(struct spec *sp)
{
	while (isspace((unsigned char)*sp->s))
		sp->s++;
}

static bool take(struct spec *sp, char c)
{
	blanks(sp);
	if (*sp->s != c)
		return false;
	sp->s++;
	return true;
}

static size_t word_len(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* Takes this word, if it is the next one. */
static bool keyword(struct spec *sp, const char *word)
{
	size_t n;

	blanks(sp);
	n = word_len(sp->s);
	if (n != strlen(word) || strncmp(sp->s, word, n) != 0)
		return false;
	sp->s += n;
	return true;
}

/* ---- ops ---------------------------------------------------------------------------------- */

/* 0, or -errno: *start is the op added. */
static int add(struct spec *sp, const struct op *op, uint32_t *start)
{
	*start = codec_add(sp->c, op);
	if (!sp->c->error)
		return 0;
	if (sp->c->error == -ENOMEM)
		return err_worded(sp->e, ENOMEM, "no memory for the type '%s'", sp->whole);
	return wrong(sp, "more than %d parts", CODEC_MAX_OPS);
}

/* Puts an array op in front of the op at start and what belongs to it. */
static int wrap(struct spec *sp, uint32_t start, uint32_t count)
{
	struct codec *c = sp->c;
	struct op array = { .kind = OP_ARRAY, .count = count };
	uint32_t last;
	int r = add(sp, &array, &last);

	if (r)
		return r;
	memmove(&c->ops[start + 1], &c->ops[start], (last - start) * sizeof(*c->ops));
	for (uint32_t i = start + 1; i < c->n; i++)
		c->ops[i].next++;
	array.size = c->ops[start + 1].size * count;
	array.next = c->n;
	if (c->ops[start + 1].flags & OPF_CHAR && c->ops[start + 1].kind == OP_INT)
		array.flags = OPF_CHAR;
	c->ops[start] = array;
	return 0;
}

/* [2][3]...: C's order, the last one is the innermost. */
static int suffixes(struct spec *sp, uint32_t start)
{
	uint32_t dims[8] = {};
	int n = 0, r = 0;

	while (take(sp, '[')) {
		const char *end = strchr(sp->s, ']');
		struct num v;

		if (!end || !num_parse(sp->s, (size_t)(end - sp->s), &v) || v.neg || !v.mag ||
		    v.mag > MAX_BYTES)
			return wrong(sp, "a number of elements and ']' are missing");
		if (n == countof(dims))
			return wrong(sp, "too many dimensions");
		sp->s = end + 1;
		dims[n++] = (uint32_t)v.mag;
	}
	while (n-- && !r) {
		if ((uint64_t)sp->c->ops[start].size * dims[n] > MAX_BYTES)
			return wrong(sp, "it is larger than %u bytes", MAX_BYTES);
		r = wrap(sp, start, dims[n]);
	}
	return r;
}

/* ---- types -------------------------------------------------------------------------------- */

static int type(struct spec *sp, uint32_t *start, uint32_t *align);

static int keep_name(struct spec *sp, const char **name)
{
	size_t n;

	blanks(sp);
	n = word_len(sp->s);
	if (!n)
		return wrong(sp, "a field name is missing");
	*name = memcpy(sp->pool, sp->s, n);
	sp->pool[n] = '\0';
	sp->pool += n + 1;
	sp->s += n;
	return 0;
}

/* Where the next member goes. */
struct layout {
	uint64_t bits; /* used so far */
	uint32_t align;
	bool is_union;
};

static uint64_t up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

/* A bitfield does not cross a boundary of its own type. */
static int place_bits(struct spec *sp, struct op *op, struct layout *l)
{
	const char *start;
	uint64_t unit = (uint64_t)op->size * 8, at = l->is_union ? 0 : l->bits;
	struct num v;

	blanks(sp);
	start = sp->s;
	while (isdigit((unsigned char)*sp->s))
		sp->s++;
	if (!num_parse(start, (size_t)(sp->s - start), &v) || !v.mag || v.mag > unit || unit > 64 ||
	    !op_is_number(op) || op->kind == OP_BE || op->kind == OP_LE || op->kind == OP_PTR)
		return wrong(sp, "a bitfield needs an integer type and at most its bits");
	if (at / unit != (at + (uint64_t)v.mag - 1) / unit)
		at = up(at, unit);
	op->bits = (uint8_t)v.mag;
	op->bit_off = (uint8_t)(at % 8);
	op->off = (uint32_t)(at / 8);
	if (at + op->bits > l->bits)
		l->bits = at + op->bits;
	return 0;
}

static int member(struct spec *sp, struct layout *l)
{
	const char *name = NULL;
	uint32_t start, align;
	struct op *op;
	int r = type(sp, &start, &align);

	if (!r)
		r = keep_name(sp, &name);
	if (!r)
		r = suffixes(sp, start);
	if (r)
		return r;
	op = &sp->c->ops[start];
	op->name = name;
	l->align = align > l->align ? align : l->align;
	if (take(sp, ':'))
		return place_bits(sp, op, l);
	if (l->is_union) {
		l->bits = op->size * 8ull > l->bits ? op->size * 8ull : l->bits;
		return 0;
	}
	l->bits = up(l->bits, (uint64_t)align * 8);
	op->off = (uint32_t)(l->bits / 8);
	l->bits += op->size * 8ull;
	return l->bits / 8 > MAX_BYTES ? wrong(sp, "it is larger than %u bytes", MAX_BYTES) : 0;
}

/* { T name; ... } with the brace taken. */
static int members(struct spec *sp, bool is_union, uint32_t *start, uint32_t *align)
{
	struct op op = { .kind = is_union ? OP_UNION : OP_STRUCT };
	struct layout l = { .align = 1, .is_union = is_union };
	int r = add(sp, &op, start);

	if (r)
		return r;
	if (++sp->depth > CODEC_MAX_DEPTH / 2)
		return wrong(sp, "structs are nested too deep");
	while (!take(sp, '}')) {
		if (!*sp->s)
			return wrong(sp, "'}' is missing");
		r = member(sp, &l);
		if (r)
			return r;
		if (!take(sp, ';') && !take(sp, ',')) {
			blanks(sp);
			if (*sp->s != '}')
				return wrong(sp, "';' or '}' is missing");
		}
	}
	sp->depth--;
	if (sp->c->n == *start + 1)
		return wrong(sp, "a struct needs a field");
	sp->c->ops[*start].next = sp->c->n;
	sp->c->ops[*start].size = (uint32_t)up(up(l.bits, 8) / 8, l.align);
	*align = l.align;
	return 0;
}

/* A type that BTF has: its plan becomes part of this one. */
static int splice(struct spec *sp, uint32_t id, uint32_t *start, uint32_t *align)
{
	auto_codec struct codec *sub = codec_of_type(sp->c->types, id, CODEC_TYPED, sp->e);
	uint32_t first = sp->c->n, at;

	if (!sub)
		return -EINVAL;
	*start = first;
	for (uint32_t i = 0; i < sub->n; i++) {
		int r = add(sp, &sub->ops[i], &at);

		if (r)
			return r;
		sp->c->ops[at].next = first + sub->ops[i].next;
	}
	*align = types_align(sp->c->types, id);
	return 0;
}

/* kind: struct, union, enum, or "" for a typedef. */
static int from_btf(struct spec *sp, const char *kind, uint32_t *start, uint32_t *align)
{
	size_t n = word_len(sp->s);
	char name[160];
	uint32_t id;

	snprintf(name, sizeof(name), "%s%s%.*s", kind, *kind ? " " : "", (int)n, sp->s);
	if (!n)
		return wrong(sp, "a name is missing behind '%s'", kind);
	id = sp->c->types ? types_find(sp->c->types, name) : 0;
	if (!id)
		return wrong(sp, "there is no type '%s'", name);
	sp->s += n;
	return splice(sp, id, start, align);
}

static int base(struct spec *sp, const struct base *b, uint32_t *start, uint32_t *align)
{
	struct op op = {
		.kind = b->kind, .flags = b->flags, .size = b->size, .type_name = b->name
	};

	*align = b->align;
	return add(sp, &op, start);
}

static const struct base *base_named(const char *name, size_t n)
{
	for (size_t i = 0; i < countof(bases); i++)
		if (strlen(bases[i].name) == n && strncmp(bases[i].name, name, n) == 0)
			return &bases[i];
	return NULL;
}

/* C's integer types of several words; NULL: it is none. */
static const struct base *c_integer(struct spec *sp)
{
	bool is_unsigned = false, is_short = false, is_char = false, any = false;
	char name[8];
	int longs = 0;

	for (;; any = true) {
		if (keyword(sp, "unsigned"))
			is_unsigned = true;
		else if (keyword(sp, "long"))
			longs++;
		else if (keyword(sp, "short"))
			is_short = true;
		else if (any && keyword(sp, "char"))
			is_char = true;
		else if (!keyword(sp, "signed") && (!any || !keyword(sp, "int")))
			break;
	}
	if (!any)
		return NULL;
	snprintf(name, sizeof(name), "%c%d", is_unsigned ? 'u' : 's',
		 is_char    ? 8
		 : is_short ? 16
		 : longs    ? 64
			    : 32);
	return base_named(name, strlen(name));
}

static int unknown(struct spec *sp, size_t n)
{
	struct near near = near_to(sp->s, n);
	int r;

	for (size_t i = 0; i < countof(bases); i++)
		near_offer(&near, bases[i].name);
	r = n ? wrong(sp, "unknown type") : wrong(sp, "a type is missing");
	if (near.best)
		return err_hint(sp->e, "did you mean '%s'?", near.best);
	if (n)
		err_hint(sp->e, "types are u8 to u64, s8 to s64, char, be16, be32, be64, ip4, ip6, "
				"mac, cidr4, cidr6, T[N], { T name; ... }");
	return r;
}

static int bytes(struct spec *sp, uint32_t *start, uint32_t *align)
{
	struct op op = { .kind = OP_BYTES };
	const char *end;
	struct num v;

	if (!take(sp, '['))
		return wrong(sp, "bytes need a number: bytes[16]");
	end = strchr(sp->s, ']');
	if (!end || !num_parse(sp->s, (size_t)(end - sp->s), &v) || v.neg || !v.mag ||
	    v.mag > MAX_BYTES)
		return wrong(sp, "bytes need a number: bytes[16]");
	sp->s = end + 1;
	op.size = (uint32_t)v.mag;
	*align = 1;
	return add(sp, &op, start);
}

static int simple_type(struct spec *sp, uint32_t *start, uint32_t *align)
{
	static const char *const words[] = { "struct", "union", "enum" };
	const struct base *b;
	size_t n;

	if (take(sp, '{'))
		return members(sp, false, start, align);
	for (size_t i = 0; i < countof(words); i++) {
		if (!keyword(sp, words[i]))
			continue;
		if (strcmp(words[i], "enum") != 0 && take(sp, '{'))
			return members(sp, strcmp(words[i], "union") == 0, start, align);
		blanks(sp);
		return from_btf(sp, words[i], start, align);
	}
	if (keyword(sp, "bytes"))
		return bytes(sp, start, align);
	b = c_integer(sp);
	if (b)
		return base(sp, b, start, align);
	blanks(sp);
	n = word_len(sp->s);
	b = base_named(sp->s, n);
	if (b) {
		sp->s += n;
		return base(sp, b, start, align);
	}
	if (n && sp->c->types) {
		char name[128];

		snprintf(name, sizeof(name), "%.*s", (int)n, sp->s);
		if (types_find(sp->c->types, name))
			return from_btf(sp, "", start, align);
	}
	return unknown(sp, n);
}

/* "void *", "struct sock *": what it points to does not matter. */
static bool pointer(struct spec *sp)
{
	const char *p = sp->s;

	while (isspace((unsigned char)*p) || word_len(p))
		p += isspace((unsigned char)*p) ? 1 : word_len(p);
	if (*p != '*')
		return false;
	while (*p == '*' || isspace((unsigned char)*p))
		p++;
	sp->s = p;
	return true;
}

static int type(struct spec *sp, uint32_t *start, uint32_t *align)
{
	int r;

	while (keyword(sp, "const") || keyword(sp, "volatile"))
		;
	r = pointer(sp) ? base(sp, base_named("ptr", 3), start, align)
			: simple_type(sp, start, align);
	return r ? r : suffixes(sp, *start);
}

struct codec *codec_of_spec(const char *spec, const struct types *t, struct err *e)
{
	auto_codec struct codec *c = codec_new(CODEC_TYPED, t);
	struct spec sp = { .c = c, .whole = spec, .s = spec, .e = e };
	uint32_t start = 0, align = 1;

	if (c) /* every name, and an end for each */
		sp.pool = c->names = malloc(2 * strlen(spec) + 2);
	if (!c || !c->names) {
		err_worded(e, ENOMEM, "no memory for the type '%s'", spec);
		return NULL;
	}
	if (type(&sp, &start, &align))
		return NULL;
	blanks(&sp);
	if (*sp.s) {
		wrong(&sp, "there is too much");
		return NULL;
	}
	return take_ptr(c);
}
