// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Longest-prefix matches in an lpm_trie. */
#pragma once

struct err;
struct map;

/*
 * key holds an address behind its prefix length, as map_codec_key() made it.  On return it is the
 * key of the entry that matches, and value its value.  -ENOENT, class absent: none does.  While
 * others change the trie, the key may be that of a shorter prefix.
 */
int map_match(const struct map *m, void *key, void *value, struct err *e);
