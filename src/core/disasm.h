// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Bytes to text that the assembler reads back to the same bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum disasm_style { DISASM_KERNEL, DISASM_LLVM, DISASM_MNEMONIC }; /* in the order of asm/isa.h */

struct disasm_options {
	enum disasm_style style;
	bool big_endian;     /* of bare bytes; an object says its own */
	const char *section; /* of an object: only this one, NULL: all */
	const char *prog;    /* only this program or function */
};

/*
 * Takes the text as it comes, in pieces that end with a line; anything but 0 ends the work and is
 * what the functions below return.
 */
struct disasm_sink {
	int (*put)(void *arg, const char *text, size_t len);
	void *arg;
};

/* A bare stream of instructions; `name` is for errors (class input: no whole instructions). */
int disasm_bytes(const char *name, const void *data, size_t len, const struct disasm_options *opts,
		 const struct disasm_sink *to, struct err *e);

/* Whether the bytes begin as an ELF file does. */
bool disasm_is_object(const void *data, size_t len);

/*
 * A source that makes an object like this one: the same instructions, references, maps and
 * initial values.  The bytes are aligned to 8.  Class input: it is no object for BPF, or damaged;
 * absent: it has no such section or program.
 */
int disasm_object(const char *name, const void *data, size_t len, const struct disasm_options *opts,
		  const struct disasm_sink *to, struct err *e);
