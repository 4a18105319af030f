// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON in and out: exact integers, valid UTF-8, errors with a place. */
#include "test.h"

#include <math.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/jsonw.h"
#include "core/mem.h"
#include "core/val.h"

/* What comes back from text read and written again; static storage. */
static const char *again(const char *text, bool pretty)
{
	static char result[1024];
	auto_val struct val v = {};
	auto_buf struct buf b = {};
	struct jsonw j = { .to = &b, .pretty = pretty };
	struct err e = {};

	if (json_parse(text, strlen(text), "t", &v, &e) < 0) {
		snprintf(result, sizeof(result), "error: %s", e.what);
		return result;
	}
	jsonw_val(&j, &v);
	snprintf(result, sizeof(result), "%s", buf_str(&b));
	return result;
}

static void documents_come_back_as_they_were(void)
{
	static const char *const same[] = {
		"null",
		"true",
		"0",
		"-1",
		"\"\"",
		"[]",
		"{}",
		"[1,[2,[3]],{}]",
		"{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
		"18446744073709551615",
		"-9223372036854775808",
		"9223372036854775808",
		"[1234567890123456789,12345678901234567890]",
		"0.1",
		"1e+300",
		"-2.5",
		"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d\"",
		"\"\\u0000\\u001f\\n\\t\\\\\\\"\"",
		"\"12345678901234567890\"",
		"\"\xee\x80\x80"
		"12345678901234567890\"", /* the reader's own mark */
	};

	for (size_t i = 0; i < countof(same); i++)
		CHECK_STR(again(same[i], false), same[i]);
	CHECK_STR(again("\"\\ue0005\"", false), "\"\xee\x80\x80"
						"5\"");
	CHECK_STR(again(" [ 1 , 2 ] ", false), "[1,2]");
	CHECK_STR(again("\"\\/\"", false), "\"/\"");
}

static void pretty_is_indented_by_two(void)
{
	CHECK_STR(again("{\"a\":[1,{\"b\":2}],\"c\":[],\"d\":{}}", true),
		  "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": [],\n"
		  "  \"d\": {}\n}");
}

static void wrong_documents_are_refused_with_a_place(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "error: t:1:0: '[' or '{' expected near end of file" },
		{ "[1,", "error: t:1:3: ']' expected near end of file" },
		{ "{\"a\":1,\n\"a\":2}", "error: t:2:3: duplicate object key near '\"a\"'" },
		{ "18446744073709551616",
		  "error: t: 18446744073709551616 does not fit in 64 bits" },
		{ "-9223372036854775809",
		  "error: t: -9223372036854775809 does not fit in 64 bits" },
	};

	for (size_t i = 0; i < countof(cases); i++)
		if (i) /* the wording for nothing at all is jansson's, and differs by version */
			CHECK_STR(again(cases[i].text, false), cases[i].error);
		else
			CHECK(strncmp(again("", false), "error: t:1:0:", 13) == 0);
	CHECK(strncmp(again("[01]", false), "error:", 6) == 0);
	CHECK(strncmp(again("\"\xff\"", false), "error:", 6) == 0);
	CHECK(strncmp(again("nul", false), "error:", 6) == 0);
}

static void nesting_has_a_limit(void)
{
	char text[400];

	memset(text, '[', 150);
	memset(text + 150, ']', 150);
	text[300] = '\0';
	CHECK_STR(again(text, false), "error: t: nested deeper than 64 levels");
}

static const char *str(const char *s, size_t len)
{
	static char result[256];
	auto_buf struct buf b = {};
	struct jsonw j = { .to = &b };

	jsonw_str(&j, s, len);
	snprintf(result, sizeof(result), "%s", buf_str(&b));
	return result;
}

static void any_bytes_become_valid_utf8(void)
{
#define BAD "\xef\xbf\xbd"
	CHECK_STR(str("a\xff"
		      "b",
		      3),
		  "\"a" BAD "b\"");
	CHECK_STR(str("\xc3", 1), "\"" BAD "\"");
	CHECK_STR(str("\xc0\x80", 2), "\"" BAD BAD "\"");	  /* overlong NUL */
	CHECK_STR(str("\xed\xa0\x80", 3), "\"" BAD BAD BAD "\""); /* a surrogate */
	CHECK_STR(str("\xf4\x90\x80\x80", 4), "\"" BAD BAD BAD BAD "\"");
	CHECK_STR(str("\x00\x7f\r", 3), "\"\\u0000\\u007f\\r\"");
}

static const char *number(double d)
{
	static char result[64];
	auto_buf struct buf b = {};
	struct jsonw j = { .to = &b };

	jsonw_double(&j, d);
	snprintf(result, sizeof(result), "%s", buf_str(&b));
	return result;
}

static void doubles_are_exact_and_finite(void)
{
	CHECK_STR(number(0.1), "0.1");
	CHECK_STR(number(1.0 / 3), "0.3333333333333333");
	CHECK_STR(number((double)NAN), "null");
	CHECK_STR(number((double)INFINITY), "null");
}

static void maps_find_and_replace_their_keys(void)
{
	auto_val struct val m = { .kind = V_MAP };
	auto_val struct val copy = {};
	char key[16];

	for (int i = 0; i < 100; i++) {
		struct val v = val_int(i);

		snprintf(key, sizeof(key), "k%d", i % 50);
		CHECK_INT(val_put(&m, key, &v), 0);
	}
	CHECK_INT(m.seq.n, 50);
	CHECK_INT(val_get(&m, "k7")->u, 57);
	CHECK(!val_get(&m, "k50"));
	CHECK(!val_get(val_get(&m, "k7"), "k"));
	CHECK_INT(val_copy(&copy, &m), 0);
	CHECK(val_equal(&copy, &m));
	val_drop(&copy.seq.v[3]);
	CHECK(!val_equal(&copy, &m));
}

/* Every number of digits, and both ends of it. */
static void numbers_have_their_digits(void)
{
	char text[U64_TEXT + 1], want[32];
	uint64_t v = 1;

	for (int digits = 1; digits <= 20; digits++, v *= 10) {
		const uint64_t near[] = { v - 1, v, v + 1, v + 12345,
					  digits < 20 ? v * 9 : UINT64_MAX };

		for (size_t i = 0; i < countof(near); i++) {
			text[u64_text(text, near[i])] = '\0';
			snprintf(want, sizeof(want), "%llu", (unsigned long long)near[i]);
			CHECK_STR(text, want);
		}
	}
	for (uint32_t n = 0; n < 200000; n++) {
		uint64_t odd = (uint64_t)n * 0x9e3779b97f4a7c15u >> n % 64;

		text[u64_text(text, odd)] = '\0';
		snprintf(want, sizeof(want), "%llu", (unsigned long long)odd);
		if (strcmp(text, want) != 0)
			FAIL("%s is not %s", text, want);
	}
}

static const struct test tests[] = {
	{ "numbers have their digits", numbers_have_their_digits },
	{ "documents come back as they were", documents_come_back_as_they_were },
	{ "pretty is indented by two", pretty_is_indented_by_two },
	{ "wrong documents are refused with a place", wrong_documents_are_refused_with_a_place },
	{ "nesting has a limit", nesting_has_a_limit },
	{ "any bytes become valid UTF-8", any_bytes_become_valid_utf8 },
	{ "doubles are exact and finite", doubles_are_exact_and_finite },
	{ "maps find and replace their keys", maps_find_and_replace_their_keys },
};
TEST_MAIN(tests)
