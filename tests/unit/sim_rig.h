// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What tests of the interpreter stand on: a context, a packet, a map's value, three helpers. */
#pragma once

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
	bool no_func_info;
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
	static const struct vm_func loop = {
		.name = "bpf_loop", .fn = rig_loop, .nargs = 4, .callback_args = 2
	};
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

				    .func_info = !r->no_func_info,
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
