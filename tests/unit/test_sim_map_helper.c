// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What helpers do to maps: random calls by a program in the kernel, and by map_prog.h in the mock.
 */
#include "sim_maps.h"

#include <sched.h>

#define NP BPF_F_NO_PREALLOC
#define KEY 8
#define VALUE 16

/* What the program is told, and what it tells: one value of an array. */
struct call {
	uint8_t key[KEY], value[VALUE];
	uint64_t flags;
	int64_t ret;
	uint8_t out[VALUE];
};

enum { CALL_LOOKUP, CALL_UPDATE, CALL_DELETE, CALL_PUSH, CALL_POP, CALL_PEEK, CALLS };

static const struct subject {
	uint32_t type, key, entries, flags;
	unsigned int calls; /* 1 << CALL_... */
} subjects[] = {
#define TABLE (1 << CALL_LOOKUP | 1 << CALL_UPDATE | 1 << CALL_DELETE)
#define QUEUE (1 << CALL_PUSH | 1 << CALL_POP | 1 << CALL_PEEK)
	{ UAPI_MAP_hash, 4, 6, 0, TABLE },
	{ UAPI_MAP_hash, 8, 6, NP, TABLE },
	{ UAPI_MAP_percpu_hash, 4, 6, 0, TABLE },
	{ UAPI_MAP_percpu_hash, 8, 6, NP, TABLE },
	{ UAPI_MAP_lru_hash, 4, 1024, 0, TABLE },
	{ UAPI_MAP_lru_percpu_hash, 4, 1024, 0, TABLE },
	{ UAPI_MAP_array, 4, 6, 0, TABLE },
	{ UAPI_MAP_percpu_array, 4, 6, 0, TABLE },
	{ UAPI_MAP_lpm_trie, 8, 6, NP, TABLE },
	{ UAPI_MAP_queue, 0, 5, 0, QUEUE },
	{ UAPI_MAP_stack, 0, 5, 0, QUEUE },
	{ UAPI_MAP_bloom_filter, 0, 1000, 0, 1 << CALL_PUSH | 1 << CALL_PEEK },
};

#define INSN(c, d, s, o, i)                                                                        \
	(struct bpf_insn)                                                                          \
	{                                                                                          \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                \
	}
#define MOVX(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADDK(d, k) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, (int32_t)(k))
#define LDX(d, s, o) INSN(BPF_LDX | BPF_MEM | BPF_DW, d, s, (int16_t)(o), 0)
#define STX(d, s, o) INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, (int16_t)(o), 0)

/* r6 = the call; ret = helper(map, ...); of lookups the value goes out. */
static int call_prog(int calls, int map, int what)
{
	static const int helpers[] = { BPF_FUNC_map_lookup_elem, BPF_FUNC_map_update_elem,
				       BPF_FUNC_map_delete_elem, BPF_FUNC_map_push_elem,
				       BPF_FUNC_map_pop_elem,	 BPF_FUNC_map_peek_elem };
	bool keyless = what >= CALL_PUSH;
	size_t in = what == CALL_POP ? offsetof(struct call, out) : offsetof(struct call, value);
	struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_DW | BPF_IMM, 6, BPF_PSEUDO_MAP_VALUE, 0, calls),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		MOVX(2, 6),
		ADDK(2, keyless ? in : offsetof(struct call, key)),
		what == CALL_PUSH ? LDX(3, 6, offsetof(struct call, flags)) : MOVX(3, 6),
		what == CALL_PUSH ? MOVX(5, 6) : ADDK(3, offsetof(struct call, value)),
		LDX(4, 6, offsetof(struct call, flags)),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helpers[what]),
		/* lookup: r0 is a pointer */
		INSN(BPF_JMP | BPF_JA, 0, 0, what == CALL_LOOKUP ? 0 : 6, 0),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5, 0),
		LDX(1, 0, 0),
		STX(6, 1, offsetof(struct call, out)),
		LDX(1, 0, 8),
		STX(6, 1, offsetof(struct call, out) + 8),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		STX(6, 0, offsetof(struct call, ret)),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				.insns = (uintptr_t)insns,
				.insn_cnt = countof(insns),
				.license = (uintptr_t) "GPL" };

	/* What is jumped over would be dead code. */
	if (what != CALL_LOOKUP) {
		insns[10] = MOVX(7, 0);
		for (int i = 11; i < 17; i++)
			insns[i] = MOVX(7, 7);
	}
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

struct run {
	struct maps_rig r;
	const struct subject *s;
	struct map *m;
	int map, calls, progs[CALLS];
	uint64_t seed;
	uint32_t step;
};

static uint32_t draw(struct run *t, uint32_t below)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return (uint32_t)(t->seed >> 32) % below;
}

static void in_mock(struct run *t, int what, struct call *c)
{
	uint64_t addr;

	switch (what) {
	case CALL_LOOKUP:
		addr = map_elem(t->m, c->key);
		c->ret = addr != 0;
		if (addr)
			CHECK(space_peek(t->r.w.space, addr, c->out, VALUE));
		return;
	case CALL_UPDATE:
		c->ret = map_prog_update(t->m, c->key, c->value, c->flags);
		return;
	case CALL_DELETE:
		c->ret = map_prog_delete(t->m, c->key);
		return;
	case CALL_PUSH:
		c->ret = map_push(t->m, c->value, c->flags);
		return;
	case CALL_POP:
		c->ret = map_pop(t->m, c->out);
		return;
	default:
		c->ret = map_peek(t->m, c->value);
	}
}

static int in_kernel(struct run *t, int what, struct call *c)
{
	uint8_t packet[64] = {};
	uint32_t zero = 0;
	struct maps_args a = { .key = &zero, .value = c };
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)t->progs[what],
					  .data_in = (uintptr_t)packet,
					  .data_size_in = sizeof(packet) } };
	int r = maps_kernel(t->calls, OP_UPDATE, &a);

	if (!r)
		r = maps_bpf(BPF_PROG_TEST_RUN, &attr);
	return r ? r : maps_kernel(t->calls, OP_LOOKUP, &a);
}

static void draw_call(struct run *t, struct call *c)
{
	uint32_t key = draw(t, t->s->entries < 16 ? t->s->entries + 3 : 40);

	memset(c, 0, sizeof(*c));
	memcpy(c->key, &key, sizeof(key));
	if (t->s->type == UAPI_MAP_lpm_trie) {
		key = draw(t, 34);
		memcpy(c->key, &key, sizeof(key));
		c->key[4] = (uint8_t)(draw(t, 4) << 6);
	}
	for (size_t i = 0; i < VALUE; i++)
		c->value[i] = (uint8_t)draw(t, 256);
	/* Of few values in a large filter, of which none is found that was not put in. */
	if (t->s->type == UAPI_MAP_bloom_filter)
		memset(c->value, (int)draw(t, 200), VALUE);
	c->flags = draw(t, 3) ? 0 : draw(t, 10);
}

/* All of the value as user space sees it: what other CPUs have included. */
static void compare_value(struct run *t, const struct call *c)
{
	uint8_t got[2][MAPS_VALUE] = {};
	struct maps_args a = { .key = c->key, .value = got[0] };
	struct maps_args b = { .key = c->key, .value = got[1] };

	CHECK_INT(maps_mock(t->m, OP_LOOKUP, &a), maps_kernel(t->map, OP_LOOKUP, &b));
	if (memcmp(got[0], got[1], map_user_size(t->m)) != 0)
		FAIL("%s, step %u: another value than the kernel's", uapi_map_type_name(t->s->type),
		     t->step);
}

static void step(struct run *t)
{
	struct call mock, kernel;
	int what;

	do
		what = (int)draw(t, CALLS);
	while (!(t->s->calls >> what & 1));
	draw_call(t, &mock);
	kernel = mock;
	in_mock(t, what, &mock);
	CHECK_INT(in_kernel(t, what, &kernel), 0);
	if (mock.ret != kernel.ret)
		FAIL("%s, step %u, call %d, flags %llu: %lld, the kernel says %lld",
		     uapi_map_type_name(t->s->type), t->step, what, (unsigned long long)mock.flags,
		     (long long)mock.ret, (long long)kernel.ret);
	else if (memcmp(&mock, &kernel, sizeof(mock)) != 0)
		FAIL("%s, step %u, call %d: another value than the kernel's",
		     uapi_map_type_name(t->s->type), t->step, what);
	if (t->s->key && !test_failures)
		compare_value(t, &mock);
}

static bool open_all(struct run *t)
{
	struct map_spec s = { .type = t->s->type,
			      .key_size = t->s->key,
			      .value_size = VALUE,
			      .max_entries = t->s->entries,
			      .flags = t->s->flags };
	struct map_spec calls = { .type = UAPI_MAP_array,
				  .key_size = 4,
				  .value_size = sizeof(struct call),
				  .max_entries = 1 };
	bool good = true;

	CHECK_INT(map_new(&t->r.w, &t->r.objects, &s, &t->m), 0);
	t->map = maps_kernel_new(&s, -1, -1);
	t->calls = maps_kernel_new(&calls, -1, -1);
	for (int i = 0; i < CALLS; i++) {
		t->progs[i] = t->s->calls >> i & 1 ? call_prog(t->calls, t->map, i) : -1;
		good &= t->progs[i] >= 0 || !(t->s->calls >> i & 1);
	}
	return good && t->map >= 0 && t->calls >= 0;
}

static void test_calls(void)
{
	struct run t = {};
	cpu_set_t one;

	if (maps_no_kernel())
		SKIP(maps_no_kernel());
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	CHECK_INT(sched_setaffinity(0, sizeof(one), &one), 0);
	maps_init(&t.r);
	for (size_t i = 0; i < countof(subjects); i++) {
		t.s = &subjects[i];
		t.seed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
		if (!open_all(&t))
			FAIL("%s: cannot load", uapi_map_type_name(t.s->type));
		for (t.step = 0; t.step < 600 && !test_failures; t.step++)
			step(&t);
		for (int k = 0; k < CALLS; k++)
			closep(&t.progs[k]);
		closep(&t.map);
		closep(&t.calls);
		kobj_put(&t.m->obj);
	}
	maps_free(&t.r);
}

static const struct test tests[] = {
	{ "random calls by programs, as the kernel", test_calls },
};
TEST_MAIN(tests)
