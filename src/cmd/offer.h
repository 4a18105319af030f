// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Completion from what is there now. */
#pragma once

struct buf;
struct opt;

/* The callback of struct gen_live (core/gen.h): lines "word<TAB>what it is". */
void offer_live(void *arg, const struct opt *row, const char *word, struct buf *to);
