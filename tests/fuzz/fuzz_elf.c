// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads everything core/elf.c gives out of arbitrary bytes. */
#include <stdlib.h>
#include <string.h>

#include "core/elf.h"
#include "core/err.h"
#include "core/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink; /* keeps the reads */

static void read_sections(const struct elf_file *f)
{
	for (size_t i = 0; i <= elf_file_sections(f) + 1; i++) {
		auto_free struct elf_reloc *relocs = NULL;
		struct err e = {};
		struct elf_section s;
		size_t n;
		const uint8_t *bytes = elf_file_bytes(f, i, &n);

		for (size_t j = 0; bytes && j < n; j += 4096)
			sink += bytes[j];
		if (bytes && n)
			sink += bytes[n - 1];
		if (elf_file_section(f, i, &s))
			sink += strlen(s.name);
		if (i < 64 && elf_file_relocs(f, i, &relocs, &n, &e) == 0)
			for (size_t j = 0; j < n; j++)
				sink += relocs[j].off;
		err_clear(&e);
	}
}

static void read_symbols(const struct elf_file *f, enum elf_symtab table)
{
	struct elf_symbol s;

	for (size_t i = 0; i <= elf_file_symbols(f, table) + 1; i++)
		if (elf_file_symbol(f, table, i, &s))
			sink += strlen(s.name) + s.section;
}

/* The instructions of every program are there to be read. */
static void read_progs(struct elf_file *f)
{
	auto_free struct elf_prog *progs = NULL;
	struct err e = {};
	size_t n, len;

	if (elf_file_progs(f, &progs, &n, &e) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *bytes = elf_file_bytes(f, progs[i].section, &len);

		if (!bytes || progs[i].off > len || progs[i].size > len - progs[i].off)
			abort();
		sink += bytes[progs[i].off + progs[i].size - 1];
	}
	err_clear(&e);
}

static void read_file(const void *data, size_t size)
{
	auto_elf_file struct elf_file *f = NULL;
	struct err e = {};

	f = elf_file_open_mem("fuzz", data, size, &e);
	if (f) {
		read_sections(f);
		read_symbols(f, ELF_SYMTAB);
		read_symbols(f, ELF_DYNSYM);
		if (elf_file_check_bpf(f, &e) == 0)
			read_progs(f);
	}
	err_clear(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free uint8_t *copy = malloc(size ? size : 1); /* aligned, and ASan sees its end */
	size_t at = 0, len;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	read_file(copy, size);
	for (; elf_find_embedded(copy, size, &at, &len); at += len) {
		auto_free uint8_t *inner = malloc(len);

		if (inner) {
			memcpy(inner, copy + at, len);
			read_file(inner, len);
		}
	}
	return 0;
}
