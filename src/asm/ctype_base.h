// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Between the two halves of the type table. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ctype;
struct ctypes;

/* Adds *c by a name that must not be taken, which is copied; CTYPE_NONE: no memory. */
uint32_t ctype_add(struct ctypes *t, struct ctype *c, const char *name, size_t len);

/* Fills a new table; void comes first.  Returns 0 or -ENOMEM. */
int ctype_add_base(struct ctypes *t);
