// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The assembler as a program, for tests of its objects: driver [-b] [-p PROG] EMIT FILE OUT
 * with EMIT elf, bin, hex, c, rust, go, list.
 * TODO: goes when `bpfctl asm` has --emit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "asm/formats.h"
#include "asm/image.h"
#include "asm/src.h"
#include "asm/unit.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"

static const char *const formats[] = {
	[FORMAT_BIN] = "bin",	[FORMAT_HEX] = "hex", [FORMAT_C] = "c",
	[FORMAT_RUST] = "rust", [FORMAT_GO] = "go",
};

static int read_file(const char *path, struct buf *to)
{
	auto_file FILE *f = fopen(path, "re");
	size_t n = 1;

	while (f && n) {
		char *p = buf_reserve(to, 65536);

		n = p ? fread(p, 1, 65536, f) : 0;
		to->len += n;
	}
	return f ? buf_error(to) : -errno;
}

static int image(const struct unit *u, enum format format, const char *name, struct buf *out)
{
	auto_image struct image im = {};
	const struct prog *p;
	struct err e = {};
	int err = image_pick(u, name, &p, &e);

	if (err)
		fprintf(stderr, "%s\n  hint: %s\n", e.what, e.hint);
	else
		err = image_make(&im, u, p);
	return err ? err : format_image(&im, format, NULL, out);
}

static int emit(const struct unit *u, const char *what, const char *name, struct buf *out)
{
	if (strcmp(what, "elf") == 0)
		return unit_elf(u, out);
	if (strcmp(what, "list") == 0)
		return format_listing(u, out);
	for (size_t i = 0; i < countof(formats); i++)
		if (strcmp(what, formats[i]) == 0)
			return image(u, (enum format)i, name, out);
	fprintf(stderr, "no format %s\n", what);
	return -EINVAL;
}

static void complain(struct src *s)
{
	auto_buf struct buf text = {};
	const struct diag *d;
	size_t n = src_diags(s, &d);

	for (size_t i = 0; i < n; i++)
		src_render(s, &d[i], &text);
	fputs(buf_str(&text), stderr);
}

int main(int argc, char **argv)
{
	auto_buf struct buf text = {}, out = {};
	auto_src struct src *s = src_new();
	auto_unit struct unit *u = NULL;
	auto_file FILE *f = NULL;
	struct asm_options opts = {};
	const char *prog = NULL;
	uint32_t pos;
	int c, err;

	while ((c = getopt(argc, argv, "bp:")) != -1) {
		if (c == 'b')
			opts.big_endian = true;
		else if (c == 'p')
			prog = optarg;
		else
			return 2;
	}
	argv += optind;
	if (argc - optind != 3 || read_file(argv[1], &text) < 0)
		return 2;
	pos = s ? src_add(s, argv[1], buf_str(&text), text.len) : 0;
	if (!pos)
		return 1;
	u = unit_parse(s, pos, &opts);
	err = u ? emit(u, argv[0], prog, &out) : -EINVAL;
	complain(s);
	if (err)
		return 3;
	f = fopen(argv[2], "we");
	return f && fwrite(out.data, 1, out.len, f) == out.len ? 0 : 1;
}
