// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A mock kernel put behind the door of sys.h. */
#pragma once

#include "core/sys.h"

struct buf;
struct err;
struct kern;

struct mock_door {
	struct sys_backend backend; /* the first member */
	struct kern *kern;	    /* NULL: closed */
};

/*
 * The types a mock kernel plays with: of the file, or, if path is NULL, of this machine's kernel;
 * a machine without them leaves *to empty.
 */
int mock_door_types(const char *path, struct buf *to, struct err *e);
/* A new kernel in front of what is there; the types are borrowed until it is closed. */
int mock_door_open(struct mock_door *d, const struct buf *types, struct err *e);
void mock_door_close(struct mock_door *d);
