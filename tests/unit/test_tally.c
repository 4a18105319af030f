// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Many values to one, and to histograms. */
#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/jsonw.h"
#include "core/mem.h"
#include "core/tally.h"
#include "core/val.h"
#include "test.h"

static void read_val(const char *text, struct val *v)
{
	struct err e = {};

	CHECK_INT(json_parse(text, strlen(text), "test", v, &e), 0);
}

static void aggregation(void)
{
	static const struct {
		const char *list;
		enum agg how;
		const char *want;
	} cases[] = {
		{ "[1,2,3]", AGG_SUM, "6" },
		{ "[1,2,4]", AGG_AVG, "2.3333333333333335" },
		{ "[3,1,2]", AGG_MIN, "1" },
		{ "[3,-1,2]", AGG_MIN, "-1" },
		{ "[3,1,2]", AGG_MAX, "3" },
		{ "[18446744073709551615,0]", AGG_MAX, "18446744073709551615" },
		{ "[18446744073709551615,1]", AGG_SUM, "1.8446744073709552e+19" },
		{ "[18446744073709551615,-1]", AGG_SUM, "18446744073709551614" },
		{ "[0.5,1]", AGG_SUM, "1.5" },
		{ "[true,true,false]", AGG_SUM, "2" },
		{ "[{\"a\":1,\"s\":\"x\"},{\"a\":2,\"s\":\"x\"}]", AGG_SUM,
		  "{\"a\":3,\"s\":\"x\"}" },
		{ "[\"x\",\"y\"]", AGG_SUM, "null" },
		{ "[\"x\",\"x\"]", AGG_MAX, "\"x\"" },
		{ "[[1,2],[3,4]]", AGG_MAX, "[3,4]" },
		{ "[]", AGG_SUM, "null" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		auto_val struct val list = {}, one = {};
		auto_buf struct buf text = {};
		struct jsonw w = { .to = &text };

		read_val(cases[i].list, &list);
		val_aggregate(&list, cases[i].how, &one);
		jsonw_val(&w, &one);
		CHECK_STR(buf_str(&text), cases[i].want);
	}
}

static void draw(enum hist_kind kind, unsigned int most, const char *list_text, struct buf *to)
{
	auto_val struct val list = {};
	auto_hist struct hist h = { .kind = kind };
	auto_free struct hist_bucket *b = NULL;
	size_t n;

	read_val(list_text, &list);
	for (size_t i = 0; i < list.seq.n; i++)
		CHECK(hist_add(&h, &list.seq.v[i], 1));
	b = hist_buckets(&h, most, &n);
	for (size_t i = 0; i < n; i++) {
		buf_addf(to, "%s", i ? " " : "");
		buf_add_s64(to, (int64_t)b[i].from);
		buf_addc(to, '-');
		if (b[i].to < 0)
			buf_add_s64(to, (int64_t)b[i].to);
		else
			buf_add_u64(to, (uint64_t)b[i].to);
		buf_addf(to, ":%d", (int)b[i].count);
	}
}

static void histograms(void)
{
	static const struct {
		enum hist_kind kind;
		unsigned int most;
		const char *list, *want;
	} cases[] = {
		{ HIST_LOG2, 0, "[0,1,2,3,4,7,8]", "0-0:1 1-1:1 2-3:2 4-7:2 8-15:1" },
		{ HIST_LOG2, 0, "[5,33]", "4-7:1 8-15:0 16-31:0 32-63:1" },
		{ HIST_LOG2, 0, "[-3,-1,0,2]", "-3--2:1 -1--1:1 0-0:1 1-1:0 2-3:1" },
		{ HIST_LOG2, 0, "[18446744073709551615]",
		  "-9223372036854775808-18446744073709551615:1" },
		{ HIST_LINEAR, 5, "[0,1,2,3,4,5,6,7,8,9]", "0-1:2 2-3:2 4-5:2 6-7:2 8-9:2" },
		{ HIST_LINEAR, 10, "[3,3,3]", "3-3:3" },
		{ HIST_LINEAR, 2, "[-10,10]", "-10-0:1 1-11:1" },
		{ HIST_LINEAR, 3, "[1.5,2.9]", "1-1:1 2-2:1" },
		{ HIST_LOG2, 0, "[]", "" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		auto_buf struct buf text = {};

		draw(cases[i].kind, cases[i].most, cases[i].list, &text);
		CHECK_STR(buf_str(&text), cases[i].want);
	}
}

static void only_numbers_count(void)
{
	static const char *const none[] = { "\"1\"", "null", "[1]", "{}" };
	auto_hist struct hist h = {};
	struct tally t = {};

	for (size_t i = 0; i < countof(none); i++) {
		auto_val struct val v = {};

		read_val(none[i], &v);
		CHECK(!tally_add(&t, &v));
		CHECK(!hist_add(&h, &v, 1));
	}
	CHECK_INT(t.n, 0);
	CHECK_INT(tally_result(&t, AGG_SUM).u, 0);
	CHECK_INT(tally_result(&t, AGG_MIN).kind, V_NULL);
}

static const struct test tests[] = {
	{ "values of all CPUs to one", aggregation },
	{ "histograms", histograms },
	{ "only numbers count", only_numbers_count },
};
TEST_MAIN(tests)
