// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random programs, in the interpreter and in the kernel: the same result, context, packet and
 * map.  SIM_DIFF=N makes N programs of each suite instead of a few thousand, SIM_SEED others.
 */
#include <errno.h>
#include <inttypes.h>

#include "sim_kernel.h"
#include "sim_rig.h"
#include "test.h"

#define MAX_INSNS 1024

struct gen {
	uint64_t seed;
	struct insn in[MAX_INSNS];
	size_t n;
};

static uint32_t rnd(struct gen *g, uint32_t limit)
{
	g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(g->seed >> 33) % limit;
}

/* Numbers where something turns over are likelier than others. */
static uint64_t number(struct gen *g)
{
	static const uint64_t corner[] = {
		0,
		1,
		2,
		7,
		8,
		31,
		32,
		63,
		64,
		0x7f,
		0x80,
		0xff,
		0x7fff,
		0x8000,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		0xffffffffffffffff,
		0xffffffff80000000,
		0xffffffff7fffffff,
	};
	uint64_t v = corner[rnd(g, countof(corner))];

	switch (rnd(g, 4)) {
	case 0:
		return v;
	case 1:
		return v + rnd(g, 5) - 2;
	case 2:
		return (uint64_t)rnd(g, 1 << 30) << 34 ^ (uint64_t)rnd(g, 1 << 30) << 10 ^
		       rnd(g, 1024);
	default:
		return 0 - v;
	}
}

static void add(struct gen *g, struct insn in)
{
	if (g->n < MAX_INSNS)
		g->in[g->n++] = in;
}

/*
 * ---- Arithmetic on r0 to r9.  The verifier of 6.18 draws two wrong conclusions, and removes
 * code that is not dead: a number keeps its identity when its bytes are swapped or it is
 * negated, so a comparison with the original is decided; and of (x s>> 31) | imm it forgets one
 * of two outcomes.  Programs here leave it no occasion.
 */

static void gen_end(struct gen *g, unsigned int d)
{
	static const int width[] = { 16, 32, 64 };
	uint8_t code = rnd(g, 3) == 2 ? BPF_ALU64 | BPF_END
				      : (uint8_t)(BPF_ALU | BPF_END | (rnd(g, 2) ? BPF_X : BPF_K));

	add(g, ALU_K(MUL, d, 1));
	add(g, I(code, d, 0, 0, width[rnd(g, 3)]));
}

static void gen_movs(struct gen *g, unsigned int d, unsigned int s)
{
	static const int16_t off[] = { 8, 16, 32 };

	if (rnd(g, 2))
		add(g, I(BPF_ALU64 | BPF_MOV | BPF_X, d, s, off[rnd(g, 3)], 0));
	else
		add(g, I(BPF_ALU | BPF_MOV | BPF_X, d, s, off[rnd(g, 2)], 0));
}

static void gen_alu(struct gen *g, unsigned int regs)
{
	static const uint8_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL,  BPF_DIV, BPF_OR,
				       BPF_AND, BPF_LSH, BPF_RSH,  BPF_NEG, BPF_MOD,
				       BPF_XOR, BPF_MOV, BPF_ARSH, BPF_END };
	uint8_t class = rnd(g, 2) ? BPF_ALU64 : BPF_ALU, op = ops[rnd(g, countof(ops))];
	unsigned int d = rnd(g, regs), s = rnd(g, regs);
	int32_t imm = (int32_t)number(g);
	int16_t off = 0;

	if (op == BPF_END) {
		gen_end(g, d);
		return;
	}
	if (op == BPF_MOV && rnd(g, 3) == 0) {
		gen_movs(g, d, s);
		return;
	}
	if (op == BPF_NEG) {
		add(g, ALU_K(MUL, d, 1));
		add(g, I(class | op, d, 0, 0, 0));
		return;
	}
	if ((op == BPF_DIV || op == BPF_MOD) && rnd(g, 2))
		off = 1;
	if (rnd(g, 2)) {
		add(g, I(class | op | BPF_X, d, s, off, 0));
		return;
	}
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm &= class == BPF_ALU ? 31 : 63;
	if (op == BPF_ARSH && (imm == 31 || imm == 63))
		imm--;
	if ((op == BPF_DIV || op == BPF_MOD) && !imm)
		imm = 1;
	add(g, I(class | op | BPF_K, d, 0, off, imm));
}

static struct insn jump(struct gen *g, unsigned int regs, int16_t off)
{
	static const uint8_t ops[] = { BPF_JEQ,	 BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				       BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE };
	uint8_t code = (uint8_t)((rnd(g, 2) ? BPF_JMP : BPF_JMP32) | ops[rnd(g, countof(ops))]);

	if (rnd(g, 2))
		return I(code | BPF_X, rnd(g, regs), rnd(g, regs), off, 0);
	return I(code | BPF_K, rnd(g, regs), 0, off, (int32_t)number(g));
}

/* A jump over a few instructions, which cannot be told before they are there. */
static void gen_jump(struct gen *g, unsigned int regs)
{
	size_t at = g->n;
	unsigned int n = 1 + rnd(g, 5);

	add(g, jump(g, regs, 0));
	while (n--)
		gen_alu(g, regs);
	g->in[at].off = (int16_t)(g->n - at - 1);
}

/* r0 to r9 from the context, whose address stays at r10-8; back again at the end. */
static void gen_begin(struct gen *g)
{
	g->n = 0;
	add(g, STX(DW, 10, -8, 1));
	for (unsigned int i = 0; i < 10; i++)
		if (i != 1)
			add(g, LDX(DW, i, 1, (int)i * 8));
	add(g, LDX(DW, 1, 1, 8));
}

static void gen_finish(struct gen *g)
{
	add(g, STX(DW, 10, -16, 0));
	add(g, LDX(DW, 0, 10, -8));
	for (unsigned int i = 1; i < 10; i++)
		add(g, STX(DW, 0, 80 + (int)i * 8, i));
	add(g, LDX(DW, 1, 10, -16));
	add(g, STX(DW, 0, 80, 1));
	add(g, MOV_X(0, 1));
	add(g, EXIT);
}

static void gen_alu_prog(struct gen *g)
{
	unsigned int n = 40 + rnd(g, 80), jumps = 0;

	gen_begin(g);
	for (unsigned int i = 0; i < n; i++)
		if (rnd(g, 12) == 0 && jumps++ < 6)
			gen_jump(g, 10);
		else
			gen_alu(g, 10);
	gen_finish(g);
}

/*
 * ---- Memory.  r6 = context, r7 = map value, r8 = the stack at r10-64, r9 an index into the
 * value; r0 to r5 are numbers.
 */
static void gen_mem(struct gen *g)
{
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	static const uint8_t bases[] = { 6, 7, 8, 9, 10 };
	unsigned int k = rnd(g, 4), size = 1u << k, base = bases[rnd(g, 5)], reg = rnd(g, 6);
	int off = (int)(rnd(g, 64 / size) * size);

	if (base == 10)
		off -= 64;
	if (base == 7 || base == 9)
		off = (int)rnd(g, 65 - size); /* a map's value may be accessed misaligned */
	switch (rnd(g, 5)) {
	case 0:
		add(g, I(BPF_ST | BPF_MEM | sizes[k], base, 0, off, (int32_t)number(g)));
		break;
	case 1:
	case 2:
		add(g, I(BPF_STX | BPF_MEM | sizes[k], base, reg, off, 0));
		break;
	case 3:
		if (k < 3 && base != 6) { /* no sign extension from a context */
			add(g, I(BPF_LDX | 0x80 | sizes[k], reg, base, off, 0));
			break;
		}
		/* fall through */
	default:
		add(g, I(BPF_LDX | BPF_MEM | sizes[k], reg, base, off, 0));
	}
}

static void gen_atomic(struct gen *g)
{
	static const int32_t ops[] = { BPF_ADD,
				       BPF_OR,
				       BPF_AND,
				       BPF_XOR,
				       BPF_ADD | BPF_FETCH,
				       BPF_OR | BPF_FETCH,
				       BPF_AND | BPF_FETCH,
				       BPF_XOR | BPF_FETCH,
				       BPF_XCHG,
				       BPF_CMPXCHG };
	static const uint8_t bases[] = { 7, 8, 10, 9 };
	bool wide = rnd(g, 2);
	unsigned int base = bases[rnd(g, 3)];
	int off = (int)(wide ? rnd(g, 8) * 8 : rnd(g, 16) * 4) - (base == 10 ? 64 : 0);
	int32_t op = ops[rnd(g, countof(ops))];
	unsigned int src = rnd(g, 6);

	add(g, I(BPF_STX | BPF_ATOMIC | (wide ? BPF_DW : BPF_W), base, src, off, op));
	/* Nor do 6.18's conclusions hold about what was fetched from where a number was spilled. */
	if (base != 7 && op & BPF_FETCH && op != BPF_CMPXCHG)
		add(g, ALU_K(MUL, src, 1));
	/*
	 * The upper half of r0 is zero, but 6.18 forgets to make it so when what reads it is
	 * behind a join that was verified before.
	 */
	if (op == BPF_CMPXCHG && !wide)
		add(g, ALU32_X(MOV, 0, 0));
}

/* load_acquire and store_release. */
static void gen_ordered(struct gen *g)
{
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	unsigned int k = rnd(g, 4), base = rnd(g, 2) ? 7 : 8;
	int off = (int)(rnd(g, 64u >> k) << k);
	unsigned int reg = rnd(g, 6);

	if (rnd(g, 2)) {
		add(g, I(BPF_STX | BPF_ATOMIC | sizes[k], reg, base, off, 0x100));
	} else {
		add(g, ALU_K(MUL, reg, 1));
		add(g, I(BPF_STX | BPF_ATOMIC | sizes[k], base, reg, off, 0x110));
	}
}

static void gen_index(struct gen *g)
{
	add(g, MOV_X(9, rnd(g, 6)));
	add(g, ALU_K(AND, 9, 0x7f));
	add(g, ALU_X(ADD, 9, 7));
}

static void gen_mem_prog(struct gen *g)
{
	unsigned int n = 40 + rnd(g, 60), jumps = 0;

	g->n = 0;
	add(g, MOV_X(6, 1));
	add(g, ((struct insn[]){ LD_IMM64(7, PSEUDO_MAP_VALUE, 0) })[0]);
	add(g, I(0, 0, 0, 0, 0));
	add(g, MOV_X(8, 10));
	add(g, ALU_K(ADD, 8, -64));
	for (int i = 0; i < 8; i++) {
		add(g, LDX(DW, 0, 6, i * 8));
		add(g, STX(DW, 10, -64 + i * 8, 0));
	}
	for (unsigned int i = 0; i < 6; i++)
		add(g, LDX(DW, i, 6, 64 + (int)i * 8));
	gen_index(g);
	for (unsigned int i = 0; i < n; i++) {
		switch (rnd(g, 16)) {
		case 0:
			if (jumps++ < 4)
				gen_jump(g, 6);
			break;
		case 1:
		case 2:
			gen_atomic(g);
			break;
		case 3:
			gen_ordered(g);
			break;
		case 4:
			gen_index(g);
			break;
		case 5:
		case 6:
		case 7:
			gen_alu(g, 6);
			break;
		default:
			gen_mem(g);
		}
	}
	/* The stack and the numbers, into the context. */
	for (unsigned int i = 0; i < 6; i++)
		add(g, STX(DW, 6, 192 + (int)i * 8, i));
	for (int i = 0; i < 8; i++) {
		add(g, LDX(DW, 1, 10, -64 + i * 8));
		add(g, STX(DW, 6, 128 + i * 8, 1));
	}
	add(g, EXIT);
}

/* ---- Functions, loops, callbacks. ---- */

/* Where a call has to be told, when its function is there, where that is. */
struct calls {
	size_t at[64], n;
};

static void call_next(struct gen *g, struct calls *c)
{
	if (c->n < countof(c->at))
		c->at[c->n++] = g->n;
	add(g, CALL(0));
	for (unsigned int r = 1; r < 6; r++)
		add(g, MOV_X(r, 0));
}

/* A function of its arguments alone. */
static void gen_light(struct gen *g, struct calls *c)
{
	unsigned int n = 1 + rnd(g, 8);

	add(g, MOV_X(0, 1 + rnd(g, 5)));
	for (unsigned int i = 0; i < n; i++)
		gen_alu(g, 6);
	if (c)
		call_next(g, c);
	add(g, EXIT);
}

/* A function with a frame, and registers that are its own. */
static void gen_full(struct gen *g, struct calls *c)
{
	unsigned int n = 3 + rnd(g, 12);

	for (unsigned int i = 6; i < 9; i++)
		add(g, MOV_X(i, i - 5));
	add(g, MOV_X(0, 4));
	add(g, STX(DW, 10, -8, 5));
	for (unsigned int i = 0; i < n; i++) {
		if (rnd(g, 8) == 0)
			add(g, rnd(g, 2) ? STX(DW, 10, -8, rnd(g, 6)) : LDX(W, rnd(g, 6), 10, -8));
		else
			gen_alu(g, rnd(g, 2) ? 6 : 9);
	}
	if (c)
		call_next(g, c);
	for (unsigned int i = 6; i < 9; i++)
		add(g, ALU_X(XOR, 0, i));
	add(g, LDX(DW, 1, 10, -8));
	add(g, ALU_X(ADD, 0, 1));
	add(g, EXIT);
}

/* Functions, each of which may call the next one; the program's calls are spread over them. */
static void gen_funcs(struct gen *g, struct calls *main)
{
	unsigned int funcs = 1 + rnd(g, 4);
	struct calls next = { .n = 0 };

	for (unsigned int f = 0; f < funcs; f++) {
		struct calls *further = f + 1 < funcs && rnd(g, 2) ? &next : NULL;

		for (size_t i = 0; i < next.n; i++)
			g->in[next.at[i]].imm = (int32_t)(g->n - next.at[i] - 1);
		next.n = 0;
		/* Every function is called from the program: all are reached. */
		for (size_t i = f; i < main->n; i += funcs)
			g->in[main->at[i]].imm = (int32_t)(g->n - main->at[i] - 1);
		if (rnd(g, 2))
			gen_light(g, further);
		else
			gen_full(g, further);
	}
}

/* A chain of calls, in a loop or not; loops and context on the stack. */
static void gen_call_prog(struct gen *g)
{
	struct calls calls = { .n = 0 };
	unsigned int loops = 1 + rnd(g, 6), n = 4 + rnd(g, 3);
	size_t top;

	g->n = 0;
	add(g, STX(DW, 10, -8, 1));
	add(g, ST(DW, 10, -16, (int32_t)loops));
	for (unsigned int i = 6; i < 9; i++)
		add(g, LDX(DW, i, 1, (int)i * 8));
	top = g->n;
	add(g, LDX(DW, 1, 10, -8));
	for (unsigned int i = 2; i < 6; i++)
		add(g, LDX(DW, i, 1, (int)i * 8));
	add(g, LDX(DW, 1, 1, 8));
	for (unsigned int i = 0; i < n; i++) {
		calls.at[calls.n++] = g->n;
		add(g, CALL(0));
		for (unsigned int r = 1; r < 6; r++)
			add(g, MOV_X(r, r == 1 ? 0 : r + 4 > 8 ? 6 : r + 4));
		gen_alu(g, 6);
	}
	if (rnd(g, 3) == 0) {
		add(g, MAY_GOTO(1));
		add(g, JA(0));
	}
	add(g, LDX(DW, 9, 10, -16));
	add(g, ALU_K(ADD, 9, -1));
	add(g, STX(DW, 10, -16, 9));
	add(g, JMP_K(JNE, 9, 0, (int)top - (int)g->n - 1));
	add(g, LDX(DW, 9, 10, -8));
	for (unsigned int i = 0; i < 9; i++)
		add(g, STX(DW, 9, 128 + (int)i * 8, i));
	add(g, EXIT);
	gen_funcs(g, &calls);
}

/*
 * Loops through bpf_loop(): the callback works on numbers in the program's frame, and ends the
 * loop when one of them wants it.
 */
static void gen_loop_prog(struct gen *g)
{
	unsigned int n = 4 + rnd(g, 20);
	size_t at;

	g->n = 0;
	add(g, STX(DW, 10, -8, 1));
	for (int i = 0; i < 4; i++) {
		add(g, LDX(DW, 2, 1, i * 8));
		add(g, STX(DW, 10, -40 + i * 8, 2));
	}
	for (unsigned int i = 6; i < 10; i++)
		add(g, LDX(DW, i, 1, (int)i * 8));
	add(g, MOV_K(1, (int)rnd(g, 20)));
	at = g->n;
	add(g, I(0x18, 2, PSEUDO_FUNC, 0, 0));
	add(g, I(0, 0, 0, 0, 0));
	add(g, MOV_X(3, 10));
	add(g, ALU_K(ADD, 3, -40));
	add(g, MOV_K(4, 0));
	add(g, HELPER_CALL(181));
	add(g, LDX(DW, 1, 10, -8));
	for (int i = 0; i < 4; i++) {
		add(g, LDX(DW, 2, 10, -40 + i * 8));
		add(g, STX(DW, 1, 128 + i * 8, 2));
	}
	add(g, STX(DW, 1, 160, 0));
	for (unsigned int i = 6; i < 10; i++)
		add(g, STX(DW, 1, 128 + (int)i * 8, i));
	add(g, EXIT);
	g->in[at].imm = (int32_t)(g->n - at - 1);

	/* r6 = the frame, r0 to r5 = numbers. */
	add(g, MOV_X(6, 2));
	add(g, MOV_X(5, 1));
	for (unsigned int i = 0; i < 4; i++)
		add(g, LDX(DW, i, 6, (int)i * 8));
	add(g, MOV_X(4, 5));
	for (unsigned int i = 0; i < n; i++)
		gen_alu(g, 6);
	for (unsigned int i = 0; i < 4; i++)
		add(g, STX(DW, 6, (int)i * 8, i));
	add(g, MOV_K(0, 0));
	add(g, JMP_K(JSET, 4, 1 << rnd(g, 8), 1));
	add(g, EXIT);
	add(g, MOV_K(0, 1));
	add(g, EXIT);
}

/* ---- Packets: direct access, and LD_ABS and LD_IND. ---- */

static void gen_packet_prog(struct gen *g)
{
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	unsigned int room = 14 + rnd(g, 60), n = 20 + rnd(g, 30), jumps = 0;
	size_t check;

	g->n = 0;
	add(g, LDX(W, 6, 1, 0));
	add(g, LDX(W, 7, 1, 4));
	for (unsigned int i = 0; i < 6; i++)
		add(g, MOV_K(i, (int32_t)number(g)));
	add(g, MOV_X(8, 6));
	add(g, ALU_K(ADD, 8, (int)room));
	check = g->n;
	add(g, JMP_X(JGT, 8, 7, 0));
	for (unsigned int i = 0; i < n; i++) {
		unsigned int k = rnd(g, 4), reg = rnd(g, 6);
		int off = (int)rnd(g, room + 1 - (1u << k));

		switch (rnd(g, 5)) {
		case 0:
			if (jumps++ < 4)
				gen_jump(g, 6);
			break;
		case 1:
			gen_alu(g, 6);
			break;
		case 2:
			add(g, I(BPF_STX | BPF_MEM | sizes[k], 6, reg, off, 0));
			break;
		case 3:
			add(g,
			    k < 3 ? I(BPF_LDX | 0x80 | sizes[k], reg, 6, off, 0)
				  : I(BPF_ST | BPF_MEM | sizes[k], 6, 0, off, (int32_t)number(g)));
			break;
		default:
			add(g, I(BPF_LDX | BPF_MEM | sizes[k], reg, 6, off, 0));
		}
	}
	for (unsigned int i = 1; i < 6; i++)
		add(g, ALU_X(XOR, 0, i));
	g->in[check].off = (int16_t)(g->n - check - 1);
	add(g, EXIT);
}

static void gen_abs_prog(struct gen *g)
{
	static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W };
	unsigned int n = 5 + rnd(g, 20);

	g->n = 0;
	add(g, MOV_X(6, 1));
	add(g, MOV_K(7, (int32_t)number(g)));
	add(g, MOV_K(8, 0));
	for (unsigned int i = 0; i < n; i++) {
		uint8_t size = sizes[rnd(g, 3)];
		int off = (int)rnd(g, 12) ? (int)rnd(g, 90) : (int)rnd(g, 300);

		if (rnd(g, 2)) {
			add(g, LD_ABS(W, off));
		} else {
			add(g, MOV_X(2, 7));
			add(g, ALU_K(AND, 2, 31));
			add(g, LD_IND(W, 2, off));
		}
		g->in[g->n - 1].code |= size;
		add(g, ALU_X(XOR, 7, 0));
		add(g, ALU_K(MUL, 7, 31));
		add(g, ALU_X(ADD, 8, 0));
	}
	add(g, MOV_X(0, 8));
	add(g, EXIT);
}

/* ---- Both sides. ---- */

struct side {
	uint64_t ret;
	uint8_t ctx[RIG_CTX], value[RIG_VALUE], packet[RIG_PACKET];
};

struct suite {
	const char *name;
	enum bpf_prog_type type;
	void (*gen)(struct gen *g);
	unsigned int inputs;
	bool ctx, packet;
};

static void fill(struct gen *g, struct side *s)
{
	for (size_t i = 0; i < RIG_CTX; i += 8) {
		uint64_t v = number(g);

		memcpy(s->ctx + i, &v, 8);
		v = number(g);
		memcpy(s->value + i, &v, 8);
		memcpy(s->packet + i, &v, 8);
	}
	/* What is in front of a socket's payload, and no protocol the kernel wants to look into. */
	memset(s->packet + 12, 0x88, 2);
}

static int in_kernel(const struct suite *u, int prog, int value, struct side *s)
{
	int err;

	if (!u->packet && kernel_map_op(value, BPF_MAP_UPDATE_ELEM, s->value))
		return -errno;
	err = kernel_run(prog, u->ctx ? s->ctx : NULL, u->packet ? s->packet : NULL,
			 u->packet ? RIG_PACKET : 0, &s->ret);
	if (!err && !u->packet)
		err = kernel_map_op(value, BPF_MAP_LOOKUP_ELEM, s->value);
	return err;
}

static int in_sim(const struct suite *u, struct rig *r, struct side *s)
{
	int err;
	uint32_t at[2];

	memcpy(r->ctx_bytes, s->ctx, RIG_CTX);
	memcpy(r->value_bytes, s->value, RIG_VALUE);
	memcpy(r->packet_bytes, s->packet, RIG_PACKET);
	region_resize(r->packet, r->packet_bytes, RIG_PACKET);
	if (u->type == BPF_PROG_TYPE_SOCKET_FILTER)
		region_resize(r->packet, r->packet_bytes + 14, RIG_PACKET - 14);
	at[0] = (uint32_t)r->packet->base;
	at[1] = at[0] + (uint32_t)r->packet->len;
	if (u->packet)
		memcpy(r->ctx_bytes, at, sizeof(at));
	err = rig_run(r);
	s->ret = (uint32_t)r->ret;
	if (!u->packet) {
		memcpy(s->ctx, r->ctx_bytes, RIG_CTX);
		memcpy(s->value, r->value_bytes, RIG_VALUE);
	}
	memcpy(s->packet, r->packet_bytes, RIG_PACKET);
	return err;
}

static const char *differ(const struct suite *u, const struct side *a, const struct side *b)
{
	if (a->ret != b->ret)
		return "result";
	if (u->ctx && memcmp(a->ctx, b->ctx, RIG_CTX) != 0)
		return "context";
	if (memcmp(a->value, b->value, RIG_VALUE) != 0)
		return "map";
	/* After a socket filter the kernel puts 14 zero bytes where the header was. */
	if (u->type == BPF_PROG_TYPE_XDP && memcmp(a->packet, b->packet, RIG_PACKET) != 0)
		return "packet";
	return NULL;
}

static void dump(const struct gen *g, uint64_t seed)
{
	printf("# seed %" PRIu64 "\n", seed);
	for (size_t i = 0; i < g->n; i++)
		printf("#   %3zu: %02x dst %d src %d off %d imm %d\n", i, g->in[i].code,
		       g->in[i].dst, g->in[i].src, g->in[i].off, g->in[i].imm);
}

static void one(const struct suite *u, struct rig *r, struct gen *g, const struct kernel_fds *fds)
{
	uint64_t seed = g->seed;
	char log[1 << 14];
	int prog, err;

	u->gen(g);
	prog = kernel_load(u->type, g->in, g->n, fds, NULL, 0);
	if (prog < 0) {
		prog = kernel_load(u->type, g->in, g->n, fds, log, sizeof(log));
		FAIL("the kernel refuses: %s", strlen(log) > 600 ? log + strlen(log) - 600 : log);
		dump(g, seed);
		return;
	}
	err = rig_load(r, g->in, g->n);
	if (err) {
		FAIL("the load check refuses: %s", buf_str(&r->log));
		dump(g, seed);
	}
	for (unsigned int i = 0; i < u->inputs && !err; i++) {
		static struct side ours, theirs;
		const char *what;

		fill(g, &ours);
		theirs = ours;
		err = in_kernel(u, prog, fds->value, &theirs);
		if (err)
			FAIL("the kernel does not run it: %d", err);
		else if ((err = in_sim(u, r, &ours)))
			FAIL("fault at %u: %s", r->vm->fault.insn, r->vm->fault.text);
		else if ((what = differ(u, &ours, &theirs)) && (err = 1))
			FAIL("another %s (%" PRIx64 ", the kernel %" PRIx64 ")", what, ours.ret,
			     theirs.ret);
		if (err)
			dump(g, seed);
	}
	close(prog);
}

static const char *run_suite(const struct suite *u, unsigned int n)
{
	struct gen g = { .seed = getenv("SIM_SEED") ? strtoull(getenv("SIM_SEED"), NULL, 0) : 1 };
	struct kernel_fds fds;
	struct rig r = { .packets = u->type == BPF_PROG_TYPE_SOCKET_FILTER };

	if (!kernel_open(&fds)) {
		kernel_close(&fds);
		return "needs root";
	}
	if (getenv("SIM_DIFF"))
		n = (unsigned int)strtoul(getenv("SIM_DIFF"), NULL, 0);
	rig_init(&r);
	for (unsigned int i = 0; i < n && test_failures < 3; i++)
		one(u, &r, &g, &fds);
	rig_free(&r);
	kernel_close(&fds);
	return NULL;
}

/* ---- Tail calls, of a program to itself. ---- */

#define R6_COUNT                                                                                   \
	LD_IMM64(7, PSEUDO_MAP_VALUE, 0), LDX(DW, 6, 7, 0), ALU_K(ADD, 6, 1), STX(DW, 7, 0, 6)
#define TAIL_CALL LD_IMM64(2, PSEUDO_MAP_FD, 0), MOV_K(3, 0), HELPER_CALL(BPF_FUNC_tail_call)

static const struct insn tail_limit[] = {
	MOV_X(9, 1), R6_COUNT, MOV_X(1, 9), TAIL_CALL, MOV_X(0, 6), EXIT,
};
static const struct insn tail_some[] = {
	MOV_X(9, 1), R6_COUNT,	MOV_K(0, 77), JMP_K(JGT, 6, 5, 6),
	MOV_X(1, 9), TAIL_CALL, MOV_X(0, 6),  EXIT,
};
/* From a function: what is behind the call goes on with the caller's registers. */
static const struct insn tail_func[] = {
	MOV_X(9, 1), R6_COUNT, MOV_X(0, 6),	   JMP_K(JGT, 6, 3, 5),
	MOV_X(1, 9), CALL(4),  ALU_K(MUL, 6, 100), ALU_X(ADD, 0, 6),
	EXIT,	     EXIT,     TAIL_CALL,	   MOV_K(0, 0),
	EXIT,
};
/* The count is that of the whole run, functions or not. */
static const struct insn tail_both[] = {
	MOV_X(9, 1), R6_COUNT,	       MOV_X(1, 9), CALL(9),   MOV_X(1, 9), MOV_X(8, 0), TAIL_CALL,
	MOV_X(0, 8), ALU_X(ADD, 0, 6), EXIT,	    TAIL_CALL, MOV_K(0, 1), EXIT,
};

static int kernel_tail(const struct insn *in, size_t n, const struct kernel_fds *fds,
		       struct side *s)
{
	char log[4096];
	int prog = kernel_load(BPF_PROG_TYPE_XDP, in, n, fds, log, sizeof(log)), err;

	if (prog < 0) {
		FAIL("the kernel refuses: %s", log);
		return prog;
	}
	err = kernel_map_op(fds->progs, BPF_MAP_UPDATE_ELEM, &prog) ||
	      kernel_map_op(fds->value, BPF_MAP_UPDATE_ELEM, s->value) ||
	      kernel_run(prog, NULL, s->packet, RIG_PACKET, &s->ret) ||
	      kernel_map_op(fds->value, BPF_MAP_LOOKUP_ELEM, s->value);
	/* The array holds the program, which holds the array. */
	kernel_map_op(fds->progs, BPF_MAP_DELETE_ELEM, NULL);
	close(prog);
	return err ? -errno : 0;
}

static const char *tail_calls(void)
{
	static const struct {
		const struct insn *in;
		size_t n;
	} progs[] = {
		{ tail_limit, countof(tail_limit) },
		{ tail_some, countof(tail_some) },
		{ tail_func, countof(tail_func) },
		{ tail_both, countof(tail_both) },
	};
	static struct side ours, theirs;
	struct kernel_fds fds;
	struct rig r = { .packets = false };

	if (!kernel_open(&fds)) {
		kernel_close(&fds);
		return "needs root";
	}
	rig_init(&r);
	for (size_t i = 0; i < countof(progs); i++) {
		memset(&theirs, 0, sizeof(theirs));
		memset(r.value_bytes, 0, RIG_VALUE);
		CHECK_INT(kernel_tail(progs[i].in, progs[i].n, &fds, &theirs), 0);
		CHECK_INT(rig_load(&r, progs[i].in, progs[i].n), 0);
		CHECK_INT(rig_run(&r), 0);
		ours.ret = r.ret;
		memcpy(ours.value, r.value_bytes, RIG_VALUE);
		CHECK_INT(ours.ret, theirs.ret);
		CHECK(!memcmp(ours.value, theirs.value, RIG_VALUE));
	}
	rig_free(&r);
	kernel_close(&fds);
	return NULL;
}

static const struct suite suites[] = {
	{ "arithmetic and comparisons", BPF_PROG_TYPE_SYSCALL, gen_alu_prog, 3, true, false },
	{ "loads, stores and atomics", BPF_PROG_TYPE_SYSCALL, gen_mem_prog, 3, true, false },
	{ "functions and loops", BPF_PROG_TYPE_SYSCALL, gen_call_prog, 3, true, false },
	{ "callbacks", BPF_PROG_TYPE_SYSCALL, gen_loop_prog, 3, true, false },
	{ "packets", BPF_PROG_TYPE_XDP, gen_packet_prog, 3, false, true },
	{ "LD_ABS and LD_IND", BPF_PROG_TYPE_SOCKET_FILTER, gen_abs_prog, 3, false, true },
};

/* Like TEST_MAIN(), but a suite may be skipped. */
int main(void)
{
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", countof(suites) + 1);
	for (size_t i = 0; i < countof(suites) + 1; i++) {
		const char *skip;

		test_failures = 0;
		skip = i < countof(suites) ? run_suite(&suites[i], 4000) : tail_calls();
		printf("%sok %zu - %s as the kernel's%s%s\n", test_failures ? "not " : "", i + 1,
		       i < countof(suites) ? suites[i].name : "tail calls", skip ? " # skip " : "",
		       skip ? skip : "");
		failed += test_failures != 0;
	}
	return failed != 0;
}
