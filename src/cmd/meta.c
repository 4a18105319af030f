// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* version. */
#include "cmd/cmds.h"

static const struct out_col version_cols[] = {
	{ "version", "bpfctl", K_STR, "version of bpfctl", 0 },
	OUT_END,
};

static int version_run(struct ctx *ctx, const void *args, struct err *e)
{
	(void)args;
	(void)e;
	out_begin(ctx->out, version_cols, OUT_ONE);
	out_row(ctx->out);
	out_str(ctx->out, "version", BPFCTL_VERSION);
	return 0;
}

const struct cmd cmd_version = {
	.name = "version",
	.brief = "print the version of bpfctl and of the libraries in it",
	.cols = version_cols,
	.shape = OUT_ONE,
	.run = version_run,
};
