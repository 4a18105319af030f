// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tokens of the language. */
#include "asm/lex.h"

#include <string.h>

enum {
	LETTER = 1,
	DIGIT = 2,
	HEX = 4,
	DOT = 8,     /* in labels */
	SINGLE = 16, /* a token by itself */
	DOUBLE = 32, /* may be the start of a longer one */
	OTHER = 64,  /* quotes, %, and what may open a comment */
};

#define NAME_CHAR (LETTER | DIGIT)

/* What a character can be the start of, and whether it goes on in names and numbers. */
static const uint8_t classes[256] = {
	['0' ... '9'] = DIGIT | HEX,
	['a' ... 'f'] = LETTER | HEX,
	['A' ... 'F'] = LETTER | HEX,
	['g' ... 'z'] = LETTER,
	['G' ... 'Z'] = LETTER,
	['_'] = LETTER,
	['.'] = DOT | SINGLE,
	['$'] = DOT | SINGLE,
	['('] = SINGLE,
	[')'] = SINGLE,
	['['] = SINGLE,
	[']'] = SINGLE,
	['{'] = SINGLE,
	['}'] = SINGLE,
	[','] = SINGLE,
	['~'] = SINGLE,
	['?'] = SINGLE,
	['+'] = DOUBLE,
	['-'] = DOUBLE,
	['*'] = DOUBLE,
	['&'] = DOUBLE,
	['|'] = DOUBLE,
	['^'] = DOUBLE,
	['<'] = DOUBLE,
	['>'] = DOUBLE,
	['='] = DOUBLE,
	['!'] = DOUBLE,
	[':'] = DOUBLE,
	['"'] = OTHER,
	['\''] = OTHER,
	['%'] = OTHER,
	[';'] = OTHER,
	['/'] = OTHER,
	['#'] = OTHER,
};

static bool is_class(char c, unsigned int class)
{
	return classes[(unsigned char)c] & class;
}

bool lex_is_label_char(char c)
{
	return is_class(c, NAME_CHAR | DOT);
}

void lex_init(struct lex *l, const char *text, size_t len, uint32_t base)
{
	memset(l, 0, sizeof(*l));
	l->s = l->text = text;
	l->end = text + len;
	l->base = base;
	l->tok.kind = T_EOL;
	l->tok.s = text;
}

static void skip_to_newline(struct lex *l)
{
	const char *newline = memchr(l->s, '\n', (size_t)(l->end - l->s));

	l->s = newline ? newline : l->end;
}

/* The newline becomes the token, or the end of the text, which is no line. */
static void end_of_line(struct lex *l)
{
	l->tok.s = l->s;
	l->tok.len = 1;
	l->tok.kind = l->s < l->end ? T_EOL : T_EOF;
	l->s += l->s < l->end;
}

void lex_skip_line(struct lex *l)
{
	if (l->tok.kind == T_EOL || l->tok.kind == T_EOF)
		return;
	skip_to_newline(l);
	end_of_line(l);
}

/* -1: no register. */
static int register_number(const char *s, size_t len)
{
	int n;

	if (len == 2 && s[0] == 'f' && s[1] == 'p')
		return 10;
	if ((s[0] != 'r' && s[0] != 'w') || len < 2 || len > 3 || !is_class(s[1], DIGIT))
		return -1;
	n = s[1] - '0';
	if (len == 3) {
		if (n == 0 || !is_class(s[2], DIGIT))
			return -1;
		n = n * 10 + s[2] - '0';
	}
	return s[0] == 'w' ? n + REG_32 : n;
}

/* A name, unless it is that of a register. */
static void scan_name(struct lex *l, const char *s)
{
	const char *end = s;
	int reg;

	while (is_class(*end, NAME_CHAR))
		end++;
	reg = register_number(s, (size_t)(end - s));
	l->tok.kind = reg < 0 ? T_NAME : T_REG;
	l->tok.num = (uint64_t)reg;
	l->s = end;
}

static void bad(struct lex *l, const char *end, enum lex_error e)
{
	l->tok.kind = T_BAD;
	l->tok.num = e;
	l->s = end;
}

static unsigned int digit_value(char c)
{
	return c <= '9' ? (unsigned int)(c - '0') : (unsigned int)((c | 0x20) - 'a' + 10);
}

/* 0x1f, 0b11, 0o17 */
static unsigned int radix_of(const char *s)
{
	if (s[0] != '0')
		return 10;
	return s[1] == 'x' || s[1] == 'X' ? 16 : s[1] == 'b' ? 2 : s[1] == 'o' ? 8 : 10;
}

/* Digits up to the first that is none; what is glued to them makes the number bad. */
static void scan_radix(struct lex *l, const char *s, unsigned int radix)
{
	const char *first = s;
	uint64_t v = 0;
	bool over = false;

	for (; is_class(*s, HEX) && digit_value(*s) < radix; s++) {
		over |= __builtin_mul_overflow(v, radix, &v);
		over |= __builtin_add_overflow(v, digit_value(*s), &v);
	}
	if (s == first || is_class(*s, NAME_CHAR)) {
		while (is_class(*s, NAME_CHAR))
			s++;
		bad(l, s, LEX_NUMBER);
		return;
	}
	if (over) {
		bad(l, s, LEX_RANGE);
		return;
	}
	l->tok.kind = T_NUM;
	l->tok.num = v;
	l->tok.hex = radix != 10;
	l->s = s;
}

static void scan_number(struct lex *l, const char *s)
{
	unsigned int radix = radix_of(s);

	scan_radix(l, radix == 10 ? s : s + 2, radix);
	if (radix == 10 && l->tok.kind == T_NUM && *s == '0' && l->s - s > 1)
		bad(l, l->s, LEX_LEADING_ZERO);
}

/* The character behind a backslash at *s, which moves behind the sequence; -1: none of ours. */
static int escape(const char **s)
{
	static const char letters[] = "n\nt\tr\ra\ae\033\\\\\"\"''";
	char c = *(*s)++;

	if (c == '0')
		return 0;
	if (c == 'x') {
		const char *p = *s;

		if (!is_class(p[0], HEX) || !is_class(p[1], HEX))
			return -1;
		*s += 2;
		return (int)(digit_value(p[0]) * 16 + digit_value(p[1]));
	}
	for (const char *p = letters; *p; p += 2)
		if (*p == c)
			return (unsigned char)p[1];
	return -1;
}

/* 'a', with the quote at s; the text may end behind it. */
static void scan_char(struct lex *l, const char *s)
{
	const char *p = s + 1;
	int c = *p == '\'' || *p == '\n' || p == l->end ? -1 : (unsigned char)*p++;

	if (c == '\\')
		c = escape(&p);
	if (c < 0 || *p != '\'') {
		bad(l, s + 1, LEX_CHAR);
		return;
	}
	l->tok.kind = T_NUM;
	l->tok.num = (uint64_t)c;
	l->s = p + 1;
}

/* Finds the closing quote; what the escapes mean is left to lex_string(). */
static void scan_string(struct lex *l, const char *s)
{
	const char *p = s + 1;

	while (*p != '"') {
		if (*p == '\\' && p[1] != '\n' && p + 1 < l->end)
			p++;
		if (*p == '\n' || p >= l->end) {
			bad(l, p, LEX_STRING);
			return;
		}
		p++;
	}
	l->tok.kind = T_STR;
	l->s = p + 1;
}

long lex_string(const struct tok *t, char *to)
{
	const char *s = t->s + 1, *end = t->s + t->len - 1;
	char *start = to;

	while (s < end) {
		int c = (unsigned char)*s++;

		if (c == '\\')
			c = escape(&s);
		if (c < 0)
			return -1;
		*to++ = (char)c;
	}
	return to - start;
}

/* What a character becomes before '=', when doubled, and doubled before '='. */
static const struct {
	uint8_t set, twice, twice_set;
} operators[128] = {
	['+'] = { T_ADD_SET, 0, 0 },
	['-'] = { T_SUB_SET, 0, 0 },
	['*'] = { T_MUL_SET, 0, 0 },
	['/'] = { T_DIV_SET, 0, 0 },
	['%'] = { T_MOD_SET, 0, 0 },
	['^'] = { T_XOR_SET, 0, 0 },
	['='] = { T_EQ, 0, 0 },
	['!'] = { T_NE, 0, 0 },
	['&'] = { T_AND_SET, T_AND, 0 },
	['|'] = { T_OR_SET, T_OR, 0 },
	[':'] = { 0, T_COLONS, 0 },
	['<'] = { T_LE, T_SHL, T_SHL_SET },
	['>'] = { T_GE, T_SHR, T_SHR_SET },
};

/* The longest operator that begins at s. */
static void scan_operator(struct lex *l, const char *s)
{
	unsigned char c = (unsigned char)*s;

	l->tok.kind = c;
	l->s = s + 1;
	if (s[1] == '=' && operators[c].set) {
		l->tok.kind = operators[c].set;
		l->s = s + 2;
	} else if (s[1] == *s && operators[c].twice) {
		bool set = s[2] == '=' && operators[c].twice_set;

		l->tok.kind = set ? operators[c].twice_set : operators[c].twice;
		l->s = s + 2 + set;
	}
}

/* The register behind a %; otherwise it is the operator. */
static void scan_percent(struct lex *l, const char *s)
{
	if (is_class(s[1], LETTER)) {
		scan_name(l, s + 1);
		if (l->tok.kind == T_REG)
			return;
	}
	scan_operator(l, s);
}

/* `call f#1` has a number, `call f #1` a comment. */
static bool opens_comment(const struct lex *l, const char *s)
{
	switch (*s) {
	case ';':
		return !l->data;
	case '/':
		return s[1] == '/';
	case '#':
		return s == l->text || s[-1] == ' ' || s[-1] == '\t' || s[-1] == '\n';
	default:
		return false;
	}
}

static void scan_other(struct lex *l, const char *s)
{
	if (*s == '"')
		scan_string(l, s);
	else if (*s == '\'')
		scan_char(l, s);
	else if (*s == '%')
		scan_percent(l, s);
	else
		scan_operator(l, s);
}

/* The order of the questions is that of how often the answer is yes. */
void lex_next(struct lex *l)
{
	const char *s = l->s;
	unsigned int class;

	while (*s == ' ' || *s == '\t' || *s == '\r')
		s++;
	l->tok.s = s;
	l->tok.hex = false;
	class = classes[(unsigned char)*s];
	if (class & LETTER) {
		scan_name(l, s);
	} else if (class & DIGIT) {
		scan_number(l, s);
	} else if (class & SINGLE) {
		l->tok.kind = (uint8_t)*s;
		l->s = s + 1;
	} else if (class & DOUBLE) {
		scan_operator(l, s);
	} else if (*s == '\n' || s == l->end || opens_comment(l, s)) {
		l->s = s;
		skip_to_newline(l);
		end_of_line(l);
		return;
	} else if (class & OTHER) {
		scan_other(l, s);
	} else {
		bad(l, s + 1, LEX_BYTE);
	}
	l->tok.len = (uint32_t)(l->s - s);
}

bool tok_is(const struct tok *t, const char *word)
{
	return t->kind == T_NAME && strlen(word) == t->len && memcmp(t->s, word, t->len) == 0;
}

static const struct {
	const char *text, *hint;
} errors[] = {
	[LEX_BYTE] = { "unexpected character", NULL },
	[LEX_NUMBER] = { "bad number", "numbers are 10, 0xa, 0b1010, 0o12 or 'c'" },
	[LEX_LEADING_ZERO] = { "number with a leading zero",
			       "write 0o12 for octal, 10 for decimal" },
	[LEX_RANGE] = { "number of more than 64 bits", NULL },
	[LEX_STRING] = { "string without a closing quote", NULL },
	[LEX_CHAR] = { "bad character constant", "one character or escape: 'a', '\\n', '\\x7f'" },
};

const char *lex_error_text(enum lex_error e)
{
	return errors[e].text;
}

const char *lex_error_hint(enum lex_error e)
{
	return errors[e].hint;
}
