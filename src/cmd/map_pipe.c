// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map event_pipe: the records of a perf event array, as they are. */
#include <errno.h>

#include "cmd/cmds.h"
#include "cmd/stream.h"
#include "core/err.h"
#include "core/event.h"
#include "core/handle.h"
#include "core/map.h"
#include "core/sys.h"

/* The numbers perf gives its records. */
enum { RECORD_LOST = 2, RECORD_SAMPLE = 9 };

struct pipe_args {
	struct words map;
	const char *cpu, *index;
	struct stream_args stream;
};

static const struct out_col pipe_cols[] = {
	{ "type", "TYPE", K_UINT, "9: a record; 2: some were lost", 0 },
	{ "cpu", "CPU", K_UINT, "where it was sent", 0 },
	{ "index", "INDEX", K_UINT, "the element of the map it came through", 0 },
	{ "timestamp", "TIME", K_UINT, "ns of the monotonic clock", 0 },
	{ "data", "DATA", K_ANY, "its bytes", 0 },
	{ "lost", "LOST", K_MAP, "count: how many could not be delivered", OUT_IF_ANY },
	OUT_END,
};

static void put_record(struct out *out, const struct event *ev, const uint32_t *index)
{
	const uint8_t *data = ev->data;

	out_row(out);
	out_uint(out, "type", ev->lost ? RECORD_LOST : RECORD_SAMPLE);
	out_uint(out, "cpu", (uint64_t)ev->cpu);
	out_uint(out, "index", index ? *index : (uint64_t)ev->cpu);
	if (ev->lost) {
		out_map(out, "lost");
		out_uint(out, "count", ev->lost);
		out_close(out);
		return;
	}
	out_uint(out, "timestamp", ev->time);
	if (out_is_text(out)) {
		out_bytes(out, "data", ev->data, ev->len);
		return;
	}
	out_list(out, "data");
	for (size_t i = 0; i < ev->len; i++)
		out_uint(out, NULL, data[i]);
	out_close(out);
}

static int follow(struct ctx *ctx, struct event_reader *r, struct until *until,
		  const struct pipe_args *a, const uint32_t *index, struct err *e)
{
	struct event ev;

	for (uint64_t n = 0;;) {
		int ready;

		while ((!a->stream.count || n < a->stream.count) && event_next(r, &ev)) {
			put_record(ctx->out, &ev, index);
			n += !ev.lost;
		}
		out_flush(ctx->out);
		if ((a->stream.count && n >= a->stream.count) || out_error(ctx->out) ||
		    until_check(until))
			return 0;
		ready = event_wait(r, until_timeout(until), until_fd(until), e);
		if (ready < 0 && ready != -EINTR)
			return ready;
	}
}

/* cpu N index M, both or neither. */
static int one_cpu(const struct pipe_args *a, uint32_t *cpu, uint32_t *index, struct err *e)
{
	uint64_t c, i;

	if (!a->cpu != !a->index)
		return err_usage(e, "cpu and index go together");
	if (!a->cpu)
		return 0;
	if (opt_number(a->cpu, &c) || c >= sys_possible_cpus())
		return err_usage(e, "'%s' is no CPU: they go from 0 to %u", a->cpu,
				 sys_possible_cpus() - 1);
	if (opt_number(a->index, &i) || i > UINT32_MAX)
		return err_usage(e, "'%s' is no index", a->index);
	*cpu = (uint32_t)c;
	*index = (uint32_t)i;
	return 1;
}

static int pipe_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct pipe_args *a = args;
	auto_until struct until *until = stream_begin(&a->stream, e);
	auto_event_reader struct event_reader *reader = event_reader_new(false);
	auto_map struct map m = MAP_INIT;
	uint32_t cpu = 0, index = 0;
	int one = one_cpu(a, &cpu, &index, e), fd, r;

	if (!until || one < 0)
		return err_class(e, e->class);
	fd = handle_open_words(a->map.v, a->map.n, OBJ_MAP, e);
	r = fd < 0 ? fd : map_open(&m, fd, e);
	if (r == 0)
		r = one ? event_add_cpu(reader, &m, (int)cpu, index, e)
			: event_add(reader, &m, 0, e);
	if (r < 0)
		return r;
	out_begin(ctx->out, pipe_cols, OUT_STREAM);
	r = stream_ready(&a->stream, until, e);
	if (r == 0)
		r = follow(ctx, reader, until, a, one ? &index : NULL, e);
	ctx->status = until_status(until);
	return r;
}

static const struct opt pipe_opts[] = {
	OPERAND(struct pipe_args, map, OPT_MAP, "MAP", "a perf event array", .flags = OPT_REQUIRED),
	KEYWORD(struct pipe_args, cpu, OPT_STR, "cpu", "N", "only this CPU"),
	KEYWORD(struct pipe_args, index, OPT_STR, "index", "N",
		"the element of the map its programs send through"),
	COUNT_OPTION(struct pipe_args, stream),
	STREAM_OPTIONS(struct pipe_args, stream),
	OPT_END,
};

const struct cmd cmd_map_event_pipe = {
	.name = "event_pipe",
	.brief = "print the raw records of a perf event array",
	.doc = "By their types, `ringbuf read` prints them.",
	.opts = pipe_opts,
	.cols = pipe_cols,
	.shape = OUT_STREAM,
	.args_size = sizeof(struct pipe_args),
	.run = pipe_run,
};
