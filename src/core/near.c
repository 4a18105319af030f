// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Edit distance with transpositions, for words a person could have meant. */
#include "core/near.h"

#include <ctype.h>
#include <string.h>

#define MAX_WORD 64

struct near near_to(const char *word, size_t len)
{
	return (struct near){ .word = word, .len = len };
}

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours; case counts nothing. */
static unsigned int distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned char rows[3][MAX_WORD + 1];
	unsigned char *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t k = 0; k <= m; k++)
		above[k] = (unsigned char)k;
	memcpy(before, above, m + 1);
	for (size_t i = 1; i <= n; i++) {
		unsigned char *spare = before;

		row[0] = (unsigned char)i;
		for (size_t k = 1; k <= m; k++) {
			bool same = tolower((unsigned char)a[i - 1]) ==
				    tolower((unsigned char)b[k - 1]);
			unsigned int d = min3(above[k] + 1u, row[k - 1] + 1u, above[k - 1] + !same);

			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    before[k - 2] + 1u < d)
				d = before[k - 2] + 1u;
			row[k] = (unsigned char)d;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[m];
}

void near_offer(struct near *n, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned int allowed = n->len < 4 ? 1 : n->len < 8 ? 2 : 3, d;

	if (n->len > MAX_WORD || len > MAX_WORD || !len)
		return;
	d = distance(n->word, n->len, candidate, len);
	if (d > allowed || d >= n->len || (n->best && d >= n->distance))
		return;
	n->best = candidate;
	n->distance = d;
}
