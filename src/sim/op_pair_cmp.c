// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pairs that begin with a comparison that does not jump. */
#include "sim/op_pair.h"

#define SECOND_LISTS PAIRS_SOME

#define FIRST jeq_k
#define TEST jeq
#define OPERAND op->imm
#include "sim/op_pair.def"

#define FIRST jne_k
#define TEST jne
#define OPERAND op->imm
#include "sim/op_pair.def"

#define FIRST jgt_k
#define TEST jgt
#define OPERAND op->imm
#include "sim/op_pair.def"

#define FIRST jeq32_k
#define TEST jeq32
#define OPERAND op->imm
#include "sim/op_pair.def"

#define FIRST jne32_k
#define TEST jne32
#define OPERAND op->imm
#include "sim/op_pair.def"

#define FIRST jgt
#define TEST jgt
#define OPERAND *op->src
#include "sim/op_pair.def"
