// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF that nobody checked: every type of it as text, as a plan, and over bytes that end early. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/event.h"
#include "core/types.h"
#include "core/val.h"

#define MOST_BYTES 65536
#define MOST_TYPES 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void over_bytes(const struct codec *c)
{
	size_t size = codec_size(c);
	uint8_t *bytes = malloc(size + 64);
	struct val v = {};

	for (size_t i = 0; bytes && i < size + 64; i++)
		bytes[i] = (uint8_t)(i * 37);
	/* Whole, short of some, and with a tail. */
	for (size_t end = 0; bytes && end <= 2; end++) {
		codec_val(c, bytes, end == 0 ? size : end == 1 ? size / 2 : size + 64, &v);
		val_drop(&v);
	}
	free(bytes);
}

static void one_type(const struct types *t, uint32_t id)
{
	struct buf text = {};
	struct err e = {};

	types_text(t, id, &text);
	types_proto(t, id, &text);
	types_align(t, id);
	buf_free(&text);
	for (int style = CODEC_TYPED; style <= CODEC_BPFTOOL; style++) {
		struct codec *c = codec_of_type(t, id, (enum codec_style)style, &e);

		if (c && codec_size(c) <= MOST_BYTES)
			over_bytes(c);
		codec_freep(&c);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct event_types events = {};
	struct err e = {};
	struct types *t = types_raw(data, len, &e);

	if (!t)
		return 0;
	for (uint32_t id = 0; id < types_count(t) && id < MOST_TYPES; id++)
		one_type(t, id);
	event_types_of_btf(&events, t, "events", &e);
	event_types_free(&events);
	types_freep(&t);
	return 0;
}
