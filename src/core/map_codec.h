// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Keys and values of a map as people write them: by BTF where the map has it, by a spec, or by
 * what is known of the map's type; and what has no bytes of its own, such as a program, a device
 * or a socket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/codec.h"

struct err;
struct map;
struct types;

struct map_codec {
	const struct map *map;	   /* borrowed */
	struct types *types;	   /* NULL: the map has no BTF */
	struct codec *key, *value; /* key is NULL for a map without keys; value is one CPU's */
	bool btf_key, btf_value;   /* made from BTF: bpftool would print "formatted" */
};
#define auto_map_codec __attribute__((cleanup(map_codec_close))) /* struct map_codec c = {} */

/*
 * The specs may be NULL.  BTF that does not fit the map's sizes is not used.  A spec of another
 * size than the map's is class input.
 */
int map_codec_open(struct map_codec *c, const struct map *map, const char *key_spec,
		   const char *value_spec, enum codec_style style, struct err *e);
void map_codec_close(struct map_codec *c);

/* Descriptors that a key or value holds while it is used: closed with the scope. */
struct map_fds {
	int v[4];
	size_t n;
};
void map_fds_close(struct map_fds *f);
#define auto_map_fds __attribute__((cleanup(map_fds_close))) /* struct map_fds f = {} */

/*
 * Words to key_size bytes.  Besides what the codec takes: a socket as PID/FD, a process as its
 * id, a cgroup or file as its path, for the storage maps that have those for keys.
 */
int map_codec_key(const struct map_codec *c, char *const *words, size_t n, void *key,
		  struct map_fds *fds, struct err *e);
/* Its bytes are a descriptor of ours: what was typed says more. */
bool map_codec_key_is_handle(const struct map_codec *c);
/* Goes in as a descriptor and comes out as something else: an id, a cookie, or not at all. */
bool map_codec_value_is_handle(const struct map_codec *c);
/*
 * Words to value_len bytes.  Besides what the codec takes: `prog REF`, `map REF` (the first word
 * may be left out, or be part of the second: prog:REF), `dev NAME[,prog REF]`, `cpu QSIZE[,prog
 * REF]`, `sock PID/FD`, a cgroup's path; of a per-CPU map one value for all, [v0,v1,...], or
 * cpu=N:V, which keeps the other CPUs' values of key.
 */
int map_codec_value(const struct map_codec *c, char *const *words, size_t n, const void *key,
		    void *value, struct map_fds *fds, struct err *e);
