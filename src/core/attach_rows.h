// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the rows of attach.c do; see struct attach_kind. */
#pragma once

struct attach_opts;
struct attachment;
struct err;

#define ATTACH_ROW(name)                                                                           \
	int name(int prog_fd, const char *target, const struct attach_opts *opts,                  \
		 struct attachment *a, struct err *e)

ATTACH_ROW(attach_xdp);
ATTACH_ROW(attach_tcx_ingress);
ATTACH_ROW(attach_tcx_egress);
ATTACH_ROW(attach_tracepoint);
ATTACH_ROW(attach_raw_tracepoint);
ATTACH_ROW(attach_typed_tracepoint);
