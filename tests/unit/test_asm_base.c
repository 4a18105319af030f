// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the parser stands on: exact integers, tokens, names, memory, nearest spellings, words. */
#include "test.h"

#include <stdint.h>
#include <stdlib.h>

#include "asm/isa_row.h"
#include "asm/lex.h"
#include "asm/num.h"
#include "asm/pool.h"
#include "asm/symtab.h"
#include "asm/words.h"
#include "core/near.h"

/* --- num --- */

static struct num n(int64_t v)
{
	return num_s64(v);
}

static void check_num(int op, struct num a, struct num b, struct num want)
{
	struct num got;

	CHECK_INT(num_binary(op, a, b, &got), NUM_OK);
	if (got.mag != want.mag || got.neg != want.neg)
		FAIL("%s%llu %d %s%llu is %s%llu", a.neg ? "-" : "", (unsigned long long)a.mag, op,
		     b.neg ? "-" : "", (unsigned long long)b.mag, got.neg ? "-" : "",
		     (unsigned long long)got.mag);
}

static void numbers_agree_with_c(void)
{
	static const int64_t values[] = { 0, 1,	 -1,  2,     -2,	 3,
					  7, -8, 100, -1000, 0x7fffffff, -0x80000000LL };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			int64_t a = values[i], b = values[j];

			check_num('+', n(a), n(b), n(a + b));
			check_num('-', n(a), n(b), n(a - b));
			check_num('*', n(a), n(b), n(a * b));
			check_num('&', n(a), n(b), n(a & b));
			check_num('|', n(a), n(b), n(a | b));
			check_num('^', n(a), n(b), n(a ^ b));
			check_num('<', n(a), n(b), n(a < b));
			check_num('>', n(a), n(b), n(a > b));
			check_num(T_LE, n(a), n(b), n(a <= b));
			check_num(T_GE, n(a), n(b), n(a >= b));
			check_num(T_EQ, n(a), n(b), n(a == b));
			check_num(T_NE, n(a), n(b), n(a != b));
			check_num(T_AND, n(a), n(b), n(a && b));
			check_num(T_OR, n(a), n(b), n(a || b));
			if (b) {
				check_num('/', n(a), n(b), n(a / b));
				check_num('%', n(a), n(b), n(a % b));
			}
			if (b >= 0 && b < 20) {
				check_num(T_SHL, n(a), n(b), n(a * (1 << b)));
				check_num(T_SHR, n(a), n(b), n(a >> b));
			}
		}
}

static void numbers_have_two_ends(void)
{
	static const struct {
		int op;
		struct num a, b;
		enum num_status status;
	} cases[] = {
		{ '+', { UINT64_MAX, false }, { 1, false }, NUM_OVERFLOW },
		{ '+', { UINT64_MAX, false }, { 1, true }, NUM_OK },
		{ '-', { 1ULL << 63, true }, { 1, false }, NUM_OVERFLOW },
		{ '-', { 0, false }, { 1ULL << 63, false }, NUM_OK },
		{ '-', { 0, false }, { (1ULL << 63) + 1, false }, NUM_OVERFLOW },
		{ '*', { 1ULL << 32, false }, { 1ULL << 32, false }, NUM_OVERFLOW },
		{ '*', { 1ULL << 32, true }, { 1ULL << 31, false }, NUM_OK },
		{ '/', { 1, false }, { 0, false }, NUM_DIV_ZERO },
		{ '%', { 1, false }, { 0, false }, NUM_DIV_ZERO },
		{ T_SHL, { 1, false }, { 63, false }, NUM_OK },
		{ T_SHL, { 2, false }, { 63, false }, NUM_OVERFLOW },
		{ T_SHL, { 1, false }, { 64, false }, NUM_BAD_SHIFT },
		{ T_SHR, { 1, false }, { 1, true }, NUM_BAD_SHIFT },
		{ '|', { 1ULL << 63, true }, { 1ULL << 63, false }, NUM_OK },
		{ '^', { 1, true }, { UINT64_MAX, false }, NUM_OVERFLOW },
	};
	struct num r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (num_binary(cases[i].op, cases[i].a, cases[i].b, &r) != cases[i].status)
			FAIL("case %zu", i);
	CHECK(num_in(n(-1), -1, 0) && !num_in(n(-2), -1, 0) && num_in(n(5), 5, 5) &&
	      !num_in(n(4), 5, 5) && num_in(num_u64(UINT64_MAX), 0, UINT64_MAX) &&
	      num_in(n(INT64_MIN), INT64_MIN, 0));
	CHECK(num_bits(n(-1)) == UINT64_MAX);
}

/* --- lex --- */

static void check_tokens(const char *text, const char *want)
{
	static const char *const names[] = {
		[T_NAME] = "name",  [T_REG] = "reg",	[T_NUM] = "num",     [T_STR] = "str",
		[T_BAD] = "bad",    [T_SHL] = "<<",	[T_SHR] = ">>",	     [T_LE] = "<=",
		[T_GE] = ">=",	    [T_EQ] = "==",	[T_NE] = "!=",	     [T_AND] = "&&",
		[T_OR] = "||",	    [T_COLONS] = "::",	[T_ADD_SET] = "+=",  [T_SUB_SET] = "-=",
		[T_MUL_SET] = "*=", [T_DIV_SET] = "/=", [T_MOD_SET] = "%=",  [T_AND_SET] = "&=",
		[T_OR_SET] = "|=",  [T_XOR_SET] = "^=", [T_SHL_SET] = "<<=", [T_SHR_SET] = ">>=",
		[T_EOL] = "eol",
	};
	char got[400] = "";
	size_t len = 0;
	struct lex l;

	lex_init(&l, text, strlen(text), 1);
	while (lex_next(&l), l.tok.kind != T_EOF && len < sizeof(got) - 40) {
		char one[2] = { (char)l.tok.kind, 0 };
		const char *name = names[l.tok.kind] ? names[l.tok.kind] : one;

		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s", len ? " " : "", name);
		if (l.tok.kind == T_NUM || l.tok.kind == T_REG || l.tok.kind == T_BAD)
			len += (size_t)snprintf(got + len, sizeof(got) - len, ":%llu%s",
						(unsigned long long)l.tok.num,
						l.tok.hex ? "x" : "");
	}
	CHECK_STR(got, want);
}

static void tokens(void)
{
	check_tokens("", "");
	check_tokens("r1 += w2\n", "reg:1 += reg:130 eol");
	check_tokens("r10 fp %w3 r16 r05 r100 rx", "reg:10 reg:10 reg:131 reg:16 name name name");
	check_tokens("a%b a %b", "name % name name % name");
	check_tokens("12 0x1f 0b11 0o17 0 'a' '\\n' '\\x41'",
		     "num:12 num:31x num:3x num:15x num:0 num:97 num:10 num:65");
	check_tokens("012 00 0x 12a 0b2 0o8 18446744073709551616 18446744073709551615",
		     "bad:2 bad:2 bad:1 bad:1 bad:1 bad:1 bad:3 num:18446744073709551615");
	check_tokens("''", "bad:5 bad:5");
	check_tokens("'ab", "bad:5 name");
	check_tokens("'\\q'", "bad:5 bad:0 name bad:5");
	check_tokens("'\\x4", "bad:5 bad:0 name");
	check_tokens("\"a\\\"b\" \"open", "str bad:4");
	check_tokens("<<=>>=<<>><=>===!=&&||::&=|=^=/=*=-=",
		     "<<= >>= << >> <= >= == != && || :: &= |= ^= /= *= -=");
	check_tokens("< < = = & & : :", "< < = = & & : :");
	check_tokens("a;b\nc//d\ne #f\ng#1\n#h\n",
		     "name eol name eol name eol name # num:1 eol eol");
	check_tokens("a\r\n", "name eol");
	check_tokens("@ \x80 $ .", "bad:0 bad:0 $ .");
}

static void strings_are_decoded(void)
{
	char to[64];
	struct lex l;

	lex_init(&l, "\"a\\n\\x00\\\\\\\"\\0z\"", 16, 1);
	lex_next(&l);
	CHECK_INT(lex_string(&l.tok, to), 7);
	CHECK(memcmp(to, "a\n\0\\\"\0z", 7) == 0);
	lex_init(&l, "\"\\y\"", 4, 1);
	lex_next(&l);
	CHECK_INT(lex_string(&l.tok, to), -1);
}

/* --- names and memory --- */

static void symtabs_grow(void)
{
	struct symtab t = { .slots = NULL };
	struct pool pool = { .chunks = NULL };
	bool is_new;

	CHECK(!symtab_find(&t, "x", 1));
	for (uint32_t i = 0; i < 10000; i++) {
		char name[16];
		int len = snprintf(name, sizeof(name), "name%u", i);
		const struct symbol *s =
			symtab_add(&t, pool_str(&pool, name, (size_t)len), (size_t)len, i, &is_new);

		CHECK(s && is_new && s->value == i);
	}
	CHECK_INT(symtab_add(&t, "name77", 6, 1, &is_new)->value, 77);
	CHECK(!is_new);
	CHECK_INT(symtab_find(&t, "name9999", 8)->value, 9999);
	CHECK(!symtab_find(&t, "name99999", 9));
	CHECK(!symtab_find(&t, "name", 4));
	symtab_clear(&t);
	CHECK(!symtab_find(&t, "name77", 6));
	CHECK(symtab_add(&t, "a", 1, 1, NULL) && symtab_add(&t, "", 0, 2, NULL));
	symtab_clear(&t);
	CHECK(!symtab_find(&t, "a", 1) && !symtab_find(&t, "", 0));
	symtab_free(&t);
	pool_free(&pool);
}

static void pools_give_zeros(void)
{
	struct pool p = { .chunks = NULL };
	char *last = NULL;

	for (size_t i = 0; i < 20000; i += 37) {
		char *c = pool_alloc(&p, i);

		for (size_t j = 0; j < i; j++)
			if (c[j]) {
				FAIL("byte %zu of %zu", j, i);
				break;
			}
		CHECK_INT((uintptr_t)c % 8, 0);
		memset(c, 1, i);
		last = c;
	}
	CHECK(last);
	CHECK_STR(pool_str(&p, "abc", 2), "ab");
	pool_free(&p);
	pool_free(&p);
}

/* --- spellings --- */

static const char *nearest(const char *word, const char *const *list)
{
	struct near near;

	near_begin(&near, word, strlen(word));
	for (; *list; list++)
		near_try(&near, *list, strlen(*list));
	return near.best ? near.best : "-";
}

static void nearest_spellings(void)
{
	static const char *const list[] = { "max_entries", "value",  "key",  "XDP_PASS",
					    "a",	   "xdp_md", "exit", NULL };

	CHECK_STR(nearest("max_entrys", list), "max_entries");
	CHECK_STR(nearest("vlaue", list), "value");
	CHECK_STR(nearest("kye", list), "key");
	CHECK_STR(nearest("xdp_pass", list), "XDP_PASS");
	CHECK_STR(nearest("XDP_PAS", list), "XDP_PASS");
	CHECK_STR(nearest("keyboard", list), "-");
	CHECK_STR(nearest("b", list), "-");
	CHECK_STR(nearest("exit", list), "-"); /* itself is no help */
	CHECK_STR(nearest("", list), "-");
	CHECK_STR(nearest("max_entries_max_entries_max_entries_max_entries", list), "-");
}

static void words_are_unique(void)
{
	struct words w;
	size_t count;
	const struct word *all = words_all(&count);

	words_init(&w);
	for (size_t i = 0; i < count; i++)
		if (*all[i].name && words_find(&w, all[i].name, strlen(all[i].name)) != &all[i])
			FAIL("'%s' is there twice", all[i].name);
	CHECK(!words_find(&w, "nothing", 7));
	CHECK(!words_find(&w, "", 0));
	CHECK(!words_find(&w, "a_very_long_word_indeed", 23));
	CHECK(words_may_declare(&w, "prog x") && words_may_declare(&w, "map m"));
	CHECK(!words_may_declare(&w, "r1 = 5") && !words_may_declare(&w, "*(u32 *)") &&
	      !words_may_declare(&w, ""));
}

static const struct test tests[] = {
	{ "numbers agree with C", numbers_agree_with_c },
	{ "numbers have two ends", numbers_have_two_ends },
	{ "tokens", tokens },
	{ "strings are decoded", strings_are_decoded },
	{ "tables of names grow", symtabs_grow },
	{ "pools give zeros", pools_give_zeros },
	{ "nearest spellings", nearest_spellings },
	{ "words are unique", words_are_unique },
};
TEST_MAIN(tests)
