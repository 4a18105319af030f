// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which processes hold an object open, from the fdinfo of every process.  (bpftool asks with a
 * BPF iterator program, and loses the answer silently wherever that cannot load.)
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/obj.h"

struct err;

struct holder {
	enum obj_kind kind;
	uint32_t id;
	int pid;
	char comm[64]; /* as the kernel has it, any bytes */
};

/* Sorted by kind, id and pid; a process counts once per object. */
struct holders {
	struct holder *v;
	size_t n, cap;
};

/*
 * All holders but this process itself.  Processes this user may not look into are left out, so
 * an answer is complete for root only.
 */
int holders_read(struct holders *h, struct err *e);
void holders_free(struct holders *h);
#define auto_holders __attribute__((cleanup(holders_free))) /* struct holders h = {} */

const struct holder *holders_find(const struct holders *h, enum obj_kind kind, uint32_t id,
				  size_t *n);
