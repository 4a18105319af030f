// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The list on the screen. */
#include "cmd/browse.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/sys.h"
#include "core/utf8.h"
#include "core/where.h"

#define GAP 2

static const char *const keys_help[] = {
	"up down j k     one row         PgUp PgDn    one page",
	"Home End g G    first, last     /            search; Esc ends it",
	"s               sort by the next column      r  the other way round",
	"?               this help                    q  back, and out",
	NULL,
};

/* ---- rows --------------------------------------------------------------------------------- */

void browse_clear(struct browse *b)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t c = 0; c < BROWSE_COLS; c++) {
			free(b->rows[i].text[c]);
			val_drop(&b->rows[i].sort[c]);
		}
	b->n = b->nr_shown = 0;
}

void browse_free(struct browse *b)
{
	browse_clear(b);
	free(b->rows);
	free(b->shown);
	free(b->chosen);
	*b = (struct browse){};
}

struct browse_row *browse_add(struct browse *b)
{
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 64;
		b->rows = xreallocarray(b->rows, b->cap, sizeof(*b->rows));
		b->shown = xreallocarray(b->shown, b->cap, sizeof(*b->shown));
	}
	b->rows[b->n] = (struct browse_row){};
	return &b->rows[b->n++];
}

static bool matches(const struct browse *b, const struct browse_row *row)
{
	bool found = !b->search[0];

	for (size_t c = 0; c < BROWSE_COLS && !found; c++)
		found = row->text[c] && strstr(row->text[c], b->search);
	return found;
}

static int order(const void *x, const void *y, void *arg)
{
	const struct browse *b = arg;
	const struct browse_row *p = &b->rows[*(const size_t *)x],
				*q = &b->rows[*(const size_t *)y];
	int r = val_order(&p->sort[b->sort], &q->sort[b->sort]);

	if (b->down)
		r = -r;
	return r ? r : val_order(&p->sort[0], &q->sort[0]);
}

void browse_arrange(struct browse *b)
{
	b->nr_shown = 0;
	for (size_t i = 0; i < b->n; i++)
		if (matches(b, &b->rows[i]))
			b->shown[b->nr_shown++] = i;
	if (b->nr_shown)
		qsort_r(b->shown, b->nr_shown, sizeof(*b->shown), order, b);
	for (size_t i = 0; b->chosen && i < b->nr_shown; i++)
		if (strcmp(b->rows[b->shown[i]].text[0], b->chosen) == 0)
			b->at = i;
	if (b->at >= b->nr_shown)
		b->at = b->nr_shown ? b->nr_shown - 1 : 0;
}

const struct browse_row *browse_row(const struct browse *b)
{
	return b->at < b->nr_shown ? &b->rows[b->shown[b->at]] : NULL;
}

static void move_to(struct browse *b, long at)
{
	long last = (long)b->nr_shown - 1;

	b->at = at < 0 || last < 0 ? 0 : at > last ? (size_t)last : (size_t)at;
	free(b->chosen);
	b->chosen = browse_row(b) ? xstrdup(browse_row(b)->text[0]) : NULL;
}

/* ---- drawing ------------------------------------------------------------------------------ */

static int nr_cols(const struct browse *b)
{
	int n = 0;

	while (b->heads[n])
		n++;
	return n;
}

/* As wide as what is on the screen; the last column takes what is left. */
static void measure(const struct browse *b, size_t lines, int *widths)
{
	for (int c = 0; c < nr_cols(b); c++) {
		widths[c] = (int)strlen(b->heads[c]) + 1;
		for (size_t i = b->top; i < b->nr_shown && i < b->top + lines; i++) {
			const char *text = b->rows[b->shown[i]].text[c];
			int width = text ? (int)utf8_width(text, strlen(text)) : 1;

			if (width > widths[c])
				widths[c] = width;
		}
		if (widths[c] > 60)
			widths[c] = 60;
	}
}

static void draw_line(const struct browse *b, int y, int cols, const int *widths,
		      const char *const *text, enum term_look look)
{
	int n = nr_cols(b), x = 0;

	term_text(b->term, y, 0, cols, look, "");
	for (int c = 0; c < n && x < cols; c++) {
		int width = c == n - 1 || widths[c] > cols - x ? cols - x : widths[c];

		term_text(b->term, y, x, width, look, text[c] ? text[c] : "-");
		x += width + GAP;
	}
}

static void draw_heads(const struct browse *b, int cols, const int *widths)
{
	char marked[BROWSE_COLS][40];
	const char *heads[BROWSE_COLS] = {};

	for (int c = 0; c < nr_cols(b); c++) {
		const char *mark = (int)b->sort != c ? "" : b->down ? "v" : "^";

		snprintf(marked[c], sizeof(marked[c]), "%s%s", b->heads[c], mark);
		heads[c] = marked[c];
	}
	draw_line(b, 1, cols, widths, heads, TERM_BOLD);
}

static void draw_last(const struct browse *b, int rows, int cols)
{
	char line[BROWSE_LINE];

	if (b->message[0])
		snprintf(line, sizeof(line), "%s", b->message);
	else if (b->search[0])
		snprintf(line, sizeof(line), "search: %s   %zu of %zu", b->search, b->nr_shown,
			 b->n);
	else
		snprintf(line, sizeof(line), "%zu   ? help   q quit", b->n);
	term_text(b->term, rows - 1, 0, cols, TERM_REVERSE, line);
}

static size_t page(const struct browse *b)
{
	int rows, cols;

	term_size(b->term, &rows, &cols);
	return rows > 4 ? (size_t)rows - 3 : 1;
}

static void draw(struct browse *b)
{
	size_t lines = page(b);
	int rows, cols, widths[BROWSE_COLS] = {};

	term_size(b->term, &rows, &cols);
	if (b->at < b->top)
		b->top = b->at;
	if (b->at >= b->top + lines)
		b->top = b->at - lines + 1;
	term_clear(b->term);
	term_text(b->term, 0, 0, cols, TERM_REVERSE, b->title);
	measure(b, lines, widths);
	draw_heads(b, cols, widths);
	for (size_t i = 0; i < lines && b->top + i < b->nr_shown; i++) {
		const struct browse_row *row = &b->rows[b->shown[b->top + i]];

		draw_line(b, (int)i + 2, cols, widths, (const char *const *)row->text,
			  b->top + i == b->at ? TERM_REVERSE : TERM_PLAIN);
	}
	draw_last(b, rows, cols);
	term_cursor(b->term, -1, 0);
	term_show(b->term);
}

/* ---- keys --------------------------------------------------------------------------------- */

/* A key; TERM_NONE when the time is over, TERM_INTERRUPT when somebody wants us to end. */
static int wait_key(const struct browse *b, int timeout_ms)
{
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
			       { .fd = until_fd(b->until), .events = POLLIN } };
	int limit = until_timeout(b->until), key = term_key(b->term);

	if (key != TERM_NONE)
		return key;
	if (limit >= 0 && (timeout_ms < 0 || limit < timeout_ms))
		timeout_ms = limit;
	sys_poll(p, 2, timeout_ms);
	if (until_check(b->until) || p[0].revents & (POLLHUP | POLLERR))
		return TERM_INTERRUPT;
	return term_key(b->term);
}

static void help(struct browse *b)
{
	int y = 2;

	term_clear(b->term);
	term_text(b->term, 0, 0, -1, TERM_BOLD, b->title);
	for (const char *const *line = b->help; *line; line++)
		term_text(b->term, y++, 2, -1, TERM_PLAIN, *line);
	y++;
	for (const char *const *line = keys_help; *line; line++)
		term_text(b->term, y++, 2, -1, TERM_PLAIN, *line);
	term_text(b->term, y + 1, 2, -1, TERM_PLAIN, "any key goes back");
	term_show(b->term);
	while (wait_key(b, -1) == TERM_NONE)
		;
}

bool browse_ask(struct browse *b, const char *question, char *text, size_t size)
{
	size_t len = strlen(text);
	int rows, cols, key;
	char line[BROWSE_LINE * 2];

	for (;;) {
		draw(b);
		term_size(b->term, &rows, &cols);
		snprintf(line, sizeof(line), "%s%s", question, text);
		term_text(b->term, rows - 1, 0, cols, TERM_BOLD, line);
		term_cursor(b->term, rows - 1, (int)utf8_width(line, strlen(line)));
		term_show(b->term);
		key = wait_key(b, -1);
		if (key == TERM_ENTER)
			return true;
		if (key == TERM_ESCAPE || key == TERM_INTERRUPT)
			return false;
		if (key == TERM_BACKSPACE && len)
			text[--len] = '\0';
		if (key == ('U' & 31))
			text[len = 0] = '\0';
		if (key >= ' ' && key < 256 && len + 1 < size) {
			text[len++] = (char)key;
			text[len] = '\0';
		}
	}
}

bool browse_confirm(struct browse *b, const char *question)
{
	int key = TERM_NONE;

	snprintf(b->message, sizeof(b->message), "%.240s (y/n)", question);
	draw(b);
	while (key == TERM_NONE || key == TERM_RESIZE)
		key = wait_key(b, -1);
	b->message[0] = '\0';
	return key == 'y' || key == 'Y';
}

static void search(struct browse *b)
{
	char text[sizeof(b->search)];

	snprintf(text, sizeof(text), "%s", b->search);
	if (!browse_ask(b, "/", text, sizeof(text)))
		text[0] = '\0';
	snprintf(b->search, sizeof(b->search), "%s", text);
	browse_arrange(b);
}

/* False: it is none of the keys that move the bar. */
static bool move(struct browse *b, int key)
{
	long at = (long)b->at, lines = (long)page(b);

	switch (key) {
	case TERM_UP:
	case 'k':
		move_to(b, at - 1);
		return true;
	case TERM_DOWN:
	case 'j':
		move_to(b, at + 1);
		return true;
	case TERM_PAGE_UP:
		move_to(b, at - lines);
		return true;
	case TERM_PAGE_DOWN:
	case ' ':
		move_to(b, at + lines);
		return true;
	case TERM_HOME:
	case 'g':
		move_to(b, 0);
		return true;
	case TERM_END:
	case 'G':
		move_to(b, (long)b->nr_shown - 1);
		return true;
	default:
		return false;
	}
}

int browse_step(struct browse *b, int timeout_ms)
{
	int key;

	draw(b);
	key = wait_key(b, timeout_ms);
	if (key != TERM_NONE)
		b->message[0] = '\0';
	if (move(b, key))
		return TERM_NONE;
	switch (key) {
	case '/':
		search(b);
		return TERM_NONE;
	case '?':
	case 'h':
		help(b);
		return TERM_NONE;
	case 's':
		b->sort = (int)b->sort + 1 < nr_cols(b) ? b->sort + 1 : 0;
		browse_arrange(b);
		return TERM_NONE;
	case 'r':
		b->down = !b->down;
		browse_arrange(b);
		return TERM_NONE;
	case TERM_ESCAPE:
		if (!b->search[0])
			return key;
		b->search[0] = '\0';
		browse_arrange(b);
		return TERM_NONE;
	case TERM_RESIZE:
		return TERM_NONE;
	default:
		return key;
	}
}
