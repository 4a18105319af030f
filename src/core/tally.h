// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Many values to one, and to a histogram. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct val;

enum agg { AGG_NONE, AGG_SUM, AGG_MIN, AGG_MAX, AGG_AVG };

/*
 * The values of a list (one per CPU) to one: numbers are added or compared, structs and lists
 * member by member; of anything else the value that all have, or null.  A sum that does not fit
 * 64 bits, and an average, are a double.
 */
void val_aggregate(const struct val *list, enum agg how, struct val *to);

/* Sum, least, greatest and number of what is added. */
struct tally {
	uint64_t n;
	__int128 sum, min, max;
	double dsum, dmin, dmax;
	bool is_double;
};
/* false: it is no number. */
bool tally_add(struct tally *t, const struct val *v);
struct val tally_result(const struct tally *t, enum agg how);

enum hist_kind { HIST_NONE, HIST_LOG2, HIST_LINEAR };

struct hist {
	enum hist_kind kind;
	struct hist_value {
		__int128 v;
		uint64_t weight;
	} * values;
	size_t n, cap;
};
struct hist_bucket {
	__int128 from, to; /* both belong to it */
	uint64_t count;
};

/* false: it is no number. */
bool hist_add(struct hist *h, const struct val *v, uint64_t weight);
/*
 * The buckets from the first to the last that has something, in order: 0, 1, 2 to 3, 4 to 7 ...
 * and the negative ones likewise, or at most `most` of equal width.  Freed by the caller.
 */
struct hist_bucket *hist_buckets(const struct hist *h, unsigned int most, size_t *n);
void hist_free(struct hist *h);
#define auto_hist __attribute__((cleanup(hist_free))) /* struct hist h = {} */
