// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The plan of an object file: its sections of code and data, where every program and variable
 * lies in them, and the number of every symbol.  It is made first; the writers of ELF, .BTF and
 * .BTF.ext only follow it.
 */
#pragma once

#include <stdint.h>

#include "asm/pool.h"
#include "asm/strtab.h"
#include "asm/unit.h"

/* A section made of programs or of variables. */
struct layout_sec {
	const char *name;
	uint32_t name_off;     /* in names; ascends with the index */
	uint32_t first, n;     /* its programs or variables: order[first .. first + n) */
	uint32_t size;	       /* bytes */
	uint32_t align;	       /* a power of two */
	enum var_section kind; /* of a section of variables */
	uint32_t shndx;	       /* number of its header; the ELF writer fills it in */
	uint32_t sym;	       /* of a section with static variables, 0: none */
};

struct layout {
	const struct unit *u;
	/*
	 * Those of the unit by their index there, then functions cut out of them.  A unit without
	 * programs is one, "main", in a section of that name: the loader's user says what it is.
	 */
	struct prog *progs;
	uint32_t nr_progs;
	size_t cap_progs;
	uint32_t *by_first; /* by where their instructions begin */
	uint32_t int_type;  /* the ctype "int" */
	struct pool pool;

	struct layout_sec *code, *data;
	uint32_t nr_code, nr_data;
	uint32_t *prog_order, *var_order;
	uint32_t *prog_sec, *var_sec; /* index in code, in data */
	uint32_t *prog_off;	      /* bytes from the start of the section */

	uint32_t *map_off; /* in .maps */
	uint32_t maps_size;

	/* Numbers of symbols; sections, then what is local, then everything global. */
	uint32_t text_sym, str_sym; /* of the sections .text and .rodata.str1.1, 0: none */
	uint32_t *prog_sym, *var_sym, *extern_sym; /* extern 0: nothing refers to it: has none */
	uint32_t map_sym;			   /* of the first one */
	uint32_t first_global;

	struct strtab names; /* .strtab: of sections and symbols */
};

/*
 * 0, -ENOMEM, or -EINVAL with a diagnostic in the unit's source when the unit cannot be an object
 * (a section too large, too many of them).  layout_free() in either case.
 */
int layout_plan(struct layout *lay, const struct unit *u);
void layout_free(struct layout *lay);
#define auto_layout __attribute__((cleanup(layout_free)))

#define INSN_CALL 0x85

/* Part of planning (split.c): makes what programs call inside themselves functions. */
int layout_split(struct layout *lay);
/*
 * Who is called, or has his address taken, by instruction i of a program; UINT32_MAX: nobody.
 * Programs may call each other too, though loaders want those to be of the same section.
 */
uint32_t layout_callee(const struct layout *lay, uint32_t prog, uint32_t i);

/*
 * Instruction i of program `prog` as the file holds it; *sym is the symbol that its relocation
 * names, 0 if it has none.  Operands that a loader fills in are zero, but for what is added to an
 * address.  Functions that are not global have no symbol that libbpf would take, so, as with
 * clang, calls of them name the section .text and keep the distance.
 */
struct insn layout_insn(const struct layout *lay, uint32_t prog, uint32_t i, uint32_t *sym);

/*
 * The attributes of a map's definition, in the order in which they are members of its struct.
 * An attribute is a number or a type.
 */
struct map_attr {
	const char *name;
	bool is_type;
	uint64_t value; /* of a type: its number in the unit's table */
};
#define MAP_ATTRS_MAX 10

size_t map_attrs(const struct map_decl *m, struct map_attr attrs[MAP_ATTRS_MAX]);
