// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * An object taken apart and put together again is the same: instructions, data, relocations by
 * symbol, and what libbpf sees of its maps.
 */
#pragma once

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "core/disasm.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/object.h"
#include "uapi/names.h"

struct roundtrip {
	const char *name;
	struct buf text, object;
	struct buf why; /* what differs, a line each; empty: nothing does */
};

static inline void roundtrip_free(struct roundtrip *r)
{
	buf_free(&r->text);
	buf_free(&r->object);
	buf_free(&r->why);
}

static inline int roundtrip_put(void *arg, const char *text, size_t len)
{
	buf_add(arg, text, len);
	return 0;
}

/* Into r->text; false: it is no object, or damaged. */
static inline bool roundtrip_disasm(struct roundtrip *r, const void *data, size_t len,
				    enum disasm_style style)
{
	const struct disasm_options opts = { .style = style };
	const struct disasm_sink to = { roundtrip_put, &r->text };
	struct err e = {};
	bool ok = disasm_object(r->name, data, len, &opts, &to, &e) == 0;

	if (!ok)
		buf_addf(&r->why, "%s\n", e.what);
	err_clear(&e);
	return ok;
}

/* From r->text into r->object; the first few errors go to r->why. */
static inline bool roundtrip_asm(struct roundtrip *r, bool big_endian)
{
	const struct asm_options opts = { .big_endian = big_endian };
	auto_src struct src *s = src_new();
	auto_unit struct unit *u = NULL;
	const struct diag *list;
	size_t n;

	u = unit_parse(s, src_add(s, r->name, r->text.data ? r->text.data : "", r->text.len),
		       &opts);
	if (u && unit_elf(u, &r->object) == 0)
		return true;
	n = src_diags(s, &list);
	for (size_t i = 0; i < n && r->why.len < 2000; i++)
		if (list[i].severity == DIAG_ERROR)
			src_render(s, &list[i], &r->why);
	if (!r->why.len)
		buf_adds(&r->why, "no memory\n");
	return false;
}

/* ---- comparing ---------------------------------------------------------------------------- */

/* Sections that hold programs or variables of the object. */
static inline bool roundtrip_counts(const struct elf_section *s)
{
	static const char *const not [] = { "license", "version", ".maps", "maps" };

	for (size_t i = 0; i < countof(not ); i++)
		if (strcmp(s->name, not [i]) == 0)
			return false;
	return s->flags & SHF_ALLOC && s->size &&
	       (s->type == SHT_PROGBITS || s->type == SHT_NOBITS) &&
	       strncmp(s->name, ".eh_frame", 9) != 0;
}

static inline void roundtrip_bytes(struct roundtrip *r, const struct elf_file *a,
				   const struct elf_section *s, const struct elf_file *b,
				   const struct elf_section *t)
{
	size_t n, m, at = 0;
	const uint8_t *p = elf_file_bytes(a, s->index, &n), *q = elf_file_bytes(b, t->index, &m);

	if (s->size != t->size || !p != !q || n != m) {
		buf_addf(&r->why, "section %s has %zu bytes, not %zu\n", s->name, (size_t)t->size,
			 (size_t)s->size);
		return;
	}
	while (at < n && p[at] == q[at])
		at++;
	if (at < n)
		buf_addf(&r->why, "section %s differs at byte %zu: %02x, not %02x\n", s->name, at,
			 q[at], p[at]);
}

static inline const char *roundtrip_symbol(const struct elf_file *f, const struct elf_reloc *r)
{
	struct elf_symbol sym;

	return elf_file_symbol(f, ELF_SYMTAB, r->symbol, &sym) ? sym.name : "";
}

static inline void roundtrip_relocs(struct roundtrip *r, const struct elf_file *a,
				    const struct elf_section *s, const struct elf_file *b,
				    const struct elf_section *t)
{
	auto_free struct elf_reloc *p = NULL, *q = NULL;
	struct err e = {};
	size_t n = 0, m = 0;

	if (elf_file_relocs(a, s->index, &p, &n, &e) < 0 ||
	    elf_file_relocs(b, t->index, &q, &m, &e) < 0)
		buf_addf(&r->why, "%s\n", e.what);
	err_clear(&e);
	if (n != m)
		buf_addf(&r->why, "section %s has %zu relocations, not %zu\n", s->name, m, n);
	for (size_t i = 0; i < n && i < m; i++) {
		const char *x = roundtrip_symbol(a, &p[i]), *y = roundtrip_symbol(b, &q[i]);

		if (p[i].off == q[i].off && p[i].type == q[i].type && strcmp(x, y) == 0)
			continue;
		buf_addf(&r->why,
			 "section %s: relocation %zu is at %zu, of %s, not at %zu, of %s\n",
			 s->name, i, (size_t)q[i].off, y, (size_t)p[i].off, x);
		return;
	}
}

static inline void roundtrip_sections(struct roundtrip *r, const struct elf_file *a,
				      const struct elf_file *b)
{
	struct elf_section s, t;

	for (size_t i = 1; elf_file_section(a, i, &s); i++) {
		if (!roundtrip_counts(&s))
			continue;
		if (!elf_file_find(b, s.name, &t)) {
			buf_addf(&r->why, "section %s is missing\n", s.name);
			continue;
		}
		roundtrip_bytes(r, a, &s, b, &t);
		if (s.flags & SHF_EXECINSTR || strncmp(s.name, ".struct_ops", 11) == 0)
			roundtrip_relocs(r, a, &s, b, &t);
	}
	for (size_t i = 1; elf_file_section(b, i, &t); i++)
		if (roundtrip_counts(&t) && !elf_file_find(a, t.name, &s))
			buf_addf(&r->why, "section %s is new\n", t.name);
}

static inline void roundtrip_map(const struct object *o, size_t i, struct buf *to)
{
	struct object_map m;

	object_map(o, i, &m);
	if (!m.internal && m.type != UAPI_MAP_struct_ops)
		buf_addf(to, "map %s: type %u key %u value %u entries %u flags %x pin %s\n", m.name,
			 m.type, m.key_size, m.value_size, m.max_entries, m.flags,
			 m.pin_path ? m.pin_path : "-");
}

/* Maps of both as libbpf reads them; where it reads none (the other byte order) there is nothing.
 */
static inline void roundtrip_maps(struct roundtrip *r, const void *data, size_t len)
{
	const struct object_opts opts = { .name = "object", .nomount = true };
	auto_object struct object *a = NULL, *b = NULL;
	auto_buf struct buf x = {}, y = {};
	struct err e = {};

	a = object_open(data, len, &opts, &e);
	err_clear(&e);
	if (!a)
		return;
	b = object_open(r->object.data, r->object.len, &opts, &e);
	if (!b) {
		buf_addf(&r->why, "libbpf cannot open it: %s\n", e.what);
		err_clear(&e);
		return;
	}
	for (size_t i = 0; i < object_nr_maps(a); i++)
		roundtrip_map(a, i, &x);
	for (size_t i = 0; i < object_nr_maps(b); i++)
		roundtrip_map(b, i, &y);
	if (strcmp(buf_str(&x), buf_str(&y)) != 0)
		buf_addf(&r->why, "maps are\n%snot\n%s", buf_str(&y), buf_str(&x));
}

/* The object of r against the original. */
static inline void roundtrip_compare(struct roundtrip *r, const void *data, size_t len)
{
	auto_elf_file struct elf_file *a = NULL, *b = NULL;
	struct err e = {};

	a = elf_file_open_mem(r->name, data, len, &e);
	b = elf_file_open_mem("the copy", r->object.data, r->object.len, &e);
	if (a && b)
		roundtrip_sections(r, a, b);
	else
		buf_addf(&r->why, "%s\n", e.what);
	err_clear(&e);
	roundtrip_maps(r, data, len);
}
