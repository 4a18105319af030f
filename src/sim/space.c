// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Address space: handing out addresses, finding what is behind one. */
#include "sim/space.h"

#include <stdlib.h>
#include <string.h>

#include "sim/space_priv.h"

#define PAGE (UINT64_C(1) << PAGE_SHIFT)
#define LOW_PAGES (HIGH_BASE >> PAGE_SHIFT)
/* Dropped regions whose addresses rest before they are used again. */
#define QUARANTINE 256
/* Gaps between elements are generous up to this much address space for a region. */
#define GENEROUS (UINT64_C(64) << 20)

struct space {
	struct region **page; /* low pages to regions */
	size_t nr_pages, cap_pages;
	struct region **high; /* sorted by address, as they are handed out */
	size_t nr_high, cap_high;
	uint64_t high_next;
	struct region *all;		       /* by .all */
	struct region *rest_head, **rest_tail; /* small dropped regions, oldest first, by .next */
	size_t nr_rest;
};

struct space *space_new(void)
{
	struct space *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->nr_pages = 1; /* the null page */
	s->high_next = HIGH_BASE + PAGE;
	s->rest_tail = &s->rest_head;
	return s;
}

void space_free(struct space *s)
{
	if (!s)
		return;
	for (struct region *rg = s->all, *next; rg; rg = next) {
		next = rg->all;
		if (rg->own_init)
			free(rg->init);
		free(rg);
	}
	free(s->page);
	free(s->high);
	free(s);
}

struct region *region_nowhere(void)
{
	static const struct region none = { .mask = ~UINT64_C(0) };

	return (struct region *)(uintptr_t)&none;
}

void region_unuse(struct region_user *u)
{
	if (!u->prev)
		return;
	*u->prev = u->next;
	if (u->next)
		u->next->prev = u->prev;
	u->prev = NULL;
}

void region_use(struct region *rg, struct region_user *u, struct op *op)
{
	region_unuse(u);
	u->op = op;
	u->next = rg->users;
	u->prev = &rg->users;
	if (u->next)
		u->next->prev = &u->next;
	rg->users = u;
}

/* What follows from the other fields; who has copied some must look again. */
void region_limits(struct region *rg)
{
	uint64_t span = rg->count ? rg->count << rg->shift : rg->len;

	rg->rspan = rg->live && rg->flags & REGION_READ ? span : 0;
	rg->wspan = rg->live && rg->flags & REGION_WRITE ? span : 0;
	while (rg->users) {
		struct region_user *u = rg->users;

		region_unuse(u);
		op_forget(u->op);
	}
}

/*
 * Elements are so far apart that a wrong index into a value's array rather meets a gap than
 * another value, as long as addresses are plenty; at least one byte always.
 */
static unsigned int element_shift(const struct region_spec *spec)
{
	unsigned int shift = 6;

	while ((UINT64_C(1) << shift) < spec->len * 2)
		shift++;
	while (shift > 0 && spec->count > GENEROUS >> shift &&
	       (UINT64_C(1) << (shift - 1)) > spec->len)
		shift--;
	return shift;
}

static bool grow(struct region ***items, size_t n, size_t *cap)
{
	size_t want = *cap ? *cap : 32;
	struct region **more;

	while (want < n)
		want *= 2;
	if (want == *cap)
		return true;
	more = realloc(*items, want * sizeof(struct region *));
	if (!more)
		return false;
	memset(more + *cap, 0, (want - *cap) * sizeof(struct region *));
	*items = more;
	*cap = want;
	return true;
}

static bool place_high(struct space *s, struct region *rg, uint64_t bytes)
{
	if (bytes > UINT64_C(1) << 46 || !grow(&s->high, s->nr_high + 1, &s->cap_high))
		return false;
	rg->first = rg->base = s->high_next;
	s->high[s->nr_high++] = rg;
	s->high_next += (bytes + 2 * PAGE - 1) & ~(PAGE - 1);
	return true;
}

/* Every generation begins with an empty page, which doubles as the guard of what is before. */
static bool place_low(struct space *s, struct region *rg, uint64_t bytes)
{
	uint64_t pages = 1 + (bytes + PAGE - 1) / PAGE, all = pages * rg->generations;
	size_t at = s->nr_pages;

	if (all > LOW_PAGES || at + all > LOW_PAGES || !grow(&s->page, at + all, &s->cap_pages))
		return false;
	for (uint64_t i = 0; i < all; i++)
		s->page[at + i] = i % pages ? rg : NULL;
	s->nr_pages += all;
	rg->pages = pages;
	rg->first = rg->base = (at + 1) * PAGE;
	return true;
}

/* Into the empty page below another region. */
static bool place_below(struct space *s, struct region *rg, struct region *above)
{
	uint64_t at = (above->first >> PAGE_SHIFT) - 1;

	if (rg->max > PAGE / 2 || above->below || above->first >= HIGH_BASE)
		return false;
	for (unsigned int i = 0; i < above->generations; i++)
		s->page[at + i * above->pages] = rg;
	rg->above = above;
	above->below = rg;
	rg->base = above->base - rg->len;
	return true;
}

/* A struct with an address to reuse: the oldest of the small dropped regions. */
static struct region *reuse(struct space *s, bool pressed)
{
	struct region *rg = s->rest_head, *all;
	uint64_t first;

	if (!rg || (s->nr_rest < QUARANTINE && !pressed))
		return NULL;
	s->rest_head = rg->next;
	if (!s->rest_head)
		s->rest_tail = &s->rest_head;
	s->nr_rest--;
	if (rg->own_init)
		free(rg->init);
	all = rg->all;
	first = rg->first;
	*rg = (struct region){ .all = all, .first = first, .base = first, .pages = 2 };
	return rg;
}

static bool place(struct space *s, struct region *rg, struct region *above)
{
	uint64_t bytes = rg->count ? rg->count << rg->shift : rg->max;

	if (above)
		return place_below(s, rg, above);
	if (bytes <= HIGH_BASE / 4 && place_low(s, rg, bytes))
		return true;
	/* Programs get pointers to packets from a context's 32-bit fields. */
	if (rg->kind == REGION_PACKET || rg->generations > 1)
		return false;
	return place_high(s, rg, bytes);
}

static void fill(struct region *rg, const struct region_spec *spec)
{
	size_t n = strnlen(spec->label ? spec->label : "memory", sizeof(rg->label) - 1);

	memcpy(rg->label, spec->label ? spec->label : "memory", n);
	rg->kind = spec->kind;
	rg->flags = spec->flags;
	rg->host = spec->host;
	rg->len = spec->len;
	rg->max = spec->max > spec->len ? spec->max : spec->len;
	rg->count = spec->count;
	rg->object = spec->object;
	rg->fields = spec->fields;
	rg->access = spec->access;
	rg->generations = spec->generations ? spec->generations : 1;
	rg->shift = spec->count ? element_shift(spec) : 63;
	rg->mask = spec->count ? (UINT64_C(1) << rg->shift) - 1 : ~UINT64_C(0);
	rg->host_stride = spec->host_stride ? spec->host_stride : spec->len;
	rg->live = true;
}

static bool add_init(struct region *rg)
{
	size_t per_elem = (rg->max + 7) / 8;

	if (!(rg->flags & REGION_INIT) || rg->kind == REGION_STACK)
		return true; /* the interpreter has its own */
	rg->init = calloc(rg->count ? rg->count : 1, per_elem ? per_elem : 1);
	rg->init_stride = per_elem;
	rg->own_init = true;
	return rg->init != NULL;
}

struct region *space_add(struct space *s, const struct region_spec *spec)
{
	bool small = !spec->above && !spec->count && spec->generations <= 1 && spec->max <= PAGE &&
		     spec->len <= PAGE;
	struct region *rg = small ? reuse(s, s->nr_pages + 2 > LOW_PAGES) : NULL;
	bool placed = rg;

	if (spec->len > UINT64_C(1) << 40 || spec->count > UINT64_C(1) << 32)
		return NULL;
	if (!rg)
		rg = calloc(1, sizeof(*rg));
	if (!rg)
		return NULL;
	fill(rg, spec);
	if (!placed) {
		rg->space = s;
		if (!place(s, rg, spec->above)) {
			free(rg);
			return NULL;
		}
		rg->all = s->all;
		s->all = rg;
	}
	rg->space = s;
	if (!add_init(rg)) {
		region_drop(rg, "out of memory");
		return NULL;
	}
	region_limits(rg);
	return rg;
}

void region_drop(struct region *rg, const char *why)
{
	struct space *s = rg->space;

	if (!rg->live)
		return;
	rg->live = false;
	rg->why = why;
	region_limits(rg);
	if (rg->pages != 2 || rg->generations != 1 || rg->count || rg->below)
		return;
	rg->next = NULL;
	*s->rest_tail = rg;
	s->rest_tail = &rg->next;
	s->nr_rest++;
}

void region_resize(struct region *rg, void *host, uint64_t len)
{
	if (len > rg->max)
		len = rg->max;
	if (rg->host == host && rg->len == len)
		return;
	rg->host = host;
	rg->len = len;
	if (rg->above)
		rg->base = rg->above->base - rg->len;
	region_limits(rg);
}

static void move_to(struct region *rg, unsigned int generation)
{
	if (rg->generation == generation)
		return;
	rg->generation = generation;
	rg->base = rg->first + generation * rg->pages * PAGE;
	region_limits(rg);
	if (rg->below) {
		rg->below->base = rg->base - rg->below->len;
		region_limits(rg->below);
	}
}

void region_renew(struct region *rg, const char *why)
{
	rg->why = why;
	move_to(rg, (rg->generation + 1) % rg->generations);
}

void region_reopen(struct region *rg, void *host, uint64_t len)
{
	rg->live = true;
	rg->host = host;
	rg->len = len < rg->max ? len : rg->max;
	rg->generation = (rg->generation + 1) % rg->generations;
	rg->base = rg->first + rg->generation * rg->pages * PAGE;
	region_limits(rg);
}

void region_rewind(struct region *rg)
{
	move_to(rg, 0);
}

void region_set_flags(struct region *rg, unsigned int flags)
{
	rg->flags = flags;
	region_limits(rg);
}

static void mark_bits(uint8_t *bits, uint64_t from, uint64_t to, bool set)
{
	while (from < to && from & 7) {
		bits[from >> 3] = set ? bits[from >> 3] | 1u << (from & 7)
				      : bits[from >> 3] & ~(1u << (from & 7));
		from++;
	}
	if (to - from >= 8) {
		memset(bits + (from >> 3), set ? 0xff : 0, (to - from) >> 3);
		from += (to - from) & ~UINT64_C(7);
	}
	for (; from < to; from++)
		bits[from >> 3] = set ? bits[from >> 3] | 1u << (from & 7)
				      : bits[from >> 3] & ~(1u << (from & 7));
}

void region_mark(struct region *rg, uint64_t off, uint64_t len, bool written)
{
	uint64_t in = off & rg->mask;

	if (!rg->init || in >= rg->len)
		return;
	if (len > rg->len - in)
		len = rg->len - in;
	mark_bits(rg->init + (off >> rg->shift) * rg->init_stride, in, in + len, written);
}

bool region_written(const struct region *rg, uint64_t off, uint64_t len, uint64_t *first)
{
	uint64_t in = off & rg->mask;
	const uint8_t *bits = rg->init + (off >> rg->shift) * rg->init_stride;

	for (uint64_t i = in; i < in + len; i++) {
		if (!(i & 7) && in + len - i >= 8 && bits[i >> 3] == 0xff) {
			i += 7;
			continue;
		}
		if (!(bits[i >> 3] >> (i & 7) & 1)) {
			*first = i;
			return false;
		}
	}
	return true;
}

uint64_t region_elem(const struct region *rg, uint64_t i)
{
	return rg->base + (rg->count ? i << rg->shift : 0);
}

uint64_t region_index(const struct region *rg, uint64_t addr)
{
	return (addr - rg->base) >> rg->shift;
}

static uint64_t high_end(const struct region *rg)
{
	return rg->base + (rg->count ? rg->count << rg->shift : rg->max);
}

static struct region *find_high(const struct space *s, uint64_t addr)
{
	size_t lo = 0, hi = s->nr_high;

	/* The last one that begins at or below addr. */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->high[mid]->base <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? s->high[lo - 1] : NULL;
}

struct region *space_find(const struct space *s, uint64_t addr)
{
	struct region *rg;

	if (addr >> PAGE_SHIFT < s->nr_pages)
		return s->page ? s->page[addr >> PAGE_SHIFT] : NULL;
	if (addr < HIGH_BASE)
		return NULL;
	rg = find_high(s, addr);
	return rg && addr < high_end(rg) ? rg : NULL;
}

/* The nearest region among the pages below, and above. */
static struct region *near_low(const struct space *s, uint64_t addr)
{
	uint64_t page = addr >> PAGE_SHIFT;
	const struct region *below = NULL, *above = NULL;

	for (uint64_t d = 1; d <= NEAR_PAGES; d++) {
		if (!below && page >= d && page - d < s->nr_pages)
			below = s->page[page - d];
		if (!above && page + d < s->nr_pages)
			above = s->page[page + d];
	}
	if (below && above &&
	    above->base - addr < addr - below->base - (below->count << below->shift | below->len))
		below = NULL;
	return (struct region *)(uintptr_t)(below ? below : above);
}

struct region *space_near(const struct space *s, uint64_t addr)
{
	struct region *rg = space_find(s, addr);

	if (rg || addr < HIGH_BASE)
		return rg ? rg : near_low(s, addr);
	rg = find_high(s, addr);
	return rg && addr - high_end(rg) < NEAR_PAGES * PAGE ? rg : NULL;
}

void *space_object(const struct space *s, uint64_t addr, enum region_kind kind)
{
	const struct region *rg = space_find(s, addr);

	return rg && rg->live && rg->kind == kind && rg->base == addr ? rg->object : NULL;
}
