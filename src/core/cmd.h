// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Commands as records.  A record says everything about a command; dispatch, help, the manual,
 * completion and the JSON schema are read off it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/opt.h"
#include "core/out.h"

struct err;

/* Formats of test results, beside those of core/out.h; behind their numbers in --format. */
enum { REPORT_NONE = 0, REPORT_TAP = 100, REPORT_JUNIT };

/* What every command gets: the global options and where to write. */
struct ctx {
	struct out *out;
	bool bpffs;	     /* -f: show pins */
	bool nomount;	     /* -n */
	bool debug;	     /* -d: libbpf's and the verifier's words */
	bool quiet, verbose; /* -q, -v */
	const char *btf;     /* --btf: the kernel's types in a file, NULL: its own */
	const char *netns;   /* --netns: a name or a path, NULL: ours */
	int report;	     /* REPORT_x: a format that only some commands have */
	int status; /* exit status when there is no error: that of a command run for the user */
};

struct cmd {
	const char *name, *alias;
	const char *brief; /* one line, lower case, no full stop */
	const char *doc;   /* more, for help and the manual; may be NULL */

	/* a group */
	const struct cmd *const *subs; /* NULL-terminated */
	const struct cmd *bare;	       /* what the group alone runs */
	bool operand;		       /* a word that is no verb is an operand of `bare` */

	/* a command */
	const struct opt *opts;
	const struct out_col *cols; /* what its rows have; NULL: none */
	enum out_shape shape;	    /* as a rule; for the schema */
	size_t args_size;
	const void *defaults; /* args_size bytes, NULL: zeros */
	int (*run)(struct ctx *ctx, const void *args, struct err *e);
	bool reports; /* it knows REPORT_x */
	bool hidden;  /* not in help: for the build and for completion */
};

/* The whole program: returns the exit status. */
int cmd_main(const struct cmd *root, int argc, char **argv);

/* The global options, for help, the manual and completion. */
extern const struct opt cmd_global_opts[];

/* By exact name, alias or unique prefix; a group's words.  NULL with *e filled (class usage). */
const struct cmd *cmd_find(const struct cmd *group, const char *word, struct err *e);

/* To standard error, unless -q. */
__attribute__((format(printf, 2, 3))) void warn(const struct ctx *ctx, const char *fmt, ...);
/* Whole lines that were made elsewhere: the assembler's warnings. */
void warn_lines(const struct ctx *ctx, const char *lines);
/* To standard error with -v. */
__attribute__((format(printf, 2, 3))) void info(const struct ctx *ctx, const char *fmt, ...);
