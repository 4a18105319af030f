// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files of tests: reading them, and what is wrong with them before anything runs. */
#include "core/test.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/mock_test.h"
#include "core/source.h"
#include "core/test_diff.h"
#include "core/test_run.h"
#include "core/types.h"

/* ---- files -------------------------------------------------------------------------------- */

void tests_freep(struct tests **tp)
{
	struct tests *t = *tp;

	if (!t)
		return;
	source_freep(&t->source);
	buf_free(&t->elf);
	types_freep(&t->types);
	buf_free(&t->vmlinux);
	free(t->path);
	free(t->name);
	freep(tp);
}

/* Beside the file that names it. */
static char *beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (*name == '/' || !slash)
		return xstrdup(name);
	return xasprintf("%.*s%s", (int)(slash + 1 - path), path, name);
}

/* The program the tests are about: what the file names, or the file itself. */
static int read_program(struct tests *t, struct err *e)
{
	const struct test_target *target = source_target(t->source);
	auto_buf struct buf warnings = {};
	struct err why = {};

	if (!target->path) {
		t->name = xstrdup(t->path);
		if (source_keep_test_types(t->source))
			return err_code(e, ENOMEM, "cannot read %s", t->path);
		return source_elf(t->source, &t->elf, e);
	}
	t->name = beside(t->path, target->path);
	if (source_load(t->name, &t->elf, &warnings, &why) == 0)
		return 0;
	if (why.detail) { /* a source with errors of its own */
		*e = why;
		return -EINVAL;
	}
	source_complain(t->source, target->pos, target->len, &why);
	return source_complaints(t->source, e);
}

/* Everything that the tests name, looked for in the program. */
static void check_test(struct tests *t, struct test_job *j)
{
	struct err e = {};

	if (test_choose(j, &e) < 0) {
		source_complain(t->source, j->at->pos, j->at->len, &e);
		if (j->at->kind == ITEM_PROG)
			return;
	}
	test_ctx_begin(j);
	for (uint32_t i = 0; i < j->decl->n; i++) {
		const struct test_item *it = &j->decl->items[i];
		if (test_check_item(j, it, &e) < 0)
			source_complain(t->source, it->pos, it->len, &e);
	}
}

static int check_tests(struct tests *t, struct err *e)
{
	static const struct test_opts quiet;
	struct object_opts opts = { .name = t->name };
	auto_test_job struct test_job j = { .tests = t, .opts = &quiet };

	j.o = object_open(t->elf.data, t->elf.len, &opts, e);
	if (!j.o)
		return -EINVAL;
	for (size_t i = 0; i < t->n; i++) {
		j.decl = &t->tests[i];
		check_test(t, &j);
	}
	return source_complaints(t->source, e);
}

/*
 * Every test makes a kernel and an object and drops them again.  Giving their memory back to the
 * system each time, and asking for it again, would be a quarter of the work.
 */
static void keep_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	mallopt(M_TOP_PAD, 1 << 20);
#endif
}

struct tests *tests_open(const char *path, struct err *e)
{
	const struct source_options opts = { .cpu = source_cpu() };
	auto_tests struct tests *t = xcalloc(1, sizeof(*t));

	keep_memory();
	t->path = xstrdup(path);
	t->source = source_open(path, &opts, e);
	if (!t->source)
		return NULL;
	t->tests = source_tests(t->source, &t->n);
	if (!t->n)
		return take_ptr(t);
	if (read_program(t, e) < 0 || check_tests(t, e) < 0)
		return NULL;
	return take_ptr(t);
}

const char *tests_warnings(struct tests *t)
{
	return source_warnings(t->source);
}

const char *tests_program(const struct tests *t)
{
	return t->name ?: t->path;
}

size_t tests_count(const struct tests *t)
{
	return t->n;
}

const char *test_name(const struct tests *t, size_t i)
{
	return t->tests[i].name;
}

unsigned int test_line(const struct tests *t, size_t i)
{
	struct source_place p;

	source_place(t->source, t->tests[i].pos, &p);
	return p.line;
}

const char *test_prog(const struct tests *t, size_t i)
{
	return test_item(&t->tests[i], ITEM_PROG, false)->name;
}

/* ---- results ------------------------------------------------------------------------------ */

void test_result_free(struct test_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->failures[i].source);
		free(r->failures[i].what);
		free(r->failures[i].want);
		free(r->failures[i].got);
		free(r->failures[i].detail);
	}
	free(r->failures);
	free(r->reason);
	free(r->detail);
	buf_free(&r->trace);
	*r = (struct test_result){};
}

void test_fail(struct test_job *j, const struct test_item *it, const char *what, char *want,
	       char *got, char *detail)
{
	struct test_result *r = j->r;
	struct test_failure *f;
	struct source_place p;

	if (array_grow(&r->failures, r->n, &r->cap, sizeof(*f)))
		r->failures = xreallocarray(r->failures, r->n + 1, sizeof(*f)); /* says so */
	source_place(j->tests->source, it ? it->pos : j->decl->pos, &p);
	f = &r->failures[r->n++];
	*f = (struct test_failure){
		.line = p.line,
		.col = p.col,
		.source = xstrndup(p.text, p.text_len),
		.what = xasprintf("%s%s", j->where, what),
		.want = want ?: xstrdup(""),
		.got = got ?: xstrdup(""),
		.detail = detail && *detail ? detail : NULL,
	};
	if (detail && !*detail)
		free(detail);
	r->status = TEST_FAILED;
}

/* ---- running ------------------------------------------------------------------------------ */

static const struct test_kernel real_kernel = { .name = "kernel",
						.pins_cpu = true,
						.run = test_run_by_kernel };

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* An error of the line at work names its place; others concern the program as a whole. */
static int place_error(struct test_job *j, struct err *e)
{
	struct source_place p;

	if (!j->at || e->class == ERR_DENIED || e->class == ERR_REJECTED)
		return -EINVAL;
	source_place(j->tests->source, j->at->pos, &p);
	err_wrap(e, "%s:%u: ", p.file, p.line);
	return -EINVAL;
}

/* 1: it ran; 0: this kernel cannot run it, which *why says. */
static int run_on(struct test_job *j, const struct test_kernel *k, bool snapshot, char **why,
		  struct err *e)
{
	int r;

	*why = test_unfit(j->decl, k);
	if (*why)
		return 0;
	r = test_job_run(j, k, snapshot, e);
	if (r < 0 && test_is_unfit(e)) {
		*why = xstrdup(e->what);
		err_clear(e);
		*e = (struct err){};
		return 0;
	}
	return r < 0 ? place_error(j, e) : 1;
}

/* Both run it; what the kernel cannot run, the mock has run alone. */
static int run_on_both(struct test_job *mock, struct test_job *kernel, char **why, struct err *e)
{
	int r = run_on(mock, &mock_test_kernel, true, why, e);

	if (r <= 0)
		return r;
	r = run_on(kernel, &real_kernel, true, why, e);
	if (r <= 0)
		return r;
	test_diff(mock, kernel);
	return r;
}

/* What the loader or the kernel says becomes the test's result, unless all tests would end so. */
static int keep_error(struct test_result *r, struct err *e)
{
	if (e->class == ERR_DENIED || e->code == ENOMEM)
		return -EINVAL;
	r->status = TEST_ERROR;
	if (e->code && !e->worded)
		r->reason = xasprintf("%s: %s", e->what, err_text(e->code));
	else
		r->reason = xstrdup(e->what);
	r->detail = e->hint[0] ? xasprintf("%shint: %s\n", e->detail ?: "", e->hint)
			       : take_ptr(e->detail);
	err_clear(e);
	*e = (struct err){};
	return 0;
}

int test_run(struct tests *t, size_t i, const struct test_opts *opts, struct test_result *r,
	     struct err *e)
{
	bool both = opts->where == (TEST_ON_MOCK | TEST_ON_KERNEL);
	auto_test_job struct test_job j = {
		.tests = t, .decl = &t->tests[i], .opts = opts, .r = r, .where = ""
	};
	auto_test_job struct test_job other = {
		.tests = t, .decl = &t->tests[i], .opts = opts, .r = r, .where = "kernel: "
	};
	uint64_t start = now_ns();
	char *why = NULL;
	int ret;

	if (both)
		ret = run_on_both(&j, &other, &why, e);
	else
		ret = run_on(&j, opts->where == TEST_ON_MOCK ? &mock_test_kernel : &real_kernel,
			     false, &why, e);
	if (ret == 0) {
		r->reason = why;
		if (r->status == TEST_PASSED)
			r->status = TEST_SKIPPED;
	}
	r->ns = now_ns() - start;
	return ret < 0 ? keep_error(r, e) : 0;
}
