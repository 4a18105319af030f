// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of types: what is there, what is made, contexts as in linux/bpf.h. */
#include "test.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "asm/ctype.h"

#define auto_types __attribute__((cleanup(ctypes_freep)))

static uint32_t find(const struct ctypes *t, const char *name)
{
	uint32_t type = CTYPE_NONE;

	if (!ctype_find(t, name, strlen(name), &type))
		FAIL("there is no %s", name);
	return type;
}

static uint32_t new_struct(struct ctypes *t, const char *name)
{
	return ctype_new(t, CT_STRUCT, name, strlen(name), 1);
}

static int add(struct ctypes *t, uint32_t to, const char *name, const char *type)
{
	return ctype_member(t, to, name, strlen(name), find(t, type), 0);
}

static void the_language_has_types(void)
{
	static const struct {
		const char *name;
		uint32_t size;
		enum ctype_kind kind;
		uint8_t flags;
	} cases[] = {
		{ "u8", 1, CT_INT, 0 },
		{ "s64", 8, CT_INT, CT_SIGNED },
		{ "__u32", 4, CT_INT, 0 },
		{ "uint16_t", 2, CT_INT, 0 },
		{ "char", 1, CT_INT, CT_SIGNED | CT_CHAR },
		{ "unsigned long long", 8, CT_INT, 0 },
		{ "bool", 1, CT_INT, CT_BOOL },
		{ "be32", 4, CT_INT, 0 },
		{ "double", 8, CT_FLOAT, 0 },
		{ "ip4", 4, CT_INT, 0 },
		{ "ip6", 16, CT_ARRAY, 0 },
		{ "mac", 6, CT_ARRAY, 0 },
		{ "cidr4", 8, CT_STRUCT, 0 },
		{ "cidr6", 20, CT_STRUCT, 0 },
		{ "void", 0, CT_VOID, 0 },
	};
	auto_types struct ctypes *t = ctypes_new();

	CHECK_INT(ctype_get(t, 0)->kind, CT_VOID);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t type = find(t, cases[i].name);

		CHECK_INT(ctype_get(t, type)->size, cases[i].size);
		CHECK_INT(ctype_get(t, ctype_strip(t, type))->size, cases[i].size);
		CHECK_INT(ctype_get(t, ctype_strip(t, type))->kind, cases[i].kind);
		CHECK_INT(ctype_get(t, ctype_strip(t, type))->flags, cases[i].flags);
	}
}

static void equal_types_are_one(void)
{
	auto_types struct ctypes *t = ctypes_new();
	uint32_t u32 = find(t, "u32");

	CHECK_INT(ctype_ptr(t, u32), ctype_ptr(t, u32));
	CHECK(ctype_ptr(t, u32) != ctype_ptr(t, 0));
	CHECK_INT(ctype_array(t, u32, 3), ctype_array(t, u32, 3));
	CHECK(ctype_array(t, u32, 3) != ctype_array(t, u32, 4));
	CHECK_INT(ctype_get(t, ctype_array(t, u32, 3))->size, 12);
	CHECK_INT(ctype_const(t, u32), ctype_const(t, ctype_const(t, u32)));
	CHECK_INT(ctype_strip(t, ctype_const(t, u32)), ctype_strip(t, u32));
}

static void const_waits_for_its_struct(void)
{
	auto_types struct ctypes *t = ctypes_new();
	uint32_t s = new_struct(t, "s"), c = ctype_const(t, s);

	CHECK_INT(ctype_get(t, c)->size, 0);
	CHECK_INT(add(t, s, "x", "u64"), 0);
	CHECK_INT(ctype_finish(t, s), 0);
	CHECK_INT(ctype_get(t, c)->size, 8);
	CHECK_INT(ctype_get(t, c)->align, 8);
	CHECK_INT(ctype_const(t, s), c);
}

static void fields_are_found_through_anonymous_structs(void)
{
	auto_types struct ctypes *t = ctypes_new();
	uint32_t in = ctype_new(t, CT_UNION, "", 0, 1), s = new_struct(t, "s");
	struct cfield f;

	CHECK_INT(add(t, in, "word", "u32"), 0);
	CHECK_INT(add(t, in, "byte", "u8"), 0);
	CHECK_INT(ctype_finish(t, in), 0);
	CHECK_INT(add(t, s, "a", "u8"), 0);
	CHECK_INT(ctype_member(t, s, "", 0, in, 0), 0);
	CHECK_INT(ctype_member(t, s, "bit", 3, find(t, "u32"), 3), 0);
	CHECK_INT(ctype_finish(t, s), 0);
	CHECK(ctype_field(t, s, "byte", 4, &f));
	CHECK_INT(f.off, 4);
	CHECK(ctype_field(t, s, "bit", 3, &f));
	CHECK_INT(f.off, 8);
	CHECK_INT(f.bits, 3);
	CHECK(!ctype_field(t, s, "", 0, &f));
	CHECK(!ctype_field(t, s, "byt", 3, &f));
	CHECK(!ctype_field(t, find(t, "u32"), "x", 1, &f));
}

static void many_fields_are_found_fast(void)
{
	auto_types struct ctypes *t = ctypes_new();
	uint32_t s = new_struct(t, "s");
	struct cfield f;
	char name[16];

	for (unsigned int i = 0; i < CTYPE_MAX_MEMBERS; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		CHECK_INT(add(t, s, name, "u32"), 0);
	}
	CHECK_INT(add(t, s, "more", "u32"), -E2BIG);
	CHECK_INT(ctype_finish(t, s), 0);
	for (unsigned int i = 0; i < CTYPE_MAX_MEMBERS; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		if (!ctype_field(t, s, name, strlen(name), &f) || f.off != i * 4)
			FAIL("%s is at %u", name, f.off);
	}
	CHECK(!ctype_field(t, s, "f65535", 6, &f));
}

static void structs_have_a_largest_size(void)
{
	auto_types struct ctypes *t = ctypes_new();
	uint32_t s = new_struct(t, "s");

	CHECK_INT(ctype_member(t, s, "a", 1, ctype_array(t, find(t, "u8"), CTYPE_MAX_SIZE), 0), 0);
	CHECK_INT(add(t, s, "b", "u8"), -E2BIG);
}

static void enums_take_the_room_they_need(void)
{
	static const struct {
		int64_t values[2];
		uint32_t size;
		uint8_t flags;
	} cases[] = {
		{ { 0, 1 }, 4, 0 },
		{ { -1, 1 }, 4, CT_SIGNED },
		{ { 0, UINT32_MAX }, 4, 0 },
		{ { -1, UINT32_MAX }, 8, CT_SIGNED },
		{ { INT32_MIN, INT32_MAX }, 4, CT_SIGNED },
		{ { 0, (int64_t)UINT32_MAX + 1 }, 8, 0 },
		{ { (int64_t)INT32_MIN - 1, 0 }, 8, CT_SIGNED },
	};
	auto_types struct ctypes *t = ctypes_new();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t e = ctype_new(t, CT_ENUM, "", 0, 1);

		CHECK_INT(ctype_value(t, e, "A", 1, cases[i].values[0]), 0);
		CHECK_INT(ctype_value(t, e, "B", 1, cases[i].values[1]), 0);
		CHECK_INT(ctype_finish(t, e), 0);
		CHECK_INT(ctype_get(t, e)->size, cases[i].size);
		CHECK_INT(ctype_get(t, e)->flags, cases[i].flags);
	}
}

#define FIELD(s, f)                                                                                \
	{                                                                                          \
#s, #f, offsetof(struct s, f), sizeof(((struct s *)NULL)->f)                       \
	}

static void contexts_are_those_of_the_header(void)
{
	static const struct {
		const char *type, *field;
		size_t off, size;
	} cases[] = {
		FIELD(xdp_md, data),
		FIELD(xdp_md, egress_ifindex),
		FIELD(__sk_buff, cb),
		FIELD(__sk_buff, remote_ip6),
		FIELD(__sk_buff, tstamp),
		FIELD(__sk_buff, hwtstamp),
		FIELD(bpf_sock_ops, replylong),
		FIELD(bpf_sock_ops, bytes_acked),
		FIELD(bpf_sock_addr, user_ip6),
		FIELD(bpf_sk_lookup, local_port),
	};
	auto_types struct ctypes *t = ctypes_new();
	struct cfield f;
	uint32_t type;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i].type;

		CHECK_INT(ctype_context(t, name, strlen(name), &type), 0);
		CHECK_INT(find(t, name), type);
		if (!ctype_field(t, type, cases[i].field, strlen(cases[i].field), &f)) {
			FAIL("%s has no %s", name, cases[i].field);
			continue;
		}
		CHECK_INT(f.off, cases[i].off);
		CHECK_INT(ctype_get(t, ctype_strip(t, f.type))->size, cases[i].size);
	}
	CHECK_INT(ctype_context(t, "nothing", 7, &type), -ENOENT);
}

static void arrays_of_contexts_are_folded(void)
{
	auto_types struct ctypes *t = ctypes_new();
	struct cfield f = { 0 };
	uint32_t type;

	CHECK_INT(ctype_context(t, "bpf_raw_tracepoint_args", 23, &type), 0);
	CHECK_INT(ctype_get(t, type)->n, 1);
	CHECK(ctype_field(t, type, "args", 4, &f));
	CHECK_INT(ctype_get(t, f.type)->n, 12);
#if defined(__x86_64__) || defined(__aarch64__) || defined(__s390x__) || defined(__powerpc64__)
	CHECK_INT(ctype_context(t, "pt_regs", 7, &type), 0);
	CHECK(ctype_get(t, type)->size >= 128);
	CHECK_INT(ctype_context(t, "bpf_perf_event_data", 19, &type), 0);
	CHECK(ctype_field(t, type, "regs", 4, &f));
	CHECK_INT(ctype_get(t, f.type)->kind, CT_STRUCT);
#endif
}

static const struct test tests[] = {
	{ "the language has types", the_language_has_types },
	{ "equal types are one", equal_types_are_one },
	{ "const waits for its struct", const_waits_for_its_struct },
	{ "fields are found through anonymous structs",
	  fields_are_found_through_anonymous_structs },
	{ "many fields are found fast, and there is a limit", many_fields_are_found_fast },
	{ "structs have a largest size", structs_have_a_largest_size },
	{ "enums take the room they need", enums_take_the_room_they_need },
	{ "contexts are those of linux/bpf.h", contexts_are_those_of_the_header },
	{ "arrays in contexts are folded", arrays_of_contexts_are_folded },
};
TEST_MAIN(tests)
