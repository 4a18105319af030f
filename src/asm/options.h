// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How a source is read. */
#pragma once

#include <stdbool.h>

struct buf;
struct kernel_types;

struct asm_options {
	bool big_endian;
	unsigned int cpu; /* 0: 4 */
	/*
	 * The text of `include "name"` (from: path of the including file) or `include <name>`
	 * (from NULL) into *text, and the path to call it by into *path (caller frees).
	 * 0 or a negative errno.
	 */
	int (*include)(void *arg, const char *name, const char *from, struct buf *text,
		       char **path);
	void *arg;
	const struct kernel_types *kernel; /* may be NULL */
	unsigned int kernel_version; /* 6018 for 6.18: helpers that it lacks are told; 0: none */
	bool checks;		     /* follow the flow of programs (checks.h) */
};
