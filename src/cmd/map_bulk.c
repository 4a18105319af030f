// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map count, clear, empty; freeze, pin, unpin. */
#include "core/map_bulk.h"
#include "cmd/cmds.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/map.h"
#include "core/pin.h"

struct map_args {
	struct words map;
	const char *path;
};

static int open_map(struct map *m, const struct map_args *a, struct err *e)
{
	int fd = handle_open_words(a->map.v, a->map.n, OBJ_MAP, e);

	return fd < 0 ? fd : map_open(m, fd, e);
}

static const struct opt map_opts[] = {
	OPERAND(struct map_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	OPT_END,
};

/* ---- all entries -------------------------------------------------------------------------- */

static const struct out_col count_cols[] = {
	{ "entries", "ENTRIES", K_UINT, "how many there are", 0 },
	OUT_END,
};

static int count_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_map struct map m = MAP_INIT;
	struct map_bulk b = {};
	int r = open_map(&m, args, e);

	if (r == 0)
		r = map_count_entries(&m, &b, e);
	if (r < 0)
		return r;
	if (b.cut)
		warn(ctx, "the map changes faster than it can be read: there may be more");
	out_begin(ctx->out, count_cols, OUT_ONE);
	out_row(ctx->out);
	out_uint(ctx->out, "entries", b.entries);
	return 0;
}

const struct cmd cmd_map_count = {
	.name = "count",
	.brief = "count the entries",
	.doc = "An array has all its elements; a table of programs, maps or devices counts the slots "
	       "that are set.",
	.opts = map_opts,
	.cols = count_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct map_args),
	.run = count_run,
};

static const struct out_col clear_cols[] = {
	{ "cleared", "CLEARED", K_UINT, "how many entries went, or elements became 0", 0 },
	OUT_END,
};

static int clear_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_map struct map m = MAP_INIT;
	struct map_bulk b = {};
	int r = open_map(&m, args, e);

	if (r == 0)
		r = map_clear(&m, &b, e);
	if (r < 0)
		return b.entries
			       ? err_wrap(e, "after %llu entries: ", (unsigned long long)b.entries)
			       : r;
	if (b.cut)
		warn(ctx, "others fill the map as fast as it is cleared: not all is gone");
	out_begin(ctx->out, clear_cols, OUT_ONE);
	out_row(ctx->out);
	out_uint(ctx->out, "cleared", b.entries);
	return 0;
}

const struct cmd cmd_map_clear = {
	.name = "clear",
	.brief = "remove all entries",
	.doc = "The elements of an array become 0; queues and stacks are emptied.",
	.opts = map_opts,
	.cols = clear_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct map_args),
	.run = clear_run,
};

static const struct out_col empty_cols[] = {
	{ "empty", "EMPTY", K_BOOL, "whether there is no entry", 0 },
	OUT_END,
};

static int empty_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_map struct map m = MAP_INIT;
	int r = open_map(&m, args, e);

	if (r == 0)
		r = map_is_empty(&m, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, empty_cols, OUT_ONE);
	out_row(ctx->out);
	out_bool(ctx->out, "empty", r);
	ctx->status = r ? 0 : ERR_FAILED;
	return 0;
}

const struct cmd cmd_map_empty = {
	.name = "empty",
	.brief = "tell whether there is no entry: exit status 0, else 1",
	.opts = map_opts,
	.cols = empty_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct map_args),
	.run = empty_run,
};

/* ---- the map itself ----------------------------------------------------------------------- */

static int freeze_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_map struct map m = MAP_INIT;
	int r = open_map(&m, args, e);

	(void)ctx;
	return r < 0 ? r : map_freeze(&m, e);
}

const struct cmd cmd_map_freeze = {
	.name = "freeze",
	.brief = "let user space read, and change nothing any more",
	.doc = "There is no way back. Programs still write, unless the map is rdonly_prog.",
	.opts = map_opts,
	.args_size = sizeof(struct map_args),
	.run = freeze_run,
};

static int pin_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct map_args *a = args;
	auto_map struct map m = MAP_INIT;
	int r = open_map(&m, a, e);

	return r < 0 ? r : pin_object(m.fd, a->path, ctx->nomount, e);
}

static int unpin_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct map_args *a = args;

	(void)ctx;
	return pin_remove(a->path, OBJ_MAP, e);
}

static const struct opt pin_opts[] = {
	OPERAND(struct map_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	OPERAND(struct map_args, path, OPT_PIN, "PATH", "where, below a BPF file system",
		.flags = OPT_REQUIRED),
	OPT_END,
};

static const struct opt unpin_opts[] = {
	OPERAND(struct map_args, path, OPT_PIN, "PATH", "the pin", .flags = OPT_REQUIRED),
	OPT_END,
};

const struct cmd cmd_map_pin = {
	.name = "pin",
	.brief = "keep a map by a path",
	.opts = pin_opts,
	.args_size = sizeof(struct map_args),
	.run = pin_run,
};

const struct cmd cmd_map_unpin = {
	.name = "unpin",
	.brief = "remove a map's pin",
	.opts = unpin_opts,
	.args_size = sizeof(struct map_args),
	.run = unpin_run,
};
