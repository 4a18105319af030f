// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs the load check refuses: the message and the errno, and as root that the kernel says
 * the same.  SIM_SHOW=1 prints what it says.
 */
#include <errno.h>
#include <inttypes.h>

#include "sim_kernel.h"
#include "sim_rig.h"
#include "test.h"

#define MAX 24

struct bad {
	struct insn in[MAX];
	const char *msg; /* the last line of the log; NULL: it is accepted */
	int err;
	size_t n; /* 0: up to the last instruction that is not zero */
};

#define RAW I
#define R11(in_) (in_)

static const struct bad bads[] = {
	/* Opcodes. */
	{ { RAW(0xff, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode ff", EINVAL, 0 },
	{ { RAW(0x8d, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode 8d", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x8f, 0, 0, 0, 0), EXIT }, "unknown opcode 8f", EINVAL, 0 },
	{ { RAW(0x00, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode 00", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0xe7, 0, 0, 0, 0), EXIT }, "unknown opcode e7", EINVAL, 0 },
	{ { RAW(0x38, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode 38", EINVAL, 0 },
	{ { RAW(0xe2, 1, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode e2", EINVAL, 0 },
	{ { RAW(0x86, 0, 0, 0, 5), MOV_K(0, 0), EXIT }, "unknown opcode 86", EINVAL, 0 },
	{ { RAW(0x96, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode 96", EINVAL, 0 },
	{ { RAW(0xc2, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode c2", EINVAL, 0 },
	{ { RAW(0xe6, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode e6", EINVAL, 0 },
	{ { RAW(0xed, 0, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode ed", EINVAL, 0 },
	{ { RAW(0xdf, 0, 0, 0, 16), MOV_K(0, 0), EXIT }, "unknown opcode df", EINVAL, 0 },
	{ { RAW(0x0d, 1, 0, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode 0d", EINVAL, 0 },
	{ { RAW(0x99, 0, 1, 0, 0), MOV_K(0, 0), EXIT }, "unknown opcode 99", EINVAL, 0 },
	/* Jumps and the ends of functions. */
	{ { JA(1), EXIT }, "jump out of range from insn 0 to 2", EINVAL, 0 },
	{ { MOV_K(0, 0), JMP_K(JEQ, 0, 0, -3), EXIT },
	  "jump out of range from insn 1 to -1",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), MOV_K(1, 0), MOV_K(2, 0), JMP_K(JEQ, 0, 0, 5), EXIT },
	  "jump out of range from insn 3 to 9",
	  EINVAL,
	  0 },
	{ { GOTOL(100), MOV_K(0, 0), EXIT }, "jump out of range from insn 0 to 101", EINVAL, 0 },
	{ { GOTOL(-2), MOV_K(0, 0), EXIT }, "jump out of range from insn 0 to -1", EINVAL, 0 },
	{ { MAY_GOTO(7), MOV_K(0, 0), EXIT }, "jump out of range from insn 0 to 8", EINVAL, 0 },
	{ { MOV_K(0, 0) }, "last insn is not an exit or jmp", EINVAL, 0 },
	{ { MOV_K(0, 0), EXIT, MOV_K(0, 1) }, "last insn is not an exit or jmp", EINVAL, 0 },
	{ { MOV_K(0, 0), HELPER_CALL(5) }, "last insn is not an exit or jmp", EINVAL, 0 },
	{ { MOV_K(0, 0), LD_IMM64(1, 0, 5) }, "last insn is not an exit or jmp", EINVAL, 3 },
	{ { CALL(1), EXIT, MOV_K(0, 0) }, "last insn is not an exit or jmp", EINVAL, 0 },
	{ { CALL(2), JA(3), EXIT, MOV_K(0, 0), EXIT },
	  "jump out of range from insn 1 to 5",
	  EINVAL,
	  0 },
	{ { CALL(2), JA(1), EXIT, MOV_K(0, 0), EXIT },
	  "jump out of range from insn 1 to 3",
	  EINVAL,
	  0 },
	{ { CALL(5), EXIT }, "call to invalid destination", EINVAL, 0 },
	{ { CALL(-2), EXIT }, "call to invalid destination", EINVAL, 0 },
	{ { MOV_K(0, 0), EXIT, MOV_K(0, 0), EXIT }, "unreachable insn 2", EINVAL, 0 },
	{ { MOV_K(0, 0), JA(1), MOV_K(0, 1), EXIT }, "unreachable insn 2", EINVAL, 0 },
	{ { JA(2), LD_IMM64(0, 0, 1), MOV_K(0, 0), EXIT }, "unreachable insn 1", EINVAL, 0 },
	{ { JA(1), LD_IMM64(0, 0, 1), EXIT }, "unreachable insn 1", EINVAL, 0 },
	{ { MOV_K(0, 0), JMP_K(JEQ, 0, 1, 1), LD_IMM64(0, 0, 1), EXIT },
	  "jump into the middle of ldimm64 insn 2",
	  EINVAL,
	  0 },
	/* ld_imm64. */
	{ { RAW(0x18, 0, 0, 0, 1), RAW(0, 0, 0, 1, 0), EXIT },
	  "invalid bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 0, 0, 1), RAW(0, 1, 0, 0, 0), EXIT },
	  "invalid bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 0, 0, 1), RAW(0, 0, 1, 0, 0), EXIT },
	  "invalid bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 0, 0, 1), RAW(1, 0, 0, 0, 0), EXIT },
	  "invalid bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 0, 0, 1), EXIT }, "invalid bpf_ld_imm64 insn", EINVAL, 0 },
	{ { RAW(0x18, 0, 0, 4, 1), RAW(0, 0, 0, 0, 0), EXIT },
	  "BPF_LD_IMM64 uses reserved fields",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 7, 0, 1), RAW(0, 0, 0, 0, 0), EXIT },
	  "unrecognized bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 1, 0, 1), RAW(0, 0, 0, 0, 9), EXIT },
	  "unrecognized bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { RAW(0x18, 0, 5, 0, 1), RAW(0, 0, 0, 0, 9), EXIT },
	  "unrecognized bpf_ld_imm64 insn",
	  EINVAL,
	  0 },
	{ { LD_IMM64(10, 0, 1), MOV_K(0, 0), EXIT }, "frame pointer is read only", EACCES, 0 },
	{ { LD_IMM64(12, 0, 1), MOV_K(0, 0), EXIT }, "R12 is invalid", EINVAL, 0 },
	/* Arithmetic. */
	{ { RAW(0x07, 0, 1, 0, 1), EXIT }, "BPF_ALU uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x07, 0, 0, 1, 1), EXIT }, "BPF_ALU uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x0f, 0, 0, 0, 7), EXIT }, "BPF_ALU uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x0f, 0, 0, 8, 0), EXIT }, "BPF_ALU uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x37, 0, 0, 2, 5), EXIT }, "BPF_ALU uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x57, 0, 0, 1, 5), EXIT }, "BPF_ALU uses reserved fields", EINVAL, 0 },
	{ { RAW(0xb7, 0, 3, 0, 1), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xb7, 0, 0, 3, 1), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xb7, 0, 0, 8, 1), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xbf, 0, 1, 3, 0), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xbf, 0, 1, 0, 3), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xbc, 0, 1, 32, 0), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xbf, 0, 1, -1, 0), EXIT }, "BPF_MOV uses reserved fields", EINVAL, 0 },
	{ { RAW(0xbf, 0, 1, 1, 7), EXIT },
	  "addr_space_cast insn can only convert between address space 1 and 0",
	  EINVAL,
	  0 },
	{ { RAW(0xbf, 0, 1, 1, 1), EXIT },
	  "addr_space_cast insn can only be used in a program that has an associated arena",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), RAW(0x87, 0, 0, 0, 1), EXIT }, "BPF_NEG uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x87, 0, 2, 0, 0), EXIT }, "BPF_NEG uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x84, 0, 0, 1, 0), EXIT }, "BPF_NEG uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x8c, 0, 0, 0, 0), EXIT }, "unknown opcode 8c", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0xd4, 0, 0, 0, 8), EXIT }, "BPF_END uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0xdc, 0, 1, 0, 16), EXIT },
	  "BPF_END uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), RAW(0xd7, 0, 0, 1, 16), EXIT },
	  "BPF_END uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), ALU_K(DIV, 0, 0), EXIT }, "div by zero", EINVAL, 0 },
	{ { MOV_K(0, 0), ALU32_K(MOD, 0, 0), EXIT }, "div by zero", EINVAL, 0 },
	{ { MOV_K(0, 0), ALU_K(LSH, 0, 64), EXIT }, "invalid shift 64", EINVAL, 0 },
	{ { MOV_K(0, 0), ALU_K(RSH, 0, -1), EXIT }, "invalid shift -1", EINVAL, 0 },
	{ { MOV_K(0, 0), ALU32_K(ARSH, 0, 32), EXIT }, "invalid shift 32", EINVAL, 0 },
	/* Registers. */
	{ { MOV_X(0, 2), EXIT }, "R2 !read_ok", EACCES, 0 },
	{ { EXIT }, "R0 !read_ok", EACCES, 0 },
	{ { ALU_K(ADD, 0, 1), EXIT }, "R0 !read_ok", EACCES, 0 },
	{ { MOV_K(0, 0), ALU_X(ADD, 0, 9), EXIT }, "R9 !read_ok", EACCES, 0 },
	{ { ALU_X(ADD, 7, 8), EXIT }, "R8 !read_ok", EACCES, 0 },
	{ { JMP_X(JEQ, 7, 8, 0), EXIT }, "R7 !read_ok", EACCES, 0 },
	{ { MOV_K(0, 0), JMP_X(JEQ, 0, 8, 0), EXIT }, "R8 !read_ok", EACCES, 0 },
	{ { MOV_K(10, 0), MOV_K(0, 0), EXIT }, "frame pointer is read only", EACCES, 0 },
	{ { ALU_K(ADD, 10, 8), MOV_K(0, 0), EXIT }, "frame pointer is read only", EACCES, 0 },
	{ { LDX(W, 10, 1, 0), MOV_K(0, 0), EXIT }, "frame pointer is read only", EACCES, 0 },
	{ { MOV_K(11, 0), MOV_K(0, 0), EXIT }, "R11 is invalid", EINVAL, 0 },
	{ { MOV_X(0, 13), EXIT }, "R13 is invalid", EINVAL, 0 },
	{ { LDX(W, 0, 14, 0), EXIT }, "R14 is invalid", EINVAL, 0 },
	{ { STX(W, 15, 0, 1), EXIT }, "R15 is invalid", EINVAL, 0 },
	{ { RAW(0x87, 11, 0, 0, 0), MOV_K(0, 0), EXIT }, "R11 is invalid", EINVAL, 0 },
	{ { HELPER_CALL(5), MOV_X(0, 1), EXIT }, "R1 !read_ok", EACCES, 0 },
	{ { HELPER_CALL(5), MOV_X(0, 5), EXIT }, "R5 !read_ok", EACCES, 0 },
	{ { CALL(2), MOV_X(0, 3), EXIT, MOV_K(0, 0), EXIT }, "R3 !read_ok", EACCES, 0 },
	{ { CALL(1), EXIT, MOV_X(0, 2), EXIT }, "R2 !read_ok", EACCES, 0 },
	{ { MOV_K(6, 0), CALL(1), EXIT, MOV_X(0, 6), EXIT }, "R6 !read_ok", EACCES, 0 },
	{ { CALL(1), EXIT, MOV_K(1, 0), EXIT }, "R0 !read_ok", EACCES, 0 },
	{ { JMP_K(JEQ, 1, 0, 1), MOV_K(2, 0), MOV_X(0, 3), EXIT }, "R3 !read_ok", EACCES, 0 },
	{ { MOV_K(3, 5), JMP_K(JEQ, 3, 5, 1), MOV_K(0, 0), EXIT }, "R0 !read_ok", EACCES, 0 },
	/* Memory. */
	{ { ST(DW, 10, -520, 0), MOV_K(0, 0), EXIT },
	  "invalid write to stack R10 off=-520 size=8",
	  EACCES,
	  0 },
	{ { ST(DW, 10, 0, 0), MOV_K(0, 0), EXIT },
	  "invalid write to stack R10 off=0 size=8",
	  EACCES,
	  0 },
	{ { LDX(DW, 0, 10, 8), EXIT }, "invalid read from stack R10 off=8 size=8", EACCES, 0 },
	{ { MOV_X(2, 10), ALU_K(ADD, 2, -516), ST(W, 2, 0, 0), MOV_K(0, 0), EXIT },
	  "invalid write to stack R2 off=-516 size=4",
	  EACCES,
	  0 },
	{ { MOV_X(2, 10), ALU_K(SUB, 2, 600), LDX(B, 0, 2, 0), EXIT },
	  "R2 subtraction from stack pointer prohibited",
	  EACCES,
	  0 },
	{ { ST(DW, 10, -12, 0), MOV_K(0, 0), EXIT },
	  "misaligned stack access off 0+0+-12 size 8",
	  EACCES,
	  0 },
	{ { MOV_X(2, 10), ALU_K(ADD, 2, -6), LDX(W, 0, 2, 0), EXIT },
	  "misaligned stack access off 0+-6+0 size 4",
	  EACCES,
	  0 },
	{ { MOV_K(1, 64), LDX(W, 0, 1, 0), EXIT }, "R1 invalid mem access 'scalar'", EACCES, 0 },
	{ { MOV_K(1, 0), STX(W, 1, 0, 1), EXIT }, "R1 invalid mem access 'scalar'", EACCES, 0 },
	{ { LD_IMM64(1, 0, 1 << 20), ST(W, 1, 0, 1), EXIT },
	  "R1 invalid mem access 'scalar'",
	  EACCES,
	  0 },
	{ { LD_IMM64(1, PSEUDO_MAP_VALUE, 0), LDX(DW, 0, 1, 252), EXIT },
	  "R1 min value is outside of the allowed memory range",
	  EACCES,
	  0 },
	{ { LD_IMM64(1, PSEUDO_MAP_VALUE, 0), ST(W, 1, -4, 0), MOV_K(0, 0), EXIT },
	  "R1 min value is outside of the allowed memory range",
	  EACCES,
	  0 },
	{ { RAW(0x72, 10, 1, -8, 0), MOV_K(0, 0), EXIT },
	  "BPF_ST uses reserved fields",
	  EINVAL,
	  0 },
	{ { RAW(0x7b, 10, 1, -8, 1), MOV_K(0, 0), EXIT },
	  "BPF_STX uses reserved fields",
	  EINVAL,
	  0 },
	{ { RAW(0x79, 0, 1, 0, 1), EXIT }, "BPF_LDX uses reserved fields", EINVAL, 0 },
	{ { RAW(0xb9, 0, 1, 0, 0), EXIT }, "BPF_LDX uses reserved fields", EINVAL, 0 },
	{ { STX(DW, 10, -8, 3), MOV_K(0, 0), EXIT }, "R3 !read_ok", EACCES, 0 },
	{ { STX(DW, 6, -8, 1), MOV_K(0, 0), EXIT }, "R6 !read_ok", EACCES, 0 },
	/* Arithmetic with pointers. */
	{ { MOV_X(2, 10), ALU_K(MUL, 2, 2), MOV_K(0, 0), EXIT },
	  "R2 pointer arithmetic with *= operator prohibited",
	  EACCES,
	  0 },
	{ { MOV_X(2, 10), ALU_K(AND, 2, -8), MOV_K(0, 0), EXIT },
	  "R2 bitwise operator &= on pointer prohibited",
	  EACCES,
	  0 },
	{ { MOV_X(2, 10), ALU_K(LSH, 2, 1), MOV_K(0, 0), EXIT },
	  "R2 pointer arithmetic with <<= operator prohibited",
	  EACCES,
	  0 },
	{ { MOV_X(2, 10), ALU32_K(ADD, 2, 1), MOV_K(0, 0), EXIT },
	  "R2 32-bit pointer arithmetic prohibited",
	  EACCES,
	  0 },
	{ { MOV_X(2, 10), ALU_X(ADD, 2, 10), MOV_K(0, 0), EXIT },
	  "R2 pointer += pointer prohibited",
	  EACCES,
	  0 },
	{ { MOV_K(2, 5), ALU_X(SUB, 2, 10), MOV_K(0, 0), EXIT },
	  "R2 tried to subtract pointer from scalar",
	  EACCES,
	  0 },
	{ { LD_IMM64(2, PSEUDO_MAP_VALUE, 0), ALU_K(XOR, 2, 1), MOV_K(0, 0), EXIT },
	  "R2 bitwise operator ^= on pointer prohibited",
	  EACCES,
	  0 },
	{ { LD_IMM64(2, PSEUDO_MAP_VALUE, 0), ALU_X(OR, 2, 10), MOV_K(0, 0), EXIT },
	  "R2 pointer |= pointer prohibited",
	  EACCES,
	  0 },
	{ { MOV_K(2, -8), ALU_X(ADD, 2, 10), ST(DW, 2, 0, 1), MOV_K(0, 0), EXIT }, NULL, 0, 0 },
	{ { MOV_X(2, 10), ALU_X(SUB, 2, 10), MOV_K(0, 0), EXIT }, NULL, 0, 0 },
	{ { LD_IMM64(2, PSEUDO_MAP_VALUE, 0), ALU_K(SUB, 2, -8), LDX(W, 0, 2, 0), EXIT },
	  NULL,
	  0,
	  0 },
	/* Atomics. */
	{ { MOV_K(0, 0), ST(DW, 10, -8, 0), ATOMIC(DW, 0x20, 10, -8, 0), EXIT },
	  "BPF_ATOMIC uses invalid atomic opcode 20",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), ST(DW, 10, -8, 0), ATOMIC(H, BPF_ADD, 10, -8, 0), EXIT },
	  "invalid atomic operand size",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), ST(DW, 10, -8, 0), ATOMIC(B, BPF_XCHG, 10, -8, 0), EXIT },
	  "invalid atomic operand size",
	  EINVAL,
	  0 },
	{ { ST(DW, 10, -8, 0), ATOMIC(DW, BPF_ADD, 10, -8, 3), MOV_K(0, 0), EXIT },
	  "R3 !read_ok",
	  EACCES,
	  0 },
	{ { ST(DW, 10, -8, 0), ATOMIC(DW, BPF_CMPXCHG, 10, -8, 1), EXIT },
	  "R0 !read_ok",
	  EACCES,
	  0 },
	{ { ST(DW, 10, -8, 0), MOV_K(0, 0), ATOMIC(DW, BPF_ADD | BPF_FETCH, 10, -8, 10), EXIT },
	  "frame pointer is read only",
	  EACCES,
	  0 },
	{ { ST(DW, 10, -8, 0), MOV_K(0, 0), ATOMIC(W, BPF_ADD, 10, -6, 0), EXIT },
	  "misaligned stack access off 0+0+-6 size 4",
	  EACCES,
	  0 },
	{ { MOV_K(0, 0), ATOMIC(W, BPF_ADD, 10, 0, 0), EXIT },
	  "invalid read from stack R10 off=0 size=4",
	  EACCES,
	  0 },
	{ { ST(DW, 10, -8, 0), RAW(0xdb, 0, 10, -8, 0x101), EXIT },
	  "BPF_ATOMIC uses invalid atomic opcode 101",
	  EINVAL,
	  0 },
	{ { RAW(0xdb, 0, 7, -8, 0x100), EXIT }, "R7 !read_ok", EACCES, 0 },
	{ { RAW(0xdb, 10, 7, -8, 0x110), MOV_K(0, 0), EXIT }, "R7 !read_ok", EACCES, 0 },
	{ { ST(DW, 10, -8, 0), RAW(0xdb, 10, 10, -8, 0x100), MOV_K(0, 0), EXIT },
	  "frame pointer is read only",
	  EACCES,
	  0 },
	/* Calls and exits. */
	{ { HELPER_CALL(9999), EXIT }, "invalid func unknown#9999", EINVAL, 0 },
	{ { HELPER_CALL(-1), EXIT }, "invalid func unknown#-1", EINVAL, 0 },
	{ { HELPER_CALL(0), EXIT },
	  "program of this type cannot use helper bpf_unspec#0",
	  EINVAL,
	  0 },
	{ { MOV_K(2, 0), MOV_K(3, 0), HELPER_CALL(36), EXIT },
	  "program of this type cannot use helper bpf_probe_write_user#36",
	  EINVAL,
	  0 },
	{ { HELPER_CALL(44), EXIT },
	  "program of this type cannot use helper bpf_xdp_adjust_head#44",
	  EINVAL,
	  0 },
	{ { RAW(0x85, 0, 0, 1, 5), EXIT }, "BPF_CALL uses reserved fields", EINVAL, 0 },
	{ { RAW(0x85, 1, 0, 0, 5), EXIT }, "BPF_CALL uses reserved fields", EINVAL, 0 },
	{ { RAW(0x85, 0, 3, 0, 5), EXIT }, "BPF_CALL uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x95, 0, 0, 0, 1), EXIT }, "unreachable insn 2", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x95, 0, 0, 0, 1) }, "BPF_EXIT uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x95, 0, 1, 0, 0) }, "BPF_EXIT uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x95, 0, 0, 3, 0) }, NULL, 0, 0 },
	{ { MOV_K(0, 0), RAW(0x05, 0, 0, 0, 1), EXIT }, "BPF_JA uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x05, 0, 1, 0, 0), EXIT }, "BPF_JA uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x06, 0, 0, 1, 0), EXIT }, "BPF_JA uses reserved fields", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0x15, 0, 1, 0, 0), EXIT },
	  "BPF_JMP/JMP32 uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), RAW(0x1d, 0, 0, 0, 1), EXIT },
	  "BPF_JMP/JMP32 uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_K(0, 0), RAW(0xe5, 0, 0, 0, 1), EXIT }, "invalid may_goto imm 1", EINVAL, 0 },
	{ { MOV_K(0, 0), RAW(0xe5, 0, 1, 0, 0), EXIT }, "invalid may_goto imm 0", EINVAL, 0 },
	{ { CALL(-1), EXIT }, "the call stack of 9 frames is too deep", E2BIG, 0 },
	{ { CALL(1), EXIT, CALL(1), EXIT, CALL(1), EXIT, CALL(1), EXIT, CALL(1), EXIT, CALL(1),
	    EXIT, CALL(1), EXIT, CALL(1), EXIT, MOV_K(0, 0), EXIT },
	  "the call stack of 9 frames is too deep",
	  E2BIG,
	  0 },
	{ { ST(DW, 10, -304, 0), CALL(1), EXIT, ST(DW, 10, -304, 0), MOV_K(0, 0), EXIT },
	  "combined stack size of 2 calls is 608. Too large",
	  EACCES,
	  0 },
	{ { MOV_X(1, 10), CALL(1), EXIT, MOV_X(0, 10), EXIT },
	  "cannot return stack pointer to the caller",
	  EINVAL,
	  0 },
	/* LD_ABS and LD_IND. */
	{ { LD_ABS(W, 0), EXIT }, "R6 !read_ok", EACCES, 0 },
	{ { MOV_X(6, 1), RAW(0x20, 1, 0, 0, 0), EXIT },
	  "BPF_LD_[ABS|IND] uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_X(6, 1), RAW(0x20, 0, 1, 0, 0), EXIT },
	  "BPF_LD_[ABS|IND] uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_X(6, 1), RAW(0x20, 0, 0, 1, 0), EXIT },
	  "BPF_LD_[ABS|IND] uses reserved fields",
	  EINVAL,
	  0 },
	{ { MOV_X(6, 1), LD_IND(W, 7, 0), EXIT }, "R7 !read_ok", EACCES, 0 },
	{ { MOV_K(6, 0), LD_ABS(W, 0), EXIT },
	  "at the time of BPF_LD_ABS|IND R6 != pointer to skb",
	  EINVAL,
	  0 },
	{ { MOV_X(6, 1), LD_ABS(W, 0), MOV_X(0, 1), EXIT }, "R1 !read_ok", EACCES, 0 },
	{ { CALL(1), EXIT, MOV_X(6, 1), LD_ABS(W, 0), EXIT },
	  "LD_ABS is not allowed in subprogs without BTF",
	  EINVAL,
	  0 },
	{ { CALL(1), EXIT, HELPER_CALL(12), MOV_K(0, 0), EXIT },
	  "tail_call is not allowed in subprogs without BTF",
	  EINVAL,
	  0 },
	{ { I(0x18, 2, PSEUDO_FUNC, 0, 3), I(0, 0, 0, 0, 0), MOV_K(0, 0), EXIT, MOV_K(0, 0), EXIT },
	  "missing btf func_info",
	  EINVAL,
	  0 },
	/* What the kernel never looks at. */
	{ { MOV_K(0, 0), JMP_K(JEQ, 0, 0, 1), HELPER_CALL(0xbad2310), EXIT }, NULL, 0, 0 },
	{ { MOV_K(0, 0), MOV_K(2, 0), JMP_X(JNE, 0, 2, 1), EXIT, MOV_X(0, 9), EXIT }, NULL, 0, 0 },
	{ { MOV_K(0, 0), JMP_K(JGT, 0, 3, 1), EXIT, ST(DW, 10, 64, 0), EXIT }, NULL, 0, 0 },
	{ { LDX(W, 2, 1, 0), MOV_K(0, 0), JMP_K(JEQ, 2, 7, 1), EXIT, JMP_K(JEQ, 2, 7, 1),
	    MOV_X(0, 9), EXIT },
	  NULL,
	  0,
	  0 },
	{ { LD_IMM64(2, PSEUDO_MAP_VALUE, 0), MOV_K(0, 0), JMP_K(JNE, 2, 0, 1), MOV_X(0, 9), EXIT },
	  NULL,
	  0,
	  0 },
	/* Fine. */
	{ { MOV_K(0, 0), JA(0), EXIT }, NULL, 0, 0 },
	{ { MOV_K(0, 0), MAY_GOTO(1), JA(-2), EXIT }, NULL, 0, 0 },
	{ { CALL(2), MOV_K(0, 0), EXIT, MOV_K(1, 0), EXIT }, NULL, 0, 0 },
	{ { MOV_K(0, 0), JA(1), EXIT, JA(-2) }, NULL, 0, 0 },
};

static size_t length(const struct bad *b)
{
	size_t n = MAX;

	if (b->n)
		return b->n;
	while (!b->in[n - 1].code)
		n--;
	return n;
}

/* The last line in front of the statistics. */
static const char *last_line(char *log)
{
	char *end = strstr(log, "processed "), *line;
	size_t n;

	if (end)
		*end = '\0';
	n = strlen(log);
	while (n && log[n - 1] == '\n')
		log[--n] = '\0';
	line = strrchr(log, '\n');
	return line ? line + 1 : log;
}

static void show(const char *what, size_t i, int err, const char *line)
{
	if (getenv("SIM_SHOW"))
		printf("# %s %zu: %d %s\n", what, i, err, line);
}

static void refuses(void)
{
	struct rig r = { .packets = true, .no_func_info = true };

	rig_init(&r);
	for (size_t i = 0; i < countof(bads); i++) {
		const struct bad *b = &bads[i];
		int err = rig_load(&r, b->in, length(b));
		auto_free char *log = strdup(buf_str(&r.log));
		const char *line = last_line(log);

		show("ours", i, err, line);
		if (err != -b->err || strcmp(line, b->msg ? b->msg : "") != 0)
			FAIL("program %zu: %d, %s\n#   not %d, %s", i, err, line, -b->err,
			     b->msg ? b->msg : "");
	}
	rig_free(&r);
}

/* The log of the kernel, or NULL and *err = 0 when it accepts. */
static const char *kernel_says(enum bpf_prog_type type, const struct insn *in, size_t n,
			       const struct kernel_fds *fds, int *err)
{
	static char log[1 << 16];
	int fd = kernel_load(type, in, n, fds, log, sizeof(log));

	*err = fd < 0 ? -fd : 0;
	if (fd < 0)
		return last_line(log);
	close(fd);
	return NULL;
}

static void as_the_kernel(void)
{
	struct kernel_fds fds;

	kernel_open(&fds);
	closep(&fds.btf);
	for (size_t i = 0; i < countof(bads); i++) {
		const struct bad *b = &bads[i];
		int err;
		const char *line =
			kernel_says(BPF_PROG_TYPE_SOCKET_FILTER, b->in, length(b), &fds, &err);

		show("kernel", i, -err, line ? line : "");
		if (err != b->err || strcmp(line ? line : "", b->msg ? b->msg : "") != 0)
			FAIL("program %zu: the kernel says %d, %s\n#   not %d, %s", i, err,
			     line ? line : "", b->err, b->msg ? b->msg : "");
	}
	kernel_close(&fds);
}

/* Every opcode there could be, alone in the middle of a program: known by both, or by none. */
static void opcodes(void)
{
	struct kernel_fds fds;
	struct rig r = { .packets = true };

	kernel_open(&fds);
	rig_init(&r);
	for (unsigned int code = 0; code < 256; code++) {
		struct insn in[] = { MOV_K(0, 0), I(code, 0, 0, 0, 0), EXIT };
		const char *theirs;
		bool known, ours;
		int err;

		theirs = kernel_says(BPF_PROG_TYPE_SOCKET_FILTER, in, countof(in), &fds, &err);
		known = !theirs || !strstr(theirs, "unknown opcode");
		rig_load(&r, in, countof(in));
		ours = !strstr(buf_str(&r.log), "unknown opcode");
		if (known != ours)
			FAIL("opcode %02x: we %d, the kernel %d", code, ours, known);
	}
	rig_free(&r);
	kernel_close(&fds);
}

/* The whole of a log: the way to the error, not the ways that were tried before. */
static void logs(void)
{
	static const struct insn p[] = {
		MOV_K(0, 0), JMP_K(JEQ, 1, 0, 2),     LDX(W, 2, 1, 0), JMP_K(JGT, 2, 5, 1),
		EXIT,	     LD_IMM64(3, 0, 1 << 20), HELPER_CALL(5),  MOV_X(0, 9),
		EXIT,
	};
	static const struct insn q[] = { ST(DW, 10, -24, 0), CALL(1), EXIT, MOV_K(0, 0), EXIT };
	struct rig r = { .log_level = 1 };

	rig_init(&r);
	CHECK_INT(rig_load(&r, p, countof(p)), -EACCES);
	CHECK_STR(buf_str(&r.log),
		  "0: R1=ctx() R10=fp0\n"
		  "0: (b7) r0 = 0\n"
		  "1: (15) if r1 == 0x0 goto pc+2\n"
		  "2: (61) r2 = *(u32 *)(r1 +0)\n"
		  "3: (25) if r2 > 0x5 goto pc+1\n"
		  "5: (18) r3 = 0x100000\n"
		  "7: (85) call bpf_ktime_get_ns#5\n"
		  "8: (bf) r0 = r9\n"
		  "R9 !read_ok\n"
		  "processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 "
		  "peak_states 0 mark_read 0\n");
	r.log_level = 4;
	CHECK_INT(rig_load(&r, q, countof(q)), 0);
	CHECK_STR(buf_str(&r.log),
		  "verification time 0 usec\n"
		  "stack depth 24+0\n"
		  "processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 "
		  "peak_states 0 mark_read 0\n");
	rig_free(&r);
}

static const struct {
	struct test test;
	bool root;
} tests[] = {
	{ { "bad programs are refused, for the right reason", refuses }, false },
	{ { "the log tells the way to the error", logs }, false },
	{ { "and the kernel says the same", as_the_kernel }, true },
	{ { "opcodes are those of the kernel", opcodes }, true },
};

int main(void)
{
	struct kernel_fds fds;
	bool root = kernel_open(&fds);
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", countof(tests));
	for (size_t i = 0; i < countof(tests); i++) {
		bool skip = tests[i].root && !root;

		test_failures = 0;
		if (!skip)
			tests[i].test.run();
		printf("%sok %zu - %s%s\n", test_failures ? "not " : "", i + 1, tests[i].test.name,
		       skip ? " # skip needs root" : "");
		failed += test_failures != 0;
	}
	kernel_close(&fds);
	return failed != 0;
}
