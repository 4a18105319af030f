// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A checked program, from the inside. */
#pragma once

#include "sim/code.h"
#include "sim/insn.h"
#include "sim/op.h"
#include "sim/space_priv.h"

/* What an instruction needs of registers that are not certain to be set before it. */
struct guard {
	uint16_t need, set, clear; /* bits as in vm.init */
};

struct code {
	struct op *ops;
	struct insn *insns;
	size_t n;
	struct vm *vm;
	struct code_owner owner;
	uint8_t *kind;		   /* [n], enum op_kind */
	struct region_user *users; /* [n], what loads and stores keep of their region */
	uint16_t *must;		   /* [n], registers certain to be set before the instruction */
	struct guard *guards;	   /* [n], or NULL: no instruction needs one */
	/* While watched or guarded, ops[].fn is op_watched and the handlers are here. */
	op_fn **plain;
	unsigned int watch;
	uint64_t *executed, *taken;
	struct region *region; /* gives functions their addresses */
	struct code_subprog *subprogs;
	size_t nr_subprogs;
	uint8_t *needs; /* [nr_subprogs], enum frame_need */
	size_t processed;
};

/* Where the branch in a slot leads. */
static inline uint32_t jump_target(const struct code *c, uint32_t slot)
{
	return (uint32_t)((int64_t)slot + insn_jump(&c->insns[slot]) + 1);
}

/* Makes handler the one of slot i. */
static inline void code_set_handler(struct code *c, size_t i, op_fn *handler)
{
	if (c->plain)
		c->plain[i] = handler;
	else
		c->ops[i].fn = handler;
}

/*
 * Lets the slot's handler be that of a pair if it and the next one can be, or a single one if
 * not any more.  To be called when either has got another handler.
 */
void code_fuse(struct code *c, size_t i);
