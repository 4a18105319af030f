// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The object file: ELF64, relocatable, for the BPF machine.  The parts lie in the file in the
 * order of the section headers, which come last:
 *
 *	header, each section of programs and its relocations, license, .maps, data, .rodata.str1.1,
 *	.BTF.ext, .BTF, .symtab, .strtab, section headers
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/btf.h"
#include "asm/ctype.h"
#include "asm/layout.h"
#include "asm/src.h"
#include "core/mem.h"

struct header {
	uint32_t name, type, flags, link, info;
	uint64_t off, size;
	uint32_t align, entsize;
};

struct writer {
	struct layout *lay;
	const struct unit *u;
	struct buf *b;
	size_t start; /* of the object in b */
	bool big_endian;
	struct header *headers;
	uint32_t nr;
	uint32_t maps_shndx, str_shndx, symtab_shndx;
};

static void put(struct writer *w, uint64_t v, unsigned int bytes)
{
	buf_put(w->b, v, bytes, w->big_endian);
}

static uint64_t here(const struct writer *w)
{
	return w->b->len - w->start;
}

/*
 * Begins a section at the next aligned offset; what is added until end_section() is its contents.
 * The header stays where it is: the array is as large as it can get.
 */
static struct header *begin_section(struct writer *w, uint32_t name, uint32_t type, uint32_t flags,
				    uint32_t align)
{
	struct header *h = &w->headers[w->nr++];

	buf_fill(w->b, 0, -here(w) & (align - 1));
	*h = (struct header){ .name = name, .type = type, .flags = flags, .align = align };
	h->off = here(w);
	return h;
}

static void end_section(struct writer *w, struct header *h)
{
	h->size = here(w) - h->off;
}

static uint32_t name(struct writer *w, const char *s)
{
	return strtab_adds(&w->lay->names, s);
}

/* The number of the section begun last. */
static uint32_t last_shndx(const struct writer *w)
{
	return w->nr - 1;
}

/* Most instructions are complete, and those are many. */
static bool needs_filling(const struct vinsn *in)
{
	return in->kind != REF_NONE || in->insn.code == INSN_CALL || in->insn.code == INSN_LD_IMM64;
}

/* libbpf knows addresses of variables, but for maps only the map. */
static int check_ref(const struct writer *w, const struct vinsn *in)
{
	if (in->kind != REF_MAP || in->insn.src != PSEUDO_MAP_VALUE)
		return 0;
	src_error(w->u->src, in->pos, 1,
		  "an object file cannot hold the address of a value of map '%s'",
		  w->u->maps[in->ref].name);
	return src_hint(w->u->src, "look the value up, or keep it in a variable (data, bss)");
}

/* The instructions of a program, one after the other in the byte order of the target. */
static int put_insns(struct writer *w, uint32_t prog)
{
	const struct prog *p = &w->lay->progs[prog];
	const struct vinsn *in = w->u->insns + p->first;
	uint8_t *to = (uint8_t *)buf_reserve(w->b, (size_t)p->n * INSN_SIZE);
	int32_t off = 0;
	int err;

	if (!to)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->n; i++, to += INSN_SIZE) {
		struct insn insn = in[i].insn;
		uint32_t sym;

		if (needs_filling(&in[i])) {
			err = check_ref(w, &in[i]);
			if (err)
				return err;
			insn = layout_insn(w->lay, prog, i, &sym);
			off = insn.imm;
		} else if (i && in[i - 1].kind == REF_VAR) {
			insn.imm = off < 0 ? -1 : 0; /* the offset has 64 bits */
		}
		insn_encode(&insn, w->big_endian, to);
	}
	w->b->len += (size_t)p->n * INSN_SIZE;
	return 0;
}

/* What the loader has to fill in there.  Returns whether that was anything. */
static bool put_relocs(struct writer *w, uint32_t prog)
{
	const struct prog *p = &w->lay->progs[prog];
	const struct vinsn *in = w->u->insns + p->first;
	size_t before = w->b->len;

	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t sym;

		if (!needs_filling(&in[i]))
			continue;
		layout_insn(w->lay, prog, i, &sym);
		if (!sym)
			continue;
		put(w, w->lay->prog_off[prog] + i * INSN_SIZE, 8);
		put(w, ELF64_R_INFO(sym, in[i].insn.code == INSN_CALL ? R_BPF_64_32 : R_BPF_64_64),
		    8);
	}
	return w->b->len != before;
}

static uint32_t rel_name(struct writer *w, const char *section)
{
	auto_buf struct buf s = {};

	buf_addf(&s, ".rel%s", section);
	w->b->failed |= s.failed;
	return name(w, buf_str(&s));
}

/* A section of programs, and behind it its relocations, which may turn out to be none. */
static int put_code(struct writer *w, struct layout_sec *s)
{
	const uint32_t *progs = w->lay->prog_order + s->first;
	struct header *h =
		begin_section(w, s->name_off, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, s->align);
	bool any = false;
	int err;

	s->shndx = last_shndx(w);
	for (uint32_t i = 0; i < s->n; i++) {
		err = put_insns(w, progs[i]);
		if (err)
			return err;
	}
	end_section(w, h);
	h = begin_section(w, rel_name(w, s->name), SHT_REL, SHF_INFO_LINK, 8);
	h->entsize = sizeof(Elf64_Rel);
	h->info = s->shndx;
	for (uint32_t i = 0; i < s->n; i++)
		any |= put_relocs(w, progs[i]);
	end_section(w, h);
	if (!any)
		w->nr--;
	return 0;
}

/* No symbol goes with it: libbpf needs none, and bpftool's linker would want BTF for it. */
static void put_license(struct writer *w)
{
	const char *text = w->u->license ? w->u->license : "GPL";
	struct header *h =
		begin_section(w, name(w, "license"), SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1);

	buf_add(w->b, text, strlen(text) + 1);
	end_section(w, h);
}

/* The bytes of a map's definition stay zero: libbpf reads the types of its members. */
static void put_maps(struct writer *w)
{
	struct header *h;

	if (!w->lay->maps_size)
		return;
	h = begin_section(w, name(w, ".maps"), SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8);
	w->maps_shndx = last_shndx(w);
	buf_fill(w->b, 0, w->lay->maps_size);
	end_section(w, h);
}

/* Relocations of the section begun last but for them; *h is theirs. */
static struct header *begin_relocs(struct writer *w, const char *section, uint32_t shndx)
{
	struct header *h = begin_section(w, rel_name(w, section), SHT_REL, SHF_INFO_LINK, 8);

	h->entsize = sizeof(Elf64_Rel);
	h->info = shndx;
	return h;
}

/* An address of 64 bits in data. */
static void put_address(struct writer *w, uint64_t at, uint32_t sym)
{
	put(w, at, 8);
	put(w, ELF64_R_INFO(sym, 2 /* R_BPF_64_ABS64 */), 8);
}

/* The elements that maps have from the start stand behind the struct of each. */
static void put_map_values(struct writer *w)
{
	const struct unit *u = w->u;
	struct header *h = NULL;

	for (size_t i = 0; i < u->nr_maps; i++) {
		const struct map_decl *m = &u->maps[i];
		struct map_attr attrs[MAP_ATTRS_MAX];
		uint64_t from = w->lay->map_off[i] + map_attrs(m, attrs) * sizeof(uint64_t);

		if (m->nr_values && !h)
			h = begin_relocs(w, ".maps", w->maps_shndx);
		for (uint32_t k = 0; k < m->nr_values; k++)
			put_address(w, from + m->values[k].index * sizeof(uint64_t),
				    m->inner ? w->lay->map_sym + m->values[k].ref
					     : w->lay->prog_sym[m->values[k].ref]);
	}
	if (h)
		end_section(w, h);
}

static void put_var_refs(struct writer *w, const struct layout_sec *s)
{
	struct header *h = NULL;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct var_decl *v = &w->u->vars[w->lay->var_order[s->first + i]];

		if (v->nr_refs && !h)
			h = begin_relocs(w, s->name, s->shndx);
		for (uint32_t k = 0; k < v->nr_refs; k++)
			put_address(w, v->off + v->refs[k].off, w->lay->prog_sym[v->refs[k].prog]);
	}
	if (h)
		end_section(w, h);
}

/* A section of variables; each becomes a map with one value. */
static void put_data(struct writer *w, struct layout_sec *s)
{
	uint32_t flags = s->kind == VAR_RODATA ? SHF_ALLOC : SHF_ALLOC | SHF_WRITE;
	struct header *h = begin_section(
		w, s->name_off, s->kind == VAR_BSS ? SHT_NOBITS : SHT_PROGBITS, flags, s->align);
	char *bytes;

	s->shndx = last_shndx(w);
	h->size = s->size;
	bytes = s->kind == VAR_BSS ? NULL : buf_reserve(w->b, s->size);
	if (!bytes)
		return;
	memset(bytes, 0, s->size);
	for (uint32_t i = 0; i < s->n; i++) {
		const struct var_decl *v = &w->u->vars[w->lay->var_order[s->first + i]];

		if (v->init)
			memcpy(bytes + v->off, v->init, ctype_get(w->u->types, v->type)->size);
	}
	w->b->len += s->size;
	end_section(w, h);
	put_var_refs(w, s);
}

/* The flags are clang's, so that linking merges the literals of both. */
static void put_strings(struct writer *w)
{
	struct header *h;

	if (!w->u->strings_len)
		return;
	h = begin_section(w, name(w, ".rodata.str1.1"), SHT_PROGBITS,
			  SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1);
	h->entsize = 1;
	w->str_shndx = last_shndx(w);
	buf_add(w->b, w->u->strings, w->u->strings_len);
	end_section(w, h);
}

/* Where instructions come from.  libbpf takes no .BTF.ext without anything in it. */
static int put_ext(struct writer *w, struct btfw *types)
{
	struct header *h;
	int err;

	if (!w->lay->nr_code)
		return 0;
	h = begin_section(w, name(w, ".BTF.ext"), SHT_PROGBITS, 0, 4);
	err = btfw_write_ext(types, w->lay, w->b);
	end_section(w, h);
	return err;
}

/* .BTF.ext comes first: the lines it refers to enter .BTF's strings. */
static int put_types(struct writer *w)
{
	auto_btfw struct btfw types = {};
	struct header *h;
	int err = btfw_make(&types, w->lay);

	if (!err)
		err = put_ext(w, &types);
	if (err)
		return err;
	h = begin_section(w, name(w, ".BTF"), SHT_PROGBITS, 0, 4);
	err = btfw_write(&types, w->b);
	end_section(w, h);
	return err;
}

/* The visibility is above the eight bits of info. */
static void put_sym(struct writer *w, uint32_t name_off, uint32_t info, uint32_t shndx, uint32_t at,
		    uint32_t size)
{
	put(w, name_off, 4);
	put(w, info & 0xff, 1);
	put(w, info >> 8, 1);
	put(w, shndx, 2);
	put(w, at, 8);
	put(w, size, 8);
}

static void put_prog_syms(struct writer *w, bool global)
{
	const struct layout *lay = w->lay;
	uint32_t info = ELF64_ST_INFO(global ? STB_GLOBAL : STB_LOCAL, STT_FUNC);

	for (uint32_t i = 0; i < lay->nr_progs; i++) {
		const struct prog *p = &lay->progs[i];

		if ((lay->prog_sym[i] >= lay->first_global) == global)
			put_sym(w, name(w, p->name), p->hidden ? info | STV_HIDDEN << 8 : info,
				lay->code[lay->prog_sec[i]].shndx, lay->prog_off[i],
				p->n * INSN_SIZE);
	}
}

static void put_var_syms(struct writer *w, bool is_static)
{
	const struct layout *lay = w->lay;
	uint8_t info = ELF64_ST_INFO(is_static ? STB_LOCAL : STB_GLOBAL, STT_OBJECT);

	for (size_t i = 0; i < w->u->nr_vars; i++) {
		const struct var_decl *v = &w->u->vars[i];

		if (v->is_static == is_static)
			put_sym(w, name(w, v->name), info, lay->data[lay->var_sec[i]].shndx, v->off,
				ctype_get(w->u->types, v->type)->size);
	}
}

/* In the order in which layout_plan() numbered them. */
static void put_syms(struct writer *w)
{
	const struct unit *u = w->u;
	const struct layout *lay = w->lay;
	const uint8_t object = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);

	put_sym(w, 0, 0, SHN_UNDEF, 0, 0);
	for (uint32_t i = 0; i < lay->nr_code && lay->text_sym; i++)
		if (strcmp(lay->code[i].name, ".text") == 0)
			put_sym(w, 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), lay->code[i].shndx, 0,
				0);
	if (lay->str_sym)
		put_sym(w, 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), w->str_shndx, 0, 0);
	for (uint32_t i = 0; i < lay->nr_data; i++)
		if (lay->data[i].sym)
			put_sym(w, 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), lay->data[i].shndx, 0,
				0);
	put_prog_syms(w, false);
	put_var_syms(w, true);
	put_prog_syms(w, true);
	for (size_t i = 0; i < u->nr_maps; i++) {
		uint32_t end = i + 1 < u->nr_maps ? lay->map_off[i + 1] : lay->maps_size;

		put_sym(w, name(w, u->maps[i].name), object, w->maps_shndx, lay->map_off[i],
			end - lay->map_off[i]);
	}
	put_var_syms(w, false);
	for (size_t i = 0; i < u->nr_externs; i++)
		if (lay->extern_sym[i])
			put_sym(w, name(w, u->externs[i].name),
				ELF64_ST_INFO(u->externs[i].weak ? STB_WEAK : STB_GLOBAL,
					      STT_NOTYPE),
				SHN_UNDEF, 0, 0);
}

/* The names of sections are in the same table, so everything has one before it is written. */
static void put_tables(struct writer *w)
{
	struct header *h;

	h = begin_section(w, name(w, ".symtab"), SHT_SYMTAB, 0, 8);
	h->entsize = sizeof(Elf64_Sym);
	h->info = w->lay->first_global;
	h->link = w->nr;
	w->symtab_shndx = last_shndx(w);
	put_syms(w);
	end_section(w, h);
	h = begin_section(w, name(w, ".strtab"), SHT_STRTAB, 0, 1);
	buf_add(w->b, w->lay->names.bytes.data, w->lay->names.bytes.len);
	end_section(w, h);
	for (uint32_t i = 1; i < w->nr; i++)
		if (w->headers[i].type == SHT_REL)
			w->headers[i].link = w->symtab_shndx;
}

static void put_headers(struct writer *w)
{
	buf_fill(w->b, 0, -here(w) & 7);
	for (uint32_t i = 0; i < w->nr; i++) {
		const struct header *h = &w->headers[i];

		put(w, h->name, 4);
		put(w, h->type, 4);
		put(w, h->flags, 8);
		put(w, 0, 8); /* address */
		put(w, h->off, 8);
		put(w, h->size, 8);
		put(w, h->link, 4);
		put(w, h->info, 4);
		put(w, h->align, 8);
		put(w, h->entsize, 8);
	}
}

static void put_elf_header(struct writer *w, uint64_t headers_off)
{
	const unsigned char ident[EI_NIDENT] = {
		ELFMAG0,    ELFMAG1,	ELFMAG2,
		ELFMAG3,    ELFCLASS64, w->big_endian ? ELFDATA2MSB : ELFDATA2LSB,
		EV_CURRENT,
	};

	buf_add(w->b, ident, sizeof(ident));
	put(w, ET_REL, 2);
	put(w, EM_BPF, 2);
	put(w, EV_CURRENT, 4);
	put(w, 0, 8); /* entry */
	put(w, 0, 8); /* program headers */
	put(w, headers_off, 8);
	put(w, 0, 4); /* flags */
	put(w, sizeof(Elf64_Ehdr), 2);
	put(w, 0, 2); /* program headers: size, number */
	put(w, 0, 2);
	put(w, sizeof(Elf64_Shdr), 2);
	put(w, w->nr, 2);
	put(w, w->nr ? w->nr - 1 : 0, 2); /* .strtab holds the names */
}

/* Everything, the header last: where the section headers lie is known then. */
static int write_object(struct writer *w)
{
	struct buf *b = w->b;
	size_t end;
	int err;

	buf_fill(b, 0, sizeof(Elf64_Ehdr));
	w->nr = 1; /* the null section */
	for (uint32_t i = 0; i < w->lay->nr_code; i++) {
		err = put_code(w, &w->lay->code[i]);
		if (err)
			return err;
	}
	put_license(w);
	put_maps(w);
	put_map_values(w);
	for (uint32_t i = 0; i < w->lay->nr_data; i++)
		put_data(w, &w->lay->data[i]);
	put_strings(w);
	err = put_types(w);
	if (err)
		return err;
	put_tables(w);
	put_headers(w);
	end = b->len;
	put_elf_header(w, end - w->start - w->nr * sizeof(Elf64_Shdr));
	if (buf_error(b) || strtab_error(&w->lay->names))
		return -ENOMEM;
	memcpy(b->data + w->start, b->data + end, sizeof(Elf64_Ehdr));
	b->len = end;
	return 0;
}

int unit_elf(const struct unit *u, struct buf *b)
{
	auto_layout struct layout lay = {};
	auto_free struct header *headers = NULL;
	struct writer w = { .lay = &lay, .u = u, .b = b, .start = b->len };
	int err = layout_plan(&lay, u);

	if (err)
		return err;
	w.big_endian = u->big_endian;
	headers = calloc(2 * ((size_t)lay.nr_code + lay.nr_data) + 17, sizeof(*headers));
	if (!headers)
		return -ENOMEM;
	w.headers = headers;
	err = write_object(&w);
	if (err)
		b->len = w.start; /* nothing rather than half of it */
	return err;
}
