// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What commands that print instructions share. */
#pragma once

#include "core/opt.h"

extern const struct opt_word disasm_styles[]; /* values of enum disasm_style */

#define OPT_STYLE(T, member)                                                                       \
	OPTION(T, member, OPT_ENUM, "style", 0, "STYLE", "kernel, llvm or mnemonic",               \
	       .words = disasm_styles)

struct err;
struct out;

/* The instructions of a loaded program as rows of a `line`; 0 or an error. */
int dump_lines(struct out *out, const struct words *prog, int style, struct err *e);
