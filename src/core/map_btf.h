// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Types for a new map, made of what its key and value were said to be. */
#pragma once

#include <stdint.h>

struct codec;
struct err;

/* BTF in the kernel: closed with the scope, the map keeps it. */
struct map_btf {
	int fd; /* 0: none */
	uint32_t key, value;
};
void map_btf_close(struct map_btf *b);
#define auto_map_btf __attribute__((cleanup(map_btf_close))) /* struct map_btf b = {} */

/*
 * Codecs of specs, made without types; key may be NULL.  What the codec knows by name (ip4, mac,
 * be16, cidr4) keeps its name, so that reading the map back gives the same words.
 */
int map_btf_load(struct map_btf *b, const struct codec *key, const struct codec *value,
		 struct err *e);
