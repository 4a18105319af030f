// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries over all CPUs, a column per CPU, and histograms. */
#include "cmd/entry_look.h"

#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "core/map_cursor.h"
#include "core/mem.h"

const struct opt_word agg_words[] = {
	{ "sum", AGG_SUM, "their sum" },
	{ "min", AGG_MIN, "the least" },
	{ "max", AGG_MAX, "the greatest" },
	{ "avg", AGG_AVG, "the average" },
	{},
};

const struct opt_word hist_words[] = {
	{ "log2", HIST_LOG2, "each bucket twice as wide as the one before" },
	{ "linear", HIST_LINEAR, "buckets of equal width" },
	{},
};

bool look_wanted(const struct look_args *a)
{
	return a->agg || a->cpus || a->hist;
}

int look_walk(struct ctx *ctx, const struct entries *x,
	      int (*fn)(void *arg, struct val *row, struct err *e), void *arg, struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	int r = map_cursor_open(&c, &x->map, e);

	while (r == 0 && !out_error(ctx->out) && (r = map_cursor_next(&c, &key, &value, e)) > 0) {
		auto_val struct val row = entry_val(x, key, value);

		r = fn(arg, &row, e);
	}
	if (c.cut)
		warn(ctx,
		     "the map changes faster than it can be read: not all entries are counted");
	return r;
}

static int check_percpu(const struct entries *x, const char *option, struct err *e)
{
	char label[64];

	return x->map.cpus ? 0
			   : err_input(e, "%s is for per-CPU maps; %s has one value for all CPUs",
				       option, map_label(&x->map.info, label));
}

/* ---- one value of all CPUs ---------------------------------------------------------------- */

static void put_key(struct out *out, const struct val *row)
{
	const struct val *key = val_get(row, "key");

	if (key)
		out_val(out, "key", key);
}

struct sum {
	struct out *out;
	enum agg how;
};

static int put_sum(void *arg, struct val *row, struct err *e)
{
	const struct sum *s = arg;
	const struct val *values = val_get(row, "values");
	auto_val struct val one = {};

	(void)e;
	if (values)
		val_aggregate(values, s->how, &one);
	out_row(s->out);
	put_key(s->out, row);
	out_val(s->out, "value", &one);
	return 0;
}

/* ---- a column for each CPU ---------------------------------------------------------------- */

struct cpu_cols {
	struct out *out;
	const struct out_col *cols; /* key, then a column per CPU */
};

/* Columns and their names in one piece, which the output keeps. */
static const struct out_col *make_cols(struct out *out, unsigned int cpus)
{
	enum { NAME = 16 };
	size_t n = cpus + 2u;
	struct out_col *cols = xcalloc(1, n * sizeof(*cols) + (size_t)cpus * 2 * NAME);
	char *names = (char *)(cols + n);

	cols[0] = entry_cols[0];
	for (unsigned int cpu = 0; cpu < cpus; cpu++, names += (size_t)2 * NAME) {
		snprintf(names, NAME, "cpu%u", cpu);
		snprintf(names + NAME, NAME, "CPU%u", cpu);
		cols[cpu + 1] = (struct out_col){ names, names + NAME, K_ANY, "", 0 };
	}
	out_own(out, cols);
	return cols;
}

static int put_cpus(void *arg, struct val *row, struct err *e)
{
	const struct cpu_cols *c = arg;
	const struct val *values = val_get(row, "values");

	(void)e;
	out_row(c->out);
	put_key(c->out, row);
	for (size_t i = 0; values && i < values->seq.n; i++)
		out_val(c->out, c->cols[i + 1].key, &values->seq.v[i]);
	return 0;
}

static int dump_cpus(struct ctx *ctx, const struct entries *x, struct err *e)
{
	struct cpu_cols c = { ctx->out, make_cols(ctx->out, x->map.cpus) };

	out_begin(ctx->out, c.cols, OUT_ROWS);
	return look_walk(ctx, x, put_cpus, &c, e);
}

/* ---- histograms --------------------------------------------------------------------------- */

static const struct out_col hist_cols[] = {
	{ "from", "FROM", K_INT, "least value that belongs here", 0 },
	{ "to", "TO", K_INT, "greatest value that belongs here", 0 },
	{ "count", "COUNT", K_UINT, "how many there are", 0 },
	{ "bar", "", K_STR, "the same drawn", OUT_TEXT_ONLY },
	OUT_END,
};

#define BAR 40

struct counting {
	const struct look_args *a;
	const char *of;
	struct hist hist;
	struct where *where;
};

int look_no_number(const char *what, const char *field, const struct val *v, struct err *e)
{
	if (v && v->kind == V_MAP && v->seq.n)
		return err_usage(e, "'%s' is a struct: say which field, such as --%s %s.%s", field,
				 what, field, v->seq.keys[0]);
	return err_usage(e, "'%s' is %s", field, v ? "no number" : "no field of the entries");
}

static int count_value(struct counting *c, const struct val *v, uint64_t weight, struct err *e)
{
	if (!v || v->kind != V_LIST)
		return v && hist_add(&c->hist, v, weight) ? 0 : look_no_number("of", c->of, v, e);
	for (size_t i = 0; i < v->seq.n; i++)
		if (!hist_add(&c->hist, &v->seq.v[i], weight))
			return look_no_number("of", c->of, &v->seq.v[i], e);
	return 0;
}

static int count(void *arg, struct val *row, struct err *e)
{
	struct counting *c = arg;
	struct scope s = { { row }, 1 };
	const struct val *weight = c->a->weight ? val_at(row, c->a->weight) : NULL;
	const struct val *values = val_get(row, "values");
	struct val one = {};

	if (c->where && !where_true(c->where, &s))
		return 0;
	if (values && c->a->agg) {
		val_aggregate(values, c->a->agg, &one);
		val_put(row, "value", &one);
	}
	if (c->a->weight && (!weight || weight->kind != V_UINT))
		return look_no_number("weight", c->a->weight, weight, e);
	return count_value(c, val_at(row, c->of), weight ? weight->u : 1, e);
}

static void put_number(struct out *out, const char *key, __int128 v)
{
	if (v >= 0 && v <= UINT64_MAX)
		out_uint(out, key, (uint64_t)v);
	else if (v < 0 && v >= INT64_MIN)
		out_int(out, key, (int64_t)v);
	else
		out_double(out, key, (double)v);
}

static void put_bucket(struct out *out, const struct hist_bucket *b, uint64_t most)
{
	static const char full[BAR + 1] = "########################################";
	size_t n = most ? (size_t)((double)b->count * BAR / (double)most + 0.5) : 0;

	out_row(out);
	put_number(out, "from", b->from);
	put_number(out, "to", b->to);
	out_uint(out, "count", b->count);
	out_strn(out, "bar", full, b->count && !n ? 1 : n);
}

static int dump_hist(struct ctx *ctx, const struct entries *x, const struct look_args *a,
		     struct err *e)
{
	auto_where struct where *where = out_take_where(ctx->out);
	struct counting c = { .a = a, .where = where, .hist = { .kind = (enum hist_kind)a->hist } };
	struct hist_bucket *b;
	uint64_t most = 0;
	size_t n;
	int r;

	c.of = a->of ? a->of : x->map.cpus && !a->agg ? "values" : "value";
	r = look_walk(ctx, x, count, &c, e);
	if (r == 0) {
		b = hist_buckets(&c.hist, a->buckets ? a->buckets : 20, &n);
		out_begin(ctx->out, hist_cols, OUT_ROWS);
		for (size_t i = 0; i < n; i++)
			most = b[i].count > most ? b[i].count : most;
		for (size_t i = 0; i < n; i++)
			put_bucket(ctx->out, &b[i], most);
		free(b);
	}
	hist_free(&c.hist);
	return r;
}

int look_dump(struct ctx *ctx, const struct entries *x, const struct look_args *a, struct err *e)
{
	struct sum sum = { ctx->out, (enum agg)a->agg };
	int r = 0;

	if (a->agg || a->cpus)
		r = check_percpu(x, a->agg ? "--agg" : "--per-cpu", e);
	if (r)
		return r;
	if (a->hist)
		return dump_hist(ctx, x, a, e);
	if (a->cpus)
		return dump_cpus(ctx, x, e);
	out_begin(ctx->out, entry_cols, OUT_ROWS);
	return look_walk(ctx, x, put_sum, &sum, e);
}
