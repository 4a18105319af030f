// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whatever source the assembler accepts makes an object that the reader accepts. */
#include <stdlib.h>
#include <string.h>

#include "asm/formats.h"
#include "asm/image.h"
#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

/* Every relocation is at an instruction and names a symbol. */
static void check_relocs(const struct elf_file *f, const struct elf_section *s)
{
	auto_free struct elf_reloc *r = NULL;
	struct elf_symbol sym;
	struct err e = {};
	size_t n = 0;

	must(elf_file_relocs(f, s->index, &r, &n, &e) == 0);
	for (size_t i = 0; i < n; i++) {
		must(r[i].off % 8 == 0 && r[i].off < s->size);
		must(elf_file_symbol(f, ELF_SYMTAB, r[i].symbol, &sym));
		must(r[i].type == 1 || r[i].type == 10);
	}
}

static void check_object(const struct unit *u)
{
	auto_elf_file struct elf_file *f = NULL;
	auto_free struct elf_prog *p = NULL;
	auto_buf struct buf out = {};
	struct elf_section s;
	struct err e = {};
	size_t n;

	if (unit_elf(u, &out) < 0) {
		must(src_errors(u->src) > 0 && out.len == 0);
		return;
	}
	f = elf_file_open_mem("object", out.data, out.len, &e);
	must(f && elf_file_check_bpf(f, &e) == 0 && elf_file_progs(f, &p, &n, &e) == 0);
	for (size_t i = 0; i < n; i++)
		must(p[i].name && p[i].size && p[i].size % 8 == 0);
	for (size_t i = 1; elf_file_section(f, i, &s); i++)
		check_relocs(f, &s);
	must(elf_file_find(f, ".BTF", &s));
	must(!n == !elf_file_find(f, ".BTF.ext", &s));
}

static void check_formats(const struct unit *u)
{
	for (size_t i = 0; i < u->nr_progs + u->bare; i++) {
		auto_image struct image im = {};

		if (image_make(&im, u, u->bare ? NULL : &u->progs[i]) < 0)
			continue;
		for (int format = FORMAT_BIN; format <= FORMAT_GO; format++) {
			auto_buf struct buf out = {};

			must(format_image(&im, (enum format)format, NULL, &out) == 0);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_src struct src *s = src_new();
	auto_unit struct unit *u = NULL;
	auto_buf struct buf list = {};
	struct asm_options opts = { .big_endian = size & 1 };

	u = unit_parse(s, src_add(s, "f", (const char *)data, size), &opts);
	if (!u)
		return 0;
	check_object(u);
	check_formats(u);
	format_listing(u, &list);
	return 0;
}
