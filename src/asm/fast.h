// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A shorter way for the lines of which sources have a million.
 *
 * Plain arithmetic, loads, stores, jumps by distance, calls by number and exit, spelled just as
 * the kernel and LLVM spell them, are read character by character, without tokens and names:
 * three times as fast as stmt.c.  Whatever is not exactly that is left to stmt.c, which reads all
 * of this too and to the same bytes; so are all mistakes.
 */
#pragma once

#include <stdbool.h>

struct parser;

/* Reads the line at p->lex.s and goes behind it; false: nothing has happened.  *err: of emit(). */
bool fast_line(struct parser *p, int *err);
