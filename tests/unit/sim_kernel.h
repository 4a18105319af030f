// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same programs in the kernel: loaded and test-run, attached to nothing. */
#pragma once

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "insns.h"
#include "sim_rig.h"

static inline int kernel_bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* What programs name; -1: none. */
struct kernel_fds {
	int value; /* an array of one value: PSEUDO_MAP_VALUE */
	int progs; /* an array of one program: PSEUDO_MAP_FD */
	int btf;   /* int main(void); static int f(void); -1: functions have no types */
};

/* A map of one element; -1 without the right to. */
static inline int kernel_map(enum bpf_map_type type, uint32_t value_size)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = 4, .value_size = value_size, .max_entries = 1
	};

	return kernel_bpf(BPF_MAP_CREATE, &attr);
}

static inline int kernel_map_op(int map, int cmd, void *value)
{
	uint32_t key = 0;
	union bpf_attr attr = { .map_fd = (uint32_t)map,
				.key = (uintptr_t)&key,
				.value = (uintptr_t)value };

	return kernel_bpf(cmd, &attr);
}

static inline int kernel_btf(void)
{
	static const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t hdr_len, type_off, type_len, str_off, str_len;
		uint32_t types[13];
		char strings[12];
	} btf = {
		.magic = 0xeb9f,
		.version = 1,
		.hdr_len = 24,
		.type_len = sizeof(btf.types),
		.str_off = sizeof(btf.types),
		.str_len = sizeof(btf.strings),
		.types = { 1, 1 << 24, 4, 1 << 24 | 32, /* 1: int */
			   0, 13 << 24, 1,		/* 2: int (void) */
			   5, 12 << 24 | 1, 2,		/* 3: main, global */
			   10, 12 << 24, 2 },		/* 4: f, static */
		.strings = "\0int\0main\0f",
	};
	union bpf_attr attr = { .btf = (uintptr_t)&btf, .btf_size = sizeof(btf) };

	return kernel_bpf(BPF_BTF_LOAD, &attr);
}

/* False: these tests need root. */
static inline bool kernel_open(struct kernel_fds *fds)
{
	fds->value = kernel_map(BPF_MAP_TYPE_ARRAY, RIG_VALUE);
	fds->progs = kernel_map(BPF_MAP_TYPE_PROG_ARRAY, 4);
	fds->btf = kernel_btf();
	return fds->value >= 0 && fds->progs >= 0 && fds->btf >= 0;
}

static inline void kernel_close(struct kernel_fds *fds)
{
	closep(&fds->value);
	closep(&fds->progs);
	closep(&fds->btf);
}

/* func_info: where functions begin, and that they are main or f.  Returns how many. */
static inline uint32_t kernel_funcs(const struct insn *in, size_t n, uint32_t (*info)[2])
{
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++) {
		bool begins = !i;

		for (size_t j = 0; j < n && !begins; j++)
			begins =
				((in[j].code == (BPF_JMP | BPF_CALL) && in[j].src == PSEUDO_CALL) ||
				 (in[j].code == INSN_LD_IMM64 && in[j].src == PSEUDO_FUNC)) &&
				(int64_t)j + in[j].imm + 1 == (int64_t)i;
		if (!begins || count == 32)
			continue;
		info[count][0] = (uint32_t)i;
		info[count++][1] = i ? 4 : 3;
	}
	return count;
}

/* A descriptor, or -errno and the log. */
static inline int kernel_load(enum bpf_prog_type type, const struct insn *insns, size_t n,
			      const struct kernel_fds *fds, char *log, size_t log_size)
{
	auto_free struct bpf_insn *raw = calloc(n ? n : 1, sizeof(*raw));
	uint32_t info[32][2];
	union bpf_attr attr = { .prog_type = type,
				.insn_cnt = (uint32_t)n,
				.insns = (uintptr_t)raw,
				.license = (uintptr_t) "GPL",
				.log_buf = (uintptr_t)log,
				.log_size = (uint32_t)log_size,
				.log_level = log ? 1 : 0 };
	int fd;

	if (type == BPF_PROG_TYPE_SYSCALL)
		attr.prog_flags = BPF_F_SLEEPABLE;
	for (size_t i = 0; i < n; i++) {
		raw[i] = kernel_insn(insns[i]);
		if (raw[i].code == INSN_LD_IMM64 && raw[i].src_reg == PSEUDO_MAP_FD)
			raw[i].imm = fds->progs;
		if (raw[i].code == INSN_LD_IMM64 && raw[i].src_reg == PSEUDO_MAP_VALUE)
			raw[i].imm = fds->value;
	}
	if (fds->btf >= 0) {
		attr.prog_btf_fd = (uint32_t)fds->btf;
		attr.func_info = (uintptr_t)info;
		attr.func_info_rec_size = sizeof(*info);
		attr.func_info_cnt = kernel_funcs(insns, n, info);
	}
	if (log)
		*log = '\0';
	fd = kernel_bpf(BPF_PROG_LOAD, &attr);
	return fd < 0 ? -errno : fd;
}

/* 0 and *ret, or -errno. */
static inline int kernel_run(int prog, void *ctx, void *packet, size_t len, uint64_t *ret)
{
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)prog,
					  .ctx_in = (uintptr_t)ctx,
					  .ctx_size_in = ctx ? RIG_CTX : 0,
					  .data_in = (uintptr_t)packet,
					  .data_size_in = (uint32_t)len,
					  .data_out = (uintptr_t)packet,
					  .data_size_out = (uint32_t)len } };

	if (kernel_bpf(BPF_PROG_TEST_RUN, &attr))
		return -errno;
	*ret = attr.test.retval;
	return 0;
}
