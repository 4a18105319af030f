// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Object files: sections, symbols, relocations, limits. */
#include "bench.h"

static void a_program_is_a_section_and_a_function(void)
{
	struct bench b;
	struct elf_section s;
	struct elf_symbol sym;

	bench_open(&b);
	add_sample(&b);
	make(&b);
	s = section(&b, "xdp");
	CHECK_INT(s.type, SHT_PROGBITS);
	CHECK_INT(s.flags, SHF_ALLOC | SHF_EXECINSTR);
	CHECK_INT(s.size, 40);
	CHECK_INT(s.align, 8);
	CHECK(memcmp(bytes(&b, "xdp") + 24, "\xbf\x12\0\0\0\0\0\0", 8) == 0);
	sym = symbol(&b, "p");
	CHECK_INT(sym.type, STT_FUNC);
	CHECK_INT(sym.bind, STB_GLOBAL);
	CHECK_INT(sym.section, s.index);
	CHECK_INT(sym.value, 0);
	CHECK_INT(sym.size, 40);
	CHECK_STR((const char *)bytes(&b, "license"), "GPL");
	CHECK_INT(section(&b, "license").flags, SHF_ALLOC | SHF_WRITE);
	CHECK(!has_section(&b, ".maps") && !has_section(&b, ".relxdp") &&
	      !has_section(&b, ".text"));
	bench_close(&b);
}

static void programs_of_a_section_follow_each_other(void)
{
	struct bench b;

	bench_open(&b);
	end_prog(&b, "xdp", "a");
	end_prog(&b, "tc", "b");
	end_prog(&b, "xdp", "c");
	end_prog(&b, ".text", "f");
	make(&b);
	CHECK_INT(section(&b, "xdp").size, 16);
	CHECK_INT(section(&b, "xdp").index, 1);
	CHECK_INT(section(&b, "tc").index, 2);
	CHECK_INT(section(&b, ".text").index, 3);
	CHECK_INT(symbol(&b, "a").value, 0);
	CHECK_INT(symbol(&b, "c").value, 8);
	CHECK_INT(symbol(&b, "b").value, 0);
	CHECK_INT(symbol(&b, "f").bind, STB_LOCAL);
	bench_close(&b);
}

static void calls_name_what_libbpf_takes(void)
{
	auto_buf struct buf text = {}, text2 = {};
	struct bench b;

	bench_open(&b);
	add_call(&b, REF_FUNC, 3);
	add_call(&b, REF_FUNC, 2);
	add_ref(&b, REF_FUNC_ADDR, 3, 0);
	end_prog(&b, "xdp", "p");
	end_prog(&b, ".text", "first");
	add_call(&b, REF_FUNC, 3);
	add_call(&b, REF_FUNC, 1);
	end_prog(&b, ".text", "glob")->global = true;
	add_call(&b, REF_FUNC, 2);
	end_prog(&b, ".text", "loc");
	make(&b);
	CHECK_STR(relocs(&b, "xdp", &text), "0 10 .text 3, 8 10 glob -1, 16 1 .text 32");
	/* what others may see is called by its symbol */
	CHECK_STR(relocs(&b, ".text", &text2), "32 10 glob -1");
	/* inside .text the distance is known: from 1 to 4, from 2 to 0 */
	CHECK_INT((int)word(&b, bytes(&b, ".text") + 8 + 4), 2);
	CHECK_INT((int)word(&b, bytes(&b, ".text") + 16 + 4), -3);
	CHECK_INT(symbol(&b, "glob").bind, STB_GLOBAL);
	CHECK_INT(symbol(&b, "loc").bind, STB_LOCAL);
	CHECK_INT(symbol(&b, "loc").value, 32);
	bench_close(&b);
}

static void programs_call_each_other(void)
{
	auto_buf struct buf text = {}, text2 = {};
	struct bench b;

	bench_open(&b);
	end_prog(&b, "tc", "first");
	add_call(&b, REF_FUNC, 0);
	add(&b, 0x85, 0, 7, at(&b, "r0 = 1"))->kind = REF_AS_IS;
	end_prog(&b, "tc", "second");
	add_call(&b, REF_FUNC, 0);
	end_prog(&b, "xdp", "third");
	make(&b);
	/* complete within a section, by symbol from another one */
	CHECK_STR(relocs(&b, "tc", &text), "");
	CHECK_INT((int)word(&b, bytes(&b, "tc") + 8 + 4), -2);
	CHECK_INT((int)word(&b, bytes(&b, "tc") + 16 + 4), 7);
	CHECK_STR(relocs(&b, "xdp", &text2), "0 10 first -1");
	bench_close(&b);
}

/* Calls slot `to` of the program that begins at slot 0. */
static void add_local_call(struct bench *b, int32_t to)
{
	add_call(b, REF_NONE, 0);
	b->insns[b->u.nr_insns - 1].insn.imm = to - (int32_t)b->u.nr_insns;
}

static void what_is_called_inside_a_program_becomes_a_function(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	bench_open(&b);
	add_local_call(&b, 3);
	add_local_call(&b, 4);
	add(&b, 0x95, 0, 0, at(&b, "exit"));
	add(&b, 0x95, 0, 0, at(&b, "exit"));
	add_local_call(&b, 3);
	end_prog(&b, "xdp", "p");
	add_call(&b, REF_FUNC, 2);
	end_prog(&b, "xdp", "q");
	end_prog(&b, ".text", "f");
	make(&b);
	CHECK_INT(symbol(&b, "p").size, 24);
	CHECK_INT(symbol(&b, "q").value, 24);
	CHECK_INT(symbol(&b, "f").value, 0);
	CHECK_INT(symbol(&b, "p_at_3").value, 8);
	CHECK_INT(symbol(&b, "p_at_3").size, 8);
	CHECK_INT(symbol(&b, "p_at_3").bind, STB_LOCAL);
	CHECK_INT(symbol(&b, "p_at_4").value, 16);
	CHECK_INT(symbol(&b, "p_at_4").size, 16);
	CHECK_STR(relocs(&b, "xdp", &text), "0 10 .text 0, 8 10 .text 1, 24 10 .text -1");
	CHECK_INT((int)word(&b, bytes(&b, ".text") + 16 + 4), -2); /* from 2 to 1 */
	bench_close(&b);
}

static void calls_that_lead_nowhere_are_refused(void)
{
	struct bench b;

	bench_open(&b);
	add_local_call(&b, 7);
	end_prog(&b, "xdp", "p");
	check_refused(&b, "there is no instruction of 'p' where this call goes");
	bench_close(&b);

	bench_open(&b);
	add_ref(&b, REF_NONE, 0, 5);
	add_local_call(&b, 1);
	end_prog(&b, "xdp", "p");
	check_refused(&b, "there is no instruction of 'p' where this call goes");
	bench_close(&b);

	bench_open(&b);
	add_local_call(&b, 0);
	end_prog(&b, "xdp", "p");
	check_refused(&b, "program 'p' calls itself");
	bench_close(&b);

	bench_open(&b);
	add_ref(&b, REF_FUNC_ADDR, 0, 0);
	end_prog(&b, "xdp", "p");
	check_refused(&b, "program 'p' has no address, only a func has");
	bench_close(&b);

	bench_open(&b);
	add_local_call(&b, 3);
	add(&b, 0x05, 0, 0, at(&b, "r0 = 1"))->insn.off = 1; /* goto 3 */
	add(&b, 0x95, 0, 0, at(&b, "exit"));
	end_prog(&b, "xdp", "p");
	check_refused(&b, "this jumps into a function that is called elsewhere");
	bench_close(&b);
}

static void references_leave_the_loader_its_part(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	bench_open(&b);
	b.maps[0] = (struct map_decl){ .name = "m", .type = 2, .given = MAP_MAX_ENTRIES };
	b.u.nr_maps = 1;
	b.vars[0] = (struct var_decl){
		.name = "v", .section = ".data", .type = type(&b, "u64"), .off = 8
	};
	b.u.nr_vars = 1;
	b.externs[0] = (struct extern_decl){ .name = "unused", .section = ".ksyms" };
	b.externs[1] = (struct extern_decl){
		.name = "kf", .section = ".ksyms", .is_func = true, .weak = true
	};
	b.u.nr_externs = 2;
	b.u.strings = (const uint8_t *)"a\0bc";
	b.u.strings_len = 5;
	add_ref(&b, REF_MAP, 0, 99);
	add_ref(&b, REF_VAR, 0, 4);
	add_ref(&b, REF_STR, 0, 2);
	add_call(&b, REF_EXTERN, 1);
	end_prog(&b, "xdp", "p");
	make(&b);
	CHECK_STR(relocs(&b, "xdp", &text),
		  "0 1 m 0, 16 1 v 4, 32 1 .rodata.str1.1 2, 48 10 kf -1");
	CHECK_INT(bytes(&b, "xdp")[1], 0x01);  /* src 0 */
	CHECK_INT(bytes(&b, "xdp")[49], 0x10); /* src 1, a call of a function */
	CHECK_INT(symbol(&b, "v").value, 8);
	CHECK_INT(symbol(&b, "kf").bind, STB_WEAK);
	CHECK(symbol(&b, "kf").undefined);
	for (size_t i = 1; i <= elf_file_symbols(b.file, ELF_SYMTAB); i++) {
		struct elf_symbol s = {};

		elf_file_symbol(b.file, ELF_SYMTAB, i, &s);
		CHECK(strcmp(s.name, "unused") != 0);
	}
	CHECK_INT(section(&b, ".rodata.str1.1").flags, SHF_ALLOC | SHF_MERGE | SHF_STRINGS);
	CHECK_INT(section(&b, ".rodata.str1.1").entsize, 1);
	bench_close(&b);
}

static void variables_lie_where_they_were_put(void)
{
	static const uint8_t init[] = { 1, 2, 3, 4 };
	struct bench b;
	struct elf_section s;

	bench_open(&b);
	add_sample(&b);
	/* not in the order of their offsets, which BTF wants */
	b.vars[0] = (struct var_decl){ .name = "late",
				       .section = ".rodata",
				       .kind = VAR_RODATA,
				       .type = type(&b, "u32"),
				       .off = 4,
				       .init = init };
	b.vars[1] = (struct var_decl){
		.name = "early", .section = ".rodata", .kind = VAR_RODATA, .type = type(&b, "u32")
	};
	b.vars[2] = (struct var_decl){
		.name = "zero", .section = ".bss", .kind = VAR_BSS, .type = type(&b, "u64")
	};
	b.u.nr_vars = 3;
	make(&b);
	s = section(&b, ".rodata");
	CHECK_INT(s.flags, SHF_ALLOC);
	CHECK_INT(s.size, 8);
	CHECK_INT(s.align, 4);
	CHECK(memcmp(bytes(&b, ".rodata"), "\0\0\0\0\1\2\3\4", 8) == 0);
	s = section(&b, ".bss");
	CHECK_INT(s.type, SHT_NOBITS);
	CHECK_INT(s.size, 8);
	CHECK_INT(s.align, 8);
	CHECK_INT(symbol(&b, "zero").type, STT_OBJECT);
	bench_close(&b);
}

static void static_variables_are_found_by_their_section(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	bench_open(&b);
	b.vars[0] = (struct var_decl){
		.name = "before", .section = ".data.x", .kind = VAR_DATA, .type = type(&b, "u64")
	};
	b.vars[1] = (struct var_decl){ .name = "hidden",
				       .section = ".data.x",
				       .kind = VAR_DATA,
				       .is_static = true,
				       .type = type(&b, "u64"),
				       .off = 8 };
	b.u.nr_vars = 2;
	add_ref(&b, REF_VAR, 0, -8);
	add_ref(&b, REF_VAR, 1, -4);
	add_ref(&b, REF_VAR, 1, -12);
	end_prog(&b, "xdp", "p");
	make(&b);
	CHECK_STR(relocs(&b, "xdp", &text), "0 1 before -8, 16 1 .data.x 4, 32 1 .data.x -4");
	/* an offset has 64 bits */
	CHECK_INT((int)word(&b, bytes(&b, "xdp") + 12), -1);
	CHECK_INT((int)word(&b, bytes(&b, "xdp") + 28), 0);
	CHECK_INT((int)word(&b, bytes(&b, "xdp") + 44), -1);
	CHECK_INT(symbol(&b, "before").bind, STB_GLOBAL);
	CHECK_INT(symbol(&b, "hidden").bind, STB_LOCAL);
	CHECK_INT(symbol(&b, "hidden").value, 8);
	bench_close(&b);
}

static void a_section_is_of_programs_or_variables(void)
{
	struct bench b;

	bench_open(&b);
	add_sample(&b);
	b.vars[0] = (struct var_decl){
		.name = "v", .section = "xdp", .kind = VAR_DATA, .type = type(&b, "u64")
	};
	b.u.nr_vars = 1;
	check_refused(&b, "section 'xdp' is one of programs");
	bench_close(&b);
}

static void declarations_alone_make_an_object(void)
{
	struct bench b;

	bench_open(&b);
	b.u.bare = true;
	b.maps[0] = (struct map_decl){ .name = "m", .type = 2, .given = MAP_MAX_ENTRIES };
	b.u.nr_maps = 1;
	make(&b);
	CHECK_INT(symbol(&b, "m").size, 16);
	CHECK(has_section(&b, ".BTF"));
	CHECK(!has_section(&b, ".BTF.ext") && !has_section(&b, "main"));
	b.u.nr_maps = 0;
	check_refused(&b, "there is nothing in this source");
	bench_close(&b);
}

static void an_object_can_follow_other_bytes(void)
{
	auto_buf struct buf second = {};
	struct bench b;

	bench_open(&b);
	add_sample(&b);
	make(&b);
	buf_adds(&second, "abc");
	CHECK_INT(unit_elf(&b.u, &second), 0);
	CHECK_INT(second.len, b.object.len + 3);
	if (second.len == b.object.len + 3)
		CHECK(memcmp(second.data + 3, b.object.data, b.object.len) == 0);
	bench_close(&b);
}

static void what_an_object_cannot_say_is_refused(void)
{
	struct bench b;

	bench_open(&b);
	b.maps[0] = (struct map_decl){ .name = "m", .type = 2 };
	b.u.nr_maps = 1;
	add_ref(&b, REF_MAP, 0, 0);
	b.insns[0].insn.src = PSEUDO_MAP_VALUE;
	end_prog(&b, "xdp", "p");
	check_refused(&b, "an object file cannot hold the address of a value of map 'm'");
	bench_close(&b);

	bench_open(&b);
	end_prog(&b, "xdp", "p")->n = 0;
	check_refused(&b, "program 'p' has no instructions");
	bench_close(&b);

	bench_open(&b);
	end_prog(&b, "xdp", "p");
	b.vars[0] = (struct var_decl){ .name = "v",
				       .section = ".bss",
				       .kind = VAR_BSS,
				       .type = type(&b, "u64"),
				       .off = 0xfffffff8 };
	b.u.nr_vars = 1;
	check_refused(&b, "section '.bss' is larger than 2 GiB");
	bench_close(&b);
}

static void lists_that_btf_cannot_hold_are_refused(void)
{
	struct param *params = calloc(65536, sizeof(*params));
	struct map_decl *maps = calloc(65536, sizeof(*maps));
	struct bench b;

	bench_open(&b);
	end_prog(&b, "xdp", "p");
	b.progs[0].params = params;
	b.progs[0].nr_params = 65536;
	check_refused(&b, "65536 parameters, and BTF can list only 65535");
	bench_close(&b);

	bench_open(&b);
	end_prog(&b, "xdp", "p");
	for (size_t i = 0; i < 65536; i++)
		maps[i].name = "m";
	b.u.maps = maps;
	b.u.nr_maps = 65536;
	check_refused(&b, "65536 maps, and BTF can list only 65535");
	bench_close(&b);
	free(params);
	free(maps);
}

static const struct test tests[] = {
	{ "static variables are found by their section",
	  static_variables_are_found_by_their_section },
	{ "a section is of programs or of variables", a_section_is_of_programs_or_variables },
	{ "programs call each other", programs_call_each_other },
	{ "a program is a section and a function symbol", a_program_is_a_section_and_a_function },
	{ "programs of a section follow each other", programs_of_a_section_follow_each_other },
	{ "calls name the symbols libbpf takes", calls_name_what_libbpf_takes },
	{ "what is called inside a program becomes a function",
	  what_is_called_inside_a_program_becomes_a_function },
	{ "calls that lead nowhere are refused", calls_that_lead_nowhere_are_refused },
	{ "references leave the loader its part", references_leave_the_loader_its_part },
	{ "variables lie where they were put", variables_lie_where_they_were_put },
	{ "declarations alone make an object", declarations_alone_make_an_object },
	{ "an object can follow other bytes in the buffer", an_object_can_follow_other_bytes },
	{ "what an object cannot say is refused", what_an_object_cannot_say_is_refused },
	{ "lists that BTF cannot hold are refused", lists_that_btf_cannot_hold_are_refused },
};
TEST_MAIN(tests)
