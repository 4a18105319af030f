// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The interpreter's runs: beginning one, calling back into one, ending it. */
#include "sim/vm.h"

#include <errno.h>
#include <stdlib.h>

#include "sim/check.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

/* What a vm is made of. */
struct machine {
	struct vm vm;
	struct op halt, restore;
};

/*
 * A region of frames.  Frame 0 is never used, and not part of it: that there is something below
 * the first frame saves a case in every call.
 */
static bool add_stack(struct vm *vm)
{
	struct region_spec spec = {
		.kind = REGION_STACK,
		.flags = REGION_READ | REGION_WRITE | REGION_INIT | REGION_ALIGN,
		.label = "stack",
		.host = &vm->stacks[1],
		.len = STACK_SIZE,
		.count = VM_FRAMES + 1,
		.host_stride = sizeof(struct vm_stack),
	};
	struct region *rg = space_add(vm->space, &spec);

	if (!rg)
		return false;
	_Static_assert(STACK_SIZE << 1 == 1 << FRAME_SHIFT, "the gap is as large as the frame");
	vm->fp = vm->stacks[0].data + STACK_SIZE;
	vm->r[10] = rg->base + STACK_SIZE;
	rg->base += 1 << FRAME_SHIFT;
	rg->count--;
	rg->init = vm->stacks[1].init;
	rg->init_stride = sizeof(struct vm_stack);
	region_limits(rg);
	rg->rspan = 0; /* as many as run */
	vm->stack = rg;
	return true;
}

struct vm *vm_new(struct space *s)
{
	struct machine *m = malloc(sizeof(*m));

	if (!m)
		return NULL;
	memset(&m->vm, 0, offsetof(struct vm, frames));
	m->halt.fn = op_stop;
	m->restore.fn = op_restore;
	m->vm.halt = &m->halt;
	m->vm.restore = &m->restore;
	m->vm.space = s;
	m->vm.budget = VM_BUDGET;
	if (add_stack(&m->vm))
		return &m->vm;
	free(m);
	return NULL;
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	region_drop(vm->stack, "its interpreter is gone");
	vm->stack->init = NULL;
	free(vm);
}

void vm_set_hooks(struct vm *vm, const struct vm_hooks *hooks)
{
	vm->hooks = *hooks;
}

void vm_set_budget(struct vm *vm, uint64_t insns)
{
	vm->budget = insns ? insns : VM_BUDGET;
	if (vm->budget > INT64_MAX / 2)
		vm->budget = INT64_MAX / 2;
}

void vm_set_lax_stack(struct vm *vm, bool lax)
{
	vm->lax = lax;
}

/* From op until a frame returns to halt, or something stops the run. */
static void execute(struct vm *vm, struct op *op)
{
#ifdef VM_TRAMPOLINE
	while (op)
		op = op->fn(op, vm, vm->left);
#else
	op->fn(op, vm, vm->left);
#endif
}

/*
 * A new frame runs code from slot with n arguments.  behind: the slot behind the helper call
 * that is the reason, or 0.
 */
static void enter(struct vm *vm, struct code *code, uint32_t slot, const uint64_t *args,
		  unsigned int n, uint32_t behind)
{
	uint64_t r10 = vm->r[10], span = vm->stack->rspan;
	uint8_t *fp = vm->fp;
	struct vm_frame *f;

	if (n > 5)
		n = 5;
	init_push(vm);
	f = frame_push(vm, vm->halt);
	f->call = behind;
	f->from = vm->code;
	vm->code = code;
	for (unsigned int i = 0; i < n; i++)
		vm->r[i + 1] = args[i];
	vm->init = (uint16_t)(((2u << n) - 2) | INIT_R10);
	frame_prepare(vm, FRAME_STACK);
	vm->left += slot;
	execute(vm, code->ops + slot);
	if (vm->stop)
		return;
	/* A function that needs no frame leaves this one's stack where it is. */
	vm->fp = fp;
	vm->r[10] = r10;
	vm->stack->rspan = span;
}

/* The slot a frame of *code will return to, 0 for the first one; and of which code it is. */
static uint32_t ret_slot(const struct vm *vm, const struct vm_frame *f, const struct code **code)
{
	const struct op *ret = f->ret;

	if (ret == vm->restore) {
		*code = f->code;
		ret = f->real_ret;
	}
	if (ret != vm->halt)
		return (uint32_t)(ret - (*code)->ops);
	*code = f->from;
	return f->call;
}

/*
 * Handlers keep count by jumps: a taken one takes the distance from its target to the slot
 * behind it off `left`, forwards less than nothing.  What has been executed is then
 * budget - left + the slot reached, for each frame in progress.
 */
static uint64_t count(const struct vm *vm, uint64_t budget)
{
	int64_t n = (int64_t)budget - vm->left;
	const struct code *code = vm->code;

	if (vm->stop == STOP_NONE)
		return (uint64_t)n;
	if (vm->stop == STOP_FAULT)
		n += vm->fault.insn;
	else if (vm->call)
		n += op_slot(vm, vm->call) + 1;
	for (unsigned int d = vm->depth; d > vm->base; d--)
		n += ret_slot(vm, &vm->frames[d], &code);
	return n > 0 ? (uint64_t)n : 0;
}

/* What a run inside a run must not change. */
struct outer {
	int64_t left;
	uint64_t ctx, r10, span;
	uint8_t *fp;
	struct code *code;
	struct op *call;
	unsigned int base, ceiling, tail_calls;
	uint16_t init;
};

/* Takes away what frames a run that was stopped has left. */
static void unwind(struct vm *vm, unsigned int depth, const struct outer *outer)
{
	if (vm->depth > depth)
		memcpy(vm->r + 6, vm->frames[depth + 1].saved, sizeof(vm->frames[0].saved));
	vm->depth = depth;
	vm->r[10] = outer->r10;
	vm->stack->rspan = outer->span;
	vm->fp = outer->fp;
}

static int fail(struct vm *vm, enum fault_kind kind)
{
	fault_raise(vm, NULL, kind, -1);
	vm->stop = STOP_NONE;
	return -EFAULT;
}

static int run(struct vm *vm, struct code *code, uint32_t slot, const uint64_t *args,
	       unsigned int n, uint64_t *ret)
{
	struct outer outer = { vm->left, vm->ctx,  vm->r[10],	vm->stack->rspan, vm->fp,  vm->code,
			       vm->call, vm->base, vm->ceiling, vm->tail_calls,	  vm->init };
	unsigned int depth = vm->depth;
	bool failed;

	if (vm->stop || code->vm != vm)
		return -EFAULT;
	if (depth >= VM_FRAMES)
		return fail(vm, FAULT_DEPTH);
	vm->fault.kind = FAULT_NONE;
	vm->stop = STOP_NONE;
	vm->base = depth;
	vm->ceiling = ceiling(depth);
	vm->tail_calls = 0;
	vm->left = (int64_t)vm->budget;
	vm->ctx = n ? args[0] : 0;
	vm->call = NULL;
	enter(vm, code, slot, args, n, 0);

	vm->executed = count(vm, vm->budget);
	failed = vm->stop == STOP_FAULT;
	*ret = vm->stop == STOP_EXIT ? vm->result : vm->r[0];
	unwind(vm, depth, &outer);
	vm->stop = STOP_NONE;
	vm->base = outer.base;
	vm->ceiling = outer.ceiling;
	vm->tail_calls = outer.tail_calls;
	vm->ctx = outer.ctx;
	vm->call = outer.call;
	vm->code = outer.code;
	vm->init = outer.init;
	/* A run inside a run is paid for by both, or a program could hang in its helpers. */
	vm->left = outer.left - (int64_t)vm->executed;
	return failed ? -EFAULT : 0;
}

int vm_run(struct vm *vm, struct code *code, uint64_t ctx, uint64_t *ret)
{
	return run(vm, code, 0, &ctx, 1, ret);
}

int vm_run_args(struct vm *vm, struct code *code, const uint64_t *args, unsigned int n,
		uint64_t *ret)
{
	return run(vm, code, 0, args, n, ret);
}

/* The slot of a function of code whose address the program may give away; or -1. */
static int64_t find_func(const struct code *code, uint64_t func)
{
	uint64_t off = func - code->region->base;
	int64_t i = off % 8 || off / 8 >= code->n ? -1 : subprog_at(code, (int64_t)(off / 8));

	return i >= 0 && code->needs[i] & FRAME_CALLBACK ? (int64_t)(off / 8) : -1;
}

int vm_run_func(struct vm *vm, struct code *code, uint64_t func, const uint64_t *args,
		unsigned int n, uint64_t *ret)
{
	int64_t slot = find_func(code, func);

	if (slot < 0)
		return fail(vm, FAULT_CALL);
	return run(vm, code, (uint32_t)slot, args, n, ret);
}

uint64_t vm_executed(const struct vm *vm)
{
	return vm->executed;
}

/* The register of the call in progress that holds func. */
static int func_reg(const struct vm *vm, uint64_t func)
{
	for (int i = 1; i <= 5; i++)
		if (vm->r[i] == func)
			return i;
	return -1;
}

int vm_call(struct vm *vm, uint64_t func, const uint64_t *args, unsigned int n, uint64_t *ret)
{
	const struct region *rg = space_find(vm->space, func);
	struct code *code = rg && rg->live && rg->kind == REGION_CODE ? rg->object : NULL;
	int64_t slot = code ? find_func(code, func) : -1;
	struct code *caller = vm->code;
	struct op *call = vm->call;
	uint16_t init = vm->init;

	if (vm->stop || !call)
		return -EFAULT;
	if (!code || slot < 0) {
		fault_raise(vm, call, FAULT_CALL, func_reg(vm, func));
		return -EFAULT;
	}
	if (vm->depth >= vm->ceiling) {
		fault_raise(vm, call, FAULT_DEPTH, -1);
		return -EFAULT;
	}
	enter(vm, code, (uint32_t)slot, args, n, op_slot(vm, call) + 1);
	if (vm->stop)
		return -EFAULT; /* the frames stay, for the report */
	*ret = vm->r[0];
	vm->call = call;
	vm->code = caller;
	vm->init = init;
	return 0;
}

uint32_t vm_call_slot(const struct vm *vm)
{
	return vm->call ? op_slot(vm, vm->call) : 0;
}

bool vm_tail_call(struct vm *vm, struct code *code)
{
	if (vm->stop || vm->tail_calls >= VM_TAIL_CALLS)
		return false;
	vm->tail_calls++;
	vm->next = code;
	vm->stop = STOP_TAIL;
	return true;
}

void vm_exit(struct vm *vm, uint64_t ret)
{
	if (vm->stop)
		return;
	vm->result = ret;
	vm->stop = STOP_EXIT;
}
