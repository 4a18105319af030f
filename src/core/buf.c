// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Growable bytes. */
#include "core/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *data;

	if (b->failed)
		return NULL;
	if (n <= cap - b->len)
		return b->data + b->len;
	if (n > SIZE_MAX / 2 - b->len) {
		b->failed = true;
		return NULL;
	}
	cap = cap ? cap : 64;
	while (cap < b->len + n)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = true;
		return NULL;
	}
	b->data = data;
	b->cap = cap;
	return data + b->len;
}

void buf_add(struct buf *b, const void *data, size_t n)
{
	char *p;

	if (!n)
		return;
	p = buf_reserve(b, n);
	if (!p)
		return;
	memcpy(p, data, n);
	b->len += n;
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_fill(struct buf *b, int c, size_t n)
{
	char *p = n ? buf_reserve(b, n) : NULL;

	if (!p)
		return;
	memset(p, c, n);
	b->len += n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_reserve(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

/*
 * Eight decimal digits at once, each in a byte, the first in the lowest: first two numbers of
 * four digits side by side, then four of two, then eight of one.  x * 5243 >> 19 is x / 100 for
 * all x below 10000, x * 103 >> 10 is x / 10 for all below 100.
 */
static uint64_t eight_digits(uint32_t v)
{
	uint64_t x = v / 10000 | (uint64_t)(v % 10000) << 32;
	uint64_t y = x * 5243 >> 19 & 0x0000007f0000007f;

	x = y | (x - y * 100) << 16;
	y = x * 103 >> 10 & 0x000f000f000f000f;
	return y | (x - y * 10) << 8;
}

static void store_digits(char *to, uint64_t digits)
{
	digits |= 0x3030303030303030; /* eight times '0' */
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		digits = __builtin_bswap64(digits);
	memcpy(to, &digits, 8);
}

#define BLOCK 100000000u /* eight digits */

/* Below BLOCK, without zeros in front; writes eight bytes, says how many count. */
static size_t first_digits(char *to, uint32_t v)
{
	uint64_t digits = eight_digits(v);
	unsigned int zeros = digits ? (unsigned int)__builtin_ctzll(digits) / 8 : 7;

	store_digits(to, digits >> 8 * zeros);
	return 8 - zeros;
}

size_t u64_text(char *to, uint64_t v)
{
	uint64_t high = v / BLOCK;
	size_t n;

	if (!high)
		return first_digits(to, (uint32_t)v);
	if (high < BLOCK) {
		n = first_digits(to, (uint32_t)high);
	} else {
		n = first_digits(to, (uint32_t)(high / BLOCK));
		store_digits(to + n, eight_digits((uint32_t)(high % BLOCK)));
		n += 8;
	}
	store_digits(to + n, eight_digits((uint32_t)(v % BLOCK)));
	return n + 8;
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char *to = buf_reserve(b, U64_TEXT);

	if (to)
		b->len += u64_text(to, v);
}

void buf_add_s64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_addc(b, '-');
	buf_add_u64(b, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void buf_add_hex(struct buf *b, uint64_t v, unsigned int digits)
{
	char text[16];
	unsigned int n = 0;

	do
		text[n++] = "0123456789abcdef"[v & 15];
	while ((v >>= 4) || (n < digits && n < sizeof(text)));
	while (n)
		buf_addc(b, text[--n]);
}

void buf_align(struct buf *b, size_t align)
{
	buf_fill(b, 0, -b->len & (align - 1));
}

void buf_put(struct buf *b, uint64_t v, unsigned int bytes, bool big_endian)
{
	char *p = buf_reserve(b, bytes);

	if (!p)
		return;
	for (unsigned int i = 0; i < bytes; i++)
		p[big_endian ? bytes - 1 - i : i] = (char)(v >> (8 * i));
	b->len += bytes;
}

const char *buf_str(struct buf *b)
{
	char *p = buf_reserve(b, 1);

	if (!p)
		return "";
	*p = '\0';
	return b->data;
}

char *buf_take(struct buf *b)
{
	char *p = buf_reserve(b, 1) ? b->data : NULL;

	if (p)
		p[b->len] = '\0';
	else
		free(b->data);
	memset(b, 0, sizeof(*b));
	return p;
}

int buf_error(const struct buf *b)
{
	return b->failed ? -ENOMEM : 0;
}
