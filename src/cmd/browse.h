// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A full-screen list: rows that are renewed, searched, sorted and chosen from. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/term.h"
#include "core/until.h"
#include "core/val.h"

enum { BROWSE_COLS = 6, BROWSE_LINE = 256 };

struct browse_row {
	char *text[BROWSE_COLS];
	struct val sort[BROWSE_COLS]; /* what a column is sorted by */
	size_t id;		      /* the caller's */
};

struct browse {
	struct term *term; /* borrowed, like until */
	struct until *until;
	char title[BROWSE_LINE];
	const char *const *heads; /* NULL-terminated, at most BROWSE_COLS */
	const char *const *help;  /* lines about the caller's keys, NULL-terminated */
	unsigned int sort;
	bool down;
	char search[64];
	char message[BROWSE_LINE]; /* shown until the next key */

	struct browse_row *rows;
	size_t n, cap;
	size_t *shown, nr_shown; /* rows that the search leaves, in order */
	size_t at, top;
	char *chosen; /* first column of the row that the bar is on */
};

void browse_free(struct browse *b);

/* All rows go, new ones come, then browse_arrange() shows them and keeps the bar where it was. */
void browse_clear(struct browse *b);
/* A row to fill in: text[] and sort[] are taken over. */
struct browse_row *browse_add(struct browse *b);
void browse_arrange(struct browse *b);
/* The row under the bar; NULL: there is none. */
const struct browse_row *browse_row(const struct browse *b);

/*
 * Draws, waits at most so long for a key, and does what every list does with it (moving, search,
 * sorting, help).  The key if it is for the caller, TERM_NONE when the time is over or the key is
 * used up, TERM_INTERRUPT when it is time to end.
 */
int browse_step(struct browse *b, int timeout_ms);

/* A line of text from the last line of the screen; text has what is there before; false: given up.
 */
bool browse_ask(struct browse *b, const char *question, char *text, size_t size);
/* y or n. */
bool browse_confirm(struct browse *b, const char *question);
