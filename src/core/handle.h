// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How people name an object: `id 12`, `name ports`, `tag HEX`, `pinned PATH`, `file OBJ[:NAME]`,
 * or one word: a number is an id, a word with a slash a pin, any other word a name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/obj.h"

struct err;

enum handle_form { HANDLE_ID, HANDLE_NAME, HANDLE_TAG, HANDLE_PINNED, HANDLE_FILE };

struct handle {
	enum handle_form form;
	uint32_t id;
	uint8_t tag[8];
	const char *text; /* what was given: name, path or word; borrowed */
};

/*
 * Reads a handle from the first of n words; returns how many it took, 1 or 2, or a negative errno
 * (class usage).
 */
int handle_parse(struct handle *h, char *const *words, size_t n, struct err *e);

/*
 * Opens the one object a handle names.  Absent with near names if there is none; an error that
 * lists them if there are several.  A link goes by the name of its program.  A file is loaded for
 * the one program or map that is named.
 */
int handle_open(const struct handle *h, enum obj_kind kind, struct err *e);

/* All objects a handle names, ascending; none is no error here.  The caller frees *ids. */
int handle_ids(const struct handle *h, enum obj_kind kind, uint32_t **ids, size_t *n,
	       struct err *e);

/* Parse and open at once: all n words must belong to the handle. */
int handle_open_words(char *const *words, size_t n, enum obj_kind kind, struct err *e);
