// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same test on two kernels: what is left behind, as text, and where it differs. */
#pragma once

struct buf;
struct err;
struct object;
struct test_job;

/* All entries of all maps and all variables, a line each, ascending. */
int test_snapshot(const struct object *o, struct buf *to, struct err *e);

/* Differences of two runs of the same test become failures of the first. */
void test_diff(struct test_job *mock, struct test_job *kernel);
