// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two kinds of buffers that event.c reads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct event;
struct map;

/* A ring buffer map, mapped. */
struct ring {
	unsigned long *consumer; /* pages shared with the kernel */
	const unsigned long *producer;
	const uint8_t *data; /* twice, one behind the other */
	size_t page, size;
	unsigned long next; /* where the next record is; what is before has been given out */
	bool peek;
};

int ring_open(struct ring *r, const struct map *m, bool peek, struct err *e);
void ring_close(struct ring *r);
bool ring_next(struct ring *r, struct event *ev);

/* The buffer of one CPU of a perf event array. */
struct perf_ring {
	int fd, cpu;
	void *base;
	size_t page, size; /* of the data */
	uint64_t done;	   /* given out up to here */
	uint8_t *whole;	   /* a record that wraps around, put together */
	size_t whole_cap;
};

/* Element `index` of the map is where programs find it. */
int perf_open(struct perf_ring *p, const struct map *m, int cpu, uint32_t index, uint32_t pages,
	      struct err *e);
void perf_close(struct perf_ring *p);
bool perf_next(struct perf_ring *p, struct event *ev);
