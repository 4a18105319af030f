// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* prog run: run a loaded program on test data, without attaching it. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cmd/cmds.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/handle.h"
#include "core/mem.h"
#include "core/prog.h"

#define INPUT_MAX (1u << 20) /* the kernel takes less of everything */

struct run_args {
	struct words prog;
	const char *data_in, *data_out, *ctx_in, *ctx_out;
	struct words data, ctx;
	uint32_t repeat, data_size_out, ctx_size_out;
	const char *expected;
};

static const struct opt run_opts[] = {
	OPERAND(struct run_args, prog, OPT_PROG, "PROG", "the program", .flags = OPT_REQUIRED),
	KEYWORD(struct run_args, data_in, OPT_FILE, "data_in", "FILE",
		"its data, a packet as a rule; - is standard input"),
	KEYWORD(struct run_args, data, OPT_WORDS, "data", "HEX...", "the same as hex digits"),
	KEYWORD(struct run_args, data_out, OPT_FILE, "data_out", "FILE",
		"where the data go afterwards; shown without it or with -"),
	KEYWORD(struct run_args, data_size_out, OPT_U32, "data_size_out", "N",
		"accepted for bpftool's sake; the size is found out"),
	KEYWORD(struct run_args, ctx_in, OPT_FILE, "ctx_in", "FILE", "its context"),
	KEYWORD(struct run_args, ctx, OPT_WORDS, "ctx", "HEX...", "the same as hex digits"),
	KEYWORD(struct run_args, ctx_out, OPT_FILE, "ctx_out", "FILE",
		"where the context goes afterwards; shown without it or with -"),
	KEYWORD(struct run_args, ctx_size_out, OPT_U32, "ctx_size_out", "N",
		"accepted for bpftool's sake"),
	KEYWORD(struct run_args, repeat, OPT_U32, "repeat", "N",
		"run N times; the data are not renewed in between"),
	OPTION(struct run_args, expected, OPT_STR, "expect", 0, "N",
	       "fail unless the program returns N"),
	OPT_END,
};

static const struct out_col run_cols[] = {
	{ "data_out", "DATA", K_LIST, "the data afterwards, a number per byte", 0 },
	{ "ctx_out", "CONTEXT", K_LIST, "the context afterwards, a number per byte", 0 },
	{ "retval", "RETURN VALUE", K_UINT, "what the program returned", 0 },
	{ "duration", "DURATION", K_NS, "nanoseconds of one run, averaged", 0 },
	OUT_END,
};

/* "0a 0b", "0a0b", "0x0a0b": digits in pairs, blanks and a 0x in front do not count. */
static int parse_hex(struct words words, const char *what, struct buf *to, struct err *e)
{
	for (size_t i = 0; i < words.n; i++) {
		const char *s = words.v[i];

		s += s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 2 : 0;
		for (; *s; s += 2) {
			char digits[3] = { s[0], s[1], '\0' };

			if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
				return err_input(e, "%s: '%s' is not pairs of hex digits", what,
						 words.v[i]);
			buf_addc(to, (char)strtoul(digits, NULL, 16));
		}
	}
	return 0;
}

static int read_input(const char *file, struct words words, const char *what, struct buf *to,
		      struct err *e)
{
	if (file && words.n)
		return err_usage(e, "%s is given twice", what);
	if (file)
		return file_read(file, INPUT_MAX, to, e);
	return parse_hex(words, what, to, e);
}

static int put_output(struct out *out, const char *key, const char *file, const struct buf *b,
		      struct err *e)
{
	if (file && strcmp(file, "-") != 0)
		return file_write(file, b->data, b->len, e);
	if (!b->len)
		return 0;
	if (out_is_text(out)) {
		out_bytes(out, key, b->data, b->len);
		return 0;
	}
	out_list(out, key);
	for (size_t i = 0; i < b->len; i++)
		out_uint(out, NULL, (unsigned char)b->data[i]);
	out_close(out);
	return 0;
}

static int check_expected(const char *expected, uint32_t retval, struct err *e)
{
	uint64_t want;

	if (!expected)
		return 0;
	if (opt_number(expected, &want) < 0 || want > UINT32_MAX)
		return err_usage(e, "--expect: '%s' is not a number below 2^32", expected);
	if (want != retval)
		return err_failed(e, "the program returned %u, not %u", retval, (uint32_t)want);
	return 0;
}

static int run_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct run_args *a = args;
	auto_buf struct buf data = {}, context = {}, data_out = {}, ctx_out = {};
	auto_fd int fd = handle_open_words(a->prog.v, a->prog.n, OBJ_PROG, e);
	struct prog_run r = { .repeat = a->repeat, .data_out = &data_out, .ctx_out = &ctx_out };
	int ret;

	if (fd < 0)
		return fd;
	ret = read_input(a->data_in, a->data, "data", &data, e);
	if (ret == 0)
		ret = read_input(a->ctx_in, a->ctx, "ctx", &context, e);
	if (ret < 0)
		return ret;
	r.data = data.data;
	r.data_len = data.len;
	r.want_data = data.len > 0;
	r.ctx = context.data;
	r.ctx_len = context.len;
	r.want_ctx = context.len > 0;
	ret = prog_test_run(fd, &r, e);
	if (ret < 0)
		return ret;
	out_begin(ctx->out, run_cols, OUT_ONE);
	out_row(ctx->out);
	ret = put_output(ctx->out, "data_out", a->data_out, &data_out, e);
	if (ret == 0)
		ret = put_output(ctx->out, "ctx_out", a->ctx_out, &ctx_out, e);
	out_uint(ctx->out, "retval", r.retval);
	out_uint(ctx->out, "duration", r.duration_ns);
	return ret < 0 ? ret : check_expected(a->expected, r.retval, e);
}

const struct cmd cmd_prog_run = {
	.name = "run",
	.brief = "run a loaded program on test data, without attaching it",
	.opts = run_opts,
	.cols = run_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct run_args),
	.run = run_run,
};
