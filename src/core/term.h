// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A whole terminal: text in places, and keys.  The only user of ncurses. */
#pragma once

#include <stddef.h>

struct err;
struct term;

/* What a key is: a character, or one of these. */
enum {
	TERM_NONE = -1,
	TERM_UP = 0x110000,
	TERM_DOWN,
	TERM_LEFT,
	TERM_RIGHT,
	TERM_PAGE_UP,
	TERM_PAGE_DOWN,
	TERM_HOME,
	TERM_END,
	TERM_ENTER,
	TERM_ESCAPE,
	TERM_BACKSPACE,
	TERM_RESIZE,
	TERM_INTERRUPT, /* control C */
	TERM_OTHER,
};

enum term_look { TERM_PLAIN, TERM_BOLD, TERM_REVERSE };

/* Class usage if standard input and output are no terminal, or of a kind nobody knows. */
struct term *term_open(struct err *e);
void term_freep(struct term **t);

void term_size(const struct term *t, int *rows, int *cols);
void term_clear(struct term *t);
/*
 * Text from a place on, width columns: what is longer is cut, what is shorter filled up.  A
 * negative width: as long as it is.
 */
void term_text(struct term *t, int row, int col, int width, enum term_look look, const char *text);
/* Where the cursor stands; row -1: nowhere. */
void term_cursor(struct term *t, int row, int col);
void term_show(struct term *t);
/* Does not wait. */
int term_key(struct term *t);
