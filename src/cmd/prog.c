// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* prog list, show, pin, unpin. */
#include "core/prog.h"
#include "cmd/cmds.h"
#include "cmd/live.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/mem.h"
#include "core/val.h"
#include "uapi/names.h"

static const struct out_col prog_cols[] = {
	{ "id", "ID", K_UINT, "kernel id", 0 },
	{ "type", "TYPE", K_STR, "program type, as libbpf spells it", 0 },
	{ "name", "NAME", K_STR, "name given at load; the function's whole name where BTF has it",
	  0 },
	{ "tag", "TAG", K_STR, "hash of its instructions, 16 hex digits", 0 },
	{ "gpl_compatible", "GPL", K_BOOL, "may call helpers for GPL programs only", 0 },
	{ "run_time_ns", "RUN TIME", K_NS, "time spent in it, while statistics are on",
	  OUT_IF_ANY },
	{ "run_cnt", "RUNS", K_UINT, "times it ran, while statistics are on", OUT_IF_ANY },
	{ "recursion_misses", "MISSES", K_UINT, "runs left out because it was running",
	  OUT_IF_ANY },
	DEV_COL,
	{ "loaded_at", "LOADED", K_TIME, "when it was loaded", 0 },
	{ "uid", "UID", K_UINT, "who loaded it", 0 },
	{ "orphaned", "ORPHANED", K_BOOL, "bound to a device that is gone", OUT_JSON_ONLY },
	{ "bytes_xlated", "SIZE", K_BYTES, "its instructions as the verifier left them", 0 },
	{ "jited", "JITED", K_BOOL, "compiled to machine code", OUT_JSON_ONLY },
	{ "bytes_jited", "MACHINE", K_BYTES, "its machine code", 0 },
	{ "bytes_memlock", "MEMORY", K_BYTES, "memory it takes", 0 },
	{ "map_ids", "MAPS", K_LIST, "maps it uses", 0 },
	{ "btf_id", "BTF", K_UINT, "BTF object with its types", OUT_IF_ANY },
	LIVE_COLS,
	{ "metadata", "METADATA", K_MAP, "its variables named bpf_metadata_x", OUT_IF_ANY },
	OUT_END,
};

static void put_maps(struct out *out, const struct prog_info *i)
{
	if (!i->nr_map_ids)
		return;
	out_list(out, "map_ids");
	for (uint32_t k = 0; k < i->nr_map_ids; k++)
		out_uint(out, NULL, i->map_ids[k]);
	out_close(out);
}

static void put_tag(struct out *out, const uint8_t tag[8])
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | tag[i];
	out_fmt(out, "tag", "%016llx", (unsigned long long)v);
}

static void put_metadata(struct out *out, const struct prog_info *i)
{
	auto_val struct val meta = { .kind = V_NULL };

	prog_metadata(i, &meta);
	if (meta.kind == V_MAP)
		out_val(out, "metadata", &meta);
}

static void put_prog(struct out *out, const struct prog_info *i, const struct live *live)
{
	out_row(out);
	out_uint(out, "id", i->id);
	live_put_type(out, "type", uapi_prog_type_name(i->type), i->type);
	if (i->name[0])
		out_str(out, "name", i->name);
	put_tag(out, i->tag);
	out_bool(out, "gpl_compatible", i->gpl);
	if (i->run_time_ns) {
		out_uint(out, "run_time_ns", i->run_time_ns);
		out_uint(out, "run_cnt", i->run_cnt);
	}
	if (i->recursion_misses)
		out_uint(out, "recursion_misses", i->recursion_misses);
	live_put_dev(out, i->ifindex, i->netns_dev, i->netns_ino);
	if (i->loaded_at) {
		out_uint(out, "loaded_at", i->loaded_at);
		out_uint(out, "uid", i->uid);
	}
	out_bool(out, "orphaned", i->orphaned);
	out_uint(out, "bytes_xlated", i->bytes_xlated);
	out_bool(out, "jited", i->jited);
	if (i->jited)
		out_uint(out, "bytes_jited", i->bytes_jited);
	if (i->has_memlock)
		out_uint(out, "bytes_memlock", i->memlock);
	put_maps(out, i);
	if (i->btf_id)
		out_uint(out, "btf_id", i->btf_id);
	live_put(live, out, OBJ_PROG, i->id);
	put_metadata(out, i);
}

struct each {
	struct out *out;
	const struct live *live;
};

static int each_prog(const struct prog_info *i, int fd, void *arg)
{
	struct each *x = arg;

	(void)fd;
	put_prog(x->out, i, x->live);
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
	out_begin(ctx->out, prog_cols, OUT_ROWS);
	return prog_each(each_prog, &x, e);
}

static int show_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct show_args *a = args;
	auto_prog_info struct prog_info i = {};
	auto_live struct live live = {};
	auto_fd int fd = -1;
	int r;

	if (!a->handle.n)
		return list_run(ctx, args, e);
	fd = handle_open_words(a->handle.v, a->handle.n, OBJ_PROG, e);
	if (fd < 0)
		return fd;
	r = prog_info_read(fd, &i, e);
	if (r == 0)
		r = live_read(&live, ctx, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, prog_cols, OUT_ONE);
	put_prog(ctx->out, &i, &live);
	return 0;
}

struct pin_args {
	struct words prog;
	const char *path;
};

static int pin_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct pin_args *a = args;
	auto_fd int fd = handle_open_words(a->prog.v, a->prog.n, OBJ_PROG, e);

	return fd < 0 ? fd : pin_object(fd, a->path, ctx->nomount, e);
}

static int unpin_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct pin_args *a = args;

	(void)ctx;
	return pin_remove(a->path, OBJ_PROG, e);
}

static const struct opt show_opts[] = {
	OPERAND(struct show_args, handle, OPT_PROG, "PROG", "all programs when none is named"),
	OPT_END,
};

static const struct opt pin_opts[] = {
	OPERAND(struct pin_args, prog, OPT_PROG, "PROG", "the program", .flags = OPT_REQUIRED),
	OPERAND(struct pin_args, path, OPT_PIN, "PATH", "where, below a BPF file system",
		.flags = OPT_REQUIRED),
	OPT_END,
};

static const struct opt unpin_opts[] = {
	OPERAND(struct pin_args, path, OPT_PIN, "PATH", "the pin", .flags = OPT_REQUIRED),
	OPT_END,
};

const struct cmd cmd_prog_list = {
	.name = "list",
	.brief = "list the programs the kernel has loaded",
	.cols = prog_cols,
	.shape = OUT_ROWS,
	.run = list_run,
};

const struct cmd cmd_prog_show = {
	.name = "show",
	.brief = "show one program",
	.opts = show_opts,
	.cols = prog_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct show_args),
	.run = show_run,
};

const struct cmd cmd_prog_pin = {
	.name = "pin",
	.brief = "keep a program by a path",
	.opts = pin_opts,
	.args_size = sizeof(struct pin_args),
	.run = pin_run,
};

const struct cmd cmd_prog_unpin = {
	.name = "unpin",
	.brief = "remove a program's pin",
	.opts = unpin_opts,
	.args_size = sizeof(struct pin_args),
	.run = unpin_run,
};
