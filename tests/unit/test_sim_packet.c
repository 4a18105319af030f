// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Helpers of packets: random calls of them in the mock kernel's run_test() and in the kernel's
 * BPF_PROG_TEST_RUN must return the same and leave the same packet and context.  SIM_SEED and
 * SIM_DIFF (how many programs) are read from the environment.
 */
#include <inttypes.h>

#include "sim_both.h"

#define NR 1500
#define BUF (-64) /* of 32 bytes on the stack */

enum arg {
	A_NONE,
	A_CTX,
	A_OFF,	 /* an offset, most of the time inside */
	A_BUF,	 /* the buffer */
	A_BUF2,	 /* another one behind it */
	A_LEN,	 /* 1 to 16 */
	A_LEN4,	 /* 0 to 16, a multiple of 4 as a rule */
	A_FLAGS, /* a bit of the low 8, or several */
	A_FEW,	 /* 0 to 5 */
	A_DELTA, /* -40 to 40, more at times */
	A_SIZE,	 /* 0 to 300, more at times */
	A_NUM,
	A_ZERO, /* mostly */
	A_PROTO,
	A_MODE,
	A_ROOM, /* flags of adjust_room */
	A_IF,	/* an ifindex there is, or is not */
	A_HDR,	/* 0 to 1 */
	A_SUM,	/* flags of the checksum helpers */
	A_SUMOFF,
};

#define P(type) (UINT64_C(1) << BPF_PROG_TYPE_##type)
#define TC (P(SCHED_CLS) | P(SCHED_ACT))

static const struct op {
	uint32_t id;
	uint64_t types;
	enum arg args[5];
} ops[] = {
	{ UAPI_HELPER_skb_store_bytes, TC | P(LWT_XMIT), { A_CTX, A_OFF, A_BUF, A_LEN, A_FEW } },
	{ UAPI_HELPER_skb_load_bytes,
	  TC | P(LWT_XMIT) | P(LWT_IN) | P(SOCKET_FILTER) | P(CGROUP_SKB),
	  { A_CTX, A_OFF, A_BUF, A_LEN } },
	{ UAPI_HELPER_skb_load_bytes_relative,
	  TC | P(SOCKET_FILTER) | P(CGROUP_SKB),
	  { A_CTX, A_OFF, A_BUF, A_LEN, A_HDR } },
	{ UAPI_HELPER_l3_csum_replace,
	  TC | P(LWT_XMIT),
	  { A_CTX, A_SUMOFF, A_ZERO, A_NUM, A_FEW } },
	{ UAPI_HELPER_l3_csum_replace, TC | P(LWT_XMIT), { A_CTX, A_SUMOFF, A_NUM, A_NUM, A_FEW } },
	{ UAPI_HELPER_l4_csum_replace,
	  TC | P(LWT_XMIT),
	  { A_CTX, A_SUMOFF, A_ZERO, A_NUM, A_SUM } },
	{ UAPI_HELPER_l4_csum_replace, TC | P(LWT_XMIT), { A_CTX, A_SUMOFF, A_NUM, A_NUM, A_SUM } },
	{ UAPI_HELPER_csum_diff,
	  TC | P(LWT_XMIT) | P(LWT_IN) | P(XDP),
	  { A_BUF, A_LEN4, A_BUF2, A_LEN4, A_NUM } },
	{ UAPI_HELPER_csum_update, TC | P(LWT_XMIT), { A_CTX, A_NUM } },
	{ UAPI_HELPER_csum_level, TC, { A_CTX, A_FEW } },
	{ UAPI_HELPER_skb_pull_data, TC | P(LWT_XMIT) | P(LWT_IN), { A_CTX, A_SIZE } },
	{ UAPI_HELPER_skb_change_tail, TC | P(LWT_XMIT), { A_CTX, A_SIZE, A_ZERO } },
	{ UAPI_HELPER_skb_change_head, TC | P(LWT_XMIT), { A_CTX, A_SIZE, A_ZERO } },
	{ UAPI_HELPER_skb_change_type, TC, { A_CTX, A_FEW } },
	{ UAPI_HELPER_skb_change_proto, TC, { A_CTX, A_PROTO, A_ZERO } },
	{ UAPI_HELPER_skb_adjust_room, TC, { A_CTX, A_DELTA, A_MODE, A_ROOM } },
	{ UAPI_HELPER_skb_adjust_room, TC, { A_CTX, A_DELTA, A_MODE, A_ZERO } },
	{ UAPI_HELPER_skb_vlan_push, TC, { A_CTX, A_PROTO, A_NUM } },
	{ UAPI_HELPER_skb_vlan_pop, TC, { A_CTX } },
	{ UAPI_HELPER_skb_ecn_set_ce, TC | P(CGROUP_SKB), { A_CTX } },
	{ UAPI_HELPER_set_hash, TC, { A_CTX, A_NUM } },
	{ UAPI_HELPER_set_hash_invalid, TC, { A_CTX } },
	{ UAPI_HELPER_skb_set_tstamp, TC, { A_CTX, A_ZERO, A_FEW } },
	{ UAPI_HELPER_redirect, TC | P(LWT_XMIT) | P(XDP), { A_IF, A_FEW } },
	{ UAPI_HELPER_redirect_peer, TC, { A_IF, A_ZERO } },
	{ UAPI_HELPER_check_mtu, TC | P(XDP), { A_CTX, A_IF, A_BUF, A_DELTA, A_ZERO } },
	{ UAPI_HELPER_get_route_realm, TC | P(LWT_XMIT), { A_CTX } },
	{ UAPI_HELPER_skb_get_tunnel_opt, TC | P(LWT_XMIT), { A_CTX, A_BUF, A_LEN } },
	{ UAPI_HELPER_xdp_adjust_head, P(XDP), { A_CTX, A_DELTA } },
	{ UAPI_HELPER_xdp_adjust_meta, P(XDP), { A_CTX, A_DELTA } },
	{ UAPI_HELPER_xdp_adjust_tail, P(XDP), { A_CTX, A_DELTA } },
	{ UAPI_HELPER_xdp_get_buff_len, P(XDP), { A_CTX } },
	{ UAPI_HELPER_xdp_load_bytes, P(XDP), { A_CTX, A_OFF, A_BUF, A_LEN } },
	{ UAPI_HELPER_xdp_store_bytes, P(XDP), { A_CTX, A_OFF, A_BUF, A_LEN } },
};

struct gen {
	uint64_t seed;
	struct insn in[512];
	size_t n;
	bool cut; /* the packet may become shorter than its headers */
};

static uint32_t rnd(struct gen *g, uint32_t n)
{
	g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(g->seed >> 33) % n;
}

static void add(struct gen *g, struct insn in)
{
	g->in[g->n++] = in;
}

static int32_t number(struct gen *g, enum arg a)
{
	static const int32_t protos[] = { 0x0008, 0xdd86, 0x0081, 0xa888, 0x0608 };
	static const int32_t rooms[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1 << 20, 0, 2, 4 };

	switch (a) {
	case A_OFF:
		return rnd(g, 10) ? (int32_t)rnd(g, 70) : (int32_t)rnd(g, 0x12000);
	case A_SUMOFF:
		return rnd(g, 6) ? (int32_t)rnd(g, 40) * 2 : (int32_t)rnd(g, 300);
	case A_LEN:
		return 1 + (int32_t)rnd(g, 16);
	case A_LEN4:
		return rnd(g, 8) ? (int32_t)rnd(g, 5) * 4 : (int32_t)rnd(g, 16);
	case A_FLAGS:
		return (int32_t)(1u << rnd(g, 8));
	case A_FEW:
		return (int32_t)rnd(g, 6);
	case A_HDR:
		return (int32_t)rnd(g, 2);
	case A_DELTA:
		return rnd(g, 8) ? (int32_t)rnd(g, 81) - 40 : (int32_t)rnd(g, 8000) - 4000;
	case A_SIZE:
		return rnd(g, 8) ? 60 + (int32_t)rnd(g, 300) : (int32_t)rnd(g, 1 << 20) + 60;
	case A_ZERO:
		return rnd(g, 8) ? 0 : (int32_t)rnd(g, 10);
	case A_PROTO:
		return protos[rnd(g, 5)];
	case A_MODE:
		return rnd(g, 8) ? (int32_t)rnd(g, 2) : (int32_t)rnd(g, 4);
	case A_ROOM:
		return rooms[rnd(g, 14)] | (rnd(g, 3) ? 0 : rooms[rnd(g, 14)]);
	case A_IF:
		return rnd(g, 3) ? (int32_t)rnd(g, 2) : 12345;
	case A_SUM:
		return (int32_t)rnd(g, 6) | (rnd(g, 2) ? 0 : (int32_t)(1u << (4 + rnd(g, 5))));
	default:
		return (int32_t)(rnd(g, 1u << 16) << 15 ^ rnd(g, 1u << 16));
	}
}

static void argument(struct gen *g, unsigned int reg, enum arg a)
{
	switch (a) {
	case A_NONE:
		return;
	case A_CTX:
		add(g, MOV_X(reg, 6));
		return;
	case A_BUF:
	case A_BUF2:
		add(g, MOV_X(reg, 10));
		add(g, ALU_K(ADD, reg, a == A_BUF ? BUF : BUF + 16));
		return;
	default:
		add(g, MOV_K(reg, number(g, a)));
	}
}

/* r9 depends on everything so far. */
static void mix(struct gen *g, unsigned int reg)
{
	add(g, ALU_K(MUL, 9, 31));
	add(g, ALU_X(ADD, 9, reg));
}

static void call(struct gen *g, const struct op *op)
{
	bool mtu = op->id == UAPI_HELPER_check_mtu;

	if (mtu) {
		add(g, ST(DW, 10, BUF, rnd(g, 3) ? 0 : (int32_t)rnd(g, 2000)));
	}
	for (unsigned int i = 0; i < 5; i++)
		argument(g, i + 1, op->args[i]);
	add(g, HELPER_CALL(op->id));
	mix(g, 0);
	for (unsigned int i = 0; i < 5; i++)
		if (op->args[i] == A_BUF)
			for (int at = 0; at < 16; at += 8) {
				add(g, LDX(DW, 1, 10, BUF + at));
				mix(g, 1);
			}
}

static void fields(struct gen *g, uint32_t type)
{
	static const uint16_t offs[] = { 0, 4, 8, 16, 20, 24, 28, 32, 36, 40, 164, 176 };

	if (type == BPF_PROG_TYPE_XDP) {
		add(g, LDX(W, 1, 6, 0));
		add(g, LDX(W, 2, 6, 4));
		add(g, LDX(W, 3, 6, 8));
		add(g, MOV_X(4, 2));
		add(g, ALU_X(SUB, 4, 1));
		mix(g, 4);
		add(g, ALU_X(SUB, 1, 3));
		mix(g, 1);
		add(g, LDX(W, 1, 6, 12));
		mix(g, 1);
		return;
	}
	for (size_t i = 0; i < countof(offs); i++) {
		add(g, LDX(W, 1, 6, offs[i]));
		mix(g, 1);
	}
}

/*
 * Where tags lie is looked for by what the kernel keeps beside the packet, which after other
 * changes of its shape is no longer right: those are not mixed.
 */
enum mix { MIX_TAGS, MIX_ROOM, MIX_REST };

static bool fits(const struct op *op, enum mix m)
{
	bool room = op->id == UAPI_HELPER_skb_adjust_room;

	switch (op->id) {
	case UAPI_HELPER_skb_vlan_push:
	case UAPI_HELPER_skb_vlan_pop:
		return m == MIX_TAGS;
	case UAPI_HELPER_skb_ecn_set_ce:
	case UAPI_HELPER_skb_change_head:
	case UAPI_HELPER_skb_change_tail:
	case UAPI_HELPER_skb_change_proto:
	case UAPI_HELPER_skb_adjust_room:
		return m == (room && op->args[3] == A_ROOM ? MIX_ROOM : MIX_REST);
	default:
		return true;
	}
}

static void gen(struct gen *g, uint32_t type)
{
	unsigned int n = 1 + rnd(g, 6);
	enum mix m = rnd(g, 3);

	g->n = 0;
	g->cut = false;
	add(g, MOV_X(6, 1));
	add(g, MOV_K(9, 0));
	for (int i = 0; i < 32; i += 8)
		add(g, ST(DW, 10, BUF + i, number(g, A_NUM)));
	for (unsigned int i = 0; i < n;) {
		const struct op *op = &ops[rnd(g, countof(ops))];

		if (!(op->types >> type & 1) || !fits(op, m))
			continue;
		call(g, op);
		g->cut |= op->id == UAPI_HELPER_skb_change_tail;
		i++;
	}
	fields(g, type);
	if (type == BPF_PROG_TYPE_XDP) {
		add(g, MOV_X(0, 9));
	} else {
		add(g, STX(DW, 6, 48, 9));
		add(g, MOV_K(0, 1));
	}
	add(g, EXIT);
}

struct side {
	uint8_t in[600], out[32768];
	uint8_t ctx_in[192], ctx_out[192];
	struct run_test t;
};

static void packet(struct gen *g, struct side *s, uint32_t type)
{
	static const uint8_t protos[][2] = {
		{ 8, 0 }, { 0x86, 0xdd }, { 0x81, 0 }, { 8, 6 }, { 0, 50 }
	};
	uint32_t n = 60 + rnd(g, 100);

	memset(s, 0, sizeof(*s));
	for (uint32_t i = 0; i < n; i++)
		s->in[i] = (uint8_t)rnd(g, 256);
	memset(s->in, rnd(g, 3) ? (int)rnd(g, 256) : 0, 6);
	memcpy(s->in + 12, protos[rnd(g, 8) < 5 ? rnd(g, 2) : rnd(g, 5)], 2);
	if (rnd(g, 2))
		s->in[14] = 0x45;
	s->t = (struct run_test){ .data_in = s->in,
				  .data_size_in = n,
				  .data_out = s->out,
				  .data_size_out = sizeof(s->out),
				  .ctx_in = s->ctx_in,
				  .ctx_out = s->ctx_out,
				  .ctx_size_in = type == BPF_PROG_TYPE_XDP ? 24 : 192,
				  .ctx_size_out = type == BPF_PROG_TYPE_XDP ? 24 : 192 };
	if (type == BPF_PROG_TYPE_XDP) {
		uint32_t md[2] = { rnd(g, 3) ? 0 : rnd(g, 10) * 4, n };

		memcpy(s->ctx_in, md, 8);
	} else {
		uint32_t mark = rnd(g, 1000);

		memcpy(s->ctx_in + 8, &mark, 4);
		/* Where the header lies behind the end a kernel's checksum of it is a BUG(). */
		if (!g->cut && rnd(g, 4) == 0)
			s->t.flags = BPF_F_TEST_SKB_CHECKSUM_COMPLETE;
	}
	/* A kernel takes its time to prepare an XDP program for many runs. */
	if (rnd(g, type == BPF_PROG_TYPE_XDP ? 100 : 6) == 0)
		s->t.repeat = 3;
}

static void dump(const struct gen *g, uint64_t seed, uint32_t type)
{
	printf("# seed %" PRIu64 " type %u\n", seed, type);
	for (size_t i = 0; i < g->n; i++) {
		if (g->in[i].code == (BPF_JMP | BPF_CALL))
			printf("#   %s", uapi_helper_name((uint32_t)g->in[i].imm));
		else if (g->in[i].code == (BPF_ALU64 | BPF_MOV) && g->in[i].dst && g->in[i].dst < 6)
			printf(" r%d=%d", g->in[i].dst, g->in[i].imm);
		else
			continue;
		printf("%s", g->in[i].code == (BPF_JMP | BPF_CALL) ? "\n" : "");
	}
	printf("\n");
}

static const char *differ(const struct side *a, const struct side *b)
{
	if (a->t.retval != b->t.retval)
		return "result";
	if (a->t.data_size_out != b->t.data_size_out)
		return "length";
	if (memcmp(a->ctx_out, b->ctx_out, sizeof(a->ctx_out)) != 0)
		return "context";
	return memcmp(a->out, b->out, a->t.data_size_out) ? "packet" : NULL;
}

static void compare(struct gen *g, struct world *w, struct prog *p, int fd, uint64_t seed)
{
	static struct side ours, theirs;
	struct vm_fault fault;
	const char *what;
	int a, b;

	packet(g, &ours, p->type);
	theirs = ours;
	theirs.t.data_in = theirs.in;
	theirs.t.data_out = theirs.out;
	theirs.t.ctx_in = theirs.ctx_in;
	theirs.t.ctx_out = theirs.ctx_out;
	b = kernel_test(fd, &theirs.t);
	a = run_test(w, p, &ours.t, &fault);
	if (a != b) {
		FAIL("run_test() is %d, the kernel's %d %s", a, b, a == -EFAULT ? fault.text : "");
		dump(g, seed, p->type);
		return;
	}
	if (a)
		return;
	what = differ(&ours, &theirs);
	if (!what)
		return;
	FAIL("another %s: %x and %x, %u and %u bytes", what, ours.t.retval, theirs.t.retval,
	     ours.t.data_size_out, theirs.t.data_size_out);
	for (unsigned int i = 0; i < 192; i += 4)
		if (memcmp(ours.ctx_out + i, theirs.ctx_out + i, 4) != 0)
			printf("#   ctx %u: %08x, the kernel %08x\n", i,
			       *(uint32_t *)(void *)(ours.ctx_out + i),
			       *(uint32_t *)(void *)(theirs.ctx_out + i));
	dump(g, seed, p->type);
}

static void random_calls(uint32_t type)
{
	struct gen g = { .seed = getenv("SIM_SEED") ? strtoull(getenv("SIM_SEED"), NULL, 0) : 1 };
	unsigned int n =
		getenv("SIM_DIFF") ? (unsigned int)strtoul(getenv("SIM_DIFF"), NULL, 0) : NR;
	struct world w;

	if (!have_kernel())
		SKIP("needs root");
	CHECK(world_init(&w));
	for (unsigned int i = 0; i < n && test_failures < 3; i++) {
		uint64_t seed = g.seed;
		auto_buf struct buf log = {};
		char klog[4096];
		struct prog p;
		int fd;

		gen(&g, type);
		fd = kernel_prog_load(type, 0, g.in, g.n, NULL, 0);
		if (fd < 0) {
			kernel_prog_load(type, 0, g.in, g.n, klog, sizeof(klog));
			FAIL("the kernel refuses: %s", klog);
			dump(&g, seed, type);
			continue;
		}
		if (sim_prog_load(&w, &p, type, 0, g.in, g.n, &log))
			FAIL("the load check refuses: %s", buf_str(&log));
		else
			for (unsigned int k = 0; k < 4; k++)
				compare(&g, &w, &p, fd, seed);
		sim_prog_free(&p);
		close(fd);
	}
	world_fini(&w);
}

static void sched_cls(void)
{
	random_calls(BPF_PROG_TYPE_SCHED_CLS);
}

static void xdp(void)
{
	random_calls(BPF_PROG_TYPE_XDP);
}

static void lwt_xmit(void)
{
	random_calls(BPF_PROG_TYPE_LWT_XMIT);
}

static void socket_filter(void)
{
	random_calls(BPF_PROG_TYPE_SOCKET_FILTER);
}

static void cgroup_skb(void)
{
	random_calls(BPF_PROG_TYPE_CGROUP_SKB);
}

static const struct test tests[] = {
	{ "helpers of sched_cls as the kernel's", sched_cls },
	{ "helpers of xdp as the kernel's", xdp },
	{ "helpers of lwt_xmit as the kernel's", lwt_xmit },
	{ "helpers of socket_filter as the kernel's", socket_filter },
	{ "helpers of cgroup_skb as the kernel's", cgroup_skb },
};

TEST_MAIN(tests)
