// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Functions that nobody declared.  A program may call a label of its own, and does where a dump of
 * the kernel was pasted: there the functions stand behind the program.  libbpf moves functions
 * about by their symbols; one without a symbol makes it copy the caller behind itself, past the
 * end of its memory.  So what is called inside a program is cut off and becomes a function of
 * .text, named after the program and the slot.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "asm/layout.h"
#include "asm/src.h"
#include "core/mem.h"

#define CLASS_JMP 0x05
#define CLASS_JMP32 0x06
#define INSN_GOTOL 0x06
#define INSN_GOTOX 0x0d

static bool is_jump(const struct insn *in)
{
	uint8_t class = in->code & 7, op = in->code & 0xf0;

	return (class == CLASS_JMP || class == CLASS_JMP32) && op != 0x80 && op != 0x90 &&
	       in->code != INSN_GOTOX;
}

/* A call, or the address, of something in the same program, by distance. */
static bool is_local_call(const struct vinsn *in)
{
	if (in->kind != REF_NONE)
		return false;
	return (in->insn.code == INSN_CALL && in->insn.src == PSEUDO_CALL) ||
	       (in->insn.code == INSN_LD_IMM64 && in->insn.src == PSEUDO_FUNC);
}

/* Where the call of instruction i goes: a slot of p. */
static int find_start(const struct unit *u, const struct prog *p, uint32_t i, uint32_t *to)
{
	const struct vinsn *in = u->insns + p->first;
	int64_t slot = (int64_t)i + in[i].insn.imm + 1;

	if (slot < 0 || slot >= p->n || (slot && in[slot - 1].insn.code == INSN_LD_IMM64))
		return src_error(u->src, in[i].pos, 1,
				 "there is no instruction of '%s' where this call goes", p->name);
	if (slot == 0 && !p->is_func)
		return src_error(u->src, in[i].pos, 1, "program '%s' calls itself", p->name);
	*to = (uint32_t)slot;
	return 0;
}

/* Sets starts[i] for every slot of a program that is called; NULL stays if none is. */
static int find_starts(const struct unit *u, const struct prog *p, bool **starts)
{
	const struct vinsn *in = u->insns + p->first;
	uint32_t to = 0;
	int err;

	for (uint32_t i = 0; i < p->n; i++) {
		if (in[i].kind == REF_FUNC_ADDR && !u->progs[in[i].ref].is_func)
			return src_error(u->src, in[i].pos, 1,
					 "program '%s' has no address, only a func has",
					 u->progs[in[i].ref].name);
		if (!is_local_call(&in[i]))
			continue;
		err = find_start(u, p, i, &to);
		if (err)
			return err;
		if (!*starts)
			*starts = calloc(p->n, sizeof(**starts));
		if (!*starts)
			return -ENOMEM;
		(*starts)[to] = true;
	}
	return 0;
}

/* Parts that are moved away from each other must not jump into each other. */
static int check_jumps(const struct unit *u, const struct prog *p)
{
	const struct vinsn *in = u->insns + p->first;

	for (uint32_t i = 0; i < p->n; i++) {
		const struct insn *j = &in[i].insn;
		int64_t to = (int64_t)i + 1 + (j->code == INSN_GOTOL ? j->imm : j->off);

		if (is_jump(j) && (to < 0 || to >= p->n))
			return src_error(u->src, in[i].pos, 1,
					 "this jumps into a function that is called elsewhere");
	}
	return 0;
}

/* The function that begins at slot `at` of p, a program of the unit. */
static int add_part(struct layout *lay, const struct prog *p, uint32_t at)
{
	uint32_t pos = lay->u->insns[p->first + at].pos;
	struct prog part = {
		.section = ".text",
		.is_func = true,
		.ret = lay->int_type,
		.first = p->first + at,
		.pos = pos ? pos : p->pos,
	};
	char name[512];
	int len = snprintf(name, sizeof(name), "%.480s_at_%u", p->name, at);

	part.name = pool_str(&lay->pool, name, (size_t)len);
	if (!part.name || array_grow(&lay->progs, lay->nr_progs, &lay->cap_progs, sizeof(part)) < 0)
		return -ENOMEM;
	lay->progs[lay->nr_progs++] = part;
	return 0;
}

static int split(struct layout *lay, uint32_t prog)
{
	const struct prog whole = lay->progs[prog];
	auto_free bool *starts = NULL;
	uint32_t part = prog, from = 0;
	int err = whole.n ? find_starts(lay->u, &whole, &starts) : 0;

	if (err || !starts)
		return err;
	for (uint32_t i = 1; i <= whole.n && !err; i++) {
		if (i < whole.n && !starts[i])
			continue;
		lay->progs[part].n = i - from;
		err = check_jumps(lay->u, &lay->progs[part]);
		if (!err && i < whole.n)
			err = add_part(lay, &whole, i);
		part = lay->nr_progs - 1;
		from = i;
	}
	return err;
}

int layout_split(struct layout *lay)
{
	uint32_t n = lay->nr_progs;
	int err = 0;

	for (uint32_t i = 0; i < n && !err; i++)
		err = split(lay, i);
	return err;
}

uint32_t layout_callee(const struct layout *lay, uint32_t prog, uint32_t i)
{
	const struct prog *p = &lay->progs[prog];
	const struct vinsn *in = &lay->u->insns[p->first + i];
	uint32_t slot, lo = 0, hi = lay->nr_progs;

	if (in->kind == REF_FUNC || in->kind == REF_FUNC_ADDR)
		return in->ref;
	if (!is_local_call(in))
		return UINT32_MAX;
	slot = p->first + i + 1 + (uint32_t)in->insn.imm;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (lay->progs[lay->by_first[mid]].first <= slot)
			lo = mid;
		else
			hi = mid;
	}
	return lay->by_first[lo];
}
