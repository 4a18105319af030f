// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is read off the command records: manual pages, the JSON schema, completion. */
#pragma once

#include <stddef.h>

#include "core/out.h"

struct buf;
struct cmd;
struct err;
struct opt;

/*
 * A manual page in man(7) macros from a template: lines `@head`, `@commands`, `@options` and
 * `@exit` are replaced by what the records of `c` say, `@title NAME` makes a page of section 7,
 * `@library`, `@warnings`, `@instructions` and `@constants` are the language's tables; everything
 * else is kept.  `name` is the page's ("bpfctl-map"), `version` goes into its footer.
 */
int gen_man(const struct cmd *c, const char *name, const char *version, const char *template,
	    struct buf *to, struct err *e);

/* One row: the JSON Schema of what a command prints with --format json. */
extern const struct out_col gen_schema_cols[];
void gen_schema(const struct cmd *c, const char *name, struct out *out);

/*
 * Candidates for the last of n words of a command line (words[0] follows "bpfctl"): a line each,
 * "word<TAB>what it is".  The lines "@files" and "@dirs" ask the shell for paths.  live() adds
 * the names and ids of what is there now, for a row of type map, prog, link, pin or interface;
 * `word` is the handle word in front of the candidate ("id", "name", "pinned"), or NULL.
 */
struct gen_live {
	void (*offer)(void *arg, const struct opt *row, const char *word, struct buf *to);
	void *arg;
};
void gen_complete(const struct cmd *root, char **words, size_t n, const struct gen_live *live,
		  struct buf *to);
