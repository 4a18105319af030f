// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `test` says, in the formats there are; each test is said when it has been run. */
#pragma once

#include "core/cmd.h"
#include "core/test.h"

struct cover;
struct reporter;

/* A test that has been run. */
struct tested {
	const char *file, *name, *prog;
	unsigned int line;
	const struct test_result *result;
};

struct tally {
	size_t passed, failed, skipped, errors; /* failed: without those of errors */
	uint64_t ns;
};

void tally_test(struct tally *t, const struct test_result *r);

extern const struct out_col test_cols[];

/* total: how many tests will come.  silent: rows are for something else. */
struct reporter *reporter_new(struct ctx *ctx, size_t total, bool silent);
void reporter_freep(struct reporter **r);
#define auto_reporter __attribute__((cleanup(reporter_freep)))

void report_file(struct reporter *r, const char *file);
void report_test(struct reporter *r, const struct tested *t);
/* An error ends it all: formats that can say so do. */
void report_bail(struct reporter *r, const struct err *e);
/* What was reached, in the formats for people and TAP. */
void report_coverage(struct reporter *r, const struct cover *c);
/* The same as rows, which take the place of the tests'. */
void put_coverage(struct out *out, const struct cover *c);
void report_end(struct reporter *r, const struct tally *t);
