// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory as the interpreter and the helpers reach it: the slow road, which does every check. */
#include "sim/insn.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

static enum miss check_field(const struct region *rg, uint64_t off, uint64_t size, bool write)
{
	uint8_t allowed = rg->fields[off];
	uint8_t bit = size == 1 || size == 2 || size == 4 || size == 8 ? (uint8_t)size : 0;

	if (write && allowed & bit && !(allowed >> 4 & bit))
		return MISS_FIELD_WRITE;
	return (write ? allowed >> 4 : allowed) & bit ? MISS_NONE : MISS_FIELD;
}

/* What space_check() leaves out: fields and init bits.  A write counts as done. */
static enum miss check_inside(struct region *rg, uint64_t off, uint64_t size, unsigned int access)
{
	enum miss miss = MISS_NONE;
	uint64_t first;

	if (rg->kind == REGION_USER)
		return MISS_OPAQUE; /* only probing reaches it */
	if (rg->fields)
		miss = check_field(rg, off, size, access & REGION_WRITE);
	if (!miss && rg->init && access & REGION_READ && !region_written(rg, off, size, &first))
		miss = MISS_INIT;
	if (!miss && rg->init && access & REGION_WRITE)
		region_mark(rg, off, size, true);
	return miss;
}

/* The way that will do for the next access to the region that this one went to. */
static enum op_way way_for(const struct region *rg)
{
	if (rg->fields)
		return (rg->access && !(rg->flags & REGION_REST)) || rg->init ? OP_WAYS : WAY_FIELD;
	if (rg->init)
		return rg->flags & REGION_ALIGN ? WAY_INIT : OP_WAYS;
	if (rg->flags & REGION_ALIGN)
		return OP_WAYS;
	return rg->count ? WAY_ELEMENT : WAY_PLAIN;
}

static unsigned int mem_index(const struct insn *in)
{
	return insn_shift(in->code) + (OP_MODE(in->code) == MODE_MEMSX ? 4 : 0);
}

/* Whether the op looks for memory in op.region; what the check knew to be the stack does not. */
static bool has_region(enum op_kind kind)
{
#define CASE(name, ...)                                                                            \
	case OP_ld##name:                                                                          \
	case OP_st##name:
#define CASE_LDS(name, ...) case OP_lds##name:
	switch (kind) {
		MEM_OPS(CASE)
		LDS_OPS(CASE_LDS)
		return true;
	default:
		return false;
	}
#undef CASE
#undef CASE_LDS
}

void op_forget(struct op *op)
{
	op->lim = 0;
	op->region = region_nowhere();
}

/* Lets the op find this region next time. */
static void adapt(struct vm *vm, struct op *op, const struct insn *in, struct region *rg)
{
	bool write = OP_CLASS(in->code) != CLASS_LDX;
	unsigned int shift = insn_shift(in->code);
	enum op_way way = way_for(rg);
	struct code *c = vm->code;
	uint32_t at = op_slot(vm, op);

	if (way == OP_WAYS || !has_region(c->kind[at]))
		return;
	if (rg->kind != REGION_RECORD) {
		region_use(rg, &c->users[at], op);
	} else if (rg->generations > 1) {
		/* It comes and goes, so that it is asked each time; its struct stays a record's. */
		region_unuse(&c->users[at]);
		way = WAY_ELEMENT;
	} else {
		return; /* another one next time: to look for it costs less than to learn it */
	}
	if (way == WAY_PLAIN) {
		op->lo = rg->base - (uint64_t)(int64_t)in->off;
		op->lim = rg->len - (1u << shift) + 1;
		op->host = rg->host;
		code_set_handler(c, at, op_single[c->kind[at]]);
	} else {
		op->off = in->off;
		op->lim = 0;
		op->region = rg;
		code_set_handler(c, at,
				 write ? op_store_ways[shift][way]
				       : op_load_ways[mem_index(in)][way]);
	}
	code_fuse(c, at);
	if (at)
		code_fuse(c, at - 1);
}

static uint64_t extend(uint64_t v, const struct insn *in)
{
	switch (mem_index(in)) {
	case 0:
		return (uint8_t)v;
	case 1:
		return (uint16_t)v;
	case 2:
		return (uint32_t)v;
	case 4:
		return (uint64_t)(int8_t)v;
	case 5:
		return (uint64_t)(int16_t)v;
	case 6:
		return (uint64_t)(int32_t)v;
	default:
		return v;
	}
}

static uint64_t host_load(const uint8_t *p, unsigned int shift)
{
	switch (shift) {
	case 0:
		return peek_b(p);
	case 1:
		return peek_h(p);
	case 2:
		return peek_w(p);
	default:
		return peek_dw(p);
	}
}

static void host_store(uint8_t *p, unsigned int shift, uint64_t v)
{
	switch (shift) {
	case 0:
		poke_b(p, v);
		break;
	case 1:
		poke_h(p, v);
		break;
	case 2:
		poke_w(p, v);
		break;
	default:
		poke_dw(p, v);
	}
}

/* One load or store, with *value coming or going. */
static enum miss access_once(struct vm *vm, struct op *op, const struct insn *in, uint64_t addr,
			     uint64_t *value)
{
	bool write = OP_CLASS(in->code) != CLASS_LDX;
	unsigned int shift = insn_shift(in->code), access = write ? REGION_WRITE : REGION_READ;
	uint64_t off, size = UINT64_C(1) << shift;
	struct region *rg;
	enum miss miss = space_check(vm->space, addr, size, access, &rg, &off);

	/* Before the init bits, which a misaligned write must leave alone. */
	if (!miss && rg->flags & REGION_ALIGN && off & (size - 1))
		miss = MISS_ALIGN;
	if (!miss)
		miss = check_inside(rg, off, size, access);
	if ((miss == MISS_FIELD || miss == MISS_FIELD_WRITE) && rg->flags & REGION_REST)
		return rg->access(vm, rg, (uint32_t)off, (uint32_t)size, write, value);
	if (miss)
		return miss;
	if (rg->access && !(rg->flags & REGION_REST))
		return rg->access(vm, rg, (uint32_t)off, (uint32_t)size, write, value);
	if (write)
		host_store(region_host(rg, off), shift, *value);
	else
		*value = host_load(region_host(rg, off), shift);
	adapt(vm, op, in, rg);
	return MISS_NONE;
}

static bool slow_mem(struct vm *vm, struct op *op)
{
	const struct insn *in = &vm->code->insns[op_slot(vm, op)];
	bool write = OP_CLASS(in->code) != CLASS_LDX;
	int reg = write ? in->dst : in->src;
	uint64_t addr = vm->r[reg] + (uint64_t)(int64_t)in->off;
	uint64_t value = write ? *op->src : 0;
	enum miss miss = access_once(vm, op, in, addr, &value);
	struct fault_access a = { .kind = write ? ACCESS_WRITE : ACCESS_READ,
				  .reg = reg,
				  .off = in->off,
				  .addr = addr,
				  .size = UINT64_C(1) << insn_shift(in->code) };

	if (miss && !write && vm->hooks.bad_read &&
	    vm->hooks.bad_read(vm->hooks.arg, vm, addr, (uint32_t)a.size, &value))
		miss = MISS_NONE;
	if (miss) {
		fault_memory(vm, op, &a, miss);
		return false;
	}
	if (!write)
		*op->dst = extend(value, in);
	return true;
}

op_ret op_slow_mem(OP_ARGS)
{
	vm->left = left;
	if (!slow_mem(vm, op))
		OP_END;
	OP_NEXT(1);
}

/* Contexts and packets never: the kernel's verifier refuses it by the pointer's type. */
static bool has_atomics(const struct region *rg)
{
	return rg->kind != REGION_CTX && rg->kind != REGION_PACKET && rg->kind != REGION_META &&
	       !rg->fields && !rg->access;
}

void *mem_slow_atomic(struct vm *vm, struct op *op, uint32_t size, bool read)
{
	const struct insn *in = &vm->code->insns[op_slot(vm, op)];
	uint64_t addr = vm->r[read ? in->src : in->dst] + (uint64_t)(int64_t)in->off;
	unsigned int access = read ? REGION_READ : REGION_READ | REGION_WRITE;
	struct region *rg;
	uint64_t off;
	enum miss miss = space_check(vm->space, addr, size, access, &rg, &off);
	struct fault_access a = { .kind = ACCESS_ATOMIC,
				  .reg = read ? in->src : in->dst,
				  .off = in->off,
				  .addr = addr,
				  .size = size };

	if (!miss && (addr & (size - 1) || (uintptr_t)region_host(rg, off) & (size - 1)))
		miss = MISS_ALIGN;
	if (!miss && !has_atomics(rg))
		miss = MISS_OPAQUE;
	if (!miss && in->imm == ATOMIC_STORE_REL)
		access = REGION_WRITE;
	if (!miss)
		miss = check_inside(rg, off, size, access);
	if (miss) {
		fault_memory(vm, op, &a, miss);
		return NULL;
	}
	if (region_plain(rg)) {
		uint64_t elem = rg->count ? off >> rg->shift : 0;

		region_use(rg, &vm->code->users[op_slot(vm, op)], op);
		op->lo =
			rg->base + (rg->count ? elem << rg->shift : 0) - (uint64_t)(int64_t)in->off;
		op->lim = rg->len - size + 1;
		op->host = rg->host + elem * rg->host_stride;
	}
	return region_host(rg, off);
}

static void *helper_mem(struct vm *vm, int reg, uint64_t addr, uint64_t len, unsigned int access)
{
	struct fault_access a = { .kind = access & REGION_WRITE ? ACCESS_WRITE : ACCESS_READ,
				  .reg = reg ? reg : -1,
				  .addr = addr,
				  .size = len,

				  .func = vm->call && vm->call->func ? vm->call->func->name
								     : NULL };
	struct region *rg;
	uint64_t off;
	enum miss miss;

	if (vm->stop)
		return NULL;
	if (!len)
		return vm;
	miss = space_check(vm->space, addr, len, access, &rg, &off);
	if (!miss && (rg->fields || rg->access))
		miss = MISS_OPAQUE;
	if (!miss)
		miss = check_inside(rg, off, len, access);
	if (miss) {
		fault_memory(vm, vm->call, &a, miss);
		return NULL;
	}
	return region_host(rg, off);
}

const void *vm_read(struct vm *vm, int reg, uint64_t addr, uint64_t len)
{
	return helper_mem(vm, reg, addr, len, REGION_READ);
}

void *vm_write(struct vm *vm, int reg, uint64_t addr, uint64_t len)
{
	return helper_mem(vm, reg, addr, len, REGION_WRITE);
}

void *vm_update(struct vm *vm, int reg, uint64_t addr, uint64_t len)
{
	return helper_mem(vm, reg, addr, len, REGION_READ | REGION_WRITE);
}

const char *vm_string(struct vm *vm, int reg, uint64_t addr, size_t max)
{
	struct region *rg;
	uint64_t off, room;
	const char *s;

	/* What is missing is the first byte that is, so it is worded by asking for it. */
	if (!vm_read(vm, reg, addr, 1) || space_check(vm->space, addr, 1, REGION_READ, &rg, &off))
		return NULL;
	s = (const char *)region_host(rg, off);
	room = rg->len - (off & rg->mask);
	if (room > max)
		room = max;
	for (uint64_t i = 0; i < room; i++)
		if (!s[i])
			return vm_read(vm, reg, addr, i + 1);
	vm_fail(vm, NULL, "the string at r%d has no end within %zu bytes", reg, (size_t)room);
	return NULL;
}
