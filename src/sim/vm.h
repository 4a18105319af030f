// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The interpreter: registers, frames, and what helpers may do while a program runs.
 *
 * One vm runs one program at a time, from one thread.  A helper may call back into the program
 * (vm_call), have it replaced (vm_tail_call), stop it (vm_fail, vm_exit), or run another program
 * on the same vm before it returns (vm_run).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/isa.h"
#include "sim/fault.h"
#include "sim/space.h"

struct buf;
struct code;
struct op;
struct vm;

#define VM_BUDGET 100000000 /* instructions of one run unless told otherwise */
#define VM_MAY_GOTO 8388608 /* BPF_MAX_LOOPS: how often a frame's may_goto falls through */
#define VM_DEPTH 8	    /* MAX_CALL_FRAMES */
#define VM_TAIL_CALLS 33    /* MAX_TAIL_CALL_CNT */
/*
 * Frames in all: of runs inside runs, and of functions in which a tail call has put another
 * program, that calls functions again.  The kernel has room for 34 times 8 of these.
 */
#define VM_FRAMES 96

/*
 * A helper or kfunc.  Arguments come unchecked.  A helper that finds one wrong raises a fault and
 * returns anything; what it returns otherwise is r0.
 */
typedef uint64_t vm_fn(struct vm *vm, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
		       uint64_t r5);

struct vm_func {
	const char *name; /* "bpf_map_lookup_elem" */
	vm_fn *fn;
	uint8_t nargs;	       /* r1 to rN must be set */
	uint8_t callback_args; /* how many it gives to functions it is passed; 0: depends */
	bool no_result;	       /* r0 is not set afterwards (bpf_tail_call) */
	bool no_return;	       /* bpf_throw */
	const char
		*or_null; /* "map_value_or_null": what the verifier calls a result that may be 0 */
};

/* All optional; arg is handed back. */
struct vm_hooks {
	void *arg;
	/* Before each instruction of code that is watched with CODE_TRACE; only looks. */
	void (*trace)(void *arg, struct vm *vm, const struct code *code, uint32_t insn);
	/*
	 * A load that is about to fault.  True: *value is what it reads.  (In the kernel a load
	 * through a BTF pointer that leads nowhere gives 0.)
	 */
	bool (*bad_read)(void *arg, struct vm *vm, uint64_t addr, uint32_t size, uint64_t *value);
};

struct vm_frame {
	struct op *ret;	   /* where exit goes */
	uint64_t saved[4]; /* r6 to r9 of the caller */
	uint32_t may_goto;
	uint16_t init;
	/* Once a tail call has put another program in its place: */
	struct code *code; /* of the caller */
	struct op *real_ret;
	unsigned int ceiling;
	/* If a helper called it: of which code, and the slot behind that call. */
	struct code *from;
	uint32_t call;
};

/* The bytes of a frame: r10 points behind data, and the bit of each byte follows. */
struct vm_stack {
	uint8_t data[STACK_SIZE];
	uint8_t init[STACK_SIZE / 8];
};

/* Helpers read what is above the line, and change user as they like. */
struct vm {
	uint64_t r[11];
	struct space *space;
	void *user; /* the owner's: whatever helpers need to know */
	struct code *code;
	uint64_t ctx; /* r1 of the program */
	struct vm_fault fault;
	/* ---- the interpreter's ---- */
	uint8_t *fp; /* host bytes that r10 stands for */
	int64_t left;
	unsigned int stop;	   /* enum vm_stop */
	uint16_t init;		   /* registers set, where that is not known before the run */
	struct op *call;	   /* the call of a helper in progress, or the last one */
	struct op *halt, *restore; /* what first frames, and replaced ones, return to */
	unsigned int depth, base;  /* of the running frame; in front of the run's first frame */
	unsigned int ceiling;	   /* depth that calls of the running program stop at */
	unsigned int tail_calls;
	struct code *next; /* of a tail call */
	uint64_t result;   /* of vm_exit() */
	struct region *stack;
	struct code *last_code; /* of the jump that was just executed, for coverage */
	uint32_t last_jump;	/* its slot + 1, or 0 */
	struct vm_hooks hooks;
	uint64_t budget, executed;
	bool lax;
	/* Not cleared when made: of either, what is above depth has no meaning. */
	struct vm_frame frames[VM_FRAMES + 1];
	struct vm_stack stacks[VM_FRAMES + 1];
};

/* NULL: no memory.  The space must outlive the vm; its programs are freed before it. */
struct vm *vm_new(struct space *s);
void vm_free(struct vm *vm);
void vm_set_hooks(struct vm *vm, const struct vm_hooks *hooks);
/* Instructions until a run is stopped; 0: VM_BUDGET. */
void vm_set_budget(struct vm *vm, uint64_t insns);
/* Stack bytes never written may be read, as zeros: what the kernel lets CAP_PERFMON do. */
void vm_set_lax_stack(struct vm *vm, bool lax);

/*
 * Runs a program, loaded for this vm, from its first instruction with r1 = ctx.  0 and
 * *ret = r0; or -EFAULT, and vm->fault says why.
 */
int vm_run(struct vm *vm, struct code *code, uint64_t ctx, uint64_t *ret);
/* The same with r1 to rn; of code_owner.args more than one. */
int vm_run_args(struct vm *vm, struct code *code, const uint64_t *args, unsigned int n,
		uint64_t *ret);
/* The same from a function (as vm_call) with n arguments: a timer's callback. */
int vm_run_func(struct vm *vm, struct code *code, uint64_t func, const uint64_t *args,
		unsigned int n, uint64_t *ret);
/* Instructions the last run executed. */
uint64_t vm_executed(const struct vm *vm);

/* ---- For helpers, while they run. ---- */

/*
 * Calls a function of the running program: func is the address that `r2 = subprog[f] ll` has.
 * 0 and *ret = its r0; or -EFAULT, and then the helper returns at once.
 */
int vm_call(struct vm *vm, uint64_t func, const uint64_t *args, unsigned int n, uint64_t *ret);

/* The slot of the call in progress. */
uint32_t vm_call_slot(const struct vm *vm);

/* When the helper returns, code takes the place of the program.  False: there were 33 already. */
bool vm_tail_call(struct vm *vm, struct code *code);
/* When the helper returns, the run ends with this r0, whatever frame it is in (bpf_throw). */
void vm_exit(struct vm *vm, uint64_t ret);

/*
 * The host bytes behind an argument, after every check; NULL: the fault has been raised, and the
 * helper returns at once.  reg is the register (1 to 5) that holds the pointer, 0: none does.
 * With len 0 the answer is not NULL and not to be followed.  What is written counts as initialised.
 */
const void *vm_read(struct vm *vm, int reg, uint64_t addr, uint64_t len);
void *vm_write(struct vm *vm, int reg, uint64_t addr, uint64_t len);
/* Bytes that are read and changed. */
void *vm_update(struct vm *vm, int reg, uint64_t addr, uint64_t len);
/* A string that ends inside its region and within max bytes, terminator included. */
const char *vm_string(struct vm *vm, int reg, uint64_t addr, size_t max);

/* Raises FAULT_HELPER; verifier (or NULL) is what the verifier would have said.  Returns 0. */
__attribute__((format(printf, 3, 4))) uint64_t vm_fail(struct vm *vm, const char *verifier,
						       const char *fmt, ...);
/* Whether a fault, an exit or a tail call waits for the helper to return. */
static inline bool vm_stopped(const struct vm *vm)
{
	return vm->stop != 0;
}
