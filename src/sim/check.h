// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The load check, in the order and in the words of the kernel's verifier.  It proves what the
 * interpreter need not look at again: structure, and where a register or a stack slot is known.
 * It follows no ranges and no types; what those would show, the run does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/isa.h"
#include "sim/code_priv.h"

struct buf;

/* Functions, jumps, opcodes, ld_imm64, reachability.  Fills subprogs, and imm of ld_imm64 ops. */
int check_structure(struct code *c, struct buf *log);

/* The function a slot belongs to; the one that starts there, or -1. */
size_t subprog_of(const struct code *c, uint32_t slot);
int64_t subprog_at(const struct code *c, int64_t slot);

/* What is known of a register. */
enum val_kind {
	VAL_UNSET,
	VAL_MAYBE, /* set on some ways here */
	VAL_ANY,
	VAL_CONST, /* the number n */
	VAL_ADDR,  /* the address n, from ld_imm64 */
	VAL_FP,	   /* r10 + n */
};
struct val {
	enum val_kind kind;
	int64_t n;
};
struct regs {
	struct val r[11];
	uint64_t written[STACK_SIZE / 64]; /* a bit per byte of the stack, lowest first */
};

/* What the flow analysis has for each slot. */
struct slot {
	uint32_t order; /* several ways lead here: flow.regs[order - 1] is known; else 0 */
	uint32_t site;	/* of a call: the next call of the same function, +1 */
	const struct vm_func *func; /* of a helper call */
	struct guard guard;
	/* Findings, of the second pass. */
	int16_t fp;   /* of a load or store of the stack: its offset from r10; else 0 */
	bool written; /* of a load: its bytes are certain to have been written */
	bool reached;
	bool pending; /* the first pass will look here (again) */
	bool seen;    /* regs[order - 1] has a value */
};

struct subprog_flow {
	struct val result; /* r0, if it returns */
	bool returns;
	bool callback;	/* a program holds its address */
	uint32_t sites; /* the first call of it, +1 */
};

struct flow {
	struct code *c;
	struct slot *slots; /* [n] */
	struct regs *regs;  /* one for each slot with an order */
	struct subprog_flow *subprogs;
	uint32_t *heap; /* pending slots, the lowest first */
	size_t nr_heap, cap_heap;
	uint64_t left; /* visits */
	int error;
	bool final; /* the fixpoint is found: only look */
};

/* Finds the fixpoint; 0, -ENOMEM, or -E2BIG when that takes too long. */
int flow_run(struct flow *f, struct code *c);
void flow_free(struct flow *f);
/* What slot makes of *r; `next` tells which ways lead on. */
struct flow_next {
	bool falls, jumps;
	/* If it jumps, this register has the value there, and all others as in *r; -1: all. */
	int reg;
	struct val val;
};
void flow_step(struct flow *f, uint32_t slot, struct regs *r, struct flow_next *next);

/*
 * The rules for every instruction reached, in the kernel's order: the first error found, and
 * what code needs to know of each slot.
 */
int flow_report(struct flow *f, struct buf *log);

/* The function that a helper or kfunc call names. */
int call_resolve(struct code *c, uint32_t slot, const struct vm_func **func, struct buf *log);

/* Rules for one instruction given what is known before it; 0, or -errno and its message. */
int rule_check(struct flow *f, uint32_t slot, const struct regs *r, struct buf *log);
/* Registers an instruction reads and writes; func is what a helper call calls, or NULL. */
struct guard insn_guard(const struct code *c, uint32_t slot, const struct vm_func *func);

/* The function whose address a register is known to hold, or -1. */
int64_t flow_function(const struct flow *f, const struct regs *r, unsigned int reg);

/* What is known before a slot several ways lead to; NULL: none does, or nothing is known. */
static inline struct regs *flow_regs(const struct flow *f, uint32_t slot)
{
	return f->slots[slot].seen ? &f->regs[f->slots[slot].order - 1] : NULL;
}
