// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * macro and repeat: instructions that are written once and read many times.
 *
 * What is read is a text of its own, made of the body with the arguments in place of the
 * parameters.  Local labels that the body defines get a number, so that every expansion has its
 * own; those it only jumps to, and those in arguments, belong to who calls.  The instructions have
 * the position of the outermost call.
 */
#pragma once

#include <stdbool.h>

struct parser;
struct tok;

bool macro_find(struct parser *p, const struct tok *name); /* a call: a parenthesis follows */
/* `NAME(a, b)`, the token being the name. */
int macro_call(struct parser *p);
