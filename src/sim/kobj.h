// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the objects of the mock kernel share: a count of references, and a number. */
#pragma once

#include <stdint.h>

enum kobj_kind { KOBJ_MAP, KOBJ_PROG, KOBJ_BTF, KOBJ_LINK };

/*
 * The first member of struct map, prog, btf and link.  Descriptors, pins, programs and maps that
 * refer to an object each hold one reference; the last to go frees it and its id.
 */
struct kobj {
	enum kobj_kind kind;
	uint32_t id; /* 0: it has none yet, or nobody can find it any more */
	uint32_t refs;
	uint32_t uid;	    /* who made it */
	uint64_t load_time; /* ns since boot */
	void (*release)(struct kobj *o);
};

static inline void *kobj_get(struct kobj *o)
{
	o->refs++;
	return o;
}

/* NULL is fine. */
static inline void kobj_put(struct kobj *o)
{
	if (o && --o->refs == 0)
		o->release(o);
}
