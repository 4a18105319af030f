// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries looked at in other ways than one by one: summed over CPUs, spread out, as histograms. */
#pragma once

#include "cmd/entry.h"
#include "core/tally.h"
#include "core/where.h"

struct look_args {
	int agg, hist; /* enum agg, enum hist_kind */
	bool cpus;
	const char *of, *weight;
	uint32_t buckets;
};

#define LOOK_OPTIONS(T, member)                                                                    \
	OPTION(T, member.agg, OPT_ENUM, "agg", 0, "HOW",                                           \
	       "per-CPU maps: one value of all CPUs: sum, min, max or avg", .words = agg_words,    \
	       .excludes = "per-cpu"),                                                             \
		FLAG(T, member.cpus, "per-cpu", 0, "per-CPU maps: a column for each CPU"),         \
		OPTION(T, member.hist, OPT_ENUM, "hist", 0, "KIND",                                \
		       "how the values are distributed: log2 or linear", .words = hist_words),     \
		OPTION(T, member.of, OPT_STR, "of", 0, "FIELD",                                    \
		       "with --hist: of this field, such as value.count or key"),                  \
		OPTION(T, member.weight, OPT_STR, "weight", 0, "FIELD",                            \
		       "with --hist: an entry counts so often, not once"),                         \
		OPTION(T, member.buckets, OPT_U32, "buckets", 0, "N",                              \
		       "with --hist linear: at most so many, 20 without it")

extern const struct opt_word agg_words[];
extern const struct opt_word hist_words[];

/* Calls fn for each entry as entry_val() has it, until it returns something else than 0. */
int look_walk(struct ctx *ctx, const struct entries *x,
	      int (*fn)(void *arg, struct val *row, struct err *e), void *arg, struct err *e);
/* The error of a field that is no number, or not there; option is "of" or "weight". */
int look_no_number(const char *option, const char *field, const struct val *v, struct err *e);

/* True if entries are to be shown otherwise than by entry_put(). */
bool look_wanted(const struct look_args *a);
int look_dump(struct ctx *ctx, const struct entries *x, const struct look_args *a, struct err *e);
