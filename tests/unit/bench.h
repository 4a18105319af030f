// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Units made by hand, and a look into the objects made of them. */
#pragma once

#include "test.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "asm/ctype.h"
#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/mem.h"

#define MAX 16

/* A unit in the making, and the object made of it. */
struct bench {
	struct src *src;
	struct ctypes *types;
	struct vinsn insns[64];
	struct prog progs[MAX];
	struct map_decl maps[MAX];
	struct var_decl vars[MAX];
	struct extern_decl externs[MAX];
	struct unit u;
	uint32_t text; /* position of the first byte of the source */
	struct buf object;
	struct elf_file *file;
};

static const char source[] = "prog xdp p {\n"
			     "\tr0 = 1\r\n"
			     "\tr1 = 5 ll; r2 = r1\n"
			     "\texit\n"
			     "}\n";

static inline void bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->src = src_new();
	b->types = ctypes_new();
	b->text = src_add(b->src, "dir/p.bpf", source, strlen(source));
	b->u = (struct unit){
		.src = b->src,
		.cpu = 4,
		.license = "GPL",
		.types = b->types,
		.insns = b->insns,
		.progs = b->progs,
		.maps = b->maps,
		.vars = b->vars,
		.externs = b->externs,
	};
}

static inline void bench_drop_object(struct bench *b)
{
	elf_file_freep(&b->file);
	buf_free(&b->object);
}

static inline void bench_close(struct bench *b)
{
	bench_drop_object(b);
	ctypes_freep(&b->types);
	src_freep(&b->src);
}

static inline uint32_t type(struct bench *b, const char *name)
{
	uint32_t t = 0;

	CHECK(ctype_find(b->types, name, strlen(name), &t));
	return t;
}

/* The position of the n-th occurrence of a text in the source, from 0. */
static inline uint32_t at(const struct bench *b, const char *text)
{
	return b->text + (uint32_t)(strstr(source, text) - source);
}

static inline struct vinsn *add(struct bench *b, uint8_t code, uint8_t dst, int32_t imm,
				uint32_t pos)
{
	struct vinsn *v = &b->insns[b->u.nr_insns++];

	*v = (struct vinsn){ .insn = { .code = code, .dst = dst, .imm = imm }, .pos = pos };
	return v;
}

static inline void add_ref(struct bench *b, enum ref_kind kind, uint32_t ref, int32_t imm)
{
	struct vinsn *v = add(b, INSN_LD_IMM64, 1, imm, at(b, "r1 = 5"));

	v->kind = kind;
	v->ref = ref;
	add(b, 0, 0, 0, 0);
}

static inline void add_call(struct bench *b, enum ref_kind kind, uint32_t ref)
{
	struct vinsn *v = add(b, 0x85, 0, 0, at(b, "r0 = 1"));

	v->insn.src = PSEUDO_CALL;
	v->kind = kind;
	v->ref = ref;
}

/* Makes what was added since the last call a program, ended by an exit. */
static inline struct prog *end_prog(struct bench *b, const char *section, const char *name)
{
	struct prog *p = &b->progs[b->u.nr_progs], *last = b->u.nr_progs ? p - 1 : NULL;

	add(b, 0x95, 0, 0, at(b, "exit"));
	*p = (struct prog){ .name = name, .section = section, .ret = type(b, "int") };
	p->is_func = strcmp(section, ".text") == 0;
	p->first = last ? last->first + last->n : 0;
	p->n = (uint32_t)b->u.nr_insns - p->first;
	p->pos = b->text;
	b->u.nr_progs++;
	return p;
}

/* The program of the source above. */
static inline void add_sample(struct bench *b)
{
	add(b, 0xb7, 0, 1, at(b, "r0 = 1"));
	add(b, INSN_LD_IMM64, 1, 5, at(b, "r1 = 5"));
	add(b, 0, 0, 0, 0);
	add(b, 0xbf, 2, 0, at(b, "r2 = r1"))->insn.src = 1;
	end_prog(b, "xdp", "p");
}

static inline void make(struct bench *b)
{
	struct err e = {};

	bench_drop_object(b);
	CHECK_INT(unit_elf(&b->u, &b->object), 0);
	b->file = elf_file_open_mem("object", b->object.data, b->object.len, &e);
	if (!b->file || elf_file_check_bpf(b->file, &e) < 0)
		FAIL("%s", e.what);
	err_clear(&e);
}

static inline struct elf_section section(const struct bench *b, const char *name)
{
	struct elf_section s = { .name = "" };

	if (!b->file || !elf_file_find(b->file, name, &s))
		FAIL("no section %s", name);
	return s;
}

static inline bool has_section(const struct bench *b, const char *name)
{
	struct elf_section s;

	return elf_file_find(b->file, name, &s);
}

static inline struct elf_symbol symbol(const struct bench *b, const char *name)
{
	struct elf_symbol s;

	for (size_t i = 1; b->file && i <= elf_file_symbols(b->file, ELF_SYMTAB); i++)
		if (elf_file_symbol(b->file, ELF_SYMTAB, i, &s) && strcmp(s.name, name) == 0)
			return s;
	FAIL("no symbol %s", name);
	return (struct elf_symbol){ .name = "" };
}

static inline const uint8_t *bytes(const struct bench *b, const char *name)
{
	static const uint8_t none[256];
	size_t len;
	const uint8_t *p = elf_file_bytes(b->file, section(b, name).index, &len);

	return p ? p : none;
}

static inline uint32_t word(const struct bench *b, const uint8_t *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v |= (uint32_t)p[b->u.big_endian ? 3 - i : i] << 8 * i;
	return v;
}

/* "offset type symbol" of every relocation of a section, and what the instruction keeps. */
static inline const char *relocs(struct bench *b, const char *name, struct buf *text)
{
	auto_free struct elf_reloc *list = NULL;
	struct elf_symbol s = { .name = "" };
	struct err e = {};
	size_t n = 0;

	elf_file_relocs(b->file, section(b, name).index, &list, &n, &e);
	for (size_t i = 0; i < n; i++) {
		elf_file_symbol(b->file, ELF_SYMTAB, list[i].symbol, &s);
		buf_addf(text, "%s%u %u %s %d", i ? ", " : "", (unsigned int)list[i].off,
			 list[i].type, s.name, (int)word(b, bytes(b, name) + list[i].off + 4));
	}
	return buf_str(text);
}

/* The unit is refused with this diagnostic, and leaves nothing behind. */
static inline void check_refused(struct bench *b, const char *text)
{
	auto_buf struct buf out = {};
	const struct diag *d;

	buf_adds(&out, "abc");
	CHECK_INT(unit_elf(&b->u, &out), -EINVAL);
	CHECK_INT(out.len, 3);
	CHECK(src_diags(b->src, &d) == 1);
	CHECK_STR(d ? d->text : NULL, text);
}
