// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* BTF from a hostile file: what would lead libbpf out of it is refused, with the type's number. */
#include "core/btf_check.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "test.h"

#define INFO(kind, vlen) (BTF_KIND_##kind << 24 | (vlen))
#define INT 1, INFO(INT, 0), 4, 32 /* type 1 of all of these */
#define MAX_WORDS 200

/* Types as words, and what is said of them; NULL: they are right. */
static const struct row {
	const char *name;
	uint32_t n, words[24];
	const char *said;
} rows[] = {
	{ "an int", 4, { INT }, NULL },
	{ "a pointer", 7, { INT, 0, INFO(PTR, 0), 1 }, NULL },
	{ "a pointer to itself", 7, { INT, 0, INFO(PTR, 0), 2 }, NULL },
	{ "a pointer to nothing", 7, { INT, 0, INFO(PTR, 0), 3 }, "type 2 refers" },
	{ "a typedef of itself", 7, { INT, 1, INFO(TYPEDEF, 0), 2 }, "type 2 leads to itself" },
	{ "const and volatile of each other",
	  10,
	  { INT, 0, INFO(CONST, 0), 3, 0, INFO(VOLATILE, 0), 2 },
	  "type 2 leads to itself" },
	{ "a const of a typedef of nothing",
	  10,
	  { INT, 0, INFO(CONST, 0), 3, 1, INFO(TYPEDEF, 0), 77 },
	  "type 2 leads to one" },
	{ "a name that is not there", 4, { 99, INFO(INT, 0), 4, 32 }, "type 1 has a name" },
	{ "an unknown kind", 3, { 1, 31u << 24, 0 }, "type 1 is of no known kind" },
	{ "half a type", 6, { INT, 0, INFO(PTR, 0) }, "type 2 is of no known kind, or cut off" },
	{ "an array", 10, { INT, 0, INFO(ARRAY, 0), 0, 1, 1, 3 }, NULL },
	{ "an array of nothing",
	  10,
	  { INT, 0, INFO(ARRAY, 0), 0, 9, 1, 3 },
	  "type 2 is an array of nothing" },
	{ "a struct", 10, { INT, 1, INFO(STRUCT, 1), 4, 1, 1, 0 }, NULL },
	{ "a struct that is cut off",
	  10,
	  { INT, 1, INFO(STRUCT, 2), 4, 1, 1, 0 },
	  "type 2 is of no known kind, or cut off" },
	{ "a member of no type",
	  10,
	  { INT, 1, INFO(STRUCT, 1), 4, 1, 8, 0 },
	  "type 2 has a member whose type" },
	{ "a member of no name",
	  10,
	  { INT, 1, INFO(UNION, 1), 4, 50, 1, 0 },
	  "type 2 has a member whose name" },
	{ "an enum", 9, { INT, 1, INFO(ENUM, 1), 4, 1, 1 }, NULL },
	{ "an enumerator of no name",
	  9,
	  { INT, 1, INFO(ENUM, 1), 4, 70, 1 },
	  "type 2 has a member whose name" },
	{ "a function", 10, { INT, 0, INFO(FUNC_PROTO, 0), 1, 1, INFO(FUNC, 0), 2 }, NULL },
	{ "a function of an int", 7, { INT, 1, INFO(FUNC, 0), 1 }, "type 2 is a function" },
	{ "a result of no type", 7, { INT, 0, INFO(FUNC_PROTO, 0), 9 }, "type 2 has a result" },
	{ "a parameter of no type",
	  9,
	  { INT, 0, INFO(FUNC_PROTO, 1), 1, 1, 9 },
	  "type 2 has a member whose type" },
	{ "a section", 14, { INT, 1, INFO(VAR, 0), 1, 1, 1, INFO(DATASEC, 1), 4, 2, 0, 4 }, NULL },
	{ "a section of ints",
	  10,
	  { INT, 1, INFO(DATASEC, 1), 4, 1, 0, 4 },
	  "type 2 is a section of something else" },
	{ "a variable of no type", 8, { INT, 1, INFO(VAR, 0), 5, 1 }, "type 2 refers" },
};

static size_t make(const struct row *r, struct btf_header *to)
{
	static const char strings[] = "\0a";
	struct btf_header h = { .magic = BTF_MAGIC,
				.version = 1,
				.hdr_len = sizeof(h),
				.type_len = 4 * r->n,
				.str_off = 4 * r->n,
				.str_len = sizeof(strings) };

	memcpy(to, &h, sizeof(h));
	memcpy(to + 1, r->words, 4 * r->n);
	memcpy((uint8_t *)(to + 1) + 4 * r->n, strings, sizeof(strings));
	return sizeof(h) + 4 * r->n + sizeof(strings);
}

static void types(void)
{
	for (size_t i = 0; i < countof(rows); i++) {
		struct btf_header btf[MAX_WORDS];
		size_t n = make(&rows[i], btf);
		struct err e = {};
		int r = btf_check("f", (const uint8_t *)btf, n, &e);

		if (rows[i].said ? r != -EINVAL || !strstr(e.what, rows[i].said) : r)
			FAIL("%s: %d, %s", rows[i].name, r, e.what);
		if (rows[i].said)
			CHECK_INT(e.class, ERR_INPUT);
		err_clear(&e);
	}
}

static void refuse(const struct btf_header *btf, size_t n)
{
	struct err e = {};

	CHECK_INT(btf_check("f", (const uint8_t *)btf, n, &e), -EINVAL);
	err_clear(&e);
}

static void heads(void)
{
	struct btf_header btf[MAX_WORDS], bad[MAX_WORDS];
	size_t n = make(&rows[0], btf);
	struct err e = {};

	for (size_t len = 0; len < n; len++)
		refuse(btf, len);
	memcpy(bad, btf, n);
	bad->hdr_len = 0x7fffffff;
	refuse(bad, n);
	memcpy(bad, btf, n);
	bad->type_off = 0xfffffff0;
	refuse(bad, n);
	memcpy(bad, btf, n);
	bad->str_len--; /* "a" does not end */
	refuse(bad, n);
	memcpy(bad, btf, n);
	bad->str_len = 0;
	refuse(bad, n);
	memcpy(bad, btf, n);
	bad->magic = 0x9feb; /* in the other byte order, which is for others to refuse */
	CHECK_INT(btf_check("f", (const uint8_t *)bad, n, &e), 0);
}

static const struct test tests[] = {
	{ "every kind of type, right and wrong", types },
	{ "headers", heads },
};
TEST_MAIN(tests)
