// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test blocks: a line for everything that is given, `expect` in front of what must come. */
#include "asm/decl_test.h"

#include <errno.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "core/mem.h"

#define MAX_ITEMS 4096

/* --- first reading --- */

/* Tests of included files are not this file's. */
int collect_test(struct parser *p, const struct word *w)
{
	struct test_block *b;
	bool is_new;

	(void)w;
	lex_next(&p->lex);
	if (p->lex.tok.kind != T_STR)
		return fail_expected(p, "the name of the test in quotes");
	if (array_grow(&p->tests, p->nr_tests, &p->cap_tests, sizeof(*b)) != 0)
		return fail_memory(p);
	b = &p->tests[p->nr_tests];
	b->name = p->lex.tok;
	if (!p->include_depth) {
		struct symbol *s = symtab_add(&p->test_names, b->name.s, b->name.len,
					      (uint32_t)p->nr_tests, &is_new);

		if (!s)
			return fail_memory(p);
		if (!is_new)
			return fail(p, &b->name, "there are two tests of this name");
	}
	lex_next(&p->lex);
	if (p->lex.tok.kind != '{')
		return fail_expected(p, "'{'");
	b->at = p->lex;
	b->included = p->include_depth > 0;
	p->nr_tests++;
	return 0;
}

int collect_target(struct parser *p, const struct word *w)
{
	struct test_target *t = &p->u->target;
	struct tok word = p->lex.tok;

	lex_next(&p->lex);
	if (p->include_depth)
		return fail(p, &word, "an included file cannot say what is tested");
	if (t->path)
		return fail(p, &word, "what is tested has been said already");
	if (p->lex.tok.kind != T_STR)
		return fail_expected(p, "a file name in quotes");
	t->is_object = w->use == W_OBJECT;
	t->pos = pos_of(p, &p->lex.tok);
	t->len = p->lex.tok.len;
	t->path = decl_string(p, &p->lex.tok);
	if (!t->path)
		return -EINVAL;
	lex_next(&p->lex);
	return at_end(p) ? 0 : fail_expected(p, "the end of the line");
}

/* --- the block --- */

static bool ends_item(const struct parser *p)
{
	int k = p->lex.tok.kind;

	return k == ';' || k == '}' || k == T_EOL || k == T_EOF;
}

/* To the end of an item that is wrong, braces and all. */
static void skip_item(struct parser *p, const struct lex *start)
{
	unsigned int depth = 0;
	int last = ';'; /* what a line ends with that goes on with the next one */

	p->lex = *start;
	while (p->lex.tok.kind != T_EOF &&
	       (depth || !ends_item(p) || (p->lex.tok.kind == T_EOL && strchr("/,(", last)))) {
		int kind = p->lex.tok.kind;

		depth += kind == '{';
		depth -= depth && kind == '}';
		last = kind == T_EOL ? last : kind;
		lex_next(&p->lex);
	}
}

static int read_one(struct parser *p, struct test_item *it, struct test_seen *r)
{
	struct lex start = p->lex;
	const char *end;
	int err;

	*it = (struct test_item){ .pos = pos_of(p, &p->lex.tok), .path = "" };
	err = test_item_read(p, it, r);
	if (!err && !ends_item(p))
		err = fail_expected(p, "the end of the line");
	if (err)
		skip_item(p, &start);
	for (end = p->lex.tok.s; end > start.tok.s + 1 && strchr(" \t\r", end[-1]);)
		end--;
	it->len = (uint32_t)(end - start.tok.s);
	return err;
}

/* What a test must have. */
static int check_test(struct parser *p, const struct test_block *b, const struct test_seen *r)
{
	if (!r->has_prog)
		return fail(p, &b->name, "the test does not say which prog it runs");
	if (!r->has_expect)
		return fail(p, &b->name, "the test expects nothing");
	return 0;
}

static int read_items(struct parser *p, struct test_item **items, size_t *n, struct test_seen *r)
{
	size_t cap = 0;
	int err = 0;

	for (;;) {
		int bad;

		while (p->lex.tok.kind == T_EOL || p->lex.tok.kind == ';')
			lex_next(&p->lex);
		if (p->lex.tok.kind == '}')
			return err;
		if (p->lex.tok.kind == T_EOF)
			return fail_expected(p, "'}'");
		if (*n == MAX_ITEMS)
			return fail(p, &p->lex.tok, "a test has at most %d lines", MAX_ITEMS);
		if (array_grow(items, *n, &cap, sizeof(**items)) != 0)
			return fail_memory(p);
		bad = read_one(p, &(*items)[(*n)++], r);
		if (bad == -ENOMEM)
			return bad;
		err = bad ? bad : err;
	}
}

static int read_block(struct parser *p, const struct test_block *b, struct test_decl *t)
{
	auto_free struct test_item *items = NULL;
	struct test_seen r = { .has_prog = false };
	size_t n = 0;
	int err;

	p->lex = b->at;
	p->lex.data = true;
	lex_next(&p->lex);
	t->name = decl_string(p, &b->name);
	if (!t->name)
		return -EINVAL;
	t->pos = pos_of(p, &b->name);
	t->len = b->name.len;
	err = read_items(p, &items, &n, &r);
	if (!err)
		err = check_test(p, b, &r);
	if (err || !items)
		return err;
	t->items = pool_alloc(&p->u->pool, n * sizeof(*items));
	if (!t->items)
		return fail_memory(p);
	memcpy(t->items, items, n * sizeof(*items));
	t->n = (uint32_t)n;
	return 0;
}

int test_read_all(struct parser *p)
{
	struct unit *u = p->u;

	if (!p->nr_tests)
		return 0;
	u->tests = pool_alloc(&u->pool, p->nr_tests * sizeof(*u->tests));
	if (!u->tests)
		return fail_memory(p);
	for (size_t i = 0; i < p->nr_tests; i++) {
		struct test_decl t = { .n = 0 };
		int err = read_block(p, &p->tests[i], &t);

		if (err == -ENOMEM)
			return err;
		if (!err && !p->tests[i].included)
			u->tests[u->nr_tests++] = t;
	}
	return 0;
}
