// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers that read memory at addresses nobody vouches for. */
#include <string.h>

#include "sim/helper_priv.h"
#include "sim/space.h"

bool probe(struct vm *vm, uint64_t addr, void *to, size_t n, bool user)
{
	const struct region *rg = space_find(vm->space, addr);

	if (n && rg && (rg->kind == REGION_USER) != user)
		return false;
	return space_peek(vm->space, addr, to, n);
}

enum from { FROM_KERNEL, FROM_USER, FROM_ANY };

static bool probe_from(struct vm *vm, uint64_t addr, void *to, size_t n, enum from from)
{
	if (from == FROM_ANY)
		return space_peek(vm->space, addr, to, n);
	return probe(vm, addr, to, n, from == FROM_USER);
}

static uint64_t read_bytes(struct vm *vm, uint64_t to, uint64_t size, uint64_t addr, enum from from)
{
	uint32_t n = (uint32_t)size;
	void *host = vm_write(vm, 1, to, n);

	if (!host)
		return 0;
	if (probe_from(vm, addr, host, n, from))
		return 0;
	memset(host, 0, n);
	return NO(EFAULT);
}

/* At most size bytes, terminator included; returns how many. */
static uint64_t read_string(struct vm *vm, uint64_t to, uint64_t size, uint64_t addr,
			    enum from from)
{
	uint32_t n = (uint32_t)size;
	char *host = vm_write(vm, 1, to, n);

	if (!host || !n)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!probe_from(vm, addr + i, host + i, 1, from)) {
			memset(host, 0, n);
			return NO(EFAULT);
		}
		if (!host[i])
			return i + 1;
	}
	host[n - 1] = '\0';
	return n;
}

HELPER(probe_read)
{
	return read_bytes(vm, r1, r2, r3, FROM_ANY);
}

HELPER(probe_read_kernel)
{
	return read_bytes(vm, r1, r2, r3, FROM_KERNEL);
}

HELPER(probe_read_user)
{
	return read_bytes(vm, r1, r2, r3, FROM_USER);
}

HELPER(probe_read_str)
{
	return read_string(vm, r1, r2, r3, FROM_ANY);
}

HELPER(probe_read_kernel_str)
{
	return read_string(vm, r1, r2, r3, FROM_KERNEL);
}

HELPER(probe_read_user_str)
{
	return read_string(vm, r1, r2, r3, FROM_USER);
}

HELPER(copy_from_user)
{
	return read_bytes(vm, r1, r2, r3, FROM_USER);
}

/* There is one task, and its memory is the user's. */
HELPER(copy_from_user_task)
{
	if (r5)
		return vm_write(vm, 1, r1, (uint32_t)r2) ? NO(EINVAL) : 0;
	return read_bytes(vm, r1, r2, r3, FROM_USER);
}

HELPER(probe_write_user)
{
	const void *from = vm_read(vm, 2, r2, (uint32_t)r3);
	const struct region *rg = space_find(vm->space, r1);

	if (!from)
		return 0;
	if (!rg || rg->kind != REGION_USER)
		return NO(EPERM);
	return space_poke(vm->space, r1, from, (uint32_t)r3) ? 0 : NO(EFAULT);
}
