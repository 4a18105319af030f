// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One test on one kernel. */
#pragma once

#include "core/test_priv.h"

/* Who runs a program. */
struct test_kernel {
	const char *name; /* "kernel", "mock" */
	bool is_mock;	  /* clock, task and random numbers are what the test says */
	bool pins_cpu;	  /* it runs on the CPU of the caller */
	/* Around all of it, the object opened; both may be NULL. */
	int (*begin)(struct test_job *j, struct err *e);
	int (*run)(struct test_job *j, struct err *e);
	void (*end)(struct test_job *j);
};

int test_run_by_kernel(struct test_job *j, struct err *e); /* BPF_PROG_TEST_RUN */

/*
 * Opens, loads, runs and compares; failures go to j->r.  j->at is the line an error is about, if
 * any.  snapshot: what the maps hold afterwards is kept.
 */
int test_job_run(struct test_job *j, const struct test_kernel *k, bool snapshot, struct err *e);
void test_job_free(struct test_job *j);
#define auto_test_job __attribute__((cleanup(test_job_free)))

/* Why this kernel cannot run the test (the caller frees it); NULL: it may. */
char *test_unfit(const struct test_decl *t, const struct test_kernel *k);
/* An error that says that the kernel test-runs no programs of this type. */
bool test_is_unfit(const struct err *e);
