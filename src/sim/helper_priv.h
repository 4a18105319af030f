// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the models of helpers share. */
#pragma once

#include <errno.h>
#include <stdint.h>

#include "sim/run_priv.h"
#include "sim/vm.h"

struct map;

#define UNUSED __attribute__((unused))
#define HELPER_ARGS                                                                                \
	UNUSED struct vm *vm, UNUSED uint64_t r1, UNUSED uint64_t r2, UNUSED uint64_t r3,          \
		UNUSED uint64_t r4, UNUSED uint64_t r5
#define HELPER(name) uint64_t helper_##name(HELPER_ARGS)

#define MODEL(name, ...) vm_fn helper_##name;
#include "sim/helper.def"
#undef MODEL

/* A negative errno as r0. */
#define NO(code) ((uint64_t)(int64_t) - (code))

/* The map behind an argument; NULL: the fault is raised. */
struct map *arg_map(struct vm *vm, int reg, uint64_t addr);
/* The same of one of n types; others the verifier would not have let through. */
struct map *arg_map_of(struct vm *vm, int reg, uint64_t addr, const uint8_t *types, size_t n);
/* Whether the argument is the running program's context; false: the fault is raised. */
bool arg_ctx(struct vm *vm, int reg, uint64_t addr);
/* Whether a size is at most max, which every program the verifier lets through keeps to. */
bool arg_size(struct vm *vm, int reg, uint64_t size, uint64_t max);
static inline struct world *world_of(const struct vm *vm)
{
	return vm->user;
}
/* Bytes from any address, as the kernel probes: false if some are not there. */
bool probe(struct vm *vm, uint64_t addr, void *to, size_t n, bool user);

/* dynptrs, see helper_dynptr.c. */
struct run_dyn *dyn_arg(struct vm *vm, int reg, uint64_t addr);
struct run_dyn *dyn_new(struct vm *vm, int reg, uint64_t addr);
int64_t dyn_read(struct vm *vm, const struct run_dyn *d, uint32_t off, void *to, uint32_t n);
int64_t dyn_write(struct vm *vm, const struct run_dyn *d, uint32_t off, const void *from,
		  uint32_t n);

/*
 * bpf_bprintf_prepare() and what follows: the text of a format with n arguments, without
 * terminator, behind what b holds; or -EINVAL.
 */
struct buf;
int print_format(struct vm *vm, const char *fmt, size_t size, const uint64_t *args, uint32_t n,
		 struct buf *b);
