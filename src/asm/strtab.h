// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* String tables of ELF and BTF: terminated strings behind one another, "" at 0, each one once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

struct strtab_slot;

/* Zero-initialised is empty.  Failures are remembered as in struct buf. */
struct strtab {
	struct buf bytes; /* the table as it goes to the file */
	struct strtab_slot *slots;
	uint32_t mask; /* number of slots - 1 */
	uint32_t nr;   /* strings */
};

void strtab_free(struct strtab *t);

/*
 * The offset of the string s[0..len), which holds no NUL; it is added when it is new.  New
 * strings get ascending offsets.  0 when there is no memory.
 */
uint32_t strtab_add(struct strtab *t, const char *s, size_t len);
uint32_t strtab_adds(struct strtab *t, const char *s); /* NULL is "" */

/*
 * For text that may be missing or there twice, such as lines of source: as strtab_add(), but ""
 * when the table would grow past `limit` bytes, and a very large table stops looking for equals.
 */
uint32_t strtab_text(struct strtab *t, const char *s, size_t len, size_t limit);

/* 0, or -ENOMEM if a string was lost (no memory, or more than 4 GiB of them). */
int strtab_error(const struct strtab *t);
