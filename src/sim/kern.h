// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The mock kernel as its callers see it: system calls in, results out.
 *
 * Objects are handed out as descriptors of memfds, so that dup(2), mmap(2) and close(2) of them
 * work on the real kernel: an object is known again by the file's inode, and lives as long as a
 * descriptor of it, a pin, or another object.  Since nobody tells when a descriptor is closed,
 * that is looked at (in /proc/self/fd) where it shows: when ids are listed or looked up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct kern;
struct prog;
struct map;
struct vm_fault;
struct world;

/* NULL: no memory.  vmlinux: BTF of the kernel it plays, or NULL; borrowed. */
struct kern *kern_new(const void *vmlinux, size_t vmlinux_len);
void kern_free(struct kern *k);
struct world *kern_world(struct kern *k);
struct btf *kern_vmlinux(struct kern *k); /* read when first asked for; NULL: there is none */

/*
 * A system call by number.  False: it is none of the mock's (the clock, a file of the machine),
 * and goes to the kernel.  *result is the value, or a negative errno.
 */
bool kern_call(struct kern *k, long nr, const unsigned long args[6], long *result);

/* The object a descriptor stands for, not referenced; NULL: another kind, or none. */
struct prog *kern_prog(struct kern *k, int fd);
struct map *kern_map(struct kern *k, int fd);

/* What stopped the last program that ran by BPF_PROG_TEST_RUN and failed with EFAULT. */
const struct vm_fault *kern_fault(const struct kern *k);
