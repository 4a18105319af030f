// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* run: load a program file, attach everything, show what it sends, leave nothing behind. */
#include <errno.h>
#include <string.h>

#include "cmd/cmds.h"
#include "cmd/keep.h"
#include "cmd/loading.h"
#include "cmd/records.h"
#include "core/attach.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/map_codec.h"
#include "core/map_cursor.h"
#include "core/mem.h"
#include "core/sys.h"
#include "uapi/names.h"

struct run_args {
	struct loading_args loading;
	const char *dev, *cgroup, *pin;
	int mode;
	uint32_t pid;
	bool maps, dry_run;
	struct stream_args stream;
};

static const struct opt_word modes[] = {
	{ "auto", XDP_MODE_AUTO, "the driver's if it has one, else generic" },
	{ "native", XDP_MODE_NATIVE, "in the driver" },
	{ "generic", XDP_MODE_SKB, "in the network stack" },
	{ "offload", XDP_MODE_HW, "on the card" },
	{},
};

static const struct opt run_opts[] = {
	LOADING_OPTIONS(struct run_args, loading),
	OPTION(struct run_args, dev, OPT_IFACE, "dev", 0, "DEVICE",
	       "network device for programs that need one"),
	OPTION(struct run_args, mode, OPT_ENUM, "mode", 0, "MODE",
	       "XDP: auto, native, generic or offload", .words = modes),
	OPTION(struct run_args, cgroup, OPT_DIR, "cgroup", 0, "PATH",
	       "cgroup for programs that need one"),
	OPTION(struct run_args, pid, OPT_U32, "pid", 0, "PID", "uprobes: only in this process"),
	FLAG(struct run_args, maps, "maps", 0, "print the maps' entries at the end"),
	OPTION(struct run_args, pin, OPT_PIN, "pin", 0, "DIR",
	       "stay attached: pin links, programs and maps below DIR, and leave"),
	FLAG(struct run_args, dry_run, "dry-run", 0,
	     "only say what would be loaded and where it would be attached"),
	COUNT_OPTION(struct run_args, stream),
	STREAM_OPTIONS(struct run_args, stream),
	OPT_END,
};

/* Columns for the schema; those of records are made from the program's own types. */
static const struct out_col run_cols[] = {
	{ "event", "event", K_STR, "name of the record's type, where there are several", 0 },
	{ "data", "data", K_ANY, "a record without type; else there is a column per field", 0 },
	{ "map", "MAP", K_STR, "with --maps: name of the map", 0 },
	{ "key", "KEY", K_ANY, "its key", 0 },
	{ "value", "VALUE", K_ANY, "its value; a list if per CPU", 0 },
	OUT_END,
};

/* ---- what would be done ------------------------------------------------------------------- */

static const struct out_col dry_cols[] = {
	{ "kind", "KIND", K_STR, "prog or map", 0 },
	{ "name", "NAME", K_STR, "its name", 0 },
	{ "type", "TYPE", K_STR, "program or map type", 0 },
	{ "section", "SECTION", K_STR, "programs: says where they go", OUT_IF_ANY },
	OUT_END,
};

static void dry_row(struct out *out, const char *kind, const char *name, const char *type)
{
	out_row(out);
	out_str(out, "kind", kind);
	out_str(out, "name", name);
	if (type)
		out_str(out, "type", type);
}

static void dry_run(const struct object *o, struct out *out)
{
	struct object_prog p;
	struct object_map m;

	out_begin(out, dry_cols, OUT_ROWS);
	for (size_t i = 0; i < object_nr_progs(o); i++) {
		object_prog(o, i, &p);
		if (!p.autoload)
			continue;
		dry_row(out, "prog", p.name, uapi_prog_type_name(p.type));
		out_str(out, "section", p.section);
	}
	for (size_t i = 0; i < object_nr_maps(o); i++) {
		object_map(o, i, &m);
		dry_row(out, "map", m.name, uapi_map_type_name(m.type));
	}
}

/* ---- attaching ---------------------------------------------------------------------------- */

/* By program; fd is -1 for what is not attached. */
struct attached {
	struct attachment *v;
	size_t n;
};

static void attached_close(struct attached *a)
{
	for (size_t i = 0; i < a->n; i++)
		attachment_close(&a->v[i]);
	freep(&a->v);
	a->n = 0;
}
#define auto_attached __attribute__((cleanup(attached_close)))

static int attach_all(struct ctx *ctx, struct object *o, const struct run_args *a,
		      struct attached *all, struct err *e)
{
	struct attach_opts opts = {
		.dev = a->dev,
		.netns = ctx->netns,
		.cgroup = a->cgroup,
		.mode = (enum xdp_mode)a->mode,
		.pid = a->pid,
		.nomount = ctx->nomount,
	};

	bool any = false;

	all->v = xcalloc(object_nr_progs(o), sizeof(*all->v));
	while (all->n < object_nr_progs(o)) {
		struct attachment *at = &all->v[all->n];
		int r = attach_object_prog(o, all->n++, &opts, at, e);

		if (r < 0)
			return r;
		any |= r > 0;
		if (r > 0)
			info(ctx, "attached to %s", at->target);
	}
	if (!any)
		return err_input(e, "%s has no program that can be attached", a->loading.file);
	return 0;
}

/* ---- maps --------------------------------------------------------------------------------- */

static bool sends_records(const struct object_map *m)
{
	return m->type == UAPI_MAP_ringbuf || m->type == UAPI_MAP_perf_event_array;
}

static int open_copy(struct map *m, int fd, struct err *e)
{
	int copy = sys_dup(fd);

	if (copy < 0)
		return err_sys(e, "cannot keep a map");
	return map_open(m, copy, e);
}

static int add_record_maps(struct object *o, struct records *records, struct err *e)
{
	struct object_map om;

	for (size_t i = 0; i < object_nr_maps(o); i++) {
		auto_event_types struct event_types types = {};
		auto_map struct map m = MAP_INIT;
		int r;

		object_map(o, i, &om);
		if (!sends_records(&om))
			continue;
		r = open_copy(&m, om.fd, e);
		if (r == 0 && object_types(o))
			r = event_types_of_btf(&types, object_types(o), om.name, e);
		if (r == 0)
			r = records_add(records, &m, &types, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct out_col map_cols[] = {
	{ "map", "MAP", K_STR, "name of the map", 0 },
	{ "key", "KEY", K_ANY, "its key", OUT_IF_ANY },
	{ "value", "VALUE", K_ANY, "its value; a list if per CPU", 0 },
	OUT_END,
};

static void put_entry(struct out *out, const char *name, const struct map_codec *c, const void *key,
		      const void *value)
{
	const struct map *m = c->map;

	out_row(out);
	out_str(out, "map", name);
	if (c->key)
		codec_out(c->key, key, m->info.key_size, out, "key");
	if (!value)
		return;
	if (!m->cpus) {
		codec_out(c->value, value, m->info.value_size, out, "value");
		return;
	}
	out_list(out, "value");
	for (unsigned int cpu = 0; cpu < m->cpus; cpu++)
		codec_out(c->value, (const uint8_t *)value + cpu * m->stride, m->info.value_size,
			  out, NULL);
	out_close(out);
}

static int put_map(struct out *out, const struct object_map *om, struct err *e)
{
	auto_map_cursor struct map_cursor cursor = {};
	auto_map_codec struct map_codec codec = {};
	auto_map struct map m = MAP_INIT;
	const void *key, *value;
	int r = open_copy(&m, om->fd, e);

	if (r < 0 || map_is_keyless(om->type))
		return r;
	r = map_codec_open(&codec, &m, NULL, NULL, CODEC_TYPED, e);
	if (r == 0)
		r = map_cursor_open(&cursor, &m, e);
	while (r >= 0 && (r = map_cursor_next(&cursor, &key, &value, e)) > 0)
		put_entry(out, om->name, &codec, key, value);
	return r;
}

/* Entries of all maps but those of globals and of records. */
static int put_maps(struct object *o, struct out *out, struct err *e)
{
	struct object_map om;

	out_begin(out, map_cols, OUT_STREAM);
	for (size_t i = 0; i < object_nr_maps(o); i++) {
		int r = 0;

		object_map(o, i, &om);
		if (!om.internal && !sends_records(&om))
			r = put_map(out, &om, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- running ------------------------------------------------------------------------------ */

static int keep_pinned(struct ctx *ctx, struct object *o, struct attached *all, const char *dir,
		       struct err *e)
{
	auto_free char *maps = xasprintf("%s/maps", dir);

	return keep_object(ctx, o, all->v, dir, maps, e);
}

/* From attaching to detaching. */
static int follow(struct ctx *ctx, const struct run_args *a, struct object *o,
		  struct records *records, struct until *until, struct err *e)
{
	auto_attached struct attached all = {};
	int r = attach_all(ctx, o, a, &all, e);

	if (r < 0)
		return r;
	if (a->pin)
		return keep_pinned(ctx, o, &all, a->pin, e);
	if (records->n)
		records_begin(records, ctx->out);
	r = stream_ready(&a->stream, until, e);
	if (r < 0)
		return r;
	if (records->n)
		return records_follow(records, ctx, until, a->stream.count, e);
	return until_wait(until, e) ? 0 : -1;
}

static int run_object(struct ctx *ctx, const struct run_args *a, struct object *o,
		      struct until *until, struct err *e)
{
	auto_records struct records records = {};
	int r = object_load(o, e);

	if (r == 0 && !a->pin)
		r = add_record_maps(o, &records, e);
	if (r == 0)
		r = follow(ctx, a, o, &records, until, e);
	if (r < 0 || a->pin)
		return r;
	if (records.n) { /* what was sent up to the last moment */
		records_drain(&records, ctx->out, a->stream.count);
		records_summary(&records, ctx, until);
	}
	ctx->status = until_status(until);
	return a->maps ? put_maps(o, ctx->out, e) : 0;
}

static int run_run(struct ctx *ctx, const void *args, struct err *e)
{
	const struct run_args *a = args;
	auto_until struct until *until = NULL;
	auto_object struct object *o = loading_open(ctx, &a->loading, NULL, e);

	if (!o)
		return -EINVAL;
	if (a->dry_run) {
		dry_run(o, ctx->out);
		return 0;
	}
	until = stream_begin(&a->stream, e);
	return until ? run_object(ctx, a, o, until, e) : -1;
}

const struct cmd cmd_run = {
	.name = "run",
	.brief = "load a program file, attach it, show what it sends, detach at the end",
	.opts = run_opts,
	.cols = run_cols,
	.shape = OUT_STREAM,
	.args_size = sizeof(struct run_args),
	.run = run_run,
};
