// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the files of the parser share.
 *
 * A source is read twice.  First the declarations: their names are entered and the rest of them
 * is skipped, whatever it says, so that order does not matter; then each is read where it stands,
 * or earlier when another one asks for it (decl.c).  After that the instructions, which know all
 * names (stmt.c).  Functions return 0 or a negative errno: -EINVAL when the complaint has been
 * made, after which the line is given up; -ENOMEM.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/isa_row.h"
#include "asm/lex.h"
#include "asm/num.h"
#include "asm/ops.h"
#include "asm/scope.h"
#include "asm/src.h"
#include "asm/symtab.h"
#include "asm/unit.h"
#include "asm/words.h"
#include "core/buf.h"
#include "core/near.h"

#define MAX_DEPTH 100 /* expressions, types, initial values inside each other; declarations */
#define MAX_INCLUDE_DEPTH 16

enum decl_kind {
	DECL_CONST,
	DECL_ENUMERATOR,
	DECL_TYPE, /* struct, union, enum, event */
	DECL_MAP,
	DECL_VAR,
	DECL_PROG,
	DECL_FUNC,
	DECL_EXTERN,
	DECL_MACRO,
	DECL_ATTACH,
};

struct decl {
	uint8_t kind, use; /* use: of the keyword, enum word_use */
	enum { DECL_TODO, DECL_BUSY, DECL_DONE, DECL_FAILED } state;
	uint32_t nr; /* in its array of the unit; the type; the ordinal of an enumerator */
	uint32_t of; /* the enum of an enumerator */
	struct tok name;
	uint32_t pos;	  /* of the name */
	struct lex at;	  /* where the rest of it is read */
	struct num value; /* of a constant */
};

/* Instructions to be read: of a program, or between the declarations of a bare source. */
struct chunk {
	struct lex at;
	const char *end;
	uint32_t prog; /* NONE: bare */
};

struct macro {
	const char *name;
	struct tok *params;
	uint32_t nr_params;
	const char *body, *end; /* between the braces */
	uint32_t pos;		/* of the body */
};

/* What a line of a dump says of its bytes: the opcode, one slot, or two. */
struct expect {
	uint8_t bytes[2 * INSN_SIZE];
	uint8_t n; /* 0: nothing */
	uint32_t pos, len;
};

struct parser {
	struct lex lex;
	struct src *src;
	const struct asm_options *opts;
	struct unit *u;
	struct words words;
	struct ops ops;
	unsigned int depth, include_depth;
	bool no_memory; /* fail_memory() was called */
	bool has_marks; /* REF_RAW or REF_HOLE is in a vinsn.ref */

	struct decl *decls;
	size_t nr_decls, cap_decls;
	struct symtab names;   /* of everything but types: index in decls */
	struct symtab types;   /* declared types: index in decls, by the number of the type */
	struct symtab uapi;    /* constants and helpers; filled when first asked for */
	struct symtab strings; /* literals: offset in string_bytes */
	struct buf string_bytes;
	uint64_t init_bytes;	/* of initial values, of which a short source could ask for many */
	struct symtab included; /* paths: 1 while being read, 2 after */
	struct chunk *chunks;
	size_t nr_chunks, cap_chunks;
	size_t cap_progs, cap_maps, cap_vars, cap_externs, cap_events, cap_insns, cap_cores,
		cap_attaches;

	struct macro *macros;
	size_t nr_macros, cap_macros;
	unsigned int made_depth; /* macros that are being expanded */
	uint32_t nr_made;	 /* expansions so far, which number their labels */
	size_t made_bytes;
	uint32_t call_pos; /* of the outermost of them, 0: none */

	struct test_block *tests; /* in file order */
	size_t nr_tests, cap_tests;
	struct symtab test_names;

	struct scope scope;
	struct symtab kernel_types; /* by id: type */
	struct symtab kernel_names; /* by name: type */

	/* Of the line being read. */
	struct expect expect;
	bool from_dump;	   /* it has an index or an opcode in front */
	const char *below; /* behind the line of bytes that follows it, if one does */
	uint8_t vague;	   /* F_x: fields that its text does not tell, so that its bytes may */
	uint32_t stmt_pos; /* where the statement begins */
	uint32_t at;	   /* slot the next instruction goes to */
	bool core_ok;	   /* what is read next may be a value that the loader sets, once */
	const struct core_ref *core; /* and it was: the next instruction has it */
};

/* Complaints (parse.c).  The token is marked. */
__attribute__((format(printf, 3, 4))) int fail(struct parser *p, const struct tok *t,
					       const char *fmt, ...);
int fail_expected(struct parser *p, const char *what); /* "expected %s, not ..." */
int fail_unknown(struct parser *p, const struct tok *t, const char *kind, const struct near *n);
int fail_memory(struct parser *p);

/* Candidates for fail_unknown(). */
void near_words(struct parser *p, struct near *n, enum word_use from, enum word_use to);
void near_decls(struct parser *p, struct near *n, unsigned int kinds); /* bits 1 << DECL_x */
void near_table(struct parser *p, struct near *n, const struct symtab *t);

/* Tokens. */
static inline uint32_t pos_of(const struct parser *p, const struct tok *t)
{
	bool is_here = t->s >= p->lex.text && t->s <= p->lex.end;

	return is_here ? lex_pos(&p->lex, t->s) : src_pos(p->src, t->s);
}
static inline bool at_end(const struct parser *p)
{
	return p->lex.tok.kind == T_EOL || p->lex.tok.kind == T_EOF;
}
bool accept(struct parser *p, int kind);
int need(struct parser *p, int kind, const char *what);
int enter(struct parser *p); /* one level deeper; leave() only after 0 */
static inline void leave(struct parser *p)
{
	p->depth--;
}
