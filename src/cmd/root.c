// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tree of commands. */
#include "cmd/cmds.h"

/* A group alone runs `bare`; with `operand`, so does a word that is none of its commands. */
#define GROUP(id, name_, brief_, bare_, operand_, ...)                                             \
	static const struct cmd *const id##_subs[] = { __VA_ARGS__, NULL };                        \
	static const struct cmd id##_group = {                                                     \
		.name = name_,                                                                     \
		.brief = brief_,                                                                   \
		.subs = id##_subs,                                                                 \
		.bare = bare_,                                                                     \
		.operand = operand_,                                                               \
	}

GROUP(assembler, "asm", "the assembler: source to object, bytes, arrays", &cmd_asm_build, true,
      &cmd_asm_build, &cmd_asm_run, &cmd_asm_fmt);
GROUP(map_inner, "inner", "maps of maps: what is inside", NULL, false, &cmd_map_inner_list,
      &cmd_map_inner_dump, &cmd_map_inner_add, &cmd_map_inner_del, &cmd_map_inner_lookup,
      &cmd_map_inner_update);
GROUP(map_var, "var", "global variables of loaded programs, by name", NULL, false,
      &cmd_map_var_list, &cmd_map_var_get, &cmd_map_var_set);
GROUP(helper, "helper", "helper functions: what there is, and who may call it", &cmd_helper_list,
      false, &cmd_helper_list, &cmd_helper_show, &cmd_helper_search, &cmd_helper_check);
GROUP(example, "example", "examples: programs that come with bpfctl, with their tests",
      &cmd_example_list, false, &cmd_example_list, &cmd_example_show);
GROUP(map, "map", "maps: look at them, read and change their entries", &cmd_map_list, false,
      &cmd_map_list, &cmd_map_show, &cmd_map_create, &cmd_map_dump, &cmd_map_lookup,
      &cmd_map_update, &cmd_map_incr, &cmd_map_delete, &cmd_map_getnext, &cmd_map_push,
      &cmd_map_pop, &cmd_map_peek, &cmd_map_test, &cmd_map_count, &cmd_map_clear, &cmd_map_empty,
      &cmd_map_freeze, &cmd_map_pin, &cmd_map_unpin, &cmd_map_match, &cmd_map_event_pipe,
      &map_inner_group, &map_var_group, &cmd_map_save, &cmd_map_restore, &cmd_map_diff,
      &cmd_map_sum, &cmd_map_watch, &cmd_map_browse);
GROUP(prog_dump, "dump", "print a program's instructions", NULL, false, &cmd_prog_dump_xlated);
GROUP(prog, "prog", "programs: look at them, load, pin, dump and run them", &cmd_prog_list, false,
      &cmd_prog_list, &cmd_prog_show, &cmd_prog_load, &cmd_prog_loadall, &cmd_prog_pin,
      &cmd_prog_unpin, &prog_dump_group, &cmd_prog_run);
GROUP(link, "link", "links: what is attached where", &cmd_link_list, false, &cmd_link_list,
      &cmd_link_show, &cmd_link_detach);
GROUP(xdp, "xdp", "XDP: programs on network devices", &cmd_xdp_list, false, &cmd_xdp_list,
      &cmd_xdp_show, &cmd_xdp_attach, &cmd_xdp_detach);
GROUP(attach, "attach", "attach a loaded program", NULL, false, &cmd_attach_tracepoint,
      &cmd_attach_raw_tracepoint, &cmd_attach_tp_btf, &cmd_attach_xdp, &cmd_attach_tcx_ingress,
      &cmd_attach_tcx_egress);
GROUP(ringbuf, "ringbuf", "ring buffers and perf event arrays: read their records", NULL, false,
      &cmd_ringbuf_read);

static const struct cmd *const root_subs[] = {
	&cmd_run,     &cmd_test,  &assembler_group, &cmd_disasm,    &map_group,	   &prog_group,
	&link_group,  &xdp_group, &attach_group,    &ringbuf_group, &helper_group, &example_group,
	&cmd_version, &cmd_man,	  &cmd_schema,	    &cmd_complete,  NULL,
};

const struct cmd cmd_root = {
	.name = "bpfctl",
	.brief = "look at, load, attach, write and test BPF programs and maps",
	.subs = root_subs,
};
