// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pairs that begin with a load. */
#include "sim/op_pair.h"

#define SECOND_LISTS PAIRS_ALL

#define FIRST ldb
#include "sim/op_pair.def"

#define FIRST ldh
#include "sim/op_pair.def"

#define FIRST ldw
#include "sim/op_pair.def"

#define FIRST lddw
#include "sim/op_pair.def"

#define FIRST ldfpw
#include "sim/op_pair.def"

#define FIRST ldfpdw
#include "sim/op_pair.def"
