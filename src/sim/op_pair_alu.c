// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pairs that begin with arithmetic. */
#include "sim/op_pair.h"

#define SECOND_LISTS PAIRS_ALL

#define FIRST mov
#include "sim/op_pair.def"

#define FIRST add
#include "sim/op_pair.def"

#define FIRST sub
#include "sim/op_pair.def"

#define FIRST mul
#include "sim/op_pair.def"

#define FIRST or
#include "sim/op_pair.def"

#define FIRST xor
#include "sim/op_pair.def"

#define FIRST mov32
#include "sim/op_pair.def"

#define FIRST add32
#include "sim/op_pair.def"

#define FIRST mul32
#include "sim/op_pair.def"

#define FIRST or32
#include "sim/op_pair.def"

#define FIRST xor32
#include "sim/op_pair.def"
