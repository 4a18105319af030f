// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the operand of an instruction refers to, by its relocation. */
#include <elf.h>
#include <stdlib.h>

#include "core/disasm_priv.h"

static int by_nr(const void *a, const void *b)
{
	const uint32_t *nr = a;
	const struct dis_extern *x = b;

	return *nr < x->nr ? -1 : *nr > x->nr;
}

/* The last of a section's variables that begins at an offset or before it. */
static uint32_t var_before(const struct dis *d, const struct dis_section *s, int64_t off)
{
	uint32_t low = s->first, high = s->first + s->n;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if ((int64_t)d->vars[mid].off <= off)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* With a symbol it is the variable at the symbol's place, whatever is added to that. */
static struct dis_target resolve_var(const struct dis *d, const struct elf_symbol *sym, int64_t add)
{
	const struct dis_section *s = &d->sections[sym->section];
	struct dis_target t = { .kind = TO_VAR, .by_section = sym->type == STT_SECTION };
	int64_t off = (int64_t)sym->value + add;

	if (!s->n)
		return (struct dis_target){ .kind = TO_NOTHING };
	t.nr = var_before(d, s, t.by_section ? off : (int64_t)sym->value);
	t.off = off - (int64_t)d->vars[t.nr].off;
	return t;
}

static struct dis_target resolve_map(const struct dis *d, const struct elf_symbol *sym, int64_t add)
{
	const struct dis_section *s = &d->sections[sym->section];

	uint64_t off = sym->value + (uint64_t)add;
	uint32_t low = s->first, high = s->first + s->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (d->maps[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == s->first + s->n || d->maps[low].off != off)
		return (struct dis_target){ .kind = TO_NOTHING };
	return (struct dis_target){ TO_MAP, low, 0, sym->type == STT_SECTION };
}

static struct dis_target resolve_func(const struct dis *d, const struct elf_symbol *sym,
				      int64_t add)
{
	const struct dis_func *f = dis_func_at(d, sym->section, sym->value + (uint64_t)add);

	if (!f)
		return (struct dis_target){ .kind = TO_NOTHING };
	return (struct dis_target){ TO_FUNC, (uint32_t)(f - d->funcs), 0,
				    sym->type == STT_SECTION };
}

static struct dis_target resolve_extern(const struct dis *d, uint32_t symbol, int64_t add)
{
	const struct dis_extern *x = bsearch(&symbol, d->externs, d->nr_externs, sizeof(*x), by_nr);

	if (!x || add)
		return (struct dis_target){ .kind = TO_NOTHING };
	return (struct dis_target){ TO_EXTERN, (uint32_t)(x - d->externs), 0, false };
}

struct dis_target dis_resolve(const struct dis *d, const struct elf_reloc *r, const struct insn *in)
{
	struct dis_target nothing = { .kind = TO_NOTHING };
	bool is_call = in->code == INSN_CALL;
	struct elf_symbol sym;

	if (!elf_file_symbol(d->elf, ELF_SYMTAB, r->symbol, &sym) ||
	    (!is_call && in->code != INSN_LD_IMM64))
		return nothing;
	if (sym.undefined)
		return resolve_extern(d, r->symbol, dis_addend(r, in));
	switch (sym.section ? d->sections[sym.section].use : USE_NONE) {
	case USE_CODE:
		return resolve_func(d, &sym, dis_addend(r, in));
	case USE_MAPS:
	case USE_OLD_MAPS:
		return is_call ? nothing : resolve_map(d, &sym, dis_addend(r, in));
	case USE_DATA:
	case USE_RODATA:
	case USE_BSS:
		return is_call ? nothing : resolve_var(d, &sym, dis_addend(r, in));
	default:
		return nothing;
	}
}

/* What the object has at the place of a pointer is added to the symbol. */
static int64_t pointer_addend(const struct dis *d, const struct dis_section *s,
			      const struct elf_reloc *r)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < 8 && r->off + 8 <= s->len; i++)
		n = n << 8 | s->bytes[r->off + (d->big_endian ? i : 7 - i)];
	return (int64_t)(n + (uint64_t)r->addend);
}

struct dis_target dis_pointer(const struct dis *d, const struct dis_section *s,
			      const struct elf_reloc *r)
{
	struct dis_target nothing = { .kind = TO_NOTHING };
	struct elf_symbol sym;

	if (!s->bytes || !elf_file_symbol(d->elf, ELF_SYMTAB, r->symbol, &sym) || sym.undefined ||
	    !sym.section)
		return nothing;
	switch (d->sections[sym.section].use) {
	case USE_CODE:
		return resolve_func(d, &sym, pointer_addend(d, s, r));
	case USE_MAPS:
		return resolve_map(d, &sym, pointer_addend(d, s, r));
	default:
		return nothing;
	}
}

bool dis_is_near(const struct insn *in)
{
	return (in->code == INSN_CALL && in->src == PSEUDO_CALL) ||
	       (in->code == INSN_LD_IMM64 && in->src == PSEUDO_FUNC);
}

struct dis_target dis_operand(const struct dis *d, const struct dis_section *s, uint64_t off,
			      const struct insn *in)
{
	const struct elf_reloc *r = dis_reloc(s, off);
	struct dis_target t = { .kind = TO_NOTHING };
	const struct dis_func *f = NULL;

	if (r)
		return dis_resolve(d, r, in);
	if (dis_is_near(in))
		f = dis_func_at(d, s->s.index, off + (uint64_t)((int64_t)in->imm + 1) * INSN_SIZE);
	if (f)
		t = (struct dis_target){ TO_FUNC, (uint32_t)(f - d->funcs), 0, false };
	return t;
}
