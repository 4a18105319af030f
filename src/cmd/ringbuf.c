// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ringbuf read. */
#include "cmd/cmds.h"
#include "cmd/records.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/mem.h"

struct read_args {
	struct words map;
	const char *type, *spec;
	struct stream_args stream;
};

static const struct opt read_opts[] = {
	OPERAND(struct read_args, map, OPT_MAP, "MAP", "a ring buffer or perf event array",
		.flags = OPT_REQUIRED),
	OPTION(struct read_args, type, OPT_STR, "type", 0, "NAME",
	       "type of the records, from the BTF of the programs that use the map, or the kernel's",
	       .excludes = "spec"),
	OPTION(struct read_args, spec, OPT_STR, "spec", 0, "SPEC",
	       "the same spelled out: { u32 pid; char comm[16] }"),
	COUNT_OPTION(struct read_args, stream),
	STREAM_OPTIONS(struct read_args, stream),
	OPT_END,
};

static const struct out_col read_cols[] = {
	{ "event", "event", K_STR, "name of the record's type, where a map has several", 0 },
	{ "data", "data", K_ANY,
	  "a record whose type is not known; else there is a column per field", 0 },
	OUT_END,
};

static int find_types(const struct read_args *a, const struct map *m, struct event_types *types,
		      struct err *e)
{
	if (a->type)
		return event_types_by_name(types, m, a->type, e);
	if (a->spec)
		return event_types_by_spec(types, a->spec, e);
	return event_types_of_map(types, m, e);
}

static int open_map(const struct read_args *a, struct records *records, struct err *e)
{
	auto_event_types struct event_types types = {};
	auto_map struct map m = MAP_INIT;
	int fd = handle_open_words(a->map.v, a->map.n, OBJ_MAP, e);
	int r = fd < 0 ? fd : map_open(&m, fd, e);

	if (r == 0)
		r = find_types(a, &m, &types, e);
	return r < 0 ? r : records_add(records, &m, &types, e);
}

static int read_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct read_args *a = args;
	auto_until struct until *until = stream_begin(&a->stream, e);
	auto_records struct records records = {};
	int r;

	if (!until)
		return -1;
	r = open_map(a, &records, e);
	if (r < 0)
		return r;
	records_begin(&records, ctx->out);
	r = stream_ready(&a->stream, until, e);
	if (r == 0)
		r = records_follow(&records, ctx, until, a->stream.count, e);
	records_summary(&records, ctx, until);
	ctx->status = until_status(until);
	return r;
}

const struct cmd cmd_ringbuf_read = {
	.name = "read",
	.brief = "print the records of a ring buffer as they come",
	.opts = read_opts,
	.cols = read_cols,
	.shape = OUT_STREAM,
	.args_size = sizeof(struct read_args),
	.run = read_run,
};
