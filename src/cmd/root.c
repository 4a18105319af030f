// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tree of commands. */
#include "cmd/cmds.h"

#define GROUP(id, name_, brief_, bare_, ...)                                                       \
	static const struct cmd *const id##_subs[] = { __VA_ARGS__, NULL };                        \
	static const struct cmd id##_group = {                                                     \
		.name = name_,                                                                     \
		.brief = brief_,                                                                   \
		.subs = id##_subs,                                                                 \
		.bare = bare_,                                                                     \
	}

GROUP(map, "map", "maps: look at them, read and change their entries", &cmd_map_list, &cmd_map_list,
      &cmd_map_show, &cmd_map_dump, &cmd_map_lookup, &cmd_map_update, &cmd_map_delete);
GROUP(prog, "prog", "programs: look at them, load, pin, dump and run them", &cmd_prog_list,
      &cmd_prog_list, &cmd_prog_show, &cmd_prog_pin, &cmd_prog_unpin, &cmd_prog_run);
GROUP(link, "link", "links: what is attached where", &cmd_link_list, &cmd_link_list, &cmd_link_show,
      &cmd_link_detach);

static const struct cmd *const root_subs[] = {
	&map_group, &prog_group, &link_group,	&cmd_version,
	&cmd_man,   &cmd_schema, &cmd_complete, NULL,
};

const struct cmd cmd_root = {
	.name = "bpfctl",
	.brief = "look at, load, attach, write and test BPF programs and maps",
	.subs = root_subs,
};
