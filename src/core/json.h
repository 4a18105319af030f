// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * JSON: text to values (jansson reads), and a writer of our own: 64-bit integers stay exact, and
 * what it writes is valid UTF-8 whatever bytes it is given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct val;

/*
 * One JSON document into *v, which the caller drops.  Integers up to 2^64-1 and down to -2^63 are
 * exact; other numbers become V_DOUBLE.  Errors carry `name`, line and column; class input.
 */
int json_parse(const char *text, size_t len, const char *name, struct val *v, struct err *e);

/* A writer over a buffer.  Commas, indentation and quoting are its business. */
struct json {
	struct buf *to;
	bool pretty;	    /* indented by two; otherwise no space at all */
	unsigned int depth; /* open lists and maps; at most JSON_MAX_DEPTH */
	bool comma;	    /* something stands before, at this level */
	bool keyed;	    /* a key was just written */
};
#define JSON_MAX_DEPTH 200

void json_list(struct json *j);
void json_map(struct json *j);
void json_close(struct json *j, char bracket); /* ']' or '}' */
void json_key(struct json *j, const char *key);
void json_null(struct json *j);
void json_bool(struct json *j, bool v);
void json_uint(struct json *j, uint64_t v);
void json_int(struct json *j, int64_t v);
void json_double(struct json *j, double v); /* shortest exact form; NaN and infinities: null */
void json_str(struct json *j, const char *s, size_t len); /* bad UTF-8 becomes U+FFFD */
void json_val(struct json *j, const struct val *v);
