// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the rows of attach.c do; see struct attach_kind. */
#pragma once

#include <stdbool.h>

struct attach_opts;
struct attachment;
struct err;

#define ATTACH_ROW(name)                                                                           \
	int name(int prog_fd, const char *target, const struct attach_opts *opts,                  \
		 struct attachment *a, struct err *e)

struct attr_link_create;
struct net;
struct net_dev;
struct uapi_attach_type_info;
struct uapi_section;

/* The device that is meant, as it is now, in the namespace that is meant. */
bool attach_device(struct net **net, const char *target, const struct attach_opts *opts,
		   struct net_dev *dev, struct err *e);
/* Makes the link at it; where that fails and e says nothing, with the kernel's errno. */
int attach_device_link(struct attr_link_create *l, const struct net_dev *dev,
		       const struct attach_opts *opts, struct attachment *a, struct err *e);

/* How a section is attached to a control group (--cgroup) or a netkit device (--dev); NULL: it is
 * not. */
const struct uapi_attach_type_info *attach_chain(const struct uapi_section *s);
int attach_to_chain(int prog_fd, const struct uapi_attach_type_info *t,
		    const struct attach_opts *opts, struct attachment *a, struct err *e);

/* What is no row, since a section alone can say it: `FILE:PATTERN` behind uprobe.multi. */
int attach_uprobe_multi(int prog_fd, const struct uapi_section *s, const char *extra,
			const struct attach_opts *opts, struct attachment *a, struct err *e);

ATTACH_ROW(attach_xdp);
ATTACH_ROW(attach_tcx_ingress);
ATTACH_ROW(attach_tcx_egress);
ATTACH_ROW(attach_tracepoint);
ATTACH_ROW(attach_raw_tracepoint);
ATTACH_ROW(attach_typed_tracepoint);
