// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The cases of tests/data/asm: "== name", then sections: "-- asm" the source, "-- file NAME" what
 * it may include, "-- options" (cpu N, endian big), and what must come of it: "-- raw" bytes in
 * hex, "-- kernel", "-- llvm", "-- mnemonic" texts, "-- unit" the declarations, "-- error" the
 * diagnostics.  A case without "-- error" must have none.
 *
 * Each file is run forward, backward and forward again, since no case may leave anything behind.
 */
#include "test.h"

#include <errno.h>
#include <glob.h>
#include <stdint.h>

#include "asm_help.h"
#include "asm_kernel.h"
#include "core/mem.h"
#include "unit_dump.h"

#define MAX_CASES 1000
#define MAX_FILES 8

struct piece {
	const char *s;
	size_t len;
	bool given;
};

struct test_case {
	const char *name;
	struct piece asm_, raw, kernel, llvm, mnemonic, unit, error, options;
	struct piece files[MAX_FILES];
	char file_names[MAX_FILES][32];
	unsigned int nr_files;
};

static struct test_case cases[MAX_CASES];
static size_t nr_cases;

/* --- reading --- */

static char *read_file(const char *path, size_t *len)
{
	auto_file FILE *f = fopen(path, "r");
	struct buf b = { 0 };
	char part[4096];
	size_t n;

	while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, n);
	*len = b.len;
	return buf_take(&b);
}

/* The section a line opens; NULL: it is text. */
static struct piece *section(struct test_case *c, char *line)
{
	const struct {
		const char *name;
		struct piece *piece;
	} sections[] = {
		{ "-- asm", &c->asm_ },		 { "-- raw", &c->raw },
		{ "-- kernel", &c->kernel },	 { "-- llvm", &c->llvm },
		{ "-- mnemonic", &c->mnemonic }, { "-- unit", &c->unit },
		{ "-- error", &c->error },	 { "-- options", &c->options },
	};

	for (size_t i = 0; i < countof(sections); i++)
		if (strcmp(line, sections[i].name) == 0)
			return sections[i].piece;
	if (strncmp(line, "-- file ", 8) == 0 && c->nr_files < MAX_FILES) {
		snprintf(c->file_names[c->nr_files], sizeof(c->file_names[0]), "%s", line + 8);
		return &c->files[c->nr_files++];
	}
	return NULL;
}

/* Cuts the text into cases; it is changed, and kept by them. */
static void split(char *text, size_t len)
{
	struct piece *piece = NULL;
	struct test_case *c = NULL;

	nr_cases = 0;
	for (char *line = text, *end; line < text + len; line = end + 1) {
		struct piece *opened;

		end = memchr(line, '\n', (size_t)(text + len - line));
		if (!end)
			end = text + len;
		if (strncmp(line, "== ", 3) == 0 && nr_cases < MAX_CASES) {
			*end = '\0';
			c = &cases[nr_cases++];
			memset(c, 0, sizeof(*c));
			c->name = line + 3;
			piece = NULL;
			continue;
		}
		*end = '\0';
		opened = c ? section(c, line) : NULL;
		*end = '\n';
		if (opened) {
			piece = opened;
			piece->s = end + 1;
			piece->given = true;
		} else if (piece && end > line) { /* blank lines between sections are nobody's */
			piece->len = (size_t)(end + 1 - piece->s);
		}
	}
}

/* --- running --- */

static int include(void *arg, const char *name, const char *from, struct buf *text, char **path)
{
	const struct test_case *c = arg;

	if (!from && strcmp(name, "lib") == 0) {
		buf_adds(text, "const FROM_LIB = 7\n");
		*path = strdup("<lib>");
		return 0;
	}
	for (unsigned int i = 0; i < c->nr_files; i++)
		if (strcmp(c->file_names[i], name) == 0) {
			buf_add(text, c->files[i].s, c->files[i].len);
			*path = strdup(name);
			return 0;
		}
	return -ENOENT;
}

static struct asm_options options_of(struct test_case *c)
{
	struct asm_options o = { .include = include, .arg = c, .kernel = &fake_kernel };
	char text[64] = "", *cpu;

	if (c->options.len < sizeof(text))
		memcpy(text, c->options.s ? c->options.s : "", c->options.len);
	cpu = strstr(text, "cpu ");
	o.cpu = cpu ? (unsigned int)atoi(cpu + 4) : 0;
	o.big_endian = strstr(text, "endian big");
	o.checks = strstr(text, "checks");
	o.kernel_version = strstr(text, "kernel 5.4") ? 5004 : 0;
	if (strstr(text, "no kernel"))
		o.kernel = NULL;
	return o;
}

static void check_piece(const struct test_case *c, const char *what, const struct piece *want,
			struct buf *got)
{
	if (got->len == want->len && (!got->len || memcmp(got->data, want->s, got->len) == 0))
		return;
	FAIL("'%s': %s is\n%s# not\n%.*s#", c->name, what, buf_str(got), (int)want->len,
	     want->s ? want->s : "");
}

static void check_raw(const struct test_case *c, const struct assembled *a)
{
	auto_buf struct buf want = { 0 };

	for (const char *s = c->raw.s; s < c->raw.s + c->raw.len; s++) {
		unsigned int byte;

		if (*s == '#')
			s = strchr(s, '\n');
		else if (*s > ' ' && sscanf(s, "%2x", &byte) == 1) {
			buf_addc(&want, (char)byte);
			s++;
		}
	}
	if (same_bytes(&want, &a->raw))
		return;
	FAIL("'%s': raw is", c->name);
	for (size_t i = 0; i < a->raw.len; i++)
		printf("%s%02x", i % 8 ? " " : i ? "\n" : "", (unsigned char)a->raw.data[i]);
	printf("\n# not\n%.*s", (int)c->raw.len, c->raw.s);
}

static struct insn *plain(const struct unit *u)
{
	struct insn *in = xcalloc(u->nr_insns, sizeof(*in));

	for (size_t i = 0; i < u->nr_insns; i++)
		in[i] = u->insns[i].insn;
	return in;
}

/* Whatever was read can be printed in any style, and then gives the same bytes. */
static void check_again(const struct test_case *c, const struct assembled *a, enum style style,
			const struct asm_options *o)
{
	auto_free struct insn *in = plain(a->unit);
	auto_assembled struct assembled again = { 0 };
	auto_buf struct buf text = { 0 };

	insns_print(in, a->unit->nr_insns, style, NULL, &text);
	assemble(&again, text.data, text.len, o);
	if (!again.unit || !same_bytes(&a->raw, &again.raw))
		FAIL("'%s': not the same again:\n%s%s#", c->name, buf_str(&text),
		     buf_str(&again.diags));
}

static void check_styles(const struct test_case *c, const struct assembled *a,
			 const struct asm_options *o)
{
	const struct piece *wants[] = { &c->kernel, &c->llvm, &c->mnemonic };

	for (int style = STYLE_KERNEL; style <= STYLE_MNEMONIC; style++) {
		auto_free struct insn *in = plain(a->unit);
		auto_buf struct buf text = { 0 };

		insns_print(in, a->unit->nr_insns, (enum style)style, NULL, &text);
		if (wants[style]->given)
			check_piece(c, "text", wants[style], &text);
		check_again(c, a, (enum style)style, o);
	}
}

static void run_case(struct test_case *c)
{
	struct asm_options o = options_of(c);
	auto_assembled struct assembled a = { 0 };
	auto_buf struct buf unit = { 0 };

	assemble(&a, c->asm_.s ? c->asm_.s : "", c->asm_.len, &o);
	check_piece(c, "error", &c->error, &a.diags);
	CHECK((a.unit != NULL) == !strstr(buf_str(&a.diags), " error: "));
	if (!a.unit) {
		CHECK(!c->raw.given && !c->unit.given);
		return;
	}
	if (c->raw.given)
		check_raw(c, &a);
	check_styles(c, &a, &o);
	dump_unit(a.unit, &unit);
	if (c->unit.given)
		check_piece(c, "unit", &c->unit, &unit);
}

static void run_file(const char *path)
{
	size_t len;
	auto_free char *text = read_file(path, &len);

	split(text, len);
	CHECK(nr_cases > 0 && nr_cases < MAX_CASES);
	for (size_t i = 0; i < nr_cases; i++)
		run_case(&cases[i]);
	for (size_t i = nr_cases; i-- > 0 && !test_failures;)
		run_case(&cases[i]);
	for (size_t i = 0; i < nr_cases && !test_failures; i++)
		run_case(&cases[i]);
}

int main(void)
{
	glob_t found;
	size_t total = 0;
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (glob("tests/data/asm/*.data", 0, NULL, &found) != 0) {
		printf("1..1\nnot ok 1 - tests/data/asm has cases\n");
		return 1;
	}
	printf("1..%zu\n", found.gl_pathc);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		test_failures = 0;
		run_file(found.gl_pathv[i]);
		printf("%sok %zu - %s, %zu cases\n", test_failures ? "not " : "", i + 1,
		       found.gl_pathv[i], nr_cases);
		total += nr_cases;
		failed += test_failures != 0;
	}
	printf("# %zu cases\n", total);
	globfree(&found);
	return failed != 0;
}
