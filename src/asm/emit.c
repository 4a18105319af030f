// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Slots, labels, and what is checked when a program is complete. */
#include "asm/emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/expr.h"
#include "asm/loaded.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "core/mem.h"

static bool same(const struct insn *a, const struct insn *b)
{
	return a->code == b->code && a->dst == b->dst && a->src == b->src && a->off == b->off &&
	       a->imm == b->imm;
}

/* A slot that a numbered line goes back to: it was left out, or is said again. */
static int fill(struct parser *p, const struct vinsn *v)
{
	struct vinsn *there = &p->u->insns[p->at++];
	uint32_t index = p->at - 1 - p->scope.base;

	if (there->ref == REF_HOLE && there->kind == REF_NONE) {
		*there = *v;
		p->scope.holes--;
		return 0;
	}
	if (same(&there->insn, &v->insn) && there->kind == v->kind)
		return 0;
	src_error(p->src, p->stmt_pos, 1, "instruction %u was another one before", index);
	src_hint(p->src, "leave the indexes out of a dump that has been edited");
	if (there->pos)
		src_note(p->src, there->pos, 1, "it was this");
	return -EINVAL;
}

static int append_or_fill(struct parser *p, const struct vinsn *v)
{
	struct unit *u = p->u;

	if (p->at < u->nr_insns)
		return fill(p, v);
	if (u->nr_insns > INT32_MAX ||
	    array_grow(&u->insns, u->nr_insns, &p->cap_insns, sizeof(*v)) != 0)
		return fail_memory(p);
	u->insns[u->nr_insns++] = *v;
	p->at++;
	return 0;
}

/* Nearly always there is room at the end. */
static inline int append(struct parser *p, const struct vinsn *v)
{
	struct unit *u = p->u;

	if (p->at != u->nr_insns || u->nr_insns == p->cap_insns)
		return append_or_fill(p, v);
	u->insns[u->nr_insns++] = *v;
	p->at++;
	return 0;
}

/* Told for what was written and for what a goto became. */
static int check_cpu(struct parser *p, const struct insn *in)
{
	unsigned int needed = isa_cpu(in);

	if (needed <= p->u->cpu)
		return 0;
	src_error(p->src, p->stmt_pos, 1, "this needs cpu v%u", needed);
	return src_hint(p->src, "the program is assembled for v%u", p->u->cpu);
}

static bool is_jump_class(uint8_t code) /* 5 and 6 */
{
	return ((code + 3) & 7) < 2;
}

/* Where it goes can only be said when the program is complete. */
static int note_jump(struct parser *p)
{
	struct scope *s = &p->scope;

	if (s->nr_jumps == s->cap_jumps &&
	    array_grow(&s->jumps, s->nr_jumps, &s->cap_jumps, sizeof(*s->jumps)) != 0)
		return fail_memory(p);
	s->jumps[s->nr_jumps++] = p->at;
	return 0;
}

/* The loader finds the instruction by where it is. */
static int note_core(struct parser *p)
{
	struct unit *u = p->u;

	if (array_grow(&u->cores, u->nr_cores, &p->cap_cores, sizeof(*u->cores)) != 0)
		return fail_memory(p);
	u->cores[u->nr_cores++] = (struct core_rec){ p->core, p->at };
	p->core = NULL;
	return 0;
}

int emit_ref(struct parser *p, const struct insn *in, enum ref_kind kind, uint32_t ref)
{
	uint32_t pos = p->call_pos ? p->call_pos : p->stmt_pos;
	struct vinsn v = { .insn = *in, .kind = kind, .ref = ref, .pos = pos };

	if (p->u->cpu < 4 && check_cpu(p, in) != 0)
		return -EINVAL;
	if (is_jump_class(in->code) && note_jump(p) != 0)
		return -ENOMEM;
	if (p->core && note_core(p) != 0)
		return -ENOMEM;
	return append(p, &v);
}

int emit(struct parser *p, const struct insn *in)
{
	return emit_ref(p, in, REF_NONE, 0);
}

int emit_wide(struct parser *p, const struct insn *in, uint32_t high, enum ref_kind kind,
	      uint32_t ref)
{
	struct vinsn second = { .insn = { .imm = (int32_t)high } };
	int err = emit_ref(p, in, kind, ref);

	return err ? err : append(p, &second);
}

/* The largest index a source can fill is below its size in bytes. */
int emit_at_index(struct parser *p, uint64_t index, uint32_t pos, uint32_t len)
{
	struct vinsn hole = { .ref = REF_HOLE, .pos = pos };
	uint64_t slot = p->scope.base + index;
	int err = 0;

	if (index > SRC_MAX_BYTES ||
	    (slot > p->u->nr_insns && slot - p->u->nr_insns > (size_t)(p->lex.end - p->lex.s))) {
		src_error(p->src, pos, len, "too many instructions are missing before this one");
		return src_hint(p->src, "indexes count from 0; a 64-bit constant takes two");
	}
	p->at = (uint32_t)p->u->nr_insns;
	while (!err && p->u->nr_insns < slot) {
		err = append(p, &hole);
		p->scope.holes += !err;
	}
	p->at = (uint32_t)slot;
	return err;
}

/* --- labels --- */

bool label_starts(const struct tok *t)
{
	return tok_is_name(t) || t->kind == '.' || t->kind == '$';
}

void label_take(struct parser *p, const char **s, uint32_t *len)
{
	const char *end = p->lex.tok.s;

	while (lex_is_label_char(*end))
		end++;
	*s = p->lex.tok.s;
	*len = (uint32_t)(end - *s);
	p->lex.s = end;
	lex_next(&p->lex);
}

int label_define(struct parser *p, const char *s, uint32_t len)
{
	struct symbol *known;
	bool is_new;

	known = symtab_add(&p->scope.labels, s, len, p->at, &is_new);
	if (!known)
		return fail_memory(p);
	p->scope.reached = p->at;
	if (is_new)
		return 0;
	src_error(p->src, lex_pos(&p->lex, s), len, "label '%.*s' is defined twice", (int)len, s);
	src_note(p->src, src_pos(p->src, known->key), len, "first here");
	return -EINVAL;
}

/* `<name>` behind a target, as disassemblers print it. */
static void skip_symbol(struct parser *p)
{
	if (p->lex.tok.kind != '<')
		return;
	while (!at_end(p) && p->lex.tok.kind != '>')
		lex_next(&p->lex);
	if (p->lex.tok.kind == '>')
		lex_next(&p->lex);
}

/* `+3`, or any sum. */
static int distance_read(struct parser *p, struct target *t)
{
	struct value v = { .len = 0 };
	int err = expr_sum(p, &v);

	if (err)
		return err;
	err = value_in(p, &v, INT32_MIN, INT32_MAX, "the distance of a jump");
	t->distance = (int64_t)num_bits(v.num);
	t->marked = v.len;
	return err;
}

int target_read(struct parser *p, struct target *t)
{
	const struct tok *tok = &p->lex.tok;
	int err = 0;

	*t = (struct target){ .pos = pos_of(p, tok) };
	if (tok_is(tok, "pc") && (lex_peek(&p->lex) == '+' || lex_peek(&p->lex) == '-'))
		lex_next(&p->lex);
	if (tok->kind == '+' || tok->kind == '-') {
		err = distance_read(p, t);
	} else if (label_starts(tok)) {
		label_take(p, &t->label, &t->len);
		t->marked = t->len;
	} else if (tok->kind == T_NUM) {
		fail(p, tok, "a jump needs a label or a distance with a sign");
		return src_hint(p->src, "write +%llu for a distance", (unsigned long long)tok->num);
	} else {
		return fail_expected(p, "a label or a distance");
	}
	skip_symbol(p);
	return err;
}

/* A conditional jump cannot become a longer one, since its condition would not fit. */
static int fail_distance(struct parser *p, int64_t distance, uint32_t pos, uint32_t len)
{
	src_error(p->src, pos, len, "distance of %lld instructions does not fit 16 bits",
		  (long long)distance);
	return src_hint(p->src, p->u->cpu < 4 ? "cpu v4 has gotol, which reaches farther"
					      : "jump to a gotol, which reaches farther");
}

/* Puts the distance where the instruction has it; a goto that is too short becomes gotol. */
static int set_distance(struct parser *p, struct insn *in, int64_t distance, uint32_t pos,
			uint32_t len)
{
	bool fits = distance >= INT16_MIN && distance <= INT16_MAX;

	if (in->code == isa_rows[ROW_ja].code && !fits && p->u->cpu >= 4)
		in->code = isa_rows[ROW_gotol].code;
	if (in->code == isa_rows[ROW_gotol].code || in->code == isa_rows[ROW_call].code) {
		in->imm = (int32_t)distance;
		return 0;
	}
	if (!fits)
		return fail_distance(p, distance, pos, len);
	in->off = (int16_t)distance;
	return 0;
}

int emit_jump(struct parser *p, struct insn *in, const struct target *t)
{
	struct fixup fix = { t->label, t->len, t->pos, p->at };
	const struct symbol *known = NULL;
	int64_t distance = t->distance;
	int err = 0;

	if (t->label)
		known = symtab_find(&p->scope.labels, t->label, t->len);
	if (known)
		distance = (int64_t)known->value - p->at - 1;
	if (known || !t->label) {
		err = set_distance(p, in, distance, t->pos, t->marked);
		return err ? err : emit(p, in);
	}
	if (array_grow(&p->scope.fixups, p->scope.nr_fixups, &p->scope.cap_fixups,
		       sizeof(struct fixup)) != 0)
		return fail_memory(p);
	err = emit(p, in);
	if (err)
		fix.insn = NONE;
	p->scope.fixups[p->scope.nr_fixups++] = fix;
	return err;
}

int emit_patch(struct parser *p, uint32_t slot)
{
	uint32_t to = (uint32_t)p->u->nr_insns;

	p->scope.reached = to;
	return set_distance(p, &p->u->insns[slot].insn, (int64_t)to - slot - 1,
			    p->u->insns[slot].pos, 1);
}

bool emit_falls(const struct parser *p, uint32_t from)
{
	uint32_t at = (uint32_t)p->u->nr_insns;
	const struct vinsn *last = &p->u->insns[at ? at - 1 : 0];
	uint8_t code = last->insn.code;

	if (at == from || p->scope.reached == at || !last->pos)
		return true;
	return code != isa_rows[ROW_ja].code && code != isa_rows[ROW_gotol].code &&
	       code != isa_rows[ROW_gotox].code && code != isa_rows[ROW_exit].code;
}

/* --- a program --- */

void scope_begin(struct parser *p, uint32_t prog)
{
	struct scope *s = &p->scope;

	s->prog = prog;
	s->first = s->base = (uint32_t)p->u->nr_insns;
	s->nr_fixups = s->nr_slots = s->nr_jumps = s->nr_loaded = 0;
	s->holes = s->stack = 0;
	s->reached = NONE;
	s->errors = src_errors(p->src);
	symtab_clear(&s->labels);
	symtab_clear(&s->slot_names);
}

void scope_free(struct parser *p)
{
	symtab_free(&p->scope.labels);
	symtab_free(&p->scope.slot_names);
	free(p->scope.fixups);
	free(p->scope.jumps);
	free(p->scope.loaded);
	free(p->scope.slots);
}

/* A label that came after the jump, or never. */
static int resolve(struct parser *p, const struct fixup *f)
{
	const struct symbol *label = symtab_find(&p->scope.labels, f->label, f->len);
	struct insn none = {}, *in = f->insn == NONE ? &none : &p->u->insns[f->insn].insn;
	struct tok written = { .s = f->label, .len = f->len };
	struct near near;

	if (label && f->insn == NONE)
		return 0;
	if (label)
		return set_distance(p, in, (int64_t)label->value - f->insn - 1, f->pos, f->len);
	if (in->code == isa_rows[ROW_call].code)
		return fail_callee(p, &written);
	near_begin(&near, f->label, f->len);
	near_table(p, &near, &p->scope.labels);
	return fail_unknown(p, &written, "label", &near);
}

/* How far a jump or call of the program goes; false: it is something else. */
static bool goes(const struct vinsn *v, int64_t *distance)
{
	uint8_t class = v->insn.code & 7, op = v->insn.code >> 4;

	if (v->kind != REF_NONE || v->ref == REF_RAW || op == 9)
		return false;
	if (op == 0 && v->insn.code & CODE_REG) /* gotox */
		return false;
	if (op == 8 && (v->insn.code & CODE_REG || v->insn.src != PSEUDO_CALL || v->insn.off))
		return false;
	*distance = op == 8 || (op == 0 && class == 6) ? v->insn.imm : v->insn.off;
	return true;
}

/* Calls are only warned of: those of an object that is not linked yet go anywhere. */
static void check_target(struct parser *p, uint32_t at, int64_t distance)
{
	const struct vinsn *v = &p->u->insns[at];
	int64_t to = (int64_t)at + 1 + distance;
	bool is_call = v->insn.code == isa_rows[ROW_call].code;
	bool outside = to < p->scope.first || to >= (int64_t)p->u->nr_insns;

	if (is_call && outside)
		src_warn(p->src, "call-range", v->pos, 1, "this call leaves the program");
	else if (outside)
		src_error(p->src, v->pos, 1, "this jump leaves the program");
	else if (!p->u->insns[to].pos && !is_call)
		src_error(p->src, v->pos, 1, "this jump goes into the middle of a 64-bit constant");
}

/* One complaint is enough: the first says where to look. */
static void report_holes(struct parser *p)
{
	for (uint32_t i = p->scope.first; i < p->u->nr_insns; i++) {
		const struct vinsn *v = &p->u->insns[i];

		if (v->kind != REF_NONE || v->ref != REF_HOLE)
			continue;
		src_error(p->src, v->pos, 1, "instruction %u is missing before this one",
			  i - p->scope.base);
		src_hint(p->src, "leave the indexes out of a dump that has been edited");
		return;
	}
}

int scope_end(struct parser *p)
{
	int64_t distance;

	if (p->scope.holes && p->scope.errors == src_errors(p->src))
		report_holes(p);
	for (size_t i = 0; i < p->scope.nr_fixups; i++)
		if (resolve(p, &p->scope.fixups[i]) != 0 && p->scope.fixups[i].insn != NONE)
			p->u->insns[p->scope.fixups[i].insn].ref = REF_RAW; /* there is an error */
	if (p->scope.nr_loaded && loaded_number(p) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < p->scope.nr_jumps; i++)
		if (goes(&p->u->insns[p->scope.jumps[i]], &distance))
			check_target(p, p->scope.jumps[i], distance);
	return 0;
}
