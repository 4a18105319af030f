// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* macro and repeat. */
#include "asm/macro.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/decl.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "core/mem.h"

#define MAX_PARAMS 16
#define MAX_CALLS 32	      /* macros that call each other */
#define MAX_TIMES 1000000     /* of a repeat */
#define CALL_BYTES 32	      /* that a call counts for besides, since it takes memory too */
#define MAX_BYTES (32u << 20) /* of all that is made of a source */

/* --- declarations --- */

static int read_params(struct parser *p, struct macro *m)
{
	struct tok params[MAX_PARAMS];
	int err = need(p, '(', "'('");

	while (!err && p->lex.tok.kind != ')') {
		struct tok t = p->lex.tok;

		if (t.kind == T_REG)
			return fail(p, &t, "'%.*s' is a register", (int)t.len, t.s);
		if (t.kind != T_NAME)
			return fail_expected(p, "the name of a parameter");
		if (m->nr_params == MAX_PARAMS)
			return fail(p, &t, "a macro has at most %d parameters", MAX_PARAMS);
		for (uint32_t i = 0; i < m->nr_params; i++)
			if (params[i].len == t.len && memcmp(params[i].s, t.s, t.len) == 0)
				return fail(p, &t, "parameter '%.*s' is declared twice", (int)t.len,
					    t.s);
		params[m->nr_params++] = t;
		lex_next(&p->lex);
		if (p->lex.tok.kind != ')')
			err = need(p, ',', "',' or ')'");
	}
	if (!err)
		err = need(p, ')', "')'");
	if (err)
		return err;
	m->params = pool_alloc(&p->u->pool, m->nr_params * sizeof(*params) + 1);
	if (!m->params)
		return fail_memory(p);
	if (m->nr_params)
		memcpy(m->params, params, m->nr_params * sizeof(*params));
	return 0;
}

/* A call has to be told from an instruction. */
static int check_name(struct parser *p, const struct tok *t)
{
	const struct word *w = words_find(&p->words, t->s, t->len);

	if (t->kind != T_NAME || !w || w->use >= W_LICENSE)
		return 0;
	return fail(p, t, "'%.*s' is a word of the language", (int)t->len, t->s);
}

/* `macro NAME(a, b) {` */
int collect_macro(struct parser *p, const struct word *w)
{
	struct macro m = { .nr_params = 0 };
	struct decl *d;
	int err;

	lex_next(&p->lex);
	err = check_name(p, &p->lex.tok);
	if (!err)
		err = decl_add(p, DECL_MACRO, w, &d);
	if (err)
		return err;
	m.name = decl_name(p, &d->name);
	if (!m.name)
		return -ENOMEM;
	err = read_params(p, &m);
	if (!err && p->lex.tok.kind != '{')
		err = fail_expected(p, "'{'");
	if (err)
		return err;
	m.body = m.end = p->lex.s;
	m.pos = lex_pos(&p->lex, m.body);
	if (array_grow(&p->macros, p->nr_macros, &p->cap_macros, sizeof(m)) != 0)
		return fail_memory(p);
	d->nr = (uint32_t)p->nr_macros;
	p->macros[p->nr_macros++] = m;
	return 0;
}

int resolve_macro(struct parser *p, struct decl *d)
{
	(void)p;
	(void)d;
	return 0; /* its body is read where it is called */
}

bool macro_find(struct parser *p, const struct tok *name)
{
	const struct decl *d;

	if (lex_peek(&p->lex) != '(')
		return false;
	d = decl_find(p, name);
	return d && d->kind == DECL_MACRO;
}

/* --- texts --- */

/* What stands for a parameter. */
struct arg {
	const char *s;
	uint32_t len, pos;
	bool fixed, sum; /* sum: wants parentheses around it */
};

struct made {
	struct parser *p;
	struct buf text;
	struct src_part *parts;
	size_t nr_parts, cap_parts;
	bool failed;
	/* of the body */
	const struct tok *params;
	const struct arg *args;
	uint32_t nr_params;
	struct symtab labels; /* that it defines */
	uint32_t nr;	      /* which they get */
};

static void made_free(struct made *m)
{
	buf_free(&m->text);
	free(m->parts);
	symtab_free(&m->labels);
}

static void add(struct made *m, const char *s, size_t len, uint32_t pos, bool fixed)
{
	if (!len)
		return;
	if (m->text.len + len > MAX_BYTES ||
	    array_grow(&m->parts, m->nr_parts, &m->cap_parts, sizeof(*m->parts)) != 0) {
		m->failed = true;
		return;
	}
	m->parts[m->nr_parts++] = (struct src_part){ (uint32_t)m->text.len, pos, fixed };
	buf_add(&m->text, s, len);
}

static void add_arg(struct made *m, const struct arg *a)
{
	if (a->sum)
		add(m, "(", 1, a->pos, true);
	add(m, a->s, a->len, a->pos, a->fixed);
	if (a->sum)
		add(m, ")", 1, a->pos, true);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* Behind a comment or a text in quotes that begins here; the same place if none does. */
static const char *skip_inert(const char *s, const char *start, const char *end)
{
	bool comment = *s == ';' || (*s == '/' && s + 1 < end && s[1] == '/') ||
		       (*s == '#' && (s == start || strchr(" \t\n", s[-1])));
	char quote = *s;

	if (comment) {
		while (s < end && *s != '\n')
			s++;
	} else if (quote == '"' || quote == '\'') {
		for (s++; s < end && *s != quote && *s != '\n'; s++)
			s += *s == '\\' && s + 1 < end && s[1] != '\n';
		s += s < end && *s == quote;
	}
	return s;
}

static size_t label_len(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && lex_is_label_char(s[n]))
		n++;
	return n;
}

/* `.name:` where a line begins. */
static void find_labels(struct made *m, const char *s, const char *end)
{
	while (s < end) {
		size_t n;

		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		n = label_len(s, end);
		if (n > 1 && *s == '.' && s + n < end && s[n] == ':' &&
		    !symtab_add(&m->labels, s, n, 0, NULL))
			m->failed = true;
		while (s < end && *s != '\n')
			s++;
		s += s < end;
	}
}

static const struct arg *find_arg(const struct made *m, const char *s, size_t len)
{
	for (uint32_t i = 0; i < m->nr_params; i++)
		if (m->params[i].len == len && memcmp(m->params[i].s, s, len) == 0)
			return &m->args[i];
	return NULL;
}

/* The body once more, with what stands in it for something else. */
static void add_body(struct made *m, const char *s, const char *end, uint32_t pos)
{
	const char *start = s, *from = s;
	char suffix[16];
	int suffix_len = snprintf(suffix, sizeof(suffix), "$%u", m->nr);

	while (s < end && !m->failed) {
		const char *next = skip_inert(s, start, end);
		const struct arg *arg = NULL;
		size_t n = 0;

		if (next > s) {
			s = next;
			continue;
		}
		if (*s == '.' && (s == start || !lex_is_label_char(s[-1]))) {
			n = label_len(s, end);
			if (!symtab_find(&m->labels, s, n)) {
				s += n;
				continue;
			}
			s += n;
			add(m, from, (size_t)(s - from), pos + (uint32_t)(from - start), false);
			add(m, suffix, (size_t)suffix_len, pos + (uint32_t)(s - start), true);
			from = s;
			continue;
		}
		while (s + n < end && is_word(s[n]))
			n++;
		if (n && is_letter(*s))
			arg = find_arg(m, s, n);
		if (arg) {
			add(m, from, (size_t)(s - from), pos + (uint32_t)(from - start), false);
			add_arg(m, arg);
			from = s + n;
		}
		s += n ? n : 1;
	}
	add(m, from, (size_t)(s - from), pos + (uint32_t)(from - start), false);
	add(m, "\n", 1, pos + (uint32_t)(end - start), true);
}

/* Said once: what has become too large only grows. */
static int check_room(struct parser *p, const struct tok *by, uint64_t bytes)
{
	if (p->made_bytes > MAX_BYTES)
		return -EINVAL;
	p->made_bytes += bytes > MAX_BYTES ? MAX_BYTES + 1 : bytes;
	if (p->made_bytes <= MAX_BYTES)
		return 0;
	return fail(p, by, "the expansions make more than %u MiB", MAX_BYTES >> 20);
}

/* Reads what was made, as if it stood where `by` is. */
static int read_made(struct parser *p, struct made *m, const struct tok *by, const char *what)
{
	struct lex saved = p->lex;
	bool outermost = !p->call_pos;
	size_t len = m->text.len, nr_parts = m->nr_parts;
	uint32_t pos;
	int err = 0;

	if (p->made_depth >= MAX_CALLS)
		return fail(p, by, "macros call each other more than %d deep", MAX_CALLS);
	if (m->failed || buf_error(&m->text))
		return fail_memory(p);
	if (!m->text.len)
		return 0;
	pos = src_add_made(p->src, buf_take(&m->text), len, take_ptr(m->parts), nr_parts,
			   pos_of(p, by), what);
	if (!pos)
		return fail_memory(p);
	if (outermost)
		p->call_pos = pos_of(p, by);
	lex_init(&p->lex, src_text(p->src, pos), src_len(p->src, pos), pos);
	p->made_depth++;
	err = stmt_read(p, p->lex.end);
	p->made_depth--;
	p->lex = saved;
	if (outermost)
		p->call_pos = 0;
	p->expect.n = 0;
	p->below = NULL;
	return err;
}

/* --- calls --- */

/* An argument that is computed is one operand wherever the macro puts it. */
static bool is_sum(const struct arg *a)
{
	const char *s = a->s;
	bool is_register = a->len > 1 && strchr("rwf", *s) && (is_word(s[1])) &&
			   (a->len < 3 || !is_word(s[2]) || (a->len > 3 && !is_word(s[3])));

	if (is_register || strchr("*&\".(%", *s))
		return false;
	for (uint32_t i = 1; i < a->len; i++)
		if (strchr("+-*/%&|^<>?=", s[i]))
			return true;
	return false;
}

/* From the first character to the comma or parenthesis that ends it; NULL: the line ends. */
static const char *arg_end(const char *s, const char *end)
{
	const char *start = s;
	unsigned int depth = 0;

	while (s < end && *s != '\n') {
		const char *next = *s == '"' || *s == '\'' ? skip_inert(s, start, end) : s;

		if (next > s) {
			s = next;
			continue;
		}
		if (!depth && (*s == ',' || *s == ')'))
			return s;
		depth += *s == '(' || *s == '[';
		depth -= depth && (*s == ')' || *s == ']');
		s++;
	}
	return NULL;
}

/* The arguments of a call, the parenthesis being the token; -EINVAL: said. */
static int read_args(struct parser *p, struct arg *args, uint32_t *n)
{
	const char *s = p->lex.s, *end;

	for (*n = 0;; (*n)++) {
		struct arg a;

		while (*s == ' ' || *s == '\t')
			s++;
		end = arg_end(s, p->lex.end);
		if (!end)
			return fail(p, &p->lex.tok, "'(' without a ')' in its line");
		if (*n == 0 && *end == ')' && end == s)
			break;
		a = (struct arg){ .s = s, .len = (uint32_t)(end - s), .pos = lex_pos(&p->lex, s) };
		while (a.len && (a.s[a.len - 1] == ' ' || a.s[a.len - 1] == '\t'))
			a.len--;
		if (!a.len)
			return src_error(p->src, a.pos, 1, "an argument is missing here");
		a.sum = is_sum(&a);
		if (*n < MAX_PARAMS)
			args[*n] = a;
		s = end + 1;
		if (*end == ')') {
			(*n)++;
			break;
		}
	}
	p->lex.s = end + 1;
	return 0;
}

static int fail_count(struct parser *p, const struct tok *name, const struct macro *m, uint32_t n)
{
	const struct decl *d = decl_find(p, name);

	fail(p, name, "macro '%s' takes %u argument%s, not %u", m->name, m->nr_params,
	     m->nr_params == 1 ? "" : "s", n);
	src_note(p->src, d->pos, d->name.len, "it is declared here");
	return -EINVAL;
}

int macro_call(struct parser *p)
{
	struct tok name = p->lex.tok;
	const struct decl *d = decl_find(p, &name);
	struct arg args[MAX_PARAMS];
	struct made made = { .p = p, .args = args };
	const struct macro *m;
	char *what;
	uint32_t n;
	int err;

	if (d->state == DECL_FAILED)
		return -EINVAL;
	m = &p->macros[d->nr];
	lex_next(&p->lex);
	err = read_args(p, args, &n);
	if (err)
		return err;
	lex_next(&p->lex);
	if (n != m->nr_params)
		return fail_count(p, &name, m, n);
	what = pool_alloc(&p->u->pool, name.len + 10);
	if (!what)
		return fail_memory(p);
	snprintf(what, name.len + 10, "macro '%.*s'", (int)name.len, name.s);
	err = check_room(p, &name, (uint64_t)(m->end - m->body) + CALL_BYTES);
	if (err)
		return err;
	made.params = m->params;
	made.nr_params = n;
	made.nr = ++p->nr_made;
	find_labels(&made, m->body, m->end);
	add_body(&made, m->body, m->end, m->pos);
	err = read_made(p, &made, &name, what);
	made_free(&made);
	return err;
}

/* --- repeat --- */

/* `, i` behind the number: what the body calls the number of the round. */
static int read_counter(struct parser *p, struct tok *name)
{
	if (!accept(p, ','))
		return 0;
	*name = p->lex.tok;
	if (name->kind != T_NAME)
		return fail_expected(p, "the name of the counter");
	lex_next(&p->lex);
	return 0;
}

int stmt_repeat(struct parser *p, const struct word *w)
{
	struct tok start = p->lex.tok, counter = { .len = 0 };
	struct made made = { .p = p, .params = &counter };
	struct value v = { .len = 0 };
	const char *body, *close;
	int err;

	(void)w;
	lex_next(&p->lex);
	err = expr_in(p, &v, 0, MAX_TIMES, "the number of rounds");
	if (!err)
		err = read_counter(p, &counter);
	if (err)
		return err;
	if (p->lex.tok.kind != '{')
		return fail_expected(p, "'{'");
	body = p->lex.s;
	close = decl_block(p);
	if (!close)
		return -EINVAL;
	made.nr_params = counter.len ? 1 : 0;
	err = check_room(p, &start, v.num.mag * (uint64_t)(close - body + 1));
	if (err)
		return err;
	find_labels(&made, body, close);
	for (uint64_t i = 0; i < v.num.mag && !made.failed; i++) {
		char text[24];
		struct arg number = { .s = text, .pos = pos_of(p, &start), .fixed = true };

		number.len = (uint32_t)snprintf(text, sizeof(text), "%llu", (unsigned long long)i);
		made.args = &number;
		made.nr = ++p->nr_made;
		add_body(&made, body, close, lex_pos(&p->lex, body));
	}
	p->lex.s = close;
	lex_next(&p->lex);
	lex_next(&p->lex);
	err = read_made(p, &made, &start, "repeat");
	made_free(&made);
	return err;
}
