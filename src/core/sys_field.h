// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which fields of a call matter; the tables of sys_tape.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/obj.h"
#include "core/sys_tape.h"

/* Of a command of bpf(2), whose attr (TAPE_ATTR bytes) tells variants apart; NULL: unknown. */
const struct field *sys_fields_bpf(unsigned long cmd, const uint8_t *attr);
bool sys_gives_fd(unsigned long cmd);
/* Of what BPF_OBJ_GET_INFO_BY_FD fills; of a link by its type, in the info itself. */
const struct field *sys_fields_info(enum obj_kind kind, const uint8_t *info);
/* Of other system calls, as a struct of six 64-bit words; NULL: not of the record. */
const struct field *sys_fields_call(long nr, const char **name);
const struct field *sys_fields_perf(void);
