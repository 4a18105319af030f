// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "core/sys_call.h"

#include <string.h>
#include <strings.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"

/* By number of the command. */
static const char *const commands[] = {
	"map_create",	     "map_lookup_elem",
	"map_update_elem",   "map_delete_elem",
	"map_get_next_key",  "prog_load",
	"obj_pin",	     "obj_get",
	"prog_attach",	     "prog_detach",
	"prog_test_run",     "prog_get_next_id",
	"map_get_next_id",   "prog_get_fd_by_id",
	"map_get_fd_by_id",  "obj_get_info_by_fd",
	"prog_query",	     "raw_tracepoint_open",
	"btf_load",	     "btf_get_fd_by_id",
	"task_fd_query",     "map_lookup_and_delete_elem",
	"map_freeze",	     "btf_get_next_id",
	"map_lookup_batch",  "map_lookup_and_delete_batch",
	"map_update_batch",  "map_delete_batch",
	"link_create",	     "link_update",
	"link_get_fd_by_id", "link_get_next_id",
	"enable_stats",	     "iter_create",
	"link_detach",	     "prog_bind_map",
	"token_create",	     "prog_stream_read_by_fd",
};

const char *sys_command_name(unsigned long cmd)
{
	return cmd < countof(commands) ? commands[cmd] : NULL;
}

int sys_command(const char *name, unsigned int len)
{
	for (size_t i = 0; i < countof(commands); i++)
		if (strncasecmp(commands[i], name, len) == 0 && !commands[i][len])
			return (int)i;
	if (len == 3 && strncasecmp(name, "bpf", len) == 0)
		return SYS_ANY;
	return len == 15 && strncasecmp(name, "perf_event_open", len) == 0 ? SYS_PERF : -1;
}

const char *sys_command_near(const char *name, unsigned int len)
{
	struct near n = near_to(name, len);

	for (size_t i = 0; i < countof(commands); i++)
		near_offer(&n, commands[i]);
	near_offer(&n, "perf_event_open");
	return n.best;
}

int sys_errno(const char *name)
{
	for (int code = 1; code <= 524; code++)
		if (strcasecmp(err_name(code), name) == 0)
			return code;
	return 0;
}
