// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows to table, plain, JSON, JSON lines or CSV: the only place that writes to standard output.
 *
 * A command declares its columns, says out_begin() and then, per row, out_row() and one typed
 * call per column that applies.  A column left out is absent: "-" in a table, no key in JSON.
 * Only the current row is held (a table keeps up to OUT_LEARN rows to learn its widths).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct out;
struct val;
struct where;

enum out_format { OUT_TABLE, OUT_PLAIN, OUT_JSON, OUT_JSONL, OUT_CSV, OUT_METRICS };

/* What people see; JSON and plain always get the raw number. */
enum out_kind {
	K_STR,
	K_UINT,
	K_INT,
	K_BOOL,
	K_HEX,	 /* 0x2a */
	K_BYTES, /* 88.0KiB */
	K_NS,	 /* 1.2ms */
	K_TIME,	 /* seconds since 1970: 2026-11-21 10:02:03 */
	K_LIST,
	K_MAP,
	K_ANY,	/* decided by the call */
	K_LINE, /* free text: a table of such rows prints bare lines */
};

enum {
	OUT_JSON_ONLY = 1, /* not in table, plain, csv: said by other columns there */
	OUT_TEXT_ONLY = 2, /* not in JSON */
	OUT_IF_ANY = 4,	   /* in a table only if some row has it */
	OUT_LABEL = 8,	   /* openmetrics: it names the row, even if it is a number */
	OUT_BARE = 16,	   /* openmetrics: the column's own name is no part of names */
};

struct out_col {
	const char *key;  /* JSON key, and the name for --columns */
	const char *head; /* table heading */
	enum out_kind kind;
	const char *help; /* for the manual and the schema */
	unsigned int flags;
};
#define OUT_END                                                                                    \
	{                                                                                          \
		NULL, NULL, K_STR, NULL, 0                                                         \
	}

/* Shape of the whole output; does not depend on the number of rows. */
enum out_shape {
	OUT_NONE,   /* done, nothing to say: JSON null */
	OUT_ONE,    /* one object; a table prints it as "head: value" lines */
	OUT_ROWS,   /* a list */
	OUT_STREAM, /* a list without end: flushed by out_flush() */
};

#define OUT_LEARN 1000

struct out *out_new(int fd, enum out_format format, bool pretty); /* fd is borrowed */
void out_freep(struct out **o);

/* Which rows are shown, in which order, and what of them; NULL and 0: all. */
struct out_view {
	const char *where;   /* a condition, see where.h */
	const char *sort;    /* fields, `-` in front: greatest first */
	const char *columns; /* fields */
	uint64_t limit;
};
/* Before out_begin(); the error is class usage. */
int out_set_view(struct out *o, const struct out_view *v, struct err *e);
/* After the rows: whether the view fitted them. */
int out_view_check(struct out *o, struct err *e);
/*
 * For rows whose JSON is not what people have in mind (bytes): between out_row() and the next,
 * fields are looked for in the map `row`, which is taken.  Only when out_wants_look() says so.
 */
bool out_wants_look(const struct out *o);
void out_look(struct out *o, struct val *row);
/* The condition, for a command that asks it of something else than its rows; or NULL. */
struct where *out_take_where(struct out *o);
/* Memory that the columns are made of, freed with the output. */
void out_own(struct out *o, void *p);
/* OpenMetrics: what the names of samples begin with. */
void out_set_name(struct out *o, const char *name);
#define auto_out __attribute__((cleanup(out_freep)))

enum out_format out_format(const struct out *o);
/* For commands whose columns depend on the format: JSON and JSON lines differ from text. */
bool out_is_text(const struct out *o);

/*
 * cols must live until out_end().  Called again with the same shape it changes the columns; cols
 * NULL lets go of those so far, and what was held back of their rows goes out.
 */
void out_begin(struct out *o, const struct out_col *cols, enum out_shape shape);
bool out_begun(const struct out *o);
void out_row(struct out *o);
/*
 * A whole row of unsigned columns, whose names are plain words.  The same as out_row() and n
 * times out_uint(), at half the price where there is nothing to decide.
 */
void out_row_uints(struct out *o, const char *const *keys, const uint64_t *v, size_t n);

/* At the top of a row key names a column; below, it is free in a map and NULL in a list. */
void out_null(struct out *o, const char *key);
void out_bool(struct out *o, const char *key, bool v);
void out_uint(struct out *o, const char *key, uint64_t v);
void out_int(struct out *o, const char *key, int64_t v);
void out_double(struct out *o, const char *key, double v);
void out_str(struct out *o, const char *key, const char *s);
void out_strn(struct out *o, const char *key, const char *s, size_t len);
__attribute__((format(printf, 3, 4))) void out_fmt(struct out *o, const char *key, const char *fmt,
						   ...);
void out_hex(struct out *o, const char *key, uint64_t v); /* a string "0x2a" in JSON too */
/* Bytes as bpftool shows them: a list of "0x0a" strings in JSON, "0a 0b" in text. */
void out_bytes(struct out *o, const char *key, const void *data, size_t len);
void out_val(struct out *o, const char *key, const struct val *v);
void out_list(struct out *o, const char *key);
void out_map(struct out *o, const char *key);
void out_close(struct out *o); /* the innermost list or map */

/*
 * Text of many lines as one row each, in a column of kind K_LINE that is the only one to be shown.
 * The same as out_row() and out_strn() per line, without their price.
 */
void out_lines(struct out *o, const char *key, const char *text, size_t len);

/* Bytes instead of any rows, whatever the format: an object file on standard output. */
void out_raw(struct out *o, const void *data, size_t len);

/* Streams: what is complete goes out now. */
void out_flush(struct out *o);

/*
 * Closes what is open and writes everything.  Returns 0, or the first error of any write (a full
 * disk, a closed pipe: class failed, code EPIPE).  With shape OUT_NONE JSON gets `null`.
 */
int out_end(struct out *o, struct err *e);
/*
 * Forgets what was begun, if no row was and nothing has been written: the way to an error object
 * instead of an empty list.  Returns false if it is too late for that.
 */
bool out_discard(struct out *o);

/*
 * A stream's reason to stop: the first write error so far as a positive errno, or ECANCELED when
 * nothing that comes would be shown.
 */
int out_error(const struct out *o);
