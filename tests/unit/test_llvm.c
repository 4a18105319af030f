// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The assembler against LLVM's, where one is installed (the newest is taken): a hundred thousand
 * instructions of LLVM's spelling give the same bytes, and what llvm-objdump prints of objects is
 * read back to the bytes they have.
 */
#include "test.h"

#include <glob.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include "asm_help.h"
#include "core/mem.h"

#define LINES 100000

static char bin[256];		  /* directory of LLVM's tools, empty: none */
static unsigned int llvm_version; /* 14, 22 ... */
static char dir[] = "/tmp/bpfctl-llvm.XXXXXX";

static void find_llvm(void)
{
	glob_t g;

	if (glob("/usr/lib/llvm-*/bin/llvm-mc", 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		unsigned int v;

		if (sscanf(g.gl_pathv[i], "/usr/lib/llvm-%u/", &v) != 1 || v <= llvm_version)
			continue;
		llvm_version = v;
		snprintf(bin, sizeof(bin), "/usr/lib/llvm-%u/bin", v);
	}
	globfree(&g);
}

/* Runs a tool in the directory of the test; its output is the result. */
__attribute__((format(printf, 2, 3))) static bool run(struct buf *out, const char *fmt, ...)
{
	char command[1024], part[65536];
	size_t len =
		(size_t)snprintf(command, sizeof(command), "cd %s && PATH=%s:$PATH ", dir, bin);
	va_list ap;
	FILE *f;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(command + len, sizeof(command) - len - 12, fmt, ap);
	va_end(ap);
	strcat(command, " 2>tool.err");
	f = popen(command, "r");
	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		if (out)
			buf_add(out, part, n);
	return pclose(f) == 0;
}

static void write_file(const char *name, const struct buf *b)
{
	char path[300];
	auto_file FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f)
		fwrite(b->data, 1, b->len, f);
}

static void read_file(const char *name, struct buf *b)
{
	char path[300], part[65536];
	auto_file FILE *f = NULL;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
}

/* --- instructions --- */

static uint64_t state = 1;

static unsigned int any(unsigned int n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(state >> 33) % n;
}

static int32_t any_imm(void)
{
	static const int32_t edges[] = { 0, 1, -1, INT32_MAX, INT32_MIN, 127, 128, -128, 65535 };

	return any(3) ? (int32_t)any(1000) - 500 : any(2) ? edges[any(9)] : (int32_t)(state >> 20);
}

static int any_off(void)
{
	return any(8) ? (int)any(512) - 256 : any(2) ? INT16_MAX : INT16_MIN;
}

static void add_imm(struct buf *b, int32_t v)
{
	if (any(4))
		buf_addf(b, "%d", v);
	else if (v < 0)
		buf_addf(b, "-0x%llx", -(long long)v);
	else
		buf_addf(b, "0x%x", (unsigned int)v);
}

static void add_address(struct buf *b)
{
	int off = any_off();

	buf_addf(b, "r%u %c %d", any(11), off < 0 ? '-' : '+', off < 0 ? -off : off);
}

static const char *any_of(const char *const *list, unsigned int n)
{
	return list[any(n)];
}

static void add_alu(struct buf *b)
{
	static const char *const ops[] = { "+=",  "-=", "*=", "/=",   "|=", "&=",  "<<=",
					   ">>=", "^=", "=",  "s>>=", "%=", "s/=", "s%=" };
	const char *op = any_of(ops, llvm_version >= 18 ? 14 : 11);
	char w = any(2) ? 'r' : 'w';

	buf_addf(b, "%c%u %s ", w, any(11), op);
	if (any(2))
		buf_addf(b, "%c%u", w, any(11));
	else
		add_imm(b, any_imm());
}

static void add_unary(struct buf *b)
{
	static const char *const swaps[] = { "le16", "le32",	"le64",	   "be16",   "be32",
					     "be64", "bswap16", "bswap32", "bswap64" };
	static const char *const casts[] = { "s8", "s16", "s32" };
	unsigned int r = any(11), w = any(2);

	switch (any(llvm_version >= 18 ? 3 : 2)) {
	case 0:
		buf_addf(b, "%c%u = -%c%u", w ? 'w' : 'r', r, w ? 'w' : 'r', r);
		break;
	case 1:
		buf_addf(b, "r%u = %s r%u", r, any_of(swaps, llvm_version >= 18 ? 9 : 6), r);
		break;
	default:
		buf_addf(b, "%c%u = (%s)%c%u", w ? 'w' : 'r', r, any_of(casts, w ? 2 : 3),
			 w ? 'w' : 'r', any(11));
	}
}

static void add_memory(struct buf *b)
{
	static const char *const types[] = { "u8", "u16", "u32", "u64", "s8", "s16", "s32" };
	unsigned int type = any(llvm_version >= 18 ? 7 : 4);
	bool narrow = type < 3 && any(2);

	switch (any(llvm_version >= 18 ? 3 : 2)) {
	case 0:
		buf_addf(b, "%c%u = *(%s *)(", narrow ? 'w' : 'r', any(11), types[type]);
		add_address(b);
		buf_adds(b, ")");
		break;
	case 1:
		type &= 3;
		buf_addf(b, "*(%s *)(", types[type]);
		add_address(b);
		buf_addf(b, ") = %c%u", type < 3 && narrow ? 'w' : 'r', any(11));
		break;
	default:
		type &= 3;
		buf_addf(b, "*(%s *)(", types[type]);
		add_address(b);
		buf_adds(b, ") = ");
		add_imm(b, type < 2 ? (int32_t)any(128) : any_imm());
	}
}

static void add_atomic(struct buf *b)
{
	static const char *const ops[] = { "+=", "|=", "&=", "^=" };
	static const char *const names[] = { "add", "or", "and", "xor" };
	unsigned int r = any(11), kind = any(llvm_version >= 20 ? 6 : llvm_version >= 18 ? 4 : 1);
	bool narrow = any(2);
	char w = narrow ? 'w' : 'r';
	int bits = narrow ? 32 : 64;

	if (kind == 0)
		buf_addf(b, "lock *(u%d *)(", bits);
	else if (kind == 1)
		buf_addf(b, "%c%u = atomic_fetch_%s((u%d *)(", w, r, any_of(names, 4), bits);
	else if (kind == 2)
		buf_addf(b, "%c%u = %s(", w, r, narrow ? "xchg32_32" : "xchg_64");
	else if (kind == 3)
		buf_addf(b, "%c0 = %s(", w, narrow ? "cmpxchg32_32" : "cmpxchg_64");
	else if (kind == 4)
		buf_addf(b, "%c%u = load_acquire((u%d *)(", w, r, bits);
	else
		buf_addf(b, "store_release((u%d *)(", bits);
	add_address(b);
	if (kind == 0)
		buf_addf(b, ") %s %c%u", any_of(ops, 4), w, r);
	else if (kind == 1)
		buf_addf(b, "), %c%u)", w, r);
	else if (kind == 2)
		buf_addf(b, ", %c%u)", w, r);
	else if (kind == 3)
		buf_addf(b, ", %c0, %c%u)", w, w, r);
	else if (kind == 4)
		buf_adds(b, "))");
	else
		buf_addf(b, "), %c%u)", w, r);
}

static void add_jump(struct buf *b)
{
	static const char *const ops[] = { "==", "!=",	">",  ">=",  "<", "<=",
					   "s>", "s>=", "s<", "s<=", "&" };
	char w = any(2) ? 'r' : 'w';

	switch (any(llvm_version >= 18 ? 8 : 6)) {
	case 0:
		buf_addf(b, "goto +%u", any(100));
		break;
	case 6:
		buf_addf(b, "gotol +%u", any(100));
		break;
	case 7:
		buf_addf(b, "may_goto +%u", any(100));
		break;
	default:
		buf_addf(b, "if %c%u %s ", w, any(11), any_of(ops, llvm_version >= 18 ? 11 : 10));
		if (any(2))
			buf_addf(b, "%c%u", w, any(11));
		else
			add_imm(b, any_imm());
		buf_addf(b, " goto +%u", any(100));
	}
}

static void add_other(struct buf *b)
{
	static const char *const types[] = { "u8", "u16", "u32" };

	switch (any(5)) {
	case 0:
		buf_addf(b, "call %u", any(211) + 1);
		break;
	case 1:
		buf_addf(b, "r%u = 0x%x%08x ll", any(11), any(UINT32_MAX), any(UINT32_MAX));
		break;
	case 2:
		buf_addf(b, "r0 = *(%s *)skb[%u]", any_of(types, 3), any(2000));
		break;
	case 3:
		buf_addf(b, "r0 = *(%s *)skb[r%u]", any_of(types, 3), any(11));
		break;
	default:
		buf_adds(b, "exit");
	}
}

static void generate(struct buf *b)
{
	static void (*const adders[])(struct buf *) = { add_alu,    add_alu,	add_unary,
							add_memory, add_memory, add_atomic,
							add_jump,   add_other };

	for (int i = 0; i < LINES; i++) {
		adders[any(8)](b);
		buf_addc(b, '\n');
	}
	for (int i = 0; i < 200; i++)
		buf_adds(b, "exit\n");
}

/* A jump into a 64-bit constant is an error here only: such lines become exit. */
static void mend(struct buf *text)
{
	auto_assembled struct assembled a = { 0 };
	const struct asm_options opts = { .cpu = 4 };
	const struct diag *d;
	size_t n;

	assemble(&a, text->data, text->len, &opts);
	n = src_diags(a.src, &d);
	for (size_t i = 0; i < n; i++) {
		struct src_loc loc = src_locate(a.src, d[i].pos);
		char *line = text->data + (loc.text - src_text(a.src, 1));

		if (d[i].severity != DIAG_ERROR || !strstr(d[i].text, "middle of a 64-bit"))
			continue;
		memcpy(line, "exit", 4);
		memset(line + 4, ' ', loc.len - 4);
	}
}

static void report(const struct buf *text, const struct buf *ours, const struct buf *theirs)
{
	size_t slot = 0, line = 0;
	const char *s = text->data;

	while (slot * INSN_SIZE < theirs->len && slot * INSN_SIZE < ours->len &&
	       memcmp(ours->data + slot * INSN_SIZE, theirs->data + slot * INSN_SIZE, INSN_SIZE) ==
		       0)
		slot++;
	for (size_t at = 0; at < slot; line++) {
		const char *end = strchr(s, '\n');

		at += end - s > 3 && memcmp(end - 3, " ll", 3) == 0 ? 2 : 1;
		s = end + 1;
	}
	FAIL("%zu and %zu bytes; slot %zu, line %zu: %.60s", ours->len, theirs->len, slot, line + 1,
	     s);
}

static void compare(struct buf *text, bool big_endian)
{
	const struct asm_options opts = { .cpu = 4, .big_endian = big_endian };
	auto_assembled struct assembled a = { 0 };
	auto_buf struct buf theirs = { 0 };

	write_file("a.s", text);
	CHECK(run(NULL, "llvm-mc -triple %s -mcpu=%s -filetype=obj a.s -o a.o",
		  big_endian ? "bpfeb" : "bpfel", llvm_version >= 18 ? "v4" : "v3"));
	CHECK(run(NULL, "llvm-objcopy -O binary --only-section=.text a.o a.bin"));
	read_file("a.bin", &theirs);
	assemble(&a, text->data, text->len, &opts);
	if (!a.unit)
		FAIL("%.300s", buf_str(&a.diags));
	else if (!same_bytes(&a.raw, &theirs))
		report(text, &a.raw, &theirs);
}

static void instructions_give_the_same_bytes(void)
{
	auto_buf struct buf text = { 0 };

	generate(&text);
	mend(&text);
	compare(&text, false);
	compare(&text, true);
}

/* --- objects --- */

/* The bytes of the sections that the text of a disassembly has, in its order. */
static void code_of(const char *object, const struct buf *text, struct buf *code)
{
	static const char mark[] = "Disassembly of section ";
	char name[200];

	for (const char *s = text->data; (s = strstr(s, mark)); s += sizeof(mark)) {
		if (sscanf(s, "Disassembly of section %199[^:]:", name) != 1)
			continue;
		CHECK(run(NULL, "llvm-objcopy -O binary --only-section='%s' %s t.bin", name,
			  object));
		read_file("t.bin", code);
	}
}

static void check_dump(const char *object, const char *flags)
{
	const struct asm_options opts = { .cpu = 4 };
	auto_buf struct buf text = { 0 }, want = { 0 };
	auto_assembled struct assembled a = { 0 };

	CHECK(run(&text, "llvm-objdump -d %s %s", flags, object));
	buf_str(&text);
	code_of(object, &text, &want);
	assemble(&a, text.data, text.len, &opts);
	if (!a.unit || !want.len || !same_bytes(&a.raw, &want))
		FAIL("%s %s: %zu bytes, not %zu; %.300s", object, flags, a.raw.len, want.len,
		     buf_str(&a.diags));
}

static void disassembly_of_it_is_read_back(void)
{
	const struct asm_options opts = { .cpu = 4 };
	auto_buf struct buf text = { 0 }, want = { 0 };
	auto_assembled struct assembled a = { 0 };

	read_file("a.s", &text);
	compare(&text, false); /* makes a.o little-endian again */
	text.len = 0;
	CHECK(run(&text, "llvm-objdump -d --mcpu=%s a.o", llvm_version >= 18 ? "v4" : "v3"));
	read_file("a.bin", &want);
	assemble(&a, buf_str(&text), text.len, &opts);
	if (!a.unit || !same_bytes(&a.raw, &want))
		FAIL("%.300s", buf_str(&a.diags));
}

static void disassembly_of_objects_is_read_back(void)
{
	glob_t g;

	if (glob("/usr/lib/*/bpf/*.o", 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		check_dump(g.gl_pathv[i], "");
		check_dump(g.gl_pathv[i], "-r");
		check_dump(g.gl_pathv[i], "-S");
	}
	globfree(&g);
}

/* Something of everything a compiler makes of C. */
static const char c_source[] =
	"typedef unsigned int u32; typedef unsigned long long u64;\n"
	"struct ctx { u32 data, data_end, mark; };\n"
	"static void *(*lookup)(void *map, const void *key) = (void *)1;\n"
	"static long (*printk)(const char *fmt, u32 size, ...) = (void *)6;\n"
	"int map; u64 counter = 3; volatile const int limit = 5; static int hidden;\n"
	"static __attribute__((noinline)) int sub(int a, int b) { return a * b + limit; }\n"
	"__attribute__((noinline)) int global(int a) { return (u32)sub(a, 7) % 3; }\n"
	"__attribute__((section(\"one\"))) int first(struct ctx *c) {\n"
	"	u32 key = c->mark; u64 *v = lookup(&map, &key); char text[] = \"x %d\";\n"
	"	if (v) __sync_fetch_and_add(v, 1);\n"
	"	for (int i = 0; i < limit; i++) counter ^= (u32)global(i) / (key + 1);\n"
	"	signed char x = (signed char)key; counter += x; hidden++;\n"
	"	printk(text, sizeof(text), key);\n"
	"	if ((int)key < -5 || key == 0xfffffff0) return 1;\n"
	"	return sub((int)key, 3) & 0xffff ? 2 : (int)(counter >> 40);\n"
	"}\n"
	"__attribute__((section(\"two\"))) int second(struct ctx *c) {\n"
	"	char b[64]; __builtin_memset(b, 3, 64); b[c->mark & 63] = 1;\n"
	"	return __builtin_bswap32(c->data) + __builtin_bswap16(c->mark) + b[7] +\n"
	"		(int)(__builtin_bswap64(counter) * 0x123456789abcdefULL >> 3);\n"
	"}\n";

static void disassembly_of_compiled_code_is_read_back(void)
{
	struct buf source = { (char *)(uintptr_t)c_source, sizeof(c_source) - 1, 0, false };

	if (!run(NULL, "clang --version"))
		return;
	write_file("c.c", &source);
	for (int v = 1; v <= 3; v++) {
		char flags[32];

		CHECK(run(NULL, "clang -w -O2 -g -target bpf -mcpu=v%d -c c.c -o c.o", v));
		snprintf(flags, sizeof(flags), "-r --mcpu=v%d", v);
		check_dump("c.o", "");
		check_dump("c.o", flags);
		check_dump("c.o", "-S");
	}
}

static const struct test tests[] = {
	{ "instructions give the same bytes as llvm-mc's", instructions_give_the_same_bytes },
	{ "their disassembly is read back", disassembly_of_it_is_read_back },
	{ "the disassembly of installed objects is read back",
	  disassembly_of_objects_is_read_back },
	{ "the disassembly of compiled code is read back",
	  disassembly_of_compiled_code_is_read_back },
};

int main(void)
{
	int failed;

	find_llvm();
	if (!*bin || !mkdtemp(dir)) {
		printf("1..1\nok 1 - comparison # skip there is no llvm-mc\n");
		return 0;
	}
	printf("# LLVM %u\n", llvm_version);
	failed = test_main(tests, countof(tests));
	run(NULL, "rm -f a.s a.o a.bin t.bin c.c c.o tool.err");
	rmdir(dir);
	return failed;
}
