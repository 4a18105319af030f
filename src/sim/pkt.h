// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The bytes of a packet, with room on both sides.
 *
 *	mem            head - meta       head          head + linear      head + len
 *	 |  headroom       |   metadata    |  what programs reach |  frags    |  tailroom
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct region;
struct space;

#define PKT_HEADROOM 32768u
#define PKT_MAX (96u << 10) /* of len */

struct pkt {
	uint8_t *mem; /* PKT_HEADROOM + PKT_MAX bytes */
	uint32_t head, meta, linear, len;
	struct region *data, *before; /* what programs reach, and the metadata below it */
};

/* Makes its regions; false: no memory. */
bool pkt_init(struct pkt *p, struct space *s);
void pkt_fini(struct pkt *p);

/* A new packet, for a run that begins: no pointer is stale. */
void pkt_set(struct pkt *p, uint32_t meta, uint32_t linear, uint32_t len);
static inline uint8_t *pkt_data(const struct pkt *p)
{
	return p->mem + p->head;
}
/* The same packet, once more, at the place pkt_set() left it: head has changed before a run. */
void pkt_set_head(struct pkt *p);
/* After head, meta or linear have changed, or might have in a kernel: older pointers are stale. */
void pkt_moved(struct pkt *p, const char *why);

/* n bytes more or less (n < 0) at an end; new ones at the head are as they were.  False: no room.
 */
bool pkt_push(struct pkt *p, int64_t n);
bool pkt_resize(struct pkt *p, uint32_t len);
/* Opens (n > 0) or closes a gap at off, with what is in front of it moving. */
bool pkt_gap(struct pkt *p, uint32_t off, int64_t n);
