// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pairs that begin with arithmetic with an immediate. */
#include "sim/op_pair.h"

#define SECOND_LISTS PAIRS_ALL

#define FIRST mov_k
#include "sim/op_pair.def"

#define FIRST add_k
#include "sim/op_pair.def"

#define FIRST and_k
#include "sim/op_pair.def"

#define FIRST lsh_k
#include "sim/op_pair.def"

#define FIRST rsh_k
#include "sim/op_pair.def"

#define FIRST add32_k
#include "sim/op_pair.def"

#define FIRST lsh32_k
#include "sim/op_pair.def"

#define FIRST rsh32_k
#include "sim/op_pair.def"
