// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows chosen, ordered and cut; and rows as samples. */
#include "test.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/out.h"
#include "core/val.h"

static const struct out_col cols[] = {
	{ "id", "ID", K_UINT, "number", 0 },
	{ "name", "NAME", K_STR, "text", 0 },
	{ "size", "SIZE", K_BYTES, "bytes", 0 },
	{ "key", "KEY", K_MAP, "a map", OUT_LABEL | OUT_BARE },
	{ "raw", "RAW", K_ANY, "bytes", OUT_JSON_ONLY },
	OUT_END,
};

static char result[4096];
static struct err failure;

static void fill(struct out *o, enum out_shape shape)
{
	static const char *const names[] = { "b", "a", "d", "c" };

	out_begin(o, cols, shape);
	for (unsigned int i = 0; i < countof(names) && !out_error(o); i++) {
		out_row(o);
		out_uint(o, "id", i);
		out_str(o, "name", names[i]);
		if (i != 1)
			out_uint(o, "size", 1024 * (i + 1));
		out_map(o, "key");
		out_str(o, "addr", i < 2 ? "10.0.0.1" : "2.0.0.1");
		out_list(o, "l");
		out_int(o, NULL, -1);
		out_close(o);
		out_close(o);
		out_bytes(o, "raw", "\x0a", 1);
	}
}

static const char *render(enum out_format format, enum out_shape shape, struct out_view view)
{
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, format, false);
	struct err e = {};
	ssize_t n;

	err_clear(&failure);
	out_set_name(o, "m");
	if (out_set_view(o, &view, &failure) == 0) {
		fill(o, shape);
		out_view_check(o, &failure);
	}
	CHECK_INT(out_end(o, &e), 0);
	n = pread(fd, result, sizeof(result) - 1, 0);
	result[n < 0 ? 0 : n] = '\0';
	return result;
}
#define VIEW(...) ((struct out_view){ __VA_ARGS__ })

static void rows_are_chosen(void)
{
	CHECK_STR(render(OUT_PLAIN, OUT_ROWS,
			 VIEW(.where = "id >= 1 && name != d", .columns = "name")),
		  "a\nc\n");
	CHECK_STR(render(OUT_PLAIN, OUT_ROWS, VIEW(.limit = 2, .columns = "name,id")),
		  "b\t0\na\t1\n");
	CHECK_STR(render(OUT_PLAIN, OUT_STREAM, VIEW(.limit = 1, .columns = "name")), "b\n");
	CHECK_STR(render(OUT_PLAIN, OUT_ROWS, VIEW(.sort = "name", .columns = "name")),
		  "a\nb\nc\nd\n");
	CHECK_STR(render(OUT_PLAIN, OUT_ROWS, VIEW(.sort = "-size", .columns = "id")),
		  "3\n2\n0\n1\n");
	CHECK_STR(render(OUT_PLAIN, OUT_ROWS, VIEW(.sort = "key.addr,-name", .columns = "id,name")),
		  "2\td\n3\tc\n0\tb\n1\ta\n");
	CHECK_STR(render(OUT_PLAIN, OUT_ROWS,
			 VIEW(.sort = "-id", .limit = 2, .where = "id != 3", .columns = "id")),
		  "2\n1\n");
	CHECK_STR(render(OUT_TABLE, OUT_ROWS, VIEW(.limit = 1, .columns = "size,key.addr,raw")),
		  "  SIZE  KEY.ADDR  RAW\n1.0KiB  10.0.0.1  0a\n");
	CHECK_STR(render(OUT_CSV, OUT_ROWS, VIEW(.limit = 1, .columns = "key.l")),
		  "key.l\r\n-1\r\n");
	CHECK_STR(
		render(OUT_JSON, OUT_ROWS, VIEW(.where = "raw == 0x0a", .limit = 1)),
		"[{\"id\":0,\"name\":\"b\",\"size\":1024,\"key\":{\"addr\":\"10.0.0.1\",\"l\":[-1]},"
		"\"raw\":[\"0x0a\"]}]\n");
	CHECK_STR(render(OUT_JSONL, OUT_ROWS,
			 VIEW(.where = "size", .columns = "key.l[0],id", .limit = 1)),
		  "{\"key.l[0]\":-1,\"id\":0}\n");
	CHECK_STR(render(OUT_JSON, OUT_ROWS, VIEW(.where = "id > 9")), "[]\n");
	CHECK_STR(render(OUT_JSON, OUT_ONE, VIEW(.where = "id > 9")), "null\n");
}

static void wrong_views(void)
{
	static const struct {
		struct out_view view;
		enum out_shape shape;
		const char *text;
	} cases[] = {
		{ { .where = "nam == x" }, OUT_ROWS, "there is no column 'nam'" },
		{ { .sort = "id,-nam" }, OUT_ROWS, "there is no column 'nam'" },
		{ { .columns = "id,nam" }, OUT_ROWS, "there is no column 'nam'" },
		{ { .columns = "id,,name" }, OUT_ROWS, "a column without name in" },
		{ { .sort = "-" }, OUT_ROWS, "a column without name in" },
		{ { .where = "id >" }, OUT_ROWS, "expected a value" },
		{ { .sort = "id" }, OUT_STREAM, "cannot be sorted" },
		{ { .where = "key.nosuch == 1" }, OUT_ROWS, "no row has a field 'key.nosuch'" },
		{ { .where = "nosuch == 1" }, OUT_STREAM, "no row has a field 'nosuch'" },
		{ { .columns = "id,key.x" }, OUT_ROWS, "no row has a field 'key.x'" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		render(OUT_JSON, cases[i].shape, cases[i].view);
		if (failure.class != ERR_USAGE || !strstr(failure.what, cases[i].text))
			FAIL("case %zu: %s", i, failure.what);
	}
	render(OUT_JSON, OUT_ROWS, VIEW(.where = "nam == x"));
	CHECK_STR(failure.hint, "did you mean 'name'?");
	/* A column that is there, though no row has it, is no mistake. */
	render(OUT_JSON, OUT_ROWS, VIEW(.where = "id == 1 and size == null"));
	CHECK_INT(failure.class, ERR_NONE);
}

static void a_limit_ends_streams(void)
{
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, OUT_JSONL, false);
	struct err e = {};

	CHECK_INT(out_set_view(o, &VIEW(.limit = 2), &e), 0);
	out_begin(o, cols, OUT_STREAM);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(out_error(o), 0);
		out_row(o);
		out_uint(o, "id", 1);
		out_flush(o);
	}
	CHECK_INT(out_error(o), ECANCELED);
	CHECK_INT(out_end(o, &e), 0);
}

/* What people mean is not always what is printed. */
static void looks_replace_rows(void)
{
	for (int wanted = 0; wanted < 2; wanted++) {
		auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
		auto_out struct out *o = out_new(fd, OUT_JSON, false);
		struct val look = { .kind = V_MAP }, seven = val_uint(7);
		struct err e = {};

		CHECK_INT(out_set_view(o, &VIEW(.where = wanted ? "id == 7" : "id == 1"), &e), 0);
		out_begin(o, cols, OUT_ROWS);
		out_row(o);
		CHECK(out_wants_look(o));
		val_put(&look, "id", &seven);
		out_look(o, &look);
		out_uint(o, "id", 1);
		CHECK_INT(out_end(o, &e), 0);
		CHECK_INT(lseek(fd, 0, SEEK_END),
			  wanted ? strlen("[{\"id\":1}]\n") : strlen("[]\n"));
	}
}

static void samples(void)
{
	CHECK_STR(render(OUT_METRICS, OUT_ROWS, VIEW(.where = "id < 2")),
		  "# TYPE m_size gauge\n"
		  "m_size{id=\"0\",name=\"b\",addr=\"10.0.0.1\",l_0=\"-1\"} 1024\n"
		  "# EOF\n");
}

static const struct test tests[] = {
	{ "rows are chosen, ordered and cut", rows_are_chosen },
	{ "views that do not fit are errors", wrong_views },
	{ "a limit ends a stream", a_limit_ends_streams },
	{ "conditions see what is meant", looks_replace_rows },
	{ "rows become samples", samples },
};
TEST_MAIN(tests)
