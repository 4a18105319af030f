// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The nearest valid spelling of a word nobody knows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define NEAR_MAX 40	   /* longer words are not compared */
#define NEAR_BUDGET 16000u /* of candidates looked at per word; comparing one costs more */

struct near {
	const char *word;
	size_t len;
	const char *best; /* NULL: nothing is near enough */
	size_t best_len;
	unsigned int distance; /* of the best; those from here on are refused */
	unsigned int budget;
};

void near_begin(struct near *n, const char *word, size_t len);
/* The candidate must outlive n.  false: enough have been looked at. */
bool near_try(struct near *n, const char *candidate, size_t len);

/* The same for terminated strings. */
static inline struct near near_to(const char *word, size_t len)
{
	struct near n;

	near_begin(&n, word, len);
	return n;
}

static inline void near_offer(struct near *n, const char *candidate)
{
	near_try(n, candidate, strlen(candidate));
}
