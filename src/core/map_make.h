// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* New maps in people's words: what is not said is what the type usually has. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct map;

/* NULL and 0: not said. */
struct map_wish {
	const char *type;	 /* libbpf's name or a number */
	const char *name;	 /* at most 15 characters */
	const char *key, *value; /* bytes, or a spec: then the map gets BTF */
	const char *entries;	 /* a number, with K, M or G */
	const char *flags;	 /* a number, or names: no_prealloc,mmapable */
	uint64_t extra;
	bool on_node; /* on numa_node */
	uint32_t numa_node, ifindex;
	int inner_fd; /* of map-in-map types */
};

/* An error of class input that offers near names, or says what the type takes. */
int map_make(struct map *m, const struct map_wish *w, struct err *e);

/* "hash:4:8:100", "array:u32:u64:8:mmapable": TYPE:KEY:VALUE:ENTRIES[:FLAGS] */
int map_make_short(struct map *m, const char *text, struct err *e);

/* "no_prealloc,mmapable", "BPF_F_RDONLY", "0x401" */
int map_flags_parse(const char *text, uint32_t *flags, struct err *e);
/* The same the other way; bits without a name as a number; "" for none. */
void map_flags_text(uint32_t flags, struct buf *to);
