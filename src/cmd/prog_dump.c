// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* prog dump xlated: the instructions of a loaded program, as the verifier left them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmds.h"
#include "cmd/styles.h"
#include "core/err.h"
#include "core/file.h"
#include "core/handle.h"
#include "core/mem.h"
#include "core/prog.h"
#include "core/xlated.h"

struct xlated_args {
	struct words prog;
	const char *file;
	bool opcodes, linum;
	int style;
};

static const struct opt xlated_opts[] = {
	OPERAND(struct xlated_args, prog, OPT_PROG, "PROG", "the program", .flags = OPT_REQUIRED),
	KEYWORD(struct xlated_args, opcodes, OPT_FLAG, "opcodes", NULL,
		"also the bytes of each instruction"),
	KEYWORD(struct xlated_args, linum, OPT_FLAG, "linum", NULL,
		"also file, line and column of the source"),
	KEYWORD(struct xlated_args, file, OPT_FILE, "file", "FILE",
		"write the bytes to FILE instead; - is standard output"),
	OPT_STYLE(struct xlated_args, style),
	OPT_END,
};

static const struct out_col xlated_cols[] = {
	{ "line", "LINE", K_LINE, "a line of the dump", OUT_TEXT_ONLY },
	{ "proto", "PROTO", K_STR, "prototype of the function that begins here", OUT_JSON_ONLY },
	{ "src", "SOURCE", K_STR, "line of the source that begins here", OUT_JSON_ONLY },
	{ "file", "FILE", K_STR, "its file, with linum", OUT_JSON_ONLY },
	{ "line_num", "LINE", K_UINT, "its number in the file, with linum", OUT_JSON_ONLY },
	{ "line_col", "COLUMN", K_UINT, "where in the line, with linum", OUT_JSON_ONLY },
	{ "disasm", "DISASM", K_STR, "the instruction", OUT_JSON_ONLY },
	{ "opcodes", "OPCODES", K_MAP, "its fields, with opcodes: code, src_reg, dst_reg, off, imm",
	  OUT_JSON_ONLY },
	OUT_END,
};

struct dump {
	struct out *out;
	const struct xlated_args *args;
};

/* Two digits and a blank each, as bpftool prints them. */
static void put_bytes(struct out *out, const struct xlated_insn *in)
{
	char line[6 + 3 * 16 + 1] = "      ", *to = line + 6;

	for (uint32_t i = 0; i < 8 * in->slots; i++) {
		*to++ = ' ';
		*to++ = "0123456789abcdef"[in->bytes[i] >> 4];
		*to++ = "0123456789abcdef"[in->bytes[i] & 15];
	}
	*to = '\0';
	out_row(out);
	out_str(out, "line", line);
}

static void put_source(const struct dump *d, const struct prog_line *l)
{
	out_row(d->out);
	if (d->args->linum)
		out_fmt(d->out, "line", "; %s [file:%s line_num:%u line_col:%u]", l->text, l->file,
			l->line, l->col);
	else
		out_fmt(d->out, "line", "; %s", l->text);
}

static void text_row(const struct dump *d, const struct xlated_insn *in)
{
	if (in->proto) {
		out_row(d->out);
		out_fmt(d->out, "line", "%s:", in->proto);
	}
	if (in->line)
		put_source(d, in->line);
	out_row(d->out);
	out_fmt(d->out, "line", "%4u: %s", in->at, in->text);
	if (d->args->opcodes)
		put_bytes(d->out, in);
}

/* The bytes of a wide instruction's imm go on to its end, as bpftool has them. */
static void put_opcodes(struct out *out, const struct xlated_insn *in)
{
	const uint8_t regs = in->bytes[1];
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	out_map(out, "opcodes");
	out_fmt(out, "code", "0x%02x", in->bytes[0]);
	out_fmt(out, "src_reg", "0x%x", big ? regs & 15 : regs >> 4);
	out_fmt(out, "dst_reg", "0x%x", big ? regs >> 4 : regs & 15);
	out_bytes(out, "off", in->bytes + 2, 2);
	out_bytes(out, "imm", in->bytes + 4, in->slots == 2 ? 12 : 4);
	out_close(out);
}

static void json_row(const struct dump *d, const struct xlated_insn *in)
{
	const struct prog_line *l = in->line;

	out_row(d->out);
	if (in->proto)
		out_str(d->out, "proto", in->proto);
	if (l)
		out_str(d->out, "src", l->text);
	if (l && d->args->linum) {
		out_str(d->out, "file", l->file);
		if (l->line)
			out_uint(d->out, "line_num", l->line);
		if (l->col)
			out_uint(d->out, "line_col", l->col);
	}
	out_str(d->out, "disasm", in->text);
	if (d->args->opcodes)
		put_opcodes(d->out, in);
}

static int put_insn(void *arg, const struct xlated_insn *in)
{
	const struct dump *d = arg;

	if (out_is_text(d->out))
		text_row(d, in);
	else
		json_row(d, in);
	return out_error(d->out) ? -out_error(d->out) : 0;
}

static int put_line(void *arg, const struct xlated_insn *in)
{
	const struct dump *d = arg;

	text_row(d, in);
	return out_error(d->out) ? -out_error(d->out) : 0;
}

int dump_lines(struct out *out, const struct words *prog, int style, struct err *e)
{
	const struct xlated_args plain = { .style = style };
	struct dump d = { out, &plain };
	auto_xlated struct xlated *x = NULL;
	auto_fd int fd = handle_open_words(prog->v, prog->n, OBJ_PROG, e);

	if (fd < 0)
		return fd;
	x = xlated_open(fd, e);
	return x ? xlated_each(x, (enum disasm_style)style, put_line, &d, e) : -EINVAL;
}

static int put_file(struct ctx *ctx, const char *file, const struct prog_code *c, struct err *e)
{
	size_t len = (size_t)c->nr_insns * 8;

	if (strcmp(file, "-") != 0)
		return file_write(file, c->insns, len, e);
	if (isatty(STDOUT_FILENO))
		return err_usage(e, "bytes do not go to a terminal: name a file");
	out_raw(ctx->out, c->insns, len);
	return 0;
}

static int xlated_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct xlated_args *a = args;
	struct dump d = { ctx->out, a };
	auto_xlated struct xlated *x = NULL;
	auto_prog_code struct prog_code code = {};
	auto_fd int fd = handle_open_words(a->prog.v, a->prog.n, OBJ_PROG, e);
	int r;

	if (fd < 0)
		return fd;
	if (a->file && (a->opcodes || a->linum))
		return err_usage(e, "'file' and '%s' exclude each other",
				 a->opcodes ? "opcodes" : "linum");
	if (a->file) {
		r = prog_xlated(fd, &code, e);
		return r < 0 ? r : put_file(ctx, a->file, &code, e);
	}
	x = xlated_open(fd, e);
	if (!x)
		return -EINVAL;
	out_begin(ctx->out, xlated_cols, OUT_ROWS);
	return xlated_each(x, (enum disasm_style)a->style, put_insn, &d, e);
}

const struct cmd cmd_prog_dump_xlated = {
	.name = "xlated",
	.brief = "print a program's instructions as the verifier left them",
	.doc = "The text is that of bpftool, and is source: `bpfctl asm` makes the same bytes of it.",
	.opts = xlated_opts,
	.cols = xlated_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct xlated_args),
	.run = xlated_run,
};
