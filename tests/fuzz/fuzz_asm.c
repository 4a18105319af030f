// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer target: any text is read, in either byte order and for any cpu; what assembles is
 * printed in the three spellings, and each must give the same bytes.  Objects and expansions are
 * made of it, and laying it out twice is laying it out once.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc tests/fuzz/fuzz_asm.c
 *	src/asm/... src/core/buf.c src/core/mem.c src/uapi/names.c
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/asm_kernel.h"
#include "asm/expand.h"
#include "asm/fmt.h"
#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is included is the source itself, under one of two names. */
static int include(void *arg, const char *name, const char *from, struct buf *text, char **path)
{
	const struct buf *source = arg;

	(void)from;
	if (*name == 'x')
		return -ENOENT;
	buf_add(text, source->data, source->len);
	*path = strdup(*name == 'a' ? "a" : "b");
	return 0;
}

static struct unit *assemble(struct src *s, const char *text, size_t len,
			     const struct asm_options *opts)
{
	uint32_t pos = src_add(s, "fuzz", text, len);

	return pos ? unit_parse(s, pos, opts) : NULL;
}

static void render_all(struct src *s)
{
	struct buf b = { .data = NULL };
	const struct diag *d;
	size_t n = src_diags(s, &d);

	for (size_t i = 0; i < n; i++)
		src_render(s, &d[i], &b);
	buf_free(&b);
}

static void check_style(const struct unit *u, const struct insn *in, enum style style,
			const struct asm_options *opts)
{
	struct buf text = { .data = NULL }, want = { .data = NULL }, got = { .data = NULL };
	struct src *s = src_new();
	struct unit *again;

	insns_print(in, u->nr_insns, style, NULL, &text);
	again = assemble(s, text.data, text.len, opts);
	if (!again || again->nr_insns != u->nr_insns)
		abort();
	unit_bin(u, 0, (uint32_t)u->nr_insns, &want);
	unit_bin(again, 0, (uint32_t)again->nr_insns, &got);
	if (want.len && memcmp(want.data, got.data, want.len) != 0)
		abort();
	unit_freep(&again);
	src_freep(&s);
	buf_free(&text);
	buf_free(&want);
	buf_free(&got);
}

static void check_unit(const struct unit *u, const struct asm_options *opts)
{
	struct insn *in = calloc(u->nr_insns + 1, sizeof(*in));
	struct asm_options plain = { .big_endian = opts->big_endian };

	for (size_t i = 0; i < u->nr_insns; i++)
		in[i] = u->insns[i].insn;
	for (int style = STYLE_KERNEL; style <= STYLE_MNEMONIC; style++)
		check_style(u, in, (enum style)style, &plain);
	free(in);
}

static void check_layout(const char *text, size_t size)
{
	struct buf once = { .data = NULL }, twice = { .data = NULL };

	fmt_text(text, size, &once);
	fmt_text(once.data ? once.data : "", once.len, &twice);
	if (once.len != twice.len || (once.len && memcmp(once.data, twice.data, once.len) != 0))
		abort();
	buf_free(&once);
	buf_free(&twice);
}

static void make_all(const struct unit *u)
{
	struct buf elf = { .data = NULL }, text = { .data = NULL };

	unit_elf(u, &elf);
	unit_expand(u, &text);
	buf_free(&elf);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf source = { (char *)(uintptr_t)data, size, size, false };
	struct asm_options opts = { /* the length chooses, so that seeds need no special form */
				    .cpu = (unsigned int)(size % 5),
				    .big_endian = size % 2,
				    .include = include,
				    .arg = &source,
				    .kernel = &fake_kernel,
				    .checks = true
	};
	struct src *s = src_new();
	struct unit *u;

	u = assemble(s, (const char *)data, size, &opts);
	render_all(s);
	if (u)
		check_unit(u, &opts);
	if (u)
		make_all(u);
	check_layout((const char *)data, size);
	unit_freep(&u);
	src_freep(&s);
	return 0;
}
