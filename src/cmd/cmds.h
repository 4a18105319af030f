// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every command, a line each. */
#pragma once

#include "core/cmd.h"

extern const struct cmd cmd_root;

extern const struct cmd cmd_asm_build;
extern const struct cmd cmd_asm_run;
extern const struct cmd cmd_asm_fmt;
extern const struct cmd cmd_attach_raw_tracepoint;
extern const struct cmd cmd_attach_tcx_egress;
extern const struct cmd cmd_attach_tcx_ingress;
extern const struct cmd cmd_attach_tp_btf;
extern const struct cmd cmd_attach_tracepoint;
extern const struct cmd cmd_attach_xdp;
extern const struct cmd cmd_disasm;
extern const struct cmd cmd_example_list;
extern const struct cmd cmd_example_show;
extern const struct cmd cmd_helper_check;
extern const struct cmd cmd_helper_list;
extern const struct cmd cmd_helper_search;
extern const struct cmd cmd_helper_show;
extern const struct cmd cmd_link_detach;
extern const struct cmd cmd_link_list;
extern const struct cmd cmd_link_show;
extern const struct cmd cmd_map_browse;
extern const struct cmd cmd_map_clear;
extern const struct cmd cmd_map_count;
extern const struct cmd cmd_map_create;
extern const struct cmd cmd_map_delete;
extern const struct cmd cmd_map_diff;
extern const struct cmd cmd_map_dump;
extern const struct cmd cmd_map_empty;
extern const struct cmd cmd_map_event_pipe;
extern const struct cmd cmd_map_freeze;
extern const struct cmd cmd_map_getnext;
extern const struct cmd cmd_map_incr;
extern const struct cmd cmd_map_inner_add;
extern const struct cmd cmd_map_inner_del;
extern const struct cmd cmd_map_inner_dump;
extern const struct cmd cmd_map_inner_list;
extern const struct cmd cmd_map_inner_lookup;
extern const struct cmd cmd_map_inner_update;
extern const struct cmd cmd_map_list;
extern const struct cmd cmd_map_lookup;
extern const struct cmd cmd_map_match;
extern const struct cmd cmd_map_peek;
extern const struct cmd cmd_map_pin;
extern const struct cmd cmd_map_pop;
extern const struct cmd cmd_map_push;
extern const struct cmd cmd_map_restore;
extern const struct cmd cmd_map_save;
extern const struct cmd cmd_map_show;
extern const struct cmd cmd_map_sum;
extern const struct cmd cmd_map_test;
extern const struct cmd cmd_map_unpin;
extern const struct cmd cmd_map_update;
extern const struct cmd cmd_map_var_get;
extern const struct cmd cmd_map_var_list;
extern const struct cmd cmd_map_var_set;
extern const struct cmd cmd_map_watch;
extern const struct cmd cmd_prog_dump_xlated;
extern const struct cmd cmd_prog_list;
extern const struct cmd cmd_prog_load;
extern const struct cmd cmd_prog_loadall;
extern const struct cmd cmd_prog_pin;
extern const struct cmd cmd_prog_run;
extern const struct cmd cmd_prog_show;
extern const struct cmd cmd_prog_unpin;
extern const struct cmd cmd_ringbuf_read;
extern const struct cmd cmd_run;
extern const struct cmd cmd_test;
extern const struct cmd cmd_version;
extern const struct cmd cmd_xdp_attach;
extern const struct cmd cmd_xdp_detach;
extern const struct cmd cmd_xdp_list;
extern const struct cmd cmd_xdp_show;

/* hidden */
extern const struct cmd cmd_man;
extern const struct cmd cmd_schema;
extern const struct cmd cmd_complete;
