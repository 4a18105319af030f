// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows of the tables of calls; T is the struct that a table is about. */
#pragma once

#include <stddef.h>

#include "core/sys_tape.h"

#define OFF(m) offsetof(T, m)
#define SIZE(m) sizeof(((T *)0)->m)
#define ROW(n, k, m, ...)                                                                          \
	{                                                                                          \
		.name = n, .kind = FIELD_##k, .off = OFF(m), .size = SIZE(m), __VA_ARGS__          \
	}
#define NUM(m) ROW(#m, NUM, m)
#define GOT(m) ROW(#m, GOT, m)
#define BOTH(m) ROW(#m, BOTH, m)
#define FD(n, m) ROW(n, FD, m)
#define STR(n, m) ROW(n, STR, m)
#define COUNT(m, w) .len = LEN_COUNT, .count = OFF(m), .width = w
#define RECS(m, w) .len = LEN_RECS, .count = OFF(m), .width = OFF(w)
#define LEN(l) .len = LEN_##l
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}
