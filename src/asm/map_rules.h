// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the kernel asks of a map of a type, as far as the tables say it. */
#pragma once

struct map_decl;

/*
 * NULL: nothing is wrong with the type, sizes and entries.  Else the rule that is broken, for the
 * author, and in *what the attribute.  One that is given as 0 is set by whoever loads the object.
 */
const char *map_rule(const struct map_decl *m, const char **what);
