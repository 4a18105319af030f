// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Kernel functions that programs call by name. */
#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/btf.h"
#include "sim/code.h"
#include "sim/helper.h"
#include "sim/helper_priv.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"
#include "sim/space.h"

#define MAX_LOOPS (1u << 23)
#define MAX_STRING 4096 /* XATTR_SIZE_MAX is more; what programs compare is less */

#define KFUNC(name, ...) static vm_fn name;
#include "sim/kfunc.def"
#undef KFUNC

#define FN(name) static uint64_t name(HELPER_ARGS)

/* ---- Regions of a program that must be left again. ---- */

static uint64_t leave(struct vm *vm, uint32_t *depth, const char *unlock)
{
	char verifier[96];

	if (*depth) {
		--*depth;
		return 0;
	}
	snprintf(verifier, sizeof(verifier), "unmatched attempt to call %s", unlock);
	return vm_fail(vm, verifier, "the call it belongs to is missing");
}

FN(bpf_rcu_read_lock)
{
	run_of(vm)->rcu++;
	return 0;
}

FN(bpf_rcu_read_unlock)
{
	return leave(vm, &run_of(vm)->rcu, "bpf_rcu_read_unlock");
}

FN(bpf_preempt_disable)
{
	run_of(vm)->preempt++;
	return 0;
}

FN(bpf_preempt_enable)
{
	return leave(vm, &run_of(vm)->preempt, "bpf_preempt_enable");
}

FN(bpf_local_irq_save)
{
	uint64_t *flags = vm_write(vm, 1, r1, 8);

	if (flags)
		*flags = ++run_of(vm)->irq;
	return 0;
}

FN(bpf_local_irq_restore)
{
	return vm_read(vm, 1, r1, 8) ? leave(vm, &run_of(vm)->irq, "bpf_local_irq_restore") : 0;
}

/* ---- The numbers from start to end: struct bpf_iter_num holds the last one and the end. ---- */

struct iter_num {
	int32_t cur, end;
};

FN(bpf_iter_num_new)
{
	struct iter_num *it = vm_write(vm, 1, r1, sizeof(*it));
	int32_t start = (int32_t)r2, end = (int32_t)r3;
	int err = 0;

	if (!it || !run_acquire(vm, r1, "iterator"))
		return 0;
	if (start > end)
		err = -EINVAL;
	else if ((int64_t)end - start > MAX_LOOPS)
		err = -E2BIG;
	it->cur = err ? 0 : start - 1;
	it->end = err ? 0 : end;
	return (uint64_t)(int64_t)err;
}

/* The address of the number is that of the iterator itself. */
FN(bpf_iter_num_next)
{
	struct iter_num *it = vm_update(vm, 1, r1, sizeof(*it));

	if (!it)
		return 0;
	if ((int64_t)it->cur + 1 >= it->end) {
		it->cur = it->end = 0;
		return 0;
	}
	it->cur++;
	return r1;
}

FN(bpf_iter_num_destroy)
{
	struct iter_num *it = vm_update(vm, 1, r1, sizeof(*it));

	if (it && run_release(vm, r1))
		it->cur = it->end = 0;
	return 0;
}

/* ---- Objects of the kernel. ---- */

static uint64_t acquired(struct vm *vm, uint64_t addr, const char *what)
{
	return addr && run_acquire(vm, addr, what) ? addr : 0;
}

FN(bpf_task_acquire)
{
	return acquired(vm, r1, "task");
}

static uint64_t task_of(struct vm *vm, uint32_t pid)
{
	struct world *w = world_of(vm);

	return pid == w->task.pid ? acquired(vm, kobject_current(w), "task") : 0;
}

FN(bpf_task_from_pid)
{
	return task_of(vm, (uint32_t)r1);
}

FN(bpf_task_from_vpid)
{
	return task_of(vm, (uint32_t)r1);
}

FN(bpf_task_release)
{
	run_release(vm, r1);
	return 0;
}

FN(bpf_cgroup_acquire)
{
	return acquired(vm, r1, "cgroup");
}

FN(bpf_cgroup_from_id)
{
	struct world *w = world_of(vm);

	return r1 == w->task.cgroup ? acquired(vm, kobject_cgroup(w), "cgroup") : 0;
}

/* The one cgroup is a child of the root, which nobody has made an object of. */
FN(bpf_cgroup_ancestor)
{
	return (int32_t)r2 == 1 ? acquired(vm, r1, "cgroup") : 0;
}

FN(bpf_cgroup_release)
{
	run_release(vm, r1);
	return 0;
}

FN(bpf_task_under_cgroup)
{
	struct world *w = world_of(vm);

	return r1 == kobject_current(w) && r2 == kobject_cgroup(w);
}

/* The local type's size comes from the program's BTF; in r2 libbpf leaves its descriptor's place.
 */
FN(bpf_obj_new_impl)
{
	const struct prog *p = world_of(vm)->prog;
	uint32_t size;
	struct kobject *o;
	size_t n;
	void *bytes;

	if (!p->btf || !btf_size(p->btf, (uint32_t)r1, &size) || !size)
		return 0;
	bytes = calloc(1, size);
	o = bytes ? kobject_new_bytes(world_of(vm), bytes, size, "allocated object") : NULL;
	free(bytes);
	return o && kobject_bytes(o, &n) ? acquired(vm, kobject_addr(o), "allocated object") : 0;
}

FN(bpf_obj_drop_impl)
{
	struct kobject *o = kobject_at(world_of(vm), r1);

	if (run_release(vm, r1) && o)
		kobject_drop(o, "bpf_obj_drop()");
	return 0;
}

FN(bpf_cast_to_kern_ctx)
{
	return arg_ctx(vm, 1, r1) ? r1 : 0;
}

FN(bpf_rdonly_cast)
{
	return r1;
}

FN(bpf_map_sum_elem_count)
{
	struct map *m = arg_map(vm, 1, r1);

	return m ? map_count(m) : 0;
}

/* ---- dynptrs ---- */

static uint64_t from_packet(struct vm *vm, uint64_t addr, uint64_t flags, enum dyn_kind kind)
{
	struct run *r = run_of(vm);
	struct run_dyn *d = dyn_new(vm, 3, addr);

	if (!d)
		return 0;
	if (flags)
		return NO(EINVAL);
	*d = (struct run_dyn){ .kind = kind,
			       .rdonly = kind == DYN_SKB && r->kind != CTX_tc && r->kind != CTX_lwt,
			       .size = r->pkt.len };
	return 0;
}

FN(bpf_dynptr_from_skb)
{
	return arg_ctx(vm, 1, r1) ? from_packet(vm, r3, r2, DYN_SKB) : 0;
}

FN(bpf_dynptr_from_xdp)
{
	return arg_ctx(vm, 1, r1) ? from_packet(vm, r3, r2, DYN_XDP) : 0;
}

/* Of a packet: an address in it, if the bytes lie where programs reach; else a copy of them. */
static uint64_t slice(struct vm *vm, const uint64_t *r, bool write)
{
	struct run *run = run_of(vm);
	struct run_dyn *d = dyn_arg(vm, 1, r[0]);
	uint32_t off = (uint32_t)r[1], n = (uint32_t)r[3];
	void *copy;

	if (!d || d->kind == DYN_NONE || (write && d->rdonly) || n > d->size || off > d->size - n)
		return 0;
	if (d->kind != DYN_SKB && d->kind != DYN_XDP)
		return d->addr ? d->addr + off : 0;
	off += d->off;
	if ((uint64_t)off + n > run->pkt.len)
		return 0;
	if (off + n <= run->pkt.linear)
		return run->pkt.data->base + off;
	copy = r[2] ? vm_write(vm, 3, r[2], n) : NULL;
	if (!copy)
		return 0;
	memcpy(copy, pkt_data(&run->pkt) + off, n);
	return r[2];
}

FN(bpf_dynptr_slice)
{
	return slice(vm, (const uint64_t[]){ r1, r2, r3, r4 }, false);
}

FN(bpf_dynptr_slice_rdwr)
{
	return slice(vm, (const uint64_t[]){ r1, r2, r3, r4 }, true);
}

FN(bpf_dynptr_adjust)
{
	struct run_dyn *d = dyn_arg(vm, 1, r1);
	uint32_t start = (uint32_t)r2, end = (uint32_t)r3;

	if (!d)
		return 0;
	if (d->kind == DYN_NONE || start > end)
		return NO(EINVAL);
	if (start > d->size || end > d->size)
		return NO(ERANGE);
	if (d->kind == DYN_SKB || d->kind == DYN_XDP)
		d->off += start;
	else
		d->addr += start;
	d->size = end - start;
	return 0;
}

FN(bpf_dynptr_clone)
{
	struct run_dyn *d = dyn_arg(vm, 1, r1), from;
	struct run_dyn *to;

	if (!d)
		return 0;
	from = *d;
	to = dyn_new(vm, 2, r2);
	if (!to)
		return 0;
	*to = from;
	/* What must be given back is the original. */
	if (to->kind == DYN_RING)
		to->kind = DYN_LOCAL;
	return from.kind == DYN_NONE ? NO(EINVAL) : 0;
}

FN(bpf_dynptr_is_null)
{
	const struct run_dyn *d = dyn_arg(vm, 1, r1);

	return d && (d->kind == DYN_NONE || (!d->addr && d->kind != DYN_SKB && d->kind != DYN_XDP));
}

FN(bpf_dynptr_is_rdonly)
{
	const struct run_dyn *d = dyn_arg(vm, 1, r1);

	return d && d->rdonly;
}

FN(bpf_dynptr_size)
{
	const struct run_dyn *d = dyn_arg(vm, 1, r1);

	return d ? d->kind == DYN_NONE ? NO(EINVAL) : d->size : 0;
}

/* ---- What a device knows of a packet: without a device nothing. ---- */

FN(bpf_xdp_metadata_rx_hash)
{
	return arg_ctx(vm, 1, r1) ? NO(EOPNOTSUPP) : 0;
}

FN(bpf_xdp_metadata_rx_timestamp)
{
	return arg_ctx(vm, 1, r1) ? NO(EOPNOTSUPP) : 0;
}

FN(bpf_xdp_metadata_rx_vlan_tag)
{
	return arg_ctx(vm, 1, r1) ? NO(EOPNOTSUPP) : 0;
}

/* ---- Strings, at addresses nobody vouches for. ---- */

static int64_t length(struct vm *vm, uint64_t addr, uint64_t max)
{
	char c;

	for (uint64_t i = 0; i < max; i++) {
		if (i == MAX_STRING)
			return -E2BIG;
		if (!probe(vm, addr + i, &c, 1, false))
			return -EFAULT;
		if (!c)
			return (int64_t)i;
	}
	return (int64_t)max;
}

FN(bpf_strlen)
{
	return (uint64_t)length(vm, r1, UINT64_MAX);
}

FN(bpf_strnlen)
{
	return (uint64_t)length(vm, r1, r2);
}

FN(bpf_strcmp)
{
	for (uint64_t i = 0; i < MAX_STRING; i++) {
		unsigned char a, b;

		if (!probe(vm, r1 + i, &a, 1, false) || !probe(vm, r2 + i, &b, 1, false))
			return NO(EFAULT);
		if (a != b)
			return (uint64_t)(int64_t)(a < b ? -1 : 1);
		if (!a)
			return 0;
	}
	return NO(E2BIG);
}

/* ---- Which there are. ---- */

#define P(type) (UINT64_C(1) << UAPI_PROG_##type)
#define ALL (~UINT64_C(0))
#define XDP P(xdp)
#define SKB                                                                                        \
	(P(socket_filter) | P(sched_cls) | P(sched_act) | P(cgroup_skb) | P(lwt_in) | P(lwt_out) | \
	 P(lwt_xmit) | P(lwt_seg6local) | P(sk_skb) | P(netfilter))
#define TRACE                                                                                      \
	(P(tracing) | P(lsm) | P(struct_ops) | P(syscall) | P(kprobe) | P(tracepoint) |            \
	 P(perf_event) | P(raw_tracepoint) | P(cgroup_skb) | P(cgroup_device) | P(cgroup_sock) |   \
	 P(cgroup_sock_addr) | P(cgroup_sockopt) | P(cgroup_sysctl))

struct kfunc {
	struct vm_func func;
	uint64_t types;
};

#define KFUNC(fname, args, null, allowed)                                                          \
	{ { .name = #fname, .fn = fname, .nargs = args, .or_null = null }, allowed },
static const struct kfunc kfuncs[] = {
#include "sim/kfunc.def"
};
#undef KFUNC

int kfunc_find(const struct prog *prog, const char *name, const struct vm_func **func,
	       struct buf *log)
{
	for (size_t i = 0; i < countof(kfuncs); i++) {
		if (strcmp(kfuncs[i].func.name, name) != 0)
			continue;
		if (!prog->gpl) {
			buf_adds(log,
				 "cannot call kernel function from non-GPL compatible program\n");
			return -EINVAL;
		}
		if (!(kfuncs[i].types >> prog->type & 1)) {
			buf_addf(log, "calling kernel function %s is not allowed\n", name);
			return -EACCES;
		}
		*func = &kfuncs[i].func;
		return 0;
	}
	buf_addf(log, "the mock kernel has no model of kernel function %s\n", name);
	return -EOPNOTSUPP;
}
