// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Disassembling bare bytes. */
#include "core/disasm.h"

#include <errno.h>

#include "asm/isa.h"
#include "core/buf.h"
#include "core/err.h"

int disasm_bytes(const char *name, const void *data, size_t len, const struct disasm_options *opts,
		 const struct disasm_sink *to, struct err *e)
{
	const struct insn_bytes from = { data, len / INSN_SIZE, opts->big_endian };
	auto_buf struct buf text = {};
	int r = 0;

	if (len % INSN_SIZE)
		return err_input(e, "%s: %zu bytes are no whole instructions of %u", name, len,
				 INSN_SIZE);
	for (size_t at = 0; at < from.n && !r;) {
		text.len = 0;
		at = insns_print_bytes(&from, at, (enum style)opts->style, &text);
		if (buf_error(&text))
			return err_code(e, ENOMEM, "cannot disassemble %s", name);
		r = to->put(to->arg, text.data, text.len);
	}
	return r;
}
