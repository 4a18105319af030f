// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map var: global variables. */
#include "core/map_var.h"

#include "cmd/cmds.h"
#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/map.h"

struct var_args {
	struct words map;
	const char *name, *value;
};

static const struct out_col var_cols[] = {
	{ "name", "NAME", K_STR, "the variable", 0 },
	{ "type", "TYPE", K_STR, "its type", 0 },
	{ "value", "VALUE", K_ANY, "what it holds now", 0 },
	{ "offset", "OFFSET", K_UINT, "bytes from the start of the section", OUT_JSON_ONLY },
	{ "size", "SIZE", K_UINT, "bytes", OUT_JSON_ONLY },
	OUT_END,
};

static int open_map(struct map *m, const struct var_args *a, struct err *e)
{
	int fd = handle_open_words(a->map.v, a->map.n, OBJ_MAP, e);

	return fd < 0 ? fd : map_open(m, fd, e);
}

static void put_var(struct out *out, const struct vars *v, const struct var *var)
{
	auto_buf struct buf type = {};

	codec_type_text(var->codec, &type);
	out_row(out);
	out_str(out, "name", var->name);
	out_str(out, "type", buf_str(&type));
	codec_out(var->codec, v->data + var->off, var->size, out, "value");
	out_uint(out, "offset", var->off);
	out_uint(out, "size", var->size);
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_map struct map m = MAP_INIT;
	auto_vars struct vars v = {};
	struct var var;
	int r = open_map(&m, args, e);

	if (r == 0)
		r = vars_open(&v, &m, false, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, var_cols, OUT_ROWS);
	for (size_t i = 0; (r = vars_at(&v, i, &var, e)) == 0; i++) {
		put_var(ctx->out, &v, &var);
		codec_freep(&var.codec);
	}
	return r < 0 ? r : 0;
}

static int get_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct var_args *a = args;
	auto_map struct map m = MAP_INIT;
	auto_vars struct vars v = {};
	struct var var = {};
	int r = open_map(&m, a, e);

	if (r == 0)
		r = vars_open(&v, &m, false, e);
	if (r == 0)
		r = vars_find(&v, a->name, &var, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, var_cols, OUT_ONE);
	put_var(ctx->out, &v, &var);
	codec_freep(&var.codec);
	return 0;
}

static int set_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct var_args *a = args;
	auto_map struct map m = MAP_INIT;
	auto_vars struct vars v = {};
	struct var var = {};
	int r = open_map(&m, a, e);

	if (r == 0)
		r = vars_open(&v, &m, true, e);
	if (r == 0)
		r = vars_find(&v, a->name, &var, e);
	if (r == 0)
		r = vars_set(&v, &var, a->value, e);
	if (r == 0)
		info(ctx, "%s",
		     v.mapped ? "written in place"
			      : "the map cannot be mapped: read, changed and written "
				"as a whole");
	codec_freep(&var.codec);
	return r;
}

#define MAP_OF_VARS                                                                                \
	OPERAND(struct var_args, map, OPT_MAP, "MAP",                                              \
		"a section of globals, as NAME.data or id 7", .flags = OPT_REQUIRED)
#define NAME_OF_VAR                                                                                \
	OPERAND(struct var_args, name, OPT_STR, "NAME",                                            \
		"the variable, or a part of it: config.ports[2]", .flags = OPT_REQUIRED)

static const struct opt list_opts[] = { MAP_OF_VARS, OPT_END };
static const struct opt get_opts[] = { MAP_OF_VARS, NAME_OF_VAR, OPT_END };
static const struct opt set_opts[] = {
	MAP_OF_VARS,
	NAME_OF_VAR,
	OPERAND(struct var_args, value, OPT_STR, "VALUE", "as it is printed",
		.flags = OPT_REQUIRED),
	OPT_END,
};

const struct cmd cmd_map_var_list = {
	.name = "list",
	.brief = "print all variables",
	.opts = list_opts,
	.cols = var_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct var_args),
	.run = list_run,
};

const struct cmd cmd_map_var_get = {
	.name = "get",
	.brief = "print one variable",
	.opts = get_opts,
	.cols = var_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct var_args),
	.run = get_run,
};

const struct cmd cmd_map_var_set = {
	.name = "set",
	.brief = "change a variable of a running program",
	.doc = "In place where the map can be mapped into memory, which every compiler's .data and .bss "
	       "can: no other variable is touched. What is const or .rodata is frozen.",
	.opts = set_opts,
	.args_size = sizeof(struct var_args),
	.run = set_run,
};
