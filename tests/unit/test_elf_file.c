// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading ELF files, damaged ones too. */
#include "bench.h"

#include <unistd.h>

static const char libbpf_tool[] = "/usr/sbin/execsnoop"; /* of Debian's libbpf-tools */

/* An object with two programs, functions, and a reference. */
static void sample(struct bench *b)
{
	bench_open(b);
	b->maps[0] = (struct map_decl){ .name = "m", .type = 2, .given = MAP_MAX_ENTRIES };
	b->u.nr_maps = 1;
	add_ref(b, REF_MAP, 0, 0);
	add_call(b, REF_FUNC, 2);
	end_prog(b, "xdp", "p");
	end_prog(b, "xdp", "q");
	end_prog(b, ".text", "f");
	make(b);
}

static void put(struct bench *b, size_t off, uint64_t v, unsigned int bytes_)
{
	for (unsigned int i = 0; i < bytes_; i++)
		b->object.data[off + i] = (char)(v >> 8 * i);
}

/* Offset of a field of the header of a section. */
static size_t header(const struct bench *b, const char *name, size_t field)
{
	Elf64_Ehdr h;

	memcpy(&h, b->object.data, sizeof(h));
	return h.e_shoff + section(b, name).index * sizeof(Elf64_Shdr) + field;
}

static const char *open_error(const void *data, size_t len)
{
	static struct err e;
	struct elf_file *f;

	err_clear(&e);
	f = elf_file_open_mem("x.o", data, len, &e);
	if (f)
		elf_file_check_bpf(f, &e);
	elf_file_freep(&f);
	return e.what;
}

static void programs_come_in_order(void)
{
	auto_free struct elf_prog *p = NULL;
	struct err e = {};
	struct bench b;
	size_t n;

	sample(&b);
	CHECK_INT(elf_file_progs(b.file, &p, &n, &e), 0);
	CHECK_INT(n, 3);
	if (n == 3) {
		CHECK_STR(p[0].name, "p");
		CHECK_INT(p[0].size, 32);
		CHECK(p[0].global);
		CHECK_STR(p[1].name, "q");
		CHECK_INT(p[1].off, 32);
		CHECK_STR(p[2].name, "f");
		CHECK(!p[2].global);
		CHECK_INT(p[2].section, section(&b, ".text").index);
	}
	bench_close(&b);
}

static void instructions_in_no_function_are_not_lost(void)
{
	auto_free struct elf_prog *p = NULL;
	struct elf_symbol s = {};
	struct elf_section symtab;
	struct err e = {};
	struct bench b;
	size_t n;

	sample(&b);
	symtab = section(&b, ".symtab");
	for (size_t i = 1; elf_file_symbol(b.file, ELF_SYMTAB, i, &s); i++)
		if (strcmp(s.name, "q") == 0)
			put(&b, symtab.off + i * sizeof(Elf64_Sym) + offsetof(Elf64_Sym, st_info),
			    ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 1);
	elf_file_freep(&b.file);
	b.file = elf_file_open_mem("x.o", b.object.data, b.object.len, &e);
	CHECK_INT(elf_file_progs(b.file, &p, &n, &e), 0);
	CHECK_INT(n, 3);
	if (n == 3) {
		CHECK(!p[1].name);
		CHECK_INT(p[1].off, 32);
		CHECK_INT(p[1].size, 8);
	}
	bench_close(&b);
}

static void a_function_outside_its_section_is_an_error(void)
{
	auto_free struct elf_prog *p = NULL;
	struct elf_symbol s = {};
	struct elf_section symtab;
	struct err e = {};
	struct bench b;
	size_t n;

	sample(&b);
	symtab = section(&b, ".symtab");
	for (size_t i = 1; elf_file_symbol(b.file, ELF_SYMTAB, i, &s); i++)
		if (strcmp(s.name, "q") == 0)
			put(&b, symtab.off + i * sizeof(Elf64_Sym) + offsetof(Elf64_Sym, st_size),
			    48, 8);
	elf_file_freep(&b.file);
	b.file = elf_file_open_mem("x.o", b.object.data, b.object.len, &e);
	CHECK_INT(elf_file_progs(b.file, &p, &n, &e), -EINVAL);
	CHECK_STR(e.what, "x.o: function 'q' does not lie in section 'xdp'");
	CHECK(!p && !n);
	bench_close(&b);
}

static void relocations_name_symbols(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	sample(&b);
	CHECK_STR(relocs(&b, "xdp", &text), "0 1 m 0, 16 10 .text -1");
	bench_close(&b);
}

static void what_is_no_object_is_said_so(void)
{
	struct bench b;

	CHECK_STR(open_error("", 0), "x.o: not an ELF file");
	CHECK_STR(open_error("#!/bin/sh", 9), "x.o: not an ELF file");
	sample(&b);
	put(&b, offsetof(Elf64_Ehdr, e_machine), EM_X86_64, 2);
	CHECK_STR(open_error(b.object.data, b.object.len), "x.o: not a BPF object file");
	put(&b, offsetof(Elf64_Ehdr, e_machine), EM_BPF, 2);
	put(&b, offsetof(Elf64_Ehdr, e_type), ET_EXEC, 2);
	CHECK_STR(open_error(b.object.data, b.object.len), "x.o: not a BPF object file");
	bench_close(&b);
}

static void damage_is_found(void)
{
	static const struct {
		const char *section;
		size_t field;
		uint64_t value;
		const char *error;
	} cases[] = {
		{ "xdp", offsetof(Elf64_Shdr, sh_size), 1u << 20,
		  "a section ends behind the file" },
		{ "xdp", offsetof(Elf64_Shdr, sh_offset), UINT64_MAX,
		  "a section ends behind the file" },
		{ ".symtab", offsetof(Elf64_Shdr, sh_link), 99,
		  "a section refers to one that does not exist" },
		{ ".text", offsetof(Elf64_Shdr, sh_offset), 64,
		  "sections 'xdp' and '.text' overlap" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		unsigned int n = cases[i].field == offsetof(Elf64_Shdr, sh_link) ? 4 : 8;
		char want[128];
		struct bench b;

		sample(&b);
		put(&b, header(&b, cases[i].section, cases[i].field), cases[i].value, n);
		snprintf(want, sizeof(want), "x.o: damaged ELF file: %s", cases[i].error);
		CHECK_STR(open_error(b.object.data, b.object.len), want);
		bench_close(&b);
	}
}

static void a_broken_instruction_at_the_end_is_found(void)
{
	struct bench b;

	sample(&b);
	put(&b, header(&b, ".text", offsetof(Elf64_Shdr, sh_size)), 7, 8);
	CHECK_STR(open_error(b.object.data, b.object.len),
		  "x.o: section '.text' does not end with an instruction");
	bench_close(&b);
}

static void no_cut_off_object_opens(void)
{
	struct bench b;
	size_t opened = 0;

	sample(&b);
	for (size_t len = 0; len < b.object.len; len++) {
		/* a copy of that size, so that reading past its end is seen */
		auto_free char *copy = malloc(len ? len : 1);

		memcpy(copy, b.object.data, len);
		opened += !*open_error(copy, len);
	}
	CHECK_INT(opened, 0);
	bench_close(&b);
}

static void objects_inside_other_files_are_found(void)
{
	auto_buf struct buf outer = {};
	size_t at = 0, len, found = 0;
	struct bench b;

	sample(&b);
	buf_adds(&outer,
		 "x\177ELF and more text that only looks like the beginning of one .......");
	for (int i = 0; i < 2; i++) {
		buf_adds(&outer, "\177EL");
		buf_add(&outer, b.object.data, b.object.len);
	}
	for (; elf_find_embedded(outer.data, outer.len, &at, &len); at += len) {
		CHECK_INT(len, b.object.len);
		CHECK(memcmp(outer.data + at, b.object.data, b.object.len) == 0);
		found++;
	}
	CHECK_INT(found, 2);
	at = 0;
	outer.len -= 1; /* the second lost its end */
	CHECK(elf_find_embedded(outer.data, outer.len, &at, &len));
	at += len;
	CHECK(!elf_find_embedded(outer.data, outer.len, &at, &len));
	bench_close(&b);
}

static void read_whole(const char *path, struct buf *to)
{
	auto_file FILE *f = fopen(path, "re");
	size_t n = 1;

	while (f && n) {
		char *p = buf_reserve(to, 65536);

		n = p ? fread(p, 1, 65536, f) : 0;
		to->len += n;
	}
}

static void a_tool_holds_its_object(void)
{
	auto_elf_file struct elf_file *f = NULL;
	auto_free struct elf_prog *p = NULL;
	auto_free void *copy = NULL;
	auto_buf struct buf tool = {};
	size_t at = 0, len = 0, n = 0, found = 0;
	struct err e = {};

	if (access(libbpf_tool, R_OK) != 0)
		return; /* TODO: SKIP(), when test.h has it */
	read_whole(libbpf_tool, &tool);
	CHECK(elf_find_embedded(tool.data, tool.len, &at, &len));
	copy = malloc(len ? len : 1);
	memcpy(copy, tool.data + at, len);
	f = elf_file_open_mem(libbpf_tool, copy, len, &e);
	CHECK(f && elf_file_check_bpf(f, &e) == 0 && elf_file_progs(f, &p, &n, &e) == 0);
	for (size_t i = 0; i < n; i++)
		found += p[i].name && strstr(p[i].name, "syscalls__sys_") != NULL;
	CHECK_INT(found, 2); /* one for the call, one for its return */
	err_clear(&e);
}

static void any_elf_file_has_symbols(void)
{
	auto_elf_file struct elf_file *f = NULL;
	struct elf_section s;
	struct elf_symbol sym;
	struct err e = {};
	size_t found = 0;

	f = elf_file_open("/proc/self/exe", &e);
	CHECK(f);
	if (!f)
		return;
	CHECK(elf_file_info(f).is_64 == (sizeof(void *) == 8));
	CHECK(elf_file_find(f, ".text", &s));
	for (size_t i = 1; i <= elf_file_symbols(f, ELF_SYMTAB); i++)
		found += elf_file_symbol(f, ELF_SYMTAB, i, &sym) && strcmp(sym.name, "main") == 0 &&
			 sym.section == s.index && sym.type == STT_FUNC;
	CHECK_INT(found, 1);
	CHECK(elf_file_symbols(f, ELF_DYNSYM) > 0);
	CHECK(!elf_file_symbol(f, ELF_DYNSYM, 0, &sym));
	CHECK(!elf_file_symbol(f, ELF_DYNSYM, elf_file_symbols(f, ELF_DYNSYM) + 1, &sym));
	CHECK_INT(elf_file_check_bpf(f, &e), -EINVAL);
	err_clear(&e);
}

static void paths_that_cannot_be_read_are_said_so(void)
{
	struct err e = {};

	CHECK(!elf_file_open("/nonexistent/x.o", &e));
	CHECK_STR(e.what, "cannot open /nonexistent/x.o");
	CHECK_INT(e.class, ERR_ABSENT);
	CHECK(!elf_file_open("/", &e));
	CHECK_STR(e.what, "/: not a regular file");
	CHECK(!elf_file_open("/etc/passwd", &e));
	CHECK_STR(e.what, "/etc/passwd: not an ELF file");
	err_clear(&e);
}

static const struct test tests[] = {
	{ "programs and functions come by section and offset", programs_come_in_order },
	{ "instructions in no function are not lost", instructions_in_no_function_are_not_lost },
	{ "a function outside its section is an error",
	  a_function_outside_its_section_is_an_error },
	{ "relocations name symbols", relocations_name_symbols },
	{ "what is no BPF object is said so", what_is_no_object_is_said_so },
	{ "damaged headers are found", damage_is_found },
	{ "a broken instruction at the end is found", a_broken_instruction_at_the_end_is_found },
	{ "no cut off object opens", no_cut_off_object_opens },
	{ "objects inside other files are found", objects_inside_other_files_are_found },
	{ "a tool of libbpf-tools holds its object", a_tool_holds_its_object },
	{ "any ELF file has sections and symbols", any_elf_file_has_symbols },
	{ "paths that cannot be read are said so", paths_that_cannot_be_read_are_said_so },
};
TEST_MAIN(tests)
