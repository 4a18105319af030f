// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whole files, read and written. */
#pragma once

#include <stdbool.h>
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

/*
 * The same for what is written piece by piece: fd is where to write; what is not committed
 * leaves nothing behind.
 */
struct file_new {
	int fd;
	char *path, *temp; /* temp is NULL if the file is written directly */
	bool owned;
};
#define FILE_NEW_INIT                                                                              \
	{                                                                                          \
		.fd = -1                                                                           \
	}
int file_new_open(struct file_new *f, const char *path, struct err *e);
int file_new_commit(struct file_new *f, struct err *e);
void file_new_drop(struct file_new *f);
#define auto_file_new                                                                              \
	__attribute__((cleanup(file_new_drop))) /* struct file_new f = FILE_NEW_INIT */
