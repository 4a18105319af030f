// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map sum. */
#include "cmd/cmds.h"
#include "cmd/entry_look.h"
#include "core/err.h"

struct sum_args {
	struct words map;
	struct spec_args spec;
	const char *of;
	bool any, all;
};

static const struct out_col sum_cols[] = {
	{ "entries", "ENTRIES", K_UINT, "how many entries fulfil --where", 0 },
	{ "sum", "SUM", K_ANY, "their values added; each CPU's, if the map is per CPU", 0 },
	{ "min", "MIN", K_ANY, "the least", 0 },
	{ "max", "MAX", K_ANY, "the greatest", 0 },
	{ "avg", "AVG", K_ANY, "the average", 0 },
	OUT_END,
};

struct summing {
	const char *of;
	struct where *where;
	bool count_only; /* --any, --all: the values need be no numbers */
	struct tally tally;
	uint64_t entries, others;
};

static int add_value(struct summing *s, const struct val *v, struct err *e)
{
	if (!v || v->kind != V_LIST)
		return v && tally_add(&s->tally, v) ? 0 : look_no_number("of", s->of, v, e);
	for (size_t i = 0; i < v->seq.n; i++)
		if (!tally_add(&s->tally, &v->seq.v[i]))
			return look_no_number("of", s->of, &v->seq.v[i], e);
	return 0;
}

static int add_entry(void *arg, struct val *row, struct err *e)
{
	struct summing *s = arg;
	struct scope scope = { { row }, 1 };

	if (s->where && !where_true(s->where, &scope)) {
		s->others++;
		return 0;
	}
	s->entries++;
	return s->count_only ? 0 : add_value(s, val_at(row, s->of), e);
}

static void put_sum(struct out *out, const struct summing *s)
{
	static const struct {
		const char *key;
		enum agg how;
	} columns[] = {
		{ "sum", AGG_SUM }, { "min", AGG_MIN }, { "max", AGG_MAX }, { "avg", AGG_AVG }
	};

	out_begin(out, sum_cols, OUT_ONE);
	out_row(out);
	out_uint(out, "entries", s->entries);
	for (size_t i = 0; !s->count_only && i < sizeof(columns) / sizeof(columns[0]); i++) {
		struct val v = tally_result(&s->tally, columns[i].how);

		out_val(out, columns[i].key, &v);
	}
}

static int sum_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct sum_args *a = args;
	auto_where struct where *where = out_take_where(ctx->out);
	struct summing s = { .where = where, .count_only = a->any || a->all };
	auto_entries struct entries x = ENTRIES_INIT;
	int r;

	if (s.count_only && !where)
		return err_usage(e, "--any and --all are about the entries that --where names");
	r = entries_open(&x, a->map, &a->spec, e);
	s.of = a->of ? a->of : x.map.cpus ? "values" : "value";
	if (r == 0)
		r = look_walk(ctx, &x, add_entry, &s, e);
	if (r)
		return r;
	put_sum(ctx->out, &s);
	if ((a->any && !s.entries) || (a->all && s.others))
		ctx->status = ERR_FAILED;
	return 0;
}

static const struct opt sum_opts[] = {
	OPERAND(struct sum_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	OPTION(struct sum_args, of, OPT_STR, "of", 0, "FIELD",
	       "of this field, such as value.count or key; without it the value"),
	FLAG(struct sum_args, any, "any", 0,
	     "only count; status 0 if some entry fulfils --where, else 1"),
	FLAG(struct sum_args, all, "all", 0, "only count; status 0 if every entry does, else 1",
	     .excludes = "any"),
	SPEC_OPTIONS(struct sum_args, spec),
	OPT_END,
};

const struct cmd cmd_map_sum = {
	.name = "sum",
	.brief = "sum, least, greatest and average of all values",
	.doc = "Of the entries that --where names, or of all.",
	.opts = sum_opts,
	.cols = sum_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct sum_args),
	.run = sum_run,
};
