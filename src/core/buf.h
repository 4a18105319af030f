// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Growable bytes, also the string builder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Zero-initialised is empty.  A failed allocation is remembered (buf_error()), and what is added
 * afterwards is dropped, so that only the end of a long chain of calls needs a check.
 */
struct buf {
	char *data; /* not terminated; buf_str() terminates */
	size_t len, cap;
	bool failed;
};

void buf_free(struct buf *b);
#define auto_buf __attribute__((cleanup(buf_free))) /* struct buf b = {} */

/* Room for n more bytes at data + len; NULL when there is no memory.  len is not changed. */
char *buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_fill(struct buf *b, int c, size_t n);
__attribute__((format(printf, 2, 3))) void buf_addf(struct buf *b, const char *fmt, ...);

static inline void buf_addc(struct buf *b, char c)
{
	if (b->len < b->cap)
		b->data[b->len++] = c;
	else
		buf_add(b, &c, 1);
}

/* Numbers without stdio: decimal, and lower-case hex of at least `digits` digits, no prefix. */
void buf_add_u64(struct buf *b, uint64_t v);
void buf_add_s64(struct buf *b, int64_t v);
void buf_add_hex(struct buf *b, uint64_t v, unsigned int digits);

/* The decimal digits of v to a place with room for U64_TEXT bytes; how many they are. */
#define U64_TEXT 24
size_t u64_text(char *to, uint64_t v);

/* Zero bytes up to the next multiple of align (a power of two). */
void buf_align(struct buf *b, size_t align);

/* Integers of 1, 2, 4, 8 bytes in the byte order asked for. */
void buf_put(struct buf *b, uint64_t v, unsigned int bytes, bool big_endian);

/* The contents as a string, "" when empty or out of memory; valid until the next change. */
const char *buf_str(struct buf *b);
/* Hands the bytes over as a string (caller frees), NULL when out of memory; b is empty after. */
char *buf_take(struct buf *b);

/* 0, or -ENOMEM if anything added was lost. */
int buf_error(const struct buf *b);
