// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory that lives as long as its owner: many small pieces, freed together. */
#pragma once

#include <stddef.h>

/* Zero-initialised is empty. */
struct pool {
	struct pool_chunk *chunks;
	char *p; /* free part of the newest chunk */
	size_t left;
};

void pool_free(struct pool *p);
/* Zeroed and aligned for any type; NULL: no memory. */
void *pool_alloc(struct pool *p, size_t n);
/* A terminated copy. */
char *pool_str(struct pool *p, const char *s, size_t len);
