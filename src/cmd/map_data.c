// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map dump. */
#include "cmd/cmds.h"
#include "cmd/entry_look.h"
#include "core/err.h"
#include "core/map_cursor.h"
#include "core/mem.h"

struct dump_args {
	struct words map;
	struct spec_args spec;
	struct look_args look;
};

/* Keys and values that are one unsigned number each, typed: nothing has to be asked per entry. */
static bool is_plain(const struct entries *x, const struct out *out)
{
	return out_format(out) != OUT_JSON && x->typed.key && !x->map.cpus &&
	       codec_is_uint(x->typed.key) && codec_is_uint(x->typed.value);
}

static void put_plain(const struct entries *x, struct out *out, const void *key, const void *value)
{
	static const char *const names[] = { "key", "value" };
	const uint64_t v[] = { codec_load_uint(key, x->map.info.key_size),
			       codec_load_uint(value, x->map.info.value_size) };

	out_row_uints(out, names, v, 2);
}

static int dump(struct ctx *ctx, const struct entries *x, struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	bool plain = is_plain(x, ctx->out);
	char label[64];
	int r = map_cursor_open(&c, &x->map, e);

	if (r < 0)
		return r;
	c.empty_slots = out_format(ctx->out) == OUT_JSON;
	out_begin(ctx->out, entry_cols, OUT_ROWS);
	while ((r = map_cursor_next(&c, &key, &value, e)) > 0 && !out_error(ctx->out))
		if (plain && value)
			put_plain(x, ctx->out, key, value);
		else
			entry_put(x, ctx->out, key, value, c.value_error);
	if (c.cut)
		warn(ctx, "the map changes faster than it can be read: not all entries are shown");
	else if (c.changed)
		warn(ctx, "the map was changed while it was read");
	info(ctx, "%s was read %s", map_label(&x->map.info, label), map_cursor_way(&c));
	return r < 0 ? r : 0;
}

static int dump_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct dump_args *a = args;
	auto_entries struct entries x = ENTRIES_INIT;
	int r = entries_open(&x, a->map, &a->spec, e);

	if (r < 0)
		return r;
	if (x.map.info.name[0]) {
		auto_free char *name = xasprintf("bpf_map_%s", x.map.info.name);

		out_set_name(ctx->out, name);
	}
	return look_wanted(&a->look) ? look_dump(ctx, &x, &a->look, e) : dump(ctx, &x, e);
}

static const struct opt dump_opts[] = {
	OPERAND(struct dump_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	SPEC_OPTIONS(struct dump_args, spec),
	LOOK_OPTIONS(struct dump_args, look),
	OPT_END,
};

const struct cmd cmd_map_dump = {
	.name = "dump",
	.brief = "print all entries",
	.doc = "By BTF where the map has it, by --key-spec and --value-spec, else by size: numbers for "
	       "1, 2, 4 and 8 bytes, bytes for others.",
	.opts = dump_opts,
	.cols = entry_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct dump_args),
	.run = dump_run,
};
