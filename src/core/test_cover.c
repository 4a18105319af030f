// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Coverage: counted by instruction, told by line. */
#include "core/test_cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/mem.h"

#define SOURCE_MAX (64u << 20)

void cover_free(struct cover *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->progs[i].name);
		free(c->progs[i].insns);
	}
	for (size_t i = 0; i < c->nr_files; i++)
		free(c->files[i]);
	free(c->progs);
	free(c->files);
	*c = (struct cover){};
}

const char *cover_file(struct cover *c, const char *name)
{
	for (size_t i = 0; i < c->nr_files; i++)
		if (strcmp(c->files[i], name) == 0)
			return c->files[i];
	c->files = xreallocarray(c->files, c->nr_files + 1, sizeof(char *));
	c->files[c->nr_files] = xstrdup(name);
	return c->files[c->nr_files++];
}

struct cover_prog *cover_prog(struct cover *c, const char *name, size_t n, bool *is_new)
{
	struct cover_prog *p;

	for (size_t i = 0; i < c->n; i++) {
		*is_new = false;
		if (strcmp(c->progs[i].name, name) == 0 && c->progs[i].n == n)
			return &c->progs[i];
	}
	c->progs = xreallocarray(c->progs, c->n + 1, sizeof(*c->progs));
	p = &c->progs[c->n++];
	*p = (struct cover_prog){ xstrdup(name), xcalloc(n, sizeof(*p->insns)), n };
	*is_new = true;
	return p;
}

/* ---- lines -------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct cover_line *x = a, *y = b;
	int r = strcmp(x->file, y->file);

	return r ? r : (x->line > y->line) - (x->line < y->line);
}

static struct cover_line line_of(const struct cover_insn *in)
{
	return (struct cover_line){
		.file = in->file,
		.line = in->line,
		.insns = 1,
		.insns_hit = in->executed > 0,
		.branches = in->branches ? 2 : 0,
		.branches_hit =
			in->branches ? (uint32_t)((in->taken > 0) + (in->executed > in->taken)) : 0,
		.executed = in->executed,
	};
}

static void add_line(struct cover_line *to, const struct cover_line *l)
{
	to->insns += l->insns;
	to->insns_hit += l->insns_hit;
	to->branches += l->branches;
	to->branches_hit += l->branches_hit;
	if (l->executed > to->executed)
		to->executed = l->executed;
}

size_t cover_lines(const struct cover *c, struct cover_line **lines)
{
	struct cover_line *v;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->progs[i].n;
	v = xcalloc(n + 1, sizeof(*v));
	n = 0;
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->progs[i].n; k++)
			if (c->progs[i].insns[k].line)
				v[n++] = line_of(&c->progs[i].insns[k]);
	qsort(v, n, sizeof(*v), by_place);
	for (size_t i = 0; i < n; i++) {
		if (kept && by_place(&v[kept - 1], &v[i]) == 0)
			add_line(&v[kept - 1], &v[i]);
		else
			v[kept++] = v[i];
	}
	*lines = v;
	return kept;
}

/* ---- the page ----------------------------------------------------------------------------- */

static void add_text(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '<' || c == '>' || c == '&' || c == '"')
			buf_addf(b, "&#%d;", c);
		else
			buf_addc(b, c < ' ' && c != '\t' ? '?' : (char)c);
	}
}

static void add_line_of_code(struct buf *b, unsigned int nr, const char *s, size_t len,
			     const struct cover_line *l)
{
	const char *class = "";

	if (l)
		class = !l->insns_hit						   ? "no"
			: l->insns_hit < l->insns || l->branches_hit < l->branches ? "part"
										   : "yes";
	buf_addf(b, "<tr class=\"%s\"><td>%u</td><td>", class, nr);
	if (l)
		buf_addf(b, "%llu", (unsigned long long)l->executed);
	buf_adds(b, "</td><td>");
	if (l && l->branches)
		buf_addf(b, "%u/%u", l->branches_hit, l->branches);
	buf_adds(b, "</td><td><pre>");
	add_text(b, s, len);
	buf_adds(b, "</pre></td></tr>\n");
}

static void add_source(struct buf *b, const char *file, const struct cover_line *lines, size_t n)
{
	auto_buf struct buf text = {};
	struct err ignored = {};
	const char *s, *end;
	unsigned int nr = 0;

	buf_adds(b, "<h2>");
	add_text(b, file, strlen(file));
	buf_adds(b,
		 "</h2>\n<table>\n<tr><th>line</th><th>runs</th><th>branches</th><th></th></tr>\n");
	if (file_read(file, SOURCE_MAX, &text, &ignored) < 0) {
		err_clear(&ignored);
		for (size_t i = 0; i < n; i++)
			add_line_of_code(b, lines[i].line, "", 0, &lines[i]);
	}
	for (s = buf_str(&text); *s; s = *end ? end + 1 : end) {
		const struct cover_line *l = NULL;

		end = s + strcspn(s, "\n");
		nr++;
		for (size_t i = 0; i < n && !l; i++)
			l = lines[i].line == nr ? &lines[i] : NULL;
		add_line_of_code(b, nr, s, (size_t)(end - s), l);
	}
	buf_adds(b, "</table>\n");
}

int cover_html(const struct cover *c, const char *path, struct err *e)
{
	static const char head[] =
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<title>coverage</title>\n<style>\n"
		"body { font-family: sans-serif; margin: 2em }\n"
		"table { border-collapse: collapse }\n"
		"td, th { padding: 0 .6em; text-align: right; font-size: small }\n"
		"td:last-child { text-align: left }\n"
		"pre { margin: 0; tab-size: 8 }\n"
		".yes { background: #dfd } .part { background: #ffd } .no { background: #fdd }\n"
		"</style></head><body>\n<h1>Coverage</h1>\n";
	auto_free struct cover_line *lines = NULL;
	size_t n = cover_lines(c, &lines);
	auto_buf struct buf b = {};

	buf_adds(&b, head);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && lines[end].file == lines[i].file;)
			end++;
		add_source(&b, lines[i].file, lines + i, end - i);
	}
	buf_adds(&b, "</body></html>\n");
	if (buf_error(&b))
		return err_code(e, ENOMEM, "no memory for the page");
	return file_write(path, b.data, b.len, e);
}
