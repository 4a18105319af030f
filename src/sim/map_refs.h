// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What arrays of objects behind descriptors share: a word per index. */
#pragma once

#include "sim/map_ops.h"

struct refs {
	struct map m;
	struct map_mem slots; /* of uint64_t: an object, or a file's key + 1; 0: none */
	uint32_t used;	      /* above it nothing was ever set */
};

static inline struct refs *refs(struct map *m)
{
	return (struct refs *)m;
}

static inline uint64_t *refs_slot(struct map *m, uint32_t i)
{
	return (uint64_t *)(void *)refs(m)->slots.host + i;
}

int refs_init(struct map *m);
void refs_release(struct map *m);
/* -E2BIG: no such index. */
int refs_index(const struct map *m, const void *key, uint32_t *i);

/* Update, delete and look-up of files with the flags and errors of arrays of descriptors. */
int refs_set_file(struct map *m, const void *key, const void *value, uint64_t flags,
		  enum map_file kind);
int refs_remove_file(struct map *m, const void *key);
int refs_file_at(struct map *m, const void *key, uint64_t *file);

/* The same for sockets, which know BPF_NOEXIST and show their cookie. */
int refs_socket_fd(const struct map *m, const void *value, int *fd);
int refs_set_socket(struct map *m, const void *key, const void *value, uint64_t flags,
		    enum map_file kind);
int refs_socket_show(struct map *m, const void *key, void *value, uint64_t flags);
int refs_put_socket(struct map *m, const void *key, uint64_t cookie, uint64_t flags);
