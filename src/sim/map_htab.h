// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the kinds of hash maps share. */
#pragma once

#include "sim/map_hash.h"

#define HTAB_ELEM 48u /* sizeof(struct htab_elem), the kernel's */

struct htab {
	struct map m;
	struct table t;
	struct map_values v; /* slot * cpus + cpu */
	uint32_t cpus;	     /* values of a slot */
	void (*drop)(struct htab *h, uint32_t slot);
	void (*show)(struct htab *h, uint32_t slot, void *value); /* to user space */
};

static inline struct htab *htab(struct map *m)
{
	return (struct htab *)m;
}

int htab_check(const struct world *w, const struct map_spec *s);
int htab_init_sized(struct map *m, uint32_t value_size);
/* A slot for key, after BPF_NOEXIST and BPF_EXIST, in place of what was there. */
int htab_place(struct map *m, const void *key, uint64_t flags, uint32_t *slot);
int htab_lookup(struct map *m, const void *key, void *value, uint64_t flags);
int htab_next(struct map *m, const void *key, void *next);
int htab_batch(struct map *m, bool take, struct map_batch_args *a);
