// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Variables of an object.  Every byte of a section of data belongs to one, so that all come to
 * lie where they were: what no symbol names gets a name from its place.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"

#define MAX_PIECE (32u << 20) /* a type of the language has 64 MiB at most */

/* What a symbol, or BTF, says of a variable. */
struct spot {
	const char *symbol;
	uint32_t section;
	bool is_global;
	uint64_t off, size;
	uint32_t type;
};

struct spots {
	struct spot *v;
	size_t n, cap;
};

/* ---- reading ------------------------------------------------------------------------------ */

static bool is_data(const struct dis_section *s)
{
	return s->use == USE_DATA || s->use == USE_RODATA || s->use == USE_BSS || s->use == USE_OPS;
}

static void add_spot(const struct dis *d, struct spots *l, const struct spot *spot)
{
	uint64_t size = d->sections[spot->section].s.size;

	if (!spot->size || spot->off > size || spot->size > size - spot->off)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = *spot;
}

static void read_symbols(const struct dis *d, struct spots *l)
{
	size_t n = elf_file_symbols(d->elf, ELF_SYMTAB);
	struct elf_symbol sym;

	for (size_t i = 1; i <= n; i++) {
		if (!elf_file_symbol(d->elf, ELF_SYMTAB, i, &sym) || !*sym.name ||
		    (sym.type != STT_OBJECT && sym.type != STT_NOTYPE) || !sym.section ||
		    !is_data(&d->sections[sym.section]))
			continue;
		add_spot(d, l,
			 &(struct spot){ sym.name, sym.section, sym.bind != STB_LOCAL, sym.value,
					 sym.size, 0 });
	}
}

/* Section by section, by place; what others see in front of what they do not, the larger first. */
static int by_place(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	if (x->is_global != y->is_global)
		return x->is_global ? -1 : 1;
	return x->size > y->size ? -1 : x->size < y->size;
}

/*
 * The types of the variables of a section, by name.  A linker or loader has filled in where they
 * lie; a compiler has not, and then only symbols know.
 */
static void read_datasec(const struct dis *d, uint32_t section, const struct type *sec,
			 struct symtab *vars, struct spots *l, bool has_symbols)
{
	struct type_member m;
	struct type var;

	for (uint32_t i = 0; i < sec->n; i++) {
		if (!types_member(d->types, sec, i, &m) || !types_get(d->types, m.type, &var) ||
		    var.kind != T_VAR)
			continue;
		symtab_add(vars, m.name, strlen(m.name), var.ref, NULL);
		if (!has_symbols && sec->size == d->sections[section].s.size)
			add_spot(d, l,
				 &(struct spot){ *m.name ? m.name : NULL, section, var.linkage == 1,
						 m.bit_off / 8,
						 (uint64_t)types_size(d->types, var.ref),
						 var.ref });
	}
}

static void give_types(const struct dis *d, struct spot *v, size_t n, const struct symtab *vars)
{
	for (size_t i = 0; i < n; i++) {
		const struct symbol *s = symtab_find(vars, v[i].symbol, strlen(v[i].symbol));

		if (s && types_size(d->types, s->value) == (int64_t)v[i].size)
			v[i].type = s->value;
	}
}

/* DATASECs by name. */
static void learn_datasecs(const struct dis *d, struct symtab *secs)
{
	uint32_t n = d->types ? types_count(d->types) : 0;
	struct type t;

	for (uint32_t id = 1; id < n; id++)
		if (types_get(d->types, id, &t) && t.kind == T_DATASEC)
			symtab_add(secs, t.name, strlen(t.name), id, NULL);
}

/* The spots from symbols are sorted; what BTF adds comes behind them. */
static void read_spot_types(const struct dis *d, struct spots *l)
{
	struct symtab secs = { .slots = NULL };
	size_t n = l->n, at = 0;

	learn_datasecs(d, &secs);
	for (uint32_t i = 1; i < d->nr_sections; i++) {
		const char *name = d->sections[i].s.name;
		const struct symbol *s = symtab_find(&secs, name, strlen(name));
		struct symtab vars = { .slots = NULL };
		size_t first = at;
		struct type sec;

		while (at < n && l->v[at].section == i)
			at++;
		if (!s || !is_data(&d->sections[i]) || !types_get(d->types, s->value, &sec))
			continue;
		read_datasec(d, i, &sec, &vars, l, at > first);
		if (at > first)
			give_types(d, l->v + first, at - first, &vars);
		symtab_free(&vars);
	}
	symtab_free(&secs);
}

static void add_var(struct dis *d, const struct spot *spot, size_t *cap)
{
	struct dis_section *s = &d->sections[spot->section];
	struct spot part = *spot;

	for (uint64_t left = spot->size; left; left -= part.size) {
		part.size = left > MAX_PIECE ? MAX_PIECE : left;
		part.type = part.size == spot->size ? spot->type : 0;
		if (d->nr_vars == *cap) {
			*cap = *cap ? 2 * *cap : 16;
			d->vars = xreallocarray(d->vars, *cap, sizeof(*d->vars));
		}
		if (!s->n++)
			s->first = d->nr_vars;
		d->vars[d->nr_vars++] =
			(struct dis_var){ NULL,	    part.symbol, part.section, part.is_global,
					  part.off, part.size,	 part.type };
		part.off += part.size;
		part.symbol = NULL;
		part.is_global = false;
	}
}

static size_t first_point(const struct dis_section *s, uint64_t off)
{
	size_t low = 0, high = s->nr_points;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->points[mid] < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Where the next nameless piece begins: behind a string, or where something points to. */
static uint64_t next_piece(const struct dis_section *s, uint64_t off, uint64_t end)
{
	size_t i = first_point(s, off + 1);
	uint64_t next = i < s->nr_points && s->points[i] < end ? s->points[i] : end;
	const uint8_t *zero = NULL;

	if (s->s.flags & SHF_STRINGS && s->bytes && next <= s->len)
		zero = memchr(s->bytes + off, 0, next - off);
	return zero ? (uint64_t)(zero - s->bytes) + 1 : next;
}

static void add_gap(struct dis *d, uint32_t section, uint64_t off, uint64_t end, size_t *cap)
{
	while (off < end) {
		uint64_t next = next_piece(&d->sections[section], off, end);

		add_var(d, &(struct spot){ .section = section, .off = off, .size = next - off },
			cap);
		off = next;
	}
}

int dis_read_data(struct dis *d, struct err *e)
{
	struct spots l = { .v = NULL };
	size_t at = 0, cap = 0;

	(void)e;
	read_symbols(d, &l);
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_place);
	read_spot_types(d, &l);
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_place);
	for (uint32_t i = 1; i < d->nr_sections; i++) {
		uint64_t end = 0;

		for (; at < l.n && l.v[at].section == i; at++) {
			if (l.v[at].off < end)
				continue; /* another name for the same, or a part of it */
			add_gap(d, i, end, l.v[at].off, &cap);
			add_var(d, &l.v[at], &cap);
			end = l.v[at].off + l.v[at].size;
		}
		if (is_data(&d->sections[i]))
			add_gap(d, i, end, d->sections[i].s.size, &cap);
	}
	free(l.v);
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

static const uint8_t *bytes_of(const struct dis *d, const struct dis_var *v)
{
	const struct dis_section *s = &d->sections[v->section];

	return s->bytes && v->off + v->size <= s->len ? s->bytes + v->off : NULL;
}

/* `rodata ".rodata.x" static ` */
static void put_keyword(struct dis *d, const struct dis_var *v, struct buf *to)
{
	static const char *const words[] = {
		[USE_DATA] = "data", [USE_RODATA] = "rodata", [USE_BSS] = "bss"
	};
	const struct dis_section *s = &d->sections[v->section];
	const char *word = words[s->use];

	buf_adds(to, word);
	buf_addc(to, ' ');
	if (*s->s.name != '.' || strcmp(s->s.name + 1, word) != 0) {
		dis_put_quoted(to, s->s.name, strlen(s->s.name));
		buf_addc(to, ' ');
	}
	buf_adds(to, v->is_global ? "" : "static ");
}

/* With the type the object says; false: it does not, or that cannot be written. */
static bool put_typed(struct dis *d, const struct dis_var *v, struct buf *to, uint32_t *align)
{
	const uint8_t *bytes = bytes_of(d, v);
	struct dis_form form;
	size_t start = to->len;

	dis_need_type(d, v->type, v->name);
	if (!v->type || !dis_put_type(d, v->type, v->name, to, &form) || form.size != v->size ||
	    v->off % form.align || (bytes && !dis_put_value(d, v->type, bytes, v->size, to))) {
		to->len = start;
		return false;
	}
	*align = form.align;
	return true;
}

static void put_untyped(struct dis *d, const struct dis_var *v, struct buf *to)
{
	const uint8_t *bytes = bytes_of(d, v);
	bool text = bytes && dis_is_text(bytes, v->size);

	buf_addf(to, "%s %s[%llu]", text ? "char" : "u8", v->name, (unsigned long long)v->size);
	if (text) {
		buf_adds(to, " = ");
		dis_put_quoted(to, bytes, v->size - 1);
	} else if (bytes) {
		dis_put_bytes(bytes, v->size, to);
	}
}

static void put_relocs(struct dis *d, const struct dis_var *v)
{
	const struct dis_section *s = &d->sections[v->section];
	struct elf_symbol sym;

	for (size_t i = dis_first_reloc(s, v->off); i < s->nr_relocs; i++) {
		const struct elf_reloc *r = &s->relocs[i];

		if (r->off - v->off >= v->size)
			break;
		if (!elf_file_symbol(d->elf, ELF_SYMTAB, r->symbol, &sym))
			continue;
		buf_adds(&d->text, "// the object has the address of ");
		dis_put_comment(&d->text, sym.name);
		buf_addf(&d->text, " at byte %llu of what follows\n",
			 (unsigned long long)(r->off - v->off));
	}
}

/* The line, and the comments in front of it. */
static void put_var(struct dis *d, const struct dis_var *v, const struct buf *line, bool typed)
{
	struct type t;

	if (d->sections[v->section].nr_relocs)
		put_relocs(d, v);
	if (v->symbol && strcmp(v->symbol, v->name) != 0) {
		buf_adds(&d->text, "// ");
		dis_put_comment(&d->text, v->symbol);
		buf_addc(&d->text, '\n');
	}
	if (v->type && !typed && types_strip(d->types, v->type, &t)) {
		auto_buf struct buf text = {};

		types_text(d->types, v->type, &text);
		buf_adds(&d->text, "// the bytes of type ");
		dis_put_comment(&d->text, buf_str(&text));
		buf_addc(&d->text, '\n');
	}
	put_keyword(d, v, &d->text);
	buf_add(&d->text, line->data, line->len);
	buf_addc(&d->text, '\n');
}

/* A hole that the next variable's alignment makes anyway. */
static bool is_padding(const struct dis *d, const struct dis_var *v)
{
	const struct dis_section *s = &d->sections[v->section];
	const uint8_t *bytes = bytes_of(d, v);
	size_t point = first_point(s, v->off);

	if (v->symbol || v->size >= 8 ||
	    (point < s->nr_points && s->points[point] < v->off + v->size))
		return false;
	for (uint64_t i = 0; bytes && i < v->size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* The line of variable i, behind the bytes of the hole before it if that is not made anyway. */
static void put_next(struct dis *d, uint32_t i, bool behind_hole)
{
	const struct dis_var *v = &d->vars[i], *hole = behind_hole ? &d->vars[i - 1] : NULL;
	auto_buf struct buf line = {}, bytes = {};
	uint32_t align = 1;
	bool typed = put_typed(d, v, &line, &align);

	if (!typed)
		put_untyped(d, v, &line);
	dis_take_decls(d, &d->text);
	if (hole && (hole->off + align - 1) / align * align != v->off) {
		put_untyped(d, hole, &bytes);
		put_var(d, hole, &bytes, false);
	}
	put_var(d, v, &line, typed);
	d->text.failed |= line.failed | bytes.failed;
}

void dis_put_data(struct dis *d, uint32_t section)
{
	const struct dis_section *s = &d->sections[section];
	bool behind_hole = false;

	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		if (!behind_hole && i + 1 < s->first + s->n && is_padding(d, &d->vars[i])) {
			behind_hole = true;
			continue;
		}
		put_next(d, i, behind_hole);
		behind_hole = false;
		dis_flush(d, false);
	}
}
