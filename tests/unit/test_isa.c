// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every row of isa.def, and every pattern of bytes: encoded, printed, read back. */
#include "test.h"

#include <stdint.h>

#include "asm/isa_row.h"
#include "asm_help.h"
#include "core/mem.h"

static const struct asm_options little, big = { .big_endian = true };

static bool same(const struct insn *a, const struct insn *b)
{
	return a->code == b->code && a->dst == b->dst && a->src == b->src && a->off == b->off &&
	       a->imm == b->imm;
}

/* --- bytes --- */

static void fields_are_where_the_kernel_has_them(void)
{
	static const struct insn in = { 0x63, 1, 10, -2, 0x11223344 };
	static const uint8_t le[] = { 0x63, 0xa1, 0xfe, 0xff, 0x44, 0x33, 0x22, 0x11 };
	static const uint8_t be[] = { 0x63, 0x1a, 0xff, 0xfe, 0x11, 0x22, 0x33, 0x44 };
	uint8_t bytes[INSN_SIZE];

	insn_encode(&in, false, bytes);
	CHECK(memcmp(bytes, le, sizeof(le)) == 0);
	insn_encode(&in, true, bytes);
	CHECK(memcmp(bytes, be, sizeof(be)) == 0);
}

static void bytes_come_back(void)
{
	static const int16_t offs[] = { 0, 1, -1, INT16_MAX, INT16_MIN };
	static const int32_t imms[] = { 0, 1, -1, INT32_MAX, INT32_MIN };
	struct insn in = { 0 }, out;
	uint8_t bytes[INSN_SIZE];

	for (unsigned int code = 0; code < 256; code++)
		for (unsigned int i = 0; i < 16 * 25 * 2; i++) {
			bool big_endian = i & 1;

			in.code = (uint8_t)code;
			in.dst = i / 2 % 16;
			in.src = (i / 2 + 7) % 16;
			in.off = offs[i / 32 % 5];
			in.imm = imms[i / 160 % 5];
			insn_encode(&in, big_endian, bytes);
			insn_decode(bytes, big_endian, &out);
			if (!same(&in, &out))
				FAIL("code %02x, variant %u", code, i);
		}
}

/* --- rows --- */

/* Calls fn for each variant of each row, with every operand at its extremes. */
static void each_instruction(void (*fn)(const struct isa_row *row, const struct insn *in))
{
	static const int16_t offs[] = { 0, 1, -1, 5, INT16_MAX, INT16_MIN };
	static const int32_t imms[] = { 0, 1, -1, 16, 32, 64, 300, INT32_MAX, INT32_MIN };
	static const uint8_t flips[] = { 0,	 CODE_WIDTH, CODE_REG, CODE_WIDTH | CODE_REG,
					 SIZE_B, SIZE_DW,    SIZE_H };

	for (unsigned int r = 0; r < ROW_COUNT; r++)
		for (size_t f = 0; f < countof(flips); f++)
			for (unsigned int i = 0; i < 11 * 6 * 9; i++) {
				const struct isa_row *row = &isa_rows[r];
				unsigned int use = isa_shapes[row->shape].fields;
				struct insn in = { .code = row->code ^ flips[f] };

				if (use & F_VALUE)
					use |= in.code & CODE_REG ? F_SRC : F_IMM;
				in.dst = use & F_DST ? i % 11 : 0;
				in.src = use & F_SRC ? (i + 3) % 11 : row->src;
				in.off = use & F_OFF ? offs[i / 11 % 6] : row->off;
				in.imm = use & F_IMM ? imms[i / 66 % 9] : row->imm;
				if (isa_find(&in) == row)
					fn(row, &in);
			}
}

static unsigned int seen[ROW_COUNT];
static struct buf stream; /* of struct insn */

static void count_row(const struct isa_row *row, const struct insn *in)
{
	struct insn second = { .imm = (int32_t)((uint32_t)in->imm ^ 0x5a5a5a5a) };

	seen[row - isa_rows]++;
	buf_add(&stream, in, sizeof(*in));
	if (in->code == INSN_LD_IMM64)
		buf_add(&stream, &second, sizeof(second));
}

static void every_row_is_found(void)
{
	each_instruction(count_row);
	for (unsigned int r = 0; r < ROW_COUNT; r++)
		if (!seen[r])
			FAIL("row %u, code %02x, is never found", r, isa_rows[r].code);
}

static void what_has_unused_fields_is_none(void)
{
	static const struct insn bad[] = {
		{ 0x07, 1, 2, 0, 0 },  /* add with src and an immediate */
		{ 0x0f, 1, 2, 0, 1 },  /* add of registers with imm */
		{ 0x0f, 1, 2, 7, 0 },  /* off that no row has */
		{ 0x8f, 1, 2, 0, 0 },  /* neg of a register */
		{ 0xbc, 1, 2, 32, 0 }, /* 32 bits to 32 bits */
		{ 0xd4, 1, 0, 0, 8 },  /* le8 */
		{ 0xdf, 1, 0, 0, 16 }, /* bswap with the register bit */
		{ 0x99, 1, 2, 0, 0 },  /* signed load of 64 bits */
		{ 0xcb, 1, 2, 0, 0 },  /* atomic add of 16 bits */
		{ 0x18, 1, 7, 0, 0 },  /* no such kind of constant */
		{ 0x95, 1, 0, 0, 0 },  /* exit with a register */
		{ 0x85, 0, 0, 1, 1 },  /* helper call with off */
		{ 0x07, 11, 0, 0, 0 }, /* r11 */
		{ 0x0f, 1, 12, 0, 0 }, { 0x00, 0, 0, 0, 0 }, { 0xff, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < countof(bad); i++)
		if (isa_find(&bad[i]))
			FAIL("bad instruction %zu, code %02x, is found", i, bad[i].code);
}

static void cpu_versions(void)
{
	CHECK_INT(isa_cpu(&(struct insn){ 0x07, 1, 0, 0, 0 }), 1);
	CHECK_INT(isa_cpu(&(struct insn){ 0xad, 1, 2, 0, 0 }), 2);
	CHECK_INT(isa_cpu(&(struct insn){ 0x16, 1, 0, 0, 0 }), 3);
	CHECK_INT(isa_cpu(&(struct insn){ 0xae, 1, 2, 0, 0 }), 3);
	CHECK_INT(isa_cpu(&(struct insn){ 0x3f, 1, 2, 1, 0 }), 4);
	CHECK_INT(isa_cpu(&(struct insn){ 0xff, 1, 2, 1, 0 }), 1);
}

/* --- texts --- */

struct text {
	struct insn in[2];
	const char *kernel, *llvm, *mnemonic;
};

static const struct text texts[] = {
#include "isa_texts.def"
};

static void check_text(const struct text *t, enum style style, const char *want)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };
	struct insn got[2];
	size_t n = insn_print(t->in, 2, 0, style, NULL, &b);

	CHECK_STR(buf_str(&b), want);
	CHECK_INT(n, t->in[0].code == INSN_LD_IMM64 ? 2 : 1);
	/* Room behind it for the jumps. */
	for (int i = 0; i < 9; i++)
		buf_adds(&b, "\nexit");
	assemble(&a, buf_str(&b), b.len, &little);
	if (a.raw.len < INSN_SIZE * 2) {
		FAIL("'%s' is not read back: %s", want, buf_str(&a.diags));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		insn_decode((const uint8_t *)a.raw.data + i * INSN_SIZE, false, &got[i]);
		if (!same(&got[i], &t->in[i]))
			FAIL("'%s' is read back as something else", want);
	}
}

static void texts_are_those_of_the_dialects(void)
{
	for (size_t i = 0; i < countof(texts); i++) {
		check_text(&texts[i], STYLE_KERNEL, texts[i].kernel);
		check_text(&texts[i], STYLE_LLVM, texts[i].llvm);
		check_text(&texts[i], STYLE_MNEMONIC, texts[i].mnemonic);
	}
}

static void every_row_has_its_texts(void)
{
	bool has[ROW_COUNT] = { false };

	for (size_t i = 0; i < countof(texts); i++) {
		const struct isa_row *row = isa_find_any(&texts[i].in[0]);

		if (row)
			has[row - isa_rows] = true;
	}
	for (unsigned int r = 0; r < ROW_COUNT; r++)
		if (!has[r])
			FAIL("isa_texts.def has no text for row %u, code %02x", r,
			     isa_rows[r].code);
}

static void opcodes_stand_in_front_when_asked(void)
{
	static const struct insn mov = { 0xb7, 1, 0, 0, 5 }, scratch = { 0xbf, 11, 1, 0, 0 };
	static const struct insn wide[] = { { 0x18, 1, 0, 0, 7 }, { .imm = 1 } };
	auto_buf struct buf b = { 0 };

	insn_print_op(&mov, 1, 0, STYLE_KERNEL, NULL, &b);
	buf_addc(&b, '\n');
	insn_print_op(&scratch, 1, 0, STYLE_KERNEL, NULL, &b);
	buf_addc(&b, '\n');
	insn_print_op(wide, 2, 0, STYLE_KERNEL, NULL, &b);
	buf_addc(&b, '\n');
	insn_print(&scratch, 1, 0, STYLE_KERNEL, NULL, &b);
	CHECK_STR(buf_str(&b), "(b7) r1 = 5\n(bf) r11 = r1\n(18) r1 = 0x100000007\n"
			       "(bf) r11 = r1");
}

static bool name_target(void *arg, size_t at, int64_t to, struct buf *b)
{
	(void)arg;
	buf_addf(b, "l%lld_%zu", (long long)to, at);
	return to != 9;
}

static bool name_call(void *arg, size_t at, const struct insn *in, struct buf *b)
{
	(void)at;
	if (in->imm != 1)
		buf_adds(b, arg);
	return in->imm != 1;
}

static bool name_imm64(void *arg, size_t at, const struct insn in[2], struct buf *b)
{
	(void)arg;
	(void)at;
	if (in[0].src == PSEUDO_MAP_FD)
		buf_addf(b, "map[m%d]", in[0].imm);
	return in[0].src == PSEUDO_MAP_FD;
}

static void callers_name_operands(void)
{
	static const struct insn in[] = { { 0x05, 0, 0, 3, 0 },
					  { 0x85, 0, 1, 0, 5 },
					  { 0x85, 0, 0, 0, 1 },
					  { 0x18, 2, 1, 0, 7 },
					  { 0 },
					  { 0x18, 2, 0, 0, 7 },
					  { 0 } };
	struct isa_names names = { (void *)(uintptr_t) "f", name_target, name_call, name_imm64 };
	auto_buf struct buf b = { 0 };

	for (size_t i = 0; i < countof(in);) {
		i += insn_print(&in[i], countof(in) - i, i, STYLE_KERNEL, &names, &b);
		buf_addc(&b, '\n');
	}
	CHECK_STR(buf_str(&b), "goto l4_0\ncall f\ncall bpf_map_lookup_elem#1\nr2 = map[m7]\n"
			       "r2 = 0x7 ll\n");
}

/* --- there and back --- */

static void report(int style, struct assembled *a, const struct buf *want)
{
	const char *error = strstr(buf_str(&a->diags), " error:");
	size_t i = 0;

	while (i < want->len && i < a->raw.len && want->data[i] == a->raw.data[i])
		i++;
	FAIL("style %d: %.60s; %zu of %zu bytes, slot %zu differs", style,
	     error ? error - 10 : "no error", a->raw.len, want->len, i / INSN_SIZE);
}

static void check_stream(const struct insn *in, size_t n, const struct asm_options *opts)
{
	auto_buf struct buf want = { 0 };
	uint8_t *bytes = (uint8_t *)buf_reserve(&want, n * INSN_SIZE);

	for (size_t i = 0; i < n; i++)
		insn_encode(&in[i], opts->big_endian, bytes + i * INSN_SIZE);
	want.len = n * INSN_SIZE;
	for (int style = STYLE_KERNEL; style <= STYLE_MNEMONIC; style++) {
		auto_buf struct buf text = { 0 };
		auto_assembled struct assembled a = { 0 };

		insns_print(in, n, (enum style)style, NULL, &text);
		assemble(&a, text.data, text.len, opts);
		if (!a.unit || !same_bytes(&a.raw, &want))
			report(style, &a, &want);
	}
}

static void pad(struct buf *b)
{
	static const struct insn leave = { .code = 0x95 };

	for (int i = 0; i < 33000; i++)
		buf_add(b, &leave, sizeof(leave));
}

static void every_instruction_is_read_back(void)
{
	auto_buf struct buf b = { 0 };

	pad(&b);
	buf_add(&b, stream.data, stream.len);
	pad(&b);
	CHECK(stream.len > 10000 * sizeof(struct insn));
	check_stream((const struct insn *)b.data, b.len / sizeof(struct insn), &little);
	check_stream((const struct insn *)b.data, b.len / sizeof(struct insn), &big);
}

/* All codes with fields that fit and fields that do not: whatever is no instruction is .insn. */
static void every_pattern_is_read_back(void)
{
	static const int16_t offs[] = { 0, 1, -1, 8, 32, INT16_MIN };
	static const int32_t imms[] = { 0, 1, -1, 16, 0x51, 0xe1, 0x100, 200, 70000, INT32_MIN };
	static const uint8_t srcs[] = { 0, 1, 2, 3, 4, 5, 6, 10, 11, 15 };
	static const uint8_t dsts[] = { 0, 9, 11 };
	auto_buf struct buf b = { 0 };

	pad(&b);
	for (unsigned int i = 0; i < 256 * 6 * 10 * 10 * 3; i++) {
		struct insn in = { (uint8_t)i, dsts[i / 153600], srcs[i / 256 % 10],
				   offs[i / 2560 % 6], imms[i / 15360 % 10] };

		buf_add(&b, &in, sizeof(in));
	}
	pad(&b);
	check_stream((const struct insn *)b.data, b.len / sizeof(struct insn), &little);
}

/* Pieces of the bytes make the text of the whole, wherever the wide instructions happen to lie. */
static void pieces_make_the_whole(void)
{
	for (unsigned int big_endian = 0; big_endian <= 1; big_endian++) {
		size_t n = stream.len / sizeof(struct insn), at = 0, pieces = 0;
		const struct insn *in = (const struct insn *)stream.data;
		auto_buf struct buf bytes = { 0 }, whole = { 0 }, text = { 0 };
		struct insn_bytes from = { (uint8_t *)buf_reserve(&bytes, n * INSN_SIZE), n,
					   big_endian };

		for (size_t i = 0; i < n; i++)
			insn_encode(&in[i], big_endian, (uint8_t *)bytes.data + i * INSN_SIZE);
		insns_print(in, n, STYLE_KERNEL, NULL, &whole);
		for (; at < n; pieces++)
			at = insns_print_bytes(&from, at, STYLE_KERNEL, &text);
		CHECK(pieces > 1);
		CHECK_INT(at, n);
		CHECK_INT(text.len, whole.len);
		CHECK(memcmp(text.data, whole.data, whole.len) == 0);
	}
}

/* Text of a stream with a blank behind each line, which fast.c leaves to the general reader. */
static void both_readers_agree(void)
{
	auto_buf struct buf text = { 0 }, slow = { 0 };
	auto_assembled struct assembled a = { 0 }, b = { 0 };

	for (int style = STYLE_KERNEL; style <= STYLE_LLVM; style++)
		insns_print((const struct insn *)stream.data, stream.len / sizeof(struct insn),
			    (enum style)style, NULL, &text);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\n')
			buf_addc(&slow, ' ');
		buf_addc(&slow, text.data[i]);
	}
	assemble(&a, text.data, text.len, &little);
	assemble(&b, slow.data, slow.len, &little);
	CHECK(a.unit && b.unit && same_bytes(&a.raw, &b.raw));
	buf_free(&stream);
}

static const struct test tests[] = {
	{ "fields are where the kernel has them", fields_are_where_the_kernel_has_them },
	{ "bytes come back in both orders", bytes_come_back },
	{ "every row is found by its instructions", every_row_is_found },
	{ "what has unused fields is no instruction", what_has_unused_fields_is_none },
	{ "cpu versions", cpu_versions },
	{ "texts are those of the dialects, and are read back", texts_are_those_of_the_dialects },
	{ "every row has its texts", every_row_has_its_texts },
	{ "opcodes stand in front when asked for", opcodes_stand_in_front_when_asked },
	{ "callers name operands", callers_name_operands },
	{ "every instruction is read back in three styles", every_instruction_is_read_back },
	{ "every pattern of bytes is read back", every_pattern_is_read_back },
	{ "pieces make the text of the whole", pieces_make_the_whole },
	{ "the fast reader agrees with the other", both_readers_agree },
};
TEST_MAIN(tests)
