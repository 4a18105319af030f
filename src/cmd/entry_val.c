// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Map entries as trees of values: for conditions, sums and comparisons. */
#include "cmd/entry.h"

static void value_of(const struct entries *x, const void *value, struct val *v)
{
	uint32_t size = x->map.info.value_size;

	if (!x->map.cpus) {
		codec_val(x->typed.value, value, size, v);
		return;
	}
	*v = (struct val){ .kind = V_LIST };
	for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++) {
		const uint8_t *at = (const uint8_t *)value + cpu * x->map.stride;
		struct val one = {};

		codec_val(x->typed.value, at, size, &one);
		val_append(v, &one);
	}
}

struct val entry_val(const struct entries *x, const void *key, const void *value)
{
	struct val row = { .kind = V_MAP }, part = {};

	if (x->typed.key) {
		codec_val(x->typed.key, key, x->map.info.key_size, &part);
		val_put(&row, "key", &part);
	}
	if (value) {
		value_of(x, value, &part);
		val_put(&row, x->map.cpus ? "values" : "value", &part);
	}
	return row;
}
