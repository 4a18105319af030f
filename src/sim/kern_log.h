// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The log buffer of BPF_PROG_LOAD and BPF_BTF_LOAD. */
#pragma once

#include <stdint.h>

struct buf;

struct kern_log {
	uint64_t to;
	uint32_t size, level;
	uint32_t true_size; /* what a buffer would have to have; set by kern_log_end() */
};

/* 0, or -EINVAL: these three do not go together. */
int kern_log_check(const struct kern_log *l);
/* Hands the text over: 0, -ENOSPC if it did not fit, -EFAULT. */
int kern_log_end(struct kern_log *l, struct buf *text);
