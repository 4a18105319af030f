// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A mock kernel as JSON that people can read and edit:
 *
 *	{ "mock": 1, "cpus": 1, "seed": 0, "clock": {...}, "task": {...}, "last_id": {...},
 *	  "devices": [...], "btf": [...], "maps": [...], "programs": [...], "links": [...],
 *"attached": [...], "pins": [...] }
 *
 * Bytes are hex with a space behind each ("0a 00"), instructions sixteen digits each, types and
 * attach types names.  An object that no pin, link or other object refers to is held by someone
 * outside: it stays until it is taken out of the file.
 */
#pragma once

#include <stddef.h>

struct buf;
struct err;
struct kern;

#define MOCK_VERSION 1

/* Fills a new kernel from the text of a state file (`name` in messages); class input. */
int mock_load(struct kern *k, const char *text, size_t len, const char *name, struct err *e);
/*
 * The text.  It is the end of the kernel: descriptors are let go first, as at the end of a
 * process, and queues are emptied to be told.
 */
int mock_save(struct kern *k, struct buf *to, struct err *e);
