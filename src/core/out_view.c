// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows chosen, ordered and cut before they are formatted. */
#include "core/out_view.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"

/* A field that was asked for, and whether any row had it. */
struct field {
	char *path, *head;
	bool down;   /* --sort: greatest first */
	bool column; /* a column itself; it may be absent from all rows */
	bool found;
};

struct fields {
	struct field *v;
	size_t n;
};

struct kept {
	struct val row, look;
	uint64_t number; /* equal rows stay in their order */
};

struct view {
	struct where *where;
	struct fields asked, sort, columns;
	uint64_t limit; /* UINT64_MAX: none */
	const struct out_col *cols;
	struct out_col *shown; /* with --columns */
	struct err error;

	/* the row that is being made */
	struct val open[OUT_MAX_DEPTH + 1];
	char *keys[OUT_MAX_DEPTH + 1];
	unsigned int depth;
	struct val row, look;

	struct kept *kept;
	size_t nr_kept, cap_kept;
	uint64_t rows, shown_rows;
};

/* ---- what was asked for ------------------------------------------------------------------- */

static void fields_free(struct fields *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].head);
	}
	free(f->v);
}

static int fields_read(struct fields *f, const char *list, bool sorting, struct err *e)
{
	while (list && *list) {
		size_t n = strcspn(list, ",");
		struct field field = { .down = sorting && *list == '-' };

		if (n <= field.down)
			return err_usage(e, "a column without name in '%s'", list);
		field.path = xstrndup(list + field.down, n - field.down);
		field.head = xstrdup(field.path);
		for (char *p = field.head; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		f->v = xreallocarray(f->v, f->n + 1, sizeof(*f->v));
		f->v[f->n++] = field;
		list += n;
		list += *list == ',';
	}
	return 0;
}

int out_set_view(struct out *o, const struct out_view *a, struct err *e)
{
	struct view *v;
	int r;

	if (!a->where && !a->sort && !a->columns && !a->limit && o->format != OUT_METRICS)
		return 0;
	o->view = v = xcalloc(1, sizeof(*v));
	v->limit = a->limit ? a->limit : UINT64_MAX;
	r = fields_read(&v->sort, a->sort, true, e);
	if (r == 0)
		r = fields_read(&v->columns, a->columns, false, e);
	if (r == 0 && a->where && !(v->where = where_parse(a->where, e)))
		r = -EINVAL;
	for (size_t i = 0; v->where && where_field(v->where, i); i++) {
		v->asked.v = xreallocarray(v->asked.v, v->asked.n + 1, sizeof(*v->asked.v));
		v->asked.v[v->asked.n++] =
			(struct field){ .path = xstrdup(where_field(v->where, i)) };
	}
	return r;
}

static void drop_row(struct view *v)
{
	while (v->depth) {
		val_drop(&v->open[--v->depth]);
		freep(&v->keys[v->depth]);
	}
	val_drop(&v->row);
	val_drop(&v->look);
}

static void drop_kept(struct view *v, size_t from)
{
	for (size_t i = from; i < v->nr_kept; i++) {
		val_drop(&v->kept[i].row);
		val_drop(&v->kept[i].look);
	}
	if (v->nr_kept > from)
		v->nr_kept = from;
}

void view_freep(struct view **vp)
{
	struct view *v = *vp;

	if (!v)
		return;
	drop_row(v);
	drop_kept(v, 0);
	free(v->kept);
	free(v->shown);
	fields_free(&v->asked);
	fields_free(&v->sort);
	fields_free(&v->columns);
	where_freep(&v->where);
	err_clear(&v->error);
	freep(vp);
}

void view_discard(struct out *o)
{
	drop_row(o->view);
	drop_kept(o->view, 0);
}

unsigned int view_depth(const struct view *v)
{
	return v->depth;
}

bool view_is_full(const struct view *v)
{
	return v->error.class || (!v->sort.n && v->shown_rows >= v->limit);
}

/* ---- columns ------------------------------------------------------------------------------ */

static const struct out_col *col_of(const struct out_col *cols, const char *path)
{
	for (; cols && cols->key; cols++) {
		size_t n = strlen(cols->key);

		if (strncmp(cols->key, path, n) == 0 && (!path[n] || strchr(".[", path[n])))
			return cols;
	}
	return NULL;
}

static void note_columns(struct fields *f, const struct out_col *cols)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct out_col *c = col_of(cols, f->v[i].path);

		f->v[i].column |= c && strcmp(c->key, f->v[i].path) == 0;
	}
}

static void check(struct view *v, struct fields *f, const struct out_col *cols)
{
	for (size_t i = 0; i < f->n && !v->error.class; i++) {
		const char *path = f->v[i].path;
		struct near near = near_to(path, strlen(path));

		if (col_of(cols, path))
			continue;
		err_usage(&v->error, "there is no column '%s'", path);
		for (const struct out_col *c = cols; c->key; c++)
			near_offer(&near, c->key);
		if (near.best)
			err_hint(&v->error, "did you mean '%s'?", near.best);
	}
}

/* The columns that were asked for, in that order; one that is no column is a field inside one. */
static const struct out_col *chosen(struct view *v, const struct out_col *cols)
{
	free(v->shown);
	v->shown = xcalloc(v->columns.n + 1, sizeof(*v->shown));
	for (size_t i = 0; i < v->columns.n; i++) {
		const struct field *f = &v->columns.v[i];
		const struct out_col *c = col_of(cols, f->path);

		if (c && strcmp(c->key, f->path) == 0)
			v->shown[i] = *c;
		else
			v->shown[i] = (struct out_col){ f->path, f->head, K_ANY, "", 0 };
		v->shown[i].flags &= ~(unsigned int)(OUT_JSON_ONLY | OUT_TEXT_ONLY | OUT_IF_ANY);
		if (!*v->shown[i].head)
			v->shown[i].head = f->head;
	}
	return v->shown;
}

const struct out_col *view_begin(struct out *o, const struct out_col *cols, enum out_shape shape)
{
	struct view *v = o->view;

	view_flush(o);
	v->cols = cols;
	if (shape == OUT_NONE || !cols)
		return cols;
	note_columns(&v->asked, cols);
	note_columns(&v->sort, cols);
	note_columns(&v->columns, cols);
	if (shape == OUT_STREAM && v->sort.n) {
		err_usage(&v->error, "what comes one after the other cannot be sorted");
	} else if (shape != OUT_STREAM) {
		check(v, &v->asked, cols);
		check(v, &v->sort, cols);
		check(v, &v->columns, cols);
	}
	return v->columns.n ? chosen(v, cols) : cols;
}

struct where *out_take_where(struct out *o)
{
	struct where *w = o->view ? take_ptr(o->view->where) : NULL;

	if (w) {
		fields_free(&o->view->asked);
		o->view->asked = (struct fields){};
	}
	return w;
}

/* ---- making a row ------------------------------------------------------------------------- */

static void open_val(struct view *v, const char *key, bool is_map)
{
	assert(v->depth <= OUT_MAX_DEPTH);
	v->keys[v->depth] = key ? xstrdup(key) : NULL;
	v->open[v->depth++] = (struct val){ .kind = is_map ? V_MAP : V_LIST };
}

void view_row(struct out *o)
{
	drop_row(o->view);
	open_val(o->view, NULL, true);
}

void view_put(struct out *o, const char *key, struct val item)
{
	struct view *v = o->view;
	struct val *around = &v->open[v->depth - 1];
	int r;

	assert(v->depth > 1 || col_of(v->cols, key));
	r = around->kind == V_MAP ? val_put(around, key ? key : "", &item)
				  : val_append(around, &item);
	if (r)
		o->error = ENOMEM;
}

void view_open(struct out *o, const char *key, bool is_map)
{
	open_val(o->view, key, is_map);
}

void view_close(struct out *o)
{
	struct view *v = o->view;
	auto_free char *key = NULL;
	struct val item;

	assert(v->depth > 1);
	v->depth--;
	key = take_ptr(v->keys[v->depth]);
	item = v->open[v->depth];
	v->open[v->depth] = (struct val){};
	view_put(o, key, item);
}

bool out_wants_look(const struct out *o)
{
	return o->collect;
}

void out_look(struct out *o, struct val *row)
{
	val_drop(&o->view->look);
	o->view->look = *row;
	*row = (struct val){};
}

/* ---- showing rows ------------------------------------------------------------------------- */

static struct scope scope_of(const struct val *row, const struct val *look)
{
	return (struct scope){ { look->kind == V_MAP ? look : row, row }, 2 };
}

static void note(struct fields *f, const struct scope *s)
{
	for (size_t i = 0; i < f->n; i++)
		f->v[i].found = f->v[i].found || scope_at(s, f->v[i].path);
}

static void show_columns(struct out *o, const struct val *row, const struct scope *s)
{
	struct view *v = o->view;

	for (size_t i = 0; i < v->columns.n; i++) {
		const char *path = v->columns.v[i].path;
		const struct val *at = val_get(row, path);

		if (!at)
			at = scope_at(s, path);
		if (at)
			out_val(o, path, at);
	}
}

static void show(struct out *o, const struct val *row, const struct val *look)
{
	struct scope s = scope_of(row, look);
	struct view *v = o->view;

	if (v->shown_rows >= v->limit)
		return;
	v->shown_rows++;
	if (o->format == OUT_METRICS) {
		metrics_row(o->metrics, o->name, v->cols, look->kind == V_MAP ? look : row);
		return;
	}
	row_begin(o);
	if (v->columns.n)
		show_columns(o, row, &s);
	else
		for (size_t i = 0; i < row->seq.n; i++)
			out_val(o, row->seq.keys[i], &row->seq.v[i]);
	row_end(o);
}

static int order(const void *a, const void *b, void *arg)
{
	const struct kept *x = a, *y = b;
	const struct fields *f = arg;

	for (size_t i = 0; i < f->n; i++) {
		struct scope sx = scope_of(&x->row, &x->look), sy = scope_of(&y->row, &y->look);
		const struct val *vx = scope_at(&sx, f->v[i].path),
				 *vy = scope_at(&sy, f->v[i].path);
		int r = val_order(vx, vy);

		/* What is not there comes last, whichever way. */
		if (r)
			return f->v[i].down && vx && vy ? -r : r;
	}
	return (x->number > y->number) - (x->number < y->number);
}

static void sort(struct view *v)
{
	if (v->nr_kept)
		qsort_r(v->kept, v->nr_kept, sizeof(*v->kept), order, &v->sort);
}

/* With a limit no more than twice as many rows are ever kept. */
static void keep(struct view *v)
{
	if (v->nr_kept == v->cap_kept) {
		v->cap_kept = v->cap_kept ? 2 * v->cap_kept : 64;
		v->kept = xreallocarray(v->kept, v->cap_kept, sizeof(*v->kept));
	}
	v->kept[v->nr_kept++] = (struct kept){ v->row, v->look, v->rows };
	v->row = v->look = (struct val){};
	if (v->nr_kept / 2 >= v->limit && v->nr_kept >= 128) {
		sort(v);
		drop_kept(v, v->limit);
	}
}

void view_end_row(struct out *o)
{
	struct view *v = o->view;
	struct scope s;

	assert(v->depth == 1);
	v->row = v->open[0];
	v->open[0] = (struct val){};
	v->depth = 0;
	v->rows++;
	s = scope_of(&v->row, &v->look);
	note(&v->asked, &s);
	note(&v->sort, &s);
	note(&v->columns, &s);
	if (v->error.class || (v->where && !where_true(v->where, &s)))
		drop_row(v);
	else if (v->sort.n)
		keep(v);
	else
		show(o, &v->row, &v->look);
	drop_row(v);
}

void view_flush(struct out *o)
{
	struct view *v = o->view;

	sort(v);
	for (size_t i = 0; i < v->nr_kept; i++)
		show(o, &v->kept[i].row, &v->kept[i].look);
	drop_kept(v, 0);
}

/* ---- how it ended ------------------------------------------------------------------------- */

static int check_found(const struct view *v, const struct fields *f, struct err *e)
{
	for (size_t i = 0; i < f->n; i++)
		if (v->rows && !f->v[i].found && !f->v[i].column)
			return err_usage(e, "no row has a field '%s'", f->v[i].path);
	return 0;
}

int out_view_check(struct out *o, struct err *e)
{
	struct view *v = o->view;
	int r;

	if (!v)
		return 0;
	out_end_row(o);
	if (v->error.class) {
		err_clear(e);
		*e = v->error;
		v->error = (struct err){};
		return -EINVAL;
	}
	r = check_found(v, &v->asked, e);
	if (r == 0)
		r = check_found(v, &v->sort, e);
	return r ? r : check_found(v, &v->columns, e);
}
