// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The texts of loads, stores and atomics. */
#include "asm/print.h"

/* Kernel `(r2 -4)`, LLVM `(r2 - 4)`, both without the parentheses; mnemonic `[%r2-4]`. */
static void put_address(struct text *t, unsigned int reg)
{
	int off = t->in->off;

	put(t, is_mnemonic(t) ? "[" : "");
	put_reg(t, reg, false);
	if (!is_mnemonic(t))
		put_char(t, ' ');
	put_char(t, off < 0 ? '-' : '+');
	if (t->style == STYLE_LLVM)
		put_char(t, ' ');
	put_u64(t, (uint64_t)(off < 0 ? -off : off));
	put(t, is_mnemonic(t) ? "]" : "");
}

/* The last letter of the mnemonic. */
static const char *size_letter(uint8_t code)
{
	return (const char *const[]){ "w", "h", "b", "dw" }[code >> 3 & 3];
}

/* `(u32 *)`: with sign 's' for the loads that extend it. */
static void put_cast(struct text *t, char sign)
{
	put_char(t, '(');
	put_char(t, sign);
	put_u64(t, (uint64_t)size_bytes(t->in->code) * 8);
	put(t, " *)");
}

static void put_memory(struct text *t, char sign, unsigned int reg)
{
	put_char(t, '*');
	put_cast(t, sign);
	put_char(t, '(');
	put_address(t, reg);
	put_char(t, ')');
}

/* LLVM names the registers of accesses of less than 8 bytes w, the kernel never does. */
static bool llvm_narrow(const struct text *t)
{
	return t->narrow && t->style == STYLE_LLVM;
}

static void put_sized_mnemonic(struct text *t)
{
	put(t, t->row->mnemonic);
	put(t, size_letter(t->in->code));
	put_char(t, ' ');
}

/* LLVM leaves an offset of 0 out of the second form. */
void print_packet(struct text *t)
{
	bool indirect = t->row->shape == IND;

	if (is_mnemonic(t)) {
		put_sized_mnemonic(t);
	} else {
		put(t, "r0 = *");
		put_cast(t, 'u');
		put(t, "skb[");
	}
	if (indirect)
		put_reg(t, t->in->src, false);
	if (indirect && is_mnemonic(t))
		put(t, ", ");
	else if (indirect)
		put(t, t->in->imm || is_kernel(t) ? " + " : "");
	if (!indirect || t->in->imm || t->style != STYLE_LLVM)
		put_s64(t, t->in->imm);
	put(t, is_mnemonic(t) ? "" : "]");
}

void print_load(struct text *t)
{
	bool is_signed = t->row->shape == LDSX;

	if (is_mnemonic(t)) {
		put_sized_mnemonic(t);
		put_reg(t, t->in->dst, false);
		put(t, ", ");
		put_address(t, t->in->src);
		return;
	}
	put_result(t, t->in->dst, llvm_narrow(t) && !is_signed);
	put_memory(t, is_signed ? 's' : 'u', t->in->src);
}

void print_store(struct text *t)
{
	if (is_mnemonic(t)) {
		put_sized_mnemonic(t);
		put_address(t, t->in->dst);
		put(t, ", ");
	} else {
		put_memory(t, 'u', t->in->dst);
		put(t, " = ");
	}
	put_value(t, llvm_narrow(t));
}

/* `lock add32 [%r1-8], %r2`, for all atomics alike. */
static void print_lock_mnemonic(struct text *t)
{
	put(t, "lock ");
	put_mnemonic(t);
	put_address(t, t->in->dst);
	put(t, ", ");
	put_reg(t, t->in->src, false);
}

void print_atomic(struct text *t)
{
	if (is_mnemonic(t)) {
		print_lock_mnemonic(t);
		return;
	}
	put(t, "lock ");
	put_memory(t, 'u', t->in->dst);
	put_char(t, ' ');
	put(t, t->row->op);
	put_char(t, ' ');
	put_reg(t, t->in->src, llvm_narrow(t));
}

/* The kernel writes atomic64_x for what LLVM writes atomic_x with a u64 cast. */
static void put_atomic_name(struct text *t, const char *verb)
{
	put(t, is_kernel(t) && !t->narrow ? "atomic64_" : "atomic_");
	put(t, verb);
	put(t, t->row->op);
	put_char(t, '(');
}

/* `r2 = atomic_fetch_add((u32 *)(r1 -8), r2)` */
void print_fetch(struct text *t)
{
	if (is_mnemonic(t)) {
		print_lock_mnemonic(t);
		return;
	}
	put_result(t, t->in->src, llvm_narrow(t));
	put_atomic_name(t, "fetch_");
	put_cast(t, 'u');
	put_char(t, '(');
	put_address(t, t->in->dst);
	put(t, "), ");
	put_reg(t, t->in->src, llvm_narrow(t));
	put_char(t, ')');
}

/* `r2 = atomic_xchg(...)`, `r2 = xchg_64(...)`; the comparison is with r0 */
void print_xchg(struct text *t)
{
	bool compare = t->row == &isa_rows[ROW_cmpxchg];
	bool narrow = llvm_narrow(t);

	if (is_mnemonic(t)) {
		print_lock_mnemonic(t);
		return;
	}
	put_result(t, compare ? 0 : t->in->src, narrow);
	if (is_kernel(t)) {
		put_atomic_name(t, "");
		put_cast(t, 'u');
		put_char(t, '(');
	} else {
		put(t, t->row->op);
		put(t, narrow ? "32_32(" : "_64(");
	}
	put_address(t, t->in->dst);
	put(t, is_kernel(t) ? "), " : ", ");
	if (compare) {
		put_reg(t, 0, narrow);
		put(t, ", ");
	}
	put_reg(t, t->in->src, narrow);
	put_char(t, ')');
}

/* These two have no mnemonic: they are written the kernel's way, in LLVM's with w registers. */
void print_ordered(struct text *t)
{
	bool acquire = t->row->shape == ACQ;

	if (is_mnemonic(t))
		t->style = STYLE_KERNEL;
	if (acquire)
		put_result(t, t->in->dst, llvm_narrow(t));
	put(t, t->row->op);
	put_char(t, '(');
	put_cast(t, 'u');
	put_char(t, '(');
	put_address(t, acquire ? t->in->src : t->in->dst);
	put_char(t, ')');
	if (!acquire) {
		put(t, ", ");
		put_reg(t, t->in->src, llvm_narrow(t));
	}
	put_char(t, ')');
}
