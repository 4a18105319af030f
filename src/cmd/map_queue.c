// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map push, pop, peek: queues and stacks; test: bloom filters. */
#include <errno.h>
#include <poll.h>

#include "cmd/cmds.h"
#include "cmd/map_args.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/until.h"
#include "uapi/names.h"

#define USUAL_INTERVAL 10000000u /* 10 ms between two looks: the kernel wakes nobody */

static int want_keyless(const struct map *m, struct err *e)
{
	char label[64];

	if (map_is_keyless(m->info.type))
		return 0;
	return err_input(e, "%s is of type %s: only queues, stacks and bloom filters have no keys",
			 map_label(&m->info, label), uapi_map_type_name(m->info.type) ?: "unknown");
}

/* ---- push --------------------------------------------------------------------------------- */

struct push_args {
	struct entry_args entry;
	bool force;
};

static int push_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct push_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	int r = entry_open(&n, &a->entry, e);

	(void)ctx;
	if (r == 0)
		r = want_keyless(&n.x.map, e);
	if (r == 0)
		r = entry_value(&n, &a->entry, e);
	if (r == 0)
		r = map_update(&n.x.map, NULL, n.value, a->force ? MAPF_EXIST : MAPF_ANY, e);
	return r;
}

static const struct opt push_opts[] = {
	MAP_OPERAND(struct push_args, entry.map),
	VALUE_OPERANDS(struct push_args, entry),
	OPTION(struct push_args, entry.spec.value_spec, OPT_STR, "value-spec", 0, "SPEC",
	       "type of the value"),
	FLAG(struct push_args, force, "force", 0, "a full one loses its oldest value"),
	OPT_END,
};

const struct cmd cmd_map_push = {
	.name = "push",
	.alias = "enqueue",
	.brief = "add a value to a queue, a stack or a bloom filter",
	.opts = push_opts,
	.args_size = sizeof(struct push_args),
	.run = push_run,
};

/* ---- pop and peek ------------------------------------------------------------------------- */

struct pop_args {
	struct entry_args entry;
	bool wait, follow;
	uint64_t timeout, interval, count;
};

/* One look, or one value taken. */
typedef int look(const struct map *m, const void *key, void *value, struct err *e);

static int take(const struct map *m, const void *key, void *value, struct err *e)
{
	return map_lookup_and_delete(m, key, value, e);
}

static int peek(const struct map *m, const void *key, void *value, struct err *e)
{
	return map_lookup(m, key, value, 0, e);
}

static int pause_until(struct until *u, uint64_t interval)
{
	struct pollfd p = { .fd = until_fd(u), .events = POLLIN };
	uint64_t ms = (interval + 999999) / 1000000;
	int left = until_timeout(u);

	return sys_poll(&p, 1, left >= 0 && (uint64_t)left < ms ? left : (int)ms);
}

/* Looks again and again until there is a value; 1: it is time to end. */
static int wait_for(struct entry *n, look *fn, const struct pop_args *a, struct until *u,
		    struct err *e)
{
	for (;;) {
		int r = fn(&n->x.map, n->key, n->value, e);

		if (r != -ENOENT)
			return r;
		if (until_check(u))
			return 1;
		err_clear(e);
		pause_until(u, a->interval ?: USUAL_INTERVAL);
	}
}

static int follow(struct ctx *ctx, struct entry *n, look *fn, const struct pop_args *a,
		  struct err *e)
{
	auto_until struct until *u = until_new(e);
	int r = 0;

	if (!u)
		return err_class(e, e->class);
	until_set_time(u, a->timeout);
	entry_begin(n, ctx->out, OUT_STREAM);
	for (uint64_t i = 0; !a->count || i < a->count; i++) {
		out_flush(ctx->out);
		r = until_check(u) || out_error(ctx->out) ? 1 : wait_for(n, fn, a, u, e);
		if (r)
			break;
		entry_put(&n->x, ctx->out, n->key, n->value, 0);
	}
	if (r < 0)
		return r;
	err_clear(e);
	return 0;
}

/* One value, waited for; the error is still "empty" when the time is over. */
static int wait_one(struct entry *n, look *fn, const struct pop_args *a, struct err *e)
{
	auto_until struct until *u = until_new(e);
	int r;

	if (!u)
		return err_class(e, e->class);
	until_set_time(u, a->timeout);
	r = wait_for(n, fn, a, u, e);
	return r > 0 ? -ENOENT : r;
}

static int pop_or_peek(struct ctx *ctx, const struct pop_args *a, look *fn, struct err *e)
{
	auto_entry struct entry n = ENTRY_INIT;
	int r = entry_open(&n, &a->entry, e);

	if (r == 0 && !n.key && n.x.map.info.type == UAPI_MAP_bloom_filter)
		r = err_input(e, "nothing can be read from a bloom filter: ask it, map test");
	if (r == 0)
		r = entry_key(&n, &a->entry, e);
	if (r == 0 && a->follow)
		return follow(ctx, &n, fn, a, e);
	if (r == 0)
		r = a->wait || a->timeout ? wait_one(&n, fn, a, e)
					  : fn(&n.x.map, n.key, n.value, e);
	if (r == 0)
		entry_show(&n, ctx->out);
	return r;
}

static int pop_run(struct ctx *ctx, const void *args, struct err *e)
{
	return pop_or_peek(ctx, args, take, e);
}

static int peek_run(struct ctx *ctx, const void *args, struct err *e)
{
	return pop_or_peek(ctx, args, peek, e);
}

#define WAIT_OPTIONS                                                                               \
	FLAG(struct pop_args, wait, "wait", 0, "wait until there is one"),                         \
		OPTION(struct pop_args, timeout, OPT_DURATION, "timeout", 0, "TIME",               \
		       "wait so long at most; then status 6"),                                     \
		OPTION(struct pop_args, interval, OPT_DURATION, "interval", 0, "TIME",             \
		       "between two looks while waiting; 10ms without it"),                        \
		SPEC_OPTIONS(struct pop_args, entry.spec)

static const struct opt pop_opts[] = {
	MAP_OPERAND(struct pop_args, entry.map),
	KEY_OPERANDS(struct pop_args, entry),
	FLAG(struct pop_args, follow, "follow", 0, "go on, value after value, until a signal"),
	OPTION(struct pop_args, count, OPT_U64, "count", 0, "N", "with --follow: end after N"),
	WAIT_OPTIONS,
	OPT_END,
};

static const struct opt peek_opts[] = {
	MAP_OPERAND(struct pop_args, entry.map),
	KEY_OPERANDS(struct pop_args, entry),
	WAIT_OPTIONS,
	OPT_END,
};

const struct cmd cmd_map_pop = {
	.name = "pop",
	.alias = "dequeue",
	.brief = "take a value from a queue or a stack, or an entry from a hash",
	.doc = "With --follow, --timeout ends it with status 0.",
	.opts = pop_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct pop_args),
	.run = pop_run,
};

const struct cmd cmd_map_peek = {
	.name = "peek",
	.brief = "print the value that pop would take",
	.opts = peek_opts,
	.cols = entry_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct pop_args),
	.run = peek_run,
};

/* ---- bloom filters ------------------------------------------------------------------------ */

static const struct out_col test_cols[] = {
	{ "found", "FOUND", K_BOOL, "true: it was added, or looks as if; false: it was not", 0 },
	OUT_END,
};

static int test_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct entry_args *a = args;
	auto_entry struct entry n = ENTRY_INIT;
	char label[64];
	int r = entry_open(&n, a, e);

	if (r == 0 && n.x.map.info.type != UAPI_MAP_bloom_filter)
		r = err_input(e, "%s is no bloom filter", map_label(&n.x.map.info, label));
	if (r == 0)
		r = entry_value(&n, a, e);
	if (r == 0)
		r = map_lookup(&n.x.map, NULL, n.value, 0, e);
	if (r < 0 && r != -ENOENT)
		return r;
	err_clear(e);
	out_begin(ctx->out, test_cols, OUT_ONE);
	out_row(ctx->out);
	out_bool(ctx->out, "found", r == 0);
	ctx->status = r == 0 ? 0 : ERR_ABSENT;
	return 0;
}

static const struct opt test_opts[] = {
	MAP_OPERAND(struct entry_args, map),
	OPERAND(struct entry_args, plain_value, OPT_STR, "VALUE", "the value, one word"),
	KEYWORD(struct entry_args, value, OPT_WORDS, "value", "DATA", "the value as words"),
	OPTION(struct entry_args, spec.value_spec, OPT_STR, "value-spec", 0, "SPEC",
	       "type of the value"),
	OPT_END,
};

const struct cmd cmd_map_test = {
	.name = "test",
	.brief = "ask a bloom filter for a value: exit status 0 if it may be there, else 6",
	.opts = test_opts,
	.cols = test_cols,
	.shape = OUT_ONE,
	.args_size = sizeof(struct entry_args),
	.run = test_run,
};
