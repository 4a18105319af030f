// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Conditions, and the order of values. */
#include "core/err.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/val.h"
#include "core/where.h"
#include "test.h"

static const char row_text[] =
	"{\"pid\": 1200, \"comm\": \"sshd\", \"neg\": -5, \"frozen\": 0, \"up\": true, \"ratio\": 0.5,"
	" \"none\": null, \"empty\": \"\", \"big\": 18446744073709551615, \"flags\": \"0x2a\","
	" \"key\": {\"addr\": \"10.0.0.9\", \"port\": 443, \"six\": \"fe80::1\"},"
	" \"ids\": [3, 7], \"values\": [{\"n\": 1}, {\"n\": 2}], \".data\": {\"a.b\": 4}}";

static void conditions(void)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "pid > 1000 && comm == \"sshd\"", true },
		{ "pid>1000&&comm==sshd", true },
		{ "pid = 1200", true },
		{ "pid == 0x4b0", true },
		{ "pid >= 1201", false },
		{ "pid <= 1200 and not comm == cron", true },
		{ "pid < 1000 or comm ~ ss*", true },
		{ "comm !~ ss*", false },
		{ "comm ~ 'SS*'", false },
		{ "comm != sshd", false },
		{ "nosuch != sshd", true },
		{ "nosuch == sshd", false },
		{ "nosuch == null && none == null", true },
		{ "comm == null", false },
		{ "neg == -5 && neg < 0 && neg > -6", true },
		{ "big == 18446744073709551615 && big > @neg", true },
		{ "big > @neg && @x == 1", false },
		{ "big > @pid", true },
		{ "ratio < 1 && ratio > 0.25", true },
		{ "flags == 42 && flags > 41", true },
		{ "up && !frozen && !empty && !nosuch && ids", true },
		{ "up == true && up != false", true },
		{ "not up", false },
		{ "key.addr > 10.0.0.10", false },
		{ "key.addr < 10.0.0.10 && key.six == fe80:0::1", true },
		{ "key.port == 443 && (pid == 1 || (pid == 2 || pid == 1200))", true },
		{ "ids == 7 && ids != 8 && ids > 6", true },
		{ "ids[1] == 7 && ids[0] == 3 && ids[2] == null", true },
		{ "values[1].n == 2 && values[0].n != 2", true },
		{ ".data.a.b == 4", true },
		{ "pid == sshd", false },
		{ "comm > 5", false },
		{ "pid == 1 || pid == 2 && pid == 1200", false },
		{ "not pid == 1 && pid == 1200", true },
		{ "notpid == null", true },
	};
	auto_val struct val row = {};
	struct err e = {};
	struct scope s = { { &row }, 1 };

	CHECK_INT(json_parse(row_text, strlen(row_text), "row", &row, &e), 0);
	for (size_t i = 0; i < countof(cases); i++) {
		auto_where struct where *w = where_parse(cases[i].text, &e);

		if (!w)
			FAIL("%s", e.what);
		else if (where_true(w, &s) != cases[i].want)
			FAIL("%s is not %d", cases[i].text, cases[i].want);
	}
}

static void bad_conditions(void)
{
	static const char *const cases[][2] = {
		{ "", "expected a field at the end" },
		{ "pid >", "expected a value at the end (character 6)" },
		{ "pid > 1 &&", "expected a field at the end" },
		{ "(pid > 1", "expected ')'" },
		{ "pid > 1)", "expected and, or, or the end at ')'" },
		{ "pid > 1 comm", "expected and, or, or the end at 'comm'" },
		{ "== 5", "expected a field at '== 5'" },
		{ "comm == \"ssh", "expected \" at the end" },
		{ "comm == 'ssh", "expected ' at the end" },
		{ "a == 1 || || b", "expected a field at '|| b'" },
		{ "pid & 1", "expected and, or, or the end at '& 1'" },
	};
	char deep[300];
	struct err e = {};

	for (size_t i = 0; i < countof(cases); i++) {
		auto_where struct where *w = where_parse(cases[i][0], &e);

		if (w || e.class != ERR_USAGE || !strstr(e.what, cases[i][1]))
			FAIL("%s: %s", cases[i][0], w ? "accepted" : e.what);
	}
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	CHECK(!where_parse(deep, &e));
	CHECK(strstr(e.what, "too deeply"));
	memset(deep, '!', sizeof(deep) - 1);
	CHECK(!where_parse(deep, &e));
}

static void fields_are_listed(void)
{
	struct err e = {};
	auto_where struct where *w = where_parse("a == 1 and (b.c or d < @e)", &e);

	CHECK(w != NULL);
	CHECK_STR(where_field(w, 0), "a");
	CHECK_STR(where_field(w, 1), "b.c");
	CHECK_STR(where_field(w, 2), "d");
	CHECK_STR(where_field(w, 3), "e");
	CHECK(!where_field(w, 4));
}

/* Every value of the list is before all that follow it. */
static void order_is_total(void)
{
	static const char text[] =
		"[-9223372036854775808, -1, 0, 0.5, \"1\", 2, \"0x10\", "
		"18446744073709551615, \"9.0.0.1\", \"10.0.0.1\", \"::1\", \"\", "
		"\"a\", \"a.b\", \"b\", [], [1], [1, 2], [2], null]";
	auto_val struct val list = {};
	struct err e = {};

	CHECK_INT(json_parse(text, strlen(text), "list", &list, &e), 0);
	for (size_t i = 0; i < list.seq.n; i++)
		for (size_t k = 0; k < list.seq.n; k++) {
			int r = val_order(&list.seq.v[i], &list.seq.v[k]);

			if ((r > 0) - (r < 0) != (i > k) - (i < k))
				FAIL("%zu to %zu is %d", i, k, r);
		}
	CHECK_INT(val_order(NULL, NULL), 0);
	CHECK(val_order(&list.seq.v[0], NULL) < 0);
}

static const struct test tests[] = {
	{ "conditions", conditions },
	{ "conditions that are none", bad_conditions },
	{ "the fields of a condition", fields_are_listed },
	{ "values have one order", order_is_total },
};
TEST_MAIN(tests)
