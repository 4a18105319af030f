// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Load check, flow: what is known of the registers before each instruction.
 *
 * A value is unset, maybe set, anything, a constant, or r10 plus a constant; where ways meet,
 * only what both agree on is left.  Branches on constants are followed one way, as the kernel
 * does, so that code behind `if 0 != 0` is never looked at.  A function is looked at once, with
 * what all its callers have in common.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/check.h"
#include "sim/insn.h"
#include "sim/kind.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

/*
 * How often an instruction is looked at, on average.  A value changes twice at most, a bit of the
 * stack once, so an end there is; but programs could be made that take long to come to it.
 */
#define MAX_VISITS 64

static const struct val unset = { VAL_UNSET, 0 };
static const struct val any = { VAL_ANY, 0 };

static struct val constant(uint64_t n)
{
	return (struct val){ VAL_CONST, (int64_t)n };
}

static bool same(struct val a, struct val b)
{
	return a.kind == b.kind && a.n == b.n;
}

static struct val join(struct val a, struct val b)
{
	if (same(a, b))
		return a;
	if (a.kind <= VAL_MAYBE || b.kind <= VAL_MAYBE)
		return (struct val){ VAL_MAYBE, 0 };
	return any;
}

/* A slot to look at (again).  In the order of slots, most need it only once. */
static void push(struct flow *f, uint32_t slot)
{
	size_t i = f->nr_heap;

	if (f->slots[slot].pending)
		return;
	if (array_grow(&f->heap, f->nr_heap, &f->cap_heap, sizeof(*f->heap))) {
		f->error = -ENOMEM;
		return;
	}
	f->slots[slot].pending = true;
	f->nr_heap++;
	for (; i && f->heap[(i - 1) / 2] > slot; i = (i - 1) / 2)
		f->heap[i] = f->heap[(i - 1) / 2];
	f->heap[i] = slot;
}

static uint32_t pop(struct flow *f)
{
	uint32_t first = f->heap[0], last = f->heap[--f->nr_heap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < f->nr_heap) {
		if (child + 1 < f->nr_heap && f->heap[child + 1] < f->heap[child])
			child++;
		if (f->heap[child] >= last)
			break;
		f->heap[i] = f->heap[child];
		i = child;
	}
	f->heap[i] = last;
	f->slots[first].pending = false;
	return first;
}

static bool merge_regs(struct regs *at, const struct regs *r)
{
	bool news = false;

	for (unsigned int i = 0; i < 10; i++) {
		struct val v = join(at->r[i], r->r[i]);

		news = news || !same(v, at->r[i]);
		at->r[i] = v;
	}
	for (unsigned int i = 0; i < countof(at->written); i++) {
		uint64_t both = at->written[i] & r->written[i];

		news = news || both != at->written[i];
		at->written[i] = both;
	}
	return news;
}

/* Another way leads to slot, with r. */
static void merge(struct flow *f, uint32_t slot, const struct regs *r)
{
	struct slot *to = &f->slots[slot];

	if (f->final)
		return;
	if (to->seen && !merge_regs(&f->regs[to->order - 1], r))
		return;
	if (!to->seen)
		f->regs[to->order - 1] = *r;
	to->seen = true;
	push(f, slot);
}

/* A function returned r0: its callers go on. */
static void returned(struct flow *f, uint32_t slot, struct val r0)
{
	struct subprog_flow *s = &f->subprogs[subprog_of(f->c, slot)];
	struct val v = r0.kind == VAL_FP ? any : r0;

	if (f->final || (s->returns && same(join(s->result, v), s->result)))
		return;
	s->result = s->returns ? join(s->result, v) : v;
	s->returns = true;
	for (uint32_t at = s->sites; at; at = f->slots[at - 1].site)
		if (f->slots[at - 1].seen)
			push(f, at - 1);
}

static void clobber(struct regs *r)
{
	for (unsigned int i = 1; i <= 5; i++)
		r->r[i] = unset;
}

/* What a function begins with: the caller's stack is not its own. */
static struct regs entry_of(const struct regs *caller)
{
	struct regs r = { .r[10] = { VAL_FP, 0 } };

	for (unsigned int i = 1; i <= 5; i++)
		r.r[i] = caller->r[i].kind == VAL_FP ? any : caller->r[i];
	return r;
}

/* A function is called by a helper, with n arguments, or as many as turns out in the run. */
static void callback(struct flow *f, uint32_t to, unsigned int n)
{
	struct regs r = { .r[10] = { VAL_FP, 0 } };

	for (unsigned int i = 1; i <= 5; i++)
		r.r[i].kind = n ? (i <= n ? VAL_ANY : VAL_UNSET) : VAL_MAYBE;
	merge(f, to, &r);
}

int64_t flow_function(const struct flow *f, const struct regs *r, unsigned int reg)
{
	uint64_t off = (uint64_t)r->r[reg].n - code_func(f->c, 0);

	if (r->r[reg].kind != VAL_ADDR || off % 8 || off / 8 >= f->c->n ||
	    subprog_at(f->c, (int64_t)(off / 8)) < 0)
		return -1;
	return (int64_t)(off / 8);
}

static struct val operand(const struct insn *in, const struct regs *r)
{
	return OP_SRC(in->code) ? r->r[in->src] : constant((uint64_t)(int64_t)in->imm);
}

/* r10 or an address plus a number, as long as it stays near. */
static bool pointer_sum(enum op_kind kind, struct val d, struct val s, struct val *sum)
{
	struct val p = d, n = s;

	if (kind == OP_add && d.kind == VAL_CONST) {
		p = s;
		n = d;
	}
	if ((kind != OP_add && kind != OP_sub) || n.kind != VAL_CONST ||
	    (p.kind != VAL_FP && p.kind != VAL_ADDR) || n.n > INT32_MAX || n.n < -INT32_MAX)
		return false;
	*sum = (struct val){ p.kind,
			     (int64_t)((uint64_t)p.n + (uint64_t)(kind == OP_add ? n.n : -n.n)) };
	if (p.kind == VAL_FP && (sum->n > INT32_MAX / 2 || sum->n < INT32_MIN / 2))
		*sum = any;
	return true;
}

static void step_alu(const struct insn *in, enum op_kind kind, struct regs *r)
{
	struct val s = operand(in, r), *d = &r->r[in->dst];
	uint64_t n;

	if (OP_ALU(in->code) == BPF_END || OP_ALU(in->code) == BPF_NEG)
		s = constant(0);
	if (kind == OP_mov)
		*d = s;
	else if (pointer_sum(kind, *d, s, d))
		return;
	else if (s.kind == VAL_CONST && (d->kind == VAL_CONST || OP_ALU(in->code) == BPF_MOV) &&
		 kind_eval(kind, (uint64_t)d->n, (uint64_t)s.n, &n))
		*d = constant(n);
	else
		*d = any;
}

/* A load from memory that never changes, at a known address. */
static struct val load(const struct flow *f, const struct insn *in, struct val base)
{
	static const enum op_kind narrow[] = { OP_movs8, OP_movs16, OP_movs32, OP_mov };
	unsigned int shift = insn_shift(in->code);
	struct region *rg;
	uint64_t off, v = 0;

	if (base.kind != VAL_ADDR ||
	    space_check(f->c->vm->space, (uint64_t)base.n + (uint64_t)(int64_t)in->off,
			UINT64_C(1) << shift, REGION_READ, &rg, &off) ||
	    !(rg->flags & REGION_CONST) || rg->access || rg->fields)
		return any;
	switch (shift) {
	case 0:
		v = peek_b(region_host(rg, off));
		break;
	case 1:
		v = peek_h(region_host(rg, off));
		break;
	case 2:
		v = peek_w(region_host(rg, off));
		break;
	default:
		v = peek_dw(region_host(rg, off));
	}
	if (OP_MODE(in->code) == MODE_MEMSX)
		kind_eval(narrow[shift], 0, v, &v);
	return constant(v);
}

/* A store at a constant place of the stack; what is out of it, rule_check() refuses. */
static void write_stack(const struct insn *in, struct regs *r)
{
	int64_t at = r->r[in->dst].n + in->off + STACK_SIZE;
	unsigned int size = 1u << insn_shift(in->code);

	if (r->r[in->dst].kind == VAL_FP && at >= 0 && at + size <= STACK_SIZE && !(at % size))
		r->written[at / 64] |= ((UINT64_C(1) << size) - 1) << at % 64;
}

static void step_stx(const struct insn *in, struct regs *r)
{
	if (OP_MODE(in->code) == BPF_MEM)
		write_stack(in, r);
	if (OP_CLASS(in->code) != CLASS_STX || OP_MODE(in->code) != BPF_ATOMIC)
		return;
	if (in->imm == ATOMIC_LOAD_ACQ)
		r->r[in->dst] = any;
	else if (in->imm == BPF_CMPXCHG)
		r->r[0] = any;
	else if (in->imm & BPF_FETCH)
		r->r[in->src] = any;
}

static void step_ld(struct flow *f, uint32_t slot, struct regs *r)
{
	const struct insn *in = &f->c->insns[slot];

	if (!insn_is_imm64(in)) {
		clobber(r);
		r->r[0] = any;
		returned(f, slot, constant(0)); /* outside the packet */
		return;
	}
	if (insn_is_func(in)) {
		uint32_t to = (uint32_t)((int64_t)slot + in->imm + 1);

		f->subprogs[subprog_of(f->c, to)].callback = true;
	}
	r->r[in->dst] =
		(struct val){ in->src ? VAL_ADDR : VAL_CONST, (int64_t)f->c->ops[slot].imm };
}

static void resolve(struct flow *f, uint32_t slot)
{
	struct slot *at = &f->slots[slot];
	auto_buf struct buf log = {}; /* what is wrong with it, rule_check() will say */

	if (at->func || f->final)
		return;
	if (call_resolve(f->c, slot, &at->func, &log))
		at->func = NULL;
	at->guard = insn_guard(f->c, slot, at->func);
}

static void step_call(struct flow *f, uint32_t slot, struct regs *r, struct flow_next *next)
{
	const struct insn *in = &f->c->insns[slot];
	const struct vm_func *func;

	if (in->src == PSEUDO_CALL) {
		uint32_t to = (uint32_t)((int64_t)slot + in->imm + 1);
		const struct subprog_flow *callee = &f->subprogs[subprog_of(f->c, to)];
		struct regs entry = entry_of(r);

		merge(f, to, &entry);
		next->falls = callee->returns;
		r->r[0] = callee->result;
	} else {
		func = f->slots[slot].func;
		for (unsigned int i = 1; i <= 5; i++)
			if (flow_function(f, r, i) >= 0)
				callback(f, (uint32_t)flow_function(f, r, i),
					 func ? func->callback_args : 0);
		next->falls = !func || !func->no_return;
		if (in->imm == BPF_FUNC_tail_call && !in->src)
			returned(f, slot, any); /* what the other program returns */
		r->r[0] = func && func->no_result ? unset : any;
	}
	clobber(r);
}

/* Where a branch on constants leads; what is known then of a register compared with one. */
static void step_cmp(const struct insn *in, enum op_kind kind, struct regs *r,
		     struct flow_next *next)
{
	struct val d = r->r[in->dst], s = operand(in, r);
	bool known = s.kind == VAL_CONST &&
		     (d.kind == VAL_CONST ||
		      (d.kind == VAL_ADDR && !s.n && (kind == OP_jeq || kind == OP_jne)));
	bool taken = known && kind_test(kind, (uint64_t)d.n, (uint64_t)s.n);

	next->jumps = !known || taken;
	next->falls = !known || !taken;
	if (s.kind != VAL_CONST || d.kind != VAL_ANY || (kind != OP_jeq && kind != OP_jne))
		return;
	next->reg = in->dst;
	next->val = kind == OP_jeq ? s : d;
	if (kind == OP_jne)
		r->r[in->dst] = s;
}

static void step_jump(struct flow *f, uint32_t slot, struct regs *r, struct flow_next *next)
{
	const struct insn *in = &f->c->insns[slot];

	switch (OP_ALU(in->code)) {
	case BPF_CALL:
		step_call(f, slot, r, next);
		break;
	case BPF_EXIT:
		next->falls = false;
		returned(f, slot, r->r[0]);
		break;
	case BPF_JA:
	case JMP_JCOND:
		next->jumps = true;
		next->falls = OP_ALU(in->code) == JMP_JCOND;
		break;
	default:
		step_cmp(in, f->c->kind[slot], r, next);
	}
}

void flow_step(struct flow *f, uint32_t slot, struct regs *r, struct flow_next *next)
{
	const struct insn *in = &f->c->insns[slot];
	uint16_t need;

	next->falls = next->jumps = false;
	next->reg = -1;
	if (in->dst > 10 || in->src > 10)
		return; /* rule_check() will not let it pass */
	if (f->c->kind[slot] == OP_helper)
		resolve(f, slot);
	next->falls = true;
	/* What is read here is set behind here, or the run will not come there. */
	need = f->slots[slot].guard.need;
	for (unsigned int i = 0; need; i++, need >>= 1)
		if (need & 1 && r->r[i].kind <= VAL_MAYBE)
			r->r[i] = any;
	switch (OP_CLASS(in->code)) {
	case CLASS_LD:
		step_ld(f, slot, r);
		break;
	case CLASS_LDX:
		r->r[in->dst] = load(f, in, r->r[in->src]);
		break;
	case CLASS_ST:
	case CLASS_STX:
		step_stx(in, r);
		break;
	case CLASS_JMP:
	case CLASS_JMP32:
		step_jump(f, slot, r, next);
		break;
	default:
		step_alu(in, f->c->kind[slot], r);
	}
	/* A write to r10 is not allowed; nothing may come to depend on one. */
	r->r[10] = (struct val){ VAL_FP, 0 };
}

static void walk(struct flow *f, uint32_t slot)
{
	struct regs r = *flow_regs(f, slot);
	struct flow_next next;

	do {
		if (!f->left--)
			f->error = -E2BIG;
		flow_step(f, slot, &r, &next);
		if (next.jumps) {
			struct val keep = next.reg >= 0 ? r.r[next.reg] : any;

			if (next.reg >= 0)
				r.r[next.reg] = next.val;
			merge(f, jump_target(f->c, slot), &r);
			if (next.reg >= 0)
				r.r[next.reg] = keep;
		}
		if (!next.falls)
			return;
		slot += insn_is_imm64(&f->c->insns[slot]) ? 2 : 1;
	} while (!f->slots[slot].order && !f->error);
	merge(f, slot, &r);
}

static void mark(struct flow *f, uint32_t slot, uint32_t *n)
{
	if (!f->slots[slot].order)
		f->slots[slot].order = ++*n;
}

/*
 * Slots that several ways may lead to; calls, which are looked at again when the function
 * returns, and what follows them.  Returns how many.
 */
static uint32_t mark_slots(struct flow *f)
{
	struct code *c = f->c;
	uint32_t n = 0;

	for (size_t i = 0; i < c->nr_subprogs; i++)
		mark(f, c->subprogs[i].start, &n);
	for (uint32_t i = 0; i < c->n; i++) {
		const struct insn *in = &c->insns[i];

		c->kind[i] = (uint8_t)insn_kind(in);
		f->slots[i].guard = insn_guard(c, i, NULL);
		if (insn_is_subcall(in)) {
			size_t callee = subprog_of(c, (uint32_t)((int64_t)i + in->imm + 1));

			f->slots[i].site = f->subprogs[callee].sites;
			f->subprogs[callee].sites = i + 1;
			mark(f, i, &n);
			mark(f, i + 1, &n);
		} else if (insn_is_branch(in->code)) {
			mark(f, jump_target(c, i), &n);
		}
	}
	return n;
}

/* A function whose address went where the flow cannot follow: anybody may call it. */
static bool lost_callback(struct flow *f)
{
	for (size_t i = 0; i < f->c->nr_subprogs; i++) {
		uint32_t start = f->c->subprogs[i].start;

		if (f->subprogs[i].callback && !f->slots[start].seen) {
			callback(f, start, 0);
			return true;
		}
	}
	return false;
}

int flow_run(struct flow *f, struct code *c)
{
	struct regs start = { .r[1] = any, .r[10] = { VAL_FP, 0 } };
	uint32_t n;

	*f = (struct flow){ .c = c, .left = (uint64_t)c->n * MAX_VISITS + 65536 };
	f->slots = calloc(c->n, sizeof(*f->slots));
	f->subprogs = calloc(c->nr_subprogs, sizeof(*f->subprogs));
	if (!f->slots || !f->subprogs)
		return -ENOMEM;
	n = mark_slots(f);
	f->regs = calloc(n ? n : 1, sizeof(*f->regs));
	if (!f->regs)
		return -ENOMEM;
	for (unsigned int i = 2; i <= c->owner.args && i <= 5; i++)
		start.r[i] = any;
	merge(f, 0, &start);
	do {
		while (f->nr_heap && !f->error)
			walk(f, pop(f));
	} while (!f->error && lost_callback(f));
	f->final = true;
	return f->error;
}

void flow_free(struct flow *f)
{
	free(f->slots);
	free(f->regs);
	free(f->subprogs);
	free(f->heap);
}
