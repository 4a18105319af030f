// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files that are in the binary: lib/NAME.inc and examples/NAME.bpf.  The build makes the tables. */
#pragma once

#include <stddef.h>

struct builtin {
	const char *name; /* without directory and ending; NULL ends the table */
	const char *text;
};

extern const struct builtin builtin_lib[];
extern const struct builtin builtin_examples[];
