// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* C types and fields as they are written in a source. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "asm/ctype.h"

struct parser;
struct tok;

/* `const struct x *`, `unsigned int`, `u32`: all that stands before a declared name. */
int type_read(struct parser *p, uint32_t *type);
/* The [2][3] behind the name, if any; [] is 0 elements. */
int type_read_array(struct parser *p, uint32_t *type);
/* Makes sure that its size is known; the token is marked if it cannot be. */
int type_complete(struct parser *p, uint32_t type, const struct tok *t);

/* By name; 0, -ENOENT without a complaint, or another error. */
int type_find(struct parser *p, const struct tok *name, uint32_t *type);

/* T.f[2].g, from the name of the type on. */
int type_field(struct parser *p, struct cfield *f);
/* .f[2].g behind something of type f->type, at offset f->off; nothing there is no error. */
int type_path(struct parser *p, struct cfield *f);

/* What sizeof takes: a type, a field, a variable. */
int type_operand(struct parser *p, uint32_t *type);

/* The two parts of type_read(): what a list of declared names shares, and the stars of each. */
int type_read_base(struct parser *p, uint32_t *type);
int type_read_stars(struct parser *p, uint32_t *type);
