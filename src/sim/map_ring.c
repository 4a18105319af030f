// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ringbuf, user_ringbuf: positions and records in a file that user space maps.
 *
 * The file holds the data area twice.  In the kernel both are the same memory; here they are not,
 * so a record is written where it begins in the first and goes on in the second, and what of it
 * lies in one is copied to the other before anybody may look.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "sim/map_ops.h"

/* Pages in front of the data, as the kernel counts them for a record's pg_off. */
#define META_PAGES 3u
/* Records up to this size take turns at some places, which costs less than a region for each. */
#define SMALL_RECORD 4096
#define RECORD_PLACES 16
#define RECORD_MAX (UINT32_MAX / 4)

struct ring {
	struct map m;
	struct map_mem mem;
	uint64_t *consumer, *producer; /* in the file */
	uint8_t *data;
	uint64_t size;
	uint64_t pending;      /* the oldest record that may still be reserved */
	uint64_t at;	       /* the same as *producer, which the mapping lets nobody write */
	struct region *record; /* where programs see one record after another; or NULL */
	uint32_t open, page;
	uint32_t sample; /* user_ringbuf: bytes of the one that is looked at, header included */
};

extern const struct map_ops map_ringbuf_ops;

struct ring_header {
	uint32_t len, pg_off;
};

static struct ring *ring(struct map *m)
{
	return (struct ring *)m;
}

static int ring_check(const struct world *w, const struct map_spec *s)
{
	uint32_t n = s->max_entries;

	(void)w;
	return n & (n - 1) || n % (uint32_t)sysconf(_SC_PAGESIZE) ? -EINVAL : 0;
}

static int ring_init(struct map *m)
{
	struct ring *r = ring(m);
	int err;

	r->page = (uint32_t)sysconf(_SC_PAGESIZE);
	r->size = m->spec.max_entries;
	err = map_mem_new(&r->mem, 2 * (uint64_t)r->page + 2 * r->size, 1, true);
	if (err)
		return err;
	r->consumer = (uint64_t *)(void *)r->mem.host;
	r->producer = (uint64_t *)(void *)(r->mem.host + r->page);
	r->data = r->mem.host + 2 * (size_t)r->page;
	return 0;
}

static void ring_release(struct map *m)
{
	if (ring(m)->record)
		region_drop(ring(m)->record, "the map is gone");
	map_mem_free(&ring(m)->mem);
}

static int ring_memfd(struct map *m, int *fd, size_t *len)
{
	*fd = ring(m)->mem.fd;
	*len = ring(m)->mem.len;
	return 0;
}

static uint64_t load(const uint64_t *pos)
{
	return __atomic_load_n(pos, __ATOMIC_ACQUIRE);
}

static bool ring_readable(const struct map *m)
{
	const struct ring *r = (const struct ring *)m;

	return r->at != load(r->consumer);
}

/* ---- records ------------------------------------------------------------------------------ */

static struct ring_header *header_at(const struct ring *r, uint64_t pos)
{
	return (struct ring_header *)(void *)(r->data + (pos & (r->size - 1)));
}

static uint64_t record_len(uint64_t size)
{
	return (size + BPF_RINGBUF_HDR_SZ + 7) & ~UINT64_C(7);
}

static uint32_t header_size(uint32_t len)
{
	return len & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
}

/* What a record's first n bytes are in one copy of the data, they become in the other. */
static void mirror(struct ring *r, uint64_t off, uint64_t n)
{
	uint64_t first = off + n <= r->size ? n : r->size - off;

	if (first == n && n <= 64) { /* most are small: by words, of which records are whole */
		for (uint64_t i = 0; i < n; i += 8)
			memcpy(r->data + r->size + off + i, r->data + off + i, 8);
		return;
	}
	memcpy(r->data + r->size + off, r->data + off, first);
	if (n > first)
		memcpy(r->data, r->data + r->size, n - first);
}

static void store_len(struct ring *r, struct ring_header *h, uint32_t len)
{
	struct ring_header *twin = (struct ring_header *)(void *)((uint8_t *)h + r->size);

	twin->len = len;
	__atomic_store_n(&h->len, len, __ATOMIC_RELEASE);
}

/* Past records that are submitted or discarded. */
static void move_pending(struct ring *r)
{
	while (r->pending < r->at) {
		uint32_t len = header_at(r, r->pending)->len;

		if (len & BPF_RINGBUF_BUSY_BIT)
			break;
		r->pending += record_len(header_size(len));
	}
	/* The kernel keeps its own in that page, too. */
	r->producer[1] = r->pending;
}

static struct ring_header *reserve(struct ring *r, uint64_t size)
{
	uint64_t len = record_len(size), next = r->at + len;
	struct ring_header *h = header_at(r, r->at);

	if (size > RECORD_MAX || len > r->size)
		return NULL;
	move_pending(r);
	if (next - load(r->consumer) > r->size - 1 || next - r->pending > r->size - 1)
		return NULL;
	h->pg_off = (uint32_t)((r->at & (r->size - 1)) / r->page) + META_PAGES;
	((struct ring_header *)(void *)((uint8_t *)h + r->size))->pg_off = h->pg_off;
	store_len(r, h, (uint32_t)size | BPF_RINGBUF_BUSY_BIT);
	r->at = next;
	__atomic_store_n(r->producer, next, __ATOMIC_RELEASE);
	return h;
}

static void commit(struct ring *r, struct ring_header *h, bool discard)
{
	uint32_t size = header_size(h->len);

	mirror(r, (uint64_t)((uint8_t *)h - r->data), BPF_RINGBUF_HDR_SZ + (uint64_t)size);
	store_len(r, h, discard ? size | BPF_RINGBUF_DISCARD_BIT : size);
}

/* ---- programs ----------------------------------------------------------------------------- */

/* A region of its own for a record that is large, or open beside another one. */
static struct region *record(struct map *m, void *host, uint64_t size)
{
	struct ring *r = ring(m);
	bool small = size <= SMALL_RECORD;
	struct region_spec spec = { .kind = REGION_RECORD,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = "ring buffer record",
				    .host = host,
				    .len = size,
				    .max = size ? size : 1,
				    .object = m };

	if (small && r->record && !r->record->live) {
		region_reopen(r->record, host, size);
		return r->record;
	}
	if (small && !r->record) {
		spec.max = SMALL_RECORD;
		spec.generations = RECORD_PLACES;
		r->record = space_add(m->world->space, &spec);
		if (r->record)
			return r->record;
		spec.max = size ? size : 1;
		spec.generations = 0;
	}
	return space_add(m->world->space, &spec);
}

uint64_t map_ring_reserve(struct map *m, uint64_t size, uint64_t flags)
{
	struct ring *r = ring(m);
	struct ring_header *h = flags ? NULL : reserve(r, size);
	struct region *rg;

	if (!h)
		return 0;
	rg = record(m, h + 1, size);
	if (!rg) {
		commit(r, h, true);
		return 0;
	}
	r->open++;
	return rg->base;
}

struct map *map_ring_of(struct world *w, uint64_t addr)
{
	return space_object(w->space, addr, REGION_RECORD);
}

void map_ring_commit(struct map *m, uint64_t addr, uint64_t flags, bool discard)
{
	struct region *rg = space_find(m->world->space, addr);
	struct ring_header *h;

	/* Who polls looks for himself: the flags say nothing here. */
	(void)flags;
	if (!rg || !rg->live || rg->object != m || rg->kind != REGION_RECORD || rg->base != addr)
		return;
	h = (struct ring_header *)(void *)rg->host - 1;
	region_drop(rg, discard ? "discarded" : "submitted");
	ring(m)->open--;
	commit(ring(m), h, discard);
}

uint32_t map_ring_open(const struct map *m)
{
	return m->ops == &map_ringbuf_ops ? ((const struct ring *)m)->open : 0;
}

int map_ring_output(struct map *m, const void *data, uint64_t size, uint64_t flags)
{
	struct ring_header *h;

	if (flags & ~(uint64_t)(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP))
		return -EINVAL;
	h = reserve(ring(m), size);
	if (!h)
		return -EAGAIN;
	memcpy(h + 1, data, size);
	commit(ring(m), h, false);
	return 0;
}

uint64_t map_ring_query(struct map *m, uint64_t what)
{
	const struct ring *r = ring(m);

	switch (what) {
	case BPF_RB_AVAIL_DATA:
		return r->at - load(r->consumer);
	case BPF_RB_RING_SIZE:
		return r->size;
	case BPF_RB_CONS_POS:
		return load(r->consumer);
	case BPF_RB_PROD_POS:
		return r->at;
	default:
		return 0;
	}
}

static void ring_dump(struct map *m, map_piece *fn, void *arg)
{
	const struct ring *r = ring(m);
	uint64_t at = load(r->consumer), len;

	if (at % 8 || r->at - at > r->size) /* user space writes there what it likes */
		return;
	for (; at < r->at; at += len) {
		const struct ring_header *h = header_at(r, at);
		uint32_t size = header_size(h->len);

		len = record_len(size);
		if (h->len & BPF_RINGBUF_BUSY_BIT || len > r->at - at)
			break;
		if (!(h->len & BPF_RINGBUF_DISCARD_BIT))
			fn(arg, NULL, 0, h + 1, size);
	}
}

static int ring_restore(struct map *m, const void *key, size_t key_len, const void *value,
			size_t len)
{
	(void)key;
	return key_len || map_ring_output(m, value, len, 0) ? -EINVAL : 0;
}

#define RING_OPS                                                                                   \
	.size = sizeof(struct ring), .check = ring_check, .init = ring_init,                       \
	.release = ring_release, .inner = true, .inner_entries = false, .memfd = ring_memfd,       \
	.no = { .lookup = MAP_ENOTSUPP,                                                            \
		.update = MAP_ENOTSUPP,                                                            \
		.remove = MAP_ENOTSUPP,                                                            \
		.next = MAP_ENOTSUPP }

const struct map_ops map_ringbuf_ops = { RING_OPS, .readable = ring_readable, .dump = ring_dump,
					 .restore = ring_restore };

/* ---- user_ringbuf: the other way round ---------------------------------------------------- */

const struct map_ops map_user_ringbuf_ops = { RING_OPS };

int map_user_ring_peek(struct map *m, const void **data, uint32_t *len)
{
	struct ring *r = ring(m);
	uint64_t produced = load(r->producer), at = load(r->consumer), total;
	uint32_t h;

	if (produced % 8)
		return -EINVAL;
	if (at >= produced)
		return -ENODATA;
	h = __atomic_load_n(&header_at(r, at)->len, __ATOMIC_ACQUIRE);
	total = record_len(header_size(h));
	if (total > produced - at)
		return -EINVAL;
	if (total > r->size || header_size(h) > (1u << 24) - 1)
		return -E2BIG;
	if (h & BPF_RINGBUF_DISCARD_BIT) {
		__atomic_store_n(r->consumer, at + total, __ATOMIC_RELEASE);
		return -EAGAIN;
	}
	if (h & BPF_RINGBUF_BUSY_BIT)
		return -ENODATA;
	/* The producer writes to (position + 8) modulo the size, and on into the second copy. */
	*data = header_at(r, at + BPF_RINGBUF_HDR_SZ);
	*len = header_size(h);
	r->sample = (uint32_t)total;
	return 0;
}

void map_user_ring_done(struct map *m)
{
	struct ring *r = ring(m);

	__atomic_store_n(r->consumer, load(r->consumer) + r->sample, __ATOMIC_RELEASE);
	r->sample = 0;
}
