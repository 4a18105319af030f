// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The mock kernel behind the door of sys.h, and what else can stand there; the global options. */
#pragma once

#include <stdint.h>

#include "core/opt.h"

struct err;
struct mock;

struct mock_opts {
	const char *state;	     /* --mock: its state file */
	const char *record, *replay; /* files of sys_record.h */
	const char *btf;	     /* --btf: the types of the kernel */
	struct words fail, latency;  /* specs of sys_fail.h */
};

/*
 * Puts in front of the kernel what the options ask for; NULL in *m if that is nothing.  The files
 * are read, and the state file is locked until mock_close().
 */
int mock_open(struct mock **m, const struct mock_opts *o, struct err *e);
/*
 * Takes it away again; saves the state unless it is as it was.  r is what the command returned,
 * with its error in e; what is returned is what all of it ends with.
 */
int mock_close(struct mock **m, int r, struct err *e);
