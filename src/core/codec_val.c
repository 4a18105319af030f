// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Value trees (JSON) to bytes, and fields by path. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec_priv.h"
#include "core/err.h"
#include "core/mem.h"

static int from(struct put *p, uint32_t i, uint8_t *base, const struct val *v);

static int from_list(struct put *p, uint32_t i, uint8_t *base, const struct val *v)
{
	const struct op *op = &p->c->ops[i], *element = op + 1;

	if (v->seq.n > op->count)
		return put_error(p, op, "there are %zu values", v->seq.n);
	for (uint32_t k = 0; k < v->seq.n; k++) {
		size_t mark = put_enter(p, NULL, k);
		int r = from(p, i + 1, base + op->off + (size_t)k * element->size, &v->seq.v[k]);

		if (r)
			return r;
		put_leave(p, mark);
	}
	return 0;
}

/* bpftool's ["0x0a", "0x00"], for what is no list itself. */
static int from_bytes(struct put *p, const struct op *op, uint8_t *at, const struct val *v)
{
	const struct op byte = { .kind = OP_UINT, .size = 1 };

	if (v->seq.n != op->size || op->bits)
		return put_error(p, op, "a list of %zu is no value", v->seq.n);
	for (size_t k = 0; k < v->seq.n; k++) {
		const struct val *b = &v->seq.v[k];
		struct num n = { 0, false };
		bool ok = b->kind == V_UINT;

		if (ok)
			n.mag = b->u;
		else if (b->kind == V_STR)
			ok = num_parse(b->str.s, b->str.len, &n);
		if (!ok || !op_store(&byte, at + k, n))
			return put_error(p, op, "the list holds what is no byte");
	}
	return 0;
}

static int from_map(struct put *p, uint32_t i, uint8_t *base, const struct val *v)
{
	const struct op *op = &p->c->ops[i];

	for (size_t k = 0; k < v->seq.n; k++) {
		uint32_t m = put_member(p, i, v->seq.keys[k], strlen(v->seq.keys[k]));
		size_t mark;
		int r;

		if (!m)
			return -EINVAL;
		mark = put_enter(p, p->c->ops[m].name, 0);
		put_begin(op, &p->c->ops[m], base + op->off);
		r = from(p, m, base + op->off, &v->seq.v[k]);
		if (r)
			return r;
		put_leave(p, mark);
	}
	return 0;
}

static int from(struct put *p, uint32_t i, uint8_t *base, const struct val *v)
{
	const struct op *op = &p->c->ops[i];
	uint8_t *at = base + op->off;

	switch (v->kind) {
	case V_NULL:
		if (op->kind == OP_PTR)
			return put_num(p, op, at, (struct num){ 0, false });
		return put_error(p, op, "null is no value");
	case V_BOOL:
		if (op->kind != OP_BOOL)
			return put_error(p, op, "true and false are for bool");
		return put_num(p, op, at, (struct num){ v->b, false });
	case V_UINT:
		return put_num(p, op, at, (struct num){ v->u, false });
	case V_INT:
		return put_num(p, op, at, (struct num){ 0 - (uint64_t)v->i, true });
	case V_DOUBLE:
		return put_double(p, op, at, v->d);
	case V_STR:
		return put_word(p, op, at, v->str.s ? v->str.s : "", v->str.len, true);
	case V_LIST:
		return op->kind == OP_ARRAY ? from_list(p, i, base, v) : from_bytes(p, op, at, v);
	case V_MAP:
		if (op->kind == OP_STRUCT || op->kind == OP_UNION || op->kind == OP_DATASEC)
			return from_map(p, i, base, v);
		return put_error(p, op, "an object is too much");
	}
	return -EINVAL;
}

int codec_from_val(const struct codec *c, const struct val *v, void *data, struct err *e)
{
	struct put p = { .c = c, .e = e };

	put_begin(NULL, &c->ops[0], data);
	return from(&p, 0, data, v);
}

bool codec_is_uint(const struct codec *c)
{
	const struct op *op = &c->ops[0];

	return op->kind == OP_UINT && !op->bits && !(op->flags & OPF_CHAR) &&
	       (op->size == 1 || op->size == 2 || op->size == 4 || op->size == 8);
}

uint64_t codec_load_uint(const void *data, uint32_t size)
{
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	switch (size) {
	case 8:
		memcpy(&eight, data, 8);
		return eight;
	case 4:
		memcpy(&four, data, 4);
		return four;
	case 2:
		memcpy(&two, data, 2);
		return two;
	default:
		return *(const uint8_t *)data;
	}
}

/* ---- fields ------------------------------------------------------------------------------- */

/* The number in "[3]" at *path; false if it is none, or too large. */
static bool index_in(const char **path, uint32_t count, uint32_t *index)
{
	const char *close = strchr(*path, ']');
	struct num v;

	if (!close || !num_parse(*path + 1, (size_t)(close - *path - 1), &v) || v.neg ||
	    v.mag >= count)
		return false;
	*index = (uint32_t)v.mag;
	*path = close + 1;
	return true;
}

/* The part of a plan from op i on, as a plan of its own. */
static struct codec *part(const struct codec *c, uint32_t i)
{
	uint32_t n = c->ops[i].next - i;
	auto_codec struct codec *sub = codec_new(c->style, c->types);

	if (!sub)
		return NULL;
	sub->ops = calloc(n, sizeof(*sub->ops));
	if (!sub->ops)
		return NULL;
	sub->n = n;
	sub->loose = c->loose;
	memcpy(sub->ops, &c->ops[i], n * sizeof(*sub->ops));
	for (uint32_t k = 0; k < n; k++)
		sub->ops[k].next -= i;
	sub->ops[0].off = 0;
	sub->ops[0].name = NULL;
	return take_ptr(sub);
}

const char *codec_field_name(const struct codec *c, size_t i)
{
	const struct op *whole = &c->ops[0];

	if (whole->kind != OP_STRUCT && whole->kind != OP_UNION)
		return NULL;
	for (uint32_t at = 1; at < whole->next;) {
		const struct op *op = &c->ops[at];
		bool anonymous = !op->name || !*op->name;

		if (!anonymous && i-- == 0)
			return op->name;
		at = anonymous && (op->kind == OP_STRUCT || op->kind == OP_UNION) ? at + 1
										  : op->next;
	}
	return NULL;
}

struct codec *codec_field(const struct codec *c, const char *path, uint32_t *off, struct err *e)
{
	struct put p = { .c = c, .e = e };
	const char *whole = path;
	struct codec *sub;
	uint32_t i = 0;

	*off = c->ops[0].off;
	while (*path) {
		const struct op *op = &c->ops[i];
		uint32_t index = 0;
		size_t len;

		if (*path == '[' && op->kind == OP_ARRAY) {
			if (!index_in(&path, op->count, &index)) {
				put_error(&p, op, "%s has no such element", whole);
				return NULL;
			}
			i++;
			*off += index * c->ops[i].size;
			continue;
		}
		path += path != whole && *path == '.';
		len = strcspn(path, ".[");
		i = put_member(&p, i, path, len);
		if (!i)
			return NULL;
		*off += c->ops[i].off;
		path += len;
	}
	sub = part(c, i);
	if (!sub)
		err_worded(e, ENOMEM, "no memory for the field %s", whole);
	return sub;
}
