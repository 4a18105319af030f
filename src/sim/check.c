// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Load check, structure: what must hold before anybody asks what an instruction does. */
#include "sim/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/buf.h"
#include "sim/insn.h"

#define MAX_SUBPROGS 256 /* BPF_MAX_SUBPROGS */

static int reject(struct buf *log, int code, const char *msg)
{
	buf_adds(log, msg);
	buf_addc(log, '\n');
	return code;
}

size_t subprog_of(const struct code *c, uint32_t slot)
{
	size_t lo = 0, hi = c->nr_subprogs;

	/* The last one that starts at or before slot. */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->subprogs[mid].start <= slot)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - 1;
}

int64_t subprog_at(const struct code *c, int64_t slot)
{
	size_t i;

	if (slot < 0 || slot >= (int64_t)c->n)
		return -1;
	i = subprog_of(c, (uint32_t)slot);
	return c->subprogs[i].start == slot ? (int64_t)i : -1;
}

static int add_subprog(struct code *c, int64_t start, struct buf *log)
{
	size_t at;

	if (start < 0 || start >= (int64_t)c->n)
		return reject(log, -EINVAL, "call to invalid destination");
	if (subprog_at(c, start) >= 0)
		return 0;
	if (c->nr_subprogs >= MAX_SUBPROGS)
		return reject(log, -E2BIG, "too many subprograms");
	at = subprog_of(c, (uint32_t)start) + 1;
	memmove(c->subprogs + at + 1, c->subprogs + at,
		(c->nr_subprogs - at) * sizeof(*c->subprogs));
	c->subprogs[at] = (struct code_subprog){ .start = (uint32_t)start };
	c->nr_subprogs++;
	return 0;
}

static int find_subprogs(struct code *c, struct buf *log)
{
	c->subprogs = calloc(MAX_SUBPROGS + 1, sizeof(*c->subprogs));
	if (!c->subprogs)
		return -ENOMEM;
	c->nr_subprogs = 1;
	for (size_t i = 0; i < c->n; i++) {
		const struct insn *in = &c->insns[i];
		int err;

		if (!insn_is_subcall(in) && !insn_is_func(in))
			continue;
		err = add_subprog(c, (int64_t)i + in->imm + 1, log);
		if (err)
			return err;
	}
	for (size_t i = 0; i < c->nr_subprogs; i++)
		c->subprogs[i].end =
			i + 1 < c->nr_subprogs ? c->subprogs[i + 1].start : (uint32_t)c->n;
	return 0;
}

/* Jumps stay in their function, and no function runs into the next. */
static int check_subprog(const struct code *c, const struct code_subprog *s, struct buf *log)
{
	uint8_t last = c->insns[s->end - 1].code;

	for (uint32_t i = s->start; i < s->end; i++) {
		const struct insn *in = &c->insns[i];
		int64_t to = (int64_t)i + insn_jump(in) + 1;

		if (!insn_is_jump(in->code) || OP_ALU(in->code) == BPF_CALL ||
		    OP_ALU(in->code) == BPF_EXIT)
			continue;
		if (to >= s->start && to < s->end)
			continue;
		buf_addf(log, "jump out of range from insn %" PRIu32 " to %" PRId64 "\n", i, to);
		return -EINVAL;
	}
	if (last != (BPF_JMP | BPF_EXIT) && last != (BPF_JMP | BPF_JA) &&
	    last != (BPF_JMP32 | BPF_JA))
		return reject(log, -EINVAL, "last insn is not an exit or jmp");
	return 0;
}

/* What a function may not hold unless BTF says that it returns a number. */
static int check_returns(const struct code *c, struct buf *log)
{
	for (size_t s = 1; s < c->nr_subprogs && !c->owner.func_info; s++) {
		bool tail = false, abs = false;

		for (uint32_t i = c->subprogs[s].start; i < c->subprogs[s].end; i++) {
			const struct insn *in = &c->insns[i];
			uint8_t mode = OP_MODE(in->code);

			tail = tail || (in->code == (BPF_JMP | BPF_CALL) && !in->src &&
					in->imm == BPF_FUNC_tail_call);
			abs = abs || (OP_CLASS(in->code) == CLASS_LD &&
				      (mode == BPF_ABS || mode == BPF_IND));
		}
		if (abs)
			return reject(log, -EINVAL,
				      "LD_ABS is not allowed in subprogs without BTF");
		if (tail)
			return reject(log, -EINVAL,
				      "tail_call is not allowed in subprogs without BTF");
	}
	return 0;
}

static bool known_alu(uint8_t code)
{
	switch (OP_ALU(code)) {
	case BPF_NEG:
		return !OP_SRC(code);
	case BPF_END:
		return OP_CLASS(code) == CLASS_ALU || !OP_SRC(code);
	default:
		return OP_ALU(code) < BPF_END;
	}
}

static bool known_jump(uint8_t code)
{
	bool wide = OP_CLASS(code) == CLASS_JMP;

	switch (OP_ALU(code)) {
	case BPF_JA:
		return !OP_SRC(code);
	case BPF_CALL:
	case BPF_EXIT:
	case JMP_JCOND:
		return wide && !OP_SRC(code);
	default:
		return OP_ALU(code) <= BPF_JSLE;
	}
}

/* The kernel's table of opcodes that user space may pass. */
static bool known(uint8_t code)
{
	bool dw = OP_SIZE(code) == BPF_DW;

	switch (OP_CLASS(code)) {
	case CLASS_LD:
		return code == INSN_LD_IMM64 ||
		       ((OP_MODE(code) == BPF_ABS || OP_MODE(code) == BPF_IND) && !dw);
	case CLASS_LDX:
		return OP_MODE(code) == BPF_MEM || (OP_MODE(code) == MODE_MEMSX && !dw);
	case CLASS_ST:
		return OP_MODE(code) == BPF_MEM;
	case CLASS_STX:
		return OP_MODE(code) == BPF_MEM || OP_MODE(code) == BPF_ATOMIC;
	case CLASS_JMP:
	case CLASS_JMP32:
		return known_jump(code);
	default:
		return known_alu(code);
	}
}

static int check_imm64(struct code *c, size_t i, struct buf *log)
{
	const struct insn *in = &c->insns[i];

	if (i + 1 == c->n || in[1].code || in[1].dst || in[1].src || in[1].off)
		return reject(log, -EINVAL, "invalid bpf_ld_imm64 insn");
	if (in->off)
		return reject(log, -EINVAL, "BPF_LD_IMM64 uses reserved fields");
	switch (in->src) {
	case 0:
		c->ops[i].imm = insn_imm64(in);
		return 0;
	case PSEUDO_FUNC:
		c->ops[i].imm = code_func(c, (uint32_t)((int64_t)i + in->imm + 1));
		return 0;
	case PSEUDO_MAP_FD:
	case PSEUDO_MAP_IDX:
		if (in[1].imm)
			return reject(log, -EINVAL, "unrecognized bpf_ld_imm64 insn");
		break;
	case PSEUDO_BTF_ID:
	case PSEUDO_MAP_VALUE:
	case PSEUDO_MAP_IDX_VALUE:
		break;
	default:
		return reject(log, -EINVAL, "unrecognized bpf_ld_imm64 insn");
	}
	if (!c->owner.imm64)
		return reject(log, -EINVAL, "unrecognized bpf_ld_imm64 insn");
	return c->owner.imm64(c->owner.arg, in, i, &c->ops[i].imm, log);
}

static int check_opcodes(struct code *c, struct buf *log)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct insn *in = &c->insns[i];

		if (OP_CLASS(in->code) == CLASS_LDX &&
		    ((OP_MODE(in->code) != BPF_MEM && OP_MODE(in->code) != MODE_MEMSX) || in->imm))
			return reject(log, -EINVAL, "BPF_LDX uses reserved fields");
		if (insn_is_imm64(in)) {
			int err = check_imm64(c, i, log);

			if (err)
				return err;
			i++;
			continue;
		}
		if (!known(in->code)) {
			buf_addf(log, "unknown opcode %02x\n", in->code);
			return -EINVAL;
		}
	}
	return 0;
}

static void reach(bool *seen, uint32_t *work, size_t *n, int64_t to)
{
	if (seen[to])
		return;
	seen[to] = true;
	work[(*n)++] = (uint32_t)to;
}

/* Marks every slot some way leads to, whatever the branches decide. */
static void reach_from(const struct code *c, uint32_t i, bool *seen, uint32_t *work, size_t *n)
{
	const struct insn *in = &c->insns[i];
	bool jump = insn_is_jump(in->code);
	uint8_t op = OP_ALU(in->code);

	if (insn_is_subcall(in) || insn_is_func(in))
		reach(seen, work, n, (int64_t)i + in->imm + 1);
	if (jump && op != BPF_CALL && op != BPF_EXIT)
		reach(seen, work, n, (int64_t)i + insn_jump(in) + 1);
	if (!jump || (op != BPF_JA && op != BPF_EXIT))
		reach(seen, work, n, (int64_t)i + (insn_is_imm64(in) ? 2 : 1));
}

static int check_reach(const struct code *c, bool *seen, uint32_t *work, struct buf *log)
{
	size_t n = 0;

	reach(seen, work, &n, 0);
	while (n)
		reach_from(c, work[--n], seen, work, &n);
	for (size_t i = 0; i < c->n; i++) {
		if (!seen[i]) {
			buf_addf(log, "unreachable insn %zu\n", i);
			return -EINVAL;
		}
		if (!insn_is_imm64(&c->insns[i]))
			continue;
		if (seen[i + 1]) {
			buf_addf(log, "jump into the middle of ldimm64 insn %zu\n", i);
			return -EINVAL;
		}
		i++;
	}
	return 0;
}

int check_structure(struct code *c, struct buf *log)
{
	uint32_t *work;
	bool *seen;
	int err = find_subprogs(c, log);

	for (size_t i = 0; !err && i < c->nr_subprogs; i++)
		err = check_subprog(c, &c->subprogs[i], log);
	if (!err)
		err = check_returns(c, log);
	if (!err)
		err = check_opcodes(c, log);
	if (err)
		return err;
	seen = calloc(c->n, sizeof(*seen));
	work = calloc(c->n, sizeof(*work));
	err = seen && work ? check_reach(c, seen, work, log) : -ENOMEM;
	free(seen);
	free(work);
	return err;
}
