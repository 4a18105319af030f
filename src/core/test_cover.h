// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which instructions and branches the tests of a file have reached, by source line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* One instruction of a program, and what all runs so far did with it. */
struct cover_insn {
	const char *file; /* "" if no line is known; these belong to the cover */
	uint32_t line;
	bool branches; /* a conditional jump: it can be taken or not */
	uint64_t executed, taken;
};

struct cover_prog {
	char *name;
	struct cover_insn *insns; /* a slot each; the second of ld_imm64 has line 0 */
	size_t n;
};

struct cover {
	struct cover_prog *progs;
	size_t n;
	char **files; /* names, each once */
	size_t nr_files;
};
void cover_free(struct cover *c);

/* The program's entry; n instructions, to be filled in when *is_new. */
struct cover_prog *cover_prog(struct cover *c, const char *name, size_t n, bool *is_new);
/* The same string for equal names, for as long as the cover lives. */
const char *cover_file(struct cover *c, const char *name);

/* A source line with code. */
struct cover_line {
	const char *file;
	uint32_t line, insns, insns_hit, branches, branches_hit; /* two branches per jump */
	uint64_t executed; /* the most that one of its instructions was */
};
/* Lines by file and number, into *lines (the caller frees); how many. */
size_t cover_lines(const struct cover *c, struct cover_line **lines);

/* One page with every source and its counts. */
int cover_html(const struct cover *c, const char *path, struct err *e);
