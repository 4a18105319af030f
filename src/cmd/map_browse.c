// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map browse. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/browse.h"
#include "cmd/cmds.h"
#include "cmd/entry.h"
#include "cmd/stream.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/jsonw.h"
#include "core/map_cursor.h"
#include "core/map_delta.h"
#include "core/mem.h"
#include "core/sys.h"
#include "core/tally.h"
#include "uapi/names.h"

#define MOST 20000u /* entries on the screen of a map */

struct browse_args {
	struct words map;
	struct spec_args spec;
	uint64_t interval;
	struct stream_args stream;
};

struct session {
	struct ctx *ctx;
	const struct browse_args *a;
	struct term *term;
	struct until *until;
};

static void session_free(struct session *s)
{
	term_freep(&s->term);
	until_freep(&s->until);
}

/* Milliseconds to the next look; 0: now. */
static int left(const struct session *s, uint64_t last)
{
	uint64_t every = s->a->interval ? s->a->interval : 1000000000u;
	uint64_t now = until_elapsed(s->until);

	return now >= last + every ? 0 : (int)((last + every - now) / 1000000 + 1);
}

/* What an error says, on the screen. */
static void say(struct browse *b, struct err *e)
{
	if (e->code && !e->worded)
		snprintf(b->message, sizeof(b->message), "%.180s: %.60s", e->what,
			 err_text(e->code));
	else
		snprintf(b->message, sizeof(b->message), "%.250s", e->what);
	err_clear(e);
}

/* ---- the entries of one map --------------------------------------------------------------- */

static const char *const entry_heads[] = { "KEY", "VALUE", "PER SECOND", NULL };
static const char *const entry_help[] = {
	"e Enter         write another value for the key",
	"n               write a new key",
	"d               delete the key",
	"Left Esc        back to the list of maps",
	NULL,
};

struct entry_screen {
	struct session *s;
	struct entries x;
	struct browse b;
	struct snapshot last;
	uint64_t at;
	bool more; /* there are entries beyond MOST */
};

static void entry_screen_free(struct entry_screen *x)
{
	browse_free(&x->b);
	snapshot_free(&x->last);
	entries_close(&x->x);
}

/* Text that can be typed back; a string that is a whole cell needs no quotes. */
static char *text_of(const struct val *v)
{
	auto_buf struct buf text = {};
	struct jsonw w = { .to = &text };

	if (v->kind == V_STR)
		buf_add(&text, v->str.s, v->str.len);
	else
		jsonw_val(&w, v);
	buf_str(&text);
	return buf_take(&text) ?: xstrdup("");
}

static int compare_keys(const void *a, const void *b, void *arg)
{
	const struct snapshot *s = arg;
	const uint32_t *x = a, *y = b;

	return memcmp(map_image_key(&s->image, *x), map_image_key(&s->image, *y),
		      s->image.map->info.key_size);
}

static int take(struct entry_screen *x, struct snapshot *s, struct err *e)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	int r = map_cursor_open(&c, &x->x.map, e);

	s->image.map = &x->x.map;
	while (r == 0 && s->image.n < MOST && (r = map_cursor_next(&c, &key, &value, e)) > 0) {
		if (value)
			map_image_add(&s->image, key, value);
		r = 0;
	}
	if (r < 0)
		return r;
	x->more = s->image.n == MOST;
	s->order = xcalloc(s->image.n + 1, sizeof(*s->order));
	for (uint32_t i = 0; i < s->image.n; i++)
		s->order[i] = i;
	if (s->image.n)
		qsort_r(s->order, s->image.n, sizeof(*s->order), compare_keys, s);
	return 0;
}

/* The value at the last look, or NULL. */
static const uint8_t *value_before(const struct snapshot *s, const uint8_t *key)
{
	size_t low = 0, high = s->image.n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int r = memcmp(map_image_key(&s->image, s->order[middle]), key,
			       s->image.map->info.key_size);

		if (r == 0)
			return map_image_value(&s->image, s->order[middle]);
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static struct val one_value(const struct entry_screen *x, const void *key, const void *value)
{
	auto_val struct val row = entry_val(&x->x, key, value);
	const struct val *v = val_get(&row, "value"), *values = val_get(&row, "values");
	struct val one = {};

	if (values)
		val_aggregate(values, AGG_SUM, &one);
	else if (v)
		val_copy(&one, v);
	return one;
}

/* Numbers of a struct have an order too: that of their sum. */
static struct val total(const struct val *v)
{
	struct val list = { .kind = V_LIST }, sum = {};

	if (v->kind != V_MAP) {
		val_copy(&sum, v);
		return sum;
	}
	for (size_t i = 0; i < v->seq.n; i++) {
		struct val copy = {};

		val_copy(&copy, &v->seq.v[i]);
		val_append(&list, &copy);
	}
	val_aggregate(&list, AGG_SUM, &sum);
	val_drop(&list);
	return sum;
}

static void add_entry(struct entry_screen *x, const struct snapshot *now, size_t i, double seconds)
{
	const uint8_t *key = map_image_key(&now->image, i),
		      *value = map_image_value(&now->image, i);
	const uint8_t *before = x->last.order ? value_before(&x->last, key) : NULL;
	struct browse_row *row = browse_add(&x->b);

	row->id = i;
	codec_val(x->x.typed.key, key, x->x.map.info.key_size, &row->sort[0]);
	row->sort[1] = one_value(x, key, value);
	row->text[0] = text_of(&row->sort[0]);
	row->text[1] = text_of(&row->sort[1]);
	if (before) {
		auto_val struct val was = one_value(x, key, before);
		auto_val struct val delta = val_delta(&was, &row->sort[1]);
		auto_val struct val rate = val_rate(&delta, seconds);

		row->text[2] = rate.kind == V_NULL ? NULL : text_of(&rate);
		row->sort[2] = total(&rate);
	}
}

static int renew(struct entry_screen *x, struct err *e)
{
	uint64_t now = until_elapsed(x->s->until);
	struct snapshot s = {};
	char label[64];
	int r = take(x, &s, e);

	if (r) {
		snapshot_free(&s);
		return r;
	}
	browse_clear(&x->b);
	for (size_t i = 0; i < s.image.n; i++)
		add_entry(x, &s, i, (double)(now - x->at) / 1e9);
	browse_arrange(&x->b);
	snapshot_free(&x->last);
	x->last = s;
	x->at = now;
	snprintf(x->b.title, sizeof(x->b.title), "%s  %s  %zu%s of %u entries",
		 map_label(&x->x.map.info, label), uapi_map_type_name(x->x.map.info.type) ?: "?",
		 s.image.n, x->more ? " (the first)" : "", x->x.map.info.max_entries);
	return 0;
}

/* One word, as the codec reads it. */
static int write_entry(struct entry_screen *x, const void *key, char *text, struct err *e)
{
	auto_free void *value = xcalloc(1, x->x.map.value_len);
	auto_map_fds struct map_fds fds = {};
	int r = map_codec_value(&x->x.typed, &text, 1, key, value, &fds, e);

	return r ? r : map_update(&x->x.map, key, value, 0, e);
}

static void edit(struct entry_screen *x, const void *key, const char *key_text, const char *was)
{
	char text[BROWSE_LINE], question[BROWSE_LINE];
	struct err e = {};

	snprintf(text, sizeof(text), "%s", was);
	if (!browse_ask(&x->b, "value: ", text, sizeof(text)) || !*text)
		return;
	snprintf(question, sizeof(question), "write %.90s to %.90s?", text, key_text);
	if (!browse_confirm(&x->b, question))
		return;
	if (write_entry(x, key, text, &e))
		say(&x->b, &e);
	else
		x->at = 0;
}

static void edit_chosen(struct entry_screen *x)
{
	const struct browse_row *row = browse_row(&x->b);
	auto_free void *key = xmalloc(x->x.map.info.key_size);
	auto_free char *key_text = NULL, *was = NULL;

	if (!row)
		return;
	memcpy(key, map_image_key(&x->last.image, row->id), x->x.map.info.key_size);
	key_text = xstrdup(row->text[0]);
	was = xstrdup(x->x.map.cpus ? "" : row->text[1]);
	edit(x, key, key_text, was);
}

static void add_new(struct entry_screen *x)
{
	auto_free void *key = xcalloc(1, x->x.map.info.key_size);
	auto_map_fds struct map_fds fds = {};
	char text[BROWSE_LINE] = "", *word = text;
	struct err e = {};

	if (!browse_ask(&x->b, "key: ", text, sizeof(text)) || !*text)
		return;
	if (map_codec_key(&x->x.typed, &word, 1, key, &fds, &e))
		say(&x->b, &e);
	else
		edit(x, key, text, "");
}

static void delete_chosen(struct entry_screen *x)
{
	const struct browse_row *row = browse_row(&x->b);
	char question[BROWSE_LINE];
	struct err e = {};

	if (!row)
		return;
	snprintf(question, sizeof(question), "delete %.200s?", row->text[0]);
	if (!browse_confirm(&x->b, question))
		return;
	if (map_delete(&x->x.map, map_image_key(&x->last.image, row->id), &e))
		say(&x->b, &e);
	else
		x->at = 0;
}

/* True: back to the list; false: it is time to end. */
static bool entries_loop(struct entry_screen *x)
{
	struct err e = {};

	for (;;) {
		int wait = x->last.order && x->at ? left(x->s, x->at) : 0;

		if (!wait && renew(x, &e)) {
			say(&x->b, &e);
			x->at = until_elapsed(x->s->until);
			wait = left(x->s, x->at);
		}
		switch (browse_step(&x->b, wait ? wait : left(x->s, x->at))) {
		case TERM_INTERRUPT:
			return false;
		case 'q':
		case TERM_ESCAPE:
		case TERM_LEFT:
			return true;
		case 'e':
		case TERM_ENTER:
			edit_chosen(x);
			break;
		case 'n':
			add_new(x);
			break;
		case 'd':
			delete_chosen(x);
			break;
		}
	}
}

static void screen_begin(struct session *s, struct browse *b, const char *const *heads,
			 const char *const *help)
{
	b->term = s->term;
	b->until = s->until;
	b->heads = heads;
	b->help = help;
}

static int open_entries(struct session *s, struct words map, bool *back, struct err *e)
{
	__attribute__((cleanup(entry_screen_free))) struct entry_screen x = { .s = s,
									      .x = ENTRIES_INIT };
	int r = entries_open(&x.x, map, &s->a->spec, e);

	if (r == 0 && !x.x.typed.key)
		r = err_input(e, "a map of type %s has no entries to walk through",
			      uapi_map_type_name(x.x.map.info.type));
	if (r)
		return r;
	screen_begin(s, &x.b, entry_heads, entry_help);
	*back = entries_loop(&x);
	return 0;
}

/* ---- the list of maps --------------------------------------------------------------------- */

static const char *const map_heads[] = { "ID", "TYPE", "NAME", "MAX", "MEMORY", NULL };
static const char *const map_help[] = {
	"Enter Right     the entries of the map",
	NULL,
};

static int add_map(const struct map_info *i, int fd, void *arg)
{
	struct browse_row *row = browse_add(arg);
	const char *type = uapi_map_type_name(i->type) ?: "?";

	(void)fd;
	row->id = i->id;
	row->text[0] = xasprintf("%u", i->id);
	row->text[1] = xstrdup(type);
	row->text[2] = i->name[0] ? xstrdup(i->name) : NULL;
	row->text[3] = xasprintf("%u", i->max_entries);
	row->text[4] = i->has_memlock ? xasprintf("%" PRIu64, i->memlock) : NULL;
	row->sort[0] = val_uint(i->id);
	val_set_str(&row->sort[1], type, strlen(type));
	val_set_str(&row->sort[2], i->name, strlen(i->name));
	row->sort[3] = val_uint(i->max_entries);
	row->sort[4] = val_uint(i->memlock);
	return 0;
}

static void open_chosen(struct session *s, struct browse *b, bool *back)
{
	const struct browse_row *row = browse_row(b);
	char id[16], *words[] = { (char[]){ "id" }, id };
	struct err e = {};

	if (!row)
		return;
	snprintf(id, sizeof(id), "%zu", row->id);
	if (open_entries(s, (struct words){ words, 2 }, back, &e))
		say(b, &e);
}

static int maps_loop(struct session *s, struct browse *b, struct err *e)
{
	bool back = true;

	screen_begin(s, b, map_heads, map_help);
	snprintf(b->title, sizeof(b->title), "maps");
	for (uint64_t last = 0; back;) {
		int key;

		if (!b->n || !left(s, last)) {
			int r;

			browse_clear(b);
			r = map_each(add_map, b, e);
			if (r)
				return r;
			browse_arrange(b);
			last = until_elapsed(s->until);
		}
		key = browse_step(b, left(s, last));
		if (key == 'q' || key == TERM_INTERRUPT)
			return 0;
		if (key == TERM_ENTER || key == TERM_RIGHT)
			open_chosen(s, b, &back);
	}
	return 0;
}

static int browse_run(struct ctx *ctx, const void *args, struct err *e)
{
	__attribute__((cleanup(session_free))) struct session s = { .ctx = ctx, .a = args };
	__attribute__((cleanup(browse_free))) struct browse maps = {};
	bool back;
	int r;

	if (sys_taped())
		return err_worded(e, EOPNOTSUPP, "what is typed is no part of a record");
	s.until = stream_begin(&s.a->stream, e);
	if (!s.until)
		return -1;
	s.term = term_open(e);
	if (!s.term)
		return -1;
	r = stream_ready(&s.a->stream, s.until, e);
	if (r)
		return r;
	return s.a->map.n ? open_entries(&s, s.a->map, &back, e) : maps_loop(&s, &maps, e);
}

static const struct opt browse_opts[] = {
	OPERAND(struct browse_args, map, OPT_MAP, "MAP", "this one; without it the list of all"),
	OPTION(struct browse_args, interval, OPT_DURATION, "interval", 0, "TIME",
	       "between two looks: 1s"),
	OPTION(struct browse_args, stream.for_ns, OPT_DURATION, "for", 0, "TIME",
	       "end after this time"),
	OPTION(struct browse_args, stream.ready_file, OPT_FILE, "ready-file", 0, "PATH",
	       "make this file when the screen is there"),
	SPEC_OPTIONS(struct browse_args, spec),
	OPT_END,
};

const struct cmd cmd_map_browse = {
	.name = "browse",
	.brief = "maps and their entries on the whole screen, live",
	.doc = "The list of maps, and the entries of one with their rates: searched, sorted, changed and "
	       "deleted. `?` shows the keys.",
	.opts = browse_opts,
	.args_size = sizeof(struct browse_args),
	.run = browse_run,
};
