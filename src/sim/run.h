// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Running a program: its context, its packet, and what comes back.
 *
 * Two ways in.  run_test() is BPF_PROG_TEST_RUN with the kernel's semantics for each type, errno
 * 524 included.  run_prog() runs any type, also those no kernel can test-run, with a context that
 * is given field by field; `bpfctl test` uses it where run_test() has no way.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct prog;
struct vm;
struct vm_fault;
struct world;

/* The members of BPF_PROG_TEST_RUN, with host pointers. */
struct run_test {
	const void *data_in;
	void *ctx_in;		  /* of a syscall program: in and out */
	void *data_out, *ctx_out; /* NULL: not wanted */
	uint32_t data_size_in, data_size_out, ctx_size_in, ctx_size_out; /* out: in: room */
	uint32_t repeat, flags, cpu, batch_size;
	uint32_t retval, duration; /* ns per run */
};
/* 0, or a negative errno; -EFAULT with fault->kind set: the program did what it must not. */
int run_test(struct world *w, struct prog *p, struct run_test *t, struct vm_fault *fault);

/*
 * One run of any program type.  What an attachment of the type would give comes in here; whatever
 * is zero is as the kernel has it for an empty object.
 */
struct run_prog {
	/*
	 * The packet of types that have one; the buffer of a writable tracepoint; the bytes that
	 * pointers optval (cgroup_sockopt) and
	 * data (sk_msg, sk_reuseport) have.  Changed in place, and as long as len says afterwards:
	 * at most room.
	 */
	void *data;
	uint32_t len, room;
	/*
	 * The context as the program sees it (struct __sk_buff, pt_regs, u64[12], ...); in, out.
	 * Pointers in it are addresses of the space (kobject_addr()) or 0; those to packets are
	 * filled in here.  Shorter than the type's context: the rest is 0.
	 */
	void *ctx;
	uint32_t ctx_size;
	/* bpf_get_func_ip, attach cookie: what the attachment gives. */
	uint64_t func_ip, cookie;
	uint64_t func_ret; /* bpf_get_func_ret() of fexit */
	uint32_t nr_args;  /* bpf_get_func_arg_cnt() */
	/* What an iterator writes: appended up to seq_room bytes in all; NULL: thrown away. */
	struct buf *seq;
	size_t seq_room;
	/* The sysctl's path, its value, and what is written to it (room bytes, changed in place).
	 */
	const char *name, *value;
	char *new_value;
	size_t new_room;
	uint64_t retval; /* all of r0 */
};
/* 0; -EFAULT with fault set; -EINVAL: sizes no context of the type has; -ENOMEM. */
int run_prog(struct world *w, struct prog *p, struct run_prog *r, struct vm_fault *fault);

/*
 * Runs the callbacks of timers that are due at world.clock; how many, or -EFAULT.  The owner of
 * their programs' code (code_owner()) must be the struct prog.
 */
int run_timers(struct world *w, struct vm_fault *fault);

/* For struct code_owner: whether a program of the type may load from packets, and how. */
bool run_has_ld_abs(uint32_t prog_type);
bool run_ld_abs(struct vm *vm, int32_t off, uint32_t size, uint64_t *value);
