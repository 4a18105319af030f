// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From a program file to an object that can be loaded. */
#include "cmd/loading.h"

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/source.h"

/* The verifier's log levels: instructions, states, statistics. */
#define LOG_ALL 7

static void say(void *arg, enum sys_level level, const char *text)
{
	const struct ctx *ctx = arg;

	(void)level;
	if (ctx->debug)
		warn(ctx, "libbpf: %s", text);
}

struct object *loading_open(const struct ctx *ctx, const struct loading_args *a, const char *type,
			    struct err *e)
{
	auto_buf struct buf elf = {}, warnings = {};
	struct object_opts opts = {
		.name = a->file,
		.type = type,
		.btf_path = ctx->btf,
		.log_level = ctx->debug ? LOG_ALL : 0,
		.say = say,
		.arg = (void *)(uintptr_t)ctx,
	};
	auto_object struct object *o = NULL;

	if (source_load(a->file, &elf, &warnings, e) < 0)
		return NULL;
	warn_lines(ctx, buf_str(&warnings));
	o = object_open(elf.data, elf.len, &opts, e);
	for (size_t i = 0; o && i < a->set.n; i++)
		if (object_set(o, a->set.v[i], e) < 0)
			return NULL;
	return take_ptr(o);
}
