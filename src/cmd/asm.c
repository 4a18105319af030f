// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* asm build: source text to an object, bytes, arrays, rows. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmds.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/helper.h"
#include "core/mem.h"
#include "core/source.h"

enum emit {
	EMIT_AUTO,
	EMIT_ELF,
	EMIT_BIN,
	EMIT_HEX,
	EMIT_C,
	EMIT_RUST,
	EMIT_GO,
	EMIT_JSON,
	EMIT_LIST
};

struct build_args {
	const char *file, *output, *prog, *btf;
	struct words warn;
	const char *kernel;
	int emit, cpu;
	int endian;
	bool check, expand;
};

static const struct opt_word emits[] = {
	{ "elf", EMIT_ELF, "an object that every loader takes" },
	{ "bin", EMIT_BIN, "the bytes of one program or bare stream" },
	{ "hex", EMIT_HEX, "the same as hex digits, an instruction a line" },
	{ "c", EMIT_C, "an array of struct bpf_insn" },
	{ "rust", EMIT_RUST, "an array of bytes" },
	{ "go", EMIT_GO, "a slice of bytes" },
	{ "json", EMIT_JSON, "rows: fields, text and source line of each instruction" },
	{ "list", EMIT_LIST, "slots, bytes and text beside the source" },
	{},
};

static const struct opt_word cpus[] = {
	{ "v1", 1, "the first instruction set" },
	{ "v2", 2, "with more jumps" },
	{ "v3", 3, "with 32-bit jumps and atomics" },
	{ "v4", 4, "with sign extension, gotol, bswap; the default" },
	{},
};

static const struct opt_word endians[] = {
	{ "little", 0, "as most machines" },
	{ "big", 1, "as s390x" },
	{},
};

static const struct opt build_opts[] = {
	OPERAND(struct build_args, file, OPT_FILE, "FILE", "the source; - is standard input",
		.flags = OPT_REQUIRED),
	OPTION(struct build_args, output, OPT_FILE, "output", 'o', "FILE",
	       "where it goes; else NAME.o for an object, standard output for the rest"),
	OPTION(struct build_args, emit, OPT_ENUM, "emit", 0, "FORM",
	       "elf, bin, hex, c, rust, go, json or list", .words = emits),
	OPTION(struct build_args, prog, OPT_STR, "prog", 0, "NAME",
	       "which program, for forms that hold one"),
	OPTION(struct build_args, cpu, OPT_ENUM, "cpu", 0, "V",
	       "v1 to v4: refuse instructions of a later set", .words = cpus),
	OPTION(struct build_args, endian, OPT_ENUM, "endian", 0, "ORDER",
	       "byte order of the target: little or big", .words = endians),
	OPTION(struct build_args, btf, OPT_FILE, "btf", 0, "FILE",
	       "the kernel's types for T::f; else those of the running one"),
	OPTION(struct build_args, kernel, OPT_STR, "kernel-version", 0, "VERSION",
	       "warn of helpers that this kernel lacks, as 5.10"),
	OPTION(struct build_args, warn, OPT_WORDS, "warn", 'W', "NAME",
	       "no-NAME: not this warning; error=NAME: as an error; error: all", .flags = OPT_MANY),
	FLAG(struct build_args, expand, "expand", 0,
	     "print the source with its programs as plain instructions"),
	FLAG(struct build_args, check, "check", 0, "only report errors and warnings"),
	OPT_END,
};

static const struct out_col build_cols[] = {
	{ "line", "LINE", K_LINE, "text of hex, c, rust, go and list", 0 },
	{ "at", "AT", K_UINT, "slot of the instruction", OUT_JSON_ONLY },
	{ "code", "CODE", K_UINT, "opcode", OUT_JSON_ONLY },
	{ "dst", "DST", K_UINT, "destination register", OUT_JSON_ONLY },
	{ "src", "SRC", K_UINT, "source register", OUT_JSON_ONLY },
	{ "off", "OFF", K_INT, "offset", OUT_JSON_ONLY },
	{ "imm", "IMM", K_INT, "immediate, 64 bits of ld_imm64", OUT_JSON_ONLY },
	{ "text", "TEXT", K_STR, "the instruction in the kernel's words", OUT_JSON_ONLY },
	{ "file", "FILE", K_STR, "source file it was made from", OUT_JSON_ONLY },
	{ "line_num", "LINE", K_UINT, "line in that file", OUT_JSON_ONLY },
	{ "line_col", "COLUMN", K_UINT, "column in that line", OUT_JSON_ONLY },
	OUT_END,
};

static int put_insn(void *arg, const struct source_insn *in)
{
	struct out *out = arg;

	out_row(out);
	out_uint(out, "at", in->at);
	out_uint(out, "code", in->code);
	out_uint(out, "dst", in->dst);
	out_uint(out, "src", in->src);
	out_int(out, "off", in->off);
	out_int(out, "imm", in->imm);
	out_str(out, out_is_text(out) ? "line" : "text", in->text);
	if (!in->file || out_is_text(out))
		return 0;
	out_str(out, "file", in->file);
	out_uint(out, "line_num", in->line);
	out_uint(out, "line_col", in->col);
	return 0;
}

/* Everything but rows, as bytes. */
static int make(struct source *s, const struct build_args *a, enum emit emit, struct buf *to,
		struct err *e)
{
	static const enum source_format formats[] = {
		[EMIT_BIN] = SOURCE_BIN,   [EMIT_HEX] = SOURCE_HEX, [EMIT_C] = SOURCE_C,
		[EMIT_RUST] = SOURCE_RUST, [EMIT_GO] = SOURCE_GO,
	};

	if (a->expand)
		return source_expand(s, to, e);
	if (emit == EMIT_ELF)
		return source_elf(s, to, e);
	if (emit == EMIT_LIST)
		return source_listing(s, to, e);
	return source_image(s, a->prog, formats[emit], to, e);
}

/* port_filter.bpf becomes port_filter.o here, as compilers do it. */
static char *object_name(const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	const char *dot = strrchr(base, '.');
	size_t stem = dot && dot != base ? (size_t)(dot - base) : strlen(base);

	return xasprintf("%.*s.o", (int)stem, base);
}

static int put(struct ctx *ctx, const struct build_args *a, enum emit emit, const struct buf *b,
	       struct err *e)
{
	auto_free char *name = NULL;

	if (a->output)
		return file_write(a->output, b->data, b->len, e);
	if (emit == EMIT_ELF && !a->expand && strcmp(a->file, "-") != 0) {
		name = object_name(a->file);
		if (strcmp(name, a->file) == 0)
			return err_usage(e, "%s would be overwritten: give -o", name);
		return file_write(name, b->data, b->len, e);
	}
	if ((emit == EMIT_ELF || emit == EMIT_BIN) && !a->expand) {
		if (isatty(STDOUT_FILENO))
			return err_usage(e, "bytes do not go to a terminal: give -o");
		out_raw(ctx->out, b->data, b->len);
		return 0;
	}
	out_begin(ctx->out, build_cols, OUT_ROWS);
	out_lines(ctx->out, "line", b->data, b->len);
	return 0;
}

static enum emit choose_emit(const struct build_args *a, const struct source *s)
{
	if (a->emit)
		return (enum emit)a->emit;
	return source_is_object(s) ? EMIT_ELF : EMIT_BIN;
}

static int build_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct build_args *a = args;
	struct source_options opts = { .big_endian = a->endian,
				       .cpu = (unsigned int)a->cpu,
				       .btf = a->btf,
				       .warnings = a->warn.v,
				       .nr_warnings = a->warn.n };
	auto_source struct source *s = NULL;
	auto_buf struct buf b = {};
	enum emit emit;
	int r;

	if (a->kernel) {
		opts.kernel_version = kernel_version(a->kernel);
		if (!opts.kernel_version)
			return err_usage(e, "'%s' is no kernel version, as 5.10 is one", a->kernel);
	}
	s = source_open(a->file, &opts, e);
	if (!s)
		return -EINVAL;
	warn_lines(ctx, source_warnings(s));
	emit = choose_emit(a, s);
	if (emit == EMIT_JSON) {
		out_begin(ctx->out, build_cols, OUT_ROWS);
		return source_each(s, a->prog, put_insn, ctx->out, e);
	}
	r = make(s, a, emit, &b, e);
	return r < 0 || a->check ? r : put(ctx, a, emit, &b, e);
}

const struct cmd cmd_asm_build = {
	.name = "build",
	.brief = "assemble a source file",
	.doc = "A source with programs becomes an object, a source without any is a bare stream of "
	       "instructions and becomes its bytes. All errors of a source are shown in one run; "
	       "nothing is written if there is one.",
	.opts = build_opts,
	.cols = build_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct build_args),
	.run = build_run,
};

/* --- fmt --- */

struct fmt_args {
	const char *file;
	bool in_place, check;
};

static const struct opt fmt_opts[] = {
	OPERAND(struct fmt_args, file, OPT_FILE, "FILE", "the source; else standard input"),
	FLAG(struct fmt_args, in_place, "in-place", 'i', "write it back instead of printing it"),
	FLAG(struct fmt_args, check, "check", 0,
	     "print nothing; exit status 1 if the layout is another"),
	OPT_END,
};

static const struct out_col fmt_cols[] = {
	{ "line", "LINE", K_LINE, "a line of the source", 0 },
	OUT_END,
};

static int fmt_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct fmt_args *a = args;
	const char *file = a->file ? a->file : "-";
	auto_buf struct buf text = {};
	auto_buf struct buf b = {};
	bool same;
	int r = source_format_text(file, &text, &b, e);

	if (r < 0)
		return r;
	same = text.len == b.len && (!b.len || memcmp(text.data, b.data, b.len) == 0);
	if (a->check) {
		ctx->status = !same;
		return 0;
	}
	if (a->in_place && strcmp(file, "-") != 0)
		return same ? 0 : file_write(file, b.data, b.len, e);
	if (a->in_place)
		return err_usage(e, "-i needs a file");
	out_begin(ctx->out, fmt_cols, OUT_ROWS);
	out_lines(ctx->out, "line", b.data, b.len);
	return 0;
}

const struct cmd cmd_asm_fmt = {
	.name = "fmt",
	.brief = "lay a source out in the canonical way",
	.doc = "Indentation, blanks, empty lines and the column of comments change; what is "
	       "assembled does not.",
	.opts = fmt_opts,
	.cols = fmt_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct fmt_args),
	.run = fmt_run,
};
