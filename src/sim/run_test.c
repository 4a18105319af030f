// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BPF_PROG_TEST_RUN: what is the same for all types, and the types without packets. */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "sim/code.h"
#include "sim/insn.h"
#include "sim/kobject.h"
#include "sim/run_priv.h"

#define NOTSUPP 524 /* ENOTSUPP of the kernel: types without a test run */
#define PAGE 4096
#define AF_INET_NR 2
#define AF_INET6_NR 10

int run_ctx_in(const struct run_test *t, void *ctx, uint32_t size)
{
	const uint8_t *in = t->ctx_in;

	if (!in && !t->ctx_out)
		return 0;
	memset(ctx, 0, size);
	if (!in)
		return 1;
	if (t->ctx_size_in > PAGE)
		return -E2BIG;
	for (uint32_t i = size; i < t->ctx_size_in; i++)
		if (in[i])
			return -E2BIG;
	memcpy(ctx, in, t->ctx_size_in < size ? t->ctx_size_in : size);
	return 1;
}

int run_ctx_out(struct run_test *t, const void *ctx, uint32_t size)
{
	uint32_t n = size;
	int err = 0;

	if (!t->ctx_out)
		return 0;
	if (t->ctx_size_out && n > t->ctx_size_out) {
		n = t->ctx_size_out;
		err = -ENOSPC;
	}
	memcpy(t->ctx_out, ctx, n);
	t->ctx_size_out = size;
	return err;
}

int run_data_out(struct run_test *t, const void *data, uint32_t size)
{
	uint32_t n = size;
	int err = 0;

	if (t->data_size_out && n > t->data_size_out) {
		n = t->data_size_out;
		err = -ENOSPC;
	}
	if (t->data_out && n)
		memcpy(t->data_out, data, n);
	t->data_size_out = size;
	return err;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int run_repeat(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	uint32_t repeat = t->repeat ? t->repeat : 1;
	uint64_t start = now_ns(), ret = 0;

	for (uint32_t i = 0; i < repeat; i++) {
		int err = run_once(r, p, &ret, fault);

		if (err)
			return err;
	}
	t->retval = (uint32_t)ret;
	start = (now_ns() - start) / repeat;
	t->duration = start > UINT32_MAX ? UINT32_MAX : (uint32_t)start;
	return 0;
}

/* Bytes of its context the program looks at, as far as one can see without following jumps. */
static uint32_t ctx_used(const struct prog *p)
{
	const struct insn *in = code_insns(p->code);
	uint32_t used = 0, is_ctx = 1 << 1;

	for (size_t i = 0; i < code_len(p->code); i++) {
		uint8_t class = in[i].code & 7;
		bool load = class == BPF_LDX, store = class == BPF_ST || class == BPF_STX;
		unsigned int base = load ? in[i].src : in[i].dst;

		if ((load || store) && is_ctx >> base & 1) {
			uint32_t end = (uint32_t)in[i].off + (1u << insn_shift(in[i].code));

			used = in[i].off >= 0 && end > used ? end : used;
		}
		if (in[i].code == (BPF_ALU64 | BPF_MOV | BPF_X) && is_ctx >> in[i].src & 1)
			is_ctx |= 1u << in[i].dst;
		else if (class == BPF_ALU || class == BPF_ALU64 || class == BPF_LD || load)
			is_ctx &= ~(1u << in[i].dst);
		else if (in[i].code == (BPF_JMP | BPF_CALL) || in[i].code == (BPF_JMP | BPF_EXIT))
			is_ctx &= ~0x3fu;
	}
	return used;
}

int run_test_raw_tp(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	unsigned int cpu = r->w->cpu;
	int err;

	if (t->data_in || t->data_out || t->ctx_out || t->duration || t->repeat || t->batch_size)
		return -EINVAL;
	if (t->ctx_size_in < ctx_used(p) || t->ctx_size_in > 12 * 8)
		return -EINVAL;
	if (!(t->flags & BPF_F_TEST_RUN_ON_CPU) && t->cpu)
		return -EINVAL;
	if (t->flags & BPF_F_TEST_RUN_ON_CPU && t->cpu >= r->w->cpus)
		return -ENXIO;
	/* Arguments that were not given are zero. */
	err = run_begin(r, p, 12 * 8);
	if (err)
		return err;
	if (t->ctx_size_in)
		memcpy(r->ctx, t->ctx_in, t->ctx_size_in);
	if (t->flags & BPF_F_TEST_RUN_ON_CPU)
		r->w->cpu = t->cpu;
	err = run_repeat(r, p, t, fault);
	r->w->cpu = cpu;
	t->duration = 0;
	return err;
}

int run_test_syscall(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	int err;

	if (t->data_in || t->data_out || t->ctx_out || t->duration || t->repeat || t->flags ||
	    t->batch_size)
		return -EINVAL;
	if (t->ctx_size_in < ctx_used(p) || t->ctx_size_in > UINT16_MAX)
		return -EINVAL;
	err = run_begin(r, p, t->ctx_size_in);
	if (err)
		return err;
	if (t->ctx_size_in)
		memcpy(r->ctx, t->ctx_in, t->ctx_size_in);
	err = run_repeat(r, p, t, fault);
	t->duration = 0;
	if (!err && t->ctx_size_in)
		memcpy(t->ctx_in, r->ctx, t->ctx_size_in);
	return err;
}

static bool all_zero(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const uint8_t *)bytes)[i])
			return false;
	return true;
}

#define LOOKUP_PORT 60 /* local_port, where what may be given ends */

int run_test_lookup(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	struct bpf_sk_lookup ctx = {};
	uint64_t cookie = 0;
	int err;

	if (t->flags || t->cpu || t->batch_size || t->data_in || t->data_size_in || t->data_out ||
	    t->data_size_out)
		return -EINVAL;
	err = run_ctx_in(t, &ctx, sizeof(ctx));
	if (err <= 0)
		return err ? err : -EINVAL;
	if (ctx.cookie ||
	    !all_zero((const uint8_t *)&ctx + LOOKUP_PORT + 4, sizeof(ctx) - LOOKUP_PORT - 4))
		return -EINVAL;
	if (ctx.local_port > UINT16_MAX)
		return -ERANGE;
	if ((uint16_t)ctx.family != AF_INET_NR && (uint16_t)ctx.family != AF_INET6_NR)
		return -EAFNOSUPPORT;
	err = run_begin(r, p, sizeof(ctx));
	if (err)
		return err;
	memcpy(r->ctx, &ctx, sizeof(ctx));
	((struct bpf_sk_lookup *)(void *)r->ctx)->family = (uint16_t)ctx.family;
	((struct bpf_sk_lookup *)(void *)r->ctx)->protocol = (uint16_t)ctx.protocol;
	err = run_repeat(r, p, t, fault);
	if (err)
		return err;
	cookie = r->selected;
	memcpy(&ctx, &cookie, 8);
	err = run_data_out(t, NULL, 0);
	return err ? err : run_ctx_out(t, &ctx, sizeof(ctx));
}

static uint16_t clamp16(uint16_t v, uint32_t min, uint32_t max)
{
	if (v < min)
		return (uint16_t)min;
	return v > max ? (uint16_t)max : v;
}

/* The keys lie in memory of their own; the context holds their address. */
static int dissect(struct run *r, struct prog *p, struct run_test *t, uint32_t flags,
		   struct vm_fault *fault, struct bpf_flow_keys *keys)
{
	struct kobject *o = kobject_new_bytes(r->w, keys, sizeof(*keys), "flow keys");
	const uint8_t *eth = pkt_data(&r->pkt);
	uint64_t addr = o ? kobject_addr(o) : 0;
	struct bpf_flow_keys *k;
	size_t n;
	int err;

	if (!o)
		return -ENOMEM;
	k = kobject_bytes(o, &n);
	memset(k, 0, n);
	memcpy(&k->n_proto, eth + 12, 2);
	k->nhoff = k->thoff = ETH_HLEN;
	k->flags = flags;
	memcpy(r->ctx + offsetof(struct __sk_buff, flow_keys), &addr, 8);
	run_show_packet(r);
	err = run_once(r, p, &(uint64_t){ 0 }, fault);
	if (!err) {
		k->nhoff = clamp16(k->nhoff, ETH_HLEN, r->pkt.len);
		k->thoff = clamp16(k->thoff, k->nhoff, r->pkt.len);
		*keys = *k;
		t->retval = (uint32_t)r->w->vm->r[0];
	}
	kobject_drop(o, "the run ended");
	return err;
}

int run_test_dissector(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	struct bpf_flow_keys ctx = {}, keys = {};
	uint32_t repeat = t->repeat ? t->repeat : 1;
	int has_ctx, err;

	if (t->flags || t->cpu || t->batch_size || t->data_size_in < ETH_HLEN ||
	    t->data_size_in > PAGE)
		return -EINVAL;
	if (!t->data_in)
		return -EFAULT;
	has_ctx = run_ctx_in(t, &ctx, sizeof(ctx));
	if (has_ctx < 0)
		return has_ctx;
	if (!all_zero(&ctx, offsetof(struct bpf_flow_keys, flags)) || ctx.flow_label)
		return -EINVAL;
	err = run_begin(r, p, sizeof(struct __sk_buff));
	if (err)
		return err;
	memcpy(r->pkt.mem + PKT_HEADROOM, t->data_in, t->data_size_in);
	pkt_set(&r->pkt, 0, t->data_size_in, t->data_size_in);
	r->has_pkt = true;
	for (uint32_t i = 0; !err && i < repeat; i++)
		err = dissect(r, p, t, ctx.flags, fault, &keys);
	t->duration = 0;
	if (!err)
		err = run_data_out(t, &keys, sizeof(keys));
	return err || !has_ctx ? err : run_ctx_out(t, &ctx, sizeof(ctx));
}

/* struct nf_hook_state on 64 bits, as far as a test may give it. */
struct hook_state {
	uint8_t hook, pf;
	uint8_t rest[46];
};

static int netfilter_args(struct run *r, const struct hook_state *state)
{
	struct kobject *s = kobject_new_struct(r->w, "nf_hook_state");
	struct kobject *skb = kobject_new_struct(r->w, "sk_buff");
	uint64_t args[2] = { s ? kobject_addr(s) : 0, skb ? kobject_addr(skb) : 0 };

	if (s) {
		kobject_set(s, "hook", state->hook);
		kobject_set(s, "pf", state->pf);
	}
	if (skb)
		kobject_set(skb, "len", r->pkt.len);
	memcpy(r->ctx, args, sizeof(args));
	return 0;
}

int run_test_netfilter(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	struct hook_state state = {};
	uint32_t min = 20;
	int err;

	if (t->flags || t->cpu || t->batch_size || t->data_size_in < min)
		return -EINVAL;
	if (t->data_size_in > PAGE - 64 - 320)
		return -EINVAL;
	if (!t->data_in)
		return -EFAULT;
	err = run_ctx_in(t, &state, sizeof(state));
	if (err < 0)
		return err;
	if (!err)
		state = (struct hook_state){ .pf = NFPROTO_IPV4, .hook = NF_INET_LOCAL_OUT };
	else if (!all_zero(state.rest, sizeof(state.rest)) ||
		 (state.pf != NFPROTO_IPV4 && state.pf != NFPROTO_IPV6) ||
		 state.hook > NF_INET_POST_ROUTING)
		return -EINVAL;
	if (state.pf == NFPROTO_IPV6)
		min = 40;
	if (t->data_size_in < min + (state.hook == NF_INET_LOCAL_OUT ? 0 : ETH_HLEN))
		return -EINVAL;
	err = run_begin(r, p, 0);
	if (err)
		return err;
	memcpy(r->pkt.mem + PKT_HEADROOM, t->data_in, t->data_size_in);
	pkt_set(&r->pkt, 0, t->data_size_in, t->data_size_in);
	netfilter_args(r, &state);
	err = run_repeat(r, p, t, fault);
	return err ? err : run_data_out(t, NULL, 0);
}

/* fentry and its like: the kernel calls functions of its own, which this one does not have. */
static int run_test_tracing(const struct prog *p, struct run_test *t)
{
	if (t->flags || t->cpu || t->batch_size)
		return -EINVAL;
	if (p->attach_type != UAPI_ATTACH_trace_fentry &&
	    p->attach_type != UAPI_ATTACH_trace_fexit &&
	    p->attach_type != UAPI_ATTACH_modify_return)
		return -EINVAL;
	t->retval = 0;
	return 0;
}

static int dispatch(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	switch (p->type) {
	case UAPI_PROG_socket_filter:
	case UAPI_PROG_sched_cls:
	case UAPI_PROG_sched_act:
	case UAPI_PROG_cgroup_skb:
	case UAPI_PROG_lwt_in:
	case UAPI_PROG_lwt_out:
	case UAPI_PROG_lwt_xmit:
		return run_test_skb(r, p, t, fault);
	case UAPI_PROG_lwt_seg6local:
		return r->w->past_runs ? run_test_skb(r, p, t, fault) : -NOTSUPP;
	case UAPI_PROG_xdp:
		return run_test_xdp(r, p, t, fault);
	case UAPI_PROG_flow_dissector:
		return run_test_dissector(r, p, t, fault);
	case UAPI_PROG_raw_tracepoint:
		return run_test_raw_tp(r, p, t, fault);
	case UAPI_PROG_syscall:
		return run_test_syscall(r, p, t, fault);
	case UAPI_PROG_sk_lookup:
		return run_test_lookup(r, p, t, fault);
	case UAPI_PROG_netfilter:
		return run_test_netfilter(r, p, t, fault);
	case UAPI_PROG_tracing:
		return run_test_tracing(p, t);
	default:
		return -NOTSUPP;
	}
}

int run_test(struct world *w, struct prog *p, struct run_test *t, struct vm_fault *fault)
{
	fault->kind = FAULT_NONE;
	if (!t->ctx_size_in != !t->ctx_in || !t->ctx_size_out != !t->ctx_out)
		return -EINVAL;
	return dispatch(w->run, p, t, fault);
}
