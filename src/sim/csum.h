// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The Internet checksum: ones' complement sums of 16-bit words, in memory's byte order. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t csum_add(uint32_t a, uint32_t b)
{
	uint32_t sum = a + b;

	return sum + (sum < b);
}

/* Of bytes that begin at an odd place of what the sum is for. */
static inline uint32_t csum_rotate(uint32_t sum, uint32_t off)
{
	return off & 1 ? sum << 24 | sum >> 8 : sum;
}

static inline uint16_t csum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline uint32_t csum_unfold(uint16_t sum)
{
	return sum;
}

/* Of n bytes, added to sum; the result is not reduced to 16 bits. */
static inline uint32_t csum_partial(const void *bytes, size_t n, uint32_t sum)
{
	const uint8_t *b = bytes;
	uint64_t total = sum;
	uint32_t word;
	uint16_t half;

	for (; n >= 4; n -= 4, b += 4) {
		memcpy(&word, b, 4);
		total += word;
	}
	if (n >= 2) {
		memcpy(&half, b, 2);
		total += half;
		b += 2;
		n -= 2;
	}
	if (n) {
		half = 0;
		memcpy(&half, b, 1);
		total += half;
	}
	total = (total & 0xffffffff) + (total >> 32);
	total = (total & 0xffffffff) + (total >> 32);
	return (uint32_t)total;
}
