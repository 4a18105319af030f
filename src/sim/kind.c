// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which op an instruction becomes, and what arithmetic and comparisons give for constants. */
#include "sim/kind.h"

#include "sim/alu.h"
#include "sim/insn.h"

#define BY_OP(op) [(op) >> 4]

static const uint8_t alu64_kinds[16] = {
	BY_OP(BPF_ADD) = OP_add,   BY_OP(BPF_SUB) = OP_sub, BY_OP(BPF_MUL) = OP_mul,
	BY_OP(BPF_DIV) = OP_div,   BY_OP(BPF_OR) = OP_or,   BY_OP(BPF_AND) = OP_and,
	BY_OP(BPF_LSH) = OP_lsh,   BY_OP(BPF_RSH) = OP_rsh, BY_OP(BPF_NEG) = OP_neg,
	BY_OP(BPF_MOD) = OP_mod,   BY_OP(BPF_XOR) = OP_xor, BY_OP(BPF_MOV) = OP_mov,
	BY_OP(BPF_ARSH) = OP_arsh,
};

static const uint8_t alu32_kinds[16] = {
	BY_OP(BPF_ADD) = OP_add32,   BY_OP(BPF_SUB) = OP_sub32, BY_OP(BPF_MUL) = OP_mul32,
	BY_OP(BPF_DIV) = OP_div32,   BY_OP(BPF_OR) = OP_or32,	BY_OP(BPF_AND) = OP_and32,
	BY_OP(BPF_LSH) = OP_lsh32,   BY_OP(BPF_RSH) = OP_rsh32, BY_OP(BPF_NEG) = OP_neg32,
	BY_OP(BPF_MOD) = OP_mod32,   BY_OP(BPF_XOR) = OP_xor32, BY_OP(BPF_MOV) = OP_mov32,
	BY_OP(BPF_ARSH) = OP_arsh32,
};

#define BY_CMP(op, name) [(op) >> 4] = { OP_##name, OP_##name##32 }
static const uint8_t cmp_kinds[16][2] = {
	BY_CMP(BPF_JEQ, jeq),	BY_CMP(BPF_JGT, jgt),	BY_CMP(BPF_JGE, jge),
	BY_CMP(BPF_JSET, jset), BY_CMP(BPF_JNE, jne),	BY_CMP(BPF_JSGT, jsgt),
	BY_CMP(BPF_JSGE, jsge), BY_CMP(BPF_JLT, jlt),	BY_CMP(BPF_JLE, jle),
	BY_CMP(BPF_JSLT, jslt), BY_CMP(BPF_JSLE, jsle),
};

static enum op_kind swap_kind(const struct insn *in)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	bool swap = OP_CLASS(in->code) == CLASS_ALU64 || (OP_SRC(in->code) != 0) != big;

	switch (in->imm) {
	case 16:
		return swap ? OP_swap16 : OP_low16;
	case 32:
		return swap ? OP_swap32 : OP_low32;
	default:
		return swap ? OP_swap64 : OP_same;
	}
}

static enum op_kind mov_kind(const struct insn *in, bool wide)
{
	switch (in->off) {
	case 8:
		return wide ? OP_movs8 : OP_mov32s8;
	case 16:
		return wide ? OP_movs16 : OP_mov32s16;
	case 32:
		return OP_movs32;
	case MOV_CAST:
		return OP_cast;
	default:
		return wide ? OP_mov : OP_mov32;
	}
}

static enum op_kind alu_kind(const struct insn *in)
{
	bool wide = OP_CLASS(in->code) == CLASS_ALU64, with_off = in->off != 0;

	switch (OP_ALU(in->code)) {
	case BPF_END:
		return swap_kind(in);
	case BPF_MOV:
		return OP_SRC(in->code) ? mov_kind(in, wide) : wide ? OP_mov : OP_mov32;
	case BPF_DIV:
		if (with_off)
			return wide ? OP_sdiv : OP_sdiv32;
		break;
	case BPF_MOD:
		if (with_off)
			return wide ? OP_smod : OP_smod32;
		break;
	default:
		break;
	}
	return (wide ? alu64_kinds : alu32_kinds)[in->code >> 4];
}

static enum op_kind jump_kind(const struct insn *in)
{
	switch (OP_ALU(in->code)) {
	case BPF_JA:
		return OP_ja;
	case BPF_CALL:
		return in->src == PSEUDO_CALL ? OP_call : OP_helper;
	case BPF_EXIT:
		return OP_exit;
	case JMP_JCOND:
		return OP_may_goto;
	default:
		return cmp_kinds[in->code >> 4][OP_CLASS(in->code) == CLASS_JMP32];
	}
}

static enum op_kind atomic_kind(const struct insn *in)
{
	bool wide = OP_SIZE(in->code) == BPF_DW;

#define ATOMIC(name, number)                                                                       \
	case number:                                                                               \
		return wide ? OP_##name##_dw : OP_##name##_w;
	switch (in->imm) {
		ATOMIC_OPS(ATOMIC)
	case ATOMIC_LOAD_ACQ:
		return OP_acquire_b + 2 * insn_shift(in->code);
	default:
		return OP_release_b + 2 * insn_shift(in->code);
	}
#undef ATOMIC
}

enum op_kind insn_kind(const struct insn *in)
{
	static const uint8_t load[] = { OP_ldb, OP_ldh, OP_ldw, OP_lddw };
	static const uint8_t store[] = { OP_stb, OP_sth, OP_stw, OP_stdw };
	static const uint8_t loads[] = { OP_ldsb, OP_ldsh, OP_ldsw, OP_dead };
	unsigned int shift = insn_shift(in->code);

	switch (OP_CLASS(in->code)) {
	case CLASS_LD:
		return insn_is_imm64(in)	      ? OP_imm64
		       : OP_MODE(in->code) == BPF_ABS ? OP_ld_abs
						      : OP_ld_ind;
	case CLASS_LDX:
		return (OP_MODE(in->code) == MODE_MEMSX ? loads : load)[shift];
	case CLASS_ST:
		return store[shift];
	case CLASS_STX:
		return OP_MODE(in->code) == BPF_ATOMIC ? atomic_kind(in) : store[shift];
	case CLASS_JMP:
	case CLASS_JMP32:
		return jump_kind(in);
	default:
		return alu_kind(in);
	}
}

bool kind_eval(enum op_kind kind, uint64_t d, uint64_t s, uint64_t *result)
{
#define EVAL(name, ...)                                                                            \
	case OP_##name:                                                                            \
		*result = alu_##name(d, s);                                                        \
		return true;
	switch ((int)kind) {
		ALU_HOT(EVAL)
		ALU_REST(EVAL)
	default:
		return false;
	}
#undef EVAL
}

bool kind_test(enum op_kind kind, uint64_t d, uint64_t s)
{
#define TEST(name, ...)                                                                            \
	case OP_##name:                                                                            \
		return cmp_##name(d, s);                                                           \
	case OP_##name##32:                                                                        \
		return cmp_##name##32(d, s);
	switch ((int)kind) {
		CMP_OPS(TEST)
	default:
		return false;
	}
#undef TEST
}
