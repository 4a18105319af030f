// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Load check, second pass: the rules, in the order in which the kernel's verifier comes along. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/check.h"
#include "sim/insn.h"
#include "sim/kind.h"
#include "sim/vm_priv.h"

/*
 * The verifier follows the way a false condition takes, and keeps the other for later; a
 * function is looked at when it is called, what follows the call afterwards.  Of what waits,
 * the last comes first.
 */
struct wait {
	uint32_t slot;
	size_t log; /* length of the log then: it tells one way, not all that were tried */
};

struct pass {
	struct flow *f;
	struct buf *log;
	struct wait *wait;
	size_t nr_wait, cap_wait;
	bool guarded; /* a register may be unset where it is read */
};

static int later(struct pass *p, uint32_t slot)
{
	if (p->f->slots[slot].reached || !p->f->slots[slot].seen)
		return 0;
	if (array_grow(&p->wait, p->nr_wait, &p->cap_wait, sizeof(*p->wait)))
		return -ENOMEM;
	p->wait[p->nr_wait++] = (struct wait){ slot, p->log->len };
	return 0;
}

/* How deep a function reaches into its stack: what it accesses, and what it passes on. */
static void stack_use(struct flow *f, uint32_t slot, const struct regs *r)
{
	const struct insn *in = &f->c->insns[slot];
	int64_t low = f->slots[slot].fp;
	struct code_subprog *s;

	if (in->code == (BPF_JMP | BPF_CALL))
		for (unsigned int i = 1; i <= 5; i++)
			if (r->r[i].kind == VAL_FP && r->r[i].n < low)
				low = r->r[i].n;
	if (!low)
		return;
	s = &f->c->subprogs[subprog_of(f->c, slot)];
	if (low >= -(int64_t)STACK_SIZE && (uint32_t)-low > s->stack)
		s->stack = (uint32_t)-low;
}

static void note(struct pass *p, uint32_t slot, const struct regs *r)
{
	uint16_t must = 0;

	for (unsigned int i = 0; i < 11; i++)
		must |= (uint16_t)((r->r[i].kind > VAL_MAYBE) << i);
	p->f->c->must[slot] = must;
	if (p->f->slots[slot].guard.need & ~must)
		p->guarded = true;
	stack_use(p->f, slot, r);
}

static bool say_func(void *arg, size_t at, const struct insn *in, struct buf *b)
{
	const struct flow *f = arg;

	if (in->src == PSEUDO_CALL || !f->slots[at].func)
		return false;
	buf_addf(b, "%s#%d", f->slots[at].func->name, in->imm);
	return true;
}

/* What it was resolved to, without the "ll" of assemblers. */
static bool say_imm64(void *arg, size_t at, const struct insn in[2], struct buf *b)
{
	const struct flow *f = arg;

	(void)in;
	buf_addf(b, "0x%" PRIx64, f->c->ops[at].imm);
	return true;
}

/* "3: (bf) r0 = r2" */
static void say_insn(struct pass *p, uint32_t slot)
{
	const struct code *c = p->f->c;
	struct isa_names names = { .arg = p->f, .call = say_func, .imm64 = say_imm64 };

	if (!(c->owner.log_level & 3))
		return;
	buf_addf(p->log, "%u: (%02x) ", slot, c->insns[slot].code);
	insn_print(&c->insns[slot], c->n - slot, slot, STYLE_KERNEL, &names, p->log);
	buf_addc(p->log, '\n');
}

/* Functions that helpers call are looked at after what is behind the call. */
static int later_callbacks(struct pass *p, uint32_t slot, const struct regs *r)
{
	int err = 0;

	for (unsigned int i = 1; i <= 5 && !err && p->f->c->kind[slot] == OP_helper; i++)
		if (flow_function(p->f, r, i) >= 0)
			err = later(p, (uint32_t)flow_function(p->f, r, i));
	return err;
}

/* From slot to where the way ends or joins one that was walked. */
static int walk(struct pass *p, uint32_t slot)
{
	struct flow *f = p->f;
	struct regs r = *flow_regs(f, slot);
	struct flow_next next;

	while (!f->slots[slot].reached) {
		const struct insn *in = &f->c->insns[slot];
		int err;

		f->slots[slot].reached = true;
		f->c->processed++;
		say_insn(p, slot);
		err = rule_check(f, slot, &r, p->log);
		if (err)
			return err;
		note(p, slot, &r);
		err = later_callbacks(p, slot, &r);
		flow_step(f, slot, &r, &next);
		if (insn_is_subcall(in) && next.falls && !err)
			err = later(p, slot + 1);
		if (next.jumps && !err)
			err = later(p, jump_target(f->c, slot));
		if (err)
			return err;
		if (insn_is_subcall(in))
			slot = (uint32_t)((int64_t)slot + in->imm + 1);
		else if (next.falls)
			slot += insn_is_imm64(in) ? 2 : 1;
		else
			return 0;
		if (f->slots[slot].order)
			r = *flow_regs(f, slot);
	}
	return 0;
}

static int walk_all(struct pass *p)
{
	int err = 0;

	while (p->nr_wait && !err) {
		struct wait w = p->wait[--p->nr_wait];

		p->log->len = w.log;
		err = walk(p, w.slot);
	}
	return err;
}

static int make_guards(struct flow *f)
{
	struct code *c = f->c;

	c->guards = calloc(c->n, sizeof(*c->guards));
	if (!c->guards)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->n; i++) {
		if (!f->slots[i].reached)
			continue;
		c->guards[i] = f->slots[i].guard;
		c->guards[i].need &= (uint16_t)~c->must[i];
	}
	return 0;
}

int flow_report(struct flow *f, struct buf *log)
{
	struct pass p = { .f = f, .log = log };
	size_t start = log->len;
	int err;

	if (f->c->owner.log_level & 3)
		buf_adds(log, "0: R1=ctx() R10=fp0\n");
	err = later(&p, 0);
	if (!err)
		err = walk_all(&p);
	/* Functions whose addresses went who knows where. */
	for (size_t i = 0; i < f->c->nr_subprogs && !err; i++) {
		err = later(&p, f->c->subprogs[i].start);
		if (!err)
			err = walk_all(&p);
	}
	if (!err && !(f->c->owner.log_level & 2))
		log->len = start; /* no news */
	free(p.wait);
	if (!err && p.guarded)
		err = make_guards(f);
	return err;
}
