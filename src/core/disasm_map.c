// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps of an object, as BTF or an older struct describes them. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "asm/map_rules.h"
#include "asm/unit.h"
#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"
#include "uapi/names.h"

#define MAX_SLOTS 4096u /* the language's, of values */
#define OLD_FIELDS 5u	/* of struct bpf_map_def that all versions of it begin with */

/* ---- reading ------------------------------------------------------------------------------ */

static bool is_maps(const struct dis *d, uint32_t section)
{
	enum dis_use use = section ? d->sections[section].use : USE_NONE;

	return use == USE_MAPS || use == USE_OLD_MAPS;
}

static void add_map(struct dis *d, const struct dis_map *m, size_t *cap)
{
	if (d->nr_maps == *cap) {
		*cap = *cap ? 2 * *cap : 16;
		d->maps = xreallocarray(d->maps, *cap, sizeof(*d->maps));
	}
	d->maps[d->nr_maps++] = *m;
}

static void read_symbols(struct dis *d, size_t *cap)
{
	size_t n = elf_file_symbols(d->elf, ELF_SYMTAB);
	struct elf_symbol sym;

	for (size_t i = 1; i <= n; i++) {
		if (!elf_file_symbol(d->elf, ELF_SYMTAB, i, &sym) || !is_maps(d, sym.section) ||
		    !*sym.name || (sym.type != STT_OBJECT && sym.type != STT_NOTYPE) ||
		    sym.value >= d->sections[sym.section].s.size)
			continue;
		add_map(d,
			&(struct dis_map){ .symbol = sym.name,
					   .section = sym.section,
					   .is_global = sym.bind != STB_LOCAL,
					   .off = sym.value },
			cap);
	}
}

/* What instructions refer to without a symbol. */
static void read_points(struct dis *d, size_t *cap)
{
	for (uint32_t i = 1; i < d->nr_sections; i++)
		for (size_t k = 0; is_maps(d, i) && k < d->sections[i].nr_points; k++)
			add_map(d,
				&(struct dis_map){ .section = i, .off = d->sections[i].points[k] },
				cap);
}

/* By place; symbols that others see first, nameless ones last. */
static int by_place(const void *a, const void *b)
{
	const struct dis_map *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	if (x->is_global != y->is_global)
		return x->is_global ? -1 : 1;
	return (x->symbol == NULL) - (y->symbol == NULL);
}

/* One for each place. */
static void settle(struct dis *d)
{
	uint32_t kept = 0;

	if (d->nr_maps)
		qsort(d->maps, d->nr_maps, sizeof(*d->maps), by_place);
	for (uint32_t i = 0; i < d->nr_maps; i++) {
		const struct dis_map *m = &d->maps[i], *last = kept ? &d->maps[kept - 1] : NULL;
		struct dis_section *s = &d->sections[m->section];

		if (last && last->section == m->section && last->off == m->off)
			continue;
		if (!s->n++)
			s->first = kept;
		d->maps[kept++] = *m;
	}
	d->nr_maps = kept;
}

static void read_vars(struct dis *d)
{
	uint32_t id = d->types ? types_find_kind(d->types, ".maps", T_DATASEC) : 0;
	struct symtab names = { .slots = NULL };
	struct type_member m;
	struct type sec;

	if (!id || !types_get(d->types, id, &sec))
		return;
	for (uint32_t i = 0; i < sec.n; i++)
		if (types_member(d->types, &sec, i, &m))
			symtab_add(&names, m.name, strlen(m.name), m.type, NULL);
	for (uint32_t i = 0; i < d->nr_maps; i++) {
		struct dis_map *map = &d->maps[i];
		const struct symbol *s =
			map->symbol ? symtab_find(&names, map->symbol, strlen(map->symbol)) : NULL;

		if (s && d->sections[map->section].use == USE_MAPS)
			map->var = s->value;
	}
	symtab_free(&names);
}

int dis_read_maps(struct dis *d, struct err *e)
{
	size_t cap = 0;

	(void)e;
	read_symbols(d, &cap);
	read_points(d, &cap);
	settle(d);
	read_vars(d);
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* A map on the way to the text: its type comes first there, whatever comes first in the object. */
struct written {
	struct dis *d;
	const struct dis_map *m;
	uint64_t type;
	struct map_decl as; /* what the assembler will read: sizes and entries */
	struct buf attrs, notes;
	unsigned int seen;	   /* rows of members[] */
	struct type_member values; /* type 0: it has none */
};

static void note(struct written *w, const char *what, const char *name)
{
	buf_addf(&w->notes, "    // %s", what);
	dis_put_comment(&w->notes, name);
	buf_addc(&w->notes, '\n');
}

/* The length of the array that a member points to, or the value of an enumerator. */
static bool member_number(const struct dis *d, uint32_t id, uint64_t *n)
{
	const char *name;
	struct type t;
	int64_t value;

	if (!types_strip(d->types, id, &t))
		return false;
	if (t.kind == T_ENUM64 || t.kind == T_ENUM) {
		if (!types_value(d->types, &t, 0, &name, &value))
			return false;
		*n = (uint64_t)value;
		return true;
	}
	if (t.kind != T_PTR || !types_strip(d->types, t.ref, &t) || t.kind != T_ARRAY)
		return false;
	*n = t.n;
	return true;
}

/* Where the assembler keeps an attribute, if it has rules about it. */
static uint32_t *size_of(struct written *w, const char *attr)
{
	if (strncmp(attr, "key", 3) == 0)
		return &w->as.key_size;
	if (strncmp(attr, "value", 5) == 0)
		return &w->as.value_size;
	return strcmp(attr, "max_entries") == 0 ? &w->as.max_entries : NULL;
}

/* `key` and `value`: the type that a member points to. */
static void put_type(struct written *w, const char *attr, const struct type_member *m)
{
	auto_buf struct buf wanted = {}, text = {};
	struct dis_form form;
	struct type t;
	int64_t size;

	if (!types_strip(w->d->types, m->type, &t) || t.kind != T_PTR)
		return note(w, "unreadable: ", attr);
	buf_addf(&wanted, "%s_%s", w->m->name, attr);
	dis_need_type(w->d, t.ref, buf_str(&wanted));
	if (dis_put_type(w->d, t.ref, "", &text, &form) && form.size) {
		buf_addf(&w->attrs, "    %s %s\n", attr, buf_str(&text));
		*size_of(w, attr) = (uint32_t)form.size;
		return;
	}
	size = types_size(w->d->types, t.ref);
	types_text(w->d->types, t.ref, &text);
	note(w, "a type of the object: ", buf_str(&text));
	if (size <= 0)
		return;
	buf_addf(&w->attrs, "    %s_size %lld\n", attr, (long long)size);
	*size_of(w, attr) = (uint32_t)size;
}

/* Written when all else is known. */
static void keep_values(struct written *w, const char *attr, const struct type_member *m)
{
	(void)attr;
	w->values = *m;
}

static void put_number(struct written *w, const char *attr, const struct type_member *m)
{
	bool wide = strcmp(attr, "map_extra") == 0;
	uint32_t *size;
	uint64_t n;

	if (!member_number(w->d, m->type, &n) || (n > UINT32_MAX && !wide))
		return note(w, "unreadable: ", m->name);
	size = size_of(w, attr);
	if (size && *size && *size != n)
		return note(w, "said before, and otherwise: ", m->name);
	if (size && (*size || !n))
		return; /* the type has said it, or it says nothing */
	buf_addf(&w->attrs, "    %s %llu\n", attr, (unsigned long long)n);
	if (size)
		*size = (uint32_t)n;
}

static void put_map_type(struct written *w, const char *attr, const struct type_member *m)
{
	if (!member_number(w->d, m->type, &w->type) || w->type > UINT32_MAX) {
		w->type = 0;
		note(w, "unreadable: ", attr);
	}
}

static void put_pinning(struct written *w, const char *attr, const struct type_member *m)
{
	uint64_t n;

	if (!member_number(w->d, m->type, &n) || n > 1)
		return note(w, "unknown: ", attr);
	buf_addf(&w->attrs, "    pinning %s\n", n ? "by_name" : "none");
}

static const struct {
	const char *member, *attr;
	void (*put)(struct written *w, const char *attr, const struct type_member *m);
} members[] = {
	{ "type", "type", put_map_type },	    { "key", "key", put_type },
	{ "key_size", "key_size", put_number },	    { "value", "value", put_type },
	{ "value_size", "value_size", put_number }, { "max_entries", "max_entries", put_number },
	{ "map_flags", "flags", put_number },	    { "numa_node", "numa_node", put_number },
	{ "pinning", "pinning", put_pinning },	    { "map_extra", "map_extra", put_number },
	{ "values", "values", keep_values },
};

static void put_member(struct written *w, const struct type_member *m)
{
	for (size_t i = 0; i < countof(members); i++) {
		if (strcmp(m->name, members[i].member) != 0 || w->seen >> i & 1)
			continue;
		w->seen |= 1u << i;
		members[i].put(w, members[i].attr, m);
		return;
	}
	note(w, "an unknown attribute: ", m->name);
}

/* ---- what a map begins with --------------------------------------------------------------- */

uint64_t dis_map_end(const struct dis *d, const struct dis_map *m)
{
	const struct dis_section *s = &d->sections[m->section];
	uint32_t next = (uint32_t)(m - d->maps) + 1;

	return next < s->first + s->n ? d->maps[next].off : s->s.size;
}

static bool put_missing(struct written *w);

/* `inner TYPE {...}`: the template of the maps in it; false: it cannot be written. */
static bool put_inner(struct written *w, const struct type *t)
{
	struct written in = { .d = w->d, .m = w->m };
	const char *type, *line, *end;
	struct type_member m;
	bool ok;

	for (uint32_t i = 0; i < t->n && types_member(w->d->types, t, i, &m); i++)
		put_member(&in, &m);
	type = in.type <= UINT32_MAX ? uapi_map_type_name((uint32_t)in.type) : NULL;
	ok = type && !in.values.type && !in.notes.len && put_missing(&in) && !buf_error(&in.attrs);
	if (ok) {
		buf_addf(&w->attrs, "    inner %s {\n", type);
		for (line = buf_str(&in.attrs); *line; line = end + 1) {
			end = strchr(line, '\n');
			buf_addf(&w->attrs, "    %.*s\n", (int)(end - line), line);
		}
		buf_adds(&w->attrs, "    }\n");
	}
	buf_free(&in.attrs);
	buf_free(&in.notes);
	return ok;
}

/* The name of what a slot begins with; NULL: nothing that could stand there. */
static const char *value_name(const struct dis *d, const struct elf_reloc *r, uint32_t section,
			      enum dis_kind kind)
{
	struct dis_target t = dis_pointer(d, &d->sections[section], r);

	if (t.kind != kind)
		return NULL;
	if (kind == TO_MAP)
		return d->maps[t.nr].name;
	return dis_is_func(d, &d->funcs[t.nr]) ? NULL : d->funcs[t.nr].name;
}

/* `values = { a, [3] = b }`; false: that would not be all of them. */
static bool put_slots(struct written *w, enum dis_kind kind)
{
	const struct dis *d = w->d;
	const struct dis_section *s = &d->sections[w->m->section];
	uint64_t start = w->m->off + w->values.bit_off / 8, end = dis_map_end(d, w->m), next = 0;
	auto_buf struct buf text = {};

	for (size_t i = dis_first_reloc(s, start); i < s->nr_relocs && s->relocs[i].off < end;
	     i++) {
		uint64_t slot = (s->relocs[i].off - start) / 8;
		const char *name = value_name(d, &s->relocs[i], w->m->section, kind);

		if (!name || (s->relocs[i].off - start) % 8 || slot >= w->as.max_entries ||
		    slot < next || slot >= MAX_SLOTS)
			return false;
		buf_adds(&text, text.len ? ", " : "    values = { ");
		if (slot != next)
			buf_addf(&text, "[%llu] = ", (unsigned long long)slot);
		buf_adds(&text, name);
		next = slot + 1;
	}
	if (text.len)
		buf_addf(&w->attrs, "%s }\n", buf_str(&text));
	return !buf_error(&text);
}

/* The type of an element: a pointer to a struct that describes a map, or to a function. */
static void put_values(struct written *w)
{
	bool of_maps = w->type == UAPI_MAP_array_of_maps || w->type == UAPI_MAP_hash_of_maps;
	uint32_t size = w->as.value_size;
	size_t start = w->attrs.len;
	struct type t;
	bool ok;

	if (!types_strip(w->d->types, w->values.type, &t) || t.kind != T_ARRAY ||
	    !types_strip(w->d->types, t.ref, &t) || t.kind != T_PTR ||
	    !types_strip(w->d->types, t.ref, &t))
		return note(w, "unreadable: ", "values");
	w->as.value_size = 4; /* a descriptor, as loaders have it */
	if (of_maps)
		ok = t.kind == T_STRUCT && put_inner(w, &t) && put_slots(w, TO_MAP);
	else
		ok = w->type == UAPI_MAP_prog_array && put_slots(w, TO_FUNC);
	if (ok && (of_maps || w->attrs.len > start))
		return;
	if (!ok) {
		w->attrs.len = start;
		note(w,
		     of_maps ? "not kept: the maps in it" : "not kept: the programs it begins with",
		     "");
	}
	if (!size)
		buf_adds(&w->attrs, "    value_size 4\n");
}

static void put_events(struct written *w)
{
	const struct dis *d = w->d;
	static const char tag[] = "event:";

	for (uint32_t id = w->m->var + 1; id < types_count(d->types); id++) {
		auto_buf struct buf text = {};
		struct dis_form form;
		struct type t;
		uint32_t of;

		if (!types_get(d->types, id, &t) || t.kind != T_DECL_TAG || t.ref != w->m->var)
			break;
		if (strncmp(t.name, tag, strlen(tag)) != 0)
			continue;
		of = types_find_kind(d->types, t.name + strlen(tag), T_STRUCT);
		if (of && dis_put_type(w->d, of, "", &text, &form) && !dis_is_opaque(d, of))
			buf_addf(&w->attrs, "    event %s\n", buf_str(&text));
		else
			note(w, "its records: ", t.name + strlen(tag));
	}
}

static void put_described(struct written *w)
{
	struct type_member m;
	struct type var, t;

	if (!types_get(w->d->types, w->m->var, &var) || var.kind != T_VAR ||
	    !types_strip(w->d->types, var.ref, &t) || t.kind != T_STRUCT)
		return note(w, "the object does not say what it is", "");
	for (uint32_t i = 0; i < t.n && types_member(w->d->types, &t, i, &m); i++)
		put_member(w, &m);
	if (w->values.type)
		put_values(w);
	put_events(w);
}

static uint32_t old_field(const struct dis *d, const struct dis_map *m, size_t nr)
{
	const struct dis_section *s = &d->sections[m->section];
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++)
		v = v << 8 | s->bytes[m->off + 4 * nr + (d->big_endian ? i : 3 - i)];
	return v;
}

static void put_old(struct written *w)
{
	static const char *const attrs[OLD_FIELDS] = { NULL, "key_size", "value_size",
						       "max_entries", "flags" };
	const struct dis_section *s = &w->d->sections[w->m->section];

	if (!s->bytes || s->len < w->m->off || s->len - w->m->off < sizeof(uint32_t) * OLD_FIELDS)
		return note(w, "the object does not say what it is", "");
	w->type = old_field(w->d, w->m, 0);
	for (unsigned int i = 1; i < OLD_FIELDS; i++) {
		uint32_t v = old_field(w->d, w->m, i);

		if (v)
			buf_addf(&w->attrs, "    %s %u\n", attrs[i], v);
		if (size_of(w, attrs[i]))
			*size_of(w, attrs[i]) = v;
	}
}

/*
 * What the type of the map needs and the object leaves to its loader.  Returns whether the rest
 * is as the assembler wants it.
 */
static bool put_missing(struct written *w)
{
	static const struct {
		const char *what, *attr;
		unsigned int given;
	} late[] = {
		{ "key", "key_size", MAP_KEY_SIZE },
		{ "value", "value_size", MAP_VALUE_SIZE },
		{ "max_entries", "max_entries", MAP_MAX_ENTRIES },
	};
	const char *what;

	w->as.type = (uint32_t)w->type;
	for (size_t i = 0; i < countof(late) && map_rule(&w->as, &what); i++) {
		if (strcmp(what, late[i].what) != 0 || *size_of(w, what))
			continue;
		w->as.given |= late[i].given;
		if (!map_rule(&w->as, &what) || strcmp(what, late[i].what) != 0)
			buf_addf(&w->attrs, "    %s 0    // left to the loader\n", late[i].attr);
	}
	return !map_rule(&w->as, &what);
}

void dis_put_map(struct dis *d, const struct dis_map *m)
{
	struct written w = { .d = d, .m = m };
	const char *type;
	bool is_valid;

	if (d->sections[m->section].use == USE_OLD_MAPS)
		put_old(&w);
	else if (m->var)
		put_described(&w);
	else
		note(&w, "the object does not say what it is", "");
	dis_take_decls(d, &d->text);
	is_valid = put_missing(&w);
	type = uapi_map_type_name((uint32_t)w.type);
	if (m->symbol && strcmp(m->symbol, m->name) != 0) {
		buf_adds(&d->text, "// ");
		dis_put_comment(&d->text, m->symbol);
		buf_addc(&d->text, '\n');
	}
	buf_addf(&d->text, "map %s ", m->name);
	if (type && is_valid)
		buf_addf(&d->text, "%s {\n", type);
	else
		buf_addf(&d->text, "%u {    // %s\n", (uint32_t)w.type, type ? type : "unknown");
	buf_add(&d->text, w.attrs.data, w.attrs.len);
	buf_add(&d->text, w.notes.data, w.notes.len);
	buf_adds(&d->text, "}\n");
	d->text.failed |= w.attrs.failed | w.notes.failed;
	buf_free(&w.attrs);
	buf_free(&w.notes);
}
