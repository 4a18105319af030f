// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pins: objects kept by a path in a BPF file system. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/obj.h"

struct err;

struct pin {
	enum obj_kind kind;
	uint32_t id;
	char *path;
};

/* Sorted by kind, id and path. */
struct pins {
	struct pin *v;
	size_t n, cap;
};

/*
 * All pins below dir, or of every BPF file system mounted here when dir is NULL.  What this user
 * may not open and what vanishes on the way is left out.
 */
int pins_read(struct pins *p, const char *dir, struct err *e);
void pins_free(struct pins *p);
#define auto_pins __attribute__((cleanup(pins_free))) /* struct pins p = {} */

/* The pins of one object, *n of them. */
const struct pin *pins_find(const struct pins *p, enum obj_kind kind, uint32_t id, size_t *n);

/* Where BPF file systems are mounted, in mount order; *paths and each string are the caller's. */
int pin_mounts(char ***paths, size_t *n, struct err *e);

/*
 * A set of pins that is made as a whole.  pin_add() makes missing directories, and mounts a BPF
 * file system at /sys/fs/bpf or on an empty directory unless nomount is set.  Whatever was done
 * and not kept when the set goes out of scope is undone: pins, directories, mount.
 */
struct pinning {
	bool nomount;
	struct pin_step *steps;
	size_t n, cap;
};

int pin_add(struct pinning *p, int fd, const char *path, struct err *e);
/* Directories and mount alone, for pins that others make below dir. */
int pin_add_dir(struct pinning *p, const char *dir, struct err *e);
void pin_keep(struct pinning *p);
void pin_undo(struct pinning *p);
#define auto_pinning __attribute__((cleanup(pin_undo))) /* struct pinning p = {} */

/* One object, once. */
int pin_object(int fd, const char *path, bool nomount, struct err *e);
/* Removes a pin of this kind (OBJ_NONE: of any); refuses to remove anything else. */
int pin_remove(const char *path, enum obj_kind kind, struct err *e);
