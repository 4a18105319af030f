// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two looks at a map, and the difference. */
#include "core/map_delta.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/val.h"

/* ---- snapshots ---------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b, void *arg)
{
	const struct map_image *i = arg;
	const uint32_t *x = a, *y = b;

	return memcmp(map_image_key(i, *x), map_image_key(i, *y), i->map->info.key_size);
}

int snapshot_take(struct snapshot *s, const struct map *map, bool *changed, struct err *e)
{
	int r = map_image_read(&s->image, map, false, changed, e);

	if (r)
		return r;
	s->order = xreallocarray(NULL, s->image.n + 1, sizeof(*s->order));
	for (uint32_t i = 0; i < s->image.n; i++)
		s->order[i] = i;
	if (s->image.n)
		qsort_r(s->order, s->image.n, sizeof(*s->order), by_key, &s->image);
	return 0;
}

int snapshot_key(struct snapshot *s, const struct map *map, const void *key, struct err *e)
{
	auto_free void *value = xcalloc(1, map->value_len);
	int r = map_lookup(map, key, value, 0, e);

	s->image.map = map;
	s->order = xcalloc(1, sizeof(*s->order));
	if (r == 0)
		map_image_add(&s->image, key, value);
	if (r && e->class == ERR_ABSENT) {
		err_clear(e);
		r = 0;
	}
	return r;
}

void snapshot_free(struct snapshot *s)
{
	map_image_free(&s->image);
	free(s->order);
	*s = (struct snapshot){};
}

int snapshot_diff(const struct snapshot *old, const struct snapshot *now,
		  int (*fn)(void *arg, const void *key, const void *old_value, const void *value),
		  void *arg)
{
	size_t key_size = now->image.map->info.key_size, len = now->image.map->value_len;
	size_t i = 0, k = 0;
	int r = 0;

	while (!r && (i < old->image.n || k < now->image.n)) {
		const uint8_t *a =
			i < old->image.n ? map_image_key(&old->image, old->order[i]) : NULL;
		const uint8_t *b =
			k < now->image.n ? map_image_key(&now->image, now->order[k]) : NULL;
		int order = !a ? 1 : !b ? -1 : memcmp(a, b, key_size);
		const uint8_t *x = NULL, *y = NULL;

		if (order <= 0)
			x = map_image_value(&old->image, old->order[i++]);
		if (order >= 0)
			y = map_image_value(&now->image, now->order[k++]);
		if (!x || !y || memcmp(x, y, len) != 0)
			r = fn(arg, y ? b : a, x, y);
	}
	return r;
}

/* ---- differences -------------------------------------------------------------------------- */

static bool is_whole(const struct val *v, __int128 *n)
{
	*n = v->kind == V_UINT ? (__int128)v->u : v->kind == V_INT ? v->i : 0;
	return v->kind == V_UINT || v->kind == V_INT;
}

static struct val whole(__int128 n)
{
	if (n >= 0 && n <= UINT64_MAX)
		return val_uint((uint64_t)n);
	return n >= INT64_MIN && n < 0 ? val_int((int64_t)n) : val_double((double)n);
}

static const struct val *member(const struct val *v, const struct val *like, size_t i)
{
	if (!v || v->kind != like->kind)
		return NULL;
	if (like->kind == V_MAP)
		return val_get(v, like->seq.keys[i]);
	return i < v->seq.n ? &v->seq.v[i] : NULL;
}

static struct val delta_seq(const struct val *old, const struct val *now)
{
	struct val d = { .kind = now->kind };

	for (size_t i = 0; i < now->seq.n; i++) {
		struct val one = val_delta(member(old, now, i), &now->seq.v[i]);

		if (now->kind == V_LIST)
			val_append(&d, &one);
		else if (one.kind != V_NULL)
			val_put(&d, now->seq.keys[i], &one);
	}
	return d;
}

struct val val_delta(const struct val *old, const struct val *now)
{
	static const struct val zero = { .kind = V_UINT };
	__int128 a, b;

	if (now->kind == V_MAP || now->kind == V_LIST)
		return delta_seq(old, now);
	if (!old)
		old = &zero;
	if (is_whole(now, &b) && is_whole(old, &a))
		return whole(b - a);
	if (now->kind == V_DOUBLE && (old->kind == V_DOUBLE || is_whole(old, &a)))
		return val_double(now->d - (old->kind == V_DOUBLE ? old->d : (double)a));
	return (struct val){};
}

static int64_t nearest(double d)
{
	return (int64_t)(d < 0 ? d - 0.5 : d + 0.5);
}

struct val val_rate(const struct val *delta, double seconds)
{
	struct val rate = { .kind = delta->kind };
	__int128 n = 0;
	double d;

	if (delta->kind == V_MAP || delta->kind == V_LIST) {
		for (size_t i = 0; i < delta->seq.n; i++) {
			struct val one = val_rate(&delta->seq.v[i], seconds);

			if (delta->kind == V_LIST)
				val_append(&rate, &one);
			else
				val_put(&rate, delta->seq.keys[i], &one);
		}
		return rate;
	}
	if (!is_whole(delta, &n) && delta->kind != V_DOUBLE)
		return (struct val){};
	d = (delta->kind == V_DOUBLE ? delta->d : (double)n) / seconds;
	if (fabs(d) >= 0x1p53)
		return val_double(d);
	if (fabs(d) >= 100)
		return whole(nearest(d));
	n = nearest(d * 100);
	return n % 100 ? val_double((double)n / 100) : whole(n / 100);
}
