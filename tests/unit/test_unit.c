// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sources as a whole: size, depth, distances, broken ones, and how long a large one takes. */
#include "test.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "asm_help.h"
#include "core/mem.h"

static const struct asm_options plain;

static unsigned int count(const char *text, const char *part)
{
	unsigned int n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static bool has(const struct assembled *a, const char *part)
{
	if (strstr(buf_str((struct buf *)(uintptr_t)&a->diags), part))
		return true;
	FAIL("no '%s' in\n%.500s", part, a->diags.data ? a->diags.data : "");
	return false;
}

static struct insn at(const struct assembled *a, size_t slot)
{
	struct insn in = { 0 };

	if (a->raw.len >= (slot + 1) * INSN_SIZE)
		insn_decode((const uint8_t *)a->raw.data + slot * INSN_SIZE, false, &in);
	return in;
}

/* --- errors --- */

static void five_hundred_errors_are_told(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	for (int i = 0; i < 500; i++)
		buf_addf(&b, "r1 = nothing%d\nr2 = %d\n", i, i);
	assemble(&a, b.data, b.len, &plain);
	CHECK(!a.unit);
	CHECK_INT(src_errors(a.src), 500);
	CHECK_INT(count(buf_str(&a.diags), ": error: "), 500);
	has(&a, "999:6: error: unknown constant 'nothing499'");
}

static void a_million_errors_are_counted(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	for (int i = 0; i < 200000; i++)
		buf_adds(&b, "bpf_map_lookup_elm(r1)\n");
	assemble(&a, b.data, b.len, &plain);
	CHECK_INT(src_errors(a.src), 200000);
	CHECK_INT(count(buf_str(&a.diags), ": error: "), SRC_MAX_ERRORS);
}

static void a_bad_line_is_one_error(void)
{
	static const char *const lines[] = {
		"r1 = (((",
		"r1 = 5 +",
		"call",
		"goto",
		"if r1 == goto",
		"*(u32 *)(r1",
		"\"open",
		"r1 = 'a",
		"lock *(",
		"r1 = map[",
		"0:",
		"(b7) exit",
		"@#$%^",
		"}",
		"{",
		"stack",
		"mov",
		"ldxw r1,",
		"r0 = bpf_map_lookup_elem(",
		"r1 = sizeof(",
		"r1 = xdp_md.",
		"const",
		"const x",
		"const y =",
		"data u32",
		"map",
		"map m",
		"prog",
		"func",
		"kfunc",
		"include",
		"license",
		"struct",
		"enum",
		"union u",
		"ksym",
		"kconfig",
		"event",
	};

	for (size_t i = 0; i < countof(lines); i++) {
		auto_buf struct buf b = { 0 };
		auto_assembled struct assembled a = { 0 };

		buf_addf(&b, "r1 = 1\n%s\nr2 = 2\n", lines[i]);
		assemble(&a, b.data, b.len, &plain);
		if (src_errors(a.src) != 1)
			FAIL("'%s' gives %zu errors:\n%s", lines[i], src_errors(a.src),
			     buf_str(&a.diags));
		has(&a, "2:");
	}
}

/* Everything the language has, to be broken in every place. */
static const char everything[] =
	"license \"Dual BSD/GPL\"\n"
	"include <lib>\n"
	"const A = sizeof(s) + E2 + 'q' - '\\x71'\n"
	"struct s { u8 a; u32 b:3; struct { u16 c; }; union { u8 d; u64 e[2] } f }\n"
	"enum e { E1, E2 = 5 }\n"
	"event v kind 1 { u32 kind; char t[4] }\n"
	"map m hash { key u32; value struct s; max_entries A; flags 1|2; event v }\n"
	"data u32 x[] = { 1, A,\n 3 }\n"
	"rodata char t[] = \"te\\x78t\"\n"
	"data s y = { .a = 1, .f.e = { 1 } }\n"
	"bss u64 z\n"
	"kfunc void k(struct task_struct *p) weak\n"
	"ksym u64 j\n"
	"kconfig u32 C\n"
	"func global u64 f(u32 a, void *b) {\n"
	"\tr0 = r1\n"
	"\texit\n"
	"}\n"
	"prog tc/ingress p {\n"
	"\tstack u32 key\n"
	"\t*(key) = 0\n"
	"\tr0 = bpf_map_lookup_elem(map[m], &key)\n"
	"\tif r0 == 0 goto .out\n"
	"\tr1 = *(r0 + s.f.e[1])\n"
	"\tlock *(u64 *)(r0 + 8) += r1\n"
	"\tr2 = atomic_fetch_add((u32 *)(r0 - 4), r2)\n"
	"\tbpf_trace_printk(\"x\", 2)\n"
	"\tr1 = &x[1]\n"
	"\tr1 = 0x1122334455667788 ll\n"
	"\tldxw %r1, [%r2+4]\n"
	"\tjeq r1, 5, .out\n"
	"   12: (b7) r1 = 5 ; R1_w=5\n"
	"\tk(r6)\n"
	"\tr0 = f(htons(80), 0)\n"
	"\tr1 = subprog[f]\n"
	"\t.insn 0x9500000000000000\n"
	".out:\texit\n"
	"}\n";

static int library(void *arg, const char *name, const char *from, struct buf *text, char **path)
{
	(void)arg;
	(void)from;
	if (strcmp(name, "lib") != 0)
		return -ENOENT;
	buf_adds(text, "const L = 1\n");
	*path = strdup("<lib>");
	return 0;
}

static const struct asm_options with_library = { .include = library };

static void every_prefix_is_survived(void)
{
	for (size_t len = 0; len < sizeof(everything); len++) {
		auto_assembled struct assembled a = { 0 };

		assemble(&a, everything, len, &with_library);
		CHECK((a.unit != NULL) == (src_errors(a.src) == 0));
	}
}

static void every_missing_byte_is_survived(void)
{
	for (size_t i = 0; i + 1 < sizeof(everything); i++) {
		auto_buf struct buf b = { 0 };
		auto_assembled struct assembled a = { 0 };

		buf_add(&b, everything, i);
		buf_add(&b, everything + i + 1, sizeof(everything) - i - 2);
		assemble(&a, b.data, b.len, &with_library);
		CHECK((a.unit != NULL) == (src_errors(a.src) == 0));
	}
}

static void every_odd_byte_is_survived(void)
{
	static const char bytes[] = "\0\n{}();\"'#/=&*[].:%\x80-09xar";

	for (size_t i = 0; i + 1 < sizeof(everything); i++) {
		auto_buf struct buf b = { 0 };
		auto_assembled struct assembled a = { 0 };

		buf_add(&b, everything, sizeof(everything) - 1);
		b.data[i] = bytes[i % (sizeof(bytes) - 1)];
		assemble(&a, b.data, b.len, &with_library);
		CHECK((a.unit != NULL) == (src_errors(a.src) == 0));
	}
}

/* --- distances --- */

static void far_away(struct buf *b, const char *jump, int distance)
{
	buf_addf(b, "back: %s\n", jump);
	for (int i = 0; i < distance; i++)
		buf_adds(b, "r1 = 1\n");
	buf_adds(b, "there: exit\n");
}

static void a_goto_that_is_too_short_becomes_gotol(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	far_away(&b, "goto there", 32767);
	buf_adds(&b, "goto back\n");
	assemble(&a, b.data, b.len, &plain);
	CHECK_INT(at(&a, 0).code, 0x05);
	CHECK_INT(at(&a, 0).off, 32767);
	CHECK_INT(at(&a, 32769).code, 0x06);
	CHECK_INT(at(&a, 32769).imm, -32770);
	CHECK_INT(at(&a, 32769).off, 0);
}

static void by_distance_too(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	far_away(&b, "goto +40000", 40000);
	assemble(&a, b.data, b.len, &plain);
	CHECK_INT(at(&a, 0).code, 0x06);
	CHECK_INT(at(&a, 0).imm, 40000);
}

static void before_v4_it_is_an_error(void)
{
	const struct asm_options v3 = { .cpu = 3 };
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	far_away(&b, "goto there", 32768);
	buf_adds(&b, "ja back\n");
	assemble(&a, b.data, b.len, &v3);
	has(&a, "1:12: error: distance of 32768 instructions does not fit 16 bits\n"
		"  hint: cpu v4 has gotol, which reaches farther\n"
		"32771:4: error: distance of -32771 instructions does not fit 16 bits\n");
}

static void conditional_jumps_stay_short(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	far_away(&b, "if r1 == 5 goto there", 32768);
	assemble(&a, b.data, b.len, &plain);
	has(&a, "1:23: error: distance of 32768 instructions does not fit 16 bits\n"
		"  hint: jump to a gotol, which reaches farther\n");
}

/* --- limits --- */

static void long_chains_of_constants(void)
{
	auto_buf struct buf b = { 0 }, back = { 0 };
	auto_assembled struct assembled a = { 0 }, c = { 0 };

	for (int i = 4999; i > 0; i--)
		buf_addf(&b, "const C%d = C%d + 1\n", i, i - 1);
	buf_adds(&b, "const C0 = 0\nr1 = C4999\n");
	assemble(&a, b.data, b.len, &plain);
	CHECK(!a.unit);
	has(&a, "nested more than 100 deep");

	buf_adds(&back, "const C0 = 0\n");
	for (int i = 1; i < 5000; i++)
		buf_addf(&back, "const C%d = C%d + 1\n", i, i - 1);
	buf_adds(&back, "r1 = C4999\n");
	assemble(&c, back.data, back.len, &plain);
	CHECK_INT(at(&c, 0).imm, 4999);
}

static void deep_values_and_types(void)
{
	static const char *const heads[] = { "data u32 x = ", "struct s { struct { ", "r1 = " };
	static const char *const repeated[] = { "{",	"(",	    "-",	  "[",
						"~ ",	"htons(",   "sizeof(u8[", "__sk_buff.cb[",
						"1 ? ", "1 ? 1 : ", "1 + (",	  "const " };

	for (size_t h = 0; h < countof(heads); h++)
		for (size_t r = 0; r < countof(repeated); r++) {
			auto_buf struct buf b = { 0 };
			auto_assembled struct assembled a = { 0 };

			buf_adds(&b, heads[h]);
			for (int i = 0; i < 100000; i++)
				buf_adds(&b, repeated[r]);
			assemble(&a, b.data, b.len, &plain);
			CHECK(!a.unit && src_errors(a.src) > 0);
		}
}

static int endless(void *arg, const char *name, const char *from, struct buf *text, char **path)
{
	int *n = arg;

	(void)name;
	(void)from;
	buf_addf(text, "include \"next\"\nconst C%d = 1\n", ++*n);
	return asprintf(path, "file%d", *n) < 0 ? -ENOMEM : 0;
}

static void includes_have_a_depth(void)
{
	int n = 0;
	const struct asm_options opts = { .include = endless, .arg = &n };
	auto_assembled struct assembled a = { 0 };

	assemble(&a, "include \"next\"", 14, &opts);
	CHECK(!a.unit);
	CHECK_INT(n, 16);
	has(&a, "file16:1:9: error: more than 16 files include each other");
}

static int no_memory(void *arg, const char *name, const char *from, struct buf *text, char **path)
{
	(void)arg;
	(void)name;
	(void)from;
	(void)text;
	(void)path;
	return -ENOMEM;
}

static void what_fails_outside_is_told(void)
{
	const struct asm_options none = { .cpu = 4 }, memory = { .include = no_memory };
	auto_assembled struct assembled a = { 0 }, b = { 0 };

	assemble(&a, "include <x>", 11, &none);
	has(&a, "1:9: error: nothing can be included here");
	assemble(&b, "include <x>", 11, &memory);
	CHECK(!b.unit);
	CHECK_INT(src_errors(b.src), 0); /* that is how no memory shows */
}

static void initial_values_have_a_sum(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	for (int i = 0; i < 10; i++)
		buf_addf(&b, "data u8 x%d[60000000] = { 1 }\nbss u8 y%d[60000000]\n", i, i);
	assemble(&a, b.data, b.len, &plain);
	has(&a, "9:24: error: initial values of more than 256 MiB");
}

static void many_of_everything(void)
{
	auto_buf struct buf b = { 0 };
	auto_assembled struct assembled a = { 0 };

	for (int i = 0; i < 2000; i++)
		buf_addf(&b,
			 "struct s%d_ { u32 a; struct s%d_ *next }\nconst C%d = %d\n"
			 "map m%d array { key u32; value struct s%d_; max_entries 1 }\n"
			 "data u32 x%d = C%d\nprog xdp p%d {\nl: goto l\nr1 = map[m%d]\n"
			 "call f%d\nr1 = &x%d\n}\nfunc f%d() {\nexit\n}\n",
			 i, (i + 1) % 2000, i, i, i, i, i, i, i, i, i, i, i);
	assemble(&a, b.data, b.len, &plain);
	CHECK(a.unit);
	if (!a.unit)
		return;
	CHECK_INT(a.unit->nr_progs, 4000);
	CHECK_INT(a.unit->nr_maps, 2000);
	CHECK_INT(a.unit->nr_insns, 2000 * 7);
}

/* --- time --- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The instructions a compiler makes, more or less as often. */
static void add_typical(struct buf *b, unsigned int i)
{
	static const char *const lines[] = {
		"r%u = r6\n",
		"r1 = *(u32 *)(r%u + 16)\n",
		"*(u64 *)(r10 - 24) = r%u\n",
		"if r%u == 0 goto +12\n",
		"w%u &= 255\n",
		"r%u <<= 32\n",
		"r%u += -8\n",
		"r%u = 1\n",
		"if w%u s> 42 goto +3\n",
		"call 1\n",
		"r%u = *(u8 *)(r1 + 0)\n",
		"r%u |= r2\n",
		"*(u16 *)(r%u + 2) = w1\n",
		"goto +5\n",
		"r%u >>= 32\n",
		"exit\n",
	};
	const char *line = lines[(i * 2654435761u >> 20) % countof(lines)];
	const char *percent = strchr(line, '%');

	if (!percent) {
		buf_adds(b, line);
		return;
	}
	buf_add(b, line, (size_t)(percent - line));
	buf_addc(b, (char)('0' + i % 10));
	buf_adds(b, percent + 2);
}

static unsigned int count_lines(const struct buf *b)
{
	unsigned int n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static void a_million_instructions(void)
{
	const unsigned int n = 1000000;
	auto_buf struct buf b = { 0 }, text = { 0 };
	auto_assembled struct assembled a = { 0 };
	auto_free struct insn *in = xcalloc(n, sizeof(*in));
	double start, read, printed;

	for (unsigned int i = 0; i + 16 < n; i++)
		add_typical(&b, i);
	for (int i = 0; i < 16; i++)
		buf_adds(&b, "exit\n");
	start = seconds();
	assemble(&a, b.data, b.len, &plain);
	read = seconds();
	CHECK_INT(a.raw.len, n * INSN_SIZE);
	for (size_t i = 0; a.unit && i < n; i++)
		in[i] = a.unit->insns[i].insn;
	printed = seconds();
	insns_print(in, n, STYLE_LLVM, NULL, &text);
	printf("# %.1f MB: read in %.3f s, printed in %.3f s\n", (double)b.len / 1e6, read - start,
	       seconds() - printed);
	CHECK_INT(count_lines(&text), n);
	CHECK(read - start < 5); /* a machine ten times as slow, with a sanitizer */
}

static const struct test tests[] = {
	{ "five hundred errors are told", five_hundred_errors_are_told },
	{ "a million errors are counted", a_million_errors_are_counted },
	{ "a bad line is one error", a_bad_line_is_one_error },
	{ "every prefix of a source is survived", every_prefix_is_survived },
	{ "every missing byte is survived", every_missing_byte_is_survived },
	{ "every odd byte is survived", every_odd_byte_is_survived },
	{ "a goto that is too short becomes gotol", a_goto_that_is_too_short_becomes_gotol },
	{ "by distance too", by_distance_too },
	{ "before cpu v4 it is an error", before_v4_it_is_an_error },
	{ "conditional jumps stay short", conditional_jumps_stay_short },
	{ "long chains of constants", long_chains_of_constants },
	{ "deep values and types", deep_values_and_types },
	{ "includes have a depth", includes_have_a_depth },
	{ "what fails outside is told", what_fails_outside_is_told },
	{ "initial values have a sum", initial_values_have_a_sum },
	{ "many of everything", many_of_everything },
	{ "a million instructions", a_million_instructions },
};
TEST_MAIN(tests)
