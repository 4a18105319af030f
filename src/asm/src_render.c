// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A diagnostic as people read it. */
#include "asm/src.h"
#include "core/buf.h"

#define WINDOW 160 /* bytes of a long line that are shown */

/* Part of a line, [from, to), in which the marked bytes lie. */
struct view {
	const char *text;
	size_t from, to;
	size_t mark, mark_end;
};

static struct view view_of(const struct src_loc *loc, size_t marked)
{
	struct view v = { loc->text, 0, loc->len, loc->col - 1, 0 };

	if (v.mark > WINDOW / 2 && loc->len > WINDOW)
		v.from = v.mark - WINDOW / 2;
	if (v.to - v.from > WINDOW)
		v.to = v.from + WINDOW;
	v.mark_end = marked > v.to - v.mark ? v.to : v.mark + marked;
	return v;
}

/* Control characters do not reach the terminal. */
static void add_line(struct buf *to, const struct view *v)
{
	buf_adds(to, v->from ? "..." : "");
	for (size_t i = v->from; i < v->to; i++) {
		unsigned char c = (unsigned char)v->text[i];

		if (c == '\r' && i + 1 == v->to)
			break;
		buf_addc(to, (c < ' ' && c != '\t') || c == 0x7f ? '?' : (char)c);
	}
	buf_addc(to, '\n');
}

static bool is_continuation(char c) /* of a UTF-8 character, which is one column wide */
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void add_caret(struct buf *to, const struct view *v)
{
	buf_adds(to, v->from ? "   " : "");
	for (size_t i = v->from; i < v->mark; i++)
		if (!is_continuation(v->text[i]))
			buf_addc(to, v->text[i] == '\t' ? '\t' : ' ');
	buf_addc(to, '^');
	for (size_t i = v->mark + 1; i < v->mark_end; i++)
		if (!is_continuation(v->text[i]))
			buf_addc(to, '~');
	buf_addc(to, '\n');
}

void src_render(struct src *s, const struct diag *d, struct buf *to)
{
	static const char *const words[] = {
		[DIAG_NOTE] = "note",
		[DIAG_WARNING] = "warning",
		[DIAG_ERROR] = "error",
	};
	struct src_loc loc = src_locate(s, d->pos);
	struct view v = view_of(&loc, d->len);

	buf_addf(to, "%s:%u:%u: %s: %s", loc.path, loc.line, loc.col, words[d->severity], d->text);
	if (d->check)
		buf_addf(to, " [-W%s]", d->check);
	buf_addc(to, '\n');
	add_line(to, &v);
	add_caret(to, &v);
	if (d->hint)
		buf_addf(to, "  hint: %s\n", d->hint);
}
