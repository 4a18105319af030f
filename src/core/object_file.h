// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The handle `file OBJ[:NAME]`: one program or map of an object file, loaded for the occasion. */
#pragma once

#include "core/obj.h"

struct err;

/*
 * A descriptor of the program or map called NAME, or of the only one if no name is given.  What
 * the descriptor does not keep goes away with the rest of the object.
 */
int object_file_open(const char *spec, enum obj_kind kind, struct err *e);
