// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs: loading, freeing, watching. */
#include "sim/code.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/check.h"
#include "sim/decode.h"
#include "sim/insn.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

#define MAX_STACK 512 /* of all frames in progress: MAX_BPF_STACK */

void code_free(struct code *c)
{
	if (!c)
		return;
	if (c->region)
		region_drop(c->region, "unloaded");
	for (size_t i = 0; c->users && i < c->n; i++)
		region_unuse(&c->users[i]);
	free(c->users);
	free(c->ops);
	free(c->insns);
	free(c->kind);
	free(c->must);
	free(c->guards);
	free(c->plain);
	free(c->executed);
	free(c->taken);
	free(c->subprogs);
	free(c->needs);
	free(c);
}

static struct code *make(struct vm *vm, const struct insn *insns, size_t n,
			 const struct code_owner *owner)
{
	struct region_spec spec = { .kind = REGION_CODE, .label = "program", .len = n * 8 };
	struct code *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->vm = vm;
	c->n = n;
	c->owner = *owner;
	c->ops = calloc(n, sizeof(*c->ops));
	c->insns = calloc(n, sizeof(*c->insns));
	c->kind = calloc(n, sizeof(*c->kind));
	c->must = calloc(n, sizeof(*c->must));
	c->users = calloc(n, sizeof(*c->users));
	spec.object = c;
	c->region = space_add(vm->space, &spec);
	if (!c->ops || !c->insns || !c->kind || !c->must || !c->users || !c->region) {
		code_free(c);
		return NULL;
	}
	memcpy(c->insns, insns, n * sizeof(*insns));
	return c;
}

int call_resolve(struct code *c, uint32_t slot, const struct vm_func **func, struct buf *log)
{
	const struct insn *in = &c->insns[slot];
	const struct code_owner *o = &c->owner;
	int err = -EINVAL;

	*func = NULL;
	if (in->src == PSEUDO_KFUNC_CALL && o->kfunc)
		err = o->kfunc(o->arg, in, slot, func, log);
	else if (in->src != PSEUDO_KFUNC_CALL && o->helper)
		err = o->helper(o->arg, in->imm, slot, func, log);
	else
		buf_addf(log, "invalid func unknown#%" PRId32 "\n", in->imm);
	if (!err && !*func)
		err = -EINVAL;
	return err;
}

/* The deepest chain of calls that begins with function s. */
struct chain {
	uint8_t state; /* 0: not seen, 1: in progress, 2: known */
	uint32_t frames, stack;
};

static int follow(const struct flow *f, size_t s, struct chain *chains, unsigned int depth)
{
	const struct code *c = f->c;
	struct chain deepest = { 0, 0, 0 };

	if (chains[s].state == 2)
		return 0;
	if (chains[s].state == 1 || depth > VM_DEPTH)
		return -E2BIG;
	chains[s].state = 1;
	for (uint32_t i = c->subprogs[s].start; i < c->subprogs[s].end; i++) {
		size_t to;
		int err;

		if (!f->slots[i].reached || !insn_is_subcall(&c->insns[i]))
			continue;
		to = subprog_of(c, (uint32_t)((int64_t)i + c->insns[i].imm + 1));
		err = follow(f, to, chains, depth + 1);
		if (err)
			return err;
		if (chains[to].stack > deepest.stack)
			deepest.stack = chains[to].stack;
		if (chains[to].frames > deepest.frames)
			deepest.frames = chains[to].frames;
	}
	/* The kernel rounds frames up so, and an empty one takes as much. */
	chains[s].stack =
		deepest.stack + (c->subprogs[s].stack ? (c->subprogs[s].stack + 15) & ~15u : 16);
	chains[s].frames = deepest.frames + 1;
	chains[s].state = 2;
	return 0;
}

static int check_chain(const struct flow *f, size_t s, struct chain *chains, struct buf *log)
{
	if (follow(f, s, chains, 1) || chains[s].frames > VM_DEPTH) {
		buf_addf(log, "the call stack of %d frames is too deep\n", VM_DEPTH + 1);
		return -E2BIG;
	}
	if (chains[s].stack > MAX_STACK) {
		buf_addf(log,
			 "combined stack size of %" PRIu32 " calls is %" PRIu32 ". Too large\n",
			 chains[s].frames, chains[s].stack);
		return -EACCES;
	}
	return 0;
}

static int check_chains(const struct flow *f, struct buf *log)
{
	struct chain *chains = calloc(f->c->nr_subprogs, sizeof(*chains));
	int err = chains ? 0 : -ENOMEM;

	for (size_t s = 0; s < f->c->nr_subprogs && !err; s++)
		err = check_chain(f, s, chains, log);
	free(chains);
	return err;
}

/* Handlers, one by one and then in pairs; or behind the watch. */
static int set_handlers(struct code *c)
{
	bool behind = c->watch || c->guards;

	if (behind && !c->plain) {
		c->plain = calloc(c->n, sizeof(op_fn *));
		if (!c->plain)
			return -ENOMEM;
	} else if (!behind) {
		free(c->plain);
		c->plain = NULL;
	}
	for (size_t i = 0; i < c->n; i++) {
		op_fn *pair = i + 1 < c->n ? op_pair(c->kind[i], c->kind[i + 1]) : NULL;

		code_set_handler(c, i, pair && !behind ? pair : op_single[c->kind[i]]);
		if (behind)
			c->ops[i].fn = op_watched;
	}
	return 0;
}

static int check(struct code *c, struct flow *f, struct buf *log)
{
	int err = check_structure(c, log);

	if (!err)
		err = flow_run(f, c);
	if (err == -E2BIG && f->c)
		buf_adds(log, "BPF program is too large. Processed 1000001 insn\n");
	if (!err)
		err = flow_report(f, log);
	if (!err)
		err = check_chains(f, log);
	return err;
}

/* The last lines of the verifier's log; what we have no counterpart of is 0. */
static void say_statistics(const struct code *c, struct buf *log)
{
	if (c->owner.log_level & 4) {
		buf_adds(log, "verification time 0 usec\nstack depth ");
		for (size_t i = 0; i < c->nr_subprogs; i++)
			buf_addf(log, i ? "+%" PRIu32 : "%" PRIu32, c->subprogs[i].stack);
		buf_addc(log, '\n');
	}
	if (c->owner.log_level)
		buf_addf(log,
			 "processed %zu insns (limit 1000000) max_states_per_insn 0 "
			 "total_states 0 peak_states 0 mark_read 0\n",
			 c->processed);
}

int code_load(struct vm *vm, const struct insn *insns, size_t n, const struct code_owner *owner,
	      struct buf *log, struct code **code)
{
	struct flow f = {};
	struct code *c;
	int err;

	*code = NULL;
	if (!n || n > CODE_MAX_INSNS)
		return -E2BIG;
	c = make(vm, insns, n, owner);
	if (!c)
		return -ENOMEM;
	err = check(c, &f, log);
	say_statistics(c, log);
	if (!err)
		err = decode(c, &f);
	if (!err)
		err = set_handlers(c);
	flow_free(&f);
	if (err)
		code_free(c);
	else
		*code = c;
	return err;
}

void *code_owner(const struct code *c)
{
	return c->owner.arg;
}

size_t code_len(const struct code *c)
{
	return c->n;
}

const struct insn *code_insns(const struct code *c)
{
	return c->insns;
}

uint64_t code_func(const struct code *c, uint32_t slot)
{
	return c->region->base + UINT64_C(8) * slot;
}

const struct code_subprog *code_subprogs(const struct code *c, size_t *n)
{
	*n = c->nr_subprogs;
	return c->subprogs;
}

size_t code_processed(const struct code *c)
{
	return c->processed;
}

int code_watch(struct code *c, unsigned int what)
{
	uint64_t *executed = NULL, *taken = NULL;

	if (what & CODE_COUNT) {
		executed = calloc(c->n, sizeof(*executed));
		taken = calloc(c->n, sizeof(*taken));
		if (!executed || !taken) {
			free(executed);
			free(taken);
			return -ENOMEM;
		}
	}
	free(c->executed);
	free(c->taken);
	c->executed = executed;
	c->taken = taken;
	c->watch = what;
	return set_handlers(c);
}

const uint64_t *code_executed(const struct code *c)
{
	return c->executed;
}

const uint64_t *code_taken(const struct code *c)
{
	return c->taken;
}
