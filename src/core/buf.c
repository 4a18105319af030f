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

/* All numbers from 00 to 99: two digits cost one division. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
			    "34353637383940414243444546474849505152535455565758596061626364656667"
			    "6869707172737475767778798081828384858687888990919293949596979899";

/* The digits of v end before p; where they begin. */
static char *digits_before(char *p, uint32_t v)
{
	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (size_t)(v % 100), 2);
		v /= 100;
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, pairs + 2 * (size_t)v, 2);
	} else {
		*--p = (char)('0' + v);
	}
	return p;
}

static unsigned int nr_digits(uint32_t v)
{
	return v < 10		? 1
	       : v < 100	? 2
	       : v < 1000	? 3
	       : v < 10000	? 4
	       : v < 100000	? 5
	       : v < 1000000	? 6
	       : v < 10000000	? 7
	       : v < 100000000	? 8
	       : v < 1000000000 ? 9
				: 10;
}

/* Nine digits, zeros in front: what lies below a billion. */
static void add_nine(char *to, uint32_t v)
{
	char *p = digits_before(to + 9, v);

	while (p > to)
		*--p = '0';
}

/* Blocks of nine digits fit 32 bits, whose divisions are cheap. */
void buf_add_u64(struct buf *b, uint64_t v)
{
	const uint64_t block = 1000000000;
	uint64_t high = v / block, top = high / block;
	char *to = buf_reserve(b, 20);
	uint32_t first = (uint32_t)(top ? top : high ? high : v);
	unsigned int n;

	if (!to)
		return;
	n = nr_digits(first);
	digits_before(to + n, first);
	if (top) {
		add_nine(to + n, (uint32_t)(high % block));
		n += 9;
	}
	if (high) {
		add_nine(to + n, (uint32_t)(v % block));
		n += 9;
	}
	b->len += n;
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
