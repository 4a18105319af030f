// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Positions of files end to end, and diagnostics as they are printed. */
#include "test.h"

#include <stdint.h>
#include <stdlib.h>

#include "asm/src.h"
#include "core/buf.h"

static uint32_t add(struct src *s, const char *path, const char *text)
{
	return src_add(s, path, text, strlen(text));
}

static void check_loc(struct src *s, uint32_t pos, const char *path, unsigned int line,
		      unsigned int col, const char *text)
{
	struct src_loc loc = src_locate(s, pos);

	CHECK_STR(loc.path, path);
	CHECK_INT(loc.line, line);
	CHECK_INT(loc.col, col);
	CHECK_INT(loc.len, strlen(text));
	CHECK(memcmp(loc.text, text, loc.len) == 0);
}

static void positions_go_from_file_to_file(void)
{
	auto_src struct src *s = src_new();
	uint32_t a = add(s, "a", "one\ntwo\n\nfour"), b = add(s, "b", ""), c = add(s, "c", "\nx\n");

	CHECK_INT(a, 1);
	CHECK_INT(b, a + 13 + 1);
	CHECK_INT(c, b + 1);
	check_loc(s, a, "a", 1, 1, "one");
	check_loc(s, a + 3, "a", 1, 4, "one"); /* the newline belongs to its line */
	check_loc(s, a + 4, "a", 2, 1, "two");
	check_loc(s, a + 8, "a", 3, 1, "");
	check_loc(s, a + 13, "a", 4, 5, "four"); /* the end */
	check_loc(s, b, "b", 1, 1, "");
	check_loc(s, c + 1, "c", 2, 1, "x");
	check_loc(s, c + 3, "c", 3, 1, "");
	check_loc(s, 0, "a", 1, 1, "one");	 /* no position */
	check_loc(s, UINT32_MAX, "c", 3, 1, ""); /* beyond all */
	check_loc(s, a + 5, "a", 2, 2, "two");	 /* and back */
	check_loc(s, a, "a", 1, 1, "one");
	CHECK_STR(src_text(s, a + 4), "two\n\nfour");
	CHECK_INT(src_len(s, a + 4), 9);
	CHECK_STR(src_text(s, b), "");
}

static void any_order_gives_the_same(void)
{
	auto_src struct src *s = src_new();
	auto_buf struct buf b = { 0 };
	uint32_t pos;

	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d\n", i);
	pos = src_add(s, "n", b.data, b.len);
	for (uint32_t i = 0, at = 0; i < 5000; i++, at = (at * 7919 + 13) % (uint32_t)b.len) {
		struct src_loc loc = src_locate(s, pos + at);

		CHECK_INT(strtol(loc.text, NULL, 10) + 1, loc.line);
		CHECK_INT(loc.text + loc.col - 1 - src_text(s, pos), at);
	}
}

static void files_have_limits(void)
{
	auto_src struct src *s = src_new();

	CHECK_INT(src_add(s, "large", "", SRC_MAX_BYTES + 1), 0);
	CHECK_INT(add(s, "a", ""), 1);
}

static void check_rendered(struct src *s, const char *want)
{
	auto_buf struct buf b = { 0 };
	const struct diag *d;
	size_t n = src_diags(s, &d);

	for (size_t i = 0; i < n; i++)
		src_render(s, &d[i], &b);
	CHECK_STR(buf_str(&b), want);
}

static void diagnostics_show_the_place(void)
{
	auto_src struct src *s = src_new();
	uint32_t pos = add(s, "add.bpf", "r0 = 1\n\tr11 = 5 ; x\nexit");

	CHECK_INT(src_error(s, pos + 8, 3, "unknown register '%s'", "r11"), -22);
	CHECK_INT(src_hint(s, "registers are r0 to r%d", 10), -22);
	src_note(s, pos, 2, "as here");
	src_warn(s, "unused", pos + 20, 100, "never reached");
	src_error(s, pos + 24, 1, "at the end");
	CHECK_INT(src_errors(s), 2);
	check_rendered(s, "add.bpf:2:2: error: unknown register 'r11'\n"
			  "\tr11 = 5 ; x\n"
			  "\t^~~\n"
			  "  hint: registers are r0 to r10\n"
			  "add.bpf:1:1: note: as here\n"
			  "r0 = 1\n"
			  "^~\n"
			  "add.bpf:3:1: warning: never reached [-Wunused]\n"
			  "exit\n"
			  "^~~~\n"
			  "add.bpf:3:5: error: at the end\n"
			  "exit\n"
			  "    ^\n");
}

static void diagnostics_come_in_file_order(void)
{
	auto_src struct src *s = src_new();
	uint32_t a = add(s, "a", "x\ny\nz\n"), b = add(s, "b", "w\n");
	const struct diag *d;

	src_error(s, b, 1, "in b");
	src_error(s, a + 4, 1, "third");
	src_note(s, b, 1, "of third");
	src_note(s, a, 1, "of third too");
	src_error(s, a, 1, "first");
	src_warn(s, "w", a, 1, "second");
	CHECK_INT(src_diags(s, &d), 6);
	CHECK_STR(d[0].text, "first");
	CHECK_STR(d[1].text, "second");
	CHECK_STR(d[2].text, "third");
	CHECK_STR(d[3].text, "of third");
	CHECK_STR(d[4].text, "of third too");
	CHECK_STR(d[5].text, "in b");
}

static void hints_belong_to_what_was_kept(void)
{
	auto_src struct src *s = src_new();
	uint32_t a = add(s, "a", "x\n");
	const struct diag *d;

	CHECK_INT(src_hint(s, "to nothing"), -22);
	src_note(s, a, 1, "of nothing");
	for (int i = 0; i < SRC_MAX_ERRORS + 5; i++) {
		CHECK(src_is_full(s) == (i >= SRC_MAX_ERRORS));
		src_error(s, a, 1, "error %d", i);
		src_hint(s, "hint %d", i);
		src_note(s, a, 1, "note %d", i);
	}
	CHECK_INT(src_errors(s), SRC_MAX_ERRORS + 5);
	CHECK_INT(src_diags(s, &d), 2 * SRC_MAX_ERRORS);
	CHECK_STR(d[2 * SRC_MAX_ERRORS - 2].hint, "hint 999");
	for (int i = 0; i < SRC_MAX_ERRORS + 5; i++)
		src_warn(s, "w", a, 1, "warning %d", i);
	CHECK_INT(src_diags(s, &d), 3 * SRC_MAX_ERRORS);
}

static void terminals_are_safe(void)
{
	auto_src struct src *s = src_new();
	uint32_t a = add(s, "a", "\x1b[2J\x01x\r\nv\xc3\xa4lue x\r\n");

	src_error(s, a + 5, 1, "here");
	src_error(s, a + 15, 1, "behind two bytes that are one character");
	check_rendered(s, "a:1:6: error: here\n"
			  "?[2J?x\n"
			  "     ^\n"
			  "a:2:8: error: behind two bytes that are one character\n"
			  "v\xc3\xa4lue x\n"
			  "      ^\n");
}

static void long_lines_are_cut(void)
{
	auto_src struct src *s = src_new();
	auto_buf struct buf text = { 0 }, out = { 0 };
	const struct diag *d;
	uint32_t a;

	buf_fill(&text, 'x', 100000);
	buf_adds(&text, "HERE");
	buf_fill(&text, 'y', 100000);
	a = src_add(s, "a", text.data, text.len);
	src_error(s, a + 100000, 4, "in the middle");
	src_error(s, a, 200004, "all of it");
	src_error(s, a + 200004, 1, "the end");
	src_diags(s, &d);
	for (int i = 0; i < 3; i++)
		src_render(s, &d[i], &out);
	CHECK(out.len < 3 * 400);
	CHECK(strstr(buf_str(&out), "xxxHEREyyy"));
	CHECK(strstr(buf_str(&out), "   ^~~~\n"));
}

static const struct test tests[] = {
	{ "positions go from file to file", positions_go_from_file_to_file },
	{ "any order of questions gives the same", any_order_gives_the_same },
	{ "files have limits", files_have_limits },
	{ "diagnostics show the place", diagnostics_show_the_place },
	{ "diagnostics come in file order, notes behind", diagnostics_come_in_file_order },
	{ "hints belong to what was kept", hints_belong_to_what_was_kept },
	{ "control characters do not reach the terminal", terminals_are_safe },
	{ "long lines are cut around the place", long_lines_are_cut },
};
TEST_MAIN(tests)
