// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every operation on every pair of numbers where something turns over, in the interpreter and
 * in the kernel; and what is defined, in numbers, for who is not root.
 */
#include <errno.h>
#include <inttypes.h>

#include "sim_kernel.h"
#include "sim_rig.h"
#include "test.h"

static const uint64_t corners[] = {
	0,
	1,
	2,
	3,
	7,
	8,
	31,
	32,
	33,
	63,
	64,
	0x7f,
	0x80,
	0xff,
	0x100,
	0x7fff,
	0x8000,
	0xffff,
	0x12345678,
	0x7fffffff,
	0x80000000,
	0x80000001,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x123456789abcdef0,
	0x7fffffffffffffff,
	0x8000000000000000,
	0x8000000000000001,
	0xffffffff00000000,
	0xffffffff7fffffff,
	0xffffffff80000000,
	0xfffffffffffffffe,
	0xffffffffffffffff,
};

/* r0 and r1 from the context, one operation, and what has become of r0, r1, r2 and a cell. */
static size_t wrap(struct insn *p, struct insn op, bool jump)
{
	size_t n = 0;

	p[n++] = MOV_X(6, 1);
	p[n++] = I(INSN_LD_IMM64, 7, PSEUDO_MAP_VALUE, 0, 0);
	p[n++] = I(0, 0, 0, 0, 0);
	p[n++] = LDX(DW, 0, 6, 0);
	p[n++] = LDX(DW, 1, 6, 8);
	p[n++] = MOV_K(2, 1);
	p[n++] = op;
	if (jump)
		p[n++] = MOV_K(2, 0);
	p[n++] = STX(DW, 6, 16, 0);
	p[n++] = STX(DW, 6, 24, 1);
	p[n++] = STX(DW, 6, 32, 2);
	p[n++] = MOV_K(0, 0);
	p[n++] = EXIT;
	return n;
}

struct both {
	struct rig rig;
	struct kernel_fds fds;
	size_t ops, pairs;
};

static void pair(struct both *b, int prog, const struct insn *op, uint64_t d, uint64_t s,
		 uint64_t cell)
{
	_Alignas(8) uint8_t ctx[RIG_CTX] = { 0 }, value[RIG_VALUE] = { 0 };
	struct rig *r = &b->rig;
	uint64_t ret, in[2] = { d, s };

	memcpy(ctx, in, sizeof(in));
	memcpy(value, &cell, 8);
	memcpy(r->ctx_bytes, ctx, RIG_CTX);
	memcpy(r->value_bytes, value, RIG_VALUE);
	b->pairs++;
	if (cell && kernel_map_op(b->fds.value, BPF_MAP_UPDATE_ELEM, value))
		FAIL("no map: %d", errno);
	CHECK_INT(kernel_run(prog, ctx, NULL, 0, &ret), 0);
	if (cell)
		kernel_map_op(b->fds.value, BPF_MAP_LOOKUP_ELEM, value);
	if (rig_run(r))
		FAIL("%s", r->vm->fault.text);
	if (memcmp(ctx, r->ctx_bytes, RIG_CTX) ||
	    (cell && memcmp(value, r->value_bytes, RIG_VALUE)))
		FAIL("%02x off %d imm %d: of %" PRIx64 ", %" PRIx64 ", %" PRIx64, op->code, op->off,
		     op->imm, d, s, cell);
}

/* cells: the operation is one on memory. */
static void operation(struct both *b, struct insn op, bool cells)
{
	bool jump = (op.code & 7) == BPF_JMP || (op.code & 7) == 6;
	bool reg = op.code & BPF_X || cells;
	struct insn p[16];
	size_t n = wrap(p, op, jump);
	char log[4096];
	int prog = kernel_load(BPF_PROG_TYPE_SYSCALL, p, n, &b->fds, log, sizeof(log));

	if (prog < 0 || rig_load(&b->rig, p, n)) {
		FAIL("%02x off %d imm %d: %s%s", op.code, op.off, op.imm, log,
		     buf_str(&b->rig.log));
		return;
	}
	b->ops++;
	for (size_t i = 0; i < countof(corners) && test_failures < 5; i++)
		for (size_t j = 0; j < (reg ? countof(corners) : 1); j++)
			pair(b, prog, &op, corners[i], corners[j],
			     cells ? corners[(i + j) % 30 + 1] : 0);
	close(prog);
}

static void forms(struct both *b, uint8_t code, int16_t off, bool no_zero, unsigned int below)
{
	operation(b, I(code | BPF_X, 0, 1, off, 0), false);
	operation(b, I(code | BPF_X, 0, 0, off, 0), false);
	for (size_t i = 0; i < countof(corners); i++) {
		int32_t imm = (int32_t)corners[i];

		if ((int64_t)corners[i] != imm || (no_zero && !imm) ||
		    (below && (uint32_t)imm >= below))
			continue;
		operation(b, I(code | BPF_K, 0, 0, off, imm), false);
	}
}

static void arithmetic(struct both *b)
{
	static const uint8_t ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_OR, BPF_AND, BPF_XOR, BPF_MOV
	};
	static const uint8_t shifts[] = { BPF_LSH, BPF_RSH, BPF_ARSH };
	static const uint8_t ends[] = { BPF_ALU | BPF_END | BPF_K, BPF_ALU | BPF_END | BPF_X,
					BPF_ALU64 | BPF_END };

	for (int wide = 0; wide < 2; wide++) {
		uint8_t class = wide ? BPF_ALU64 : BPF_ALU;

		for (size_t i = 0; i < countof(ops); i++)
			forms(b, class | ops[i], 0, false, 0);
		for (size_t i = 0; i < countof(shifts); i++)
			forms(b, class | shifts[i], 0, false, wide ? 64 : 32);
		for (int16_t off = 0; off < 2; off++) {
			forms(b, class | BPF_DIV, off, true, 0);
			forms(b, class | BPF_MOD, off, true, 0);
		}
		operation(b, I(class | BPF_NEG, 0, 0, 0, 0), false);
		for (int16_t off = 8; off <= (wide ? 32 : 16); off = (int16_t)(off * 2))
			operation(b, I(class | BPF_MOV | BPF_X, 0, 1, off, 0), false);
	}
	for (size_t i = 0; i < countof(ends); i++)
		for (int width = 16; width <= 64; width *= 2)
			operation(b, I(ends[i], 0, 0, 0, width), false);
}

static void comparisons(struct both *b)
{
	static const uint8_t ops[] = { BPF_JEQ,	 BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				       BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE };

	for (size_t i = 0; i < countof(ops); i++) {
		forms(b, BPF_JMP | ops[i], 1, false, 0);
		forms(b, BPF_JMP32 | ops[i], 1, false, 0);
	}
}

static void memory(struct both *b)
{
	static const int32_t atomics[] = { BPF_ADD,
					   BPF_OR,
					   BPF_AND,
					   BPF_XOR,
					   BPF_ADD | BPF_FETCH,
					   BPF_OR | BPF_FETCH,
					   BPF_AND | BPF_FETCH,
					   BPF_XOR | BPF_FETCH,
					   BPF_XCHG,
					   BPF_CMPXCHG };
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

	for (size_t i = 0; i < countof(atomics); i++)
		for (size_t k = 2; k < 4; k++)
			operation(b, I(BPF_STX | BPF_ATOMIC | sizes[k], 7, 1, 0, atomics[i]), true);
	for (size_t k = 0; k < 4; k++) {
		operation(b, I(BPF_STX | BPF_ATOMIC | sizes[k], 1, 7, 0, 0x100), true);
		operation(b, I(BPF_STX | BPF_ATOMIC | sizes[k], 7, 1, 0, 0x110), true);
		operation(b, I(BPF_LDX | BPF_MEM | sizes[k], 0, 7, 0, 0), true);
		operation(b, I(BPF_LDX | BPF_MEM | sizes[k], 0, 7, 1, 0), true);
		operation(b, I(BPF_STX | BPF_MEM | sizes[k], 7, 1, 1, 0), true);
		operation(b, I(BPF_ST | BPF_MEM | sizes[k], 7, 0, 3, -2), true);
		if (k < 3)
			operation(b, I(BPF_LDX | 0x80 | sizes[k], 0, 7, 0, 0), true);
	}
}

/* What the documents say, for the operations people get wrong. */
static void defined(void)
{
	static const struct {
		struct insn op;
		uint64_t d, s, result;
	} cases[] = {
		{ ALU_X(DIV, 0, 1), 7, 0, 0 },
		{ ALU_X(MOD, 0, 1), 7, 0, 7 },
		{ ALU32_X(DIV, 0, 1), 0x100000007, 0x100000000, 0 },
		{ ALU32_X(MOD, 0, 1), 0x100000007, 0x100000000, 7 },
		{ I(BPF_ALU64 | BPF_DIV | BPF_X, 0, 1, 1, 0), 0x8000000000000000, ~UINT64_C(0),
		  0x8000000000000000 },
		{ I(BPF_ALU64 | BPF_MOD | BPF_X, 0, 1, 1, 0), 0x8000000000000000, ~UINT64_C(0), 0 },
		{ I(BPF_ALU | BPF_DIV | BPF_X, 0, 1, 1, 0), 0x80000000, 0xffffffff, 0x80000000 },
		{ I(BPF_ALU | BPF_MOD | BPF_X, 0, 1, 1, 0), 0x80000000, 0xffffffff, 0 },
		{ I(BPF_ALU64 | BPF_DIV | BPF_X, 0, 1, 1, 0), (uint64_t)-13, 4, (uint64_t)-3 },
		{ I(BPF_ALU64 | BPF_MOD | BPF_X, 0, 1, 1, 0), (uint64_t)-13, 4, (uint64_t)-1 },
		{ ALU_X(DIV, 0, 1), (uint64_t)-13, 4, 0x3ffffffffffffffc },
		{ ALU_X(LSH, 0, 1), 1, 65, 2 },
		{ ALU32_X(RSH, 0, 1), 0xff00000010, 33, 8 },
		{ ALU32_X(ARSH, 0, 1), 0x80000000, 31, 0xffffffff },
		{ ALU_X(ARSH, 0, 1), 0x8000000000000000, 63, ~UINT64_C(0) },
		{ ALU32_X(ADD, 0, 1), 0xffffffffffffffff, 1, 0 },
		{ ALU32_K(MOV, 0, -1), 0, 0, 0xffffffff },
		{ MOV_K(0, -1), 0, 0, ~UINT64_C(0) },
		{ I(BPF_ALU64 | BPF_MOV | BPF_X, 0, 1, 8, 0), 0, 0x80, 0xffffffffffffff80 },
		{ I(BPF_ALU | BPF_MOV | BPF_X, 0, 1, 16, 0), 0, 0x8000, 0xffff8000 },
		{ I(BPF_ALU64 | BPF_MOV | BPF_X, 0, 1, 32, 0), 0, 0x80000000, 0xffffffff80000000 },
		{ I(BPF_ALU64 | BPF_END, 0, 0, 0, 16), 0x1122334455667788, 0, 0x8877 },
		{ I(BPF_ALU64 | BPF_END, 0, 0, 0, 32), 0x1122334455667788, 0, 0x88776655 },
		{ I(BPF_ALU64 | BPF_END, 0, 0, 0, 64), 0x1122334455667788, 0, 0x8877665544332211 },
	};
	struct rig r = { .packets = false };

	rig_init(&r);
	for (size_t i = 0; i < countof(cases); i++) {
		struct insn p[16];
		uint64_t got;

		if (rig_load(&r, p, wrap(p, cases[i].op, false))) {
			FAIL("%zu: %s", i, buf_str(&r.log));
			continue;
		}
		memcpy(r.ctx_bytes, &cases[i].d, 8);
		memcpy(r.ctx_bytes + 8, &cases[i].s, 8);
		CHECK_INT(rig_run(&r), 0);
		memcpy(&got, r.ctx_bytes + 16, 8);
		if (got != cases[i].result)
			FAIL("%zu: %" PRIx64 ", not %" PRIx64, i, got, cases[i].result);
	}
	rig_free(&r);
}

static const struct {
	const char *name;
	void (*with_kernel)(struct both *b);
	void (*alone)(void);
} tests[] = {
	{ "operations that are easy to get wrong", NULL, defined },
	{ "arithmetic on every corner, as the kernel", arithmetic, NULL },
	{ "comparisons on every corner, as the kernel", comparisons, NULL },
	{ "memory on every corner, as the kernel", memory, NULL },
};

int main(void)
{
	static struct both b;
	bool root = kernel_open(&b.fds);
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", countof(tests));
	rig_init(&b.rig);
	for (size_t i = 0; i < countof(tests); i++) {
		bool skip = tests[i].with_kernel && !root;

		test_failures = 0;
		if (tests[i].alone)
			tests[i].alone();
		else if (!skip)
			tests[i].with_kernel(&b);
		printf("%sok %zu - %s%s\n", test_failures ? "not " : "", i + 1, tests[i].name,
		       skip ? " # skip needs root" : "");
		failed += test_failures != 0;
	}
	printf("# %zu operations, %zu pairs\n", b.ops, b.pairs);
	rig_free(&b.rig);
	kernel_close(&b.fds);
	return failed != 0;
}
