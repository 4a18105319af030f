// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a call gives back: to data when it is recorded, from data when it is replayed. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/buf.h"
#include "core/sys_field.h"
#include "core/sys_tape_priv.h"
#include "core/val.h"

/* ---- output -------------------------------------------------------------------------------- */

static void put_log(struct val *out, const struct field *f, uint64_t at, size_t room)
{
	const char *s = (const char *)(uintptr_t)at;
	size_t n = at >= 4096 ? strnlen(s, room) : 0;
	struct val v = {};

	if (!n || n == room)
		return;
	val_set_str(&v, s, n);
	val_put(out, f->name, &v);
}

/* Of a struct that the caller has room for in part only. */
static size_t raw_size(const struct tape_struct *s, const struct field *f)
{
	size_t room = f->off < s->size ? s->size - f->off : 0;

	return room < f->size ? room : f->size;
}

static void field_save(const struct tape *t, const struct tape_call *c, const struct tape_struct *s,
		       const struct field *f, const uint8_t *after, bool full, struct val *out)
{
	size_t room = tape_len(t, c, s->bytes, f), n = tape_len(t, c, after, f);
	bool changed = memcmp(after + f->off, s->bytes + f->off, f->size) != 0;
	static const struct tape_call none; /* descriptors are not looked for */
	struct val v = {};

	switch (f->kind) {
	case FIELD_GOT:
	case FIELD_BOTH:
		v = val_uint(tape_number(after, f->off, f->size));
		break;
	case FIELD_TEXT:
		val_set_str(&v, (const char *)after + f->off,
			    strnlen((const char *)after + f->off, f->size));
		break;
	case FIELD_RAW:
		v = tape_hex(after + f->off, raw_size(s, f));
		break;
	case FIELD_LOG:
		put_log(out, f, tape_number(after, f->off, 8), room);
		return;
	case FIELD_OUT:
		if (full && !tape_is_asked(c, f))
			tape_put_bytes(t, &none, f, tape_number(after, f->off, 8),
				       n < room ? n : room, out);
		return;
	default:
		return;
	}
	if (changed)
		val_put(out, f->name, &v);
	else
		val_drop(&v);
}

static const struct field *info_fields(const struct tape_call *c, const uint8_t *bytes)
{
	return c->nr == SYS_bpf && c->more.fields && c->thing
		       ? sys_fields_info(c->thing->kind, bytes)
		       : c->more.fields;
}

static void save_struct(const struct tape *t, const struct tape_call *c,
			const struct tape_struct *s, const uint8_t *after,
			const struct field *fields, bool full, struct val *out)
{
	for (const struct field *f = fields; f && f->name; f++)
		if (f->off + f->size <= TAPE_ATTR)
			field_save(t, c, s, f, after, full, out);
}

void tape_save(const struct tape *t, struct tape_call *c, int failed, struct val *out)
{
	bool full = !failed || (c->partial && (failed == ENOENT || failed == ENOSPC));
	_Alignas(8) uint8_t after[TAPE_ATTR] = "";

	out->kind = V_MAP;
	if (c->nr != SYS_bpf)
		return;
	if (c->attr.fields && tape_peek(after, (uintptr_t)c->attr.user, c->attr.size))
		save_struct(t, c, &c->attr, after, c->attr.fields, full, out);
	memset(after, 0, sizeof(after));
	if (c->more.fields && tape_peek(after, (uintptr_t)c->more.user, c->more.size))
		save_struct(t, c, &c->more, after, info_fields(c, after), full, out);
}

/* ---- giving -------------------------------------------------------------------------------- */

static const char *give_bytes(const struct tape *t, const struct tape_call *c,
			      const struct tape_struct *s, const struct field *f,
			      const struct val *v)
{
	uint64_t at = tape_number(s->bytes, f->off, 8);
	size_t room = tape_len(t, c, s->bytes, f);
	auto_buf struct buf b = {};

	if (f->kind == FIELD_LOG) {
		if (v->kind != V_STR)
			return "must be a string";
		buf_add(&b, v->str.s, v->str.len + 1);
	} else if (!tape_bytes(v, &b)) {
		return "must be pairs of hex digits";
	}
	if (!at || b.len > room)
		return "is more than was asked for";
	memcpy((void *)(uintptr_t)at, b.data, b.len);
	return NULL;
}

static const char *give_field(const struct tape *t, const struct tape_call *c,
			      const struct tape_struct *s, const struct field *f,
			      const struct val *v)
{
	uint8_t *to = s->user + f->off;
	auto_buf struct buf b = {};

	if (f->kind == FIELD_OUT || f->kind == FIELD_LOG)
		return give_bytes(t, c, s, f, v);
	if (f->off + (f->kind == FIELD_RAW ? raw_size(s, f) : f->size) > s->size)
		return "is more than was asked for";
	if (f->kind == FIELD_TEXT) {
		if (v->kind != V_STR || v->str.len > f->size)
			return "must be a short string";
		memset(to, 0, f->size);
		memcpy(to, v->str.s, v->str.len);
	} else if (f->kind == FIELD_RAW) {
		if (!tape_bytes(v, &b) || b.len != raw_size(s, f))
			return "has the wrong length";
		if (b.len)
			memcpy(to, b.data, b.len);
	} else {
		uint32_t w = (uint32_t)v->u;

		if (v->kind != V_UINT || (f->size == 4 && v->u > UINT32_MAX))
			return "must be a number";
		memcpy(to, f->size == 8 ? (const void *)&v->u : (const void *)&w, f->size);
	}
	return NULL;
}

static const char *give_struct(const struct tape *t, const struct tape_call *c,
			       const struct tape_struct *s, const struct field *fields,
			       const struct val *out)
{
	for (const struct field *f = fields; f && f->name; f++) {
		const struct val *v = f->kind >= FIELD_GOT ? val_get(out, f->name) : NULL;
		const char *bad = v ? give_field(t, c, s, f, v) : NULL;

		if (bad)
			return bad;
	}
	return NULL;
}

/* What is known of a map is what the lengths of its keys and values are counted by. */
static bool is_same_map(const struct tape_call *c)
{
	const uint32_t *info = (const void *)c->more.user; /* type, id, key_size, value_size */

	return !c->thing || c->thing->kind != OBJ_MAP || c->nr != SYS_bpf || !c->more.fields ||
	       c->more.size < 16 ||
	       (info[0] == c->thing->map_type && info[2] == c->thing->key_size &&
		info[3] == c->thing->value_size);
}

const char *tape_give(const struct tape *t, struct tape_call *c, const struct val *out)
{
	_Alignas(8) uint8_t head[TAPE_ATTR];
	const struct val *type = val_get(out, "type"), *kind = val_get(out, "kind");
	const char *bad;
	uint32_t n;

	bad = give_struct(t, c, &c->attr, c->attr.fields, out);
	if (bad || !c->more.fields)
		return bad;
	memcpy(head, c->more.bytes, sizeof(head));
	if (type && type->kind == V_UINT) {
		n = (uint32_t)type->u;
		memcpy(head, &n, 4);
	}
	if (kind && kind->kind == V_UINT) { /* of a perf_event link */
		n = (uint32_t)kind->u;
		memcpy(head + 16, &n, 4);
	}
	bad = give_struct(t, c, &c->more, info_fields(c, head), out);
	return bad || is_same_map(c) ? bad : "is of another map";
}
