// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Conditions: parsing, and asking them of rows. */
#include "core/where.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/opt.h"
#include "core/val.h"

#define MAX_DEPTH 64 /* of parentheses and negations */

enum node_kind { N_OR, N_AND, N_NOT, N_FIELD, N_COMPARE };
enum compare { C_EQ, C_NE, C_LE, C_LT, C_GE, C_GT, C_NOT_LIKE, C_LIKE };

/* Longer ones first: "<=" begins like "<". */
static const struct {
	const char *text;
	enum compare op;
} compares[] = { { "==", C_EQ }, { "!=", C_NE },       { "<=", C_LE },
		 { ">=", C_GE }, { "!~", C_NOT_LIKE }, { "=", C_EQ },
		 { "<", C_LT },	 { ">", C_GT },	       { "~", C_LIKE } };

struct node {
	enum node_kind kind;
	enum compare op;
	size_t a, b; /* below N_OR, N_AND, N_NOT */
	char *field; /* N_FIELD, N_COMPARE */
	char *other; /* N_COMPARE: the field on the right; NULL: value */
	struct val value;
};

struct where {
	struct node *nodes;
	size_t n, cap, top;
};

void where_freep(struct where **wp)
{
	struct where *w = *wp;

	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++) {
		free(w->nodes[i].field);
		free(w->nodes[i].other);
		val_drop(&w->nodes[i].value);
	}
	free(w->nodes);
	freep(wp);
}

const char *where_field(const struct where *w, size_t i)
{
	for (size_t k = 0; k < w->n; k++) {
		if (w->nodes[k].field && i-- == 0)
			return w->nodes[k].field;
		if (w->nodes[k].other && i-- == 0)
			return w->nodes[k].other;
	}
	return NULL;
}

/* ---- parsing ------------------------------------------------------------------------------ */

struct parse {
	struct where *w;
	const char *text, *p;
	unsigned int depth;
	struct err *e;
};

static int wrong(struct parse *x, const char *expected)
{
	size_t at = (size_t)(x->p - x->text);

	if (*x->p)
		return err_usage(x->e, "'%s': expected %s at '%.20s'", x->text, expected, x->p);
	return err_usage(x->e, "'%s': expected %s at the end (character %zu)", x->text, expected,
			 at + 1);
}

static void skip_blanks(struct parse *x)
{
	while (isspace((unsigned char)*x->p))
		x->p++;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.:/@%+-*?[]", c)) || (c & 0x80);
}

static bool take(struct parse *x, const char *token)
{
	size_t n = strlen(token);

	skip_blanks(x);
	if (strncmp(x->p, token, n) != 0)
		return false;
	if (isalpha((unsigned char)token[0]) && is_word_char(x->p[n]))
		return false;
	x->p += n;
	return true;
}

/* A word, or a text in quotes with \" \' \\ \n \t in it; NULL with the error. */
static char *word(struct parse *x, bool *quoted, const char *expected)
{
	auto_buf struct buf text = {};
	char end;

	skip_blanks(x);
	*quoted = *x->p == '"' || *x->p == '\'';
	if (!*quoted) {
		while (is_word_char(*x->p))
			buf_addc(&text, *x->p++);
		if (text.len)
			return buf_take(&text);
		wrong(x, expected);
		return NULL;
	}
	end = *x->p++;
	while (*x->p && *x->p != end) {
		if (*x->p == '\\' && x->p[1])
			x->p++;
		buf_addc(&text, *x->p++);
	}
	if (!*x->p) {
		wrong(x, end == '"' ? "\"" : "'");
		return NULL;
	}
	x->p++;
	buf_str(&text);
	return buf_take(&text);
}

static int add(struct parse *x, const struct node *node, size_t *at)
{
	struct where *w = x->w;

	if (array_grow(&w->nodes, w->n, &w->cap, sizeof(*w->nodes)))
		return err_code(x->e, ENOMEM, "cannot read the condition");
	w->nodes[w->n] = *node;
	*at = w->n++;
	return 0;
}

/* A word to the value it means; takes text. */
static struct val literal(char *text, bool quoted)
{
	bool negative = text[0] == '-';
	struct val v = {};
	uint64_t n;
	char *end;
	double d;

	if (!quoted && opt_number(text + negative, &n) == 0 &&
	    (!negative || n <= (uint64_t)1 << 63)) {
		v = negative && n ? val_int((int64_t)(0 - n)) : val_uint(n);
	} else if (!quoted && strcmp(text, "null") == 0) {
		v = (struct val){};
	} else if (!quoted && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
		v = val_bool(text[0] == 't');
	} else if (!quoted && text[strspn(text, "+-0123456789.eE")] == '\0' &&
		   (d = strtod(text, &end), end != text && !*end)) {
		v = val_double(d);
	} else {
		val_set_str(&v, text, strlen(text));
	}
	free(text);
	return v;
}

static int parse_compare(struct parse *x, size_t *at)
{
	struct node node = { .kind = N_FIELD };
	bool quoted;
	char *right;

	node.field = word(x, &quoted, "a field");
	if (!node.field)
		return -EINVAL;
	skip_blanks(x);
	for (size_t i = 0; i < countof(compares) && node.kind == N_FIELD; i++) {
		if (take(x, compares[i].text)) {
			node.kind = N_COMPARE;
			node.op = compares[i].op;
		}
	}
	if (node.kind == N_COMPARE) {
		right = word(x, &quoted, "a value");
		if (!right) {
			free(node.field);
			return -EINVAL;
		}
		if (!quoted && right[0] == '@') {
			node.other = xstrdup(right + 1);
			free(right);
		} else {
			node.value = literal(right, quoted);
		}
	}
	return add(x, &node, at);
}

static int parse_or(struct parse *x, size_t *at);

static int parse_not(struct parse *x, size_t *at)
{
	struct node node = { .kind = N_NOT };
	int r;

	if (x->depth == MAX_DEPTH)
		return err_usage(x->e, "'%.60s' is nested too deeply", x->text);
	x->depth++;
	if (take(x, "not") || (skip_blanks(x), *x->p == '!' && take(x, "!"))) {
		r = parse_not(x, &node.a);
		if (r == 0)
			r = add(x, &node, at);
	} else if (take(x, "(")) {
		r = parse_or(x, at);
		if (r == 0 && !take(x, ")"))
			r = wrong(x, "')' or another condition");
	} else {
		r = parse_compare(x, at);
	}
	x->depth--;
	return r;
}

static int parse_chain(struct parse *x, enum node_kind kind, size_t *at)
{
	const char *sign = kind == N_OR ? "||" : "&&", *name = kind == N_OR ? "or" : "and";
	int r = kind == N_OR ? parse_chain(x, N_AND, at) : parse_not(x, at);

	while (r == 0 && (take(x, sign) || take(x, name))) {
		struct node node = { .kind = kind, .a = *at };

		r = kind == N_OR ? parse_chain(x, N_AND, &node.b) : parse_not(x, &node.b);
		if (r == 0)
			r = add(x, &node, at);
	}
	return r;
}

static int parse_or(struct parse *x, size_t *at)
{
	return parse_chain(x, N_OR, at);
}

struct where *where_parse(const char *text, struct err *e)
{
	auto_where struct where *w = xcalloc(1, sizeof(*w));
	struct parse x = { .w = w, .text = text, .p = text, .e = e };

	if (parse_or(&x, &w->top))
		return NULL;
	skip_blanks(&x);
	if (*x.p) {
		wrong(&x, "and, or, or the end");
		return NULL;
	}
	return take_ptr(w);
}

/* ---- fields ------------------------------------------------------------------------------- */

static const struct val *element(const struct val *v, const char *path)
{
	char *end;
	unsigned long i;

	if (v->kind != V_LIST || !isdigit((unsigned char)path[1]))
		return NULL;
	i = strtoul(path + 1, &end, 10);
	if (*end != ']' || i >= v->seq.n)
		return NULL;
	end++;
	return val_at(&v->seq.v[i], end + (*end == '.' && end[1]));
}

const struct val *val_at(const struct val *v, const char *path)
{
	if (!*path)
		return v;
	if (*path == '[')
		return element(v, path);
	if (v->kind != V_MAP)
		return NULL;
	/* A name may have dots itself. */
	for (size_t i = 0; i < v->seq.n; i++) {
		size_t n = strlen(v->seq.keys[i]);
		const struct val *found;

		if (strncmp(path, v->seq.keys[i], n) != 0 || (path[n] && !strchr(".[", path[n])))
			continue;
		found = val_at(&v->seq.v[i], path + n + (path[n] == '.' && path[n + 1]));
		if (found)
			return found;
	}
	return NULL;
}

const struct val *scope_at(const struct scope *s, const char *path)
{
	const struct val *found = NULL;

	for (size_t i = 0; i < s->n && !found; i++)
		found = s->v[i] ? val_at(s->v[i], path) : NULL;
	return found;
}

/* ---- order -------------------------------------------------------------------------------- */

enum class { CLASS_NUMBER, CLASS_ADDRESS, CLASS_TEXT, CLASS_SEQ, CLASS_NONE };

/* A value as it is compared. */
struct key {
	enum class class;
	bool is_double;
	__int128 n;
	double d;
	uint8_t address[17]; /* a length, then the bytes */
	const char *text;
	size_t len;
};

static bool text_number(const char *s, struct key *k)
{
	bool negative = *s == '-';
	uint64_t n;

	if (opt_number(s + negative, &n))
		return false;
	k->class = CLASS_NUMBER;
	k->n = negative ? -(__int128)n : n;
	return true;
}

static bool text_address(const char *s, struct key *k)
{
	if (!strpbrk(s, ".:"))
		return false;
	memset(k->address, 0, sizeof(k->address));
	k->address[0] = 4;
	if (inet_pton(AF_INET, s, k->address + 1) != 1) {
		k->address[0] = 16;
		if (inet_pton(AF_INET6, s, k->address + 1) != 1)
			return false;
	}
	k->class = CLASS_ADDRESS;
	return true;
}

static struct key key_of(const struct val *v)
{
	struct key k = { .class = CLASS_NUMBER };

	switch (v ? v->kind : V_NULL) {
	case V_NULL:
		k.class = CLASS_NONE;
		break;
	case V_BOOL:
		k.n = v->b;
		break;
	case V_INT:
		k.n = v->i;
		break;
	case V_UINT:
		k.n = v->u;
		break;
	case V_DOUBLE:
		k.is_double = true;
		k.d = v->d;
		break;
	case V_STR:
		k.text = v->str.s;
		k.len = v->str.len;
		if (strlen(k.text) == k.len &&
		    (text_number(k.text, &k) || text_address(k.text, &k)))
			break;
		k.class = CLASS_TEXT;
		break;
	default:
		k.class = CLASS_SEQ;
	}
	return k;
}

static int sign(double d)
{
	return d < 0 ? -1 : d > 0;
}

static int order_texts(const struct key *a, const struct key *b)
{
	int r = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return r ? r : (a->len > b->len) - (a->len < b->len);
}

static int order_same_class(const struct key *a, const struct key *b)
{
	switch (a->class) {
	case CLASS_NUMBER:
		if (!a->is_double && !b->is_double)
			return (a->n > b->n) - (a->n < b->n);
		return sign((a->is_double ? a->d : (double)a->n) -
			    (b->is_double ? b->d : (double)b->n));
	case CLASS_ADDRESS:
		return memcmp(a->address, b->address, sizeof(a->address));
	case CLASS_TEXT:
		return order_texts(a, b);
	default:
		return 0;
	}
}

int val_order(const struct val *a, const struct val *b)
{
	struct key x = key_of(a), y = key_of(b);

	if (x.class != y.class)
		return x.class < y.class ? -1 : 1;
	if (x.class != CLASS_SEQ)
		return order_same_class(&x, &y);
	for (size_t i = 0; i < a->seq.n && i < b->seq.n; i++) {
		int r = val_order(&a->seq.v[i], &b->seq.v[i]);

		if (r)
			return r;
	}
	return (a->seq.n > b->seq.n) - (a->seq.n < b->seq.n);
}

/* ---- asking ------------------------------------------------------------------------------- */

static bool is_like(const struct val *v, const struct val *pattern)
{
	return v->kind == V_STR && pattern->kind == V_STR &&
	       fnmatch(pattern->str.s, v->str.s, 0) == 0;
}

/* One of the comparisons that are no negation, of one value that is no list. */
static bool holds(enum compare op, const struct val *a, const struct val *b)
{
	struct key x = key_of(a), y = key_of(b);
	int order;

	if (op == C_LIKE)
		return is_like(a, b);
	if (x.class != y.class)
		return false;
	if (x.class == CLASS_NONE || x.class == CLASS_SEQ)
		return op == C_EQ && (x.class == CLASS_NONE || val_equal(a, b));
	order = order_same_class(&x, &y);
	switch (op) {
	case C_EQ:
		return order == 0;
	case C_LT:
		return order < 0;
	case C_LE:
		return order <= 0;
	case C_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool compare(enum compare op, const struct val *a, const struct val *b)
{
	static const struct val none;
	bool any = false;

	if (op == C_NE)
		return !compare(C_EQ, a, b);
	if (op == C_NOT_LIKE)
		return !compare(C_LIKE, a, b);
	if (!a || a->kind != V_LIST)
		return holds(op, a ? a : &none, b ? b : &none);
	for (size_t i = 0; i < a->seq.n && !any; i++)
		any = holds(op, &a->seq.v[i], b ? b : &none);
	return any;
}

static bool is_true(const struct val *v)
{
	switch (v ? v->kind : V_NULL) {
	case V_NULL:
		return false;
	case V_BOOL:
		return v->b;
	case V_INT:
		return v->i != 0;
	case V_UINT:
		return v->u != 0;
	case V_DOUBLE:
		return v->d != 0;
	case V_STR:
		return v->str.len > 0;
	default:
		return v->seq.n > 0;
	}
}

static bool ask(const struct where *w, size_t i, const struct scope *s)
{
	const struct node *n = &w->nodes[i];

	switch (n->kind) {
	case N_OR:
		return ask(w, n->a, s) || ask(w, n->b, s);
	case N_AND:
		return ask(w, n->a, s) && ask(w, n->b, s);
	case N_NOT:
		return !ask(w, n->a, s);
	case N_FIELD:
		return is_true(scope_at(s, n->field));
	default:
		return compare(n->op, scope_at(s, n->field),
			       n->other ? scope_at(s, n->other) : &n->value);
	}
}

bool where_true(const struct where *w, const struct scope *s)
{
	return ask(w, w->top, s);
}
