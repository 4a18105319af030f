// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the files that make a source of an object share.
 *
 * The object is read first (disasm_read.c, disasm_data.c, disasm_map.c): its functions, maps,
 * variables and externs, each with a name the language takes and no other has.  Then it is written
 * in the order of a source.  Nothing in an object is trusted: what the language cannot say is said
 * in a comment, and a type or a value that does not come out right becomes bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/isa.h"
#include "asm/pool.h"
#include "asm/symtab.h"
#include "core/buf.h"
#include "core/disasm.h"
#include "core/elf.h"
#include "core/types.h"

#define INSN_CALL 0x85

struct ctype;
struct ctypes;
struct dis_ext;
struct dis_ext_core;

enum dis_use {
	USE_NONE, /* not part of what is loaded, or made anew */
	USE_CODE,
	USE_DATA,
	USE_RODATA,
	USE_BSS,
	USE_MAPS,     /* .maps, described by BTF */
	USE_OLD_MAPS, /* maps, arrays of struct bpf_map_def */
	USE_OPS,      /* .struct_ops, .struct_ops.link */
	USE_LOST,     /* loaders look at it, and the language has no word for it */
};

struct dis_section {
	struct elf_section s;
	enum dis_use use;
	const uint8_t *bytes;
	size_t len;
	struct elf_reloc *relocs; /* by offset */
	size_t nr_relocs;
	uint64_t *points; /* of code and data: offsets that something refers to */
	size_t nr_points, cap_points;
	uint32_t first, n; /* its functions, variables or maps */
	bool used;	   /* of data: it is to be written */
};

/* `name` is the text's; `symbol` the object's, NULL where it has none. */
struct dis_func {
	const char *name, *symbol;
	uint32_t section;
	bool is_global, is_hidden, used;
	uint64_t off, size; /* bytes */
	uint32_t type;	    /* its FUNC, 0: unknown */
};

struct dis_var {
	const char *name, *symbol;
	uint32_t section;
	bool is_global;
	uint64_t off, size;
	uint32_t type; /* 0: bytes, or text */
};

struct dis_map {
	const char *name, *symbol;
	uint32_t section;
	bool is_global, used;
	uint64_t off;
	uint32_t var;  /* its VAR, 0: unknown */
	bool followed; /* what it begins with is to be written as well */
};

struct dis_extern {
	const char *name, *symbol;
	uint32_t nr;   /* of the symbol */
	uint32_t type; /* its VAR or FUNC, 0: unknown */
	bool is_func, is_kconfig, is_weak, used;
};

struct dis {
	const char *file;
	const struct disasm_options *opts;
	const struct disasm_sink *to;
	struct elf_file *elf;
	bool big_endian;
	bool btf_damaged;
	struct types *types; /* NULL: there are none */
	struct dis_ext *ext;
	struct dis_section *sections; /* by index; 0 is none */
	size_t nr_sections;	      /* with that */
	struct dis_func *funcs;
	struct dis_var *vars;
	struct dis_map *maps;
	struct dis_extern *externs;
	uint32_t nr_funcs, nr_vars, nr_maps, nr_externs;
	const char *license; /* NULL: the object has none */
	struct dis_types *decls;
	struct symtab names; /* taken; the value counts those made of it */
	struct pool pool;
	struct buf text; /* not handed over yet */
	int result;	 /* of the sink; other than 0: nobody listens any more */
};

/* --- names and text (disasm_text.c) --- */

/* A name nobody has, as like the wanted one as the language allows; of memory of d. */
const char *dis_name(struct dis *d, const char *wanted);
/* The same of another table; the value of a name there counts those made of it. */
const char *dis_name_in(struct dis *d, struct symtab *names, const char *wanted);
/* The same for a map, variable, function; `symbol` NULL: what lies at `off` of a section. */
const char *dis_name_at(struct dis *d, const char *symbol, uint32_t section, uint64_t off);
/* What the language takes for a name of a field or type. */
bool dis_is_name(const char *s);
/* For comments: without what would end the line or drive a terminal, cut where it is long. */
void dis_put_comment(struct buf *to, const char *s);
/* For strings. */
void dis_put_quoted(struct buf *to, const void *bytes, size_t len);
/* Hands the text over when there is enough of it, or all of it. */
void dis_flush(struct dis *d, bool all);

/* --- reading (disasm_read.c) --- */

/* 0 or an error. */
int dis_read(struct dis *d, const void *data, size_t len, struct err *e);
void dis_free(struct dis *d);

struct insn dis_insn(const struct dis *d, const struct dis_section *s, uint64_t off);
/* The index of the first relocation at an offset or behind it. */
size_t dis_first_reloc(const struct dis_section *s, uint64_t off);
/* The relocation of the instruction at an offset, or NULL. */
const struct elf_reloc *dis_reloc(const struct dis_section *s, uint64_t off);

/* What is added to the symbol: calls count in instructions from the next, all else in bytes. */
int64_t dis_addend(const struct elf_reloc *r, const struct insn *in);

enum dis_kind { TO_NOTHING, TO_FUNC, TO_VAR, TO_MAP, TO_EXTERN };

/* What an operand refers to: its index, and how far from its start. */
struct dis_target {
	enum dis_kind kind;
	uint32_t nr;
	int64_t off;
	bool by_section; /* the relocation names the section, not the symbol */
};

/* disasm_resolve.c */
struct dis_target dis_resolve(const struct dis *d, const struct elf_reloc *r,
			      const struct insn *in);
/* The function or map that a relocation of data points to. */
struct dis_target dis_pointer(const struct dis *d, const struct dis_section *s,
			      const struct elf_reloc *r);
/* A call, or an address, of a function by its distance: complete where it has no relocation. */
bool dis_is_near(const struct insn *in);
/* The same for the instruction at an offset of a section, with a relocation or without. */
struct dis_target dis_operand(const struct dis *d, const struct dis_section *s, uint64_t off,
			      const struct insn *in);
/* In .text: a function of programs, else a program. */
bool dis_is_func(const struct dis *d, const struct dis_func *f);
/* The function of a section that begins at an offset; NULL: none does. */
const struct dis_func *dis_func_at(const struct dis *d, uint32_t section, uint64_t off);

/* --- parts of the source: reading and writing --- */

int dis_read_data(struct dis *d, struct err *e); /* disasm_data.c */
void dis_put_data(struct dis *d, uint32_t section);
int dis_read_maps(struct dis *d, struct err *e); /* disasm_map.c */
void dis_put_map(struct dis *d, const struct dis_map *m);
/* Where the description of a map ends in its section. */
uint64_t dis_map_end(const struct dis *d, const struct dis_map *m);
void dis_put_ops(struct dis *d, const struct dis_var *v);	/* disasm_ops.c */
void dis_put_code(struct dis *d, const struct dis_func *f);	/* disasm_code.c */
void dis_put_extern(struct dis *d, const struct dis_extern *x); /* disasm_extern.c */
/* A CO-RE relocation in words (disasm_core.c). */
void dis_core_text(const struct dis *d, const struct dis_ext_core *core, struct buf *to);
/*
 * Whether the words are source: the types in them are declared, and the assembler computes what
 * the compiler did, *value.
 */
bool dis_core_source(struct dis *d, const struct dis_ext_core *core, int64_t *value);

/* --- what is asked for (disasm_select.c) --- */

/* Marks all that is to be written as used.  0 or an error: there is no such section or program. */
int dis_select(struct dis *d, struct err *e);
/* Not all of the object is. */
bool dis_is_partial(const struct dis *d);
