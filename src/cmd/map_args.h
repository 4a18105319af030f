// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words for a map, a key and a value, in the commands that take one entry. */
#pragma once

#include "cmd/entry.h"

/* A key and a value stand by their places, or behind the words `key` and `value` as in bpftool. */
struct entry_args {
	struct words map;
	struct spec_args spec;
	const char *plain_key, *plain_value;
	struct words key, value;
};
#define MAP_OPERAND(T, member) OPERAND(T, member, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED)
#define KEY_OPERANDS(T, member)                                                                    \
	OPERAND(T, member.plain_key, OPT_STR, "KEY", "the key, one word"),                         \
		KEYWORD(T, member.key, OPT_WORDS, "key", "DATA", "the key as words")
#define VALUE_OPERANDS(T, member)                                                                  \
	OPERAND(T, member.plain_value, OPT_STR, "VALUE", "the value, one word"),                   \
		KEYWORD(T, member.value, OPT_WORDS, "value", "DATA",                               \
			"the value as words; a map or a program for tables of those")

/* An open map, room for a key and a value of it, and the descriptors that those may be. */
struct entry {
	struct entries x;
	void *key; /* NULL: the map has no keys */
	void *value;
	struct map_fds fds;
};
int entry_open(struct entry *n, const struct entry_args *a, struct err *e);
void entry_close(struct entry *n);
#define auto_entry __attribute__((cleanup(entry_close))) /* struct entry n = ENTRY_INIT */
#define ENTRY_INIT                                                                                 \
	{                                                                                          \
		.x = ENTRIES_INIT                                                                  \
	}

/* Their words to n->key and n->value; missing is a usage error. */
int entry_key(struct entry *n, const struct entry_args *a, struct err *e);
int entry_value(struct entry *n, const struct entry_args *a, struct err *e);
/* True if a key was given. */
bool entry_has_key(const struct entry_args *a);
/* Class input: the values of this map are descriptors. */
int entry_no_number(const struct entry *n, struct err *e);
/* One more value of the map, from one word, to at. */
int entry_word(struct entry *n, const char *word, void *at, struct err *e);

/* The columns of its entries. */
void entry_begin(const struct entry *n, struct out *out, enum out_shape shape);
/* The one entry as the whole output. */
void entry_show(const struct entry *n, struct out *out);
