// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Value specs and values: the first line is a spec, the rest a value of it.  What is taken must
 * come back from its own tree, and a field must lie inside the whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec.h"
#include "core/err.h"
#include "core/val.h"

#define MOST (1u << 20) /* bytes of a type that are worth the time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void values(const struct codec *c, const char *text)
{
	size_t size = codec_size(c);
	uint8_t *bytes = malloc(size ? size : 1), *back = malloc(size ? size : 1);
	struct err e = {};
	struct val v = {};

	/* @FILE would read files of the machine that fuzzes. */
	if (bytes && back && text[0] != '@' && codec_parse(c, text, bytes, &e) == 0) {
		if (codec_val(c, bytes, size, &v) || codec_from_val(c, &v, back, &e))
			abort();
		val_drop(&v);
	}
	free(bytes);
	free(back);
}

static void field(const struct codec *c, const char *path)
{
	struct err e = {};
	uint32_t off;
	struct codec *f = codec_field(c, path, &off, &e);

	if (f && (uint64_t)off + codec_size(f) > codec_size(c))
		abort();
	codec_freep(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *spec = malloc(len + 1), *text;
	struct codec *c;
	struct err e = {};

	if (!spec)
		return 0;
	memcpy(spec, data, len);
	spec[len] = '\0';
	text = strchr(spec, '\n');
	if (text)
		*text++ = '\0';
	else
		text = spec + len;
	c = codec_of_spec(spec, NULL, &e);
	if (c && codec_size(c) <= MOST) {
		values(c, text);
		field(c, text);
	}
	codec_freep(&c);
	free(spec);
	return 0;
}
