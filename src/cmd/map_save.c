// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map save, restore. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmds.h"
#include "cmd/entry.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/map_cursor.h"
#include "core/map_image.h"
#include "core/map_restore.h"
#include "core/mem.h"
#include "core/netns.h"
#include "uapi/names.h"

/* ---- save --------------------------------------------------------------------------------- */

struct save_args {
	struct words map;
	const char *file;
	struct spec_args spec;
	bool compact, take;
};

static const struct out_col saved_cols[] = {
	{ "map", "MAP", K_MAP, "first line: what the map is", 0 },
	{ "key", "KEY", K_ANY, "the key by its type", 0 },
	{ "key_hex", "KEY", K_STR, "its bytes, where the type does not tell all of them", 0 },
	{ "value", "VALUE", K_ANY, "the value by its type", 0 },
	{ "values", "VALUES", K_LIST, "per-CPU maps: a value for each CPU", 0 },
	{ "value_hex", "VALUE", K_STR, "the value's bytes", 0 },
	{ "entries", "ENTRIES", K_UINT, "last line: how many there are", 0 },
	OUT_END,
};

static void put_head(struct out *out, const struct map *m)
{
	out_row(out);
	out_map(out, "map");
	out_str(out, "type", uapi_map_type_name(m->info.type) ?: "unknown");
	out_str(out, "name", m->info.name);
	out_uint(out, "bytes_key", m->info.key_size);
	out_uint(out, "bytes_value", m->info.value_size);
	out_uint(out, "max_entries", m->info.max_entries);
	out_uint(out, "flags", m->info.flags);
	if (m->cpus)
		out_uint(out, "cpus", m->cpus);
	out_close(out);
}

/* Padding, unions and the like: what is printed would not give the same bytes. */
static bool tells_all(const struct codec *c, const uint8_t *data, uint32_t size, uint8_t *again)
{
	auto_val struct val v = {};
	struct err ignored = {};

	if (codec_is_uint(c))
		return true;
	memset(again, 0, size);
	return codec_val(c, data, size, &v) == 0 && codec_from_val(c, &v, again, &ignored) == 0 &&
	       memcmp(data, again, size) == 0;
}

static void put_hex(struct out *out, const char *key, const uint8_t *p, size_t n)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < n; i++)
		buf_add_hex(&text, p[i], 2);
	out_strn(out, key, text.data, text.len);
}

static bool values_tell_all(const struct entries *x, const uint8_t *value, uint8_t *again)
{
	bool all = true;

	for (unsigned int cpu = 0; all && cpu < (x->map.cpus ? x->map.cpus : 1); cpu++)
		all = tells_all(x->typed.value, value + cpu * x->map.stride, x->map.info.value_size,
				again);
	return all;
}

static void put_entry(const struct entries *x, struct out *out, const uint8_t *key,
		      const uint8_t *value, uint8_t *again)
{
	uint32_t key_size = x->map.info.key_size, value_size = x->map.info.value_size;

	out_row(out);
	if (x->typed.key && key && tells_all(x->typed.key, key, key_size, again))
		codec_out(x->typed.key, key, key_size, out, "key");
	else if (x->typed.key && key)
		put_hex(out, "key_hex", key, key_size);
	if (!values_tell_all(x, value, again)) {
		put_hex(out, "value_hex", value, x->map.value_len);
	} else if (!x->map.cpus) {
		codec_out(x->typed.value, value, value_size, out, "value");
	} else {
		out_list(out, "values");
		for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++)
			codec_out(x->typed.value, value + cpu * x->map.stride, value_size, out,
				  NULL);
		out_close(out);
	}
}

static void put_tail(struct out *out, size_t n)
{
	out_row(out);
	out_uint(out, "entries", n);
}

/* Entries straight from the map, a batch at a time. */
static int save_walk(struct ctx *ctx, const struct entries *x, struct out *out, size_t *n,
		     bool *changed, struct err *e)
{
	auto_free uint8_t *again = xmalloc(x->map.info.key_size + x->map.info.value_size);
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	char label[64];
	int r = map_cursor_open(&c, &x->map, e);

	map_label(&x->map.info, label);
	while (r == 0 && (r = map_cursor_next(&c, &key, &value, e)) > 0 && !out_error(out)) {
		if (!value)
			return err_code(e, c.value_error, "cannot read an entry of %s", label);
		put_entry(x, out, key, value, again);
		++*n;
		r = 0;
	}
	if (r == 0 && c.cut)
		return err_failed(e, "%s changes faster than it can be read", label);
	info(ctx, "%s was read %s", label, map_cursor_way(&c));
	*changed = c.changed;
	return r;
}

static int save_taken(const struct entries *x, struct out *out, size_t *n, bool take, struct err *e)
{
	auto_free uint8_t *again = xmalloc(x->map.info.value_size);
	auto_map_image struct map_image image = {};
	bool changed;
	int r = map_image_read(&image, &x->map, take, &changed, e);

	for (size_t i = 0; r == 0 && i < image.n; i++)
		put_entry(x, out, NULL, map_image_value(&image, i), again);
	*n = image.n;
	return r;
}

static int save_lines(struct ctx *ctx, const struct entries *x, const struct save_args *a, int fd,
		      size_t *n, bool *changed, struct err *e)
{
	auto_out struct out *out = out_new(fd, OUT_JSONL, false);
	int r;

	out_begin(out, saved_cols, OUT_ROWS);
	put_head(out, &x->map);
	r = map_is_keyless(x->map.info.type) ? save_taken(x, out, n, a->take, e)
					     : save_walk(ctx, x, out, n, changed, e);
	if (r < 0)
		return r;
	put_tail(out, *n);
	return out_end(out, e);
}

static int save_compact(const struct entries *x, const struct save_args *a, size_t *n,
			bool *changed, struct err *e)
{
	auto_map_image struct map_image image = {};
	auto_buf struct buf text = {};
	int r = map_image_read(&image, &x->map, a->take, changed, e);

	if (r == 0) {
		map_image_pack(&image, &text);
		*n = image.n;
		r = buf_error(&text) ? err_code(e, ENOMEM, "cannot save the map")
				     : file_write(a->file ?: "-", text.data, text.len, e);
	}
	return r;
}

static int save_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct save_args *a = args;
	auto_entries struct entries x = ENTRIES_INIT;
	auto_file_new struct file_new file = FILE_NEW_INIT;
	bool changed = false, on_stdout = !a->file || strcmp(a->file, "-") == 0;
	char label[64];
	size_t n = 0;
	int r = entries_open(&x, a->map, &a->spec, e);

	if (r == 0 && a->compact && on_stdout && isatty(STDOUT_FILENO))
		return err_usage(e, "the compact form is not for terminals: name a file");
	if (r == 0 && a->compact)
		r = save_compact(&x, a, &n, &changed, e);
	else if (r == 0 && (r = file_new_open(&file, a->file ?: "-", e)) == 0 &&
		 (r = save_lines(ctx, &x, a, file.fd, &n, &changed, e)) == 0)
		r = file_new_commit(&file, e);
	if (r < 0)
		return r;
	if (changed)
		warn(ctx, "%s was changed while it was read", map_label(&x.map.info, label));
	info(ctx, "%zu entries of %s", n, map_label(&x.map.info, label));
	if (on_stdout)
		out_raw(ctx->out, "", 0); /* the entries are the output */
	return 0;
}

static const struct opt save_opts[] = {
	OPERAND(struct save_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	OPERAND(struct save_args, file, OPT_FILE, "FILE", "standard output when it is left out"),
	FLAG(struct save_args, compact, "compact", 0, "bytes with a checksum, not JSON lines"),
	FLAG(struct save_args, take, "take", 0,
	     "queues and stacks: take everything out and put it back"),
	SPEC_OPTIONS(struct save_args, spec),
	OPT_END,
};

const struct cmd cmd_map_save = {
	.name = "save",
	.brief = "write all entries of a map to a file",
	.doc = "JSON lines that people can read and edit, or with --compact bytes. What `map restore` "
	       "reads back is the same to the last bit. The file appears when it is complete.",
	.opts = save_opts,
	.args_size = sizeof(struct save_args),
	.run = save_run,
};

/* ---- restore ------------------------------------------------------------------------------ */

struct restore_args {
	const char *file;
	struct words map;
	struct spec_args spec;
	bool atomic, clear;
};

struct restoring {
	const struct map *map;
	const struct map_image *image;
	struct restore *how;
	struct err *e;
};

/* Devices of a devmap are those of the namespace in which it is written. */
static int restore_there(void *arg)
{
	const struct restoring *r = arg;

	return map_restore(r->map, r->image, r->how, r->e);
}

static int restore_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct restore_args *a = args;
	struct restore how = { .atomic = a->atomic, .clear = a->clear };
	auto_map_image struct map_image image = {};
	auto_entries struct entries x = ENTRIES_INIT;
	struct restoring there = { &x.map, &image, &how, e };
	auto_buf struct buf text = {};
	char label[64];
	int r = entries_open(&x, a->map, &a->spec, e);

	if (r == 0)
		r = file_read(a->file, FILE_MAX, &text, e);
	if (r == 0)
		r = map_image_parse(&image, &x.typed, text.data, text.len,
				    strcmp(a->file, "-") == 0 ? "standard input" : a->file, e);
	buf_free(&text);
	if (r == 0)
		r = netns_call(ctx->netns, restore_there, &there, e);
	if (r == 0)
		info(ctx, "%zu entries were written to %s %s", how.written,
		     map_label(&x.map.info, label), how.batched ? "in batches" : "one by one");
	return r;
}

static const struct opt restore_opts[] = {
	OPERAND(struct restore_args, file, OPT_FILE, "FILE",
		"what `map save` wrote; - is standard input", .flags = OPT_REQUIRED),
	OPERAND(struct restore_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	FLAG(struct restore_args, atomic, "atomic", 0,
	     "after a failure put the map back to what it was"),
	FLAG(struct restore_args, clear, "clear", 0, "remove the entries that are not in FILE"),
	SPEC_OPTIONS(struct restore_args, spec),
	OPT_END,
};

const struct cmd cmd_map_restore = {
	.name = "restore",
	.brief = "write the entries of a file to a map",
	.doc = "Reads what `map save` wrote, in either form, and lines of `map dump --format jsonl`. "
	       "The whole file is checked before the first entry is written.",
	.opts = restore_opts,
	.args_size = sizeof(struct restore_args),
	.run = restore_run,
};
