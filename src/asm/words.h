// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The words of the language: mnemonics, read off isa.def, and keywords. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum word_use {
	/* mnemonics; row and arg say which instruction and which variant */
	W_ALU,	  /* add r1, 5; arg: bits of the code to flip */
	W_NEG,	  /* neg r1 */
	W_MOVSX,  /* movsx864 r1, r2 */
	W_MOVS,	  /* movs r1, r2, 8 */
	W_END,	  /* le16 r1, also r1 = le16 r1; arg: width */
	W_ENDLE,  /* endle r1, 16 */
	W_LOAD,	  /* ldxw r1, [r2+4]; arg: size */
	W_STORE,  /* stw [r1+4], 7 */
	W_PACKET, /* ldabsw 14 */
	W_LDDW,	  /* lddw r1, 5 */
	W_XADD,	  /* aadd [r1+4], r2; arg: size */
	W_JUMP,	  /* goto, ja, gotol, may_goto */
	W_JCOND,  /* jeq r1, 5, +3 */
	W_CALL,	  /* call */
	W_CALLX,  /* callx r1, gotox r1 */
	W_BARE,	  /* exit */
	/* statements of the kernel's spelling */
	W_IF,
	W_LOCK,
	W_RELEASE,  /* store_release(...) */
	W_LDPSEUDO, /* ld_pseudo r1, 1, 7 */
	W_WHEN,
	W_REPEAT,
	W_ELSE,
	W_STACK,
	/* behind = */
	W_FETCH, /* atomic_fetch_add; arg: SIZE_DW for atomic64_ only, else ANY_SIZE */
	W_XCHG,	 /* atomic_xchg, xchg32_32 */
	W_ACQUIRE,
	W_CAST,
	W_SUBPROG,
	/* declarations */
	W_LICENSE,
	W_INCLUDE,
	W_CONST,
	W_STRUCT,
	W_UNION,
	W_ENUM,
	W_EVENT,
	W_MAP, /* also behind = */
	W_DATA,
	W_RODATA,
	W_BSS,
	W_PROG,
	W_FUNC,
	W_KFUNC,
	W_KSYM,
	W_KCONFIG,
	W_TEST,
	W_MACRO,
	W_STRUCT_OPS,
	W_ATTACH,
	W_OBJECT,  /* what a file of tests is about */
	W_PROGRAM, /* the same, a source */
	W_USES,
};

/* arg of the atomics: what the name says of size and spelling. */
enum {
	ANY_SIZE = 1, /* atomic_x: as the cast says; both sizes have been written so */
	NO_CAST = 2,  /* xchg_64(r1 + 0, r2): the size is in the name */
};

struct word {
	char name[20];
	uint8_t use; /* enum word_use */
	uint8_t row; /* enum row_id */
	uint8_t arg;
};

#define WORDS_SLOTS 1024

struct words {
	uint16_t slots[WORDS_SLOTS]; /* index + 1, 0: free */
	uint32_t declares[26];	     /* by first letter: the second letters of declarations */
};

/* Whether a line could begin with a declaration; nearly all others are told apart by this. */
static inline bool words_may_declare(const struct words *w, const char *line)
{
	unsigned int first = (unsigned char)line[0] - 'a' + 0u, second;

	if (first >= 26)
		return false;
	second = (unsigned char)line[1] - 'a' + 0u;
	return second < 26 && w->declares[first] >> second & 1;
}

void words_init(struct words *w);
const struct word *words_find(const struct words *w, const char *s, size_t len); /* or NULL */

/* All of them, for suggestions. */
const struct word *words_all(size_t *n);
