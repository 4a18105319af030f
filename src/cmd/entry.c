// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Map entries as rows. */
#include "cmd/entry.h"

#include <string.h>

#include "core/err.h"
#include "core/handle.h"
#include "uapi/names.h"

/* ---- opening ------------------------------------------------------------------------------ */

int entries_open(struct entries *x, struct words handle, const struct spec_args *spec,
		 struct err *e)
{
	int fd = handle_open_words(handle.v, handle.n, OBJ_MAP, e);
	int r;

	if (fd < 0)
		return fd;
	r = map_open(&x->map, fd, e);
	if (r == 0)
		r = map_codec_open(&x->typed, &x->map, spec->key_spec, spec->value_spec,
				   CODEC_TYPED, e);
	if (r == 0 && x->typed.btf_value)
		r = map_codec_open(&x->bpftool, &x->map, NULL, NULL, CODEC_BPFTOOL, e);
	return r;
}

void entries_close(struct entries *x)
{
	map_codec_close(&x->typed);
	map_codec_close(&x->bpftool);
	map_close(&x->map);
}

/* ---- rows --------------------------------------------------------------------------------- */

const struct out_col entry_cols[] = {
	{ "key", "KEY", K_ANY, "the key; in json its bytes, in jsonl by its type",
	  OUT_LABEL | OUT_BARE },
	{ "value", "VALUE", K_ANY, "the value, likewise; in text a list if per CPU", OUT_BARE },
	{ "values", "", K_LIST, "per-CPU maps: a value for each CPU", OUT_JSON_ONLY | OUT_BARE },
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
		codec_out(x->bpftool.value, value, x->map.info.value_size, out, "value");
		return;
	}
	out_list(out, "values");
	for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++) {
		out_map(out, NULL);
		out_uint(out, "cpu", cpu);
		codec_out(x->bpftool.value, of_cpu(x, value, cpu), x->map.info.value_size, out,
			  "value");
		out_close(out);
	}
	out_close(out);
}

static void put_json(const struct entries *x, struct out *out, const void *key, const void *value)
{
	uint32_t id;

	if (x->typed.key)
		out_bytes(out, "key", key, x->map.info.key_size);
	else
		out_bytes(out, "key", NULL, 0);
	if (x->map.cpus)
		put_values_raw(x, out, value);
	else
		out_bytes(out, "value", value, x->map.info.value_size);
	if (x->bpftool.value) {
		out_map(out, "formatted");
		if (x->bpftool.key)
			codec_out(x->bpftool.key, key, x->map.info.key_size, out, "key");
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

	if (x->key_text)
		out_str(out, "key", x->key_text);
	else if (x->typed.key)
		codec_out(x->typed.key, key, x->map.info.key_size, out, "key");
	if (!x->map.cpus) {
		codec_out(x->typed.value, value, size, out, "value");
		return;
	}
	out_list(out, out_is_text(out) ? "value" : "values");
	for (unsigned int cpu = 0; cpu < x->map.cpus; cpu++)
		codec_out(x->typed.value, of_cpu(x, value, cpu), size, out, NULL);
	out_close(out);
}

/* A value that cannot be read (a slot without a program, an element gone meanwhile). */
static void put_unreadable(const struct entries *x, struct out *out, const void *key, int code)
{
	if (out_format(out) == OUT_JSON)
		out_bytes(out, "key", key, x->map.info.key_size);
	else
		codec_out(x->typed.key, key, x->map.info.key_size, out, "key");
	out_map(out, "value");
	out_str(out, "error", err_text(code));
	out_close(out);
}

void entry_put(const struct entries *x, struct out *out, const void *key, const void *value,
	       int value_errno)
{
	out_row(out);
	if (out_wants_look(out)) {
		struct val look = entry_val(x, key, value);

		out_look(out, &look);
	}
	if (!value)
		put_unreadable(x, out, key, value_errno);
	else if (out_format(out) == OUT_JSON)
		put_json(x, out, key, value);
	else
		put_typed(x, out, key, value);
}
