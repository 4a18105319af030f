// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading an object: its sections, functions and externs, and what refers to them. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/unit.h"
#include "core/disasm_ext.h"
#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/err.h"
#include "core/mem.h"

/* --- sections --- */

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Sections that the assembler makes anew, or that are about the object rather than of it. */
static bool is_ignored(const char *name)
{
	return strcmp(name, "license") == 0 || strcmp(name, "version") == 0 ||
	       starts(name, ".rel") || starts(name, ".BTF") || starts(name, ".eh_frame") || !*name;
}

static enum dis_use use_of(const struct elf_section *s)
{
	if (!(s->flags & SHF_ALLOC) || !s->size || s->size > INT32_MAX || is_ignored(s->name))
		return USE_NONE;
	if (s->type == SHT_PROGBITS && s->flags & SHF_EXECINSTR)
		return USE_CODE;
	if (strcmp(s->name, ".struct_ops") == 0 || strcmp(s->name, ".struct_ops.link") == 0)
		return USE_OPS;
	if (starts(s->name, ".struct_ops"))
		return USE_LOST;
	if (strcmp(s->name, ".maps") == 0)
		return USE_MAPS;
	if (strcmp(s->name, "maps") == 0)
		return USE_OLD_MAPS;
	if (strcmp(s->name, ".text") == 0)
		return USE_NONE;
	if (s->type == SHT_NOBITS)
		return unit_reserves(s->name) ? USE_LOST : USE_BSS;
	if (s->type != SHT_PROGBITS)
		return USE_NONE;
	if (unit_reserves(s->name))
		return USE_LOST;
	return s->flags & SHF_WRITE ? USE_DATA : USE_RODATA;
}

static bool is_data(enum dis_use use)
{
	return use == USE_DATA || use == USE_RODATA || use == USE_BSS;
}

/* The language tells sections of data by their names, and apart from those of code. */
static void lose_namesakes(struct dis *d)
{
	struct symtab names = { .slots = NULL };
	bool is_new;

	for (int data = 0; data <= 1; data++) {
		for (uint32_t i = 1; i < d->nr_sections; i++) {
			struct dis_section *s = &d->sections[i];

			if (data ? !is_data(s->use) : s->use != USE_CODE)
				continue;
			if (symtab_add(&names, s->s.name, strlen(s->s.name), i, &is_new) && data &&
			    !is_new)
				s->use = USE_LOST;
		}
	}
	symtab_free(&names);
}

static int read_sections(struct dis *d, struct err *e)
{
	d->nr_sections = elf_file_sections(d->elf) + 1;
	d->sections = xcalloc(d->nr_sections, sizeof(*d->sections));
	for (size_t i = 1; i < d->nr_sections; i++) {
		struct dis_section *s = &d->sections[i];
		int r;

		if (!elf_file_section(d->elf, i, &s->s)) {
			s->s.name = "";
			continue;
		}
		s->use = use_of(&s->s);
		s->bytes = elf_file_bytes(d->elf, i, &s->len);
		if (s->use == USE_CODE && (!s->bytes || s->len < s->s.size))
			s->use = USE_NONE;
		if (s->use == USE_NONE)
			continue;
		r = elf_file_relocs(d->elf, i, &s->relocs, &s->nr_relocs, e);
		if (r < 0)
			return r;
	}
	lose_namesakes(d);
	return 0;
}

static void read_license(struct dis *d)
{
	struct elf_section s;
	const uint8_t *p;
	size_t len;

	if (!elf_file_find(d->elf, "license", &s))
		return;
	p = elf_file_bytes(d->elf, s.index, &len);
	if (p)
		d->license = pool_str(&d->pool, (const char *)p, strnlen((const char *)p, len));
}

/* --- what refers to what --- */

struct insn dis_insn(const struct dis *d, const struct dis_section *s, uint64_t off)
{
	struct insn in = { .code = 0 };

	if (off + INSN_SIZE <= s->len)
		insn_decode(s->bytes + off, d->big_endian, &in);
	return in;
}

size_t dis_first_reloc(const struct dis_section *s, uint64_t off)
{
	size_t low = 0, high = s->nr_relocs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->relocs[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct elf_reloc *dis_reloc(const struct dis_section *s, uint64_t off)
{
	size_t i = dis_first_reloc(s, off);

	return i < s->nr_relocs && s->relocs[i].off == off ? &s->relocs[i] : NULL;
}

static void add_point(struct dis *d, uint32_t section, int64_t off)
{
	struct dis_section *s = &d->sections[section];

	if (off < 0 || (uint64_t)off >= s->s.size)
		return;
	if (s->nr_points == s->cap_points) {
		s->cap_points = s->cap_points ? 2 * s->cap_points : 16;
		s->points = xreallocarray(s->points, s->cap_points, sizeof(*s->points));
	}
	s->points[s->nr_points++] = (uint64_t)off;
}

int64_t dis_addend(const struct elf_reloc *r, const struct insn *in)
{
	int64_t imm = in->code == INSN_CALL ? ((int64_t)in->imm + 1) * INSN_SIZE : in->imm;

	return imm + (r ? r->addend : 0);
}

static void note_reference(struct dis *d, uint32_t section, uint64_t off, const struct insn *in,
			   bool *called)
{
	const struct elf_reloc *r = dis_reloc(&d->sections[section], off);
	struct elf_symbol sym;

	if (r && elf_file_symbol(d->elf, ELF_SYMTAB, r->symbol, &sym)) {
		if (sym.section)
			add_point(d, sym.section, (int64_t)sym.value + dis_addend(r, in));
		called[r->symbol] |= in->code == INSN_CALL;
	} else if (!r && ((in->code == INSN_CALL && in->src == PSEUDO_CALL) ||
			  (in->code == INSN_LD_IMM64 && in->src == PSEUDO_FUNC))) {
		add_point(d, section, (int64_t)off + ((int64_t)in->imm + 1) * INSN_SIZE);
	}
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* called[i]: symbol i is called somewhere. */
static void read_references(struct dis *d, bool *called)
{
	for (uint32_t i = 1; i < d->nr_sections; i++) {
		const struct dis_section *s = &d->sections[i];

		for (uint64_t off = 0; s->use == USE_CODE && off < s->s.size; off += INSN_SIZE) {
			struct insn in = dis_insn(d, s, off);

			if (in.code == INSN_CALL || in.code == INSN_LD_IMM64)
				note_reference(d, i, off, &in, called);
			off += in.code == INSN_LD_IMM64 ? INSN_SIZE : 0;
		}
	}
	for (size_t i = 1; i < d->nr_sections; i++)
		if (d->sections[i].nr_points)
			qsort(d->sections[i].points, d->sections[i].nr_points, sizeof(uint64_t),
			      ascending);
}

/* --- functions --- */

bool dis_is_func(const struct dis *d, const struct dis_func *f)
{
	return strcmp(d->sections[f->section].s.name, ".text") == 0;
}

static void add_func(struct dis *d, const struct dis_func *f, size_t *cap)
{
	struct dis_section *s = &d->sections[f->section];

	if (d->nr_funcs == *cap) {
		*cap = *cap ? 2 * *cap : 16;
		d->funcs = xreallocarray(d->funcs, *cap, sizeof(*d->funcs));
	}
	if (!s->n++)
		s->first = d->nr_funcs;
	d->funcs[d->nr_funcs++] = *f;
}

/* Whether a line begins there and not a second slot of a constant; *line is one before it. */
static bool is_line(const struct dis *d, const struct dis_section *s, uint64_t *line, uint64_t off)
{
	while (*line < off)
		*line += dis_insn(d, s, *line).code == INSN_LD_IMM64 ? 2 * INSN_SIZE : INSN_SIZE;
	return *line == off;
}

/* Code without a symbol (the object is stripped) begins anew wherever something calls it. */
static void add_nameless(struct dis *d, const struct dis_func *f, size_t *cap)
{
	const struct dis_section *s = &d->sections[f->section];
	uint64_t end = f->off + f->size, line = f->off;
	struct dis_func part = *f;

	for (size_t i = 0; i < s->nr_points && s->points[i] < end; i++) {
		uint64_t at = s->points[i];

		if (at <= part.off || at % INSN_SIZE || !is_line(d, s, &line, at))
			continue;
		part.size = at - part.off;
		add_func(d, &part, cap);
		part.off = at;
	}
	part.size = end - part.off;
	add_func(d, &part, cap);
}

static struct dis_func func_of(const struct dis *d, const struct elf_prog *p)
{
	struct dis_func f = {
		.symbol = p->name,
		.section = p->section,
		.is_global = p->global,
		.off = p->off,
		.size = p->size,
	};
	struct elf_symbol sym;

	if (p->symbol && elf_file_symbol(d->elf, ELF_SYMTAB, p->symbol, &sym))
		f.is_hidden = sym.visibility == STV_HIDDEN || sym.visibility == STV_INTERNAL;
	return f;
}

/* Of functions that lie over one another the first is kept, and what is left behind its end. */
static int read_funcs(struct dis *d, struct err *e)
{
	auto_free struct elf_prog *list = NULL;
	uint32_t section = 0;
	uint64_t end = 0;
	size_t n = 0, cap = 0;
	int r = elf_file_progs(d->elf, &list, &n, e);

	for (size_t i = 0; i < n; i++) {
		struct dis_func f = func_of(d, &list[i]);

		if (d->sections[f.section].use != USE_CODE)
			continue;
		if (f.section != section)
			end = 0;
		section = f.section;
		if (f.off + f.size <= end)
			continue;
		if (f.off < end) {
			f.symbol = NULL;
			f.size -= end - f.off;
			f.off = end;
		}
		end = f.off + f.size;
		if (f.symbol)
			add_func(d, &f, &cap);
		else
			add_nameless(d, &f, &cap);
	}
	return r;
}

/* Which FUNC each is: .BTF.ext knows, else the name tells. */
static void read_func_types(struct dis *d)
{
	uint32_t n = d->types ? types_count(d->types) : 0;
	struct symtab names = { .slots = NULL };
	struct type t;

	for (uint32_t id = 1; id < n; id++)
		if (types_get(d->types, id, &t) && t.kind == T_FUNC)
			symtab_add(&names, t.name, strlen(t.name), id, NULL);
	for (uint32_t i = 0; i < d->nr_funcs; i++) {
		struct dis_func *f = &d->funcs[i];
		const struct dis_ext_func *x = dis_ext_func(d->ext, f->section, f->off);
		const struct symbol *s =
			f->symbol ? symtab_find(&names, f->symbol, strlen(f->symbol)) : NULL;

		f->type = x ? x->type : s ? s->value : 0;
		if (!d->types || !types_get(d->types, f->type, &t) || t.kind != T_FUNC)
			f->type = 0;
	}
	symtab_free(&names);
}

const struct dis_func *dis_func_at(const struct dis *d, uint32_t section, uint64_t off)
{
	const struct dis_section *s = &d->sections[section];
	uint32_t low = s->first, high = s->first + s->n;

	if (s->use != USE_CODE)
		return NULL;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (d->funcs[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->first + s->n && d->funcs[low].off == off ? &d->funcs[low] : NULL;
}

/* --- externs --- */

/* The entries of .kconfig and .ksyms by name. */
static void learn_externs(const struct dis *d, const char *section, struct symtab *names)
{
	uint32_t id = d->types ? types_find_kind(d->types, section, T_DATASEC) : 0;
	struct type_member m;
	struct type t;

	if (!id || !types_get(d->types, id, &t))
		return;
	for (uint32_t i = 0; i < t.n; i++)
		if (types_member(d->types, &t, i, &m))
			symtab_add(names, m.name, strlen(m.name), m.type, NULL);
}

static void read_externs(struct dis *d, const bool *called)
{
	size_t n = elf_file_symbols(d->elf, ELF_SYMTAB);
	struct symtab kconfig = { .slots = NULL }, ksyms = { .slots = NULL };

	learn_externs(d, ".kconfig", &kconfig);
	learn_externs(d, ".ksyms", &ksyms);
	d->externs = xcalloc(n + 1, sizeof(*d->externs));
	for (size_t i = 1; i <= n; i++) {
		struct dis_extern *x = &d->externs[d->nr_externs];
		const struct symbol *config, *ksym;
		struct elf_symbol sym;
		struct type t;

		if (!elf_file_symbol(d->elf, ELF_SYMTAB, i, &sym) || !sym.undefined || !*sym.name)
			continue;
		config = symtab_find(&kconfig, sym.name, strlen(sym.name));
		ksym = symtab_find(&ksyms, sym.name, strlen(sym.name));
		x->symbol = sym.name;
		x->nr = (uint32_t)i;
		x->is_kconfig = config;
		x->is_weak = sym.bind == STB_WEAK;
		x->type = config ? config->value : ksym ? ksym->value : 0;
		x->is_func = called[i];
		if (x->type && types_get(d->types, x->type, &t))
			x->is_func = t.kind == T_FUNC;
		d->nr_externs++;
	}
	symtab_free(&kconfig);
	symtab_free(&ksyms);
}

/* --- names --- */

/* What others refer to keeps its name rather than what only this object sees. */
static void name_all(struct dis *d)
{
	for (uint32_t i = 0; i < d->nr_externs; i++)
		d->externs[i].name = dis_name(d, d->externs[i].symbol);
	for (int global = 1; global >= 0; global--) {
		for (uint32_t i = 0; i < d->nr_funcs; i++) {
			struct dis_func *f = &d->funcs[i];

			if (f->is_global == global)
				f->name = dis_name_at(d, f->symbol, f->section, f->off);
		}
		for (uint32_t i = 0; i < d->nr_maps; i++) {
			struct dis_map *m = &d->maps[i];

			if (m->is_global == global)
				m->name = dis_name_at(d, m->symbol, m->section, m->off);
		}
		for (uint32_t i = 0; i < d->nr_vars; i++) {
			struct dis_var *v = &d->vars[i];

			if (v->is_global == global)
				v->name = dis_name_at(d, v->symbol, v->section, v->off);
		}
	}
}

/* --- all of it --- */

static void read_types(struct dis *d)
{
	struct err ignored = {};
	struct elf_section s;
	const uint8_t *p;
	size_t len;

	if (!elf_file_find(d->elf, ".BTF", &s))
		return;
	p = elf_file_bytes(d->elf, s.index, &len);
	d->types = p ? types_raw(p, len, &ignored) : NULL;
	d->btf_damaged = !d->types;
	err_clear(&ignored);
}

int dis_read(struct dis *d, const void *data, size_t len, struct err *e)
{
	auto_free bool *called = NULL;
	int r;

	d->elf = elf_file_open_mem(d->file, data, len, e);
	if (!d->elf)
		return -EINVAL;
	r = elf_file_check_bpf(d->elf, e);
	if (r == 0)
		r = read_sections(d, e);
	if (r < 0)
		return r;
	d->big_endian = elf_file_info(d->elf).big_endian;
	read_license(d);
	read_types(d);
	d->ext = dis_ext_read(d);
	called = xcalloc(elf_file_symbols(d->elf, ELF_SYMTAB) + 1, sizeof(*called));
	read_references(d, called);
	r = read_funcs(d, e);
	if (r == 0)
		r = dis_read_maps(d, e);
	if (r == 0)
		r = dis_read_data(d, e);
	if (r < 0)
		return r;
	read_func_types(d);
	read_externs(d, called);
	name_all(d);
	return 0;
}

void dis_free(struct dis *d)
{
	for (size_t i = 0; i < d->nr_sections; i++) {
		free(d->sections[i].relocs);
		free(d->sections[i].points);
	}
	free(d->sections);
	free(d->funcs);
	free(d->vars);
	free(d->maps);
	free(d->externs);
	dis_ext_free(d->ext);
	dis_types_free(d->decls);
	types_freep(&d->types);
	elf_file_freep(&d->elf);
	symtab_free(&d->names);
	pool_free(&d->pool);
	buf_free(&d->text);
}
