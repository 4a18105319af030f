// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Program files on their way into the kernel: what `run` and `prog load` have in common. */
#pragma once

#include "core/cmd.h"
#include "core/object.h"

struct loading_args {
	const char *file;
	struct words set;
};
#define LOADING_OPTIONS(T, member)                                                                 \
	OPERAND(T, member.file, OPT_FILE, "FILE", "a source or an object; - is standard input",    \
		.flags = OPT_REQUIRED),                                                            \
		OPTION(T, member.set, OPT_WORDS, "set", 0, "NAME=VALUE",                           \
		       "a global variable's value, before loading; may be given again",            \
		       .flags = OPT_MANY)

/*
 * Assembles or reads the file, opens it and sets the variables; loads nothing yet.  What libbpf
 * says is shown with -d.
 */
struct object *loading_open(const struct ctx *ctx, const struct loading_args *a, const char *type,
			    struct err *e);
