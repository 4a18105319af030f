// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What out.c and out_text.c share: the state of an output, and the making of text cells. */
#pragma once

#include "core/buf.h"
#include "core/jsonw.h"
#include "core/out.h"

#define OUT_MAX_DEPTH 128

/* Text of one column of a row, in out.cells or in a learned row. */
struct cell {
	uint32_t off, len;
	bool set; /* absent otherwise */
};

struct out {
	int fd;
	enum out_format format;
	enum out_shape shape;
	bool begun, in_row, written;
	bool raw;  /* bytes took the place of rows */
	int error; /* first failure to write, positive errno */
	struct buf buf;
	struct jsonw j;
	size_t rows;

	const struct out_col *cols;
	size_t nr_cols;
	size_t hint; /* the column that the next call probably names */
	const struct out_col *col;
	unsigned int depth;  /* open lists and maps in the row */
	unsigned int hidden; /* how many of them are not shown, the outermost first */
	bool is_map[OUT_MAX_DEPTH];

	/* text formats: the cells of the current row */
	struct buf cells;
	struct cell *row;
	bool first; /* nothing stands yet in the innermost list or map */

	/* tables: rows held back until the widths are known */
	struct buf held;
	struct cell *held_cells;
	size_t nr_held, cap_held;
	unsigned int *widths; /* NULL: not known yet */

	struct view *view;	 /* NULL: all rows as they come */
	struct metrics *metrics; /* OUT_METRICS */
	char *name;
	void **owned;
	size_t nr_owned;
	bool collect; /* the row goes to the view */
};

void write_if_full(struct out *o);
void row_begin(struct out *o);
void row_end(struct out *o);
void out_end_row(struct out *o);

void cell_begin(struct out *o);
void cell_end(struct out *o);
void cell_word(struct out *o, const char *word);
void cell_uint(struct out *o, uint64_t v);
void cell_int(struct out *o, int64_t v);
void cell_str(struct out *o, const char *s, size_t len);
void nested_begin(struct out *o, const char *key);
void nested_open(struct out *o, bool is_map);
void nested_close(struct out *o, bool is_map);

void table_begin(struct out *o);
void table_row(struct out *o);
void table_flush(struct out *o);
void table_drop(struct out *o);
