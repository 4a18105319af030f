// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Coverage: instructions are summed up by line, over programs and runs. */
#include "test.h"

#include <stdlib.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/test_cover.h"

static void set(struct cover *c, struct cover_prog *p, size_t i, uint32_t line, bool branches,
		uint64_t executed, uint64_t taken)
{
	p->insns[i].file = cover_file(c, "a.bpf");
	p->insns[i].line = line;
	p->insns[i].branches = branches;
	p->insns[i].executed += executed;
	p->insns[i].taken += taken;
}

static void lines_are_sums(void)
{
	auto_free struct cover_line *lines = NULL;
	struct cover c = {};
	bool is_new;
	struct cover_prog *p = cover_prog(&c, "p", 4, &is_new);

	CHECK(is_new);
	set(&c, p, 0, 7, false, 3, 0);
	set(&c, p, 1, 5, true, 3, 3); /* always taken */
	set(&c, p, 2, 5, true, 4, 1); /* both ways */
	set(&c, p, 3, 0, false, 0, 0);
	CHECK_INT(cover_lines(&c, &lines), 2);
	CHECK_INT(lines[0].line, 5);
	CHECK_INT(lines[0].insns, 2);
	CHECK_INT(lines[0].insns_hit, 2);
	CHECK_INT(lines[0].branches, 4);
	CHECK_INT(lines[0].branches_hit, 3);
	CHECK_INT(lines[0].executed, 4);
	CHECK_INT(lines[1].line, 7);
	CHECK_INT(lines[1].executed, 3);
	cover_free(&c);
}

static void a_program_is_found_again(void)
{
	struct cover c = {};
	bool is_new;

	cover_prog(&c, "p", 4, &is_new);
	cover_prog(&c, "q", 4, &is_new);
	CHECK(is_new);
	CHECK(cover_prog(&c, "p", 4, &is_new) == &c.progs[0]);
	CHECK(!is_new);
	cover_prog(&c, "p", 5, &is_new); /* another file's */
	CHECK(is_new);
	CHECK_INT(c.n, 3);
	CHECK(cover_file(&c, "x") == cover_file(&c, "x"));
	CHECK(cover_file(&c, "x") != cover_file(&c, "y"));
	cover_free(&c);
}

static void no_lines(void)
{
	auto_free struct cover_line *lines = NULL;
	struct cover c = {};

	CHECK_INT(cover_lines(&c, &lines), 0);
	cover_free(&c);
}

/* A name can hold anything. */
static void names_in_the_page_are_text(void)
{
	char path[] = "/tmp/bpfctl-cover-XXXXXX";
	int fd = mkstemp(path);
	auto_buf struct buf page = {};
	struct cover c = {};
	struct err e = {};
	bool is_new;
	struct cover_prog *p = cover_prog(&c, "p", 1, &is_new);

	close(fd);
	p->insns[0] = (struct cover_insn){ cover_file(&c, "<script>&\"x"), 3, false, 1, 0 };
	CHECK_INT(cover_html(&c, path, &e), 0);
	CHECK_INT(file_read(path, 1 << 20, &page, &e), 0);
	CHECK(!strstr(buf_str(&page), "<script>"));
	CHECK(strstr(buf_str(&page), "&#60;script&#62;&#38;&#34;x") != NULL);
	CHECK(strstr(buf_str(&page), "<tr class=\"yes\"><td>3</td><td>1</td>") != NULL);
	CHECK(cover_html(&c, "/nowhere/at/all", &e) < 0);
	err_clear(&e);
	unlink(path);
	cover_free(&c);
}

static const struct test tests[] = {
	{ "lines are sums of their instructions", lines_are_sums },
	{ "a program is found again", a_program_is_found_again },
	{ "nothing has no lines", no_lines },
	{ "names in the page are text", names_in_the_page_are_text },
};

TEST_MAIN(tests)
