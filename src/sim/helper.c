// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which helper a call means, and whether the program may call it. */
#include "sim/helper.h"

#include <linux/bpf.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/helper_priv.h"
#include "sim/map_prog.h"
#include "sim/space.h"

#define P(type) (UINT64_C(1) << UAPI_PROG_##type)
#define TC (P(sched_cls) | P(sched_act))
#define LWTS (P(lwt_in) | P(lwt_out) | P(lwt_xmit) | P(lwt_seg6local))
#define BTFS (P(tracing) | P(lsm))
#define TRACERS                                                                                    \
	(P(kprobe) | P(tracepoint) | P(perf_event) | P(raw_tracepoint) |                           \
	 P(raw_tracepoint_writable) | BTFS | P(syscall))
#define ANY (((UINT64_C(1) << (UAPI_PROG_netfilter + 1)) - 2) & ~P(ext))
#define MOST (ANY & ~P(lirc_mode2))
#define NETS                                                                                       \
	(MOST & ~(P(kprobe) | P(tracepoint) | P(perf_event) | P(raw_tracepoint) |                  \
		  P(raw_tracepoint_writable)))

#define HELPER_TYPES(name, types) [UAPI_HELPER_##name] = (types),
static const uint64_t allowed_types[] = {
#include "sim/helper_types.def"
};
#undef HELPER_TYPES

#define MODEL(helper, args, callback, null)                                                        \
	[UAPI_HELPER_##helper] = { .name = "bpf_" #helper,                                         \
				   .fn = helper_##helper,                                          \
				   .nargs = args,                                                  \
				   .callback_args = callback,                                      \
				   .no_result = UAPI_HELPER_##helper == UAPI_HELPER_tail_call,     \
				   .or_null = null },
static const struct vm_func models[] = {
#include "sim/helper.def"
};
#undef MODEL

bool helper_modelled(uint32_t id)
{
	return id < countof(models) && models[id].fn;
}

static bool is_iter(uint32_t attach)
{
	return attach == UAPI_ATTACH_trace_iter;
}

/* Programs at the entry or exit of a kernel function. */
static bool is_function(uint32_t attach)
{
	return attach == UAPI_ATTACH_trace_fentry || attach == UAPI_ATTACH_trace_fexit ||
	       attach == UAPI_ATTACH_modify_return;
}

static bool sock_addr_retval(uint32_t attach)
{
	switch (attach) {
	case UAPI_ATTACH_cgroup_inet4_bind:
	case UAPI_ATTACH_cgroup_inet6_bind:
	case UAPI_ATTACH_cgroup_inet4_connect:
	case UAPI_ATTACH_cgroup_inet6_connect:
	case UAPI_ATTACH_cgroup_unix_connect:
	case UAPI_ATTACH_cgroup_udp4_sendmsg:
	case UAPI_ATTACH_cgroup_udp6_sendmsg:
	case UAPI_ATTACH_cgroup_unix_sendmsg:
		return true;
	default:
		return false;
	}
}

/* What depends on how a program of the type is attached. */
static bool attach_allows(uint32_t type, uint32_t attach, uint32_t id)
{
	switch (id) {
	case UAPI_HELPER_setsockopt:
	case UAPI_HELPER_getsockopt:
		if (type == UAPI_PROG_cgroup_sockopt)
			return attach == UAPI_ATTACH_cgroup_setsockopt;
		return type != UAPI_PROG_tracing || is_iter(attach);
	case UAPI_HELPER_bind:
		return attach == UAPI_ATTACH_cgroup_inet4_connect ||
		       attach == UAPI_ATTACH_cgroup_inet6_connect;
	case UAPI_HELPER_sk_storage_get:
	case UAPI_HELPER_sk_storage_delete:
		return type != UAPI_PROG_tracing || attach != UAPI_ATTACH_modify_return;
	case UAPI_HELPER_seq_printf:
	case UAPI_HELPER_seq_write:
	case UAPI_HELPER_seq_printf_btf:
		return is_iter(attach);
	case UAPI_HELPER_get_func_ip:
	case UAPI_HELPER_get_func_arg:
	case UAPI_HELPER_get_func_ret:
	case UAPI_HELPER_get_func_arg_cnt:
		return type != UAPI_PROG_tracing || is_function(attach);
	case UAPI_HELPER_get_attach_cookie:
		return type != UAPI_PROG_tracing || !is_iter(attach);
	case UAPI_HELPER_get_retval:
	case UAPI_HELPER_set_retval:
		return type != UAPI_PROG_cgroup_sock_addr || sock_addr_retval(attach);
	case UAPI_HELPER_get_local_storage:
		return type != UAPI_PROG_lsm || attach == UAPI_ATTACH_lsm_cgroup;
	default:
		return true;
	}
}

bool helper_allowed(uint32_t prog_type, uint32_t attach_type, uint32_t id)
{
	if (!id || id >= countof(allowed_types) || prog_type > UAPI_PROG_netfilter)
		return false;
	/* What an extension may call depends on what it replaces. */
	if (prog_type == UAPI_PROG_ext)
		return true;
	return allowed_types[id] >> prog_type & 1 && attach_allows(prog_type, attach_type, id);
}

int helper_find(const struct prog *prog, int32_t id, const struct vm_func **func, struct buf *log)
{
	const struct prog *as =
		prog->type == UAPI_PROG_ext && prog->attach_prog ? prog->attach_prog : prog;
	const struct uapi_helper *h;

	if (id <= 0 || (size_t)id >= countof(allowed_types)) {
		buf_addf(log, "invalid func unknown#%d\n", id);
		return -EINVAL;
	}
	h = &uapi_helpers[id - 1];
	if (!helper_allowed(as->type, as->attach_type, (uint32_t)id)) {
		buf_addf(log, "program of this type cannot use helper %s#%d\n", h->name, id);
		return -EINVAL;
	}
	if (h->flags & HELPER_GPL && !prog->gpl) {
		buf_addf(log, "cannot call GPL-restricted function from non-GPL compatible "
			      "program\n");
		return -EINVAL;
	}
	if (h->flags & HELPER_SLEEPABLE && !(prog->flags & BPF_F_SLEEPABLE)) {
		buf_addf(log, "helper call might sleep in a non-sleepable prog\n");
		return -EINVAL;
	}
	if (!helper_modelled((uint32_t)id)) {
		buf_addf(log, "the mock kernel has no model of helper %s#%d\n", h->name, id);
		return -EOPNOTSUPP;
	}
	*func = &models[id];
	return 0;
}

struct map *arg_map(struct vm *vm, int reg, uint64_t addr)
{
	struct map *m = space_object(vm->space, addr, REGION_MAP);

	if (!m && !vm_stopped(vm))
		vm_fail(vm, NULL, "r%d is no map", reg);
	return m;
}

struct map *arg_map_of(struct vm *vm, int reg, uint64_t addr, const uint8_t *types, size_t n)
{
	struct map *m = arg_map(vm, reg, addr);
	char verifier[80];

	if (!m)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (types[i] == m->spec.type)
			return m;
	snprintf(verifier, sizeof(verifier), "cannot pass map_type %u into func", m->spec.type);
	vm_fail(vm, verifier, "map %s of type %s is none this helper takes", m->spec.name,
		uapi_map_type_name(m->spec.type));
	return NULL;
}

bool arg_ctx(struct vm *vm, int reg, uint64_t addr)
{
	const struct run *r = run_of(vm);

	if (r->kind < CTX_KINDS && r->ctxs[r->kind].rg && addr == r->ctxs[r->kind].rg->base)
		return true;
	if (!vm_stopped(vm))
		vm_fail(vm, "R1 type=scalar expected=ctx", "r%d is not the context", reg);
	return false;
}

bool arg_size(struct vm *vm, int reg, uint64_t size, uint64_t max)
{
	if (size <= max)
		return true;
	vm_fail(vm, "unbounded memory access, use 'var &= const' or 'if (var < const)'",
		"the size in r%d is %lld", reg, (long long)size);
	return false;
}
