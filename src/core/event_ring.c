// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory shared with the kernel: ring buffers, and the buffers of perf events. */
#include "core/event_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/perf_event.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/probe.h"
#include "core/sys.h"

/* ---- ring buffers ------------------------------------------------------------------------- */

/*
 *	page 0		position of the consumer, ours to write
 *	page 1		position of the producer
 *	page 2 ...	data, and the same data again, so that no record is ever in two parts
 */
int ring_open(struct ring *r, const struct map *m, bool peek, struct err *e)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = m->info.max_entries;
	void *consumer, *producer;
	char label[64];

	*r = (struct ring){ .page = page, .size = size, .peek = peek };
	if (sys_replays()) /* its events are in the record */
		return 0;
	consumer =
		mmap(NULL, page, peek ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (consumer == MAP_FAILED) {
		err_sys(e, "cannot map %s", map_label(&m->info, label));
		return probe_denied(e, NEED_BPF);
	}
	producer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, m->fd, (off_t)page);
	if (producer == MAP_FAILED) {
		err_sys(e, "cannot map %s", map_label(&m->info, label));
		munmap(consumer, page);
		return err_class(e, e->class);
	}
	r->consumer = consumer;
	r->producer = producer;
	r->data = (const uint8_t *)producer + page;
	r->next = __atomic_load_n(r->consumer, __ATOMIC_ACQUIRE);
	return 0;
}

/* What was given out last is read now: the program may use its room again. */
static void ring_release(struct ring *r)
{
	if (!r->peek && r->next != *r->consumer)
		__atomic_store_n(r->consumer, r->next, __ATOMIC_RELEASE);
}

void ring_close(struct ring *r)
{
	if (!r->consumer)
		return;
	munmap((void *)(uintptr_t)r->producer, r->page + 2 * r->size);
	ring_release(r);
	munmap(r->consumer, r->page);
	r->consumer = NULL;
}

bool ring_next(struct ring *r, struct event *ev)
{
	/* What was given out before is free now. */
	ring_release(r);
	while (r->next < __atomic_load_n(r->producer, __ATOMIC_ACQUIRE)) {
		const uint8_t *at = r->data + (r->next & (r->size - 1));
		uint32_t header =
			__atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
		uint32_t len = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		/* Reserved and not yet submitted: what follows has to wait. */
		if ((header & BPF_RINGBUF_BUSY_BIT) || len > r->size)
			return false;
		r->next += (len + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
		if (header & BPF_RINGBUF_DISCARD_BIT) {
			if (!r->peek)
				__atomic_store_n(r->consumer, r->next, __ATOMIC_RELEASE);
			continue;
		}
		*ev = (struct event){ .data = at + BPF_RINGBUF_HDR_SZ, .len = len, .cpu = -1 };
		return true;
	}
	return false;
}

/* ---- perf events -------------------------------------------------------------------------- */

int perf_open(struct perf_ring *p, const struct map *m, int cpu, uint32_t index, uint32_t pages,
	      struct err *e)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = 1,
	};
	uint32_t value;
	int r;

	*p = (struct perf_ring){ .fd = -1, .cpu = cpu, .page = (size_t)sysconf(_SC_PAGESIZE) };
	p->size = pages * p->page;
	p->fd = sys_perf_event_open(&attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (p->fd < 0) {
		err_code(e, p->fd, "cannot open a perf event on CPU %d", cpu);
		return probe_denied(e, NEED_PERFMON);
	}
	if (!sys_replays())
		p->base =
			mmap(NULL, p->page + p->size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
	if (p->base == MAP_FAILED) {
		p->base = NULL;
		r = err_sys(e, "cannot map the perf event of CPU %d", cpu);
		perf_close(p);
		return r;
	}
	value = (uint32_t)p->fd;
	r = map_update(m, &index, &value, 0, e);
	if (r)
		perf_close(p);
	return r;
}

void perf_close(struct perf_ring *p)
{
	if (p->base)
		munmap(p->base, p->page + p->size);
	p->base = NULL;
	closep(&p->fd);
	free(p->whole);
	p->whole = NULL;
	p->whole_cap = 0;
}

/* n bytes from position at, in one piece. */
static const void *piece(struct perf_ring *p, uint64_t at, size_t n)
{
	const uint8_t *data = (const uint8_t *)p->base + p->page;
	size_t off = at & (p->size - 1), first = p->size - off;

	if (n <= first)
		return data + off;
	if (n > p->whole_cap) {
		p->whole = xreallocarray(p->whole, n, 1);
		p->whole_cap = n;
	}
	memcpy(p->whole, data + off, first);
	memcpy(p->whole + first, data, n - first);
	return p->whole;
}

/* The two kinds of records there are here, behind their headers. */
struct sample {
	uint64_t time;
	uint32_t size;
	uint8_t data[];
};
struct lost {
	uint64_t id, count;
};

static bool take_record(const struct perf_event_header *h, const uint8_t *body, int cpu,
			struct event *ev)
{
	size_t n = h->size - sizeof(*h);
	struct sample s;
	struct lost l;

	if (h->type == PERF_RECORD_LOST && n >= sizeof(l)) {
		memcpy(&l, body, sizeof(l));
		*ev = (struct event){ .lost = l.count, .cpu = cpu };
		return l.count != 0;
	}
	if (h->type != PERF_RECORD_SAMPLE || n < offsetof(struct sample, data))
		return false;
	memcpy(&s, body, offsetof(struct sample, data));
	if (s.size > n - offsetof(struct sample, data))
		return false;
	*ev = (struct event){ .data = body + offsetof(struct sample, data),
			      .len = s.size,
			      .cpu = cpu,
			      .time = s.time };
	return true;
}

bool perf_next(struct perf_ring *p, struct event *ev)
{
	struct perf_event_mmap_page *page = p->base;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);

	__atomic_store_n(&page->data_tail, p->done, __ATOMIC_RELEASE);
	while (p->done + sizeof(struct perf_event_header) <= head) {
		struct perf_event_header h;
		const uint8_t *record;

		memcpy(&h, piece(p, p->done, sizeof(h)), sizeof(h));
		if (h.size < sizeof(h) || p->done + h.size > head)
			return false;
		record = piece(p, p->done, h.size);
		p->done += h.size;
		if (take_record(&h, record + sizeof(h), p->cpu, ev))
			return true;
	}
	return false;
}
