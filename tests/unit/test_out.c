// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same rows in every format. */
#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/out.h"

static const struct out_col cols[] = {
	{ "id", "ID", K_UINT, "number", 0 },
	{ "name", "NAME", K_STR, "text", 0 },
	{ "size", "SIZE", K_BYTES, "bytes", 0 },
	{ "maps", "MAPS", K_LIST, "numbers", 0 },
	{ "info", "INFO", K_MAP, "a map", OUT_IF_ANY },
	{ "raw", "RAW", K_ANY, "bytes", OUT_JSON_ONLY },
	OUT_END,
};

static char result[4096];

/* What fill() writes, in static storage. */
static const char *render(enum out_format format, bool pretty, void (*fill)(struct out *))
{
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, format, pretty);
	struct err e = {};
	ssize_t n;

	fill(o);
	CHECK_INT(out_end(o, &e), 0);
	n = pread(fd, result, sizeof(result) - 1, 0);
	result[n < 0 ? 0 : n] = '\0';
	return result;
}

static void two_rows(struct out *o)
{
	out_begin(o, cols, OUT_ROWS);
	out_row(o);
	out_uint(o, "id", 7);
	out_str(o, "name", "a\tb\x01\xff");
	out_uint(o, "size", 90112);
	out_list(o, "maps");
	out_uint(o, NULL, 3);
	out_uint(o, NULL, 4);
	out_close(o);
	out_bytes(o, "raw", "\x0a\xff", 2);
	out_row(o);
	out_uint(o, "id", UINT64_MAX);
	out_str(o, "name", "x,\"y\"");
	out_map(o, "info");
	out_str(o, "s", "plain.word");
	out_str(o, "t", "two words");
	out_list(o, "l");
	out_int(o, NULL, -1);
	out_close(o);
	out_close(o);
}

static void rows_in_every_format(void)
{
	CHECK_STR(render(OUT_JSON, false, two_rows),
		  "[{\"id\":7,\"name\":\"a\\tb\\u0001\xef\xbf\xbd\",\"size\":90112,\"maps\":[3,4],"
		  "\"raw\":[\"0x0a\",\"0xff\"]},"
		  "{\"id\":18446744073709551615,\"name\":\"x,\\\"y\\\"\","
		  "\"info\":{\"s\":\"plain.word\",\"t\":\"two words\",\"l\":[-1]}}]\n");
	CHECK_STR(render(OUT_JSONL, false, two_rows),
		  "{\"id\":7,\"name\":\"a\\tb\\u0001\xef\xbf\xbd\",\"size\":90112,\"maps\":[3,4],"
		  "\"raw\":[\"0x0a\",\"0xff\"]}\n"
		  "{\"id\":18446744073709551615,\"name\":\"x,\\\"y\\\"\","
		  "\"info\":{\"s\":\"plain.word\",\"t\":\"two words\",\"l\":[-1]}}\n");
	CHECK_STR(render(OUT_PLAIN, false, two_rows),
		  "7\ta\\tb\\x01\xff\t90112\t3,4\t\n"
		  "18446744073709551615\tx,\"y\"\t\t\t{s=plain.word,t=\"two words\",l=[-1]}\n");
	CHECK_STR(
		render(OUT_CSV, false, two_rows),
		"id,name,size,maps,info\r\n"
		"7,a\tb\x01\xff,90112,\"3,4\",\r\n"
		"18446744073709551615,\"x,\"\"y\"\"\",,,\"{s=plain.word,t=\"\"two words\"\",l=[-1]}\"\r\n");
	CHECK_STR(render(OUT_TABLE, false, two_rows),
		  "                  ID  NAME      SIZE  MAPS  INFO\n"
		  "                   7  a?b??  88.0KiB  3,4   -\n"
		  "18446744073709551615  x,\"y\"        -  -     "
		  "{s=plain.word,t=\"two words\",l=[-1]}\n");
}

static void no_rows(struct out *o)
{
	out_begin(o, cols, OUT_ROWS);
}

static void nothing(struct out *o)
{
	(void)o;
}

static void shape_does_not_depend_on_the_rows(void)
{
	CHECK_STR(render(OUT_JSON, false, no_rows), "[]\n");
	CHECK_STR(render(OUT_JSON, true, no_rows), "[]\n");
	CHECK_STR(render(OUT_JSONL, false, no_rows), "");
	CHECK_STR(render(OUT_TABLE, false, no_rows), "ID  NAME  SIZE  MAPS\n");
	CHECK_STR(render(OUT_PLAIN, false, no_rows), "");
	CHECK_STR(render(OUT_JSON, false, nothing), "null\n");
	CHECK_STR(render(OUT_TABLE, false, nothing), "");
	CHECK_STR(render(OUT_JSONL, false, nothing), "");
}

static void one_object(struct out *o)
{
	out_begin(o, cols, OUT_ONE);
	out_row(o);
	out_uint(o, "id", 1);
	out_str(o, "name", "n");
}

static void one_is_an_object(void)
{
	CHECK_STR(render(OUT_JSON, false, one_object), "{\"id\":1,\"name\":\"n\"}\n");
	CHECK_STR(render(OUT_JSON, true, one_object), "{\n  \"id\": 1,\n  \"name\": \"n\"\n}\n");
	CHECK_STR(render(OUT_TABLE, false, one_object), "ID    1\nNAME  n\n");
}

static void many_rows(struct out *o)
{
	out_begin(o, cols, OUT_ROWS);
	for (unsigned int i = 0; i < OUT_LEARN + 2; i++) {
		out_row(o);
		out_uint(o, "id", i == OUT_LEARN ? 123456789 : i);
	}
}

static void a_long_table_goes_on_with_what_it_learned(void)
{
	static char big[200000];
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, OUT_TABLE, false);
	struct err e = {};

	many_rows(o);
	CHECK_INT(out_end(o, &e), 0);
	CHECK(pread(fd, big, sizeof(big) - 1, 0) > 0);
	CHECK(strstr(big, "\n  0  -        -  -     -\n"));
	CHECK(strstr(big, "\n123456789  -  "));
}

static void open_in_the_middle(struct out *o)
{
	out_begin(o, cols, OUT_ROWS);
	out_row(o);
	out_map(o, "info");
	out_list(o, "l");
	out_uint(o, NULL, 1);
}

static void what_an_error_leaves_open_is_closed(void)
{
	CHECK_STR(render(OUT_JSON, false, open_in_the_middle), "[{\"info\":{\"l\":[1]}}]\n");
}

static void a_full_disk_is_an_error(void)
{
	auto_fd int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	auto_out struct out *o = out_new(fd, OUT_JSON, false);
	struct err e = {};

	two_rows(o);
	CHECK_INT(out_end(o, &e), -28);
	CHECK_INT(e.class, ERR_FAILED);
	CHECK_STR(err_name(e.code), "ENOSPC");
}

static void discard_only_before_the_first_row(void)
{
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, OUT_JSON, false);

	out_begin(o, cols, OUT_ROWS);
	CHECK(out_discard(o));
	out_begin(o, cols, OUT_ROWS);
	out_row(o);
	CHECK(!out_discard(o));
}

static const struct out_col line_cols[] = {
	{ "line", "LINE", K_LINE, "text", 0 },
	OUT_END,
};

static char lines[200];

static void put_lines(struct out *o)
{
	out_begin(o, line_cols, OUT_ROWS);
	out_lines(o, "line", lines, strlen(lines));
}

/* At every place of lines that are longer than what is looked at in one go. */
static void lines_have_no_control_characters(void)
{
	static const char odd[] = "\x01\x1b\x1f\x7f\t\n\r\x80";

	for (size_t at = 0; at < sizeof(lines) - 1; at++) {
		char c = odd[at % (sizeof(odd) - 1)];
		bool kept = c == '\t' || c == '\n' || (unsigned char)c == 0x80;
		const char *got;

		memset(lines, 'x', sizeof(lines) - 1);
		lines[at] = c;
		got = render(OUT_TABLE, false, put_lines);
		CHECK_INT(got[at], kept ? c : '?');
		lines[at] = kept ? c : '?';
		CHECK(strncmp(got, lines, sizeof(lines) - 1) == 0);
	}
	strcpy(lines, "a\nb\n");
	CHECK_STR(render(OUT_TABLE, false, put_lines), "a\nb\n");
	CHECK_STR(render(OUT_JSON, false, put_lines), "[{\"line\":\"a\"},{\"line\":\"b\"}]\n");
	strcpy(lines, "a\nb");
	CHECK_STR(render(OUT_TABLE, false, put_lines), "a\nb\n");
}

static const struct test tests[] = {
	{ "rows in every format", rows_in_every_format },
	{ "the shape does not depend on the rows", shape_does_not_depend_on_the_rows },
	{ "one is an object", one_is_an_object },
	{ "a long table goes on with the widths it learned",
	  a_long_table_goes_on_with_what_it_learned },
	{ "what an error leaves open is closed", what_an_error_leaves_open_is_closed },
	{ "a full disk is an error", a_full_disk_is_an_error },
	{ "lines have no control characters", lines_have_no_control_characters },
	{ "discarding works only before the first row", discard_only_before_the_first_row },
};
TEST_MAIN(tests)
