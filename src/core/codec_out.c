// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walking a plan over bytes: to output, or to a value tree. */
#include <arpa/inet.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec_priv.h"
#include "core/mem.h"
#include "core/out.h"
#include "core/types.h"
#include "core/utf8.h"

/* Where values go: an output, or a tree. */
struct sink {
	struct out *o; /* NULL: the tree */
	struct val *to[VAL_MAX_DEPTH + 2];
	const char *keys[VAL_MAX_DEPTH + 2];
	struct val held[VAL_MAX_DEPTH + 2];
	int depth;
	int error;
};

struct walk {
	const struct codec *c;
	const uint8_t *end; /* of the data */
	bool longer;	    /* there is more than the type's size */
	struct sink s;
};

/* ---- the tree ----------------------------------------------------------------------------- */

static void tree_put(struct sink *s, const char *key, struct val v)
{
	struct val *around = s->depth ? &s->held[s->depth - 1] : NULL;
	int r = 0;

	if (!around)
		*s->to[0] = v;
	else if (around->kind == V_MAP)
		r = val_put(around, key ? key : "", &v);
	else
		r = val_append(around, &v);
	if (r)
		s->error = r;
}

static void tree_str(struct sink *s, const char *key, const char *text, size_t len)
{
	struct val v = {};

	if (val_set_str(&v, text, len))
		s->error = -ENOMEM;
	else
		tree_put(s, key, v);
}

static void open_seq(struct walk *w, const char *key, bool is_map)
{
	struct sink *s = &w->s;

	if (s->o) {
		if (is_map)
			out_map(s->o, key);
		else
			out_list(s->o, key);
		return;
	}
	s->keys[s->depth] = key;
	s->held[s->depth++] = (struct val){ .kind = is_map ? V_MAP : V_LIST };
}

static void close_seq(struct walk *w)
{
	struct sink *s = &w->s;

	if (s->o) {
		out_close(s->o);
		return;
	}
	s->depth--;
	tree_put(s, s->keys[s->depth], s->held[s->depth]);
	s->held[s->depth] = (struct val){};
}

static void put_uint(struct walk *w, const char *key, uint64_t v)
{
	if (w->s.o)
		out_uint(w->s.o, key, v);
	else
		tree_put(&w->s, key, val_uint(v));
}

static void put_int(struct walk *w, const char *key, int64_t v)
{
	if (v >= 0)
		put_uint(w, key, (uint64_t)v);
	else if (w->s.o)
		out_int(w->s.o, key, v);
	else
		tree_put(&w->s, key, val_int(v));
}

static void put_str(struct walk *w, const char *key, const char *s, size_t len)
{
	if (w->s.o)
		out_strn(w->s.o, key, s, len);
	else
		tree_str(&w->s, key, s, len);
}

static void put_text(struct walk *w, const char *key, const char *s)
{
	put_str(w, key, s, strlen(s));
}

static void put_bool(struct walk *w, const char *key, bool v)
{
	if (w->s.o)
		out_bool(w->s.o, key, v);
	else
		tree_put(&w->s, key, val_bool(v));
}

/* ---- single values ------------------------------------------------------------------------ */

static void hex_num(char text[48], struct num v)
{
	if (v.mag >> 64)
		snprintf(text, 48, "%s0x%llx%016llx", v.neg ? "-" : "",
			 (unsigned long long)(v.mag >> 64), (unsigned long long)v.mag);
	else
		snprintf(text, 48, "%s0x%llx", v.neg ? "-" : "", (unsigned long long)v.mag);
}

static void emit_num(struct walk *w, const char *key, struct num v)
{
	char text[48];

	if (!v.neg && v.mag <= UINT64_MAX) {
		put_uint(w, key, (uint64_t)v.mag);
	} else if (v.neg && v.mag <= (uint64_t)1 << 63) {
		put_int(w, key, (int64_t)(0 - (uint64_t)v.mag));
	} else {
		hex_num(text, v);
		put_text(w, key, text);
	}
}

/* Bits without sign, as bpftool shows bitfields and 128-bit integers. */
static void emit_raw_hex(struct walk *w, const struct op *op, const uint8_t *p, const char *key)
{
	struct op raw = *op;
	char text[48];

	raw.kind = OP_UINT;
	hex_num(text, op_load(&raw, p));
	put_text(w, key, text);
}

/* bpftool writes a byte above 0x7f as \u00XX, which is this in UTF-8. */
static void emit_char(struct walk *w, const char *key, uint8_t c)
{
	char text[2] = { (char)c };

	if (c >= 0x80) {
		text[0] = (char)(0xc0 | c >> 6);
		text[1] = (char)(0x80 | (c & 0x3f));
	}
	put_str(w, key, text, c >= 0x80 ? 2 : 1);
}

/* bpftool takes every enum for a signed one. */
static struct num as_signed(const struct op *op, const uint8_t *p)
{
	struct op number = *op;

	number.kind = OP_INT;
	return op_load(&number, p);
}

static void emit_number(struct walk *w, const struct op *op, const uint8_t *p, const char *key)
{
	bool plain = w->c->style == CODEC_BPFTOOL;
	struct num v;
	const char *name;
	char text[48];

	if (plain && op->kind != OP_ENUM && (op->bits || op->size == 16)) {
		emit_raw_hex(w, op, p, key);
		return;
	}
	v = op_load(op, p);
	switch (op->kind) {
	case OP_BOOL:
		if (plain || v.mag <= 1)
			put_bool(w, key, v.mag != 0);
		else
			emit_num(w, key, v);
		break;
	case OP_ENUM:
		name = op_enum_name(w->c, op, v);
		if (name)
			put_text(w, key, name);
		else
			emit_num(w, key, plain ? as_signed(op, p) : v);
		break;
	case OP_PTR:
		if (!plain) {
			hex_num(text, v);
			put_text(w, key, text);
			break;
		}
		/* fall through */
	default:
		emit_num(w, key, v);
		break;
	}
}

/* The shortest text that gives the same float; a double needs no help. */
static double shortest(float f)
{
	char text[32];

	for (int digits = 6; digits <= FLT_DECIMAL_DIG; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) == f)
			break;
	}
	return strtod(text, NULL);
}

static void emit_float(struct walk *w, const struct op *op, const uint8_t *p, const char *key)
{
	uint64_t bits = 0, usual = op->size == 4 ? 0x7fc00000u : 0x7ff8000000000000u;
	char text[40];
	double d;

	if (op->size == 4) {
		uint32_t half;
		float f;

		memcpy(&f, p, 4);
		memcpy(&half, p, 4);
		bits = half;
		d = isfinite(f) ? shortest(f) : (double)f;
	} else {
		memcpy(&d, p, 8);
		memcpy(&bits, p, 8);
	}
	/* JSON has no words for these: strings, which can be typed back. */
	if (isnan(d) && bits != usual) {
		snprintf(text, sizeof(text), "nan:0x%llx", (unsigned long long)bits);
		put_text(w, key, text);
	} else if (!isfinite(d)) {
		put_text(w, key, isnan(d) ? "nan" : d < 0 ? "-inf" : "inf");
	} else if (d == 0 && signbit(d)) {
		put_text(w, key, "-0.0");
	} else if (w->s.o) {
		out_double(w->s.o, key, d);
	} else {
		tree_put(&w->s, key, val_double(d));
	}
}

static void emit_bytes(struct walk *w, const uint8_t *p, size_t n, const char *key)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 4 + 2 * n;
	char small[256], *text = len <= sizeof(small) ? small : malloc(len);

	if (!text) {
		w->s.error = -ENOMEM;
		return;
	}
	text[0] = 'h';
	text[1] = 'e';
	text[2] = 'x';
	text[3] = ':';
	for (size_t i = 0; i < n; i++) {
		text[4 + 2 * i] = digits[p[i] >> 4];
		text[5 + 2 * i] = digits[p[i] & 15];
	}
	put_str(w, key, text, len);
	if (text != small)
		free(text);
}

static void emit_mac(struct walk *w, const uint8_t *p, const char *key)
{
	static const char digits[] = "0123456789abcdef";
	char text[17];

	for (size_t i = 0; i < 6; i++) {
		text[3 * i] = digits[p[i] >> 4];
		text[3 * i + 1] = digits[p[i] & 15];
		if (i < 5)
			text[3 * i + 2] = ':';
	}
	put_str(w, key, text, sizeof(text));
}

/* inet_ntop(3) does this with sprintf(3). */
static size_t ip4_text(const uint8_t *p, char text[16])
{
	char *to = text;

	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		if (p[i] >= 100)
			*to++ = (char)('0' + p[i] / 100);
		if (p[i] >= 10)
			*to++ = (char)('0' + p[i] / 10 % 10);
		*to++ = (char)('0' + p[i] % 10);
	}
	*to = '\0';
	return (size_t)(to - text);
}

static void emit_address(struct walk *w, const struct op *op, const uint8_t *p, const char *key)
{
	char text[INET6_ADDRSTRLEN];

	if (op->kind == OP_IP4) {
		put_str(w, key, text, ip4_text(p, text));
		return;
	}
	inet_ntop(AF_INET6, p, text, sizeof(text));
	put_text(w, key, text);
}

static void emit_cidr(struct walk *w, const struct op *op, const uint8_t *p, const char *key)
{
	bool four = op->size == 8;
	char text[INET6_ADDRSTRLEN + 8];
	uint32_t prefix;
	size_t n;

	memcpy(&prefix, p, 4);
	if (prefix > (four ? 32u : 128u)) { /* no prefix at all */
		emit_bytes(w, p, op->size, key);
		return;
	}
	if (four)
		ip4_text(p + 4, text);
	else
		inet_ntop(AF_INET6, p + 4, text, sizeof(text));
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "/%u", prefix);
	put_text(w, key, text);
}

/* ---- strings ------------------------------------------------------------------------------ */

/* bpftool's rule: a NUL, and only printable characters before it. */
static bool bpftool_string(const uint8_t *p, size_t n, size_t *len)
{
	for (size_t i = 0; i < n; i++) {
		if (!p[i]) {
			*len = i;
			return true;
		}
		if (p[i] <= 0x1f || p[i] >= 0x7f)
			return false;
	}
	return false;
}

/* Ours: what is UTF-8 up to the first NUL (loose), or up to the last byte that is none. */
static bool typed_string(const struct codec *c, const uint8_t *p, size_t n, size_t *len)
{
	const uint8_t *nul = c->loose ? memchr(p, 0, n) : NULL;

	if (nul)
		n = (size_t)(nul - p);
	while (!c->loose && n && !p[n - 1])
		n--;
	*len = n;
	for (size_t i = 0; i < n;) {
		size_t step = utf8_len((const char *)p + i, n - i);

		if (!step)
			return false;
		i += step;
	}
	return true;
}

/* ---- the walk ----------------------------------------------------------------------------- */

static void emit(struct walk *w, uint32_t i, const uint8_t *base, const char *key);

static void emit_array(struct walk *w, uint32_t i, const uint8_t *base, const char *key)
{
	const struct op *op = &w->c->ops[i], *element = op + 1;
	const uint8_t *p = base + op->off;
	size_t n = op->count, stride = element->size, len;

	if (!n && (op->flags & OPF_FLEX) && w->longer)
		n = (size_t)(w->end - p) / stride;
	if (stride && n > (size_t)(w->end - p) / stride)
		n = (size_t)(w->end - p) / stride;
	if ((op->flags & OPF_CHAR) && (w->c->style == CODEC_TYPED ? typed_string(w->c, p, n, &len)
								  : bpftool_string(p, n, &len))) {
		put_str(w, key, (const char *)p, len);
		return;
	}
	open_seq(w, key, false);
	for (size_t k = 0; k < n; k++)
		emit(w, i + 1, p + k * stride, NULL);
	close_seq(w);
}

static void emit_members(struct walk *w, uint32_t i, const uint8_t *base)
{
	const struct op *op = &w->c->ops[i];

	for (uint32_t m = i + 1; m < op->next; m = w->c->ops[m].next)
		emit(w, m, base + op->off, w->c->ops[m].name);
}

/* {".data": [{"name": value}, ...]} */
static void emit_bpftool_section(struct walk *w, uint32_t i, const uint8_t *base, const char *key)
{
	const struct op *op = &w->c->ops[i];
	struct type t = { .name = "" };

	if (w->c->types)
		types_get(w->c->types, op->type, &t);
	open_seq(w, key, true);
	open_seq(w, t.name, false);
	for (uint32_t m = i + 1; m < op->next; m = w->c->ops[m].next) {
		open_seq(w, NULL, true);
		emit(w, m, base + op->off, w->c->ops[m].name);
		close_seq(w);
	}
	close_seq(w);
	close_seq(w);
}

static void emit(struct walk *w, uint32_t i, const uint8_t *base, const char *key)
{
	const struct op *op = &w->c->ops[i];
	const uint8_t *p = base + op->off;

	/* Bitfields may be short of the bytes of their type: what counts is their last bit. */
	size_t need = op->bits ? (op->bit_off + op->bits + 7u) / 8 : op->size;

	/* A record that ends early: the rest of it is absent. */
	if (p > w->end || (op->kind < OP_ARRAY && need > (size_t)(w->end - p)))
		return;
	switch (op->kind) {
	case OP_FLOAT:
		emit_float(w, op, p, key);
		break;
	case OP_IP4:
	case OP_IP6:
		emit_address(w, op, p, key);
		break;
	case OP_MAC:
		emit_mac(w, p, key);
		break;
	case OP_CIDR:
		emit_cidr(w, op, p, key);
		break;
	case OP_BYTES:
		emit_bytes(w, p, op->size, key);
		break;
	case OP_ARRAY:
		emit_array(w, i, base, key);
		break;
	case OP_DATASEC:
		if (w->c->style == CODEC_BPFTOOL) {
			emit_bpftool_section(w, i, base, key);
			break;
		}
		/* fall through */
	case OP_STRUCT:
	case OP_UNION:
		open_seq(w, key, true);
		emit_members(w, i, base);
		close_seq(w);
		break;
	default:
		if (w->c->style == CODEC_BPFTOOL && (op->flags & OPF_CHAR) && op->kind == OP_UINT)
			emit_char(w, key, *p);
		else
			emit_number(w, op, p, key);
		break;
	}
}

void codec_out(const struct codec *c, const void *data, size_t len, struct out *o, const char *key)
{
	struct walk w;

	/* What most maps have. */
	if (codec_is_uint(c) && len >= c->ops[0].size) {
		out_uint(o, key, codec_load_uint(data, c->ops[0].size));
		return;
	}
	/* Only what the walk needs; the tree's stacks stay as they are. */
	w.c = c;
	w.end = (const uint8_t *)data + len;
	w.longer = len > c->ops[0].size;
	w.s.o = o;
	w.s.error = 0;
	emit(&w, 0, data, key);
}

int codec_val(const struct codec *c, const void *data, size_t len, struct val *v)
{
	struct walk *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->c = c;
	w->end = (const uint8_t *)data + len;
	w->longer = len > c->ops[0].size;
	w->s.to[0] = v;
	*v = (struct val){};
	emit(w, 0, data, NULL);
	r = w->s.error;
	free(w);
	if (r)
		val_drop(v);
	return r;
}
