// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Bare instructions, run in user space: no program type, no maps, no context but some memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/*
 * Runs the little-endian instructions in bytes with r1 = the address of mem, r2 = its length (both
 * 0 without any); mem is changed in place.  0 and *r0; class rejected if the load check refuses
 * them, failed if the run was stopped, with the registers in e->detail.
 */
int mock_run_raw(const void *bytes, size_t len, void *mem, size_t mem_len, uint64_t *r0,
		 struct err *e);

/* Hex digits, two for a byte, with or without space between them; appended. */
int mock_hex(const char *what, const char *text, size_t len, struct buf *to, struct err *e);
