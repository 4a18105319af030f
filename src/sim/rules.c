// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Load check, rules: what is wrong with one instruction, given what is known of the registers.
 * In the order in which the kernel looks (check_alu_op() and its like), so that of two errors
 * the same one is named.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/buf.h"
#include "sim/check.h"
#include "sim/insn.h"
#include "sim/kind.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

struct rule {
	struct flow *f;
	uint32_t slot;
	const struct insn *in;
	const struct regs *r;
	struct buf *log;
};

__attribute__((format(printf, 3, 4))) static int no(const struct rule *u, int code, const char *fmt,
						    ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_addf(u->log, "%s\n", text);
	return -code;
}

static int reserved(const struct rule *u, const char *what)
{
	return no(u, EINVAL, "%s uses reserved fields", what);
}

static int reads(const struct rule *u, unsigned int reg)
{
	if (reg > 10)
		return no(u, EINVAL, "R%u is invalid", reg);
	if (u->r->r[reg].kind == VAL_UNSET)
		return no(u, EACCES, "R%u !read_ok", reg);
	return 0;
}

static int writes(const struct rule *u, unsigned int reg)
{
	if (reg > 10)
		return no(u, EINVAL, "R%u is invalid", reg);
	if (reg == 10)
		return no(u, EACCES, "frame pointer is read only");
	return 0;
}

static int rule_end(const struct rule *u)
{
	const struct insn *in = u->in;
	int err;

	if (OP_ALU(in->code) == BPF_NEG) {
		if (OP_SRC(in->code) || in->src || in->off || in->imm)
			return reserved(u, "BPF_NEG");
	} else if (in->src || in->off || (in->imm != 16 && in->imm != 32 && in->imm != 64) ||
		   (OP_CLASS(in->code) == CLASS_ALU64 && OP_SRC(in->code))) {
		return reserved(u, "BPF_END");
	}
	err = reads(u, in->dst);
	return err ? err : writes(u, in->dst);
}

static bool mov_off(const struct insn *in)
{
	if (in->off == 0 || in->off == 8 || in->off == 16)
		return true;
	return in->off == 32 && OP_CLASS(in->code) == CLASS_ALU64;
}

static int rule_cast(const struct rule *u)
{
	if (u->in->imm != 1 && u->in->imm != 1 << 16)
		return no(u, EINVAL,
			  "addr_space_cast insn can only convert between address space 1 and 0");
	if (!u->f->c->owner.arena)
		return no(u, EINVAL,
			  "addr_space_cast insn can only be used in a program that has "
			  "an associated arena");
	return 0;
}

static int rule_mov(const struct rule *u)
{
	const struct insn *in = u->in;
	int err = 0;

	if (!OP_SRC(in->code)) {
		if (in->src || in->off)
			return reserved(u, "BPF_MOV");
		return writes(u, in->dst);
	}
	if (OP_CLASS(in->code) == CLASS_ALU64 && in->off == MOV_CAST)
		err = rule_cast(u);
	else if (!mov_off(in) || in->imm)
		return reserved(u, "BPF_MOV");
	if (!err)
		err = reads(u, in->src);
	return err ? err : writes(u, in->dst);
}

static bool is_pointer(struct val v)
{
	return v.kind == VAL_FP || v.kind == VAL_ADDR;
}

/* Two pointers, or a pointer and what may be a number. */
static int rule_pointers(const struct rule *u, bool src, const char *op)
{
	const struct insn *in = u->in;
	bool dst = is_pointer(u->r->r[in->dst]), sub = OP_ALU(in->code) == BPF_SUB;

	if (dst && src)
		return sub ? 0 : no(u, EACCES, "R%d pointer %s pointer prohibited", in->dst, op);
	if (OP_CLASS(in->code) != CLASS_ALU64)
		return sub ? 0 : no(u, EACCES, "R%d 32-bit pointer arithmetic prohibited", in->dst);
	switch (OP_ALU(in->code)) {
	case BPF_ADD:
		return 0;
	case BPF_SUB:
		if (!dst)
			return no(u, EACCES, "R%d tried to subtract pointer from scalar", in->dst);
		return u->r->r[in->dst].kind != VAL_FP
			       ? 0
			       : no(u, EACCES, "R%d subtraction from stack pointer prohibited",
				    in->dst);
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		return no(u, EACCES, "R%d bitwise operator %s on pointer prohibited", in->dst, op);
	default:
		return no(u, EACCES, "R%d pointer arithmetic with %s operator prohibited", in->dst,
			  op);
	}
}

/* Arithmetic on what is certain to be a pointer, and not known to be none by the other operand. */
static int rule_pointer(const struct rule *u)
{
	static const char *const op[] = { "+=",	 "-=", "*=", "/=", "|=", "&=",	"<<=",
					  ">>=", "",   "%=", "^=", "",	 "s>>=" };
	const struct insn *in = u->in;
	bool src = OP_SRC(in->code) && is_pointer(u->r->r[in->src]);
	struct val other = src ? u->r->r[in->dst] : u->r->r[in->src];

	if (!src && !is_pointer(u->r->r[in->dst]))
		return 0;
	if (OP_SRC(in->code) && other.kind != VAL_CONST && !is_pointer(other))
		return 0; /* the flow does not say whether it is a pointer too */
	return rule_pointers(u, src, op[OP_ALU(in->code) >> 4]);
}

static int rule_alu(const struct rule *u)
{
	const struct insn *in = u->in;
	uint8_t op = OP_ALU(in->code);
	int width = OP_CLASS(in->code) == CLASS_ALU64 ? 64 : 32, err = 0;
	bool can_sign = op == BPF_DIV || op == BPF_MOD;

	if (op == BPF_END || op == BPF_NEG)
		return rule_end(u);
	if (op == BPF_MOV)
		return rule_mov(u);
	if (OP_SRC(in->code) ? in->imm != 0 : in->src != 0)
		return reserved(u, "BPF_ALU");
	if (in->off != 0 && !(can_sign && in->off == 1))
		return reserved(u, "BPF_ALU");
	if (OP_SRC(in->code))
		err = reads(u, in->src);
	if (!err)
		err = reads(u, in->dst);
	if (err)
		return err;
	if (can_sign && !OP_SRC(in->code) && !in->imm)
		return no(u, EINVAL, "div by zero");
	if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH) && !OP_SRC(in->code) &&
	    (in->imm < 0 || in->imm >= width))
		return no(u, EINVAL, "invalid shift %d", in->imm);
	err = writes(u, in->dst);
	return err ? err : rule_pointer(u);
}

static int rule_stack(const struct rule *u, unsigned int reg, bool write)
{
	int64_t n = u->r->r[reg].n, at = n + u->in->off;
	int size = 1 << insn_shift(u->in->code);

	if (at % size)
		return no(u, EACCES, "misaligned stack access off %d+%" PRId64 "+%d size %d", 0, n,
			  u->in->off, size);
	if (at >= -(int64_t)STACK_SIZE && at + size <= 0) {
		struct slot *fact = &u->f->slots[u->slot];
		unsigned int bit = (unsigned int)(at + STACK_SIZE);
		uint64_t bits = ((UINT64_C(1) << size) - 1) << bit % 64;

		fact->fp = (int16_t)at;
		fact->written = (u->r->written[bit / 64] & bits) == bits;
		return 0;
	}
	return no(u, at < 0 && at >= -(int64_t)STACK_SIZE ? EINVAL : EACCES,
		  "invalid %s stack R%u off=%" PRId64 " size=%d", write ? "write to" : "read from",
		  reg, at, size);
}

/* A map's value at a known place. */
static int rule_value(const struct rule *u, unsigned int reg, bool write)
{
	uint64_t n = (uint64_t)u->r->r[reg].n;
	const struct region *rg = space_find(u->f->c->vm->space, n);
	int64_t off;
	int size = 1 << insn_shift(u->in->code);

	if (!rg || (rg->kind != REGION_VALUE && rg->kind != REGION_RODATA) || rg->count)
		return 0;
	off = (int64_t)(n - rg->base) + u->in->off;
	if (!(rg->flags & (write ? REGION_WRITE : REGION_READ)))
		return no(u, EACCES,
			  "%s map forbidden, value_size=%" PRIu64 " off=%" PRId64 " size=%d",
			  write ? "write into" : "read from", rg->len, off, size);
	if (off >= 0 && (uint64_t)off + (uint64_t)size <= rg->len)
		return 0;
	no(u, EACCES, "invalid access to map value, value_size=%" PRIu64 " off=%" PRId64 " size=%d",
	   rg->len, off, size);
	return no(u, EACCES, "R%u min value is outside of the allowed memory range", reg);
}

static int rule_mem(const struct rule *u, unsigned int reg, bool write)
{
	switch (u->r->r[reg].kind) {
	case VAL_FP:
		return rule_stack(u, reg, write);
	case VAL_ADDR:
		return rule_value(u, reg, write);
	case VAL_CONST:
		return no(u, EACCES, "R%u invalid mem access 'scalar'", reg);
	default:
		return 0;
	}
}

static int rule_ldx(const struct rule *u)
{
	int err = reads(u, u->in->src);

	if (!err)
		err = writes(u, u->in->dst);
	return err ? err : rule_mem(u, u->in->src, false);
}

static int rule_st(const struct rule *u)
{
	const struct insn *in = u->in;
	int err = 0;

	if (OP_CLASS(in->code) == CLASS_ST && in->src)
		return reserved(u, "BPF_ST");
	if (OP_CLASS(in->code) == CLASS_STX && in->imm)
		return reserved(u, "BPF_STX");
	if (OP_CLASS(in->code) == CLASS_STX)
		err = reads(u, in->src);
	if (!err)
		err = reads(u, in->dst);
	return err ? err : rule_mem(u, in->dst, true);
}

static int rule_ordered(const struct rule *u)
{
	const struct insn *in = u->in;
	int err;

	if (in->imm == ATOMIC_LOAD_ACQ)
		return rule_ldx(u);
	err = reads(u, in->src);
	if (!err)
		err = reads(u, in->dst);
	return err ? err : rule_mem(u, in->dst, true);
}

static bool atomic_op(int32_t imm)
{
#define CASE(name, number) case number:
	switch (imm) {
		ATOMIC_OPS(CASE)
		return true;
	default:
		return false;
	}
#undef CASE
}

static int rule_atomic(const struct rule *u)
{
	const struct insn *in = u->in;
	int err;

	if (in->imm == ATOMIC_LOAD_ACQ || in->imm == ATOMIC_STORE_REL)
		return rule_ordered(u);
	if (!atomic_op(in->imm))
		return no(u, EINVAL, "BPF_ATOMIC uses invalid atomic opcode %02x", in->imm);
	if (OP_SIZE(in->code) != BPF_W && OP_SIZE(in->code) != BPF_DW)
		return no(u, EINVAL, "invalid atomic operand size");
	err = reads(u, in->src);
	if (!err)
		err = reads(u, in->dst);
	if (!err && in->imm == BPF_CMPXCHG)
		err = reads(u, 0);
	if (!err && in->imm & BPF_FETCH && in->imm != BPF_CMPXCHG)
		err = writes(u, in->src);
	return err ? err : rule_mem(u, in->dst, false);
}

static int rule_ld(const struct rule *u)
{
	const struct insn *in = u->in;
	int err;

	if (insn_is_imm64(in)) {
		err = writes(u, in->dst);
		if (!err && insn_is_func(in) && !u->f->c->owner.func_info)
			return no(u, EINVAL, "missing btf func_info");
		return err;
	}
	if (!u->f->c->owner.ld_abs)
		return no(u, EINVAL,
			  "BPF_LD_[ABS|IND] instructions not allowed for this program type");
	if (in->dst || in->off || (OP_MODE(in->code) == BPF_ABS && in->src))
		return reserved(u, "BPF_LD_[ABS|IND]");
	err = reads(u, 6);
	if (!err && u->r->r[6].kind != VAL_ANY && u->r->r[6].kind != VAL_MAYBE)
		return no(u, EINVAL, "at the time of BPF_LD_ABS|IND R6 != pointer to skb");
	if (!err && OP_MODE(in->code) == BPF_IND)
		err = reads(u, in->src);
	return err;
}

static int rule_call(const struct rule *u)
{
	const struct insn *in = u->in;
	const struct vm_func *func = NULL;
	int err;

	if ((in->src != PSEUDO_KFUNC_CALL && in->off) || in->src > PSEUDO_KFUNC_CALL || in->dst)
		return reserved(u, "BPF_CALL");
	if (in->src == PSEUDO_CALL)
		return 0;
	err = call_resolve(u->f->c, u->slot, &func, u->log);
	if (!err)
		u->f->slots[u->slot].func = func;
	for (unsigned int i = 1; !err && i <= func->nargs; i++)
		err = reads(u, i);
	return err;
}

static int rule_exit(const struct rule *u)
{
	const struct insn *in = u->in;
	size_t s = subprog_of(u->f->c, u->slot);
	enum val_kind r0 = u->r->r[0].kind;

	if (in->imm || in->src || in->dst)
		return reserved(u, "BPF_EXIT");
	if (!s)
		return reads(u, 0);
	if (r0 == VAL_FP)
		return no(u, EINVAL, "cannot return stack pointer to the caller");
	if (u->f->subprogs[s].callback && !u->f->subprogs[s].sites && r0 == VAL_UNSET)
		return no(u, EACCES, "R0 not a scalar value");
	return 0;
}

static int rule_cmp(const struct rule *u)
{
	const struct insn *in = u->in;
	int err;

	if (OP_ALU(in->code) == JMP_JCOND) {
		if (in->src || in->dst || in->imm)
			return no(u, EINVAL, "invalid may_goto imm %d", in->imm);
		return 0;
	}
	err = reads(u, in->dst);
	if (err)
		return err;
	if (!OP_SRC(in->code))
		return in->src ? reserved(u, "BPF_JMP/JMP32") : 0;
	if (in->imm)
		return reserved(u, "BPF_JMP/JMP32");
	return reads(u, in->src);
}

static int rule_ja(const struct rule *u)
{
	const struct insn *in = u->in;
	bool wide = OP_CLASS(in->code) == CLASS_JMP;

	if (in->src || in->dst || (wide ? in->imm : in->off))
		return reserved(u, "BPF_JA");
	return 0;
}

static int rule_jump(const struct rule *u)
{
	switch (OP_ALU(u->in->code)) {
	case BPF_CALL:
		return rule_call(u);
	case BPF_EXIT:
		return rule_exit(u);
	case BPF_JA:
		return rule_ja(u);
	default:
		return rule_cmp(u);
	}
}

int rule_check(struct flow *f, uint32_t slot, const struct regs *r, struct buf *log)
{
	struct rule u = { f, slot, &f->c->insns[slot], r, log };

	switch (OP_CLASS(u.in->code)) {
	case CLASS_LD:
		return rule_ld(&u);
	case CLASS_LDX:
		return rule_ldx(&u);
	case CLASS_ST:
		return rule_st(&u);
	case CLASS_STX:
		return OP_MODE(u.in->code) == BPF_ATOMIC ? rule_atomic(&u) : rule_st(&u);
	case CLASS_JMP:
	case CLASS_JMP32:
		return rule_jump(&u);
	default:
		return rule_alu(&u);
	}
}

static uint16_t bit(unsigned int reg)
{
	return reg <= 10 ? (uint16_t)(1u << reg) : 0;
}

static void guard_jump(const struct code *c, uint32_t slot, const struct vm_func *func,
		       struct guard *g)
{
	const struct insn *in = &c->insns[slot];

	switch (OP_ALU(in->code)) {
	case BPF_CALL:
		if (in->src == PSEUDO_CALL)
			return; /* frames do what is to be done */
		g->clear = INIT_ARGS | INIT_R0;
		if (func)
			g->need = (uint16_t)((2u << func->nargs) - 2);
		if (!func || !func->no_result)
			g->set = INIT_R0;
		return;
	case BPF_EXIT:
		g->need = subprog_of(c, slot) ? 0 : INIT_R0;
		return;
	case BPF_JA:
	case JMP_JCOND:
		return;
	default:
		g->need = bit(in->dst) | (OP_SRC(in->code) ? bit(in->src) : 0);
	}
}

static void guard_stx(const struct insn *in, struct guard *g)
{
	g->need = bit(in->dst) | (OP_CLASS(in->code) == CLASS_STX ? bit(in->src) : 0);
	if (OP_CLASS(in->code) != CLASS_STX || OP_MODE(in->code) != BPF_ATOMIC)
		return;
	if (in->imm == ATOMIC_LOAD_ACQ) {
		g->need = bit(in->src);
		g->set = bit(in->dst);
	} else if (in->imm == BPF_CMPXCHG) {
		g->need |= INIT_R0;
	}
}

static void guard_alu(const struct insn *in, struct guard *g)
{
	if (OP_ALU(in->code) != BPF_MOV)
		g->need = bit(in->dst);
	if (OP_SRC(in->code) && OP_ALU(in->code) != BPF_END)
		g->need |= bit(in->src);
	g->set = bit(in->dst);
}

struct guard insn_guard(const struct code *c, uint32_t slot, const struct vm_func *func)
{
	const struct insn *in = &c->insns[slot];
	struct guard g = { 0, 0, 0 };

	switch (OP_CLASS(in->code)) {
	case CLASS_LD:
		if (insn_is_imm64(in)) {
			g.set = bit(in->dst);
			break;
		}
		g.need = bit(6) | (OP_MODE(in->code) == BPF_IND ? bit(in->src) : 0);
		g.clear = INIT_ARGS;
		g.set = INIT_R0;
		break;
	case CLASS_LDX:
		g.need = bit(in->src);
		g.set = bit(in->dst);
		break;
	case CLASS_ST:
	case CLASS_STX:
		guard_stx(in, &g);
		break;
	case CLASS_JMP:
	case CLASS_JMP32:
		guard_jump(c, slot, func, &g);
		break;
	default:
		guard_alu(in, &g);
	}
	g.need &= ~INIT_R10;
	return g;
}
