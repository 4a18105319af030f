// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What single instructions do to what is known. */
#include <string.h>

#include "asm/flow.h"
#include "asm/isa_row.h"
#include "asm/src.h"
#include "uapi/names.h"

/* --- the stack --- */

static void drop_spills(struct flow *f, int32_t off, int32_t size)
{
	for (int i = 0; i < FLOW_SPILLS; i++)
		if (f->s.spills[i].off && f->s.spills[i].off < off + size &&
		    f->s.spills[i].off + 8 > off)
			f->s.spills[i] = (struct spill){ .off = 0 };
}

static void spill(struct flow *f, int32_t off, const struct val *v)
{
	drop_spills(f, off, 8);
	for (int i = 0; i < FLOW_SPILLS; i++)
		if (!f->s.spills[i].off) {
			f->s.spills[i] = (struct spill){ .off = off, .v = *v };
			return;
		}
	if (v->kind == V_RECORD)
		state_drop_record(&f->s, v->from);
}

static struct val fill(const struct flow *f, int32_t off)
{
	for (int i = 0; i < FLOW_SPILLS; i++)
		if (f->s.spills[i].off == off)
			return f->s.spills[i].v;
	return (struct val){ .kind = V_ANY };
}

/* --- memory --- */

static bool is_scalar_context(const struct flow *f)
{
	return f->prog_type == UAPI_PROG_kprobe || f->prog_type == UAPI_PROG_tracepoint ||
	       f->prog_type == UAPI_PROG_raw_tracepoint || f->prog_type == UAPI_PROG_perf_event;
}

static void check_packet(struct flow *f, uint8_t reg, int32_t off, int32_t size)
{
	const struct val *v = &f->s.regs[reg];
	int32_t at = v->off + off;

	if (at + size <= v->range)
		return;
	if (!flow_warn(f, "packet-bounds",
		       size == 1 ? "byte %d behind this packet pointer has not been compared "
				   "with data_end"
				 : "bytes %d to %d behind this packet pointer have not been "
				   "compared with data_end",
		       at, at + size - 1))
		return;
	src_hint(f->u->src,
		 "the verifier would say: invalid access to packet, off=%d size=%d, "
		 "R%u(id=..,off=%d,r=%d)",
		 at, size, reg, v->off, v->range);
}

static void check_frame(struct flow *f, uint8_t reg, int32_t off, int32_t size)
{
	int32_t at = f->s.regs[reg].off + off;

	if (at >= -STACK_SIZE && at + size <= 0)
		return;
	if (flow_warn(f, "frame-overflow", "this is outside of the %d bytes of the stack",
		      STACK_SIZE))
		src_hint(f->u->src, "the verifier would say: invalid %s stack R%u off=%d size=%d",
			 (f->in[f->at].insn.code & 7) == 1 ? "read from" : "write to", reg, at,
			 size);
}

static void check_null(struct flow *f, uint8_t reg)
{
	struct val *v = &f->s.regs[reg];
	bool is_value = v->kind == V_VALUE;
	uint32_t from = v->from;

	if (!v->maybe_null)
		return;
	if (flow_warn(f, "null-check", "r%u is used before it is compared with 0: %s", reg,
		      is_value ? "the key may not be there"
			       : "there may be no room for the record")) {
		src_hint(f->u->src, "the verifier would say: R%u invalid mem access '%s_or_null'",
			 reg, is_value ? "map_value" : "ringbuf_mem");
		src_note(f->u->src, f->in[from - 1].pos, 1, "it is from here");
	}
	v->maybe_null = false;
}

static void check_access(struct flow *f, uint8_t reg, int32_t off, int32_t size)
{
	if (flow_read(f, reg))
		return;
	switch (f->s.regs[reg].kind) {
	case V_PACKET:
		check_packet(f, reg, off, size);
		break;
	case V_FRAME:
		check_frame(f, reg, off, size);
		break;
	case V_VALUE:
	case V_RECORD:
		check_null(f, reg);
		break;
	case V_NUM:
		if (!val_is_const(&f->s.regs[reg]) || f->s.regs[reg].umin)
			break;
		if (flow_warn(f, "null-check", "r%u is 0 here, and no address", reg))
			src_hint(f->u->src,
				 "the verifier would say: R%u invalid mem access 'scalar'", reg);
		f->s.regs[reg] = (struct val){ .kind = V_ANY };
		break;
	default:
		break;
	}
}

/* What a load gives: data and data_end of the context are pointers. */
static struct val loaded(struct flow *f, const struct insn *in)
{
	const struct val *base = &f->s.regs[in->src];
	uint32_t size = size_bytes(in->code), slot = f->at + 1;
	int32_t off = base->off + in->off;
	struct val v = val_number(slot);

	if (size < 8 && (in->code & 0xe0) == 0x60)
		v.umax = v.smax = (int64_t)((1ull << size * 8) - 1), v.smin = 0;
	switch (base->kind) {
	case V_FRAME:
		return size == 8 ? fill(f, off) : (struct val){ .kind = V_ANY };
	case V_CTX:
		if (off == f->data)
			return (struct val){ .kind = V_PACKET, .from = UINT32_MAX };
		if (off == f->data_end)
			return (struct val){ .kind = V_END };
		if (off == f->data_meta)
			return (struct val){ .kind = V_ANY };
		if (size == 8 && !is_scalar_context(f))
			return (struct val){ .kind = V_ANY };
		return v;
	case V_VALUE:
		if (size == 8) /* may be a pointer */
			return (struct val){ .kind = V_ANY };
		return v;
	case V_PACKET:
	case V_RECORD:
		return v;
	default:
		if (!base->from)
			return (struct val){ .kind = V_ANY };
		v.from = FLOW_VARIABLE | (base->from << 12 & 0x7ffff000) | ((uint32_t)off & 0xfff);
		return v;
	}
}

/* A value that is stored where it is not followed may be used from there. */
static void escape(struct flow *f, uint8_t reg)
{
	const struct val *v = &f->s.regs[reg];

	if (v->kind == V_RECORD)
		state_drop_record(&f->s, v->from);
}

static void store(struct flow *f, const struct insn *in, const struct val *v)
{
	const struct val *base = &f->s.regs[in->dst];
	int32_t size = (int32_t)size_bytes(in->code);

	if (base->kind == V_FRAME && size == 8)
		spill(f, base->off + in->off, v);
	else if (base->kind == V_FRAME)
		drop_spills(f, base->off + in->off, size);
	else if (base->kind == V_ANY)
		drop_spills(f, -STACK_SIZE, STACK_SIZE);
}

/* Atomics: what they return is a number; 0x1 in imm says that they do. */
static void atomic(struct flow *f, const struct insn *in)
{
	struct val n = val_number(f->at + 1);

	if (in->imm == 0x100) { /* load_acquire: a plain load */
		check_access(f, in->src, in->off, (int32_t)size_bytes(in->code));
		f->s.regs[in->dst] = (struct val){ .kind = V_ANY };
		return;
	}
	flow_read(f, in->src);
	check_access(f, in->dst, in->off, (int32_t)size_bytes(in->code));
	escape(f, in->src);
	store(f, in, &(struct val){ .kind = V_ANY });
	if ((in->imm & 0xf0) == 0xf0) {
		flow_read(f, 0);
		f->s.regs[0] = (struct val){ .kind = V_ANY };
	} else if (in->imm & 1) {
		f->s.regs[in->src] = n;
	}
}

/* --- by class --- */

static void load_store(struct flow *f, const struct insn *in)
{
	uint8_t class = in->code & 7, mode = in->code & 0xe0;
	int32_t size = (int32_t)size_bytes(in->code);

	if (class == 1) {
		check_access(f, in->src, in->off, size);
		f->s.regs[in->dst] = loaded(f, in);
	} else if (class == 2) {
		check_access(f, in->dst, in->off, size);
		store(f, in, &(struct val){ .kind = V_ANY });
	} else if (mode == 0xc0) {
		atomic(f, in);
	} else {
		flow_read(f, in->src);
		check_access(f, in->dst, in->off, size);
		if (f->s.regs[in->dst].kind != V_FRAME)
			escape(f, in->src);
		store(f, in, &f->s.regs[in->src]);
	}
}

/* ld_imm64, and the packet loads that have a register in common with calls. */
static void load_special(struct flow *f, const struct vinsn *v)
{
	const struct insn *in = &v->insn;
	struct val *to = &f->s.regs[in->dst];

	if (in->code != INSN_LD_IMM64) {
		flow_read(f, 6);
		if ((in->code & 0xe0) == 0x40)
			flow_read(f, in->src);
		for (int i = 1; i <= 5; i++)
			f->s.regs[i] = (struct val){ .kind = V_LOST, .from = f->at };
		f->s.regs[0] = val_number(f->at + 1);
		return;
	}
	*to = (struct val){ .kind = V_ANY };
	if (v->kind == REF_MAP && in->src != PSEUDO_MAP_VALUE)
		*to = (struct val){ .kind = V_MAP, .from = v->ref };
	else if (v->kind == REF_VAR)
		to->from = v->ref + 1, to->off = in->imm;
	else if (v->kind == REF_NONE && in->src == 0)
		*to = val_const((uint64_t)(uint32_t)v[1].insn.imm << 32 | (uint32_t)in->imm);
}

/* The loader may put another number in the place of this one. */
static bool is_relocated(const struct flow *f)
{
	const struct unit *u = f->u;
	uint32_t insn = f->prog->first + f->at;
	size_t lo = 0, hi = u->nr_cores;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (u->cores[mid].insn < insn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < u->nr_cores && u->cores[lo].insn == insn;
}

static void compute(struct flow *f, const struct insn *in)
{
	uint8_t op = in->code & 0xf0;
	bool narrow = is_32bit(in->code), unary = op == 0x80 || op == 0xd0;
	struct val b = val_const(narrow ? (uint32_t)in->imm : (uint64_t)(int64_t)in->imm);
	struct val *dst = &f->s.regs[in->dst];

	if (in->code & CODE_REG && !unary) {
		flow_read(f, in->src);
		b = f->s.regs[in->src];
	} else if (f->u->nr_cores && is_relocated(f)) {
		b = (struct val){ .kind = V_ANY };
	}
	if (op != 0xb0)
		flow_read(f, in->dst);
	if (op != 0xb0 && (dst->kind == V_VALUE || dst->kind == V_RECORD))
		check_null(f, in->dst);
	if (in->dst == 10)
		return; /* refused anyhow */
	if (op == 0xb0 && in->off)
		*dst = val_number(f->at + 1);
	else if (op == 0xb0 && narrow && in->code & CODE_REG)
		*dst = b.kind == V_NUM && b.umax <= UINT32_MAX ? b : (struct val){ .kind = V_ANY };
	else if (op == 0xb0)
		*dst = b;
	else if (unary)
		*dst = dst->kind == V_NUM ? val_number(f->at + 1) : (struct val){ .kind = V_ANY };
	else
		*dst = val_alu(dst, &b, in->code, f->at + 1);
}

void flow_follow(struct flow *f)
{
	const struct vinsn *v = &f->in[f->at];

	switch (v->insn.code & 7) {
	case 0:
		load_special(f, v);
		break;
	case 1:
	case 2:
	case 3:
		load_store(f, &v->insn);
		break;
	default:
		compute(f, &v->insn);
	}
}
