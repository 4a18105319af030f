// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What maps, programs, links and BTF objects have in common: ids, descriptors, pins. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum obj_kind { OBJ_MAP, OBJ_PROG, OBJ_LINK, OBJ_BTF, OBJ_NONE };

/* "map", "program", "link", "BTF object"; OBJ_NONE: "something else". */
const char *obj_kind_name(enum obj_kind kind);

/* The kind of object behind a descriptor of ours; OBJ_NONE for any other file. */
enum obj_kind obj_kind_of(int fd);
/* The same from what the link /proc/PID/fd/N says. */
enum obj_kind obj_kind_of_link(const char *link);
/* Its id, or 0. */
uint32_t obj_id(enum obj_kind kind, int fd);

/* The text of /proc/self/fdinfo/FD, and a number in it ("memlock"); "" and false if not there. */
void obj_fdinfo(int fd, char *buf, size_t size);
bool obj_fdinfo_u64(const char *text, const char *key, uint64_t *v);

/* A new descriptor, or a negative errno with *e: absent, or denied with the reason. */
int obj_open(enum obj_kind kind, uint32_t id, struct err *e);
/* The object pinned at path, whose kind must be this one; *kind OBJ_NONE takes any and says it. */
int obj_open_pin(const char *path, enum obj_kind *kind, struct err *e);

/*
 * Calls fn for every object of a kind, by ascending id.  What vanishes on the way is skipped; fd
 * is closed after the call.  Stops when fn returns other than 0, and returns that.
 */
int obj_each(enum obj_kind kind, int (*fn)(int fd, uint32_t id, void *arg), void *arg,
	     struct err *e);
