// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What BPF_PROG_TEST_RUN takes and refuses: errno, result and what comes out, as the kernel. */
#include "sim_both.h"

/* A test run that is right for its type; each case changes a bit of it. */
struct base {
	const char *name;
	uint32_t type, attach;
	int32_t ret;
	uint32_t data, ctx, flags;
};

static const struct base bases[] = {
	{ "xdp", 6, 0, 2, 64, 0, 0 },
	{ "sched_cls", 3, 0, 0, 64, 0, 0 },
	{ "sched_act", 4, 0, 0, 64, 0, 0 },
	{ "socket_filter", 1, 0, 7, 64, 0, 0 },
	{ "cgroup_skb", 8, 0, 1, 64, 0, 0 },
	{ "lwt_in", 10, 0, 0, 64, 0, 0 },
	{ "lwt_seg6local", 19, 0, 0, 64, 0, 0 },
	{ "flow_dissector", 22, 17, 0, 64, 0, 0 },
	{ "raw_tracepoint", 17, 0, 5, 0, 16, 0 },
	{ "raw_tracepoint_writable", 24, 0, 5, 0, 16, 0 },
	{ "syscall", 31, 0, 9, 0, 16, 0 },
	{ "sk_lookup", 30, 36, 1, 0, 72, 0 },
	{ "netfilter", 32, 45, 1, 64, 0, 0 },
	{ "kprobe", 2, 0, 0, 0, 0, 0 },
	{ "perf_event", 7, 0, 0, 0, 0, 0 },
	{ "sock_ops", 13, 3, 1, 0, 0, 0 },
	{ "sk_skb", 14, 5, 0, 64, 0, 0 },
	{ "sk_msg", 16, 7, 1, 64, 0, 0 },
	{ "bind4", 18, 8, 1, 0, 0, 0 },
	{ "cgroup_sock", 9, 2, 1, 0, 0, 0 },
	{ "cgroup_device", 15, 6, 1, 0, 0, 0 },
	{ "cgroup_sysctl", 23, 18, 1, 0, 0, 0 },
	{ "getsockopt", 25, 21, 1, 0, 0, 0 },
	{ "sk_reuseport", 21, 39, 1, 64, 0, 0 },
};

struct side {
	uint8_t data[80000], out[80000], ctx[70000], ctx_out[512];
	struct run_test t;
};

/* What is changed, by number; false: there are no more. */
static bool change(struct side *s, unsigned int i)
{
	static const uint32_t sizes[] = { 0,	1,    13,   14,	  15,	20,   33,
					  34,	53,   54,   3519, 3520, 3521, 3712,
					  3713, 4000, 4096, 4097, 9000, 70000 };
	static const uint32_t ctxs[] = { 1,  8,	 12, 24,  25,  56,  64,	  71,	72,
					 73, 96, 97, 104, 192, 200, 4096, 4097, 65535 };
	struct run_test *t = &s->t;

	if (i < countof(sizes)) {
		t->data_size_in = sizes[i];
		return true;
	}
	i -= countof(sizes);
	if (i < countof(ctxs)) {
		t->ctx_in = s->ctx;
		t->ctx_size_in = ctxs[i];
		return true;
	}
	i -= countof(ctxs);
	/* One word of a context that is not zero. */
	if (i < 48) {
		t->ctx_in = s->ctx;
		t->ctx_size_in = 192;
		if (i != 10) /* which devices there are is another question */
			memset(s->ctx + i * 4, i % 2 ? 1 : 4, 1);
		return true;
	}
	i -= 48;
	if (i < 48) {
		t->ctx_in = s->ctx;
		t->ctx_size_in = t->ctx_size_in ? t->ctx_size_in : 24;
		if (t->ctx_size_in == 24) {
			uint32_t md[2] = { 4 * (i / 4), i % 4 == 0   ? 64
							: i % 4 == 1 ? 60
								     : 20 * (i % 4) };

			memcpy(s->ctx, md, 8);
		} else {
			s->ctx[8] = (uint8_t)(i < 16 ? i : 2);
			s->ctx[62] = i == 20;
		}
		t->ctx_out = s->ctx_out;
		t->ctx_size_out = 8 * i;
		if (!t->ctx_size_out)
			t->ctx_out = NULL;
		return true;
	}
	i -= 48;
	switch (i) {
	case 0:
		t->data_in = NULL;
		return true;
	case 1:
		t->data_out = NULL;
		return true;
	case 2:
		t->data_size_out = 10;
		return true;
	case 3:
		t->data_size_out = 0;
		return true;
	case 4:
		t->repeat = 5;
		return true;
	case 5:
		t->cpu = 1;
		return true;
	case 6:
		t->batch_size = 1;
		return true;
	case 7:
		t->ctx_size_in = 8; /* and no context */
		t->ctx_in = NULL;
		return true;
	case 8:
		t->ctx_in = s->ctx;
		t->ctx_size_in = 0;
		return true;
	case 9:
		t->ctx_out = s->ctx_out;
		t->ctx_size_out = 0;
		return true;
	case 10:
		t->ctx_out = s->ctx_out;
		t->ctx_size_out = 512;
		return true;
	case 11:
		t->ctx_size_out = 8;
		return true;
	case 12:
		t->flags = BPF_F_TEST_RUN_ON_CPU;
		return true;
	case 13:
		t->flags = BPF_F_TEST_RUN_ON_CPU;
		t->cpu = 1000;
		return true;
	case 14:
		t->flags = 4;
		return true;
	case 15:
		t->flags = 8;
		return true;
	case 16:
		t->flags = 1 << 30;
		return true;
	case 17:
		t->duration = 1;
		return true;
	case 18:
		s->data[12] = 8;
		t->data_size_in = 33;
		return true;
	case 19:
		s->data[12] = 0x86, s->data[13] = 0xdd;
		t->data_size_in = 53;
		return true;
	case 20:
		s->data[12] = 0x86, s->data[13] = 0xdd;
		t->data_size_in = 54;
		return true;
	default:
		return false;
	}
}

static void prepare(struct side *s, const struct base *b)
{
	memset(s, 0, sizeof(*s));
	for (unsigned int i = 0; i < 100; i++)
		s->data[i] = (uint8_t)i;
	s->t = (struct run_test){ .data_size_in = b->data,
				  .ctx_size_in = b->ctx,
				  .flags = b->flags };
	s->t.data_in = b->data ? s->data : NULL;
	s->t.ctx_in = b->ctx ? s->ctx : NULL;
	s->t.data_out = b->data ? s->out : NULL;
	s->t.data_size_out = b->data ? sizeof(s->out) : 0;
	if (b->type == BPF_PROG_TYPE_SK_LOOKUP)
		s->ctx[8] = 2;
}

static void compare(const struct base *b, unsigned int i, struct world *w, struct prog *p, int fd)
{
	static struct side ours, theirs;
	struct vm_fault fault;
	int x, y;

	prepare(&ours, b);
	prepare(&theirs, b);
	change(&ours, i);
	change(&theirs, i);
	x = run_test(w, p, &ours.t, &fault);
	y = kernel_test(fd, &theirs.t);
	if (x != y) {
		FAIL("%s, change %u: %d, the kernel %d", b->name, i, x, y);
		return;
	}
	if (x && x != -ENOSPC)
		return;
	if (ours.t.retval != theirs.t.retval)
		FAIL("%s, change %u: result %u, the kernel %u", b->name, i, ours.t.retval,
		     theirs.t.retval);
	if (ours.t.data_size_out != theirs.t.data_size_out ||
	    ours.t.ctx_size_out != theirs.t.ctx_size_out)
		FAIL("%s, change %u: %u and %u bytes out, the kernel %u and %u", b->name, i,
		     ours.t.data_size_out, ours.t.ctx_size_out, theirs.t.data_size_out,
		     theirs.t.ctx_size_out);
	if (memcmp(ours.out, theirs.out, sizeof(ours.out)) != 0)
		FAIL("%s, change %u: other data", b->name, i);
	if (memcmp(ours.ctx_out, theirs.ctx_out, sizeof(ours.ctx_out)) != 0)
		FAIL("%s, change %u: another context", b->name, i);
}

static void arguments(void)
{
	static struct side probe;
	struct world w;

	if (!have_kernel())
		SKIP("needs root");
	CHECK(world_init(&w));
	w.cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	for (size_t k = 0; k < countof(bases); k++) {
		const struct base *b = &bases[k];
		const struct insn in[] = { MOV_K(0, b->ret), EXIT };
		int fd = kernel_prog_load(b->type, b->attach, in, 2, NULL, 0);
		auto_buf struct buf log = {};
		struct prog p;

		CHECK(fd >= 0);
		CHECK_INT(sim_prog_load(&w, &p, b->type, b->attach, in, 2, &log), 0);
		for (unsigned int i = 0; fd >= 0; i++) {
			prepare(&probe, b);
			if (!change(&probe, i))
				break;
			compare(b, i, &w, &p, fd);
		}
		sim_prog_free(&p);
		if (fd >= 0)
			close(fd);
	}
	world_fini(&w);
}

static const struct test tests[] = {
	{ "arguments of test runs as the kernel takes them", arguments },
};

TEST_MAIN(tests)
