// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tree of commands. */
#include "cmd/cmds.h"

static const struct cmd *const root_subs[] = { &cmd_version, &cmd_man, &cmd_schema, &cmd_complete,
					       NULL };

const struct cmd cmd_root = {
	.name = "bpfctl",
	.brief = "look at, load, attach, write and test BPF programs and maps",
	.subs = root_subs,
};
