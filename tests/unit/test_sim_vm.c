// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The interpreter: small programs, calls, faults. */
#include "core/buf.h"
#include "core/mem.h"
#include "sim/code.h"
#include "sim/vm.h"
#include "insns.h"
#include "test.h"

static void arith(void)
{
	struct space *s = space_new();
	struct vm *vm = vm_new(s);
	struct buf log auto_buf = {};
	struct code *c;
	struct code_owner owner = {};
	uint64_t ret = 0;
	struct insn p[] = { MOV_K(0, 7), ALU_K(ADD, 0, 5), ALU_K(LSH, 0, 4), ALU_K(SUB, 0, 2), MOV_X(1,0), STX(DW, 10, -8, 1), LDX(W, 0, 10, -8), EXIT };

	CHECK_INT(code_load(vm, p, countof(p), &owner, &log, &c), 0);
	CHECK_STR(buf_str(&log), "");
	CHECK_INT(vm_run(vm, c, 0, &ret), 0);
	CHECK_STR(vm->fault.text, "");
	CHECK_INT(ret, 190);
	CHECK_INT(vm_executed(vm), 8);
	code_free(c);
	vm_free(vm);
	space_free(s);
}

static const struct test tests[] = {
	{ "arithmetic", arith },
};
TEST_MAIN(tests)
