// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Perf events of the mock kernel. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct kern;
struct kern_file;

/* The buffer of an event, which is in the file: a page of positions, and the data behind it. */
struct kern_perf_ring {
	uint64_t sample_type; /* PERF_SAMPLE_x: what is in a record */
	uint64_t size;	      /* of the data, as the caller has mapped it; 0: not yet known */
	uint64_t head, lost;  /* lost: since the last record */
	int cpu;	      /* -1: of a task */
};

long kern_perf_open(struct kern *k, const unsigned long args[6]);
long kern_perf_ioctl(struct kern *k, struct kern_file *f, unsigned long request, unsigned long arg);
/* A record of a program into the event of that inode: 0 or a negative errno. */
int kern_perf_output(void *k, uint64_t event, const void *data, uint64_t size);
bool kern_perf_readable(const struct kern_file *f, int fd);
