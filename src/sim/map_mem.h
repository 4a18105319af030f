// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory of maps, paid for when it is touched, and the regions programs see it through. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;
struct region;

#define MAP_MEMORY_MAX (1ull << 34) /* bytes of address space one map may take */

/* Zeroed memory that costs nothing until it is touched. */
struct map_mem {
	uint8_t *host;
	size_t len;
	int fd; /* of a memfd; only with file */
	bool mapped, file;
};
/* How many elements of a map whose elements the kernel allocates one by one there is room for:
 * creation does not fail for want of memory, the update that finds none does. */
static inline uint64_t map_room(uint64_t want, uint64_t stride)
{
	uint64_t most = MAP_MEMORY_MAX / stride;

	return want < most ? want : most;
}
/* count * stride bytes, in a memfd if file is set.  0, -ENOMEM or -E2BIG. */
int map_mem_new(struct map_mem *mem, uint64_t count, uint64_t stride, bool file);
void map_mem_free(struct map_mem *mem);
/*
 * The first bytes from offset `from` on that were ever touched, [*start, *end); false: none.  What
 * lies between is zero, and stays unpaid for.
 */
bool map_mem_used(const struct map_mem *mem, size_t from, size_t *start, size_t *end);

/* Values of one size, and the region programs see them through once they look. */
struct map_values {
	struct map_mem mem;
	uint32_t stride;
	uint64_t count;
	struct region *rg;
	uint64_t base; /* address of the first; 0: no region yet */
	unsigned int shift;
};
int map_values_new(struct map *m, struct map_values *v, uint64_t count, bool file);
void map_values_free(struct map_values *v);
/* The region's flags follow the map's. */
void map_values_flags(struct map *m, struct map_values *v);
uint64_t map_values_region(struct map *m, struct map_values *v);

static inline void *map_value_host(const struct map_values *v, uint64_t i)
{
	return v->mem.host + i * v->stride;
}

/* 0: no memory for the region. */
static inline uint64_t map_value_addr(struct map *m, struct map_values *v, uint64_t i)
{
	if (!v->base && !map_values_region(m, v))
		return 0;
	return v->base + (i << v->shift);
}
