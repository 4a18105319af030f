// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a program of an object needs to run: the programs it can jump to, and their maps. */
#pragma once

#include "core/object.h"

struct buf;

/*
 * Before loading: of the object, which was opened from `elf`, the programs marked in `progs` are
 * loaded (object_nr_progs() of them), and those that stand from the beginning in a prog_array that
 * one of them uses, or that is marked in `maps` (object_nr_maps()).  Other prog_arrays with values
 * are not made.  Both arrays are completed with what was found.
 */
int object_load_reached(struct object *o, const struct buf *elf, bool *progs, bool *maps,
			struct err *e);
