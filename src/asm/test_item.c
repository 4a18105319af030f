// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lines of a test: keywords, maps and variables by name. */
#include <errno.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/decl_test.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "core/mem.h"

/* --- names --- */

/* In a file of tests about another one, names are looked up when that is there. */
static bool knows_names(const struct parser *p)
{
	return !p->u->target.path;
}

static int take_name(struct parser *p, struct test_item *it, const char *what)
{
	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, what);
	it->name_pos = pos_of(p, &p->lex.tok);
	it->name_len = p->lex.tok.len;
	it->name = decl_name(p, &p->lex.tok);
	if (!it->name)
		return -ENOMEM;
	lex_next(&p->lex);
	return 0;
}

/* The name of a declaration of this source. */
static int take_declared(struct parser *p, struct test_item *it, unsigned int kind,
			 const char *what)
{
	struct tok name = p->lex.tok;
	const struct decl *d = tok_is_name(&name) ? decl_find(p, &name) : NULL;
	struct near near;
	int err = take_name(p, it, what);

	if (err || !knows_names(p) || (d && d->kind == kind))
		return err;
	near_begin(&near, name.s, name.len);
	near_decls(p, &near, 1u << kind);
	return fail_unknown(p, &name, what, &near);
}

/* A struct of this source, which the tested object then has in its BTF. */
static int take_struct(struct parser *p, struct test_item *it, const char *what)
{
	struct tok name = p->lex.tok;
	const struct decl *d;
	struct near near;
	int err = take_name(p, it, "a name");

	if (err)
		return err;
	d = decl_of_type(p, it->name);
	it->type = d && d->state == DECL_DONE ? d->nr : 0;
	if (d || !knows_names(p))
		return 0;
	near_begin(&near, name.s, name.len);
	near_decls(p, &near, 1u << DECL_TYPE);
	return fail_unknown(p, &name, what, &near);
}

/* ".field[3].x" behind a name or a key, as it stands. */
static int take_path(struct parser *p, const char **path)
{
	const char *s = p->lex.tok.s, *end = s;

	*path = "";
	if (p->lex.tok.kind != '.' && p->lex.tok.kind != '[')
		return 0;
	while (*end == '.' || *end == '[' || *end == ']' || lex_is_label_char(*end))
		end++;
	*path = pool_str(&p->u->pool, s, (size_t)(end - s));
	if (!*path)
		return fail_memory(p);
	p->lex.s = end;
	lex_next(&p->lex);
	return 0;
}

/* --- parts of lines --- */

static int take_op(struct parser *p, struct test_item *it)
{
	static const struct {
		int token;
		enum test_op op;
	} ops[] = {
		{ '=', TEST_EQ },  { T_EQ, TEST_EQ }, { T_NE, TEST_NE }, { '<', TEST_LT },
		{ T_LE, TEST_LE }, { '>', TEST_GT },  { T_GE, TEST_GE },
	};

	for (size_t i = 0; i < countof(ops); i++) {
		if (p->lex.tok.kind != ops[i].token)
			continue;
		if (!it->expect && ops[i].token != '=')
			return fail_expected(p, "'='");
		it->op = ops[i].op;
		lex_next(&p->lex);
		return 0;
	}
	return fail_expected(p, it->expect ? "= != < <= > or >=" : "'='");
}

static int take_op_value(struct parser *p, struct test_item *it)
{
	int err = take_op(p, it);

	return err ? err : test_value_read(p, &it->value, true);
}

static int take_number(struct parser *p, struct test_item *it, uint64_t max, const char *what)
{
	struct value v = { .len = 0 };
	int err;

	accept(p, '=');
	err = expr_in(p, &v, 0, max, what);
	it->value.kind = TEST_NUM;
	it->value.num = v.num;
	it->value.pos = v.s ? lex_pos(&p->lex, v.s) : it->pos;
	it->value.len = v.len;
	return err;
}

static int take_text(struct parser *p, struct test_item *it)
{
	accept(p, '=');
	if (p->lex.tok.kind != T_STR)
		return fail_expected(p, "a string");
	return test_value_read(p, &it->value, false);
}

/* --- given and expected, by keyword; the token is behind it --- */

static int item_prog(struct parser *p, struct test_item *it)
{
	return take_declared(p, it, DECL_PROG, "program");
}

/* ctx { mark = 7 }, ctx openat_args { fd = 3 }; expect ctx.mark = 7 */
static int item_ctx(struct parser *p, struct test_item *it)
{
	int err = 0;

	if (it->expect) {
		if (p->lex.tok.kind != '.')
			return fail_expected(p, "ctx.FIELD");
		err = take_path(p, &it->path);
		return err ? err : take_op_value(p, it);
	}
	if (tok_is_name(&p->lex.tok))
		err = take_struct(p, it, "struct");
	if (!err && p->lex.tok.kind != '{')
		err = fail_expected(p, "'{'");
	return err ? err : test_value_read(p, &it->value, false);
}

static int item_set(struct parser *p, struct test_item *it)
{
	int err = take_declared(p, it, DECL_VAR, "variable");

	if (!err)
		err = take_path(p, &it->path);
	return err ? err : take_op_value(p, it);
}

static int item_clock(struct parser *p, struct test_item *it)
{
	accept(p, '=');
	return test_duration_read(p, &it->value);
}

static int item_u32(struct parser *p, struct test_item *it)
{
	return take_number(p, it, UINT32_MAX, "the value");
}

static int item_u64(struct parser *p, struct test_item *it)
{
	return take_number(p, it, UINT64_MAX, "the value");
}

/* WORLD_CPUS of the mock kernel */
static int item_cpu(struct parser *p, struct test_item *it)
{
	return take_number(p, it, 63, "the CPU");
}

static int item_repeat(struct parser *p, struct test_item *it)
{
	int err = take_number(p, it, 1000000, "repeat");

	if (!err && !it->value.num.mag)
		err = src_error(p->src, it->value.pos, it->value.len, "repeat 0 runs nothing");
	return err;
}

static int item_comm(struct parser *p, struct test_item *it)
{
	int err = take_text(p, it);

	if (!err && it->value.text_len > 15)
		return src_error(p->src, it->value.pos, it->value.len,
				 "a comm has at most 15 characters");
	return err;
}

/* object t : task_struct { pid = 7 } */
static int item_object(struct parser *p, struct test_item *it)
{
	struct tok type;
	int err = take_name(p, it, "a name for the object");

	if (!err)
		err = need(p, ':', "':'");
	if (err)
		return err;
	type = p->lex.tok;
	if (type.kind != T_NAME)
		return fail_expected(p, "a struct of the kernel");
	it->path = decl_name(p, &type);
	lex_next(&p->lex);
	if (p->lex.tok.kind != '{')
		return fail_expected(p, "'{'");
	return it->path ? test_value_read(p, &it->value, false) : -ENOMEM;
}

static int item_retval(struct parser *p, struct test_item *it)
{
	int err = take_op(p, it);
	struct value v = { .len = 0 };

	if (err)
		return err;
	err = expr_in(p, &v, INT64_MIN, UINT64_MAX, "the value");
	it->value.kind = TEST_NUM;
	it->value.num = v.num;
	return err;
}

/* count(drops) = 3 */
static int item_count(struct parser *p, struct test_item *it)
{
	int err = need(p, '(', "'('");

	if (!err)
		err = take_declared(p, it, DECL_MAP, "map");
	if (!err)
		err = need(p, ')', "')'");
	return err ? err : item_retval(p, it);
}

/* event drop { sport = 7 }; event drop */
static int item_event(struct parser *p, struct test_item *it)
{
	int err = take_struct(p, it, "event");

	if (err)
		return err;
	return p->lex.tok.kind == '{' ? test_value_read(p, &it->value, false) : 0;
}

static int item_text(struct parser *p, struct test_item *it)
{
	return take_text(p, it);
}

static int item_redirect(struct parser *p, struct test_item *it)
{
	return item_retval(p, it);
}

enum { GIVEN = 1, EXPECTED = 2, ONCE = 4 };

static const struct {
	const char *word;
	enum test_item_kind kind;
	unsigned int where;
	int (*read)(struct parser *p, struct test_item *it);
} item_rows[] = {
	{ "prog", ITEM_PROG, GIVEN | ONCE, item_prog },
	{ "packet", ITEM_PACKET, GIVEN | EXPECTED | ONCE, test_packet_read },
	{ "ctx", ITEM_CTX, GIVEN | EXPECTED, item_ctx },
	{ "set", ITEM_SET, GIVEN, item_set },
	{ "clock", ITEM_CLOCK, GIVEN | ONCE, item_clock },
	{ "pid", ITEM_PID, GIVEN | ONCE, item_u32 },
	{ "tid", ITEM_TID, GIVEN | ONCE, item_u32 },
	{ "uid", ITEM_UID, GIVEN | ONCE, item_u32 },
	{ "gid", ITEM_GID, GIVEN | ONCE, item_u32 },
	{ "cgroup", ITEM_CGROUP, GIVEN | ONCE, item_u64 },
	{ "cpu", ITEM_CPU, GIVEN | ONCE, item_cpu },
	{ "seed", ITEM_SEED, GIVEN | ONCE, item_u64 },
	{ "repeat", ITEM_REPEAT, GIVEN | ONCE, item_repeat },
	{ "comm", ITEM_COMM, GIVEN | ONCE, item_comm },
	{ "object", ITEM_OBJECT, GIVEN, item_object },
	{ "retval", ITEM_RETVAL, EXPECTED, item_retval },
	{ "count", ITEM_COUNT, EXPECTED, item_count },
	{ "event", ITEM_EVENT, EXPECTED, item_event },
	{ "printk", ITEM_PRINTK, EXPECTED, item_text },
	{ "redirect", ITEM_REDIRECT, EXPECTED | ONCE, item_redirect },
	{ "fault", ITEM_FAULT, EXPECTED | ONCE, item_text },
};

/* arg0 = 7: the number; false: it is no argument. */
static bool is_arg(const struct tok *t, uint32_t *n)
{
	if (t->len < 4 || t->len > 5 || memcmp(t->s, "arg", 3) != 0)
		return false;
	*n = 0;
	for (uint32_t i = 3; i < t->len; i++) {
		if (t->s[i] < '0' || t->s[i] > '9')
			return false;
		*n = *n * 10 + (uint32_t)(t->s[i] - '0');
	}
	return true;
}

static int read_arg(struct parser *p, struct test_item *it)
{
	if (it->count > 11) /* MAX_BPF_FUNC_ARGS */
		return fail(p, &p->lex.tok, "there are arg0 to arg11");
	if (it->expect)
		return fail(p, &p->lex.tok, "an argument is given, not expected");
	it->kind = ITEM_ARG;
	lex_next(&p->lex);
	return take_op_value(p, it);
}

/* The token is no keyword: what it could have been. */
static int fail_item(struct parser *p, bool expect)
{
	const struct tok *t = &p->lex.tok;
	struct near near;

	near_begin(&near, t->s, t->len);
	for (size_t i = 0; i < countof(item_rows); i++)
		if (item_rows[i].where & (expect ? EXPECTED : GIVEN))
			near_try(&near, item_rows[i].word, strlen(item_rows[i].word));
	if (!expect)
		near_try(&near, "expect", 6);
	if (knows_names(p))
		near_decls(p, &near, 1u << DECL_MAP | (expect ? 1u << DECL_VAR : 0));
	if (!tok_is_name(t))
		return fail_expected(p, expect ? "what is expected" : "what is given, or expect");
	return fail_unknown(p, t, expect ? "expectation" : "line of a test", &near);
}

/* drops[0] = 1, drops[0] absent, queue[] = 5 */
static int read_map(struct parser *p, struct test_item *it)
{
	int err = take_declared(p, it, DECL_MAP, "map");

	it->kind = ITEM_MAP;
	if (err)
		return err;
	lex_next(&p->lex); /* [ */
	if (p->lex.tok.kind != ']')
		err = test_value_read(p, &it->key, true);
	if (!err)
		err = need(p, ']', "']'");
	if (!err && it->expect)
		err = take_path(p, &it->path);
	if (err)
		return err;
	if (it->expect && tok_is(&p->lex.tok, "absent")) {
		it->absent = true;
		lex_next(&p->lex);
		return 0;
	}
	return take_op_value(p, it);
}

/* A map's entry, or (expected) a variable: what begins with a name of the source. */
static int read_named(struct parser *p, struct test_item *it)
{
	const struct decl *d;

	if (!tok_is_name(&p->lex.tok))
		return fail_item(p, it->expect);
	d = knows_names(p) ? decl_find(p, &p->lex.tok) : NULL;
	if (lex_peek(&p->lex) == '[' && !(d && d->kind == DECL_VAR))
		return read_map(p, it);
	if (d && d->kind == DECL_MAP)
		return fail(p, &p->lex.tok, "a map has entries: %.*s[KEY]", (int)d->name.len,
			    d->name.s);
	if (!it->expect && d && d->kind == DECL_VAR)
		return fail(p, &p->lex.tok, "a variable is given by set %.*s = VALUE",
			    (int)d->name.len, d->name.s);
	if (!it->expect || (knows_names(p) && !d))
		return fail_item(p, it->expect);
	it->kind = ITEM_SET;
	return item_set(p, it);
}

int test_item_read(struct parser *p, struct test_item *it, struct test_seen *r)
{
	struct tok word;
	size_t i = 0;
	int err;

	if (tok_is(&p->lex.tok, "expect")) {
		it->expect = r->has_expect = true;
		lex_next(&p->lex);
	}
	word = p->lex.tok;
	if (is_arg(&word, &it->count))
		return read_arg(p, it);
	while (i < countof(item_rows) && !tok_is(&word, item_rows[i].word))
		i++;
	if (i == countof(item_rows) || lex_peek(&p->lex) == '[')
		return read_named(p, it);
	it->kind = item_rows[i].kind;
	r->has_prog |= it->kind == ITEM_PROG;
	if (!(item_rows[i].where & (it->expect ? EXPECTED : GIVEN)))
		return fail(p, &word,
			    it->expect ? "%s is given, not expected"
				       : "%s is expected, not given: expect %s",
			    item_rows[i].word, item_rows[i].word);
	if (item_rows[i].where & ONCE && r->rows[it->expect] >> i & 1)
		return fail(p, &word, "%s is said twice", item_rows[i].word);
	lex_next(&p->lex);
	err = item_rows[i].read(p, it);
	if (!err) /* what is wrong has not been said */
		r->rows[it->expect] |= 1u << i;
	return err;
}
