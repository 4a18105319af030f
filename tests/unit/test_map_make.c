// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps from words: flags, sizes, specs and the BTF made of them. */
#include "core/map_make.h"

#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/map.h"
#include "core/map_btf.h"
#include "core/map_codec.h"
#include "core/obj.h"
#include "core/out.h"
#include "core/types.h"
#include "kern.h"
#include "uapi/names.h"

static void flags_both_ways(void)
{
	static const struct {
		const char *text, *again;
		uint32_t flags;
	} good[] = {
		{ "", "", 0 },
		{ "0", "", 0 },
		{ "no_prealloc", "no_prealloc", 1 },
		{ "BPF_F_NO_PREALLOC", "no_prealloc", 1 },
		{ "MMAPABLE,inner_map", "mmapable,inner_map", 0x1400 },
		{ "mmapable|0x1", "no_prealloc,mmapable", 0x401 },
		{ "rb_overwrite", "rb_overwrite", 0x80000 },
		{ "0x80000001", "no_prealloc,0x80000000", 0x80000001 },
	};
	struct err e = {};
	uint32_t flags;

	for (size_t i = 0; i < countof(good); i++) {
		auto_buf struct buf text = {};

		CHECK_INT(map_flags_parse(good[i].text, &flags, &e), 0);
		CHECK_INT(flags, good[i].flags);
		map_flags_text(flags, &text);
		CHECK_STR(buf_str(&text), good[i].again);
	}
	CHECK(map_flags_parse("no_preallok", &flags, &e) < 0);
	CHECK_STR(e.hint, "did you mean 'no_prealloc'?");
	CHECK(map_flags_parse("no_prealloc,,mmapable", &flags, &e) < 0);
	CHECK(map_flags_parse("5000000000", &flags, &e) < 0);
}

static void short_forms(void)
{
	static const struct {
		const char *text;
		uint32_t type, key, value, entries, flags;
	} good[] = {
		{ "hash:4:8:100", UAPI_MAP_hash, 4, 8, 100, 0 },
		{ "hash:u32:{ u8 a:3; u8 b:5 }:1K", UAPI_MAP_hash, 4, 1, 1024, 0 },
		{ "array:4:8:10:mmapable", UAPI_MAP_array, 4, 8, 10, BPF_F_MMAPABLE },
		{ "lpm_trie:cidr4:4:10", UAPI_MAP_lpm_trie, 8, 4, 10, BPF_F_NO_PREALLOC },
	};
	static const char *const bad[] = {
		"", "hash", "hash:4:8", "hash:4:8:1:0:0", "hash:{ u8 a:3:8:1", "nothing:4:8:1"
	};
	struct err e = {};

	NEED_KERNEL();
	for (size_t i = 0; i < countof(good); i++) {
		auto_map struct map m = MAP_INIT;

		if (map_make_short(&m, good[i].text, &e)) {
			FAIL("%s: %s (%s)", good[i].text, e.what, e.hint);
			continue;
		}
		CHECK_INT(m.info.type, good[i].type);
		CHECK_INT(m.info.key_size, good[i].key);
		CHECK_INT(m.info.value_size, good[i].value);
		CHECK_INT(m.info.max_entries, good[i].entries);
		CHECK_INT(m.info.flags, good[i].flags);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		auto_map struct map m = MAP_INIT;

		if (map_make_short(&m, bad[i], &e) == 0)
			FAIL("%s: taken", bad[i]);
	}
}

/* ---- a spec, and the BTF made of it ------------------------------------------------------- */

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static void random_spec(struct buf *to, int depth)
{
	static const char *const names[] = {
		"u8",	"u16", "u32", "u64",   "u128",	"s8",	 "s16",	   "s32",  "s64",  "s128",
		"bool", "f32", "f64", "be16",  "be32",	"be64",	 "le16",   "le32", "le64", "ip4",
		"ip6",	"mac", "ptr", "cidr4", "cidr6", "__u32", "__be16", "char", "int",  "double",
	};
	uint32_t n = 1 + dice(5);

	if (depth > 3 || dice(3)) {
		buf_adds(to, names[dice(countof(names))]);
		return;
	}
	buf_adds(to, dice(4) ? "{ " : "union { ");
	for (uint32_t i = 0; i < n; i++) {
		if (dice(5) == 0) {
			buf_addf(to, "%s f%u:%u; ", dice(2) ? "u32" : "s32", i, 1 + dice(32));
			continue;
		}
		random_spec(to, depth + 1);
		buf_addf(to, " f%u", i);
		for (uint32_t d = dice(5) / 3; d; d--)
			buf_addf(to, "[%u]", 1 + dice(4));
		buf_adds(to, "; ");
	}
	buf_adds(to, "}");
}

static char *json_of(const struct codec *c, const void *data)
{
	static const struct out_col cols[] = { { "v", "V", K_ANY, "a value", 0 }, OUT_END };
	auto_file FILE *f = tmpfile();
	int fd = fileno(f);
	auto_out struct out *o = out_new(fd, OUT_JSONL, false);
	struct err e = {};
	struct stat st;
	char *text;

	out_begin(o, cols, OUT_ROWS);
	out_row(o);
	codec_out(c, data, codec_size(c), o, "v");
	out_end(o, &e);
	fstat(fd, &st);
	text = xcalloc(1, (size_t)st.st_size + 1);
	CHECK(pread(fd, text, (size_t)st.st_size, 0) == st.st_size);
	return text;
}

static bool reads_the_same(const char *spec)
{
	auto_codec struct codec *c = NULL, *again = NULL;
	auto_map_btf struct map_btf btf = {};
	auto_types struct types *t = NULL;
	auto_free uint8_t *data = NULL;
	struct err e = {};

	c = codec_of_spec(spec, NULL, &e);
	if (!c || map_btf_load(&btf, NULL, c, &e)) {
		FAIL("%s: %s", spec, e.what);
		return false;
	}
	t = types_by_id(obj_id(OBJ_BTF, btf.fd), &e);
	again = t ? codec_of_type(t, btf.value, CODEC_TYPED, &e) : NULL;
	if (!again || codec_size(again) != codec_size(c)) {
		FAIL("%s: %s", spec, again ? "other size" : e.what);
		return false;
	}
	data = xcalloc(1, codec_size(c));
	for (int round = 0; round < 4; round++) {
		auto_free char *one = NULL, *two = NULL;

		for (uint32_t i = 0; i < codec_size(c); i++)
			data[i] = (uint8_t)(round ? dice(256) : 0);
		one = json_of(c, data);
		two = json_of(again, data);
		if (strcmp(one, two) != 0) {
			FAIL("%s\n#   %s#   %s", spec, one, two);
			return false;
		}
	}
	return true;
}

static void specs_and_their_btf(void)
{
	NEED_KERNEL();
	for (uint32_t i = 0; i < 300; i++) {
		auto_buf struct buf spec = {};

		seed = i;
		random_spec(&spec, 0);
		if (!reads_the_same(buf_str(&spec)))
			return;
	}
}

/* The list of all CPUs' values as tables print it (bare), or as it stands in JSON. */
static char *list_of(const struct map_codec *c, const uint8_t *values, bool bare)
{
	struct buf text = {};

	buf_adds(&text, bare ? "" : "[");
	for (unsigned int cpu = 0; cpu < c->map->cpus; cpu++) {
		auto_free char *one = json_of(c->value, values + cpu * c->map->stride);

		/* {"v":...}\n */
		buf_addf(&text, "%s%.*s", cpu ? "," : "", (int)strlen(one) - 7, one + 5);
	}
	buf_adds(&text, bare ? "" : "]");
	return buf_take(&text);
}

static bool cpus_both_ways(const struct map *m)
{
	auto_free uint8_t *data = xcalloc(1, m->value_len), *back = xcalloc(1, m->value_len);
	auto_map_codec struct map_codec c = {};
	auto_map_fds struct map_fds fds = {};
	struct err e = {};

	CHECK_INT(map_codec_open(&c, m, NULL, NULL, CODEC_TYPED, &e), 0);
	for (int round = 0; round < 4; round++) {
		auto_free char *text = NULL, *again = NULL;

		for (size_t i = 0; i < m->value_len; i++)
			data[i] = (uint8_t)(round ? dice(256) : 0);
		text = list_of(&c, data, round & 1);
		if (map_codec_value(&c, &text, 1, NULL, back, &fds, &e)) {
			FAIL("%s: %s", text, e.what);
			return false;
		}
		again = list_of(&c, back, round & 1);
		if (strcmp(text, again) != 0) {
			FAIL("%s\n#   %s", text, again);
			return false;
		}
	}
	return true;
}

static void random_values_of_all_cpus(void)
{
	struct err e = {};

	NEED_KERNEL();
	for (uint32_t i = 0; i < 300; i++) {
		struct map_wish w = { .type = "percpu_array", .entries = "1" };
		auto_map struct map m = MAP_INIT;
		auto_buf struct buf spec = {};

		seed = i;
		if (i % 4)
			random_spec(&spec, 0);
		else
			buf_addf(&spec, "{ char s[%u]; u8 n[2]; char t }", 1 + dice(8));
		w.value = buf_str(&spec);
		if (map_make(&m, &w, &e)) {
			FAIL("%s: %s", w.value, e.what);
			return;
		}
		if (!cpus_both_ways(&m))
			return;
	}
}

static void what_a_type_has_anyway(void)
{
	struct err e = {};

	NEED_KERNEL();
	for (size_t i = 0; i < uapi_nr_map_types; i++) {
		uint32_t type = uapi_map_types[i].id;
		struct map_wish w = { .type = uapi_map_types[i].name, .entries = "4096" };
		auto_map struct map m = MAP_INIT, inner = MAP_INIT;

		if (type == UAPI_MAP_struct_ops)
			w.value = "tcp_congestion_ops";
		if (type == UAPI_MAP_cpumap || type == UAPI_MAP_struct_ops ||
		    strstr(w.type, "_storage"))
			w.entries = NULL;
		if (type == UAPI_MAP_array_of_maps || type == UAPI_MAP_hash_of_maps) {
			CHECK_INT(map_make_short(&inner, "array:4:4:1", &e), 0);
			w.inner_fd = inner.fd;
		}
		/* What is missing is asked for; all the rest is there. */
		if (map_make(&m, &w, &e) && e.class == ERR_USAGE && strstr(e.what, "the key"))
			w.key = type == UAPI_MAP_lpm_trie ? "cidr4" : "u32";
		if (m.fd < 0 && map_make(&m, &w, &e) && e.class == ERR_USAGE)
			w.value = "u64";
		if (m.fd < 0 && map_make(&m, &w, &e) && type != UAPI_MAP_insn_array &&
		    type != UAPI_MAP_rhash)
			FAIL("%s: %s (%s)", w.type, e.what, e.hint);
		if (m.fd >= 0)
			CHECK_INT(m.info.type, type);
	}
}

static const struct test tests[] = {
	{ "flags by name, both ways", flags_both_ways },
	{ "a map in one word", short_forms },
	{ "a spec and the BTF made of it read the same", specs_and_their_btf },
	{ "values of all CPUs, printed and read back", random_values_of_all_cpus },
	{ "every type with what it has anyway", what_a_type_has_anyway },
};
TEST_MAIN(tests)
