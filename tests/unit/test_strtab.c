// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* String tables. */
#include "test.h"

#include <stdlib.h>

#include "asm/strtab.h"

static void a_string_is_there_once(void)
{
	struct strtab t = {};
	uint32_t a = strtab_adds(&t, "xdp"), b = strtab_adds(&t, "xdp_md");

	CHECK_INT(a, 1);
	CHECK_INT(b, 5);
	CHECK_INT(strtab_adds(&t, "xdp"), a);
	CHECK_INT(strtab_add(&t, "xdp_md", 3), a);
	CHECK_INT(strtab_adds(&t, ""), 0);
	CHECK_INT(strtab_adds(&t, NULL), 0);
	CHECK_INT(t.bytes.len, 12);
	CHECK(memcmp(t.bytes.data, "\0xdp\0xdp_md", 12) == 0);
	CHECK_INT(strtab_error(&t), 0);
	strtab_free(&t);
}

static void an_empty_table_is_one_byte_once_asked(void)
{
	struct strtab t = {};

	CHECK_INT(strtab_adds(&t, ""), 0);
	CHECK_INT(t.bytes.len, 1);
	strtab_free(&t);
}

static void many_strings_are_found_again(void)
{
	static uint32_t off[100000];
	struct strtab t = {};
	char s[32];
	size_t wrong = 0;

	for (int i = 0; i < 100000; i++) {
		snprintf(s, sizeof(s), "name_%d", i);
		off[i] = strtab_adds(&t, s);
		wrong += i && off[i] <= off[i - 1];
	}
	for (int i = 0; i < 100000; i++) {
		snprintf(s, sizeof(s), "name_%d", i);
		wrong += strtab_adds(&t, s) != off[i] || strcmp(t.bytes.data + off[i], s) != 0;
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(strtab_error(&t), 0);
	strtab_free(&t);
}

static void text_stops_at_its_limit_and_names_do_not(void)
{
	struct strtab t = {};

	CHECK_INT(strtab_text(&t, "abc", 3, 9), 1);
	CHECK_INT(strtab_text(&t, "def", 3, 9), 5);
	CHECK_INT(strtab_text(&t, "", 0, 9), 0);
	CHECK_INT(strtab_text(&t, "ghi", 3, 9), 0);
	CHECK_INT(strtab_text(&t, "abc", 3, 9), 1);
	CHECK_INT(strtab_adds(&t, "ghi"), 9);
	CHECK_INT(strtab_text(&t, "jkl", 3, 9), 0);
	CHECK_INT(strtab_error(&t), 0);
	strtab_free(&t);
}

static void a_very_large_table_still_finds_its_first_texts(void)
{
	struct strtab t = {};
	uint32_t first = strtab_text(&t, "first", 5, UINT32_MAX);
	char s[32];
	int len;

	for (int i = 0; i < 200000; i++) {
		len = snprintf(s, sizeof(s), "line %d", i);
		strtab_text(&t, s, (size_t)len, UINT32_MAX);
	}
	CHECK_INT(strtab_text(&t, "first", 5, UINT32_MAX), first);
	CHECK(strtab_text(&t, s, (size_t)len, UINT32_MAX) != 0);
	CHECK_INT(strtab_error(&t), 0);
	strtab_free(&t);
}

static const struct test tests[] = {
	{ "a string is in the table once", a_string_is_there_once },
	{ "an empty table holds the empty string", an_empty_table_is_one_byte_once_asked },
	{ "many strings are found again, offsets ascend", many_strings_are_found_again },
	{ "text stops at its limit, names do not", text_stops_at_its_limit_and_names_do_not },
	{ "a very large table finds its first texts",
	  a_very_large_table_still_finds_its_first_texts },
};
TEST_MAIN(tests)
