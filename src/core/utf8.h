// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UTF-8, as far as output needs it. */
#pragma once

#include <stddef.h>

/* Length of the valid sequence at s (1 for ASCII), 0 if there is none or left is 0. */
size_t utf8_len(const char *s, size_t left);

/* Columns on a terminal, where every character is taken to be one wide. */
size_t utf8_width(const char *s, size_t len);
