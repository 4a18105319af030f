// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* helper list, show, search, check. */
#include "core/helper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cmd/cmds.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/probe.h"
#include "uapi/names.h"

struct helper_args {
	const char *word, *type, *file, *kernel, *category;
	bool probe;
};

/* ROW(key, title among many, title of one, kind, help, flags among many) */
#define COLUMNS(ROW)                                                                               \
	ROW("id", "ID", "id", K_UINT, "its number, which the instruction has", 0)                  \
	ROW("name", "NAME", "name", K_STR, "its name", 0)                                          \
	ROW("since", "SINCE", "since", K_STR, "the first kernel that has it", 0)                   \
	ROW("category", "CATEGORY", "category", K_STR, "what it is about", 0)                      \
	ROW("gpl_only", "GPL", "GPL only", K_BOOL, "only programs under the GPL may call it",      \
	    OUT_IF_ANY)                                                                            \
	ROW("sleepable_only", "SLEEPABLE", "sleepable only", K_BOOL,                               \
	    "only sleepable programs may call it", OUT_JSON_ONLY)                                  \
	ROW("returns", "RETURNS", "returns", K_STR, "type of its result", OUT_JSON_ONLY)           \
	ROW("args", "ARGUMENTS", "arguments", K_STR, "types and names of its arguments",           \
	    OUT_JSON_ONLY)                                                                         \
	ROW("prog_types", "TYPES", "program types", K_LIST, "program types that may call it",      \
	    OUT_JSON_ONLY)                                                                         \
	ROW("limits", "LIMITS", "limits", K_STR, "attach kinds of them, where not all may",        \
	    OUT_JSON_ONLY)                                                                         \
	ROW("available", "AVAILABLE", "available", K_STR,                                          \
	    "with --probe, whether this kernel has it: yes, no or unknown", OUT_IF_ANY)            \
	ROW("help", "WHAT IT DOES", "help", K_STR, "what it does", 0)

#define AMONG_MANY(key, many, one, kind, help, flags) { key, many, kind, help, flags },
#define OF_ONE(key, many, one, kind, help, flags) { key, one, kind, help, 0 },
static const struct out_col helper_cols[] = { COLUMNS(AMONG_MANY) OUT_END };
static const struct out_col show_cols[] = { COLUMNS(OF_ONE) OUT_END };

static const struct out_col check_cols[] = {
	{ "name", "helper", K_STR, "its name", 0 },
	{ "prog_type", "program type", K_STR, "who would call it", 0 },
	{ "allowed", "allowed", K_BOOL, "whether it may", 0 },
	{ "why", "why", K_STR, "what speaks against it, or has to be seen to", 0 },
	OUT_END,
};

static const struct opt list_opts[] = {
	OPTION(struct helper_args, type, OPT_STR, "type", 0, "TYPE",
	       "those that programs of this type may call"),
	OPTION(struct helper_args, kernel, OPT_STR, "kernel", 0, "VERSION",
	       "those that this version has, as 5.10"),
	OPTION(struct helper_args, category, OPT_STR, "category", 0, "WORD",
	       "those of a category: map, skb, time ..."),
	OPTION(struct helper_args, file, OPT_FILE, "from", 0, "FILE",
	       "more helpers, as JSON with the columns of this command"),
	FLAG(struct helper_args, probe, "probe", 0, "ask the running kernel"),
	OPT_END,
};

static const struct opt show_opts[] = {
	OPERAND(struct helper_args, word, OPT_STR, "HELPER",
		"name, with or without bpf_, or number", .flags = OPT_REQUIRED),
	OPTION(struct helper_args, type, OPT_STR, "type", 0, "TYPE", "with --probe: who calls"),
	OPTION(struct helper_args, file, OPT_FILE, "from", 0, "FILE",
	       "more helpers, as JSON with the columns of helper list"),
	FLAG(struct helper_args, probe, "probe", 0, "ask the running kernel"),
	OPT_END,
};

static const struct opt search_opts[] = {
	OPERAND(struct helper_args, word, OPT_STR, "TEXT",
		"part of a name, of an argument or of what it does", .flags = OPT_REQUIRED),
	OPTION(struct helper_args, file, OPT_FILE, "from", 0, "FILE",
	       "more helpers, as JSON with the columns of helper list"),
	OPT_END,
};

static const struct opt check_opts[] = {
	OPERAND(struct helper_args, word, OPT_STR, "HELPER",
		"name, with or without bpf_, or number", .flags = OPT_REQUIRED),
	OPERAND(struct helper_args, type, OPT_STR, "TYPE", "program type", .flags = OPT_REQUIRED),
	OPTION(struct helper_args, kernel, OPT_STR, "kernel", 0, "VERSION",
	       "also whether this version has it, as 5.10"),
	OPTION(struct helper_args, file, OPT_FILE, "from", 0, "FILE",
	       "more helpers, as JSON with the columns of helper list"),
	FLAG(struct helper_args, probe, "probe", 0, "ask the running kernel"),
	OPT_END,
};

/* What the options ask for. */
struct wanted {
	int type;	     /* -1: any */
	unsigned int kernel; /* 0: any */
};

static int read_wanted(const struct helper_args *a, struct wanted *w, struct err *e)
{
	w->type = a->type ? prog_type_find(a->type, e) : -1;
	if (a->type && w->type < 0)
		return -EINVAL;
	w->kernel = a->kernel ? kernel_version(a->kernel) : 0;
	if (a->kernel && !w->kernel)
		return err_usage(e, "'%s' is no kernel version, as 5.10 is one", a->kernel);
	return 0;
}

/* Of all types the first that can be asked. */
static int ask(const struct helper *h, int type)
{
	int answer = -1;

	if (type >= 0)
		return probe_helper((uint32_t)type, h->id);
	for (uint32_t t = 1; t < 64 && answer != 1; t++)
		if (h->prog_types >> t & 1) {
			int one = probe_helper(t, h->id);

			answer = one > answer ? one : answer;
		}
	return answer;
}

static void put_types(struct out *out, uint64_t types)
{
	out_list(out, "prog_types");
	for (uint32_t t = 0; t < 64; t++)
		if (types >> t & 1 && uapi_prog_type_name(t))
			out_str(out, NULL, uapi_prog_type_name(t));
	out_close(out);
}

static void put_helper(struct out *out, const struct helper *h, const struct helper_args *a,
		       int type)
{
	static const char *const answers[] = { "unknown", "no", "yes" };

	out_row(out);
	out_uint(out, "id", h->id);
	out_str(out, "name", h->name);
	if (*h->since)
		out_str(out, "since", h->since);
	if (*h->category)
		out_str(out, "category", h->category);
	if (h->gpl || !out_is_text(out))
		out_bool(out, "gpl_only", h->gpl);
	out_bool(out, "sleepable_only", h->sleepable);
	out_str(out, "returns", h->returns);
	out_str(out, "args", h->args);
	put_types(out, h->prog_types);
	if (*h->limits)
		out_str(out, "limits", h->limits);
	if (a->probe)
		out_str(out, "available", answers[ask(h, type) + 1]);
	out_str(out, "help", h->help);
}

static bool matches(const struct helper *h, const struct helper_args *a, const struct wanted *w)
{
	if (w->type >= 0 && !(h->prog_types >> w->type & 1))
		return false;
	if (w->kernel && kernel_version(h->since) > w->kernel)
		return false;
	return !a->category || strcmp(h->category, a->category) == 0;
}

static int check_category(const struct helpers *h, const char *category, struct err *e)
{
	for (size_t i = 0; category && i < h->n; i++)
		if (strcmp(h->v[i].category, category) == 0)
			return 0;
	return category ? err_usage(e, "there is no category '%s'", category) : 0;
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_helpers struct helpers all = {};
	const struct helper_args *a = args;
	struct wanted w;
	int r = read_wanted(a, &w, e);

	if (r >= 0)
		r = helpers_load(&all, a->file, e);
	if (r >= 0)
		r = check_category(&all, a->category, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, helper_cols, OUT_ROWS);
	for (size_t i = 0; i < all.n; i++)
		if (matches(&all.v[i], a, &w))
			put_helper(ctx->out, &all.v[i], a, w.type);
	return 0;
}

static int show_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_helpers struct helpers all = {};
	const struct helper_args *a = args;
	const struct helper *h;
	struct wanted w;
	int r = read_wanted(a, &w, e);

	if (r >= 0)
		r = helpers_load(&all, a->file, e);
	if (r < 0)
		return r;
	h = helpers_find(&all, a->word, e);
	if (!h)
		return -ENOENT;
	out_begin(ctx->out, show_cols, OUT_ONE);
	put_helper(ctx->out, h, a, w.type);
	return 0;
}

static bool contains(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (; *text; text++)
		if (strncasecmp(text, part, n) == 0)
			return true;
	return !n;
}

static int search_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_helpers struct helpers all = {};
	const struct helper_args *a = args;
	int r = helpers_load(&all, a->file, e);

	if (r < 0)
		return r;
	out_begin(ctx->out, helper_cols, OUT_ROWS);
	for (size_t i = 0; i < all.n; i++)
		if (contains(all.v[i].name, a->word) || contains(all.v[i].args, a->word) ||
		    contains(all.v[i].help, a->word))
			put_helper(ctx->out, &all.v[i], a, -1);
	return 0;
}

/* What speaks against the call; "" nothing. */
static bool judge(const struct helper *h, const struct helper_args *a, const struct wanted *w,
		  char *why, size_t size)
{
	int answer = a->probe ? ask(h, w->type) : -1;

	why[0] = '\0';
	if (answer == 0)
		snprintf(why, size, "this kernel refuses it");
	else if (answer < 0 && !(h->prog_types >> w->type & 1))
		snprintf(why, size, "it is for other program types");
	else if (w->kernel && kernel_version(h->since) > w->kernel)
		snprintf(why, size, "it came with kernel %s", h->since);
	if (*why)
		return false;
	snprintf(why, size, "%s%s%s%s%s", h->gpl ? "the license must be GPL" : "",
		 h->gpl && h->sleepable ? "; " : "",
		 h->sleepable ? "the program must be sleepable" : "",
		 (h->gpl || h->sleepable) && *h->limits ? "; " : "", h->limits);
	return true;
}

static int check_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_helpers struct helpers all = {};
	const struct helper_args *a = args;
	const struct helper *h;
	char why[512];
	struct wanted w;
	bool allowed;
	int r = read_wanted(a, &w, e);

	if (r >= 0)
		r = helpers_load(&all, a->file, e);
	if (r < 0)
		return r;
	h = helpers_find(&all, a->word, e);
	if (!h)
		return -ENOENT;
	allowed = judge(h, a, &w, why, sizeof(why));
	out_begin(ctx->out, check_cols, OUT_ONE);
	out_row(ctx->out);
	out_str(ctx->out, "name", h->name);
	out_str(ctx->out, "prog_type", a->type);
	out_bool(ctx->out, "allowed", allowed);
	if (*why)
		out_str(ctx->out, "why", why);
	ctx->status = allowed ? 0 : 1;
	return 0;
}

const struct cmd cmd_helper_list = {
	.name = "list",
	.brief = "helper functions: all, by program type, kernel version or category",
	.doc = "What programs of a type may call is what Linux 6.18 allows; older kernels allow "
	       "less. --probe asks the running one, where a program of the type can be loaded.",
	.opts = list_opts,
	.cols = helper_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct helper_args),
	.run = list_run,
};

const struct cmd cmd_helper_show = {
	.name = "show",
	.brief = "all about one helper function",
	.opts = show_opts,
	.cols = show_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct helper_args),
	.run = show_run,
};

const struct cmd cmd_helper_search = {
	.name = "search",
	.brief = "find helper functions by part of a name or of what they do",
	.opts = search_opts,
	.cols = helper_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct helper_args),
	.run = search_run,
};

const struct cmd cmd_helper_check = {
	.name = "check",
	.brief = "whether programs of a type may call a helper function",
	.doc = "The exit status is 0 if they may, else 1.",
	.opts = check_opts,
	.cols = check_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct helper_args),
	.run = check_run,
};
