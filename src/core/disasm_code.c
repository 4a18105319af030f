// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Functions and programs of an object.  What the assembler would make other bytes of is written
 * as .insn lines; what a loader would be told by a relocation is never written so, since without
 * the relocation the instruction would mean something else.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/disasm_ext.h"
#include "core/disasm_priv.h"
#include "core/disasm_type.h"
#include "core/mem.h"
#include "uapi/names.h"

#define MAX_OFFSET (64 << 20) /* the language's, behind the name of a variable */

/* Of each slot of the function. */
enum {
	SLOT_LINE = 1,	 /* a line begins here */
	SLOT_TARGET = 2, /* a jump goes here */
	SLOT_ASTRAY = 4, /* it jumps to where no label can be */
};

struct code {
	struct dis *d;
	const struct dis_func *f;
	const struct dis_section *s;
	struct insn *in;
	uint8_t *marks;
	size_t n;
	const struct dis_ext_line *line; /* the last one shown */
};

static uint64_t place(const struct code *c, size_t at)
{
	return c->f->off + at * INSN_SIZE;
}

/* ---- what an operand is called ------------------------------------------------------------ */

/* Without a relocation the assembler leaves calls of functions that nobody else sees. */
static bool is_callee(const struct code *c, const struct dis_func *f, bool has_reloc)
{
	if (!dis_is_func(c->d, f) && f == c->f)
		return false;
	return has_reloc || dis_is_partial(c->d) || !dis_is_func(c->d, f) || !f->is_global;
}

static bool put_callee(const struct code *c, const struct dis_target *t, bool has_reloc,
		       struct buf *to)
{
	const struct dis *d = c->d;

	if (t->kind == TO_FUNC && is_callee(c, &d->funcs[t->nr], has_reloc))
		buf_adds(to, d->funcs[t->nr].name);
	else if (t->kind == TO_EXTERN && d->externs[t->nr].is_func)
		buf_adds(to, d->externs[t->nr].name);
	else
		return false;
	return true;
}

static bool put_address(const struct code *c, const struct dis_target *t, struct buf *to)
{
	const struct dis *d = c->d;

	switch (t->kind) {
	case TO_FUNC:
		if (!dis_is_func(d, &d->funcs[t->nr]))
			return false;
		buf_addf(to, "&%s", d->funcs[t->nr].name);
		return true;
	case TO_EXTERN:
		buf_addf(to, "&%s", d->externs[t->nr].name);
		return true;
	case TO_MAP:
		buf_addf(to, "map[%s]", d->maps[t->nr].name);
		return true;
	case TO_VAR:
		if (t->off < -MAX_OFFSET || t->off > MAX_OFFSET)
			return false;
		buf_addf(to, "&%s", d->vars[t->nr].name);
		if (t->off)
			buf_addf(to, " %c %" PRId64, t->off < 0 ? '-' : '+',
				 t->off < 0 ? -t->off : t->off);
		return true;
	default:
		return false;
	}
}

/* The address of a function is complete in loaded programs only. */
static bool put_operand(const struct code *c, size_t at, const struct insn *in, struct buf *to)
{
	bool has_reloc = dis_reloc(c->s, place(c, at));
	struct dis_target t = dis_operand(c->d, c->s, place(c, at), in);

	if (in->code == INSN_CALL)
		return in->src == PSEUDO_CALL && put_callee(c, &t, has_reloc, to);
	return has_reloc && put_address(c, &t, to);
}

static bool name_target(void *arg, size_t at, int64_t to, struct buf *b)
{
	(void)arg;
	(void)at;
	buf_addf(b, ".L%" PRId64, to);
	return true;
}

static bool name_operand(void *arg, size_t at, const struct insn *in, struct buf *b)
{
	return put_operand(arg, at, in, b);
}

/* ---- notes -------------------------------------------------------------------------------- */

static void put_note(struct code *c, const char *what, const char *name)
{
	buf_adds(&c->d->text, "    // ");
	buf_adds(&c->d->text, what);
	dis_put_comment(&c->d->text, name);
	buf_addc(&c->d->text, '\n');
}

/* The author's line, as dumps have it, where another one begins. */
static void put_line(struct code *c, size_t at)
{
	const struct dis_ext_line *l = dis_ext_line(c->d->ext, c->f->section, place(c, at));

	if (!l || !*l->text || (c->line && c->line->text == l->text && c->line->line == l->line))
		return;
	c->line = l;
	buf_adds(&c->d->text, "    ; ");
	dis_put_comment(&c->d->text, l->text + strspn(l->text, " \t"));
	buf_addc(&c->d->text, '\n');
}

static const struct dis_ext_core *core_at(const struct code *c, size_t at)
{
	return dis_ext_core(c->d->ext, c->f->section, place(c, at));
}

static void put_core_note(struct code *c, const struct dis_ext_core *core)
{
	auto_buf struct buf text = {};

	dis_core_text(c->d, core, &text);
	put_note(c, "a loader adapts: ", buf_str(&text));
}

/* ---- what a loader adapts ----------------------------------------------------------------- */

#define MARK_OFF 0x7a5a
#define MARK_IMM 0x5eb7a5a

/* Where an instruction holds the value, as a mark in a copy of it: an offset, or a constant that
 * is an operand.  NULL: nowhere, or it is another value. */
static const char *mark_value(const struct code *c, size_t at, const struct dis_ext_core *core,
			      int64_t value, struct insn copy[2])
{
	const struct insn *in = &c->in[at];
	uint8_t class = in->code & 7, op = in->code & 0xf0, mode = in->code & 0xe0;
	bool is_mem = class >= 1 && class <= 3 && (mode == 0x60 || (mode == 0x80 && class == 1));
	bool is_alu = (class == 4 || class == 7) && !(in->code & 8) && op != 0x80 && op < 0xd0;

	copy[0] = *in;
	if (is_mem && !core->kind && in->off == value) {
		copy[0].off = MARK_OFF;
		return "+31322";
	}
	if (is_alu && !in->off && in->imm == value) {
		copy[0].imm = MARK_IMM;
		return "99318362";
	}
	if (in->code != INSN_LD_IMM64 || in->src || at + 1 >= c->n ||
	    ((uint64_t)(uint32_t)c->in[at + 1].imm << 32 | (uint32_t)in->imm) != (uint64_t)value)
		return NULL;
	copy[0].imm = MARK_IMM;
	copy[1] = c->in[at + 1];
	copy[1].imm = 0;
	return "0x5eb7a5a";
}

/* The instruction with `T::f` in the place of its value; false: the language has no such thing. */
static bool put_adapted(struct code *c, size_t at, const struct dis_ext_core *core)
{
	auto_buf struct buf line = {}, text = {};
	struct insn copy[2];
	const char *mark, *found;
	int64_t value;

	if (dis_reloc(c->s, place(c, at)) || !dis_core_source(c->d, core, &value))
		return false;
	mark = mark_value(c, at, core, value, copy);
	if (!mark)
		return false;
	insn_print(copy, 2, 0, STYLE_KERNEL, NULL, &line);
	found = strstr(buf_str(&line), mark);
	if (!found)
		return false;
	dis_core_text(c->d, core, &text);
	buf_addf(&c->d->text, "    %.*s%s%s%s\n", (int)(found - line.data), line.data,
		 *mark == '+' ? "+ " : "", buf_str(&text), found + strlen(mark));
	return true;
}

/* What the lines of a function are going to name. */
static void need_types(struct code *c)
{
	const struct dis_ext_core *core;
	int64_t ignored;

	for (size_t at = 0; at < c->n; at++) {
		core = core_at(c, at);
		if (core)
			dis_core_source(c->d, core, &ignored);
	}
}

/* ---- references --------------------------------------------------------------------------- */

/* A relocation that comes to nothing in the text. */
static void put_lost(struct code *c, size_t at)
{
	const struct elf_reloc *r = dis_reloc(c->s, place(c, at));
	auto_buf struct buf ignored = {};
	struct elf_symbol sym;

	if (!r || put_operand(c, at, &c->in[at], &ignored))
		return;
	if (elf_file_symbol(c->d->elf, ELF_SYMTAB, r->symbol, &sym))
		put_note(c, "not kept: a reference to ", sym.name);
	else
		put_note(c, "not kept: a reference to a symbol that is missing", "");
}

/* ---- lines -------------------------------------------------------------------------------- */

/* What the assembler would not read back to the same bytes. */
static bool is_raw(const struct code *c, size_t at)
{
	auto_buf struct buf ignored = {};

	if (c->marks[at] & SLOT_ASTRAY)
		return true;
	return dis_is_near(&c->in[at]) && !put_operand(c, at, &c->in[at], &ignored);
}

/* An .insn line for each slot, and in a comment what it is. */
static void put_raw(struct code *c, size_t at, size_t slots)
{
	struct dis_target t = dis_operand(c->d, c->s, place(c, at), &c->in[at]);
	struct buf *to = &c->d->text;

	for (size_t i = 0; i < slots; i++) {
		buf_adds(to, "    ");
		insn_print_raw(&c->in[at + i], to);
		if (!i && t.kind == TO_FUNC)
			buf_addf(to, "    // %s %s", c->in[at].code == INSN_CALL ? "call" : "&",
				 c->d->funcs[t.nr].name);
		buf_addc(to, '\n');
	}
}

static void put_insn(struct code *c, size_t at)
{
	const struct isa_names names = { c, name_target, name_operand, name_operand };
	const struct dis_ext_core *core = core_at(c, at);
	struct buf *to = &c->d->text;

	put_line(c, at);
	put_lost(c, at);
	if (c->marks[at] & SLOT_TARGET)
		buf_addf(to, ".L%zu:\n", at);
	if (core && put_adapted(c, at, core))
		return;
	if (core)
		put_core_note(c, core);
	if (is_raw(c, at)) {
		put_raw(c, at, insn_slots(&c->in[at], c->n - at));
		return;
	}
	buf_adds(to, "    ");
	insn_print(&c->in[at], c->n - at, at, (enum style)c->d->opts->style, &names, to);
	buf_addc(to, '\n');
}

static void find_targets(struct code *c)
{
	int64_t distance;

	for (size_t at = 0; at < c->n; at += insn_slots(&c->in[at], c->n - at))
		c->marks[at] = SLOT_LINE;
	for (size_t at = 0; at < c->n; at++) {
		int64_t to = (int64_t)at + 1;

		if (!(c->marks[at] & SLOT_LINE) || !insn_jumps(&c->in[at], &distance))
			continue;
		to += distance;
		if (to < 0 || to >= (int64_t)c->n || !(c->marks[to] & SLOT_LINE))
			c->marks[at] |= SLOT_ASTRAY;
		else
			c->marks[to] |= SLOT_TARGET;
	}
}

/* ---- functions ---------------------------------------------------------------------------- */

/* A section that can be written as it is. */
static bool is_plain(const char *section)
{
	const char *extra;

	for (const char *s = section; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '{' || *s == '"')
			return false;
	return uapi_section_find(section, &extra);
}

static void put_head(struct dis *d, const struct dis_func *f, struct buf *to)
{
	const char *section = d->sections[f->section].s.name;

	if (dis_is_func(d, f)) {
		buf_adds(to, f->is_global ? "func global " : "func ");
		buf_adds(to, f->is_global && f->is_hidden ? "hidden " : "");
		dis_put_proto(d, f->type, f->name, f->is_global, to);
	} else {
		buf_adds(to, "prog ");
		if (is_plain(section))
			buf_adds(to, section);
		else
			dis_put_quoted(to, section, strlen(section));
		buf_addf(to, " %s", f->name);
	}
	buf_adds(to, " {\n");
}

static void put_body(struct code *c)
{
	for (size_t at = 0; at < c->n; at++)
		c->in[at] = dis_insn(c->d, c->s, place(c, at));
	find_targets(c);
	for (size_t at = 0; at < c->n; at++) {
		if (c->marks[at] & SLOT_LINE)
			put_insn(c, at);
		dis_flush(c->d, false);
	}
}

void dis_put_code(struct dis *d, const struct dis_func *f)
{
	struct code c = { .d = d, .f = f, .s = &d->sections[f->section] };
	auto_buf struct buf head = {};

	c.n = f->size / INSN_SIZE;
	c.in = xcalloc(c.n + 1, sizeof(*c.in));
	c.marks = xcalloc(c.n + 1, 1);
	put_head(d, f, &head);
	need_types(&c);
	dis_take_decls(d, &d->text);
	if (f->symbol && strcmp(f->symbol, f->name) != 0) {
		buf_adds(&d->text, "// ");
		dis_put_comment(&d->text, f->symbol);
		buf_addc(&d->text, '\n');
	}
	if (!dis_is_func(d, f) && f->symbol && !f->is_global)
		buf_adds(&d->text, "// only this object sees it\n");
	buf_add(&d->text, head.data, head.len);
	d->text.failed |= head.failed;
	put_body(&c);
	buf_adds(&d->text, "}\n\n");
	free(c.in);
	free(c.marks);
}
