// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whole files, read and written. */
#pragma once

#include <stddef.h>

struct buf;
struct err;

#define FILE_MAX (256u << 20) /* nothing bpfctl reads whole is larger */

/*
 * Appends the contents of path ("-": standard input).  A directory, a file of more than max
 * bytes, and a device that gives no end are class input; what cannot be opened is denied or
 * absent.
 */
int file_read(const char *path, size_t max, struct buf *to, struct err *e);

/*
 * Writes the whole file or nothing: a temporary file beside it takes its place when it is
 * complete.  "-" and what is no regular file (a device, a pipe) are written directly.
 */
int file_write(const char *path, const void *data, size_t len, struct err *e);
