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

struct btf;
struct prog;
struct vm_fault;
struct world;

/* The members of BPF_PROG_TEST_RUN, with host pointers. */
struct run_test {
	const void *data_in, *ctx_in;
	void *data_out, *ctx_out;					 /* NULL: not wanted */
	uint32_t data_size_in, data_size_out, ctx_size_in, ctx_size_out; /* out: in: room */
	uint32_t repeat, flags, cpu, batch_size;
	uint32_t retval, duration; /* ns per run */
};
/* 0, or a negative errno; -EFAULT with fault->kind set: the program did what it must not. */
int run_test(struct world *w, struct prog *p, struct run_test *t, struct vm_fault *fault);

/* One run of any program type. */
struct run_prog {
	/* The packet of types that have one; changed in place up to room, and moved. */
	void *data;
	uint32_t len, room;
	/* The context as the program sees it (struct __sk_buff, pt_regs, u64[12], ...); in, out. */
	void *ctx;
	uint32_t ctx_size;
	/* bpf_get_func_ip, attach cookie: what the attachment gives. */
	uint64_t func_ip, cookie;
	uint64_t retval; /* all of r0 */
};
int run_prog(struct world *w, struct prog *p, struct run_prog *r, struct vm_fault *fault);
