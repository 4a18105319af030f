// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The types of a kernel, as the assembler asks for them. */
#pragma once

struct err;
struct kernel_types;
struct types;

/*
 * Fills in the callbacks.  *types is theirs: of the file, which is read now, or, with path NULL, of
 * the running kernel, which is looked up when the first type is asked for and may turn out to have
 * none.  The caller frees *types when the callbacks are done with.
 */
int source_kernel(struct types **types, const char *path, struct kernel_types *to, struct err *e);
