// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The nearest valid spelling, for error messages. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Collects candidates for a misspelled word; `best` is the nearest so far that is near enough. */
struct near {
	const char *word;
	size_t len;
	const char *best; /* NULL: nothing is near */
	unsigned int distance;
};

struct near near_to(const char *word, size_t len);
void near_offer(struct near *n, const char *candidate);
