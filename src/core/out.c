// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows to JSON, JSON lines, CSV and plain text; what people read is in out_text.c. */
#include "core/out.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/out_priv.h"
#include "core/val.h"

#define FLUSH_AT 65536

struct out *out_new(int fd, enum out_format format, bool pretty)
{
	struct out *o = xcalloc(1, sizeof(*o));

	o->fd = fd;
	o->format = format;
	o->j = (struct jsonw){ .to = &o->buf, .pretty = pretty && format == OUT_JSON };
	return o;
}

void out_freep(struct out **op)
{
	struct out *o = *op;

	if (!o)
		return;
	table_free(o);
	buf_free(&o->buf);
	buf_free(&o->cells);
	free(o->row);
	freep(op);
}

enum out_format out_format(const struct out *o)
{
	return o->format;
}

bool out_is_text(const struct out *o)
{
	return o->format != OUT_JSON && o->format != OUT_JSONL;
}

bool out_begun(const struct out *o)
{
	return o->begun;
}

int out_error(const struct out *o)
{
	return o->error;
}

/* ---- writing ------------------------------------------------------------------------------ */

static void write_all(struct out *o)
{
	size_t done = 0;

	if (buf_error(&o->buf) && !o->error)
		o->error = ENOMEM;
	while (!o->error && done < o->buf.len) {
		ssize_t n = write(o->fd, o->buf.data + done, o->buf.len - done);

		if (n < 0 && errno != EINTR)
			o->error = errno;
		if (n > 0)
			done += (size_t)n;
	}
	o->written |= done > 0;
	o->buf.len = 0;
}

static void write_if_full(struct out *o)
{
	if (o->buf.len >= FLUSH_AT)
		write_all(o);
}

/* ---- rows --------------------------------------------------------------------------------- */

static bool is_shown(const struct out *o, const struct out_col *c)
{
	return !(c->flags & (out_is_text(o) ? OUT_JSON_ONLY : OUT_TEXT_ONLY));
}

static void csv_header(struct out *o)
{
	bool first = true;

	for (size_t i = 0; i < o->nr_cols; i++) {
		if (!is_shown(o, &o->cols[i]))
			continue;
		if (!first)
			buf_addc(&o->buf, ',');
		buf_adds(&o->buf, o->cols[i].key);
		first = false;
	}
	buf_adds(&o->buf, "\r\n");
}

static void end_row(struct out *o);

void out_begin(struct out *o, const struct out_col *cols, enum out_shape shape)
{
	size_t n = 0;

	end_row(o);
	if (o->begun && o->format == OUT_TABLE)
		table_flush(o);
	while (cols && cols[n].key)
		n++;
	o->cols = cols;
	o->nr_cols = n;
	o->hint = 0;
	if (out_is_text(o))
		o->row = xreallocarray(o->row, n, sizeof(*o->row));
	if (o->format == OUT_TABLE)
		table_begin(o);
	if (o->format == OUT_CSV && shape != OUT_NONE)
		csv_header(o);
	if (!o->begun && o->format == OUT_JSON && (shape == OUT_ROWS || shape == OUT_STREAM))
		jsonw_list(&o->j);
	o->shape = shape;
	o->begun = true;
}

void out_row(struct out *o)
{
	assert(o->begun && o->shape != OUT_NONE);
	end_row(o);
	o->in_row = true;
	o->rows++;
	o->hint = 0;
	if (out_is_text(o)) {
		o->cells.len = 0;
		memset(o->row, 0, o->nr_cols * sizeof(*o->row));
		return;
	}
	if (o->format == OUT_JSONL)
		o->j.comma = false;
	jsonw_map(&o->j);
}

/* A tab or newline would break the line up: plain has backslashes. */
static void plain_cell(struct buf *to, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		const char *at = c ? strchr("\tt\nn\rr\\\\", c) : NULL;

		if (at && c < 0x20)
			buf_addf(to, "\\%c", at[1]);
		else if (c == '\\')
			buf_adds(to, "\\\\");
		else if (c < 0x20 || c == 0x7f)
			buf_addf(to, "\\x%02x", c);
		else
			buf_addc(to, (char)c);
	}
}

static void csv_cell(struct buf *to, const char *s, size_t len)
{
	bool quote = false;

	for (size_t i = 0; i < len && !quote; i++)
		quote = s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r';
	if (!quote) {
		buf_add(to, s, len);
		return;
	}
	buf_addc(to, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			buf_addc(to, '"');
		buf_addc(to, s[i]);
	}
	buf_addc(to, '"');
}

static void separated_row(struct out *o)
{
	bool csv = o->format == OUT_CSV, first = true;

	for (size_t i = 0; i < o->nr_cols; i++) {
		const struct cell *c = &o->row[i];

		if (!is_shown(o, &o->cols[i]))
			continue;
		if (!first)
			buf_addc(&o->buf, csv ? ',' : '\t');
		first = false;
		if (csv)
			csv_cell(&o->buf, o->cells.data + c->off, c->len);
		else
			plain_cell(&o->buf, o->cells.data + c->off, c->len);
	}
	buf_adds(&o->buf, csv ? "\r\n" : "\n");
}

static void end_row(struct out *o)
{
	if (!o->in_row)
		return;
	assert(o->depth == 0);
	o->in_row = false;
	if (o->format == OUT_TABLE)
		table_row(o);
	else if (out_is_text(o))
		separated_row(o);
	else
		jsonw_close(&o->j, '}');
	if (o->format == OUT_JSONL)
		buf_addc(&o->buf, '\n');
	write_if_full(o);
}

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
	end_row(o);
	if (o->format == OUT_TABLE) {
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

void out_raw(struct out *o, const void *data, size_t len)
{
	assert(!o->begun);
	o->raw = true;
	buf_add(&o->buf, data, len);
	write_if_full(o);
}

void out_flush(struct out *o)
{
	end_row(o);
	if (o->format == OUT_TABLE && o->begun)
		table_flush(o);
	write_all(o);
}

bool out_discard(struct out *o)
{
	if (o->written || o->rows)
		return false;
	o->begun = false;
	o->buf.len = 0;
	o->j.depth = 0;
	o->j.comma = false;
	return true;
}

static void close_document(struct out *o)
{
	bool is_list = o->shape == OUT_ROWS || o->shape == OUT_STREAM;

	if (o->format != OUT_JSON || o->raw)
		return;
	if (o->begun && is_list)
		jsonw_close(&o->j, ']');
	else if (!o->begun || o->shape == OUT_NONE || !o->rows)
		jsonw_null(&o->j);
	buf_addc(&o->buf, '\n');
}

int out_end(struct out *o, struct err *e)
{
	while (o->depth)
		out_close(o);
	end_row(o);
	if (o->format == OUT_TABLE && o->begun)
		table_flush(o);
	close_document(o);
	write_all(o);
	if (o->error)
		return err_code(e, o->error, "cannot write the output");
	return 0;
}

/* ---- values ------------------------------------------------------------------------------- */

static const struct out_col *find_col(struct out *o, const char *key)
{
	assert(key);
	for (size_t n = 0; n < o->nr_cols; n++) {
		size_t i = o->hint + n < o->nr_cols ? o->hint + n : o->hint + n - o->nr_cols;

		if (o->cols[i].key == key || strcmp(o->cols[i].key, key) == 0) {
			o->hint = i + 1 == o->nr_cols ? 0 : i + 1;
			return &o->cols[i];
		}
	}
	return NULL;
}

/*
 * Every value begins here.  Returns false when it is not to be shown; what is inside a list or
 * map that is not shown is counted in o->hidden and not shown either.
 */
static bool begin(struct out *o, const char *key)
{
	assert(o->in_row);
	if (o->hidden)
		return false;
	if (o->depth == 0) {
		o->col = find_col(o, key);
		assert(o->col);
		if (!is_shown(o, o->col))
			return false;
		if (out_is_text(o))
			cell_begin(o);
		else
			jsonw_key(&o->j, key);
		return true;
	}
	if (out_is_text(o))
		nested_begin(o, key);
	else if (key)
		jsonw_key(&o->j, key);
	return true;
}

static void end(struct out *o)
{
	if (o->depth == 0 && out_is_text(o))
		cell_end(o);
}

/* One value: its JSON call, or its text call. */
#define SCALAR(json_call, text_call)                                                               \
	do {                                                                                       \
		if (!begin(o, key))                                                                \
			return;                                                                    \
		if (out_is_text(o))                                                                \
			text_call;                                                                 \
		else                                                                               \
			json_call;                                                                 \
		end(o);                                                                            \
	} while (0)

void out_null(struct out *o, const char *key)
{
	SCALAR(jsonw_null(&o->j), cell_word(o, "null"));
}

void out_bool(struct out *o, const char *key, bool v)
{
	SCALAR(jsonw_bool(&o->j, v), cell_word(o, v ? "true" : "false"));
}

void out_uint(struct out *o, const char *key, uint64_t v)
{
	SCALAR(jsonw_uint(&o->j, v), cell_uint(o, v));
}

void out_int(struct out *o, const char *key, int64_t v)
{
	SCALAR(jsonw_int(&o->j, v), cell_int(o, v));
}

static void text_double(struct out *o, double v)
{
	struct jsonw w = { .to = &o->cells };

	jsonw_double(&w, v);
}

void out_double(struct out *o, const char *key, double v)
{
	SCALAR(jsonw_double(&o->j, v), text_double(o, v));
}

void out_strn(struct out *o, const char *key, const char *s, size_t len)
{
	SCALAR(jsonw_str(&o->j, s, len), cell_str(o, s, len));
}

void out_str(struct out *o, const char *key, const char *s)
{
	out_strn(o, key, s, strlen(s));
}

void out_fmt(struct out *o, const char *key, const char *fmt, ...)
{
	char *s;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	out_strn(o, key, s, (size_t)n);
	free(s);
}

void out_hex(struct out *o, const char *key, uint64_t v)
{
	char text[19] = "0x";
	struct buf b = { .data = text, .len = 2, .cap = sizeof(text) };

	buf_add_hex(&b, v, 1);
	SCALAR(jsonw_str(&o->j, text, b.len), buf_add(&o->cells, text, b.len));
}

static void text_bytes(struct buf *to, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i)
			buf_addc(to, ' ');
		buf_add_hex(to, p[i], 2);
	}
}

void out_bytes(struct out *o, const char *key, const void *data, size_t len)
{
	SCALAR(jsonw_bytes(&o->j, data, len), text_bytes(&o->cells, data, len));
}

static void open_seq(struct out *o, const char *key, bool is_map)
{
	if (!begin(o, key)) {
		o->hidden++;
		o->depth++;
		return;
	}
	if (out_is_text(o))
		nested_open(o, is_map);
	else if (is_map)
		jsonw_map(&o->j);
	else
		jsonw_list(&o->j);
	assert(o->depth < OUT_MAX_DEPTH);
	o->is_map[o->depth++] = is_map;
}

void out_list(struct out *o, const char *key)
{
	open_seq(o, key, false);
}

void out_map(struct out *o, const char *key)
{
	open_seq(o, key, true);
}

void out_close(struct out *o)
{
	bool is_map;

	assert(o->depth);
	o->depth--;
	if (o->hidden) {
		o->hidden--;
		return;
	}
	is_map = o->is_map[o->depth];
	if (out_is_text(o))
		nested_close(o, is_map);
	else
		jsonw_close(&o->j, is_map ? '}' : ']');
	end(o);
}

static void val_seq(struct out *o, const char *key, const struct val *v)
{
	open_seq(o, key, v->kind == V_MAP);
	for (size_t i = 0; i < v->seq.n; i++)
		out_val(o, v->kind == V_MAP ? v->seq.keys[i] : NULL, &v->seq.v[i]);
	out_close(o);
}

void out_val(struct out *o, const char *key, const struct val *v)
{
	switch (v->kind) {
	case V_NULL:
		return out_null(o, key);
	case V_BOOL:
		return out_bool(o, key, v->b);
	case V_INT:
		return out_int(o, key, v->i);
	case V_UINT:
		return out_uint(o, key, v->u);
	case V_DOUBLE:
		return out_double(o, key, v->d);
	case V_STR:
		return out_strn(o, key, v->str.s, v->str.len);
	case V_LIST:
	case V_MAP:
		return val_seq(o, key, v);
	}
}
