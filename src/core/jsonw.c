// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writing JSON. */
#include "core/jsonw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/utf8.h"
#include "core/val.h"

static void indent(struct jsonw *j)
{
	buf_addc(j->to, '\n');
	buf_fill(j->to, ' ', 2 * (size_t)j->depth);
}

/* What stands before a key, or before a value that has none. */
static void separate(struct jsonw *j)
{
	if (j->keyed) {
		j->keyed = false;
		return;
	}
	if (j->comma)
		buf_addc(j->to, ',');
	if (j->pretty && j->depth)
		indent(j);
	j->comma = true;
}

static void open_bracket(struct jsonw *j, char bracket)
{
	separate(j);
	buf_addc(j->to, bracket);
	j->depth++;
	j->comma = false;
}

void jsonw_list(struct jsonw *j)
{
	open_bracket(j, '[');
}

void jsonw_map(struct jsonw *j)
{
	open_bracket(j, '{');
}

void jsonw_close(struct jsonw *j, char bracket)
{
	j->depth--;
	if (j->pretty && j->comma)
		indent(j);
	buf_addc(j->to, bracket);
	j->comma = true;
}

static void literal(struct jsonw *j, const char *word)
{
	separate(j);
	buf_adds(j->to, word);
}

void jsonw_null(struct jsonw *j)
{
	literal(j, "null");
}

void jsonw_bool(struct jsonw *j, bool v)
{
	literal(j, v ? "true" : "false");
}

void jsonw_uint(struct jsonw *j, uint64_t v)
{
	separate(j);
	buf_add_u64(j->to, v);
}

void jsonw_int(struct jsonw *j, int64_t v)
{
	separate(j);
	buf_add_s64(j->to, v);
}

void jsonw_double(struct jsonw *j, double v)
{
	char text[40];

	if (!isfinite(v)) {
		jsonw_null(j);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	literal(j, text);
}

static void escape(struct buf *to, unsigned char c)
{
	static const char from[] = "\b\t\n\f\r\"\\", letter[] = "btnfr\"\\";
	const char *at = c ? strchr(from, c) : NULL;

	buf_addc(to, '\\');
	if (at) {
		buf_addc(to, letter[at - from]);
		return;
	}
	buf_addc(to, 'u');
	buf_add_hex(to, c, 4);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The rest of a string, from the first character on that is not simply copied. */
static void add_rest(struct jsonw *j, const char *s, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i];
		size_t n = c >= 0x80 ? utf8_len(s + i, len - i) : is_plain(c);

		if (n) {
			i += n;
			continue;
		}
		buf_add(j->to, s + start, i - start);
		if (c >= 0x80)
			buf_adds(j->to, "\xef\xbf\xbd"); /* U+FFFD */
		else
			escape(j->to, c);
		start = ++i;
	}
	buf_add(j->to, s + start, len - start);
}

void jsonw_str(struct jsonw *j, const char *s, size_t len)
{
	size_t i = 0;
	char *to;

	separate(j);
	to = buf_reserve(j->to, len + 2);
	if (!to)
		return;
	*to++ = '"';
	for (; i < len && is_plain((unsigned char)s[i]); i++)
		to[i] = s[i];
	j->to->len += 1 + i;
	if (i < len)
		add_rest(j, s + i, len - i);
	buf_addc(j->to, '"');
}

/* One pass over a key, which nearly always is a plain word. */
void jsonw_key(struct jsonw *j, const char *key)
{
	enum { ROOM = 64 };
	size_t i = 0;
	char *to;

	separate(j);
	to = buf_reserve(j->to, ROOM);
	if (to) {
		*to++ = '"';
		for (; i < ROOM - 4 && is_plain((unsigned char)key[i]); i++)
			to[i] = key[i];
		j->to->len += 1 + i;
	}
	if (key[i])
		add_rest(j, key + i, strlen(key + i));
	buf_add(j->to, "\": ", j->pretty ? 3 : 2);
	j->keyed = true;
}

void jsonw_bytes(struct jsonw *j, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *to = j->pretty ? NULL : buf_reserve(j->to, 7 * n + 3);

	if (!to) {
		jsonw_list(j);
		for (size_t i = 0; i < n; i++) {
			const char text[] = { '0', 'x', digits[p[i] >> 4], digits[p[i] & 15] };

			jsonw_str(j, text, sizeof(text));
		}
		jsonw_close(j, ']');
		return;
	}
	separate(j);
	to = j->to->data + j->to->len;
	*to++ = '[';
	for (size_t i = 0; i < n; i++) {
		memcpy(to, "\"0x", 3);
		to[3] = digits[p[i] >> 4];
		to[4] = digits[p[i] & 15];
		memcpy(to + 5, "\",", 2);
		to += 7;
	}
	if (n)
		to--;
	*to++ = ']';
	j->to->len = (size_t)(to - j->to->data);
}

static void seq(struct jsonw *j, const struct val *v)
{
	bool is_map = v->kind == V_MAP;

	open_bracket(j, is_map ? '{' : '[');
	for (size_t i = 0; i < v->seq.n; i++) {
		if (is_map)
			jsonw_key(j, v->seq.keys[i]);
		jsonw_val(j, &v->seq.v[i]);
	}
	jsonw_close(j, is_map ? '}' : ']');
}

void jsonw_val(struct jsonw *j, const struct val *v)
{
	switch (v->kind) {
	case V_NULL:
		return jsonw_null(j);
	case V_BOOL:
		return jsonw_bool(j, v->b);
	case V_INT:
		return jsonw_int(j, v->i);
	case V_UINT:
		return jsonw_uint(j, v->u);
	case V_DOUBLE:
		return jsonw_double(j, v->d);
	case V_STR:
		return jsonw_str(j, v->str.s, v->str.len);
	case V_LIST:
	case V_MAP:
		return seq(j, v);
	}
}
