// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Edit distance: insert, delete, replace, swap of neighbours.  Case is free. */
#include "core/near.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define COMPARISON 4 /* what it costs of the budget */

/* How many edits may lead to a word of that length. */
static unsigned int most_edits(size_t len)
{
	return len < 2 ? 0 : len < 6 ? 1 : (unsigned int)len / 3;
}

void near_begin(struct near *n, const char *word, size_t len)
{
	n->word = word;
	n->len = len;
	n->best = NULL;
	n->best_len = 0;
	n->distance = most_edits(len) + 1;
	n->budget = len > NEAR_MAX ? 0 : NEAR_BUDGET;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool differ(char a, char b)
{
	return tolower((unsigned char)a) != tolower((unsigned char)b);
}

/* Rows of the matrix of prefixes; three, since a swap looks two back. */
static unsigned int distance(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned int rows[3][NEAR_MAX + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= blen; j++)
		above[j] = (unsigned int)j;
	for (size_t i = 1; i <= alen; i++) {
		unsigned int *next = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= blen; j++) {
			row[j] = above[j - 1] + differ(a[i - 1], b[j - 1]);
			row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = next;
	}
	return above[blen];
}

bool near_try(struct near *n, const char *candidate, size_t len)
{
	size_t apart = len > n->len ? len - n->len : n->len - len;
	unsigned int d;

	if (n->budget < COMPARISON)
		return false;
	n->budget--;
	if (len > NEAR_MAX || apart >= n->distance)
		return true;
	if (!apart && memcmp(n->word, candidate, len) == 0)
		return true; /* there is one, of another kind */
	n->budget -= COMPARISON - 1;
	d = distance(n->word, n->len, candidate, len);
	if (d >= n->distance)
		return true;
	n->distance = d;
	n->best = candidate;
	n->best_len = len;
	return true;
}
