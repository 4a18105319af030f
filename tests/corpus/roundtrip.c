// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * roundtrip FILE...: takes every object apart and puts it together again, in each style; those
 * inside of programs too.  Prints what differs and how many there were; exit status 1 if anything
 * differs, or a file has no object.
 *
 * roundtrip --same A B: whether object B is A again.
 * roundtrip --extract FILE DIR: the objects inside of a program as DIR/0.o ...
 */
#include "roundtrip.h"

#include "core/file.h"

static unsigned int objects, failed;

static bool read_file(const char *path, struct buf *to)
{
	struct err e = {};
	bool ok = file_read(path, FILE_MAX, to, &e) == 0;

	if (!ok)
		printf("%s\n", e.what);
	err_clear(&e);
	return ok;
}

static void report(struct roundtrip *r, const char *style)
{
	if (r->why.len) {
		printf("%s, %s:\n%s", r->name, style, buf_str(&r->why));
		failed++;
	}
	roundtrip_free(r);
}

static void check(const char *name, const void *data, size_t len)
{
	static const char *const styles[] = { "kernel", "llvm", "mnemonic" };
	bool big = ((const uint8_t *)data)[EI_DATA] == ELFDATA2MSB;

	objects++;
	for (int style = 0; style < 3; style++) {
		struct roundtrip r = { .name = name };

		if (roundtrip_disasm(&r, data, len, (enum disasm_style)style) &&
		    roundtrip_asm(&r, big))
			roundtrip_compare(&r, data, len);
		report(&r, styles[style]);
	}
}

/* The object itself, or those inside. */
static void check_file(const char *path)
{
	auto_buf struct buf b = {};
	unsigned int before = objects;
	size_t at = 0, len;

	if (!read_file(path, &b)) {
		failed++;
		return;
	}
	for (; elf_find_embedded(b.data, b.len, &at, &len); at += len) {
		auto_free void *copy = malloc(len ? len : 1); /* aligned */
		char name[4096];

		memcpy(copy, b.data + at, len);
		snprintf(name, sizeof(name), "%s@%zu", path, at);
		check(name, copy, len);
	}
	if (objects == before) {
		printf("%s: no object in it\n", path);
		failed++;
	}
}

static int same(const char *path_a, const char *path_b)
{
	auto_buf struct buf a = {};
	struct roundtrip r = { .name = path_a };

	if (!read_file(path_a, &a) || !read_file(path_b, &r.object))
		return 1;
	roundtrip_compare(&r, a.data, a.len);
	report(&r, path_b);
	return failed != 0;
}

static int extract(const char *path, const char *dir)
{
	auto_buf struct buf b = {};
	size_t at = 0, len;
	unsigned int n = 0;

	if (!read_file(path, &b))
		return 1;
	for (; elf_find_embedded(b.data, b.len, &at, &len); at += len) {
		struct err e = {};
		char name[4096];

		snprintf(name, sizeof(name), "%s/%u.o", dir, n++);
		if (file_write(name, b.data + at, len, &e) < 0) {
			printf("%s\n", e.what);
			return 1;
		}
	}
	printf("%u\n", n);
	return n == 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--same") == 0)
		return same(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "--extract") == 0)
		return extract(argv[2], argv[3]);
	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	printf("%u objects, %u failed\n", objects, failed);
	return failed != 0;
}
