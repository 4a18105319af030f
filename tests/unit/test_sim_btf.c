// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF in the mock kernel: queries, the check's words, and the same bytes in the real kernel. */
#include <linux/btf.h>

#include "core/buf.h"
#include "kern.h"
#include "sim/btf.h"
#include "sim/map.h"
#include "test.h"

/* Types as words, and the strings they name. */
struct sample {
	uint32_t types[256];
	size_t n; /* words */
	char strings[512];
	uint32_t len;
	uint32_t ids;
};

static uint32_t str(struct sample *s, const char *text)
{
	uint32_t at = s->len;

	if (!*text)
		return 0;
	memcpy(s->strings + at, text, strlen(text) + 1);
	s->len += (uint32_t)strlen(text) + 1;
	return at;
}

static void word(struct sample *s, uint32_t w)
{
	s->types[s->n++] = w;
}

/* kind may have the kind flag in bit 31. */
static uint32_t type(struct sample *s, const char *name, uint32_t kind, uint32_t vlen,
		     uint32_t size)
{
	if (!s->len)
		s->len = 1;
	word(s, str(s, name));
	word(s, (kind & 0xff) << 24 | vlen | (kind & 0x80000000));
	word(s, size);
	return ++s->ids;
}

static void words3(struct sample *s, uint32_t a, uint32_t b, uint32_t c)
{
	word(s, a);
	word(s, b);
	word(s, c);
}

static void finish(const struct sample *s, struct buf *b)
{
	struct btf_header h = { .magic = BTF_MAGIC,
				.version = 1,
				.hdr_len = sizeof(h),
				.type_len = (uint32_t)s->n * 4,
				.str_off = (uint32_t)s->n * 4,
				.str_len = s->len };

	b->len = 0;
	buf_add(b, &h, sizeof(h));
	buf_add(b, s->types, s->n * 4);
	buf_add(b, s->strings, s->len);
}

/* One type of nearly every kind. */
static void all_kinds(struct sample *s)
{
	uint32_t i = type(s, "int", BTF_KIND_INT, 0, 4), st, proto;

	word(s, 0x01000020);
	type(s, "", BTF_KIND_PTR, 0, 5);   /* 2 */
	type(s, "", BTF_KIND_ARRAY, 0, 0); /* 3 */
	words3(s, i, i, 6);
	type(s, "u_t", BTF_KIND_TYPEDEF, 0, i);	      /* 4 */
	st = type(s, "node", BTF_KIND_STRUCT, 4, 56); /* 5 */
	words3(s, str(s, "next"), 2, 0);
	words3(s, str(s, "v"), 3, 64);
	words3(s, str(s, "lock"), 7, 256);
	words3(s, str(s, "x"), 9, 320);
	type(s, "", BTF_KIND_CONST, 0, 4);		 /* 6 */
	type(s, "bpf_spin_lock", BTF_KIND_STRUCT, 1, 4); /* 7 */
	words3(s, str(s, "val"), i, 0);
	type(s, "color", BTF_KIND_ENUM, 2, 4); /* 8 */
	word(s, str(s, "RED"));
	word(s, 0);
	word(s, str(s, "BLUE"));
	word(s, 0x80000000);
	type(s, "", BTF_KIND_UNION, 2, 16); /* 9 */
	words3(s, str(s, "deep"), i, 0);
	words3(s, str(s, "other"), 8, 0);
	proto = type(s, "", BTF_KIND_FUNC_PROTO, 2, i); /* 10 */
	word(s, str(s, "a"));
	word(s, i);
	word(s, str(s, "p"));
	word(s, 2);
	type(s, "main", BTF_KIND_FUNC, BTF_FUNC_GLOBAL, proto); /* 11 */
	type(s, "counter", BTF_KIND_VAR, 0, i);			/* 12 */
	word(s, BTF_VAR_GLOBAL_ALLOCATED);
	type(s, ".data", BTF_KIND_DATASEC, 1, 8); /* 13 */
	words3(s, 12, 0, 4);
	type(s, "double", BTF_KIND_FLOAT, 0, 8);  /* 14 */
	type(s, "tag", BTF_KIND_DECL_TAG, 0, st); /* 15 */
	word(s, 1);
	type(s, "user", BTF_KIND_TYPE_TAG, 0, i); /* 16 */
	type(s, "wide", 19, 1, 8);		  /* 17, ENUM64 */
	words3(s, str(s, "W"), 1, 2);
	type(s, "fwd", BTF_KIND_FWD, 0, 0);		     /* 18 */
	type(s, "bits", 0x80000000 | BTF_KIND_STRUCT, 2, 8); /* 19 */
	words3(s, str(s, "lo"), i, 3u << 24);
	words3(s, str(s, "hi"), 8, 5u << 24 | 3);
	type(s, "", BTF_KIND_VOLATILE, 0, 18);	/* 20 */
	type(s, "", BTF_KIND_PTR, 0, 20);	/* 21 */
	type(s, "", BTF_KIND_RESTRICT, 0, 21);	/* 22 */
	type(s, "", BTF_KIND_FUNC_PROTO, 1, 0); /* 23 */
	word(s, 0);
	word(s, 0);
}

static struct btf *loaded(const struct buf *b, struct buf *log)
{
	struct btf *btf = NULL;

	CHECK_INT(btf_new(b->data, b->len, NULL, log, &btf), 0);
	return btf;
}

static void test_queries(void)
{
	auto_buf struct buf bytes = {};
	struct sample s = {};
	struct btf_field f;
	struct btf *b;
	uint32_t size;

	all_kinds(&s);
	finish(&s, &bytes);
	b = loaded(&bytes, NULL);
	if (!b)
		return;
	CHECK_INT(b->n, 24);
	CHECK_INT(btf_find(b, BTF_KIND_STRUCT, "node"), 5);
	CHECK_INT(btf_find(b, BTF_KIND_STRUCT, "color"), 0);
	CHECK_INT(btf_strip(b, 6), 1);
	CHECK(btf_size(b, 3, &size) && size == 24);
	CHECK(btf_size(b, 6, &size) && size == 4);
	CHECK(!btf_size(b, 11, &size) && !btf_size(b, 0, &size) && !btf_size(b, 99, &size));
	CHECK(btf_member(b, 5, "v", &f) && f.type == 3 && f.bit_off == 64 && f.bit_size == 0);
	CHECK(btf_member(b, 19, "hi", &f) && f.bit_off == 3 && f.bit_size == 5);
	CHECK(!btf_member(b, 5, "nothing", &f) && !btf_member(b, 1, "x", &f));
	kobj_put(&b->obj);
}

static void test_split(void)
{
	auto_buf struct buf bytes = {}, more = {};
	struct sample s = {}, t = { .len = 1 };
	struct btf *b, *split = NULL;
	uint32_t size;

	all_kinds(&s);
	finish(&s, &bytes);
	b = loaded(&bytes, NULL);
	/* A typedef of its own, of a struct of the base. */
	t.types[0] = s.len + 1;
	t.types[1] = (uint32_t)BTF_KIND_TYPEDEF << 24;
	t.types[2] = 5;
	t.n = 3;
	str(&t, "node_t");
	finish(&t, &more);
	CHECK_INT(btf_new(more.data, more.len, b, NULL, &split), 0);
	if (split) {
		CHECK_INT(btf_find(split, BTF_KIND_TYPEDEF, "node_t"), 24);
		CHECK_INT(btf_find(split, BTF_KIND_STRUCT, "node"), 5);
		CHECK(btf_size(split, 24, &size) && size == 56);
		kobj_put(&split->obj);
	}
	kobj_put(&b->obj);
}

static void test_fields(void)
{
	auto_buf struct buf bytes = {};
	struct map_fields *f = NULL;
	struct sample s = {};
	struct btf *b;

	all_kinds(&s);
	finish(&s, &bytes);
	b = loaded(&bytes, NULL);
	CHECK_INT(btf_map_fields(b, 5, &f), 0);
	CHECK(f && f->n == 1 && f->field[0].kind == MAP_FIELD_SPIN_LOCK);
	CHECK(f && f->field[0].off == 32 && f->field[0].size == 4);
	free(f);
	CHECK_INT(btf_map_fields(b, 1, &f), 0);
	CHECK(!f);
	kobj_put(&b->obj);
}

static void test_words(void)
{
	auto_buf struct buf bytes = {}, log = {};
	struct sample s = {};
	struct btf *b = NULL;

	type(&s, "", BTF_KIND_STRUCT, 1, 4);
	words3(&s, 0, 2, 0);
	type(&s, "big", BTF_KIND_INT, 0, 8);
	word(&s, 64);
	finish(&s, &bytes);
	CHECK_INT(btf_new(bytes.data, bytes.len, NULL, &log, &b), -EINVAL);
	CHECK(strstr(buf_str(&log),
		     "[1] STRUCT (anon) size=4 vlen=1\n"
		     "\t(anon) type_id=2 bits_offset=0 Member exceeds struct_size\n"));
}

/* ---- against the kernel -------------------------------------------------------------------- */

static char kernel_log[1 << 20];

static int load_in_kernel(const struct buf *b)
{
	union bpf_attr a = { .btf = attr_ptr(b->data),
			     .btf_size = (uint32_t)b->len,
			     .btf_log_buf = attr_ptr(kernel_log),
			     .btf_log_size = sizeof(kernel_log),
			     .btf_log_level = 1 };
	int fd;

	kernel_log[0] = '\0';
	fd = sys_bpf(BPF_BTF_LOAD, &a, sizeof(a));
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* The line in which two texts begin to differ. */
static void say_difference(const char *a, const char *b)
{
	size_t n = 0, line = 0;

	for (; a[n] && a[n] == b[n]; n++)
		if (a[n] == '\n')
			line = n + 1;
	printf("# ours:     %.*s\n# kernel's: %.*s\n", (int)strcspn(a + line, "\n"), a + line,
	       (int)strcspn(b + line, "\n"), b + line);
}

/* false: they differ, and it was said how. */
static bool same(const struct buf *bytes, const char *what, unsigned int n)
{
	auto_buf struct buf log = {};
	struct btf *b = NULL;
	int ours = btf_new(bytes->data, bytes->len, NULL, &log, &b);
	int theirs = load_in_kernel(bytes);
	bool equal = ours == theirs && strcmp(buf_str(&log), kernel_log) == 0;

	if (!ours)
		kobj_put(&b->obj);
	if (!equal) {
		FAIL("%s %u: we say %d, the kernel %d", what, n, ours, theirs);
		say_difference(buf_str(&log), kernel_log);
	}
	return equal;
}

static void test_kernel_agrees(void)
{
	auto_buf struct buf bytes = {};
	struct sample s = {};

	NEED_KERNEL();
	all_kinds(&s);
	finish(&s, &bytes);
	CHECK_INT(load_in_kernel(&bytes), 0);
	same(&bytes, "all kinds", 0);
}

/* Every word with some values that break it. */
static void test_damaged_words(void)
{
	static const uint32_t values[] = { 0,	       1,	   2,	       3,
					   5,	       11,	   12,	       13,
					   15,	       18,	   21,	       255,
					   0xffff,     0x100000,   0x7fffffff, 0x80000000,
					   0xffffffff, 0x04000001, 0x84000002, 0x0d000001 };
	auto_buf struct buf bytes = {};
	struct sample s = {};
	unsigned int bad = 0;

	NEED_KERNEL();
	all_kinds(&s);
	finish(&s, &bytes);
	for (size_t i = 0; i < bytes.len / 4 && bad < 10; i++) {
		for (size_t v = 0; v < countof(values) && bad < 10; v++) {
			finish(&s, &bytes);
			memcpy(bytes.data + i * 4, &values[v], 4);
			bad += !same(&bytes, "word", (unsigned int)(i * 100 + v));
		}
	}
}

static void test_damaged_random(void)
{
	auto_buf struct buf bytes = {};
	struct sample s = {};
	uint64_t x = 88172645463325252u;
	unsigned int bad = 0;

	NEED_KERNEL();
	all_kinds(&s);
	/* What the name means is another matter. */
	memcpy(memmem(s.strings, s.len, "bpf_spin", 8), "BPF", 3);
	for (unsigned int round = 0; round < 20000 && bad < 10; round++) {
		finish(&s, &bytes);
		for (unsigned int k = 0; k < 1 + round % 3; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (round % 2)
				bytes.data[sizeof(struct btf_header) + x % (s.n * 4)] =
					(char)(x >> 32) & 31;
			else
				bytes.data[x % bytes.len] = (char)(x >> 40);
		}
		bad += !same(&bytes, "round", round);
	}
}

static void test_shortened(void)
{
	auto_buf struct buf bytes = {};
	struct sample s = {};

	NEED_KERNEL();
	all_kinds(&s);
	finish(&s, &bytes);
	while (bytes.len > 1) {
		bytes.len--;
		if (!same(&bytes, "length", (unsigned int)bytes.len))
			return;
	}
}

static const struct test tests[] = {
	{ "types are found by number and name, members by name", test_queries },
	{ "split BTF goes on where its base ends", test_split },
	{ "spin locks and their like are found in values", test_fields },
	{ "a damaged struct is told as the kernel tells it", test_words },
	{ "the kernel agrees on one type of every kind, log included", test_kernel_agrees },
	{ "and on every word with damage", test_damaged_words },
	{ "and on random damage", test_damaged_random },
	{ "and on every length", test_shortened },
};

TEST_MAIN(tests)
