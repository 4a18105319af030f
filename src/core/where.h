// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Conditions over values: `pid > 1000 && comm == "sshd"`, `not (key.port < 1024 or frozen)`.
 *
 * Left of a comparison stands a field, right of it a number, a word, a "text" or @field.  The
 * comparisons are == != < <= > >= and ~ (a glob) and !~; a field alone is true when it is there
 * and neither 0 nor false nor empty.  Of a list any element may fulfil it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct val;

struct where;

/* NULL with *e, class usage. */
struct where *where_parse(const char *text, struct err *e);
void where_freep(struct where **w);
#define auto_where __attribute__((cleanup(where_freep)))

/* Where a field is looked for: in each of n values, the first that has it. */
struct scope {
	const struct val *v[2];
	size_t n;
};

bool where_true(const struct where *w, const struct scope *s);
/* The fields it names, in order; NULL: there are no more. */
const char *where_field(const struct where *w, size_t i);

/* "key.addr", "values[0].n": NULL if v has no such field. */
const struct val *val_at(const struct val *v, const char *path);
const struct val *scope_at(const struct scope *s, const char *path);

/*
 * The order of --sort: numbers, then addresses, then texts, then the rest, then what is not there
 * (NULL).  A text that is a number counts as one.
 */
int val_order(const struct val *a, const struct val *b);
