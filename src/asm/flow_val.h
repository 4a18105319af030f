// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is known of registers and the stack at one place of a program (flow.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum val_kind {
	V_UNSET,
	V_LOST,	  /* overwritten by the call in slot `from` */
	V_ANY,	  /* something that is not followed */
	V_NUM,	  /* within the bounds */
	V_FRAME,  /* r10 + off */
	V_CTX,	  /* the context + off */
	V_PACKET, /* base `from` + off, of which `range` bytes are known to be there */
	V_END,	  /* data_end */
	V_MAP,	  /* map number `from` */
	V_VALUE,  /* what a lookup in slot `from` has found */
	V_RECORD, /* what bpf_ringbuf_reserve() in slot `from` has given */
};

/* Equal values have equal bytes: all padding is named and 0. */
struct val {
	uint8_t kind;
	bool maybe_null;
	bool has_not; /* a number that is not `not` */
	uint8_t unused;
	uint32_t from; /* which it is; copies share it, and so what is learnt of one; 0: none */
	int32_t off, range;
	uint64_t umin, umax, not ;
	int64_t smin, smax;
};

#define FLOW_SPILLS 12
#define FLOW_RECORDS 4
#define FLOW_ASKED 4
#define FLOW_VARIABLE 0x80000000u /* in `from` of a number: it was loaded from a variable */

struct spill {
	int32_t off; /* of 8 bytes; 0: free */
	uint32_t unused;
	struct val v;
};

struct state {
	struct val regs[11];
	struct spill spills[FLOW_SPILLS];
	uint32_t records[FLOW_RECORDS]; /* slots + 1 whose record is still held; 0: free */
	uint32_t asked[FLOW_ASKED];	/* variables that decided a branch; 0: free */
	uint32_t vague;			/* something was forgotten: what is found may not happen */
	uint32_t unused;
};

struct val val_number(uint32_t from); /* any */
struct val val_const(uint64_t n);
static inline bool val_is_const(const struct val *v)
{
	return v->kind == V_NUM && v->umin == v->umax;
}

/* dst = dst op src, by the operation of the instruction's code. */
struct val val_alu(const struct val *dst, const struct val *src, uint8_t code, uint32_t slot);

/*
 * What a jump's comparison says: whether the branch can be taken, given what is known, and what is
 * known in it then.  `taken` is the side; regs of the instruction are dst and, with a register
 * operand, src.
 */
bool state_refine(struct state *s, uint8_t code, uint8_t dst, uint8_t src, int32_t imm, bool taken);

/* Whether nothing new can be found in s, `seen` having been looked at. */
bool state_covers(const struct state *seen, const struct state *s);

/* Forgets a pointer in all its copies. */
void state_forget(struct state *s, enum val_kind kind, uint32_t from);
void state_drop_record(struct state *s, uint32_t from);
