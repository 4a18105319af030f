// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A source with everything in its programs written out: macros, blocks, calls with arguments and
 * named slots as plain instructions, the lines they come from as comments.  It assembles to the
 * same bytes.
 */
#pragma once

struct buf;
struct unit;

int unit_expand(const struct unit *u, struct buf *to); /* 0 or -ENOMEM */
