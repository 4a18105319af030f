// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Contexts: which type of program has which, and what of it may be read and written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of contexts, in the order of ctx_shapes[] in ctx.c. */
enum ctx_kind {
	CTX_socket_filter,
	CTX_tc,
	CTX_cgroup_skb,
	CTX_lwt,
	CTX_sk_skb,
	CTX_flow_dissector,
	CTX_xdp,
	CTX_sock,
	CTX_post_bind4,
	CTX_post_bind6,
	CTX_sock_ops,
	CTX_device,
	CTX_sk_msg,
	CTX_addr4,
	CTX_addr6,
	CTX_sendmsg4,
	CTX_sendmsg6,
	CTX_addr_unix,
	CTX_sk_reuseport,
	CTX_sysctl,
	CTX_getsockopt,
	CTX_setsockopt,
	CTX_sk_lookup,
	CTX_regs,	/* struct pt_regs */
	CTX_perf_event, /* the same, and two numbers */
	CTX_args,	/* u64 each, read from its start: BTF arguments and iterators */
	CTX_pointers,	/* u64 each, whole ones only: netfilter */
	CTX_tp_buffer,	/* u64 each, the first one the address of a buffer */
	CTX_bytes,	/* of any size, read only: tracepoints */
	CTX_struct,	/* read and written: syscall */
	CTX_sk,		/* no context: what pointers to sockets lead to */
	CTX_KINDS
};

#define CTX_NOWHERE UINT32_MAX

struct ctx_shape {
	const char *name; /* struct of uapi/ctx.def, or NULL: bytes */
	uint32_t size;	  /* of the whole; of bytes at most */
	/* Where pointers to the packet are, or CTX_NOWHERE; 4 or 8 bytes each. */
	uint32_t data, data_end, data_meta, pointer;
};

/* The context of a program; CTX_KINDS: nothing is known of the type. */
enum ctx_kind ctx_of(uint32_t prog_type, uint32_t attach_type);
const struct ctx_shape *ctx_shape(enum ctx_kind kind);
/* Whether the context is a struct __sk_buff. */
static inline bool ctx_is_skb(enum ctx_kind kind)
{
	return kind <= CTX_flow_dissector;
}
/* The table region_spec.fields wants, [size]; false: no table, every access is right. */
bool ctx_fields(enum ctx_kind kind, uint8_t *fields);
/* Offset of a field; CTX_NOWHERE: there is none. */
uint32_t ctx_offset(enum ctx_kind kind, const char *field);
