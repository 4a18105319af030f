// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A saved mock kernel made anew: objects with the numbers they had.  Call these with k->by_id set:
 * programs and map entries then name maps, programs and BTF by id instead of by descriptor.
 * Each returns 0 or the negative errno of the bpf(2) command.
 */
#pragma once

#include "sim/kern_priv.h"

struct attr_prog_load;

/* The caller holds one reference of what is made. */
int kern_map_new(struct kern *k, const struct attr_map_create *a, uint32_t id, struct map **m);
int kern_btf_add(struct kern *k, const void *data, size_t len, uint32_t id, struct buf *log,
		 struct btf **b);
/* log: of what the check refuses. */
int kern_prog_new(struct kern *k, const struct attr_prog_load *a, uint32_t id, struct buf *log,
		  struct prog **p);

/* Adds to what a program uses, and to what PROG_ATTACH has attached. */
int kern_bind(struct prog *p, struct map *m);
int kern_attached_add(struct kern *k, const struct kern_attached *at);
