// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The interpreter: calls in both directions, tail calls, limits, watching. */
#include "sim_rig.h"
#include "test.h"

static uint64_t run_ok(struct rig *r, const struct insn *p, size_t n)
{
	int err = rig_load(r, p, n);

	if (err) {
		FAIL("not loaded: %d %s", err, buf_str(&r->log));
		return 0;
	}
	if (rig_run(r))
		FAIL("fault at %u: %s", r->vm->fault.insn, r->vm->fault.text);
	return r->ret;
}
#define RUN(r, ...)                                                                                \
	run_ok(r, (const struct insn[]){ __VA_ARGS__ },                                            \
	       countof(((const struct insn[]){ __VA_ARGS__ })))

static void arith(void)
{
	struct rig r = {};

	rig_init(&r);
	CHECK_INT(RUN(&r, MOV_K(0, 7), ALU_K(ADD, 0, 5), ALU_K(LSH, 0, 4), ALU_K(SUB, 0, 2),
		      MOV_X(1, 0), STX(DW, 10, -8, 1), LDX(W, 0, 10, -8), EXIT),
		  190);
	CHECK_INT(vm_executed(r.vm), 8);
	CHECK_INT(RUN(&r, LD_IMM64(0, 0, 0x123456789abcdef0), EXIT), 0x123456789abcdef0);
	CHECK_INT(vm_executed(r.vm), 3); /* by slots, as the kernel counts */
	rig_free(&r);
}

static void calls(void)
{
	struct rig r = {};

	rig_init(&r);
	/* r6 to r9 are the caller's, whatever the function does with them. */
	CHECK_INT(RUN(&r, MOV_K(6, 1), MOV_K(7, 2), MOV_K(8, 3), MOV_K(9, 4), MOV_K(1, 10), CALL(5),
		      ALU_X(ADD, 0, 6), ALU_X(ADD, 0, 7), ALU_X(ADD, 0, 8), ALU_X(ADD, 0, 9), EXIT,
		      MOV_K(6, 100), MOV_K(7, 100), MOV_K(8, 100), MOV_K(9, 100), MOV_X(0, 1),
		      EXIT),
		  20);
	CHECK_INT(vm_executed(r.vm), 17);
	/* A pointer into the caller's stack is good in the function. */
	CHECK_INT(RUN(&r, ST(DW, 10, -8, 5), MOV_X(1, 10), ALU_K(ADD, 1, -8), CALL(2),
		      LDX(DW, 0, 10, -8), EXIT, LDX(DW, 2, 1, 0), ALU_K(MUL, 2, 3),
		      STX(DW, 1, 0, 2), MOV_K(0, 0), EXIT),
		  15);
	/* Eight frames are the limit. */
	CHECK_INT(RUN(&r, CALL(1), EXIT, CALL(1), EXIT, CALL(1), EXIT, CALL(1), EXIT, CALL(1), EXIT,
		      CALL(1), EXIT, CALL(1), EXIT, MOV_K(0, 8), EXIT),
		  8);
	/* A function that returns nothing leaves r0 unset. */
	CHECK_INT(rig_load(&r,
			   (const struct insn[]){ MOV_K(1, 0), CALL(1), EXIT, MOV_K(2, 0), EXIT },
			   5),
		  -EACCES);
	rig_free(&r);
}

/* subprog[f]: the distance is in imm. */
#define LD_FUNC(reg, off) I(0x18, reg, PSEUDO_FUNC, 0, off), I(0, 0, 0, 0, 0)

static void callbacks(void)
{
	struct rig r = {};
	static const struct insn deep[] = {
		MOV_K(1, 2), LD_FUNC(2, 5),  MOV_K(3, 0), MOV_K(4, 0), HELPER_CALL(181), EXIT,
		MOV_K(1, 1), LD_FUNC(2, -2), MOV_K(3, 0), MOV_K(4, 0), HELPER_CALL(181), EXIT,
	};
	static const struct insn third[] = {
		MOV_K(1, 5),	  LD_FUNC(2, 5), MOV_K(3, 0), MOV_K(4, 0),
		HELPER_CALL(181), EXIT,		 MOV_X(0, 3), EXIT,
	};
	static const struct insn hidden[] = {
		LD_FUNC(2, 8), STX(DW, 10, -8, 2), MOV_K(1, 5), LDX(DW, 2, 10, -8), MOV_K(3, 0),
		MOV_K(4, 0),   HELPER_CALL(181),   EXIT,	MOV_K(5, 1),	    MOV_X(0, 3),
		EXIT,
	};

	rig_init(&r);
	/* Adds the index to what is on the caller's stack; stops at 7. */
	CHECK_INT(RUN(&r, ST(DW, 10, -8, 0), MOV_K(1, 100), LD_FUNC(2, 7), MOV_X(3, 10),
		      ALU_K(ADD, 3, -8), MOV_K(4, 0), HELPER_CALL(181), LDX(DW, 0, 10, -8), EXIT,
		      LDX(DW, 3, 2, 0), ALU_X(ADD, 3, 1), STX(DW, 2, 0, 3), MOV_K(0, 0),
		      JMP_K(JLT, 1, 7, 1), MOV_K(0, 1), EXIT),
		  28);
	CHECK_INT(vm_executed(r.vm), 10 + 7 * 6 + 7);
	/* An argument it is not given is not set; who is not known to give it is watched. */
	CHECK_INT(rig_load(&r, third, countof(third)), -EACCES);
	CHECK_STR(buf_str(&r.log), "R3 !read_ok\n");
	CHECK_INT(rig_load(&r, hidden, countof(hidden)), 0);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "r3 is read and was never set on the way here");
	CHECK_INT(r.vm->fault.frame, 1);
	/* One that calls itself through the helper ends at the eighth frame. */
	CHECK_INT(rig_load(&r, deep, countof(deep)), 0);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "more than 8 frames");
	CHECK_STR(r.vm->fault.verifier, "the call stack of 9 frames is too deep");
	/* And leaves nothing behind. */
	CHECK_INT(RUN(&r, ST(DW, 10, -8, 3), LDX(DW, 0, 10, -8), EXIT), 3);
	rig_free(&r);
}

static void tail_calls(void)
{
	struct rig r = {};

	rig_init(&r);
	/* It counts in the map: 33 times and once more, then it falls through. */
	CHECK_INT(RUN(&r, MOV_X(6, 1), LD_IMM64(7, PSEUDO_MAP_VALUE, 0), LDX(DW, 8, 7, 0),
		      ALU_K(ADD, 8, 1), STX(DW, 7, 0, 8), MOV_X(1, 6),
		      LD_IMM64(2, PSEUDO_MAP_FD, 0), MOV_K(3, 0), HELPER_CALL(12), LDX(DW, 0, 7, 0),
		      EXIT),
		  34);
	CHECK_INT(vm_executed(r.vm), 34 * 11 + 2);
	/* From a function: what it returns to is the caller, whose registers are as they were. */
	memset(r.value_bytes, 0, 8);
	CHECK_INT(RUN(&r, MOV_X(9, 1), LD_IMM64(7, PSEUDO_MAP_VALUE, 0), LDX(DW, 6, 7, 0),
		      ALU_K(ADD, 6, 1), STX(DW, 7, 0, 6), MOV_X(0, 6), JMP_K(JGT, 6, 2, 5),
		      MOV_X(1, 9), CALL(4), ALU_K(MUL, 6, 100), ALU_X(ADD, 0, 6), EXIT, EXIT,
		      LD_IMM64(2, PSEUDO_MAP_FD, 0), MOV_K(3, 0), HELPER_CALL(12), MOV_K(0, 0),
		      EXIT),
		  3 + 200 + 100);
	/* r0 is not set behind one that failed. */
	CHECK_INT(rig_load(&r,
			   (const struct insn[]){ LD_IMM64(2, PSEUDO_MAP_FD, 0), MOV_K(3, 0),
						  HELPER_CALL(12), EXIT },
			   5),
		  -EACCES);
	rig_free(&r);
}

static void packets(void)
{
	struct rig r = { .packets = true };

	rig_init(&r);
	region_resize(r.packet, r.packet_bytes, 60);
	for (unsigned int i = 0; i < 60; i++)
		r.packet_bytes[i] = (uint8_t)i;
	CHECK_INT(RUN(&r, MOV_X(6, 1), LD_ABS(W, 4), EXIT), 0x04050607);
	CHECK_INT(RUN(&r, MOV_X(6, 1), MOV_K(3, -2), LD_IND(H, 3, 10), EXIT), 0x0809);
	/* Outside, the program ends with 0; in a function, the function. */
	CHECK_INT(RUN(&r, MOV_X(6, 1), LD_ABS(W, 57), MOV_K(0, 9), EXIT), 0);
	CHECK_INT(vm_executed(r.vm), 2);
	CHECK_INT(RUN(&r, MOV_K(7, 5), CALL(2), ALU_X(ADD, 0, 7), EXIT, MOV_X(6, 1), LD_ABS(B, 60),
		      MOV_K(0, 9), EXIT),
		  5);
	CHECK_INT(vm_executed(r.vm), 6);
	rig_free(&r);
}

static void limits(void)
{
	struct rig r = {};

	rig_init(&r);
	/* may_goto lets through 8388608 times for each frame. */
	CHECK_INT(RUN(&r, MOV_K(0, 0), MAY_GOTO(2), ALU_K(ADD, 0, 1), JA(-3), EXIT), VM_MAY_GOTO);
	vm_set_budget(r.vm, 5000);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "still running after 5000 instructions");
	CHECK(vm_executed(r.vm) >= 5000 && vm_executed(r.vm) < 5010);
	/* Also through calls, callbacks and tail calls. */
	CHECK_INT(rig_load(&r, (const struct insn[]){ CALL(1), JA(-2), MOV_K(0, 0), EXIT }, 4), 0);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "still running after 5000 instructions");
	CHECK(vm_executed(r.vm) >= 5000 && vm_executed(r.vm) < 5010);
	CHECK_INT(rig_load(&r,
			   (const struct insn[]){ MOV_K(1, 1 << 23), LD_FUNC(2, 5), MOV_K(3, 0),
						  MOV_K(4, 0), HELPER_CALL(181), EXIT, MOV_K(0, 0),
						  EXIT },
			   9),
		  0);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "still running after 5000 instructions");
	vm_set_budget(r.vm, 0);
	CHECK_INT(RUN(&r, MOV_K(1, 1000), MOV_K(0, 0), ALU_K(ADD, 0, 2), ALU_K(SUB, 1, 1),
		      JMP_K(JNE, 1, 0, -3), EXIT),
		  2000);
	CHECK_INT(vm_executed(r.vm), 3003);
	rig_free(&r);
}

/* Registers that only some ways set: the run decides. */
static void guards(void)
{
	struct rig r = {};
	static const struct insn p[] = {
		LDX(W, 2, 1, 0),
		JMP_K(JEQ, 2, 0, 1),
		MOV_K(6, 5),
		CALL(3),
		JMP_K(JEQ, 2, 1, 1),
		EXIT,
		EXIT,
		MOV_K(0, 1),
		EXIT,
	};
	static const struct insn q[] = {
		LDX(W, 2, 1, 0),     LDX(W, 7, 1, 4),
		JMP_K(JEQ, 2, 0, 1), MOV_K(6, 5),
		MOV_X(8, 2),	     CALL(4),
		JMP_K(JEQ, 7, 0, 1), MOV_X(0, 6),
		ALU_X(ADD, 0, 8),    EXIT,
		MOV_K(6, 9),	     MOV_K(7, 9),
		MOV_K(0, 1),	     EXIT,
	};
	uint32_t set = 1, use = 1, none = 0;

	rig_init(&r);
	CHECK_INT(rig_load(&r, p, countof(p)), -EACCES); /* r2, behind the call */
	CHECK_INT(rig_load(&r, q, countof(q)), 0);
	memcpy(r.ctx_bytes, &set, 4);
	memcpy(r.ctx_bytes + 4, &use, 4);
	CHECK_INT(rig_run(&r), 0);
	CHECK_INT(r.ret, 6);
	memcpy(r.ctx_bytes, &none, 4);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "r6 is read and was never set on the way here");
	CHECK_INT(r.vm->fault.init >> 6 & 1, 0);
	memcpy(r.ctx_bytes + 4, &none, 4);
	CHECK_INT(rig_run(&r), 0);
	CHECK_INT(r.ret, 1);
	rig_free(&r);
}

struct seen {
	struct buf text;
};

static void trace(void *arg, struct vm *vm, const struct code *code, uint32_t insn)
{
	struct seen *seen = arg;

	(void)code;
	buf_addf(&seen->text, "%u:%llu ", insn, (unsigned long long)vm->r[6]);
}

static void watching(void)
{
	static const struct insn p[] = {
		MOV_K(6, 3),	      MOV_X(1, 6), CALL(4),	ALU_K(SUB, 6, 1),
		JMP_K(JNE, 6, 0, -4), MOV_X(0, 6), EXIT,	JMP_K(JEQ, 1, 2, 0),
		JMP_K(JGT, 1, 2, 1),  MOV_K(0, 0), MOV_K(0, 1), EXIT,
	};
	static const uint64_t executed[] = { 1, 3, 3, 3, 3, 1, 1, 3, 3, 2, 3, 3 };
	static const uint64_t taken[] = { 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0 };
	struct rig r = {};
	struct seen seen = {};
	struct vm_hooks hooks = { .arg = &seen, .trace = trace };

	rig_init(&r);
	CHECK_INT(rig_load(&r, p, countof(p)), 0);
	vm_set_hooks(r.vm, &hooks);
	CHECK(!code_executed(r.code));
	CHECK_INT(code_watch(r.code, CODE_TRACE | CODE_COUNT), 0);
	CHECK_INT(rig_run(&r), 0);
	CHECK(!memcmp(code_executed(r.code), executed, sizeof(executed)));
	CHECK(!memcmp(code_taken(r.code), taken, sizeof(taken)));
	CHECK(!strncmp(buf_str(&seen.text), "0:0 1:3 2:3 7:3 8:3 10:3 11:3 3:3 4:2 1:2 ", 41));
	CHECK_INT(vm_executed(r.vm), 29);
	/* Off again, and nobody is told. */
	CHECK_INT(code_watch(r.code, 0), 0);
	seen.text.len = 0;
	CHECK_INT(rig_run(&r), 0);
	CHECK_STR(buf_str(&seen.text), "");
	CHECK(!code_taken(r.code));
	CHECK_INT(vm_executed(r.vm), 29);
	buf_free(&seen.text);
	rig_free(&r);
}

/* A helper that runs another program, or ends this one. */
static uint64_t nest(struct vm *vm, uint64_t what, uint64_t r2, uint64_t r3, uint64_t r4,
		     uint64_t r5)
{
	struct code **others = vm->user;
	uint64_t ret = 0;

	(void)r2, (void)r3, (void)r4, (void)r5;
	if (what == 9) {
		vm_exit(vm, 99);
		return 0;
	}
	if (vm_run(vm, others[what], vm->ctx, &ret))
		return 1000 + (uint64_t)vm->fault.kind;
	return ret;
}

static int nest_helper(void *arg, int32_t id, size_t at, const struct vm_func **func,
		       struct buf *log)
{
	static const struct vm_func f = { .name = "nest", .fn = nest, .nargs = 1 };
	static const struct vm_func throw = {
		.name = "throw", .fn = nest, .nargs = 1, .no_return = true
	};

	(void)arg, (void)at, (void)log;
	*func = id == 1 ? &f : &throw;
	return 0;
}

static void nesting(void)
{
	struct rig r = {};
	struct code_owner owner = { .helper = nest_helper };
	struct code *others[3] = { NULL, NULL, NULL }, *outer;
	const struct insn simple[] = { MOV_K(6, 1), ST(DW, 10, -8, 70), LDX(DW, 0, 10, -8), EXIT };
	const struct insn wrong[] = { MOV_X(2, 10), LDX(B, 3, 1, 0), ALU_X(ADD, 2, 3),
				      LDX(DW, 0, 2, 0), EXIT };
	const struct insn again[] = { MOV_K(1, 2), HELPER_CALL(1), EXIT };
	const struct insn main[] = {
		ST(DW, 10, -8, 5), MOV_K(6, 7),	       MOV_K(1, 0),	 HELPER_CALL(1),
		MOV_X(7, 0),	   MOV_K(1, 1),	       HELPER_CALL(1),	 ALU_X(ADD, 7, 0),
		ALU_X(ADD, 7, 6),  LDX(DW, 0, 10, -8), ALU_X(ADD, 0, 7), EXIT,
	};
	const struct insn thrown[] = { CALL(1),	       EXIT,	    MOV_K(6, 1), MOV_K(1, 9),
				       HELPER_CALL(2), MOV_K(0, 3), EXIT };

	rig_init(&r);
	r.vm->user = others;
	CHECK_INT(code_load(r.vm, simple, countof(simple), &owner, &r.log, &others[0]), 0);
	CHECK_INT(code_load(r.vm, wrong, countof(wrong), &owner, &r.log, &others[1]), 0);
	CHECK_INT(code_load(r.vm, again, countof(again), &owner, &r.log, &others[2]), 0);
	CHECK_INT(code_load(r.vm, main, countof(main), &owner, &r.log, &outer), 0);
	/* What a run inside a run does wrong is for the helper to judge. */
	CHECK_INT(vm_run(r.vm, outer, r.ctx->base, &r.ret), 0);
	CHECK_INT(r.ret, 5 + 70 + 1000 + FAULT_MEMORY + 7);
	/* As many as there are frames. */
	CHECK_INT(vm_run(r.vm, others[2], r.ctx->base, &r.ret), 0);
	CHECK_INT(r.ret, 1000 + FAULT_DEPTH);
	CHECK_STR(r.vm->fault.text, "more than 96 frames");
	code_free(outer);
	/* Out of all frames. */
	CHECK_INT(code_load(r.vm, thrown, countof(thrown), &owner, &r.log, &outer), 0);
	CHECK_INT(vm_run(r.vm, outer, r.ctx->base, &r.ret), 0);
	CHECK_INT(r.ret, 99);
	CHECK_INT(vm_executed(r.vm), 4);
	CHECK_INT(vm_run(r.vm, others[0], r.ctx->base, &r.ret), 0);
	CHECK_INT(r.ret, 70);
	for (int i = 0; i < 3; i++)
		code_free(others[i]);
	code_free(outer);
	rig_free(&r);
}

/* A timer's callback: a function of a program that is not running. */
static void timers(void)
{
	struct rig r = {};
	static const struct insn p[] = { MOV_K(1, 0), LD_FUNC(2, 3),	MOV_K(0, 0), EXIT,
					 MOV_X(0, 1), ALU_X(ADD, 0, 2), EXIT };
	uint64_t args[] = { 40, 2 };

	rig_init(&r);
	CHECK_INT(rig_load(&r, p, countof(p)), 0);
	CHECK_INT(rig_run(&r), 0);
	CHECK_INT(vm_run_func(r.vm, r.code, code_func(r.code, 5), args, 2, &r.ret), 0);
	CHECK_INT(r.ret, 42);
	CHECK_INT(vm_executed(r.vm), 3);
	CHECK_INT(vm_run_func(r.vm, r.code, code_func(r.code, 6), args, 2, &r.ret), -EFAULT);
	CHECK_INT(vm_run_func(r.vm, r.code, code_func(r.code, 5) + 1, args, 2, &r.ret), -EFAULT);
	CHECK_INT(vm_run_func(r.vm, r.code, code_func(r.code, 5), args, 1, &r.ret), -EFAULT);
	CHECK_STR(r.vm->fault.text, "r2 is read and was never set on the way here");
	rig_free(&r);
}

/* Strings, and memory a helper reads and writes. */
static uint64_t strings(struct vm *vm, uint64_t s, uint64_t out, uint64_t n, uint64_t r4,
			uint64_t r5)
{
	const char *text = vm_string(vm, 1, s, 8);
	char *to;

	(void)r4, (void)r5;
	if (!text)
		return 0;
	to = vm_write(vm, 2, out, n);
	if (!to)
		return 0;
	memset(to, 0, n);
	strncpy(to, text, n);
	return strlen(text);
}

static int string_helper(void *arg, int32_t id, size_t at, const struct vm_func **func,
			 struct buf *log)
{
	static const struct vm_func f = { .name = "strings", .fn = strings, .nargs = 3 };

	(void)arg, (void)id, (void)at, (void)log;
	*func = &f;
	return 0;
}

static void helper_memory(void)
{
	struct rig r = {};
	struct code_owner owner = { .imm64 = rig_imm64, .helper = string_helper };
	const struct insn p[] = {
		LD_IMM64(1, PSEUDO_MAP_VALUE, 0),
		MOV_X(2, 10),
		ALU_K(ADD, 2, -8),
		MOV_K(3, 8),
		HELPER_CALL(1),
		LDX(DW, 0, 10, -8),
		EXIT,
	};

	rig_init(&r);
	owner.arg = &r;
	CHECK_INT(code_load(r.vm, p, countof(p), &owner, &r.log, &r.code), 0);
	memcpy(r.value_bytes, "hello", 6);
	CHECK_INT(rig_run(&r), 0);
	CHECK(!memcmp(&r.ret, "hello\0\0\0", 8));
	memcpy(r.value_bytes, "hello world", 12);
	CHECK_INT(rig_run(&r), -EFAULT);
	CHECK_STR(r.vm->fault.text, "strings: the string at r1 has no end within 8 bytes");
	CHECK_INT(r.vm->fault.kind, FAULT_HELPER);
	rig_free(&r);
}

/* What memory the load check knows not to change, it computes with. */
static void constants(void)
{
	struct rig r = {};
	static const struct insn p[] = {
		LD_IMM64(2, PSEUDO_MAP_VALUE, 0),
		LDX(W, 3, 2, 4),
		MOV_K(0, 1),
		JMP_K(JEQ, 3, 0, 1),
		HELPER_CALL(0xbad),
		EXIT,
	};

	rig_init(&r);
	CHECK_INT(rig_load(&r, p, countof(p)), -EINVAL);
	region_set_flags(r.value, REGION_READ | REGION_CONST);
	CHECK_INT(rig_load(&r, p, countof(p)), 0);
	CHECK_INT(rig_run(&r), 0);
	CHECK_INT(r.ret, 1);
	r.value_bytes[4] = 1;
	CHECK_INT(rig_load(&r, p, countof(p)), -EINVAL);
	CHECK_STR(buf_str(&r.log), "invalid func unknown#2989\n");
	rig_free(&r);
}

static const struct test tests[] = {
	{ "arithmetic", arith },
	{ "functions and their frames", calls },
	{ "callbacks from helpers", callbacks },
	{ "tail calls", tail_calls },
	{ "LD_ABS and LD_IND", packets },
	{ "may_goto and the budget", limits },
	{ "registers set on some ways only", guards },
	{ "tracing and counting", watching },
	{ "runs inside runs, and exits out of them", nesting },
	{ "functions of a program that does not run", timers },
	{ "memory and strings for helpers", helper_memory },
	{ "constants from memory that never changes", constants },
};
TEST_MAIN(tests)
