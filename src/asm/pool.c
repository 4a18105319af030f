// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pieces cut from chunks.  No piece is used twice, so the zeros of the chunk are theirs. */
#include "asm/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 4096

struct pool_chunk {
	struct pool_chunk *next;
	alignas(max_align_t) char data[];
};

void pool_free(struct pool *p)
{
	while (p->chunks) {
		struct pool_chunk *next = p->chunks->next;

		free(p->chunks);
		p->chunks = next;
	}
	memset(p, 0, sizeof(*p));
}

/* What is left of the chunk before is given up. */
static int grow(struct pool *p, size_t n)
{
	size_t size = n > CHUNK / 4 ? n : CHUNK;
	struct pool_chunk *c = calloc(1, sizeof(*c) + size); /* a large one costs nothing yet */

	if (!c)
		return -1;
	c->next = p->chunks;
	p->chunks = c;
	p->p = c->data;
	p->left = size;
	return 0;
}

void *pool_alloc(struct pool *p, size_t n)
{
	void *piece;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = ((n ? n : 1) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (n > p->left && grow(p, n) != 0)
		return NULL;
	piece = p->p;
	p->p += n;
	p->left -= n;
	return piece;
}

char *pool_str(struct pool *p, const char *s, size_t len)
{
	char *copy = len < SIZE_MAX ? pool_alloc(p, len + 1) : NULL;

	return copy ? memcpy(copy, s, len) : NULL;
}
