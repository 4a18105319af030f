// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The codec by BTF: what clang writes, what nobody should write, and random types both ways. */
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "core/buf.h"
#include "core/codec.h"
#include "core/err.h"
#include "core/json.h"
#include "core/obj.h"
#include "core/out.h"
#include "core/types.h"
#include "core/val.h"
#include "kern.h"

/* The value as JSON, or as a table has it. */
static char *text_of(const struct codec *c, const void *data, size_t len, enum out_format format)
{
	const struct out_col cols[] = {
		{ "v", "V", format == OUT_TABLE ? K_LINE : K_ANY, "a value", 0 }, OUT_END
	};
	auto_fd int fd = memfd_create("out", MFD_CLOEXEC);
	auto_out struct out *o = out_new(fd, format, false);
	struct err e = {};
	struct stat st;
	char *text;

	out_begin(o, cols, OUT_ROWS);
	out_row(o);
	codec_out(c, data, len, o, "v");
	out_end(o, &e);
	fstat(fd, &st);
	text = xcalloc(1, (size_t)st.st_size + 1);
	if (pread(fd, text, (size_t)st.st_size, 0) < 8 && format != OUT_TABLE)
		return text;
	if (format == OUT_TABLE) {
		if (st.st_size)
			text[st.st_size - 1] = '\0';
		return text;
	}
	text[st.st_size - 2] = '\0'; /* {"v":...}\n */
	memmove(text, text + 5, strlen(text + 5) + 1);
	return text;
}

static struct types *types_of_object(const char *name)
{
	static struct bpf_object *object; /* opened once; libbpf sets the offsets of globals then */
	const char *path = bpf_object_path(name);

	if (!object && path)
		object = bpf_object__open(path);
	return object ? types_borrow(bpf_object__btf(object)) : NULL;
}

#define NEED_TYPES(t)                                                                              \
	auto_types struct types *t = types_of_object("types");                                     \
	if (!(t))                                                                                  \
	SKIP("needs clang")

static void what_clang_writes(void)
{
	struct err e = {};
	auto_codec struct codec *c = NULL;
	auto_free char *json = NULL, *again = NULL;
	uint8_t data[256] = {}, back[256];
	const char *text = "{packets=5,delta=-1,verdict=PASS,flags=WIDE_BIG,on=true,name=abc,"
			   "letter='A',low=5,high=-3,where=0xff,word=0x04030201,"
			   "in=[{x=1,y=2},{x=3}],net=10.0.0.0/8,huge=0x10000000000000000,"
			   "source=10.0.0.1}";

	NEED_TYPES(t);
	c = codec_of_type(t, types_find(t, "struct value"), CODEC_TYPED, &e);
	CHECK(c);
	if (!c || codec_parse(c, text, data, &e)) {
		FAIL("%s (%s)", e.what, e.hint);
		return;
	}
	json = text_of(c, data, codec_size(c), OUT_JSONL);
	CHECK_STR(json, "{\"packets\":5,\"delta\":-1,\"verdict\":\"PASS\",\"flags\":\"WIDE_BIG\","
			"\"on\":true,\"name\":\"abc\",\"letter\":65,\"low\":5,\"high\":-3,"
			"\"where\":\"0xff\",\"word\":67305985,\"bytes\":[1,2,3,4],"
			"\"in\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":0}],\"net\":\"10.0.0.0/8\","
			"\"huge\":\"0x10000000000000000\",\"source\":167772161}");
	CHECK_INT(codec_parse(c, json, back, &e), 0);
	CHECK(memcmp(data, back, codec_size(c)) == 0);
	CHECK(codec_parse(c, "{verdict=PAS}", back, &e) < 0);
	CHECK_STR(e.what, "verdict: there is no 'PAS'; expected enum action: ABORTED, DROP, PASS, "
			  "NEGATIVE");
	CHECK_STR(e.hint, "did you mean 'PASS'?");
	CHECK(codec_parse(c, "{low=8}", back, &e) < 0);
	CHECK_INT(codec_parse(c, "{verdict=NEGATIVE}", back, &e), 0);
	again = text_of(c, back, codec_size(c), OUT_JSONL);
	CHECK(strstr(again, "\"verdict\":\"NEGATIVE\""));
}

static void as_bpftool_prints(void)
{
	struct err e = {};
	auto_codec struct codec *typed = NULL, *c = NULL;
	auto_free char *json = NULL;
	uint8_t data[256] = {};

	NEED_TYPES(t);
	typed = codec_of_type(t, types_find(t, "struct value"), CODEC_TYPED, &e);
	c = codec_of_type(t, types_find(t, "struct value"), CODEC_BPFTOOL, &e);
	CHECK(typed && c);
	CHECK_INT(codec_parse(typed,
			      "{packets=5,verdict=7,on=2,name=abc,letter=65,low=5,high=-1,"
			      "where=255,word=1,huge=1,source=1}",
			      data, &e),
		  0);
	json = text_of(c, data, codec_size(c), OUT_JSONL);
	CHECK_STR(json, "{\"packets\":5,\"delta\":0,\"verdict\":7,\"flags\":0,\"on\":true,"
			"\"name\":\"abc\",\"letter\":65,\"low\":\"0x5\",\"high\":\"0x1f\","
			"\"where\":255,\"\":{\"word\":1,\"bytes\":[1,0,0,0]},"
			"\"in\":[{\"x\":0,\"y\":0},{\"x\":0,\"y\":0}],"
			"\"net\":{\"prefixlen\":0,\"addr\":[0,0,0,0]},\"huge\":\"0x1\","
			"\"source\":16777216}");
}

/* The text behind "formatted": in bpftool's own dump of the same map. */
static void as_bpftool_does_print(void)
{
	const char *path = bpf_object_path("types");
	struct bpf_object *o = path ? bpf_object__open(path) : NULL;
	auto_codec struct codec *key = NULL, *value = NULL;
	auto_types struct types *t = NULL;
	char command[128], dump[8192] = "", want[4096];
	uint8_t k[64], v[256];
	struct err e = {};
	FILE *f;
	int map;

	NEED_KERNEL();
	if (!o)
		SKIP("needs clang");
	if (system("bpftool version >/dev/null 2>&1"))
		SKIP("needs bpftool");
	CHECK_INT(bpf_object__load(o), 0);
	t = types_borrow(bpf_object__btf(o));
	key = codec_of_type(t, types_find(t, "struct key"), CODEC_BPFTOOL, &e);
	value = codec_of_type(t, types_find(t, "struct value"), CODEC_BPFTOOL, &e);
	map = bpf_object__find_map_fd_by_name(o, "table");
	srand(1);
	for (int round = 0; round < 20; round++) {
		auto_free char *ks = NULL, *vs = NULL;

		for (size_t i = 0; i < codec_size(key); i++)
			k[i] = (uint8_t)rand();
		for (size_t i = 0; i < codec_size(value); i++)
			v[i] = (uint8_t)(round % 2 ? rand() : rand() % 3);
		/* bpftool reads four bytes of a bool; do not hold that against ourselves. */
		memset(v + 20, 0, 4);
		CHECK_INT(bpf_map_update_elem(map, k, v, 0), 0);
		snprintf(command, sizeof(command), "bpftool -j map dump id %u",
			 obj_id(OBJ_MAP, map));
		f = popen(command, "r");
		dump[fread(dump, 1, sizeof(dump) - 1, f)] = '\0';
		pclose(f);
		ks = text_of(key, k, codec_size(key), OUT_JSONL);
		vs = text_of(value, v, codec_size(value), OUT_JSONL);
		snprintf(want, sizeof(want), "\"formatted\":{\"key\":%s,\"value\":%s}", ks, vs);
		if (!strstr(dump, want) && !test_failures)
			FAIL("bpftool says\n#   %s\n# not\n#   %s", dump, want);
		CHECK_INT(bpf_map_delete_elem(map, k), 0);
	}
	bpf_object__close(o);
}

static void sections_of_globals(void)
{
	struct err e = {};
	auto_codec struct codec *c = NULL, *plain = NULL, *one = NULL;
	auto_free char *json = NULL, *formatted = NULL;
	uint8_t data[256] = {};
	uint32_t id, off;

	NEED_TYPES(t);
	id = types_find_kind(t, ".rodata", T_DATASEC);
	CHECK(id && types_size(t, id) > 0);
	c = codec_of_type(t, id, CODEC_TYPED, &e);
	plain = codec_of_type(t, id, CODEC_BPFTOOL, &e);
	CHECK(c && plain);
	one = codec_field(c, "threshold", &off, &e);
	CHECK_INT(codec_parse(one, "9", data + off, &e), 0);
	CHECK_INT(codec_parse(c, "{label=x}", data, &e), 0);
	json = text_of(c, data, codec_size(c), OUT_JSONL);
	CHECK(strstr(json, "\"threshold\":9") && strstr(json, "\"label\":\"x\""));
	formatted = text_of(plain, data, codec_size(plain), OUT_JSONL);
	CHECK(strstr(formatted, "{\".rodata\":[{\""));
}

static void records_with_a_tail(void)
{
	struct err e = {};
	auto_codec struct codec *c = NULL;
	auto_free char *whole = NULL, *with_tail = NULL;
	uint8_t data[32] = { 7, 0, 0, 0, 's', 'h', [20] = 1, 2, 3 };

	NEED_TYPES(t);
	c = codec_of_type(t, types_find(t, "struct event"), CODEC_TYPED, &e);
	CHECK_INT(codec_size(c), 20);
	whole = text_of(c, data, 20, OUT_JSONL);
	CHECK_STR(whole, "{\"pid\":7,\"comm\":\"sh\",\"tail\":[]}");
	with_tail = text_of(c, data, 23, OUT_JSONL);
	CHECK_STR(with_tail, "{\"pid\":7,\"comm\":\"sh\",\"tail\":[1,2,3]}");
}

static void records_that_end_in_text(void)
{
	struct btf *b = btf__new_empty();
	auto_types struct types *t = types_borrow(b);
	auto_codec struct codec *c = NULL;
	auto_free char *whole = NULL, *with_text = NULL;
	int n = btf__add_int(b, "u32", 4, 0), ch = btf__add_int(b, "char", 1, BTF_INT_SIGNED);
	int text = btf__add_array(b, n, ch, 0), id = btf__add_struct(b, "line", 4);
	struct err e = {};

	btf__add_field(b, "pid", n, 0, 0);
	btf__add_field(b, "text", text, 32, 0);
	c = codec_of_type(t, (uint32_t)id, CODEC_TYPED, &e);
	whole = text_of(c, "\7\0\0\0", 4, OUT_JSONL);
	CHECK_STR(whole, "{\"pid\":7,\"text\":\"\"}");
	with_text = text_of(c, "\7\0\0\0hello\0", 10, OUT_JSONL);
	CHECK_STR(with_text, "{\"pid\":7,\"text\":\"hello\"}");
	codec_freep(&c);
	types_freep(&t);
	btf__free(b);
}

static void specs_with_types(void)
{
	struct err e = {};
	auto_codec struct codec *c = NULL, *none = NULL;
	auto_free char *json = NULL;
	uint8_t data[64] = {};

	NEED_TYPES(t);
	c = codec_of_spec("{ u8 n; struct key k; enum action a; struct nothing *p; cidr4 c }", t,
			  &e);
	if (!c)
		FAIL("%s", e.what);
	CHECK_INT(codec_parse(c, "{n=1,k={addr=10.0.0.1,port=80},a=DROP}", data, &e), 0);
	json = text_of(c, data, codec_size(c), OUT_JSONL);
	CHECK_STR(json, "{\"n\":1,\"k\":{\"addr\":\"10.0.0.1\",\"port\":80,"
			"\"hw\":\"00:00:00:00:00:00\"},\"a\":\"DROP\",\"p\":\"0x0\","
			"\"c\":\"0.0.0.0/0\"}");
	none = codec_of_spec("struct nothing", t, &e);
	CHECK(!none && strstr(e.what, "there is no type 'struct nothing'"));
}

/* ---- BTF that is wrong -------------------------------------------------------------------- */

static void broken(struct btf *btf, uint32_t id, const char *what)
{
	auto_types struct types *t = types_borrow(btf);
	struct err e = {};
	auto_codec struct codec *c = codec_of_type(t, id, CODEC_TYPED, &e);
	auto_codec struct codec *plain = codec_of_type(t, id, CODEC_BPFTOOL, &e);

	if (c || plain)
		FAIL("%s: taken", what);
	CHECK_INT(e.class, ERR_INPUT);
	btf__free(btf);
}

static void broken_types_are_refused(void)
{
	struct btf *b;
	int id, u8;

	b = btf__new_empty(); /* a struct that contains itself */
	id = btf__add_struct(b, "self", 4);
	btf__add_field(b, "self", id, 0, 0);
	broken(b, (uint32_t)id, "self");

	b = btf__new_empty(); /* a typedef of itself */
	id = btf__add_typedef(b, "t", 1);
	broken(b, (uint32_t)id, "typedef");

	b = btf__new_empty(); /* a member behind the end */
	u8 = btf__add_int(b, "u8", 1, 0);
	id = btf__add_struct(b, "s", 4);
	btf__add_field(b, "m", u8, 32, 0);
	broken(b, (uint32_t)id, "behind");

	b = btf__new_empty(); /* a type that is not there */
	id = btf__add_struct(b, "s", 4);
	btf__add_field(b, "m", 99, 0, 0);
	broken(b, (uint32_t)id, "absent");
	broken(btf__new_empty(), 5, "none");
	broken(btf__new_empty(), 0, "void");

	b = btf__new_empty(); /* 2^40 ints in 40 structs */
	u8 = btf__add_int(b, "u8", 1, 0);
	id = u8;
	for (int i = 0; i < 30; i++) {
		int inner = id;
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		id = btf__add_struct(b, name, 1u << (i + 1));
		btf__add_field(b, "a", inner, 0, 0);
		if (i < 20)
			btf__add_field(b, "b", inner, (1u << i) * 8, 0);
	}
	broken(b, (uint32_t)id, "bomb");

	b = btf__new_empty(); /* an array of 2^32 - 1 */
	u8 = btf__add_int(b, "u64", 8, 0);
	id = btf__add_array(b, u8, u8, 0xffffffff);
	broken(b, (uint32_t)id, "array");

	b = btf__new_empty(); /* empty elements without end */
	u8 = btf__add_struct(b, "empty", 0);
	id = btf__add_array(b, u8, u8, 0xffffffff);
	{
		auto_types struct types *t = types_borrow(b);
		struct err e = {};
		auto_codec struct codec *c = codec_of_type(t, (uint32_t)id, CODEC_TYPED, &e);
		auto_free char *json = c ? text_of(c, "", 0, OUT_JSONL) : NULL;

		CHECK_STR(json, "[]");
	}
	btf__free(b);
}

/* ---- random types ------------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

struct made {
	int id;
	uint32_t size, align;
};

/* 64-bit enumerators at the ends of their range. */
static struct made wide_enum(struct btf *b, const char *name)
{
	bool is_signed = dice(2);
	int id = btf__add_enum64(b, name, 8, is_signed);

	btf__add_enum64_value(b, "WIDE_MOST", is_signed ? INT64_MAX : UINT64_MAX);
	btf__add_enum64_value(b, "WIDE_LEAST", is_signed ? (uint64_t)INT64_MIN : 0);
	btf__add_enum64_value(b, "WIDE_ONE", is_signed ? (uint64_t)-1 : 1);
	return (struct made){ id, 8, 8 };
}

/* Bytes that their name makes an address. */
static struct made address(struct btf *b)
{
	static const struct {
		const char *name;
		uint32_t size;
	} names[] = { { "mac", 6 }, { "ip6", 16 }, { "cidr4", 8 }, { "cidr6", 20 } };
	uint32_t i = dice(4);
	int index = btf__add_int(b, "u32", 4, 0), u8 = btf__add_int(b, "u8", 1, 0);
	int array = btf__add_array(b, index, u8, names[i].size);

	return (struct made){ btf__add_typedef(b, names[i].name, array), names[i].size, 1 };
}

/* What stands in front of a type does not change its values. */
static struct made qualified(struct btf *b)
{
	int id = btf__add_int(b, "u32", 4, dice(2) ? BTF_INT_SIGNED : 0);

	switch (dice(4)) {
	case 0:
		return (struct made){ btf__add_const(b, id), 4, 4 };
	case 1:
		return (struct made){ btf__add_volatile(b, id), 4, 4 };
	case 2:
		return (struct made){ btf__add_type_tag(b, "tag", id), 4, 4 };
	default:
		return (struct made){ btf__add_typedef(b, "__le32", id), 4, 4 };
	}
}

static struct made scalar(struct btf *b)
{
	static const uint32_t sizes[] = { 1, 2, 4, 8, 16 };
	uint32_t size = sizes[dice(5)];
	char name[24];
	int id;

	snprintf(name, sizeof(name), "n%u", dice(1000000));
	switch (dice(12)) {
	case 0:
		return (struct made){ btf__add_int(b, "bool", 1, BTF_INT_BOOL), 1, 1 };
	case 1:
		size = size > 8 ? 4 : size;
		id = btf__add_enum(b, name, size);
		btf__add_enum_value(b, "ZERO", 0);
		btf__add_enum_value(b, "SEVEN", 7);
		return (struct made){ id, size, size };
	case 2:
		size = dice(2) ? 4 : 8;
		return (struct made){ btf__add_float(b, name, size), size, size };
	case 3:
		return (struct made){ btf__add_ptr(b, 0), 8, 8 };
	case 4:
		id = btf__add_int(b, "u16", 2, 0);
		return (struct made){ btf__add_typedef(b, "be16", id), 2, 2 };
	case 5:
		id = btf__add_int(b, "u32", 4, 0);
		return (struct made){ btf__add_typedef(b, "ip4", id), 4, 4 };
	case 6:
		return (struct made){ btf__add_int(b, name, size, BTF_INT_SIGNED), size, size };
	case 7:
		return wide_enum(b, name);
	case 8:
		return address(b);
	case 9:
		return qualified(b);
	case 10:
		return (struct made){ btf__add_int(b, "char", 1, BTF_INT_SIGNED), 1, 1 };
	default:
		return (struct made){ btf__add_int(b, name, size, 0), size, size };
	}
}

static struct made any_type(struct btf *b, int depth);

static struct made random_array(struct btf *b, int depth)
{
	struct made e;
	uint32_t n = 1 + dice(4);
	int index = btf__add_int(b, "u32", 4, 0);

	if (dice(2)) {
		n = 1 + dice(12);
		e = (struct made){ btf__add_int(b, "char", 1, BTF_INT_SIGNED), 1, 1 };
	} else {
		e = any_type(b, depth + 1);
	}
	return (struct made){ btf__add_array(b, index, e.id, n), e.size * n, e.align };
}

static struct made random_struct(struct btf *b, int depth, bool is_union)
{
	struct made m[6];
	uint32_t n = 1 + dice(6), off = 0, align = 1, most = 0;
	bool bits[6] = {};
	char name[24];
	int id;

	for (uint32_t i = 0; i < n; i++) {
		bits[i] = !is_union && dice(5) == 0;
		m[i] = bits[i] ? (struct made){ btf__add_int(b, "u32", 4, dice(2)), 4, 4 }
			       : any_type(b, depth + 1);
	}
	snprintf(name, sizeof(name), "%s%u", dice(3) ? "s" : "", dice(1000000));
	id = is_union ? btf__add_union(b, name, 0) : btf__add_struct(b, name, 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t a = m[i].align, at = is_union ? 0 : (off + a - 1) / a * a;

		snprintf(name, sizeof(name), "f%u", i);
		if (bits[i])
			btf__add_field(b, name, m[i].id, at * 8 + dice(20), 1 + dice(12));
		else
			btf__add_field(b, name, m[i].id, at * 8, 0);
		off = at + m[i].size;
		most = off > most ? off : most;
		align = a > align ? a : align;
	}
	most = (most + align - 1) / align * align;
	((struct btf_type *)(uintptr_t)btf__type_by_id(b, (uint32_t)id))->size = most;
	return (struct made){ id, most, align };
}

static struct made any_type(struct btf *b, int depth)
{
	switch (depth > 4 ? 9 : dice(10)) {
	case 0:
	case 1:
		return random_struct(b, depth, false);
	case 2:
		return random_struct(b, depth, true);
	case 3:
	case 4:
		return random_array(b, depth);
	default:
		return scalar(b);
	}
}

/* In a table a text alone has no quotes: it may look like anything else. */
static bool is_text(const struct codec *c)
{
	auto_buf struct buf type = {};

	codec_type_text(c, &type);
	return strncmp(buf_str(&type), "char[", 5) == 0;
}

/* Printed as JSON, as a table, and as a tree: each gives the same when it is read back. */
static bool both_ways(const struct codec *c, const uint8_t *data)
{
	uint32_t size = codec_size(c);
	auto_free uint8_t *back = xcalloc(1, size);
	auto_free char *json = text_of(c, data, size, OUT_JSONL), *again = NULL;
	auto_free char *table = text_of(c, data, size, OUT_TABLE);
	auto_val struct val v = {}, parsed = {};
	struct err e = {};

	for (int way = 0; way < 4; way++) {
		int r;

		memset(back, 0x55, size);
		if (way == 0)
			r = codec_parse(c, json, back, &e);
		else if (way == 1)
			r = codec_parse(c, is_text(c) ? json : table, back, &e);
		else if (way == 2)
			r = codec_val(c, data, size, &v) ?: codec_from_val(c, &v, back, &e);
		else
			r = json_parse(json, strlen(json), "test", &parsed, &e)
				    ?: codec_from_val(c, &parsed, back, &e);
		free(again);
		again = text_of(c, back, size, OUT_JSONL);
		if (r || strcmp(json, again) != 0) {
			FAIL("way %d, seed %u: %s\n#   %s\n#   %s\n#   %s", way, seed, e.what, json,
			     again, table);
			return false;
		}
	}
	return true;
}

static void random_types_both_ways(void)
{
	const char *rounds = getenv("ROUNDS");
	long n = rounds ? strtol(rounds, NULL, 10) : 400;

	for (long i = 0; i < n; i++) {
		struct btf *b = btf__new_empty();
		auto_types struct types *t = types_borrow(b);
		auto_free uint8_t *data = NULL;
		auto_codec struct codec *c = NULL;
		struct err e = {};
		struct made m;

		seed = (uint32_t)i;
		m = any_type(b, 0);
		c = codec_of_type(t, (uint32_t)m.id, CODEC_TYPED, &e);
		if (!c) {
			FAIL("seed %ld: %s", i, e.what);
			btf__free(b);
			return;
		}
		data = xcalloc(1, codec_size(c));
		for (int round = 0; round < 4; round++) {
			for (uint32_t k = 0; k < codec_size(c); k++)
				data[k] = (uint8_t)(round == 0	 ? 0
						    : round == 1 ? dice(256)
						    : round == 2 ? dice(3)
								 : 32 + dice(90));
			if (!both_ways(c, data)) {
				btf__free(b);
				return;
			}
		}
		btf__free(b);
	}
}

static const struct test tests[] = {
	{ "values of the types that clang writes", what_clang_writes },
	{ "bpftool's form", as_bpftool_prints },
	{ "bpftool's form is what bpftool prints", as_bpftool_does_print },
	{ "sections of globals", sections_of_globals },
	{ "records with a tail", records_with_a_tail },
	{ "records that end in text", records_that_end_in_text },
	{ "specs with types from BTF", specs_with_types },
	{ "broken types are refused", broken_types_are_refused },
	{ "random types, printed and read back", random_types_both_ways },
};
TEST_MAIN(tests)
