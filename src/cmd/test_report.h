// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `test` says, in the formats there are; each test is said when it has been run. */
#pragma once

#include "core/cmd.h"
#include "core/test.h"

struct reporter;

/* A test that has been run. */
struct tested {
	const char *file, *name, *prog;
	unsigned int line;
	const struct test_result *result;
};

struct tally {
	size_t passed, failed, skipped;
	uint64_t ns;
};

extern const struct out_col test_cols[];

/* total: how many tests will come. */
struct reporter *reporter_new(struct ctx *ctx, size_t total);
void reporter_freep(struct reporter **r);
#define auto_reporter __attribute__((cleanup(reporter_freep)))

void report_file(struct reporter *r, const char *file);
void report_test(struct reporter *r, const struct tested *t);
/* An error ends it all: formats that can say so do. */
void report_bail(struct reporter *r, const struct err *e);
void report_end(struct reporter *r, const struct tally *t);
