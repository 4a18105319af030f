// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Contexts and helpers of each program type: what may be read, written and called in the mock
 * kernel is what the kernel's verifier lets through.
 */
#include "sim_both.h"

static const struct type {
	const char *name;
	uint32_t type, attach;
	int32_t ret; /* a value it may return */
	uint32_t size;
} types[] = {
	{ "socket_filter", 1, 0, 0, 196 },
	{ "kprobe", 2, 0, 0, 176 },
	{ "sched_cls", 3, 0, 0, 196 },
	{ "sched_act", 4, 0, 0, 196 },
	{ "xdp", 6, 0, 0, 28 },
	{ "perf_event", 7, 0, 0, 192 },
	{ "cgroup_skb", 8, 0, 1, 196 },
	{ "cgroup_sock", 9, 2, 1, 84 },
	{ "cgroup_sock release", 9, 34, 1, 84 },
	{ "cgroup_sock post_bind4", 9, 12, 1, 84 },
	{ "cgroup_sock post_bind6", 9, 13, 1, 84 },
	{ "lwt_in", 10, 0, 0, 196 },
	{ "lwt_out", 11, 0, 0, 196 },
	{ "lwt_xmit", 12, 0, 0, 196 },
	{ "sock_ops", 13, 3, 1, 228 },
	{ "sk_skb", 14, 5, 0, 196 },
	{ "cgroup_device", 15, 6, 1, 16 },
	{ "sk_msg", 16, 7, 1, 84 },
	{ "raw_tracepoint", 17, 0, 0, 96 },
	{ "bind4", 18, 8, 1, 76 },
	{ "bind6", 18, 9, 1, 76 },
	{ "connect4", 18, 10, 1, 76 },
	{ "connect6", 18, 11, 1, 76 },
	{ "sendmsg4", 18, 14, 1, 76 },
	{ "sendmsg6", 18, 15, 1, 76 },
	{ "recvmsg4", 18, 19, 1, 76 },
	{ "getpeername6", 18, 30, 1, 76 },
	{ "connect_unix", 18, 49, 1, 76 },
	{ "sendmsg_unix", 18, 50, 1, 76 },
	{ "lwt_seg6local", 19, 0, 0, 196 },
	{ "sk_reuseport", 21, 39, 1, 60 },
	{ "flow_dissector", 22, 17, 0, 196 },
	{ "cgroup_sysctl", 23, 18, 1, 12 },
	{ "raw_tracepoint_writable", 24, 0, 0, 96 },
	{ "getsockopt", 25, 21, 1, 44 },
	{ "setsockopt", 25, 22, 1, 44 },
	{ "sk_lookup", 30, 36, 1, 76 },
	{ "syscall", 31, 0, 0, 40 },
	{ "netfilter", 32, 45, 1, 20 },
};

static bool kernel_takes(const struct type *t, const struct insn *in, size_t n)
{
	int fd = kernel_prog_load(t->type, t->attach, in, n, NULL, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Whether the program ends without a fault. */
static bool sim_takes(struct world *w, const struct type *t, const struct insn *in, size_t n)
{
	static uint8_t packet[64], ctx[256];
	auto_buf struct buf log = {};
	struct vm_fault fault = {};
	struct run_prog how = { .data = packet, .len = 64, .room = 64, .ctx = ctx };
	struct prog p;
	int err;

	memset(ctx, 0, sizeof(ctx));
	if (t->type == BPF_PROG_TYPE_SYSCALL || t->type == BPF_PROG_TYPE_RAW_TRACEPOINT)
		how.ctx_size = t->size;
	err = sim_prog_load(w, &p, t->type, t->attach, in, n, &log);
	if (!err) {
		err = run_prog(w, &p, &how, &fault);
		if (err && err != -EFAULT)
			FAIL("%s: run_prog() is %d", t->name, err);
	}
	sim_prog_free(&p);
	return !err;
}

static void one_access(struct world *w, const struct type *t, int off, unsigned int k, bool write)
{
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	struct insn read[] = { I(BPF_LDX | BPF_MEM | sizes[k], 2, 1, off, 0), MOV_K(0, t->ret),
			       EXIT };
	struct insn store[] = { MOV_K(2, 0), I(BPF_STX | BPF_MEM | sizes[k], 1, 2, off, 0),
				MOV_K(0, t->ret), EXIT };
	const struct insn *in = write ? store : read;
	size_t n = write ? countof(store) : countof(read);
	bool theirs = kernel_takes(t, in, n), ours = sim_takes(w, t, in, n);

	if (ours != theirs)
		FAIL("%s: %s of %d bytes at %d: %s, the kernel %s", t->name,
		     write ? "write" : "read", 1 << k, off, ours ? "allowed" : "not allowed",
		     theirs ? "allows it" : "does not");
}

static void fields(void)
{
	struct world w;

	if (!have_kernel())
		SKIP("needs root");
	CHECK(world_init(&w));
	for (size_t i = 0; i < countof(types) && test_failures < 20; i++)
		for (int off = 0; off < (int)types[i].size; off++)
			for (unsigned int k = 0; k < 4; k++) {
				/* What is beyond raw_tracepoint's context nobody asks here. */
				if (off % (1 << k) || off + (1 << k) > (int)types[i].size)
					continue;
				one_access(&w, &types[i], off, k, false);
				one_access(&w, &types[i], off, k, true);
			}
	world_fini(&w);
}

/*
 * A call without any arguments: refused by the type, or else for another reason, or for none.
 * Messages of the kernel tell which.
 */
static bool kernel_has(const struct type *t, int32_t id)
{
	static char log[8192];
	struct insn in[] = { HELPER_CALL(id), MOV_K(0, t->ret), EXIT };
	int fd = kernel_prog_load(t->type, t->attach, in, countof(in), log, sizeof(log));

	if (fd >= 0)
		close(fd);
	return !strstr(log, "cannot use helper") && !strstr(log, "unknown func") &&
	       !strstr(log, "might sleep");
}

/* What helper_find() looks at: the kernel may refuse more, which a call without arguments shows. */
static void helpers(void)
{
	if (!have_kernel())
		SKIP("needs root");
	for (size_t i = 0; i < countof(types); i++)
		for (int32_t id = 1; id <= (int32_t)uapi_nr_helpers; id++) {
			const struct type *t = &types[i];
			const struct vm_func *func;
			auto_buf struct buf log = {};
			struct prog p = { .type = t->type, .attach_type = t->attach, .gpl = true };
			bool ours, theirs = kernel_has(t, id);
			int err;

			/* The kernel's configuration and lockdown decide. */
			if (id == UAPI_HELPER_probe_write_user || id == UAPI_HELPER_override_return)
				continue;
			if (t->type == BPF_PROG_TYPE_SYSCALL)
				p.flags = BPF_F_SLEEPABLE;
			err = helper_find(&p, id, &func, &log);
			ours = !err || err == -EOPNOTSUPP;
			if (ours != theirs)
				FAIL("%s and %s: %s, the kernel %s", t->name,
				     uapi_helper_name((uint32_t)id), ours ? "yes" : buf_str(&log),
				     theirs ? "yes" : "no");
		}
}

/* What a program without a GPL licence, or with a number nobody has given away, is told. */
static void refusals(void)
{
	static const struct {
		int32_t id;
		bool gpl;
		int err;
		const char *text;
	} cases[] = {
		{ 0, true, -EINVAL, "invalid func unknown#0\n" },
		{ 212, true, -EINVAL, "invalid func unknown#212\n" },
		{ -1, true, -EINVAL, "invalid func unknown#-1\n" },
		{ UAPI_HELPER_trace_printk, false, -EINVAL,
		  "cannot call GPL-restricted function from non-GPL compatible program\n" },
		{ UAPI_HELPER_trace_printk, true, 0, "" },
		{ UAPI_HELPER_skb_load_bytes, true, -EINVAL,
		  "program of this type cannot use helper bpf_skb_load_bytes#26\n" },
		{ UAPI_HELPER_tcp_raw_gen_syncookie_ipv4, true, -EOPNOTSUPP,
		  "the mock kernel has no model of helper bpf_tcp_raw_gen_syncookie_ipv4#204\n" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct prog p = { .type = BPF_PROG_TYPE_XDP, .gpl = cases[i].gpl };
		auto_buf struct buf log = {};
		const struct vm_func *func;

		CHECK_INT(helper_find(&p, cases[i].id, &func, &log), cases[i].err);
		CHECK_STR(buf_str(&log), cases[i].text);
	}
}

static const struct test tests[] = {
	{ "fields of contexts as the kernel's", fields },
	{ "helpers of program types as the kernel's", helpers },
	{ "helpers that are refused, in words", refusals },
};

TEST_MAIN(tests)
