// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * --record and --replay: what comes to the door, with its answers, in a file of JSON lines
 * (sys_tape.h), and later the answers from that file instead of a kernel.
 *
 * What comes without a call, such as records in memory that is shared with the kernel, is in the
 * file too, where its receiver says so (sys_came()).
 */
#pragma once

#include <stdbool.h>

struct err;
struct sys_record;
struct sys_replay;

/* In front of what stands there; the file is written when it ends. */
struct sys_record *sys_record_new(const char *path);
/* Ends, and writes the file if that is wanted; what cannot be recorded is class failed. */
int sys_record_close(struct sys_record **r, bool keep, struct err *e);

/* Class input: no record, or a damaged one. */
int sys_replay_new(struct sys_replay **r, const char *path, struct err *e);
/*
 * Ends.  Class input: a call was another one, or with other input, than the record has there, or
 * the record goes on.  Such a call, and all behind it, has failed with EIO.
 */
int sys_replay_close(struct sys_replay **r, struct err *e);
