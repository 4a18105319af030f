// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An open map with what is known of its types: entries to rows, words to keys and values. */
#pragma once

#include "core/cmd.h"
#include "core/map.h"

struct codec;
struct types;

struct entries {
	struct map map;
	struct types *types;			   /* NULL: no BTF */
	struct codec *key, *value;		   /* typed; key is NULL if the map has none */
	struct codec *bpftool_key, *bpftool_value; /* for "formatted"; NULL without BTF */
};

/* Options of every command that shows or reads entries. */
struct spec_args {
	const char *key_spec, *value_spec;
};
#define SPEC_OPTIONS(T, member)                                                                    \
	OPTION(T, member.key_spec, OPT_STR, "key-spec", 0, "SPEC",                                 \
	       "type of the key, as `u32` or `{ ip4 addr; be16 port }`"),                          \
		OPTION(T, member.value_spec, OPT_STR, "value-spec", 0, "SPEC",                     \
		       "type of the value")

int entries_open(struct entries *x, struct words handle, const struct spec_args *spec,
		 struct err *e);
void entries_close(struct entries *x);
#define auto_entries __attribute__((cleanup(entries_close))) /* struct entries x = ENTRIES_INIT */
#define ENTRIES_INIT                                                                               \
	{                                                                                          \
		.map = MAP_INIT                                                                    \
	}

/* Columns of an entry. */
extern const struct out_col entry_cols[];

/* One row; value NULL: it could not be read because of value_errno. */
void entry_put(const struct entries *x, struct out *out, const void *key, const void *value,
	       int value_errno);

/* A key and a value from words; to has room for key_size, value_len bytes. */
int entry_parse_key(const struct entries *x, struct words words, void *to, struct err *e);
/* *fd, if not -1 afterwards, is what the value holds and must stay open until it is used. */
int entry_parse_value(const struct entries *x, struct words words, void *to, int *fd,
		      struct err *e);
