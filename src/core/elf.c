// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading ELF files. */
#include "core/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gelf.h>
#include <libelf.h>

#include "core/err.h"
#include "core/mem.h"

#ifndef EM_BPF
#define EM_BPF 247
#endif

#define INSN_SIZE 8u

struct elf_file {
	char *name;
	Elf *elf;
	int fd;
	uint64_t size;
	GElf_Ehdr head;
	size_t nr_sections; /* with the null section */
	size_t names;	    /* index of their string table */
	struct {
		Elf_Data *data;
		size_t n, names;
	} symbols[2];
};

void elf_file_freep(struct elf_file **f)
{
	if (!*f)
		return;
	elf_end((*f)->elf);
	closep(&(*f)->fd);
	free((*f)->name);
	free(*f);
	*f = NULL;
}

static int damaged(const struct elf_file *f, struct err *e, const char *what)
{
	return err_input(e, "%s: damaged ELF file: %s", f->name, what);
}

bool elf_file_section(const struct elf_file *f, size_t index, struct elf_section *s)
{
	Elf_Scn *scn = index && index < f->nr_sections ? elf_getscn(f->elf, index) : NULL;
	GElf_Shdr h;
	const char *name;

	if (!scn || !gelf_getshdr(scn, &h))
		return false;
	name = elf_strptr(f->elf, f->names, h.sh_name);
	*s = (struct elf_section){
		.index = (uint32_t)index,
		.name = name ? name : "",
		.type = h.sh_type,
		.link = h.sh_link,
		.info = h.sh_info,
		.flags = h.sh_flags,
		.addr = h.sh_addr,
		.off = h.sh_offset,
		.size = h.sh_size,
		.align = h.sh_addralign,
		.entsize = h.sh_entsize,
	};
	return true;
}

static bool has_bytes(const struct elf_section *s)
{
	return s->type != SHT_NOBITS && s->type != SHT_NULL && s->size;
}

static int check_section(const struct elf_file *f, size_t index, struct err *e)
{
	struct elf_section s;

	if (!elf_file_section(f, index, &s))
		return damaged(f, e, "a section header cannot be read");
	if (has_bytes(&s) && (s.off > f->size || s.size > f->size - s.off))
		return damaged(f, e, "a section ends behind the file");
	if (s.link >= f->nr_sections)
		return damaged(f, e, "a section refers to one that does not exist");
	return 0;
}

/* Remembers where the symbols are. */
static int find_symbols(struct elf_file *f, struct err *e)
{
	for (size_t i = 1; i < f->nr_sections; i++) {
		struct elf_section s;
		enum elf_symtab t;
		Elf_Data *data;

		if (!elf_file_section(f, i, &s) || (s.type != SHT_SYMTAB && s.type != SHT_DYNSYM) ||
		    !s.size)
			continue;
		t = s.type == SHT_SYMTAB ? ELF_SYMTAB : ELF_DYNSYM;
		if (f->symbols[t].data)
			return damaged(f, e, "two symbol tables");
		data = elf_getdata(elf_getscn(f->elf, i), NULL);
		if (!data || data->d_type != ELF_T_SYM)
			return damaged(f, e, "the symbol table cannot be read");
		f->symbols[t].data = data;
		f->symbols[t].names = s.link;
		f->symbols[t].n = data->d_size / gelf_fsize(f->elf, ELF_T_SYM, 1, EV_CURRENT);
	}
	return 0;
}

static int check(struct elf_file *f, struct err *e)
{
	int err;

	if (elf_kind(f->elf) != ELF_K_ELF || !gelf_getehdr(f->elf, &f->head))
		return err_input(e, "%s: not an ELF file", f->name);
	/* libelf takes a file that ends before its section headers for one without sections */
	if (elf_getshdrnum(f->elf, &f->nr_sections) || elf_getshdrstrndx(f->elf, &f->names) ||
	    (f->head.e_shnum && !f->nr_sections) || f->nr_sections > f->size ||
	    f->head.e_shoff > f->size ||
	    f->nr_sections * (uint64_t)f->head.e_shentsize > f->size - f->head.e_shoff)
		return damaged(f, e, "no section headers where the header says");
	for (size_t i = 1; i < f->nr_sections; i++) {
		err = check_section(f, i, e);
		if (err)
			return err;
	}
	return find_symbols(f, e);
}

static struct elf_file *new_file(const char *name)
{
	struct elf_file *f = xcalloc(1, sizeof(*f));

	f->fd = -1;
	f->name = xstrdup(name);
	elf_version(EV_CURRENT);
	return f;
}

struct elf_file *elf_file_open(const char *path, struct err *e)
{
	auto_elf_file struct elf_file *f = new_file(path);
	struct stat st;

	/* O_NONBLOCK: a FIFO in the file's place must not make us wait */
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		err_sys(e, "cannot open %s", path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		err_input(e, "%s: not a regular file", path);
		return NULL;
	}
	f->size = (uint64_t)st.st_size;
	f->elf = elf_begin(f->fd, ELF_C_READ, NULL);
	return check(f, e) < 0 ? NULL : take_ptr(f);
}

struct elf_file *elf_file_open_mem(const char *name, const void *data, size_t len, struct err *e)
{
	auto_elf_file struct elf_file *f = new_file(name);
	union {
		const void *in;
		char *out;
	} bytes = { .in = data }; /* libelf takes a char *, and does not write to it */

	f->size = len;
	f->elf = len ? elf_memory(bytes.out, len) : NULL;
	return check(f, e) < 0 ? NULL : take_ptr(f);
}

struct elf_info elf_file_info(const struct elf_file *f)
{
	return (struct elf_info){
		.is_64 = f->head.e_ident[EI_CLASS] == ELFCLASS64,
		.big_endian = f->head.e_ident[EI_DATA] == ELFDATA2MSB,
		.type = f->head.e_type,
		.machine = f->head.e_machine,
		.entry = f->head.e_entry,
	};
}

size_t elf_file_sections(const struct elf_file *f)
{
	return f->nr_sections ? f->nr_sections - 1 : 0;
}

bool elf_file_find(const struct elf_file *f, const char *name, struct elf_section *s)
{
	for (size_t i = 1; i < f->nr_sections; i++)
		if (elf_file_section(f, i, s) && strcmp(s->name, name) == 0)
			return true;
	return false;
}

const uint8_t *elf_file_bytes(const struct elf_file *f, size_t index, size_t *len)
{
	struct elf_section s;
	Elf_Data *data = NULL;

	*len = 0;
	if (elf_file_section(f, index, &s) && has_bytes(&s))
		data = elf_rawdata(elf_getscn(f->elf, index), NULL);
	if (!data || !data->d_buf)
		return NULL;
	*len = data->d_size;
	return data->d_buf;
}

size_t elf_file_symbols(const struct elf_file *f, enum elf_symtab table)
{
	return f->symbols[table].n ? f->symbols[table].n - 1 : 0;
}

bool elf_file_symbol(const struct elf_file *f, enum elf_symtab table, size_t index,
		     struct elf_symbol *s)
{
	struct elf_section section;
	const char *name;
	GElf_Sym sym;

	if (!index || index >= f->symbols[table].n ||
	    !gelf_getsym(f->symbols[table].data, (int)index, &sym))
		return false;
	name = elf_strptr(f->elf, f->symbols[table].names, sym.st_name);
	*s = (struct elf_symbol){
		.name = name ? name : "",
		.value = sym.st_value,
		.size = sym.st_size,
		.type = GELF_ST_TYPE(sym.st_info),
		.bind = GELF_ST_BIND(sym.st_info),
		.visibility = GELF_ST_VISIBILITY(sym.st_other),
		.undefined = sym.st_shndx == SHN_UNDEF,
	};
	if (sym.st_shndx < SHN_LORESERVE && sym.st_shndx < f->nr_sections)
		s->section = sym.st_shndx;
	if (s->type == STT_SECTION && elf_file_section(f, s->section, &section))
		s->name = section.name;
	return true;
}

static int by_reloc_off(const void *a, const void *b)
{
	const struct elf_reloc *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

/* Appends those of one section of relocations. */
static int add_relocs(const struct elf_file *f, const struct elf_section *s,
		      struct elf_reloc **list, size_t *n, struct err *e)
{
	Elf_Data *data = elf_getdata(elf_getscn(f->elf, s->index), NULL);
	bool rela = s->type == SHT_RELA;
	size_t count;

	if (!s->size)
		return 0;
	if (!data || data->d_type != (rela ? ELF_T_RELA : ELF_T_REL))
		return damaged(f, e, "relocations cannot be read");
	count = data->d_size / gelf_fsize(f->elf, data->d_type, 1, EV_CURRENT);
	*list = xreallocarray(*list, *n + count, sizeof(**list));
	for (size_t i = 0; i < count; i++) {
		GElf_Rela r = {};
		GElf_Rel rel;

		if (rela && !gelf_getrela(data, (int)i, &r))
			break;
		if (!rela) {
			if (!gelf_getrel(data, (int)i, &rel))
				break;
			r.r_offset = rel.r_offset;
			r.r_info = rel.r_info;
		}
		(*list)[(*n)++] = (struct elf_reloc){ r.r_offset, (uint32_t)GELF_R_TYPE(r.r_info),
						      (uint32_t)GELF_R_SYM(r.r_info), r.r_addend };
	}
	return 0;
}

int elf_file_relocs(const struct elf_file *f, size_t section, struct elf_reloc **list, size_t *n,
		    struct err *e)
{
	auto_free struct elf_reloc *all = NULL;
	struct elf_section s;
	size_t count = 0;
	int err;

	for (size_t i = 1; i < f->nr_sections; i++) {
		if (!elf_file_section(f, i, &s) || s.info != section ||
		    (s.type != SHT_REL && s.type != SHT_RELA))
			continue;
		err = add_relocs(f, &s, &all, &count, e);
		if (err)
			return err;
	}
	if (count)
		qsort(all, count, sizeof(*all), by_reloc_off);
	*list = take_ptr(all);
	*n = count;
	return 0;
}

static bool is_code(const struct elf_section *s)
{
	return s->type == SHT_PROGBITS && s->flags & SHF_EXECINSTR && s->size;
}

static int by_section_off(const void *a, const void *b)
{
	const struct elf_section *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

int elf_file_check_bpf(struct elf_file *f, struct err *e)
{
	auto_free struct elf_section *all = xcalloc(f->nr_sections, sizeof(*all));
	size_t n = 0;

	if (f->head.e_ident[EI_CLASS] != ELFCLASS64 || f->head.e_type != ET_REL ||
	    (f->head.e_machine != EM_BPF && f->head.e_machine != EM_NONE))
		return err_input(e, "%s: not a BPF object file", f->name);
	for (size_t i = 1; i < f->nr_sections; i++)
		if (elf_file_section(f, i, &all[n]) && has_bytes(&all[n]))
			n++;
	if (n)
		qsort(all, n, sizeof(*all), by_section_off);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && all[i].off + all[i].size > all[i + 1].off)
			return err_input(e, "%s: damaged ELF file: sections '%s' and '%s' overlap",
					 f->name, all[i].name, all[i + 1].name);
		if (is_code(&all[i]) && all[i].size % INSN_SIZE)
			return err_input(e, "%s: section '%s' does not end with an instruction",
					 f->name, all[i].name);
	}
	return 0;
}

static int by_prog_off(const void *a, const void *b)
{
	const struct elf_prog *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

struct prog_list {
	struct elf_prog *progs;
	size_t n, cap;
};

static void add_prog(struct prog_list *l, const struct elf_prog *p)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->progs = xreallocarray(l->progs, l->cap, sizeof(*l->progs));
	}
	l->progs[l->n++] = *p;
}

/* The functions that symbols name. */
static int add_named(struct elf_file *f, struct prog_list *l, struct err *e)
{
	for (size_t i = 1; i <= elf_file_symbols(f, ELF_SYMTAB); i++) {
		struct elf_section s;
		struct elf_symbol sym;
		struct elf_prog p;

		if (!elf_file_symbol(f, ELF_SYMTAB, i, &sym) || sym.type != STT_FUNC ||
		    !elf_file_section(f, sym.section, &s) || !is_code(&s) || !sym.size)
			continue;
		if (sym.value > s.size || sym.size > s.size - sym.value || sym.value % INSN_SIZE ||
		    sym.size % INSN_SIZE)
			return err_input(e, "%s: function '%s' does not lie in section '%s'",
					 f->name, sym.name, s.name);
		p = (struct elf_prog){ sym.name,  s.index, (uint32_t)i, sym.bind != STB_LOCAL,
				       sym.value, sym.size };
		add_prog(l, &p);
	}
	if (l->n)
		qsort(l->progs, l->n, sizeof(*l->progs), by_prog_off);
	return 0;
}

/* What lies between the functions of a section; named[0..n) are its functions in order. */
static void add_gaps(struct prog_list *l, const struct elf_section *s, const struct elf_prog *named,
		     size_t n)
{
	struct elf_prog gap = { .section = s->index };

	for (size_t i = 0; i <= n; i++) {
		uint64_t next = i < n ? named[i].off : s->size;

		if (next > gap.off) {
			gap.size = next - gap.off;
			add_prog(l, &gap);
		}
		if (i < n) {
			add_prog(l, &named[i]);
			if (named[i].off + named[i].size > gap.off)
				gap.off = named[i].off + named[i].size;
		}
	}
}

int elf_file_progs(struct elf_file *f, struct elf_prog **list, size_t *n, struct err *e)
{
	struct prog_list named = {}, all = {};
	int err = add_named(f, &named, e);
	size_t at = 0;

	for (size_t i = 1; i < f->nr_sections && !err; i++) {
		struct elf_section s;
		size_t first = at;

		while (at < named.n && named.progs[at].section == i)
			at++;
		if (elf_file_section(f, i, &s) && is_code(&s))
			add_gaps(&all, &s, at > first ? named.progs + first : NULL, at - first);
	}
	free(named.progs);
	if (err)
		free(all.progs);
	*list = err ? NULL : all.progs;
	*n = err ? 0 : all.n;
	return err;
}

/* A number of `bytes` bytes in the byte order of the file that it is in. */
static uint64_t number(const uint8_t *p, unsigned int bytes, bool big_endian)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < bytes; i++)
		v = v << 8 | p[big_endian ? i : bytes - 1 - i];
	return v;
}

#define FIELD(p, type, field, be)                                                                  \
	number((p) + offsetof(type, field), sizeof(((type *)0)->field), be)

/* The length of the object that begins at p, 0 if none does. */
static size_t embedded_len(const uint8_t *p, size_t left)
{
	bool be = p[EI_DATA] == ELFDATA2MSB;
	uint64_t headers = FIELD(p, Elf64_Ehdr, e_shoff, be), end;
	uint64_t n = FIELD(p, Elf64_Ehdr, e_shnum, be);

	if (p[EI_CLASS] != ELFCLASS64 || p[EI_VERSION] != EV_CURRENT ||
	    FIELD(p, Elf64_Ehdr, e_type, be) != ET_REL ||
	    FIELD(p, Elf64_Ehdr, e_machine, be) != EM_BPF ||
	    FIELD(p, Elf64_Ehdr, e_shentsize, be) != sizeof(Elf64_Shdr) || !n)
		return 0;
	if (headers > left || n * sizeof(Elf64_Shdr) > left - headers)
		return 0;
	end = headers + n * sizeof(Elf64_Shdr);
	for (uint64_t i = 1; i < n; i++) {
		const uint8_t *h = p + headers + i * sizeof(Elf64_Shdr);
		uint64_t off = FIELD(h, Elf64_Shdr, sh_offset, be);
		uint64_t size = FIELD(h, Elf64_Shdr, sh_size, be);

		if (FIELD(h, Elf64_Shdr, sh_type, be) == SHT_NOBITS)
			continue;
		if (off > left || size > left - off)
			return 0;
		end = off + size > end ? off + size : end;
	}
	return end;
}

bool elf_find_embedded(const void *bytes, size_t size, size_t *at, size_t *len)
{
	const uint8_t *start = bytes;

	while (*at < size && size - *at >= sizeof(Elf64_Ehdr)) {
		const uint8_t *p = memmem(start + *at, size - *at, ELFMAG, SELFMAG);

		if (!p || (size_t)(start + size - p) < sizeof(Elf64_Ehdr))
			return false;
		*at = (size_t)(p - start);
		*len = embedded_len(p, size - *at);
		if (*len)
			return true;
		(*at)++;
	}
	return false;
}
