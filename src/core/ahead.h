// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One bpf(2) call that goes on while its caller does something else: the next batch of a map is
 * read by another thread while this one prints.
 */
#pragma once

#include <stddef.h>

struct ahead;

/* NULL: there is no second CPU, no thread to be had, or a backend that takes one call at a time. */
struct ahead *ahead_new(void);
/* Waits for a call that is still going on. */
void ahead_freep(struct ahead **a);

/* attr stays with the call until ahead_wait(), which must come before the next one. */
void ahead_start(struct ahead *a, int cmd, void *attr, size_t size);
/* What sys_bpf() returned. */
int ahead_wait(struct ahead *a);
