// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Map entries as rows, and from words. */
#include "cmd/entry.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/handle.h"
#include "core/mem.h"
#include "core/types.h"
#include "uapi/names.h"

/* ---- opening ------------------------------------------------------------------------------ */

/* A codec by the spec that was given, by BTF, or by size. */
static struct codec *codec_for(const struct entries *x, const char *what, const char *spec,
			       uint32_t type, uint32_t size, struct err *e)
{
	struct codec *c;

	if (spec)
		c = codec_of_spec(spec, x->types, e);
	else if (x->types && type)
		c = codec_of_type(x->types, type, CODEC_TYPED, e);
	else
		c = codec_of_size(size);
	if (c && codec_size(c) != size) {
		err_input(e, "%s: '%s' has %u bytes, the map's has %u", what,
			  spec ?: "its BTF type", codec_size(c), size);
		codec_freep(&c);
	}
	return c;
}

static int open_codecs(struct entries *x, const struct spec_args *spec, struct err *e)
{
	const struct map_info *i = &x->map.info;

	if (i->key_size)
		x->key = codec_for(x, "key", spec->key_spec, i->key_type_id, i->key_size, e);
	x->value = codec_for(x, "value", spec->value_spec, i->value_type_id, i->value_size, e);
	if ((i->key_size && !x->key) || !x->value)
		return -e->code ?: -1;
	if (!x->types || !i->value_type_id)
		return 0;
	if (i->key_type_id)
		x->bpftool_key = codec_of_type(x->types, i->key_type_id, CODEC_BPFTOOL, e);
	x->bpftool_value = codec_of_type(x->types, i->value_type_id, CODEC_BPFTOOL, e);
	return (i->key_type_id && !x->bpftool_key) || !x->bpftool_value ? -e->code ?: -1 : 0;
}

int entries_open(struct entries *x, struct words handle, const struct spec_args *spec,
		 struct err *e)
{
	struct err no_btf = {};
	int fd = handle_open_words(handle.v, handle.n, OBJ_MAP, e);
	int r;

	if (fd < 0)
		return fd;
	r = map_open(&x->map, fd, e);
	if (r < 0)
		return r;
	if (x->map.info.btf_id)
		x->types = types_by_id(x->map.info.btf_id, &no_btf);
	err_clear(&no_btf); /* without BTF the bytes still tell something */
	return open_codecs(x, spec, e);
}

void entries_close(struct entries *x)
{
	codec_freep(&x->key);
	codec_freep(&x->value);
	codec_freep(&x->bpftool_key);
	codec_freep(&x->bpftool_value);
	types_freep(&x->types);
	map_close(&x->map);
}

/* ---- rows --------------------------------------------------------------------------------- */

const struct out_col entry_cols[] = {
	{ "key", "KEY", K_ANY, "the key; in json its bytes, in jsonl by its type", 0 },
	{ "value", "VALUE", K_ANY, "the value, likewise; in text a list if per CPU", 0 },
	{ "values", "", K_LIST, "per-CPU maps: a value for each CPU", OUT_JSON_ONLY },
	{ "formatted", "", K_MAP, "json, with BTF: key and value by their types", OUT_JSON_ONLY },
	{ "inner_map_id", "", K_UINT, "maps of maps: the map inside", OUT_JSON_ONLY },
	OUT_END,
};

static bool holds_maps(const struct entries *x)
{
	return x->map.info.type == UAPI_MAP_array_of_maps ||
	       x->map.info.type == UAPI_MAP_hash_of_maps;
}

static const uint8_t *of_cpu(const struct entries *x, const void *value, unsigned int cpu)
{
	return (const uint8_t *)value + cpu * x->map.stride;
}

/* bpftool's shape: bytes, and beside them what BTF makes of them. */
static void put_values_raw(const struct entries *x, struct out *out, const void *value)
{
	out_list(out, "values");
	for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++) {
		out_map(out, NULL);
		out_uint(out, "cpu", cpu);
		out_bytes(out, "value", of_cpu(x, value, cpu), x->map.info.value_size);
		out_close(out);
	}
	out_close(out);
}

static void put_formatted_values(const struct entries *x, struct out *out, const void *value)
{
	if (!x->map.cpus) {
		codec_out(x->bpftool_value, value, x->map.info.value_size, out, "value");
		return;
	}
	out_list(out, "values");
	for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++) {
		out_map(out, NULL);
		out_uint(out, "cpu", cpu);
		codec_out(x->bpftool_value, of_cpu(x, value, cpu), x->map.info.value_size, out,
			  "value");
		out_close(out);
	}
	out_close(out);
}

static void put_json(const struct entries *x, struct out *out, const void *key, const void *value)
{
	uint32_t id;

	if (x->key)
		out_bytes(out, "key", key, x->map.info.key_size);
	else
		out_bytes(out, "key", NULL, 0);
	if (x->map.cpus)
		put_values_raw(x, out, value);
	else
		out_bytes(out, "value", value, x->map.info.value_size);
	if (x->bpftool_value) {
		out_map(out, "formatted");
		if (x->bpftool_key)
			codec_out(x->bpftool_key, key, x->map.info.key_size, out, "key");
		put_formatted_values(x, out, value);
		out_close(out);
	}
	if (holds_maps(x)) {
		memcpy(&id, value, sizeof(id));
		out_uint(out, "inner_map_id", id);
	}
}

static void put_typed(const struct entries *x, struct out *out, const void *key, const void *value)
{
	uint32_t size = x->map.info.value_size;

	if (x->key)
		codec_out(x->key, key, x->map.info.key_size, out, "key");
	if (!x->map.cpus) {
		codec_out(x->value, value, size, out, "value");
		return;
	}
	out_list(out, out_is_text(out) ? "value" : "values");
	for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++)
		codec_out(x->value, of_cpu(x, value, cpu), size, out, NULL);
	out_close(out);
}

/* A value that cannot be read (a slot without a program, an element gone meanwhile). */
static void put_unreadable(const struct entries *x, struct out *out, const void *key, int code)
{
	if (out_format(out) == OUT_JSON)
		out_bytes(out, "key", key, x->map.info.key_size);
	else
		codec_out(x->key, key, x->map.info.key_size, out, "key");
	out_map(out, "value");
	out_str(out, "error", err_text(code));
	out_close(out);
}

void entry_put(const struct entries *x, struct out *out, const void *key, const void *value,
	       int value_errno)
{
	out_row(out);
	if (!value)
		put_unreadable(x, out, key, value_errno);
	else if (out_format(out) == OUT_JSON)
		put_json(x, out, key, value);
	else
		put_typed(x, out, key, value);
}

/* ---- words -------------------------------------------------------------------------------- */

int entry_parse_key(const struct entries *x, struct words words, void *to, struct err *e)
{
	if (!x->key && words.n)
		return err_usage(e, "a %s has no keys", uapi_map_type_name(x->map.info.type));
	if (!x->key)
		return 0;
	if (!words.n)
		return err_usage(e, "key is missing");
	if (codec_parse_words(x->key, words.v, words.n, to, e) < 0)
		return err_wrap(e, "key: ");
	return 0;
}

/* Maps of maps and tables of programs take a handle, with `map` or `prog` in front or not. */
static int parse_reference(struct words words, enum obj_kind kind, const char *word, void *to,
			   int *fd, struct err *e)
{
	if (words.n > 1 && strcmp(words.v[0], word) == 0) {
		words.v++;
		words.n--;
	}
	*fd = handle_open_words(words.v, words.n, kind, e);
	if (*fd < 0)
		return err_wrap(e, "value: ");
	memcpy(to, fd, sizeof(*fd));
	return 0;
}

/* One value for all CPUs. */
static int parse_percpu(const struct entries *x, struct words words, uint8_t *to, struct err *e)
{
	memset(to, 0, x->map.value_len);
	if (codec_parse_words(x->value, words.v, words.n, to, e) < 0)
		return err_wrap(e, "value: ");
	for (unsigned int cpu = 1; cpu < x->map.cpus; cpu++)
		memcpy(to + cpu * x->map.stride, to, x->map.info.value_size);
	return 0;
}

int entry_parse_value(const struct entries *x, struct words words, void *to, int *fd, struct err *e)
{
	*fd = -1;
	if (!words.n)
		return err_usage(e, "value is missing");
	if (holds_maps(x))
		return parse_reference(words, OBJ_MAP, "map", to, fd, e);
	if (x->map.info.type == UAPI_MAP_prog_array)
		return parse_reference(words, OBJ_PROG, "prog", to, fd, e);
	if (x->map.cpus)
		return parse_percpu(x, words, to, e);
	if (codec_parse_words(x->value, words.v, words.n, to, e) < 0)
		return err_wrap(e, "value: ");
	return 0;
}
