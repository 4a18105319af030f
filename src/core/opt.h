// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options, operands and keywords of a command as rows of a table.  One parser reads a command
 * line by them; help, the manual and completion read the same rows.
 *
 *   bpfctl map update --flags noexist   ports     key 443          any
 *                     option            operand   keyword + words  keyword alone
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buf;
struct err;

enum opt_form {
	OPT_OPTION,  /* --name or -l, anywhere */
	OPT_OPERAND, /* a word by its place */
	OPT_KEYWORD, /* the word `name` and what follows it; after the required operands */
	OPT_COMMAND, /* everything behind `--` */
};

/* What is stored at `off`, and what completion offers. */
enum opt_type {
	OPT_FLAG,     /* bool */
	OPT_STR,      /* const char * */
	OPT_FILE,     /* const char *, an existing file */
	OPT_DIR,      /* const char *, a directory */
	OPT_PIN,      /* const char *, a path below bpffs */
	OPT_IFACE,    /* const char *, a network device */
	OPT_NETNS,    /* const char *, a name below /run/netns or a path */
	OPT_MAP_TYPE, /* const char *, libbpf's name of a map type */
	OPT_U32,      /* uint32_t: decimal, 0x, 0b */
	OPT_U64,      /* uint64_t */
	OPT_DURATION, /* uint64_t nanoseconds: 10s, 500ms, 2m; a bare number is seconds */
	OPT_ENUM,     /* int, a word of the row's table */
	OPT_WORDS,    /* struct words, up to the next keyword; options with OPT_MANY collect */
	OPT_PROG,     /* struct words, a handle: one word, or `id N`, `pinned PATH` ... */
	OPT_MAP,
	OPT_LINK,
};

/* A slice of the command line; the strings are argv's. */
struct words {
	char **v;
	size_t n;
};

struct opt_word {
	const char *word; /* NULL ends the table */
	int value;
	const char *help;
};

enum {
	OPT_REQUIRED = 1,
	OPT_MANY = 2,	/* an OPT_WORDS option that may come again */
	OPT_HIDDEN = 4, /* not in help and completion */
};

struct opt {
	enum opt_form form;
	enum opt_type type;
	const char *name; /* "flags"; of an operand its name in help, "MAP" */
	char letter;	  /* 0: none */
	const char *arg;  /* "N"; NULL: takes none, or an operand */
	size_t off;
	const char *help;
	unsigned int flags;
	const char *excludes;	      /* name of a row that must not be given too */
	const struct opt_word *words; /* OPT_ENUM */
};

/* Rows are written with these.  T is the struct that receives the values. */
#define OPTION(T, member, type_, name_, letter_, arg_, help_, ...)                                 \
	{                                                                                          \
		.form = OPT_OPTION, .type = type_, .name = name_, .letter = letter_, .arg = arg_,  \
		.off = offsetof(T, member), .help = help_, __VA_ARGS__                             \
	}
#define FLAG(T, member, name_, letter_, help_, ...)                                                \
	OPTION(T, member, OPT_FLAG, name_, letter_, NULL, help_, __VA_ARGS__)
#define OPERAND(T, member, type_, name_, help_, ...)                                               \
	{                                                                                          \
		.form = OPT_OPERAND, .type = type_, .name = name_, .off = offsetof(T, member),     \
		.help = help_, __VA_ARGS__                                                         \
	}
#define KEYWORD(T, member, type_, name_, arg_, help_, ...)                                         \
	{                                                                                          \
		.form = OPT_KEYWORD, .type = type_, .name = name_, .arg = arg_,                    \
		.off = offsetof(T, member), .help = help_, __VA_ARGS__                             \
	}
#define COMMAND(T, member, help_, ...)                                                             \
	{                                                                                          \
		.form = OPT_COMMAND, .type = OPT_WORDS, .name = "-- COMMAND",                      \
		.off = offsetof(T, member), .help = help_, __VA_ARGS__                             \
	}
#define OPT_END                                                                                    \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/* Rows and the struct they fill. */
struct opt_set {
	const struct opt *rows;
	void *args;
};

/*
 * Reads argv[1..argc) by the rows of all sets (argv[0] is skipped).  *pool receives the array
 * that the struct words point into; the caller frees it when done with the arguments.  The error
 * is class usage; 0 otherwise.
 */
int opt_parse(const struct opt_set *sets, size_t nr_sets, int argc, char **argv, char ***pool,
	      struct err *e);

/*
 * Reads options only, up to the first word that is none.  Returns its index, or argc; negative
 * with *e filled.
 */
int opt_parse_leading(const struct opt_set *sets, size_t nr_sets, int argc, char **argv,
		      struct err *e);

/* "MAP key DATA [value DATA] [any|exist]" */
void opt_synopsis(const struct opt *rows, struct buf *to);

/* Usage, `doc` and the rows as text, the way argp lays help out. */
void opt_help(const struct opt_set *sets, size_t nr_sets, const char *name, const char *doc,
	      FILE *f);

/*
 * Completion: the rows that could take the next word after the n words at v (no options among
 * them), at most max.  *handle is the handle word just before ("id", "name" ...), or NULL.
 */
size_t opt_expected(const struct opt *rows, char **v, size_t n, const struct opt **expected,
		    size_t max, const char **handle);

/* One way to read numbers from people: the whole of s, or -EINVAL, or -ERANGE. */
int opt_number(const char *s, uint64_t *v);
int opt_duration(const char *s, uint64_t *ns);
