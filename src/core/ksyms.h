// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's symbols, from /proc/kallsyms. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct err;
struct ksyms;

struct ksym {
	uint64_t addr;
	const char *name;
	const char *module; /* NULL: the kernel itself */
};

/* NULL with *e; denied when this user is shown no addresses.  Takes some 50 ms: read it once. */
struct ksyms *ksyms_read(struct err *e);
void ksyms_freep(struct ksyms **k);
#define auto_ksyms __attribute__((cleanup(ksyms_freep)))

/* The symbol at or next below an address; NULL below the first. */
const struct ksym *ksyms_at(const struct ksyms *k, uint64_t addr);

/* The symbol that begins at an address, or of a name, in the kernel itself or a module; or NULL. */
const struct ksym *ksyms_exact(const struct ksyms *k, uint64_t addr);
const struct ksym *ksyms_named(const struct ksyms *k, const char *name);
