// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A plan: made, asked, dropped. */
#include "core/codec.h"

#include <errno.h>
#include <stdlib.h>

#include "core/codec_priv.h"
#include "core/mem.h"

struct codec *codec_new(enum codec_style style, const struct types *t)
{
	struct codec *c = calloc(1, sizeof(*c));

	if (c) {
		c->style = style;
		c->types = t;
	}
	return c;
}

void codec_freep(struct codec **cp)
{
	struct codec *c = *cp;

	if (!c)
		return;
	free(c->ops);
	free(c->names);
	freep(cp);
}

uint32_t codec_add(struct codec *c, const struct op *op)
{
	if (!c->error && c->n >= CODEC_MAX_OPS)
		c->error = -E2BIG;
	if (!c->error && array_grow(&c->ops, c->n, &c->cap, sizeof(*c->ops)))
		c->error = -ENOMEM;
	if (c->error)
		return 0;
	c->ops[c->n] = *op;
	c->ops[c->n].next = c->n + 1;
	return c->n++;
}

struct codec *codec_of_size(uint32_t size)
{
	static const char *const names[] = { [1] = "u8", [2] = "u16", [4] = "u32", [8] = "u64" };
	bool number = size == 1 || size == 2 || size == 4 || size == 8;
	struct op op = { .kind = number ? OP_UINT : OP_BYTES,
			 .size = size,
			 .type_name = number ? names[size] : NULL };
	struct codec *c = codec_new(CODEC_TYPED, NULL);

	if (c && codec_add(c, &op) == 0 && c->error)
		codec_freep(&c);
	return c;
}

uint32_t codec_size(const struct codec *c)
{
	return c->ops[0].size;
}

bool codec_is_bytes(const struct codec *c)
{
	return c->ops[0].kind == OP_BYTES;
}

void codec_set_loose(struct codec *c)
{
	c->loose = true;
}

void codec_type_text(const struct codec *c, struct buf *to)
{
	op_type_text(c, &c->ops[0], to);
}
