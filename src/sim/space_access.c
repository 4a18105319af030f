// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Address space: what an access may do, and in words where it went. */
#include <inttypes.h>
#include <string.h>

#include "core/buf.h"
#include "sim/space.h"
#include "sim/space_priv.h"

/* Whether addr belongs to an older or later place than the one the region is at. */
static bool stale(const struct region *rg, uint64_t addr)
{
	const struct region *at = rg->above ? rg->above : rg;
	uint64_t start = at->first - (UINT64_C(1) << PAGE_SHIFT);

	if (at->generations == 1)
		return false;
	return (addr - start) / (at->pages << PAGE_SHIFT) != at->generation;
}

static enum miss check_region(const struct region *rg, uint64_t addr, uint64_t len,
			      unsigned int access, uint64_t *off)
{
	uint64_t at = addr - rg->base, in = at & rg->mask;
	uint64_t span = rg->count ? rg->count << rg->shift : rg->len;

	if (!rg->live)
		return MISS_DROPPED;
	if (stale(rg, addr)) /* an older record is no older view of this one */
		return rg->kind == REGION_RECORD ? MISS_DROPPED : MISS_STALE;
	if (!(rg->flags & (REGION_READ | REGION_WRITE)))
		return MISS_OPAQUE;
	if (access & REGION_WRITE && !(rg->flags & REGION_WRITE))
		return MISS_READONLY;
	if (access & REGION_READ && !(rg->flags & REGION_READ))
		return MISS_OPAQUE;
	/* The frames of a stack come and go: there the limit is the last one that runs. */
	if (rg->kind == REGION_STACK)
		span = rg->rspan;
	if (at >= span || len > rg->len || in > rg->len - len)
		return MISS_BOUNDS;
	*off = at;
	return MISS_NONE;
}

enum miss space_check(const struct space *s, uint64_t addr, uint64_t len, unsigned int access,
		      struct region **rg, uint64_t *off)
{
	struct region *found = space_find(s, addr);

	if (found) {
		*rg = found;
		return check_region(found, addr, len, access, off);
	}
	if (addr < UINT64_C(1) << PAGE_SHIFT) {
		*rg = NULL;
		return MISS_NULL;
	}
	*rg = space_near(s, addr);
	return MISS_WILD;
}

uint8_t *space_host(const struct space *s, uint64_t addr, uint64_t len, unsigned int access,
		    enum miss *miss)
{
	struct region *rg;
	uint64_t off;

	*miss = space_check(s, addr, len, access, &rg, &off);
	return *miss ? NULL : region_host(rg, off);
}

bool space_peek(const struct space *s, uint64_t addr, void *to, size_t n)
{
	enum miss miss;
	const uint8_t *from = n ? space_host(s, addr, n, REGION_READ, &miss) : to;

	if (from && n)
		memcpy(to, from, n);
	return from;
}

bool space_poke(const struct space *s, uint64_t addr, const void *from, size_t n)
{
	struct region *rg;
	uint64_t off;

	if (!n)
		return true;
	if (space_check(s, addr, n, REGION_WRITE, &rg, &off))
		return false;
	memcpy(region_host(rg, off), from, n);
	region_mark(rg, off, n, true);
	return true;
}

static void bytes(struct buf *b, uint64_t n)
{
	buf_addf(b, n == 1 ? "%" PRIu64 " byte" : "%" PRIu64 " bytes", n);
}

static void name(struct buf *b, const struct region *rg, uint64_t elem)
{
	buf_adds(b, rg->label);
	if (rg->kind == REGION_STACK && elem)
		buf_addf(b, " of frame %" PRIu64, elem);
	else if (rg->kind != REGION_STACK && rg->count)
		buf_addf(b, "[%" PRIu64 "]", elem);
}

/*
 * Which element [addr, addr + size) missed, and by how much: of two neighbours the nearer one.
 * Frames that do not run are no neighbours.
 */
static int64_t distance(const struct region *rg, uint64_t addr, uint64_t size, uint64_t *elem)
{
	uint64_t at = addr - rg->base, in, past;
	uint64_t count = rg->kind == REGION_STACK ? rg->rspan >> rg->shift : rg->count;

	*elem = 0;
	if (addr < rg->base)
		return -(int64_t)(rg->base - addr);
	if (!rg->count)
		return (int64_t)(at + size - rg->len);
	*elem = at >> rg->shift;
	if (!count)
		return (int64_t)(at + size);
	if (*elem >= count)
		*elem = count - 1;
	in = at - (*elem << rg->shift);
	past = in + size - rg->len;
	if (in >= rg->len && *elem + 1 < count && rg->mask + 1 - in <= past) {
		++*elem;
		return -(int64_t)(rg->mask + 1 - in);
	}
	return (int64_t)past;
}

static int64_t beside(const struct region *rg, uint64_t addr, uint64_t size, struct buf *b)
{
	uint64_t elem;
	int64_t d = distance(rg, addr, size, &elem);

	bytes(b, d < 0 ? 0 - (uint64_t)d : (uint64_t)d);
	buf_adds(b, d < 0 ? " before the start of " : " past the end of ");
	name(b, rg, elem);
	buf_adds(b, " (");
	bytes(b, rg->len);
	buf_adds(b, ")");
	return d;
}

static void unwritten(const struct region *rg, uint64_t addr, uint64_t size, struct buf *b)
{
	uint64_t off = addr - rg->base, elem = rg->count ? off >> rg->shift : 0, first = 0;

	region_written(rg, off, size, &first);
	if (rg->kind == REGION_STACK)
		buf_addf(b, "fp-%" PRIu64 " of ", rg->len - first);
	else
		buf_addf(b, "byte %" PRIu64 " of ", first);
	name(b, rg, elem);
	buf_adds(b, " was never written");
}

static void in_region(const struct region *rg, uint64_t addr, uint64_t size, enum miss miss,
		      struct buf *b)
{
	uint64_t at = addr - rg->base, elem = rg->count ? at >> rg->shift : 0;

	switch (miss) {
	case MISS_INIT:
		unwritten(rg, addr, size, b);
		return;
	case MISS_STALE:
		buf_addf(b, "stale pointer into %s, from before %s", rg->label,
			 (rg->above ? rg->above : rg)->why);
		return;
	case MISS_FIELD:
		name(b, rg, elem);
		buf_addf(b, " has no field of ");
		bytes(b, size);
		buf_addf(b, " at offset %" PRIu64, at & rg->mask);
		return;
	case MISS_FIELD_WRITE:
		buf_addf(b, "the field at offset %" PRIu64 " of ", at & rg->mask);
		name(b, rg, elem);
		buf_adds(b, " is read only");
		return;
	case MISS_ALIGN:
		buf_addf(b, "offset %" PRIu64 " of ", at & rg->mask);
		name(b, rg, elem);
		buf_addf(b, " is no multiple of %" PRIu64, size);
		return;
	default:
		name(b, rg, elem);
	}
	if (miss == MISS_DROPPED)
		buf_addf(b, " is gone (%s)", rg->why ? rg->why : "dropped");
	else if (miss == MISS_READONLY)
		buf_adds(b, " is read only");
	else
		buf_adds(b, " cannot be accessed directly");
}

int64_t space_where(const struct space *s, uint64_t addr, uint64_t size, enum miss miss,
		    struct buf *b)
{
	const struct region *rg = space_near(s, addr);

	if (miss == MISS_NULL) {
		buf_adds(b, "null pointer");
		if (addr)
			buf_addf(b, " + %" PRIu64, addr);
		return 0;
	}
	if (miss == MISS_WILD || !rg) {
		buf_addf(b, "nothing is at 0x%" PRIx64, addr);
		if (!rg || !rg->live)
			return 0;
		buf_adds(b, ", ");
		return beside(rg, addr, size, b);
	}
	if (miss == MISS_BOUNDS)
		return beside(rg, addr, size, b);
	in_region(rg, addr, size, miss, b);
	return 0;
}
