// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Saved entries as JSON lines. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/err.h"
#include "core/json.h"
#include "core/map.h"
#include "core/map_codec.h"
#include "core/map_image_priv.h"
#include "core/mem.h"
#include "core/val.h"
#include "uapi/names.h"

/* ---- lines -------------------------------------------------------------------------------- */

static int at_line(const struct image_lines *l, struct err *e)
{
	return err_wrap(e, "%s:%zu: ", l->path, l->line);
}

static int check_end(struct image_lines *l, const struct val *count, struct err *e)
{
	l->closed = true;
	if (count->kind != V_UINT || count->u != l->entries) {
		err_input(e, "there are %zu entries before the line that counts them", l->entries);
		return at_line(l, e);
	}
	return 0;
}

/* 1: an entry; 0: a line of the frame around the entries. */
static int sort_line(struct image_lines *l, const struct val *v, struct err *e)
{
	if (l->closed) {
		err_input(e, "there is more behind the line that counts the entries");
		return at_line(l, e);
	}
	if (l->line == 1 && val_get(v, "map")) {
		l->headed = true;
		return 0;
	}
	if (val_get(v, "entries") && !val_get(v, "value") && !val_get(v, "key"))
		return check_end(l, val_get(v, "entries"), e);
	if (v->kind != V_MAP) {
		err_input(e, "expected an entry: {\"key\":..,\"value\":..}");
		return at_line(l, e);
	}
	l->entries++;
	return 1;
}

/* The next line that is not empty; false at the end. */
static bool next_line(struct image_lines *l, const char **line, size_t *len)
{
	while (l->text < l->end) {
		const char *newline = memchr(l->text, '\n', (size_t)(l->end - l->text));

		*line = l->text;
		*len = (size_t)((newline ? newline : l->end) - l->text);
		l->text = newline ? newline + 1 : l->end;
		l->line++;
		if (*len && (*line)[*len - 1] == '\r')
			--*len;
		if (*len)
			return true;
	}
	return false;
}

static int at_end(const struct image_lines *l, struct err *e)
{
	if (l->headed && !l->closed)
		return err_input(e, "%s:%zu: cut off: the line that counts the entries is missing",
				 l->path, l->line);
	return 0;
}

static int parse_line(struct image_lines *l, const char *line, size_t len, struct val *v,
		      struct err *e)
{
	int r;

	val_drop(v);
	r = json_parse(line, len, "entry", v, e);
	return r ? at_line(l, e) : sort_line(l, v, e);
}

int image_next(struct image_lines *l, struct val *v, struct err *e)
{
	const char *line;
	size_t len;

	while (next_line(l, &line, &len)) {
		int r = parse_line(l, line, len, v, e);

		if (r)
			return r;
	}
	return at_end(l, e);
}

/* ---- the head ----------------------------------------------------------------------------- */

static uint32_t number(const struct val *map, const char *key)
{
	const struct val *v = val_get(map, key);

	return v && v->kind == V_UINT && v->u <= UINT32_MAX ? (uint32_t)v->u : 0;
}

static int read_head(const struct val *map, struct image_head *h)
{
	const struct val *type = val_get(map, "type"), *name = val_get(map, "name");

	if (type && type->kind == V_STR)
		for (size_t i = 0; i < UINT8_MAX && h->type == UINT32_MAX; i++) {
			const char *known = uapi_map_type_name((uint32_t)i);

			if (known && strcmp(known, type->str.s) == 0)
				h->type = (uint32_t)i;
		}
	if (name && name->kind == V_STR)
		snprintf(h->name, sizeof(h->name), "%s", name->str.s);
	h->key_size = number(map, "bytes_key");
	h->value_size = number(map, "bytes_value");
	h->cpus = number(map, "cpus");
	h->max_entries = number(map, "max_entries");
	h->flags = number(map, "flags");
	return 0;
}

int map_image_head(const char *text, size_t len, const char *path, struct image_head *h,
		   struct err *e)
{
	struct image_lines l = { .text = text, .end = text + len, .path = path };
	auto_val struct val v = {};
	const char *line;
	size_t n;
	int r;

	*h = (struct image_head){ .type = UINT32_MAX };
	if (image_is_compact(text, len))
		return image_compact_head(text, len, path, h, e);
	if (!next_line(&l, &line, &n))
		return 0;
	r = parse_line(&l, line, n, &v, e);
	if (r < 0)
		return r;
	return l.headed ? read_head(val_get(&v, "map"), h) : 0;
}

/* ---- entries ------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* "0a0b" to exactly so many bytes. */
static int from_hex(const struct val *v, uint8_t *to, size_t size, struct err *e)
{
	if (v->kind != V_STR || v->str.len != 2 * size)
		return err_input(e, "expected %zu bytes in hex", size);
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(v->str.s[2 * i]), low = hex_digit(v->str.s[2 * i + 1]);

		if (high < 0 || low < 0)
			return err_input(e, "expected %zu bytes in hex", size);
		to[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int check_keys(const struct val *v, struct err *e)
{
	static const char *const known[] = { "key",	  "value",     "values",      "key_hex",
					     "value_hex", "formatted", "inner_map_id" };

	for (size_t i = 0; i < v->seq.n; i++) {
		bool ok = false;

		for (size_t k = 0; k < countof(known) && !ok; k++)
			ok = strcmp(v->seq.keys[i], known[k]) == 0;
		if (!ok)
			return err_input(e, "'%.40s' is no part of an entry", v->seq.keys[i]);
	}
	return 0;
}

static int key_from(const struct map_codec *c, const struct val *v, uint8_t *key, struct err *e)
{
	const struct val *hex = val_get(v, "key_hex"), *typed = val_get(v, "key");
	int r;

	if (!c->key)
		return hex || (typed && typed->kind != V_NULL)
			       ? err_input(e, "a map of type %s has no keys",
					   uapi_map_type_name(c->map->info.type))
			       : 0;
	if (hex)
		return from_hex(hex, key, c->map->info.key_size, e);
	if (!typed)
		return err_input(e, "there is no key");
	r = codec_from_val(c->key, typed, key, e);
	return r ? err_wrap(e, "key: ") : 0;
}

static int values_from(const struct map_codec *c, const struct val *list, uint8_t *value,
		       struct err *e)
{
	const struct map *m = c->map;

	if (list->kind != V_LIST || list->seq.n != m->cpus)
		return err_input(e, "there are values of %zu CPUs, this machine has %u",
				 list->kind == V_LIST ? list->seq.n : 1, m->cpus);
	for (unsigned int cpu = 0; cpu < m->cpus; cpu++)
		if (codec_from_val(c->value, &list->seq.v[cpu], value + cpu * m->stride, e))
			return err_wrap(e, "value of CPU %u: ", cpu);
	return 0;
}

static int value_from(const struct map_codec *c, const struct val *v, uint8_t *value, struct err *e)
{
	const struct val *hex = val_get(v, "value_hex"), *many = val_get(v, "values");
	const struct val *typed = val_get(v, "value");
	int r;

	if (hex)
		return from_hex(hex, value, c->map->value_len, e);
	if (c->map->cpus && many)
		return values_from(c, many, value, e);
	if (!typed)
		return err_input(e, "there is no %s", c->map->cpus ? "list of values" : "value");
	if (c->map->cpus)
		return values_from(c, typed, value, e);
	r = codec_from_val(c->value, typed, value, e);
	return r ? err_wrap(e, "value: ") : 0;
}

static int entry_from(struct map_image *i, const struct map_codec *c, const struct val *v,
		      uint8_t *key, uint8_t *value, struct err *e)
{
	int r = check_keys(v, e);

	memset(value, 0, i->map->value_len);
	if (r == 0)
		r = key_from(c, v, key, e);
	if (r == 0)
		r = value_from(c, v, value, e);
	if (r == 0)
		map_image_add(i, key, value);
	return r;
}

/* ---- the common line, without a tree ------------------------------------------------------ */

static bool take_text(const char **p, const char *end, const char *text, size_t n)
{
	if ((size_t)(end - *p) < n || memcmp(*p, text, n) != 0)
		return false;
	*p += n;
	return true;
}

/* Digits that fit so many bytes. */
static bool take_uint(const char **p, const char *end, uint32_t size, uint64_t *v)
{
	const char *start = *p;
	uint64_t n = 0, max = size == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * size) - 1;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		unsigned int digit = (unsigned int)(**p - '0');

		if (*p - start >= 19 && (n > UINT64_MAX / 10 || n * 10 > UINT64_MAX - digit))
			return false;
		n = n * 10 + digit;
	}
	*v = n;
	return *p > start && (*start != '0' || *p == start + 1) && n <= max;
}

static void store(uint8_t *to, uint32_t size, uint64_t v)
{
	uint32_t four = (uint32_t)v;
	uint16_t two = (uint16_t)v;
	uint8_t one = (uint8_t)v;

	switch (size) {
	case 8:
		memcpy(to, &v, 8);
		break;
	case 4:
		memcpy(to, &four, 4);
		break;
	case 2:
		memcpy(to, &two, 2);
		break;
	default:
		*to = one;
	}
}

/* {"key":1,"value":2} of two unsigned integers; false: it has to be read with care. */
static bool plain_line(const struct map_codec *c, const char *p, size_t len, uint8_t *key,
		       uint8_t *value)
{
	uint32_t key_size = c->map->info.key_size, value_size = c->map->info.value_size;
	const char *end = p + len;
	uint64_t k, v;

	if (!take_text(&p, end, "{\"key\":", 7) || !take_uint(&p, end, key_size, &k) ||
	    !take_text(&p, end, ",\"value\":", 9) || !take_uint(&p, end, value_size, &v) ||
	    !take_text(&p, end, "}", 1) || p != end)
		return false;
	store(key, key_size, k);
	store(value, value_size, v);
	return true;
}

static int parse_lines(struct map_image *i, const struct map_codec *c, struct image_lines *l,
		       struct err *e)
{
	auto_free uint8_t *key = xcalloc(1, i->map->info.key_size + 1u);
	auto_free uint8_t *value = xcalloc(1, i->map->value_len);
	bool plain = c->key && codec_is_uint(c->key) && codec_is_uint(c->value) && !i->map->cpus;
	auto_val struct val v = {};
	const char *line;
	size_t len;

	while (next_line(l, &line, &len)) {
		int r;

		if (plain && !l->closed && plain_line(c, line, len, key, value)) {
			map_image_add(i, key, value);
			l->entries++;
			continue;
		}
		r = parse_line(l, line, len, &v, e);
		if (r < 0)
			return r;
		if (r && entry_from(i, c, &v, key, value, e))
			return at_line(l, e);
	}
	return at_end(l, e);
}

static int check_sizes(const struct image_head *h, const struct map *m, const char *path,
		       struct err *e)
{
	char label[64];

	map_label(&m->info, label);
	if (h->type == UINT32_MAX)
		return 0;
	if (h->key_size != m->info.key_size)
		return err_input(e, "%s has keys of %u bytes, %s of %u", path, h->key_size, label,
				 m->info.key_size);
	if (h->value_size != m->info.value_size)
		return err_input(e, "%s has values of %u bytes, %s of %u", path, h->value_size,
				 label, m->info.value_size);
	if (!h->cpus != !m->cpus)
		return err_input(e, "%s is %sper CPU, %s is %s", path, h->cpus ? "" : "not ", label,
				 m->cpus ? "" : "not");
	if (h->cpus != m->cpus)
		return err_input(e, "%s has values of %u CPUs, this machine has %u", path, h->cpus,
				 m->cpus);
	return 0;
}

int map_image_parse(struct map_image *i, const struct map_codec *codec, const char *text,
		    size_t len, const char *path, struct err *e)
{
	struct image_lines l = { .text = text, .end = text + len, .path = path };
	struct image_head h;
	int r = map_image_head(text, len, path, &h, e);

	*i = (struct map_image){ .map = codec->map };
	if (r == 0)
		r = check_sizes(&h, codec->map, path, e);
	if (r)
		return r;
	return h.compact ? image_unpack(i, text, len, path, e) : parse_lines(i, codec, &l, e);
}
