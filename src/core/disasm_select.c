// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What of an object is written: all of it, or a section or program and what that needs. */
#include <stdlib.h>
#include <string.h>

#include "core/disasm_priv.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"

/* Functions that are to be written and have not been looked through yet. */
struct work {
	struct dis *d;
	uint32_t *todo, n;
};

bool dis_is_partial(const struct dis *d)
{
	return d->opts->section || d->opts->prog;
}

static void use_func(struct work *w, uint32_t nr)
{
	struct dis_func *f = &w->d->funcs[nr];

	if (!f->used)
		w->todo[w->n++] = nr;
	f->used = true;
}

static void use_target(struct work *w, const struct dis_target *t)
{
	struct dis *d = w->d;

	switch (t->kind) {
	case TO_FUNC:
		use_func(w, t->nr);
		break;
	case TO_VAR:
		d->sections[d->vars[t->nr].section].used = true;
		break;
	case TO_MAP:
		d->maps[t->nr].used = true;
		break;
	case TO_EXTERN:
		d->externs[t->nr].used = true;
		break;
	default:
		break;
	}
}

/* What pointers refer to, from an offset of a section up to another. */
static void use_pointers(struct work *w, const struct dis_section *s, uint64_t off, uint64_t end)
{
	for (size_t i = dis_first_reloc(s, off); i < s->nr_relocs && s->relocs[i].off < end; i++) {
		struct dis_target t = dis_pointer(w->d, s, &s->relocs[i]);

		use_target(w, &t);
	}
}

/* The maps and programs that maps begin with; false: there is nothing new. */
static bool use_values(struct work *w)
{
	struct dis *d = w->d;
	bool any = false;

	for (uint32_t i = 0; i < d->nr_maps; i++) {
		struct dis_map *m = &d->maps[i];

		if (!m->used || m->followed)
			continue;
		m->followed = any = true;
		use_pointers(w, &d->sections[m->section], m->off, dis_map_end(d, m));
	}
	return any;
}

/* Everything the functions on the list refer to, and what those functions do. */
static void follow_code(struct work *w)
{
	while (w->n) {
		const struct dis_func *f = &w->d->funcs[w->todo[--w->n]];
		const struct dis_section *s = &w->d->sections[f->section];

		for (uint64_t off = f->off; off < f->off + f->size; off += INSN_SIZE) {
			struct insn in = dis_insn(w->d, s, off);
			struct dis_target t;

			if (in.code != INSN_CALL && in.code != INSN_LD_IMM64)
				continue;
			t = dis_operand(w->d, s, off, &in);
			use_target(w, &t);
		}
	}
}

static void follow(struct work *w)
{
	do
		follow_code(w);
	while (use_values(w) || w->n);
}

static void use_section(struct work *w, struct dis_section *s)
{
	struct dis *d = w->d;

	s->used = true;
	if (s->use == USE_OPS)
		use_pointers(w, s, 0, s->s.size);
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		if (s->use == USE_CODE)
			use_func(w, i);
		else if (s->use == USE_MAPS || s->use == USE_OLD_MAPS)
			d->maps[i].used = true;
	}
}

static int fail_section(const struct dis *d, struct err *e)
{
	const char *wanted = d->opts->section;
	struct near near = near_to(wanted, strlen(wanted));

	for (size_t i = 1; i < d->nr_sections; i++)
		if (d->sections[i].use != USE_NONE && d->sections[i].s.name)
			near_offer(&near, d->sections[i].s.name);
	err_absent(e, "%s has no section '%s'", d->file, wanted);
	if (near.best)
		return err_hint(e, "did you mean '%.*s'?", (int)near.best_len, near.best);
	return err_hint(e, "bpfctl disasm %s shows all of them", d->file);
}

static int select_section(struct work *w, struct err *e)
{
	struct dis *d = w->d;
	bool found = false, written = false;

	for (size_t i = 1; i < d->nr_sections; i++) {
		struct dis_section *s = &d->sections[i];

		if (strcmp(s->s.name, d->opts->section) != 0)
			continue;
		found = true;
		written |= s->use != USE_NONE && s->use != USE_LOST;
		use_section(w, s);
	}
	if (!found)
		return fail_section(d, e);
	if (!written)
		return err_input(e, "section '%s' of %s has no programs, maps or variables",
				 d->opts->section, d->file);
	return 0;
}

static int fail_prog(const struct dis *d, struct err *e)
{
	const char *wanted = d->opts->prog;
	struct near near = near_to(wanted, strlen(wanted));

	for (uint32_t i = 0; i < d->nr_funcs; i++)
		near_offer(&near, d->funcs[i].name);
	err_absent(e, "%s has no program '%s'", d->file, wanted);
	if (near.best)
		return err_hint(e, "did you mean '%.*s'?", (int)near.best_len, near.best);
	return err_hint(e, "bpfctl disasm %s shows all of them", d->file);
}

/* By the name in the object, or the one in the text. */
static int select_prog(struct work *w, struct err *e)
{
	const struct dis *d = w->d;
	bool found = false;

	for (uint32_t i = 0; i < d->nr_funcs; i++) {
		const struct dis_func *f = &d->funcs[i];

		if (strcmp(f->name, d->opts->prog) != 0 &&
		    (!f->symbol || strcmp(f->symbol, d->opts->prog) != 0))
			continue;
		found = true;
		use_func(w, i);
	}
	return found ? 0 : fail_prog(d, e);
}

static void use_all(struct work *w)
{
	struct dis *d = w->d;

	for (size_t i = 1; i < d->nr_sections; i++)
		use_section(w, &d->sections[i]);
	for (uint32_t i = 0; i < d->nr_externs; i++)
		d->externs[i].used = true;
	w->n = 0;
}

int dis_select(struct dis *d, struct err *e)
{
	auto_free uint32_t *todo = xcalloc(d->nr_funcs + 1, sizeof(*todo));
	struct work w = { d, todo, 0 };
	int r = 0;

	if (!dis_is_partial(d)) {
		use_all(&w);
		return 0;
	}
	if (d->opts->section)
		r = select_section(&w, e);
	if (r == 0 && d->opts->prog)
		r = select_prog(&w, e);
	if (r == 0)
		follow(&w);
	return r;
}
