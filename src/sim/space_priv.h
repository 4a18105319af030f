// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files of the address space share with the interpreter. */
#pragma once

#include "sim/space.h"

#define PAGE_SHIFT 16
#define HIGH_BASE (UINT64_C(1) << 32)
#define NEAR_PAGES 16 /* how far a message looks for the region that was meant */

/*
 * A load or store that keeps what it needs of a region in its op.  When the region changes, the
 * op is made to look again.
 */
struct region_user {
	struct region_user *next, **prev; /* prev NULL: uses none */
	struct op *op;
};
void region_use(struct region *rg, struct region_user *u, struct op *op);
void region_unuse(struct region_user *u);
/* op.c's: makes an op forget its region. */
void op_forget(struct op *op);

/* Where an op looks that knows no region yet: nothing is there. */
struct region *region_nowhere(void);

/* Whether all that an access needs is the bounds. */
static inline bool region_plain(const struct region *rg)
{
	return !rg->init && !rg->fields && !rg->access && !(rg->flags & REGION_ALIGN);
}

/* To be called when len, flags or live have changed. */
void region_limits(struct region *rg);

/* Whether all of [off, off + len), inside one element, was written; else *first that was not. */
bool region_written(const struct region *rg, uint64_t off, uint64_t len, uint64_t *first);

/*
 * Everything but fields and init bits: the region and the offset in it, which is that of an
 * element if it has elements.  *rg is set whenever a region is near, *off only with MISS_NONE.
 */
enum miss space_check(const struct space *s, uint64_t addr, uint64_t len, unsigned int access,
		      struct region **rg, uint64_t *off);

/* The region at addr or, within NEAR_PAGES, beside it. */
struct region *space_near(const struct space *s, uint64_t addr);

static inline uint8_t *region_host(const struct region *rg, uint64_t off)
{
	return rg->host + (off >> rg->shift) * rg->host_stride + (off & rg->mask);
}
