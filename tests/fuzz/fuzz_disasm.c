// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Objects and bare bytes to text.  Whatever object is read makes a source that the assembler
 * takes, with as many instructions in each section; bytes come back as they were.
 */
#include "../corpus/roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

static void must(bool cond, struct roundtrip *r)
{
	if (cond)
		return;
	fprintf(stderr, "%s%s", buf_str(&r->text), buf_str(&r->why));
	abort();
}

static uint64_t code_size(const struct elf_file *f)
{
	struct elf_section s;
	uint64_t n = 0;

	for (size_t i = 1; elf_file_section(f, i, &s); i++)
		if (s.flags & SHF_ALLOC && s.flags & SHF_EXECINSTR && s.type == SHT_PROGBITS &&
		    roundtrip_counts(&s) && strncmp(s.name, ".rel", 4) != 0 &&
		    strncmp(s.name, ".BTF", 4) != 0 && *s.name)
			n += s.size;
	return n;
}

static void check_code(struct roundtrip *r, const void *data, size_t size)
{
	auto_elf_file struct elf_file *a = NULL, *b = NULL;
	struct err e = {};

	a = elf_file_open_mem("fuzz", data, size, &e);
	b = elf_file_open_mem("copy", r->object.data, r->object.len, &e);
	must(a && b && code_size(a) == code_size(b), r);
	err_clear(&e);
}

/* An object of nothing has no source. */
static bool is_empty(const struct roundtrip *r)
{
	return memmem(r->why.data ? r->why.data : "", r->why.len, "there is nothing in this", 24);
}

static void check_object(const void *data, size_t size, enum disasm_style style)
{
	struct roundtrip r = { .name = "fuzz" };
	bool big = size > EI_DATA && ((const uint8_t *)data)[EI_DATA] == ELFDATA2MSB;

	if (roundtrip_disasm(&r, data, size, style)) {
		if (roundtrip_asm(&r, big))
			check_code(&r, data, size);
		else
			must(is_empty(&r), &r);
	}
	roundtrip_free(&r);
}

static void check_bytes(const void *data, size_t size, enum disasm_style style)
{
	const struct disasm_options opts = { .style = style, .big_endian = size >> 3 & 1 };
	struct roundtrip r = { .name = "fuzz" };
	const struct disasm_sink to = { roundtrip_put, &r.text };
	const struct asm_options back = { .big_endian = opts.big_endian };
	auto_src struct src *s = src_new();
	auto_unit struct unit *u = NULL;
	struct err e = {};

	size &= ~(size_t)7;
	must(disasm_bytes("fuzz", data, size, &opts, &to, &e) == 0, &r);
	u = unit_parse(s, src_add(s, "f", r.text.data ? r.text.data : "", r.text.len), &back);
	must(u && unit_bin(u, 0, (uint32_t)u->nr_insns, &r.object) == 0, &r);
	must(r.object.len == size && (!size || memcmp(r.object.data, data, size) == 0), &r);
	roundtrip_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free uint8_t *copy = malloc(size ? size : 1); /* aligned, and ASan sees its end */
	enum disasm_style style = (enum disasm_style)(size % 3);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	check_object(copy, size, style);
	check_bytes(copy, size, style);
	return 0;
}

/* The bytes of one section, so that the rest stays an object; false: there is none. */
static bool mutate_section(uint8_t *data, size_t size, unsigned int seed)
{
	auto_free uint8_t *copy = malloc(size + 1);
	auto_elf_file struct elf_file *f = NULL;
	struct elf_section s = { .size = 0 };
	struct err e = {};
	bool ok = false;

	if (!copy)
		return false;
	memcpy(copy, data, size);
	f = elf_file_open_mem("fuzz", copy, size, &e);
	err_clear(&e);
	if (f && elf_file_sections(f))
		ok = elf_file_section(f, 1 + seed % elf_file_sections(f), &s);
	ok = ok && s.type != SHT_NOBITS && s.size && s.off < size && s.size <= size - s.off;
	if (ok)
		LLVMFuzzerMutate(data + s.off, s.size, s.size);
	return ok;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	if (seed & 3 && mutate_section(data, size, seed >> 2))
		return size;
	return LLVMFuzzerMutate(data, size, max);
}
