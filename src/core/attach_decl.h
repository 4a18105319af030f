// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `attach PROG { ... }` in a source says, which the object has as declaration tags. */
#pragma once

struct attach_opts;
struct object;

/*
 * Fills in what the command line has left open: strings belong to the object's BTF.  Words it does
 * not know, and values no option takes, are left alone.
 */
void attach_declared(const struct object *o, const char *prog, struct attach_opts *opts);
