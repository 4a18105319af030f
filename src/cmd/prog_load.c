// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* prog load, loadall: load a program file and pin what is in it, attached to nothing. */
#include <errno.h>

#include "cmd/cmds.h"
#include "cmd/keep.h"
#include "cmd/loading.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/pin.h"

struct load_args {
	struct loading_args loading;
	const char *path, *type, *pin_maps, *prog;
};

#define LOAD_KEYWORDS                                                                              \
	KEYWORD(struct load_args, type, OPT_STR, "type", "TYPE",                                   \
		"program type or section name, whatever the file says"),                           \
		KEYWORD(struct load_args, pin_maps, OPT_DIR, "pinmaps", "DIR",                     \
			"pin the maps too, below this directory")

static const struct opt load_opts[] = {
	LOADING_OPTIONS(struct load_args, loading),
	OPERAND(struct load_args, path, OPT_PIN, "PATH", "where the program is pinned",
		.flags = OPT_REQUIRED),
	OPTION(struct load_args, prog, OPT_STR, "prog", 0, "NAME",
	       "which one, if the file has several; the others are not loaded"),
	LOAD_KEYWORDS,
	OPT_END,
};

static const struct opt loadall_opts[] = {
	LOADING_OPTIONS(struct load_args, loading),
	OPERAND(struct load_args, path, OPT_PIN, "DIR", "where the programs are pinned",
		.flags = OPT_REQUIRED),
	LOAD_KEYWORDS,
	OPT_END,
};

/* The program to load: the one that is named, or the only one. */
static int choose(const struct object *o, const struct load_args *a, struct err *e)
{
	auto_buf struct buf names = {};
	struct object_prog p;
	size_t n = object_nr_progs(o);

	if (a->prog)
		return object_find_prog(o, a->prog, e);
	if (n == 1)
		return 0;
	if (n == 0)
		return err_input(e, "%s has no programs", a->loading.file);
	for (size_t i = 0; i < n; i++) {
		object_prog(o, i, &p);
		buf_addf(&names, "%s%s", i ? ", " : "", p.name);
	}
	err_usage(e, "%s has %zu programs: %s", a->loading.file, n, buf_str(&names));
	return err_hint(e, "choose one with --prog, or load them all with `prog loadall`");
}

static int load_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct load_args *a = args;
	auto_object struct object *o = loading_open(ctx, &a->loading, a->type, e);
	struct object_prog p;
	int chosen, r;

	if (!o)
		return -EINVAL;
	chosen = choose(o, a, e);
	if (chosen < 0)
		return chosen;
	for (size_t i = 0; i < object_nr_progs(o); i++) {
		r = object_set_autoload(o, i, i == (size_t)chosen, e);
		if (r < 0)
			return r;
	}
	r = object_load(o, e);
	if (r < 0)
		return r;
	object_prog(o, (size_t)chosen, &p);
	r = a->pin_maps ? keep_object(ctx, o, NULL, NULL, a->pin_maps, e) : 0;
	return r < 0 ? r : pin_object(p.fd, a->path, ctx->nomount, e);
}

static int loadall_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct load_args *a = args;
	auto_object struct object *o = loading_open(ctx, &a->loading, a->type, e);
	int r = o ? object_load(o, e) : -EINVAL;

	return r < 0 ? r : keep_object(ctx, o, NULL, a->path, a->pin_maps, e);
}

const struct cmd cmd_prog_load = {
	.name = "load",
	.brief = "load a program file and pin its program",
	.doc = "Sources and objects alike. Nothing is attached: see `bpfctl attach`, `bpfctl xdp attach` "
	       "and `bpfctl run`.",
	.opts = load_opts,
	.cols = keep_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct load_args),
	.run = load_run,
};

const struct cmd cmd_prog_loadall = {
	.name = "loadall",
	.brief = "load a program file and pin every program of it",
	.opts = loadall_opts,
	.cols = keep_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct load_args),
	.run = loadall_run,
};
