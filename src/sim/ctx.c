// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Contexts: the tables behind ctx.h. */
#include "sim/ctx.h"

#include <linux/bpf_perf_event.h>
#include <string.h>

#include "core/mem.h"
#include "sim/space.h"
#include "uapi/names.h"

#define K(kind) (UINT64_C(1) << CTX_##kind)
#define SKBS (K(socket_filter) | K(tc) | K(cgroup_skb) | K(lwt) | K(sk_skb))
#define SENDS (K(sendmsg4) | K(sendmsg6))
#define ADDRS (K(addr4) | K(addr6) | K(addr_unix) | SENDS)
#define SOCKS (K(sock) | K(post_bind4) | K(post_bind6))
#define SOCKOPTS (K(getsockopt) | K(setsockopt))
#define FIRST 16
#define WIDE 32

struct rule {
	const char *name; /* of a field; NULL: the rules of ctx begin */
	const char *ctx;
	uint8_t read, write; /* sizes */
	uint64_t readers, writers;
};

#define CTX_RULES(name) { NULL, #name, 0, 0, 0, 0 },
#define RULE(name, read, readers, write, writers) { name, NULL, read, write, readers, writers },
static const struct rule rules[] = {
#include "sim/ctx_rules.def"
};
#undef CTX_RULES
#undef RULE

#define NONE CTX_NOWHERE
#define SKB(data, data_end, data_meta)                                                             \
	{                                                                                          \
		"__sk_buff", 192, data, data_end, data_meta, 4                                     \
	}
#define PLAIN(name, size)                                                                          \
	{                                                                                          \
		name, size, NONE, NONE, NONE, 8                                                    \
	}
static const struct ctx_shape ctx_shapes[] = {
	[CTX_socket_filter] = SKB(NONE, NONE, NONE),
	[CTX_tc] = SKB(76, 80, 140),
	[CTX_cgroup_skb] = SKB(76, 80, NONE),
	[CTX_lwt] = SKB(76, 80, NONE),
	[CTX_sk_skb] = SKB(76, 80, NONE),
	[CTX_flow_dissector] = SKB(76, 80, NONE),
	[CTX_xdp] = { "xdp_md", 24, 0, 4, 8, 4 },
	[CTX_sock] = PLAIN("bpf_sock", 80),
	[CTX_post_bind4] = PLAIN("bpf_sock", 80),
	[CTX_post_bind6] = PLAIN("bpf_sock", 80),
	[CTX_sock_ops] = { "bpf_sock_ops", 224, 192, 200, NONE, 8 },
	[CTX_device] = PLAIN("bpf_cgroup_dev_ctx", 12),
	[CTX_sk_msg] = { "sk_msg_md", 80, 0, 8, NONE, 8 },
	[CTX_addr4] = PLAIN("bpf_sock_addr", 72),
	[CTX_addr6] = PLAIN("bpf_sock_addr", 72),
	[CTX_sendmsg4] = PLAIN("bpf_sock_addr", 72),
	[CTX_sendmsg6] = PLAIN("bpf_sock_addr", 72),
	[CTX_addr_unix] = PLAIN("bpf_sock_addr", 72),
	[CTX_sk_reuseport] = { "sk_reuseport_md", 56, 0, 8, NONE, 8 },
	[CTX_sysctl] = PLAIN("bpf_sysctl", 8),
	[CTX_getsockopt] = { "bpf_sockopt", 40, 8, 16, NONE, 8 },
	[CTX_setsockopt] = { "bpf_sockopt", 40, 8, 16, NONE, 8 },
	[CTX_sk_lookup] = PLAIN("bpf_sk_lookup", 72),
	[CTX_regs] = PLAIN(NULL, sizeof(bpf_user_pt_regs_t)),
	[CTX_perf_event] = PLAIN(NULL, sizeof(bpf_user_pt_regs_t) + 16),
	[CTX_args] = PLAIN(NULL, 96),
	[CTX_pointers] = PLAIN(NULL, 96),
	[CTX_tp_buffer] = { NULL, 96, 0, NONE, NONE, 8 },
	[CTX_bytes] = PLAIN(NULL, 8192),
	[CTX_struct] = PLAIN(NULL, 65535),
	[CTX_sk] = PLAIN("bpf_sock", 80),
};
_Static_assert(countof(ctx_shapes) == CTX_KINDS, "a shape for each kind");
#undef SKB
#undef PLAIN

/* Types whose context depends on the attach type are in ctx_of(). */
static const uint8_t by_type[] = {
	[UAPI_PROG_unspec] = CTX_KINDS,
	[UAPI_PROG_socket_filter] = CTX_socket_filter,
	[UAPI_PROG_kprobe] = CTX_regs,
	[UAPI_PROG_sched_cls] = CTX_tc,
	[UAPI_PROG_sched_act] = CTX_tc,
	[UAPI_PROG_tracepoint] = CTX_bytes,
	[UAPI_PROG_xdp] = CTX_xdp,
	[UAPI_PROG_perf_event] = CTX_perf_event,
	[UAPI_PROG_cgroup_skb] = CTX_cgroup_skb,
	[UAPI_PROG_cgroup_sock] = CTX_sock,
	[UAPI_PROG_lwt_in] = CTX_lwt,
	[UAPI_PROG_lwt_out] = CTX_lwt,
	[UAPI_PROG_lwt_xmit] = CTX_lwt,
	[UAPI_PROG_sock_ops] = CTX_sock_ops,
	[UAPI_PROG_sk_skb] = CTX_sk_skb,
	[UAPI_PROG_cgroup_device] = CTX_device,
	[UAPI_PROG_sk_msg] = CTX_sk_msg,
	[UAPI_PROG_raw_tracepoint] = CTX_bytes,
	[UAPI_PROG_cgroup_sock_addr] = CTX_addr4,
	[UAPI_PROG_lwt_seg6local] = CTX_lwt,
	[UAPI_PROG_lirc_mode2] = CTX_bytes,
	[UAPI_PROG_sk_reuseport] = CTX_sk_reuseport,
	[UAPI_PROG_flow_dissector] = CTX_flow_dissector,
	[UAPI_PROG_cgroup_sysctl] = CTX_sysctl,
	[UAPI_PROG_raw_tracepoint_writable] = CTX_tp_buffer,
	[UAPI_PROG_cgroup_sockopt] = CTX_getsockopt,
	[UAPI_PROG_tracing] = CTX_args,
	[UAPI_PROG_struct_ops] = CTX_args,
	[UAPI_PROG_ext] = CTX_args,
	[UAPI_PROG_lsm] = CTX_args,
	[UAPI_PROG_sk_lookup] = CTX_sk_lookup,
	[UAPI_PROG_syscall] = CTX_struct,
	[UAPI_PROG_netfilter] = CTX_pointers,
};

static enum ctx_kind addr_kind(uint32_t attach_type)
{
	const char *name = uapi_attach_type_name(attach_type);

	switch (attach_type) {
	case UAPI_ATTACH_cgroup_udp4_sendmsg:
		return CTX_sendmsg4;
	case UAPI_ATTACH_cgroup_udp6_sendmsg:
		return CTX_sendmsg6;
	default:
		if (!name || strchr(name, '4'))
			return CTX_addr4;
		return strchr(name, '6') ? CTX_addr6 : CTX_addr_unix;
	}
}

enum ctx_kind ctx_of(uint32_t prog_type, uint32_t attach_type)
{
	switch (prog_type) {
	case UAPI_PROG_cgroup_sock_addr:
		return addr_kind(attach_type);
	case UAPI_PROG_cgroup_sock:
		if (attach_type == UAPI_ATTACH_cgroup_inet4_post_bind)
			return CTX_post_bind4;
		return attach_type == UAPI_ATTACH_cgroup_inet6_post_bind ? CTX_post_bind6
									 : CTX_sock;
	case UAPI_PROG_cgroup_sockopt:
		return attach_type == UAPI_ATTACH_cgroup_setsockopt ? CTX_setsockopt
								    : CTX_getsockopt;
	default:
		return prog_type < countof(by_type) ? (enum ctx_kind)by_type[prog_type] : CTX_KINDS;
	}
}

const struct ctx_shape *ctx_shape(enum ctx_kind kind)
{
	return &ctx_shapes[kind];
}

static const struct uapi_ctx_field *find_field(const char *ctx, const char *name)
{
	bool in = false;

	for (size_t i = 0; i < uapi_nr_ctx_fields; i++) {
		const struct uapi_ctx_field *f = &uapi_ctx_fields[i];

		if (*f->ctx)
			in = strcmp(f->ctx, ctx) == 0;
		else if (in && strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

/* Sizes allowed at each offset of a field; `write` shifts them. */
static void allow(uint8_t *fields, uint32_t total, const struct uapi_ctx_field *f,
		  unsigned int sizes, bool write)
{
	uint32_t len = sizes & WIDE ? 4 : f->size;

	for (uint32_t size = 1; size <= 8; size *= 2) {
		if (!(sizes & size))
			continue;
		for (uint32_t at = (0 - f->off) & (size - 1); at == 0 || at + size <= len;
		     at += size) {
			if (f->off + at + size > total || (at && sizes & FIRST))
				break;
			fields[f->off + at] |= (uint8_t)(write ? FIELD_WRITE(size) : size);
		}
	}
}

static void add_rules(enum ctx_kind kind, uint64_t readers, uint64_t writers, uint8_t *fields)
{
	const struct ctx_shape *shape = &ctx_shapes[kind];
	bool in = false;

	for (size_t i = 0; i < countof(rules); i++) {
		const struct rule *r = &rules[i];
		const struct uapi_ctx_field *f;

		if (!r->name)
			in = strcmp(r->ctx, shape->name) == 0;
		if (!r->name || !in)
			continue;
		f = find_field(shape->name, r->name);
		if (!f)
			continue;
		if (r->readers & readers)
			allow(fields, shape->size, f, r->read, false);
		if (r->writers & writers)
			allow(fields, shape->size, f, r->write, true);
	}
}

/* Numbers of which each part may be read. */
static void allow_parts(uint8_t *fields, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		fields[i] = (uint8_t)(i % 8 == 0 ? 15 : i % 4 == 0 ? 7 : i % 2 == 0 ? 3 : 1);
}

bool ctx_fields(enum ctx_kind kind, uint8_t *fields)
{
	const struct ctx_shape *shape = &ctx_shapes[kind];
	uint32_t words = shape->size;

	memset(fields, 0, shape->size);
	if (shape->name) {
		uint64_t set = kind == CTX_sk ? SOCKS : UINT64_C(1) << kind;

		add_rules(kind, set, kind == CTX_sk ? 0 : set, fields);
		return true;
	}
	if (kind == CTX_perf_event)
		words -= 16;
	else if (kind == CTX_tp_buffer)
		words = 8;
	else if (kind != CTX_args && kind != CTX_pointers)
		return false;
	for (uint32_t i = 0; i + 8 <= words; i += 8) /* an argument may be a number: 1, 2, 4, 8 */
		fields[i] = kind == CTX_args ? 15 : FIELD_READ(8);
	allow_parts(fields, kind == CTX_tp_buffer ? 1 : words, shape->size);
	return true;
}

uint32_t ctx_offset(enum ctx_kind kind, const char *field)
{
	const char *name = ctx_shapes[kind].name;
	const struct uapi_ctx_field *f = name ? find_field(name, field) : NULL;

	return f ? f->off : CTX_NOWHERE;
}
