// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Atomic operations: lock, fetch, exchange, acquire and release. */
#include <errno.h>
#include <string.h>

#include "asm/emit.h"
#include "asm/parse.h"
#include "asm/stmt.h"

static int check_atomic_size(struct parser *p, const struct tok *t, uint8_t size)
{
	if (size == SIZE_W || size == SIZE_DW)
		return 0;
	fail(p, t, "atomic operations have 32 or 64 bits");
	return src_hint(p->src, "of 8 and 16 bits there are load_acquire and store_release");
}

/* The operand register, behind which the instruction is complete. */
static int emit_atomic(struct parser *p, const struct mem *m, uint8_t size, enum row_id row)
{
	struct insn in = { .code = isa_rows[row].code | size,
			   .dst = m->reg,
			   .off = m->off,
			   .imm = isa_rows[row].imm };
	struct tok t = p->lex.tok;
	struct reg src;
	int err = reg_take(p, &src);

	if (!err)
		err = check_width(p, &t, src.narrow, size);
	in.src = src.n;
	return err ? err : emit(p, &in);
}

/* --- lock --- */

/* The row of the same operation that also fetches: the lowest bit of imm says so. */
static enum row_id fetching(const struct isa_row *row)
{
	struct insn in = { .code = row->code, .imm = row->imm | 1 };

	return (enum row_id)(isa_find(&in) - isa_rows);
}

/* `lock *(u32 *)(r1 + 4) += r2`; one verifier's text has `fetch` behind it. */
static int lock_memory(struct parser *p)
{
	struct access a = { .size = 0 };
	struct tok t = p->lex.tok;
	uint32_t slot = p->at;
	struct mem m = { .reg = 0 };
	uint8_t row;
	int err;

	lex_next(&p->lex);
	err = access_take(p, &m, &a);
	if (!err)
		err = check_atomic_size(p, &t, a.size);
	if (err)
		return err;
	row = p->ops.lock[p->lex.tok.kind];
	if (!row--)
		return fail_expected(p, "+=, |=, &= or ^=");
	p->vague = F_IMM; /* older disassemblers print acquire and release so */
	lex_next(&p->lex);
	err = emit_atomic(p, &m, a.size, (enum row_id)row);
	if (!err && tok_is(&p->lex.tok, "fetch")) {
		lex_next(&p->lex);
		p->u->insns[slot].insn.imm = isa_rows[fetching(&isa_rows[row])].imm;
	}
	return err;
}

/* `add`, `add32`, `add64`: the operation and its size; NONE: none of these. */
static uint32_t find_locked(const struct tok *t, uint8_t *size)
{
	for (uint32_t row = 0; row < ROW_COUNT; row++) {
		const char *name = isa_rows[row].mnemonic;
		size_t len = strlen(name);
		uint8_t shape = isa_rows[row].shape;

		if ((shape != ATOMIC && shape != XCHG) || t->kind != T_NAME || t->len < len ||
		    memcmp(t->s, name, len) != 0)
			continue;
		*size = t->len == len + 2 && memcmp(t->s + len, "32", 2) == 0 ? SIZE_W : SIZE_DW;
		if (t->len == len || *size == SIZE_W ||
		    (t->len == len + 2 && memcmp(t->s + len, "64", 2) == 0))
			return row;
	}
	return NONE;
}

/* `[r1+4], r2` */
int atomic_operands(struct parser *p, uint8_t size, enum row_id row)
{
	struct mem m = { .reg = 0 };
	int err = need(p, '[', "'['");

	if (!err)
		err = mem_take(p, &m);
	if (!err)
		err = need(p, ']', "']'");
	if (!err)
		err = need(p, ',', "','");
	return err ? err : emit_atomic(p, &m, size, row);
}

int stmt_lock(struct parser *p, const struct word *w)
{
	bool fetch = false;
	uint32_t row;
	uint8_t size;

	(void)w;
	lex_next(&p->lex);
	if (p->lex.tok.kind == '*')
		return lock_memory(p);
	if (tok_is(&p->lex.tok, "fetch")) {
		fetch = true;
		lex_next(&p->lex);
	}
	row = find_locked(&p->lex.tok, &size);
	if (row == NONE)
		return fail_expected(p, "*(...), add, or, and, xor, xchg or cmpxchg");
	lex_next(&p->lex);
	if (fetch)
		row = fetching(&isa_rows[row]);
	return atomic_operands(p, size, (enum row_id)row);
}

/* --- those with a result --- */

/* What the name says of the size, against what the cast says. */
static int address_take(struct parser *p, struct mem *m, struct access *a, uint8_t named)
{
	struct tok t;
	int err = need(p, '(', "'('");

	if (err)
		return err;
	t = p->lex.tok;
	if (named & NO_CAST) {
		a->size = named & CODE_SIZE;
		return mem_take(p, m);
	}
	err = access_take(p, m, a);
	if (!err)
		err = check_atomic_size(p, &t, a->size);
	if (!err && named == SIZE_DW && a->size != SIZE_DW)
		err = fail(p, &t, "atomic64_ is of 64 bits, and this of 32");
	return err;
}

/* The register that must be given where the instruction has no choice. */
static int take_same(struct parser *p, struct reg want)
{
	struct tok t = p->lex.tok;
	struct reg r;
	int err = reg_take(p, &r);

	if (err || (r.n == want.n && r.narrow == want.narrow))
		return err;
	return fail(p, &t, "this must be %c%u", want.narrow ? 'w' : 'r', want.n);
}

/* `, r2`: fetch and exchange put the old value where the operand was. */
static int take_exchanged(struct parser *p, struct reg dst, uint8_t *src)
{
	int err = need(p, ',', "','");

	*src = dst.n;
	return err ? err : take_same(p, dst);
}

/* `, r0, r2`: a comparison is with r0, which gets the old value. */
static int take_compared(struct parser *p, struct reg dst, uint8_t *src)
{
	struct reg r = { 0, false };
	struct tok t;
	int err = need(p, ',', "','");

	if (!err)
		err = take_same(p, dst);
	if (!err)
		err = need(p, ',', "','");
	t = p->lex.tok;
	if (!err)
		err = reg_take(p, &r);
	if (!err && r.narrow != dst.narrow)
		err = fail(p, &t, "this register is not as wide as the result");
	*src = r.n;
	return err;
}

static int assign_fetch(struct parser *p, struct reg dst, const struct word *w)
{
	bool compares = w->row == ROW_cmpxchg;
	struct insn in = { .imm = isa_rows[w->row].imm };
	struct access a = { .size = 0 };
	struct tok t = p->lex.tok;
	struct mem m = { .reg = 0 };
	int err;

	lex_next(&p->lex);
	err = address_take(p, &m, &a, w->arg);
	if (!err)
		err = check_width(p, &t, dst.narrow, a.size);
	if (!err && compares && dst.n != 0)
		err = fail(p, &t, "the result of a compare and exchange is in r0");
	if (!err)
		err = compares ? take_compared(p, dst, &in.src) : take_exchanged(p, dst, &in.src);
	if (!err)
		err = need(p, ')', "')'");
	in.code = isa_rows[w->row].code | a.size;
	in.dst = m.reg;
	in.off = m.off;
	return err ? err : emit(p, &in);
}

static int assign_acquire(struct parser *p, struct reg dst)
{
	struct insn in = { .dst = dst.n, .imm = isa_rows[ROW_acquire].imm };
	struct access a = { .size = 0 };
	struct tok t = p->lex.tok;
	struct mem m = { .reg = 0 };
	int err;

	lex_next(&p->lex);
	err = need(p, '(', "'('");
	if (!err)
		err = access_take(p, &m, &a);
	if (!err)
		err = check_width(p, &t, dst.narrow, a.size);
	if (!err)
		err = need(p, ')', "')'");
	if (err)
		return err;
	in.code = isa_rows[ROW_acquire].code | a.size;
	in.src = m.reg;
	in.off = m.off;
	return emit(p, &in);
}

int assign_atomic(struct parser *p, struct reg dst, const struct word *w)
{
	return w->use == W_ACQUIRE ? assign_acquire(p, dst) : assign_fetch(p, dst, w);
}

int stmt_release(struct parser *p, const struct word *w)
{
	struct access a = { .size = 0 };
	struct mem m = { .reg = 0 };
	int err;

	lex_next(&p->lex);
	err = need(p, '(', "'('");
	if (!err)
		err = access_take(p, &m, &a);
	if (!err)
		err = need(p, ',', "','");
	if (!err)
		err = emit_atomic(p, &m, a.size, (enum row_id)w->row);
	return err ? err : need(p, ')', "')'");
}
