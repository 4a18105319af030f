// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows as OpenMetrics text: columns that name a row are labels, numbers are samples. */
#include <ctype.h>
#include <string.h>

#include "core/jsonw.h"
#include "core/mem.h"
#include "core/out_view.h"

/* All samples of one name; they have to stand together. */
struct family {
	char *name;
	struct buf text;
};

struct metrics {
	struct family *v;
	size_t n, cap;
	size_t hint; /* the family that the next sample probably belongs to */
};

struct metrics *metrics_new(void)
{
	return xcalloc(1, sizeof(struct metrics));
}

void metrics_freep(struct metrics **mp)
{
	struct metrics *m = *mp;

	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].name);
		buf_free(&m->v[i].text);
	}
	free(m->v);
	freep(mp);
}

static struct family *family(struct metrics *m, const char *name)
{
	for (size_t k = 0; k < m->n; k++) {
		size_t i = (m->hint + k) % m->n;

		if (strcmp(m->v[i].name, name) == 0) {
			m->hint = i + 1 == m->n ? 0 : i + 1;
			return &m->v[i];
		}
	}
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 8;
		m->v = xreallocarray(m->v, m->cap, sizeof(*m->v));
	}
	m->v[m->n] = (struct family){ .name = xstrdup(name) };
	return &m->v[m->n++];
}

/* Letters, digits and underscores, no digit in front; "a.b" becomes "a_b". */
static void add_name(struct buf *to, const char *s)
{
	if (isdigit((unsigned char)*s) && !to->len)
		buf_addc(to, '_');
	for (; *s; s++)
		buf_addc(to, isalnum((unsigned char)*s) ? *s : '_');
}

static void add_escaped(struct buf *to, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n')
			buf_adds(to, "\\n");
		else if (c == '"' || c == '\\')
			buf_addf(to, "\\%c", c);
		else
			buf_addc(to, c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
}

static bool is_number(const struct val *v)
{
	return v->kind == V_UINT || v->kind == V_INT || v->kind == V_DOUBLE || v->kind == V_BOOL;
}

static void add_number(struct buf *to, const struct val *v)
{
	struct jsonw w = { .to = to };

	if (v->kind == V_BOOL)
		buf_adds(to, v->b ? "1" : "0");
	else
		jsonw_val(&w, v);
}

static void add_label(struct buf *to, const char *name, const struct val *v)
{
	if (to->len)
		buf_addc(to, ',');
	{
		auto_buf struct buf label = {};

		add_name(&label, name);
		buf_add(to, label.data, label.len);
	}
	buf_adds(to, "=\"");
	if (v->kind == V_STR)
		add_escaped(to, v->str.s, v->str.len);
	else
		add_number(to, v);
	buf_addc(to, '"');
}

static char *below(const char *name, const char *key)
{
	return *name ? xasprintf("%s_%s", name, key) : xstrdup(key);
}

/* Labels: everything in a column that names the row, and texts elsewhere; not what is in lists. */
static void labels(struct buf *to, const char *name, const char *alone, const struct val *v,
		   bool numbers)
{
	if (v->kind == V_STR || (numbers && is_number(v)))
		add_label(to, *name ? name : alone, v);
	if (v->kind == V_LIST && numbers) {
		for (size_t i = 0; i < v->seq.n; i++) {
			auto_free char *inner = xasprintf("%s_%zu", *name ? name : alone, i);

			labels(to, inner, alone, &v->seq.v[i], true);
		}
	}
	for (size_t i = 0; v->kind == V_MAP && i < v->seq.n; i++) {
		auto_free char *inner = below(name, v->seq.keys[i]);

		labels(to, inner, alone, &v->seq.v[i], numbers);
	}
}

static void sample(struct metrics *m, const char *name, const char *text, const struct val *v)
{
	auto_buf struct buf clean = {};
	struct family *f;

	add_name(&clean, name);
	f = family(m, buf_str(&clean));
	buf_adds(&f->text, f->name);
	if (*text)
		buf_addf(&f->text, "{%s}", text);
	buf_addc(&f->text, ' ');
	add_number(&f->text, v);
	buf_addc(&f->text, '\n');
}

static void samples(struct metrics *m, const char *name, const char *text, const char *index,
		    const struct val *v)
{
	if (is_number(v))
		sample(m, name, text, v);
	for (size_t i = 0; v->kind == V_LIST && i < v->seq.n; i++) {
		auto_free char *inner =
			xasprintf("%s%s%s=\"%zu\"", text, *text ? "," : "", index, i);

		samples(m, name, inner, "index", &v->seq.v[i]);
	}
	for (size_t i = 0; v->kind == V_MAP && i < v->seq.n; i++) {
		auto_free char *inner = below(name, v->seq.keys[i]);

		samples(m, inner, text, index, &v->seq.v[i]);
	}
}

static bool names_row(const struct out_col *c)
{
	return c->kind == K_STR || (c->flags & OUT_LABEL) || strcmp(c->key, "id") == 0;
}

void metrics_row(struct metrics *m, const char *name, const struct out_col *cols,
		 const struct val *row)
{
	auto_buf struct buf text = {};
	const struct val *v;

	for (const struct out_col *c = cols; c->key; c++)
		if ((v = val_get(row, c->key)))
			labels(&text, c->flags & OUT_BARE ? "" : c->key, c->key, v, names_row(c));
	for (const struct out_col *c = cols; c->key; c++) {
		auto_free char *full = c->flags & OUT_BARE ? xstrdup(name) : below(name, c->key);

		if ((v = val_get(row, c->key)) && !names_row(c))
			samples(m, full, buf_str(&text), "cpu", v);
	}
}

void metrics_end(struct metrics *m, struct buf *to)
{
	for (size_t i = 0; i < m->n; i++) {
		buf_addf(to, "# TYPE %s gauge\n", m->v[i].name);
		buf_add(to, m->v[i].text.data, m->v[i].text.len);
	}
	buf_adds(to, "# EOF\n");
}
