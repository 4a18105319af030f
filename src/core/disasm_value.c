// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Initial values.  What has been written is crossed out in a copy of the bytes; if anything but
 * zeros is left at the end (padding, the shorter members of a union), the type has no value that
 * is these bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"

#define MAX_DEPTH 32
#define MAX_STEPS 4000000u /* unions are tried member by member */
#define LINE_LEN 92
#define MIN_RUN 4 /* zeros of an array that are passed over by an index */

struct value {
	struct dis *d;
	const uint8_t *bytes;
	uint8_t *left;
	size_t len;
	struct buf *to;
	size_t line; /* where it began in `to` */
	unsigned int steps;
};

static bool put(struct value *v, uint32_t id, uint64_t off, unsigned int depth);

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return !len || (!bytes[0] && memcmp(bytes, bytes + 1, len - 1) == 0);
}

/* Between the values of a list. */
static void separate(struct value *v, bool *first)
{
	buf_adds(v->to, *first ? " " : ",");
	if (!*first && v->to->len - v->line > LINE_LEN) {
		buf_adds(v->to, "\n    ");
		v->line = v->to->len - 4;
	} else if (!*first) {
		buf_addc(v->to, ' ');
	}
	*first = false;
}

static uint64_t number(const struct value *v, uint64_t off, uint32_t size)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < size; i++)
		n = n << 8 | v->bytes[off + (v->d->big_endian ? i : size - 1 - i)];
	return n;
}

static bool put_scalar(struct value *v, const struct type *t, uint64_t off, uint32_t size)
{
	uint64_t n;

	if (size > 8 || off + size > v->len ||
	    (t->kind == T_FLOAT && !is_zero(v->bytes + off, size)))
		return false;
	n = number(v, off, size);
	if (t->flags & TYPE_BOOL && t->kind == T_INT && n > 1)
		return false;
	memset(v->left + off, 0, size);
	if (t->kind == T_PTR) {
		buf_adds(v->to, "0x");
		buf_add_hex(v->to, n, 1);
	} else if (t->flags & TYPE_SIGNED && size) {
		unsigned int shift = 64 - 8 * size;

		buf_add_s64(v->to, (int64_t)(n << shift) >> shift);
	} else {
		buf_add_u64(v->to, n);
	}
	return true;
}

/* ---- arrays ------------------------------------------------------------------------------- */

bool dis_is_text(const uint8_t *bytes, size_t len)
{
	if (len < 2 || bytes[len - 1])
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		if ((bytes[i] < ' ' && bytes[i] != '\n' && bytes[i] != '\t' && bytes[i] != '\r') ||
		    bytes[i] == 0x7f)
			return false;
	return true;
}

/* A string may be shorter than its array: the rest is zeros. */
static bool put_text(struct value *v, const struct type *element, uint64_t off, uint64_t n)
{
	const uint8_t *s = v->bytes + off;
	size_t len = strnlen((const char *)s, n);

	if (element->kind != T_INT || element->size != 1 || element->flags & TYPE_BOOL ||
	    strcmp(element->name, "char") != 0 || len == n || !len || !dis_is_text(s, len + 1) ||
	    !is_zero(s + len, n - len))
		return false;
	dis_put_quoted(v->to, s, len);
	memset(v->left + off, 0, len);
	return true;
}

/* Zeros are passed over: those at the end, and longer runs of them. */
static bool put_list(struct value *v, uint32_t element, uint64_t off, uint64_t n, uint64_t size,
		     unsigned int depth)
{
	bool first = true;
	uint64_t next = 0; /* the element a value would go to */

	buf_addc(v->to, '{');
	for (uint64_t i = 0; i < n; i++) {
		if (is_zero(v->bytes + off + i * size, size))
			continue;
		for (; i - next < MIN_RUN && next < i && size <= 8; next++) {
			separate(v, &first);
			if (!put(v, element, off + next * size, depth))
				return false;
		}
		separate(v, &first);
		if (next < i)
			buf_addf(v->to, "[%llu] = ", (unsigned long long)i);
		if (!put(v, element, off + i * size, depth))
			return false;
		next = i + 1;
	}
	buf_adds(v->to, first ? "}" : " }");
	return true;
}

static bool put_array(struct value *v, const struct type *t, uint64_t off, unsigned int depth)
{
	int64_t size = types_size(v->d->types, t->ref);
	struct type element;

	if (size <= 0 || off + (uint64_t)size * t->n > v->len ||
	    !types_strip(v->d->types, t->ref, &element))
		return false;
	return put_text(v, &element, off, t->n) ||
	       put_list(v, t->ref, off, t->n, (uint64_t)size, depth + 1);
}

/* ---- structs ------------------------------------------------------------------------------ */

/* Where bit i of a bitfield lies: its byte, and the bit in that. */
static uint64_t bit_at(const struct value *v, uint64_t off, uint32_t width, uint32_t i,
		       unsigned int *bit)
{
	uint64_t at = v->d->big_endian ? off + width - 1 - i : off + i;

	*bit = v->d->big_endian ? 7 - at % 8 : at % 8;
	return at / 8;
}

/* Returns the bits, and crosses them out. */
static uint64_t take_bits(struct value *v, uint64_t off, uint32_t width)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < width && i < 64; i++) {
		unsigned int bit;
		uint64_t byte = bit_at(v, off, width, i, &bit);

		if (byte >= v->len)
			break;
		n |= (uint64_t)(v->left[byte] >> bit & 1) << i;
		v->left[byte] &= (uint8_t) ~(1u << bit);
	}
	return n;
}

static bool put_members(struct value *v, const struct type *t, uint64_t off, bool *first,
			unsigned int depth);

static bool put_bitfield(struct value *v, const struct type_member *m, uint64_t bit_off,
			 bool *first)
{
	uint64_t n = take_bits(v, bit_off, m->bits);
	struct type t;

	if (!n)
		return true;
	if (!*m->name || !types_strip(v->d->types, m->type, &t))
		return false;
	separate(v, first);
	buf_addf(v->to, ".%s = ", m->name);
	if (t.flags & TYPE_SIGNED && m->bits < 64 && n >> (m->bits - 1) & 1)
		buf_add_s64(v->to, (int64_t)(n | ~(uint64_t)0 << m->bits));
	else
		buf_add_u64(v->to, n);
	return true;
}

/* Nothing is written for a member of zeros.  Members without a name are looked through. */
static bool put_member(struct value *v, const struct type_member *m, uint64_t off, bool *first,
		       unsigned int depth)
{
	uint64_t at = off + m->bit_off / 8;
	int64_t size;
	struct type t;

	if (m->bits)
		return put_bitfield(v, m, off * 8 + m->bit_off, first);
	size = types_size(v->d->types, m->type);
	if (size < 0 || at + (uint64_t)size > v->len)
		return false;
	if (is_zero(v->left + at, (size_t)size))
		return true;
	if (!*m->name)
		return types_strip(v->d->types, m->type, &t) &&
		       put_members(v, &t, at, first, depth + 1);
	if (!dis_is_name(m->name))
		return false;
	separate(v, first);
	buf_addf(v->to, ".%s = ", m->name);
	return put(v, m->type, at, depth + 1);
}

/* The first member that accounts for all bytes. */
static bool put_union(struct value *v, const struct type *t, uint64_t off, bool *first,
		      unsigned int depth)
{
	auto_free uint8_t *saved = NULL;
	struct type_member m;

	if (off + t->size > v->len)
		return false;
	saved = xmalloc(t->size + 1);
	memcpy(saved, v->left + off, t->size);
	for (uint32_t i = 0; i < t->n && types_member(v->d->types, t, i, &m); i++) {
		size_t start = v->to->len, line = v->line;
		bool was_first = *first;

		if (put_member(v, &m, off, first, depth) && is_zero(v->left + off, t->size))
			return true;
		memcpy(v->left + off, saved, t->size);
		v->to->len = start;
		v->line = line;
		*first = was_first;
	}
	return false;
}

static bool put_members(struct value *v, const struct type *t, uint64_t off, bool *first,
			unsigned int depth)
{
	struct type_member m;

	if (depth > MAX_DEPTH || ++v->steps > MAX_STEPS)
		return false;
	if (t->kind == T_UNION)
		return put_union(v, t, off, first, depth);
	if (t->kind != T_STRUCT)
		return false;
	for (uint32_t i = 0; i < t->n; i++)
		if (!types_member(v->d->types, t, i, &m) || !put_member(v, &m, off, first, depth))
			return false;
	return true;
}

/* A struct that was declared as bytes has one member. */
static bool put_struct(struct value *v, const struct type *t, uint64_t off, unsigned int depth)
{
	bool first = true;

	if (off + t->size > v->len)
		return false;
	buf_addc(v->to, '{');
	if (dis_is_opaque(v->d, t->id)) {
		buf_adds(v->to, " .bytes");
		dis_put_bytes(v->bytes + off, t->size, v->to);
		memset(v->left + off, 0, t->size);
		first = false;
	} else if (!put_members(v, t, off, &first, depth)) {
		return false;
	}
	buf_adds(v->to, first ? "}" : " }");
	return true;
}

/* ---- values ------------------------------------------------------------------------------- */

static bool put(struct value *v, uint32_t id, uint64_t off, unsigned int depth)
{
	struct type t;

	if (depth > MAX_DEPTH || ++v->steps > MAX_STEPS || !types_strip(v->d->types, id, &t))
		return false;
	switch (t.kind) {
	case T_INT:
	case T_ENUM:
	case T_ENUM64:
	case T_FLOAT:
		return put_scalar(v, &t, off, t.size);
	case T_PTR:
		return put_scalar(v, &t, off, 8);
	case T_ARRAY:
		return put_array(v, &t, off, depth);
	case T_STRUCT:
	case T_UNION:
		return put_struct(v, &t, off, depth);
	default:
		return false;
	}
}

bool dis_put_value(struct dis *d, uint32_t type, const uint8_t *bytes, size_t len, struct buf *to)
{
	auto_free uint8_t *left = NULL;
	struct value v = { .d = d, .bytes = bytes, .len = len, .to = to };

	if (is_zero(bytes, len))
		return true;
	left = xmalloc(len);
	memcpy(left, bytes, len);
	v.left = left;
	buf_adds(to, " = ");
	return put(&v, type, 0, 0) && is_zero(left, len);
}

void dis_put_bytes(const uint8_t *bytes, size_t len, struct buf *to)
{
	struct value v = { .bytes = bytes, .len = len, .to = to, .line = to->len };
	uint64_t next = 0;
	bool first = true;

	if (is_zero(bytes, len))
		return;
	buf_adds(to, " = {");
	for (size_t i = 0; i < len; i++) {
		if (!bytes[i])
			continue;
		for (; i - next < MIN_RUN && next < i; next++) {
			separate(&v, &first);
			buf_adds(to, "0");
		}
		separate(&v, &first);
		if (next < i)
			buf_addf(to, "[%zu] = ", i);
		buf_addf(to, "0x%02x", bytes[i]);
		next = i + 1;
	}
	buf_adds(to, " }");
}
