// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* version, and the hidden commands that the build, the tests and the shells ask. */
#include <errno.h>
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/offer.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/gen.h"
#include "core/mem.h"
#include "core/object.h"

static const struct out_col version_cols[] = {
	{ "line", "LINE", K_LINE, "the same as text", OUT_TEXT_ONLY },
	{ "version", "VERSION", K_STR, "version of bpfctl", OUT_JSON_ONLY },
	{ "libbpf_version", "LIBBPF", K_STR, "version of libbpf", OUT_JSON_ONLY },
	{ "features", "FEATURES", K_MAP, "what this binary can and bpftool may not",
	  OUT_JSON_ONLY },
	OUT_END,
};

static const char *const features[] = { "asm", "disasm", "run" };

/* In bpftool's shape, which scripts know. */
static void put_version_lines(struct out *out)
{
	auto_buf struct buf list = {};

	for (size_t i = 0; i < countof(features); i++)
		buf_addf(&list, "%s%s", i ? ", " : "", features[i]);
	out_row(out);
	out_fmt(out, "line", "bpfctl v%s", BPFCTL_VERSION);
	out_row(out);
	out_fmt(out, "line", "using libbpf v%s", object_library_version());
	out_row(out);
	out_fmt(out, "line", "features: %s", buf_str(&list));
}

static void put_version(struct out *out)
{
	out_row(out);
	out_str(out, "version", BPFCTL_VERSION);
	out_str(out, "libbpf_version", object_library_version());
	out_map(out, "features");
	for (size_t i = 0; i < countof(features); i++)
		out_bool(out, features[i], true);
	out_close(out);
}

static int version_run(struct ctx *ctx, const void *args, struct err *e)
{
	(void)args;
	(void)e;
	out_begin(ctx->out, version_cols, out_is_text(ctx->out) ? OUT_ROWS : OUT_ONE);
	if (out_is_text(ctx->out))
		put_version_lines(ctx->out);
	else
		put_version(ctx->out);
	return 0;
}

const struct cmd cmd_version = {
	.name = "version",
	.brief = "print the version of bpfctl and of the libraries in it",
	.cols = version_cols,
	.shape = OUT_ONE,
	.run = version_run,
};

/* ---- __man, __schema, __complete ---------------------------------------------------------- */

static const struct out_col line_cols[] = {
	{ "line", "LINE", K_LINE, "text", 0 },
	OUT_END,
};

static void put_lines(struct out *out, struct buf *text)
{
	out_begin(out, line_cols, OUT_ROWS);
	out_lines(out, "line", text->data, text->len);
}

struct path_args {
	struct words path;
	const char *file;
};

/* The record that words name, from the root; `name` becomes "bpfctl map list". */
static const struct cmd *find_path(struct words path, struct buf *name, struct err *e)
{
	const struct cmd *c = &cmd_root;

	buf_adds(name, c->name);
	for (size_t i = 0; c && i < path.n; i++) {
		if (!c->subs) {
			err_usage(e, "%s has no commands", c->name);
			return NULL;
		}
		c = cmd_find(c, path.v[i], e);
		if (c)
			buf_addf(name, " %s", c->name);
	}
	return c;
}

static const struct opt man_opts[] = {
	OPTION(struct path_args, file, OPT_FILE, "template", 0, "FILE", "the page's prose",
	       .flags = OPT_REQUIRED),
	OPERAND(struct path_args, path, OPT_WORDS, "COMMAND", "a group or a command"),
	OPT_END,
};

static int man_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct path_args *a = args;
	auto_buf struct buf name = {}, template = {}, page = {};
	const struct cmd *c = find_path(a->path, &name, e);
	int r;

	if (!c)
		return -EINVAL;
	r = file_read(a->file, FILE_MAX, &template, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] == ' ')
			name.data[i] = '-';
	r = gen_man(c, buf_str(&name), BPFCTL_VERSION, buf_str(&template), &page, e);
	if (r == 0)
		put_lines(ctx->out, &page);
	return r;
}

const struct cmd cmd_man = {
	.name = "__man",
	.brief = "a manual page from its template",
	.opts = man_opts,
	.cols = line_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct path_args),
	.run = man_run,
	.hidden = true,
};

static const struct opt schema_opts[] = {
	OPERAND(struct path_args, path, OPT_WORDS, "COMMAND", "a command"),
	OPT_END,
};

static int schema_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct path_args *a = args;
	auto_buf struct buf name = {};
	const struct cmd *c = find_path(a->path, &name, e);

	if (!c)
		return -EINVAL;
	gen_schema(c->subs && c->bare ? c->bare : c, buf_str(&name), ctx->out);
	return 0;
}

const struct cmd cmd_schema = {
	.name = "__schema",
	.brief = "the JSON Schema of a command's output",
	.opts = schema_opts,
	.cols = gen_schema_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct path_args),
	.run = schema_run,
	.hidden = true,
};

static const struct opt complete_opts[] = {
	COMMAND(struct path_args, path, "the words so far"),
	OPT_END,
};

static int complete_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct path_args *a = args;
	const struct gen_live live = { .offer = offer_live };
	auto_buf struct buf lines = {};

	(void)e;
	gen_complete(&cmd_root, a->path.v, a->path.n, &live, &lines);
	put_lines(ctx->out, &lines);
	return 0;
}

const struct cmd cmd_complete = {
	.name = "__complete",
	.brief = "candidates for the last word of a command line",
	.opts = complete_opts,
	.cols = line_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct path_args),
	.run = complete_run,
	.hidden = true,
};
