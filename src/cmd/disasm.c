// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* disasm: objects, bare bytes and loaded programs to text. */
#include "core/disasm.h"
#include "cmd/cmds.h"
#include "cmd/styles.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"

struct disasm_args {
	const char *file, *section, *prog_name;
	struct words prog;
	bool raw;
	int style, endian;
};

const struct opt_word disasm_styles[] = {
	{ "kernel", DISASM_KERNEL, "as the verifier and xlated dumps; the default" },
	{ "llvm", DISASM_LLVM, "as llvm-objdump" },
	{ "mnemonic", DISASM_MNEMONIC, "as ubpf and gas" },
	{},
};

static const struct opt_word endians[] = {
	{ "little", 0, "as most machines" },
	{ "big", 1, "as s390x" },
	{},
};

static const struct opt disasm_opts[] = {
	OPERAND(struct disasm_args, file, OPT_FILE, "FILE",
		"an object, or with --raw bytes; - is standard input"),
	KEYWORD(struct disasm_args, prog, OPT_PROG, "prog", "PROG",
		"a loaded program, as the verifier left it"),
	OPTION(struct disasm_args, section, OPT_STR, "section", 0, "NAME",
	       "only this section of the object, and what it needs"),
	OPTION(struct disasm_args, prog_name, OPT_STR, "prog", 0, "NAME",
	       "only this program or function of the object, and what it needs",
	       .excludes = "section"),
	FLAG(struct disasm_args, raw, "raw", 0, "FILE is a bare stream of instructions"),
	OPT_STYLE(struct disasm_args, style),
	OPTION(struct disasm_args, endian, OPT_ENUM, "endian", 0, "ORDER",
	       "byte order of --raw: little or big", .words = endians),
	OPT_END,
};

static const struct out_col disasm_cols[] = {
	{ "line", "LINE", K_LINE, "a line of source", 0 },
	OUT_END,
};

static int put_text(void *arg, const char *text, size_t len)
{
	struct out *out = arg;

	out_lines(out, "line", text, len);
	return out_error(out) ? -out_error(out) : 0;
}

static int disasm_file(const struct disasm_args *a, struct out *out, struct err *e)
{
	struct disasm_options opts = { .style = (enum disasm_style)a->style,
				       .big_endian = a->endian,
				       .section = a->section,
				       .prog = a->prog_name };
	struct disasm_sink to = { put_text, out };
	auto_buf struct buf bytes = {};
	int r = file_read(a->file, FILE_MAX, &bytes, e);

	if (r < 0)
		return r;
	if (a->raw)
		return disasm_bytes(a->file, bytes.data, bytes.len, &opts, &to, e);
	if (!bytes.len)
		return err_input(e, "%s is empty", a->file);
	r = disasm_object(a->file, bytes.data, bytes.len, &opts, &to, e);
	if (r < 0 && e->class == ERR_INPUT && !disasm_is_object(bytes.data, bytes.len))
		err_hint(e, "bytes without headers are read with --raw");
	return r;
}

/* What only makes sense for some kinds of input. */
static int check_args(const struct disasm_args *a, struct err *e)
{
	const char *part = a->section ? "--section" : a->prog_name ? "--prog" : NULL;

	if (a->file && a->prog.n)
		return err_usage(e, "FILE and 'prog' exclude each other");
	if (!a->file && !a->prog.n) {
		err_usage(e, "FILE is missing");
		return err_hint(e, "or name a loaded program: bpfctl disasm prog PROG");
	}
	if (part && (a->raw || a->prog.n))
		return err_usage(e, "%s is for objects", part);
	if (a->raw && a->prog.n)
		return err_usage(e, "--raw is for files");
	return 0;
}

static int disasm_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct disasm_args *a = args;
	int r = check_args(a, e);

	if (r < 0)
		return r;
	out_begin(ctx->out, disasm_cols, OUT_ROWS);
	return a->prog.n ? dump_lines(ctx->out, &a->prog, a->style, e)
			 : disasm_file(a, ctx->out, e);
}

const struct cmd cmd_disasm = {
	.name = "disasm",
	.brief = "print instructions as source",
	.opts = disasm_opts,
	.cols = disasm_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct disasm_args),
	.run = disasm_run,
};
