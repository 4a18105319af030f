// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the files that read test blocks share; 0 or a negative errno as in parse.h. */
#pragma once

#include <stdbool.h>

#include "asm/lex.h"
#include "asm/test.h"

struct parser;
struct word;

/* A block whose brace has been found: it is read when all names are known. */
struct test_block {
	struct tok name;
	struct lex at;
	bool included;
};

int collect_test(struct parser *p, const struct word *w);
int collect_target(struct parser *p, const struct word *w);
int test_read_all(struct parser *p);

/* What has been in a test. */
struct test_seen {
	uint32_t rows[2]; /* keywords, given and expected */
	bool has_prog, has_expect;
};
int test_item_read(struct parser *p, struct test_item *it, struct test_seen *r);

/* A value; words: names that are no constants may stand for enumerators nobody here knows. */
int test_value_read(struct parser *p, struct test_value *v, bool words);
/* 5s, 200ms, 3us, 10ns, 2m, 1h: nanoseconds. */
int test_duration_read(struct parser *p, struct test_value *v);
/* The address at s (IPv4, IPv6, MAC; with prefix length if it may); its length, or 0. */
size_t test_address_len(const char *s, bool prefix);
/* Behind `packet`. */
int test_packet_read(struct parser *p, struct test_item *it);
