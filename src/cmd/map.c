// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map list, show. */
#include "core/map.h"
#include "cmd/cmds.h"
#include "cmd/live.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/mem.h"
#include "uapi/names.h"

static const struct out_col map_cols[] = {
	{ "id", "ID", K_UINT, "kernel id", 0 },
	{ "type", "TYPE", K_STR, "map type, as libbpf spells it", 0 },
	{ "name", "NAME", K_STR, "name given at creation, at most 15 characters", 0 },
	{ "flags", "FLAGS", K_HEX, "creation flags", 0 },
	DEV_COL,
	{ "bytes_key", "KEY", K_UINT, "bytes of a key", 0 },
	{ "bytes_value", "VALUE", K_UINT, "bytes of a value", 0 },
	{ "max_entries", "MAX", K_UINT, "most entries, or bytes of a ring buffer", 0 },
	{ "map_extra", "EXTRA", K_UINT, "bloom filter: number of hashes", OUT_IF_ANY },
	{ "bytes_memlock", "MEMORY", K_BYTES, "memory it takes", 0 },
	{ "owner_prog_type", "OWNER", K_STR, "prog_array: type of the programs in it", OUT_IF_ANY },
	{ "owner_jited", "JITED", K_BOOL, "prog_array: whether those are compiled", OUT_IF_ANY },
	{ "frozen", "FROZEN", K_UINT, "1: user space cannot change it any more", 0 },
	{ "btf_id", "BTF", K_UINT, "BTF object with its types", OUT_IF_ANY },
	LIVE_COLS,
	OUT_END,
};

static void put_map(struct out *out, const struct map_info *i, const struct live *live)
{
	out_row(out);
	out_uint(out, "id", i->id);
	live_put_type(out, "type", uapi_map_type_name(i->type), i->type);
	if (i->name[0])
		out_str(out, "name", i->name);
	out_uint(out, "flags", i->flags);
	live_put_dev(out, i->ifindex, i->netns_dev, i->netns_ino);
	out_uint(out, "bytes_key", i->key_size);
	out_uint(out, "bytes_value", i->value_size);
	out_uint(out, "max_entries", i->max_entries);
	if (i->map_extra)
		out_uint(out, "map_extra", i->map_extra);
	if (i->has_memlock)
		out_uint(out, "bytes_memlock", i->memlock);
	if (i->owner_prog_type >= 0)
		live_put_type(out, "owner_prog_type",
			      uapi_prog_type_name((uint32_t)i->owner_prog_type),
			      (uint32_t)i->owner_prog_type);
	if (i->owner_jited >= 0)
		out_bool(out, "owner_jited", i->owner_jited);
	out_uint(out, "frozen", i->frozen);
	if (i->btf_id)
		out_uint(out, "btf_id", i->btf_id);
	live_put(live, out, OBJ_MAP, i->id);
}

struct each {
	struct out *out;
	const struct live *live;
};

static int each_map(const struct map_info *i, int fd, void *arg)
{
	struct each *x = arg;

	(void)fd;
	put_map(x->out, i, x->live);
	return 0;
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_live struct live live = {};
	struct each x = { .out = ctx->out, .live = &live };
	int r = live_read(&live, ctx, e);

	(void)args;
	if (r < 0)
		return r;
	out_begin(ctx->out, map_cols, OUT_ROWS);
	return map_each(each_map, &x, e);
}

static int show_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct show_args *a = args;
	auto_live struct live live = {};
	struct map_info i;
	auto_fd int fd = -1;
	int r;

	if (!a->handle.n)
		return list_run(ctx, args, e);
	fd = handle_open_words(a->handle.v, a->handle.n, OBJ_MAP, e);
	if (fd < 0)
		return fd;
	r = map_info_read(fd, &i, e);
	if (r == 0)
		r = live_read(&live, ctx, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, map_cols, OUT_ONE);
	put_map(ctx->out, &i, &live);
	return 0;
}

static const struct opt show_opts[] = {
	OPERAND(struct show_args, handle, OPT_MAP, "MAP", "all maps when none is named"),
	OPT_END,
};

const struct cmd cmd_map_list = {
	.name = "list",
	.brief = "list the maps the kernel has",
	.cols = map_cols,
	.shape = OUT_ROWS,
	.run = list_run,
};

const struct cmd cmd_map_show = {
	.name = "show",
	.brief = "show one map",
	.opts = show_opts,
	.cols = map_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct show_args),
	.run = show_run,
};
