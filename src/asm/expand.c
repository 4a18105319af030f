// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs as plain instructions inside the text of their source. */
#include "asm/expand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/core.h"
#include "asm/formats.h"
#include "asm/isa_row.h"
#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "core/mem.h"

struct expander {
	struct format_namer namer; /* first: the callbacks of formats.c get it */
	const struct unit *u;
	const struct prog *prog;
	struct buf *to;
	bool *targets; /* slots that jumps lead to, and the end */
	size_t core;   /* next record */
	uint32_t pos;  /* of the line shown last */
};

static bool is_jump(const struct vinsn *v)
{
	uint8_t class = v->insn.code & 7, op = v->insn.code >> 4;

	return v->kind == REF_NONE && v->pos && (class == 5 || class == 6) && op != 8 && op != 9 &&
	       v->insn.code != isa_rows[ROW_gotox].code;
}

static int64_t target(const struct vinsn *v, uint32_t at)
{
	const struct insn *in = &v->insn;

	return (int64_t)at + 1 + (in->code == isa_rows[ROW_gotol].code ? in->imm : in->off);
}

static bool name_target(void *arg, size_t at, int64_t to, struct buf *b)
{
	const struct expander *x = arg;

	(void)at;
	if (to < 0 || to > x->prog->n)
		return false;
	buf_addf(b, "L%lld", (long long)to);
	return true;
}

/* The line an instruction is from, unless the one above is too. */
static void add_source(struct expander *x, const struct vinsn *v)
{
	struct src_loc loc;
	size_t from = 0, to;

	if (!v->pos || v->pos == x->pos)
		return;
	x->pos = v->pos;
	loc = src_locate(x->u->src, v->pos);
	to = loc.len;
	while (from < to && (unsigned char)loc.text[from] <= ' ')
		from++;
	while (to > from && (unsigned char)loc.text[to - 1] <= ' ')
		to--;
	buf_adds(x->to, "\t// ");
	for (; from < to; from++)
		buf_addc(x->to, (unsigned char)loc.text[from] < ' ' ? ' ' : loc.text[from]);
	buf_addc(x->to, '\n');
}

static void add_core(struct buf *b, const struct core_ref *ref)
{
	const char *name = core_name(ref->kind);

	if (name)
		buf_addf(b, "%s(%.*s)", name, (int)ref->len, ref->text);
	else
		buf_add(b, ref->text, ref->len);
}

/* The number that the loader sets, as it was asked for. */
static void replace_number(struct buf *text, const struct insn *in, const struct core_ref *ref)
{
	uint8_t class = in->code & 7;
	auto_buf struct buf out = {};
	char number[16];
	const char *at;

	if (class >= 1 && class <= 3) {
		snprintf(number, sizeof(number), " %+d)", in->off);
		at = strstr(buf_str(text), number);
	} else {
		at = strstr(buf_str(text), "= ");
	}
	if (!at)
		return;
	buf_add(&out, text->data, (size_t)(at - text->data));
	if (class >= 1 && class <= 3) {
		buf_adds(&out, " + ");
		add_core(&out, ref);
		buf_adds(&out, at + strlen(number) - 1);
	} else {
		buf_adds(&out, "= ");
		add_core(&out, ref);
		buf_adds(&out, in->code == INSN_LD_IMM64 ? " ll" : "");
	}
	text->len = 0;
	buf_add(text, out.data, out.len);
}

static uint32_t add_insn(struct expander *x, uint32_t at, const struct isa_names *names)
{
	const struct vinsn *v = &x->u->insns[x->prog->first + at];
	uint32_t left = x->prog->n - at > 1 ? 2 : 1, used;
	struct insn in[2] = { v->insn };
	auto_buf struct buf text = {};

	if (left == 2)
		in[1] = v[1].insn;
	if (v->kind == REF_NONE && in[0].code == INSN_LD_IMM64 && in[0].src == 0)
		names = NULL;
	used = (uint32_t)insn_print(in, left, at, STYLE_KERNEL, names, &text);
	if (x->core < x->u->nr_cores && x->u->cores[x->core].insn == x->prog->first + at)
		replace_number(&text, &in[0], x->u->cores[x->core++].ref);
	add_source(x, v);
	if (x->targets[at])
		buf_addf(x->to, "L%u:\n", at);
	buf_addf(x->to, "\t%s\n", buf_str(&text));
	return used ? used : 1;
}

static int expand_prog(struct expander *x, const struct prog *p)
{
	const struct vinsn *in = x->u->insns;
	struct isa_names names;
	int64_t to;

	if (!p->n)
		return 0;
	in += p->first;
	x->prog = p;
	x->pos = 0;
	x->namer = (struct format_namer){ x->u, in };
	names = format_names(&x->namer);
	names.arg = x;
	names.target = name_target;
	x->targets = calloc((size_t)p->n + 1, sizeof(*x->targets));
	if (!x->targets)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->n; i++) {
		to = is_jump(&in[i]) ? target(&in[i], i) : -1;
		if (to >= 0 && to <= p->n)
			x->targets[to] = true;
	}
	for (x->core = 0; x->core < x->u->nr_cores && x->u->cores[x->core].insn < p->first;)
		x->core++;
	for (uint32_t i = 0; i < p->n;)
		i += add_insn(x, i, &names);
	freep(&x->targets);
	return 0;
}

static int by_body(const void *a, const void *b)
{
	const struct prog *const *x = a, *const *y = b;

	return (*x)->body < (*y)->body ? -1 : (*x)->body > (*y)->body;
}

/* Only programs of the file itself: those it includes come with the include. */
int unit_expand(const struct unit *u, struct buf *to)
{
	auto_free const struct prog **progs = NULL;
	struct prog stream = { .n = (uint32_t)u->nr_insns };
	struct expander x = { .u = u, .to = to };
	const char *text = src_text(u->src, 1);
	uint32_t len = (uint32_t)src_len(u->src, 1), pos = 1;
	int err = 0;

	if (u->bare)
		return expand_prog(&x, &stream);
	progs = calloc(u->nr_progs + 1, sizeof(*progs));
	if (!progs)
		return -ENOMEM;
	for (size_t i = 0; i < u->nr_progs; i++)
		progs[i] = &u->progs[i];
	qsort(progs, u->nr_progs, sizeof(*progs), by_body);
	for (size_t i = 0; i < u->nr_progs && !err && progs[i]->body_end <= len; i++) {
		buf_add(to, text + pos - 1, progs[i]->body - pos);
		buf_addc(to, '\n');
		err = expand_prog(&x, progs[i]);
		pos = progs[i]->body_end;
	}
	buf_add(to, text + pos - 1, len + 1 - pos);
	return err ? err : buf_error(to);
}
