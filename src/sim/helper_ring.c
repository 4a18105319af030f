// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers that send records to user space, or take them from it. */
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/helper_priv.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"

#define MAX_SAMPLES (128 * 1024L) /* BPF_MAX_USER_RINGBUF_SAMPLES */

static struct map *ring(struct vm *vm, int reg, uint64_t addr)
{
	static const uint8_t types[] = { UAPI_MAP_ringbuf };

	return arg_map_of(vm, reg, addr, types, countof(types));
}

HELPER(ringbuf_output)
{
	struct map *m = ring(vm, 1, r1);
	const void *data = m ? vm_read(vm, 2, r2, r3) : NULL;

	return data ? (uint64_t)(int64_t)map_ring_output(m, data, r3, r4) : 0;
}

HELPER(ringbuf_reserve)
{
	struct map *m = ring(vm, 1, r1);
	uint64_t addr = m ? map_ring_reserve(m, r2, r3) : 0;

	if (addr && !run_acquire(vm, addr, "ring buffer record"))
		return 0;
	return addr;
}

static void commit(struct vm *vm, uint64_t addr, uint64_t flags, bool discard)
{
	struct map *m = map_ring_of(world_of(vm), addr);

	if (run_release(vm, addr) && m)
		map_ring_commit(m, addr, flags, discard);
}

HELPER(ringbuf_submit)
{
	commit(vm, r1, r2, false);
	return 0;
}

HELPER(ringbuf_discard)
{
	commit(vm, r1, r2, true);
	return 0;
}

HELPER(ringbuf_query)
{
	struct map *m = ring(vm, 1, r1);

	return m ? map_ring_query(m, r2) : 0;
}

HELPER(ringbuf_reserve_dynptr)
{
	struct map *m = ring(vm, 1, r1);
	struct run_dyn *d = m ? dyn_new(vm, 4, r4) : NULL;
	uint64_t addr;

	if (!d)
		return 0;
	/* It must be given back even if it holds nothing. */
	d->kind = DYN_RING;
	d->map = m;
	addr = r3 ? 0 : map_ring_reserve(m, (uint32_t)r2, 0);
	if (!run_acquire(vm, r4, "dynptr of a ring buffer"))
		return 0;
	if (r3)
		return NO(EINVAL);
	if (!addr)
		return NO(EINVAL);
	d->addr = addr;
	d->size = (uint32_t)r2;
	return 0;
}

static uint64_t commit_dynptr(struct vm *vm, uint64_t addr, uint64_t flags, bool discard)
{
	struct run_dyn *d = dyn_arg(vm, 1, addr);

	if (!d || !run_release(vm, addr))
		return 0;
	if (d->addr)
		map_ring_commit(d->map, d->addr, flags, discard);
	d->kind = DYN_NONE;
	return 0;
}

HELPER(ringbuf_submit_dynptr)
{
	return commit_dynptr(vm, r1, r2, false);
}

HELPER(ringbuf_discard_dynptr)
{
	return commit_dynptr(vm, r1, r2, true);
}

/* Calls back with a dynptr of each sample. */
static int64_t drain(struct vm *vm, struct map *m, uint64_t func, uint64_t ctx, struct kobject *ptr)
{
	uint64_t args[2] = { kobject_addr(ptr), ctx }, ret = 0;
	int64_t n = 0;

	while (n < MAX_SAMPLES && !ret) {
		const void *data;
		uint32_t len;
		int err = map_user_ring_peek(m, &data, &len);
		struct kobject *sample;
		struct run_dyn *d;

		if (err == -EAGAIN)
			continue;
		if (err)
			return err == -ENODATA ? n : err;
		sample = kobject_new_bytes(world_of(vm), data, len, "sample");
		d = sample ? dyn_new(vm, 0, args[0]) : NULL;
		if (d)
			*d = (struct run_dyn){ .kind = DYN_LOCAL,
					       .rdonly = true,
					       .addr = kobject_addr(sample),
					       .size = len };
		err = d ? vm_call(vm, func, args, 2, &ret) : -ENOMEM;
		if (sample)
			kobject_drop(sample, "it was drained");
		map_user_ring_done(m);
		if (err)
			return err;
		n++;
	}
	return n;
}

HELPER(user_ringbuf_drain)
{
	static const uint8_t types[] = { UAPI_MAP_user_ringbuf };
	struct map *m = arg_map_of(vm, 1, r1, types, countof(types));
	static const uint8_t zeros[16];
	struct kobject *ptr;
	int64_t n;

	if (!m)
		return 0;
	if (r4 & ~UINT64_C(3)) /* BPF_RB_NO_WAKEUP, BPF_RB_FORCE_WAKEUP */
		return NO(EINVAL);
	ptr = kobject_new_bytes(world_of(vm), zeros, sizeof(zeros), "dynptr of a sample");
	if (!ptr)
		return NO(ENOMEM);
	n = drain(vm, m, r2, r3, ptr);
	kobject_drop(ptr, "the callback returned");
	return (uint64_t)n;
}

static struct map *perf(struct vm *vm, int reg, uint64_t addr)
{
	static const uint8_t types[] = { UAPI_MAP_perf_event_array };

	return arg_map_of(vm, reg, addr, types, countof(types));
}

/* A record, with as much of the packet behind it as the upper half of flags says. */
static uint64_t with_packet(struct vm *vm, struct map *m, uint64_t flags, const void *data,
			    uint64_t size)
{
	const struct run *r = run_of(vm);
	uint64_t n = (flags & BPF_F_CTXLEN_MASK) >> 32;
	uint32_t room = r->kind == CTX_xdp ? r->pkt.len + 0 : r->pkt.len;
	auto_buf struct buf all = {};

	if (flags & ~(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK))
		return NO(EINVAL);
	if (n > room)
		return NO(EFAULT);
	buf_add(&all, data, size);
	buf_add(&all, pkt_data(&r->pkt), n);
	if (buf_error(&all))
		return NO(ENOMEM);
	return (uint64_t)(int64_t)map_perf_output(m, flags & BPF_F_INDEX_MASK, all.data, all.len);
}

HELPER(perf_event_output)
{
	struct map *m = arg_ctx(vm, 1, r1) ? perf(vm, 2, r2) : NULL;
	const void *data = m ? vm_read(vm, 4, r4, r5) : NULL;

	if (!data)
		return 0;
	if (run_of(vm)->has_pkt)
		return with_packet(vm, m, r3, data, r5);
	if (r3 & ~BPF_F_INDEX_MASK)
		return NO(EINVAL);
	return (uint64_t)(int64_t)map_perf_output(m, r3, data, r5);
}

/* Of tracing programs, which have a packet's object but not its bytes. */
static uint64_t object_output(struct vm *vm, uint64_t map, uint64_t flags, uint64_t addr,
			      uint64_t size)
{
	struct map *m = perf(vm, 2, map);
	const void *data = m ? vm_read(vm, 4, addr, size) : NULL;

	if (!data)
		return 0;
	if (flags & ~(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK))
		return NO(EINVAL);
	if (flags & BPF_F_CTXLEN_MASK)
		return NO(EFAULT);
	return (uint64_t)(int64_t)map_perf_output(m, flags, data, size);
}

HELPER(skb_output)
{
	return object_output(vm, r2, r3, r4, r5);
}

HELPER(xdp_output)
{
	return object_output(vm, r2, r3, r4, r5);
}

/* Counters: which event is there is known, what it counts is not. */
static int counter(struct map *m, const struct world *w, uint64_t flags)
{
	uint64_t index = flags & BPF_F_INDEX_MASK, file;
	uint32_t key = index == BPF_F_CURRENT_CPU ? w->cpu : (uint32_t)index;

	if (flags & ~BPF_F_INDEX_MASK)
		return -EINVAL;
	if (key >= m->spec.max_entries)
		return -E2BIG;
	return map_file_at(m, &key, &file);
}

HELPER(perf_event_read)
{
	struct map *m = perf(vm, 1, r1);

	return m ? (uint64_t)(int64_t)counter(m, world_of(vm), r2) : 0;
}

HELPER(perf_event_read_value)
{
	struct map *m = perf(vm, 1, r1);
	void *to = m ? vm_write(vm, 3, r3, (uint32_t)r4) : NULL;

	if (!to)
		return 0;
	memset(to, 0, (uint32_t)r4);
	if ((uint32_t)r4 != sizeof(struct bpf_perf_event_value))
		return NO(EINVAL);
	return (uint64_t)(int64_t)counter(m, world_of(vm), r2);
}

HELPER(perf_prog_read_value)
{
	void *to = arg_ctx(vm, 1, r1) ? vm_write(vm, 2, r2, (uint32_t)r3) : NULL;

	if (!to)
		return 0;
	memset(to, 0, (uint32_t)r3);
	return (uint32_t)r3 == sizeof(struct bpf_perf_event_value) ? 0 : NO(EINVAL);
}
