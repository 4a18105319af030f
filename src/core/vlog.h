// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading the verifier's log: what it says last, and about which instruction. */
#pragma once

#include <stddef.h>

/*
 * The message the log ends with, its lines with "; " between, without statistics and states; "" if
 * there is none.  Returns buf.
 */
const char *vlog_message(const char *log, char *buf, size_t size);
/* The instruction it is about, an index of 8-byte slots; -1: none can be told. */
long vlog_insn(const char *log);
