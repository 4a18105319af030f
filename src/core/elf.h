// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading ELF files: BPF objects and, for their symbols, any others.  The only user of libelf.
 *
 * Files are hostile until shown otherwise.  An opened file has section headers that lie within
 * it, and names that end; everything else is checked when it is asked for.  What the functions
 * give out belongs to the file and lives as long.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct elf_file;

/* NULL with *e filled: cannot be read, no ELF file, damaged. */
struct elf_file *elf_file_open(const char *path, struct err *e);
/* `name` is what errors call it.  The bytes are borrowed, and aligned to 8. */
struct elf_file *elf_file_open_mem(const char *name, const void *data, size_t len, struct err *e);
void elf_file_freep(struct elf_file **f);
#define auto_elf_file __attribute__((cleanup(elf_file_freep)))

struct elf_info {
	bool is_64, big_endian;
	uint16_t type, machine; /* ET_x, EM_x */
	uint64_t entry;
};
struct elf_info elf_file_info(const struct elf_file *f);

/*
 * 0 if it is what a BPF loader takes: 64 bits, relocatable, made for BPF (or, as old compilers
 * wrote, for no machine), sections that do not overlap, programs in whole instructions.
 */
int elf_file_check_bpf(struct elf_file *f, struct err *e);

struct elf_section {
	uint32_t index;
	const char *name;
	uint32_t type, link, info; /* SHT_x */
	uint64_t flags, addr, off, size, align, entsize;
};

/* Sections are counted from 1; elf_file_section() is false for an index that is none. */
size_t elf_file_sections(const struct elf_file *f);
bool elf_file_section(const struct elf_file *f, size_t index, struct elf_section *s);
bool elf_file_find(const struct elf_file *f, const char *name, struct elf_section *s);
/* The bytes; NULL when there are none in the file, *len is 0 then. */
const uint8_t *elf_file_bytes(const struct elf_file *f, size_t index, size_t *len);

enum elf_symtab { ELF_SYMTAB, ELF_DYNSYM };

struct elf_symbol {
	const char *name;		/* of a section: the section's; never NULL */
	uint64_t value, size;		/* value: offset in the section, or an address */
	uint8_t type, bind, visibility; /* STT_x, STB_x, STV_x */
	uint32_t section;		/* 0: undefined, or not in a section (absolute, common) */
	bool undefined;
};

/* Symbols are counted from 1 too. */
size_t elf_file_symbols(const struct elf_file *f, enum elf_symtab table);
bool elf_file_symbol(const struct elf_file *f, enum elf_symtab table, size_t index,
		     struct elf_symbol *s);

struct elf_reloc {
	uint64_t off; /* in the section, or an address */
	uint32_t type, symbol;
	int64_t addend; /* of RELA, else 0 */
};

/* The relocations of a section by ascending offset; the caller frees *list.  0 or an error. */
int elf_file_relocs(const struct elf_file *f, size_t section, struct elf_reloc **list, size_t *n,
		    struct err *e);

/*
 * Programs and functions of a BPF object, by section and offset.  Instructions in no function
 * (an assembler's output without symbols) come with name NULL, so that every byte of the sections
 * of code is in one of them.  The caller frees *list.
 */
struct elf_prog {
	const char *name;
	uint32_t section;
	uint32_t symbol; /* 0: none */
	bool global;
	uint64_t off, size;
};
int elf_file_progs(struct elf_file *f, struct elf_prog **list, size_t *n, struct err *e);

/*
 * BPF objects inside another file's bytes (skeletons keep one in .rodata).  Looks from *at on;
 * true: the next one is bytes[*at .. *at + *len).  Begin with *at 0, go on with *at += *len.
 */
bool elf_find_embedded(const void *bytes, size_t size, size_t *at, size_t *len);
