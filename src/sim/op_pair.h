// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables of the handlers of pairs: one table per kind that may come first. */
#pragma once

#include "sim/op.h"
#include "sim/op_step.h"

#define PAIRS(name, ...) extern op_fn *const pairs_##name[OP_SECONDS];
#define PAIRS_IMM(name) PAIRS(name##_k)
#define PAIRS_MEM(name, ...) PAIRS(ld##name) PAIRS(st##name)
#define PAIRS_FP(name, ...) PAIRS(ldfp##name) PAIRS(stfp##name)
ALU_HOT(PAIRS)
ALU_IMM(PAIRS_IMM)
MEM_OPS(PAIRS_MEM)
FP_HOT(PAIRS_FP)
#undef PAIRS
#undef PAIRS_IMM
#undef PAIRS_MEM
#undef PAIRS_FP
