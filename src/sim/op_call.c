// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls, returns, and the rarer ways to go on. */
#include "sim/op_priv.h"
#include "sim/op_step.h"
#include "sim/vm_priv.h"

op_ret op_imm64(OP_ARGS)
{
	*op->dst = op->imm;
	OP_NEXT(2);
}

op_ret op_ja(OP_ARGS)
{
	OP_TAKE(op);
}

/* The frame's counter runs down to 0; then the jump is taken. */
op_ret op_may_goto(OP_ARGS)
{
	uint32_t *n = &vm->frames[vm->depth].may_goto;

	if (unlikely(!*n))
		OP_TAKE(op);
	--*n;
	OP_NEXT(1);
}

/* count is the slot of the function, imm what its frame needs: see vm_executed(). */
op_ret op_call(OP_ARGS)
{
	if (unlikely(vm->depth >= vm->ceiling))
		OP_TAIL(op_too_deep, op);
	frame_push(vm, op + 1);
	if (op->imm != FRAME_FULL)
		frame_prepare(vm, (unsigned int)op->imm);
	left += op->count;
	OP_GO(op->target);
}

/* Of a function without FRAME_FULL. */
op_ret op_call_light(OP_ARGS)
{
	struct vm_frame *f = &vm->frames[vm->depth + 1];

	if (unlikely(vm->depth >= vm->ceiling))
		OP_TAIL(op_too_deep, op);
	vm->depth++;
	f->ret = op + 1;
	if (op->imm)
		f->may_goto = VM_MAY_GOTO;
	left += op->count;
	OP_GO(op->target);
}

/* count is the slot behind this one. */
op_ret op_exit(OP_ARGS)
{
	left -= op->count;
	if (unlikely(left < 0))
		OP_TAIL(op_over_budget, op);
	OP_GO(frame_pop(vm)->ret);
}

op_ret op_exit_light(OP_ARGS)
{
	left -= op->count;
	if (unlikely(left < 0))
		OP_TAIL(op_over_budget, op);
	OP_GO(vm->frames[vm->depth--].ret);
}

/* Where a frame returns to in which a tail call has put another program. */
op_ret op_restore(OP_ARGS)
{
	const struct vm_frame *f = &vm->frames[vm->depth + 1];

	(void)op;
	vm->code = f->code;
	vm->ceiling = f->ceiling;
	vm->init = f->init | INIT_R0;
	OP_GO(f->real_ret);
}

/* A frame's return address when it was not called by an instruction. */
op_ret op_stop(OP_ARGS)
{
	(void)op;
	vm->left = left;
	OP_END;
}

/* imm is op->func->fn, one load less. */
op_ret op_helper(OP_ARGS)
{
	vm_fn *fn = (vm_fn *)(uintptr_t)op->imm;

	vm->call = op;
	vm->left = left;
	vm->r[0] = fn(vm, vm->r[1], vm->r[2], vm->r[3], vm->r[4], vm->r[5]);
	left = vm->left;
	if (unlikely(vm->stop))
		OP_TAIL(op_stopped, op);
	OP_NEXT(1);
}

/* Makes the frame another program's: its registers, its stack, its may_goto. */
static void replace(struct vm *vm, struct code *next)
{
	struct vm_frame *f = &vm->frames[vm->depth];

	if (f->ret != vm->restore) {
		f->code = vm->code;
		f->real_ret = f->ret;
		f->ceiling = vm->ceiling;
		f->ret = vm->restore;
	}
	vm->stop = STOP_NONE;
	vm->code = next;
	vm->ceiling = ceiling(vm->depth - 1);
	vm->r[1] = vm->ctx;
	vm->init = 1 << 1 | INIT_R10;
	frame_prepare(vm, FRAME_STACK);
}

op_ret op_stopped(OP_ARGS)
{
	struct code *next = vm->next;

	if (vm->stop != STOP_TAIL)
		OP_END;
	left -= op_slot(vm, op) + 1;
	replace(vm, next);
	if (unlikely(left < 0))
		OP_TAIL(op_over_budget, next->ops);
	OP_GO(next->ops);
}

op_ret op_cast(OP_ARGS)
{
	/* Arenas lie below 4 GiB, where both address spaces of the kernel are one. */
	*op->dst = (uint32_t)*op->src;
	OP_NEXT(1);
}

/* imm: log2 of the size.  Outside the packet the function returns 0.  func is NULL. */
static inline bool ld_packet(struct op *op, struct vm *vm, uint64_t off)
{
	uint64_t value = 0;

	vm->call = op;
	if (!vm->code->owner.ld_abs(vm, (int32_t)off, 1u << op->imm, &value))
		return false;
	vm->r[0] = value;
	return true;
}

op_ret op_ld_abs(OP_ARGS)
{
	vm->left = left;
	if (likely(ld_packet(op, vm, (uint64_t)op->off)))
		OP_NEXT(1);
	if (vm->stop)
		OP_TAIL(op_stopped, op);
	vm->r[0] = 0;
	OP_TAIL(op_exit_here, op);
}

op_ret op_ld_ind(OP_ARGS)
{
	vm->left = left;
	if (likely(ld_packet(op, vm, *op->src + (uint64_t)op->off)))
		OP_NEXT(1);
	if (vm->stop)
		OP_TAIL(op_stopped, op);
	vm->r[0] = 0;
	OP_TAIL(op_exit_here, op);
}

/* As op_exit(), from an instruction whose count is not that of an exit. */
op_ret op_exit_here(OP_ARGS)
{
	left -= (int64_t)op_slot(vm, op) + 1;
	if (unlikely(left < 0))
		OP_TAIL(op_over_budget, op);
	if (vm->code->guards)
		init_pop(vm);
	/* The function has LD_ABS, so its frame is a full one. */
	OP_GO(frame_pop(vm)->ret);
}

op_ret op_dead(OP_ARGS)
{
	vm->left = left;
	fault_raise(vm, op, FAULT_CODE, -1);
	OP_END;
}

op_ret op_over_budget(OP_ARGS)
{
	vm->left = left;
	fault_raise(vm, op, FAULT_BUDGET, -1);
	OP_END;
}

op_ret op_too_deep(OP_ARGS)
{
	vm->left = left;
	fault_raise(vm, op, FAULT_DEPTH, -1);
	OP_END;
}
