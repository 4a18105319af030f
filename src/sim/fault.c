// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Faults: what stopped a program, in our words and in the verifier's. */
#include "sim/fault.h"

#include <inttypes.h>
#include <stdarg.h>

#include "core/buf.h"
#include "core/mem.h"
#include "sim/insn.h"
#include "sim/space_priv.h"
#include "sim/vm_priv.h"

static const char *const kind_names[] = {
	[FAULT_NONE] = "none",	   [FAULT_MEMORY] = "memory", [FAULT_REG] = "register",
	[FAULT_BUDGET] = "budget", [FAULT_DEPTH] = "depth",   [FAULT_CALL] = "call",
	[FAULT_CODE] = "code",	   [FAULT_HELPER] = "helper",
};
_Static_assert(countof(kind_names) == FAULT_HELPER + 1, "a name for each kind of fault");

static const char *const miss_names[] = {
	[MISS_NONE] = "none",	       [MISS_NULL] = "null",
	[MISS_WILD] = "wild",	       [MISS_BOUNDS] = "bounds",
	[MISS_STALE] = "stale",	       [MISS_DROPPED] = "dropped",
	[MISS_READONLY] = "readonly",  [MISS_OPAQUE] = "opaque",
	[MISS_FIELD] = "field",	       [MISS_FIELD_WRITE] = "field_readonly",
	[MISS_INIT] = "uninitialised", [MISS_ALIGN] = "misaligned",
};
_Static_assert(countof(miss_names) == MISS_ALIGN + 1, "a name for each kind of miss");

const char *fault_kind_name(enum fault_kind kind)
{
	return (size_t)kind < countof(kind_names) ? kind_names[kind] : "unknown";
}

const char *miss_name(enum miss miss)
{
	return (size_t)miss < countof(miss_names) ? miss_names[miss] : "unknown";
}

/* The state at op, and the end of the run. */
static struct vm_fault *begin(struct vm *vm, const struct op *op, enum fault_kind kind)
{
	struct vm_fault *f = &vm->fault;
	const struct code *c = vm->code;

	*f = (struct vm_fault){ .kind = kind, .code = c, .reg = -1 };
	if (vm->depth > vm->base)
		f->frame = vm->depth - vm->base - 1;
	memcpy(f->r, vm->r, sizeof(f->r));
	if (op && c) {
		f->insn = op_slot(vm, op);
		f->in = c->insns[f->insn];
		f->init = c->must[f->insn] | (c->guards ? vm->init : 0);
	}
	vm->stop = STOP_FAULT;
	return f;
}

static void put(char *to, size_t size, struct buf *b)
{
	snprintf(to, size, "%s", buf_str(b));
}

__attribute__((format(printf, 3, 4))) static void say(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, size, fmt, ap);
	va_end(ap);
}
#define SAY(to, ...) say(to, sizeof(to), __VA_ARGS__)

void fault_raise(struct vm *vm, const struct op *op, enum fault_kind kind, int reg)
{
	struct vm_fault *f = begin(vm, op, kind);

	f->reg = reg;
	switch (kind) {
	case FAULT_REG:
		SAY(f->text, "r%d is read and was never set on the way here", reg);
		SAY(f->verifier, "R%d !read_ok", reg);
		break;
	case FAULT_BUDGET:
		SAY(f->text, "still running after %" PRIu64 " instructions", vm->budget);
		SAY(f->verifier, "BPF program is too large. Processed 1000001 insn");
		break;
	case FAULT_DEPTH:
		SAY(f->text, "more than %d frames", vm->depth < VM_FRAMES ? VM_DEPTH : VM_FRAMES);
		SAY(f->verifier, "the call stack of %d frames is too deep", VM_DEPTH + 1);
		break;
	case FAULT_CALL:
		SAY(f->text, "r%d holds no function of the program", reg);
		SAY(f->verifier, "R%d type=scalar expected=func", reg);
		break;
	default:
		SAY(f->text, "the load check took this instruction for unreachable");
	}
}

/* The type by which the verifier calls a pointer that is no use for access any more. */
static const char *useless(const struct vm *vm, enum miss miss)
{
	const char *or_null = vm->call && vm->call->func ? vm->call->func->or_null : NULL;

	return miss == MISS_NULL && or_null ? or_null : "scalar";
}

static void verifier_stack(struct vm_fault *f, const struct region *rg)
{
	static const char *const way[] = { "read from", "write to", "write to" };
	int64_t off = (int64_t)(f->addr - f->r[10]);

	if (f->miss == MISS_ALIGN)
		SAY(f->verifier, "misaligned stack access off 0+%" PRId64 "+0 size %" PRIu64, off,
		    f->size);
	else if (f->miss == MISS_INIT)
		SAY(f->verifier, "invalid read from stack off %" PRId64 "+0 size %" PRIu64, off,
		    f->size);
	else if (f->miss == MISS_BOUNDS)
		SAY(f->verifier, "invalid %s stack R%d off=%" PRId64 " size=%" PRIu64,
		    f->func ? "indirect access to" : way[f->access], f->reg, off, f->size);
	(void)rg;
}

static void verifier_value(struct vm_fault *f, const struct region *rg, uint64_t off)
{
	if (f->miss == MISS_READONLY)
		SAY(f->verifier,
		    "write into map forbidden, value_size=%" PRIu64 " off=%" PRId64
		    " size=%" PRIu64,
		    rg->len, (int64_t)off, f->size);
	else
		SAY(f->verifier,
		    "invalid access to map value, value_size=%" PRIu64 " off=%" PRId64
		    " size=%" PRIu64,
		    rg->len, (int64_t)off, f->size);
}

static void verifier_packet(struct vm_fault *f, const struct region *rg)
{
	long long off = (long long)(f->addr - rg->base);

	if (f->miss == MISS_READONLY)
		SAY(f->verifier, "cannot write into packet");
	else
		SAY(f->verifier,
		    "invalid access to packet, off=%lld size=%" PRIu64 ", R%d(id=0,off=%lld,r=0)",
		    off, f->size, f->reg, off);
}

/* A guess at the message, from what the region is; "" where the verifier has none. */
static void verifier(const struct vm *vm, struct vm_fault *f, const struct region *rg)
{
	uint64_t at;

	if (f->miss == MISS_OPAQUE && f->access == ACCESS_ATOMIC) {
		SAY(f->verifier, "BPF_ATOMIC stores into R%d %s is not allowed", f->reg,
		    rg->kind == REGION_CTX    ? "ctx"
		    : rg->kind == REGION_META ? "pkt_meta"
					      : "pkt");
		return;
	}
	if (!rg || f->miss == MISS_NULL || f->miss == MISS_STALE || f->miss == MISS_DROPPED ||
	    f->miss == MISS_OPAQUE) {
		if (f->reg >= 0)
			SAY(f->verifier, "R%d invalid mem access '%s'", f->reg,
			    useless(vm, f->miss));
		return;
	}
	at = f->addr - rg->base;
	switch (rg->kind) {
	case REGION_CTX:
		SAY(f->verifier, "invalid bpf_context access off=%" PRId64 " size=%" PRIu64,
		    (int64_t)at, f->size);
		break;
	case REGION_PACKET:
	case REGION_META:
		verifier_packet(f, rg);
		break;
	case REGION_STACK:
		verifier_stack(f, rg);
		break;
	case REGION_VALUE:
	case REGION_RODATA:
		verifier_value(f, rg, rg->count ? at & rg->mask : at);
		break;
	default:
		SAY(f->verifier,
		    "invalid access to memory, mem_size=%" PRIu64 " off=%" PRId64 " size=%" PRIu64,
		    rg->len, (int64_t)at, f->size);
	}
}

static void pointer(struct buf *b, const struct vm_fault *f)
{
	if (f->reg < 0)
		buf_addf(b, " at 0x%" PRIx64, f->addr);
	else if (f->off)
		buf_addf(b, " at r%d%+" PRId64, f->reg, f->off);
	else
		buf_addf(b, " at r%d", f->reg);
}

void fault_memory(struct vm *vm, const struct op *op, const struct fault_access *a, enum miss miss)
{
	static const char *const what[] = { "read", "write", "atomic access" };
	struct vm_fault *f = begin(vm, op, FAULT_MEMORY);
	auto_buf struct buf b = {};

	f->miss = miss;
	f->access = a->kind;
	f->addr = a->addr;
	f->size = a->size;
	f->reg = a->reg;
	f->off = a->off;
	f->func = a->func;
	f->region = miss == MISS_NULL ? NULL : space_near(vm->space, a->addr);
	if (a->func)
		buf_addf(&b, "%s: ", a->func);
	buf_addf(&b, "invalid %s of %" PRIu64 " byte%s", what[a->kind], a->size,
		 a->size == 1 ? "" : "s");
	pointer(&b, f);
	buf_adds(&b, ": ");
	f->distance = space_where(vm->space, a->addr, a->size, miss, &b);
	put(f->text, sizeof(f->text), &b);
	verifier(vm, f, f->region);
}

uint64_t vm_fail(struct vm *vm, const char *said, const char *fmt, ...)
{
	struct vm_fault *f;
	va_list ap;
	int n;

	if (vm->stop)
		return 0;
	f = begin(vm, vm->call, FAULT_HELPER);
	f->func = vm->call && vm->call->func ? vm->call->func->name : NULL;
	n = f->func ? snprintf(f->text, sizeof(f->text), "%s: ", f->func) : 0;
	va_start(ap, fmt);
	vsnprintf(f->text + n, sizeof(f->text) - (size_t)n, fmt, ap);
	va_end(ap);
	SAY(f->verifier, "%s", said ? said : "");
	return 0;
}
