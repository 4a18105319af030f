// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions as they are written, in any of the spellings. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/isa_row.h"
#include "asm/unit.h"

struct chunk;
struct parser;
struct tok;
struct value;
struct word;

/* The lines up to `end`, and those of a program. */
int stmt_read(struct parser *p, const char *end);
int stmt_read_prog(struct parser *p, const struct chunk *c);

struct reg {
	uint8_t n;
	bool narrow; /* w */
};

/* Operands. */
int reg_take(struct parser *p, struct reg *r);
int reg_take_wide(struct parser *p, uint8_t *n); /* where w makes no sense */
int fail_register(struct parser *p);		 /* the token is none */
/* The immediate operand of a 64-bit or 32-bit instruction. */
enum imm_rule {
	IMM_SIGNED, /* of 64 bits: sign-extended, so that 0xffffffff would mean something else */
	IMM_BITS,   /* the same where dialects agree that hexadecimal numbers are bit patterns */
	IMM_NARROW, /* of 32 bits: either range */
};
int imm_take(struct parser *p, enum imm_rule rule, int32_t *imm);

/* Memory operands: reg + off, or a stack variable. */
struct mem {
	uint8_t reg;
	int16_t off;
	uint32_t type; /* of the field or variable that it names, 0: none */
	uint8_t bitfield;
	uint32_t bit_off;	     /* of that, in the struct whose field it is */
	const struct core_ref *core; /* the loader sets the offset */
	const char *s;		     /* what was written */
	uint32_t len;
};
int mem_take(struct parser *p, struct mem *m); /* inside the brackets */

/* How much is accessed, and whether a load extends its sign. */
struct access {
	uint8_t size; /* SIZE_x */
	bool sign;
	bool bits; /* set before: a bitfield may be read; after: it is one, and no more is known */
};
/* `(u32 *)(r1 + 4)`, `(r1 + T.f)`, `(slot)`; or `(u32 *)`, and the token is skb. */
int access_take(struct parser *p, struct mem *m, struct access *a);
/* A w register cannot hold 64 bits. */
int check_width(struct parser *p, const struct tok *t, bool narrow, uint8_t size);

/* Statements by their first token, which is the word or register. */
int stmt_register(struct parser *p);
int stmt_store(struct parser *p);
int stmt_lock(struct parser *p, const struct word *w);
int stmt_release(struct parser *p, const struct word *w);
int stmt_if(struct parser *p, const struct word *w);
int stmt_jump(struct parser *p, const struct word *w);
int stmt_callx(struct parser *p, const struct word *w);
int stmt_call(struct parser *p, const struct word *w);
int stmt_bare(struct parser *p, const struct word *w);
int stmt_raw(struct parser *p); /* .insn */
int stmt_ld_pseudo(struct parser *p, const struct word *w);
int stmt_stack(struct parser *p, const struct word *w);
int stmt_when(struct parser *p, const struct word *w);
int stmt_repeat(struct parser *p, const struct word *w);
int stmt_else(struct parser *p, const struct word *w); /* one that nothing goes before */
int stmt_mnemonic(struct parser *p, const struct word *w);

/* `{ ... }` behind a condition, whose instruction jumps where it holds; and what follows it. */
int block_if(struct parser *p, struct insn *in);
/* `if COND`, up to what is done then. */
int condition_read(struct parser *p, struct insn *in);

/* Parts of statements that others use. */
void note_refused(struct parser *p, const struct insn *in); /* operands no kernel takes */
int condition_operand(struct parser *p, struct insn *in, bool narrow);
int atomic_operands(struct parser *p, uint8_t size, enum row_id row); /* [r1+4], r2 */
struct uapi_helper;
int check_helper(struct parser *p, const struct uapi_helper *h, const struct tok *name);
int call_by_name(struct parser *p, const struct tok *name); /* -ENOENT without a complaint */
int fail_callee(struct parser *p, const struct tok *name);

/* What stands behind `rN =`, from its first token on. */
int assign_load(struct parser *p, struct reg dst);
int assign_atomic(struct parser *p, struct reg dst, const struct word *w);
int assign_address(struct parser *p, struct reg dst);	      /* & */
int assign_map(struct parser *p, struct reg dst);	      /* map[...] */
int assign_subprog(struct parser *p, struct reg dst);	      /* subprog[...] */
bool names_address(struct parser *p, const struct tok *name); /* of a map, variable ... */
int assign_symbol(struct parser *p, struct reg dst);	      /* name ll, of such a name */

/* A call with arguments, with `result =` in front or alone; the token is the name. */
bool is_callable(struct parser *p, const struct tok *name);
int stmt_sugar(struct parser *p);
int assign_call(struct parser *p, struct reg dst);
int assign_string(struct parser *p, struct reg dst); /* the address of a literal */
