// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions to ops. */
#pragma once

#include "sim/check.h"
#include "sim/code_priv.h"

/* Fills ops, except their handlers, and kinds.  0 or -ENOMEM. */
int decode(struct code *c, const struct flow *f);
