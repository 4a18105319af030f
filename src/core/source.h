// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Program files: sources of our language, which are assembled here, and objects of any compiler. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

struct err;

struct source_options {
	char **warnings; /* words of -W: "no-unreachable", "error=null-check" */
	size_t nr_warnings;
	unsigned int kernel_version; /* 6018 for 6.18; 0: any */
	bool big_endian;
	unsigned int cpu; /* 1 to 4; 0: 4 */
	const char *btf;  /* file with the kernel's types for T::f; NULL: the running kernel's */
};

/* A source that was understood. */
struct source;

/*
 * Reads and understands a source ("-": standard input).  NULL with *e: class input and all
 * diagnostics in e->detail and e->items.  Warnings are in source_warnings().
 */
struct source *source_open(const char *path, const struct source_options *opts, struct err *e);
void source_freep(struct source **s);
#define auto_source __attribute__((cleanup(source_freep)))

const char *source_warnings(struct source *s); /* rendered; "" if there are none */
/* More than a bare stream of instructions: programs, or maps and variables for others. */
bool source_is_object(const struct source *s);

/* What the kernel behind the door can run: sources that are loaded are assembled for that. */
unsigned int source_cpu(void);

/* As an ELF object; a stream without programs becomes the program "main" in section "main". */
int source_elf(struct source *s, struct buf *to, struct err *e);

enum source_format { SOURCE_BIN, SOURCE_HEX, SOURCE_C, SOURCE_RUST, SOURCE_GO };

/*
 * The instructions of one program (NULL: the only one) in a form that other programs take.  What
 * needs a loader (maps, globals) is an error that names it.
 */
int source_image(struct source *s, const char *prog, enum source_format format, struct buf *to,
		 struct err *e);

/* The text of a source ("-": standard input) in its canonical layout, appended. */
int source_format_text(const char *path, struct buf *text, struct buf *to, struct err *e);

/* The source with its programs as plain instructions: what sugar and macros have become. */
int source_expand(struct source *s, struct buf *to, struct err *e);

/* All programs: slot, bytes, text, and the line each instruction was made from. */
int source_listing(struct source *s, struct buf *to, struct err *e);

struct source_insn {
	uint32_t at; /* slot */
	uint8_t code, dst, src;
	int16_t off;
	int64_t imm; /* 64 bits of ld_imm64 */
	bool wide;
	const char *text;
	const char *file; /* NULL: no line is known */
	unsigned int line, col;
};

/* As source_image(), by instruction; stops when fn returns other than 0, and returns that. */
int source_each(struct source *s, const char *prog,
		int (*fn)(void *arg, const struct source_insn *in), void *arg, struct err *e);

/*
 * The ELF bytes of a program file, whichever it is; *warnings (appended) is for standard error.
 */
int source_load(const char *path, struct buf *elf, struct buf *warnings, struct err *e);

/* Tables of the language, for its manual; false: i is behind the last row. */
bool source_check(size_t i, const char **name, const char **what); /* the warnings */
struct source_isa {
	unsigned int cpu; /* first version that has it */
	struct buf kernel, mnemonic;
};
bool source_instruction(size_t i, struct source_isa *row); /* reuses the buffers */
