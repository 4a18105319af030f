// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The beginning of a command that goes on until it is ended. */
#include "cmd/stream.h"

#include <stdio.h>
#include <unistd.h>

#include "core/err.h"
#include "core/file.h"

struct until *stream_begin(const struct stream_args *a, struct err *e)
{
	if (a->ready_file)
		unlink(a->ready_file);
	return until_new(e);
}

int stream_ready(const struct stream_args *a, struct until *u, struct err *e)
{
	char pid[16];
	int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	if (a->ready_file && file_write(a->ready_file, pid, (size_t)len, e) < 0)
		return -1;
	until_set_time(u, a->for_ns);
	return a->command.n ? until_run(u, a->command, e) : 0;
}
