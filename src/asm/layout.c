// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The plan of an object file. */
#include "asm/layout.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/src.h"
#include "core/mem.h"

/* A section of variables becomes the one value of an array map; the kernel takes up to INT_MAX. */
#define SECTION_MAX INT32_MAX

void layout_free(struct layout *lay)
{
	free(lay->progs);
	free(lay->by_first);
	pool_free(&lay->pool);
	free(lay->code);
	free(lay->data);
	free(lay->prog_order);
	free(lay->var_order);
	free(lay->prog_sec);
	free(lay->var_sec);
	free(lay->prog_off);
	free(lay->map_off);
	free(lay->prog_sym);
	free(lay->var_sym);
	free(lay->extern_sym);
	strtab_free(&lay->names);
	memset(lay, 0, sizeof(*lay));
}

static uint32_t *numbers(size_t n)
{
	return calloc(n ? n : 1, sizeof(uint32_t));
}

/* A member of a section, while its order is being found. */
struct place {
	uint32_t sec, off, item;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->sec != y->sec)
		return x->sec < y->sec ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

/*
 * The section of that name, a new one if need be; *at is its index.  Names of sections are the
 * first to enter the string table, so their offsets ascend and a section is found by bisection.
 */
static int find_section(struct layout *lay, struct layout_sec **secs, uint32_t *n, size_t *cap,
			const char *name, uint32_t *at)
{
	uint32_t off = strtab_adds(&lay->names, name), lo = 0, hi = *n;
	int err;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if ((*secs)[mid].name_off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	if (lo < *n && (*secs)[lo].name_off == off)
		return 0;
	err = array_grow(secs, *n, cap, sizeof(**secs));
	if (err)
		return err;
	(*secs)[(*n)++] = (struct layout_sec){ .name = name, .name_off = off, .align = 1 };
	return strtab_error(&lay->names);
}

/* Fills order[] and the sections' first and n from the places. */
static void put_in_order(struct place *places, uint32_t n, struct layout_sec *secs, uint32_t *order)
{
	qsort(places, n, sizeof(*places), by_place);
	for (uint32_t i = 0; i < n; i++) {
		struct layout_sec *s = &secs[places[i].sec];

		if (!s->n++)
			s->first = i;
		order[i] = places[i].item;
	}
}

/* Programs of a section follow each other in the order of the source. */
static int plan_code(struct layout *lay)
{
	auto_free struct place *places = malloc((lay->nr_progs + 1) * sizeof(*places));
	size_t cap = 0;
	int err;

	lay->prog_order = numbers(lay->nr_progs);
	lay->prog_sec = numbers(lay->nr_progs);
	lay->prog_off = numbers(lay->nr_progs);
	if (!places || !lay->prog_order || !lay->prog_sec || !lay->prog_off)
		return -ENOMEM;
	for (uint32_t i = 0; i < lay->nr_progs; i++) {
		const struct prog *p = &lay->progs[i];

		if (!p->n)
			return src_error(lay->u->src, p->pos, 1, "%s '%s' has no instructions",
					 p->is_func ? "function" : "program", p->name);
		err = find_section(lay, &lay->code, &lay->nr_code, &cap, p->section,
				   &lay->prog_sec[i]);
		if (err)
			return err;
		places[i] = (struct place){ lay->prog_sec[i], i, i };
	}
	put_in_order(places, lay->nr_progs, lay->code, lay->prog_order);
	for (uint32_t i = 0; i < lay->nr_progs; i++) {
		const struct prog *p = &lay->progs[lay->prog_order[i]];
		struct layout_sec *s = &lay->code[lay->prog_sec[lay->prog_order[i]]];

		if (p->n > (SECTION_MAX - s->size) / INSN_SIZE)
			return src_error(lay->u->src, p->pos, 1,
					 "section '%s' is larger than 2 GiB", s->name);
		lay->prog_off[lay->prog_order[i]] = s->size;
		s->size += p->n * INSN_SIZE;
		s->align = INSN_SIZE;
	}
	return 0;
}

static bool is_code(struct layout *lay, const char *section)
{
	uint32_t off = strtab_adds(&lay->names, section);

	for (uint32_t i = 0; i < lay->nr_code; i++)
		if (lay->code[i].name_off == off)
			return true;
	return false;
}

/* The parser gave every variable its offset; here sections get their extent and their order. */
static int plan_data(struct layout *lay)
{
	const struct unit *u = lay->u;
	auto_free struct place *places = malloc((u->nr_vars + 1) * sizeof(*places));
	size_t cap = 0;
	int err;

	lay->var_order = numbers(u->nr_vars);
	lay->var_sec = numbers(u->nr_vars);
	if (!places || !lay->var_order || !lay->var_sec)
		return -ENOMEM;
	for (uint32_t i = 0; i < u->nr_vars; i++) {
		const struct var_decl *v = &u->vars[i];
		const struct ctype *t = ctype_get(u->types, v->type);
		uint32_t known = lay->nr_data;
		struct layout_sec *s;

		err = find_section(lay, &lay->data, &lay->nr_data, &cap, v->section,
				   &lay->var_sec[i]);
		if (err)
			return err;
		places[i] = (struct place){ lay->var_sec[i], v->off, i };
		s = &lay->data[lay->var_sec[i]];
		s->kind = v->kind;
		if (lay->nr_data > known && is_code(lay, v->section))
			return src_error(u->src, v->pos, 1, "section '%s' is one of programs",
					 v->section);
		if (t->align > s->align)
			s->align = t->align;
		if ((uint64_t)v->off + t->size > SECTION_MAX)
			return src_error(u->src, v->pos, 1, "section '%s' is larger than 2 GiB",
					 s->name);
		if (v->off + t->size > s->size)
			s->size = v->off + t->size;
	}
	put_in_order(places, (uint32_t)u->nr_vars, lay->data, lay->var_order);
	return 0;
}

/* Only what was written: libbpf has defaults of its own, and refuses what a type cannot have. */
size_t map_attrs(const struct map_decl *m, struct map_attr attrs[MAP_ATTRS_MAX])
{
	const struct map_attr all[MAP_ATTRS_MAX] = {
		{ "type", false, m->type },
		{ "key", true, m->key },
		{ "key_size", false, m->key_size },
		{ "value", true, m->value },
		{ "value_size", false, m->value_size },
		{ "max_entries", false, m->max_entries },
		{ "map_flags", false, m->flags },
		{ "numa_node", false, m->numa_node },
		{ "pinning", false, m->pinning },
		{ "map_extra", false, m->map_extra },
	};
	const bool given[MAP_ATTRS_MAX] = {
		true,
		m->key != 0,
		(m->given & MAP_KEY_SIZE) != 0,
		m->value != 0,
		(m->given & MAP_VALUE_SIZE) != 0,
		(m->given & MAP_MAX_ENTRIES) != 0,
		(m->given & MAP_FLAGS) != 0,
		(m->given & MAP_NUMA_NODE) != 0,
		(m->given & MAP_PINNING) != 0,
		(m->given & MAP_EXTRA) != 0,
	};
	size_t n = 0;

	for (size_t i = 0; i < MAP_ATTRS_MAX; i++)
		if (given[i])
			attrs[n++] = all[i];
	return n;
}

/* A definition is as large as its struct, a pointer for each attribute. */
static int plan_maps(struct layout *lay)
{
	struct map_attr attrs[MAP_ATTRS_MAX];
	uint64_t off = 0;

	lay->map_off = numbers(lay->u->nr_maps);
	if (!lay->map_off)
		return -ENOMEM;
	for (size_t i = 0; i < lay->u->nr_maps; i++) {
		lay->map_off[i] = (uint32_t)off;
		off += (map_attrs(&lay->u->maps[i], attrs) + (uint64_t)lay->u->maps[i].nr_slots) *
		       sizeof(uint64_t);
		if (off > SECTION_MAX)
			return src_error(lay->u->src, lay->u->maps[i].pos, 1, "too many maps");
	}
	lay->maps_size = (uint32_t)off;
	return 0;
}

/* Symbols of sections: addresses of what is local in them name those. */
static uint32_t number_sections(struct layout *lay, uint32_t n)
{
	const struct unit *u = lay->u;

	for (uint32_t i = 0; i < lay->nr_code; i++)
		if (strcmp(lay->code[i].name, ".text") == 0)
			lay->text_sym = n++;
	if (u->strings_len)
		lay->str_sym = n++;
	for (size_t i = 0; i < u->nr_vars; i++)
		if (u->vars[i].is_static)
			lay->data[lay->var_sec[i]].sym = 1;
	for (uint32_t i = 0; i < lay->nr_data; i++)
		if (lay->data[i].sym)
			lay->data[i].sym = n++;
	return n;
}

static uint32_t number_vars(struct layout *lay, bool is_static, uint32_t n)
{
	for (size_t i = 0; i < lay->u->nr_vars; i++)
		if (lay->u->vars[i].is_static == is_static)
			lay->var_sym[i] = n++;
	return n;
}

/* Numbers the symbols; only externs that an instruction names get one, as with clang. */
static int plan_symbols(struct layout *lay)
{
	const struct unit *u = lay->u;
	uint32_t n;

	lay->prog_sym = numbers(lay->nr_progs);
	lay->var_sym = numbers(u->nr_vars);
	lay->extern_sym = numbers(u->nr_externs);
	if (!lay->prog_sym || !lay->var_sym || !lay->extern_sym)
		return -ENOMEM;
	n = number_sections(lay, 1);
	for (int global = 0; global <= 1; global++) {
		if (global)
			lay->first_global = n;
		for (uint32_t i = 0; i < lay->nr_progs; i++)
			if ((!lay->progs[i].is_func || lay->progs[i].global) == global)
				lay->prog_sym[i] = n++;
		if (!global)
			n = number_vars(lay, true, n);
	}
	lay->map_sym = n;
	n = number_vars(lay, false, n + (uint32_t)u->nr_maps);
	for (size_t i = 0; i < u->nr_insns; i++)
		if (u->insns[i].kind == REF_EXTERN)
			lay->extern_sym[u->insns[i].ref] = 1;
	for (size_t i = 0; i < u->nr_externs; i++)
		if (lay->extern_sym[i])
			lay->extern_sym[i] = n++;
	return 0;
}

/* The programs as they go into the object. */
static int plan_progs(struct layout *lay)
{
	const struct unit *u = lay->u;
	struct prog stream = { .name = "main", .section = "main", .n = (uint32_t)u->nr_insns };
	const struct prog *from = u->nr_progs ? u->progs : &stream;

	if (!u->nr_insns && !u->nr_maps && !u->nr_vars)
		return src_error(u->src, 0, 1, "there is nothing in this source");
	ctype_find(u->types, "int", 3, &lay->int_type);
	stream.ret = lay->int_type;
	stream.pos = u->nr_insns ? u->insns[0].pos : 0;
	lay->nr_progs = u->nr_progs || !u->nr_insns ? (uint32_t)u->nr_progs : 1;
	lay->cap_progs = lay->nr_progs + 1;
	lay->progs = malloc(lay->cap_progs * sizeof(*lay->progs));
	if (!lay->progs)
		return -ENOMEM;
	if (lay->nr_progs)
		memcpy(lay->progs, from, lay->nr_progs * sizeof(*lay->progs));
	return layout_split(lay);
}

static int sort_progs(struct layout *lay)
{
	auto_free struct place *places = malloc((lay->nr_progs + 1) * sizeof(*places));

	lay->by_first = numbers(lay->nr_progs);
	if (!places || !lay->by_first)
		return -ENOMEM;
	for (uint32_t i = 0; i < lay->nr_progs; i++)
		places[i] = (struct place){ 0, lay->progs[i].first, i };
	qsort(places, lay->nr_progs, sizeof(*places), by_place);
	for (uint32_t i = 0; i < lay->nr_progs; i++)
		lay->by_first[i] = places[i].item;
	return 0;
}

int layout_plan(struct layout *lay, const struct unit *u)
{
	static int (*const steps[])(struct layout * lay) = {
		plan_progs, sort_progs, plan_code, plan_data, plan_maps, plan_symbols,
	};
	int err = 0;

	memset(lay, 0, sizeof(*lay));
	lay->u = u;
	for (size_t i = 0; i < countof(steps) && !err; i++)
		err = steps[i](lay);
	if (!err && 2 * ((uint64_t)lay->nr_code + lay->nr_data) >= SHN_LORESERVE - 17)
		err = src_error(u->src, lay->nr_progs ? lay->progs[0].pos : u->vars[0].pos, 1,
				"more than %u sections", SHN_LORESERVE);
	return err;
}

/*
 * As with clang, a call inside a section is complete, unless others may see whom it calls; an
 * address never is.  Loaders refuse relocations that name a program, so calls of one are complete.
 */
static struct insn func_insn(const struct layout *lay, uint32_t prog, uint32_t i, uint32_t *sym)
{
	uint32_t to = layout_callee(lay, prog, i), off = lay->prog_off[to];
	uint32_t at = lay->prog_off[prog] + i * INSN_SIZE;
	struct insn insn = lay->u->insns[lay->progs[prog].first + i].insn;
	bool global = lay->progs[to].global || !lay->progs[to].is_func;

	*sym = global ? lay->prog_sym[to] : lay->text_sym;
	if (insn.code == INSN_LD_IMM64) {
		insn.imm = global ? 0 : (int32_t)off;
	} else if (lay->prog_sec[to] == lay->prog_sec[prog] && !lay->progs[to].global) {
		*sym = 0;
		insn.imm = ((int32_t)off - (int32_t)at) / (int32_t)INSN_SIZE - 1;
	} else {
		insn.imm = global ? -1 : (int32_t)(off / INSN_SIZE) - 1;
	}
	return insn;
}

struct insn layout_insn(const struct layout *lay, uint32_t prog, uint32_t i, uint32_t *sym)
{
	const struct vinsn *in = &lay->u->insns[lay->progs[prog].first + i];
	struct insn insn = in->insn;

	*sym = 0;
	switch (in->kind) {
	case REF_AS_IS:
		return insn;
	case REF_NONE:
		if (layout_callee(lay, prog, i) == UINT32_MAX)
			return insn;
		insn = func_insn(lay, prog, i, sym);
		break;
	case REF_MAP:
		*sym = lay->map_sym + in->ref;
		insn.imm = 0;
		break;
	case REF_VAR:
		*sym = lay->var_sym[in->ref];
		if (lay->u->vars[in->ref].is_static) {
			*sym = lay->data[lay->var_sec[in->ref]].sym;
			insn.imm = (int32_t)((uint32_t)insn.imm + lay->u->vars[in->ref].off);
		}
		break;
	case REF_STR:
		*sym = lay->str_sym;
		break;
	case REF_EXTERN:
		*sym = lay->extern_sym[in->ref];
		insn.imm = insn.code == INSN_CALL ? -1 : 0;
		break;
	case REF_FUNC:
	case REF_FUNC_ADDR:
		insn = func_insn(lay, prog, i, sym);
		break;
	}
	insn.src = insn.code == INSN_CALL ? PSEUDO_CALL : 0;
	return insn;
}
