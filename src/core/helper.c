// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of helpers, with what a file adds. */
#include "core/helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/near.h"
#include "uapi/names.h"

void helpers_free(struct helpers *h)
{
	free(h->v);
	val_drop(&h->file);
	*h = (struct helpers){};
}

unsigned int kernel_version(const char *text)
{
	char *end;
	unsigned long major = strtoul(text, &end, 10), minor;

	if (end == text || *end != '.' || major > 1000)
		return 0;
	text = end + 1;
	minor = strtoul(text, &end, 10);
	if (end == text || (*end && !strchr(".-+", *end)) || minor > 999)
		return 0;
	return (unsigned int)(major * 1000 + minor);
}

int prog_type_find(const char *name, struct err *e)
{
	struct near near = near_to(name, strlen(name));
	int type = uapi_prog_type(name);

	if (type >= 0)
		return type;
	for (size_t i = 0; i < uapi_nr_prog_types; i++)
		near_offer(&near, uapi_prog_types[i].name);
	err_usage(e, "unknown program type '%s'", name);
	if (near.best)
		err_hint(e, "did you mean '%.*s'?", (int)near.best_len, near.best);
	return -1;
}

/* ---- rows of a file ----------------------------------------------------------------------- */

static const char *text_of(const struct val *row, const char *key)
{
	const struct val *v = val_get(row, key);

	return v && v->kind == V_STR ? v->str.s : "";
}

static bool bool_of(const struct val *row, const char *key)
{
	const struct val *v = val_get(row, key);

	return v && v->kind == V_BOOL && v->b;
}

static int types_of(const struct val *row, uint64_t *types, struct err *e)
{
	const struct val *list = val_get(row, "prog_types");

	*types = 0;
	for (size_t i = 0; list && list->kind == V_LIST && i < list->seq.n; i++) {
		const struct val *v = &list->seq.v[i];
		int type = v->kind == V_STR ? prog_type_find(v->str.s, e) : -1;

		if (type < 0)
			return v->kind == V_STR ? -EINVAL
						: err_input(e, "prog_types is a list of names");
		*types |= 1ull << type;
	}
	return 0;
}

static int read_row(const struct val *row, struct helper *h, const char *path, struct err *e)
{
	const struct val *id = val_get(row, "id");

	if (!id || id->kind != V_UINT || id->u > UINT32_MAX || !*text_of(row, "name"))
		return err_input(e, "%s: a helper needs an id and a name", path);
	*h = (struct helper){
		.id = (uint32_t)id->u,
		.name = text_of(row, "name"),
		.returns = text_of(row, "returns"),
		.args = text_of(row, "args"),
		.since = text_of(row, "since"),
		.category = text_of(row, "category"),
		.help = text_of(row, "help"),
		.limits = text_of(row, "limits"),
		.gpl = bool_of(row, "gpl_only"),
		.sleepable = bool_of(row, "sleepable_only"),
		.custom = true,
	};
	return types_of(row, &h->prog_types, e);
}

static void add_row(struct helpers *h, const struct helper *row)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].id == row->id) {
			h->v[i] = *row;
			return;
		}
	h->v = xreallocarray(h->v, h->n + 1, sizeof(*h->v));
	h->v[h->n++] = *row;
}

static int read_file(struct helpers *h, const char *path, struct err *e)
{
	auto_buf struct buf text = {};
	struct helper row = { 0 };
	int r = file_read(path, FILE_MAX, &text, e);

	if (r >= 0)
		r = json_parse(buf_str(&text), text.len, path, &h->file, e);
	if (r < 0)
		return r;
	if (h->file.kind != V_LIST)
		return err_input(e, "%s: expected a list of helpers", path);
	for (size_t i = 0; i < h->file.seq.n && r >= 0; i++) {
		r = read_row(&h->file.seq.v[i], &row, path, e);
		if (r >= 0)
			add_row(h, &row);
	}
	return r;
}

/* ---- all of them -------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct helper *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int helpers_load(struct helpers *h, const char *path, struct err *e)
{
	int r;

	*h = (struct helpers){ .n = uapi_nr_helpers };
	h->v = xcalloc(h->n, sizeof(*h->v));
	for (size_t i = 0; i < h->n; i++) {
		const struct uapi_helper *u = &uapi_helpers[i];

		h->v[i] = (struct helper){
			.id = u->id,
			.name = u->name,
			.returns = u->returns,
			.args = u->args,
			.since = u->since,
			.category = u->category,
			.help = u->help,
			.limits = uapi_helper_uses[i].limits,
			.gpl = u->flags & HELPER_GPL,
			.sleepable = u->flags & HELPER_SLEEPABLE,
			.prog_types = uapi_helper_uses[i].prog_types,
		};
	}
	r = path ? read_file(h, path, e) : 0;
	qsort(h->v, h->n, sizeof(*h->v), by_id);
	return r;
}

static bool is_named(const struct helper *h, const char *word)
{
	return strcmp(h->name, word) == 0 ||
	       (strncmp(h->name, "bpf_", 4) == 0 && strcmp(h->name + 4, word) == 0);
}

const struct helper *helpers_find(const struct helpers *h, const char *word, struct err *e)
{
	struct near near = near_to(word, strlen(word));
	char *end;
	unsigned long id = strtoul(word, &end, 10);

	for (size_t i = 0; i < h->n; i++) {
		if (is_named(&h->v[i], word) || (*word && !*end && h->v[i].id == id))
			return &h->v[i];
		near_offer(&near, h->v[i].name);
		near_offer(&near, h->v[i].name + (strncmp(h->v[i].name, "bpf_", 4) == 0 ? 4 : 0));
	}
	err_absent(e, "there is no helper '%s'", word);
	if (near.best)
		err_hint(e, "did you mean '%.*s'?", (int)near.best_len, near.best);
	return NULL;
}
