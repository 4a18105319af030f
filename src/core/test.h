// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Running the test blocks of a file: load, give, run, compare.  Each test has an object of its
 * own, so that none leaves anything behind for the next.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/sys.h"

struct cover;
struct err;
struct tests;

/*
 * Reads the file, and the program it is about.  NULL with *e: everything that is wrong with the
 * tests, as far as it can be told without a kernel.
 */
struct tests *tests_open(const char *path, struct err *e);
void tests_freep(struct tests **t);
#define auto_tests __attribute__((cleanup(tests_freep)))

const char *tests_warnings(struct tests *t);	  /* the assembler's, rendered */
const char *tests_program(const struct tests *t); /* the file they are about */
size_t tests_count(const struct tests *t);
const char *test_name(const struct tests *t, size_t i);
unsigned int test_line(const struct tests *t, size_t i);
const char *test_prog(const struct tests *t, size_t i);

enum test_where { TEST_ON_MOCK = 1, TEST_ON_KERNEL = 2 };

struct test_opts {
	unsigned int where; /* TEST_ON_x; both: what came of it is compared too */
	/* What libbpf says meanwhile; may be NULL. */
	void (*say)(void *arg, enum sys_level level, const char *text);
	void *arg;
	const char *btf;     /* types of the kernel the mock plays; NULL: this one's */
	struct cover *cover; /* counted on the mock; NULL: nobody wants it */
	bool trace;	     /* the mock tells every instruction */
};

/* TEST_ERROR: it could not be run, or not to its end. */
enum test_status { TEST_PASSED, TEST_FAILED, TEST_SKIPPED, TEST_ERROR };

/* An expectation that was not met. */
struct test_failure {
	unsigned int line, col; /* in the file of tests */
	char *source;		/* that line */
	char *what;		/* "drops[0]" */
	char *want, *got;	/* decoded */
	char *detail;		/* lines: fields of packets, the report of a fault; or NULL */
};

struct test_result {
	enum test_status status;
	char *reason; /* of TEST_SKIPPED, TEST_ERROR */
	char *detail; /* of TEST_ERROR: lines; or NULL */
	struct test_failure *failures;
	size_t n, cap;
	struct buf trace; /* lines, if they were asked for */
	uint64_t ns;	  /* from loading to the end */
};
void test_result_free(struct test_result *r);
#define auto_test_result                                                                           \
	__attribute__((cleanup(test_result_free))) /* struct test_result r = {}                    \
						    */

/*
 * 0 and *r, TEST_ERROR if the program cannot be loaded, for instance; or what no other test of the
 * file would get past either: the kernel permits none.
 */
int test_run(struct tests *t, size_t i, const struct test_opts *opts, struct test_result *r,
	     struct err *e);
