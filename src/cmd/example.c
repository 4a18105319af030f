// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* example list, show. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmds.h"
#include "core/builtin.h"
#include "core/err.h"
#include "core/near.h"
#include "uapi/names.h"

struct example_args {
	const char *name, *type;
};

static const struct out_col list_cols[] = {
	{ "name", "NAME", K_STR, "its name: what example show takes", 0 },
	{ "type", "TYPE", K_STR, "program type of its first program", 0 },
	{ "shows", "WHAT IT SHOWS", K_STR, "its first line of comment", 0 },
	OUT_END,
};

static const struct out_col show_cols[] = {
	{ "line", "LINE", K_LINE, "a line of source", 0 },
	OUT_END,
};

static const struct opt list_opts[] = {
	OPTION(struct example_args, type, OPT_STR, "type", 0, "TYPE",
	       "those with programs of this type"),
	OPT_END,
};

static const struct opt show_opts[] = {
	OPERAND(struct example_args, name, OPT_STR, "NAME", "name of an example",
		.flags = OPT_REQUIRED),
	OPT_END,
};

/* The section of the program that a line opens, in `section`; false: it opens none. */
static bool section_of(const char *line, char *section, size_t size)
{
	static const char word[] = "prog ";
	size_t n;

	if (strncmp(line, word, sizeof(word) - 1) != 0)
		return false;
	line += sizeof(word) - 1;
	line += *line == '"';
	n = strcspn(line, " \"\n");
	if (n >= size)
		return false;
	memcpy(section, line, n);
	section[n] = '\0';
	return true;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

/* The type of the next program from *line on, which goes behind it; NULL: there is none. */
static const char *next_type(const char **line)
{
	const char *extra;
	char section[128];

	while (*line) {
		const char *at = *line;
		const struct uapi_section *s;

		*line = next_line(at);
		if (!section_of(at, section, sizeof(section)))
			continue;
		s = uapi_section_find(section, &extra);
		if (s)
			return s->prog_type_name;
	}
	return NULL;
}

static bool has_type(const struct builtin *b, const char *type)
{
	const char *line = b->text, *t;

	while ((t = next_type(&line)))
		if (strcmp(t, type) == 0)
			return true;
	return false;
}

/* The first line, "; name: what", without what stands before that. */
static void put_shows(struct out *out, const struct builtin *b)
{
	const char *at = b->text + strspn(b->text, "; ");
	size_t n = strlen(b->name);
	char shows[256];

	if (strncmp(at, b->name, n) == 0 && strncmp(at + n, ": ", 2) == 0)
		at += n + 2;
	snprintf(shows, sizeof(shows), "%.*s", (int)strcspn(at, "\n"), at);
	out_str(out, "shows", shows);
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct example_args *a = args;

	if (a->type && uapi_prog_type(a->type) < 0)
		return err_usage(e, "there is no program type '%s'", a->type);
	out_begin(ctx->out, list_cols, OUT_ROWS);
	for (const struct builtin *b = builtin_examples; b->name; b++) {
		const char *line = b->text;

		if (a->type && !has_type(b, a->type))
			continue;
		out_row(ctx->out);
		out_str(ctx->out, "name", b->name);
		out_str(ctx->out, "type", next_type(&line));
		put_shows(ctx->out, b);
	}
	return 0;
}

static int show_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct example_args *a = args;
	struct near near = near_to(a->name, strlen(a->name));

	for (const struct builtin *b = builtin_examples; b->name; b++) {
		if (strcmp(b->name, a->name) == 0) {
			out_begin(ctx->out, show_cols, OUT_ROWS);
			out_lines(ctx->out, "line", b->text, strlen(b->text));
			return 0;
		}
		near_offer(&near, b->name);
	}
	err_absent(e, "there is no example '%s'", a->name);
	if (near.best)
		err_hint(e, "did you mean '%s'?", near.best);
	else
		err_hint(e, "bpfctl example list names them");
	return -ENOENT;
}

const struct cmd cmd_example_list = {
	.name = "list",
	.brief = "programs that come with bpfctl",
	.opts = list_opts,
	.cols = list_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct example_args),
	.run = list_run,
};

const struct cmd cmd_example_show = {
	.name = "show",
	.brief = "print the source of one",
	.opts = show_opts,
	.cols = show_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct example_args),
	.run = show_run,
};
