// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Objects by number. */
#include <errno.h>
#include <stdlib.h>

#include "core/mem.h"
#include "sim/kern_priv.h"

/* The place of the first id that is at least `id`. */
static size_t place(const struct kern_ids *ids, uint32_t id)
{
	size_t low = 0, high = ids->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (ids->v[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void forget(void *owner, struct kobj *o)
{
	struct kern *k = owner;
	struct kern_ids *ids = &k->ids[o->kind];
	size_t i = place(ids, o->id);

	if (o->id && i < ids->n && ids->v[i] == o) {
		ids->n--;
		memmove(ids->v + i, ids->v + i + 1, (ids->n - i) * sizeof(*ids->v));
	}
	o->id = 0;
}

int kern_add(struct kern *k, struct kobj *o, uint32_t id)
{
	struct kern_ids *ids = &k->ids[o->kind];
	size_t i;

	if (!id) {
		do
			id = ids->last = ids->last == INT32_MAX ? 1 : ids->last + 1;
		while (kern_by_id(k, o->kind, id));
	}
	i = place(ids, id);
	if (i < ids->n && ids->v[i]->id == id)
		return -EEXIST;
	if (array_grow(&ids->v, ids->n, &ids->cap, sizeof(*ids->v)))
		return -ENOMEM;
	memmove(ids->v + i + 1, ids->v + i, (ids->n - i) * sizeof(*ids->v));
	ids->v[i] = o;
	ids->n++;
	if (id > ids->last)
		ids->last = id;
	o->id = id;
	o->uid = k->world.task.uid;
	o->load_time = k->world.clock.boot_ns;
	o->gone = forget;
	o->owner = k;
	return 0;
}

struct kobj *kern_by_id(const struct kern *k, enum kobj_kind kind, uint32_t id)
{
	const struct kern_ids *ids = &k->ids[kind];
	size_t i = place(ids, id);

	return i < ids->n && ids->v[i]->id == id ? ids->v[i] : NULL;
}

uint32_t kern_next_id(const struct kern *k, enum kobj_kind kind, uint32_t id)
{
	const struct kern_ids *ids = &k->ids[kind];
	size_t i = place(ids, id + 1);

	return i < ids->n ? ids->v[i]->id : 0;
}
