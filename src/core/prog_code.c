// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The instructions of a loaded program: as verified, and as machine code. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/prog.h"
#include "core/sys.h"
#include "core/types.h"
#include "core/uapi.h"
#include "core/uapi_info.h"

#define MAX_REC 4096 /* bytes of one func_info or line_info record; they have 8 and 16 today */

static int first_info(int fd, struct uapi_prog_info *k, struct err *e)
{
	int r;

	memset(k, 0, sizeof(*k));
	r = sys_info(fd, k, sizeof(*k));
	if (r && r != -ENODEV)
		return err_code(e, r, "cannot ask the kernel about the program");
	if (k->func_info_rec_size > MAX_REC || k->line_info_rec_size > MAX_REC ||
	    (k->nr_func_info && k->func_info_rec_size < sizeof(struct bpf_func_info)) ||
	    (k->nr_line_info && k->line_info_rec_size < sizeof(struct bpf_line_info)))
		return err_failed(e, "the kernel's func_info or line_info records have an "
				     "unknown size");
	return 0;
}

static int ask(int fd, struct uapi_prog_info *k, struct err *e)
{
	int r = sys_info(fd, k, sizeof(*k));

	return r ? err_code(e, r, "cannot read the program's instructions") : 0;
}

static const char *string_at(const struct types *t, uint32_t off)
{
	const char *s = t ? btf__name_by_offset(types_btf(t), off) : NULL;

	return s ? s : "";
}

static void take_funcs(struct prog_code *c, const uint8_t *recs, size_t size, uint32_t n)
{
	c->funcs = xcalloc(n, sizeof(*c->funcs));
	c->nr_funcs = n;
	for (uint32_t i = 0; i < n; i++) {
		struct bpf_func_info f;
		struct type type;

		memcpy(&f, recs + i * size, sizeof(f));
		c->funcs[i] = (struct prog_func){ f.insn_off, f.type_id, "" };
		if (types_get(c->types, f.type_id, &type))
			c->funcs[i].name = type.name;
	}
}

static void take_lines(struct prog_code *c, const uint8_t *recs, size_t size, uint32_t n)
{
	c->lines = xcalloc(n, sizeof(*c->lines));
	c->nr_lines = n;
	for (uint32_t i = 0; i < n; i++) {
		struct bpf_line_info l;

		memcpy(&l, recs + i * size, sizeof(l));
		c->lines[i] = (struct prog_line){
			.insn = l.insn_off,
			.line = BPF_LINE_INFO_LINE_NUM(l.line_col),
			.col = BPF_LINE_INFO_LINE_COL(l.line_col),
			.file = string_at(c->types, l.file_name_off),
			.text = string_at(c->types, l.line_off),
		};
		while (*c->lines[i].text == ' ' || *c->lines[i].text == '\t')
			c->lines[i].text++;
	}
}

int prog_xlated(int fd, struct prog_code *c, struct err *e)
{
	auto_free uint8_t *funcs = NULL, *lines = NULL;
	struct uapi_prog_info first, k = {};
	struct err ignored = {};
	int r = first_info(fd, &first, e);

	if (r)
		return r;
	if (!first.xlated_prog_len)
		return err_worded(e, EPERM, "the kernel does not show this program's instructions");
	c->insns = xmalloc(first.xlated_prog_len);
	k.xlated_prog_insns = attr_ptr(c->insns);
	k.xlated_prog_len = first.xlated_prog_len;
	if (first.btf_id)
		c->types = types_by_id(first.btf_id, &ignored);
	if (c->types) {
		funcs = xcalloc(first.nr_func_info, first.func_info_rec_size);
		lines = xcalloc(first.nr_line_info, first.line_info_rec_size);
		k.func_info = attr_ptr(funcs);
		k.nr_func_info = first.nr_func_info;
		k.func_info_rec_size = first.func_info_rec_size;
		k.line_info = attr_ptr(lines);
		k.nr_line_info = first.nr_line_info;
		k.line_info_rec_size = first.line_info_rec_size;
	}
	r = ask(fd, &k, e);
	if (r)
		return r;
	/* The kernel clears the pointer when this user may not see the instructions. */
	if (!k.xlated_prog_insns)
		return err_worded(e, EPERM, "this user may not see the program's instructions");
	c->nr_insns = first.xlated_prog_len / 8;
	if (!c->types)
		return 0;
	take_funcs(c, funcs, first.func_info_rec_size, first.nr_func_info);
	take_lines(c, lines, first.line_info_rec_size, first.nr_line_info);
	return 0;
}

void prog_code_free(struct prog_code *c)
{
	free(c->insns);
	free(c->funcs);
	free(c->lines);
	types_freep(&c->types);
	memset(c, 0, sizeof(*c));
}

const struct prog_line *prog_line_at(const struct prog_code *c, uint32_t insn)
{
	uint32_t low = 0, high = c->nr_lines;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (c->lines[mid].insn <= insn)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &c->lines[low - 1] : NULL;
}

int prog_jited(int fd, struct prog_jit *j, struct err *e)
{
	struct uapi_prog_info first, k = {};
	int r = first_info(fd, &first, e);

	if (r)
		return r;
	if (!first.jited_prog_len)
		return err_failed(e, "the program has no machine code: the kernel interprets it");
	j->image = xmalloc(first.jited_prog_len);
	j->addrs = xcalloc(first.nr_jited_ksyms, sizeof(*j->addrs));
	j->lens = xcalloc(first.nr_jited_func_lens, sizeof(*j->lens));
	j->line_addrs = xcalloc(first.nr_jited_line_info, sizeof(*j->line_addrs));
	k.jited_prog_insns = attr_ptr(j->image);
	k.jited_prog_len = first.jited_prog_len;
	k.jited_ksyms = attr_ptr(j->addrs);
	k.nr_jited_ksyms = first.nr_jited_ksyms;
	k.jited_func_lens = attr_ptr(j->lens);
	k.nr_jited_func_lens = first.nr_jited_func_lens;
	if (first.jited_line_info_rec_size == sizeof(*j->line_addrs)) {
		k.jited_line_info = attr_ptr(j->line_addrs);
		k.nr_jited_line_info = first.nr_jited_line_info;
		k.jited_line_info_rec_size = first.jited_line_info_rec_size;
		j->nr_lines = first.nr_jited_line_info;
	}
	r = ask(fd, &k, e);
	if (r)
		return r;
	if (!k.jited_prog_insns)
		return err_worded(e, EPERM, "this user may not see the program's machine code");
	j->len = first.jited_prog_len;
	j->nr_funcs = first.nr_jited_func_lens;
	if (first.nr_jited_ksyms < j->nr_funcs)
		j->nr_funcs = first.nr_jited_ksyms;
	return 0;
}

void prog_jit_free(struct prog_jit *j)
{
	free(j->image);
	free(j->addrs);
	free(j->lens);
	free(j->line_addrs);
	memset(j, 0, sizeof(*j));
}
