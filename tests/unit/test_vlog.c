// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What verifier logs say. */
#include "core/vlog.h"

#include "test.h"

static const struct {
	const char *log, *message;
	long insn;
} cases[] = {
	{ "0: R1=ctx(off=0,imm=0) R10=fp0\n"
	  "; int use(void *ctx)\n"
	  "0: (b7) r0 = 0\n"
	  "1: (71) r1 = *(u8 *)(r0 +0)\n"
	  "R0 invalid mem access 'scalar'\n"
	  "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0\n",
	  "R0 invalid mem access 'scalar'", 1 },
	{ "unreachable insn 7\nprocessed 0 insns (limit 1000000)\n", "unreachable insn 7", 7 },
	{ "back-edge from insn 5 to 2\n", "back-edge from insn 5 to 2", 5 },
	{ "func#0 @0\n12: (95) exit\nR0 !read_ok\nverification time 12 usec\n"
	  "stack depth 0\nprocessed 1 insns\n",
	  "R0 !read_ok", 12 },
	{ "3: (85) call bpf_nothing#999\ninvalid func unknown#999\n", "invalid func unknown#999",
	  3 },
	{ "0: (b7) r0 = 0\n1: (95) exit\n", "", 1 },
	{ "2: (71) r0 = *(u8 *)(r2 +12)\n"
	  "invalid access to packet, off=12 size=1, R2(id=0,off=12,r=0)\n"
	  "R2 offset is outside of the packet\n"
	  "processed 3 insns (limit 1000000)\n",
	  "invalid access to packet, off=12 size=1, R2(id=0,off=12,r=0); R2 offset is outside of the "
	  "packet",
	  2 },
	{ "4: (0f) r1 += r2\n; return x; @ a.c:5\nR1=scalar() R10=fp0\nmath between fp pointer "
	  "and register\n",
	  "math between fp pointer and register", 4 },
	{ "a\nb\nc\nd\n", "b; c; d", -1 },
	{ "", "", -1 },
	{ "processed 1 insns\n", "", -1 },
	{ "no newline at the end", "no newline at the end", -1 },
	{ "\n\n", "", -1 },
	{ "insn ", "insn ", -1 },
	{ "7: not an instruction\nx", "x", -1 },
};

static void what_logs_say(void)
{
	char buf[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_STR(vlog_message(cases[i].log, buf, sizeof(buf)), cases[i].message);
		CHECK_INT(vlog_insn(cases[i].log), cases[i].insn);
	}
	CHECK_STR(vlog_message("a long message", buf, 7), "a long");
}

static const struct test tests[] = {
	{ "what logs say", what_logs_say },
};
TEST_MAIN(tests)
