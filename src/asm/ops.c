// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads the operators off isa.def with the lexer that will meet them in sources. */
#include "asm/ops.h"

#include <string.h>

#include "asm/isa_row.h"
#include "asm/lex.h"

static uint32_t text_of(const char *op)
{
	uint32_t text = 0;

	for (size_t i = 0; i < 4 && op[i]; i++)
		text |= (uint32_t)(unsigned char)op[i] << 8 * i;
	return text;
}

static void add(struct ops *o, const struct isa_row *row)
{
	uint8_t nr = (uint8_t)(row - isa_rows + 1);
	bool is_signed = *row->op == 's', is_alu = row->shape == ALU;
	uint32_t i = ops_find(o, text_of(row->op));
	struct lex l;

	lex_init(&l, row->op + is_signed, strlen(row->op + is_signed), 1);
	lex_next(&l);
	if (row->shape == ATOMIC) {
		o->lock[l.tok.kind] = nr;
		return;
	}
	o->texts[i].text = text_of(row->op);
	*(is_alu ? &o->texts[i].set : &o->texts[i].compare) = nr;
	(is_alu ? o->set : o->compare)[is_signed][l.tok.kind] = nr;
}

void ops_init(struct ops *o)
{
	memset(o, 0, sizeof(*o));
	for (const struct isa_row *row = isa_rows; row < isa_rows + ROW_COUNT; row++)
		if (row->shape == ALU || row->shape == JCOND || row->shape == ATOMIC)
			add(o, row);
}
