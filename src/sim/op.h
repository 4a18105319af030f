// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Instructions made ready: one struct op per slot, so that jumps may lead to any of them.
 *
 * A handler does the work of op[0] and hands over to the next one by a tail call, which the
 * compiler makes a jump: registers of the machine carry op, vm and what is left of the budget.
 * Where tail calls are not certain (no optimisation, sanitizers) a handler returns the next op
 * to a loop instead.
 *
 * Two ideas make it fast.  A handler of a pair does the work of op[0] and op[1] and saves one
 * jump; op[1] keeps its own handler, for jumps that lead there and for the case that the memory
 * it names needs a closer look.  And the operands are pointers: to a register, or to the op's
 * own immediate, which halves the number of handlers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sim/op_kind.h"
#include "sim/vm.h"

#if !defined(VM_TRAMPOLINE) && !defined(__OPTIMIZE__)
#define VM_TRAMPOLINE
#endif

#ifdef VM_TRAMPOLINE
/* Objects of both sorts must not meet in one program: their handlers are no kin. */
#define op_slow_mem op_slow_mem_returns
#define op_single op_single_returns
typedef struct op *op_ret;
#define OP_END return NULL
#define OP_GO(to)                                                                                  \
	do {                                                                                       \
		vm->left = left;                                                                   \
		return (to);                                                                       \
	} while (0)
#define OP_TAIL(fn_, op_) return fn_((op_), vm, left)
#else
typedef void op_ret;
#define OP_END return
#if defined(__clang__)
#define OP_TAIL(fn_, op_) __attribute__((musttail)) return fn_((op_), vm, left)
#else
#define OP_TAIL(fn_, op_) return fn_((op_), vm, left)
#endif
#define OP_GO(to)                                                                                  \
	do {                                                                                       \
		struct op *to_ = (to);                                                             \
		OP_TAIL(to_->fn, to_);                                                             \
	} while (0)
#endif

#define OP_ARGS struct op *op, struct vm *vm, int64_t left
#define OP_NEXT(n) OP_GO(op + (n))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

typedef op_ret op_fn(OP_ARGS);

struct op {
	op_fn *fn;
	uint64_t *dst;
	uint64_t *src; /* a register, or imm below */
	uint64_t imm;
	union {
		uint64_t lo; /* plain loads and stores: the register's value for the first byte */
		int64_t off; /* other ones: the instruction's, or that from r10 */
		struct {
			int32_t jump;  /* bytes from this op to the target's */
			int32_t count; /* what it takes off the budget, if taken */
		};
	};
	union {
		uint64_t lim; /* plain loads and stores: values so far above lo will do */
		struct {
			uint32_t init_at, init_bits; /* of the stack: the bits of the bytes */
		};
	};
	union {
		uint8_t *host;		    /* plain loads and stores: the byte for lo */
		struct region *region;	    /* other ones */
		const struct vm_func *func; /* helper calls */
		struct op *target;	    /* calls of functions */
	};
};

/* How memory is reached; found out by the first access, and again whenever it fails. */
enum op_way {
	WAY_PLAIN,
	WAY_ELEMENT, /* of a region of several */
	WAY_INIT,    /* elements with init bits: the stack, through a pointer */
	WAY_FIELD,   /* a context without a handler */
	OP_WAYS,
};

/* The handlers; mem_ways is indexed by log2 of the size, plus 4 for sign-extending loads. */
extern op_fn *const op_single[OP_KINDS];
extern op_fn *const op_load_ways[7][OP_WAYS];
extern op_fn *const op_store_ways[4][OP_WAYS];
/* NULL: there is none. */
op_fn *op_pair(enum op_kind a, enum op_kind b);

/* Slow roads, which handlers take by tail calls. */
op_fn op_slow_mem, op_over_budget, op_too_deep, op_stopped, op_exit_here, op_watched, op_stop,
	op_restore;

/*
 * A register's value.  The barrier keeps the compiler from folding load, change and store into
 * one instruction, which processors cannot forward from one to the next without delay.
 */
static inline uint64_t get(const uint64_t *p)
{
	uint64_t v = *p;

	__asm__("" : "+r"(v));
	return v;
}

/* Loads and stores at any alignment. */
#define OP_MEM(name, type, k)                                                                      \
	static inline type peek_##name(const void *p)                                              \
	{                                                                                          \
		type v;                                                                            \
                                                                                                   \
		memcpy(&v, p, sizeof(v));                                                          \
		return v;                                                                          \
	}                                                                                          \
	static inline void poke_##name(void *p, uint64_t value)                                    \
	{                                                                                          \
		type v = (type)value;                                                              \
                                                                                                   \
		memcpy(p, &v, sizeof(v));                                                          \
	}
MEM_OPS(OP_MEM)
#undef OP_MEM
