// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* asm run: bare instructions, run here and now. */
#include <string.h>

#include "cmd/cmds.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/mock_run.h"
#include "core/source.h"

#define PLUGIN_MAX (64u << 20) /* of hex digits */

struct run_args {
	const char *input, *mem, *prog, *program;
	bool plugin, dump;
};

static const struct opt run_opts[] = {
	OPERAND(struct run_args, input, OPT_FILE, "FILE",
		"a source, or with --raw bytes; - is standard input, the default"),
	OPTION(struct run_args, mem, OPT_STR, "mem", 0, "HEX",
	       "memory the program gets: its address in r1, its length in r2"),
	OPTION(struct run_args, prog, OPT_STR, "prog", 0, "NAME",
	       "which program of a source that has several"),
	FLAG(struct run_args, dump, "show-mem", 0, "also print the memory as the program left it"),
	FLAG(struct run_args, plugin, "plugin", 0,
	     "FILE is the memory in hex, standard input the program in hex; as the BPF conformance "
	     "suite calls its plugins"),
	OPTION(struct run_args, program, OPT_STR, "program", 0, "HEX",
	       "with --plugin: the program, instead of standard input"),
	OPT_END,
};

static const struct out_col run_cols[] = {
	{ "line", "LINE", K_LINE, "the result in hex; with --show-mem the memory on another line",
	  0 },
	{ "r0", "R0", K_HEX, "result", OUT_JSON_ONLY },
	{ "mem", "MEM", K_LIST, "bytes of the memory afterwards, with --show-mem", OUT_JSON_ONLY },
	OUT_END,
};

static void put_json(struct out *out, uint64_t r0, const struct buf *mem)
{
	out_begin(out, run_cols, OUT_ONE);
	out_row(out);
	out_hex(out, "r0", r0);
	if (mem)
		out_bytes(out, "mem", mem->data, mem->len);
}

static void put_text(struct out *out, uint64_t r0, bool prefix, const struct buf *mem)
{
	auto_buf struct buf b = {};

	buf_adds(&b, prefix ? "0x" : "");
	buf_add_hex(&b, r0, 1);
	buf_addc(&b, '\n');
	for (size_t i = 0; mem && i < mem->len; i++)
		buf_add_hex(&b, (unsigned char)mem->data[i], 2);
	if (mem)
		buf_addc(&b, '\n');
	out_begin(out, run_cols, OUT_ROWS);
	out_lines(out, "line", b.data, b.len);
}

/* The program's bytes, from wherever they are. */
static int get_program(struct ctx *ctx, const struct run_args *a, struct buf *to, struct err *e)
{
	struct source_options opts = { .cpu = 4 };
	auto_source struct source *s = NULL;
	auto_buf struct buf text = {};
	int r;

	if (a->program)
		return mock_hex("--program", a->program, strlen(a->program), to, e);
	if (a->plugin) {
		r = file_read("-", PLUGIN_MAX, &text, e);
		return r < 0 ? r : mock_hex("the program", text.data, text.len, to, e);
	}
	s = source_open(a->input ? a->input : "-", &opts, e);
	if (!s)
		return -1;
	warn_lines(ctx, source_warnings(s));
	return source_image(s, a->prog, SOURCE_BIN, to, e);
}

static int run_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct run_args *a = args;
	const char *hex = a->plugin ? a->input : a->mem;
	auto_buf struct buf program = {}, mem = {};
	uint64_t r0 = 0;
	int r = hex ? mock_hex("the memory", hex, strlen(hex), &mem, e) : 0;

	if (a->program && !a->plugin)
		return err_usage(e, "--program goes with --plugin");
	if (r >= 0)
		r = get_program(ctx, a, &program, e);
	if (r >= 0)
		r = mock_run_raw(program.data, program.len, mem.data, mem.len, &r0, e);
	if (r < 0)
		return r;
	if (out_is_text(ctx->out))
		put_text(ctx->out, r0, !a->plugin, a->dump ? &mem : NULL);
	else
		put_json(ctx->out, r0, a->dump ? &mem : NULL);
	return 0;
}

const struct cmd cmd_asm_run = {
	.name = "run",
	.brief = "run bare instructions",
	.doc = "Assembles a source without maps (a bare stream, or one of its programs) and runs it in "
	       "the interpreter of the mock kernel, without privileges. The instructions get memory "
	       "instead of a context, and may call helpers that need neither maps nor a context. "
	       "What a program does wrong ends the run with a message that says what, where, and "
	       "what the registers held.",
	.opts = run_opts,
	.cols = run_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct run_args),
	.run = run_run,
};
