// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A source understood: what the parser makes and the object writer, the listings and the tests
 * read.  Everything in it belongs to the unit; strings are terminated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/isa.h"
#include "asm/kernel_types.h"
#include "asm/options.h"
#include "asm/pool.h"
#include "asm/test.h"

struct buf;
struct ctypes;
struct src;

/* What the operand of an instruction names; the instruction is complete but for that. */
enum ref_kind {
	REF_NONE,
	REF_MAP,  /* ld_imm64 of maps[ref]; imm of slot 2 is the offset when src says "value" */
	REF_VAR,  /* ld_imm64 of the address of vars[ref] plus imm */
	REF_FUNC, /* call of progs[ref] */
	REF_FUNC_ADDR, /* ld_imm64 of the address of progs[ref] (callback) */
	REF_EXTERN,    /* ld_imm64 or call of externs[ref] */
	REF_STR,       /* ld_imm64 of .rodata.str1.1 plus imm: a string literal */
	REF_AS_IS,     /* .insn: whatever it is, nobody changes it */
};

/*
 * One slot.  Jumps, and calls of a label, are resolved; whoever lays functions out resolves calls
 * of those.  pos is the author's position, mostly ascending inside a program; the second slot of
 * ld_imm64 has pos 0.
 */
struct vinsn {
	struct insn insn;
	enum ref_kind kind : 8;
	uint32_t ref;
	uint32_t pos;
};

struct param {
	const char *name; /* may be NULL */
	uint32_t type;
};

/* A program or a subprogram: insns[first .. first + n). */
struct prog {
	const char *name;
	const char *section; /* "xdp"; ".text" for a subprogram */
	bool is_func;
	bool global;  /* func global: verified by its own prototype */
	bool hidden;  /* func global hidden: for other objects only, verified with its callers */
	uint32_t ret; /* types; a program is int NAME(ctx *) */
	struct param *params;
	uint32_t nr_params;
	uint32_t first, n;
	uint32_t pos;
	uint32_t stack;		 /* bytes of named stack slots, 8-aligned */
	uint32_t body, body_end; /* positions behind its braces and of the closing one */
};

/* What an element of a map of maps, or of programs, is from the start. */
struct map_value {
	uint32_t index;
	uint32_t ref; /* of maps, in a prog_array of progs */
	uint32_t pos;
};

struct map_decl {
	const char *name;
	uint32_t type;	     /* BPF_MAP_TYPE_x */
	uint32_t key, value; /* types, 0 (void) if only the size is given or there is none */
	uint32_t key_size, value_size;
	uint32_t max_entries, flags, numa_node;
	uint64_t map_extra;
	uint32_t pinning; /* LIBBPF_PIN_x */
	uint32_t *events; /* types of the records, in source order */
	uint32_t nr_events;
	uint32_t pos;
	unsigned int given;	/* MAP_x: which attributes were written */
	struct map_decl *inner; /* what the maps in it are like; without a name */
	struct map_value *values;
	uint32_t nr_values, nr_slots; /* slots: 1 more than the largest index */
};
enum {
	MAP_KEY_SIZE = 1,
	MAP_VALUE_SIZE = 2,
	MAP_MAX_ENTRIES = 4,
	MAP_FLAGS = 8,
	MAP_NUMA_NODE = 16,
	MAP_EXTRA = 32,
	MAP_PINNING = 64,
};

enum var_section { VAR_DATA, VAR_RODATA, VAR_BSS };

/* A program in a struct_ops. */
struct var_ref {
	uint32_t off, prog;
};

struct var_decl {
	const char *name;
	const char *section; /* ".data", ".rodata", ".bss", or what was written instead */
	enum var_section kind;
	bool is_static; /* no symbol for others; addresses of it name the section */
	uint32_t type;
	uint32_t off;	     /* in its section; the parser lays sections out, naturally aligned */
	const uint8_t *init; /* ctype size bytes in target order, NULL: zeros */
	struct var_ref *refs;
	uint32_t nr_refs;
	uint32_t pos;
};

struct extern_decl {
	const char *name;
	const char *section; /* ".ksyms" or ".kconfig" */
	uint32_t type;	     /* 0: untyped ksym */
	bool weak;
	bool is_func; /* kfunc: ret and params count */
	uint32_t ret;
	struct param *params;
	uint32_t nr_params;
	uint32_t pos;
};

/* A struct declared with `event`: kept in BTF, used to decode records. */
struct event_decl {
	uint32_t type;
	bool has_kind; /* told apart by a first field u32 kind */
	uint32_t kind;
};

/* `attach PROG { dev veth0 }`: what run and attach do unless told otherwise. */
struct attach_decl {
	uint32_t prog;
	const char *key, *value; /* value "": the key says it all */
};

struct unit {
	struct src *src; /* borrowed */
	bool big_endian;
	unsigned int cpu; /* 1 to 4 */
	bool bare;	  /* no prog: insns are one instruction stream */
	const char *license;
	struct ctypes *types;
	struct vinsn *insns;
	size_t nr_insns;
	struct prog *progs;
	size_t nr_progs;
	struct map_decl *maps;
	size_t nr_maps;
	struct var_decl *vars;
	size_t nr_vars;
	struct extern_decl *externs;
	size_t nr_externs;
	struct event_decl *events;
	size_t nr_events;
	struct attach_decl *attaches;
	size_t nr_attaches;
	struct core_rec *cores; /* ascending by instruction */
	size_t nr_cores;
	const uint8_t *strings; /* .rodata.str1.1 */
	size_t strings_len;
	struct test_decl *tests;
	size_t nr_tests;
	struct test_target target;
	struct pool pool; /* strings, initial values, lists */
};

/* Whether a section of that name is made of something else, and cannot have variables. */
bool unit_reserves(const char *section);
void unit_freep(struct unit **u);
#define auto_unit __attribute__((cleanup(unit_freep)))

/*
 * Reads the file that src_add() put at `pos` and everything it includes.  Diagnostics go to s.
 * NULL: there were errors (src_errors() > 0), or no memory (src_errors() == 0).
 */
struct unit *unit_parse(struct src *s, uint32_t pos, const struct asm_options *opts);

/*
 * Outputs.  All append to b and return 0 or -ENOMEM; unit_elf() can also fail with a diagnostic
 * in src (-EINVAL).
 */
int unit_elf(const struct unit *u, struct buf *b);
int unit_bin(const struct unit *u, uint32_t first, uint32_t n, struct buf *b); /* raw bytes */
