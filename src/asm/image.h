// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A program as the bytes the kernel takes: its instructions, behind them those of the functions
 * it calls, nothing left to fill in.  What needs a loader (maps, variables, string literals,
 * externs) exists in an object file only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "asm/unit.h"

struct err;

/* A program or function in an image, by its index in the unit: its instructions begin at first. */
struct image_part {
	uint32_t prog, first;
};

struct image {
	const struct unit *u;
	const char *name;    /* "main" for a source without programs */
	struct vinsn *insns; /* complete; kind and ref still say what was meant */
	uint32_t n;
	struct image_part *parts; /* NULL for a source without programs */
	uint32_t nr_parts;
};

/*
 * The program of that name, or the only one if name is NULL; *prog is NULL for a source without
 * programs, which is one stream of instructions.  0, or an error that lists what there is.
 */
int image_pick(const struct unit *u, const char *name, const struct prog **prog, struct err *e);

/* 0, -ENOMEM, or -EINVAL with a diagnostic in the unit's source.  image_free() in any case. */
int image_make(struct image *im, const struct unit *u, const struct prog *prog);
void image_free(struct image *im);
#define auto_image __attribute__((cleanup(image_free)))
