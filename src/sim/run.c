// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs of any program type: context and packet in, one run, context and packet out. */
#include "sim/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/code.h"
#include "sim/kobject.h"
#include "sim/map_prog.h"
#include "sim/run_priv.h"

bool run_init(struct world *w)
{
	struct run *r = calloc(1, sizeof(*r));

	if (!r)
		return false;
	w->run = r;
	r->w = w;
	r->kind = CTX_KINDS;
	return pkt_init(&r->pkt, w->space);
}

void run_fini(struct world *w)
{
	struct run *r = w->run;

	for (size_t i = 0; i < CTX_KINDS; i++) {
		free(r->ctxs[i].bytes);
		free(r->ctxs[i].fields);
	}
	while (r->objects)
		kobject_drop(r->objects, "the world ended");
	pkt_fini(&r->pkt);
	free(r);
	w->run = NULL;
}

static bool add_ctx(struct run *r, enum ctx_kind kind)
{
	struct run_ctx *c = &r->ctxs[kind];
	const struct ctx_shape *shape = ctx_shape(kind);
	struct region_spec spec = { .kind = REGION_CTX,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = "ctx",
				    .len = shape->size,
				    .access = ctx_is_skb(kind) ? run_skb_access : NULL };

	if (spec.access)
		spec.flags |= REGION_REST;
	if (kind == CTX_bytes || kind == CTX_regs || kind == CTX_tp_buffer)
		spec.flags = REGION_READ;
	c->bytes = calloc(1, shape->size + 8);
	c->fields = calloc(1, shape->size);
	if (!c->bytes || !c->fields)
		return false;
	spec.host = c->bytes;
	spec.fields = ctx_fields(kind, c->fields) ? c->fields : NULL;
	c->rg = space_add(r->w->space, &spec);
	return c->rg;
}

int run_begin(struct run *r, struct prog *p, uint32_t ctx_size)
{
	enum ctx_kind kind = ctx_of(p->type, p->attach_type);
	struct run_ctx *c = &r->ctxs[kind];

	if (kind == CTX_KINDS)
		return -EINVAL;
	r->kind = kind;
	r->shape = ctx_shape(kind);
	if (ctx_size > r->shape->size)
		return -EINVAL;
	if (!c->rg && !add_ctx(r, kind))
		return -ENOMEM;
	if (kind == CTX_bytes || kind == CTX_struct)
		region_resize(c->rg, c->bytes, ctx_size);
	else
		ctx_size = r->shape->size;
	memset(c->bytes, 0, ctx_size);
	r->ctx = c->bytes;
	r->has_pkt = false;
	r->how = NULL;
	r->selected = 0;
	r->skb.dissector = kind == CTX_flow_dissector;
	return 0;
}

static void put_pointer(const struct run *r, uint32_t off, uint64_t addr)
{
	if (off == CTX_NOWHERE)
		return;
	if (r->shape->pointer == 8)
		memcpy(r->ctx + off, &addr, 8);
	else
		memcpy(r->ctx + off, &(uint32_t){ (uint32_t)addr }, 4);
}

void run_show_packet(struct run *r)
{
	const struct region *data = r->pkt.data;

	put_pointer(r, r->shape->data, data->base);
	put_pointer(r, r->shape->data_end, data->base + data->len);
	put_pointer(r, r->shape->data_meta, data->base - r->pkt.meta);
}

void run_moved(struct run *r, const char *why)
{
	pkt_moved(&r->pkt, why);
	if (ctx_is_skb(r->kind))
		run_skb_show(r);
	run_show_packet(r);
}

void run_show_slice(struct run *r, uint32_t start, uint32_t end)
{
	put_pointer(r, r->shape->data, r->pkt.data->base + start);
	put_pointer(r, r->shape->data_end, r->pkt.data->base + end);
}

bool run_acquire(struct vm *vm, uint64_t addr, const char *what)
{
	struct run *r = run_of(vm);

	if (r->nr_refs == RUN_REFS) {
		vm_fail(vm, NULL, "more than %d references are held", RUN_REFS);
		return false;
	}
	r->refs[r->nr_refs++] = (struct run_ref){ addr, what, vm_call_slot(vm) };
	return true;
}

bool run_release(struct vm *vm, uint64_t addr)
{
	struct run *r = run_of(vm);

	for (uint32_t i = r->nr_refs; i-- > 0;) {
		if (r->refs[i].addr != addr)
			continue;
		memmove(&r->refs[i], &r->refs[i + 1], (--r->nr_refs - i) * sizeof(r->refs[0]));
		return true;
	}
	vm_fail(vm, "R1 must be referenced when passed to release function",
		"the program holds no reference to what r1 is");
	return false;
}

__attribute__((format(printf, 4, 5))) static int refuse(struct vm_fault *f, const struct prog *p,
							uint32_t insn, const char *fmt, ...)
{
	va_list ap;

	memset(f, 0, sizeof(*f));
	f->kind = FAULT_HELPER;
	f->code = p->code;
	f->insn = insn;
	f->in = code_insns(p->code)[insn];
	f->reg = -1;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return -EFAULT;
}

/* The slot of the last exit: where a run that was not stopped ended, most likely. */
static uint32_t exit_slot(const struct prog *p)
{
	const struct insn *in = code_insns(p->code);
	size_t n;
	const struct code_subprog *subs = code_subprogs(p->code, &n);
	uint32_t at = subs[0].end;

	while (at-- > 0)
		if (in[at].code == (BPF_JMP | BPF_EXIT))
			return at;
	return 0;
}

/* What the verifier looks for at exit. */
static int check_balance(struct run *r, const struct prog *p, struct vm_fault *f)
{
	if (r->nr_refs) {
		const struct run_ref *ref = &r->refs[r->nr_refs - 1];

		refuse(f, p, ref->insn, "the program ended without releasing the %s it got here",
		       ref->what);
		snprintf(f->verifier, sizeof(f->verifier),
			 "Unreleased reference id=%u alloc_insn=%u", r->nr_refs, ref->insn);
		return -EFAULT;
	}
	if (r->lock) {
		refuse(f, p, exit_slot(p), "the program ended with a spin lock held");
		memcpy(f->verifier,
		       "BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region",
		       80);
		return -EFAULT;
	}
	if (r->rcu || r->preempt || r->irq) {
		const char *what = r->rcu	? "bpf_rcu_read_lock"
				   : r->preempt ? "bpf_preempt_disable"
						: "bpf_local_irq_save";

		refuse(f, p, exit_slot(p), "the program ended inside a %s-ed region", what);
		snprintf(f->verifier, sizeof(f->verifier),
			 "BPF_EXIT instruction in main prog cannot be used inside %s-ed region",
			 what);
		return -EFAULT;
	}
	return 0;
}

/* The ranges of return values that check_return_code() knows; false: any. */
static bool result_range(const struct prog *p, int64_t *min, int64_t *max)
{
	uint32_t at = p->attach_type;

	*min = 0;
	*max = 1;
	switch (p->type) {
	case UAPI_PROG_cgroup_sock_addr:
		if (at == UAPI_ATTACH_cgroup_inet4_bind || at == UAPI_ATTACH_cgroup_inet6_bind)
			*max = 3;
		if (at == UAPI_ATTACH_cgroup_udp4_recvmsg ||
		    at == UAPI_ATTACH_cgroup_udp6_recvmsg ||
		    at == UAPI_ATTACH_cgroup_unix_recvmsg ||
		    (at >= UAPI_ATTACH_cgroup_inet4_getpeername &&
		     at <= UAPI_ATTACH_cgroup_inet6_getsockname) ||
		    at == UAPI_ATTACH_cgroup_unix_getpeername ||
		    at == UAPI_ATTACH_cgroup_unix_getsockname)
			*min = 1;
		return true;
	case UAPI_PROG_cgroup_skb:
		if (at == UAPI_ATTACH_cgroup_inet_egress)
			*max = 3;
		return true;
	case UAPI_PROG_cgroup_sock:
	case UAPI_PROG_sock_ops:
	case UAPI_PROG_cgroup_device:
	case UAPI_PROG_cgroup_sysctl:
	case UAPI_PROG_cgroup_sockopt:
	case UAPI_PROG_sk_lookup:
	case UAPI_PROG_netfilter:
		return true;
	case UAPI_PROG_tracing:
		if (at == UAPI_ATTACH_trace_fentry || at == UAPI_ATTACH_trace_fexit)
			*max = 0;
		return at == UAPI_ATTACH_trace_fentry || at == UAPI_ATTACH_trace_fexit ||
		       at == UAPI_ATTACH_trace_iter;
	default:
		return false;
	}
}

bool run_check_result(struct run *r, const struct prog *p, uint64_t ret, struct vm_fault *fault)
{
	int64_t min, max, v = (int64_t)ret;

	(void)r;
	if (p->type == UAPI_PROG_xdp || !result_range(p, &min, &max) || (v >= min && v <= max))
		return true;
	refuse(fault, p, exit_slot(p),
	       "the program returned %" PRId64 ", where %" PRId64 " to %" PRId64 " are allowed", v,
	       min, max);
	snprintf(fault->verifier, sizeof(fault->verifier),
		 "At program exit the register R0 has smin=%" PRId64 " smax=%" PRId64
		 " should have been in [%" PRId64 ", %" PRId64 "]",
		 v, v, min, max);
	return false;
}

int run_once(struct run *r, struct prog *p, uint64_t *ret, struct vm_fault *fault)
{
	struct world *w = r->w;
	const struct prog *outer = w->prog;
	int err;

	r->nr_refs = r->rcu = r->preempt = r->irq = r->nr_dyns = r->nr_sockopts = 0;
	r->lock = 0;
	r->redirect.set = false;
	w->prog = p;
	err = vm_run(w->vm, p->code, r->ctxs[r->kind].rg->base, ret);
	w->prog = outer;
	if (err) {
		*fault = w->vm->fault;
		return err;
	}
	err = check_balance(r, p, fault);
	if (err)
		return err;
	return run_check_result(r, p, *ret, fault) ? 0 : -EFAULT;
}

/* The packet of run_prog(), from and to the caller's bytes. */
static int packet_in(struct run *r, const struct run_prog *how)
{
	if (how->len > PKT_MAX)
		return -EINVAL;
	if (how->len)
		memcpy(r->pkt.mem + PKT_HEADROOM, how->data, how->len);
	pkt_set(&r->pkt, 0, how->len, how->len);
	r->has_pkt = true;
	return ctx_is_skb(r->kind) ? run_skb_begin(r, 0) : 0;
}

static void packet_out(struct run *r, struct run_prog *how)
{
	uint32_t n = r->pkt.len < how->room ? r->pkt.len : how->room;

	if (n)
		memcpy(how->data, pkt_data(&r->pkt), n);
	how->len = r->pkt.len;
}

/* What the caller's context says goes over what is known without it, but for pointers. */
static void ctx_in(struct run *r, const struct run_prog *how)
{
	for (uint32_t i = 0; i < how->ctx_size; i++)
		if (((const uint8_t *)how->ctx)[i] || !ctx_is_skb(r->kind))
			r->ctx[i] = ((const uint8_t *)how->ctx)[i];
}

int run_prog(struct world *w, struct prog *p, struct run_prog *how, struct vm_fault *fault)
{
	struct run *r = w->run;
	int err = run_begin(r, p, how->ctx_size);

	fault->kind = FAULT_NONE;
	if (!err)
		err = packet_in(r, how);
	if (err)
		return err;
	r->room = 4096;
	r->how = how;
	ctx_in(r, how);
	if (r->kind == CTX_xdp && !r->ctx[12])
		r->ctx[12] = 1;
	run_show_packet(r);
	err = run_once(r, p, &how->retval, fault);
	if (how->data)
		packet_out(r, how);
	if (how->ctx_size)
		memcpy(how->ctx, r->ctx, how->ctx_size);
	r->how = NULL;
	return err;
}

static struct run_timer *due(struct run *r)
{
	struct run_timer *first = NULL;

	for (uint32_t i = 0; i < r->nr_timers; i++) {
		struct run_timer *t = &r->timers[i];

		if (t->armed && t->when <= r->w->clock.boot_ns && (!first || t->when < first->when))
			first = t;
	}
	return first;
}

struct key_search {
	uint64_t value;
	uint32_t key_size;
	uint8_t key[512]; /* MAX_BPF_STACK: no key is longer */
};

static int is_value(void *arg, const void *key, uint64_t value)
{
	struct key_search *s = arg;

	if (value != s->value)
		return 0;
	memcpy(s->key, key, s->key_size);
	return 1;
}

/* What a callback gets: the map, the key of the entry the timer is in, and the entry's value. */
static struct kobject *timer_args(struct run *r, const struct run_timer *t, uint64_t args[3])
{
	const struct map_field *f = map_field(t->map, MAP_FIELD_TIMER);
	struct key_search s = { .value = t->addr - (f ? f->off : 0),
				.key_size = t->map->spec.key_size };
	struct kobject *o;

	if (s.key_size > sizeof(s.key))
		return NULL;
	map_for_each(t->map, is_value, &s);
	o = kobject_new_bytes(r->w, s.key, sizeof(s.key), "key");
	args[0] = map_addr(t->map);
	args[1] = o ? kobject_addr(o) : 0;
	args[2] = s.value;
	return o;
}

int run_timers(struct world *w, struct vm_fault *fault)
{
	struct run *r = w->run;
	struct run_timer *t;
	int n = 0;

	for (; (t = due(r)) && n < RUN_TIMERS; n++) {
		uint64_t args[3], ret;
		struct kobject *key = timer_args(r, t, args);
		const struct prog *outer = w->prog;
		int err;

		if (!key)
			return -ENOMEM;
		w->prog = code_owner(t->code);
		t->armed = false;
		t->running = true;
		err = vm_run_func(w->vm, t->code, t->func, args, 3, &ret);
		t->running = false;
		w->prog = outer;
		kobject_drop(key, "the callback returned");
		if (err) {
			*fault = w->vm->fault;
			return err;
		}
	}
	return n;
}

bool run_has_ld_abs(uint32_t prog_type)
{
	switch (prog_type) {
	case UAPI_PROG_socket_filter:
	case UAPI_PROG_sched_cls:
	case UAPI_PROG_sched_act:
		return true;
	default:
		return false;
	}
}

/* Offsets below zero count from the network header, or from the link layer's. */
static int64_t place(const struct run *r, int32_t off)
{
	const int32_t net = -0x100000, ll = -0x200000;

	if (off >= 0)
		return (int64_t)r->pkt.head + off;
	if (off >= net)
		return (int64_t)r->skb.net + off - net;
	return off >= ll ? (int64_t)r->skb.mac + off - ll : -1;
}

bool run_ld_abs(struct vm *vm, int32_t off, uint32_t size, uint64_t *value)
{
	const struct run *r = run_of(vm);
	int64_t at = place(r, off);

	*value = 0;
	if (!r->has_pkt || at < 0 || at + size > (int64_t)r->pkt.head + r->pkt.len)
		return false;
	for (uint32_t i = 0; i < size; i++)
		*value = *value << 8 | r->pkt.mem[at + i];
	return true;
}
