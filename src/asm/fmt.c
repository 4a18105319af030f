// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Layout, line by line. */
#include "asm/fmt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asm/lex.h"
#include "core/buf.h"
#include "core/mem.h"

#define TAB 8

/* Lines whose comments stand in one column, kept until that is known. */
struct row {
	size_t code_end;    /* in text: indentation and code */
	size_t comment_end; /* and the comment, without the blanks between them */
	uint32_t width;	    /* columns of the code */
};

struct fmt {
	struct buf *to;
	struct buf text; /* of the rows */
	struct row *rows;
	size_t nr_rows, cap_rows;
	unsigned int depth;
	bool data;   /* inside a data declaration: ';' separates */
	bool empty;  /* an empty line is owed */
	bool any;    /* something has been written */
	bool opened; /* by the line before */
	bool failed;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Behind the quote that closes, or the end. */
static const char *skip_quoted(const char *s, const char *end)
{
	char quote = *s++;

	while (s < end && *s != quote)
		s += *s == '\\' && s + 1 < end ? 2 : 1;
	return s < end ? s + 1 : end;
}

static bool starts_with(const char *s, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - s) > n && memcmp(s, word, n) == 0 && is_blank(s[n]);
}

/* A declaration in whose braces `;` separates. */
static bool opens_data(const char *s, const char *end)
{
	static const char *const words[] = { "struct",	   "union",  "enum", "event",  "map",
					     "struct_ops", "attach", "data", "rodata", "test" };

	for (size_t i = 0; i < countof(words); i++)
		if (starts_with(s, end, words[i]))
			return true;
	return false;
}

/* Where the comment of a line begins; its end, if there is none. */
static const char *find_comment(const struct fmt *f, const char *s, const char *end)
{
	bool data = f->depth ? f->data : opens_data(s, end);
	const char *start = s;
	int depth = (int)f->depth;

	while (s < end) {
		if (*s == '"' || *s == '\'') {
			s = skip_quoted(s, end);
			continue;
		}
		depth += *s == '{';
		depth -= *s == '}';
		if ((*s == ';' && (!data || depth <= 0)) ||
		    (*s == '/' && s + 1 < end && s[1] == '/') ||
		    (*s == '#' && (s == start || is_blank(s[-1]))))
			return s;
		s++;
	}
	return end;
}

/* --- code --- */

/* `=`, `+=`, `s>>=` and their like as the operator of a statement: its length, else 0. */
static size_t assignment(const char *s, const char *start, const char *end)
{
	size_t n = 0;

	if (s > start && (lex_is_label_char(s[-1]) || s[-1] == ')') && *s == 's' && s + 1 < end &&
	    s[1] == '>')
		return 0;
	while (s + n < end && strchr("+-*/%&|^<>", s[n]))
		n++;
	if (s + n >= end || s[n] != '=' || n > 2 || (s + n + 1 < end && s[n + 1] == '='))
		return 0;
	if (n == 1 && (*s == '<' || *s == '>'))
		return 0;
	if (s > start && strchr("=!<>", s[-1]))
		return 0;
	return n + 1;
}

/* The code of a line with its blanks as they should be. */
static void add_code(struct fmt *f, const char *s, const char *end, bool statement)
{
	const char *start = s;
	bool blank = false, assigned = !statement;
	size_t n;

	while (s < end) {
		if (is_blank(*s)) {
			blank = true;
			s++;
			continue;
		}
		n = assigned ? 0 : assignment(s, start, end);
		if (n || *s == '{' || *s == '}')
			blank = !(n && s > start && s[-1] == 's' && s - 1 > start &&
				  is_blank(s[-2]));
		if (*s == ',' || *s == ';' || *s == '#') /* which a blank would make a comment */
			blank = false;
		if (blank && s > start)
			buf_addc(&f->text, ' ');
		blank = n || *s == ',' || *s == ';' || *s == '{' || *s == '}';
		if (n) {
			assigned = true;
		} else if (*s == '"' || *s == '\'') {
			n = (size_t)(skip_quoted(s, end) - s);
		} else {
			n = 1;
		}
		buf_add(&f->text, s, n);
		s += n;
	}
}

/* Opens and closes of a line, and whether it begins with one that closes. */
static void count_braces(const char *s, const char *end, int *change, bool *closes)
{
	*closes = s < end && *s == '}';
	for (*change = 0; s < end;) {
		if (*s == '"' || *s == '\'') {
			s = skip_quoted(s, end);
			continue;
		}
		*change += *s == '{';
		*change -= *s == '}';
		s++;
	}
}

/* `name:` and nothing else. */
static bool is_label(const char *s, const char *end)
{
	const char *start = s;

	while (s < end && lex_is_label_char(*s))
		s++;
	return s > start && s + 1 == end && *s == ':';
}

/* Assignments are set apart where a statement can be, and where a variable gets its value. */
static bool has_assignment(const struct fmt *f, const char *s, const char *end)
{
	if (f->depth && f->data)
		return true;
	if (s < end && (*s == 'r' || *s == 'w' || *s == '*' || *s == '%'))
		return true;
	return starts_with(s, end, "const") || starts_with(s, end, "data") ||
	       starts_with(s, end, "rodata") || starts_with(s, end, "lock") ||
	       starts_with(s, end, "stack");
}

/* --- lines --- */

static uint32_t width_of(const char *s, size_t n)
{
	uint32_t width = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i] == '\t')
			width = (width / TAB + 1) * TAB;
		else
			width += ((unsigned char)s[i] & 0xc0) != 0x80;
	return width;
}

/* Writes the rows that were kept. */
static void flush(struct fmt *f)
{
	uint32_t column = 0;
	size_t from = 0;

	for (size_t i = 0; i < f->nr_rows; i++)
		if (f->rows[i].width > column && f->rows[i].comment_end > f->rows[i].code_end)
			column = f->rows[i].width;
	for (size_t i = 0; i < f->nr_rows; i++) {
		const struct row *r = &f->rows[i];

		buf_add(f->to, f->text.data + from, r->code_end - from);
		if (r->comment_end > r->code_end) {
			buf_fill(f->to, ' ', column + 1 - r->width);
			buf_add(f->to, f->text.data + r->code_end, r->comment_end - r->code_end);
		}
		buf_addc(f->to, '\n');
		from = r->comment_end;
	}
	f->nr_rows = 0;
	f->text.len = 0;
}

/* A line with code: its comment waits for those of its neighbours. */
static void add_row(struct fmt *f, size_t from, const char *comment, const char *end)
{
	struct row r = { .code_end = f->text.len };

	r.width = width_of(f->text.data ? f->text.data + from : "", f->text.len - from);
	buf_add(&f->text, comment, (size_t)(end - comment));
	r.comment_end = f->text.len;
	if (array_grow(&f->rows, f->nr_rows, &f->cap_rows, sizeof(r)) != 0)
		f->failed = true;
	else
		f->rows[f->nr_rows++] = r;
	if (comment == end)
		flush(f);
}

static void add_line(struct fmt *f, const char *s, const char *end)
{
	const char *comment = find_comment(f, s, end), *code_end = comment;
	size_t from = f->text.len;
	unsigned int depth;
	bool closes;
	int change;

	while (code_end > s && is_blank(code_end[-1]))
		code_end--;
	count_braces(s, code_end, &change, &closes);
	if (!f->depth && change > 0)
		f->data = opens_data(s, code_end);
	depth = f->depth - (f->depth && (closes || (is_label(s, code_end) && !f->data)));
	if (f->empty && f->any && !closes && !f->opened) {
		flush(f);
		from = 0;
		buf_addc(f->to, '\n');
	}
	f->empty = false;
	f->any = true;
	if (s == code_end || f->nr_rows == 0 || comment == end) {
		flush(f);
		from = 0;
	}
	buf_fill(&f->text, '\t', depth);
	if (s == code_end) {
		buf_add(&f->text, comment, (size_t)(end - comment));
		add_row(f, from, end, end);
	} else {
		add_code(f, s, code_end, has_assignment(f, s, code_end));
		add_row(f, from, comment, end);
	}
	f->depth = (int)f->depth + change < 0 ? 0 : (unsigned int)((int)f->depth + change);
	f->data &= f->depth > 0;
	if (s < code_end)
		f->opened = code_end[-1] == '{';
}

int fmt_text(const char *text, size_t len, struct buf *to)
{
	struct fmt f = { .to = to };
	const char *s = text, *stop = text + len;

	while (s < stop) {
		const char *newline = memchr(s, '\n', (size_t)(stop - s));
		const char *end = newline ? newline : stop;
		const char *next = newline ? newline + 1 : stop;

		while (s < end && is_blank(*s))
			s++;
		while (end > s && is_blank(end[-1]))
			end--;
		if (s == end)
			f.empty = true;
		else
			add_line(&f, s, end);
		s = next;
	}
	flush(&f);
	buf_free(&f.text);
	free(f.rows);
	return f.failed ? -ENOMEM : buf_error(to);
}
