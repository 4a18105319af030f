// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The checks on the flow of programs.  Every path is followed with what is known of the registers,
 * as the verifier does, but with far less knowledge: a path that meets another where that has
 * already been with as little is given up, and so is everything after STEPS instructions.
 */
#include "asm/flow.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/checks.h"
#include "asm/isa_row.h"
#include "asm/src.h"
#include "core/mem.h"
#include "uapi/names.h"

#define STEPS 1000000  /* instructions per program; the verifier has the same limit */
#define SAME_PLACE 24  /* states that are kept of one place */
#define WAITING 4096   /* paths that wait at once */
#define MAX_KEPT 20000 /* states kept of one program */

const struct check checks[] = {
#define CHECK(name, what) { name, what },
#include "asm/checks.def"
};
const size_t nr_checks = countof(checks);

bool flow_warn(struct flow *f, const char *check, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (f->s.vague || f->marks[f->at] & MARK_SAID)
		return false;
	f->marks[f->at] |= MARK_SAID;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	src_warn(f->u->src, check, f->in[f->at].pos, 1, "%s", text);
	return true;
}

bool flow_read(struct flow *f, uint8_t reg)
{
	const struct val *v = &f->s.regs[reg];

	if (v->kind == V_UNSET) {
		if (flow_warn(f, "unset-register", "r%u is used before it has a value", reg))
			src_hint(f->u->src, "the verifier would say: R%u !read_ok", reg);
	} else if (v->kind == V_LOST) {
		if (flow_warn(f, "clobbered-register", "r%u is used after a call overwrote it",
			      reg)) {
			src_hint(f->u->src,
				 "the verifier would say: R%u !read_ok; r6 to r9 keep "
				 "their values",
				 reg);
			src_note(f->u->src, f->in[v->from].pos, 1, "this call");
		}
	} else {
		return false;
	}
	f->s.regs[reg] = (struct val){ .kind = V_ANY };
	return true;
}

/* --- where control goes --- */

static bool is_jump(const struct vinsn *v)
{
	uint8_t class = v->insn.code & 7, op = v->insn.code >> 4;

	return v->kind != REF_AS_IS && v->pos && class >= 5 && class <= 6 && op != 8 && op != 9;
}

static uint32_t target(const struct flow *f, uint32_t at)
{
	const struct insn *in = &f->in[at].insn;

	return at + 1 + (uint32_t)(in->code == isa_rows[ROW_gotol].code ? in->imm : in->off);
}

static bool is_wide(const struct vinsn *v)
{
	return v->insn.code == INSN_LD_IMM64 && v->pos;
}

/* Plain jumps; gotox goes who knows where. */
static bool is_goto(uint8_t code)
{
	return code == isa_rows[ROW_ja].code || code == isa_rows[ROW_gotol].code;
}

/* Functions that stand in the same program, called by distance. */
static bool is_entered(const struct flow *f, uint32_t at, uint32_t *to)
{
	const struct vinsn *v = &f->in[at];

	if (v->kind != REF_NONE || !v->pos ||
	    !((v->insn.code == isa_rows[ROW_call].code && v->insn.src == PSEUDO_CALL) ||
	      (v->insn.code == INSN_LD_IMM64 && v->insn.src == PSEUDO_FUNC)))
		return false;
	*to = at + 1 + (uint32_t)v->insn.imm;
	return *to < f->n;
}

/* --- what can be reached at all --- */

/* Slots to be looked at; 0 or -ENOMEM. */
static int reach(struct flow *f, uint32_t **todo, size_t *cap, uint32_t first)
{
	size_t n = 0;

	if (f->marks[first] & MARK_SEEN)
		return 0;
	if (array_grow(todo, n, cap, sizeof(**todo)) != 0)
		return -ENOMEM;
	(*todo)[n++] = first;
	while (n) {
		uint32_t at = (*todo)[--n];

		while (at < f->n && !(f->marks[at] & MARK_SEEN)) {
			uint8_t code = f->in[at].insn.code;
			uint32_t to;

			f->marks[at] |= MARK_SEEN;
			if (is_wide(&f->in[at]) && at + 1 < f->n)
				f->marks[at + 1] |= MARK_SEEN;
			if (is_jump(&f->in[at]) && code != isa_rows[ROW_gotox].code) {
				to = target(f, at);
				if (to < f->n)
					f->marks[to] |= MARK_TARGET;
				if (array_grow(todo, n, cap, sizeof(**todo)) != 0)
					return -ENOMEM;
				if (to < f->n)
					(*todo)[n++] = to;
			}
			if (is_entered(f, at, &to)) {
				if (array_grow(todo, n, cap, sizeof(**todo)) != 0)
					return -ENOMEM;
				(*todo)[n++] = to;
			}
			if (is_goto(code) || code == isa_rows[ROW_exit].code ||
			    code == isa_rows[ROW_gotox].code)
				break;
			at += is_wide(&f->in[at]) ? 2 : 1;
			if (at >= f->n && !(f->marks[f->n - 1] & MARK_SAID)) {
				f->marks[f->n - 1] |= MARK_SAID;
				src_warn(f->u->src, "missing-exit",
					 f->in[f->n - (f->in[f->n - 1].pos ? 1 : 2)].pos, 1,
					 "nothing follows this: exit is missing");
				src_hint(f->u->src, "the verifier would say: last insn is not an "
						    "exit or jmp");
			}
		}
	}
	return 0;
}

/* The first of every run of instructions that nothing leads to. */
static void tell_unreachable(struct flow *f)
{
	for (uint32_t i = 1; i < f->n; i++)
		if (!(f->marks[i] & MARK_SEEN) && f->marks[i - 1] & MARK_SEEN && f->in[i].pos) {
			src_warn(f->u->src, "unreachable", f->in[i].pos, 1, "nothing leads here");
			src_hint(f->u->src, "the verifier would say: unreachable insn %u", i);
		}
}

/* --- paths --- */

struct path {
	struct state s;
	uint32_t at;
};

struct kept {
	struct state s;
	uint32_t at, next; /* of the same place; from 1 */
};

struct walk {
	struct flow *f;
	struct path *paths;
	size_t nr_paths, cap_paths;
	struct kept *kept;
	size_t nr_kept, cap_kept;
	uint32_t *heads; /* of every slot, into kept, from 1 */
	uint64_t steps;
};

static int wait(struct walk *w, const struct state *s, uint32_t at)
{
	if (w->nr_paths >= WAITING)
		return 0;
	if (array_grow(&w->paths, w->nr_paths, &w->cap_paths, sizeof(*w->paths)) != 0)
		return -ENOMEM;
	w->paths[w->nr_paths].s = *s;
	w->paths[w->nr_paths++].at = at;
	return 0;
}

/* In a loop numbers go on changing: after a while they are not followed any more. */
static void forget_numbers(struct state *s)
{
	for (int i = 0; i < 11; i++)
		if (s->regs[i].kind == V_NUM)
			s->regs[i] = (struct val){ .kind = V_ANY };
	for (int i = 0; i < FLOW_SPILLS; i++)
		if (s->spills[i].off && s->spills[i].v.kind == V_NUM)
			s->spills[i] = (struct spill){ .off = 0 };
}

/* 1: the path need not go on; else it is kept for others. */
static int meet(struct walk *w)
{
	struct flow *f = w->f;
	uint32_t n = 0;

	for (uint32_t k = w->heads[f->at]; k; k = w->kept[k - 1].next, n++)
		if (state_covers(&w->kept[k - 1].s, &f->s))
			return 1;
	if (n >= SAME_PLACE || w->nr_kept >= MAX_KEPT)
		return 1;
	if (n >= SAME_PLACE / 2)
		forget_numbers(&f->s);
	if (array_grow(&w->kept, w->nr_kept, &w->cap_kept, sizeof(*w->kept)) != 0)
		return -ENOMEM;
	w->kept[w->nr_kept] = (struct kept){ f->s, f->at, w->heads[f->at] };
	w->heads[f->at] = (uint32_t)++w->nr_kept;
	return 0;
}

/* A comparison: this path goes on behind it, another where it jumps to.  1: neither. */
static int branch(struct walk *w)
{
	struct flow *f = w->f;
	const struct insn *in = &f->in[f->at].insn;
	struct state taken = f->s;
	int err = 0;

	flow_read(f, in->dst);
	if (in->code & CODE_REG)
		flow_read(f, in->src);
	taken = f->s;
	if (state_refine(&taken, in->code, in->dst, in->src, in->imm, true) &&
	    target(f, f->at) < f->n)
		err = wait(w, &taken, target(f, f->at));
	if (err)
		return err;
	if (!state_refine(&f->s, in->code, in->dst, in->src, in->imm, false))
		return 1;
	f->at++;
	return 0;
}

/* One instruction of the path.  1: it ends here. */
static int step(struct walk *w)
{
	struct flow *f = w->f;
	const struct vinsn *v = &f->in[f->at];
	uint8_t code = v->insn.code;
	int err = 0;

	if (code == isa_rows[ROW_exit].code) {
		flow_exit(f);
		return 1;
	}
	if (is_goto(code)) {
		f->at = target(f, f->at);
		return 0;
	}
	if (code == isa_rows[ROW_gotox].code || v->kind == REF_AS_IS)
		return 1;
	if (code == isa_rows[ROW_may_goto].code) {
		err = target(f, f->at) < f->n ? wait(w, &f->s, target(f, f->at)) : 0;
		f->at++;
		return err;
	}
	if (is_jump(v))
		return branch(w);
	if ((code & 7) == 5)
		flow_call(f);
	else
		flow_follow(f);
	f->at += is_wide(v) ? 2 : 1;
	return 0;
}

static int follow(struct walk *w)
{
	struct flow *f = w->f;
	int err = 0;

	while (w->nr_paths) {
		struct path *p = &w->paths[--w->nr_paths];

		f->s = p->s;
		f->at = p->at;
		for (err = 0; !err && f->at < f->n && w->steps < STEPS; w->steps++) {
			if (f->marks[f->at] & MARK_TARGET)
				err = meet(w);
			if (!err)
				err = step(w);
		}
		if (err < 0)
			return err;
	}
	return 0;
}

/* --- a program --- */

/* What registers hold at the start. */
static void begin(struct flow *f, struct state *s)
{
	const struct prog *p = f->prog;

	memset(s, 0, sizeof(*s));
	s->regs[10] = (struct val){ .kind = V_FRAME };
	if (!p->is_func)
		s->regs[1] = (struct val){ .kind = V_CTX };
	for (uint32_t i = 1; i <= 5 && p->is_func; i++)
		if (!p->global || i <= p->nr_params) /* others see what the caller left there */
			s->regs[i] = (struct val){ .kind = V_ANY };
}

static void learn_context(struct flow *f)
{
	const char *extra, *name = "";
	const struct uapi_section *sec = uapi_section_find(f->prog->section, &extra);
	bool inside = false;

	f->data = f->data_end = f->data_meta = -1;
	f->prog_type = sec ? sec->prog_type : UAPI_PROG_unspec;
	for (size_t i = 0; i < uapi_nr_prog_types; i++)
		if (uapi_prog_types[i].id == f->prog_type)
			name = uapi_prog_types[i].context;
	for (size_t i = 0; i < uapi_nr_ctx_fields; i++) {
		const struct uapi_ctx_field *c = &uapi_ctx_fields[i];

		if (*c->ctx)
			inside = strcmp(c->ctx, name) == 0;
		if (inside && strcmp(c->name, "data") == 0)
			f->data = (int32_t)c->off;
		if (inside && strcmp(c->name, "data_end") == 0)
			f->data_end = (int32_t)c->off;
		if (inside && strcmp(c->name, "data_meta") == 0)
			f->data_meta = (int32_t)c->off;
	}
}

/* Code of the kernel's own, as in dumps of loaded programs, has a register more. */
static bool is_plain(const struct flow *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (f->in[i].insn.dst > 10 || f->in[i].insn.src > 10)
			return false;
	return f->n;
}

static int check_prog(struct flow *f, uint32_t **todo, size_t *cap)
{
	auto_free uint32_t *heads = calloc(f->n, sizeof(*heads));
	struct walk w = { .f = f, .heads = heads };
	struct state s;
	int err = heads ? reach(f, todo, cap, 0) : -ENOMEM;

	if (err)
		return err;
	tell_unreachable(f);
	learn_context(f);
	begin(f, &s);
	err = wait(&w, &s, 0);
	if (!err)
		err = follow(&w);
	free(w.paths);
	free(w.kept);
	return err;
}

int unit_check(struct unit *u)
{
	auto_free uint8_t *marks = calloc(u->nr_insns + 1, 1);
	auto_free uint32_t *todo = NULL;
	size_t cap = 0;
	int err = marks ? 0 : -ENOMEM;

	for (size_t i = 0; i < u->nr_progs && !err; i++) {
		struct flow f = {
			.u = u,
			.prog = &u->progs[i],
			.in = u->insns + u->progs[i].first,
			.n = u->progs[i].n,
			.marks = marks ? marks + u->progs[i].first : NULL,
		};

		if (is_plain(&f))
			err = check_prog(&f, &todo, &cap);
	}
	return err;
}
