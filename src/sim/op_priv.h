// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The handlers that are made one by one, for the table of all. */
#pragma once

#include "sim/op.h"

#define DECLARE_ATOMIC(name, ...) op_fn op_##name##_w, op_##name##_dw;
#define DECLARE_ORDERED(name, ...) op_fn op_acquire_##name, op_release_##name;
ATOMIC_OPS(DECLARE_ATOMIC)
MEM_OPS(DECLARE_ORDERED)
#undef DECLARE_ATOMIC
#undef DECLARE_ORDERED

op_fn op_cast, op_imm64, op_ja, op_may_goto, op_ld_abs, op_ld_ind, op_helper, op_call,
	op_call_light, op_exit, op_exit_light, op_dead;
