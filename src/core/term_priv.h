// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What needs <term.h>, whose names would clash with ours. */
#pragma once

#include <stdbool.h>

/* Whether terminals of this type are described on this machine. */
bool term_is_known(const char *kind);
