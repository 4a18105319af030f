// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dynptrs.  The 16 bytes a program keeps say which entry of run.dyns they stand for, and where
 * they lay when they were made, so that a copy or a forged one is known.
 */
#include <string.h>

#include "sim/helper_priv.h"
#include "sim/space.h"

#define MAGIC UINT64_C(0xd1fb0000)
#define DYN_MAX ((1u << 24) - 1) /* DYNPTR_MAX_SIZE */

struct handle {
	uint64_t what, where;
};

struct run_dyn *dyn_arg(struct vm *vm, int reg, uint64_t addr)
{
	struct run *r = run_of(vm);
	const struct handle *h = vm_read(vm, reg, addr, sizeof(*h));
	uint64_t i;

	if (!h)
		return NULL;
	i = h->what - MAGIC;
	if (i < r->nr_dyns && h->where == addr)
		return &r->dyns[i];
	vm_fail(vm, "Expected an initialized dynptr as arg", "r%d points to no dynptr", reg);
	return NULL;
}

struct run_dyn *dyn_new(struct vm *vm, int reg, uint64_t addr)
{
	struct run *r = run_of(vm);
	struct handle *h = vm_write(vm, reg, addr, sizeof(*h));
	uint32_t i = 0;

	if (!h)
		return NULL;
	/* One in the same place is written over, unless it must be given back. */
	while (i < r->nr_dyns && r->wheres[i] != addr)
		i++;
	if (i < r->nr_dyns && r->dyns[i].kind == DYN_RING) {
		vm_fail(vm, "cannot overwrite referenced dynptr",
			"r%d points to a dynptr that must be submitted or discarded first", reg);
		return NULL;
	}
	if (i == RUN_DYNS) {
		vm_fail(vm, NULL, "a run has at most %d dynptrs", RUN_DYNS);
		return NULL;
	}
	if (i == r->nr_dyns)
		r->nr_dyns++;
	r->wheres[i] = addr;
	*h = (struct handle){ MAGIC + i, addr };
	r->dyns[i] = (struct run_dyn){ .kind = DYN_NONE };
	return &r->dyns[i];
}

static int64_t check(const struct run_dyn *d, uint64_t off, uint64_t n)
{
	return n > d->size || off > d->size - n ? -E2BIG : 0;
}

static bool has_packet(const struct run_dyn *d)
{
	return d->kind == DYN_SKB || d->kind == DYN_XDP;
}

int64_t dyn_read(struct vm *vm, const struct run_dyn *d, uint32_t off, void *to, uint32_t n)
{
	const struct run *r = run_of(vm);

	if (d->kind == DYN_NONE || (!has_packet(d) && !d->addr))
		return -EINVAL;
	if (check(d, off, n))
		return -E2BIG;
	if (!has_packet(d))
		return space_peek(vm->space, d->addr + off, to, n) ? 0 : -EFAULT;
	if ((uint64_t)d->off + off + n > r->pkt.len)
		return d->kind == DYN_SKB ? -EFAULT : -EINVAL;
	memmove(to, pkt_data(&r->pkt) + d->off + off, n);
	return 0;
}

int64_t dyn_write(struct vm *vm, const struct run_dyn *d, uint32_t off, const void *from,
		  uint32_t n)
{
	struct run *r = run_of(vm);

	if (d->kind == DYN_NONE || d->rdonly || (!has_packet(d) && !d->addr))
		return -EINVAL;
	if (check(d, off, n))
		return -E2BIG;
	if (!has_packet(d))
		return space_poke(vm->space, d->addr + off, from, n) ? 0 : -EFAULT;
	if ((uint64_t)d->off + off + n > r->pkt.len)
		return d->kind == DYN_SKB ? -EFAULT : -EINVAL;
	memmove(pkt_data(&r->pkt) + d->off + off, from, n);
	run_moved(r, "bpf_dynptr_write()");
	return 0;
}

HELPER(dynptr_from_mem)
{
	uint32_t n = (uint32_t)r2;
	struct run_dyn *d = vm_update(vm, 1, r1, n) ? dyn_new(vm, 4, r4) : NULL;

	if (!d)
		return 0;
	if (n > DYN_MAX)
		return NO(E2BIG);
	if (r3)
		return NO(EINVAL);
	*d = (struct run_dyn){ .kind = DYN_LOCAL, .addr = r1, .size = n };
	return 0;
}

HELPER(dynptr_read)
{
	const struct run_dyn *d = dyn_arg(vm, 3, r3);
	void *to = d ? vm_write(vm, 1, r1, (uint32_t)r2) : NULL;

	if (!to)
		return 0;
	if (r5)
		return NO(EINVAL);
	return (uint64_t)dyn_read(vm, d, (uint32_t)r4, to, (uint32_t)r2);
}

HELPER(dynptr_write)
{
	const struct run_dyn *d = dyn_arg(vm, 1, r1);
	const void *from = d ? vm_read(vm, 3, r3, (uint32_t)r4) : NULL;

	if (!from)
		return 0;
	if (r5 & ~(uint64_t)(d->kind == DYN_SKB ? 3 : 0))
		return NO(EINVAL);
	return (uint64_t)dyn_write(vm, d, (uint32_t)r2, from, (uint32_t)r4);
}

/* A slice that can be written; of packets there is none. */
HELPER(dynptr_data)
{
	const struct run_dyn *d = dyn_arg(vm, 1, r1);

	if (!d || !d->addr || d->rdonly || has_packet(d) || check(d, (uint32_t)r2, (uint32_t)r3))
		return 0;
	return d->addr + d->off + (uint32_t)r2;
}
