// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Completion of a command line, read off the command records. */
#include <string.h>

#include "core/buf.h"
#include "core/cmd.h"
#include "core/err.h"
#include "core/gen.h"
#include "core/mem.h"

#define MAX_EXPECTED 32

struct completion {
	const struct gen_live *live;
	struct buf *to;
};

static void candidate(struct completion *c, const char *prefix, const char *word, const char *help)
{
	buf_addf(c->to, "%s%s\t%s\n", prefix, word, help ? help : "");
}

/* What can stand where `row` takes its value. */
static void values(struct completion *c, const struct opt *row, const char *handle)
{
	/* Which of them a type has no use for: links have no names, only programs tags and files.
	 */
	static const struct {
		const char *word;
		bool map, link;
	} handles[] = {
		{ "id", true, true },	  { "name", true, false },  { "tag", false, false },
		{ "pinned", true, true }, { "file", false, false },
	};

	if (row->type == OPT_ENUM) {
		for (const struct opt_word *w = row->words; w->word; w++)
			candidate(c, "", w->word, w->help);
	} else if (row->type == OPT_FILE || row->flags & OPT_PATHS) {
		buf_adds(c->to, "@files\n");
	} else if (row->type == OPT_DIR) {
		buf_adds(c->to, "@dirs\n");
	} else if (row->type == OPT_MAP || row->type == OPT_PROG || row->type == OPT_LINK) {
		for (size_t i = 0; !handle && i < countof(handles); i++)
			if ((row->type != OPT_MAP || handles[i].map) &&
			    (row->type != OPT_LINK || handles[i].link))
				candidate(c, "", handles[i].word, "");
		if (handle && strcmp(handle, "file") == 0)
			buf_adds(c->to, "@files\n");
	}
	if (c->live)
		c->live->offer(c->live->arg, row, handle, c->to);
}

static void option_names(struct completion *c, const struct opt *rows)
{
	for (const struct opt *row = rows; row && row->name; row++) {
		if (row->form != OPT_OPTION || row->flags & OPT_HIDDEN)
			continue;
		candidate(c, "--", row->name, row->help);
	}
}

static void operands(struct completion *c, const struct cmd *cmd, char **words, size_t n)
{
	const struct opt *expected[MAX_EXPECTED];
	const char *handle;
	size_t found;

	if (!cmd->opts)
		return;
	found = opt_expected(cmd->opts, words, n, expected, MAX_EXPECTED, &handle);
	for (size_t i = 0; i < found; i++) {
		const struct opt *row = expected[i];
		size_t len = strlen(row->name);
		bool begun = n > 0 && row->form == OPT_KEYWORD && strlen(words[n - 1]) == len &&
			     memcmp(words[n - 1], row->name, len) == 0;

		if (row->form == OPT_KEYWORD && !begun && !handle)
			candidate(c, "", row->name, row->help);
		else
			values(c, row, handle);
	}
}

/* The option a word is, if its value is the next word. */
static const struct opt *awaits_value(const struct opt *rows, const char *word)
{
	for (const struct opt *row = rows; row && row->name; row++) {
		if (row->form != OPT_OPTION || !row->arg)
			continue;
		if (strncmp(word, "--", 2) == 0
			    ? strcmp(word + 2, row->name) == 0
			    : word[0] == '-' && row->letter && !word[2] && word[1] == row->letter)
			return row;
	}
	return NULL;
}

static const struct opt *open_option(const struct cmd *cmd, const char *word)
{
	const struct opt *row = awaits_value(cmd_global_opts, word);

	return row ? row : awaits_value(cmd->opts, word);
}

/* Leaves in words[0..return) what follows the command and is no option. */
static size_t find_words(const struct cmd **cmd, char **words, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct err ignored = {};
		const struct cmd *sub = NULL;

		if (open_option(*cmd, words[i])) {
			i++;
			continue;
		}
		if (words[i][0] == '-')
			continue;
		if ((*cmd)->subs && kept == 0) {
			sub = cmd_find(*cmd, words[i], &ignored);
			if (!sub && (*cmd)->operand)
				*cmd = (*cmd)->bare;
			else if (!sub)
				return SIZE_MAX;
		}
		if (sub)
			*cmd = sub;
		else
			words[kept++] = words[i];
	}
	return kept;
}

void gen_complete(const struct cmd *root, char **words, size_t n, const struct gen_live *live,
		  struct buf *to)
{
	struct completion c = { .live = live, .to = to };
	const struct cmd *cmd = root;
	const char *last = n ? words[n - 1] : "";
	const char *before = n > 1 ? words[n - 2] : "";
	const struct opt *option;
	size_t kept = find_words(&cmd, words, n ? n - 1 : 0);

	if (kept == SIZE_MAX)
		return;
	option = open_option(cmd, before);
	if (option) {
		values(&c, option, NULL);
	} else if (*last == '-') {
		option_names(&c, cmd->opts);
		option_names(&c, cmd_global_opts);
	} else if (cmd->subs) {
		for (const struct cmd *const *s = cmd->subs; *s; s++)
			if (!(*s)->hidden)
				candidate(&c, "", (*s)->name, (*s)->brief);
		if (cmd->operand)
			operands(&c, cmd->bare, words, 0);
	} else {
		operands(&c, cmd, words, kept);
	}
}
