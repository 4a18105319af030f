// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Saved entries: both forms, whatever is wrong with them; and differences. */
#include "core/map_image.h"
#include <errno.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/jsonw.h"
#include "core/map.h"
#include "core/map_codec.h"
#include "core/map_delta.h"
#include "core/mem.h"
#include "core/val.h"
#include "test.h"
#include "uapi/names.h"

/* A map that is nowhere: only its sizes count. */
static struct map some_map(uint32_t type, uint32_t key, uint32_t value, unsigned int cpus)
{
	struct map m = { .fd = -1,
			 .info = { .type = type,
				   .key_size = key,
				   .value_size = value,
				   .max_entries = 100,
				   .name = "m" } };

	map_lay_out(&m, cpus);
	return m;
}

static void fill(struct map_image *i, size_t n)
{
	for (uint32_t k = 0; k < n; k++) {
		uint8_t key[16] = {}, value[64] = {};

		memcpy(key, &k, 4);
		memset(value, (int)k + 1, i->map->value_len);
		map_image_add(i, key, value);
	}
}

static int parse(const struct map *m, const char *text, size_t len, struct map_image *i,
		 struct err *e)
{
	auto_map_codec struct map_codec c = {};

	CHECK_INT(map_codec_open(&c, m, NULL, NULL, CODEC_TYPED, e), 0);
	return map_image_parse(i, &c, text, len, "file", e);
}

static void compact_comes_back(void)
{
	static const struct {
		uint32_t key, value;
		unsigned int cpus;
		size_t n;
	} shapes[] = { { 4, 8, 0, 0 },	{ 4, 8, 0, 1 }, { 16, 7, 0, 50 },
		       { 4, 4, 3, 20 }, { 0, 4, 0, 9 }, { 4, 1, 0, 70000 } };

	for (size_t s = 0; s < countof(shapes); s++) {
		struct map m =
			some_map(UAPI_MAP_hash, shapes[s].key, shapes[s].value, shapes[s].cpus);
		auto_map_image struct map_image i = { .map = &m }, again = {};
		auto_buf struct buf text = {};
		struct err e = {};

		fill(&i, shapes[s].n);
		map_image_pack(&i, &text);
		CHECK_INT(parse(&m, text.data, text.len, &again, &e), 0);
		CHECK_INT(again.n, i.n);
		CHECK(again.n != i.n || !i.n ||
		      memcmp(i.values, again.values, i.n * m.value_len) == 0);
		CHECK(again.n != i.n || !i.n ||
		      memcmp(i.keys, again.keys, i.n * m.info.key_size) == 0);
	}
}

static void damage_is_found(void)
{
	struct map m = some_map(UAPI_MAP_hash, 4, 8, 0);
	auto_map_image struct map_image i = { .map = &m };
	auto_buf struct buf text = {};

	fill(&i, 5);
	map_image_pack(&i, &text);
	for (size_t len = 6; len < text.len; len++) {
		auto_map_image struct map_image cut = {};
		auto_free char *copy = xmalloc(len); /* exactly so long, for the sanitizer */
		struct err e = {};

		memcpy(copy, text.data, len);
		if (parse(&m, copy, len, &cut, &e) != -EINVAL || e.class != ERR_INPUT)
			FAIL("%zu of %zu bytes are accepted", len, text.len);
	}
	for (size_t at = 6; at < text.len; at++) {
		auto_map_image struct map_image bad = {};
		struct err e = {};

		text.data[at] ^= 0x10;
		if (parse(&m, text.data, text.len, &bad, &e) != -EINVAL)
			FAIL("byte %zu changed, and accepted", at);
		text.data[at] ^= 0x10;
	}
}

static void lines(void)
{
	static const struct {
		const char *text, *error; /* NULL: none */
		size_t n;
	} cases[] = {
		{ "", NULL, 0 },
		{ "{\"key\":1,\"value\":2}\n", NULL, 1 },
		{ "{\"key\":1,\"value\":2}", NULL, 1 },
		{ "\n{\"key\":1,\"value\":2}\r\n\n{ \"value\": 3, \"key\": \"0x10\" }\n", NULL, 2 },
		{ "{\"key\":4294967295,\"value\":18446744073709551615}\n", NULL, 1 },
		{ "{\"key\":[\"0x01\",\"0x00\",\"0x00\",\"0x00\"],\"value\":2,\"formatted\":{}}",
		  NULL, 1 },
		{ "{\"key_hex\":\"01020304\",\"value_hex\":\"0000000000000000\"}", NULL, 1 },
		{ "{\"map\":{\"type\":\"hash\",\"bytes_key\":4,\"bytes_value\":8}}\n"
		  "{\"key\":1,\"value\":2}\n{\"entries\":1}\n",
		  NULL, 1 },
		{ "{\"map\":{\"type\":\"hash\",\"bytes_key\":4,\"bytes_value\":8}}\n",
		  "file:1: cut off", 0 },
		{ "{\"map\":{\"type\":\"hash\",\"bytes_key\":2,\"bytes_value\":8}}\n",
		  "keys of 2 bytes", 0 },
		{ "{\"key\":4294967296,\"value\":1}", "file:1: key: ", 0 },
		{ "{\"key\":1,\"value\":18446744073709551616}", "file:1: ", 0 },
		{ "{\"key\":01,\"value\":1}", "file:1: ", 0 },
		{ "{\"key\":,\"value\":1}", "file:1: ", 0 },
		{ "{\"key\":1,\"value\":2}\n{\"key\":1,\"value\":2}}\n", "file:2: ", 0 },
		{ "{\"key\":1,\"value\":2}\n{\"key\":1,\"value\":-1}\n", "file:2: value: ", 0 },
		{ "{\"entries\":0}\n{\"key\":1,\"value\":2}\n", "file:2: there is more", 0 },
		{ "{\"key\":1,\"value\":2}\n{\"map\":{}}\n", "file:2: 'map' is no part", 0 },
	};
	struct map m = some_map(UAPI_MAP_hash, 4, 8, 0);

	for (size_t k = 0; k < countof(cases); k++) {
		auto_map_image struct map_image i = {};
		struct err e = {};
		int r = parse(&m, cases[k].text, strlen(cases[k].text), &i, &e);

		if (!cases[k].error != !r || (r && !strstr(e.what, cases[k].error)))
			FAIL("%s\n# gives %d %s", cases[k].text, r, e.what);
		if (!r)
			CHECK_INT(i.n, cases[k].n);
	}
}

static char *text_of(const struct val *v)
{
	auto_buf struct buf text = {};
	struct jsonw w = { .to = &text };

	jsonw_val(&w, v);
	buf_str(&text);
	return buf_take(&text);
}

static void deltas_and_rates(void)
{
	static const char *const cases[][4] = {
		{ "1", "5", "4", "2" },
		{ "5", "1", "-4", "-2" },
		{ "0", "1", "1", "0.5" },
		{ "0", "18446744073709551615", "18446744073709551615", "9.223372036854776e+18" },
		{ "0.5", "1.5", "1", "0.5" },
		{ "{\"a\":1,\"s\":\"x\",\"l\":[1,2]}", "{\"a\":2,\"s\":\"y\",\"l\":[1,5]}",
		  "{\"a\":1,\"l\":[0,3]}", "{\"a\":0.5,\"l\":[0,1.5]}" },
		{ "\"x\"", "\"y\"", "null", "null" },
		{ "0", "1001", "1001", "501" },
		{ "0", "67", "67", "33.5" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		auto_val struct val old = {}, now = {}, delta = {}, rate = {};
		auto_free char *delta_text = NULL, *rate_text = NULL;
		struct err e = {};

		CHECK_INT(json_parse(cases[i][0], strlen(cases[i][0]), "old", &old, &e), 0);
		CHECK_INT(json_parse(cases[i][1], strlen(cases[i][1]), "new", &now, &e), 0);
		delta = val_delta(&old, &now);
		rate = val_rate(&delta, 2);
		delta_text = text_of(&delta);
		rate_text = text_of(&rate);
		CHECK_STR(delta_text, cases[i][2]);
		CHECK_STR(rate_text, cases[i][3]);
	}
}

static const struct test tests[] = {
	{ "the compact form comes back", compact_comes_back },
	{ "damage is found, wherever it is", damage_is_found },
	{ "lines, right and wrong", lines },
	{ "differences, and what they are per second", deltas_and_rates },
};
TEST_MAIN(tests)
