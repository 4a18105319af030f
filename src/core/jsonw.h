// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Writing JSON: 64-bit integers stay exact, and the text is valid UTF-8 whatever bytes are given.
 * (jansson's integers are signed, and its strings refuse a comm with a stray byte in it.)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct val;

/* A writer over a buffer.  Commas, indentation and quoting are its business. */
struct jsonw {
	struct buf *to;
	bool pretty;	    /* indented by two; otherwise no space at all */
	unsigned int depth; /* open lists and maps */
	bool comma;	    /* something stands before, at this level */
	bool keyed;	    /* a key was just written */
};

void jsonw_list(struct jsonw *j);
void jsonw_map(struct jsonw *j);
void jsonw_close(struct jsonw *j, char bracket); /* ']' or '}' */
void jsonw_key(struct jsonw *j, const char *key);
void jsonw_null(struct jsonw *j);
void jsonw_bool(struct jsonw *j, bool v);
void jsonw_uint(struct jsonw *j, uint64_t v);
void jsonw_int(struct jsonw *j, int64_t v);
void jsonw_double(struct jsonw *j, double v); /* shortest exact form; NaN and infinities: null */
void jsonw_str(struct jsonw *j, const char *s, size_t len); /* bad UTF-8 becomes U+FFFD */
/* A list of "0x0a" strings. */
void jsonw_bytes(struct jsonw *j, const uint8_t *p, size_t n);
void jsonw_val(struct jsonw *j, const struct val *v);
