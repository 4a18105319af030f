// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pairs that begin with a store. */
#include "sim/op_pair.h"

#define SECOND_LISTS PAIRS_SOME

#define FIRST stb
#include "sim/op_pair.def"

#define FIRST sth
#include "sim/op_pair.def"

#define FIRST stw
#include "sim/op_pair.def"

#define FIRST stdw
#include "sim/op_pair.def"

#define FIRST stfpw
#include "sim/op_pair.def"

#define FIRST stfpdw
#include "sim/op_pair.def"
