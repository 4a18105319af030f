// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What runs and helpers share: the state of a run in progress. */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/ctx.h"
#include "sim/pkt.h"
#include "sim/prog.h"
#include "sim/run.h"
#include "sim/vm.h"
#include "sim/world.h"
#include "uapi/names.h"

struct kobject;
struct map;

/* What must be given back before the program ends. */
struct run_ref {
	uint64_t addr;
	const char *what; /* "ring buffer record", "socket" */
	uint32_t insn;	  /* slot that acquired it */
};
#define RUN_REFS 64

/* A dynptr of the running program: what its 16 bytes on the stack stand for. */
enum dyn_kind { DYN_NONE, DYN_LOCAL, DYN_RING, DYN_SKB, DYN_XDP };
struct run_dyn {
	enum dyn_kind kind;
	bool rdonly;
	uint64_t addr; /* of the memory; of a packet its first byte's offset is off */
	uint32_t off, size;
	struct map *map;
};
#define RUN_DYNS 64

/* Beyond struct __sk_buff: what the packet has that no field shows. */
struct run_skb {
	uint32_t mac, net; /* places in pkt.mem */
	uint16_t protocol; /* host order of the ethertype */
	bool l2, summed, dissector, encap, tunnel, tunnel_out;
	uint8_t level_1; /* checksums found right, plus one; 0: none looked at */
	uint32_t csum;
	uint32_t vlan_tci;
	uint64_t sk; /* of its socket, or 0 */
	/*
	 * As in a kernel, where the buffer has so much room in front; the transport header's
	 * place in it, which nobody has set while it is all ones.
	 */
	uint32_t room;
	uint16_t transport;
};

/* A bpf_timer that was initialised. */
struct run_timer {
	uint64_t addr, func, when; /* of struct bpf_timer; of the callback; ns since boot */
	struct map *map;
	struct code *code; /* the callback is in */
	bool armed, running;
};
#define RUN_TIMERS 64

/* An option that the program has set on the socket. */
struct run_sockopt {
	const void *option;
	uint8_t value[16];
};
#define RUN_SOCKOPTS 16

struct run_redirect {
	bool set;
	const struct map *map;
	uint64_t key, flags;
};

struct run {
	struct world *w;
	enum ctx_kind kind;
	const struct ctx_shape *shape;
	/* By kind, made when first needed. */
	struct run_ctx {
		struct region *rg;
		uint8_t *bytes, *fields;
	} ctxs[CTX_KINDS];
	uint8_t *ctx; /* bytes of the running program's */
	struct pkt pkt;
	bool has_pkt;
	struct run_skb skb;
	struct run_prog *how;
	struct run_ref refs[RUN_REFS];
	uint32_t nr_refs;
	uint64_t lock; /* address of the bpf_spin_lock that is held, or 0 */
	uint32_t rcu, preempt, irq;
	struct run_dyn dyns[RUN_DYNS];
	uint64_t wheres[RUN_DYNS]; /* address of each one's 16 bytes */
	uint32_t nr_dyns;
	struct bpf_tunnel_key tunnel;
	struct run_redirect redirect;
	struct run_timer timers[RUN_TIMERS];
	uint32_t nr_timers;
	struct run_sockopt sockopts[RUN_SOCKOPTS];
	uint32_t nr_sockopts;
	int32_t retval;	   /* bpf_get_retval() */
	uint64_t selected; /* sk_lookup's socket */
	uint32_t room;	   /* frame size of XDP, headroom of it */
	struct kobject *objects;
	struct kobject *sock, *task, *cgroup;
};

static inline struct run *run_of(const struct vm *vm)
{
	return ((struct world *)vm->user)->run;
}

bool run_init(struct world *w);
void run_fini(struct world *w);

/*
 * One run begins: the context has the size (of bytes; else the shape's) and is all zero where
 * run->ctx shows it; no packet.  0, -EINVAL, -ENOMEM.
 */
int run_begin(struct run *r, struct prog *p, uint32_t ctx_size);
/* Pointers to the packet, as it is now, into the context. */
void run_show_packet(struct run *r);
/* The same, of [start, end) of it. */
void run_show_slice(struct run *r, uint32_t start, uint32_t end);
/* Once more, with context and packet as they are; checks what the program must leave behind. */
int run_once(struct run *r, struct prog *p, uint64_t *ret, struct vm_fault *fault);
/* After a helper that a kernel's verifier takes all packet pointers away for. */
void run_moved(struct run *r, const char *why);

/* Whether the result is one the verifier would have let the program return. */
bool run_check_result(struct run *r, const struct prog *p, uint64_t ret, struct vm_fault *fault);

/* A reference that the program got; false: the fault is raised. */
bool run_acquire(struct vm *vm, uint64_t addr, const char *what);
/* False: it held none, and the fault is raised. */
bool run_release(struct vm *vm, uint64_t addr);

/* skb: the context from the packet's state, and what writing to it means. */
int run_skb_begin(struct run *r, uint32_t meta);
void run_skb_show(struct run *r);
struct __sk_buff *run_skb_ctx(struct run *r);
/* What the kernel makes of an ethertype or length, of n bytes from there on. */
uint16_t run_skb_protocol(const uint8_t *type, size_t n);
enum miss run_skb_access(struct vm *vm, struct region *rg, uint32_t off, uint32_t size, bool write,
			 uint64_t *value);

/* BPF_PROG_TEST_RUN of the types, after what is checked for all of them. */
int run_test_skb(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
int run_test_xdp(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
int run_test_dissector(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
int run_test_raw_tp(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
int run_test_syscall(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
int run_test_lookup(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
int run_test_netfilter(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);

/* Runs repeat times; retval and duration. */
int run_repeat(struct run *r, struct prog *p, struct run_test *t, struct vm_fault *fault);
/* As bpf_ctx_init(): -EINVAL, -E2BIG; 1: there is a context now, 0: none was given. */
int run_ctx_in(const struct run_test *t, void *ctx, uint32_t size);
int run_ctx_out(struct run_test *t, const void *ctx, uint32_t size);
/* As bpf_test_finish(): -ENOSPC if it did not fit. */
int run_data_out(struct run_test *t, const void *data, uint32_t size);
