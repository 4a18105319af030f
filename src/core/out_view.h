// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What stands between the rows of a command and their format: --where, --sort, --columns and
 * --limit.  A row then becomes a tree of values first; without a view nothing of this costs
 * anything.
 */
#pragma once

#include "core/out_priv.h"
#include "core/val.h"
#include "core/where.h"

/* One more out_begin(): what is kept of the last goes out; the columns to show now. */
const struct out_col *view_begin(struct out *o, const struct out_col *cols, enum out_shape shape);
void view_row(struct out *o);
/* Takes v. */
void view_put(struct out *o, const char *key, struct val v);
void view_open(struct out *o, const char *key, bool is_map);
void view_close(struct out *o);
/* The row is complete: shown, kept for sorting, or dropped. */
void view_end_row(struct out *o);
/* Sorted rows go out. */
void view_flush(struct out *o);
void view_discard(struct out *o);
void view_freep(struct view **v);
unsigned int view_depth(const struct view *v);
/* Nothing more will be shown: the limit is reached, or the view was wrong. */
bool view_is_full(const struct view *v);

/* One row to samples, and all of them to text at the end. */
struct metrics;
struct metrics *metrics_new(void);
void metrics_freep(struct metrics **m);
void metrics_row(struct metrics *m, const char *name, const struct out_col *cols,
		 const struct val *row);
void metrics_end(struct metrics *m, struct buf *to);
