// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map lookup, update, delete. */
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/entry.h"
#include "core/err.h"
#include "core/mem.h"

/* A key and a value stand by their places, or behind the words `key` and `value` as in bpftool. */
struct entry_args {
	struct words map;
	struct spec_args spec;
	const char *plain_key, *plain_value;
	struct words key, value;
	bool any, exist, noexist, lock;
};

static struct words given(const char *const *plain, const struct words *named)
{
	if (named->n || !*plain)
		return *named;
	return (struct words){ .v = (char **)(uintptr_t)plain, .n = 1 };
}

#define MAP_OPERAND                                                                                \
	OPERAND(struct entry_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED)
#define KEY_OPERANDS                                                                               \
	OPERAND(struct entry_args, plain_key, OPT_STR, "KEY", "the key, one word"),                \
		KEYWORD(struct entry_args, key, OPT_WORDS, "key", "DATA", "the key as words")

/* Room for a key and a value of an open map, and for the descriptors that they are. */
struct room {
	void *key, *value;
	struct map_fds fds;
};

static void room_free(struct room *r)
{
	freep(&r->key);
	freep(&r->value);
	map_fds_close(&r->fds);
}
#define auto_room __attribute__((cleanup(room_free)))

static struct room room_for(const struct entries *x)
{
	return (struct room){ .key = xcalloc(1, x->map.info.key_size),
			      .value = xcalloc(1, x->map.value_len) };
}

static int parse_key(const struct entries *x, const struct entry_args *a, struct room *room,
		     struct err *e)
{
	struct words words = given(&a->plain_key, &a->key);

	if (x->typed.key && !words.n)
		return err_usage(e, "KEY is missing");
	return map_codec_key(&x->typed, words.v, words.n, room->key, &room->fds, e);
}

static int parse_value(const struct entries *x, const struct entry_args *a, struct room *room,
		       struct err *e)
{
	struct words words = given(&a->plain_value, &a->value);

	if (!words.n)
		return err_usage(e, "VALUE is missing");
	return map_codec_value(&x->typed, words.v, words.n, room->key, room->value, &room->fds, e);
}

static int lookup_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entries struct entries x = ENTRIES_INIT;
	int r = entries_open(&x, a->map, &a->spec, e);

	if (r == 0) {
		auto_room struct room room = room_for(&x);

		r = parse_key(&x, a, &room, e);
		if (r == 0)
			r = map_lookup(&x.map, x.typed.key ? room.key : NULL, room.value, 0, e);
		if (r < 0)
			return r;
		out_begin(ctx->out, entry_cols, OUT_ONE);
		entry_put(&x, ctx->out, room.key, room.value, 0);
	}
	return r;
}

static const struct opt lookup_opts[] = {
	MAP_OPERAND,
	KEY_OPERANDS,
	SPEC_OPTIONS(struct entry_args, spec),
	OPT_END,
};

const struct cmd cmd_map_lookup = {
	.name = "lookup",
	.brief = "print the entry of a key",
	.opts = lookup_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct entry_args),
	.run = lookup_run,
};

static int update_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entries struct entries x = ENTRIES_INIT;
	uint64_t flags = a->exist ? MAPF_EXIST : a->noexist ? MAPF_NOEXIST : MAPF_ANY;
	int r = entries_open(&x, a->map, &a->spec, e);

	(void)ctx;
	if (a->exist + a->noexist + a->any > 1)
		return err_usage(e, "only one of any, exist and noexist can be given");
	if (r == 0) {
		auto_room struct room room = room_for(&x);

		r = parse_key(&x, a, &room, e);
		if (r == 0)
			r = parse_value(&x, a, &room, e);
		if (r == 0)
			r = map_update(&x.map, x.typed.key ? room.key : NULL, room.value,
				       flags | (a->lock ? MAPF_LOCK : 0), e);
	}
	return r;
}

static const struct opt update_opts[] = {
	MAP_OPERAND,
	KEY_OPERANDS,
	OPERAND(struct entry_args, plain_value, OPT_STR, "VALUE", "the value, one word"),
	KEYWORD(struct entry_args, value, OPT_WORDS, "value", "DATA",
		"the value as words; a map or a program for tables of those"),
	KEYWORD(struct entry_args, any, OPT_FLAG, "any", NULL, "insert or replace; so without it"),
	KEYWORD(struct entry_args, exist, OPT_FLAG, "exist", NULL, "only replace"),
	KEYWORD(struct entry_args, noexist, OPT_FLAG, "noexist", NULL, "only insert"),
	KEYWORD(struct entry_args, lock, OPT_FLAG, "lock", NULL, "under the value's bpf_spin_lock"),
	SPEC_OPTIONS(struct entry_args, spec),
	OPT_END,
};

const struct cmd cmd_map_update = {
	.name = "update",
	.brief = "insert or replace an entry",
	.doc = "Keys and values are written as they are printed: numbers in any base, enum names, "
	       "10.0.0.1, aa:bb:cc:dd:ee:ff, {ip=10.0.0.1,port=80}, \"text\", u32:7, hex:0a0b, or "
	       "bpftool's one byte per word. A number that does not fit is an error.",
	.opts = update_opts,
	.args_size = sizeof(struct entry_args),
	.run = update_run,
};

static int delete_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entries struct entries x = ENTRIES_INIT;
	int r = entries_open(&x, a->map, &a->spec, e);

	(void)ctx;
	if (r == 0) {
		auto_room struct room room = room_for(&x);

		r = parse_key(&x, a, &room, e);
		if (r == 0)
			r = map_delete(&x.map, room.key, e);
	}
	return r;
}

const struct cmd cmd_map_delete = {
	.name = "delete",
	.brief = "remove an entry",
	.opts = lookup_opts,
	.args_size = sizeof(struct entry_args),
	.run = delete_run,
};
