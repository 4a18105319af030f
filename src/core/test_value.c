// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of tests: to bytes, to text, and compared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/jsonw.h"
#include "core/mem.h"
#include "core/test_priv.h"
#include "core/val.h"

/* ---- to bytes ----------------------------------------------------------------------------- */

static int to_val(const struct test_value *v, struct val *to)
{
	int r = 0;

	switch (v->kind) {
	case TEST_NUM:
		*to = v->num.neg ? val_int((int64_t)(0 - v->num.mag)) : val_uint(v->num.mag);
		return 0;
	case TEST_STR:
	case TEST_WORD:
		return val_set_str(to, v->text, v->text_len);
	case TEST_LIST:
	case TEST_STRUCT:
		to->kind = v->kind == TEST_LIST ? V_LIST : V_MAP;
		for (uint32_t i = 0; i < v->n && !r; i++) {
			auto_val struct val item = {};

			r = to_val(&v->fields[i].value, &item);
			if (!r && v->kind == TEST_LIST)
				r = val_append(to, &item);
			else if (!r)
				r = val_put(to, v->fields[i].name, &item);
		}
		return r;
	default:
		return -EINVAL;
	}
}

static int encode_fields(const struct codec *c, const struct test_value *v, uint8_t *data,
			 struct err *e)
{
	for (uint32_t i = 0; i < v->n; i++) {
		auto_codec struct codec *field = NULL;
		uint32_t off;
		int r;

		field = codec_field(c, v->fields[i].name, &off, e);
		if (!field)
			return -EINVAL;
		r = test_encode(field, &v->fields[i].value, data + off, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Fields are given by their paths, which reach deeper than those of JSON. */
int test_encode(const struct codec *c, const struct test_value *v, void *data, struct err *e)
{
	auto_val struct val val = {};
	int r;

	if (v->kind == TEST_STRUCT && !codec_is_bytes(c))
		return encode_fields(c, v, data, e);
	if (v->kind == TEST_PROG || v->kind == TEST_MAP)
		return err_input(e, "a %s is a value of other maps",
				 v->kind == TEST_PROG ? "program" : "map");
	r = to_val(v, &val);
	if (r < 0)
		return err_code(e, r, "no memory for a value");
	return codec_from_val(c, &val, data, e);
}

/* ---- to text ------------------------------------------------------------------------------ */

static void show_val(const struct val *v, struct buf *to)
{
	struct jsonw j = { .to = to };

	if (v->kind == V_STR && v->str.s)
		buf_add(to, v->str.s, v->str.len);
	else
		jsonw_val(&j, v);
}

void test_show(const struct codec *c, const void *data, size_t len, struct buf *to)
{
	auto_val struct val v = {};

	if (codec_val(c, data, len, &v) == 0)
		show_val(&v, to);
}

void test_show_value(const struct test_value *v, struct buf *to)
{
	auto_val struct val val = {};

	if (v->kind == TEST_PROG || v->kind == TEST_MAP)
		buf_addf(to, "%s %s", v->kind == TEST_PROG ? "prog" : "map", v->text);
	else if (to_val(v, &val) == 0)
		show_val(&val, to);
}

/* ---- comparing ---------------------------------------------------------------------------- */

bool test_holds(enum test_op op, int order)
{
	switch (op) {
	case TEST_NE:
		return order != 0;
	case TEST_LT:
		return order < 0;
	case TEST_LE:
		return order <= 0;
	case TEST_GT:
		return order > 0;
	case TEST_GE:
		return order >= 0;
	default:
		return order == 0;
	}
}

/* Less, equal or more; what has no order is only equal or not. */
static int order_of(const struct val *a, const struct val *b, bool *ordered)
{
	bool numbers = (a->kind == V_UINT || a->kind == V_INT || a->kind == V_DOUBLE) &&
		       (b->kind == V_UINT || b->kind == V_INT || b->kind == V_DOUBLE);
	double x, y;

	*ordered = numbers;
	if (val_equal(a, b))
		return 0;
	if (!numbers)
		return 1;
	if (a->kind == V_UINT && b->kind == V_UINT)
		return a->u < b->u ? -1 : 1;
	if (a->kind == V_INT && b->kind == V_INT)
		return a->i < b->i ? -1 : 1;
	x = a->kind == V_DOUBLE ? a->d : a->kind == V_INT ? -1 : 1;
	y = b->kind == V_DOUBLE ? b->d : b->kind == V_INT ? -1 : 1;
	return x < y ? -1 : 1;
}

void test_show_op(enum test_op op, struct buf *to)
{
	static const char *const texts[] = {
		[TEST_NE] = "not ",	  [TEST_LT] = "less than ", [TEST_LE] = "at most ",
		[TEST_GT] = "more than ", [TEST_GE] = "at least ",
	};

	if (op > TEST_EQ)
		buf_adds(to, texts[op]);
}

static int compare_scalar(struct test_job *j, const struct test_item *it, const char *what,
			  const struct codec *c, const struct test_value *v, const void *data,
			  struct err *e)
{
	auto_free uint8_t *wanted = xcalloc(1, codec_size(c) + 8);
	auto_val struct val want = {}, got = {};
	struct buf want_text = {}, got_text = {};
	bool ordered;
	int r = test_encode(c, v, wanted, e);

	if (r < 0)
		return r;
	if (codec_val(c, wanted, codec_size(c), &want) || codec_val(c, data, codec_size(c), &got))
		return err_code(e, ENOMEM, "no memory for a value");
	r = order_of(&got, &want, &ordered);
	if (it->op > TEST_NE && !ordered)
		return err_input(e, "%s has no order: = and != are for it", what);
	if (test_holds(it->op, r))
		return 0;
	test_show_op(it->op, &want_text);
	show_val(&want, &want_text);
	show_val(&got, &got_text);
	test_fail(j, it, what, buf_take(&want_text), buf_take(&got_text), NULL);
	return 0;
}

int test_compare(struct test_job *j, const struct test_item *it, const char *what,
		 const struct codec *c, const struct test_value *v, const void *data, struct err *e)
{
	if (v->kind != TEST_STRUCT || it->op > TEST_EQ)
		return compare_scalar(j, it, what, c, v, data, e);
	for (uint32_t i = 0; i < v->n; i++) {
		const struct test_field *f = &v->fields[i];
		auto_free char *name =
			xasprintf("%s%s%s", what, *f->name == '[' ? "" : ".", f->name);
		auto_codec struct codec *field = NULL;
		uint32_t off;
		int r;

		field = codec_field(c, f->name, &off, e);
		if (!field)
			return -EINVAL;
		r = test_compare(j, it, name, field, &f->value, (const uint8_t *)data + off, e);
		if (r < 0)
			return r;
	}
	return 0;
}
