// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files of the interpreter share. */
#pragma once

#include "sim/code_priv.h"
#include "sim/op.h"
#include "sim/vm.h"

/* Why handlers return to their caller before the first frame does: vm.stop. */
enum vm_stop {
	STOP_NONE,
	STOP_FAULT,
	STOP_TAIL, /* go on with vm.next */
	STOP_EXIT, /* the run is over, with vm.result */
};

/* Addresses from one frame to the next; the kernel's 512 bytes and as many that fault. */
#define FRAME_SHIFT 10

/* The bits of vm.init. */
#define INIT_ARGS 0x3e /* r1 to r5 */
#define INIT_R0 0x001
#define INIT_R10 0x400

/* Gives the frame at vm.depth its empty stack. */
static inline void frame_clear(struct vm *vm)
{
	struct vm_stack *st = (struct vm_stack *)(vm->fp - STACK_SIZE);

	if (unlikely(vm->lax)) {
		memset(st->data, 0, sizeof(st->data));
		memset(st->init, 0xff, sizeof(st->init));
	} else {
		memset(st->init, 0, sizeof(st->init));
	}
}

/*
 * What a call must prepare for a function: op.imm of the call.  Without FRAME_FULL it changes
 * neither r6 to r9 nor anything on a stack, and calls nothing that could have another program
 * take its place: the caller's frame will do.
 */
enum frame_need { FRAME_STACK = 1, FRAME_MAY_GOTO = 2, FRAME_FULL = 4 };
/* And of a function besides: helpers may be given its address. */
#define FRAME_CALLBACK 8

static inline void frame_prepare(struct vm *vm, unsigned int needs)
{
	if (needs & FRAME_STACK)
		frame_clear(vm);
	vm->frames[vm->depth].may_goto = VM_MAY_GOTO;
}

/* The program in the next frame may have so many frames. */
static inline unsigned int ceiling(unsigned int depth)
{
	return depth + VM_DEPTH < VM_FRAMES ? depth + VM_DEPTH : VM_FRAMES;
}

static inline uint8_t *get_fp(const struct vm *vm)
{
	uint8_t *fp = vm->fp;

	__asm__("" : "+r"(fp));
	return fp;
}

/*
 * A new frame on top, with an unknown stack; returns it.  Registers are copied one by one, as
 * they were stored: what is loaded as a whole waits until the parts are in the cache.
 */
static inline struct vm_frame *frame_push(struct vm *vm, struct op *ret)
{
	struct vm_frame *f = &vm->frames[++vm->depth];

	f->ret = ret;
	f->saved[0] = get(&vm->r[6]);
	f->saved[1] = get(&vm->r[7]);
	f->saved[2] = get(&vm->r[8]);
	f->saved[3] = get(&vm->r[9]);
	vm->r[10] = get(&vm->r[10]) + (1 << FRAME_SHIFT);
	vm->fp = get_fp(vm) + sizeof(struct vm_stack);
	vm->stack->rspan = get(&vm->stack->rspan) + (1 << FRAME_SHIFT);
	return f;
}

/* Takes the top frame off; its registers come back. */
static inline struct vm_frame *frame_pop(struct vm *vm)
{
	struct vm_frame *f = &vm->frames[vm->depth--];

	vm->r[6] = get(&f->saved[0]);
	vm->r[7] = get(&f->saved[1]);
	vm->r[8] = get(&f->saved[2]);
	vm->r[9] = get(&f->saved[3]);
	vm->r[10] = get(&vm->r[10]) - (1 << FRAME_SHIFT);
	vm->fp = get_fp(vm) - sizeof(struct vm_stack);
	vm->stack->rspan = get(&vm->stack->rspan) - (1 << FRAME_SHIFT);
	return f;
}

/*
 * vm.init, before a frame is pushed and before it is popped; only code with guards has need of
 * it, and only there it is right.
 */
static inline void init_push(struct vm *vm)
{
	vm->frames[vm->depth + 1].init = (uint16_t)(vm->init & ~(INIT_ARGS | INIT_R0));
	vm->init = (uint16_t)((vm->init & INIT_ARGS) | INIT_R10);
}

static inline void init_pop(struct vm *vm)
{
	vm->init = (uint16_t)(vm->frames[vm->depth].init | (vm->init & INIT_R0));
}

/* The slot of an op of the running program. */
static inline uint32_t op_slot(const struct vm *vm, const struct op *op)
{
	return (uint32_t)(op - vm->code->ops);
}

/* Raise a fault at op. */
void fault_raise(struct vm *vm, const struct op *op, enum fault_kind kind, int reg);
/* FAULT_MEMORY, of a load or store at op; or, with func, of a helper called there. */
struct fault_access {
	enum access_kind kind;
	int reg; /* that held the pointer, or -1 */
	int64_t off;
	uint64_t addr, size;
	const char *func;
};
void fault_memory(struct vm *vm, const struct op *op, const struct fault_access *a, enum miss miss);

/* The bytes an atomic access at op may use; NULL: the fault has been raised. */
void *mem_slow_atomic(struct vm *vm, struct op *op, uint32_t size, bool read);
