// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pinning what was loaded and attached, so that it stays. */
#pragma once

#include "core/cmd.h"

struct attachment;
struct object;

/*
 * Pins every program as DIR/NAME and its attachment (attached[i] for program i, NULL: none) as
 * DIR/links/NAME, every map as MAP_DIR/NAME; a row for each.  Either directory may be NULL.  All
 * or nothing.
 */
int keep_object(struct ctx *ctx, struct object *o, const struct attachment *attached,
		const char *dir, const char *map_dir, struct err *e);

extern const struct out_col keep_cols[];
