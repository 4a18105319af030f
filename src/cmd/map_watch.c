// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map watch. */
#include <poll.h>
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/entry.h"
#include "cmd/stream.h"
#include "core/err.h"
#include "core/map_delta.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/tally.h"

enum awaited { AWAIT_NOTHING, AWAIT_EXISTS, AWAIT_CHANGES, AWAIT_GONE };

struct watch_args {
	struct words map, key;
	const char *plain_key, *from;
	struct spec_args spec;
	uint64_t interval;
	int await;
	struct stream_args stream;
};

#define MS 1000000ull

static uint64_t interval(const struct watch_args *a)
{
	return a->interval ? a->interval : a->await ? 10 * MS : 1000 * MS;
}

static const struct out_col watch_cols[] = {
	{ "time", "TIME", K_NS, "nanoseconds since the start", 0 },
	{ "change", "CHANGE", K_STR, "new, gone or changed", 0 },
	{ "key", "KEY", K_ANY, "the key", OUT_LABEL | OUT_BARE },
	{ "value", "VALUE", K_ANY, "the value; per-CPU maps: the sum of all CPUs", 0 },
	{ "delta", "DELTA", K_ANY, "how much more than at the last look, number by number", 0 },
	{ "rate", "PER SECOND", K_ANY, "the same per second", 0 },
	OUT_END,
};

struct watch {
	struct ctx *ctx;
	const struct watch_args *a;
	struct until *until;
	struct entries x;
	void *key; /* NULL: all */
	struct map_fds fds;
	struct snapshot last;
	uint64_t at;	/* of the last look */
	double seconds; /* between the last two */
	uint64_t now, shown;
};

static void watch_free(struct watch *w)
{
	until_freep(&w->until);
	snapshot_free(&w->last);
	map_fds_close(&w->fds);
	free(w->key);
	entries_close(&w->x);
}

/* ---- looking ------------------------------------------------------------------------------ */

static int look(const struct watch *w, struct snapshot *s, struct err *e)
{
	bool changed;

	return w->key ? snapshot_key(s, &w->x.map, w->key, e)
		      : snapshot_take(s, &w->x.map, &changed, e);
}

/* False when it is time to end. */
static bool rest(const struct watch *w, uint64_t ns)
{
	uint64_t end = until_elapsed(w->until) + ns, now;

	while (!until_check(w->until) && (now = until_elapsed(w->until)) < end) {
		struct pollfd p = { .fd = until_fd(w->until), .events = POLLIN };
		uint64_t ms = (end - now + MS - 1) / MS;
		int limit = until_timeout(w->until);

		if (limit >= 0 && (uint64_t)limit < ms)
			ms = (uint64_t)limit;
		sys_poll(&p, 1, ms > 60000 ? 60000 : (int)ms);
	}
	return !until_check(w->until);
}

/* ---- rows --------------------------------------------------------------------------------- */

static struct val value_of(const struct watch *w, const void *key, const void *value)
{
	struct val row = value ? entry_val(&w->x, key, value) : (struct val){}, one = {};
	const struct val *v = val_get(&row, "value"), *values = val_get(&row, "values");

	if (values)
		val_aggregate(values, AGG_SUM, &one);
	else if (v)
		val_copy(&one, v);
	val_drop(&row);
	return one;
}

static bool says_something(const struct val *v)
{
	return v->kind != V_NULL && !(v->kind == V_MAP && !v->seq.n);
}

static int put_change(void *arg, const void *key, const void *old, const void *value)
{
	struct watch *w = arg;
	struct out *out = w->ctx->out;
	auto_val struct val was = value_of(w, key, old), is = value_of(w, key, value);
	auto_val struct val delta = {}, rate = {};

	if (value)
		delta = val_delta(old ? &was : NULL, &is);
	rate = val_rate(&delta, w->seconds);
	out_row(out);
	out_uint(out, "time", w->now);
	out_str(out, "change", !old ? "new" : !value ? "gone" : "changed");
	codec_out(w->x.typed.key, key, w->x.map.info.key_size, out, "key");
	out_val(out, "value", value ? &is : &was);
	if (value && says_something(&delta)) {
		out_val(out, "delta", &delta);
		out_val(out, "rate", &rate);
	}
	w->shown++;
	return (w->a->stream.count && w->shown >= w->a->stream.count) || out_error(out);
}

static int follow(struct watch *w, struct err *e)
{
	bool enough = false;

	while (!enough && rest(w, interval(w->a))) {
		struct snapshot s = {};
		int r = look(w, &s, e);

		if (r) {
			snapshot_free(&s);
			return r;
		}
		w->now = until_elapsed(w->until);
		w->seconds = (double)(w->now - w->at) / 1e9;
		w->at = w->now;
		enough = snapshot_diff(&w->last, &s, put_change, w) != 0;
		snapshot_free(&w->last);
		w->last = s;
		out_flush(w->ctx->out);
		enough |= out_error(w->ctx->out) != 0;
	}
	return 0;
}

/* ---- waiting ------------------------------------------------------------------------------ */

static int differs(void *arg, const void *key, const void *old, const void *value)
{
	(void)arg, (void)key, (void)old, (void)value;
	return 1;
}

/* --from: as if that had been the value at the start. */
static int assume(struct watch *w, struct err *e)
{
	auto_free void *value = xcalloc(1, w->x.map.value_len);
	auto_map_fds struct map_fds fds = {};
	char *word = (char *)(uintptr_t)w->a->from;
	int r = map_codec_value(&w->x.typed, &word, 1, w->key, value, &fds, e);

	if (r)
		return r;
	snapshot_free(&w->last);
	w->last.image.map = &w->x.map;
	w->last.order = xcalloc(1, sizeof(*w->last.order));
	map_image_add(&w->last.image, w->key, value);
	return 0;
}

static bool has_come(const struct watch *w, const struct snapshot *s)
{
	switch (w->a->await) {
	case AWAIT_EXISTS:
		return s->image.n > 0;
	case AWAIT_GONE:
		return s->image.n == 0;
	default:
		return snapshot_diff(&w->last, s, differs, NULL);
	}
}

static int await(struct watch *w, struct err *e)
{
	char label[64];

	out_begin(w->ctx->out, entry_cols, OUT_ONE);
	for (;;) {
		auto_snapshot struct snapshot s = {};
		int r = look(w, &s, e);

		if (r)
			return r;
		if (has_come(w, &s)) {
			if (s.image.n && w->key)
				entry_put(&w->x, w->ctx->out, map_image_key(&s.image, 0),
					  map_image_value(&s.image, 0), 0);
			return 0;
		}
		if (!rest(w, interval(w->a)))
			break;
	}
	if (until_check(w->until) == UNTIL_TIME)
		return err_failed(e, "nothing of that happened in %s within the time",
				  map_label(&w->x.map.info, label));
	if (until_check(w->until) == UNTIL_SIGNAL)
		return err_failed(e, "interrupted before that happened in %s",
				  map_label(&w->x.map.info, label));
	return 0;
}

/* ---- the command -------------------------------------------------------------------------- */

static int read_key(struct watch *w, struct err *e)
{
	const struct watch_args *a = w->a;
	struct words words = a->key;

	if (!words.n && a->plain_key)
		words = (struct words){ .v = (char **)(uintptr_t)&a->plain_key, .n = 1 };
	if (!w->x.typed.key)
		return err_input(e, "a map without keys cannot be watched");
	if (!words.n && (a->await == AWAIT_EXISTS || a->await == AWAIT_GONE))
		return err_usage(e, "KEY is missing: which one is waited for?");
	if (!words.n && a->from)
		return err_usage(e, "--from is the value of a KEY");
	if (!words.n)
		return 0;
	w->key = xcalloc(1, w->x.map.info.key_size);
	return map_codec_key(&w->x.typed, words.v, words.n, w->key, &w->fds, e);
}

static int prepare(struct watch *w, struct err *e)
{
	const struct watch_args *a = w->a;
	int r;

	w->until = stream_begin(&a->stream, e);
	if (!w->until)
		return -1;
	if (a->from && a->await != AWAIT_CHANGES)
		return err_usage(e, "--from goes with --await changes");
	r = entries_open(&w->x, a->map, &a->spec, e);
	if (r == 0)
		r = read_key(w, e);
	if (r == 0)
		r = look(w, &w->last, e);
	if (r == 0 && a->from)
		r = assume(w, e);
	return r;
}

static int watch_run(struct ctx *ctx, const void *args, struct err *e)
{
	__attribute__((
		cleanup(watch_free))) struct watch w = { .ctx = ctx, .a = args, .x = ENTRIES_INIT };
	int r = prepare(&w, e);

	if (r < 0)
		return r;
	w.at = until_elapsed(w.until);
	if (!w.a->await)
		out_begin(ctx->out, watch_cols, OUT_STREAM);
	r = stream_ready(&w.a->stream, w.until, e);
	if (r == 0)
		r = w.a->await ? await(&w, e) : follow(&w, e);
	ctx->status = until_status(w.until);
	return r;
}

static const struct opt_word await_words[] = {
	{ "exists", AWAIT_EXISTS, "until the key is there" },
	{ "changes", AWAIT_CHANGES, "until its value changes, or, without KEY, anything" },
	{ "gone", AWAIT_GONE, "until the key is not there" },
	{},
};

static const struct opt watch_opts[] = {
	OPERAND(struct watch_args, map, OPT_MAP, "MAP", "the map", .flags = OPT_REQUIRED),
	OPERAND(struct watch_args, plain_key, OPT_STR, "KEY", "only this key, one word"),
	KEYWORD(struct watch_args, key, OPT_WORDS, "key", "DATA", "only this key, as words"),
	OPTION(struct watch_args, interval, OPT_DURATION, "interval", 0, "TIME",
	       "between two looks: 1s, with --await 10ms"),
	OPTION(struct watch_args, await, OPT_ENUM, "await", 0, "WHAT",
	       "end with status 0 when it happens, with 1 when --for is over: exists, changes, gone",
	       .words = await_words),
	OPTION(struct watch_args, from, OPT_STR, "from", 0, "VALUE",
	       "with --await changes: end at once if it is not this"),
	SPEC_OPTIONS(struct watch_args, spec),
	COUNT_OPTION(struct watch_args, stream),
	STREAM_OPTIONS(struct watch_args, stream),
	OPT_END,
};

const struct cmd cmd_map_watch = {
	.name = "watch",
	.brief = "print what changes in a map, with rates; wait for a key",
	.doc = "Looks at the map in intervals and prints the entries that are new, gone or changed "
	       "since the last look. With --await it only waits, for scripts.",
	.opts = watch_opts,
	.cols = watch_cols,
	.shape = OUT_STREAM,
	.args_size = sizeof(struct watch_args),
	.run = watch_run,
};
