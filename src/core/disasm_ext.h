// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* .BTF.ext: which function, line and CO-RE relocation an instruction belongs to. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dis;

struct dis_ext_func {
	uint32_t section;
	uint64_t off; /* bytes */
	uint32_t type;
};

struct dis_ext_line {
	uint32_t section;
	uint64_t off;
	const char *file, *text;
	uint32_t line, col;
};

struct dis_ext_core {
	uint32_t section;
	uint64_t off;
	uint32_t type, kind;
	const char *access;
};

/* Each by section and offset. */
struct dis_ext {
	struct dis_ext_func *funcs;
	struct dis_ext_line *lines;
	struct dis_ext_core *cores;
	size_t nr_funcs, nr_lines, nr_cores;
};

/* What can be read of the section; what is damaged ends it.  Never NULL. */
struct dis_ext *dis_ext_read(const struct dis *d);
void dis_ext_free(struct dis_ext *x);

/* At an offset; NULL: there is none. */
const struct dis_ext_func *dis_ext_func(const struct dis_ext *x, uint32_t section, uint64_t off);
const struct dis_ext_line *dis_ext_line(const struct dis_ext *x, uint32_t section, uint64_t off);
const struct dis_ext_core *dis_ext_core(const struct dis_ext *x, uint32_t section, uint64_t off);
