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
#include "core/out_view.h"
#include "core/val.h"

#define FLUSH_AT 65536

struct out *out_new(int fd, enum out_format format, bool pretty)
{
	struct out *o = xcalloc(1, sizeof(*o));

	o->fd = fd;
	o->format = format;
	o->j = (struct jsonw){ .to = &o->buf, .pretty = pretty && format == OUT_JSON };
	if (format == OUT_METRICS)
		o->metrics = metrics_new();
	return o;
}

void out_freep(struct out **op)
{
	struct out *o = *op;

	if (!o)
		return;
	table_drop(o);
	view_freep(&o->view);
	metrics_freep(&o->metrics);
	free(o->name);
	while (o->nr_owned)
		free(o->owned[--o->nr_owned]);
	free(o->owned);
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
	return o->format != OUT_JSON && o->format != OUT_JSONL && o->format != OUT_METRICS;
}

void out_own(struct out *o, void *p)
{
	o->owned = xreallocarray(o->owned, o->nr_owned + 1, sizeof(*o->owned));
	o->owned[o->nr_owned++] = p;
}

void out_set_name(struct out *o, const char *name)
{
	free(o->name);
	o->name = xstrdup(name);
}

bool out_begun(const struct out *o)
{
	return o->begun;
}

int out_error(const struct out *o)
{
	if (!o->error && o->view && view_is_full(o->view))
		return ECANCELED;
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

void write_if_full(struct out *o)
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

void out_begin(struct out *o, const struct out_col *cols, enum out_shape shape)
{
	size_t n = 0;

	out_end_row(o);
	if (o->view)
		cols = view_begin(o, cols, shape);
	if (o->begun && o->format == OUT_TABLE)
		table_flush(o);
	while (cols && cols[n].key)
		n++;
	o->cols = cols;
	o->nr_cols = n;
	o->hint = 0;
	if (out_is_text(o))
		o->row = xreallocarray(o->row, n + 1, sizeof(*o->row));
	if (o->format == OUT_TABLE)
		table_begin(o);
	if (o->format == OUT_CSV && shape != OUT_NONE && n)
		csv_header(o);
	if (!o->begun && o->format == OUT_JSON && (shape == OUT_ROWS || shape == OUT_STREAM))
		jsonw_list(&o->j);
	o->shape = shape;
	o->begun = true;
}

void out_row(struct out *o)
{
	assert(o->begun && o->shape != OUT_NONE);
	out_end_row(o);
	if (!o->view) {
		row_begin(o);
		return;
	}
	o->in_row = o->collect = true;
	view_row(o);
}

void row_begin(struct out *o)
{
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

void out_end_row(struct out *o)
{
	if (!o->in_row)
		return;
	o->in_row = false;
	if (!o->collect) {
		row_end(o);
		return;
	}
	o->collect = false;
	view_end_row(o);
}

void row_end(struct out *o)
{
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

void out_raw(struct out *o, const void *data, size_t len)
{
	assert(!o->begun);
	o->raw = true;
	buf_add(&o->buf, data, len);
	write_if_full(o);
}

void out_flush(struct out *o)
{
	out_end_row(o);
	if (o->format == OUT_TABLE && o->begun)
		table_flush(o);
	write_all(o);
}

bool out_discard(struct out *o)
{
	if (o->written || o->rows)
		return false;
	if (o->view)
		view_discard(o);
	view_freep(&o->view); /* what comes instead is no row of the command */
	o->in_row = o->collect = false;
	o->begun = false;
	o->buf.len = 0;
	o->j.depth = 0;
	o->j.comma = false;
	return true;
}

static void close_document(struct out *o)
{
	bool is_list = o->shape == OUT_ROWS || o->shape == OUT_STREAM;

	if (o->metrics && !o->raw)
		metrics_end(o->metrics, &o->buf);
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
	while (o->depth || (o->collect && view_depth(o->view) > 1))
		out_close(o);
	out_end_row(o);
	if (o->view)
		view_flush(o);
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

static struct val str_val(const char *s, size_t len)
{
	struct val v = {};

	val_set_str(&v, s, len);
	return v;
}

/* One value: as part of a row that is collected, its JSON call, or its text call. */
#define SCALAR(val, json_call, text_call)                                                          \
	do {                                                                                       \
		if (o->collect) {                                                                  \
			view_put(o, key, val);                                                     \
			return;                                                                    \
		}                                                                                  \
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
	SCALAR((struct val){}, jsonw_null(&o->j), cell_word(o, "null"));
}

void out_bool(struct out *o, const char *key, bool v)
{
	SCALAR(val_bool(v), jsonw_bool(&o->j, v), cell_word(o, v ? "true" : "false"));
}

void out_uint(struct out *o, const char *key, uint64_t v)
{
	SCALAR(val_uint(v), jsonw_uint(&o->j, v), cell_uint(o, v));
}

void out_int(struct out *o, const char *key, int64_t v)
{
	SCALAR(val_int(v), jsonw_int(&o->j, v), cell_int(o, v));
}

static void text_double(struct out *o, double v)
{
	struct jsonw w = { .to = &o->cells };

	jsonw_double(&w, v);
}

void out_double(struct out *o, const char *key, double v)
{
	SCALAR(val_double(v), jsonw_double(&o->j, v), text_double(o, v));
}

void out_strn(struct out *o, const char *key, const char *s, size_t len)
{
	SCALAR(str_val(s, len), jsonw_str(&o->j, s, len), cell_str(o, s, len));
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
	SCALAR(str_val(text, b.len), jsonw_str(&o->j, text, b.len),
	       buf_add(&o->cells, text, b.len));
}

static void text_bytes(struct buf *to, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i)
			buf_addc(to, ' ');
		buf_add_hex(to, p[i], 2);
	}
}

static struct val bytes_val(const struct out *o, const uint8_t *p, size_t len)
{
	struct val list = { .kind = V_LIST };

	if (out_is_text(o)) {
		auto_buf struct buf text = {};

		text_bytes(&text, p, len);
		return str_val(text.data, text.len);
	}
	for (size_t i = 0; i < len; i++) {
		char text[5];
		struct val item;

		snprintf(text, sizeof(text), "0x%02x", p[i]);
		item = str_val(text, 4);
		val_append(&list, &item);
	}
	return list;
}

void out_bytes(struct out *o, const char *key, const void *data, size_t len)
{
	SCALAR(bytes_val(o, data, len), jsonw_bytes(&o->j, data, len),
	       text_bytes(&o->cells, data, len));
}

static void open_seq(struct out *o, const char *key, bool is_map)
{
	if (o->collect) {
		view_open(o, key, is_map);
		return;
	}
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

	if (o->collect) {
		view_close(o);
		return;
	}
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
