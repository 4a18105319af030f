// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Braces among instructions: if and else at run time, when and else at assembly time. */
#include <errno.h>
#include <stdlib.h>

#include "asm/decl.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "core/mem.h"

/* The lines between the braces, or none of them; the token is the first brace, then what follows.
 */
static int block(struct parser *p, bool wanted)
{
	const char *close = p->lex.tok.kind == '{' ? decl_block(p) : NULL;
	int err = close ? 0 : -EINVAL;

	if (p->lex.tok.kind != '{')
		return fail_expected(p, "'{'");
	if (!err)
		err = enter(p);
	if (err)
		return err;
	if (wanted)
		err = stmt_read(p, close);
	leave(p);
	p->expect.n = 0;
	p->from_dump = false;
	p->below = NULL;
	p->lex.s = close;
	lex_next(&p->lex);
	lex_next(&p->lex);
	return err;
}

/* --- when --- */

int stmt_when(struct parser *p, const struct word *w)
{
	bool done = false;

	for (;;) {
		struct value v = { .len = 0 };
		bool has_condition = tok_is(&p->lex.tok, "when");
		int err = 0;

		if (has_condition) {
			lex_next(&p->lex);
			err = expr_read(p, &v);
		}
		if (!err)
			err = block(p, !done && (!has_condition || v.num.mag));
		done |= !has_condition || v.num.mag;
		if (err || !has_condition || !tok_is(&p->lex.tok, "else"))
			return err;
		lex_next(&p->lex);
		if (!tok_is(&p->lex.tok, "when") && p->lex.tok.kind != '{')
			return fail_expected(p, "'{' or when");
	}
	(void)w;
}

int stmt_else(struct parser *p, const struct word *w)
{
	(void)w;
	fail(p, &p->lex.tok, "'else' without an 'if' or 'when' in front");
	return src_hint(p->src, "it stands behind the brace that closes theirs: } else {");
}

/* --- if --- */

/* The comparison that holds when this one does not; 0: there is none. */
static uint8_t inverse(uint8_t code)
{
	static const uint8_t pairs[16] = {
		[0x1] = 0x5, [0x5] = 0x1, [0x2] = 0xb, [0xb] = 0x2, [0x3] = 0xa,
		[0xa] = 0x3, [0x6] = 0xd, [0xd] = 0x6, [0x7] = 0xc, [0xc] = 0x7,
	};

	return (uint8_t)(pairs[code >> 4] << 4 | (pairs[code >> 4] ? code & 0xf : 0));
}

/* A jump that is taken when the condition does not hold; where it goes is filled in later. */
static int jump_over(struct parser *p, struct insn *in, uint32_t *slot)
{
	struct insn hop = *in, go = { .code = isa_rows[ROW_ja].code };
	int err;

	hop.code = inverse(in->code);
	if (hop.code && isa_cpu(&hop) <= p->u->cpu) {
		*slot = p->at;
		return emit(p, &hop);
	}
	in->off = 1;
	err = emit(p, in);
	*slot = p->at;
	return err ? err : emit(p, &go);
}

/* What follows the braces of a chain of if and else if; *over leads there. */
static int chain(struct parser *p, struct insn *in, uint32_t **ends, size_t *n)
{
	struct insn go = { .code = isa_rows[ROW_ja].code };
	uint32_t over, from;
	size_t cap = 0;
	int err;

	for (;;) {
		err = jump_over(p, in, &over);
		from = (uint32_t)p->u->nr_insns;
		if (!err)
			err = block(p, true);
		p->at = (uint32_t)p->u->nr_insns;
		if (err || !tok_is(&p->lex.tok, "else"))
			return err ? err : emit_patch(p, over);
		lex_next(&p->lex);
		if (emit_falls(p, from)) {
			if (array_grow(ends, *n, &cap, sizeof(**ends)) != 0)
				return fail_memory(p);
			(*ends)[(*n)++] = p->at;
			err = emit(p, &go);
		}
		if (!err)
			err = emit_patch(p, over);
		if (err || !tok_is(&p->lex.tok, "if"))
			return err ? err : block(p, true);
		*in = (struct insn){ 0 };
		err = condition_read(p, in);
		if (err)
			return err;
	}
}

int block_if(struct parser *p, struct insn *in)
{
	auto_free uint32_t *ends = NULL;
	size_t n = 0;
	int err = chain(p, in, &ends, &n);

	p->at = (uint32_t)p->u->nr_insns;
	for (size_t i = 0; i < n && !err; i++)
		err = emit_patch(p, ends[i]);
	return err;
}
