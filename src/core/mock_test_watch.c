// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Coverage, traces and reports of faults. */
#include "core/mock_test_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/test_cover.h"
#include "sim/btf.h"
#include "sim/code.h"
#include "sim/fault.h"
#include "sim/kern.h"
#include "sim/prog.h"
#include "sim/vm.h"
#include "sim/world.h"

#define TRACE_MAX (16u << 20) /* bytes of a trace; what comes then is left out */

/* ---- lines -------------------------------------------------------------------------------- */

struct place {
	const char *file, *text;
	uint32_t line;
};

/* The last record at or before the slot; line 0: none. */
static struct place place_of(const struct prog *p, uint32_t slot)
{
	const struct bpf_line_info *lines = p->line_info, *best = NULL;

	for (uint32_t i = 0; p->btf && lines && i < p->nr_line_info; i++)
		if (lines[i].insn_off <= slot)
			best = &lines[i];
	if (!best)
		return (struct place){ "", "", 0 };
	return (struct place){
		.file = btf_name(p->btf, best->file_name_off),
		.text = btf_name(p->btf, best->line_off),
		.line = BPF_LINE_INFO_LINE_NUM(best->line_col),
	};
}

static void print_insn(const struct prog *p, uint32_t slot, struct buf *to)
{
	static const struct isa_names no_names;

	buf_addf(to, "%u: ", slot);
	insn_print_op(&p->insns[slot], p->n - slot, slot, STYLE_KERNEL, &no_names, to);
}

/* ---- faults ------------------------------------------------------------------------------- */

void mock_fault_report(const struct vm_fault *f, struct buf *to)
{
	const struct prog *p = f->code ? code_owner(f->code) : NULL;

	if (p) {
		struct place at = place_of(p, f->insn);

		buf_addf(to, "in %s, ", p->name);
		print_insn(p, f->insn, to);
		buf_addc(to, '\n');
		if (at.line)
			buf_addf(to, "%s:%u: %s\n", at.file, at.line,
				 at.text + strspn(at.text, " \t"));
	}
	if (f->init)
		buf_adds(to, "registers");
	for (unsigned int i = 0; i < 11; i++)
		if (f->init >> i & 1)
			buf_addf(to, " r%u=0x%" PRIx64, i, f->r[i]);
	if (f->init)
		buf_addc(to, '\n');
	if (f->verifier[0])
		buf_addf(to, "the verifier would say: %s\n", f->verifier);
}

/* ---- traces ------------------------------------------------------------------------------- */

/* What the instruction before this one has changed. */
static void say_changes(struct test_mock *m, const struct vm *vm, struct buf *to)
{
	if (!m->said)
		return;
	for (unsigned int i = 0; i < 10; i++)
		if (vm->r[i] != m->regs[i])
			buf_addf(to, "  r%u=0x%" PRIx64, i, vm->r[i]);
	buf_addc(to, '\n');
}

static void trace(void *arg, struct vm *vm, const struct code *code, uint32_t insn)
{
	const struct world *w = arg;
	struct test_mock *m = w->hooks.arg;
	struct buf *to = &m->job->r->trace;

	if (to->len > TRACE_MAX)
		return;
	say_changes(m, vm, to);
	buf_fill(to, ' ', 2 * (size_t)vm->depth);
	print_insn(code_owner(code), insn, to);
	memcpy(m->regs, vm->r, sizeof(m->regs));
	m->said = true;
}

/* ---- coverage ----------------------------------------------------------------------------- */

static bool is_conditional(const struct insn *in)
{
	unsigned int class = in->code & 7, op = in->code & 0xf0;

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_JA && op != BPF_CALL &&
	       op != BPF_EXIT;
}

static void describe(struct cover *c, struct cover_prog *cp, const struct prog *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct place at = place_of(p, i);

		cp->insns[i].file = cover_file(c, at.file);
		cp->insns[i].line = at.line;
		cp->insns[i].branches = is_conditional(&p->insns[i]);
		if (p->insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && i + 1 < p->n)
			cp->insns[++i].file = "";
	}
}

static void count(struct cover *c, const struct prog *p, const char *name)
{
	const uint64_t *executed = code_executed(p->code), *taken = code_taken(p->code);
	struct cover_prog *cp;
	bool is_new;

	if (!executed)
		return;
	cp = cover_prog(c, name, p->n, &is_new);
	if (is_new)
		describe(c, cp, p);
	for (size_t i = 0; i < p->n; i++) {
		cp->insns[i].executed += executed[i];
		cp->insns[i].taken += taken ? taken[i] : 0;
	}
}

/* ---- all programs that a run can come to -------------------------------------------------- */

static int watch_all(struct test_mock *m, unsigned int what)
{
	struct object_prog op;
	int r = 0;

	for (size_t i = 0; i < object_nr_progs(m->job->o) && r == 0; i++) {
		struct prog *p;

		object_prog(m->job->o, i, &op);
		p = op.fd < 0 ? NULL : kern_prog(m->door.kern, op.fd);
		if (p && p->code)
			r = code_watch(p->code, what);
	}
	return r;
}

int mock_watch_begin(struct test_mock *m, struct err *e)
{
	const struct test_opts *o = m->job->opts;
	unsigned int what = (o->cover ? CODE_COUNT : 0) | (o->trace ? CODE_TRACE : 0);

	if (!what)
		return 0;
	if (o->trace)
		kern_world(m->door.kern)->vm->hooks.trace = trace;
	if (watch_all(m, what))
		return err_code(e, ENOMEM, "no memory to watch the program");
	return 0;
}

void mock_watch_end(struct test_mock *m)
{
	struct cover *c = m->job->opts->cover;
	struct object_prog op;

	if (m->said)
		buf_addc(&m->job->r->trace, '\n');
	for (size_t i = 0; c && i < object_nr_progs(m->job->o); i++) {
		const struct prog *p;

		object_prog(m->job->o, i, &op);
		p = op.fd < 0 ? NULL : kern_prog(m->door.kern, op.fd);
		if (p && p->code)
			count(c, p, op.name);
	}
}
