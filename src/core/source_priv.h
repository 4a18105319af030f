// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files about sources share. */
#pragma once

#include "core/buf.h"
#include "core/source.h"

struct src;
struct unit;

struct source {
	struct types *kernel; /* for T::f; looked up when a source first asks */
	char *path;
	struct src *src;
	struct unit *unit;
	struct buf warnings;
};

/* The error that lists all diagnostics there are. */
int source_wrong(struct source *s, struct err *e);
