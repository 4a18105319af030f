// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The option parser: what it stores, what it refuses, and the traps of argp. */
#include "test.h"

#include <errno.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/opt.h"

struct args {
	bool all, exist;
	uint32_t count;
	uint64_t big, wait;
	int mode;
	const char *file;
	struct words map, key, value, set, command;
};

static const struct opt_word modes[] = { { "auto", 1, "" }, { "native", 2, "" }, {} };

static const struct opt rows[] = {
	FLAG(struct args, all, "all", 'a', "flag"),
	OPTION(struct args, count, OPT_U32, "count", 'c', "N", "number"),
	OPTION(struct args, big, OPT_U64, "big", 0, "N", "number"),
	OPTION(struct args, wait, OPT_DURATION, "for", 0, "TIME", "time", .excludes = "count"),
	OPTION(struct args, mode, OPT_ENUM, "mode", 0, "MODE", "word", .words = modes),
	OPTION(struct args, set, OPT_WORDS, "set", 0, "NAME=V", "words", .flags = OPT_MANY),
	OPERAND(struct args, map, OPT_MAP, "MAP", "handle", .flags = OPT_REQUIRED),
	OPERAND(struct args, file, OPT_FILE, "FILE", "optional"),
	KEYWORD(struct args, key, OPT_WORDS, "key", "DATA", "words"),
	KEYWORD(struct args, value, OPT_WORDS, "value", "DATA", "words"),
	KEYWORD(struct args, exist, OPT_FLAG, "exist", NULL, "flag"),
	COMMAND(struct args, command, "a command"),
	OPT_END,
};

#define MAX_WORDS 32

static struct args args;
static struct err e;
static char words_text[1024];

/* Parses a line split at blanks; returns opt_parse()'s result. */
static int parse(const char *line)
{
	static char text[512];
	static char **pool;
	char *argv[MAX_WORDS] = { text }, *save = NULL;
	struct opt_set set = { rows, &args };
	int argc = 0;

	free(pool);
	memset(&args, 0, sizeof(args));
	err_clear(&e);
	snprintf(text, sizeof(text), "test %s", line);
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	return opt_parse(&set, 1, argc, argv, &pool, &e);
}

static const char *joined(struct words w)
{
	words_text[0] = '\0';
	for (size_t i = 0; i < w.n; i++) {
		strcat(words_text, i ? " " : "");
		strcat(words_text, w.v[i]);
	}
	return words_text;
}

static void words_find_their_rows(void)
{
	CHECK_INT(parse("-ac 3 ports f.o key 1 2 value 3 exist --mode=native --for 1.5s"), -EINVAL);
	CHECK_INT(
		parse("-ac 3 ports f.o key 1 2 value 3 exist --mode=native --big 0xffffffffffffffff"),
		0);
	CHECK(args.all && args.exist);
	CHECK_INT(args.count, 3);
	CHECK(args.big == UINT64_MAX);
	CHECK_INT(args.mode, 2);
	CHECK_STR(args.file, "f.o");
	CHECK_STR(joined(args.map), "ports");
	CHECK_STR(joined(args.key), "1 2");
	CHECK_STR(joined(args.value), "3");
}

static void handles_are_one_word_or_two(void)
{
	CHECK_INT(parse("id 5 x"), 0);
	CHECK_STR(joined(args.map), "id 5");
	CHECK_STR(args.file, "x");
	CHECK_INT(parse("pinned /sys/fs/bpf/x"), 0);
	CHECK_STR(joined(args.map), "pinned /sys/fs/bpf/x");
	CHECK_INT(parse("key key 1"), 0); /* a map named "key" */
	CHECK_STR(joined(args.map), "key");
	CHECK_STR(joined(args.key), "1");
	CHECK_INT(parse("id"), 0); /* a map named "id" */
	CHECK_STR(joined(args.map), "id");
}

static void negative_numbers_are_words(void)
{
	CHECK_INT(parse("m key -1 -150 -0x1f value -2 --all"), 0);
	CHECK_STR(joined(args.key), "-1 -150 -0x1f");
	CHECK_STR(joined(args.value), "-2");
	CHECK(args.all);
	CHECK_INT(parse("m -a5"), -EINVAL);
	CHECK_STR(e.what, "unknown option '-a5'");
}

static void many_options_collect(void)
{
	CHECK_INT(parse("--set a=1 m --set b=-2 --set=c=3"), 0);
	CHECK_STR(joined(args.set), "a=1 b=-2 c=3");
	CHECK_STR(joined(args.map), "m");
}

static void a_command_stands_behind_dashes(void)
{
	CHECK_INT(parse("m -- ls -l --all key 3"), 0);
	CHECK_STR(joined(args.command), "ls -l --all key 3");
	CHECK(!args.all);
	CHECK_INT(parse("m --"), 0);
	CHECK_INT(args.command.n, 0);
}

static void wrong_lines_say_what_is_wrong(void)
{
	static const struct {
		const char *line, *what, *hint;
	} cases[] = {
		{ "", "MAP is missing", "" },
		{ "--all", "MAP is missing", "" },
		{ "m f x", "unexpected argument 'x'", "" },
		{ "m f kye 1", "unexpected argument 'kye'", "did you mean 'key'?" },
		{ "m key", "key needs DATA", "" },
		{ "m --count", "option --count needs a value: N", "" },
		{ "m -c", "option -c needs a value: N", "" },
		{ "m --all=1", "option --all takes no value", "" },
		{ "m --cuont 1", "unknown option '--cuont'", "did you mean --count?" },
		{ "m --zebra", "unknown option '--zebra'", "" },
		{ "m -z", "unknown option '-z'", "" },
		{ "m --count 1x", "--count: '1x' is not a number", "" },
		{ "m --count -1", "--count: '-1' is not a number", "" },
		{ "m --count 010", "--count: '010' is not a number", "" },
		{ "m --count 4294967296", "--count: '4294967296' is not below 2^32", "" },
		{ "m --big 18446744073709551616", "--big: '18446744073709551616' is not below 2^64",
		  "" },
		{ "m --for 1y", "--for: '1y' is not a time like 10s, 500ms, 2m", "" },
		{ "m --mode natve", "--mode: 'natve' is not one of the words it knows",
		  "did you mean 'native'?" },
		{ "m --mode zzz", "--mode: 'zzz' is not one of the words it knows",
		  "one of: auto, native" },
		{ "m --count 1 --for 2s", "--count and --for exclude each other", "" },
		{ "m --for 2s -c 1", "--for and --count exclude each other", "" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		CHECK_INT(parse(cases[i].line), -EINVAL);
		CHECK_INT(e.class, ERR_USAGE);
		CHECK_STR(e.what, cases[i].what);
		CHECK_STR(e.hint, cases[i].hint);
	}
}

static void durations_have_units(void)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{ "0", 0 },
		{ "3", 3000000000 },
		{ "10s", 10000000000 },
		{ "1.5s", 1500000000 },
		{ "500ms", 500000000 },
		{ "2m", 120000000000 },
		{ "7us", 7000 },
		{ "9ns", 9 },
	};
	uint64_t ns;

	for (size_t i = 0; i < countof(cases); i++) {
		CHECK_INT(opt_duration(cases[i].text, &ns), 0);
		CHECK(ns == cases[i].ns);
	}
	CHECK_INT(opt_duration("-1s", &ns), -EINVAL);
	CHECK_INT(opt_duration("1e3s", &ns), -EINVAL);
	CHECK_INT(opt_duration("s", &ns), -EINVAL);
	CHECK_INT(opt_duration("999999999999d", &ns), -ERANGE);
}

static void leading_options_end_at_the_first_word(void)
{
	struct opt_set set = { rows, &args };
	char *argv[] = { (char[]){ "t" }, (char[]){ "--all" }, (char[]){ "map" },
			 (char[]){ "--nonsense" }, NULL };

	memset(&args, 0, sizeof(args));
	CHECK_INT(opt_parse_leading(&set, 1, 4, argv, &e), 2);
	CHECK(args.all);
	CHECK_INT(opt_parse_leading(&set, 1, 2, argv, &e), 2);
}

static void help_shows_operands_keywords_and_options(void)
{
	static char text[4096];
	FILE *f = fmemopen(text, sizeof(text), "w");
	struct opt_set set = { rows, NULL };

	opt_help(&set, 1, "bpfctl test", "does things", f);
	fclose(f);
	CHECK(strstr(text, "Usage: bpfctl test [OPTION...]\n"));
	CHECK(strstr(text, " MAP [FILE] [key DATA] [value DATA] [exist] [-- COMMAND...]\n"));
	CHECK(strstr(text, "  MAP                        handle\n  FILE  "));
	CHECK(strstr(text, "  -c, --count=N "));
	CHECK(strstr(text, "  key DATA "));
	CHECK(strstr(text, "does things"));
	CHECK(!strstr(text, "Mandatory or optional arguments"));
	CHECK(!strstr(text, "DIGITS"));
}

static const struct test tests[] = {
	{ "words find their rows", words_find_their_rows },
	{ "handles are one word or two", handles_are_one_word_or_two },
	{ "negative numbers are words, not options", negative_numbers_are_words },
	{ "options given many times collect", many_options_collect },
	{ "a command stands behind two dashes", a_command_stands_behind_dashes },
	{ "wrong lines say what is wrong", wrong_lines_say_what_is_wrong },
	{ "durations have units", durations_have_units },
	{ "leading options end at the first word", leading_options_end_at_the_first_word },
	{ "help shows operands, keywords and options", help_shows_operands_keywords_and_options },
};
TEST_MAIN(tests)
