// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Single values of a plan: numbers in and out of bytes, and types in words. */
#include <string.h>

#include "core/buf.h"
#include "core/codec_priv.h"
#include "core/types.h"

#define BIG_ENDIAN_HOST (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define MAX_LISTED 10 /* enumerators or fields in a message */

bool op_is_number(const struct op *op)
{
	return op->kind <= OP_LE && op->kind != OP_FLOAT;
}

/* The highest bit of a number of this width: half of what the width can hold. */
static unsigned __int128 top_bit(const struct op *op)
{
	unsigned int width = op->bits ? op->bits : op->size * 8;

	return width ? (unsigned __int128)1 << (width - 1) : 0;
}

/* Bitfields count from the low end of the first byte, on big endian machines from the high end. */
static unsigned __int128 load_bits(const struct op *op, const uint8_t *p)
{
	unsigned __int128 v = 0;

	for (unsigned int i = 0; i < op->bits; i++) {
		unsigned int at = op->bit_off + i;

		if (BIG_ENDIAN_HOST)
			v = v << 1 | (p[at / 8] >> (7 - at % 8) & 1);
		else
			v |= (unsigned __int128)(p[at / 8] >> at % 8 & 1) << i;
	}
	return v;
}

static void store_bits(const struct op *op, uint8_t *p, unsigned __int128 v)
{
	for (unsigned int i = 0; i < op->bits; i++) {
		unsigned int at = op->bit_off + i;
		unsigned int shift = BIG_ENDIAN_HOST ? 7 - at % 8 : at % 8;
		unsigned int bit =
			(unsigned int)(v >> (BIG_ENDIAN_HOST ? op->bits - 1 - i : i)) & 1;

		p[at / 8] = (uint8_t)((p[at / 8] & ~(1u << shift)) | bit << shift);
	}
}

static unsigned __int128 load_bytes(const struct op *op, const uint8_t *p)
{
	bool big = op->kind == OP_BE || (op->kind != OP_LE && BIG_ENDIAN_HOST);
	unsigned __int128 v = 0;

	for (uint32_t i = 0; i < op->size; i++)
		v = v << 8 | p[big ? i : op->size - 1 - i];
	return v;
}

/* The common case: an integer as this machine has it.  False for all others. */
static bool load_native(const struct op *op, const uint8_t *p, uint64_t *v)
{
	uint16_t two;
	uint32_t four;

	if (op->bits || op->kind == OP_BE || op->kind == OP_LE)
		return false;
	switch (op->size) {
	case 1:
		*v = *p;
		return true;
	case 2:
		memcpy(&two, p, 2);
		*v = two;
		return true;
	case 4:
		memcpy(&four, p, 4);
		*v = four;
		return true;
	case 8:
		memcpy(v, p, 8);
		return true;
	default:
		return false;
	}
}

static bool is_signed(const struct op *op)
{
	return op->kind == OP_INT || (op->kind == OP_ENUM && (op->flags & OPF_SIGNED));
}

struct num op_load(const struct op *op, const uint8_t *p)
{
	unsigned __int128 half = top_bit(op), v;
	uint64_t native;

	if (load_native(op, p, &native))
		v = native;
	else
		v = op->bits ? load_bits(op, p) : load_bytes(op, p);

	/* -v modulo the width, written so that it also holds for 128 bits. */
	if (is_signed(op) && (v & half))
		return (struct num){ (half - 1 - (v - half)) + 1, true };
	return (struct num){ v, false };
}

static bool fits(const struct op *op, struct num v)
{
	unsigned __int128 half = top_bit(op);

	if (v.neg && v.mag)
		return is_signed(op) && v.mag <= half;
	if (is_signed(op))
		return v.mag < half;
	return v.mag <= (half - 1) + half;
}

bool op_store(const struct op *op, uint8_t *p, struct num v)
{
	bool big = op->kind == OP_BE || (op->kind != OP_LE && BIG_ENDIAN_HOST);
	unsigned __int128 raw = v.neg ? -v.mag : v.mag;

	if (!fits(op, v))
		return false;
	if (op->bits) {
		store_bits(op, p, raw);
		return true;
	}
	for (uint32_t i = 0; i < op->size; i++, raw >>= 8)
		p[big ? op->size - 1 - i : i] = (uint8_t)raw;
	return true;
}

/* ---- numbers as text ---------------------------------------------------------------------- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* 'c', with C's escapes. */
static bool parse_char(const char *s, size_t len, struct num *v)
{
	static const char from[] = "nrtabfv0\\'\"", to[] = "\n\r\t\a\b\f\v\0\\'\"";
	const char *at;

	if (len < 3 || s[len - 1] != '\'')
		return false;
	if (len == 3 && s[1] != '\\') {
		v->mag = (unsigned char)s[1];
		return true;
	}
	if (len == 6 && s[1] == '\\' && s[2] == 'x' && digit_of(s[3]) < 16 && digit_of(s[4]) < 16) {
		v->mag = (unsigned int)(digit_of(s[3]) * 16 + digit_of(s[4]));
		return true;
	}
	if (len != 4 || s[1] != '\\')
		return false;
	at = memchr(from, s[2], sizeof(from) - 1);
	if (!at)
		return false;
	v->mag = (unsigned char)to[at - from];
	return true;
}

bool num_parse(const char *s, size_t len, struct num *v)
{
	const unsigned __int128 most = ~(unsigned __int128)0;
	unsigned int base = 10;

	*v = (struct num){ 0, false };
	if (len && *s == '\'')
		return parse_char(s, len, v);
	if (len && (*s == '-' || *s == '+')) {
		v->neg = *s == '-';
		s++;
		len--;
	}
	if (len > 2 && s[0] == '0' && strchr("xXbBoO", s[1])) {
		base = (s[1] | 0x20) == 'x' ? 16 : (s[1] | 0x20) == 'b' ? 2 : 8;
		s += 2;
		len -= 2;
	} else if (len > 1 && s[0] == '0') {
		return false; /* 010: octal to some, ten to others */
	}
	if (!len)
		return false;
	for (; len; s++, len--) {
		unsigned int d = (unsigned int)digit_of(*s);

		/* Dividing 128 bits is slow, and hardly ever needed. */
		if (d >= base || (v->mag >> 120 && v->mag > (most - d) / base))
			return false;
		v->mag = v->mag * base + d;
	}
	return true;
}

/* ---- types as text ------------------------------------------------------------------------ */

static const char *const kind_names[] = {
	[OP_UINT] = "u",	  [OP_INT] = "s",      [OP_BOOL] = "bool",     [OP_ENUM] = "enum",
	[OP_FLOAT] = "f",	  [OP_PTR] = "ptr",    [OP_BE] = "be",	       [OP_LE] = "le",
	[OP_IP4] = "ip4",	  [OP_IP6] = "ip6",    [OP_MAC] = "mac",       [OP_CIDR] = "cidr",
	[OP_BYTES] = "bytes",	  [OP_ARRAY] = "list", [OP_STRUCT] = "struct", [OP_UNION] = "union",
	[OP_DATASEC] = "section",
};

static void fields_text(const struct codec *c, const struct op *op, struct buf *to)
{
	uint32_t i = (uint32_t)(op - c->ops) + 1;

	buf_adds(to, "{ ");
	for (unsigned int n = 0; i < op->next; i = c->ops[i].next, n++) {
		if (n == MAX_LISTED) {
			buf_adds(to, "... ");
			break;
		}
		op_type_text(c, &c->ops[i], to);
		buf_addf(to, " %s", c->ops[i].name ? c->ops[i].name : "");
		if (c->ops[i].bits)
			buf_addf(to, ":%u", c->ops[i].bits);
		buf_adds(to, c->ops[i].next < op->next ? "; " : " ");
	}
	buf_adds(to, "}");
}

void op_type_text(const struct codec *c, const struct op *op, struct buf *to)
{
	if (op->type_name) {
		buf_adds(to, op->type_name);
		return;
	}
	if (op->type) {
		types_text(c->types, op->type, to);
		return;
	}
	switch (op->kind) {
	case OP_ARRAY:
		op_type_text(c, op + 1, to);
		buf_addf(to, "[%u]", op->count);
		break;
	case OP_STRUCT:
	case OP_UNION:
		if (op->kind == OP_UNION)
			buf_adds(to, "union ");
		fields_text(c, op, to);
		break;
	case OP_BYTES:
		buf_addf(to, "bytes[%u]", op->size);
		break;
	case OP_UINT:
	case OP_INT:
	case OP_FLOAT:
	case OP_BE:
	case OP_LE:
		buf_addf(to, "%s%u", kind_names[op->kind], op->size * 8);
		break;
	case OP_CIDR:
		buf_addf(to, "cidr%u", op->size == 8 ? 4 : 6);
		break;
	default:
		buf_adds(to, kind_names[op->kind]);
		break;
	}
}

static void add_num(struct buf *to, unsigned __int128 v, bool neg)
{
	if (neg)
		buf_addc(to, '-');
	if (v <= UINT64_MAX) {
		buf_add_u64(to, (uint64_t)v);
		return;
	}
	buf_adds(to, "0x");
	buf_add_hex(to, (uint64_t)(v >> 64), 1);
	buf_add_hex(to, (uint64_t)v, 16);
}

static void range_text(const struct op *op, struct buf *to)
{
	unsigned __int128 half = top_bit(op);

	buf_adds(to, ", ");
	add_num(to, is_signed(op) ? half : 0, is_signed(op));
	buf_adds(to, " to ");
	add_num(to, is_signed(op) ? half - 1 : (half - 1) + half, false);
}

static void enum_text(const struct codec *c, const struct op *op, struct buf *to)
{
	const char *name;
	struct type t;
	int64_t v;

	if (!c->types || !types_strip(c->types, op->type, &t))
		return;
	buf_adds(to, ": ");
	for (uint32_t i = 0; i < t.n && types_value(c->types, &t, i, &name, &v); i++) {
		if (i == MAX_LISTED) {
			buf_adds(to, ", ...");
			break;
		}
		buf_addf(to, "%s%s", i ? ", " : "", name);
	}
}

void op_expected(const struct codec *c, const struct op *op, struct buf *to)
{
	op_type_text(c, op, to);
	if (op->bits)
		buf_addf(to, ":%u", op->bits);
	switch (op->kind) {
	case OP_UINT:
	case OP_INT:
	case OP_BE:
	case OP_LE:
		range_text(op, to);
		break;
	case OP_ENUM:
		enum_text(c, op, to);
		break;
	case OP_BOOL:
		buf_adds(to, ": true or false");
		break;
	case OP_IP4:
		buf_adds(to, ", such as 10.0.0.1");
		break;
	case OP_IP6:
		buf_adds(to, ", such as fe80::1");
		break;
	case OP_MAC:
		buf_adds(to, ", such as 02:00:00:00:00:01");
		break;
	case OP_CIDR:
		buf_adds(to, op->size == 8 ? ", such as 10.0.0.0/8" : ", such as fe80::/10");
		break;
	case OP_PTR:
		buf_adds(to, ", such as 0xffff888000000000");
		break;
	case OP_ARRAY:
		if (op->flags & OPF_CHAR)
			buf_addf(to, ", text of at most %u bytes", op->count);
		else
			buf_addf(to, ", at most %u values", op->count);
		break;
	case OP_STRUCT:
	case OP_UNION:
		if (op->type) {
			buf_addc(to, ' ');
			fields_text(c, op, to);
		}
		break;
	case OP_BYTES:
		buf_addf(to, ", such as hex:0a0b (%u bytes)", op->size);
		break;
	default:
		break;
	}
}

const char *op_enum_name(const struct codec *c, const struct op *op, struct num v)
{
	int64_t want = (int64_t)(v.neg ? 0 - (uint64_t)v.mag : (uint64_t)v.mag), value;
	const char *name;
	struct type t;

	if (!c->types || !types_strip(c->types, op->type, &t))
		return NULL;
	for (uint32_t i = 0; i < t.n && types_value(c->types, &t, i, &name, &value); i++)
		if (value == want)
			return name;
	return NULL;
}
