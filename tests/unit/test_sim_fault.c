// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every kind of fault, with its words and with what the verifier would have said. */
#include "sim_rig.h"
#include "test.h"

#define MAX 16

static const struct fault {
	struct insn in[MAX];
	const char *text, *verifier;
	uint32_t insn;
} faults[] = {
	/* Packets: r2 = data, r3 = data_end. */
	{ { LDX(W, 2, 1, 0), LDX(W, 0, 2, 12), EXIT },
	  "invalid read of 4 bytes at r2+12: 2 bytes past the end of packet (14 bytes)",
	  "invalid access to packet, off=12 size=4, R2(id=0,off=12,r=0)",
	  1 },
	{ { LDX(W, 2, 1, 0), LDX(DW, 0, 2, 6), LDX(B, 0, 2, 14), EXIT },
	  "invalid read of 1 byte at r2+14: 1 byte past the end of packet (14 bytes)",
	  "invalid access to packet, off=14 size=1, R2(id=0,off=14,r=0)",
	  2 },
	{ { LDX(W, 2, 1, 0), LDX(B, 0, 2, -2), EXIT },
	  "invalid read of 1 byte at r2-2: nothing is at 0x6fffe, 2 bytes before the start of "
	  "packet (14 bytes)",
	  "invalid access to packet, off=-2 size=1, R2(id=0,off=-2,r=0)",
	  1 },
	{ { LDX(W, 2, 1, 4), ST(H, 2, 0, 5), MOV_K(0, 0), EXIT },
	  "invalid write of 2 bytes at r2: 2 bytes past the end of packet (14 bytes)",
	  "invalid access to packet, off=14 size=2, R2(id=0,off=14,r=0)",
	  1 },
	{ { LDX(W, 2, 1, 0), MOV_K(0, 1), ATOMIC(W, BPF_ADD, 2, 4, 0), EXIT },
	  "invalid atomic access of 4 bytes at r2+4: packet cannot be accessed directly",
	  "BPF_ATOMIC stores into R2 pkt is not allowed",
	  2 },
	/* Null, and numbers. */
	{ { MOV_X(2, 1), ALU_X(XOR, 2, 1), LDX(DW, 0, 2, 0), EXIT },
	  "invalid read of 8 bytes at r2: null pointer",
	  "R2 invalid mem access 'scalar'",
	  2 },
	{ { ST(W, 10, -4, 1), MOV_X(2, 10), ALU_K(ADD, 2, -4), LD_IMM64(1, PSEUDO_MAP_FD, 0),
	    HELPER_CALL(1), LDX(DW, 0, 0, 8), EXIT },
	  "invalid read of 8 bytes at r0+8: null pointer + 8",
	  "R0 invalid mem access 'map_value_or_null'",
	  6 },
	{ { LDX(DW, 2, 1, 8), ST(DW, 2, 0, 1), MOV_K(0, 0), EXIT },
	  "invalid write of 8 bytes at r2: nothing is at 0xffff888000001000",
	  "R2 invalid mem access 'scalar'",
	  1 },
	/* Map values. */
	{ { LD_IMM64(2, PSEUDO_MAP_VALUE, 0), LDX(B, 3, 1, 16), ALU_X(ADD, 2, 3), LDX(DW, 0, 2, 0),
	    EXIT },
	  "invalid read of 8 bytes at r2: 3 bytes past the end of value of map m (256 bytes)",
	  "invalid access to map value, value_size=256 off=251 size=8",
	  4 },
	{ { LD_IMM64(2, PSEUDO_MAP_FD, 0), LDX(DW, 0, 2, 0), EXIT },
	  "invalid read of 8 bytes at r2: map m cannot be accessed directly",
	  "R2 invalid mem access 'scalar'",
	  2 },
	/* Context: r1. */
	{ { LDX(DW, 0, 1, 252), EXIT },
	  "invalid read of 8 bytes at r1+252: 4 bytes past the end of ctx (256 bytes)",
	  "invalid bpf_context access off=252 size=8",
	  0 },
	{ { MOV_K(0, 1), ATOMIC(DW, BPF_ADD, 1, 8, 0), EXIT },
	  "invalid atomic access of 8 bytes at r1+8: ctx cannot be accessed directly",
	  "BPF_ATOMIC stores into R1 ctx is not allowed",
	  1 },
	/* The stack. */
	{ { LDX(DW, 0, 10, -8), EXIT },
	  "invalid read of 8 bytes at r10-8: fp-8 of stack was never written",
	  "invalid read from stack off -8+0 size 8",
	  0 },
	{ { ST(W, 10, -8, 1), LDX(DW, 0, 10, -8), EXIT },
	  "invalid read of 8 bytes at r10-8: fp-4 of stack was never written",
	  "invalid read from stack off -8+0 size 8",
	  1 },
	{ { MOV_X(2, 10), LDX(B, 3, 1, 17), ALU_X(ADD, 2, 3), LDX(W, 0, 2, -20), EXIT },
	  "invalid read of 4 bytes at r2-20: fp-16 of stack was never written",
	  "invalid read from stack off -16+0 size 4",
	  3 },
	{ { MOV_X(2, 10), LDX(B, 3, 1, 17), ALU_X(ADD, 2, 3), ST(DW, 2, 0, 7), MOV_K(0, 0), EXIT },
	  "invalid write of 8 bytes at r2: 12 bytes past the end of stack (512 bytes)",
	  "invalid write to stack R2 off=4 size=8",
	  3 },
	{ { MOV_X(2, 10), LDX(B, 3, 1, 17), ALU_X(ADD, 2, 3), ST(DW, 2, -524, 7), MOV_K(0, 0),
	    EXIT },
	  "invalid write of 8 bytes at r2-524: 8 bytes before the start of stack (512 bytes)",
	  "invalid write to stack R2 off=-520 size=8",
	  3 },
	{ { MOV_X(2, 10), LDX(B, 3, 1, 17), ALU_X(ADD, 2, 3), ST(DW, 2, -14, 7), MOV_K(0, 0),
	    EXIT },
	  "invalid write of 8 bytes at r2-14: offset 502 of stack is no multiple of 8",
	  "misaligned stack access off 0+-10+0 size 8",
	  3 },
	{ { MOV_K(0, 0), ATOMIC(DW, BPF_ADD, 10, -8, 0), EXIT },
	  "invalid atomic access of 8 bytes at r10-8: fp-8 of stack was never written",
	  "invalid read from stack off -8+0 size 8",
	  1 },
	{ { MOV_X(2, 10), LDX(B, 3, 1, 17), ALU_X(ADD, 2, 3), ST(DW, 10, -8, 1), MOV_K(0, 0),
	    ATOMIC(DW, BPF_ADD, 2, -14, 0), EXIT },
	  "invalid atomic access of 8 bytes at r2-14: offset 502 of stack is no multiple of 8",
	  "misaligned stack access off 0+-10+0 size 8",
	  5 },
	/* The frame of a function that has returned. */
	{ { MOV_X(1, 10), ALU_K(ADD, 1, -8), CALL(3), LDX(DW, 1, 10, -8), LDX(DW, 0, 1, -16), EXIT,
	    ST(DW, 10, -16, 9), MOV_X(2, 10), STX(DW, 1, 0, 2), MOV_K(0, 0), EXIT },
	  "invalid read of 8 bytes at r1-16: 1016 bytes past the end of stack (512 bytes)",
	  "invalid read from stack R1 off=1008 size=8",
	  4 },
	/* Registers. */
	{ { MOV_K(2, 0), LDX(B, 3, 1, 0), JMP_K(JEQ, 3, 0, 1), MOV_K(6, 1), MOV_X(0, 6), EXIT },
	  "r6 is read and was never set on the way here",
	  "R6 !read_ok",
	  4 },
	{ { LDX(B, 3, 1, 0), JMP_K(JEQ, 3, 0, 1), MOV_K(0, 1), EXIT },
	  "r0 is read and was never set on the way here",
	  "R0 !read_ok",
	  3 },
	/* Helpers. */
	{ { MOV_X(2, 10), ALU_K(ADD, 2, -4), LD_IMM64(1, PSEUDO_MAP_FD, 0), HELPER_CALL(1),
	    MOV_K(0, 0), EXIT },
	  "bpf_map_lookup_elem: invalid read of 4 bytes at r2: fp-4 of stack was never written",
	  "invalid read from stack off -4+0 size 4",
	  4 },
	{ { MOV_X(2, 10), ALU_K(ADD, 2, -2), LD_IMM64(1, PSEUDO_MAP_FD, 0), HELPER_CALL(1),
	    MOV_K(0, 0), EXIT },
	  "bpf_map_lookup_elem: invalid read of 4 bytes at r2: 2 bytes past the end of stack (512 bytes)",
	  "invalid indirect access to stack R2 off=-2 size=4",
	  4 },
	{ { MOV_X(2, 1), HELPER_CALL(1), MOV_K(0, 0), EXIT },
	  "bpf_map_lookup_elem: r1 is no map",
	  "R1 type=scalar expected=map_ptr",
	  1 },
	{ { MOV_K(1, 4), MOV_K(2, 99), MOV_K(3, 0), MOV_K(4, 0), HELPER_CALL(181), EXIT },
	  "r2 holds no function of the program",
	  "R2 type=scalar expected=func",
	  4 },
	/* Never ending. */
	{ { MOV_K(0, 0), ALU_K(ADD, 0, 1), JMP_K(JNE, 1, 0, -2), EXIT },
	  "still running after 1000 instructions",
	  "BPF program is too large. Processed 1000001 insn",
	  2 },
};

static void each(void)
{
	struct rig r = {};

	rig_init(&r);
	vm_set_budget(r.vm, 1000);
	for (size_t i = 0; i < countof(faults); i++) {
		const struct fault *f = &faults[i];
		uint32_t data[2];
		uint64_t wild = 0xffff888000001000;
		size_t n = MAX;

		while (!f->in[n - 1].code)
			n--;
		region_resize(r.packet, r.packet_bytes, 14);
		data[0] = (uint32_t)r.packet->base;
		data[1] = data[0] + 14;
		memset(r.ctx_bytes, 0, RIG_CTX);
		memcpy(r.ctx_bytes, data, 8);
		memcpy(r.ctx_bytes + 8, &wild, 8);
		r.ctx_bytes[16] = 251;
		r.ctx_bytes[17] = 4;
		if (rig_load(&r, f->in, n)) {
			FAIL("%zu: not loaded: %s", i, buf_str(&r.log));
			continue;
		}
		/* Twice: the second time on the ways the first has found. */
		for (int again = 0; again < 2; again++) {
			CHECK_INT(rig_run(&r), -EFAULT);
			CHECK_STR(r.vm->fault.text, f->text);
			CHECK_STR(r.vm->fault.verifier, f->verifier);
			CHECK_INT(r.vm->fault.insn, f->insn);
		}
	}
	rig_free(&r);
}

/* What a report has besides: registers, which of them are set, the frame, the distance. */
static void facts(void)
{
	static const struct insn p[] = {
		MOV_K(6, 66), LDX(W, 1, 1, 0), CALL(1), EXIT, MOV_K(7, 77), LDX(W, 0, 1, 20), EXIT,
	};
	struct rig r = {};
	const struct vm_fault *f;
	uint32_t data;

	rig_init(&r);
	f = &r.vm->fault;
	region_resize(r.packet, r.packet_bytes, 14);
	data = (uint32_t)r.packet->base;
	memcpy(r.ctx_bytes, &data, 4);
	CHECK_INT(rig_load(&r, p, countof(p)), 0);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_INT(f->kind, FAULT_MEMORY);
	CHECK_INT(f->miss, MISS_BOUNDS);
	CHECK_STR(fault_kind_name(f->kind), "memory");
	CHECK_STR(miss_name(f->miss), "bounds");
	CHECK_INT(f->frame, 1);
	CHECK_INT(f->insn, 5);
	CHECK_INT(f->in.code, BPF_LDX | BPF_MEM | BPF_W);
	CHECK(f->code == r.code);
	CHECK_INT(f->r[7], 77);
	CHECK_INT(f->r[1], data);
	CHECK_INT(f->init, 1 << 1 | 1 << 7 | 1 << 10);
	CHECK_INT(f->addr, data + 20);
	CHECK_INT(f->size, 4);
	CHECK_INT(f->reg, 1);
	CHECK_INT(f->off, 20);
	CHECK_INT(f->distance, 10);
	CHECK(f->region == r.packet);
	CHECK_INT(vm_executed(r.vm), 4);
	/* The next run begins as if nothing had been. */
	region_resize(r.packet, r.packet_bytes, 64);
	CHECK_INT(rig_run(&r), 0);
	CHECK_INT(r.vm->fault.kind, FAULT_NONE);
	CHECK_INT(vm_executed(r.vm), 7);
	rig_free(&r);
}

/* A stack that may be read before it is written, as CAP_PERFMON may. */
static void lax(void)
{
	static const struct insn p[] = {
		MOV_X(2, 10),
		ALU_K(ADD, 2, -8),
		LDX(DW, 0, 10, -8),
		LDX(DW, 3, 2, 0),
		ALU_X(OR, 0, 3),
		ST(DW, 10, -8, 5),
		EXIT,
	};
	struct rig r = {};

	rig_init(&r);
	vm_set_lax_stack(r.vm, true);
	CHECK_INT(rig_load(&r, p, countof(p)), 0);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(rig_run(&r), 0);
		CHECK_INT(r.ret, 0);
	}
	rig_free(&r);
}

/* Fields of a context, with and without a handler. */
static enum miss swapped(struct vm *vm, struct region *rg, uint32_t off, uint32_t size, bool write,
			 uint64_t *value)
{
	uint32_t *cell = rg->object;

	(void)vm, (void)size;
	if (off == 8 && write)
		return MISS_FIELD_WRITE;
	if (write)
		*cell = (uint32_t)*value;
	else
		*value = *cell + off;
	return MISS_NONE;
}

static void fields(void)
{
	static const uint8_t allowed[16] = {
		[0] = FIELD_READ(4) | FIELD_WRITE(4),
		[4] = FIELD_READ(1 | 2 | 4),
		[5] = FIELD_READ(1),
		[8] = FIELD_READ(4) | FIELD_WRITE(4),
	};
	static const struct {
		struct insn in;
		const char *text;
		uint64_t plain, converted;
	} cases[] = {
		{ LDX(W, 0, 1, 0), NULL, 0x03020100, 0x1234 },
		{ LDX(H, 0, 1, 4), NULL, 0x0504, 0x1238 },
		{ LDX(B, 0, 1, 5), NULL, 0x05, 0x39 },
		{ LDX(W, 0, 1, 8), NULL, 0x0b0a0908, 0x123c },
		{ LDX(H, 0, 1, 0),
		  "invalid read of 2 bytes at r1: ctx has no field of 2 bytes at offset 0", 0, 0 },
		{ LDX(DW, 0, 1, 0),
		  "invalid read of 8 bytes at r1: ctx has no field of 8 bytes at offset 0", 0, 0 },
		{ LDX(W, 0, 1, 5),
		  "invalid read of 4 bytes at r1+5: ctx has no field of 4 bytes at offset 5", 0,
		  0 },
		{ ST(W, 1, 4, 5),
		  "invalid write of 4 bytes at r1+4: the field at offset 4 of ctx is read only", 0,
		  0 },
		{ LDX(W, 0, 1, 13),
		  "invalid read of 4 bytes at r1+13: 1 byte past the end of ctx (16 bytes)", 0, 0 },
	};
	struct rig r = {};
	uint32_t cell = 0x1234;
	struct region_spec spec = { .kind = REGION_CTX,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = "ctx",
				    .host = r.ctx_bytes,
				    .len = 16,
				    .fields = allowed,
				    .object = &cell };
	struct region *ctx[2];

	rig_init(&r);
	for (uint8_t i = 0; i < 16; i++)
		r.ctx_bytes[i] = i;
	ctx[0] = space_add(r.space, &spec);
	spec.access = swapped;
	ctx[1] = space_add(r.space, &spec);
	for (size_t i = 0; i < countof(cases) * 4; i++) {
		struct insn p[] = { MOV_K(0, 0), cases[i / 4].in, EXIT };
		const char *text = cases[i / 4].text;

		if (i % 2 == 0)
			CHECK_INT(rig_load(&r, p, 3), 0);
		CHECK_INT(vm_run(r.vm, r.code, ctx[i / 2 % 2]->base, &r.ret), text ? -EFAULT : 0);
		CHECK_STR(r.vm->fault.text, text ? text : "");
		if (!text)
			CHECK_INT(r.ret, i / 2 % 2 ? cases[i / 4].converted : cases[i / 4].plain);
	}
	{
		struct insn p[] = { ST(W, 1, 0, 7), LDX(W, 0, 1, 0), ST(W, 1, 8, 1), EXIT };

		CHECK_INT(rig_load(&r, p, 4), 0);
		CHECK_INT(vm_run(r.vm, r.code, ctx[0]->base, &r.ret), 0);
		CHECK_INT(r.ret, 7);
		CHECK_INT(vm_run(r.vm, r.code, ctx[1]->base, &r.ret), -EFAULT);
		CHECK_INT(cell, 7);
		CHECK_STR(
			r.vm->fault.text,
			"invalid write of 4 bytes at r1+8: the field at offset 8 of ctx is read only");
		CHECK_STR(r.vm->fault.verifier, "invalid bpf_context access off=8 size=4");
	}
	rig_free(&r);
}

/* Regions that change while a program runs, as helpers change them. */
static uint64_t adjust(struct vm *vm, uint64_t ctx, uint64_t how, uint64_t r3, uint64_t r4,
		       uint64_t r5)
{
	struct rig *r = code_owner(vm->code);
	uint32_t data[2];

	(void)ctx, (void)r3, (void)r4, (void)r5;
	if (how == 1) {
		region_resize(r->packet, r->packet_bytes + 2, 12);
		region_renew(r->packet, "bpf_xdp_adjust_head");
	} else if (how == 2) {
		region_resize(r->packet, r->packet_bytes, 8);
	} else if (how == 3) {
		region_drop(r->value, "deleted");
	} else {
		region_set_flags(r->value, REGION_READ);
	}
	data[0] = (uint32_t)r->packet->base;
	data[1] = data[0] + (uint32_t)r->packet->len;
	memcpy(r->ctx_bytes, data, 8);
	return 0;
}

static int adjust_helper(void *arg, int32_t id, size_t at, const struct vm_func **func,
			 struct buf *log)
{
	static const struct vm_func change = { .name = "bpf_xdp_adjust_head",
					       .fn = adjust,
					       .nargs = 2 };

	(void)arg, (void)id, (void)at, (void)log;
	*func = &change;
	return 0;
}

static void changing(void)
{
	static const struct {
		int how;
		struct insn first, then;
		const char *text;
	} cases[] = {
		{ 1, LDX(W, 0, 7, 8), LDX(W, 0, 7, 8),
		  "invalid read of 4 bytes at r7+8: stale pointer into packet, from before "
		  "bpf_xdp_adjust_head" },
		{ 1, ST(W, 7, 0, 8), ST(W, 7, 0, 8),
		  "invalid write of 4 bytes at r7: stale pointer into packet, from before "
		  "bpf_xdp_adjust_head" },
		{ 2, LDX(W, 0, 7, 8), LDX(W, 0, 7, 8),
		  "invalid read of 4 bytes at r7+8: 4 bytes past the end of packet (8 bytes)" },
		{ 2, LDX(W, 0, 7, 4), LDX(W, 0, 7, 4), NULL },
		{ 4, ST(W, 8, 0, 4), ST(W, 8, 0, 4),
		  "invalid write of 4 bytes at r8: value of map m is read only" },
		{ 4, LDX(W, 0, 8, 0), LDX(W, 0, 8, 0), NULL },
		{ 3, ST(W, 8, 0, 4), LDX(W, 0, 8, 0),
		  "invalid write of 4 bytes at r8: value of map m is gone (deleted)" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		/* The access stands in a loop: first it is right, and its op remembers. */
		struct insn p[] = { MOV_X(6, 1),
				    LDX(W, 7, 1, 0),
				    LD_IMM64(8, PSEUDO_MAP_VALUE, 0),
				    MOV_K(9, 3),
				    cases[i].first,
				    cases[i].then,
				    ALU_K(ADD, 9, -1),
				    JMP_K(JNE, 9, 1, 3),
				    MOV_X(1, 6),
				    MOV_K(2, cases[i].how),
				    HELPER_CALL(44),
				    JMP_K(JNE, 9, 0, -8),
				    MOV_K(0, 0),
				    EXIT };
		struct code_owner owner = { .imm64 = rig_imm64, .helper = adjust_helper };
		struct rig r = { .packets = false };
		uint32_t data[2];

		rig_init(&r);
		owner.arg = &r;
		region_resize(r.packet, r.packet_bytes, 14);
		data[0] = (uint32_t)r.packet->base;
		data[1] = data[0] + 14;
		memcpy(r.ctx_bytes, data, 8);
		CHECK_INT(code_load(r.vm, p, countof(p), &owner, &r.log, &r.code), 0);
		CHECK_INT(rig_run(&r), cases[i].text ? -EFAULT : 0);
		CHECK_STR(r.vm->fault.text, cases[i].text ? cases[i].text : "");
		rig_free(&r);
	}
}

static const struct test tests[] = {
	{ "every fault has its words", each },
	{ "a fault knows registers, frame and distance", facts },
	{ "a lax stack reads as zeros", lax },
	{ "fields of a context", fields },
	{ "regions that change under a program", changing },
};
TEST_MAIN(tests)
