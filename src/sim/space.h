// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The memory BPF programs see: typed regions at addresses of our own making.
 *
 *  0        64K       128K      192K                    4G
 *  +---------+---------+---------+--- ... ---------------+--- ...
 *  |  null   | region  |  guard  | region, pages of 64K  | regions too large for below
 *  +---------+---------+---------+--- ... ---------------+--- ...
 *
 * Addresses are handed out in order, so that the same steps give the same addresses, and begin
 * low, so that `r2 = *(u32 *)(r1 + xdp_md.data)` holds a whole pointer.  A page belongs to one
 * region, which makes a look-up one array access; what lies around a region belongs to nobody.
 *
 * elements:	base | bytes, gap | bytes, gap | ...	(1 << shift from one to the next)
 * generations:	base of the first | guard | base of the second | guard | ...
 *
 * A region of elements (a map's values, the frames of a stack) lets no access leave the element
 * it begins in.  A region of several generations moves to the next place when it is renewed: a
 * pointer from before is known as stale.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct region;
struct space;
struct vm;

enum region_kind {
	REGION_CTX,
	REGION_PACKET,
	REGION_META,   /* between data_meta and data */
	REGION_STACK,  /* made by the interpreter */
	REGION_VALUE,  /* of a map */
	REGION_RECORD, /* of a ring buffer, from reserve to submit */
	REGION_RODATA,
	REGION_OBJECT, /* a kernel object */
	REGION_USER,   /* memory of a user process: only probe_read_user() and its like */
	REGION_MEM,    /* any other memory */
	REGION_MAP,    /* a map itself: no memory, but an address that stands for spec.object */
	REGION_CODE,   /* a program; address + 8 * n stands for instruction n */
};

enum {
	REGION_READ = 1,
	REGION_WRITE = 2,
	REGION_INIT = 4,   /* a byte must be written before it is read */
	REGION_CONST = 8,  /* never changes any more: the load check may know what is in it */
	REGION_ALIGN = 16, /* an access must be aligned to its size */
	REGION_REST = 32,  /* access() is for what fields[] does not allow, and for no other */
};

/*
 * What stands in the way of an access; also the answer of a region's own handler.  MISS_NONE:
 * nothing does.
 */
enum miss {
	MISS_NONE,
	MISS_NULL,	  /* below the first page */
	MISS_WILD,	  /* in no region */
	MISS_BOUNDS,	  /* begins or ends outside the region, or the element */
	MISS_STALE,	  /* a pointer to an older generation */
	MISS_DROPPED,	  /* the region is gone */
	MISS_READONLY,	  /* a write, and no REGION_WRITE */
	MISS_OPAQUE,	  /* neither readable nor writable: only helpers take this pointer */
	MISS_FIELD,	  /* no field with that offset and size */
	MISS_FIELD_WRITE, /* a field that can only be read */
	MISS_INIT,	  /* bytes never written */
	MISS_ALIGN,
};

/*
 * Takes the place of the memory for each load and store of a context whose fields must be
 * converted.  [off, off + size) lies inside and fields[] allows it.  A write finds its value in
 * *value, a read leaves it there.  What it cannot allow it answers, and raises no fault itself.
 */
typedef enum miss region_access(struct vm *vm, struct region *rg, uint32_t off, uint32_t size,
				bool write, uint64_t *value);

/* One entry of region.fields: the sizes (1, 2, 4, 8 bytes) an access at this offset may have. */
#define FIELD_READ(sizes) (sizes)
#define FIELD_WRITE(sizes) ((sizes) << 4)

/* What a caller of space_add() wants; zero is a sensible value for all but kind, flags, len. */
struct region_spec {
	enum region_kind kind;
	unsigned int flags;
	const char *label;	  /* "packet", "value of map drops"; copied */
	void *host;		  /* the bytes; a multiple of 8 where atomics are expected */
	uint64_t len;		  /* bytes now, or bytes of one element if count is set */
	uint64_t max;		  /* bytes it may be resized to; at least len */
	uint64_t count;		  /* elements */
	uint64_t host_stride;	  /* distance of elements at host; 0: len */
	unsigned int generations; /* places region_renew() moves through; 0: 1 */
	struct region *above;	  /* ends where that one begins, always: packet meta below packet */
	const uint8_t *fields;	  /* [len], or NULL: any access; kept, not copied */
	region_access *access;	  /* instead of the bytes at host; or NULL */
	void *object;		  /* the owner's */
};

/* Callers may read what is below the line. */
struct region {
	/* The interpreter's and space.c's. */
	uint64_t base; /* first address, of the current generation */
	uint8_t *host;
	uint64_t rspan, wspan; /* bytes that may be read, written, gaps included; 0: none */
	uint64_t mask;	       /* of an offset inside its element; all ones: no elements */
	uint64_t host_stride;
	uint8_t *init; /* a bit per byte, or NULL */
	uint64_t init_stride;
	const uint8_t *fields;
	region_access *access;
	struct space *space;
	struct region *above, *below, *next, *all;
	struct region_user *users; /* copies of some of this */
	const char *why;	   /* what made older pointers stale, or dropped it */
	uint64_t max, pages;	   /* pages: of one generation, guard included */
	uint64_t first;		   /* address of generation 0 */
	unsigned int generations, generation;
	unsigned int shift;
	bool own_init;
	/* ---- */
	bool live;    /* not dropped */
	uint64_t len; /* bytes; of one element if there are elements */
	uint64_t count;
	void *object;
	enum region_kind kind;
	unsigned int flags;
	char label[48];
};

struct space *space_new(void);
void space_free(struct space *s);

/* NULL: no memory, or no address left.  The region lives until region_drop() or space_free(). */
struct region *space_add(struct space *s, const struct region_spec *spec);

/*
 * From now on every access to it faults and says why ("submitted"; a literal).  Its address is
 * handed out again only after many others, and then its struct too.
 */
void region_drop(struct region *rg, const char *why);

/* Other bytes or another length (at most spec.max) at the same address. */
void region_resize(struct region *rg, void *host, uint64_t len);
/* The same at a new address; pointers from before are stale, because of why (a literal). */
void region_renew(struct region *rg, const char *why);
/*
 * For regions of several generations that hold one thing after another, each with its own address,
 * and nothing in between: after region_drop() it is there again, one generation on.
 */
void region_reopen(struct region *rg, void *host, uint64_t len);
/* Back to generation 0, where nothing is stale: the start of a run. */
void region_rewind(struct region *rg);
/* Other REGION_ flags: a map was frozen. */
void region_set_flags(struct region *rg, unsigned int flags);
/* [off, off + len) of a region with REGION_INIT counts as written, or as not. */
void region_mark(struct region *rg, uint64_t off, uint64_t len, bool written);

/* The address of an element; which element an address belongs to. */
uint64_t region_elem(const struct region *rg, uint64_t i);
uint64_t region_index(const struct region *rg, uint64_t addr);

/* The region whose pages hold addr, be it outside its bounds, stale or dropped; NULL: none. */
struct region *space_find(const struct space *s, uint64_t addr);
/* The object of the live region of that kind that begins at addr; NULL: there is none. */
void *space_object(const struct space *s, uint64_t addr, enum region_kind kind);

/*
 * The bytes at [addr, addr + len) if an access with those REGION_READ|REGION_WRITE is right;
 * else NULL and *miss.  Inside a region only; knows neither fields nor init bits.
 */
uint8_t *space_host(const struct space *s, uint64_t addr, uint64_t len, unsigned int access,
		    enum miss *miss);
/* As probe_read does it: false and nothing copied if any byte is out of reach. */
bool space_peek(const struct space *s, uint64_t addr, void *to, size_t n);
bool space_poke(const struct space *s, uint64_t addr, const void *from, size_t n);

/*
 * "2 bytes past the end of packet (14 bytes)": where [addr, addr + size) lies; miss is what
 * space_host() said.  Returns by how many bytes it missed, negative before the start.
 */
int64_t space_where(const struct space *s, uint64_t addr, uint64_t size, enum miss miss,
		    struct buf *b);
