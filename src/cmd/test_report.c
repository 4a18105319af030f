// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Results of tests as lines, rows, TAP (version 13) and JUnit's XML. */
#include "cmd/test_report.h"

#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/test_cover.h"
#include "core/utf8.h"

struct reporter {
	struct ctx *ctx;
	const struct report_format *format;
	size_t total, n;
	char *file;
	/* JUnit: the suite of a file is written when its numbers are known. */
	struct buf suite;
	struct tally tally;
};

enum { ROWS = REPORT_NONE, LINES = -1, SILENT = -2 };

struct report_format {
	int report; /* ctx->report; ROWS, LINES, or SILENT */
	void (*begin)(struct reporter *r);
	void (*file)(struct reporter *r);
	void (*test)(struct reporter *r, const struct tested *t);
	void (*bail)(struct reporter *r, const struct err *e);
	void (*end)(struct reporter *r, const struct tally *t);
};

static const char *const words[] = {
	[TEST_PASSED] = "pass",
	[TEST_FAILED] = "fail",
	[TEST_SKIPPED] = "skip",
	[TEST_ERROR] = "error",
};

void tally_test(struct tally *t, const struct test_result *r)
{
	t->passed += r->status == TEST_PASSED;
	t->failed += r->status == TEST_FAILED;
	t->skipped += r->status == TEST_SKIPPED;
	t->errors += r->status == TEST_ERROR;
	t->ns += r->ns;
}

static size_t tally_total(const struct tally *t)
{
	return t->passed + t->failed + t->skipped + t->errors;
}

const struct out_col test_cols[] = {
	{ "status", "STATUS", K_STR, "pass, fail, skip or error", 0 },
	{ "test", "TEST", K_STR, "its name", 0 },
	{ "file", "FILE", K_STR, "where it stands", 0 },
	{ "line", "LINE", K_UINT, "the line it begins at", 0 },
	{ "prog", "PROG", K_STR, "the program it runs", 0 },
	{ "time", "TIME", K_NS, "nanoseconds from loading to the last expectation", 0 },
	{ "reason", "REASON", K_STR, "why it was skipped, or could not be run", 0 },
	{ "detail", "DETAIL", K_STR, "with an error: the line it is about, a hint", OUT_JSON_ONLY },
	{ "trace", "TRACE", K_STR, "with --trace: every instruction and what it changed",
	  OUT_JSON_ONLY },
	{ "failures", "FAILURES", K_LIST,
	  "expectations that were not met: line, column, source, what, expected, got, detail", 0 },
	OUT_END,
};

/* ---- for people --------------------------------------------------------------------------- */

static const struct out_col line_cols[] = {
	{ "line", "LINE", K_LINE, "text", 0 },
	OUT_END,
};

static void indent(struct buf *to, const char *text, const char *with)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		buf_addf(to, "%s%.*s\n", with, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static const char *trim(const char *s)
{
	return s + strspn(s, " \t");
}

/* The error and the expectations that were not met. */
static void add_failures(struct buf *to, const struct tested *t, const char *with)
{
	if (t->result->status == TEST_ERROR) {
		indent(to, t->result->reason, with);
		indent(to, t->result->detail ?: "", with);
	}
	for (size_t i = 0; i < t->result->n; i++) {
		const struct test_failure *f = &t->result->failures[i];

		buf_addf(to, "%s%s:%u: %s\n", with, t->file, f->line, trim(f->source));
		buf_addf(to, "%s  %s: expected %s\n", with, f->what, f->want);
		buf_addf(to, "%s  %*s  got      %s\n", with, (int)strlen(f->what), "", f->got);
		if (f->detail) {
			auto_free char *deeper = xasprintf("%s    ", with);

			indent(to, f->detail, deeper);
		}
	}
}

static void lines_begin(struct reporter *r)
{
	out_begin(r->ctx->out, line_cols, OUT_STREAM);
}

static void lines_file(struct reporter *r)
{
	out_lines(r->ctx->out, "line", r->file, strlen(r->file));
}

static const char *trace_of(const struct tested *t)
{
	return buf_str((struct buf *)(uintptr_t)&t->result->trace);
}

static void lines_test(struct reporter *r, const struct tested *t)
{
	auto_buf struct buf b = {};

	buf_addf(&b, "  %s  %s", words[t->result->status], t->name);
	if (t->result->status == TEST_SKIPPED)
		buf_addf(&b, "  # %s", t->result->reason);
	buf_addc(&b, '\n');
	add_failures(&b, t, "        ");
	indent(&b, trace_of(t), "        ");
	out_lines(r->ctx->out, "line", b.data, b.len);
}

static void add_time(struct buf *to, uint64_t ns)
{
	if (ns < 10000000)
		buf_addf(to, "%.1f ms", (double)ns / 1e6);
	else if (ns < 10000000000)
		buf_addf(to, "%.0f ms", (double)ns / 1e6);
	else
		buf_addf(to, "%.1f s", (double)ns / 1e9);
}

static void lines_end(struct reporter *r, const struct tally *t)
{
	size_t n = tally_total(t);
	auto_buf struct buf b = {};

	if (r->ctx->quiet)
		return;
	buf_addf(&b, "%zu test%s: %zu passed, %zu failed, %zu skipped, ", n, n == 1 ? "" : "s",
		 t->passed, t->failed, t->skipped);
	if (t->errors)
		buf_addf(&b, "%zu not run, ", t->errors);
	add_time(&b, t->ns);
	buf_addc(&b, '\n');
	out_lines(r->ctx->out, "line", b.data, b.len);
}

/* ---- for programs ------------------------------------------------------------------------- */

static void rows_begin(struct reporter *r)
{
	out_begin(r->ctx->out, test_cols, OUT_STREAM);
}

static void put_failures(struct out *out, const struct test_result *result)
{
	out_list(out, "failures");
	for (size_t i = 0; i < result->n; i++) {
		const struct test_failure *f = &result->failures[i];

		if (out_is_text(out)) {
			out_fmt(out, NULL, "line %u: %s: expected %s, got %s", f->line, f->what,
				f->want, f->got);
			continue;
		}
		out_map(out, NULL);
		out_uint(out, "line", f->line);
		out_uint(out, "column", f->col);
		out_str(out, "source", f->source);
		out_str(out, "what", f->what);
		out_str(out, "expected", f->want);
		out_str(out, "got", f->got);
		if (f->detail)
			out_str(out, "detail", f->detail);
		out_close(out);
	}
	out_close(out);
}

static void rows_test(struct reporter *r, const struct tested *t)
{
	struct out *out = r->ctx->out;

	out_row(out);
	out_str(out, "status", words[t->result->status]);
	out_str(out, "test", t->name);
	out_str(out, "file", t->file);
	out_uint(out, "line", t->line);
	out_str(out, "prog", t->prog);
	out_uint(out, "time", t->result->ns);
	if (t->result->reason)
		out_str(out, "reason", t->result->reason);
	if (t->result->detail && !out_is_text(out))
		out_str(out, "detail", t->result->detail);
	if (t->result->trace.len && !out_is_text(out))
		out_strn(out, "trace", t->result->trace.data, t->result->trace.len);
	if (t->result->n)
		put_failures(out, t->result);
}

/* ---- TAP ---------------------------------------------------------------------------------- */

static void raw(struct reporter *r, const struct buf *b)
{
	out_raw(r->ctx->out, b->data, b->len);
}

static void tap_begin(struct reporter *r)
{
	auto_buf struct buf b = {};

	buf_addf(&b, "TAP version 13\n1..%zu\n", r->total);
	raw(r, &b);
}

/* A description has no '#', which begins a directive, and no newline. */
static void tap_text(struct buf *to, const char *s)
{
	for (; *s; s++) {
		if (*s == '#' || *s == '\\')
			buf_addc(to, '\\');
		buf_addc(to, (unsigned char)*s < ' ' ? ' ' : *s);
	}
}

static void tap_test(struct reporter *r, const struct tested *t)
{
	auto_buf struct buf b = {}, detail = {};

	buf_addf(&b, "%sok %zu - ",
		 t->result->status == TEST_FAILED || t->result->status == TEST_ERROR ? "not " : "",
		 ++r->n);
	tap_text(&b, t->name);
	if (t->result->status == TEST_SKIPPED) {
		buf_adds(&b, " # SKIP ");
		tap_text(&b, t->result->reason ?: "");
	}
	buf_addc(&b, '\n');
	add_failures(&detail, t, "");
	indent(&b, buf_str(&detail), "# ");
	indent(&b, trace_of(t), "# ");
	raw(r, &b);
}

static void tap_bail(struct reporter *r, const struct err *e)
{
	auto_buf struct buf b = {};

	buf_adds(&b, "Bail out! ");
	tap_text(&b, e->what);
	buf_addc(&b, '\n');
	raw(r, &b);
}

/* ---- JUnit -------------------------------------------------------------------------------- */

/* Text and attributes of XML 1.0: UTF-8 without control characters. */
static void xml_text(struct buf *to, const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(s + i, len - i);
		unsigned char c = (unsigned char)s[i];

		if (c == '<' || c == '>' || c == '&' || c == '"')
			buf_addf(to, "&#%d;", c);
		else if (c == '\n')
			buf_adds(to, "&#10;");
		else if (n == 0 || (c < ' ' && c != '\t') || c == 0x7f)
			buf_addc(to, '?');
		else
			buf_add(to, s + i, n);
		i += n ? n : 1;
	}
}

static void xml_attr(struct buf *to, const char *name, const char *value)
{
	buf_addf(to, " %s=\"", name);
	xml_text(to, value);
	buf_addc(to, '"');
}

static void junit_begin(struct reporter *r)
{
	static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";

	out_raw(r->ctx->out, head, sizeof(head) - 1);
}

static void junit_close_suite(struct reporter *r)
{
	const struct tally *t = &r->tally;
	auto_buf struct buf b = {};

	if (!r->suite.len)
		return;
	buf_adds(&b, "<testsuite");
	xml_attr(&b, "name", r->file);
	buf_addf(&b,
		 " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
		 "time=\"%.6f\">\n",
		 tally_total(t), t->failed, t->errors, t->skipped, (double)t->ns / 1e9);
	buf_add(&b, r->suite.data, r->suite.len);
	buf_adds(&b, "</testsuite>\n");
	raw(r, &b);
	r->suite.len = 0;
	r->tally = (struct tally){};
}

static void junit_test(struct reporter *r, const struct tested *t)
{
	static const char *const elements[] = {
		[TEST_FAILED] = "failure",
		[TEST_SKIPPED] = "skipped",
		[TEST_ERROR] = "error",
	};
	const struct test_result *result = t->result;
	const char *element = elements[result->status];
	auto_buf struct buf detail = {};
	struct buf *b = &r->suite;

	tally_test(&r->tally, result);
	buf_adds(b, "<testcase");
	xml_attr(b, "name", t->name);
	xml_attr(b, "classname", t->prog);
	xml_attr(b, "file", t->file);
	buf_addf(b, " line=\"%u\" time=\"%.6f\"", t->line, (double)result->ns / 1e9);
	if (!element) {
		buf_adds(b, "/>\n");
		return;
	}
	buf_addf(b, "><%s", element);
	xml_attr(b, "message", result->reason ?: result->n ? result->failures[0].what : "");
	buf_addc(b, '>');
	add_failures(&detail, t, "");
	xml_text(b, buf_str(&detail));
	buf_addf(b, "</%s></testcase>\n", element);
}

static void junit_end(struct reporter *r, const struct tally *t)
{
	static const char foot[] = "</testsuites>\n";

	(void)t;
	junit_close_suite(r);
	out_raw(r->ctx->out, foot, sizeof(foot) - 1);
}

static void junit_bail(struct reporter *r, const struct err *e)
{
	(void)e;
	junit_end(r, NULL);
}

/* ---- coverage ----------------------------------------------------------------------------- */

/* Lines that were not reached: "12-14, 20". */
static void add_missed(struct buf *to, const struct cover_line *lines, size_t n)
{
	bool any = false;

	for (size_t i = 0, end; i < n; i = end) {
		end = i + 1;
		if (lines[i].insns_hit)
			continue;
		while (end < n && !lines[end].insns_hit)
			end++;
		buf_addf(to, "%s%u", any ? ", " : "  not reached: line ", lines[i].line);
		if (end - i > 1)
			buf_addf(to, "-%u", lines[end - 1].line);
		any = true;
	}
	if (any)
		buf_addc(to, '\n');
}

/* Lines at whose jumps only one way was gone. */
static void add_half(struct buf *to, const struct cover_line *lines, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!lines[i].insns_hit || lines[i].branches_hit == lines[i].branches)
			continue;
		buf_addf(to, "%s%u", any ? ", " : "  only one way: line ", lines[i].line);
		any = true;
	}
	if (any)
		buf_addc(to, '\n');
}

static unsigned int percent(uint32_t part, uint32_t whole)
{
	return whole ? (unsigned int)(100ull * part / whole) : 100;
}

static void add_file(struct buf *to, const struct cover_line *lines, size_t n)
{
	struct cover_line sum = {};
	uint32_t hit = 0;

	for (size_t i = 0; i < n; i++) {
		sum.insns += lines[i].insns;
		sum.insns_hit += lines[i].insns_hit;
		sum.branches += lines[i].branches;
		sum.branches_hit += lines[i].branches_hit;
		hit += lines[i].insns_hit > 0;
	}
	buf_addf(to,
		 "%s: %u%% of %zu lines, %u%% of %u instructions, %u%% of %u branches reached\n",
		 lines->file, percent(hit, (uint32_t)n), n, percent(sum.insns_hit, sum.insns),
		 sum.insns, percent(sum.branches_hit, sum.branches), sum.branches);
	add_missed(to, lines, n);
	add_half(to, lines, n);
}

void report_coverage(struct reporter *r, const struct cover *c)
{
	auto_free struct cover_line *lines = NULL;
	size_t n = cover_lines(c, &lines);
	auto_buf struct buf b = {}, comment = {};

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && lines[end].file == lines[i].file;)
			end++;
		add_file(&b, lines + i, end - i);
	}
	if (r->format->report == REPORT_TAP) {
		indent(&comment, buf_str(&b), "# ");
		raw(r, &comment);
	} else if (r->format->report == LINES) {
		out_lines(r->ctx->out, "line", b.data, b.len);
	}
}

const struct out_col cover_cols[] = {
	{ "file", "FILE", K_STR, "a source", 0 },
	{ "line", "LINE", K_UINT, "a line of it with code", 0 },
	{ "count", "COUNT", K_UINT, "how often it was executed", 0 },
	{ "insns", "INSNS", K_UINT, "instructions made of it", 0 },
	{ "insns_hit", "REACHED", K_UINT, "of those, reached", 0 },
	{ "branches", "BRANCHES", K_UINT, "ways at its conditional jumps, two at each", 0 },
	{ "branches_hit", "GONE", K_UINT, "of those, gone", 0 },
	OUT_END,
};

void put_coverage(struct out *out, const struct cover *c)
{
	auto_free struct cover_line *lines = NULL;
	size_t n = cover_lines(c, &lines);

	out_begin(out, cover_cols, OUT_ROWS);
	for (size_t i = 0; i < n; i++) {
		out_row(out);
		out_str(out, "file", lines[i].file);
		out_uint(out, "line", lines[i].line);
		out_uint(out, "count", lines[i].executed);
		out_uint(out, "insns", lines[i].insns);
		out_uint(out, "insns_hit", lines[i].insns_hit);
		out_uint(out, "branches", lines[i].branches);
		out_uint(out, "branches_hit", lines[i].branches_hit);
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

static const struct report_format formats[] = {
	{ REPORT_TAP, tap_begin, NULL, tap_test, tap_bail, NULL },
	{ REPORT_JUNIT, junit_begin, NULL, junit_test, junit_bail, junit_end },
	{ LINES, lines_begin, lines_file, lines_test, NULL, lines_end },
	{ ROWS, rows_begin, NULL, rows_test, NULL, NULL },
	{ SILENT, NULL, NULL, NULL, NULL, NULL },
};

struct reporter *reporter_new(struct ctx *ctx, size_t total, bool silent)
{
	struct reporter *r = xcalloc(1, sizeof(*r));
	int report = ctx->report;

	if (report == ROWS && out_format(ctx->out) == OUT_TABLE)
		report = LINES;
	else if (report == ROWS && silent)
		report = SILENT;
	r->ctx = ctx;
	r->total = total;
	r->format = formats;
	while (r->format->report != report)
		r->format++;
	if (r->format->begin)
		r->format->begin(r);
	return r;
}

void reporter_freep(struct reporter **rp)
{
	struct reporter *r = *rp;

	if (!r)
		return;
	buf_free(&r->suite);
	free(r->file);
	freep(rp);
}

void report_file(struct reporter *r, const char *file)
{
	if (r->format->report == REPORT_JUNIT)
		junit_close_suite(r);
	free(r->file);
	r->file = xstrdup(file);
	if (r->format->file)
		r->format->file(r);
}

void report_test(struct reporter *r, const struct tested *t)
{
	if (!r->format->test)
		return;
	r->format->test(r, t);
	out_flush(r->ctx->out);
}

void report_bail(struct reporter *r, const struct err *e)
{
	if (r->format->bail)
		r->format->bail(r, e);
	out_flush(r->ctx->out);
}

void report_end(struct reporter *r, const struct tally *t)
{
	if (r->format->end)
		r->format->end(r, t);
}
