// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map lookup, update, incr, delete, getnext. */
#include <errno.h>
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/map_args.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/netns.h"

#define INCR_TRIES 1000 /* against others who make and delete the same key */

/* ---- lookup ------------------------------------------------------------------------------- */

struct lookup_args {
	struct entry_args entry;
	const char *missing;
	bool lock;
};

static int lookup_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct lookup_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	int r = entry_open(&n, &a->entry, e);

	if (r == 0)
		r = entry_key(&n, &a->entry, e);
	if (r == 0)
		r = map_lookup(&n.x.map, n.key, n.value, a->lock ? MAPF_LOCK : 0, e);
	if (r == -ENOENT && a->missing) {
		err_clear(e);
		r = entry_word(&n, a->missing, n.value, e);
	}
	if (r == 0)
		entry_show(&n, ctx->out);
	return r;
}

static const struct opt lookup_opts[] = {
	MAP_OPERAND(struct lookup_args, entry.map),
	KEY_OPERANDS(struct lookup_args, entry),
	KEYWORD(struct lookup_args, lock, OPT_FLAG, "lock", NULL,
		"under the value's bpf_spin_lock"),
	OPTION(struct lookup_args, missing, OPT_STR, "default", 0, "VALUE",
	       "the value to print if there is no such key"),
	SPEC_OPTIONS(struct lookup_args, entry.spec),
	OPT_END,
};

const struct cmd cmd_map_lookup = {
	.name = "lookup",
	.brief = "print the entry of a key",
	.doc = "The key of a local storage map is what the storage belongs to: a process id, a "
	       "socket as PID/FD, the path of a cgroup or a file.",
	.opts = lookup_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct lookup_args),
	.run = lookup_run,
};

/* ---- update ------------------------------------------------------------------------------- */

struct update_args {
	struct entry_args entry;
	const char *if_equals;
	bool any, exist, noexist, lock;
};

struct update {
	const struct update_args *a;
	struct entry *n;
	struct err *e;
};

/* What is there now must be what the user thinks it is. */
static int check_equals(struct entry *n, const struct update_args *a, struct err *e)
{
	size_t len = n->x.map.value_len;
	auto_free char *want = xcalloc(1, len), *have = xcalloc(1, len);
	char label[64];
	int r = entry_word(n, a->if_equals, want, e);

	if (r == 0)
		r = map_lookup(&n->x.map, n->key, have, a->lock ? MAPF_LOCK : 0, e);
	if (r < 0 || memcmp(want, have, len) == 0)
		return r;
	return err_failed(e, "%s has another value for this key than %s: nothing was changed",
			  map_label(&n->x.map.info, label), a->if_equals);
}

/* In the namespace whose devices are meant. */
static int update(void *arg)
{
	const struct update *u = arg;
	const struct update_args *a = u->a;
	uint64_t flags = a->exist ? MAPF_EXIST : a->noexist ? MAPF_NOEXIST : MAPF_ANY;
	int r = entry_key(u->n, &a->entry, u->e);

	if (r == 0)
		r = entry_value(u->n, &a->entry, u->e);
	if (r == 0 && a->if_equals)
		r = check_equals(u->n, a, u->e);
	if (r == 0)
		r = map_update(&u->n->x.map, u->n->key, u->n->value,
			       flags | (a->lock ? MAPF_LOCK : 0), u->e);
	return r;
}

static int update_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct update_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	struct update u = { a, &n, e };
	int r;

	if (a->exist + a->noexist + a->any > 1)
		return err_usage(e, "only one of any, exist and noexist can be given");
	if (a->noexist && a->if_equals)
		return err_usage(e, "noexist and --if-equals exclude each other");
	r = entry_open(&n, &a->entry, e);
	return r < 0 ? r : netns_call(ctx->netns, update, &u, e);
}

static const struct opt update_opts[] = {
	MAP_OPERAND(struct update_args, entry.map),
	KEY_OPERANDS(struct update_args, entry),
	VALUE_OPERANDS(struct update_args, entry),
	KEYWORD(struct update_args, any, OPT_FLAG, "any", NULL, "insert or replace; so without it"),
	KEYWORD(struct update_args, exist, OPT_FLAG, "exist", NULL, "only replace"),
	KEYWORD(struct update_args, noexist, OPT_FLAG, "noexist", NULL, "only insert"),
	KEYWORD(struct update_args, lock, OPT_FLAG, "lock", NULL,
		"under the value's bpf_spin_lock"),
	OPTION(struct update_args, if_equals, OPT_STR, "if-equals", 0, "VALUE",
	       "only replace this value; looks first and then writes, in two steps"),
	SPEC_OPTIONS(struct update_args, entry.spec),
	OPT_END,
};

const struct cmd cmd_map_update = {
	.name = "update",
	.brief = "insert or replace an entry",
	.doc = "Keys and values are written as they are printed: numbers in any base, enum names, "
	       "10.0.0.1, aa:bb:cc:dd:ee:ff, {ip=10.0.0.1,port=80}, \"text\", u32:7, hex:0a0b, or "
	       "bpftool's one byte per word. A number that does not fit is an error. Values of tables "
	       "are handles: a program, a map, a device, a cgroup's path, a socket as PID/FD.",
	.opts = update_opts,
	.args_size = sizeof(struct update_args),
	.run = update_run,
};

/* ---- incr --------------------------------------------------------------------------------- */

struct incr_args {
	struct entry_args entry;
	const char *by, *field, *cpu;
	bool lock;
};

/* Where the number is: 0 and *at, and *c, which the caller drops. */
static int find_number(const struct entry *n, const struct incr_args *a, struct codec **c,
		       uint8_t **at, struct err *e)
{
	const struct map *m = &n->x.map;
	uint64_t cpu = 0;
	uint32_t off = 0;

	if (map_codec_value_is_handle(&n->x.typed))
		return entry_no_number(n, e);
	if (m->cpus && !a->cpu)
		return err_input(e, "every CPU has a value of its own: say which, cpu N");
	if (a->cpu && (opt_number(a->cpu, &cpu) || cpu >= (m->cpus ?: 1)))
		return err_input(e, "the map has no values for a CPU %s", a->cpu);
	*c = codec_field(n->x.typed.value, a->field ?: "", &off, e);
	if (!*c)
		return -EINVAL;
	*at = (uint8_t *)n->value + cpu * m->stride + off;
	return 0;
}

/* A key that is not there starts at 0. */
static int incr(struct entry *n, const struct incr_args *a, struct err *e)
{
	uint64_t lock = a->lock ? MAPF_LOCK : 0;
	auto_codec struct codec *c = NULL;
	uint8_t *at = NULL;
	int r = find_number(n, a, &c, &at, e);

	for (int i = 0; r == 0 && i < INCR_TRIES; i++) {
		uint64_t flags = MAPF_EXIST;

		r = map_lookup(&n->x.map, n->key, n->value, lock, e);
		if (r == -ENOENT) {
			err_clear(e);
			memset(n->value, 0, n->x.map.value_len);
			flags = MAPF_NOEXIST;
			r = 0;
		}
		if (r == 0)
			r = codec_increase(c, at, a->by ?: "1", e);
		if (r < 0)
			return r;
		r = map_update(&n->x.map, n->key, n->value, flags | lock, e);
		if (r != -ENOENT && r != -EEXIST)
			return r;
		err_clear(e);
		r = 0;
	}
	return r ? r : err_failed(e, "the key comes and goes faster than it can be changed");
}

static int incr_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct incr_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	int r = entry_open(&n, &a->entry, e);

	if (r == 0)
		r = entry_key(&n, &a->entry, e);
	if (r == 0)
		r = incr(&n, a, e);
	if (r == 0)
		entry_show(&n, ctx->out);
	return r;
}

static const struct opt incr_opts[] = {
	MAP_OPERAND(struct incr_args, entry.map),
	KEY_OPERANDS(struct incr_args, entry),
	KEYWORD(struct incr_args, by, OPT_STR, "by", "N", "1 without it; may be negative"),
	KEYWORD(struct incr_args, field, OPT_STR, "field", "NAME", "the field of a struct"),
	KEYWORD(struct incr_args, cpu, OPT_STR, "cpu", "N", "of a per-CPU map"),
	KEYWORD(struct incr_args, lock, OPT_FLAG, "lock", NULL, "under the value's bpf_spin_lock"),
	SPEC_OPTIONS(struct incr_args, entry.spec),
	OPT_END,
};

const struct cmd cmd_map_incr = {
	.name = "incr",
	.brief = "add to a number in a map, and print it",
	.doc = "Reads, adds and writes: what a program adds in between is lost. A sum that does not "
	       "fit is an error.",
	.opts = incr_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct incr_args),
	.run = incr_run,
};

/* ---- delete ------------------------------------------------------------------------------- */

static int delete_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	int r = entry_open(&n, a, e);

	(void)ctx;
	if (r == 0)
		r = entry_key(&n, a, e);
	return r < 0 ? r : map_delete(&n.x.map, n.key, e);
}

static const struct opt key_opts[] = {
	MAP_OPERAND(struct entry_args, map),
	OPERAND(struct entry_args, plain_key, OPT_STR, "KEY", "the key, one word"),
	KEYWORD(struct entry_args, key, OPT_WORDS, "key", "DATA", "the key as words"),
	SPEC_OPTIONS(struct entry_args, spec),
	OPT_END,
};

const struct cmd cmd_map_delete = {
	.name = "delete",
	.brief = "remove an entry",
	.opts = key_opts,
	.args_size = sizeof(struct entry_args),
	.run = delete_run,
};

/* ---- getnext ------------------------------------------------------------------------------ */

static const struct out_col next_cols[] = {
	{ "key", "KEY", K_ANY, "the key that was given; null without one", 0 },
	{ "next_key", "NEXT KEY", K_ANY, "the one after it, in the kernel's order", 0 },
	OUT_END,
};

static void put_key(const struct entry *n, struct out *out, const char *name, const void *key)
{
	if (out_format(out) == OUT_JSON)
		out_bytes(out, name, key, n->x.map.info.key_size);
	else
		codec_out(n->x.typed.key, key, n->x.map.info.key_size, out, name);
}

static int getnext_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	auto_free void *next = NULL;
	bool first = !entry_has_key(a);
	char label[64];
	int r = entry_open(&n, a, e);

	if (r == 0 && !first)
		r = entry_key(&n, a, e);
	if (r < 0)
		return r;
	next = xcalloc(1, n.x.map.info.key_size ?: 1);
	r = map_next_key(&n.x.map, first ? NULL : n.key, next, e);
	if (r < 0)
		return r;
	map_label(&n.x.map.info, label);
	if (r == 0)
		return first ? err_absent(e, "%s is empty", label)
			     : err_absent(e, "this is the last key of %s", label);
	out_begin(ctx->out, next_cols, OUT_ONE);
	out_row(ctx->out);
	if (!first)
		put_key(&n, ctx->out, "key", n.key);
	else if (!out_is_text(ctx->out))
		out_null(ctx->out, "key");
	put_key(&n, ctx->out, "next_key", next);
	return 0;
}

const struct cmd cmd_map_getnext = {
	.name = "getnext",
	.brief = "print the key after a key, or the first one",
	.doc = "Of a key that is not there a hash table gives its first one, as the kernel does.",
	.opts = key_opts,
	.cols = next_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct entry_args),
	.run = getnext_run,
};
