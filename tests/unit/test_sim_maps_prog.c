// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that use maps: random calls of map helpers, and loads, stores and atomics on what
 * they return, in the mock kernel and in the kernel; results and maps must be the same.
 * SIM_SEED and SIM_DIFF (how many programs) are read from the environment.
 */
#include <inttypes.h>
#include <sched.h>

#include "sim/map.h"
#include "sim/map_prog.h"
#include "sim_both.h"

#define NR 3000
#define KEYS 6
#define VALUE 16

static const struct kind {
	uint32_t type, flags, key, entries;
	bool queue, ring;
} kinds[] = {
	{ UAPI_MAP_array, 0, 4, 4, false, false },
	{ UAPI_MAP_hash, 0, 4, 4, false, false },
	{ UAPI_MAP_hash, BPF_F_NO_PREALLOC, 4, 64, false, false },
	{ UAPI_MAP_percpu_array, 0, 4, 4, false, false },
	{ UAPI_MAP_percpu_hash, 0, 4, 4, false, false },
	{ UAPI_MAP_lru_hash, 0, 4, 4096, false, false },
	{ UAPI_MAP_lpm_trie, BPF_F_NO_PREALLOC, 8, 64, false, false },
	{ UAPI_MAP_queue, 0, 0, 4, true, false },
	{ UAPI_MAP_stack, 0, 0, 4, true, false },
	{ UAPI_MAP_ringbuf, 0, 0, 4096, false, true },
};

struct pair {
	struct map *sim;
	int fd;
};

struct gen {
	uint64_t seed;
	struct insn in[700];
	size_t n;
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

static void mix(struct gen *g, unsigned int reg)
{
	add(g, ALU_K(MUL, 9, 31));
	add(g, ALU_X(ADD, 9, reg));
}

/* `r1 = map[k] ll`: the owner of each side puts its own there. */
static void load_map(struct gen *g, size_t k)
{
	add(g, I(INSN_LD_IMM64, 1, PSEUDO_MAP_FD, 0, k));
	add(g, I(0, 0, 0, 0, 0));
}

static void fp(struct gen *g, unsigned int reg, int off)
{
	add(g, MOV_X(reg, 10));
	add(g, ALU_K(ADD, reg, off));
}

/* A key at fp-8: a small number, or a prefix of one. */
static void key(struct gen *g, const struct kind *k)
{
	add(g, ST(W, 10, -4, (int32_t)rnd(g, KEYS)));
	add(g, ST(W, 10, -8, k->key == 8 ? (int32_t)rnd(g, 34) : (int32_t)rnd(g, KEYS)));
	fp(g, 2, -8);
}

static void value(struct gen *g, unsigned int reg)
{
	for (int i = 0; i < VALUE; i += 4)
		add(g, ST(W, 10, -32 + i, (int32_t)(rnd(g, 1u << 16) * 40503u)));
	fp(g, reg, -32);
}

/* r0 is an address or 0: what is there is read and changed. */
static void use(struct gen *g, bool atomics)
{
	size_t at = g->n;

	add(g, JMP_K(JEQ, 0, 0, 0));
	add(g, LDX(DW, 1, 0, 0));
	mix(g, 1);
	switch (rnd(g, 4)) {
	case 0:
		add(g, ST(W, 0, 4, (int32_t)rnd(g, 1000)));
		break;
	case 1:
		if (atomics)
			add(g, ATOMIC(DW, BPF_ADD | BPF_FETCH, 0, 8, 1));
		mix(g, 1);
		break;
	case 2:
		add(g, STX(H, 0, 10, 9));
		break;
	default:
		add(g, LDX(B, 1, 0, 15));
		mix(g, 1);
	}
	g->in[at].off = (int16_t)(g->n - at - 1);
}

static void on_entries(struct gen *g, size_t i)
{
	const struct kind *k = &kinds[i];

	load_map(g, i);
	key(g, k);
	switch (rnd(g, 5)) {
	case 0:
	case 1:
		add(g, HELPER_CALL(UAPI_HELPER_map_lookup_elem));
		use(g, true);
		return;
	case 2:
		add(g, HELPER_CALL(UAPI_HELPER_map_delete_elem));
		break;
	default:
		value(g, 3);
		add(g, MOV_K(4, rnd(g, 4) ? (int32_t)rnd(g, 3) : (int32_t)rnd(g, 6)));
		add(g, HELPER_CALL(UAPI_HELPER_map_update_elem));
	}
	mix(g, 0);
}

static void on_queue(struct gen *g, size_t i)
{
	unsigned int op = rnd(g, 3);

	load_map(g, i);
	value(g, 2);
	if (op == 0)
		add(g, MOV_K(3, rnd(g, 3) ? 0 : (int32_t)rnd(g, 4)));
	add(g, HELPER_CALL(op == 0   ? UAPI_HELPER_map_push_elem
			   : op == 1 ? UAPI_HELPER_map_pop_elem
				     : UAPI_HELPER_map_peek_elem));
	mix(g, 0);
	add(g, LDX(DW, 1, 10, -32));
	mix(g, 1);
}

static void on_ring(struct gen *g, size_t i)
{
	load_map(g, i);
	switch (rnd(g, 3)) {
	case 0:
		value(g, 2);
		add(g, MOV_K(3, 1 + (int32_t)rnd(g, VALUE)));
		add(g, MOV_K(4, rnd(g, 4) ? BPF_RB_NO_WAKEUP : (int32_t)rnd(g, 8)));
		add(g, HELPER_CALL(UAPI_HELPER_ringbuf_output));
		mix(g, 0);
		break;
	case 1:
		add(g, MOV_K(2, (int32_t)rnd(g, 4)));
		add(g, HELPER_CALL(UAPI_HELPER_ringbuf_query));
		mix(g, 0);
		break;
	default:
		add(g, MOV_K(2, 8 + (int32_t)rnd(g, 100)));
		add(g, MOV_K(3, 0));
		add(g, HELPER_CALL(UAPI_HELPER_ringbuf_reserve));
		add(g, JMP_K(JEQ, 0, 0, 5));
		add(g, ST(DW, 0, 0, (int32_t)rnd(g, 1000)));
		add(g, MOV_X(1, 0));
		add(g, MOV_K(2, BPF_RB_NO_WAKEUP));
		add(g, HELPER_CALL(rnd(g, 2) ? UAPI_HELPER_ringbuf_submit
					     : UAPI_HELPER_ringbuf_discard));
		add(g, ALU_K(ADD, 9, 1));
	}
}

static void gen(struct gen *g)
{
	unsigned int n = 1 + rnd(g, 12);

	g->n = 0;
	add(g, MOV_X(6, 1));
	add(g, MOV_K(9, 0));
	for (unsigned int i = 0; i < n; i++) {
		size_t k = rnd(g, countof(kinds));

		if (kinds[k].ring)
			on_ring(g, k);
		else if (kinds[k].queue)
			on_queue(g, k);
		else
			on_entries(g, k);
	}
	add(g, STX(DW, 6, 48, 9));
	add(g, MOV_K(0, 0));
	add(g, EXIT);
}

static int sys_bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr)) < 0 ? -errno : 0;
}

static bool make(struct world *w, const struct kind *k, struct pair *p)
{
	uint32_t size = k->ring ? 0 : VALUE;
	struct map_spec spec = { .type = k->type,
				 .key_size = k->key,
				 .value_size = size,
				 .max_entries = k->entries,
				 .flags = k->flags };
	union bpf_attr attr = { .map_type = k->type,
				.key_size = k->key,
				.value_size = size,
				.max_entries = k->entries,
				.map_flags = k->flags };
	static const struct map_objects none;
	int err = map_new(w, &none, &spec, &p->sim);

	p->fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	CHECK_INT(err, 0);
	CHECK(p->fd >= 0);
	return !err && p->fd >= 0;
}

static int sim_map_imm(void *arg, const struct insn in[2], size_t at, uint64_t *v, struct buf *log)
{
	struct pair *maps = ((struct prog *)arg)->func_info; /* a place for it */

	(void)at, (void)log;
	*v = map_addr(maps[in->imm].sim);
	return *v ? 0 : -ENOMEM;
}

static int load(struct world *w, struct pair *maps, struct prog *p, const struct gen *g)
{
	struct code_owner owner = { .arg = p, .helper = both_helper, .imm64 = sim_map_imm };
	auto_buf struct buf log = {};
	int err;

	*p = (struct prog){ .type = BPF_PROG_TYPE_SCHED_CLS, .gpl = true, .func_info = maps };
	err = code_load(w->vm, g->in, g->n, &owner, &log, &p->code);
	if (err)
		FAIL("the load check refuses: %s", buf_str(&log));
	return err;
}

static int kernel_prog(const struct pair *maps, const struct gen *g)
{
	struct insn in[countof(g->in)];
	char log[4096];
	int fd;

	memcpy(in, g->in, g->n * sizeof(*in));
	for (size_t i = 0; i < g->n; i++)
		if (in[i].code == INSN_LD_IMM64)
			in[i].imm = maps[in[i].imm].fd;
	fd = kernel_prog_load(BPF_PROG_TYPE_SCHED_CLS, 0, in, g->n, NULL, 0);
	if (fd < 0) {
		kernel_prog_load(BPF_PROG_TYPE_SCHED_CLS, 0, in, g->n, log, sizeof(log));
		FAIL("the kernel refuses: %s", log);
	}
	return fd;
}

/* Every key of a map there is, on both sides. */
static void contents(const struct kind *k, const struct pair *p, uint64_t seed)
{
	uint8_t a[VALUE * 64], b[VALUE * 64];

	for (uint32_t i = 0; i < KEYS * (k->key == 8 ? 34 : 1); i++) {
		uint32_t key[2] = { i, 0 };
		union bpf_attr attr = { .map_fd = (uint32_t)p->fd,
					.key = (uintptr_t)key,
					.value = (uintptr_t)b };
		int x, y;

		if (k->key == 8) {
			key[0] = i % 34;
			key[1] = i / 34;
		}
		memset(a, 0, sizeof(a));
		memset(b, 0, sizeof(b));
		x = map_user_lookup(p->sim, key, a, 0);
		y = sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr);
		if (x != y)
			FAIL("seed %" PRIu64 ", map of type %u, key %u: %d, the kernel %d", seed,
			     k->type, i, x, y);
		else if (!x && memcmp(a, b, sizeof(a)) != 0)
			FAIL("seed %" PRIu64 ", map of type %u, key %u: another value", seed,
			     k->type, i);
	}
}

static void one(struct world *w, struct pair *maps, struct gen *g)
{
	static uint8_t packet[64], ours[192], theirs[192], zeros[192];
	struct run_test t = { .data_in = packet,
			      .data_size_in = sizeof(packet),
			      .ctx_in = zeros,
			      .ctx_size_in = sizeof(zeros),
			      .ctx_size_out = sizeof(ours) };
	uint64_t seed = g->seed;
	struct vm_fault fault;
	struct prog p = {};
	int fd, x, y;

	gen(g);
	fd = kernel_prog(maps, g);
	if (fd < 0 || load(w, maps, &p, g))
		return;
	t.ctx_out = ours;
	x = run_test(w, &p, &t, &fault);
	t.ctx_out = theirs;
	y = kernel_test(fd, &t);
	if (x || y)
		FAIL("seed %" PRIu64 ": %d %s, the kernel %d", seed, x,
		     x == -EFAULT ? fault.text : "", y);
	else if (memcmp(ours, theirs, sizeof(ours)) != 0)
		FAIL("seed %" PRIu64 ": another result", seed);
	for (size_t k = 0; k < countof(kinds); k++)
		if (!kinds[k].queue && !kinds[k].ring)
			contents(&kinds[k], &maps[k], seed);
	sim_prog_free(&p);
	close(fd);
}

static void random_maps(void)
{
	struct gen g = { .seed = getenv("SIM_SEED") ? strtoull(getenv("SIM_SEED"), NULL, 0) : 1 };
	unsigned int n =
		getenv("SIM_DIFF") ? (unsigned int)strtoul(getenv("SIM_DIFF"), NULL, 0) : NR;
	struct pair maps[countof(kinds)];
	bool made = true;
	cpu_set_t set, old;
	struct world w;

	if (!have_kernel())
		SKIP("needs root");
	/* Values per CPU: on the same one as the mock's. */
	CHECK_INT(sched_getaffinity(0, sizeof(old), &old), 0);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_INT(sched_setaffinity(0, sizeof(set), &set), 0);
	CHECK(world_init(&w));
	w.cpus = (unsigned int)sysconf(_SC_NPROCESSORS_CONF);
	for (size_t i = 0; i < countof(kinds); i++)
		made &= make(&w, &kinds[i], &maps[i]);
	for (unsigned int i = 0; made && i < n && test_failures < 3; i++)
		one(&w, maps, &g);
	for (size_t i = 0; i < countof(kinds); i++) {
		kobj_put(&maps[i].sim->obj);
		close(maps[i].fd);
	}
	world_fini(&w);
	sched_setaffinity(0, sizeof(old), &old);
}

static const struct test tests[] = {
	{ "random programs with maps as in the kernel", random_maps },
};

TEST_MAIN(tests)
