// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The bytes of a packet, and the regions that show them. */
#include "sim/pkt.h"

#include <stdlib.h>
#include <string.h>

#include "sim/space.h"

/* How often a packet may move before an old pointer looks like a new one. */
#define PKT_GENERATIONS 16

bool pkt_init(struct pkt *p, struct space *s)
{
	struct region_spec data = { .kind = REGION_PACKET,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = "packet",
				    .max = PKT_MAX,
				    .generations = PKT_GENERATIONS };
	struct region_spec meta = { .kind = REGION_META,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = "packet metadata",
				    .max = 256 };

	p->mem = calloc(1, PKT_HEADROOM + PKT_MAX);
	if (!p->mem)
		return false;
	p->head = PKT_HEADROOM;
	data.host = meta.host = p->mem + p->head;
	p->data = space_add(s, &data);
	if (!p->data)
		return false;
	meta.above = p->data;
	p->before = space_add(s, &meta);
	return p->before;
}

void pkt_fini(struct pkt *p)
{
	free(p->mem);
	p->mem = NULL;
}

static void show(struct pkt *p)
{
	region_resize(p->data, p->mem + p->head, p->linear);
	region_resize(p->before, p->mem + p->head - p->meta, p->meta);
}

void pkt_set(struct pkt *p, uint32_t meta, uint32_t linear, uint32_t len)
{
	p->head = PKT_HEADROOM;
	p->meta = meta;
	p->linear = linear;
	p->len = len;
	region_rewind(p->data);
	show(p);
}

void pkt_set_head(struct pkt *p)
{
	show(p);
}

void pkt_moved(struct pkt *p, const char *why)
{
	show(p);
	region_renew(p->data, why);
}

bool pkt_push(struct pkt *p, int64_t n)
{
	if (n > (int64_t)p->head - (int64_t)p->meta || -n > (int64_t)p->linear ||
	    (int64_t)p->len + n > PKT_MAX)
		return false;
	p->head = (uint32_t)(p->head - n);
	p->len = (uint32_t)(p->len + n);
	p->linear = (uint32_t)(p->linear + n);
	return true;
}

bool pkt_resize(struct pkt *p, uint32_t len)
{
	bool whole = p->linear == p->len;

	if (len > PKT_MAX || p->head + len > PKT_HEADROOM + PKT_MAX)
		return false;
	if (len > p->len)
		memset(p->mem + p->head + p->len, 0, len - p->len);
	p->len = len;
	if (whole || p->linear > len)
		p->linear = len;
	return true;
}

bool pkt_gap(struct pkt *p, uint32_t off, int64_t n)
{
	uint8_t *old = pkt_data(p);

	if (off > p->linear || -n > (int64_t)p->linear - off || !pkt_push(p, n))
		return false;
	memmove(pkt_data(p), old, off);
	if (n > 0)
		memset(pkt_data(p) + off, 0, (size_t)n);
	return true;
}
