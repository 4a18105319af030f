// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the assembler knows, as rows for the manual. */
#include "asm/checks.h"
#include "asm/isa_row.h"
#include "core/buf.h"
#include "core/source.h"

bool source_check(size_t i, const char **name, const char **what)
{
	if (i >= nr_checks)
		return false;
	*name = checks[i].name;
	*what = checks[i].what;
	return true;
}

/* An instruction of the row, with operands that show where they go. */
static struct insn example(const struct isa_row *row)
{
	uint8_t fields = isa_shapes[row->shape].fields;
	struct insn in = { .code = row->code, .src = row->src, .off = row->off, .imm = row->imm };

	if (fields & F_DST)
		in.dst = 1;
	if (fields & F_SRC)
		in.src = 2;
	if (fields & F_OFF)
		in.off = 4;
	if (fields & (F_IMM | F_VALUE))
		in.imm = 8;
	if (row->shape == END)
		in.imm = 16;
	return in;
}

bool source_instruction(size_t i, struct source_isa *row)
{
	struct insn in[2];

	if (i >= ROW_COUNT)
		return false;
	in[0] = example(&isa_rows[i]);
	in[1] = (struct insn){ .imm = 0 };
	row->cpu = isa_rows[i].cpu;
	row->kernel.len = row->mnemonic.len = 0;
	insn_print(in, 2, 0, STYLE_KERNEL, NULL, &row->kernel);
	insn_print(in, 2, 0, STYLE_MNEMONIC, NULL, &row->mnemonic);
	return true;
}
