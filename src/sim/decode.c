// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions to ops. */
#include "sim/decode.h"

#include <errno.h>
#include <stdlib.h>

#include "sim/insn.h"
#include "sim/kind.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

/* The kind with its immediate in the op; the same kind if there is none such. */
static enum op_kind with_imm(enum op_kind kind)
{
#define CASE(name)                                                                                 \
	case OP_##name:                                                                            \
		return OP_##name##_k;
	switch ((int)kind) {
		ALU_IMM(CASE)
		CMP_IMM(CASE)
	default:
		return kind;
	}
#undef CASE
}

/* An immediate is sign-extended; with the upper half zero, some 32-bit ones are 64-bit ones. */
static void decode_alu(struct code *c, size_t i)
{
	const struct insn *in = &c->insns[i];
	struct op *op = &c->ops[i];
	enum op_kind kind = c->kind[i];

	op->imm = (uint64_t)(int64_t)in->imm;
	op->src = &c->vm->r[in->src];
	if (OP_SRC(in->code) && OP_ALU(in->code) != BPF_END)
		return;
	op->src = &op->imm;
	if (kind == OP_mov32 || kind == OP_and32) {
		kind = kind == OP_mov32 ? OP_mov : OP_and;
		op->imm = (uint32_t)in->imm;
	} else if (kind == OP_sub || kind == OP_sub32) {
		kind = kind == OP_sub ? OP_add : OP_add32;
		op->imm = 0 - op->imm;
	}
	c->kind[i] = (uint8_t)with_imm(kind);
}

static void swap_operands(struct op *op)
{
	uint64_t *dst = op->dst;

	op->dst = op->src;
	op->src = dst;
}

/* Of two ways to say the same, the one that pairs are made of. */
static enum op_kind common_cmp(struct op *op, enum op_kind kind)
{
	if (op->src != &op->imm) {
		if (kind != OP_jlt && kind != OP_jle)
			return kind;
		swap_operands(op);
		return kind == OP_jlt ? OP_jgt : OP_jge;
	}
	if (kind == OP_jge && op->imm) {
		op->imm--;
		return OP_jgt_k;
	}
	if (kind == OP_jle && op->imm + 1) {
		op->imm++;
		return OP_jlt_k;
	}
	return with_imm(kind);
}

static void decode_jump(struct code *c, size_t i)
{
	const struct insn *in = &c->insns[i];
	struct op *op = &c->ops[i];
	int64_t to = (int64_t)i + insn_jump(in) + 1;

	op->imm = (uint64_t)(int64_t)in->imm;
	op->src = OP_SRC(in->code) ? &c->vm->r[in->src] : &op->imm;
	op->jump = (int32_t)((to - (int64_t)i) * (int64_t)sizeof(*op));
	op->count = (int32_t)((int64_t)i + 1 - to);
	if (kind_is_cmp(c->kind[i]))
		c->kind[i] = (uint8_t)common_cmp(op, c->kind[i]);
}

static uint8_t insn_needs(const struct insn *in)
{
	/* Without r10 nobody knows where the stack is. */
	if (in->dst == 10 || in->src == 10)
		return FRAME_FULL | FRAME_STACK;
	if (in->code == (BPF_JMP | JMP_JCOND))
		return FRAME_MAY_GOTO;
	if (in->code == (BPF_JMP | BPF_CALL) && in->src != PSEUDO_CALL)
		return FRAME_FULL;
	if (OP_CLASS(in->code) == CLASS_LD && !insn_is_imm64(in) && in->code)
		return FRAME_FULL;
	/* Fields that name no register count too: it does no harm. */
	return (in->dst >= 6 || in->src >= 6) && !insn_is_branch(in->code) ? FRAME_FULL : 0;
}

/* What calls of a function must prepare in its frame. */
static uint8_t frame_needs(const struct code *c, const struct code_subprog *s)
{
	uint8_t needs = s->start ? 0 : FRAME_FULL;

	for (uint32_t i = s->start; i < s->end; i++)
		needs |= insn_needs(&c->insns[i]);
	return needs;
}

/* count: what is put on left again, the slot that is gone to; imm: what the frame needs. */
static void decode_call(struct code *c, size_t i)
{
	struct op *op = &c->ops[i];
	int64_t to = (int64_t)i + c->insns[i].imm + 1;

	op->target = &c->ops[to];
	op->count = (int32_t)to;
	op->imm = c->needs[subprog_of(c, (uint32_t)to)] & ~FRAME_CALLBACK;
	if (!(op->imm & FRAME_FULL))
		c->kind[i] = OP_call_light;
}

static void decode_exit(struct code *c, size_t i)
{
	c->ops[i].count = (int32_t)i + 1;
	if (!(c->needs[subprog_of(c, (uint32_t)i)] & FRAME_FULL))
		c->kind[i] = OP_exit_light;
}

/* The kind of the same access when it is one of the stack, at a constant offset. */
static enum op_kind of_stack(enum op_kind kind, bool written)
{
#define CASE(name, ...)                                                                            \
	case OP_ld##name:                                                                          \
		return written ? OP_ldfp##name : OP_ldck##name;                                    \
	case OP_st##name:                                                                          \
		return OP_stfp##name;
#define CASE_LDS(name, ...)                                                                        \
	case OP_lds##name:                                                                         \
		return written ? OP_ldsfp##name : OP_ldsck##name;
	switch ((int)kind) {
		MEM_OPS(CASE)
		LDS_OPS(CASE_LDS)
	default:
		return kind;
	}
#undef CASE
#undef CASE_LDS
}

static void decode_mem(struct code *c, size_t i, const struct slot *fact)
{
	const struct insn *in = &c->insns[i];
	struct op *op = &c->ops[i];
	enum op_kind stack = of_stack(c->kind[i], fact->written);
	unsigned int at = (unsigned int)(STACK_SIZE + fact->fp);

	op->imm = (uint64_t)(int64_t)in->imm;
	op->src = OP_CLASS(in->code) == CLASS_ST ? &op->imm : &c->vm->r[in->src];
	op->off = in->off;
	op->region = region_nowhere();
	if (!fact->fp || stack == c->kind[i])
		return;
	c->kind[i] = (uint8_t)stack;
	op->off = fact->fp;
	op->init_at = at / 8;
	op->init_bits = ((1u << (1u << insn_shift(in->code))) - 1) << at % 8;
}

static void decode_ld(struct code *c, size_t i)
{
	const struct insn *in = &c->insns[i];
	struct op *op = &c->ops[i];

	if (insn_is_imm64(in))
		return; /* imm is from the check */
	op->imm = insn_shift(in->code);
	op->off = in->imm;
	op->src = &c->vm->r[in->src];
}

static void decode_insn(struct code *c, size_t i, const struct slot *fact)
{
	const struct insn *in = &c->insns[i];
	struct op *op = &c->ops[i];

	if (!fact->reached) {
		c->kind[i] = OP_dead;
		return;
	}
	op->dst = &c->vm->r[in->dst];
	switch (OP_CLASS(in->code)) {
	case CLASS_LD:
		decode_ld(c, i);
		break;
	case CLASS_LDX:
	case CLASS_ST:
	case CLASS_STX:
		decode_mem(c, i, fact);
		break;
	case CLASS_JMP:
	case CLASS_JMP32:
		if (c->kind[i] == OP_call)
			decode_call(c, i);
		else if (c->kind[i] == OP_exit)
			decode_exit(c, i);
		else if (c->kind[i] == OP_helper)
			op->func = fact->func;
		else
			decode_jump(c, i);
		if (c->kind[i] == OP_helper)
			op->imm = (uintptr_t)fact->func->fn;
		break;
	default:
		decode_alu(c, i);
	}
}

int decode(struct code *c, const struct flow *f)
{
	c->needs = calloc(c->nr_subprogs, sizeof(*c->needs));
	if (!c->needs)
		return -ENOMEM;
	for (size_t s = 0; s < c->nr_subprogs; s++)
		c->needs[s] = frame_needs(c, &c->subprogs[s]) |
			      (f->subprogs[s].callback ? FRAME_CALLBACK : 0);
	for (size_t i = 0; i < c->n; i++)
		decode_insn(c, i, &f->slots[i]);
	return 0;
}

/* Whether the slot does what its kind says, alone or as a pair: no other way to its memory. */
static bool is_plain(const struct code *c, size_t i)
{
	op_fn *fn = c->ops[i].fn;

	return fn == op_single[c->kind[i]] ||
	       (i + 1 < c->n && fn == op_pair(c->kind[i], c->kind[i + 1]));
}

void code_fuse(struct code *c, size_t i)
{
	op_fn *pair;

	if (c->plain || i + 1 >= c->n || !is_plain(c, i))
		return;
	pair = op_pair(c->kind[i], c->kind[i + 1]);
	if (pair)
		c->ops[i].fn = is_plain(c, i + 1) ? pair : op_single[c->kind[i]];
}
