// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The canonical layout of a source: a tab for each brace that is open, labels one less; single
 * blanks, one in front of `{` and behind commas, one around assignments; comments behind code in a
 * column with those of the lines around them; no two empty lines in a row, none at the ends.
 * Nothing else changes: what is assembled stays the same, and so does a text that is laid out so.
 */
#pragma once

#include <stddef.h>

struct buf;

int fmt_text(const char *text, size_t len, struct buf *to); /* 0 or -ENOMEM */
