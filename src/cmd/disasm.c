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

static int disasm_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct disasm_args *a = args;
	struct disasm_options opts = { .style = (enum disasm_style)a->style,
				       .big_endian = a->endian };
	struct disasm_sink to = { put_text, ctx->out };
	auto_buf struct buf bytes = {};
	int r;

	if (!a->file)
		return err_usage(e, "FILE is missing");
	r = file_read(a->file, FILE_MAX, &bytes, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, disasm_cols, OUT_ROWS);
	return disasm_bytes(a->file, bytes.data, bytes.len, &opts, &to, e);
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
