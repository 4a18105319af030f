// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON text to values; jansson reads. */
#pragma once

#include <stddef.h>

struct err;
struct val;

/*
 * One JSON document into *v, which the caller drops.  Integers up to 2^64-1 and down to -2^63 are
 * exact; other numbers become V_DOUBLE.  Errors carry `name`, line and column; class input.
 */
int json_parse(const char *text, size_t len, const char *name, struct val *v, struct err *e);
