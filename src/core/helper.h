// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The helper functions: the kernel's table, and rows from a file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/val.h"

struct err;

struct helper {
	uint32_t id;
	const char *name, *returns, *args, *since, *category, *help;
	const char *limits; /* "" or "type: attach kinds; ..." */
	bool gpl, sleepable, custom;
	uint64_t prog_types; /* bits 1 << UAPI_PROG_x */
};

struct helpers {
	struct helper *v; /* by id */
	size_t n;
	struct val file; /* what texts of custom rows belong to */
};

/*
 * All of them, and with a path the rows of that file, in the form in which `helper list -j` prints
 * them (id and name must be there); a row with the number of another takes its place.
 */
int helpers_load(struct helpers *h, const char *path, struct err *e);
void helpers_free(struct helpers *h);
#define auto_helpers __attribute__((cleanup(helpers_free)))

/* By number or name, with or without bpf_; NULL with *e filled. */
const struct helper *helpers_find(const struct helpers *h, const char *word, struct err *e);

/* "6.18" or "6.18.3" as 6018, for comparisons; 0: it is none. */
unsigned int kernel_version(const char *text);

/* By name, as libbpf has them; -1 with *e filled. */
int prog_type_find(const char *name, struct err *e);
