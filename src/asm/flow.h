// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files of the flow checks share: one program being followed, path by path. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/flow_val.h"
#include "asm/unit.h"

struct flow {
	struct unit *u;
	const struct prog *prog;
	const struct vinsn *in; /* its instructions */
	uint32_t n;
	uint32_t prog_type; /* UAPI_PROG_x */
	/* Where its context has them, -1: nowhere. */
	int32_t data, data_end, data_meta;
	uint8_t *marks; /* MARK_x of every slot */
	uint32_t at;	/* the slot being looked at */
	struct state s; /* in front of it */
};
enum {
	MARK_TARGET = 1, /* a jump leads there, so that paths meet */
	MARK_SEEN = 2,	 /* it can be reached */
	MARK_SAID = 4,	 /* something was said about it */
};

/* Warns once about an instruction; nothing when that may not happen (state.vague). */
__attribute__((format(printf, 3, 4))) bool flow_warn(struct flow *f, const char *check,
						     const char *fmt, ...);
/* Complains of a register without a value; false: it has one. */
bool flow_read(struct flow *f, uint8_t reg);

/* What the instruction does to f->s, all but jumps and exit. */
void flow_follow(struct flow *f);
/* flow_call.c */
void flow_call(struct flow *f);
/* What remains to be done at exit. */
void flow_exit(struct flow *f);
