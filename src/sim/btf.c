// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF objects: reading them in, and asking them. */
#include "sim/btf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "sim/btf_priv.h"

#define ENOTSUPP_ 524
#define MAX_CHAIN 32 /* modifiers on top of each other */

static void release(struct kobj *o)
{
	struct btf *b = (struct btf *)o;

	if (b->base)
		kobj_put(&b->base->obj);
	free(b->types);
	free(b->data);
	free(b);
}

/* ---- header -------------------------------------------------------------------------------- */

static void say_header(struct btf_check *c, const struct btf_header *h)
{
	btf_say(c, "magic: 0x%x\n", h->magic);
	btf_say(c, "version: %u\n", h->version);
	btf_say(c, "flags: 0x%x\n", h->flags);
	btf_say(c, "hdr_len: %u\n", h->hdr_len);
	btf_say(c, "type_off: %u\n", h->type_off);
	btf_say(c, "type_len: %u\n", h->type_len);
	btf_say(c, "str_off: %u\n", h->str_off);
	btf_say(c, "str_len: %u\n", h->str_len);
	btf_say(c, "btf_total_size: %zu\n", c->btf->len);
}

/* The two sections fill what is behind the header, in either order. */
static int check_sections(struct btf_check *c, const struct btf_header *h)
{
	const uint32_t secs[2][2] = { { h->type_off, h->type_len }, { h->str_off, h->str_len } };
	/* In the kernel's order: of differences of 32 bits, the length where they are zero. */
	int32_t diff = (int32_t)(h->type_off - h->str_off) ?: (int32_t)(h->type_len - h->str_len);
	unsigned int first = diff > 0;
	uint32_t total = 0, expected = (uint32_t)c->btf->len - h->hdr_len;

	for (unsigned int i = 0; i < 2; i++) {
		const uint32_t *s = secs[first ^ i];

		if (expected < s[0])
			return btf_say(c, "Invalid section offset");
		if (total < s[0])
			return btf_say(c, "Unsupported section found");
		if (total > s[0])
			return btf_say(c, "Section overlap found");
		if (expected - total < s[1])
			return btf_say(c, "Total section length too long");
		total += s[1];
	}
	return expected == total ? 0 : btf_say(c, "Unsupported section found");
}

static int check_header(struct btf_check *c, struct btf_header *h)
{
	const struct btf *b = c->btf;
	uint32_t hdr_len;

	if (b->len < offsetof(struct btf_header, hdr_len) + 4)
		return btf_say(c, "hdr_len not found");
	memcpy(&hdr_len, b->data + offsetof(struct btf_header, hdr_len), 4);
	if (b->len < hdr_len)
		return btf_say(c, "btf_header not found");
	for (uint32_t i = sizeof(*h); i < hdr_len; i++) {
		if (b->data[i]) {
			btf_say(c, "Unsupported btf_header");
			return -E2BIG;
		}
	}
	memset(h, 0, sizeof(*h));
	memcpy(h, b->data, hdr_len < sizeof(*h) ? hdr_len : sizeof(*h));
	say_header(c, h);
	if (h->magic != BTF_MAGIC)
		return btf_say(c, "Invalid magic");
	if (h->version != BTF_VERSION) {
		btf_say(c, "Unsupported version");
		return -ENOTSUPP_;
	}
	if (h->flags) {
		btf_say(c, "Unsupported flags");
		return -ENOTSUPP_;
	}
	if (!b->base && b->len == hdr_len)
		return btf_say(c, "No data");
	return check_sections(c, h);
}

static int check_strings(struct btf_check *c, const struct btf_header *h)
{
	struct btf *b = c->btf;
	const char *s = (const char *)b->data + h->hdr_len + h->str_off;

	b->strings = s;
	b->strings_len = h->str_len;
	if (s + h->str_len != (const char *)b->data + b->len)
		return btf_say(c, "String section is not at the end");
	if (b->base && !h->str_len)
		return 0;
	if (!h->str_len || h->str_len - 1 > BTF_MAX_NAME_OFFSET || s[h->str_len - 1] ||
	    (!b->base && s[0]))
		return btf_say(c, "Invalid string section");
	return 0;
}

/* ---- types --------------------------------------------------------------------------------- */

static int add_type(struct btf *b, size_t *cap, const struct btf_type *t)
{
	int err = array_grow(&b->types, b->n - b->start, cap, sizeof(void *));

	if (!err)
		b->types[b->n++ - b->start] = t;
	return err;
}

/* Bytes behind the first three words, for types that are known to be whole. */
static size_t tail_len(const struct btf_type *t)
{
	static const uint8_t fixed[] = { [BTF_KIND_INT] = 4,
					 [BTF_KIND_ARRAY] = 12,
					 [BTF_KIND_VAR] = 4,
					 [BTF_KIND_DECL_TAG] = 4 };
	static const uint8_t each[] = {
		[BTF_KIND_STRUCT] = 12,	   [BTF_KIND_UNION] = 12,   [BTF_KIND_ENUM] = 8,
		[BTF_KIND_FUNC_PROTO] = 8, [BTF_KIND_DATASEC] = 12, [KIND_ENUM64] = 12
	};
	unsigned int kind = btf_kind(t);

	return (kind < countof(fixed) ? fixed[kind] : 0u) +
	       (kind < countof(each) ? each[kind] * (size_t)btf_vlen(t) : 0);
}

static int read_types(struct btf_check *c, const struct btf_header *h, bool trusted)
{
	static const struct btf_type void_type;
	struct btf *b = c->btf;
	const uint8_t *p = b->data + h->hdr_len + h->type_off, *end = p + h->type_len;
	size_t cap = 0;
	int err = 0;

	if (h->type_off % 4)
		return btf_say(c, "Unaligned type_off");
	if (!b->base && !h->type_len)
		return btf_say(c, "No type found");
	if (!b->start)
		err = add_type(b, &cap, &void_type);
	while (p < end && !err) {
		const struct btf_type *t = (const void *)p;
		int n;

		c->id = b->n;
		if (trusted)
			n = end - p < (long)sizeof(*t) ? -EINVAL : (int)(sizeof(*t) + tail_len(t));
		else
			n = btf_check_meta(c, t, (uint32_t)(end - p));
		if (n < 0 || n > end - p)
			return n < 0 ? n : -EINVAL;
		if (b->n > BTF_MAX_TYPE) {
			btf_say(c, "Exceeded max num of types");
			return -E2BIG;
		}
		err = add_type(b, &cap, t);
		p += n;
	}
	return err;
}

static int make(const void *data, size_t len, struct btf *base, struct buf *log, bool trusted,
		struct btf **btf)
{
	struct btf *b = calloc(1, sizeof(*b));
	struct btf_check c = { .btf = b, .log = log };
	struct btf_header h = { 0 };
	int err;

	if (!b)
		return -ENOMEM;
	b->obj = (struct kobj){ .kind = KOBJ_BTF, .refs = 1, .release = release };
	b->data = malloc(len + !len);
	b->len = len;
	if (base) {
		b->base = kobj_get(&base->obj);
		b->start = b->n = base->n;
		b->strings_start = base->strings_start + base->strings_len;
	}
	if (b->data)
		memcpy(b->data, data, len);
	err = b->data ? check_header(&c, &h) : -ENOMEM;
	if (!err)
		err = check_strings(&c, &h);
	if (!err)
		err = read_types(&c, &h, trusted);
	if (!err && !trusted)
		err = btf_check_resolve(&c);
	if (err)
		kobj_put(&b->obj);
	else
		*btf = b;
	return err;
}

int btf_new(const void *data, size_t len, struct btf *base, struct buf *log, struct btf **btf)
{
	return len > BTF_MAX_SIZE ? -E2BIG : make(data, len, base, log, false, btf);
}

int btf_new_kernel(const void *data, size_t len, const char *name, struct btf **btf)
{
	int err = len > UINT32_MAX ? -E2BIG : make(data, len, NULL, NULL, true, btf);

	if (err)
		return err;
	(*btf)->is_kernel = true;
	snprintf((*btf)->name, sizeof((*btf)->name), "%s", name);
	return 0;
}

/* ---- asking -------------------------------------------------------------------------------- */

const struct btf_type *btf_type(const struct btf *b, uint32_t id)
{
	if (id >= b->n)
		return NULL;
	return b->base && id < b->start ? btf_type(b->base, id) : b->types[id - b->start];
}

bool btf_name_ok(const struct btf *b, uint32_t off)
{
	return off < b->strings_start + b->strings_len;
}

const char *btf_name(const struct btf *b, uint32_t off)
{
	if (!btf_name_ok(b, off))
		return "";
	if (b->base && off < b->strings_start)
		return btf_name(b->base, off);
	return b->strings + off - b->strings_start;
}

uint32_t btf_find(const struct btf *b, unsigned int kind, const char *name)
{
	uint32_t id = b->base ? btf_find(b->base, kind, name) : 0;

	for (uint32_t i = b->start ?: 1; i < b->n && !id; i++) {
		const struct btf_type *t = b->types[i - b->start];

		if (btf_kind(t) == kind && strcmp(btf_name(b, t->name_off), name) == 0)
			id = i;
	}
	return id;
}

uint32_t btf_strip(const struct btf *b, uint32_t id)
{
	for (unsigned int i = 0; i < MAX_CHAIN + 1; i++) {
		const struct btf_type *t = btf_type(b, id);

		switch (t ? btf_kind(t) : 0) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->type;
			break;
		default:
			return id;
		}
	}
	return 0;
}

static bool size_of(const struct btf *b, uint32_t id, unsigned int depth, uint32_t *size)
{
	const struct btf_type *t = btf_type(b, btf_strip(b, id));
	const struct btf_array *a;

	switch (t && depth < MAX_CHAIN ? btf_kind(t) : 0) {
	case BTF_KIND_INT:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case KIND_ENUM64:
	case BTF_KIND_FLOAT:
	case BTF_KIND_DATASEC:
		*size = t->size;
		return true;
	case BTF_KIND_PTR:
		*size = BTF_PTR_SIZE;
		return true;
	case BTF_KIND_ARRAY:
		a = btf_tail(t);
		if (!size_of(b, a->type, depth + 1, size))
			return false;
		return !__builtin_mul_overflow(*size, a->nelems, size);
	case BTF_KIND_VAR:
		return size_of(b, t->type, depth + 1, size);
	default:
		return false;
	}
}

bool btf_size(const struct btf *b, uint32_t id, uint32_t *size)
{
	return size_of(b, id, 0, size);
}

static bool member_at(const struct btf *b, uint32_t id, const char *name, uint32_t off,
		      unsigned int depth, struct btf_field *f)
{
	const struct btf_type *t = btf_type(b, btf_strip(b, id));
	const struct btf_member *m;

	if (!t || (btf_kind(t) != BTF_KIND_STRUCT && btf_kind(t) != BTF_KIND_UNION) ||
	    depth > MAX_CHAIN)
		return false;
	m = btf_tail(t);
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		uint32_t at = off + btf_bit_off(t, &m[i]);

		if (strcmp(btf_name(b, m[i].name_off), name) == 0) {
			*f = (struct btf_field){ m[i].type, at, btf_bit_size(t, &m[i]) };
			return true;
		}
		if (!m[i].name_off && member_at(b, m[i].type, name, at, depth + 1, f))
			return true;
	}
	return false;
}

bool btf_member(const struct btf *b, uint32_t id, const char *name, struct btf_field *f)
{
	return member_at(b, id, name, 0, 0, f);
}
