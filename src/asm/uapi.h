// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The constants and helpers of the kernel's interface, by name. */
#pragma once

#include <stdint.h>

struct near;
struct parser;
struct tok;
struct uapi_helper;

/* -ENOENT without a complaint. */
int uapi_find_const(struct parser *p, const struct tok *name, int64_t *value);
/* NULL: there is none, or no memory. */
const struct uapi_helper *uapi_find_helper(struct parser *p, const struct tok *name);

void near_constants(struct parser *p, struct near *n);
void near_helpers(struct parser *p, struct near *n);
