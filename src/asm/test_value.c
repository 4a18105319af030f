// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values in test blocks: numbers, strings, addresses, lists and structs. */
#include <errno.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/decl_test.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "core/mem.h"

#define MAX_FIELDS 65536 /* of one list or struct */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What it is exactly is left to whoever knows the field; this only tells it from a number. */
size_t test_address_len(const char *s, bool prefix)
{
	unsigned int dots = 0, colons = 0, letters = 0;
	size_t n = 0;

	for (; is_hex(s[n]) || s[n] == '.' || s[n] == ':'; n++) {
		dots += s[n] == '.';
		colons += s[n] == ':';
		letters += !is_digit(s[n]) && is_hex(s[n]);
	}
	if (!n || lex_is_label_char(s[n]) || s[n - 1] == '.')
		return 0;
	if (!(colons >= 2 || (dots == 3 && !letters && !colons)))
		return 0;
	if (prefix && s[n] == '/' && is_digit(s[n + 1]))
		for (n++; is_digit(s[n]);)
			n++;
	return n;
}

static int take_word(struct parser *p, struct test_value *v, size_t len)
{
	const char *s = p->lex.tok.s;

	v->kind = TEST_WORD;
	v->text = pool_str(&p->u->pool, s, len);
	v->text_len = len;
	if (!v->text)
		return fail_memory(p);
	p->lex.s = s + len;
	lex_next(&p->lex);
	return 0;
}

static int take_string(struct parser *p, struct test_value *v)
{
	const struct tok *t = &p->lex.tok;
	char *text = pool_alloc(&p->u->pool, t->len);
	long len;

	if (!text)
		return fail_memory(p);
	len = lex_string(t, text);
	if (len < 0)
		return fail(p, t, "bad escape in a string");
	v->kind = TEST_STR;
	v->text = text;
	v->text_len = (size_t)len;
	lex_next(&p->lex);
	return 0;
}

/* prog NAME, map NAME */
static int take_reference(struct parser *p, struct test_value *v)
{
	unsigned int kind = v->kind == TEST_PROG ? DECL_PROG : DECL_MAP;
	const struct decl *d;
	struct near near;
	struct tok name;

	lex_next(&p->lex);
	name = p->lex.tok;
	if (name.kind != T_NAME)
		return fail_expected(p, "a name");
	d = decl_find(p, &name);
	if (!p->u->target.path && !(d && d->kind == kind)) {
		near_begin(&near, name.s, name.len);
		near_decls(p, &near, 1u << kind);
		return fail_unknown(p, &name, kind == DECL_PROG ? "program" : "map", &near);
	}
	v->text = decl_name(p, &name);
	v->text_len = name.len;
	lex_next(&p->lex);
	return v->text ? 0 : -ENOMEM;
}

static int take_expr(struct parser *p, struct test_value *v)
{
	struct value e = { .len = 0 };
	int err = expr_read(p, &e);

	v->kind = TEST_NUM;
	v->num = e.num;
	return err;
}

/* A name that is no constant, and stands alone. */
static bool is_bare_word(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	struct num ignored;
	char next;

	if (t->kind != T_NAME)
		return false;
	next = lex_peek(&p->lex);
	if (!strchr(",;]})\n\r", next) && next != '\0' && next != '/' && next != '#')
		return false;
	return decl_constant(p, t, &ignored) == -ENOENT;
}

/* --- lists and structs --- */

static void skip_separators(struct parser *p)
{
	while (p->lex.tok.kind == T_EOL || p->lex.tok.kind == ';' || p->lex.tok.kind == ',')
		lex_next(&p->lex);
}

/* "port", "flow.port", "cb[2]" */
static int take_field_name(struct parser *p, struct test_field *f)
{
	const char *s = p->lex.tok.s, *end = s;

	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, "the name of a field");
	while (*end == '.' || *end == '[' || *end == ']' || lex_is_label_char(*end))
		end++;
	f->pos = pos_of(p, &p->lex.tok);
	f->len = (uint32_t)(end - s);
	f->name = pool_str(&p->u->pool, s, (size_t)(end - s));
	if (!f->name)
		return fail_memory(p);
	p->lex.s = end;
	lex_next(&p->lex);
	if (!accept(p, '=') && !accept(p, ':'))
		return fail_expected(p, "'='");
	return 0;
}

static int take_fields(struct parser *p, struct test_value *v, int close)
{
	auto_free struct test_field *fields = NULL;
	size_t n = 0, cap = 0;
	int err = 0;

	lex_next(&p->lex);
	for (skip_separators(p); p->lex.tok.kind != close; skip_separators(p)) {
		struct test_field f = { .name = NULL };

		if (n == MAX_FIELDS)
			return fail(p, &p->lex.tok, "more than %d values", MAX_FIELDS);
		if (array_grow(&fields, n, &cap, sizeof(*fields)) != 0)
			return fail_memory(p);
		if (v->kind == TEST_STRUCT)
			err = take_field_name(p, &f);
		if (!err)
			err = test_value_read(p, &f.value, true);
		if (err)
			return err;
		fields[n++] = f;
		if (p->lex.tok.kind != close && p->lex.tok.kind != ',' && p->lex.tok.kind != ';' &&
		    p->lex.tok.kind != T_EOL)
			return fail_expected(p, close == '}' ? "',' or '}'" : "',' or ']'");
	}
	lex_next(&p->lex);
	v->fields = pool_alloc(&p->u->pool, n ? n * sizeof(*fields) : 1);
	if (!v->fields)
		return fail_memory(p);
	if (n)
		memcpy(v->fields, fields, n * sizeof(*fields));
	v->n = (uint32_t)n;
	return 0;
}

static int read_value(struct parser *p, struct test_value *v, bool words)
{
	const struct tok *t = &p->lex.tok;
	size_t len = t->kind == T_EOF ? 0 : test_address_len(t->s, true);

	if (len)
		return take_word(p, v, len);
	if (t->kind == T_STR)
		return take_string(p, v);
	if (t->kind == '{' || t->kind == '[') {
		v->kind = t->kind == '{' ? TEST_STRUCT : TEST_LIST;
		return take_fields(p, v, t->kind == '{' ? '}' : ']');
	}
	if (tok_is(t, "prog") || tok_is(t, "map")) {
		v->kind = tok_is(t, "prog") ? TEST_PROG : TEST_MAP;
		return take_reference(p, v);
	}
	if (words && is_bare_word(p))
		return take_word(p, v, t->len);
	return take_expr(p, v);
}

int test_value_read(struct parser *p, struct test_value *v, bool words)
{
	const char *start = p->lex.tok.s, *end;
	int err = enter(p);

	if (err)
		return err;
	*v = (struct test_value){ .pos = pos_of(p, &p->lex.tok) };
	err = read_value(p, v, words);
	for (end = p->lex.tok.s; end > start + 1 && strchr(" \t\r\n", end[-1]);)
		end--;
	v->len = (uint32_t)(end - start);
	leave(p);
	return err;
}

/* --- durations --- */

static const struct {
	const char *unit;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60 * 1000000000ull },
	{ "h", 3600 * 1000000000ull },
};

int test_duration_read(struct parser *p, struct test_value *v)
{
	const char *s = p->lex.tok.s, *end = s;
	struct tok word = { .s = s, .kind = T_NAME };
	uint64_t n = 0;
	size_t i = 0;

	for (; is_digit(*end) && n < 1000000000000ull; end++)
		n = n * 10 + (uint64_t)(*end - '0');
	word.len = (uint32_t)(end - s);
	while (lex_is_label_char(s[word.len]))
		word.len++;
	while (i < countof(units) && (strlen(units[i].unit) != word.len - (size_t)(end - s) ||
				      memcmp(units[i].unit, end, strlen(units[i].unit)) != 0))
		i++;
	if (end == s)
		return fail_expected(p, "a time such as 5s or 200ms");
	if (i == countof(units)) {
		fail(p, &word, "'%.*s' is no time", (int)word.len, word.s);
		return src_hint(p->src, "a number with its unit: ns, us, ms, s, m or h");
	}
	if (n > UINT64_MAX / units[i].ns)
		return fail(p, &word, "'%.*s' is too long a time", (int)word.len, word.s);
	*v = (struct test_value){ .kind = TEST_NUM, .pos = pos_of(p, &word), .len = word.len };
	v->num = num_u64(n * units[i].ns);
	p->lex.s = s + word.len;
	lex_next(&p->lex);
	return 0;
}
