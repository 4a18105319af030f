// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The nearest valid spelling of a word nobody knows. */
#pragma once

#include <stddef.h>

#define NEAR_MAX 40	  /* longer words are not compared */
#define NEAR_BUDGET 5000u /* candidates looked at per word */

struct near {
	const char *word;
	size_t len;
	const char *best; /* NULL: nothing is near enough */
	size_t best_len;
	unsigned int distance; /* of the best; those from here on are refused */
	unsigned int budget;
};

void near_begin(struct near *n, const char *word, size_t len);
/* The candidate must outlive n. */
void near_try(struct near *n, const char *candidate, size_t len);
