// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text to bytes.  One grammar reads what people type and JSON alike:
 *
 *	value = { field = value , ... }   also with : for = and ; for ,
 *	      | [ value , ... ]
 *	      | "text"                    C's and JSON's escapes
 *	      | word                      up to a blank, comma, bracket
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/codec_priv.h"
#include "core/err.h"
#include "core/file.h"
#include "core/mem.h"

struct text {
	struct put p;
	const char *s; /* what is left */
};

static void blanks(struct text *t)
{
	while (*t->s && strchr(" \t\r\n", *t->s))
		t->s++;
}

static bool take(struct text *t, const char *set)
{
	blanks(t);
	if (!*t->s || !strchr(set, *t->s))
		return false;
	t->s++;
	return true;
}

/* ---- strings ------------------------------------------------------------------------------ */

static int hex4(const char *s)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = s[i] ? strchr(digits, s[i] | 0x20) : NULL;

		if (!at)
			return -1;
		v = v << 4 | (int)(at - digits);
	}
	return v;
}

static void add_utf8(struct buf *to, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(to, (char)c);
	} else if (c < 0x800) {
		buf_addc(to, (char)(0xc0 | c >> 6));
		buf_addc(to, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(to, (char)(0xe0 | c >> 12));
		buf_addc(to, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(to, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(to, (char)(0xf0 | c >> 18));
		buf_addc(to, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(to, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(to, (char)(0x80 | (c & 0x3f)));
	}
}

/* \uXXXX, or two of them for what lies beyond; *s at the u. */
static bool unicode(const char **s, struct buf *to)
{
	int high = hex4(*s + 1), low;

	if (high < 0)
		return false;
	*s += 5;
	if (high < 0xd800 || high > 0xdfff) {
		add_utf8(to, (uint32_t)high);
		return true;
	}
	if (high > 0xdbff || (*s)[0] != '\\' || (*s)[1] != 'u')
		return false;
	low = hex4(*s + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return false;
	*s += 6;
	add_utf8(to, 0x10000 + ((uint32_t)(high - 0xd800) << 10 | (uint32_t)(low - 0xdc00)));
	return true;
}

static bool escape(const char **s, struct buf *to)
{
	static const char from[] = "\"\\/bfnrtav0'", result[] = "\"\\/\b\f\n\r\t\a\v\0'";
	const char *at;

	if (**s == 'u')
		return unicode(s, to);
	if (**s == 'x') {
		const char padded[4] = { '0', '0', (*s)[1], (*s)[1] ? (*s)[2] : '\0' };
		int v = hex4(padded);

		if (v < 0)
			return false;
		buf_addc(to, (char)v);
		*s += 3;
		return true;
	}
	at = **s ? memchr(from, **s, sizeof(from) - 1) : NULL;
	if (!at)
		return false;
	buf_addc(to, result[at - from]);
	(*s)++;
	return true;
}

/* t->s behind the opening quote, and then behind the closing one. */
static int string(struct text *t, const struct op *op, struct buf *to)
{
	while (*t->s != '"') {
		if (!*t->s)
			return put_error(&t->p, op, "the closing quote is missing");
		if (*t->s != '\\') {
			buf_addc(to, *t->s++);
			continue;
		}
		t->s++;
		if (!escape(&t->s, to))
			return put_error(&t->p, op, "'\\%c' is no escape in a string", *t->s);
	}
	t->s++;
	return buf_error(to);
}

/* ---- values ------------------------------------------------------------------------------- */

static int value(struct text *t, uint32_t i, uint8_t *base);

static int list(struct text *t, uint32_t i, uint8_t *base, bool bracket)
{
	const struct op *op = &t->p.c->ops[i], *element = op + 1;
	uint32_t n = 0;

	if (bracket && take(t, "]"))
		return 0;
	do {
		size_t mark = put_enter(&t->p, NULL, n);
		int r;

		if (n == op->count)
			return put_error(&t->p, op, "there are more values");
		r = value(t, i + 1, base + op->off + (size_t)n++ * element->size);
		if (r)
			return r;
		put_leave(&t->p, mark);
	} while (take(t, ",;"));
	if (bracket && !take(t, "]"))
		return put_error(&t->p, op, "the list does not end in ']'");
	return 0;
}

static int field_name(struct text *t, const struct op *op, struct buf *name)
{
	blanks(t);
	if (*t->s == '"') {
		t->s++;
		return string(t, op, name);
	}
	while (*t->s && !strchr(" \t\r\n=:,;{}[]\"", *t->s))
		buf_addc(name, *t->s++);
	if (!name->len)
		return put_error(&t->p, op, "a field name is missing before '%.8s'", t->s);
	return buf_error(name);
}

/* One name = value; *seen is a bit per member, for the first 64 of them. */
static int field(struct text *t, uint32_t i, uint8_t *base, uint64_t *seen)
{
	const struct op *ops = t->p.c->ops;
	auto_buf struct buf name = {};
	uint32_t m, bit = 0;
	size_t mark;
	int r = field_name(t, &ops[i], &name);

	if (r)
		return r;
	m = put_member(&t->p, i, name.data, name.len);
	if (!m)
		return -EINVAL;
	if (!take(t, "=:"))
		return put_error(&t->p, &ops[i], "'=' is missing behind the field '%s'",
				 buf_str(&name));
	for (uint32_t k = i + 1; k < m; k = ops[k].next)
		bit++;
	if (bit < 64 && (*seen >> bit & 1))
		return put_error(&t->p, &ops[i], "the field '%s' is given twice", buf_str(&name));
	*seen |= bit < 64 ? (uint64_t)1 << bit : 0;
	mark = put_enter(&t->p, ops[m].name, 0);
	put_begin(&ops[i], &ops[m], base + ops[i].off);
	r = value(t, m, base + ops[i].off);
	put_leave(&t->p, mark);
	return r;
}

static int fields(struct text *t, uint32_t i, uint8_t *base)
{
	const struct op *op = &t->p.c->ops[i];
	uint64_t seen = 0;

	if (take(t, "}"))
		return 0;
	do {
		int r;

		blanks(t);
		if (*t->s == '}') /* a separator at the end */
			break;
		r = field(t, i, base, &seen);
		if (r)
			return r;
	} while (take(t, ",;"));
	if (!take(t, "}"))
		return put_error(&t->p, op, "'}' is missing at '%.16s'", t->s);
	return 0;
}

/* bpftool's list of bytes: ["0x0a", "0x00"], for what is no list itself. */
static int byte_list(struct text *t, const struct op *op, uint8_t *at)
{
	const struct op byte = { .kind = OP_UINT, .size = 1 };
	uint32_t n = 0;

	do {
		auto_buf struct buf word = {};
		bool quoted = take(t, "\"");
		struct num v;
		int r = 0;

		if (quoted)
			r = string(t, op, &word);
		else
			while (*t->s && !strchr(" \t\r\n,;]", *t->s))
				buf_addc(&word, *t->s++);
		if (r)
			return r;
		if (n == op->size || !num_parse(word.data, word.len, &v) ||
		    !op_store(&byte, at + n, v))
			return put_error(&t->p, op, "it is no list of %u bytes", op->size);
		n++;
	} while (take(t, ",;"));
	if (!take(t, "]") || n != op->size)
		return put_error(&t->p, op, "it is no list of %u bytes", op->size);
	return 0;
}

static int bare_word(struct text *t, const struct op *op, uint8_t *at)
{
	const char *start = t->s;

	if (*t->s == '\'' && t->s[1]) { /* a comma may stand in quotes */
		t->s += t->s[1] == '\\' ? 3 : 2;
		if (strnlen(start, 4) < (size_t)(t->s - start))
			t->s = start + strlen(start);
	}
	while (*t->s && !strchr(" \t\r\n,;{}[]\"", *t->s))
		t->s++;
	if (t->s == start)
		return put_error(&t->p, op, "a value is missing before '%.8s'", t->s);
	return put_word(&t->p, op, at, start, (size_t)(t->s - start), false);
}

static int value(struct text *t, uint32_t i, uint8_t *base)
{
	const struct op *op = &t->p.c->ops[i];
	auto_buf struct buf text = {};
	int r;

	blanks(t);
	switch (*t->s) {
	case '{':
		if (op->kind != OP_STRUCT && op->kind != OP_UNION && op->kind != OP_DATASEC)
			return put_error(&t->p, op, "'{' begins a struct");
		t->s++;
		return fields(t, i, base);
	case '[':
		t->s++;
		return op->kind == OP_ARRAY ? list(t, i, base, true)
					    : byte_list(t, op, base + op->off);
	case '"':
		t->s++;
		r = string(t, op, &text);
		return r ? r
			 : put_word(&t->p, op, base + op->off, text.data ? text.data : "", text.len,
				    true);
	default:
		return bare_word(t, op, base + op->off);
	}
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* @FILE: the bytes of a file. */
static int from_file(struct put *p, const char *path, uint8_t *data)
{
	uint32_t size = p->c->ops[0].size;
	auto_buf struct buf b = {};
	int r = file_read(path, size + 1, &b, p->e);

	if (!r && b.len == size) {
		memcpy(data, b.data, size);
		return 0;
	}
	if (r && p->e->class != ERR_INPUT)
		return r;
	return put_error(p, &p->c->ops[0], "%s has not %u bytes", path, size);
}

/* "be16:80": a type of its own; 1 if there is no such prefix. */
static int explicit_type(struct put *p, const char *text, uint8_t *data)
{
	const struct op *op = &p->c->ops[0];
	const char *colon = strchr(text, ':');
	auto_codec struct codec *c = NULL;
	const struct op *element = op;
	struct err ignored = {};
	char word[32];

	while (element->kind == OP_ARRAY)
		element++;
	/* An IPv6 address may well begin with "be16:". */
	if (!colon || colon == text || element->kind == OP_IP6 || element->kind == OP_MAC ||
	    element->kind == OP_CIDR || strcspn(text, " {[\"'") < (size_t)(colon - text))
		return 1;
	if ((size_t)(colon - text) >= sizeof(word))
		return 1;
	snprintf(word, sizeof(word), "%.*s", (int)(colon - text), text);
	c = codec_of_spec(word, NULL, &ignored);
	if (!c)
		return 1;
	if (c->ops[0].size != op->size)
		return put_error(p, op, "%s has %u bytes, %u are needed", word, c->ops[0].size,
				 op->size);
	return codec_parse(c, colon + 1, data, p->e);
}

/* All of the text.  A list alone may stand without its brackets, as tables print it. */
static int whole(struct text *t, uint8_t *data, bool bare_list)
{
	int r = bare_list ? list(t, 0, data, false) : value(t, 0, data);

	if (r)
		return r;
	blanks(t);
	if (*t->s)
		return put_error(&t->p, &t->p.c->ops[0], "'%.32s' is too much", t->s);
	return 0;
}

int codec_parse(const struct codec *c, const char *text, void *data, struct err *e)
{
	struct text t = { .p = { .c = c, .e = e }, .s = text };
	const struct op *op = &c->ops[0];
	bool chars = op->kind == OP_ARRAY && (op->flags & OPF_CHAR), bare;
	int r;

	put_begin(NULL, op, data);
	if (text[0] == '@')
		return from_file(&t.p, text + 1, data);
	if (strncmp(text, "str:", 4) == 0 && (chars || op->kind == OP_BYTES)) {
		if (!chars && strlen(text + 4) > op->size)
			return put_error(&t.p, op, "the text is %zu bytes long", strlen(text + 4));
		memset(data, 0, op->size);
		memcpy(data, text + 4, strnlen(text + 4, op->size));
		return chars ? put_word(&t.p, op, data, text + 4, strlen(text + 4), true) : 0;
	}
	/* With a comma it is a list whose first element is written so. */
	if (strncmp(text, "hex:", 4) == 0 && !strchr(text, ',')) {
		const struct op bytes = { .kind = OP_BYTES, .size = op->size };

		return put_word(&t.p, &bytes, data, text, strlen(text), false);
	}
	/* A text for chars needs no quotes, whatever is in it. */
	if (chars && text[0] != '"' && text[0] != '[')
		return put_word(&t.p, op, data, text, strlen(text), false);
	r = explicit_type(&t.p, text, data);
	if (r <= 0)
		return r;
	blanks(&t);
	bare = op->kind == OP_ARRAY && *t.s != '[' && !chars;
	r = whole(&t, data, bare);
	if (r && op->kind == OP_ARRAY) { /* [1],[2]: the bracket was of the first element */
		struct err other = {};
		struct text again = { .p = { .c = c, .e = &other }, .s = text };

		if (whole(&again, data, !bare) == 0)
			return 0;
	}
	return r;
}

/* "a", "0a" or "0x0a" behind the word hex; any number without it. */
static bool byte_word(const char *s, bool hex, struct num *v)
{
	char text[8];

	if (!hex)
		return num_parse(s, strlen(s), v);
	if (strncmp(s, "0x", 2) == 0)
		s += 2;
	if (!*s || strlen(s) > 2)
		return false;
	snprintf(text, sizeof(text), "0x%s", s);
	return num_parse(text, strlen(text), v);
}

/* One word per byte. */
static int parse_bytes(const struct codec *c, char *const *words, size_t n, bool hex, uint8_t *data,
		       struct err *e)
{
	const struct op byte = { .kind = OP_UINT, .size = 1 };
	struct put p = { .c = c, .e = e };
	const struct op *op = &c->ops[0];

	if (n != op->size)
		return put_error(&p, op, "%zu bytes were given, %u are needed", n, op->size);
	for (size_t i = 0; i < n; i++) {
		struct num v;

		if (!byte_word(words[i], hex, &v))
			return put_error(&p, op, "'%.32s' is no byte", words[i]);
		if (!op_store(&byte, data + i, v))
			return put_error(&p, op, "'%.32s' does not fit a byte, 0 to 255", words[i]);
	}
	return 0;
}

int codec_parse_words(const struct codec *c, char *const *words, size_t n, void *data,
		      struct err *e)
{
	struct put p = { .c = c, .e = e };
	auto_buf struct buf joined = {};

	if (!n)
		return put_error(&p, &c->ops[0], "the value is missing");
	if (strcmp(words[0], "hex") == 0 && n > 1)
		return parse_bytes(c, words + 1, n - 1, true, data, e);
	if (n == 1)
		return codec_parse(c, words[0], data, e);
	if (words[0][0] != '{' && words[0][0] != '[')
		return parse_bytes(c, words, n, false, data, e);
	for (size_t i = 0; i < n; i++)
		buf_addf(&joined, "%s%s", i ? " " : "", words[i]);
	return codec_parse(c, buf_str(&joined), data, e);
}
