// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What programs devices run. */
#pragma once

#include "sim/kern_net.h"

struct xdp_change {
	struct kern_dev *dev;
	struct prog *new, *old; /* new: NULL detaches; old: the expected one, or NULL */
	uint32_t flags;		/* XDP_FLAGS_x */
	const char *why;	/* in the kernel's words, of what is refused; or NULL */
};

/* 0 or a negative errno. */
int kern_xdp_change(struct kern *k, struct xdp_change *c);
/* What runs in a mode, by a link or without; NULL: nothing. */
const struct prog *kern_xdp_prog(const struct kern *k, const struct kern_dev *d, unsigned int mode);
