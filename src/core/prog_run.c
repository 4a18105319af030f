// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BPF_PROG_TEST_RUN. */
#include <errno.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/obj.h"
#include "core/probe.h"
#include "core/prog.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"
#include "uapi/names.h"

#define ENOTSUPP 524
#define ETH_HEADER 14	      /* the least that a packet must have */
#define OUT_ROOM (256u << 10) /* more than any packet: growing means running once more */

enum { TAKES_DATA = 1, TAKES_CTX = 2, TAKES_REPEAT = 4, GIVES_DATA = 8, GIVES_CTX = 16 };

/* What the kernel's test_run of each type reads and writes. */
static unsigned int abilities(uint32_t type)
{
	switch (type) {
	case UAPI_PROG_socket_filter:
	case UAPI_PROG_sched_cls:
	case UAPI_PROG_sched_act:
	case UAPI_PROG_xdp:
	case UAPI_PROG_cgroup_skb:
	case UAPI_PROG_lwt_in:
	case UAPI_PROG_lwt_out:
	case UAPI_PROG_lwt_xmit:
	case UAPI_PROG_lwt_seg6local:
		return TAKES_DATA | TAKES_CTX | TAKES_REPEAT | GIVES_DATA | GIVES_CTX;
	case UAPI_PROG_flow_dissector:
		return TAKES_DATA | TAKES_CTX | TAKES_REPEAT | GIVES_DATA;
	case UAPI_PROG_netfilter:
		return TAKES_DATA | TAKES_CTX | TAKES_REPEAT;
	case UAPI_PROG_sk_lookup:
		return TAKES_CTX | TAKES_REPEAT | GIVES_CTX;
	case UAPI_PROG_raw_tracepoint:
	case UAPI_PROG_syscall:
		return TAKES_CTX;
	case UAPI_PROG_tracing:
		return 0;
	default: /* unknown here: leave it to the kernel */
		return ~0u;
	}
}

bool prog_run_takes_data(uint32_t type)
{
	unsigned int can = abilities(type);

	return can != ~0u && can & TAKES_DATA;
}

static const char *type_name(uint32_t type)
{
	const char *name = uapi_prog_type_name(type);

	return name ? name : "unknown";
}

static int check(const struct prog_run *r, uint32_t type, struct err *e)
{
	unsigned int can = abilities(type);

	if (r->data_len && !(can & TAKES_DATA))
		return err_input(e, "a test run of a %s program takes no packet, only a context",
				 type_name(type));
	if (r->ctx_len && !(can & TAKES_CTX))
		return err_input(e, "a test run of a %s program takes no context", type_name(type));
	if (r->repeat > 1 && !(can & TAKES_REPEAT))
		return err_input(e, "a test run of a %s program cannot be repeated by the kernel",
				 type_name(type));
	if (can != ~0u && (can & TAKES_DATA) && r->data_len < ETH_HEADER)
		return err_input(e,
				 "a test run of a %s program needs a packet of at least %d bytes, "
				 "an Ethernet header",
				 type_name(type), ETH_HEADER);
	return 0;
}

static int run_error(const struct prog_run *r, uint32_t type, int code, struct err *e)
{
	if (code == -ENOTSUPP || code == -EOPNOTSUPP) {
		err_worded(e, code, "the kernel cannot test-run programs of type %s",
			   type_name(type));
		return err_hint(e, "attach it and look at its maps; socket_filter, sched_cls, "
				   "xdp, cgroup_skb, raw_tracepoint, sk_lookup and syscall "
				   "programs can be run");
	}
	err_code(e, code, "cannot test-run a %s program", type_name(type));
	switch (code) {
	case -EINVAL:
		if (r->ctx_len && type == UAPI_PROG_xdp && probe_before("5.15"))
			return err_hint(e, "a test run of an xdp program has no context before "
					   "Linux 5.15");
		if (r->flags & PROG_RUN_LIVE_FRAMES)
			return err_hint(e, "live frames are for xdp programs, return no data and "
					   "no context, and take at most a page");
		if (r->ctx_len)
			return err_hint(e, "the context sets a field that a test run must leave "
					   "zero, or its lengths do not fit the packet");
		return err_hint(e,
				"%zu bytes of packet are too many, or a flag is not for "
				"this type",
				r->data_len);
	case -EMSGSIZE:
		return err_hint(e, "%zu bytes of packet are too many for this kernel", r->data_len);
	case -EPERM:
	case -EACCES:
		return probe_denied(e, NEED_BPF | NEED_SYS_ADMIN);
	default:
		return code;
	}
}

/* What came back, n bytes of the room at the end of b. */
static void take(struct buf *b, size_t room, uint32_t n)
{
	b->len += n < room ? n : room;
}

static int run_once(int fd, struct prog_run *r, uint32_t type, size_t *room)
{
	unsigned int can = abilities(type);
	/* An xdp run without a context in, but one out, would read an empty packet from zeros. */
	struct xdp_md whole = { .data_end = (uint32_t)r->data_len };
	struct attr_test_run a = {
		.prog_fd = (uint32_t)fd,
		.data_in = attr_ptr(r->data_len ? r->data : NULL),
		.data_size_in = (uint32_t)r->data_len,
		.ctx_in = attr_ptr(r->ctx_len ? r->ctx : NULL),
		.ctx_size_in = (uint32_t)r->ctx_len,
		.repeat = r->repeat,
		.flags = r->flags,
		.cpu = r->cpu,
		.batch_size = r->batch_size,
	};
	bool gives = !(r->flags & PROG_RUN_LIVE_FRAMES);
	bool data = gives && r->want_data && (can & GIVES_DATA);
	bool ctx = gives && r->want_ctx && (can & GIVES_CTX);
	int code;

	if (data) {
		a.data_out = attr_ptr(buf_reserve(r->data_out, *room));
		a.data_size_out = (uint32_t)*room;
	}
	if (ctx) {
		a.ctx_out = attr_ptr(buf_reserve(r->ctx_out, *room));
		a.ctx_size_out = (uint32_t)*room;
		if (type == UAPI_PROG_xdp && !r->ctx_len) {
			a.ctx_in = attr_ptr(&whole);
			a.ctx_size_in = sizeof(whole);
		}
	}
	if ((data && !a.data_out) || (ctx && !a.ctx_out))
		return -ENOMEM;
	code = sys_bpf(BPF_PROG_TEST_RUN, &a, sizeof(a));
	if (code == -ENOSPC) {
		*room = a.data_size_out > *room ? a.data_size_out : 2 * *room;
		return code;
	}
	if (code)
		return code;
	r->retval = a.retval;
	r->duration_ns = a.duration;
	if (data)
		take(r->data_out, *room, a.data_size_out);
	if (ctx)
		take(r->ctx_out, *room, a.ctx_size_out);
	return 0;
}

int prog_test_run(int fd, struct prog_run *r, struct err *e)
{
	struct uapi_prog_info k = {};
	size_t room = OUT_ROOM;
	int code = sys_info(fd, &k, sizeof(k));

	if (code)
		return err_code(e, code, "cannot ask the kernel about the program");
	code = check(r, k.type, e);
	if (code)
		return code;
	/* Before 5.15 a run of xdp gives no context back. */
	if (k.type == UAPI_PROG_xdp && !r->ctx_len && probe_before("5.15"))
		r->want_ctx = false;
	do
		code = run_once(fd, r, k.type, &room);
	while (code == -ENOSPC && room <= 1u << 30);
	return code ? run_error(r, k.type, code, e) : 0;
}
