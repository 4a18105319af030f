// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map match. */
#include "cmd/cmds.h"
#include "cmd/map_args.h"
#include "core/map_lpm.h"

static int match_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	int r = entry_open(&n, a, e);

	if (r == 0)
		r = entry_key(&n, a, e);
	if (r == 0)
		r = map_match(&n.x.map, n.key, n.value, e);
	if (r == 0)
		entry_show(&n, ctx->out);
	return r;
}

static const struct opt match_opts[] = {
	MAP_OPERAND(struct entry_args, map),
	OPERAND(struct entry_args, plain_key, OPT_STR, "ADDRESS", "10.1.2.3, or a prefix"),
	KEYWORD(struct entry_args, key, OPT_WORDS, "key", "DATA", "the key as words"),
	SPEC_OPTIONS(struct entry_args, spec),
	OPT_END,
};

const struct cmd cmd_map_match = {
	.name = "match",
	.brief = "print the entry whose prefix matches an address best",
	.opts = match_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct entry_args),
	.run = match_run,
};
