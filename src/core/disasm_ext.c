// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading .BTF.ext, of either byte order. */
#include "core/disasm_ext.h"

#include <stdlib.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/mem.h"

#define MAGIC 0xeb9f
#define MIN_HEADER 24 /* without CO-RE relocations, which came later */
#define FUNC_LEN 8
#define LINE_LEN 16
#define CORE_LEN 16
#define MAX_REC 4096

/* All three records begin with an offset; this is the part that searches need. */
struct place {
	uint32_t section;
	uint64_t off;
};
_Static_assert(offsetof(struct dis_ext_func, off) == offsetof(struct place, off) &&
		       offsetof(struct dis_ext_line, off) == offsetof(struct place, off) &&
		       offsetof(struct dis_ext_core, off) == offsetof(struct place, off),
	       "records begin with their place");

struct reader {
	const struct dis *d;
	struct dis_ext *x;
	const uint8_t *p, *end;
	uint32_t section;
	struct symtab sections; /* those with code, by name */
};

static uint32_t number(const struct reader *r, const uint8_t *p, unsigned int bytes)
{
	uint32_t v = 0;

	for (unsigned int i = 0; i < bytes; i++)
		v = v << 8 | p[r->d->big_endian ? i : bytes - 1 - i];
	return v;
}

static bool take(struct reader *r, uint32_t *v)
{
	if (r->end - r->p < 4)
		return false;
	*v = number(r, r->p, 4);
	r->p += 4;
	return true;
}

static void learn_sections(struct reader *r)
{
	for (uint32_t i = 1; i < r->d->nr_sections; i++) {
		const char *name = r->d->sections[i].s.name;

		if (r->d->sections[i].use == USE_CODE)
			symtab_add(&r->sections, name, strlen(name), i, NULL);
	}
}

static uint32_t section_named(const struct reader *r, uint32_t name_off)
{
	const char *name = types_string(r->d->types, name_off);
	const struct symbol *s = symtab_find(&r->sections, name, strlen(name));

	return s ? s->value : 0;
}

static void put_func(struct reader *r, const uint8_t *p)
{
	r->x->funcs[r->x->nr_funcs++] =
		(struct dis_ext_func){ r->section, number(r, p, 4), number(r, p + 4, 4) };
}

static void put_line(struct reader *r, const uint8_t *p)
{
	uint32_t place = number(r, p + 12, 4);

	r->x->lines[r->x->nr_lines++] = (struct dis_ext_line){
		.section = r->section,
		.off = number(r, p, 4),
		.file = types_string(r->d->types, number(r, p + 4, 4)),
		.text = types_string(r->d->types, number(r, p + 8, 4)),
		.line = place >> 10,
		.col = place & 0x3ff,
	};
}

static void put_core(struct reader *r, const uint8_t *p)
{
	r->x->cores[r->x->nr_cores++] = (struct dis_ext_core){
		.section = r->section,
		.off = number(r, p, 4),
		.type = number(r, p + 4, 4),
		.access = types_string(r->d->types, number(r, p + 8, 4)),
		.kind = number(r, p + 12, 4),
	};
}

/* A table: the size of its records, then for each section its name, their number, the records. */
static void read_table(struct reader *r, uint32_t min_rec,
		       void (*put)(struct reader *r, const uint8_t *p))
{
	uint32_t rec, name, n;

	if (!take(r, &rec) || rec < min_rec || rec > MAX_REC)
		return;
	while (take(r, &name) && take(r, &n)) {
		r->section = section_named(r, name);
		for (; n && (size_t)(r->end - r->p) >= rec; n--, r->p += rec)
			if (r->section)
				put(r, r->p);
		if (n)
			return;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return x->off < y->off ? -1 : x->off > y->off;
}

/* Part `nr` of the header: where it lies, and its length. */
static bool select_table(struct reader *r, const uint8_t *start, size_t len, unsigned int nr)
{
	uint32_t header = number(r, start + 4, 4);
	const uint8_t *field = start + 8 + 8 * (size_t)nr;
	uint64_t off, size;

	if (header > len || 16 + 8 * nr > header)
		return false;
	off = number(r, field, 4);
	size = number(r, field + 4, 4);
	if (off > len - header || size > len - header - off)
		return false;
	r->p = start + header + off;
	r->end = r->p + size;
	return true;
}

struct dis_ext *dis_ext_read(const struct dis *d)
{
	struct dis_ext *x = xcalloc(1, sizeof(*x));
	struct reader r = { .d = d, .x = x };
	struct elf_section s;
	const uint8_t *p = NULL;
	size_t len = 0;

	if (d->types && elf_file_find(d->elf, ".BTF.ext", &s))
		p = elf_file_bytes(d->elf, s.index, &len);
	if (!p || len < MIN_HEADER || number(&r, p, 2) != MAGIC)
		return x;
	x->funcs = xcalloc(len / FUNC_LEN + 1, sizeof(*x->funcs));
	x->lines = xcalloc(len / LINE_LEN + 1, sizeof(*x->lines));
	x->cores = xcalloc(len / CORE_LEN + 1, sizeof(*x->cores));
	learn_sections(&r);
	if (select_table(&r, p, len, 0))
		read_table(&r, FUNC_LEN, put_func);
	if (select_table(&r, p, len, 1))
		read_table(&r, LINE_LEN, put_line);
	if (select_table(&r, p, len, 2))
		read_table(&r, CORE_LEN, put_core);
	symtab_free(&r.sections);
	qsort(x->funcs, x->nr_funcs, sizeof(*x->funcs), by_place);
	qsort(x->lines, x->nr_lines, sizeof(*x->lines), by_place);
	qsort(x->cores, x->nr_cores, sizeof(*x->cores), by_place);
	return x;
}

void dis_ext_free(struct dis_ext *x)
{
	if (!x)
		return;
	free(x->funcs);
	free(x->lines);
	free(x->cores);
	free(x);
}

const struct dis_ext_func *dis_ext_func(const struct dis_ext *x, uint32_t section, uint64_t off)
{
	struct place key = { section, off };

	return x->nr_funcs ? bsearch(&key, x->funcs, x->nr_funcs, sizeof(*x->funcs), by_place)
			   : NULL;
}

const struct dis_ext_line *dis_ext_line(const struct dis_ext *x, uint32_t section, uint64_t off)
{
	struct place key = { section, off };

	return x->nr_lines ? bsearch(&key, x->lines, x->nr_lines, sizeof(*x->lines), by_place)
			   : NULL;
}

const struct dis_ext_core *dis_ext_core(const struct dis_ext *x, uint32_t section, uint64_t off)
{
	struct place key = { section, off };

	return x->nr_cores ? bsearch(&key, x->cores, x->nr_cores, sizeof(*x->cores), by_place)
			   : NULL;
}
