// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loads, stores and atomics in the kernel's and LLVM's spelling. */
#include <errno.h>
#include <string.h>

#include "asm/core.h"
#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "asm/type.h"

/* --- operands --- */

/* The field of the instruction is the same in all of them. */
static int fail_offset(struct parser *p, const char *s, uint32_t len, int64_t off)
{
	src_error(p->src, lex_pos(&p->lex, s), len, "offset %lld does not fit 16 bits",
		  (long long)off);
	return src_hint(p->src, "offsets are -32768 to 32767; add the rest to the register");
}

/* `+ 4`, `- T.f` behind a register or variable. */
static int take_offset(struct parser *p, struct mem *m)
{
	struct value v = { .len = 0 };
	int64_t off;
	int err = 0;

	if (p->lex.tok.kind == '+' || p->lex.tok.kind == '-') {
		p->core_ok = !m->off;
		err = expr_sum(p, &v);
		p->core_ok = false;
		if (!err)
			err = value_in(p, &v, INT32_MIN, INT32_MAX, "an offset");
		if (err)
			return err;
		off = m->off + (int64_t)num_bits(v.num);
		if (off < INT16_MIN || off > INT16_MAX)
			return fail_offset(p, v.s, v.len, off);
		m->off = (int16_t)off;
		m->type = v.type;
		m->bitfield = v.bitfield;
		m->bit_off = v.bit_off;
		m->core = v.core;
	}
	return 0;
}

/* A variable of the frame, with what of it: slot, slot.f, slot[2], slot + 4. */
static int take_slot(struct parser *p, struct mem *m, const struct slot *slot)
{
	struct cfield f = { .type = slot->type };
	int64_t off;
	int err;

	lex_next(&p->lex);
	err = type_path(p, &f);
	if (err)
		return err;
	off = slot->off + (int64_t)f.off;
	if (off > INT16_MAX)
		return fail_offset(p, m->s, 1, off);
	m->reg = 10;
	m->off = (int16_t)off;
	err = take_offset(p, m);
	if (!m->type) {
		m->type = f.type;
		m->bitfield = f.bits;
		m->bit_off = f.bit_off;
	}
	return err;
}

/* A variable of another kind is told how it can be reached. */
static int fail_operand(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	const struct decl *d = decl_find(p, t);
	struct near near;

	if (t->kind != T_NAME)
		return fail_register(p);
	if (d && d->kind == DECL_VAR) {
		fail(p, t, "'%.*s' is not on the stack", (int)t->len, t->s);
		return src_hint(p->src, "load its address first: rN = &%.*s", (int)t->len, t->s);
	}
	near_begin(&near, t->s, t->len);
	near_table(p, &near, &p->scope.slot_names);
	return fail_unknown(p, t, "register or stack variable", &near);
}

int mem_take(struct parser *p, struct mem *m)
{
	const struct tok *t = &p->lex.tok;
	const struct symbol *slot;
	int err;

	memset(m, 0, sizeof(*m));
	m->s = t->s;
	if (t->kind == T_REG) {
		err = reg_take_wide(p, &m->reg);
		if (!err)
			err = take_offset(p, m);
	} else {
		slot = symtab_find(&p->scope.slot_names, t->s, t->len);
		if (t->kind != T_NAME || !slot)
			return fail_operand(p);
		err = take_slot(p, m, &p->scope.slots[slot->value]);
	}
	m->len = t->s > m->s ? (uint32_t)(t->s - m->s) : 1;
	return err;
}

static bool access_of_size(uint32_t size, struct access *a)
{
	static const uint8_t sizes[] = { [1] = SIZE_B, [2] = SIZE_H, [4] = SIZE_W, [8] = SIZE_DW };

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	a->size = sizes[size];
	return true;
}

/* `u32`, `s16`, and gas's `i16` */
static bool fast_access(const struct tok *t, struct access *a)
{
	char c = *t->s;
	uint32_t bits;

	if (t->kind != T_NAME || t->len > 3 || t->len < 2 || (c != 'u' && c != 's' && c != 'i'))
		return false;
	bits = t->s[1] - '0' + 0u;
	if (t->len == 3)
		bits = bits * 10 + (uint32_t)(t->s[2] - '0');
	a->sign = c != 'u' && bits != 64;
	return bits % 8 == 0 && access_of_size(bits / 8, a);
}

/* Numbers and pointers have a width; structs and arrays have many. */
static int access_of_type(struct parser *p, const struct tok *t, uint32_t type, struct access *a)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, type));
	int err = type_complete(p, type, t);

	if (err)
		return err;
	if (c->kind == CT_STRUCT || c->kind == CT_UNION || c->kind == CT_ARRAY ||
	    !access_of_size(c->size, a)) {
		fail(p, t, "this has %u bytes and is no number", c->size);
		return src_hint(p->src, "name one of its fields or elements, or write a cast");
	}
	a->sign = c->flags & CT_SIGNED && c->size < 8;
	a->bits = false;
	return 0;
}

/* Any type of C that is a pointer to a number. */
static int slow_cast(struct parser *p, struct access *a)
{
	struct tok t = p->lex.tok;
	const struct ctype *c;
	uint32_t type;
	int err = type_read(p, &type);

	if (err)
		return err;
	c = ctype_get(p->u->types, type);
	if (c->kind != CT_PTR)
		return fail(p, &t, "expected a pointer to a number, as in (u32 *)");
	return access_of_type(p, &t, c->ref, a);
}

/* `u32 *)` behind the parenthesis. */
static int cast_take(struct parser *p, struct access *a)
{
	int err;

	if (fast_access(&p->lex.tok, a)) {
		lex_next(&p->lex);
		err = need(p, '*', "'*'");
	} else {
		err = slow_cast(p, a);
	}
	return err ? err : need(p, ')', "')'");
}

/* The access that a field or variable has by itself. */
static int access_by_name(struct parser *p, const struct mem *m, struct access *a)
{
	struct tok t = { .s = m->s, .len = m->len };

	if (m->type && m->bitfield && a->bits)
		return 0;
	a->bits = false;
	if (m->type && m->bitfield)
		return fail(p, &t, "a bitfield of %u bits needs a cast, shifts and a mask",
			    m->bitfield);
	if (m->type)
		return access_of_type(p, &t, m->type, a);
	fail(p, &t, "how wide is this access?");
	return src_hint(p->src, "write a cast, as in *(u32 *)(...), or name a field or variable");
}

/* A register or variable behind the parenthesis, not a cast. */
static bool at_operand(const struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	uint32_t type;

	if (t->kind == T_REG || symtab_find(&p->scope.slot_names, t->s, t->len))
		return true;
	return t->kind == T_NAME && strchr(").[+-", lex_peek(&p->lex)) &&
	       !ctype_find(p->u->types, t->s, t->len, &type);
}

int access_take(struct parser *p, struct mem *m, struct access *a)
{
	bool by_name;
	int err = need(p, '(', "'('");

	if (err)
		return err;
	by_name = at_operand(p);
	if (!by_name) {
		a->bits = false;
		err = cast_take(p, a);
		if (!err && tok_is(&p->lex.tok, "skb"))
			return 0;
		if (!err)
			err = need(p, '(', "'('");
	}
	if (!err)
		err = mem_take(p, m);
	if (!err)
		err = need(p, ')', "')'");
	return !err && by_name ? access_by_name(p, m, a) : err;
}

int check_width(struct parser *p, const struct tok *t, bool narrow, uint8_t size)
{
	if (!narrow || size != SIZE_DW)
		return 0;
	return fail(p, t, "a w register has 32 bits, and this access 64");
}

/* --- loads --- */

/* `skb[14]`, `skb[r2 + 14]`: the token is skb. */
static int load_packet(struct parser *p, struct reg dst, const struct access *a)
{
	struct insn in = { .code = a->size };
	struct value v = { .len = 0 };
	int err;

	if (dst.n != 0 || a->sign || a->size == SIZE_DW)
		return fail(p, &p->lex.tok, "only r0 = *(u8, u16 or u32 *)skb[...] exists");
	lex_next(&p->lex);
	err = need(p, '[', "'['");
	if (err)
		return err;
	in.code |= isa_rows[p->lex.tok.kind == T_REG ? ROW_ldind : ROW_ldabs].code;
	if (p->lex.tok.kind == T_REG) {
		err = reg_take_wide(p, &in.src);
		v.num = num_u64(0);
		if (!err && (p->lex.tok.kind == '+' || p->lex.tok.kind == '-'))
			err = expr_sum(p, &v);
		else
			p->vague = F_IMM; /* LLVM leaves it out */
	} else {
		err = expr_read(p, &v);
	}
	if (!err && !num_in(v.num, INT32_MIN, INT32_MAX))
		err = value_in(p, &v, INT32_MIN, INT32_MAX, "an offset in the packet");
	if (!err)
		err = need(p, ']', "']'");
	if (err)
		return err;
	in.imm = (int32_t)num_bits(v.num);
	return emit(p, &in);
}

/* Before cpu v4 no load extends the sign: two shifts behind it do. */
static int load_then_extend(struct parser *p, const struct insn *load, uint8_t size)
{
	static const uint8_t spare[] = { [SIZE_B] = 56, [SIZE_H] = 48, [SIZE_W] = 32 };
	struct insn left = { .code = isa_rows[ROW_lsh].code, .dst = load->dst, .imm = spare[size] };
	struct insn right = { .code = isa_rows[ROW_arsh].code, .dst = load->dst, .imm = left.imm };
	int err = emit(p, load);

	if (!err)
		err = emit(p, &left);
	return err ? err : emit(p, &right);
}

int assign_load(struct parser *p, struct reg dst)
{
	struct insn in = { .dst = dst.n };
	struct tok t = p->lex.tok;
	struct access a = { .bits = true };
	struct mem m = { .reg = 0 };
	bool extends;
	int err;

	lex_next(&p->lex);
	err = access_take(p, &m, &a);
	if (err)
		return err;
	if (tok_is(&p->lex.tok, "skb"))
		return load_packet(p, dst, &a);
	if (a.bits)
		return dst.narrow ? fail(p, &t, "a bitfield is read into an r register")
				  : core_load_bits(p, dst.n, &m);
	err = check_width(p, &t, dst.narrow, a.size);
	if (!err && a.sign && dst.narrow)
		err = fail(p, &t, "a load that extends the sign fills an r register");
	extends = a.sign && p->u->cpu >= 4;
	in.code = isa_rows[extends ? ROW_ldsx : ROW_ldx].code | a.size;
	in.src = m.reg;
	in.off = m.off;
	if (err)
		return err;
	return a.sign && !extends ? load_then_extend(p, &in, a.size) : emit(p, &in);
}

/* --- stores --- */

static int store_register(struct parser *p, struct insn *in, uint8_t size)
{
	struct tok t = p->lex.tok;
	struct reg src;
	int err = reg_take(p, &src);

	if (!err)
		err = check_width(p, &t, src.narrow, size);
	in->code = isa_rows[ROW_stx].code | size;
	in->src = src.n;
	return err ? err : emit(p, in);
}

/* The number must fit what is stored, not only the field of the instruction. */
static int store_number(struct parser *p, struct insn *in, uint8_t size)
{
	unsigned int bits = size_bytes(size) * 8;
	struct value v = { .len = 0 };
	int err = 0;

	in->code = isa_rows[ROW_st].code | size;
	if (bits == 64)
		err = imm_take(p, IMM_SIGNED, &in->imm);
	else
		err = expr_in(p, &v, -((int64_t)1 << (bits - 1)), ((uint64_t)1 << bits) - 1,
			      "the value stored");
	if (!err && bits < 64)
		in->imm = (int32_t)num_bits(v.num);
	return err ? err : emit(p, in);
}

int stmt_store(struct parser *p)
{
	struct insn in = { .code = 0 };
	struct access a = { .size = 0 };
	struct mem m = { .reg = 0 };
	int err;

	lex_next(&p->lex);
	err = access_take(p, &m, &a);
	if (!err && tok_is(&p->lex.tok, "skb"))
		err = fail(p, &p->lex.tok, "the packet cannot be written this way");
	if (!err)
		err = need(p, '=', "'='");
	if (err)
		return err;
	in.dst = m.reg;
	in.off = m.off;
	return p->lex.tok.kind == T_REG ? store_register(p, &in, a.size)
					: store_number(p, &in, a.size);
}
