// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Unit tests: TAP on standard output, exit status 1 if anything failed. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
};

static int test_failures;	 /* of the running test */
static const char *test_skipped; /* why the running test could not run */

#define FAIL(fmt, ...)                                                                             \
	(test_failures++, printf("# %s:%d: " fmt "\n", __FILE__, __LINE__, ##__VA_ARGS__))

#define CHECK(cond) ((cond) ? (void)0 : (void)FAIL("not true: %s", #cond))

#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		long long got_ = (long long)(got), want_ = (long long)(want);                      \
		if (got_ != want_)                                                                 \
			FAIL("%s is %lld, not %lld", #got, got_, want_);                           \
	} while (0)

#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *got_ = (got), *want_ = (want);                                         \
		if (!got_ || strcmp(got_, want_) != 0)                                             \
			FAIL("%s is\n#   %s\n# not\n#   %s", #got, got_ ? got_ : "NULL", want_);   \
	} while (0)

/* Leaves the running test, which counts as skipped; the reason must be a probed one. */
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		test_skipped = (reason);                                                           \
		return;                                                                            \
	} while (0)

static inline int test_main(const struct test *tests, size_t n)
{
	int failed = 0;

	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		test_failures = 0;
		test_skipped = NULL;
		tests[i].run();
		printf("%sok %zu - %s%s%s\n", test_failures ? "not " : "", i + 1, tests[i].name,
		       test_skipped ? " # skip " : "", test_skipped ? test_skipped : "");
		failed += test_failures != 0;
	}
	return failed != 0;
}

#define TEST_MAIN(tests)                                                                           \
	int main(void)                                                                             \
	{                                                                                          \
		setvbuf(stdout, NULL, _IOLBF, 0);                                                  \
		return test_main(tests, sizeof(tests) / sizeof((tests)[0]));                       \
	}
