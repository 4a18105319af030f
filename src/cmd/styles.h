// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* --style, for commands that print instructions. */
#pragma once

#include "core/opt.h"

extern const struct opt_word disasm_styles[]; /* values of enum disasm_style */

#define OPT_STYLE(T, member)                                                                       \
	OPTION(T, member, OPT_ENUM, "style", 0, "STYLE", "kernel, llvm or mnemonic",               \
	       .words = disasm_styles)
