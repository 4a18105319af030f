// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Before each instruction of code that is watched, or that may read a register not yet set. */
#include "sim/insn.h"
#include "sim/kind.h"
#include "sim/op_priv.h"
#include "sim/vm_priv.h"

static int lowest(uint16_t bits)
{
	int i = 0;

	while (!(bits >> i & 1))
		i++;
	return i;
}

/*
 * A jump counts as taken when the next instruction is not the one behind it: all it takes is to
 * remember the last one.
 */
static void count(struct vm *vm, struct code *c, uint32_t slot)
{
	if (vm->last_jump && vm->last_code == c && vm->last_jump != slot)
		c->taken[vm->last_jump - 1]++;
	vm->last_jump = kind_is_cmp(c->kind[slot]) || c->kind[slot] == OP_may_goto ? slot + 1 : 0;
	vm->last_code = c;
	c->executed[slot]++;
}

op_ret op_watched(OP_ARGS)
{
	struct code *c = vm->code;
	uint32_t slot = op_slot(vm, op);

	if (c->guards) {
		const struct guard *g = &c->guards[slot];
		uint16_t missing = g->need & (uint16_t)~vm->init;

		if (unlikely(missing)) {
			vm->left = left;
			fault_raise(vm, op, FAULT_REG, lowest(missing));
			OP_END;
		}
		vm->init = (uint16_t)((vm->init & ~g->clear) | g->set);
		if (c->kind[slot] == OP_call || c->kind[slot] == OP_call_light)
			init_push(vm);
		else if (c->kind[slot] == OP_exit || c->kind[slot] == OP_exit_light)
			init_pop(vm);
	}
	if (c->watch & CODE_COUNT)
		count(vm, c, slot);
	if (c->watch & CODE_TRACE && vm->hooks.trace) {
		vm->left = left;
		vm->hooks.trace(vm->hooks.arg, vm, c, slot);
	}
	OP_TAIL(c->plain[slot], op);
}
