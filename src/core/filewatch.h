// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Waiting for files to be written: sources, objects and captures of some directories. */
#pragma once

#include <stdbool.h>

struct err;
struct filewatch;

struct filewatch *filewatch_new(struct err *e);
void filewatch_freep(struct filewatch **w);
#define auto_filewatch __attribute__((cleanup(filewatch_freep)))

/* The directory the file is in; editors put a new file in the place of the old one. */
int filewatch_add(struct filewatch *w, const char *file, struct err *e);
int filewatch_fd(const struct filewatch *w);
/* Whether a file of interest has been written since the last call; does not wait. */
bool filewatch_changed(struct filewatch *w);
