// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text to tokens, one at a time, without memory: a token points into the text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A token of one character is that character. */
enum tok_kind {
	T_EOF = 0,
	T_EOL = '\n',
	T_NAME = 128,
	T_REG, /* r0 ... r99, w0 ... w99, fp; with or without % */
	T_NUM, /* 7, 0x7, 0b1, 0o7, 'c' */
	T_STR, /* "text"; lex_string() decodes it */
	T_BAD, /* num is an enum lex_error; reported when it is in somebody's way */
	T_SHL,
	T_SHR,
	T_LE,
	T_GE,
	T_EQ,
	T_NE,
	T_AND, /* && */
	T_OR,
	T_COLONS, /* :: */
	/* += and so on: T_ADD_SET to T_SHR_SET */
	T_ADD_SET,
	T_SUB_SET,
	T_MUL_SET,
	T_DIV_SET,
	T_MOD_SET,
	T_AND_SET,
	T_OR_SET,
	T_XOR_SET,
	T_SHL_SET,
	T_SHR_SET,
};

enum lex_error {
	LEX_BYTE,	  /* a byte no token starts with */
	LEX_NUMBER,	  /* 12abc */
	LEX_LEADING_ZERO, /* 012 */
	LEX_RANGE,	  /* 2^64 and more */
	LEX_STRING,	  /* no closing quote */
	LEX_CHAR,	  /* 'ab' */
};

#define REG_32 128 /* added to num of T_REG for w registers */

struct tok {
	const char *s;
	uint32_t len;
	uint8_t kind;
	bool hex;     /* of T_NUM: not decimal, so that it may stand for bits */
	uint64_t num; /* of T_NUM; the number of T_REG */
};

struct lex {
	const char *s; /* behind tok */
	const char *text, *end;
	uint32_t base; /* position of text[0] */
	bool data;     /* inside a data declaration: ';' separates instead of opening a comment */
	struct tok tok;
};

/* text[len] must be 0.  There is no token before the first lex_next(). */
void lex_init(struct lex *l, const char *text, size_t len, uint32_t base);
void lex_next(struct lex *l);

/* To the start of the next line; tok becomes what ended this one. */
void lex_skip_line(struct lex *l);

static inline uint32_t lex_pos(const struct lex *l, const char *s)
{
	return l->base + (uint32_t)(s - l->text);
}

/* The next character that is no blank, without taking it. */
static inline char lex_peek(const struct lex *l)
{
	const char *s = l->s;

	while (*s == ' ' || *s == '\t')
		s++;
	return *s;
}

static inline bool tok_is_name(const struct tok *t) /* fields may be called r10 */
{
	return t->kind == T_NAME || (t->kind == T_REG && *t->s != '%');
}

bool tok_is(const struct tok *t, const char *word);

bool lex_is_label_char(char c); /* of labels: letters, digits, _ . $ */

/* Decodes a T_STR into `to` (at least tok.len bytes); the length, or -1 for a bad escape. */
long lex_string(const struct tok *t, char *to);

const char *lex_error_text(enum lex_error e);
const char *lex_error_hint(enum lex_error e); /* or NULL */
