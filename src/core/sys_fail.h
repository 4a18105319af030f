// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls that fail, and calls that take their time, as asked for:
 *
 *	map_create=ENOMEM          every MAP_CREATE
 *	prog_load:2=EACCES,log=no  the second PROG_LOAD, with a verifier's log
 *	bpf=50ms                   (latency) every bpf(2)
 *
 * A call is a command of bpf(2), in any case, or `bpf` or `perf_event_open` for all of them.
 */
#pragma once

struct err;
struct sys_fail;
struct words;

/* In front of the door until it is freed; class usage. */
int sys_fail_new(struct sys_fail **f, const struct words *fail, const struct words *latency,
		 struct err *e);
void sys_fail_freep(struct sys_fail **f);
