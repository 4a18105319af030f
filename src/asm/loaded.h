// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Functions of a program the kernel has compiled.  In a dump of such a program a call of a
 * function has the distance in off and the function's number in imm, and an address of a function
 * has the number in its second slot; the text tells the distance only.  The kernel numbers
 * functions by where they begin, and every one of them is called or has its address taken, so that
 * a dump that is read as a whole gives the numbers back.
 *
 * In a program or function of a source the same text is a plain call, which can be loaded.
 */
#pragma once

struct parser;

/* The instruction about to be emitted is such a call or address.  0 or -ENOMEM. */
int loaded_note(struct parser *p);
/* Fills the numbers in, at the end of a bare stream.  0 or -ENOMEM. */
int loaded_number(struct parser *p);
