// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Object files: where instructions come from. */
#include "bench.h"

/* The string at an offset of .BTF. */
static const char *btf_string(const struct bench *b, uint32_t off)
{
	const uint8_t *btf = bytes(b, ".BTF");

	return (const char *)btf + 24 + word(b, btf + 16) + off;
}

/* "offset:line:column" of every line_info record of the first section. */
static const char *lines(const struct bench *b, struct buf *text)
{
	const uint8_t *ext = bytes(b, ".BTF.ext"), *p = ext + 32 + word(b, ext + 16);
	uint32_t n = word(b, p + 8);

	CHECK_INT(word(b, p), 16);
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *r = p + 12 + 16 * i;

		buf_addf(text, "%s%u:%u:%u", i ? " " : "", word(b, r), word(b, r + 12) >> 10,
			 word(b, r + 12) & 0x3ff);
	}
	return buf_str(text);
}

/* Of record i of the first section. */
static const char *line_text(const struct bench *b, uint32_t i)
{
	const uint8_t *ext = bytes(b, ".BTF.ext"), *p = ext + 32 + word(b, ext + 16);

	return btf_string(b, word(b, p + 12 + 16 * i + 8));
}

static void every_instruction_has_its_line(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	bench_open(&b);
	add_sample(&b);
	make(&b);
	CHECK_STR(lines(&b, &text), "0:2:2 8:3:2 24:3:13 32:4:2");
	CHECK_STR(line_text(&b, 0), "\tr0 = 1");
	CHECK_STR(line_text(&b, 1), "\tr1 = 5 ll; r2 = r1");
	bench_close(&b);
}

static void lines_repeat_only_where_the_verifier_wants_them(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	bench_open(&b);
	add(&b, 0xb7, 0, 1, 0);
	add(&b, 0xb7, 0, 1, at(&b, "r0 = 1"));
	add(&b, 0xb7, 0, 1, at(&b, "r0 = 1"));
	end_prog(&b, "xdp", "p");
	end_prog(&b, "xdp", "q");
	make(&b);
	/* the first without a position has its program's; the exits are the same place */
	CHECK_STR(lines(&b, &text), "0:1:1 8:2:2 24:4:2 32:4:2");
	bench_close(&b);
}

static void a_stream_without_programs_is_one(void)
{
	auto_buf struct buf text = {};
	struct bench b;

	bench_open(&b);
	b.u.bare = true;
	add(&b, 0xb7, 0, 1, at(&b, "r0 = 1"));
	add(&b, 0x95, 0, 0, at(&b, "r0 = 1"));
	make(&b);
	CHECK_INT(symbol(&b, "main").size, 16);
	CHECK_INT(section(&b, "main").size, 16);
	CHECK_STR(lines(&b, &text), "0:2:2");
	bench_close(&b);
}

static void long_lines_are_cut_between_characters(void)
{
	static char line[2000];
	auto_buf struct buf text = {};
	struct bench b;
	uint32_t pos;

	bench_open(&b);
	memset(line, 'x', sizeof(line));
	memcpy(line + 254, "\xc3\xa4", 2); /* one character on both sides of the limit */
	line[sizeof(line) - 1] = '\n';
	pos = src_add(b.src, "long.bpf", line, sizeof(line));
	add(&b, 0xb7, 0, 1, pos + 1500);
	end_prog(&b, "xdp", "p");
	make(&b);
	CHECK_INT(strlen(line_text(&b, 0)), 254);
	CHECK(strncmp(lines(&b, &text), "0:1:1023 ", 9) == 0); /* of the 1501 */
	bench_close(&b);
}

static void byte_order_changes_nothing_else(void)
{
	auto_buf struct buf little = {}, big = {};
	struct bench b;

	bench_open(&b);
	add_sample(&b);
	b.maps[0] = (struct map_decl){ .name = "m", .type = 2, .given = MAP_MAX_ENTRIES };
	b.u.nr_maps = 1;
	make(&b);
	lines(&b, &little);
	b.u.big_endian = true;
	make(&b);
	CHECK(elf_file_info(b.file).big_endian);
	CHECK_STR(lines(&b, &big), buf_str(&little));
	CHECK(memcmp(bytes(&b, "xdp") + 24, "\xbf\x21\0\0\0\0\0\0", 8) == 0);
	CHECK(memcmp(bytes(&b, ".BTF"), "\xeb\x9f", 2) == 0);
	bench_close(&b);
}

static void line_text_fills_btf_to_its_limit(void)
{
	const size_t n = 200000;
	auto_buf struct buf text = {};
	struct vinsn *insns = calloc(n, sizeof(*insns));
	struct bench b;
	uint32_t pos;

	bench_open(&b);
	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%0199zu\n", i);
	pos = src_add(b.src, "big.bpf", text.data, text.len);
	for (size_t i = 0; i < n; i++) {
		insns[i].insn.code = i + 1 < n ? 0xb7 : 0x95;
		insns[i].pos = pos + (uint32_t)(200 * i);
	}
	end_prog(&b, "xdp", "p");
	b.progs[0].n = n;
	b.u.insns = insns;
	b.u.nr_insns = n;
	make(&b);
	CHECK(section(&b, ".BTF").size < 16u << 20);
	CHECK(section(&b, ".BTF").size > 15u << 20);
	CHECK_INT(strlen(line_text(&b, 0)), 199);
	CHECK_STR(line_text(&b, (uint32_t)n - 1), "");
	bench_close(&b);
	free(insns);
}

static const struct test tests[] = {
	{ "every instruction has its line", every_instruction_has_its_line },
	{ "lines repeat only where the verifier wants them",
	  lines_repeat_only_where_the_verifier_wants_them },
	{ "a stream without programs is one", a_stream_without_programs_is_one },
	{ "long lines are cut between characters", long_lines_are_cut_between_characters },
	{ "byte order changes nothing else", byte_order_changes_nothing_else },
	{ "line text fills BTF to the kernel's limit and no further",
	  line_text_fills_btf_to_its_limit },
};
TEST_MAIN(tests)
