// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer target: instructions go through the load check and, if it lets them pass, run: as
 * they are, once more on the ways the first run has found, and one by one under the watch.  All
 * three must come to the same end.  The first byte tells raw instructions from ones that are
 * made to be valid more often.
 *
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -DVM_TRAMPOLINE -D_GNU_SOURCE -Isrc
 *	tests/fuzz/fuzz_vm.c src/sim/... src/asm/isa.c src/core/buf.c src/core/mem.c
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/isa.h"
#include "core/buf.h"
#include "core/mem.h"
#include "sim/code.h"
#include "sim/vm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_INSNS 256
#define BYTES 128

struct world {
	struct space *space;
	struct vm *vm;
	struct region *ctx, *fields, *packet, *meta, *value, *values, *rodata, *map, *record;
	struct code *code;
	unsigned int nested;
	_Alignas(8) uint8_t ctx_bytes[BYTES], packet_bytes[BYTES], value_bytes[BYTES],
		record_bytes[32];
};

/* What a run leaves behind. */
struct end {
	int err;
	uint64_t ret, executed;
	struct vm_fault fault;
	uint8_t ctx[BYTES], packet[BYTES], value[BYTES];
};

static struct region *add(struct world *w, enum region_kind kind, unsigned int flags,
			  const char *label, void *host, uint64_t len)
{
	struct region_spec spec = {
		.kind = kind, .flags = flags, .label = label, .host = host, .len = len
	};

	return space_add(w->space, &spec);
}

static enum miss convert(struct vm *vm, struct region *rg, uint32_t off, uint32_t size, bool write,
			 uint64_t *value)
{
	struct world *w = vm->user;
	uint32_t pointer = (uint32_t)(off ? w->packet->base + w->packet->len : w->packet->base);

	(void)rg, (void)size;
	if (!write)
		*value = pointer;
	return MISS_NONE;
}

static void points(struct world *w)
{
	uint64_t at[] = { (w->packet->base + w->packet->len) << 32 | w->packet->base,
			  w->fields->base, w->meta->base, region_elem(w->values, 1),
			  w->rodata->base };

	memcpy(w->ctx_bytes, at, sizeof(at));
}

static uint64_t help_loop(struct vm *vm, uint64_t n, uint64_t func, uint64_t ctx, uint64_t r4,
			  uint64_t r5)
{
	(void)r4, (void)r5;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t args[] = { i, ctx, n }, ret;

		if (vm_call(vm, func, args, n % 4, &ret) || ret)
			return i;
	}
	return n;
}

static uint64_t help_memory(struct vm *vm, uint64_t to, uint64_t from, uint64_t n, uint64_t r4,
			    uint64_t r5)
{
	const void *s = vm_read(vm, 2, from, n & 63);
	void *d = s ? vm_write(vm, 1, to, n & 63) : NULL;

	(void)r4, (void)r5;
	if (d && n & 63)
		memmove(d, s, n & 63);
	return d ? n : 0;
}

static uint64_t help_string(struct vm *vm, uint64_t s, uint64_t max, uint64_t r3, uint64_t r4,
			    uint64_t r5)
{
	const char *text = vm_string(vm, 1, s, max & 31);

	(void)r3, (void)r4, (void)r5;
	return text ? strlen(text) : 0;
}

static uint64_t help_adjust(struct vm *vm, uint64_t how, uint64_t n, uint64_t r3, uint64_t r4,
			    uint64_t r5)
{
	struct world *w = vm->user;

	(void)r3, (void)r4, (void)r5;
	if (how & 1)
		region_renew(w->packet, "help_adjust");
	if (how & 2)
		region_resize(w->packet, w->packet_bytes + 16, n % 64);
	if (how & 4)
		region_set_flags(w->value, n & 1 ? REGION_READ : REGION_READ | REGION_WRITE);
	if (how & 8)
		region_resize(w->meta, w->packet_bytes + 8, n % 9);
	points(w);
	return w->packet->base;
}

static uint64_t help_reserve(struct vm *vm, uint64_t n, uint64_t r2, uint64_t r3, uint64_t r4,
			     uint64_t r5)
{
	struct world *w = vm->user;

	(void)r2, (void)r3, (void)r4, (void)r5;
	if (w->record)
		region_drop(w->record, "submitted");
	w->record =
		n & 1 ? add(w, REGION_RECORD,
			    REGION_READ | REGION_WRITE | REGION_INIT | (n & 2 ? REGION_ALIGN : 0),
			    "record", w->record_bytes, 1 + n % 31)
		      : NULL;
	return w->record ? w->record->base : 0;
}

static uint64_t help_end(struct vm *vm, uint64_t how, uint64_t r2, uint64_t r3, uint64_t r4,
			 uint64_t r5)
{
	struct world *w = vm->user;
	uint64_t ret = 0;

	(void)r2, (void)r3, (void)r4, (void)r5;
	switch (how % 5) {
	case 0:
		vm_exit(vm, r2);
		return 0;
	case 1:
		return vm_fail(vm, NULL, "as you wish");
	case 2:
		return vm_tail_call(vm, w->code);
	case 3:
		if (w->nested++ > 20)
			return 0;
		return vm_run(vm, w->code, w->ctx->base, &ret) ? 1 : ret;
	default:
		return how;
	}
}

static const struct vm_func funcs[] = {
	{ .name = "loop", .fn = help_loop, .nargs = 3 },
	{ .name = "memory", .fn = help_memory, .nargs = 3 },
	{ .name = "string", .fn = help_string, .nargs = 2 },
	{ .name = "adjust", .fn = help_adjust, .nargs = 2 },
	{ .name = "reserve", .fn = help_reserve, .nargs = 1, .or_null = "ringbuf_mem_or_null" },
	{ .name = "end", .fn = help_end, .nargs = 2, .no_result = true },
};

static int helper(void *arg, int32_t id, size_t at, const struct vm_func **func, struct buf *log)
{
	(void)arg, (void)at;
	if (id < 0 || id >= (int)countof(funcs)) {
		buf_addf(log, "invalid func unknown#%d\n", id);
		return -EINVAL;
	}
	*func = &funcs[id];
	return 0;
}

static int imm64(void *arg, const struct insn in[2], size_t at, uint64_t *value, struct buf *log)
{
	struct world *w = arg;

	(void)at, (void)log;
	switch (in->src) {
	case PSEUDO_MAP_VALUE:
		*value = w->value->base + (uint32_t)in[1].imm % 64;
		break;
	case PSEUDO_MAP_IDX_VALUE:
		*value = w->rodata->base;
		break;
	case PSEUDO_BTF_ID:
		*value = region_elem(w->values, (uint32_t)in->imm % 3);
		break;
	default:
		*value = w->map->base;
	}
	return 0;
}

static bool ld_abs(struct vm *vm, int32_t off, uint32_t size, uint64_t *value)
{
	struct world *w = vm->user;

	if (off < 0 || (uint64_t)off + size > w->packet->len)
		return false;
	*value = w->packet->host[off];
	return true;
}

static void make(struct world *w)
{
	static const uint8_t allowed[8] = { FIELD_READ(4), 0, 0, 0,
					    FIELD_READ(4) | FIELD_WRITE(4) };
	static const uint8_t constant[16] = { 1, 0, 0, 0, 'h', 'i', 0 };
	unsigned int rw = REGION_READ | REGION_WRITE;
	struct region_spec fields = { .kind = REGION_CTX,
				      .flags = rw,
				      .label = "fields",
				      .len = 8,
				      .host = w->ctx_bytes,
				      .fields = allowed,
				      .access = convert };
	struct region_spec packet = { .kind = REGION_PACKET,
				      .flags = rw,
				      .label = "packet",
				      .len = 60,
				      .max = 64,
				      .host = w->packet_bytes + 16,
				      .generations = 3 };
	struct region_spec meta = { .kind = REGION_META,
				    .flags = rw,
				    .label = "packet meta",
				    .len = 8,
				    .max = 8,
				    .host = w->packet_bytes + 8 };
	struct region_spec values = { .kind = REGION_VALUE,
				      .flags = rw,
				      .label = "value of map a",
				      .len = 12,
				      .count = 4,
				      .host_stride = 16,
				      .host = w->value_bytes + 64 };

	w->space = space_new();
	w->vm = vm_new(w->space);
	w->vm->user = w;
	vm_set_budget(w->vm, 3000);
	w->ctx = add(w, REGION_CTX, rw, "ctx", w->ctx_bytes, BYTES);
	w->fields = space_add(w->space, &fields);
	w->packet = space_add(w->space, &packet);
	meta.above = w->packet;
	w->meta = space_add(w->space, &meta);
	w->value = add(w, REGION_VALUE, rw, "value of map m", w->value_bytes, 60);
	w->values = space_add(w->space, &values);
	w->rodata = add(w, REGION_RODATA, REGION_READ | REGION_CONST, "rodata",
			(void *)(uintptr_t)constant, sizeof(constant));
	w->map = add(w, REGION_MAP, 0, "map m", NULL, 1);
}

static void run(struct world *w, struct end *e)
{
	memset(w->packet_bytes, 3, sizeof(w->packet_bytes));
	memset(w->value_bytes, 1, sizeof(w->value_bytes));
	memset(w->ctx_bytes, 2, sizeof(w->ctx_bytes));
	region_set_flags(w->value, REGION_READ | REGION_WRITE);
	region_rewind(w->packet);
	region_resize(w->packet, w->packet_bytes + 16, 60);
	region_resize(w->meta, w->packet_bytes + 8, 8);
	w->nested = 0;
	points(w);
	memset(e, 0, sizeof(*e));
	e->err = vm_run(w->vm, w->code, w->ctx->base, &e->ret);
	e->executed = vm_executed(w->vm);
	e->fault = w->vm->fault;
	memcpy(e->ctx, w->ctx_bytes, BYTES);
	memcpy(e->packet, w->packet_bytes, BYTES);
	memcpy(e->value, w->value_bytes, BYTES);
}

static void same(const struct end *a, const struct end *b, const char *what)
{
	/* The record's address differs from run to run, and with it what was made of it. */
	if (a->err == b->err && (a->err || a->ret == b->ret) && a->executed == b->executed &&
	    a->fault.kind == b->fault.kind && a->fault.insn == b->fault.insn &&
	    strcmp(a->fault.text, b->fault.text) == 0 && !memcmp(a->ctx, b->ctx, BYTES) &&
	    !memcmp(a->packet, b->packet, BYTES) && !memcmp(a->value, b->value, BYTES))
		return;
	fprintf(stderr, "%s: %d %llx, %llu insns, %s\nnot: %d %llx, %llu insns, %s\n", what, a->err,
		(unsigned long long)a->ret, (unsigned long long)a->executed, a->fault.text, b->err,
		(unsigned long long)b->ret, (unsigned long long)b->executed, b->fault.text);
	abort();
}

/* Bytes to an instruction that is likelier to be right. */
static struct insn likely_insn(const uint8_t *b, size_t at, size_t n)
{
	static const uint8_t codes[] = {
		0x07, 0x0f, 0x17, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x47, 0x4f, 0x57, 0x5f, 0x67,
		0x6f, 0x77, 0x7f, 0x87, 0x97, 0x9f, 0xa7, 0xaf, 0xb7, 0xbf, 0xc7, 0xcf, 0x04,
		0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x64, 0x74, 0x84,
		0x9c, 0xa4, 0xac, 0xb4, 0xbc, 0xc4, 0xd4, 0xdc, 0xd7, 0x61, 0x69, 0x71, 0x79,
		0x81, 0x89, 0x91, 0x62, 0x6a, 0x72, 0x7a, 0x63, 0x6b, 0x73, 0x7b, 0xc3, 0xdb,
		0x20, 0x30, 0x40, 0x18, 0x05, 0x06, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x45, 0x55,
		0x5d, 0x65, 0x6d, 0xa5, 0xad, 0xb5, 0xc5, 0xd5, 0x16, 0x56, 0x26, 0xa6, 0xe5,
		0x85, 0x85, 0x85, 0x85, 0x95, 0xbf, 0xbf, 0x79, 0x7b, 0x07, 0xb7,
	};
	static const int32_t atomics[] = { 0,	 1,    0x40, 0x41, 0x50,  0x51,
					   0xa0, 0xa1, 0xe1, 0xf1, 0x100, 0x110 };
	struct insn in = { .code = codes[b[0] % sizeof(codes)],
			   .dst = b[1] % 11,
			   .src = (b[1] >> 4) % 11,
			   .off = (int16_t)((int8_t)b[2] * (b[3] & 1 ? 1 : 8)),
			   .imm = (int8_t)b[3] };
	unsigned int class = in.code & 7;

	if (class == BPF_JMP || class == 6) {
		in.off = (int16_t)((int)(b[2] % n) - (int)at);
		if (in.code == 0x06)
			in.imm = in.off, in.off = 0;
		if (in.code == 0x85)
			in.src = b[1] >> 7, in.dst = 0, in.off = 0,
			in.imm = in.src ? (int)(b[2] % n) - (int)at : b[3] % 6;
		if (in.code == 0x95 || in.code == 0xe5 || in.code == 0x05 || in.code == 0x06)
			in.dst = in.src = 0, in.imm = in.code == 0x06 ? in.imm : 0;
	} else if (in.code == 0xc3 || in.code == 0xdb) {
		in.imm = atomics[b[3] % countof(atomics)];
	} else if (class == BPF_LDX) {
		in.imm = 0;
	} else if (in.code == 0x18) {
		in.src %= 7;
		if (in.src == PSEUDO_FUNC)
			in.imm = (int)(b[2] % n) - (int)at;
		in.off = 0;
	} else if (class == BPF_ALU || class == BPF_ALU64) {
		in.off = in.code == 0x3f || in.code == 0x9f ? b[2] & 1 : 0;
		if (in.code == 0xbf && b[2] > 250)
			in.off = 8 << b[2] % 3;
	}
	if (class != BPF_LDX && class != BPF_LD && class != BPF_STX && class != BPF_ST &&
	    in.code & 8)
		in.imm = 0;
	else if (class != BPF_LDX && class != BPF_LD && class != BPF_STX && in.code != 0x85)
		in.src = 0;
	if (class == BPF_STX && in.code != 0xc3 && in.code != 0xdb)
		in.imm = 0;
	if ((in.code & 0xf0) == BPF_END && class != BPF_STX && class != BPF_JMP)
		in.src = 0, in.off = 0, in.imm = 16 << b[3] % 3;
	return in;
}

static size_t read_insns(const uint8_t *data, size_t size, struct insn *in)
{
	bool raw = size && data[0] == 0xff;
	size_t step = raw ? 8 : 4, n = size ? (size - 1) / step : 0;

	if (n > MAX_INSNS - 2)
		n = MAX_INSNS - 2;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *b = data + 1 + i * step;

		if (raw)
			insn_decode(b, false, &in[i]);
		else
			in[i] = likely_insn(b, i, n + 2);
		if (!raw && in[i].code == INSN_LD_IMM64 && i + 1 < n) {
			i++;
			in[i] = (struct insn){ .imm = (int8_t)b[3] };
		}
	}
	if (!raw) {
		in[n++] = (struct insn){ .code = 0xb7 };
		in[n++] = (struct insn){ .code = 0x95 };
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct insn in[MAX_INSNS];
	static struct end first, second, third;
	struct world w = { .space = NULL };
	struct code_owner owner = { .arg = &w,
				    .imm64 = imm64,
				    .helper = helper,
				    .ld_abs = ld_abs,
				    .func_info = true,
				    .arena = size & 1 };
	struct buf log = { .data = NULL };
	size_t n = read_insns(data, size, in);
	bool records = false;

	make(&w);
	vm_set_lax_stack(w.vm, size & 2);
	if (!code_load(w.vm, in, n, &owner, &log, &w.code)) {
		for (size_t i = 0; i < n; i++)
			records |= in[i].code == 0x85 && in[i].imm == 4;
		run(&w, &first);
		run(&w, &second);
		if (!records)
			same(&first, &second, "run again");
		if (code_watch(w.code, CODE_COUNT))
			abort();
		run(&w, &third);
		if (!records)
			same(&first, &third, "watched");
		code_free(w.code);
	}
	buf_free(&log);
	vm_free(w.vm);
	space_free(w.space);
	return 0;
}
