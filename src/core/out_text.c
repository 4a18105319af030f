// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text cells, and tables: what people read. */
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "core/out_priv.h"
#include "core/utf8.h"

/* ---- cells -------------------------------------------------------------------------------- */

void cell_begin(struct out *o)
{
	o->row[o->col - o->cols].off = (uint32_t)o->cells.len;
	o->first = true;
}

void cell_end(struct out *o)
{
	struct cell *c = &o->row[o->col - o->cols];

	c->len = (uint32_t)o->cells.len - c->off;
	c->set = true;
}

void cell_word(struct out *o, const char *word)
{
	buf_adds(&o->cells, word);
}

static void human_bytes(struct buf *to, uint64_t v)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int u = 0;
	double d = (double)v;

	while (d >= 1024 && u + 1 < countof(units)) {
		d /= 1024;
		u++;
	}
	buf_addf(to, u ? "%.1f%s" : "%.0f%s", d, units[u]);
}

static void human_ns(struct buf *to, uint64_t v)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned int u = 0;
	double d = (double)v;

	while (d >= 1000 && u + 1 < countof(units)) {
		d /= 1000;
		u++;
	}
	buf_addf(to, u ? "%.1f%s" : "%.0f%s", d, units[u]);
}

static void human_time(struct buf *to, uint64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (localtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_adds(to, text);
	else
		buf_add_u64(to, seconds);
}

void cell_uint(struct out *o, uint64_t v)
{
	enum out_kind kind = o->depth ? K_UINT : o->col->kind;

	if (kind == K_HEX) {
		buf_adds(&o->cells, "0x");
		buf_add_hex(&o->cells, v, 1);
	} else if (o->format == OUT_TABLE && kind == K_BYTES) {
		human_bytes(&o->cells, v);
	} else if (o->format == OUT_TABLE && kind == K_NS) {
		human_ns(&o->cells, v);
	} else if (o->format == OUT_TABLE && kind == K_TIME) {
		human_time(&o->cells, v);
	} else {
		buf_add_u64(&o->cells, v);
	}
}

void cell_int(struct out *o, int64_t v)
{
	if (v >= 0)
		cell_uint(o, (uint64_t)v);
	else
		buf_add_s64(&o->cells, v);
}

/* A terminal must not be driven by names that other people gave to their objects. */
static void printable(struct buf *to, const char *s, size_t len, bool keep_tabs)
{
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(s + i, len - i);
		bool kept = (unsigned char)s[i] >= 0x20 || (s[i] == '\t' && keep_tabs);

		if (n == 0 || !kept || s[i] == 0x7f) {
			buf_addc(to, '?');
			i++;
			continue;
		}
		buf_add(to, s + i, n);
		i += n;
	}
}

static bool is_bare(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!s[i] || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_.:/@%+-",
				     s[i]))
			return false;
	return len > 0;
}

/* Inside a list or map a string of other than plain characters is quoted, with C's escapes. */
static void quoted(struct buf *to, const char *s, size_t len)
{
	buf_addc(to, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			buf_addf(to, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			buf_addf(to, "\\x%02x", c);
		else
			buf_addc(to, (char)c);
	}
	buf_addc(to, '"');
}

void cell_str(struct out *o, const char *s, size_t len)
{
	if (o->depth && !is_bare(s, len))
		quoted(&o->cells, s, len);
	else if (o->format == OUT_TABLE)
		printable(&o->cells, s, len, !o->depth && o->col->kind == K_LINE);
	else
		buf_add(&o->cells, s, len);
}

void nested_begin(struct out *o, const char *key)
{
	if (!o->first)
		buf_addc(&o->cells, ',');
	o->first = false;
	if (key) {
		buf_adds(&o->cells, key);
		buf_addc(&o->cells, '=');
	}
}

/* A list that is a whole cell needs no brackets: "3,4". */
void nested_open(struct out *o, bool is_map)
{
	if (o->depth || is_map)
		buf_addc(&o->cells, is_map ? '{' : '[');
	o->first = true;
}

void nested_close(struct out *o, bool is_map)
{
	if (o->depth || is_map)
		buf_addc(&o->cells, is_map ? '}' : ']');
	o->first = false;
}

/* ---- tables ------------------------------------------------------------------------------- */

#define GAP 2 /* blanks between columns */

static bool is_numeric(const struct out_col *c)
{
	return c->kind == K_UINT || c->kind == K_INT || c->kind == K_HEX || c->kind == K_BYTES ||
	       c->kind == K_NS;
}

static bool is_in_table(const struct out_col *c)
{
	return !(c->flags & OUT_JSON_ONLY);
}

/* Free text stands alone: no heading, no padding, nothing beside it. */
static bool is_lines(const struct out *o)
{
	for (size_t i = 0; i < o->nr_cols; i++)
		if (o->cols[i].kind == K_LINE)
			return true;
	return false;
}

static void pad(struct out *o, size_t n)
{
	buf_fill(&o->buf, ' ', n);
}

static size_t last_shown(const struct out *o)
{
	size_t last = 0;

	for (size_t i = 0; i < o->nr_cols; i++)
		if (is_in_table(&o->cols[i]) && o->widths[i])
			last = i;
	return last;
}

static void print_cell(struct out *o, size_t col, const char *s, size_t len, bool last)
{
	size_t width = utf8_width(s, len), room = o->widths[col];
	size_t blanks = width < room ? room - width : 0;

	if (is_numeric(&o->cols[col]))
		pad(o, blanks);
	buf_add(&o->buf, s, len);
	if (last)
		return;
	if (!is_numeric(&o->cols[col]))
		pad(o, blanks);
	pad(o, GAP);
}

static void print_row(struct out *o, const char *text, const struct cell *row)
{
	size_t last = last_shown(o);

	for (size_t i = 0; i < o->nr_cols; i++) {
		if (!is_in_table(&o->cols[i]) || !o->widths[i])
			continue;
		if (row[i].set)
			print_cell(o, i, text + row[i].off, row[i].len, i == last);
		else
			print_cell(o, i, "-", 1, i == last);
	}
	buf_addc(&o->buf, '\n');
}

static void print_lines(struct out *o, const char *text, const struct cell *row)
{
	for (size_t i = 0; i < o->nr_cols; i++)
		if (o->cols[i].kind == K_LINE && row[i].set)
			buf_add(&o->buf, text + row[i].off, row[i].len);
	buf_addc(&o->buf, '\n');
}

/* One object: a line per column that is there. */
static void print_object(struct out *o, const char *text, const struct cell *row)
{
	size_t room = 0;

	for (size_t i = 0; i < o->nr_cols; i++)
		if (is_in_table(&o->cols[i]) && row[i].set && strlen(o->cols[i].head) > room)
			room = strlen(o->cols[i].head);
	for (size_t i = 0; i < o->nr_cols; i++) {
		if (!is_in_table(&o->cols[i]) || !row[i].set)
			continue;
		buf_adds(&o->buf, o->cols[i].head);
		pad(o, room - strlen(o->cols[i].head) + GAP);
		buf_add(&o->buf, text + row[i].off, row[i].len);
		buf_addc(&o->buf, '\n');
	}
}

/*
 * Widths from the rows held.  A column that none of them has gets width 0 and is left out, but
 * only when these are all the rows there are.
 */
static void learn_widths(struct out *o, bool all)
{
	o->widths = xcalloc(o->nr_cols, sizeof(*o->widths));
	for (size_t i = 0; i < o->nr_cols; i++) {
		unsigned int width = (unsigned int)strlen(o->cols[i].head);
		bool used = !all || !(o->cols[i].flags & OUT_IF_ANY);

		for (size_t r = 0; r < o->nr_held; r++) {
			const struct cell *c = &o->held_cells[r * o->nr_cols + i];
			size_t w = c->set ? utf8_width(o->held.data + c->off, c->len) : 1;

			used |= c->set;
			if (w > width)
				width = (unsigned int)w;
		}
		o->widths[i] = used ? width : 0;
	}
}

static void print_header(struct out *o)
{
	size_t last = last_shown(o);

	for (size_t i = 0; i < o->nr_cols; i++)
		if (is_in_table(&o->cols[i]) && o->widths[i])
			print_cell(o, i, o->cols[i].head, strlen(o->cols[i].head), i == last);
	buf_addc(&o->buf, '\n');
}

static void print_held(struct out *o, bool all)
{
	learn_widths(o, all);
	print_header(o);
	for (size_t r = 0; r < o->nr_held; r++)
		print_row(o, o->held.data, &o->held_cells[r * o->nr_cols]);
	o->nr_held = 0;
	o->held.len = 0;
}

void table_drop(struct out *o)
{
	buf_free(&o->held);
	freep(&o->held_cells);
	freep(&o->widths);
}

void table_begin(struct out *o)
{
	table_drop(o);
	o->nr_held = o->cap_held = 0;
}

static void hold_row(struct out *o)
{
	struct cell *row;

	if (o->nr_held == o->cap_held) {
		o->cap_held = o->cap_held ? o->cap_held * 2 : 32;
		o->held_cells = xreallocarray(o->held_cells, o->cap_held * o->nr_cols,
					      sizeof(*o->held_cells));
	}
	row = &o->held_cells[o->nr_held++ * o->nr_cols];
	for (size_t i = 0; i < o->nr_cols; i++) {
		row[i] = o->row[i];
		row[i].off += (uint32_t)o->held.len;
	}
	buf_add(&o->held, o->cells.data, o->cells.len);
}

void table_row(struct out *o)
{
	if (is_lines(o)) {
		print_lines(o, o->cells.data, o->row);
	} else if (o->shape == OUT_ONE) {
		print_object(o, o->cells.data, o->row);
	} else if (o->widths) {
		print_row(o, o->cells.data, o->row);
	} else {
		hold_row(o);
		if (o->nr_held == OUT_LEARN)
			print_held(o, false);
	}
}

/* Of a stream only what has come so far is known, so every column stays. */
void table_flush(struct out *o)
{
	if (o->widths || is_lines(o) || (o->shape != OUT_ROWS && o->shape != OUT_STREAM))
		return;
	if (o->nr_held || o->shape == OUT_ROWS)
		print_held(o, o->shape == OUT_ROWS);
}

/* ---- text of many lines ------------------------------------------------------------------- */

#define CLEAN_BLOCK 64

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

/* Whether a block has no control character; the shape is one that compilers make vectors of. */
static bool is_clean(const char *block)
{
	unsigned char bad = 0;

	for (size_t i = 0; i < CLEAN_BLOCK; i++) {
		unsigned char c = (unsigned char)block[i];

		bad |= ((c < ' ') & (c != '\n') & (c != '\t')) | (c == 0x7f);
	}
	return !bad;
}

/* A table of lines is those lines; a terminal must not be driven by what is in them. */
static void bare_lines(struct out *o, const char *text, size_t len)
{
	char *to = buf_reserve(&o->buf, len + 1);
	size_t i = 0;

	if (!to)
		return;
	while (i < len) {
		size_t n = len - i < CLEAN_BLOCK ? len - i : CLEAN_BLOCK;

		memcpy(to + i, text + i, n);
		if (n < CLEAN_BLOCK || !is_clean(text + i))
			for (size_t k = i; k < i + n; k++)
				to[k] = is_control(text[k]) ? '?' : text[k];
		i += n;
	}
	o->buf.len += len;
	if (len && text[len - 1] != '\n')
		buf_addc(&o->buf, '\n');
	o->rows++;
	write_if_full(o);
}

void out_lines(struct out *o, const char *key, const char *text, size_t len)
{
	out_end_row(o);
	if (o->format == OUT_TABLE && !o->view) {
		bare_lines(o, text, len);
		return;
	}
	for (const char *end = text + len, *next; text < end; text = next) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		next = newline ? newline + 1 : end;
		out_row(o);
		out_strn(o, key, text, (size_t)((newline ? newline : end) - text));
	}
}

/* ---- rows of numbers --------------------------------------------------------------------- */

/* The one line that is printed a million times. */
static void json_line_uints(struct out *o, const char *const *keys, const uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(keys[i]);
		char *start = buf_reserve(&o->buf, len + U64_TEXT + 6), *to = start;

		if (!to)
			return;
		*to++ = i ? ',' : '{';
		*to++ = '"';
		memcpy(to, keys[i], len);
		to += len;
		*to++ = '"';
		*to++ = ':';
		to += u64_text(to, v[i]);
		o->buf.len += (size_t)(to - start);
	}
	buf_add(&o->buf, "}\n", 2);
}

void out_row_uints(struct out *o, const char *const *keys, const uint64_t *v, size_t n)
{
	if (o->view || o->format != OUT_JSONL) {
		out_row(o);
		for (size_t i = 0; i < n; i++)
			out_uint(o, keys[i], v[i]);
		return;
	}
	out_end_row(o);
	o->rows++;
	json_line_uints(o, keys, v, n);
	write_if_full(o);
}
