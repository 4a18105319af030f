// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One program in the mock kernel's world and in the kernel, run by the same test run. */
#pragma once

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/mem.h"
#include "insns.h"
#include "sim/code.h"
#include "sim/helper.h"
#include "sim/prog.h"
#include "sim/run.h"
#include "sim/space.h"
#include "sim/vm.h"
#include "sim/world.h"
#include "test.h"
#include "uapi/names.h"

static inline int both_helper(void *arg, int32_t id, size_t at, const struct vm_func **func,
			      struct buf *log)
{
	(void)at;
	return helper_find(arg, id, func, log);
}

/* Functions of the kernel have names in BTF; here the number is that of both_kfuncs. */
static inline int both_kfunc(void *arg, const struct insn *in, size_t at,
			     const struct vm_func **func, struct buf *log)
{
	static const char *const names[] = { "bpf_iter_num_new", "bpf_iter_num_next",
					     "bpf_iter_num_destroy", "bpf_rcu_read_lock",
					     "bpf_rcu_read_unlock" };

	(void)at;
	return kfunc_find(arg, names[in->imm], func, log);
}

static inline void sim_prog_free(struct prog *p)
{
	code_free(p->code);
	p->code = NULL;
}

/* 0, or what the load check says. */
static inline int sim_prog_load(struct world *w, struct prog *p, uint32_t type, uint32_t attach,
				const struct insn *in, size_t n, struct buf *log)
{
	struct code_owner owner = { .arg = p, .helper = both_helper, .kfunc = both_kfunc };

	*p = (struct prog){ .type = type, .attach_type = attach, .gpl = true };
	if (type == BPF_PROG_TYPE_SYSCALL)
		p->flags = BPF_F_SLEEPABLE;
	if (run_has_ld_abs(type))
		owner.ld_abs = run_ld_abs;
	return code_load(w->vm, in, n, &owner, log, &p->code);
}

/* A descriptor, or -errno. */
static inline int kernel_prog_load(uint32_t type, uint32_t attach, const struct insn *in, size_t n,
				   char *log, size_t log_size)
{
	auto_free struct bpf_insn *raw = calloc(n, sizeof(*raw));
	union bpf_attr attr = { .prog_type = type,
				.expected_attach_type = attach,
				.insn_cnt = (uint32_t)n,
				.insns = (uintptr_t)raw,
				.license = (uintptr_t) "GPL",
				.log_buf = (uintptr_t)log,
				.log_size = (uint32_t)log_size,
				.log_level = log ? 1 : 0 };
	int fd;

	if (type == BPF_PROG_TYPE_SYSCALL)
		attr.prog_flags = BPF_F_SLEEPABLE;
	for (size_t i = 0; i < n; i++)
		raw[i] = kernel_insn(in[i]);
	if (log)
		*log = '\0';
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/* The members of a test run, in and out: pointers are to the same bytes for both. */
static inline int kernel_test(int prog, struct run_test *t)
{
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)prog,
					  .data_in = (uintptr_t)t->data_in,
					  .data_size_in = t->data_size_in,
					  .data_out = (uintptr_t)t->data_out,
					  .data_size_out = t->data_size_out,
					  .ctx_in = (uintptr_t)t->ctx_in,
					  .ctx_size_in = t->ctx_size_in,
					  .ctx_out = (uintptr_t)t->ctx_out,
					  .ctx_size_out = t->ctx_size_out,
					  .repeat = t->repeat,
					  .duration = t->duration,
					  .flags = t->flags,
					  .cpu = t->cpu,
					  .batch_size = t->batch_size } };
	int err = syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)) ? -errno : 0;

	t->retval = attr.test.retval;
	t->data_size_out = attr.test.data_size_out;
	t->ctx_size_out = attr.test.ctx_size_out;
	return err;
}

static inline bool have_kernel(void)
{
	static const struct insn in[] = { { 0xb7, 0, 0, 0, 0 }, { 0x95, 0, 0, 0, 0 } };
	int fd = kernel_prog_load(BPF_PROG_TYPE_XDP, 0, in, 2, NULL, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
