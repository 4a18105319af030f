// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Looking at programs while the mock kernel runs them. */
#pragma once

#include "core/mock_door.h"
#include "core/test_run.h"

struct vm_fault;

/* The mock kernel of a test. */
struct test_mock {
	struct mock_door door;
	struct test_job *job;
	/* Of a trace: the registers before the instruction that was said last. */
	uint64_t regs[11];
	bool said;
	uint32_t depth;
};

/* Around a run: switches counting and tracing on, and reads the counters. */
int mock_watch_begin(struct test_mock *m, struct err *e);
void mock_watch_end(struct test_mock *m);

/* Where the run was stopped, by what, and what the registers held: lines. */
void mock_fault_report(const struct vm_fault *f, struct buf *to);
