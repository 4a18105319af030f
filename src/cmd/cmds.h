// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every command, a line each. */
#pragma once

#include "core/cmd.h"

extern const struct cmd cmd_root;

extern const struct cmd cmd_link_detach;
extern const struct cmd cmd_link_list;
extern const struct cmd cmd_link_show;
extern const struct cmd cmd_map_delete;
extern const struct cmd cmd_map_dump;
extern const struct cmd cmd_map_list;
extern const struct cmd cmd_map_lookup;
extern const struct cmd cmd_map_show;
extern const struct cmd cmd_map_update;
extern const struct cmd cmd_prog_list;
extern const struct cmd cmd_prog_pin;
extern const struct cmd cmd_prog_run;
extern const struct cmd cmd_prog_show;
extern const struct cmd cmd_prog_unpin;
extern const struct cmd cmd_version;

/* hidden */
extern const struct cmd cmd_man;
extern const struct cmd cmd_schema;
extern const struct cmd cmd_complete;
