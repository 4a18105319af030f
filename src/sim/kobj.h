// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the objects of the mock kernel share: a count of references, and a number. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum kobj_kind { KOBJ_MAP, KOBJ_PROG, KOBJ_BTF, KOBJ_LINK };
#define KOBJ_KINDS 4

/*
 * The first member of struct map, prog, btf and link.  Descriptors, pins, programs and maps that
 * refer to an object each hold one reference; the last to go frees it and its id.
 */
struct kobj {
	enum kobj_kind kind;
	uint32_t id; /* 0: it has none yet, or nobody can find it any more */
	uint32_t refs;
	bool held;	    /* a reference is somebody's outside: it stays until the kernel ends */
	uint32_t uid;	    /* who made it */
	uint64_t load_time; /* ns since boot */
	void (*release)(struct kobj *o);
	/* Whoever gave it its id hears of its end, just before it is released; or NULL. */
	void (*gone)(void *owner, struct kobj *o);
	void *owner;
};

static inline void *kobj_get(struct kobj *o)
{
	o->refs++;
	return o;
}

/* NULL is fine. */
static inline void kobj_put(struct kobj *o)
{
	if (!o || --o->refs)
		return;
	if (o->gone)
		o->gone(o->owner, o);
	o->release(o);
}
