// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The instructions of a loaded program as text: what the verifier made of them, in the words of
 * `bpftool prog dump xlated`, with the names of what they call.
 *
 * The text is source that gives the same bytes again.  Where bpftool's is not, it differs: a call
 * of a kernel function is `call kfunc NAME#N`, and a helper's address that could be taken for the
 * number of a kernel function is `call helper NAME#N`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/disasm.h"

struct buf;
struct err;
struct insn;
struct prog_code;
struct prog_line;
struct xlated;

/* Reads the program; NULL with *e.  The kernel's symbols are read only if it takes them. */
struct xlated *xlated_open(int fd, struct err *e);
void xlated_freep(struct xlated **x);
#define auto_xlated __attribute__((cleanup(xlated_freep)))

const struct prog_code *xlated_code(const struct xlated *x);

struct xlated_insn {
	uint32_t at, slots; /* slots: 2 of a 64-bit constant */
	const uint8_t *bytes;
	const char *text;	      /* "(b7) r0 = 0" */
	const char *proto;	      /* of the function that begins here; NULL: none does */
	const struct prog_line *line; /* that begins here; NULL: none does */
};

/* Stops when fn returns other than 0, and returns that; -ENOMEM with *e filled. */
int xlated_each(const struct xlated *x, enum disasm_style style,
		int (*fn)(void *arg, const struct xlated_insn *in), void *arg, struct err *e);

/*
 * What stands behind "call "; false: nobody knows more than the number.  A function of the program
 * itself is left to the caller.
 */
bool xlated_callee(const struct xlated *x, const struct insn *in, struct buf *to);
/* The distance of a call or of the address of a function of the program itself, in slots. */
bool xlated_distance(const struct xlated *x, const struct insn *in, int32_t *distance);
