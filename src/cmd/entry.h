// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries of a map as rows. */
#pragma once

#include "core/cmd.h"
#include "core/map.h"
#include "core/map_codec.h"
#include "core/val.h"

/* An open map and what is known of its types. */
struct entries {
	struct map map;
	struct map_codec typed;
	struct map_codec bpftool; /* for "formatted"; empty without BTF */
	const char *key_text;	  /* not NULL: shown for a key that means nothing as bytes */
};

/* Options of every command that shows or reads entries. */
struct spec_args {
	const char *key_spec, *value_spec;
};
#define SPEC_OPTIONS(T, member)                                                                    \
	OPTION(T, member.key_spec, OPT_STR, "key-spec", 0, "SPEC",                                 \
	       "type of the key, as u32 or { ip4 addr; be16 port }"),                              \
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

/* {"key": .., "value": ..}, or "values", a list, if the map is per CPU; the caller drops it. */
struct val entry_val(const struct entries *x, const void *key, const void *value);
