// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sums, extremes, averages and histograms of values. */
#include "core/tally.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"
#include "core/val.h"

/* ---- one number of many ------------------------------------------------------------------- */

static bool whole(const struct val *v, __int128 *n)
{
	switch (v->kind) {
	case V_UINT:
		*n = v->u;
		return true;
	case V_INT:
		*n = v->i;
		return true;
	case V_BOOL:
		*n = v->b;
		return true;
	default:
		return false;
	}
}

bool tally_add(struct tally *t, const struct val *v)
{
	__int128 n = 0;
	double d;

	if (!whole(v, &n)) {
		if (v->kind != V_DOUBLE)
			return false;
		t->is_double = true;
	}
	d = v->kind == V_DOUBLE ? v->d : (double)n;
	t->sum += n;
	t->min = !t->n || n < t->min ? n : t->min;
	t->max = !t->n || n > t->max ? n : t->max;
	t->dsum += d;
	t->dmin = !t->n || d < t->dmin ? d : t->dmin;
	t->dmax = !t->n || d > t->dmax ? d : t->dmax;
	t->n++;
	return true;
}

static struct val number(__int128 n, double d, bool is_double)
{
	if (is_double)
		return val_double(d);
	if (n >= 0 && n <= UINT64_MAX)
		return val_uint((uint64_t)n);
	if (n < 0 && n >= INT64_MIN)
		return val_int((int64_t)n);
	return val_double((double)n);
}

struct val tally_result(const struct tally *t, enum agg how)
{
	if (!t->n)
		return how == AGG_SUM ? val_uint(0) : (struct val){};
	switch (how) {
	case AGG_MIN:
		return number(t->min, t->dmin, t->is_double);
	case AGG_MAX:
		return number(t->max, t->dmax, t->is_double);
	case AGG_AVG:
		return val_double((t->is_double ? t->dsum : (double)t->sum) / (double)t->n);
	default:
		return number(t->sum, t->dsum, t->is_double);
	}
}

/* ---- one value of many -------------------------------------------------------------------- */

/* Member i of every value of the list, as a list. */
static void slice(const struct val *list, size_t i, struct val *to)
{
	*to = (struct val){ .kind = V_LIST };
	for (size_t k = 0; k < list->seq.n; k++) {
		const struct val *v = &list->seq.v[k];
		struct val copy = {};

		if ((v->kind == V_MAP || v->kind == V_LIST) && i < v->seq.n) {
			val_copy(&copy, &v->seq.v[i]);
			val_append(to, &copy);
		}
	}
}

static void members(const struct val *list, enum agg how, struct val *to)
{
	const struct val *first = &list->seq.v[0];

	*to = (struct val){ .kind = first->kind };
	for (size_t i = 0; i < first->seq.n; i++) {
		auto_val struct val column = {};
		struct val one = {};

		slice(list, i, &column);
		val_aggregate(&column, how, &one);
		if (first->kind == V_MAP)
			val_put(to, first->seq.keys[i], &one);
		else
			val_append(to, &one);
	}
}

void val_aggregate(const struct val *list, enum agg how, struct val *to)
{
	const struct val *first = list->seq.n ? &list->seq.v[0] : NULL;
	struct tally t = {};
	size_t i = 0;

	*to = (struct val){};
	if (!first)
		return;
	if (first->kind == V_MAP || first->kind == V_LIST) {
		members(list, how, to);
		return;
	}
	while (i < list->seq.n && tally_add(&t, &list->seq.v[i]))
		i++;
	if (i == list->seq.n) {
		*to = tally_result(&t, how);
		return;
	}
	for (i = 1; i < list->seq.n; i++)
		if (!val_equal(first, &list->seq.v[i]))
			return;
	val_copy(to, first);
}

/* ---- histograms --------------------------------------------------------------------------- */

bool hist_add(struct hist *h, const struct val *v, uint64_t weight)
{
	__int128 n;

	if (!whole(v, &n)) {
		if (v->kind != V_DOUBLE || !isfinite(v->d) || fabs(v->d) >= 0x1p100)
			return false;
		n = (__int128)v->d;
		n -= (double)n > v->d; /* down, not to 0 */
	}
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 1024;
		h->values = xreallocarray(h->values, h->cap, sizeof(*h->values));
	}
	h->values[h->n++] = (struct hist_value){ n, weight };
	return true;
}

void hist_free(struct hist *h)
{
	free(h->values);
	*h = (struct hist){};
}

/* 0 for 0, 1 for 1, 2 for 2 to 3, 3 for 4 to 7; negative numbers mirrored. */
static int log2_bucket(__int128 v)
{
	unsigned __int128 mag = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
	int n = 0;

	for (; mag; mag >>= 1)
		n++;
	return v < 0 ? -n : n;
}

static struct hist_bucket log2_range(int i)
{
	__int128 from = i > 0 ? (__int128)1 << ((i - 1) & 127) : 0;

	if (i < 0) {
		struct hist_bucket b = log2_range(-i);

		return (struct hist_bucket){ -b.to, -b.from, 0 };
	}
	return (struct hist_bucket){ from, i > 0 ? 2 * from - 1 : 0, 0 };
}

static struct hist_bucket *by_log2(const struct hist *h, __int128 min, __int128 max, size_t *n)
{
	int first = log2_bucket(min), last = log2_bucket(max);
	struct hist_bucket *b;

	*n = (size_t)last - (size_t)first + 1;
	b = xcalloc(*n, sizeof(*b));
	for (size_t i = 0; i < *n; i++)
		b[i] = log2_range(first + (int)i);
	for (size_t i = 0; i < h->n; i++)
		b[log2_bucket(h->values[i].v) - first].count += h->values[i].weight;
	return b;
}

static struct hist_bucket *by_width(const struct hist *h, __int128 min, __int128 max,
				    unsigned int most, size_t *n)
{
	__int128 width = (max - min) / most + 1;
	struct hist_bucket *b;

	*n = (size_t)((max - min) / width + 1);
	b = xcalloc(*n, sizeof(*b));
	for (size_t i = 0; i < *n; i++) {
		b[i].from = min + width * (__int128)i;
		b[i].to = b[i].from + width - 1;
	}
	for (size_t i = 0; i < h->n; i++)
		b[(size_t)((h->values[i].v - min) / width)].count += h->values[i].weight;
	return b;
}

struct hist_bucket *hist_buckets(const struct hist *h, unsigned int most, size_t *n)
{
	__int128 min, max;

	*n = 0;
	if (!h->n)
		return NULL;
	min = max = h->values[0].v;
	for (size_t i = 1; i < h->n; i++) {
		min = h->values[i].v < min ? h->values[i].v : min;
		max = h->values[i].v > max ? h->values[i].v : max;
	}
	return h->kind == HIST_LOG2 ? by_log2(h, min, max, n)
				    : by_width(h, min, max, most ? most : 1, n);
}
