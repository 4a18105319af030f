// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What sys_tape.c and sys_tape_out.c share. */
#pragma once

#include "core/sys_tape.h"

/* A field of 1, 2, 4 or 8 bytes. */
uint64_t tape_number(const uint8_t *bytes, size_t off, size_t size);
/* Bytes that a pointer's field stands for, by the counts in the struct. */
size_t tape_len(const struct tape *t, const struct tape_call *c, const uint8_t *bytes,
		const struct field *f);
/* The n bytes at `from` into to; nothing if they cannot be read. */
void tape_put_bytes(const struct tape *t, const struct tape_call *c, const struct field *f,
		    uint64_t from, size_t n, struct val *to);
/* The value of a lookup in a bloom filter is what is looked for. */
bool tape_is_asked(const struct tape_call *c, const struct field *f);
