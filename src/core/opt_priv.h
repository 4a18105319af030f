// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the three files of the option parser share. */
#pragma once

#include "core/opt.h"

#define OPT_MAX 64 /* options of one command with the global ones, and rows of one command */

struct opt_ref {
	const struct opt *row;
	void *args;
	bool given;
	struct words words; /* OPT_MANY: its own array while it is collected */
};

struct opt_parser {
	struct opt_ref options[OPT_MAX];
	size_t nr_options;
	char **words; /* what is no option */
	size_t nr_words;
	size_t dashes;	   /* index in words of the first behind `--`; SIZE_MAX: none */
	bool leading;	   /* stop at the first word */
	int stopped;	   /* its index */
	const char *wrong; /* the word argp could not read */
	struct err *e;
};

struct opt_assign {
	const struct opt *rows;
	void *args;
	uint64_t given; /* bit per row */
	struct opt_parser *p;
};

/* "--count", "key" or "FILE": how an error calls a row.  Returns `to`. */
const char *opt_row_name(const struct opt *row, char *to, size_t len);
/* Stores s in the struct at args; not for rows that hold words. */
int opt_set_value(const struct opt *row, void *args, char *s, struct err *e);
bool opt_holds_words(const struct opt *row);

/* Gives the words of a->p to the rows, and checks that nothing required is missing. */
int opt_assign_words(struct opt_assign *a);
