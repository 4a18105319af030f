// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words that are no options: who of the operands and keywords gets them. */
#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/opt_priv.h"

static bool is_handle_word(const char *s)
{
	static const char *const words[] = { "id", "name", "tag", "pinned", "file" };

	for (size_t i = 0; i < countof(words); i++)
		if (strcmp(words[i], s) == 0)
			return true;
	return false;
}

static bool is_given(const struct opt_assign *a, const struct opt *row)
{
	return a->given >> (row - a->rows) & 1;
}

static const struct opt *keyword_here(const struct opt_assign *a, const char *word)
{
	for (const struct opt *row = a->rows; row->name; row++)
		if (row->form == OPT_KEYWORD && !is_given(a, row) && strcmp(row->name, word) == 0)
			return row;
	return NULL;
}

static const struct opt *next_operand(const struct opt_assign *a, bool required_only)
{
	for (const struct opt *row = a->rows; row->name; row++)
		if (row->form == OPT_OPERAND && !is_given(a, row) &&
		    (!required_only || row->flags & OPT_REQUIRED))
			return row;
	return NULL;
}

/* How many of the n words at v belong to a row that holds words. */
static size_t slice(const struct opt_assign *a, const struct opt *row, char **v, size_t n)
{
	size_t i = 0;

	if (row->type != OPT_WORDS)
		return n > 1 && is_handle_word(v[0]) ? 2 : n > 0;
	if (row->form != OPT_KEYWORD)
		return n;
	while (i < n && (i == 0 || !keyword_here(a, v[i])))
		i++;
	return i;
}

/* Gives a row its value from the words at v; returns how many it used, or an error. */
static int give(struct opt_assign *a, const struct opt *row, char **v, size_t n)
{
	char name[64];
	size_t used = 1;
	int r = 0;

	a->given |= 1ull << (row - a->rows);
	if (row->type == OPT_FLAG) {
		opt_set_value(row, a->args, NULL, a->p->e);
		return 0;
	}
	if (n == 0)
		return err_usage(a->p->e, "%s needs %s", opt_row_name(row, name, sizeof(name)),
				 row->arg);
	if (opt_holds_words(row)) {
		used = slice(a, row, v, n);
		*(struct words *)(void *)((char *)a->args + row->off) =
			(struct words){ .v = v, .n = used };
	} else {
		r = opt_set_value(row, a->args, v[0], a->p->e);
	}
	return r < 0 ? r : (int)used;
}

static int unexpected(const struct opt_assign *a, const char *word)
{
	struct near near = near_to(word, strlen(word));

	for (const struct opt *row = a->rows; row->name; row++)
		if (row->form == OPT_KEYWORD)
			near_offer(&near, row->name);
	err_usage(a->p->e, "unexpected argument '%s'", word);
	return near.best ? err_hint(a->p->e, "did you mean '%s'?", near.best) : -EINVAL;
}

static int assign_plain(struct opt_assign *a)
{
	struct opt_parser *p = a->p;
	size_t end = p->dashes < p->nr_words ? p->dashes : p->nr_words;

	for (size_t i = 0; i < end;) {
		const struct opt *row = next_operand(a, true);
		int used;

		if (!row && (row = keyword_here(a, p->words[i])))
			i++;
		if (!row && !(row = next_operand(a, false)))
			return unexpected(a, p->words[i]);
		used = give(a, row, p->words + i, end - i);
		if (used < 0)
			return used;
		i += (size_t)used;
	}
	return 0;
}

/* What stands behind `--`: the command of a row for it, else ordinary operands. */
static int assign_quoted(struct opt_assign *a)
{
	struct opt_parser *p = a->p;
	size_t i = p->dashes;

	for (const struct opt *row = a->rows; row->name && i < p->nr_words; row++)
		if (row->form == OPT_COMMAND)
			return give(a, row, p->words + i, p->nr_words - i);
	while (i < p->nr_words) {
		const struct opt *row = next_operand(a, false);
		int used = row ? give(a, row, p->words + i, p->nr_words - i)
			       : unexpected(a, p->words[i]);

		if (used < 0)
			return used;
		i += (size_t)used;
	}
	return 0;
}

static int missing(const struct opt_assign *a)
{
	char name[64];

	for (const struct opt *row = a->rows; row->name; row++) {
		bool given = is_given(a, row);

		for (size_t i = 0; row->form == OPT_OPTION && i < a->p->nr_options; i++)
			given |= a->p->options[i].row == row && a->p->options[i].given;
		if ((row->flags & OPT_REQUIRED) && !given)
			return err_usage(a->p->e, "%s is missing",
					 opt_row_name(row, name, sizeof(name)));
	}
	return 0;
}

int opt_assign_words(struct opt_assign *a)
{
	int r = assign_plain(a);

	if (r == 0 && a->p->dashes != SIZE_MAX)
		r = assign_quoted(a);
	return r < 0 ? r : missing(a);
}

/* A row still open at the end of the words: it takes the next one. */
static bool is_open(const struct opt_assign *a, const struct opt *row, char **v, size_t n)
{
	if (n == 0)
		return row->type != OPT_FLAG;
	if (row->type == OPT_WORDS)
		return slice(a, row, v, n) == n;
	return opt_holds_words(row) && n == 1 && is_handle_word(v[0]);
}

size_t opt_expected(const struct opt *rows, char **v, size_t n, const struct opt **expected,
		    size_t max, const char **handle)
{
	struct opt_assign a = { .rows = rows };
	size_t found = 0;

	*handle = NULL;
	for (size_t i = 0; i < n;) {
		const struct opt *row = next_operand(&a, true);

		if (!row && (row = keyword_here(&a, v[i])))
			i++;
		if (!row && !(row = next_operand(&a, false)))
			return 0;
		a.given |= 1ull << (row - rows);
		if (is_open(&a, row, v + i, n - i)) {
			*handle = n > i && row->type != OPT_WORDS ? v[i] : NULL;
			expected[found++] = row;
			if (row->type != OPT_WORDS || n == i)
				return found;
			break;
		}
		i += row->type == OPT_FLAG  ? 0
		     : opt_holds_words(row) ? slice(&a, row, v + i, n - i)
					    : 1;
	}
	for (const struct opt *row = rows; row->name && found < max; row++)
		if (!is_given(&a, row) && (row->form == OPT_KEYWORD && !next_operand(&a, true)))
			expected[found++] = row;
	if (found < max && next_operand(&a, false))
		expected[found++] = next_operand(&a, next_operand(&a, true) != NULL);
	return found;
}
