// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Single values from words and numbers into bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/codec_priv.h"
#include "core/err.h"
#include "core/near.h"
#include "core/types.h"

#define LONGEST 63 /* characters of a number or an address */

/* ---- messages ----------------------------------------------------------------------------- */

size_t put_enter(struct put *p, const char *member, uint32_t index)
{
	size_t mark = strlen(p->path);

	if (member)
		snprintf(p->path + mark, sizeof(p->path) - mark, "%s%s", mark ? "." : "", member);
	else
		snprintf(p->path + mark, sizeof(p->path) - mark, "[%u]", index);
	return mark;
}

void put_leave(struct put *p, size_t mark)
{
	p->path[mark] = '\0';
}

int put_error(struct put *p, const struct op *op, const char *fmt, ...)
{
	auto_buf struct buf expected = {};
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	op_expected(p->c, op, &expected);
	if (p->path[0])
		return err_input(p->e, "%s: %s; expected %s", p->path, what, buf_str(&expected));
	return err_input(p->e, "%s; expected %s", what, buf_str(&expected));
}

uint32_t put_member(struct put *p, uint32_t i, const char *name, size_t len)
{
	const struct op *ops = p->c->ops;
	struct near near = near_to(name, len);

	for (uint32_t m = i + 1; m < ops[i].next; m = ops[m].next)
		if (ops[m].name && strlen(ops[m].name) == len &&
		    memcmp(ops[m].name, name, len) == 0)
			return m;
	for (uint32_t m = i + 1; m < ops[i].next; m = ops[m].next)
		near_offer(&near, ops[m].name ? ops[m].name : "");
	put_error(p, &ops[i], "there is no field '%.*s'", (int)(len < 64 ? len : 64), name);
	if (near.best)
		err_hint(p->e, "did you mean '%s'?", near.best);
	return 0;
}

/* What was typed, shortened for a message. */
#define SHOWN(s, len) (int)((len) < 64 ? (len) : 64), (s)

void put_begin(const struct op *around, const struct op *op, uint8_t *base)
{
	if (around ? around->kind == OP_DATASEC : op->kind != OP_DATASEC && !op->bits)
		memset(base + op->off, 0, op->size);
}

/* ---- numbers ------------------------------------------------------------------------------ */

int put_num(struct put *p, const struct op *op, uint8_t *at, struct num v)
{
	if (op->kind == OP_FLOAT)
		return put_double(p, op, at, v.neg ? -(double)v.mag : (double)v.mag);
	if (!op_is_number(op))
		return put_error(p, op, "a number is not enough");
	if (op_store(op, at, v))
		return 0;
	if (v.mag > UINT64_MAX)
		return put_error(p, op, "the number does not fit");
	return put_error(p, op, "%s%llu does not fit", v.neg ? "-" : "", (unsigned long long)v.mag);
}

int put_double(struct put *p, const struct op *op, uint8_t *at, double d)
{
	float f = (float)d;

	if (op->kind != OP_FLOAT) {
		if (d == floor(d) && fabs(d) < 0x1p53)
			return put_num(p, op, at, (struct num){ (uint64_t)fabs(d), d < 0 });
		return put_error(p, op, "%g is no integer", d);
	}
	if (op->size == 8) {
		memcpy(at, &d, 8);
		return 0;
	}
	if (isfinite(d) && fabs(d) > FLT_MAX)
		return put_error(p, op, "%g does not fit", d);
	memcpy(at, &f, 4);
	return 0;
}

/* nan:0x7fc00001, the bits of a NaN that is not the usual one. */
static bool put_nan(const struct op *op, uint8_t *at, const char *s, size_t len)
{
	uint64_t whole;
	uint32_t half;
	struct num v;
	double d;
	float f;

	if (len < 5 || strncmp(s, "nan:", 4) != 0 || !num_parse(s + 4, len - 4, &v) || v.neg ||
	    v.mag >> (op->size * 8))
		return false;
	if (op->size == 4) {
		half = (uint32_t)v.mag;
		memcpy(&f, &half, 4);
		if (!isnan(f))
			return false;
		memcpy(at, &half, 4);
		return true;
	}
	whole = (uint64_t)v.mag;
	memcpy(&d, &whole, 8);
	if (!isnan(d))
		return false;
	memcpy(at, &whole, 8);
	return true;
}

static int put_float(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len)
{
	char text[LONGEST + 1], *end;
	struct num v;
	double d;

	if (put_nan(op, at, s, len))
		return 0;
	if (num_parse(s, len, &v) && (v.mag || !v.neg))
		return put_num(p, op, at, v);
	if (!len || len > LONGEST || s[0] == ' ')
		return put_error(p, op, "'%.*s' is no number", SHOWN(s, len));
	memcpy(text, s, len);
	text[len] = '\0';
	errno = 0;
	d = strtod(text, &end);
	if (*end || end == text)
		return put_error(p, op, "'%s' is no number", text);
	if (errno == ERANGE && fabs(d) > 1)
		return put_error(p, op, "%s does not fit", text);
	/* Rounded once, straight to float: by way of double it could be rounded twice. */
	if (op->size == 4 && isfinite(d) && fabs(d) <= FLT_MAX) {
		float f = strtof(text, NULL);

		memcpy(at, &f, 4);
		return 0;
	}
	return put_double(p, op, at, d);
}

/* near NULL: only look. */
static bool enum_value(const struct put *p, const struct op *op, const char *s, size_t len,
		       struct num *v, struct near *near)
{
	const char *name;
	struct type t;
	int64_t value;

	if (!p->c->types || !types_strip(p->c->types, op->type, &t))
		return false;
	for (uint32_t i = 0; i < t.n && types_value(p->c->types, &t, i, &name, &value); i++) {
		if (strlen(name) == len && memcmp(name, s, len) == 0) {
			v->neg = value < 0 && (op->flags & OPF_SIGNED);
			v->mag = v->neg ? 0 - (uint64_t)value : (uint64_t)value;
			return true;
		}
		if (near)
			near_offer(near, name);
	}
	return false;
}

static int put_enum(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len)
{
	struct near near = near_to(s, len);
	struct num v;
	int r;

	if (enum_value(p, op, s, len, &v, NULL) || num_parse(s, len, &v))
		return put_num(p, op, at, v);
	enum_value(p, op, s, len, &v, &near);
	r = put_error(p, op, "there is no '%.*s'", SHOWN(s, len));
	if (near.best)
		err_hint(p->e, "did you mean '%s'?", near.best);
	return r;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

static int put_number(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len)
{
	struct num v = { 1, false };

	if (op->kind == OP_ENUM)
		return put_enum(p, op, at, s, len);
	if (op->kind == OP_BOOL && is_word(s, len, "true"))
		return put_num(p, op, at, v);
	if (op->kind == OP_BOOL && is_word(s, len, "false"))
		return put_num(p, op, at, (struct num){ 0, false });
	/* A be32 is as often an address as a number. */
	if (op->kind == OP_BE && op->size == 4 && !op->bits && len <= LONGEST) {
		char text[LONGEST + 1];

		memcpy(text, s, len);
		text[len] = '\0';
		if (strchr(text, '.') && inet_pton(AF_INET, text, at) == 1)
			return 0;
	}
	if (!num_parse(s, len, &v)) {
		int r = put_error(p, op, "'%.*s' is no number", SHOWN(s, len));

		if (len > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9')
			err_hint(p->e, "drop the leading 0, or write 0o for an octal number");
		return r;
	}
	return put_num(p, op, at, v);
}

/* ---- addresses and bytes ------------------------------------------------------------------ */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool put_mac(uint8_t *at, const char *s, size_t len)
{
	if (len != 17)
		return false;
	for (size_t i = 0; i < 6; i++) {
		int high = hex_digit(s[3 * i]), low = hex_digit(s[3 * i + 1]);

		if (high < 0 || low < 0 || (i < 5 && s[3 * i + 2] != ':' && s[3 * i + 2] != '-'))
			return false;
		at[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool put_cidr(const struct op *op, uint8_t *at, char *text)
{
	bool four = op->size == 8;
	uint32_t most = four ? 32 : 128, prefix = most;
	char *slash = strchr(text, '/');
	struct num v;

	if (slash) {
		*slash = '\0';
		if (!num_parse(slash + 1, strlen(slash + 1), &v) || v.neg || v.mag > most)
			return false;
		prefix = (uint32_t)v.mag;
	}
	memcpy(at, &prefix, 4);
	return inet_pton(four ? AF_INET : AF_INET6, text, at + 4) == 1;
}

static int put_address(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len)
{
	char text[LONGEST + 1] = "";
	bool ok = false;

	if (len <= LONGEST && !memchr(s, 0, len))
		memcpy(text, s, len);
	switch (op->kind) {
	case OP_IP4:
		ok = inet_pton(AF_INET, text, at) == 1;
		break;
	case OP_IP6:
		ok = inet_pton(AF_INET6, text, at) == 1;
		break;
	case OP_MAC:
		ok = put_mac(at, text, strlen(text));
		break;
	case OP_CIDR:
		ok = put_cidr(op, at, text);
		break;
	}
	return ok ? 0 : put_error(p, op, "'%.*s' is no such address", SHOWN(s, len));
}

/* Digits of bytes, with or without blanks and colons between them; exactly op->size of them. */
static int put_hex(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len;) {
		int high, low;

		if (s[i] == ' ' || s[i] == ':') {
			i++;
			continue;
		}
		high = hex_digit(s[i]);
		low = high >= 0 && i + 1 < len ? hex_digit(s[i + 1]) : -1;
		if (low < 0)
			return put_error(p, op, "'%.*s' are no hex digits, two for each byte",
					 SHOWN(s, len));
		if (n < op->size)
			at[n] = (uint8_t)(high << 4 | low);
		n++;
		i += 2;
	}
	if (n != op->size)
		return put_error(p, op, "%u bytes were given, %u are needed", n, op->size);
	return 0;
}

/* Text into an array of chars: the rest becomes 0. */
static int put_chars(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len)
{
	if (len > op->size)
		return put_error(p, op, "the text is %zu bytes long", len);
	memcpy(at, s, len);
	memset(at + len, 0, op->size - len);
	return 0;
}

int put_word(struct put *p, const struct op *op, uint8_t *at, const char *s, size_t len,
	     bool quoted)
{
	if (op->kind == OP_ARRAY && (op->flags & OPF_CHAR))
		return put_chars(p, op, at, s, len);
	if (len >= 4 && strncmp(s, "hex:", 4) == 0 && !op->bits)
		return put_hex(p, op, at, s + 4, len - 4);
	if (op->kind == OP_FLOAT)
		return put_float(p, op, at, s, len);
	if (op_is_number(op)) {
		/* "A" for a char */
		if (quoted && len == 1 && (op->flags & OPF_CHAR) && (*s < '0' || *s > '9'))
			return put_num(p, op, at, (struct num){ (unsigned char)*s, false });
		return put_number(p, op, at, s, len);
	}
	if (op->kind == OP_BYTES)
		return put_hex(p, op, at, s, len);
	if (op->kind < OP_ARRAY)
		return put_address(p, op, at, s, len);
	return put_error(p, op, "'%.*s' is a single word", SHOWN(s, len));
}

/* ---- sums --------------------------------------------------------------------------------- */

static bool add_nums(struct num a, struct num b, struct num *sum)
{
	if (a.neg == b.neg) {
		sum->mag = a.mag + b.mag;
		sum->neg = a.neg;
		return sum->mag >= a.mag;
	}
	sum->mag = a.mag > b.mag ? a.mag - b.mag : b.mag - a.mag;
	sum->neg = a.mag > b.mag ? a.neg : b.neg;
	return true;
}

static int add_float(struct put *p, const struct op *op, uint8_t *at, const char *by)
{
	struct op wide = *op;
	float f = 0;
	double d, n = 0;
	int r;

	wide.size = 8;
	r = put_float(p, &wide, (uint8_t *)&n, by, strlen(by));
	if (r)
		return r;
	if (op->size == 8) {
		memcpy(&d, at, 8);
	} else {
		memcpy(&f, at, 4);
		d = f;
	}
	return put_double(p, op, at, d + n);
}

int codec_increase(const struct codec *c, void *data, const char *by, struct err *e)
{
	struct put p = { .c = c, .e = e };
	const struct op *op = &c->ops[0];
	struct num n, sum;

	if (op->kind == OP_FLOAT)
		return add_float(&p, op, data, by);
	if (!op_is_number(op))
		return put_error(&p, op, "nothing can be added to this");
	if (!num_parse(by, strlen(by), &n))
		return put_error(&p, op, "'%.*s' is no number", SHOWN(by, strlen(by)));
	if (!add_nums(op_load(op, data), n, &sum) || !op_store(op, data, sum))
		return put_error(&p, op, "the sum does not fit");
	return 0;
}
