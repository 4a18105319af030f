// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every command, a line each. */
#pragma once

#include "core/cmd.h"

extern const struct cmd cmd_root;

extern const struct cmd cmd_version;

/* hidden */
extern const struct cmd cmd_man;
extern const struct cmd cmd_schema;
extern const struct cmd cmd_complete;
