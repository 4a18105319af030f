// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that was checked and made ready to run. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/isa.h"

struct buf;
struct code;
struct vm;
struct vm_func;

#define CODE_MAX_INSNS 1000000 /* BPF_COMPLEXITY_LIMIT_INSNS */

/*
 * What only the owner of maps, helpers and types knows.  Each is called at load, in the order
 * and at the moment the kernel would; returns 0, or a negative errno with the kernel's message
 * added to log ("program of this type cannot use helper bpf_x#N\n").  NULL: nothing of the kind
 * exists.  Code the kernel's verifier never reaches (`if 0 != 0` around a call that libbpf has
 * poisoned) is not asked about.
 */
struct code_owner {
	void *arg;
	/*
	 * The 64 bits in[0] and in[1] (a src of 1, 2, 3, 5 or 6) stand for, an address as a rule.
	 * Functions (src 4) and plain constants are not asked about.
	 */
	int (*imm64)(void *arg, const struct insn in[2], size_t at, uint64_t *value,
		     struct buf *log);
	int (*helper)(void *arg, int32_t id, size_t at, const struct vm_func **func,
		      struct buf *log);
	int (*kfunc)(void *arg, const struct insn *in, size_t at, const struct vm_func **func,
		     struct buf *log);
	/*
	 * LD_ABS and LD_IND: size bytes of the packet as a host-order number; false: outside,
	 * and the program returns 0.  NULL: not allowed for this program type.
	 */
	bool (*ld_abs)(struct vm *vm, int32_t off, uint32_t size, uint64_t *value);
	unsigned int args; /* registers from r1 on that a run begins with; 0: r1 alone */
	bool arena;	   /* addr_space_cast is allowed */
	bool func_info; /* functions have BTF: they may be callbacks, hold tail calls and LD_ABS */
	/* As bpf_attr.log_level: 1 adds the way to the error and statistics to the log, 4 more. */
	unsigned int log_level;
};

/*
 * Checks n instructions and makes them ready for vm.  0 and *code; or what bpf(2) would fail
 * with, as a negative errno, and the log in the kernel's words, each line ending in "\n".
 * *owner is copied; arg and every vm_func must outlive the code.
 */
int code_load(struct vm *vm, const struct insn *insns, size_t n, const struct code_owner *owner,
	      struct buf *log, struct code **code);
void code_free(struct code *code);

void *code_owner(const struct code *code); /* owner.arg */
size_t code_len(const struct code *code);
const struct insn *code_insns(const struct code *code);
/* What `r1 = subprog[f] ll` gives for the function at slot. */
uint64_t code_func(const struct code *code, uint32_t slot);

/* The functions, the program itself first. */
struct code_subprog {
	uint32_t start, end;
	uint32_t stack; /* bytes of stack the check saw in use */
};
const struct code_subprog *code_subprogs(const struct code *code, size_t *n);
/* Instructions the load check looked at: "processed N insns". */
size_t code_processed(const struct code *code);

/*
 * Watching costs nothing while it is off.  CODE_TRACE calls hooks.trace; CODE_COUNT counts from
 * zero how often each instruction was executed, and each jump taken.  Returns 0 or -ENOMEM.
 */
enum { CODE_TRACE = 1, CODE_COUNT = 2 };
int code_watch(struct code *code, unsigned int what);
/* [code_len()] each, or NULL without CODE_COUNT. */
const uint64_t *code_executed(const struct code *code);
const uint64_t *code_taken(const struct code *code);
