// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mock kernel objects: memory laid out as a struct of some BTF, at an address programs can load
 * from and probe.  A pointer to nothing reads as 0, as behind the kernel's BTF pointers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct kobject;
struct world;

/*
 * A zeroed object of type number `type` of b, which outlives it.  NULL: no memory, or the type
 * has no size.  label is what faults call it.  The world frees it.
 */
struct kobject *kobject_new(struct world *w, const struct btf *b, uint32_t type, const char *label);
/* The same of a struct of the world's vmlinux by name; NULL: there is none. */
struct kobject *kobject_new_struct(struct world *w, const char *name);
/* n bytes without a type. */
struct kobject *kobject_new_bytes(struct world *w, const void *bytes, size_t n, const char *label);
/* A struct bpf_sock as pointers to sockets lead to. */
struct kobject *kobject_new_sock(struct world *w);
/* Accesses to it fault from now on, because of why (a literal). */
void kobject_drop(struct kobject *o, const char *why);

uint64_t kobject_addr(const struct kobject *o);
void *kobject_bytes(const struct kobject *o, size_t *n);
const struct btf *kobject_type(const struct kobject *o, uint32_t *type);
/* The live one at that address; NULL: none begins there. */
struct kobject *kobject_at(const struct world *w, uint64_t addr);

/* Where "a.b.c" lies in the object; false: no such member. */
bool kobject_member(const struct kobject *o, const char *path, uint32_t *bit_off,
		    uint32_t *bit_size);
/* A member as a number; longer than 8 bytes: false. */
bool kobject_get(const struct kobject *o, const char *path, uint64_t *value);
bool kobject_set(struct kobject *o, const char *path, uint64_t value);

/* The task programs see as the current one, made of world.task; 0: no memory. */
uint64_t kobject_current(struct world *w);
/* The cgroup that task is in; 0: no memory. */
uint64_t kobject_cgroup(struct world *w);
/*
 * The address of a variable of the kernel (`extern ... __ksym`): zeros as many as the VAR number
 * id of b is long, the same at each call; 0: no memory, or no such type.
 */
uint64_t kobject_symbol(struct world *w, const struct btf *b, uint32_t id);
