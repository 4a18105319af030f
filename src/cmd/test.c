// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test: run the test blocks of files. */
#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/stream.h"
#include "cmd/test_report.h"
#include "core/err.h"
#include "core/filewatch.h"
#include "core/mem.h"
#include "core/test_cover.h"

struct test_args {
	struct words files;
	bool list, kernel, diff, trace, coverage, watch;
	struct stream_args stream;
	const char *filter, *html;
};

static const struct opt test_opts[] = {
	OPERAND(struct test_args, files, OPT_WORDS, "FILE", "sources with test blocks",
		.flags = OPT_REQUIRED | OPT_PATHS),
	OPTION(struct test_args, filter, OPT_STR, "filter", 0, "GLOB",
	       "only tests whose name matches"),
	FLAG(struct test_args, list, "list", 0, "say which tests there are, run none"),
	FLAG(struct test_args, kernel, "kernel", 0,
	     "on the real kernel, by BPF_PROG_TEST_RUN, instead of the mock"),
	FLAG(struct test_args, diff, "diff", 0, "on both, and compare what came of it",
	     .excludes = "kernel"),
	FLAG(struct test_args, trace, "trace", 0,
	     "every instruction with the registers it changes (mock)", .excludes = "kernel"),
	FLAG(struct test_args, coverage, "coverage", 0,
	     "which lines and branches were reached (mock)", .excludes = "kernel"),
	OPTION(struct test_args, html, OPT_STR, "coverage-html", 0, "FILE",
	       "the same as a page with the source", .excludes = "kernel"),
	FLAG(struct test_args, watch, "watch", 0,
	     "again whenever a source, object or capture beside FILE is written"),
	OPTION(struct test_args, stream.count, OPT_U64, "count", 0, "N",
	       "with --watch: end after N times"),
	OPTION(struct test_args, stream.for_ns, OPT_DURATION, "for", 0, "TIME",
	       "with --watch: end after this time"),
	OPTION(struct test_args, stream.ready_file, OPT_FILE, "ready-file", 0, "PATH",
	       "with --watch: make this file when writing would be seen"),
	OPT_END,
};

/* Files that have been read. */
struct suite {
	struct ctx *ctx;
	const struct test_args *args;
	struct tests **files;
	size_t n, total; /* tests that match */
	struct tally tally;
	struct cover cover;
};

static void suite_free(struct suite *s)
{
	cover_free(&s->cover);
	for (size_t i = 0; i < s->n; i++)
		tests_freep(&s->files[i]);
	free(s->files);
}
#define auto_suite __attribute__((cleanup(suite_free)))

static bool matches(const struct test_args *a, const char *name)
{
	return !a->filter || fnmatch(a->filter, name, 0) == 0;
}

/* All files are read before the first test is run: one that is wrong is told at once. */
static int read_files(struct suite *s, struct err *e)
{
	s->files = xcalloc(s->args->files.n, sizeof(struct tests *));
	for (size_t i = 0; i < s->args->files.n; i++) {
		struct tests *t = tests_open(s->args->files.v[i], e);

		if (!t)
			return -EINVAL;
		s->files[s->n++] = t;
		warn_lines(s->ctx, tests_warnings(t));
		for (size_t k = 0; k < tests_count(t); k++)
			s->total += matches(s->args, test_name(t, k));
	}
	if (s->total)
		return 0;
	if (s->args->filter)
		return err_absent(e, "no test has a name like '%s'", s->args->filter);
	return err_absent(e, "%s has no tests", s->args->files.v[0]);
}

/* ---- listing ------------------------------------------------------------------------------ */

static const struct out_col list_cols[] = {
	{ "test", "TEST", K_STR, "its name", 0 },
	{ "prog", "PROG", K_STR, "the program it runs", 0 },
	{ "file", "FILE", K_STR, "where it stands", 0 },
	{ "line", "LINE", K_UINT, "the line it begins at", 0 },
	OUT_END,
};

static void list(const struct suite *s)
{
	struct out *out = s->ctx->out;

	out_begin(out, list_cols, OUT_ROWS);
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < tests_count(s->files[i]); k++) {
			if (!matches(s->args, test_name(s->files[i], k)))
				continue;
			out_row(out);
			out_str(out, "test", test_name(s->files[i], k));
			out_str(out, "prog", test_prog(s->files[i], k));
			out_str(out, "file", s->args->files.v[i]);
			out_uint(out, "line", test_line(s->files[i], k));
		}
	}
}

/* ---- running ------------------------------------------------------------------------------ */

static void say(void *arg, enum sys_level level, const char *text)
{
	const struct ctx *ctx = arg;

	(void)level;
	if (ctx->debug)
		warn(ctx, "libbpf: %s", text);
}

static int run_test(struct suite *s, struct reporter *r, size_t file, size_t i, struct err *e)
{
	const struct test_args *a = s->args;
	struct test_opts opts = {
		.where = a->diff     ? TEST_ON_MOCK | TEST_ON_KERNEL
			 : a->kernel ? TEST_ON_KERNEL
				     : TEST_ON_MOCK,
		.say = say,
		.arg = s->ctx,
		.btf = s->ctx->btf,
		.cover = a->coverage || a->html ? &s->cover : NULL,
		.trace = a->trace,
	};
	auto_test_result struct test_result result = {};
	struct tested t = {
		.file = s->args->files.v[file],
		.name = test_name(s->files[file], i),
		.prog = test_prog(s->files[file], i),
		.line = test_line(s->files[file], i),
		.result = &result,
	};
	int ret = test_run(s->files[file], i, &opts, &result, e);

	if (ret < 0)
		return ret;
	tally_test(&s->tally, &result);
	report_test(r, &t);
	return 0;
}

static int run_file(struct suite *s, struct reporter *r, size_t file, struct err *e)
{
	bool said = false;

	for (size_t i = 0; i < tests_count(s->files[file]); i++) {
		if (!matches(s->args, test_name(s->files[file], i)))
			continue;
		if (!said)
			report_file(r, s->args->files.v[file]);
		said = true;
		if (run_test(s, r, file, i, e) < 0)
			return -EINVAL;
	}
	return 0;
}

static int run_all(struct suite *s, struct err *e)
{
	auto_reporter struct reporter *r = reporter_new(s->ctx, s->total, s->args->coverage);
	int ret = 0;

	for (size_t i = 0; i < s->n && ret == 0; i++)
		ret = run_file(s, r, i, e);
	if (ret < 0) {
		report_bail(r, e);
		return ret;
	}
	if (s->args->coverage)
		report_coverage(r, &s->cover);
	report_end(r, &s->tally);
	if (s->args->coverage && out_format(s->ctx->out) != OUT_TABLE)
		put_coverage(s->ctx->out, &s->cover);
	if (s->args->html && cover_html(&s->cover, s->args->html, e) < 0)
		return -EINVAL;
	s->ctx->status = s->tally.failed || s->tally.errors ? ERR_FAILED : 0;
	return 0;
}

/* ---- again and again ---------------------------------------------------------------------- */

/* Reads and runs everything anew; errors are told and do not end it. */
static void run_anew(struct ctx *ctx, const struct test_args *a, struct filewatch *w)
{
	auto_suite struct suite s = { .ctx = ctx, .args = a };
	struct err e = {}, ignored = {};
	int r = read_files(&s, &e);

	for (size_t i = 0; i < s.n; i++)
		filewatch_add(w, tests_program(s.files[i]), &ignored);
	if (r == 0)
		r = run_all(&s, &e);
	if (r < 0) {
		ctx->status = (int)e.class;
		warn_lines(ctx, e.detail ?: "");
		warn(ctx, "%s", e.what);
	}
	out_flush(ctx->out);
	err_clear(&e);
	err_clear(&ignored);
}

/* 1: something was written; 0: it is time to end. */
static int wait_for_change(struct filewatch *w, struct until *until, struct err *e)
{
	struct pollfd fds[] = {
		{ .fd = filewatch_fd(w), .events = POLLIN },
		{ .fd = until_fd(until), .events = POLLIN },
	};

	while (!until_check(until)) {
		if (filewatch_changed(w))
			return 1;
		if (poll(fds, countof(fds), until_timeout(until)) < 0 && errno != EINTR)
			return err_sys(e, "cannot wait for files");
	}
	return 0;
}

static int watch(struct ctx *ctx, const struct test_args *a, struct err *e)
{
	auto_filewatch struct filewatch *w = filewatch_new(e);
	auto_until struct until *until = w ? stream_begin(&a->stream, e) : NULL;
	int r = until ? 0 : -EIO;

	for (size_t i = 0; i < a->files.n && r == 0; i++)
		r = filewatch_add(w, a->files.v[i], e);
	if (r == 0)
		r = stream_ready(&a->stream, until, e);
	for (uint64_t runs = 1; r >= 0; runs++) {
		run_anew(ctx, a, w);
		if (runs == a->stream.count)
			return 0;
		r = wait_for_change(w, until, e);
		if (r <= 0)
			return r;
	}
	return r;
}

static int test_command(struct ctx *ctx, const void *args, struct err *e)
{
	auto_suite struct suite s = { .ctx = ctx, .args = args };
	int r;

	if (s.args->watch)
		return watch(ctx, args, e);
	r = read_files(&s, e);
	if (r < 0)
		return r;
	if (!s.args->list)
		return run_all(&s, e);
	list(&s);
	return 0;
}

const struct cmd cmd_test = {
	.name = "test",
	.brief = "run the test blocks of program files",
	.opts = test_opts,
	.cols = test_cols,
	.shape = OUT_STREAM,
	.args_size = sizeof(struct test_args),
	.run = test_command,
	.reports = true,
};
