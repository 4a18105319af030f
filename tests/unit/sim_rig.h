// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What tests of the interpreter stand on: a context, a packet, a map's value, three helpers. */
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
#include "sim/vm.h"
#include "uapi/names.h"

#define RIG_CTX 256
#define RIG_VALUE 256
#define RIG_PACKET 256

struct rig {
	struct space *space;
	struct vm *vm;
	struct region *ctx, *packet, *meta, *value, *map;
	struct code *code;
	struct buf log;
	uint64_t ret;
	bool packets; /* LD_ABS is allowed */
	unsigned int log_level;
	_Alignas(8) uint8_t ctx_bytes[RIG_CTX], value_bytes[RIG_VALUE];
	_Alignas(8) uint8_t packet_bytes[RIG_PACKET + 64];
};

static inline struct region *rig_region(struct rig *r, enum region_kind kind, unsigned int flags,
					const char *label, void *host, uint64_t len)
{
	struct region_spec spec = {
		.kind = kind, .flags = flags, .label = label, .host = host, .len = len
	};

	return space_add(r->space, &spec);
}

static inline void rig_init(struct rig *r)
{
	struct region_spec packet = { .kind = REGION_PACKET,
				      .flags = REGION_READ | REGION_WRITE,
				      .label = "packet",
				      .host = r->packet_bytes,
				      .len = RIG_PACKET,
				      .max = RIG_PACKET + 64,
				      .generations = 4 };
	unsigned int rw = REGION_READ | REGION_WRITE;

	r->space = space_new();
	r->vm = vm_new(r->space);
	r->ctx = rig_region(r, REGION_CTX, rw, "ctx", r->ctx_bytes, RIG_CTX);
	r->packet = space_add(r->space, &packet);
	r->value = rig_region(r, REGION_VALUE, rw, "value of map m", r->value_bytes, RIG_VALUE);
	r->map = rig_region(r, REGION_MAP, 0, "map m", NULL, 1);
	r->map->object = r;
}

static inline void rig_free(struct rig *r)
{
	code_free(r->code);
	buf_free(&r->log);
	vm_free(r->vm);
	space_free(r->space);
}

static inline int rig_imm64(void *arg, const struct insn in[2], size_t at, uint64_t *value,
			    struct buf *log)
{
	struct rig *r = arg;

	(void)at, (void)log;
	*value = in->src == PSEUDO_MAP_VALUE ? r->value->base + (uint32_t)in[1].imm : r->map->base;
	return 0;
}

static inline bool rig_ld_abs(struct vm *vm, int32_t off, uint32_t size, uint64_t *value)
{
	struct rig *r = code_owner(vm->code);

	*value = 0;
	if (off < 0 || (uint64_t)off + size > r->packet->len)
		return false;
	for (uint32_t i = 0; i < size; i++)
		*value = *value << 8 | r->packet->host[(uint32_t)off + i];
	return true;
}

/* bpf_loop() */
static inline uint64_t rig_loop(struct vm *vm, uint64_t n, uint64_t func, uint64_t ctx,
				uint64_t flags, uint64_t r5)
{
	(void)r5;
	if (flags)
		return (uint64_t)-EINVAL;
	if (n > 1 << 23)
		return (uint64_t)-E2BIG;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t args[] = { i, ctx }, ret;

		if (vm_call(vm, func, args, 2, &ret))
			return 0;
		if (ret)
			return i + 1;
	}
	return n;
}

/* bpf_map_lookup_elem() in an array of one. */
static inline uint64_t rig_lookup(struct vm *vm, uint64_t map, uint64_t key, uint64_t r3,
				  uint64_t r4, uint64_t r5)
{
	struct rig *r = space_object(vm->space, map, REGION_MAP);
	const void *k = vm_read(vm, 2, key, 4);
	uint32_t i;

	(void)r3, (void)r4, (void)r5;
	if (!r)
		return vm_fail(vm, "R1 type=scalar expected=map_ptr", "r1 is no map");
	if (!k)
		return 0;
	memcpy(&i, k, 4);
	return i ? 0 : r->value->base;
}

/* bpf_tail_call(), to the program itself. */
static inline uint64_t rig_tail_call(struct vm *vm, uint64_t ctx, uint64_t map, uint64_t index,
				     uint64_t r4, uint64_t r5)
{
	(void)ctx, (void)map, (void)index, (void)r4, (void)r5;
	vm_tail_call(vm, vm->code);
	return 0;
}

/* bpf_ktime_get_ns() */
static inline uint64_t rig_time(struct vm *vm, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
				uint64_t r5)
{
	(void)vm, (void)r1, (void)r2, (void)r3, (void)r4, (void)r5;
	return 1000000000;
}

static inline int rig_helper(void *arg, int32_t id, size_t at, const struct vm_func **func,
			     struct buf *log)
{
	static const struct vm_func loop = { .name = "bpf_loop", .fn = rig_loop, .nargs = 4 };
	static const struct vm_func lookup = { .name = "bpf_map_lookup_elem",
					       .fn = rig_lookup,
					       .nargs = 2,
					       .or_null = "map_value_or_null" };
	static const struct vm_func time = { .name = "bpf_ktime_get_ns", .fn = rig_time };
	static const struct vm_func tail = {
		.name = "bpf_tail_call", .fn = rig_tail_call, .nargs = 3, .no_result = true
	};

	(void)arg, (void)at;
	*func = id == BPF_FUNC_map_lookup_elem ? &lookup
		: id == BPF_FUNC_tail_call     ? &tail
		: id == BPF_FUNC_ktime_get_ns  ? &time
		: id == 181		       ? &loop
					       : NULL;
	if (*func)
		return 0;
	if (id >= 0 && id < 212)
		buf_addf(log, "program of this type cannot use helper %s#%d\n",
			 id ? uapi_helper_name((uint32_t)id) : "bpf_unspec", id);
	else
		buf_addf(log, "invalid func unknown#%d\n", id);
	return -EINVAL;
}

/* 0 and r->code, or what the check says. */
static inline int rig_load(struct rig *r, const struct insn *insns, size_t n)
{
	struct code_owner owner = { .arg = r,
				    .imm64 = rig_imm64,
				    .helper = rig_helper,
				    .ld_abs = r->packets ? rig_ld_abs : NULL,
				    .log_level = r->log_level };

	code_free(r->code);
	r->code = NULL;
	buf_free(&r->log);
	r->log = (struct buf){};
	return code_load(r->vm, insns, n, &owner, &r->log, &r->code);
}

static inline int rig_run(struct rig *r)
{
	region_rewind(r->packet);
	return vm_run(r->vm, r->code, r->ctx->base, &r->ret);
}

/* ---- The kernel. ---- */

static inline int kernel_bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* An array map of one value, for PSEUDO_MAP_VALUE; -1 without the right to. */
static inline int kernel_map(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
				.key_size = 4,
				.value_size = RIG_VALUE,
				.max_entries = 1 };

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

/* A descriptor, or -errno and the log. */
static inline int kernel_load(enum bpf_prog_type type, const struct insn *insns, size_t n, int map,
			      char *log, size_t log_size)
{
	auto_free struct bpf_insn *raw = calloc(n ? n : 1, sizeof(*raw));
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
		if (raw[i].code == INSN_LD_IMM64 && (raw[i].src_reg == 1 || raw[i].src_reg == 2))
			raw[i].imm = map;
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
