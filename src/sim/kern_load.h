// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two halves of BPF_PROG_LOAD. */
#pragma once

#include "sim/kern_priv.h"

struct attr_prog_load;

struct prog *kern_prog_alloc(void); /* one reference; NULL: no memory */

/* BTF, maps, types, helpers, and the load check: 0, or a negative errno and its log. */
int kern_verify(struct kern *k, struct prog *p, const struct attr_prog_load *a, struct buf *log);
