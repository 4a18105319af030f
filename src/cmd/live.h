// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the lists of maps, programs and links have in common: pins, holders, showing one or all. */
#pragma once

#include "core/cmd.h"
#include "core/holder.h"
#include "core/pin.h"

/* Where objects are pinned (with -f) and which processes hold them. */
struct live {
	bool show_pins;
	struct pins pins;
	struct holders holders;
};

int live_read(struct live *l, const struct ctx *ctx, struct err *e);
void live_free(struct live *l);
#define auto_live __attribute__((cleanup(live_free))) /* struct live l = {} */

/* The columns `pinned` and `pids`, which every such command has. */
#define LIVE_COLS                                                                                  \
	{ "pinned", "PINNED", K_LIST, "paths that keep it (with -f)", OUT_IF_ANY },                \
	{                                                                                          \
		"pids", "HELD BY", K_LIST, "processes that hold it: pid and comm", OUT_IF_ANY      \
	}
void live_put(const struct live *l, struct out *out, enum obj_kind kind, uint32_t id);

/* `show [HANDLE]` has the object's words only. */
struct show_args {
	struct words handle;
};

/* `dev` of what is bound to a device: ifindex, ns_dev, ns_inode, ifname.  Nothing if 0. */
void live_put_dev(struct out *out, uint32_t ifindex, uint64_t ns_dev, uint64_t ns_inode);
#define DEV_COL                                                                                    \
	{                                                                                          \
		"dev", "DEVICE", K_MAP, "device it is offloaded to", OUT_IF_ANY                    \
	}

/* A type's name, or its number where this version knows none; as bpftool does. */
void live_put_type(struct out *out, const char *key, const char *name, uint32_t number);
