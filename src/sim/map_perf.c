// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* perf_event_array: events by index; what nobody takes at once is kept for map_perf_next(). */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "sim/map_refs.h"
#include "uapi/names.h"

#define KEPT_MAX (4u << 20) /* bytes of records; more are lost, as in a full buffer */

struct record {
	struct record *next;
	struct map_perf_record rec;
	uint8_t data[];
};

struct perf {
	struct refs r;
	struct record *first, **last;
	struct record *taken; /* given out by map_perf_next() */
	size_t kept;
};

static struct perf *perf(struct map *m)
{
	return (struct perf *)m;
}

static int perf_init(struct map *m)
{
	perf(m)->last = &perf(m)->first;
	return refs_init(m);
}

static void perf_release(struct map *m)
{
	struct perf *p = perf(m);

	for (struct record *r = p->first, *next; r; r = next) {
		next = r->next;
		free(r);
	}
	free(p->taken);
	refs_release(m);
}

static void perf_closed(struct map *m)
{
	if (m->spec.flags & BPF_F_PRESERVE_ELEMS)
		return;
	for (uint32_t i = 0; i < refs(m)->used; i++)
		*refs_slot(m, i) = 0;
	refs(m)->used = 0;
}

static int perf_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	return refs_set_file(m, key, value, flags, MAP_FILE_PERF);
}

static int keep(struct perf *p, const void *data, uint64_t size)
{
	const struct world *w = p->r.m.world;
	struct record *rec;

	if (size > KEPT_MAX - p->kept)
		return -ENOSPC;
	rec = malloc(sizeof(*rec) + size);
	if (!rec)
		return -ENOSPC;
	memcpy(rec->data, data, size);
	rec->next = NULL;
	rec->rec = (struct map_perf_record){
		.cpu = w->cpu, .size = (uint32_t)size, .time = w->clock.boot_ns, .data = rec->data
	};
	*p->last = rec;
	p->last = &rec->next;
	p->kept += size;
	return 0;
}

int map_perf_output(struct map *m, uint64_t flags, const void *data, uint64_t size)
{
	uint32_t index = (uint32_t)(flags & BPF_F_INDEX_MASK);
	const struct map_objects *o = m->objects;
	uint64_t event;
	int r;

	if (flags & ~(uint64_t)BPF_F_INDEX_MASK)
		return -EINVAL;
	if (index == BPF_F_CURRENT_CPU)
		index = m->world->cpu;
	r = refs_file_at(m, &index, &event);
	if (r)
		return r;
	return o && o->perf_output ? o->perf_output(o->arg, event, data, size)
				   : keep(perf(m), data, size);
}

bool map_perf_next(struct map *m, struct map_perf_record *rec)
{
	struct perf *p = perf(m);

	if (m->spec.type != UAPI_MAP_perf_event_array)
		return false;
	free(p->taken);
	p->taken = p->first;
	if (!p->taken)
		return false;
	p->first = p->taken->next;
	if (!p->first)
		p->last = &p->first;
	p->kept -= p->taken->rec.size;
	*rec = p->taken->rec;
	return true;
}

const struct map_ops map_perf_event_array_ops = {
	.size = sizeof(struct perf),
	.init = perf_init,
	.release = perf_release,
	.closed = perf_closed,
	.inner = true,
	.update = perf_update,
	.remove = refs_remove_file,
	.next = map_index_next,
	.no = { .lookup = MAP_ENOTSUPP },
	.file_at = refs_file_at,
};
