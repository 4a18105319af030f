// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Helpers and kernel functions, and which program may call which.
 *
 * Both functions have the shape struct code_owner wants; prog holds the type, the attach type,
 * the flags and whether the licence is a GPL one.  Functions run with vm->user = struct world,
 * and world->prog set.  What is known but not modelled is -EOPNOTSUPP with a message that names
 * it; what the type may not call is -EINVAL in the kernel's words.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct prog;
struct vm_func;

int helper_find(const struct prog *prog, int32_t id, const struct vm_func **func, struct buf *log);
/* name: of the FUNC the call's imm names in the kernel's BTF. */
int kfunc_find(const struct prog *prog, const char *name, const struct vm_func **func,
	       struct buf *log);

/* Whether a program of the type may call the helper, and whether there is a model of it. */
bool helper_allowed(uint32_t prog_type, uint32_t attach_type, uint32_t id);
bool helper_modelled(uint32_t id);
