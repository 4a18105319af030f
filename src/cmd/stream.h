// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What commands that go on until they are ended have in common. */
#pragma once

#include "core/cmd.h"
#include "core/until.h"

struct stream_args {
	uint64_t count, for_ns;
	const char *ready_file;
	struct words command;
};

#define STREAM_OPTIONS(T, member)                                                                  \
	OPTION(T, member.for_ns, OPT_DURATION, "for", 0, "TIME", "end after this time"),           \
		OPTION(T, member.ready_file, OPT_FILE, "ready-file", 0, "PATH",                    \
		       "make this file when everything is attached"),                              \
		COMMAND(T, member.command, "run this, end with it and return its status")
#define COUNT_OPTION(T, member)                                                                    \
	OPTION(T, member.count, OPT_U64, "count", 0, "N", "end after N records")

/* Before anything is attached: a ready file of an earlier run goes away. */
struct until *stream_begin(const struct stream_args *a, struct err *e);
/* Everything is attached: says so, starts the time and the command. */
int stream_ready(const struct stream_args *a, struct until *u, struct err *e);
