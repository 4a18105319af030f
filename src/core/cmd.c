// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finding a command, running it, reporting how it ended. */
#include "core/cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/mock.h"
#include "core/near.h"

#define MAX_NAME 80 /* "bpfctl map update" */

struct globals {
	bool json, pretty, bpffs, nomount, debug, quiet, verbose, help, version, parse_only;
	int format;
	struct out_view view;
	const char *netns;
	struct mock_opts mock;
};

static const struct opt_word formats[] = {
	{ "table", OUT_TABLE, "for people" },
	{ "plain", OUT_PLAIN, "tabs between columns, no heading" },
	{ "json", OUT_JSON, "one document" },
	{ "jsonl", OUT_JSONL, "one object a line" },
	{ "csv", OUT_CSV, "RFC 4180, with a heading" },
	{ "tap", REPORT_TAP, "results of tests: Test Anything Protocol" },
	{ "junit", REPORT_JUNIT, "results of tests: JUnit's XML" },
	{ "openmetrics", OUT_METRICS, "numbers as samples, for scraping" },
	{},
};

const struct opt cmd_global_opts[] = {
	FLAG(struct globals, json, "json", 'j', "JSON; the same as --format json"),
	FLAG(struct globals, pretty, "pretty", 'p', "indented JSON"),
	OPTION(struct globals, format, OPT_ENUM, "format", 0, "FORMAT",
	       "table, plain, json, jsonl, csv or openmetrics; of tests tap or junit",
	       .words = formats),
	OPTION(struct globals, view.where, OPT_STR, "where", 0, "EXPR",
	       "only rows that fulfil it: 'pid > 1000 && comm == sshd'"),
	OPTION(struct globals, view.sort, OPT_STR, "sort", 0, "COLUMN,...",
	       "ordered by these; -COLUMN: greatest first"),
	OPTION(struct globals, view.columns, OPT_STR, "columns", 0, "COLUMN,...",
	       "only these columns, or fields in them: key.addr"),
	OPTION(struct globals, view.limit, OPT_U64, "limit", 0, "N", "at most so many rows"),
	FLAG(struct globals, bpffs, "bpffs", 'f', "show where objects are pinned"),
	FLAG(struct globals, nomount, "nomount", 'n', "never mount bpffs or tracefs"),
	OPTION(struct globals, netns, OPT_NETNS, "netns", 0, "NAME",
	       "look and attach in another network namespace"),
	OPTION(struct globals, mock.state, OPT_STR, "mock", 0, "FILE",
	       "use a kernel in user space, whose state is in FILE"),
	OPTION(struct globals, mock.btf, OPT_FILE, "btf", 0, "FILE",
	       "the kernel's types, for relocation and for the mock"),
	OPTION(struct globals, mock.record, OPT_STR, "record", 0, "FILE",
	       "write each call of the kernel and its answer to FILE"),
	OPTION(struct globals, mock.replay, OPT_FILE, "replay", 0, "FILE",
	       "take the answers from such a file, without a kernel", .excludes = "record"),
	OPTION(struct globals, mock.fail, OPT_WORDS, "fail", 0, "CALL[:N]=ERRNO[,log=TEXT]",
	       "let a call (map_create, prog_load, ...) fail, each or the Nth", .flags = OPT_MANY),
	OPTION(struct globals, mock.latency, OPT_WORDS, "latency", 0, "CALL[:N]=TIME",
	       "let a call take time", .flags = OPT_MANY),
	FLAG(struct globals, debug, "debug", 'd', "what libbpf and the verifier say"),
	FLAG(struct globals, quiet, "quiet", 'q', "no warnings, no summaries"),
	FLAG(struct globals, verbose, "verbose", 'v', "say more about what is done"),
	FLAG(struct globals, help, "help", 'h', "this text"),
	FLAG(struct globals, version, "version", 'V', "the version, as `bpfctl version`"),
	FLAG(struct globals, parse_only, "parse-only", 0, "only check the command line",
	     .flags = OPT_HIDDEN),
	OPT_END,
};

/* ---- finding ------------------------------------------------------------------------------ */

static bool is_named(const struct cmd *c, const char *word)
{
	return strcmp(c->name, word) == 0 || (c->alias && strcmp(c->alias, word) == 0);
}

static const struct cmd *unknown(const struct cmd *group, const char *word, struct err *e)
{
	struct near near = near_to(word, strlen(word));

	for (const struct cmd *const *s = group->subs; *s; s++)
		if (!(*s)->hidden)
			near_offer(&near, (*s)->name);
	err_usage(e, "unknown command '%s'", word);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	return NULL;
}

/* How many the word can mean; *found is one of them, and names lists them. */
static size_t match(const struct cmd *group, const char *word, const struct cmd **found,
		    struct buf *names)
{
	size_t n = 0;

	for (const struct cmd *const *s = group->subs; *s; s++) {
		if (is_named(*s, word)) {
			*found = *s;
			return 1;
		}
	}
	for (const struct cmd *const *s = group->subs; *s; s++) {
		if ((*s)->hidden || !*word || strncmp((*s)->name, word, strlen(word)) != 0)
			continue;
		buf_addf(names, "%s%s", n++ ? ", " : "", (*s)->name);
		*found = *s;
	}
	return n;
}

const struct cmd *cmd_find(const struct cmd *group, const char *word, struct err *e)
{
	const struct cmd *found = NULL;
	auto_buf struct buf names = {};
	size_t n = match(group, word, &found, &names);

	if (n == 0)
		return unknown(group, word, e);
	if (n > 1) {
		err_usage(e, "'%s' is ambiguous: %s", word, buf_str(&names));
		return NULL;
	}
	return found;
}

/* The group's bare command takes a word that no verb begins with. */
static bool is_operand(const struct cmd *group, const char *word)
{
	auto_buf struct buf names = {};
	const struct cmd *found;

	return group->operand && match(group, word, &found, &names) == 0;
}

/* ---- help --------------------------------------------------------------------------------- */

static void group_help(const struct cmd *group, const char *name)
{
	printf("Usage: %s [OPTIONS] COMMAND ...\n%s\n\n", name, group->doc ?: group->brief);
	for (const struct cmd *const *s = group->subs; *s; s++)
		if (!(*s)->hidden)
			printf("  %-14s %s\n", (*s)->name, (*s)->brief);
	if (group->bare)
		printf("\n`%s` alone is `%s %s`.\n", name, name, group->bare->name);
	printf("\nSee `%s COMMAND --help`.\n", name);
}

static void help(const struct cmd *c, const char *name)
{
	struct opt_set sets[] = { { c->opts, NULL }, { cmd_global_opts, NULL } };
	auto_free char *doc = NULL;

	if (c->subs) {
		group_help(c, name);
		return;
	}
	doc = c->doc ? xasprintf("%s\n\n%s", c->brief, c->doc) : xstrdup(c->brief);
	opt_help(sets, countof(sets), name, doc, stdout);
}

/* ---- reporting ---------------------------------------------------------------------------- */

static const struct out_col error_cols[] = {
	{ "error", "ERROR", K_STR, "what went wrong", 0 },
	{ "class", "CLASS", K_STR, "failed, usage, input, denied, rejected or absent", 0 },
	{ "errno", "ERRNO", K_STR, "symbolic errno, where there is one", 0 },
	{ "code", "CODE", K_UINT, "its number", 0 },
	{ "hint", "HINT", K_STR, "what to try next", 0 },
	{ "detail", "DETAIL", K_STR, "diagnostics, or the source line concerned", 0 },
	{ "diagnostics", "DIAGNOSTICS", K_LIST,
	  "the same as data: file, line, column, severity, text, hint", 0 },
	{ "log", "LOG", K_STR, "what the verifier said", 0 },
	OUT_END,
};

static void error_text(const struct err *e, struct buf *to)
{
	buf_adds(to, e->what);
	if (e->code && !e->worded)
		buf_addf(to, ": %s", err_text(e->code));
}

static void error_json(struct out *out, const struct err *e)
{
	auto_buf struct buf text = {};

	error_text(e, &text);
	out_begin(out, error_cols, OUT_ONE);
	out_row(out);
	out_str(out, "error", buf_str(&text));
	out_str(out, "class", err_class_name(e->class));
	if (e->code) {
		out_str(out, "errno", err_name(e->code));
		out_uint(out, "code", (uint64_t)e->code);
	}
	if (e->hint[0])
		out_str(out, "hint", e->hint);
	if (e->detail)
		out_str(out, "detail", e->detail);
	if (e->items)
		out_val(out, "diagnostics", e->items);
	if (e->log)
		out_str(out, "log", e->log);
}

/* A name in an error can hold anything; a terminal gets no control characters from it. */
static void error_stderr(const struct err *e, const char *name, bool show_log)
{
	auto_buf struct buf text = {};

	if (show_log && e->log)
		buf_addf(&text, "%s%s", e->log, e->log[strlen(e->log) - 1] == '\n' ? "" : "\n");
	if (e->detail)
		buf_adds(&text, e->detail);
	buf_addf(&text, "%s: ", name);
	error_text(e, &text);
	buf_addc(&text, '\n');
	if (e->hint[0])
		buf_addf(&text, "  hint: %s\n", e->hint);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' && !strchr("\n\t", text.data[i]))
			text.data[i] = '?';
	fwrite(text.data, 1, text.len, stderr);
}

__attribute__((format(printf, 1, 0))) static void vsay(const char *fmt, va_list ap)
{
	fputs("bpfctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void warn(const struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!ctx->quiet)
		vsay(fmt, ap);
	va_end(ap);
}

void warn_lines(const struct ctx *ctx, const char *lines)
{
	if (!ctx->quiet)
		fputs(lines, stderr);
}

void info(const struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (ctx->verbose)
		vsay(fmt, ap);
	va_end(ap);
}

/* ---- running ------------------------------------------------------------------------------ */

struct invocation {
	struct globals globals;
	const struct cmd *cmd;
	char name[MAX_NAME]; /* "bpfctl prog load" */
	int argc;	     /* what follows the command; argv[0] is its name */
	char **argv;
};

static void descend(struct invocation *in, const struct cmd *c, int used)
{
	size_t n = strlen(in->name);

	in->cmd = c;
	in->argc -= used;
	in->argv += used;
	snprintf(in->name + n, sizeof(in->name) - n, " %s", c->name);
}

/* From the root down to a command or a group that stands alone. */
static int find_command(struct invocation *in, struct err *e)
{
	struct opt_set set = { cmd_global_opts, &in->globals };

	while (in->cmd->subs) {
		int next = opt_parse_leading(&set, 1, in->argc, in->argv, e);
		const struct cmd *sub;

		if (next < 0 && in->cmd->operand) { /* the option is one of `bare` */
			err_clear(e);
			descend(in, in->cmd->bare, 0);
			return 0;
		}
		if (next < 0)
			return next;
		if (next == in->argc || in->globals.help || in->globals.version)
			return 0;
		if (strcmp(in->argv[next], "help") == 0) {
			in->globals.help = true;
			return 0;
		}
		if (is_operand(in->cmd, in->argv[next])) {
			descend(in, in->cmd->bare, next - 1);
			return 0;
		}
		sub = cmd_find(in->cmd, in->argv[next], e);
		if (!sub)
			return -EINVAL;
		descend(in, sub, next);
	}
	return 0;
}

static int parse(struct invocation *in, void *args, char ***pool, struct err *e)
{
	struct opt_set sets[] = { { in->cmd->opts, args }, { cmd_global_opts, &in->globals } };

	if (in->cmd->defaults)
		memcpy(args, in->cmd->defaults, in->cmd->args_size);
	return opt_parse(sets, countof(sets), in->argc, in->argv, pool, e);
}

/*
 * The error goes where the reader of the format looks for it: into the document if that is still
 * empty, else to standard error behind the rows that were made.
 */
static int report(struct invocation *in, struct out *out, struct err *e)
{
	bool discarded = out_discard(out);
	bool in_document =
		discarded && (out_format(out) == OUT_JSON || out_format(out) == OUT_JSONL);
	struct err at_end = {};

	if (in_document)
		error_json(out, e);
	if (in_document || (out_begun(out) && !discarded))
		out_end(out, &at_end);
	if (!in_document)
		error_stderr(e, in->name, in->globals.verbose || in->globals.debug);
	return (int)e->class;
}

/* With what the options put in front of the kernel. */
static int run_mocked(struct invocation *in, struct ctx *ctx, const void *args, struct err *e)
{
	struct mock *m;
	int r = mock_open(&m, &in->globals.mock, e);

	return r < 0 ? r : mock_close(&m, in->cmd->run(ctx, args, e), e);
}

static int report_of(const struct globals *g)
{
	return g->json || g->pretty || g->format < REPORT_TAP ? REPORT_NONE : g->format;
}

static enum out_format format_of(const struct globals *g)
{
	if (report_of(g))
		return OUT_TABLE;
	return g->json || g->pretty ? OUT_JSON : (enum out_format)g->format;
}

static int run(struct invocation *in, struct out *out, const void *args, struct err *e)
{
	struct ctx ctx = {
		.out = out,
		.bpffs = in->globals.bpffs,
		.nomount = in->globals.nomount,
		.debug = in->globals.debug,
		.quiet = in->globals.quiet,
		.verbose = in->globals.verbose,
		.netns = in->globals.netns,
		.btf = in->globals.mock.btf,
		.report = report_of(&in->globals),
	};
	struct err at_end = {};
	int r = run_mocked(in, &ctx, args, e);

	if (out_error(out) == ECANCELED)
		r = 0;
	if (r >= 0)
		r = out_view_check(out, e);
	if (r < 0 && out_error(out) != EPIPE)
		return report(in, out, e);
	if (out_end(out, &at_end) == 0 || at_end.code == EPIPE)
		return ctx.status;
	error_stderr(&at_end, in->name, false);
	return (int)at_end.class;
}

/* An error may come before the parser has seen the -j that stands behind it. */
static bool asks_for_json(int argc, char **argv)
{
	static const char *const words[] = { "-j", "-p", "-jp", "-pj", "--json", "--pretty" };

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (size_t k = 0; k < countof(words); k++)
			if (strcmp(argv[i], words[k]) == 0)
				return true;
	return false;
}

/* Samples are named after the command: bpfctl_map_list_max_entries. */
static int set_view(const struct invocation *in, struct out *out, struct err *e)
{
	char name[MAX_NAME];

	snprintf(name, sizeof(name), "%s", in->name);
	for (char *p = name; *p; p++)
		if (*p == ' ')
			*p = '_';
	out_set_name(out, name);
	return out_set_view(out, &in->globals.view, e);
}

/* Everything up to the moment of running; *args and *pool belong to the caller. */
static int prepare(struct invocation *in, const struct cmd *root, void **args, char ***pool,
		   struct err *e)
{
	int r = find_command(in, e);

	if (r < 0)
		return r;
	if (in->globals.version)
		descend(in, cmd_find(root, "version", e), in->argc - 1);
	else if (in->cmd->subs && in->cmd->bare && !in->globals.help)
		descend(in, in->cmd->bare, in->argc - 1);
	*args = xcalloc(1, in->cmd->args_size);
	if (in->cmd->subs || in->globals.help)
		return 0;
	r = parse(in, *args, pool, e);
	if (r == 0 && report_of(&in->globals) && !in->cmd->reports)
		return err_usage(e, "--format tap and junit are for results of tests");
	return r;
}

int cmd_main(const struct cmd *root, int argc, char **argv)
{
	struct invocation in = { .cmd = root, .argc = argc, .argv = argv, .name = "bpfctl" };
	auto_out struct out *out = NULL;
	auto_free char **pool = NULL;
	auto_free void *args = NULL;
	struct err e = {};
	int r, status;

	signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(), and ends us quietly */
	r = prepare(&in, root, &args, &pool, &e);
	in.globals.json |= r < 0 && asks_for_json(argc, argv);
	out = out_new(STDOUT_FILENO, format_of(&in.globals), in.globals.pretty);
	if (r == 0 && in.globals.parse_only && !in.cmd->subs) {
		status = 0;
	} else if (in.globals.help || (r == 0 && in.cmd->subs)) {
		help(in.cmd, in.name);
		status = fflush(stdout) ? ERR_FAILED : 0;
	} else {
		if (r == 0)
			r = set_view(&in, out, &e);
		status = r < 0 ? report(&in, out, &e) : run(&in, out, args, &e);
	}
	if (!pool) {
		free(in.globals.mock.fail.v);
		free(in.globals.mock.latency.v);
	}
	err_clear(&e);
	return status;
}
