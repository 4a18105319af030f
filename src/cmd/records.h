// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records of ring buffers as rows: a column per field of their types. */
#pragma once

#include "cmd/stream.h"
#include "core/event.h"
#include "core/map.h"

/* A map that is read, and what its records are. */
struct record_source {
	struct map map;
	struct event_types types;
	struct record_fields *fields; /* per type */
};

struct records {
	struct event_reader *reader;
	struct record_source *v;
	size_t n, cap;
	struct out_col *cols; /* made by records_begin(), */
	struct out *out;      /* for this one */
	bool named;	      /* several types: a column tells which */
	uint64_t shown, lost;
};
void records_free(struct records *r);
#define auto_records __attribute__((cleanup(records_free))) /* struct records r = {} */

/* Adds a map and its types; takes both, and leaves them empty. */
int records_add(struct records *r, struct map *m, struct event_types *types, struct err *e);

/* Makes the columns and begins the output. */
void records_begin(struct records *r, struct out *out);
/* Shows what is there and what comes, until `until` or count rows (0: no limit). */
int records_follow(struct records *r, struct ctx *ctx, struct until *until, uint64_t count,
		   struct err *e);
/* Shows what is there now. */
void records_drain(struct records *r, struct out *out, uint64_t count);
/* "12 records, none lost, 3.1 s" to standard error. */
void records_summary(const struct records *r, const struct ctx *ctx, struct until *until);
