// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The floors that dumping and restoring a map cannot get below: nothing but batch calls, on a
 * pinned map with 4-byte keys and 8-byte values.
 *
 *   bench_map write PATH N     N entries, in one batch
 *   bench_map read PATH        all entries, into one buffer
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/sys.h"
#include "core/uapi.h"

#define BATCH 16384u /* entries; larger ones are not faster */

static int write_all(int fd, uint32_t n)
{
	uint32_t *keys = xcalloc(n, sizeof(*keys));
	uint64_t *values = xcalloc(n, sizeof(*values));
	struct attr_batch a = {
		.keys = attr_ptr(keys),
		.values = attr_ptr(values),
		.map_fd = (uint32_t)fd,
		.count = n,
	};

	for (uint32_t i = 0; i < n; i++) {
		keys[i] = i * 2654435761u; /* odd: a permutation */
		values[i] = i * 1000003ull;
	}
	return sys_bpf(BPF_MAP_UPDATE_BATCH, &a, sizeof(a)) || a.count != n;
}

static int read_all(int fd)
{
	uint32_t *keys = xcalloc(BATCH, sizeof(*keys));
	uint64_t *values = xcalloc(BATCH, sizeof(*values));
	uint64_t in = 0, out = 0, total = 0;
	int r;

	do {
		struct attr_batch a = {
			.in_batch = total ? attr_ptr(&in) : 0,
			.out_batch = attr_ptr(&out),
			.keys = attr_ptr(keys),
			.values = attr_ptr(values),
			.map_fd = (uint32_t)fd,
			.count = BATCH,
		};

		r = sys_bpf(BPF_MAP_LOOKUP_BATCH, &a, sizeof(a));
		total += a.count;
		in = out;
	} while (!r);
	return !total;
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? sys_obj_get(argv[2], 0) : -1;

	if (fd >= 0 && strcmp(argv[1], "read") == 0)
		return read_all(fd);
	if (fd >= 0 && argc > 3 && strcmp(argv[1], "write") == 0)
		return write_all(fd, (uint32_t)strtoul(argv[3], NULL, 10));
	fprintf(stderr, "usage: bench_map write PATH N | bench_map read PATH\n");
	return 2;
}
