// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Source files, positions and diagnostics.
 *
 * A position is one number: all files of an assembly lie end to end in a space of 4 GiB, and
 * line and column are found again when somebody asks.  0 is "no position".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define SRC_MAX_BYTES (256u << 20) /* per file; a million lines are about 20 MB */
#define SRC_MAX_ERRORS 1000	   /* further ones are counted, not kept; warnings likewise */

struct src; /* files and diagnostics of one assembly */

struct src *src_new(void); /* NULL: no memory */
void src_freep(struct src **s);
#define auto_src __attribute__((cleanup(src_freep)))

/*
 * Adds a file and keeps a terminated copy of its text.  Returns the position of its first byte,
 * 0 when there is no memory or the space is full.  src_text() gives the text back.
 */
uint32_t src_add(struct src *s, const char *path, const char *text, size_t len);
const char *src_text(const struct src *s, uint32_t pos); /* terminated by the file's end */
size_t src_len(const struct src *s, uint32_t pos);	 /* up to there */

/*
 * Adds a text that was made of others: parts[i] says where what begins at offset `at` comes from.
 * What is said about it is said about those places, with a note that it was made `by` that (`what`
 * is an expansion of a macro, say).  Takes text and parts, which malloc() made; 0 as above.
 */
struct src_part {
	uint32_t at, pos;
	bool fixed; /* all of it is from that one byte */
};
uint32_t src_add_made(struct src *s, char *text, size_t len, struct src_part *parts,
		      size_t nr_parts, uint32_t by, const char *what);
/* The position of a byte of any text; 0: of none. */
uint32_t src_pos(const struct src *s, const char *at);

struct src_loc {
	const char *path;
	unsigned int line, col; /* from 1; columns count bytes */
	const char *text;	/* the whole line, not terminated */
	size_t len;
	unsigned int file; /* index in order of src_add() */
};
/* Any order will do; ascending needs no memory. */
struct src_loc src_locate(struct src *s, uint32_t pos);

enum severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag {
	enum severity severity;
	uint32_t pos;	   /* of the first marked byte */
	uint32_t len;	   /* bytes marked, at least 1 */
	const char *check; /* name of the warning ("unreachable"), or NULL */
	char *text;	   /* "unknown register 'r11'": lower case, no full stop */
	char *hint;	   /* the rule, or the nearest valid spelling; may be NULL */
	uint32_t main_pos; /* of the error or warning a note belongs to, else pos */
	uint32_t nr;	   /* in order of appearance */
};

/* Returns -EINVAL, so that a parser can `return src_error(...)`. */
__attribute__((format(printf, 4, 5))) int src_error(struct src *s, uint32_t pos, uint32_t len,
						    const char *fmt, ...);
/* The rule behind the last diagnostic. */
__attribute__((format(printf, 2, 3))) int src_hint(struct src *s, const char *fmt, ...);
__attribute__((format(printf, 5, 6))) void src_warn(struct src *s, const char *check, uint32_t pos,
						    uint32_t len, const char *fmt, ...);
/* Follows an error or warning: "first declared here". */
__attribute__((format(printf, 4, 5))) void src_note(struct src *s, uint32_t pos, uint32_t len,
						    const char *fmt, ...);

/*
 * How warnings are taken, in the words of -W: "name" and "no-name", "error" and "error=name",
 * "no-error=name".  False: there is no check of that name.  Before the first of them.
 */
bool src_policy(struct src *s, const char *word);
size_t src_errors(const struct src *s); /* also those past SRC_MAX_ERRORS */
bool src_is_full(const struct src *s);	/* further errors are counted only: hints are no use */

/* All diagnostics in file order, notes behind what they belong to. */
size_t src_diags(struct src *s, const struct diag **list);
/*
 * "f.bpf:3:9: error: text", the line (or what is around the place in a long one), a caret under
 * the token, the hint.
 */
void src_render(struct src *s, const struct diag *d, struct buf *to);
