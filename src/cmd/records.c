// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records as rows. */
#include "cmd/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec.h"
#include "core/err.h"
#include "core/mem.h"

#define CHECK_EVERY 1024 /* rows between two looks at the clock when records never end */

struct record_field {
	const char *name;
	uint32_t off;
	struct codec *codec;
};

struct record_fields {
	struct record_field *v;
	size_t n;
};

/* ---- sources ------------------------------------------------------------------------------ */

static void fields_free(struct record_fields *f)
{
	for (size_t i = 0; i < f->n; i++)
		codec_freep(&f->v[i].codec);
	freep(&f->v);
}

static int fields_make(struct record_fields *f, const struct codec *c, struct err *e)
{
	const char *name;

	while ((name = codec_field_name(c, f->n))) {
		struct record_field *field;

		f->v = xreallocarray(f->v, f->n + 1, sizeof(*f->v));
		field = &f->v[f->n];
		field->name = name;
		field->codec = codec_field(c, name, &field->off, e);
		if (!field->codec)
			return -EINVAL;
		codec_set_loose(field->codec);
		f->n++;
	}
	return 0;
}

static void source_free(struct record_source *s)
{
	for (size_t i = 0; s->fields && i < s->types.n; i++)
		fields_free(&s->fields[i]);
	freep(&s->fields);
	event_types_free(&s->types);
	map_close(&s->map);
}

void records_free(struct records *r)
{
	if (r->out)
		out_begin(r->out, NULL, OUT_STREAM);
	event_reader_freep(&r->reader);
	for (size_t i = 0; i < r->n; i++)
		source_free(&r->v[i]);
	freep(&r->v);
	freep(&r->cols);
}

int records_add(struct records *r, struct map *m, struct event_types *types, struct err *e)
{
	struct record_source *s;
	int n;

	if (!r->reader)
		r->reader = event_reader_new(false);
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	s = &r->v[r->n++];
	*s = (struct record_source){ .map = *m, .types = *types };
	*m = (struct map)MAP_INIT;
	*types = (struct event_types){};
	s->fields = xcalloc(s->types.n, sizeof(*s->fields));
	for (size_t i = 0; i < s->types.n; i++)
		if (fields_make(&s->fields[i], s->types.v[i].codec, e) < 0)
			return -EINVAL;
	n = event_add(r->reader, &s->map, 0, e);
	return n < 0 ? n : 0;
}

/* ---- columns ------------------------------------------------------------------------------ */

static void add_col(struct records *r, size_t *n, const char *key, const char *help)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(r->cols[i].key, key) == 0)
			return;
	r->cols = xreallocarray(r->cols, *n + 2, sizeof(*r->cols));
	r->cols[(*n)++] = (struct out_col){ .key = key, .head = key, .kind = K_ANY, .help = help };
	r->cols[*n] = (struct out_col)OUT_END;
}

void records_begin(struct records *r, struct out *out)
{
	size_t n = 0, types = 0;
	bool bytes = false;

	for (size_t s = 0; s < r->n; s++) {
		types += r->v[s].types.n;
		bytes |= r->v[s].types.n != 1;
		for (size_t t = 0; t < r->v[s].types.n; t++)
			bytes |= !r->v[s].fields[t].n;
	}
	r->named = types > 1;
	if (r->named)
		add_col(r, &n, "event", "name of the record's type");
	for (size_t s = 0; s < r->n; s++)
		for (size_t t = 0; t < r->v[s].types.n; t++)
			for (size_t f = 0; f < r->v[s].fields[t].n; f++)
				add_col(r, &n, r->v[s].fields[t].v[f].name, "field of the record");
	if (bytes)
		add_col(r, &n, "data", "a record whose type is not known, or is no struct");
	out_begin(out, r->cols, OUT_STREAM);
	r->out = out;
}

/* ---- rows --------------------------------------------------------------------------------- */

static void put_fields(const struct record_fields *f, struct out *out, const struct event *ev)
{
	const uint8_t *data = ev->data;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].off < ev->len)
			codec_out(f->v[i].codec, data + f->v[i].off, ev->len - f->v[i].off, out,
				  f->v[i].name);
}

static void put_record(struct records *r, struct out *out, const struct event *ev)
{
	const struct record_source *s = &r->v[ev->source];
	const struct event_type *type = event_type_of(&s->types, ev->data, ev->len);

	out_row(out);
	if (type && r->named && type->name)
		out_str(out, "event", type->name);
	if (!type)
		out_bytes(out, "data", ev->data, ev->len);
	else if (s->fields[type - s->types.v].n)
		put_fields(&s->fields[type - s->types.v], out, ev);
	else
		codec_out(type->codec, ev->data, ev->len, out, "data");
}

/* One record, or a note of lost ones; false: there is none now. */
static bool put_next(struct records *r, struct out *out)
{
	struct event ev;

	if (!event_next(r->reader, &ev))
		return false;
	r->lost += ev.lost;
	if (ev.lost)
		return true;
	put_record(r, out, &ev);
	r->shown++;
	return true;
}

void records_drain(struct records *r, struct out *out, uint64_t count)
{
	while ((!count || r->shown < count) && put_next(r, out))
		;
	out_flush(out);
}

int records_follow(struct records *r, struct ctx *ctx, struct until *until, uint64_t count,
		   struct err *e)
{
	for (;;) {
		uint64_t pause = r->shown + CHECK_EVERY;
		int ready;

		if (count && count < pause)
			pause = count;
		records_drain(r, ctx->out, pause);
		if ((count && r->shown >= count) || out_error(ctx->out) || until_check(until))
			return 0;
		ready = event_wait(r->reader, until_timeout(until), until_fd(until), e);
		if (ready < 0 && ready != -EINTR)
			return ready;
	}
}

void records_summary(const struct records *r, const struct ctx *ctx, struct until *until)
{
	char lost[48] = "none lost";

	if (r->lost)
		snprintf(lost, sizeof(lost), "%llu lost", (unsigned long long)r->lost);
	if (r->lost || until_check(until) == UNTIL_SIGNAL)
		warn(ctx, "%llu record%s, %s, in %.1f s", (unsigned long long)r->shown,
		     r->shown == 1 ? "" : "s", lost, (double)until_elapsed(until) / 1e9);
}
