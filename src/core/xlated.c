// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loaded programs as text. */
#include "core/xlated.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/isa.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/ksyms.h"
#include "core/mem.h"
#include "core/prog.h"
#include "core/types.h"
#include "uapi/names.h"

#define INSN_CALL 0x85
#define MAX_BTF_ID (1 << 18) /* as the assembler has it: above, a number is an address */

struct xlated {
	struct prog_code code;
	struct insn *insns;
	struct prog_jit jit; /* without functions: the kernel interprets it, or hides them */
	bool is_jited;
	/* NULL: not needed, or hidden from this user */
	struct ksyms *ksyms;
	struct types *vmlinux;
	uint64_t call_base; /* what the numbers of helpers count from; 0: unknown */
};

void xlated_freep(struct xlated **xp)
{
	struct xlated *x = *xp;

	if (!x)
		return;
	prog_code_free(&x->code);
	prog_jit_free(&x->jit);
	ksyms_freep(&x->ksyms);
	types_freep(&x->vmlinux);
	free(x->insns);
	freep(xp);
}

const struct prog_code *xlated_code(const struct xlated *x)
{
	return &x->code;
}

/* ---- names -------------------------------------------------------------------------------- */

static bool is_call(const struct insn *in, unsigned int kind)
{
	return in->code == INSN_CALL && in->src == kind;
}

/* Whether the text takes the kernel's symbols: helpers of UAPI have names anyway. */
static bool needs_ksyms(const struct insn *in)
{
	if (is_call(in, 0))
		return in->imm && !uapi_helper_name((uint32_t)in->imm);
	return is_call(in, PSEUDO_CALL) || is_call(in, PSEUDO_KFUNC_CALL);
}

/* Names make the text better, but it is complete without: what is hidden stays a number. */
static void read_names(struct xlated *x, int fd)
{
	bool ksyms = false, funcs = false;
	struct err ignored = {};

	for (uint32_t i = 0; i < x->code.nr_insns; i++) {
		ksyms |= needs_ksyms(&x->insns[i]);
		funcs |= is_call(&x->insns[i], PSEUDO_CALL);
	}
	if (funcs)
		x->is_jited = prog_jited(fd, &x->jit, &ignored) == 0;
	if (ksyms)
		x->ksyms = ksyms_read(&ignored);
	if (x->ksyms) {
		const struct ksym *base = ksyms_named(x->ksyms, "__bpf_call_base");

		x->call_base = base ? base->addr : 0;
	}
	err_clear(&ignored);
}

/* A kernel function is called by its address or, where that may be too far, by its type. */
static bool needs_vmlinux(const struct xlated *x, const struct insn *in)
{
	return is_call(in, PSEUDO_KFUNC_CALL) && in->imm && !in->off &&
	       !(x->call_base && ksyms_exact(x->ksyms, x->call_base + (uint64_t)in->imm));
}

static void read_vmlinux(struct xlated *x)
{
	struct err ignored = {};

	for (uint32_t i = 0; i < x->code.nr_insns && !x->vmlinux; i++)
		if (needs_vmlinux(x, &x->insns[i]))
			x->vmlinux = types_vmlinux(&ignored);
	err_clear(&ignored);
}

struct xlated *xlated_open(int fd, struct err *e)
{
	auto_xlated struct xlated *x = xcalloc(1, sizeof(*x));

	if (prog_xlated(fd, &x->code, e) < 0)
		return NULL;
	x->insns = xcalloc(x->code.nr_insns, sizeof(*x->insns));
	for (uint32_t i = 0; i < x->code.nr_insns; i++)
		insn_decode(x->code.insns + (size_t)i * INSN_SIZE,
			    __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, &x->insns[i]);
	read_names(x, fd);
	read_vmlinux(x);
	return take_ptr(x);
}

/* The name of what begins so far from where the numbers of helpers count; NULL: unknown. */
static const char *name_at(const struct xlated *x, int32_t distance)
{
	const struct ksym *s = NULL;

	if (x->call_base && distance)
		s = ksyms_exact(x->ksyms, x->call_base + (uint64_t)distance);
	return s ? s->name : NULL;
}

static bool is_uapi_helper(const char *name)
{
	for (size_t i = 0; i < uapi_nr_helpers; i++)
		if (strcmp(uapi_helpers[i].name, name) == 0)
			return true;
	return false;
}

static bool helper(const struct xlated *x, const struct insn *in, struct buf *to)
{
	const char *name = uapi_helper_name((uint32_t)in->imm) ? NULL : name_at(x, in->imm);
	bool looks_like_kfunc = in->imm > 0 && in->imm < MAX_BTF_ID;

	if (!name)
		return false;
	buf_addf(to, "%s%s#%d", looks_like_kfunc && !is_uapi_helper(name) ? "helper " : "", name,
		 in->imm);
	return true;
}

static bool kfunc(const struct xlated *x, const struct insn *in, struct buf *to)
{
	const char *name = in->off ? NULL : name_at(x, in->imm);
	struct type t;

	if (!name && !in->off && x->vmlinux && types_get(x->vmlinux, (uint32_t)in->imm, &t) &&
	    t.kind == T_FUNC)
		name = t.name;
	if (!name)
		return false;
	buf_addf(to, "kfunc %s#%d", name, in->imm);
	return true;
}

bool xlated_callee(const struct xlated *x, const struct insn *in, struct buf *to)
{
	if (is_call(in, 0))
		return helper(x, in, to);
	return is_call(in, PSEUDO_KFUNC_CALL) && kfunc(x, in, to);
}

bool xlated_distance(const struct xlated *x, const struct insn *in, int32_t *distance)
{
	bool is_address = in->code == INSN_LD_IMM64 && in->src == PSEUDO_FUNC;

	if (!is_address && !is_call(in, PSEUDO_CALL))
		return false;
	*distance = is_address || !(x->is_jited || in->off) ? in->imm : in->off;
	return true;
}

/* ---- text --------------------------------------------------------------------------------- */

struct each {
	const struct xlated *x;
	uint32_t func, line; /* the next ones */
	struct buf text, proto;
};

/* `pc+5#bpf_prog_TAG_name`: compiled functions have numbers, and symbols if one may see them. */
static bool name_call(void *arg, size_t at, const struct insn *in, struct buf *b)
{
	const struct xlated *x = ((const struct each *)arg)->x;
	const struct ksym *s = NULL;

	(void)at;
	if (in->src != PSEUDO_CALL)
		return xlated_callee(x, in, b);
	if (!x->is_jited)
		return false;
	if (x->ksyms && (uint32_t)in->imm < x->jit.nr_funcs && x->jit.addrs[in->imm])
		s = ksyms_exact(x->ksyms, x->jit.addrs[in->imm]);
	buf_addf(b, "pc%+d#", in->off);
	if (s)
		buf_adds(b, s->name);
	else
		buf_addf(b, "%d", in->imm);
	return true;
}

/* The loader knows maps by their descriptors, the kernel by their ids. */
static bool name_imm64(void *arg, size_t at, const struct insn in[2], struct buf *b)
{
	(void)arg;
	(void)at;
	switch (in->src) {
	case PSEUDO_MAP_FD:
		buf_addf(b, "map[id:%d]", in->imm);
		return !in[1].imm;
	case PSEUDO_MAP_VALUE:
		buf_addf(b, "map[id:%d][0]+%d", in->imm, in[1].imm);
		return in[1].imm >= 0;
	case PSEUDO_FUNC:
		buf_addf(b, "subprog[%+d]", in->imm);
		return true;
	default:
		return false;
	}
}

/* bpftool passes over what begins at the second slot of a constant; nothing does. */
static void look_up(struct each *each, struct xlated_insn *in)
{
	const struct prog_code *c = &each->x->code;

	each->proto.len = 0;
	while (each->func < c->nr_funcs && c->funcs[each->func].insn < in->at)
		each->func++;
	if (each->func < c->nr_funcs && c->funcs[each->func].insn == in->at)
		types_proto(c->types, c->funcs[each->func++].type, &each->proto);
	in->proto = each->proto.len ? buf_str(&each->proto) : NULL;
	in->line = NULL;
	if (each->line < c->nr_lines && c->lines[each->line].insn <= in->at)
		in->line = &c->lines[each->line++];
}

int xlated_each(const struct xlated *x, enum disasm_style style,
		int (*fn)(void *arg, const struct xlated_insn *in), void *arg, struct err *e)
{
	struct each each = { .x = x };
	const struct isa_names names = { .arg = &each, .call = name_call, .imm64 = name_imm64 };
	int r = 0;

	for (uint32_t at = 0; at < x->code.nr_insns && !r;) {
		struct xlated_insn in = { .at = at,
					  .bytes = x->code.insns + (size_t)at * INSN_SIZE };

		each.text.len = 0;
		in.slots = (uint32_t)insn_print_op(x->insns + at, x->code.nr_insns - at, at,
						   (enum style)style, &names, &each.text);
		in.text = buf_str(&each.text);
		look_up(&each, &in);
		r = buf_error(&each.text) ?: buf_error(&each.proto);
		if (r)
			err_code(e, r, "cannot show the program");
		else
			r = fn(arg, &in);
		at += in.slots;
	}
	buf_free(&each.text);
	buf_free(&each.proto);
	return r;
}
