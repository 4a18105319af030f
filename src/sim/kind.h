// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which op an instruction becomes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/op.h"

/* Of an instruction with a known opcode; its other fields need not have been checked. */
enum op_kind insn_kind(const struct insn *in);

/* What arithmetic of that kind makes of dst and src; false: it is none. */
bool kind_eval(enum op_kind kind, uint64_t d, uint64_t s, uint64_t *result);
/* Whether a comparison of that kind jumps. */
bool kind_test(enum op_kind kind, uint64_t d, uint64_t s);

static inline bool kind_is_cmp(enum op_kind kind)
{
	return kind >= OP_CMP && kind < OP_AFTER_CMP;
}
