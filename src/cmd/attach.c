// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* attach KIND TARGET prog REF: a loaded program to where it shall run. */
#include <errno.h>

#include "cmd/cmds.h"
#include "cmd/stream.h"
#include "core/attach.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/mem.h"
#include "core/opt.h"

struct attach_args {
	const char *target, *pin, *cookie;
	struct words prog;
	struct stream_args stream;
};

static const struct out_col attach_cols[] = {
	{ "target", "TARGET", K_STR, "where it is attached", 0 },
	{ "pinned", "PINNED", K_STR, "the link that keeps it", OUT_IF_ANY },
	OUT_END,
};

static int hold(struct ctx *ctx, const struct attach_args *a, struct until *until, struct err *e)
{
	int r = stream_ready(&a->stream, until, e);

	out_flush(ctx->out);
	if (r == 0 && !until_wait(until, e))
		r = -EIO;
	ctx->status = until_status(until);
	return r;
}

static int attach_to(const char *name, struct ctx *ctx, const struct attach_args *a, struct err *e)
{
	struct attach_opts opts = { .netns = ctx->netns, .nomount = ctx->nomount };
	const struct attach_kind *kind = attach_kind(name, e);
	auto_until struct until *until = stream_begin(&a->stream, e);
	auto_attachment struct attachment at = ATTACHMENT_INIT;
	auto_fd int fd = -1;
	int r;

	if (!kind || !until)
		return -EINVAL;
	if (a->cookie && opt_number(a->cookie, &opts.cookie) < 0)
		return err_usage(e, "--cookie: '%s' is not a number", a->cookie);
	fd = handle_open_words(a->prog.v, a->prog.n, OBJ_PROG, e);
	r = fd < 0 ? fd : attach_prog(kind, fd, a->target, &opts, &at, e);
	if (r == 0 && a->pin)
		r = attachment_pin(&at, a->pin, ctx->nomount, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, attach_cols, OUT_ONE);
	out_row(ctx->out);
	out_str(ctx->out, "target", at.target);
	if (a->pin)
		out_str(ctx->out, "pinned", a->pin);
	return a->pin ? 0 : hold(ctx, a, until, e);
}

/* A command per kind, so that each has its own help. */
#define ATTACH(kind, title, target_, target_help)                                                  \
	static const struct opt kind##_opts[] = {                                                  \
		OPERAND(struct attach_args, target, OPT_STR, target_, target_help,                 \
			.flags = OPT_REQUIRED),                                                    \
		KEYWORD(struct attach_args, prog, OPT_PROG, "prog", "PROG", "the program",         \
			.flags = OPT_REQUIRED),                                                    \
		OPTION(struct attach_args, pin, OPT_PIN, "pin", 0, "PATH",                         \
		       "pin the link and leave; else it lasts as long as bpfctl runs"),            \
		OPTION(struct attach_args, cookie, OPT_STR, "cookie", 0, "N",                      \
		       "what bpf_get_attach_cookie() gives"),                                      \
		STREAM_OPTIONS(struct attach_args, stream),                                        \
		OPT_END,                                                                           \
	};                                                                                         \
	static int kind##_run(struct ctx *ctx, const void *args, struct err *e)                    \
	{                                                                                          \
		return attach_to(#kind, ctx, args, e);                                             \
	}                                                                                          \
	const struct cmd cmd_attach_##kind = {                                                     \
		.name = #kind,                                                                     \
		.brief = "attach a program to " title,                                             \
		.opts = kind##_opts,                                                               \
		.cols = attach_cols,                                                               \
		.shape = OUT_ONE,                                                                  \
		.args_size = sizeof(struct attach_args),                                           \
		.run = kind##_run,                                                                 \
	}

ATTACH(tracepoint, "a tracepoint", "GROUP/NAME", "as below /sys/kernel/tracing/events");
ATTACH(raw_tracepoint, "a raw tracepoint", "NAME", "without the group");
ATTACH(tp_btf, "a tracepoint with typed arguments", "NAME", "the one it was loaded for");
ATTACH(xdp, "a network device, by a link", "DEVICE", "name or index of the device");
ATTACH(tcx_ingress, "what a network device receives", "DEVICE", "name or index of the device");
ATTACH(tcx_egress, "what a network device sends", "DEVICE", "name or index of the device");
