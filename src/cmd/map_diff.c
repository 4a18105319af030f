// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map diff. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmds.h"
#include "cmd/entry.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/json.h"
#include "core/jsonw.h"
#include "core/map_image.h"
#include "core/mem.h"
#include "core/probe.h"

struct diff_args {
	struct words a, b;
	struct spec_args spec;
};

/* An entry as JSON: the same key has the same text on both sides. */
struct pair {
	char *key, *value;
};

struct side {
	struct words words;
	const char *file; /* NULL: a map */
	struct buf text;
	struct image_head head;
	struct entries x;
	bool has_map; /* x is open, or made up from the head of a compact file */
	struct pair *v;
	size_t n, cap;
};

static void side_free(struct side *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].key);
		free(s->v[i].value);
	}
	free(s->v);
	buf_free(&s->text);
	entries_close(&s->x);
}
#define auto_side __attribute__((cleanup(side_free)))

/* ---- reading a side ----------------------------------------------------------------------- */

/* `file PATH`, `-`, or a word that is a file and no pin. */
static const char *file_of(struct words w)
{
	struct stat st;

	if (w.n == 2)
		return strcmp(w.v[0], "file") == 0 ? w.v[1] : NULL;
	if (strcmp(w.v[0], "-") == 0)
		return w.v[0];
	if (probe_is_bpffs(w.v[0]))
		return NULL;
	return stat(w.v[0], &st) == 0 && !S_ISDIR(st.st_mode) ? w.v[0] : NULL;
}

static int side_open(struct side *s, struct words words, const struct spec_args *spec,
		     struct err *e)
{
	int r;

	s->x = (struct entries)ENTRIES_INIT;
	s->words = words;
	s->file = file_of(words);
	if (!s->file) {
		r = entries_open(&s->x, words, spec, e);
		s->has_map = r == 0;
		return r;
	}
	r = file_read(s->file, FILE_MAX, &s->text, e);
	if (r == 0)
		r = map_image_head(s->text.data ?: "", s->text.len, s->file, &s->head, e);
	if (r || !s->head.compact)
		return r;
	/* What the bytes mean is known as far as the sizes tell, or a spec. */
	s->x.map.info = (struct map_info){ .type = s->head.type,
					   .key_size = s->head.key_size,
					   .value_size = s->head.value_size,
					   .max_entries = s->head.max_entries };
	map_lay_out(&s->x.map, s->head.cpus);
	r = map_codec_open(&s->x.typed, &s->x.map, spec->key_spec, spec->value_spec, CODEC_TYPED,
			   e);
	s->has_map = r == 0;
	return r;
}

static char *text_of(const struct val *v)
{
	auto_buf struct buf text = {};
	struct jsonw w = { .to = &text };

	jsonw_val(&w, v);
	buf_str(&text);
	return buf_take(&text);
}

static void add(struct side *s, const struct val *row, bool numbered)
{
	const struct val *key = val_get(row, "key"), *value = val_get(row, "value");
	struct val none = {};

	if (!key)
		key = val_get(row, "key_hex");
	if (!value)
		value = val_get(row, "values");
	if (!value)
		value = val_get(row, "value_hex");
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	/* Without keys the place is the key. */
	s->v[s->n].key = numbered || !key ? xasprintf("%zu", s->n) : text_of(key);
	s->v[s->n].value = text_of(value ? value : &none);
	s->n++;
}

static int read_image(struct side *s, const struct map_image *image, const struct entries *x)
{
	for (size_t i = 0; i < image->n; i++) {
		auto_val struct val row =
			entry_val(x, map_image_key(image, i), map_image_value(image, i));

		add(s, &row, !x->typed.key);
	}
	return 0;
}

static int read_lines(struct side *s, struct err *e)
{
	struct image_lines l = { .text = s->text.data,
				 .end = s->text.data + s->text.len,
				 .path = s->file };
	auto_val struct val v = {};
	int r;

	while ((r = image_next(&l, &v, e)) > 0)
		add(s, &v, false);
	return r;
}

/* x: the map by which a file's bytes are understood. */
static int side_read(struct side *s, const struct entries *x, struct ctx *ctx, struct err *e)
{
	auto_map_image struct map_image image = {};
	bool changed = false;
	char label[64];
	int r;

	if (!s->file) {
		r = map_image_read(&image, &s->x.map, false, &changed, e);
		if (changed)
			warn(ctx, "%s was changed while it was read",
			     map_label(&s->x.map.info, label));
		return r ? r : read_image(s, &image, x);
	}
	if (!x)
		return s->text.len ? read_lines(s, e) : 0;
	r = map_image_parse(&image, &x->typed, s->text.data ?: "", s->text.len, s->file, e);
	return r ? r : read_image(s, &image, x);
}

/* ---- comparing ---------------------------------------------------------------------------- */

static const struct out_col diff_cols[] = {
	{ "change", "CHANGE", K_STR, "added, removed or changed", 0 },
	{ "key", "KEY", K_ANY, "the key", 0 },
	{ "old", "OLD", K_ANY, "value on the first side", 0 },
	{ "new", "NEW", K_ANY, "value on the second side", 0 },
	OUT_END,
};

static int by_key(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	size_t n = strlen(x->key), m = strlen(y->key);

	/* Shorter first: numbers are in their order. */
	return n != m ? (n > m) - (n < m) : strcmp(x->key, y->key);
}

static void put_text(struct out *out, const char *key, const char *text)
{
	auto_val struct val v = {};
	struct err ignored = {};

	if (json_parse(text, strlen(text), "entry", &v, &ignored) == 0)
		out_val(out, key, &v);
	err_clear(&ignored);
}

static void put_change(struct out *out, const char *change, const char *key, const char *old,
		       const char *new)
{
	out_row(out);
	out_str(out, "change", change);
	put_text(out, "key", key);
	if (old)
		put_text(out, "old", old);
	if (new)
		put_text(out, "new", new);
}

static size_t compare(struct out *out, const struct side *a, const struct side *b)
{
	size_t i = 0, k = 0, changes = 0;

	while (i < a->n || k < b->n) {
		int order = i == a->n ? 1 : k == b->n ? -1 : by_key(&a->v[i], &b->v[k]);

		if (order < 0) {
			put_change(out, "removed", a->v[i].key, a->v[i].value, NULL);
			i++;
		} else if (order > 0) {
			put_change(out, "added", b->v[k].key, NULL, b->v[k].value);
			k++;
		} else if (strcmp(a->v[i].value, b->v[k].value) != 0) {
			put_change(out, "changed", a->v[i].key, a->v[i].value, b->v[k].value);
			i++, k++;
		} else {
			i++, k++;
			continue;
		}
		changes++;
	}
	return changes;
}

static void sort(struct side *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_key);
}

static int check_same_sizes(const struct side *a, const struct side *b, struct err *e)
{
	const struct map_info *x = &a->x.map.info, *y = &b->x.map.info;

	if (!a->has_map || !b->has_map)
		return 0;
	if (x->key_size != y->key_size || x->value_size != y->value_size ||
	    a->x.map.cpus != b->x.map.cpus)
		return err_input(e,
				 "they cannot be compared: keys have %u and %u bytes, values %u "
				 "and %u, of %u and %u CPUs",
				 x->key_size, y->key_size, x->value_size, y->value_size,
				 a->x.map.cpus, b->x.map.cpus);
	return 0;
}

static bool has_btf(const struct side *s)
{
	return s->has_map && (s->x.typed.btf_key || s->x.typed.btf_value);
}

/* By whose types the bytes of both sides are understood: one for both, or texts would differ. */
static const struct entries *common_types(const struct side *a, const struct side *b)
{
	if (a->has_map && (!b->has_map || has_btf(a) || !has_btf(b)))
		return &a->x;
	return b->has_map ? &b->x : NULL;
}

static int diff_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct diff_args *d = args;
	auto_side struct side a = {}, b = {};
	int r;

	a.x = b.x = (struct entries)ENTRIES_INIT;
	r = side_open(&a, d->a, &d->spec, e);
	if (r == 0)
		r = side_open(&b, d->b, &d->spec, e);
	if (r == 0)
		r = check_same_sizes(&a, &b, e);
	if (r == 0)
		r = side_read(&a, common_types(&a, &b), ctx, e);
	if (r == 0)
		r = side_read(&b, common_types(&a, &b), ctx, e);
	if (r)
		return r;
	sort(&a);
	sort(&b);
	out_begin(ctx->out, diff_cols, OUT_ROWS);
	ctx->status = compare(ctx->out, &a, &b) ? ERR_FAILED : 0;
	return 0;
}

static const struct opt diff_opts[] = {
	OPERAND(struct diff_args, a, OPT_MAP, "A", "a map, or a file that `map save` wrote",
		.flags = OPT_REQUIRED),
	OPERAND(struct diff_args, b, OPT_MAP, "B", "another one", .flags = OPT_REQUIRED),
	SPEC_OPTIONS(struct diff_args, spec),
	OPT_END,
};

const struct cmd cmd_map_diff = {
	.name = "diff",
	.brief = "compare two maps, two files, or a map and a file",
	.doc = "Entries that B has more or less than A, and those with another value. The status is 0 "
	       "if there are none, else 1. A word that is a file is taken for one; `file PATH` and "
	       "`pinned PATH` leave no doubt.",
	.opts = diff_opts,
	.cols = diff_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct diff_args),
	.run = diff_run,
};
