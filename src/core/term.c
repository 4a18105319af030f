// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ncurses behind a few calls. */
#include "core/term.h"

#include <curses.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/term_priv.h"
#include "core/utf8.h"

#define ESCAPE_MS 25 /* a lone ESC is known as one after this time */

struct term {
	SCREEN *screen;
};

struct term *term_open(struct err *e)
{
	const char *kind = getenv("TERM");
	struct term *t;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_usage(e, "this needs a terminal");
		return NULL;
	}
	if (!kind || !term_is_known(kind)) {
		err_usage(e, "nothing is known of terminals of type '%s' (TERM)", kind ?: "");
		return NULL;
	}
	setlocale(LC_CTYPE, "");
	t = xcalloc(1, sizeof(*t));
	t->screen = newterm(kind, stdout, stdin);
	if (!t->screen) {
		err_usage(e, "this terminal cannot be driven");
		freep(&t);
		return NULL;
	}
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	return t;
}

void term_freep(struct term **tp)
{
	if (!*tp)
		return;
	endwin();
	delscreen((*tp)->screen);
	freep(tp);
}

void term_size(const struct term *t, int *rows, int *cols)
{
	(void)t;
	getmaxyx(stdscr, *rows, *cols);
}

void term_clear(struct term *t)
{
	(void)t;
	erase();
}

/* What fits into width columns; names and values must not drive the terminal. */
static void fit(struct buf *to, const char *text, int width)
{
	size_t len = strlen(text);
	int used = 0;

	for (size_t i = 0; i < len && (width < 0 || used < width);) {
		size_t n = utf8_len(text + i, len - i);

		if (!n || (unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			buf_addc(to, '?');
			n = 1;
		} else {
			buf_add(to, text + i, n);
		}
		i += n;
		used++;
	}
	if (used < width)
		buf_fill(to, ' ', (size_t)(width - used));
}

void term_text(struct term *t, int row, int col, int width, enum term_look look, const char *text)
{
	static const attr_t attrs[] = { A_NORMAL, A_BOLD, A_REVERSE };
	auto_buf struct buf line = {};

	(void)t;
	fit(&line, text, width);
	attrset((int)attrs[look]);
	mvaddstr(row, col, buf_str(&line));
	attrset(A_NORMAL);
}

void term_cursor(struct term *t, int row, int col)
{
	(void)t;
	curs_set(row >= 0);
	if (row >= 0)
		move(row, col);
}

void term_show(struct term *t)
{
	(void)t;
	refresh();
}

int term_key(struct term *t)
{
	static const struct {
		int curses, ours;
	} keys[] = {
		{ ERR, TERM_NONE },
		{ KEY_UP, TERM_UP },
		{ KEY_DOWN, TERM_DOWN },
		{ KEY_LEFT, TERM_LEFT },
		{ KEY_RIGHT, TERM_RIGHT },
		{ KEY_PPAGE, TERM_PAGE_UP },
		{ KEY_NPAGE, TERM_PAGE_DOWN },
		{ KEY_HOME, TERM_HOME },
		{ KEY_END, TERM_END },
		{ KEY_ENTER, TERM_ENTER },
		{ '\r', TERM_ENTER },
		{ '\n', TERM_ENTER },
		{ 27, TERM_ESCAPE },
		{ KEY_BACKSPACE, TERM_BACKSPACE },
		{ 127, TERM_BACKSPACE },
		{ '\b', TERM_BACKSPACE },
		{ KEY_RESIZE, TERM_RESIZE },
		{ 3, TERM_INTERRUPT },
	};
	int key = getch();

	(void)t;
	for (size_t i = 0; i < countof(keys); i++)
		if (keys[i].curses == key)
			return keys[i].ours;
	return key >= 0 && key < 256 ? key : TERM_OTHER;
}
