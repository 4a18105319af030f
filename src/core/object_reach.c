// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tail calls that an object prepares, read off its relocations. */
#include "core/object_reach.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "core/buf.h"
#include "core/elf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/object_priv.h"
#include "uapi/names.h"

struct reach {
	struct object *o;
	struct elf_file *f;
	struct elf_prog *funcs;
	size_t nr_funcs;
	uint32_t maps_section; /* 0: there is none */
	bool *progs, *maps;    /* of the object */
	bool *holds;	       /* maps with programs in them from the beginning */
	bool *seen;	       /* funcs that were looked at */
	bool more;	       /* something came up since */
};

static int map_named(const struct object *o, const char *name)
{
	for (size_t i = 0; i < o->nr_maps; i++)
		if (strcmp(bpf_map__name(o->maps[i]), name) == 0)
			return (int)i;
	return -1;
}

static int prog_named(const struct object *o, const char *name)
{
	for (size_t i = 0; i < o->nr_progs; i++)
		if (strcmp(bpf_program__name(o->progs[i]), name) == 0)
			return (int)i;
	return -1;
}

static void mark(struct reach *r, bool *what, int i)
{
	if (i < 0 || what[i])
		return;
	what[i] = true;
	r->more = true;
}

/* ---- from code to maps -------------------------------------------------------------------- */

/* Functions of .text call each other without a trace in the file: whoever uses one has them all. */
static void mark_section(struct reach *r, uint32_t section, bool *funcs)
{
	for (size_t i = 0; i < r->nr_funcs; i++)
		if (r->funcs[i].section == section)
			mark(r, funcs, (int)i);
}

/* What the instructions of a function refer to. */
static int look_at(struct reach *r, const struct elf_prog *func, bool *funcs, struct err *e)
{
	auto_free struct elf_reloc *list = NULL;
	struct elf_symbol sym;
	size_t n;
	int err = elf_file_relocs(r->f, func->section, &list, &n, e);

	for (size_t i = 0; i < n && !err; i++) {
		if (list[i].off < func->off || list[i].off >= func->off + func->size ||
		    !elf_file_symbol(r->f, ELF_SYMTAB, list[i].symbol, &sym) || !sym.section)
			continue;
		if (sym.section == r->maps_section)
			mark(r, r->maps, map_named(r->o, sym.name));
		else
			mark_section(r, sym.section, funcs);
	}
	return err;
}

/* ---- from maps to programs ---------------------------------------------------------------- */

/* The map whose definition has the byte. */
static int map_at(const struct reach *r, uint64_t off)
{
	struct elf_symbol sym;

	for (size_t i = 1; i <= elf_file_symbols(r->f, ELF_SYMTAB); i++)
		if (elf_file_symbol(r->f, ELF_SYMTAB, i, &sym) && sym.section == r->maps_section &&
		    sym.type == STT_OBJECT && off >= sym.value && off - sym.value < sym.size)
			return map_named(r->o, sym.name);
	return -1;
}

/* One that is not to be made says another type, see make_map(). */
static bool has_progs(const struct bpf_map *m)
{
	return !bpf_map__autocreate(m) || (uint32_t)bpf_map__type(m) == UAPI_MAP_prog_array;
}

/* Programs that stand in the maps that are needed, and which maps have any. */
static int look_at_maps(struct reach *r, struct err *e)
{
	auto_free struct elf_reloc *list = NULL;
	struct elf_symbol sym;
	size_t n;
	int err = r->maps_section ? elf_file_relocs(r->f, r->maps_section, &list, &n, e) : 0;

	for (size_t i = 0; list && i < n; i++) {
		int map = map_at(r, list[i].off);

		if (map < 0 || !has_progs(r->o->maps[map]))
			continue;
		r->holds[map] = true;
		if (r->maps[map] && elf_file_symbol(r->f, ELF_SYMTAB, list[i].symbol, &sym))
			mark(r, r->progs, prog_named(r->o, sym.name));
	}
	return err;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static int look_at_code(struct reach *r, bool *funcs, struct err *e)
{
	int err = 0;

	for (size_t i = 0; i < r->nr_funcs && !err; i++) {
		const char *name = r->funcs[i].name;
		int prog = name ? prog_named(r->o, name) : -1;

		if (prog >= 0 && r->progs[prog])
			funcs[i] = true;
		if (!funcs[i] || r->seen[i])
			continue;
		r->seen[i] = true;
		err = look_at(r, &r->funcs[i], funcs, e);
	}
	return err;
}

static int follow(struct reach *r, struct err *e)
{
	auto_free bool *funcs = NULL;
	struct elf_section maps;
	int err = elf_file_progs(r->f, &r->funcs, &r->nr_funcs, e);

	if (err)
		return err;
	funcs = xcalloc(r->nr_funcs + 1, sizeof(*funcs));
	r->seen = xcalloc(r->nr_funcs + 1, sizeof(*r->seen));
	r->maps_section = elf_file_find(r->f, ".maps", &maps) ? maps.index : 0;
	do {
		r->more = false;
		err = look_at_code(r, funcs, e);
		if (!err)
			err = look_at_maps(r, e);
	} while (r->more && !err);
	return err;
}

/* libbpf fills a prog_array that it has not made too; with another type it lets it be. */
static void make_map(struct bpf_map *m, bool make)
{
	bpf_map__set_autocreate(m, make);
	bpf_map__set_type(m, make ? BPF_MAP_TYPE_PROG_ARRAY : BPF_MAP_TYPE_ARRAY);
}

static int choose(struct reach *r, struct err *e)
{
	for (size_t i = 0; i < r->o->nr_progs; i++)
		if (object_set_autoload(r->o, i, r->progs[i], e) < 0)
			return -EINVAL;
	for (size_t i = 0; i < r->o->nr_maps; i++)
		if (r->holds[i])
			make_map(r->o->maps[i], r->maps[i]);
	return 0;
}

int object_load_reached(struct object *o, const struct buf *elf, bool *progs, bool *maps,
			struct err *e)
{
	auto_elf_file struct elf_file *f = elf_file_open_mem(o->name, elf->data, elf->len, e);
	auto_free bool *holds = xcalloc(o->nr_maps + 1, sizeof(*holds));
	struct reach r = { .o = o, .f = f, .progs = progs, .maps = maps, .holds = holds };
	int err = f ? follow(&r, e) : -EINVAL;

	if (!err)
		err = choose(&r, e);
	free(r.funcs);
	free(r.seen);
	return err;
}
