// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * When a long-running command ends: a signal, a time, or the end of a command that it runs for
 * the user.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/opt.h"

struct err;
struct until;

enum until_reason { UNTIL_NOT_YET, UNTIL_SIGNAL, UNTIL_TIME, UNTIL_COMMAND };

/*
 * From now on SIGINT and SIGTERM wait to be asked for.  Made before anything is attached, so that
 * a signal always finds somebody who cleans up.
 */
struct until *until_new(struct err *e);
/* Ends the command, if it still runs. */
void until_freep(struct until **u);
#define auto_until __attribute__((cleanup(until_freep)))

/* The time begins now; 0: without end. */
void until_set_time(struct until *u, uint64_t ns);
/* Starts the user's command; absent if there is no such program. */
int until_run(struct until *u, struct words command, struct err *e);

/* Readable when there may be a reason to end; for event_wait(). */
int until_fd(const struct until *u);
/* Milliseconds to the end, rounded up; -1: without end. */
int until_timeout(const struct until *u);
/* Whether it is time; after the first reason it stays. */
enum until_reason until_check(struct until *u);
/* Waits until it is. */
enum until_reason until_wait(struct until *u, struct err *e);

/* Exit status of the command, 128 + N if signal N ended it; 0 if there was none. */
int until_status(const struct until *u);
/* Nanoseconds since until_new(). */
uint64_t until_elapsed(const struct until *u);
