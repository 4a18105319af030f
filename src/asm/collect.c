// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* First reading: enters the names of declarations, notes where instructions are, skips the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/decl_test.h"
#include "asm/dump.h"
#include "asm/parse.h"
#include "core/buf.h"
#include "core/mem.h"

/* --- skipping --- */

static const char *end_of_line(const struct lex *l, const char *s)
{
	const char *newline = memchr(s, '\n', (size_t)(l->end - s));

	return newline ? newline : l->end;
}

/* Behind the quote that closes a string or character, or at the end of the line. */
static const char *skip_quoted(const char *s, const char *end)
{
	char quote = *s++;

	while (s < end && *s != quote && *s != '\n')
		s += *s == '\\' && s + 1 < end && s[1] != '\n' ? 2 : 1;
	return s < end && *s == quote ? s + 1 : s;
}

static bool is_comment(const char *text, const char *s, bool semicolon)
{
	if (*s == ';')
		return semicolon;
	if (*s == '/')
		return s[1] == '/';
	return *s == '#' && (s == text || s[-1] == ' ' || s[-1] == '\t' || s[-1] == '\n');
}

/* A line in the body of a program that can only be the next declaration: a brace is missing. */
static bool is_left_behind(const char *line)
{
	static const char *const starts[] = { "prog ", "func ", "map ", "license ", "include " };

	if (!strchr("pfmli", *line))
		return false;
	for (size_t i = 0; i < countof(starts); i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* What a skip looks for: the newline outside of braces, from depth on. */
struct skip {
	unsigned int depth;
	bool stop;	   /* at the closing brace, not at the end of its line */
	bool code;	   /* ';' is a comment inside the braces too */
	const char *close; /* the brace that brought the depth to 0 */
};

/* The characters that mean something while text is skipped, and the end of it. */
static const bool special[256] = {
	['\0'] = true, ['\n'] = true, ['{'] = true, ['}'] = true, ['"'] = true,
	['\''] = true, [';'] = true,  ['/'] = true, ['#'] = true,
};

static const char *skip_text(struct parser *p, const char *s, struct skip *skip)
{
	const char *end = p->lex.end;

	for (;; s++) {
		while (!special[(unsigned char)*s])
			s++;
		if (s >= end)
			return end;
		switch (*s) {
		case '\n':
			if (!skip->depth || (skip->code && is_left_behind(s + 1)))
				return s;
			break;
		case '{':
			skip->depth++;
			break;
		case '}':
			if (skip->depth && --skip->depth == 0)
				skip->close = s;
			if (skip->stop && skip->close)
				return s;
			break;
		case '"':
		case '\'':
			s = skip_quoted(s, end) - 1;
			break;
		default:
			if (is_comment(p->lex.text, s, skip->code || !skip->depth))
				s = end_of_line(&p->lex, s) - 1;
		}
	}
}

const char *decl_block_end(struct parser *p)
{
	struct skip skip = { .depth = 1, .stop = true, .code = true };

	skip_text(p, p->lex.s, &skip);
	return skip.close;
}

const char *decl_block(struct parser *p)
{
	const char *close = decl_block_end(p);

	if (!close)
		fail(p, &p->lex.tok, "'{' without a '}'");
	return close;
}

/* To the start of the line behind the declaration whose first part has been read. */
static int skip_rest(struct parser *p, bool code, const char **close)
{
	bool in_body = p->lex.tok.kind == '{';
	struct skip skip = { .depth = in_body, .code = code };
	struct tok brace = p->lex.tok;
	const char *s = skip_text(p, in_body ? p->lex.s : p->lex.tok.s, &skip);
	int err = 0;

	if (skip.depth) {
		err = fail(p, &brace, "'{' without a '}'");
		*close = s;
	} else {
		*close = skip.close ? skip.close : s;
	}
	p->lex.s = s < p->lex.end ? s + 1 : s;
	return err;
}

/* --- files --- */

/* A word of any characters, or a string; NULL: said why not. */
static char *read_word(struct parser *p, const char *what)
{
	struct tok t = p->lex.tok;
	const char *end = t.s;
	char *text;

	if (at_end(p)) {
		fail_expected(p, what);
		return NULL;
	}
	while (t.kind != T_STR && *end > ' ')
		end++;
	if (t.kind == T_STR) {
		text = decl_string(p, &t);
	} else {
		t.len = (uint32_t)(end - t.s);
		text = decl_name(p, &t);
		p->lex.s = end;
	}
	if (text)
		lex_next(&p->lex);
	return text;
}

static int collect_license(struct parser *p, const struct word *w)
{
	(void)w;
	if (p->u->license)
		return fail(p, &p->lex.tok, "license is declared twice");
	lex_next(&p->lex);
	p->u->license = read_word(p, "the name of a license");
	if (!p->u->license)
		return -EINVAL;
	return at_end(p) ? 0 : fail_expected(p, "the end of the line");
}

/* The name in <net> or "x.inc"; terminated, in the unit's memory. */
static char *include_name(struct parser *p, bool *is_library)
{
	struct tok *t = &p->lex.tok;
	const char *end = t->s;
	char *name;

	*is_library = t->kind == '<';
	if (t->kind != '<' && t->kind != T_STR) {
		fail_expected(p, "<name> or \"file\"");
		return NULL;
	}
	while (*end != '>' && *end != '\n' && end < p->lex.end && *is_library)
		end++;
	if (*is_library && *end != '>') {
		fail(p, t, "'<' without a '>'");
		return NULL;
	}
	if (!*is_library)
		end = t->s + t->len - 1;
	name = pool_str(&p->u->pool, t->s + 1, (size_t)(end - t->s) - 1);
	if (!name)
		fail_memory(p);
	t->len = (uint32_t)(end - t->s) + 1;
	p->lex.s = end + 1;
	return name;
}

enum { BEING_READ = 1, READ };

/* Reads the text as a file of its own, once. */
static int collect_text(struct parser *p, const char *path, const struct buf *text,
			const struct tok *name)
{
	struct lex saved = p->lex;
	char *key = pool_str(&p->u->pool, path, strlen(path));
	struct symbol *s;
	uint32_t pos;
	bool is_new;
	int err;

	s = key ? symtab_add(&p->included, key, strlen(key), BEING_READ, &is_new) : NULL;
	if (!s)
		return fail_memory(p);
	if (!is_new)
		return s->value == READ ? 0 : fail(p, name, "'%s' includes itself", path);
	pos = src_add(p->src, path, text->data ? text->data : "", text->len);
	if (!pos)
		return fail(p, name, "'%s' is too large", path);
	lex_init(&p->lex, src_text(p->src, pos), text->len, pos);
	p->include_depth++;
	err = decl_collect(p);
	p->include_depth--;
	p->lex = saved;
	s = symtab_find(&p->included, key, strlen(key));
	if (s)
		s->value = READ;
	return err;
}

static int collect_include(struct parser *p, const struct word *w)
{
	auto_buf struct buf text = { .data = NULL };
	auto_free char *path = NULL;
	const char *from = src_locate(p->src, pos_of(p, &p->lex.tok)).path;
	struct tok token;
	bool is_library;
	char *name;
	int err;

	(void)w;
	lex_next(&p->lex);
	name = include_name(p, &is_library);
	token = p->lex.tok;
	if (!name)
		return -EINVAL;
	lex_next(&p->lex);
	if (!at_end(p))
		return fail_expected(p, "the end of the line");
	if (p->include_depth >= MAX_INCLUDE_DEPTH)
		return fail(p, &token, "more than %d files include each other", MAX_INCLUDE_DEPTH);
	if (!p->opts->include)
		return fail(p, &token, "nothing can be included here");
	err = p->opts->include(p->opts->arg, name, is_library ? NULL : from, &text, &path);
	if (err == -ENOMEM || (!err && (buf_error(&text) || !path)))
		return fail_memory(p);
	if (err)
		return fail(p, &token, "cannot include '%s': %s", name, strerror(-err));
	return collect_text(p, path, &text, &token);
}

/* --- lines --- */

static int (*const collectors[W_USES])(struct parser *p, const struct word *w) = {
	[W_LICENSE] = collect_license, [W_INCLUDE] = collect_include,
	[W_CONST] = collect_const,     [W_STRUCT] = collect_type,
	[W_UNION] = collect_type,      [W_ENUM] = collect_type,
	[W_EVENT] = collect_type,      [W_MAP] = collect_map,
	[W_DATA] = collect_var,	       [W_RODATA] = collect_var,
	[W_BSS] = collect_var,	       [W_PROG] = collect_prog,
	[W_FUNC] = collect_func,       [W_KFUNC] = collect_kfunc,
	[W_KSYM] = collect_extern,     [W_KCONFIG] = collect_extern,
	[W_MACRO] = collect_macro,     [W_STRUCT_OPS] = collect_struct_ops,
	[W_ATTACH] = collect_attach,   [W_TEST] = collect_test,
	[W_OBJECT] = collect_target,   [W_PROGRAM] = collect_target,
};

/* The keyword of a declaration that begins at s; NULL: it is an instruction. */
static const struct word *declaration(struct parser *p, const char *s)
{
	const char *end = s;
	const struct word *w;

	while ((*end >= 'a' && *end <= 'z') || *end == '_')
		end++;
	if (!strchr(" \t{<\"\r\n", *end)) /* or the end of the text */
		return NULL;
	w = words_find(&p->words, s, (size_t)(end - s));
	if (!w || !collectors[w->use] || dump_is_noise(p, s))
		return NULL;
	return w;
}

/*
 * What could not be read is not read again: it counts as failed, and whoever needs it says
 * nothing.
 */
static int collect_declaration(struct parser *p, const struct word *w, const char *s)
{
	bool is_macro = w->use == W_MACRO;
	bool code = w->use == W_PROG || w->use == W_FUNC || is_macro;
	size_t nr_chunks = p->nr_chunks, nr_decls = p->nr_decls, nr_tests = p->nr_tests;
	const char *close;
	int err, skipped;

	p->lex.s = s;
	lex_next(&p->lex);
	err = collectors[w->use](p, w);
	if (err == -ENOMEM)
		return err;
	skipped = skip_rest(p, code, &close);
	if (p->nr_chunks > nr_chunks && code)
		p->chunks[p->nr_chunks - 1].end = close;
	if (err || skipped)
		p->nr_tests = nr_tests;
	if (is_macro && !err)
		p->macros[p->nr_macros - 1].end = close;
	for (err = err ? err : skipped; err && nr_decls < p->nr_decls; nr_decls++)
		p->decls[nr_decls].state = DECL_FAILED;
	return err;
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* Certainly no declaration, not even one of a kind that does not exist. */
static bool is_plain(const struct parser *p, const char *line, const char *end)
{
	char last = end > line ? end[-1] : '\0';

	return last != '{' && last != '}' && !words_may_declare(&p->words, skip_blanks(line));
}

/* The length of the first word of `word ... {` where the word begins no statement; else 0. */
static size_t unknown_keyword(const struct parser *p, const char *s, const char *end)
{
	size_t len = 0;

	while (lex_is_label_char(s[len]))
		len++;
	if (s[len] != ' ' && s[len] != '\t')
		return 0;
	if (!memchr(s, '{', (size_t)(end - s)) || words_find(&p->words, s, len) ||
	    dump_is_noise(p, s))
		return 0;
	return len;
}

static int fail_declaration(struct parser *p, const char *s, size_t len)
{
	struct tok word = { .s = s, .len = (uint32_t)len, .kind = T_NAME };
	const char *close;
	struct near near;

	near_begin(&near, s, len);
	near_words(p, &near, W_LICENSE, W_PROGRAM);
	fail_unknown(p, &word, "declaration", &near);
	p->lex.tok = word;
	skip_rest(p, false, &close);
	return -EINVAL;
}

/* Lines of instructions outside of programs join those just before them. */
static int collect_bare(struct parser *p, bool *is_open)
{
	const char *end = end_of_line(&p->lex, p->lex.s);
	struct tok line;

	if (p->include_depth) {
		lex_next(&p->lex);
		line = p->lex.tok;
		p->lex.s = end < p->lex.end ? end + 1 : end;
		return fail(p, &line, "instructions of an included file must be in a program");
	}
	if (!*is_open) {
		if (array_grow(&p->chunks, p->nr_chunks, &p->cap_chunks, sizeof(*p->chunks)) != 0)
			return fail_memory(p);
		p->chunks[p->nr_chunks++] = (struct chunk){ .at = p->lex, .prog = NONE };
		*is_open = true;
	}
	while (end < p->lex.end) {
		const char *next = end_of_line(&p->lex, ++end);

		if (!is_plain(p, end, next))
			break;
		end = next;
	}
	p->chunks[p->nr_chunks - 1].end = end;
	p->lex.s = end;
	return 0;
}

static bool is_blank(const struct lex *l, const char *s)
{
	return *s == '\n' || *s == '\r' || s == l->end || is_comment(l->text, s, true);
}

/* A declaration and its braces, or lines of instructions. */
static int collect_line(struct parser *p, const char *s, bool *is_open)
{
	const struct word *w = words_may_declare(&p->words, s) ? declaration(p, s) : NULL;
	size_t unknown = w ? 0 : unknown_keyword(p, s, end_of_line(&p->lex, s));

	if (!w && !unknown)
		return collect_bare(p, is_open);
	*is_open = false;
	return w ? collect_declaration(p, w, s) : fail_declaration(p, s, unknown);
}

int decl_collect(struct parser *p)
{
	bool is_open = false;
	int err = 0;

	while (err != -ENOMEM && p->lex.s < p->lex.end) {
		const char *s = skip_blanks(p->lex.s), *end;

		if (!is_blank(&p->lex, s)) {
			err = collect_line(p, s, &is_open);
			continue;
		}
		end = end_of_line(&p->lex, s);
		p->lex.s = end < p->lex.end ? end + 1 : end;
	}
	return err == -ENOMEM ? err : 0;
}
