// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What tests of the assembler share: text to unit, diagnostics as lines. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"

/* "3:9: error: text" and "  hint: text" lines; other files with their path in front. */
static inline void list_diags(struct src *s, struct buf *to)
{
	static const char *const words[] = { "note", "warning", "error" };
	const struct diag *d;
	size_t n = src_diags(s, &d);

	for (size_t i = 0; i < n; i++) {
		struct src_loc loc = src_locate(s, d[i].pos);

		if (loc.file)
			buf_addf(to, "%s:", loc.path);
		buf_addf(to, "%u:%u: %s: %s", loc.line, loc.col, words[d[i].severity], d[i].text);
		buf_addf(to, d[i].check ? " [-W%s]\n" : "\n", d[i].check);
		if (d[i].hint)
			buf_addf(to, "  hint: %s\n", d[i].hint);
	}
}

/* An assembly and all that came of it. */
struct assembled {
	struct src *src;
	struct unit *unit;
	struct buf raw, diags;
};

static inline void assembled_free(struct assembled *a)
{
	unit_freep(&a->unit);
	src_freep(&a->src);
	buf_free(&a->raw);
	buf_free(&a->diags);
}
#define auto_assembled __attribute__((cleanup(assembled_free)))

static inline void assemble(struct assembled *a, const char *text, size_t len,
			    const struct asm_options *opts)
{
	uint32_t pos;

	memset(a, 0, sizeof(*a));
	a->src = src_new();
	pos = src_add(a->src, "t.bpf", text, len);
	a->unit = unit_parse(a->src, pos, opts);
	if (a->unit)
		unit_bin(a->unit, 0, (uint32_t)a->unit->nr_insns, &a->raw);
	list_diags(a->src, &a->diags);
}

static inline bool same_bytes(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}
