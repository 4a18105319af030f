// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How fast the interpreter is: instructions per second on loops of each kind, and what it costs
 * to begin.  As root the same programs also run in the kernel (loaded and test-run as XDP,
 * attached to nothing), for the distance to its JIT.
 */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../unit/insns.h"
#include "core/buf.h"
#include "core/mem.h"
#include "sim/code.h"
#include "sim/vm.h"

#define LOOPS 2000
#define VALUE 4096

/* r7 = map value; the owner puts its address or descriptor there. */
#define MAP_VALUE(reg) LD_IMM64(reg, PSEUDO_MAP_VALUE, 0)

/* Each op needs the result of the one before. */
static const struct insn alu_dep[] = {
	MOV_K(0, 1),	       MOV_K(1, 77),	      MOV_K(2, LOOPS),
	ALU_K(ADD, 0, 0x1234), ALU_X(XOR, 0, 1),      ALU_K(LSH, 0, 3),
	ALU_X(ADD, 0, 2),      ALU_X(OR, 0, 1),	      ALU_K(RSH, 0, 2),
	ALU_K(MUL, 0, 31),     ALU32_X(XOR, 0, 2),    ALU_X(SUB, 0, 1),
	ALU_K(ADD, 2, -1),     JMP_K(JNE, 2, 0, -11), EXIT,
};

static const struct insn alu_mix[] = {
	MOV_K(0, 1),	  MOV_K(1, 77),	       MOV_K(2, LOOPS),	      MOV_K(3, 5),
	MOV_K(4, 6),	  MOV_K(5, 7),	       MOV_K(6, 8),	      MOV_K(7, 9),
	MOV_K(8, 10),	  MOV_X(3, 2),	       ALU_K(AND, 3, 0xff),   ALU_X(ADD, 4, 3),
	ALU_X(XOR, 5, 4), ALU32_K(MUL, 6, 17), ALU32_X(ADD, 6, 5),    ALU_K(RSH, 7, 7),
	ALU_X(OR, 7, 6),  MOV_X(8, 7),	       ALU_K(LSH, 8, 1),      ALU_X(SUB, 0, 8),
	ALU_K(ADD, 1, 3), ALU_K(ADD, 2, -1),   JMP_K(JNE, 2, 0, -14), EXIT,
};

/* The stack and a map's value, both through registers, and at an index that changes. */
static const struct insn mem[] = {
	MAP_VALUE(7),	      MOV_X(8, 10),	     ALU_K(ADD, 8, -64),
	MOV_K(2, LOOPS),      MOV_K(0, 0),	     ST(DW, 10, -64, 1),
	ST(DW, 10, -56, 2),   ST(DW, 10, -48, 3),    ST(DW, 10, -40, 4),
	LDX(DW, 1, 7, 0),     STX(DW, 8, 0, 1),	     LDX(W, 3, 8, 4),
	ALU_K(ADD, 3, 1),     STX(W, 7, 8, 3),	     MOV_X(4, 2),
	ALU_K(AND, 4, 0x3f8), ALU_X(ADD, 4, 7),	     LDX(DW, 5, 4, 16),
	ALU_X(ADD, 5, 1),     STX(DW, 4, 24, 5),     LDX(H, 6, 7, 2),
	LDX(B, 9, 8, 9),      ALU_X(ADD, 0, 9),	     STX(W, 8, 16, 6),
	ALU_K(ADD, 2, -1),    JMP_K(JNE, 2, 0, -17), EXIT,
};

/* A packet, byte by byte and word by word: checksum, hash, a branch on what is found. */
static const struct insn mix[] = {
	LDX(W, 2, 1, 0),
	LDX(W, 3, 1, 4),
	MOV_K(0, 2),
	MOV_X(4, 2),
	ALU_K(ADD, 4, 1496),
	JMP_X(JGT, 4, 3, 16),
	MOV_K(5, 0),
	MOV_K(6, 0),
	MOV_K(7, 374),
	MOV_K(8, 0),
	LDX(H, 3, 2, 0),
	ALU_X(ADD, 5, 3),
	LDX(H, 3, 2, 2),
	ALU_X(ADD, 5, 3),
	LDX(B, 4, 2, 1),
	ALU32_X(XOR, 6, 4),
	ALU32_K(MUL, 6, 0x01000193),
	JMP_K(JSET, 4, 1, 1),
	ALU_K(ADD, 8, 1),
	ALU_K(ADD, 2, 4),
	ALU_K(ADD, 7, -1),
	JMP_K(JNE, 7, 0, -12),
	EXIT,
};

/* A function and a helper each time round. */
static const struct insn call[] = {
	MOV_K(6, LOOPS),      MOV_K(7, 0), MOV_X(1, 6),	   MOV_K(2, 3),	     CALL(8),
	ALU_X(ADD, 7, 0),     MOV_X(1, 7), HELPER_CALL(7), ALU_X(XOR, 7, 0), ALU_K(ADD, 6, -1),
	JMP_K(JNE, 6, 0, -9), MOV_K(0, 0), EXIT,	   MOV_X(0, 1),	     ALU_X(MUL, 0, 2),
	ALU_K(ADD, 0, 1),     EXIT,
};

static const struct loop {
	const char *name;
	const struct insn *insns;
	size_t n;
} loops[] = {
	{ "alu, dependent", alu_dep, countof(alu_dep) },
	{ "alu, mixed", alu_mix, countof(alu_mix) },
	{ "mem", mem, countof(mem) },
	{ "mix, packet", mix, countof(mix) },
	{ "call", call, countof(call) },
};

struct bench {
	struct space *space;
	struct vm *vm;
	struct region *ctx, *packet, *value;
	uint32_t xdp_md[6];
	uint8_t bytes[1500], values[VALUE];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t helper_random(struct vm *vm, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
			      uint64_t r5)
{
	(void)vm, (void)r2, (void)r3, (void)r4, (void)r5;
	return r1 * 3;
}

static int helper(void *arg, int32_t id, size_t at, const struct vm_func **func, struct buf *log)
{
	static const struct vm_func random = { .name = "bpf_get_prandom_u32", .fn = helper_random };

	(void)arg, (void)id, (void)at, (void)log;
	*func = &random;
	return 0;
}

static int imm64(void *arg, const struct insn in[2], size_t at, uint64_t *value, struct buf *log)
{
	struct bench *b = arg;

	(void)in, (void)at, (void)log;
	*value = b->value->base;
	return 0;
}

static struct code *load(struct bench *b, const struct insn *insns, size_t n)
{
	struct code_owner owner = { .arg = b, .imm64 = imm64, .helper = helper };
	auto_buf struct buf log = {};
	struct code *c;

	if (code_load(b->vm, insns, n, &owner, &log, &c)) {
		fprintf(stderr, "cannot load: %s", buf_str(&log));
		exit(1);
	}
	return c;
}

static void make(struct bench *b)
{
	struct region_spec ctx = { .kind = REGION_CTX,
				   .flags = REGION_READ,
				   .label = "xdp_md",
				   .host = b->xdp_md,
				   .len = sizeof(b->xdp_md) };
	struct region_spec packet = { .kind = REGION_PACKET,
				      .flags = REGION_READ | REGION_WRITE,
				      .label = "packet",
				      .host = b->bytes,
				      .len = sizeof(b->bytes),
				      .generations = 8 };
	struct region_spec value = { .kind = REGION_VALUE,
				     .flags = REGION_READ | REGION_WRITE,
				     .label = "value of map m",
				     .host = b->values,
				     .len = VALUE };

	b->space = space_new();
	b->vm = vm_new(b->space);
	b->ctx = space_add(b->space, &ctx);
	b->packet = space_add(b->space, &packet);
	b->value = space_add(b->space, &value);
	b->xdp_md[0] = (uint32_t)b->packet->base;
	b->xdp_md[1] = b->xdp_md[0] + (uint32_t)b->packet->len;
}

static void drop(struct bench *b)
{
	vm_free(b->vm);
	space_free(b->space);
}

/* ---- The same in the kernel. ---- */

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static double kernel_ns(const struct loop *l)
{
	static char log[1 << 16], data[1500];
	struct bpf_insn insns[64];
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = VALUE, .max_entries = 1
	};
	int map = bpf(BPF_MAP_CREATE, &attr), fd;

	if (map < 0)
		return 0;
	for (size_t i = 0; i < l->n; i++) {
		insns[i] = kernel_insn(l->insns[i]);
		if (insns[i].code == INSN_LD_IMM64)
			insns[i].imm = map;
	}
	attr = (union bpf_attr){ .prog_type = BPF_PROG_TYPE_XDP,
				 .insn_cnt = (uint32_t)l->n,
				 .insns = (uintptr_t)insns,
				 .license = (uintptr_t) "GPL",
				 .log_buf = (uintptr_t)log,
				 .log_size = sizeof(log),
				 .log_level = 4 };
	fd = bpf(BPF_PROG_LOAD, &attr);
	close(map);
	if (fd < 0) {
		fprintf(stderr, "%s: %s", l->name, log);
		return 0;
	}
	attr = (union bpf_attr){ .test = { .prog_fd = (uint32_t)fd,
					   .repeat = 2000,
					   .data_in = (uintptr_t)data,
					   .data_size_in = sizeof(data) } };
	if (bpf(BPF_PROG_TEST_RUN, &attr))
		attr.test.duration = 0;
	close(fd);
	return attr.test.duration;
}

static void bench_loop(const struct loop *l)
{
	struct bench b = {};
	struct code *c;
	double best = 1e18, kernel = 1e18, k;
	uint64_t ret, insns;

	make(&b);
	c = load(&b, l->insns, l->n);
	for (int i = 0; i < 600; i++) {
		double t = now();

		for (int j = 0; j < 10; j++)
			if (vm_run(b.vm, c, b.ctx->base, &ret)) {
				fprintf(stderr, "%s: %s\n", l->name, b.vm->fault.text);
				exit(1);
			}
		t = (now() - t) / 10;
		best = t < best ? t : best;
	}
	insns = vm_executed(b.vm);
	for (int i = 0; i < 8; i++)
		if ((k = kernel_ns(l)) > 0 && k < kernel)
			kernel = k;
	printf("%-16s %8.0f Minsn/s", l->name, (double)insns / best * 1e3);
	if (kernel < 1e18)
		printf("  kernel %8.0f Minsn/s, %.1f times", (double)insns / kernel * 1e3,
		       best / kernel);
	printf("\n");
	code_free(c);
	drop(&b);
}

/* A filter of common size: Ethernet, IPv4, TCP, a port. */
static const struct insn filter[] = {
	LDX(W, 2, 1, 0),
	LDX(W, 3, 1, 4),
	MOV_X(4, 2),
	ALU_K(ADD, 4, 54),
	JMP_X(JGT, 4, 3, 23),
	LDX(H, 5, 2, 12),
	JMP_K(JNE, 5, 0x0008, 21),
	LDX(B, 5, 2, 14),
	ALU_K(AND, 5, 0xf),
	JMP_K(JNE, 5, 5, 18),
	LDX(B, 5, 2, 23),
	JMP_K(JNE, 5, 6, 16),
	LDX(H, 5, 2, 36),
	I(BPF_ALU | BPF_END | BPF_X, 5, 0, 0, 16),
	JMP_K(JNE, 5, 443, 13),
	MAP_VALUE(7),
	LDX(DW, 1, 7, 0),
	ALU_K(ADD, 1, 1),
	STX(DW, 7, 0, 1),
	LDX(W, 1, 2, 26),
	STX(W, 10, -4, 1),
	LDX(W, 1, 10, -4),
	LDX(DW, 1, 7, 8),
	ALU_K(ADD, 1, 54),
	STX(DW, 7, 8, 1),
	MOV_K(0, 1),
	EXIT,
	MOV_K(0, 2),
	EXIT,
};

static void bench_start(void)
{
	double one = 1e18, again = 1e18;
	struct insn prog[128];
	uint64_t ret;

	/* A hundred instructions, of which the packet executes some. */
	memcpy(prog, filter, sizeof(filter));
	for (size_t i = 26; i < 98; i++)
		prog[i] = i % 4 ? MOV_K(0, 2) : ALU_K(ADD, 2, 1);
	prog[4] = JMP_X(JGT, 4, 3, 93);
	prog[98] = MOV_K(0, 2);
	prog[99] = EXIT;
	for (int i = 0; i < 300; i++) {
		struct bench b;
		struct code *c;
		double t;

		memset(&b, 0, sizeof(b));
		b.bytes[12] = 8, b.bytes[14] = 0x45, b.bytes[23] = 6, b.bytes[36] = 1,
		b.bytes[37] = 0xbb;
		t = now();
		make(&b);
		c = load(&b, prog, 100);
		vm_run(b.vm, c, b.ctx->base, &ret);
		code_free(c);
		drop(&b);
		t = now() - t;
		one = t < one ? t : one;
	}
	printf("%-16s %8.2f us  create, load 100 instructions, run, free\n", "one shot", one / 1e3);
	{
		struct bench b = {};
		struct code *c;

		b.bytes[12] = 8, b.bytes[14] = 0x45, b.bytes[23] = 6, b.bytes[36] = 1,
		b.bytes[37] = 0xbb;
		make(&b);
		c = load(&b, filter, countof(filter));
		for (int i = 0; i < 200; i++) {
			double t = now();

			for (int j = 0; j < 1000; j++) {
				region_rewind(b.packet);
				region_resize(b.packet, b.bytes, 64);
				b.xdp_md[1] = b.xdp_md[0] + 64;
				vm_run(b.vm, c, b.ctx->base, &ret);
			}
			t = (now() - t) / 1000;
			again = t < again ? t : again;
		}
		printf("%-16s %8.1f ns  reset, run %llu instructions\n", "again", again,
		       (unsigned long long)vm_executed(b.vm));
		code_free(c);
		drop(&b);
	}
}

int main(void)
{
	for (size_t i = 0; i < countof(loops); i++)
		bench_loop(&loops[i]);
	bench_start();
	return 0;
}
