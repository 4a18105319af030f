// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Doing something in another network namespace. */
#pragma once

struct err;

/*
 * Calls fn(arg) in the namespace called netns (a name below /run/netns, or a path), in a thread of
 * its own: this process never changes its namespace, whatever happens.  netns NULL calls it here.
 * Returns what fn returns, or a negative errno with *e.
 */
int netns_call(const char *netns, int (*fn)(void *arg), void *arg, struct err *e);
