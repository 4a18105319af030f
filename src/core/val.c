// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The value tree. */
#include "core/val.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void val_drop(struct val *v)
{
	if (v->kind == V_STR)
		free(v->str.s);
	if (v->kind == V_LIST || v->kind == V_MAP) {
		for (size_t i = 0; i < v->seq.n; i++) {
			val_drop(&v->seq.v[i]);
			if (v->kind == V_MAP)
				free(v->seq.keys[i]);
		}
		free(v->seq.v);
		free(v->seq.keys);
	}
	*v = (struct val){ .kind = V_NULL };
}

struct val val_bool(bool b)
{
	return (struct val){ .kind = V_BOOL, .b = b };
}

struct val val_int(int64_t i)
{
	if (i >= 0)
		return val_uint((uint64_t)i);
	return (struct val){ .kind = V_INT, .i = i };
}

struct val val_uint(uint64_t u)
{
	return (struct val){ .kind = V_UINT, .u = u };
}

struct val val_double(double d)
{
	return (struct val){ .kind = V_DOUBLE, .d = d };
}

int val_set_str(struct val *v, const char *s, size_t len)
{
	char *copy = malloc(len + 1);

	val_drop(v);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, s, len);
	copy[len] = '\0';
	v->kind = V_STR;
	v->str.s = copy;
	v->str.len = len;
	return 0;
}

/* Arrays double when the count reaches a power of two, so that no capacity need be kept. */
static int grow(struct val *seq)
{
	size_t n = seq->seq.n, cap = n ? n * 2 : 4;
	struct val *v;
	char **keys;

	if (seq->seq.v && (n < 4 || (n & (n - 1))))
		return 0;
	v = reallocarray(seq->seq.v, cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	seq->seq.v = v;
	if (seq->kind != V_MAP)
		return 0;
	keys = reallocarray(seq->seq.keys, cap, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	seq->seq.keys = keys;
	return 0;
}

int val_append(struct val *list, struct val *item)
{
	int r = grow(list);

	if (r < 0) {
		val_drop(item);
		return r;
	}
	list->seq.v[list->seq.n++] = *item;
	item->kind = V_NULL;
	return 0;
}

static struct val *slot(const struct val *map, const char *key)
{
	if (map->kind != V_MAP)
		return NULL;
	for (size_t i = 0; i < map->seq.n; i++)
		if (strcmp(map->seq.keys[i], key) == 0)
			return &map->seq.v[i];
	return NULL;
}

int val_put(struct val *map, const char *key, struct val *item)
{
	struct val *old = slot(map, key);
	char *copy;

	if (old) {
		val_drop(old);
		*old = *item;
		item->kind = V_NULL;
		return 0;
	}
	copy = strdup(key);
	if (!copy || grow(map) < 0) {
		free(copy);
		val_drop(item);
		return -ENOMEM;
	}
	map->seq.keys[map->seq.n] = copy;
	map->seq.v[map->seq.n++] = *item;
	item->kind = V_NULL;
	return 0;
}

const struct val *val_get(const struct val *map, const char *key)
{
	return slot(map, key);
}

static bool seq_equal(const struct val *a, const struct val *b)
{
	if (a->seq.n != b->seq.n)
		return false;
	for (size_t i = 0; i < a->seq.n; i++) {
		const struct val *other = a->kind == V_MAP ? slot(b, a->seq.keys[i]) : &b->seq.v[i];

		if (!other || !val_equal(&a->seq.v[i], other))
			return false;
	}
	return true;
}

bool val_equal(const struct val *a, const struct val *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case V_NULL:
		return true;
	case V_BOOL:
		return a->b == b->b;
	case V_INT:
		return a->i == b->i;
	case V_UINT:
		return a->u == b->u;
	case V_DOUBLE:
		return a->d == b->d;
	case V_STR:
		return a->str.len == b->str.len && memcmp(a->str.s, b->str.s, a->str.len) == 0;
	case V_LIST:
	case V_MAP:
		return seq_equal(a, b);
	}
	return false;
}

static int seq_copy(struct val *to, const struct val *from)
{
	to->kind = from->kind;
	for (size_t i = 0; i < from->seq.n; i++) {
		auto_val struct val item = { .kind = V_NULL };
		int r = val_copy(&item, &from->seq.v[i]);

		if (r == 0)
			r = to->kind == V_MAP ? val_put(to, from->seq.keys[i], &item)
					      : val_append(to, &item);
		if (r < 0) {
			val_drop(to);
			return r;
		}
	}
	return 0;
}

int val_copy(struct val *to, const struct val *from)
{
	*to = (struct val){ .kind = V_NULL };
	if (from->kind == V_STR)
		return val_set_str(to, from->str.s, from->str.len);
	if (from->kind == V_LIST || from->kind == V_MAP)
		return seq_copy(to, from);
	*to = *from;
	return 0;
}
