// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Disassembling bare bytes. */
#include "core/disasm.h"

#include <errno.h>
#include <stdlib.h>

#include "asm/isa.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"

int disasm_bytes(const char *name, const void *data, size_t len, const struct disasm_options *opts,
		 struct buf *to, struct err *e)
{
	const uint8_t *bytes = data;
	size_t n = len / INSN_SIZE;
	auto_free struct insn *in = NULL;

	if (len % INSN_SIZE)
		return err_input(e, "%s: %zu bytes are no whole instructions of %u", name, len,
				 INSN_SIZE);
	in = reallocarray(NULL, n ? n : 1, sizeof(*in));
	if (!in)
		return err_code(e, ENOMEM, "cannot disassemble %s", name);
	for (size_t i = 0; i < n; i++)
		insn_decode(bytes + i * INSN_SIZE, opts->big_endian, &in[i]);
	insns_print(in, n, (enum style)opts->style, NULL, to);
	return buf_error(to) ? err_code(e, ENOMEM, "cannot disassemble %s", name) : 0;
}
