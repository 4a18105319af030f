// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UTF-8: no surrogates, nothing overlong, nothing past U+10FFFF. */
#include "core/utf8.h"

#include "core/mem.h"

static size_t multibyte_len(const unsigned char *s, size_t left)
{
	static const struct {
		unsigned char first, last; /* of the lead byte */
		unsigned char min, max;	   /* of the second byte */
		unsigned char len;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < countof(rows); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last)
			continue;
		if (left < rows[i].len || s[1] < rows[i].min || s[1] > rows[i].max)
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

size_t utf8_len(const char *s, size_t left)
{
	if (!left)
		return 0;
	if ((unsigned char)*s < 0x80)
		return 1;
	return multibyte_len((const unsigned char *)s, left);
}

size_t utf8_width(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}
