// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map inner: maps of maps. */
#include <errno.h>
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/map_args.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/map_cursor.h"
#include "core/map_make.h"
#include "core/mem.h"
#include "uapi/names.h"

struct inner_args {
	struct entry_args entry;
	const char *shape, *name, *inner_key, *inner_value;
	struct words map;
};

static int want_maps(const struct map *m, struct err *e)
{
	char label[64];

	if (m->info.type == UAPI_MAP_array_of_maps || m->info.type == UAPI_MAP_hash_of_maps)
		return 0;
	return err_input(e, "%s is of type %s: no maps are in it", map_label(&m->info, label),
			 uapi_map_type_name(m->info.type) ?: "unknown");
}

static int open_outer(struct entry *n, const struct inner_args *a, struct err *e)
{
	int r = entry_open(n, &a->entry, e);

	return r < 0 ? r : want_maps(&n->x.map, e);
}

static uint32_t id_in(const void *value)
{
	uint32_t id;

	memcpy(&id, value, sizeof(id));
	return id;
}

/* ---- list --------------------------------------------------------------------------------- */

static const struct out_col list_cols[] = {
	{ "key", "KEY", K_ANY, "the key in the outer map", 0 },
	{ "inner_map_id", "ID", K_UINT, "the map inside", 0 },
	{ "type", "TYPE", K_STR, "its type", 0 },
	{ "name", "NAME", K_STR, "its name", 0 },
	{ "bytes_key", "KEY SIZE", K_UINT, "bytes of its keys", 0 },
	{ "bytes_value", "VALUE SIZE", K_UINT, "bytes of its values", 0 },
	{ "max_entries", "MAX", K_UINT, "most entries", 0 },
	OUT_END,
};

/* A row for the map inside; its other columns stay open if it is gone. */
static void put_inner(const struct entry *n, struct out *out, const void *key, uint32_t id)
{
	auto_map struct map inner = MAP_INIT;
	struct err gone = {};

	out_row(out);
	codec_out(n->x.typed.key, key, n->x.map.info.key_size, out, "key");
	out_uint(out, "inner_map_id", id);
	if (map_open_id(&inner, id, &gone) == 0) {
		out_str(out, "type", uapi_map_type_name(inner.info.type) ?: "unknown");
		if (inner.info.name[0])
			out_str(out, "name", inner.info.name);
		out_uint(out, "bytes_key", inner.info.key_size);
		out_uint(out, "bytes_value", inner.info.value_size);
		out_uint(out, "max_entries", inner.info.max_entries);
	}
	err_clear(&gone);
}

static int list_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_entry struct entry n = ENTRY_INIT;
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	int r = open_outer(&n, args, e);

	if (r == 0)
		r = map_cursor_open(&c, &n.x.map, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, list_cols, OUT_ROWS);
	while ((r = map_cursor_next(&c, &key, &value, e)) > 0 && !out_error(ctx->out))
		if (value && id_in(value))
			put_inner(&n, ctx->out, key, id_in(value));
	return r;
}

/* ---- dump --------------------------------------------------------------------------------- */

static const struct out_col dump_cols[] = {
	{ "key", "KEY", K_ANY, "the key in the outer map", 0 },
	{ "inner_map_id", "ID", K_UINT, "the map inside", 0 },
	{ "entries", "ENTRIES", K_LIST, "its entries: key and value", 0 },
	OUT_END,
};

static int put_entries(struct out *out, uint32_t id, struct err *e)
{
	auto_map_codec struct map_codec typed = {};
	auto_map_cursor struct map_cursor c = {};
	auto_map struct map m = MAP_INIT;
	const void *key, *value;
	int r = map_open_id(&m, id, e);

	if (r == 0)
		r = map_codec_open(&typed, &m, NULL, NULL, CODEC_TYPED, e);
	if (r == 0)
		r = map_cursor_open(&c, &m, e);
	out_list(out, "entries");
	while (r >= 0 && (r = map_cursor_next(&c, &key, &value, e)) > 0) {
		if (!value)
			continue;
		out_map(out, NULL);
		codec_out(typed.key, key, m.info.key_size, out, "key");
		if (m.cpus)
			out_list(out, "values");
		for (unsigned int cpu = 0; cpu < (m.cpus ?: 1); cpu++)
			codec_out(typed.value, (const char *)value + cpu * m.stride,
				  m.info.value_size, out, m.cpus ? NULL : "value");
		if (m.cpus)
			out_close(out);
		out_close(out);
	}
	out_close(out);
	if (r < 0)
		err_clear(e); /* the map has no entries to walk, or is gone */
	return 0;
}

static int dump_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_entry struct entry n = ENTRY_INIT;
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	int r = open_outer(&n, args, e);

	if (r == 0)
		r = map_cursor_open(&c, &n.x.map, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, dump_cols, OUT_ROWS);
	while ((r = map_cursor_next(&c, &key, &value, e)) > 0 && !out_error(ctx->out)) {
		if (!value || !id_in(value))
			continue;
		out_row(ctx->out);
		codec_out(n.x.typed.key, key, n.x.map.info.key_size, ctx->out, "key");
		out_uint(ctx->out, "inner_map_id", id_in(value));
		put_entries(ctx->out, id_in(value), e);
	}
	return r;
}

/* ---- add and del -------------------------------------------------------------------------- */

/* A new one like a map that is inside already. */
static int make_alike(struct map *m, const struct entry *outer, const char *name, struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	auto_map struct map like = MAP_INIT;
	struct map_spec s = { .name = name };
	const void *key, *value = NULL;
	int r = map_cursor_open(&c, &outer->x.map, e);

	while (r >= 0 && (r = map_cursor_next(&c, &key, &value, e)) > 0)
		if (value && id_in(value))
			break;
	if (r <= 0)
		return r < 0 ? r
			     : err_usage(e,
					 "what kind of map? none is inside that could be a model: "
					 "say it as new TYPE:KEY:VALUE:ENTRIES");
	r = map_open_id(&like, id_in(value), e);
	s.type = like.info.type;
	s.key_size = like.info.key_size;
	s.value_size = like.info.value_size;
	s.max_entries = like.info.max_entries;
	s.flags = like.info.flags & ~(1u << 2); /* the node is not told */
	s.map_extra = like.info.map_extra;
	return r < 0 ? r : map_create(m, &s, e);
}

static int inner_map(struct map *m, const struct entry *outer, const struct inner_args *a,
		     struct err *e)
{
	int fd;

	if (a->shape)
		return map_make_short(m, a->shape, e);
	if (!a->map.n)
		return make_alike(m, outer, a->name, e);
	fd = handle_open_words(a->map.v, a->map.n, OBJ_MAP, e);
	return fd < 0 ? fd : map_open(m, fd, e);
}

static int add_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct inner_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	auto_map struct map inner = MAP_INIT;
	uint32_t fd;
	int r;

	if (a->shape && a->map.n)
		return err_usage(e, "`map` and `new` exclude each other");
	r = open_outer(&n, a, e);
	if (r == 0)
		r = entry_key(&n, &a->entry, e);
	if (r == 0)
		r = inner_map(&inner, &n, a, e);
	if (r < 0)
		return r;
	fd = (uint32_t)inner.fd;
	r = map_update(&n.x.map, n.key, &fd, MAPF_ANY, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, list_cols, OUT_ONE);
	put_inner(&n, ctx->out, n.key, inner.info.id);
	return 0;
}

static int del_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct inner_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	int r = open_outer(&n, a, e);

	(void)ctx;
	if (r == 0)
		r = entry_key(&n, &a->entry, e);
	return r < 0 ? r : map_delete(&n.x.map, n.key, e);
}

/* ---- entries of the map inside ------------------------------------------------------------ */

/* Opens the map that a key of the outer one leads to. */
static int open_inner(struct entry *in, const struct inner_args *a, struct err *e)
{
	auto_entry struct entry n = ENTRY_INIT;
	int r = open_outer(&n, a, e);
	char id[16], *word = id;
	struct entry_args inside = { .map = { &word, 1 }, .plain_key = a->inner_key };

	if (r == 0)
		r = entry_key(&n, &a->entry, e);
	if (r == 0)
		r = map_lookup(&n.x.map, n.key, n.value, 0, e);
	if (r < 0)
		return r;
	snprintf(id, sizeof(id), "%u", id_in(n.value));
	r = entry_open(in, &inside, e);
	return r < 0 ? r : entry_key(in, &inside, e);
}

static int lookup_run(struct ctx *ctx, const void *args, struct err *e)
{
	auto_entry struct entry in = ENTRY_INIT;
	int r = open_inner(&in, args, e);

	if (r == 0)
		r = map_lookup(&in.x.map, in.key, in.value, 0, e);
	if (r == 0)
		entry_show(&in, ctx->out);
	return r;
}

static int update_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct inner_args *a = args;
	const struct entry_args inside = { .plain_value = a->inner_value };
	auto_entry struct entry in = ENTRY_INIT;
	int r = open_inner(&in, a, e);

	(void)ctx;
	if (r == 0)
		r = entry_value(&in, &inside, e);
	return r < 0 ? r : map_update(&in.x.map, in.key, in.value, MAPF_ANY, e);
}

/* ---- commands ----------------------------------------------------------------------------- */

#define OUTER                                                                                      \
	OPERAND(struct inner_args, entry.map, OPT_MAP, "MAP", "the map of maps",                   \
		.flags = OPT_REQUIRED)
#define OUTER_KEY                                                                                  \
	OPERAND(struct inner_args, entry.plain_key, OPT_STR, "KEY", "the key in it",               \
		.flags = OPT_REQUIRED)
#define INNER_KEY                                                                                  \
	OPERAND(struct inner_args, inner_key, OPT_STR, "KEY2", "the key in the map inside",        \
		.flags = OPT_REQUIRED)

static const struct opt list_opts[] = {
	OUTER,
	SPEC_OPTIONS(struct inner_args, entry.spec),
	OPT_END,
};
static const struct opt add_opts[] = {
	OUTER,
	OUTER_KEY,
	KEYWORD(struct inner_args, map, OPT_MAP, "map", "MAP", "a map that is there"),
	KEYWORD(struct inner_args, shape, OPT_STR, "new", "TYPE:KEY:VALUE:ENTRIES",
		"a new one; without it, one like those inside"),
	KEYWORD(struct inner_args, name, OPT_STR, "name", "NAME", "of a new one like the others"),
	OPT_END,
};
static const struct opt del_opts[] = { OUTER, OUTER_KEY, OPT_END };
static const struct opt lookup_opts[] = { OUTER, OUTER_KEY, INNER_KEY, OPT_END };
static const struct opt update_opts[] = {
	OUTER,
	OUTER_KEY,
	INNER_KEY,
	OPERAND(struct inner_args, inner_value, OPT_STR, "VALUE", "its value there",
		.flags = OPT_REQUIRED),
	OPT_END,
};

const struct cmd cmd_map_inner_list = {
	.name = "list",
	.brief = "list the maps inside",
	.opts = list_opts,
	.cols = list_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct inner_args),
	.run = list_run,
};

const struct cmd cmd_map_inner_dump = {
	.name = "dump",
	.brief = "print the maps inside with all their entries",
	.opts = list_opts,
	.cols = dump_cols,
	.shape = OUT_ROWS,
	.args_size = sizeof(struct inner_args),
	.run = dump_run,
};

const struct cmd cmd_map_inner_add = {
	.name = "add",
	.brief = "put a map inside, a new one or one that is there",
	.opts = add_opts,
	.cols = list_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct inner_args),
	.run = add_run,
};

const struct cmd cmd_map_inner_del = {
	.name = "del",
	.brief = "take a map out; it goes if nothing else holds it",
	.opts = del_opts,
	.args_size = sizeof(struct inner_args),
	.run = del_run,
};

const struct cmd cmd_map_inner_lookup = {
	.name = "lookup",
	.brief = "print an entry of the map inside",
	.opts = lookup_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct inner_args),
	.run = lookup_run,
};

const struct cmd cmd_map_inner_update = {
	.name = "update",
	.brief = "insert or replace an entry of the map inside",
	.opts = update_opts,
	.args_size = sizeof(struct inner_args),
	.run = update_run,
};
