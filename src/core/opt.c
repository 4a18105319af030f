// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Option rows on argp; the only user of argp.  What it does behind one's back is noted below. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/opt_priv.h"

#define KEY_BASE 0x100	    /* of rows without a letter; argp's own keys begin at 0x1000000 */
#define MAX_OPTIONS 64	    /* of one command with the global ones */
#define WORD_REACHED 0x1000 /* a result of ours, no errno */

static void collect_options(struct opt_parser *p, const struct opt_set *sets, size_t n)
{
	for (size_t s = 0; s < n; s++)
		for (const struct opt *row = sets[s].rows; row && row->name; row++)
			if (row->form == OPT_OPTION && p->nr_options < OPT_MAX)
				p->options[p->nr_options++] =
					(struct opt_ref){ .row = row, .args = sets[s].args };
}

static struct opt_ref *find_option(struct opt_parser *p, int key)
{
	if (key >= KEY_BASE && key < KEY_BASE + (int)p->nr_options)
		return &p->options[key - KEY_BASE];
	for (size_t i = 0; i < p->nr_options; i++)
		if (key && p->options[i].row->letter == key)
			return &p->options[i];
	return NULL;
}

static int excluded(struct opt_parser *p, const struct opt_ref *given)
{
	for (size_t i = 0; i < p->nr_options; i++) {
		const struct opt *other = p->options[i].row;

		if (!p->options[i].given || other == given->row)
			continue;
		if ((other->excludes && strcmp(other->excludes, given->row->name) == 0) ||
		    (given->row->excludes && strcmp(given->row->excludes, other->name) == 0))
			return err_usage(p->e, "--%s and --%s exclude each other", other->name,
					 given->row->name);
	}
	return 0;
}

static int take_option(struct opt_parser *p, struct opt_ref *ref, char *arg)
{
	int r;

	if (opt_holds_words(ref->row)) {
		ref->words.v = xreallocarray(ref->words.v, ref->words.n + 1, sizeof(char *));
		ref->words.v[ref->words.n++] = arg;
		ref->given = true;
		return 0;
	}
	r = opt_set_value(ref->row, ref->args, arg, p->e);
	if (r < 0)
		return r;
	ref->given = true;
	return excluded(p, ref);
}

static int take_word(struct opt_parser *p, char *word, const struct argp_state *state)
{
	if (p->leading) {
		p->stopped = state->next - 1;
		return WORD_REACHED;
	}
	if (state->quoted && state->next > state->quoted && p->dashes == SIZE_MAX)
		p->dashes = p->nr_words;
	p->words[p->nr_words++] = word;
	return 0;
}

/*
 * argp asks this for every word.  A negative number looks like an option to it: the hidden rows
 * for the digits hand it back as a word.  On an error argp is silent (ARGP_NO_ERRS) and keeps
 * the offending word only as argv[next - 1].
 */
static error_t on_key(int key, char *arg, struct argp_state *state)
{
	struct opt_parser *p = state->input;
	char *word = state->next > 0 ? state->argv[state->next - 1] : NULL;
	struct opt_ref *ref;

	if (key == ARGP_KEY_ARG)
		return take_word(p, arg, state);
	if (key == ARGP_KEY_ERROR) {
		if (!p->wrong)
			p->wrong = word;
		return 0;
	}
	if (key >= '0' && key <= '9') {
		if (word && word[0] == '-' && word[1] == key)
			return take_word(p, word, state);
		return EINVAL;
	}
	ref = find_option(p, key);
	if (!ref)
		return ARGP_ERR_UNKNOWN;
	return take_option(p, ref, arg) < 0 ? ECANCELED : 0;
}

static void argp_rows(const struct opt_parser *p, struct argp_option *to)
{
	for (size_t i = 0; i < p->nr_options; i++) {
		const struct opt *row = p->options[i].row;

		*to++ = (struct argp_option){
			.name = row->name,
			.key = row->letter ? row->letter : KEY_BASE + (int)i,
			.arg = row->arg,
			.doc = row->help,
			.flags = row->flags & OPT_HIDDEN ? OPTION_HIDDEN : 0,
		};
	}
	for (int digit = '0'; digit <= '9'; digit++)
		*to++ = (struct argp_option){ .key = digit,
					      .arg = "DIGITS",
					      .flags = OPTION_HIDDEN | OPTION_ARG_OPTIONAL };
	*to = (struct argp_option){};
}

static int unknown_option(const struct opt_parser *p, const char *word)
{
	size_t len = strcspn(word, "=");
	struct near near = near_to(word + 2, len > 2 ? len - 2 : 0);

	for (size_t i = 0; i < p->nr_options; i++) {
		const struct opt *row = p->options[i].row;
		bool is_this = (word[1] == row->letter && !word[2]) ||
			       (len > 2 && strlen(row->name) == len - 2 &&
				strncmp(word + 2, row->name, len - 2) == 0);

		if (is_this && row->arg)
			return err_usage(p->e, "option %s needs a value: %s", word, row->arg);
		if (is_this)
			return err_usage(p->e, "option --%s takes no value", row->name);
		if (!(row->flags & OPT_HIDDEN))
			near_offer(&near, row->name);
	}
	err_usage(p->e, "unknown option '%s'", word);
	return near.best ? err_hint(p->e, "did you mean --%s?", near.best) : -EINVAL;
}

static int run_argp(struct opt_parser *p, int argc, char **argv)
{
	struct argp_option rows[OPT_MAX + 11];
	struct argp argp = { .options = rows, .parser = on_key };
	error_t r;

	argp_rows(p, rows);
	r = argp_parse(&argp, argc, argv,
		       ARGP_IN_ORDER | ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, p);
	if (r == 0 || r == WORD_REACHED)
		return 0;
	if (r == ECANCELED)
		return p->e->code ? -p->e->code : -EINVAL;
	return unknown_option(p, p->wrong ? p->wrong : "");
}

static struct words *words_of(const struct opt_ref *ref)
{
	return (struct words *)(void *)((char *)ref->args + ref->row->off);
}

/* What was collected behind what an earlier part of the line had, into `to`; their number. */
static size_t join(struct opt_ref *ref, char **to)
{
	struct words *had = words_of(ref);
	size_t n = had->n;

	if (n)
		memcpy(to, had->v, n * sizeof(char *));
	if (ref->words.n)
		memcpy(to + n, ref->words.v, ref->words.n * sizeof(char *));
	free(had->v);
	*had = (struct words){ .v = to, .n = n + ref->words.n };
	return had->n;
}

static size_t had_words(const struct opt_parser *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nr_options; i++)
		if (opt_holds_words(p->options[i].row) && p->options[i].args)
			n += words_of(&p->options[i])->n;
	return n;
}

/* Moves what options with OPT_MANY collected behind the words, into the one array that stays. */
static void settle_collected(struct opt_parser *p, char **pool)
{
	size_t at = p->nr_words;

	for (size_t i = 0; i < p->nr_options; i++)
		if (opt_holds_words(p->options[i].row))
			at += join(&p->options[i], pool + at);
}

/* Into arrays of their own, until opt_parse() has the rest of the line. */
static void keep_collected(struct opt_parser *p)
{
	for (size_t i = 0; i < p->nr_options; i++) {
		struct opt_ref *ref = &p->options[i];

		if (opt_holds_words(ref->row) && ref->words.n)
			join(ref, xcalloc(words_of(ref)->n + ref->words.n, sizeof(char *)));
	}
}

static void free_collected(struct opt_parser *p)
{
	for (size_t i = 0; i < p->nr_options; i++)
		freep(&p->options[i].words.v);
}

int opt_parse(const struct opt_set *sets, size_t nr_sets, int argc, char **argv, char ***pool,
	      struct err *e)
{
	static const struct opt none[] = { OPT_END };
	struct opt_parser p = { .dashes = SIZE_MAX, .e = e };
	struct opt_assign a = { .rows = sets[0].rows ? sets[0].rows : none,
				.args = sets[0].args,
				.p = &p };
	int r;

	collect_options(&p, sets, nr_sets);
	*pool = p.words = xcalloc((size_t)argc + 1 + had_words(&p), sizeof(char *));
	r = run_argp(&p, argc, argv);
	if (r == 0)
		r = opt_assign_words(&a);
	settle_collected(&p, *pool);
	free_collected(&p);
	return r < 0 ? r : 0;
}

int opt_parse_leading(const struct opt_set *sets, size_t nr_sets, int argc, char **argv,
		      struct err *e)
{
	struct opt_parser p = { .leading = true, .stopped = argc, .e = e };
	int r;

	collect_options(&p, sets, nr_sets);
	r = run_argp(&p, argc, argv);
	keep_collected(&p);
	free_collected(&p);
	return r < 0 ? r : p.stopped;
}

/* ---- help --------------------------------------------------------------------------------- */

static void synopsis_row(const struct opt *row, struct buf *to)
{
	bool optional = !(row->flags & OPT_REQUIRED);

	buf_adds(to, to->len ? " " : "");
	buf_adds(to, optional ? "[" : "");
	buf_adds(to, row->name);
	if (row->form == OPT_KEYWORD && row->arg)
		buf_addf(to, " %s", row->arg);
	if (row->type == OPT_WORDS && row->form != OPT_KEYWORD)
		buf_adds(to, "...");
	buf_adds(to, optional ? "]" : "");
}

void opt_synopsis(const struct opt *rows, struct buf *to)
{
	for (const struct opt *row = rows; row && row->name; row++)
		if (row->form != OPT_OPTION && !(row->flags & OPT_HIDDEN))
			synopsis_row(row, to);
}

/* Operands and keywords stand in front of the options, in argp's layout. */
static size_t doc_rows(const struct opt *rows, struct argp_option *to, struct buf *names)
{
	size_t n = 0, at[OPT_MAX];

	for (const struct opt *row = rows; row && row->name && n < OPT_MAX; row++) {
		if (row->form == OPT_OPTION || row->flags & OPT_HIDDEN || !row->help)
			continue;
		at[n] = names->len;
		buf_adds(names, row->name);
		if (row->form == OPT_KEYWORD && row->arg)
			buf_addf(names, " %s", row->arg);
		buf_addc(names, '\0');
		to[n] = (struct argp_option){ .doc = row->help,
					      .flags = OPTION_DOC | OPTION_NO_USAGE,
					      .group = (int)n + 1 }; /* argp sorts in a group */
		n++;
	}
	for (size_t i = 0; i < n; i++)
		to[i].name = names->data + at[i];
	return n;
}

void opt_help(const struct opt_set *sets, size_t nr_sets, const char *name, const char *doc,
	      FILE *f)
{
	struct argp_option rows[2 * OPT_MAX + 11];
	struct opt_parser p = {};
	auto_buf struct buf synopsis = {}, names = {};
	auto_free char *title = xstrdup(name);
	struct argp argp = { .options = rows, .doc = doc };
	size_t n;

	/* argp asks its own wrapper before it prints a note on option arguments, not ours. */
	setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
	n = doc_rows(sets[0].rows, rows, &names);
	collect_options(&p, sets, nr_sets);
	argp_rows(&p, rows + n);
	for (struct argp_option *o = rows + n; o->name || o->key; o++)
		o->group = OPT_MAX + 1;
	opt_synopsis(sets[0].rows, &synopsis);
	argp.args_doc = buf_str(&synopsis);
	argp_help(&argp, f, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, title);
}
