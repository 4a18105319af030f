// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Constant expressions, by precedence climbing. */
#include "asm/expr.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "asm/core.h"
#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/parse.h"
#include "asm/type.h"
#include "asm/uapi.h"
#include "core/mem.h"

/* Binary operators: how tightly they bind, 0 for everything else. */
static const uint8_t precedence[256] = {
	[T_OR] = 1,  [T_AND] = 2, ['|'] = 3, ['^'] = 4,	 ['&'] = 5,  [T_EQ] = 6,
	[T_NE] = 6,  ['<'] = 7,	  ['>'] = 7, [T_LE] = 7, [T_GE] = 7, [T_SHL] = 8,
	[T_SHR] = 8, ['+'] = 9,	  ['-'] = 9, ['*'] = 10, ['/'] = 10, ['%'] = 10,
};
#define PRECEDENCE_SUM 9

static int read_binary(struct parser *p, struct value *v, unsigned int min);

/* What follows is no longer just one number or field. */
static void compound(struct value *v)
{
	v->bits = false;
	v->type = 0;
	v->bitfield = 0;
}

static int fail_status(struct parser *p, const struct value *v, enum num_status status)
{
	static const char *const texts[] = {
		[NUM_OVERFLOW] = "value needs more than 64 bits",
		[NUM_DIV_ZERO] = "division by zero",
		[NUM_BAD_SHIFT] = "shift by less than 0 or more than 63",
	};

	return value_fail(p, v, "%s", texts[status]);
}

/* --- functions --- */

/* Each is called behind its parenthesis. */
static int fn_sizeof(struct parser *p, struct value *v)
{
	uint32_t type;
	int err = type_operand(p, &type);

	if (!err)
		v->num = num_u64(ctype_get(p->u->types, ctype_strip(p->u->types, type))->size);
	return err;
}

/* htons() and its kin do the same in both directions. */
static int swapped(struct parser *p, struct value *v, unsigned int bytes)
{
	uint64_t bits, result = 0;
	int err = expr_read(p, v);

	if (!err)
		err = value_in(p, v, 0, bytes == 2 ? UINT16_MAX : UINT32_MAX, "the operand");
	if (err || p->u->big_endian)
		return err;
	bits = v->num.mag;
	for (unsigned int i = 0; i < bytes; i++)
		result = result << 8 | (bits >> 8 * i & 0xff);
	v->num = num_u64(result);
	return 0;
}

static int fn_swap16(struct parser *p, struct value *v)
{
	return swapped(p, v, 2);
}

static int fn_swap32(struct parser *p, struct value *v)
{
	return swapped(p, v, 4);
}

static int fn_lo32(struct parser *p, struct value *v)
{
	int err = expr_read(p, v);

	v->num = num_u64(num_bits(v->num) & UINT32_MAX);
	return err;
}

static int fn_hi32(struct parser *p, struct value *v)
{
	int err = expr_read(p, v);

	v->num = num_u64(num_bits(v->num) >> 32);
	return err;
}

/* The number of "10.0.0.1" with the first byte highest; false: it is no address. */
static bool parse_ip4(const struct tok *t, uint32_t *address)
{
	const char *s = t->s + 1, *end = t->s + t->len - 1;
	unsigned int bytes = 0;

	*address = 0;
	for (; bytes < 4; bytes++) {
		unsigned int v = 0, digits = 0;

		if (bytes && (s == end || *s++ != '.'))
			return false;
		for (; s < end && *s >= '0' && *s <= '9' && digits < 3; s++, digits++)
			v = v * 10 + (unsigned int)(*s - '0');
		if (!digits || v > 255)
			return false;
		*address = *address << 8 | v;
	}
	return s == end;
}

/* The bytes lie in memory in network order, whatever the target's order is. */
static int fn_ip4(struct parser *p, struct value *v)
{
	uint32_t address;

	if (p->lex.tok.kind != T_STR)
		return fail_expected(p, "an address in quotes");
	if (!parse_ip4(&p->lex.tok, &address))
		return fail(p, &p->lex.tok, "this is no IPv4 address");
	v->num = num_u64(p->u->big_endian ? address : __builtin_bswap32(address));
	lex_next(&p->lex);
	return 0;
}

static const struct function {
	const char *name;
	int (*read)(struct parser *p, struct value *v);
} functions[] = {
	{ "sizeof", fn_sizeof }, { "htons", fn_swap16 }, { "htonl", fn_swap32 },
	{ "ntohs", fn_swap16 },	 { "ntohl", fn_swap32 }, { "ip4", fn_ip4 },
	{ "lo32", fn_lo32 },	 { "hi32", fn_hi32 },
};

static const struct function *find_function(const struct tok *t)
{
	for (size_t i = 0; i < countof(functions); i++)
		if (tok_is(t, functions[i].name))
			return &functions[i];
	return NULL;
}

/* `name(...)`; calls of functions of the program are no expressions. */
static int read_function(struct parser *p, struct value *v)
{
	const struct function *f = find_function(&p->lex.tok);
	struct near near;
	bool core_ok = p->core_ok;
	int err;

	if (core_is_function(&p->lex.tok))
		return core_function(p, v);

	if (!f) {
		near_begin(&near, p->lex.tok.s, p->lex.tok.len);
		for (size_t i = 0; i < countof(functions); i++)
			near_try(&near, functions[i].name, strlen(functions[i].name));
		core_near_functions(&near);
		return fail_unknown(p, &p->lex.tok, "function in an expression", &near);
	}
	lex_next(&p->lex);
	err = need(p, '(', "'('");
	p->core_ok = false;
	if (!err)
		err = f->read(p, v);
	p->core_ok = core_ok;
	compound(v);
	return err ? err : need(p, ')', "')'");
}

/* --- operands --- */

/* `T.f`, whose width is remembered as long as nothing is done with the number. */
static int read_field(struct parser *p, struct value *v)
{
	struct cfield f;
	int err = type_field(p, &f);

	if (err)
		return err;
	v->num = num_u64(f.off);
	v->type = f.type;
	v->bitfield = f.bits;
	v->bit_off = f.bit_off;
	return 0;
}

/* A name that is no number: what would be done with it? */
static int fail_kind(struct parser *p, const struct tok *t, const struct decl *d)
{
	fail(p, t, "'%.*s' is not a number", (int)t->len, t->s);
	switch (d ? d->kind : DECL_VAR) {
	case DECL_MAP:
		return src_hint(p->src, "map[%.*s] is the map", (int)t->len, t->s);
	case DECL_FUNC:
		return src_hint(p->src, "subprog[%.*s] is its address", (int)t->len, t->s);
	default:
		return src_hint(p->src, "&%.*s is its address", (int)t->len, t->s);
	}
}

/* A name that is nothing that is known. */
static int fail_name(struct parser *p, const struct tok *t)
{
	const struct decl *d = decl_find(p, t);
	struct near near;

	if (d || symtab_find(&p->scope.slot_names, t->s, t->len))
		return fail_kind(p, t, d);

	near_begin(&near, t->s, t->len);
	near_decls(p, &near, 1 << DECL_CONST | 1 << DECL_ENUMERATOR);
	near_constants(p, &near);
	return fail_unknown(p, t, "constant", &near);
}

/* A constant, a function, or the type of a field. */
static int read_name(struct parser *p, struct value *v)
{
	struct tok name = p->lex.tok;
	int err;

	if (*p->lex.s == '.' && lex_is_label_char(p->lex.s[1]))
		return read_field(p, v);
	if (p->lex.s[0] == ':' && p->lex.s[1] == ':')
		return core_field(p, v);
	if (lex_peek(&p->lex) == '(')
		return read_function(p, v);
	err = decl_constant(p, &name, &v->num);
	if (err == -ENOENT)
		return fail_name(p, &name);
	lex_next(&p->lex);
	return err;
}

static int read_unary(struct parser *p, struct value *v);

/* Signs nest: - - 5, ~-1. */
static int read_sign(struct parser *p, struct value *v)
{
	int op = p->lex.tok.kind;
	enum num_status status = NUM_OK;
	int err;

	lex_next(&p->lex);
	err = enter(p);
	if (err)
		return err;
	err = read_unary(p, v);
	leave(p);
	if (!err && v->core)
		err = core_alone(p, v);
	compound(v);
	if (!err && op != '+')
		status = num_unary(op, v->num, &v->num);
	return err || status == NUM_OK ? err : fail_status(p, v, status);
}

static int read_parens(struct parser *p, struct value *v)
{
	int err;

	lex_next(&p->lex);
	err = expr_read(p, v);
	compound(v);
	return err ? err : need(p, ')', "')'");
}

static int read_unary(struct parser *p, struct value *v)
{
	const struct tok *t = &p->lex.tok;

	switch (t->kind) {
	case T_NUM:
		v->num = num_u64(t->num);
		v->bits = t->hex;
		lex_next(&p->lex);
		return 0;
	case T_NAME:
		return read_name(p, v);
	case '-':
	case '+':
	case '~':
	case '!':
		return read_sign(p, v);
	case '(':
		return read_parens(p, v);
	default:
		return fail_expected(p, "a number");
	}
}

/* --- operators --- */

/* Goes on behind a left operand, with operators that bind at least as tightly as min. */
static int read_rest(struct parser *p, struct value *v, unsigned int min)
{
	for (;;) {
		int op = p->lex.tok.kind;
		struct value right;
		enum num_status status;
		int err;

		if (!precedence[op] || precedence[op] < min)
			return 0;
		lex_next(&p->lex);
		err = read_binary(p, &right, precedence[op] + 1u);
		if (!err && (v->core || right.core))
			err = core_alone(p, v->core ? v : &right);
		if (err)
			return err;
		compound(v);
		v->len = right.len + (uint32_t)(right.s - v->s);
		status = num_binary(op, v->num, right.num, &v->num);
		if (status != NUM_OK)
			return fail_status(p, v, status);
	}
}

/* A value knows its text, for complaints about it that come later. */
static void begin(struct parser *p, struct value *v)
{
	memset(v, 0, sizeof(*v));
	v->s = p->lex.tok.s;
}

/* The text of the value: up to where the last token taken ended. */
static void measure(struct parser *p, struct value *v)
{
	const char *end = p->lex.tok.s;

	while (end > v->s + 1 && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	v->len = (uint32_t)(end - v->s);
}

static int read_binary(struct parser *p, struct value *v, unsigned int min)
{
	int err;

	begin(p, v);
	err = read_unary(p, v);
	measure(p, v);
	return err ? err : read_rest(p, v, min);
}

/* Both sides are read, one of them for nothing; the token is the question mark. */
static int read_choice(struct parser *p, struct value *v)
{
	bool yes = v->num.mag;
	struct value other;
	int err;

	lex_next(&p->lex);
	err = expr_read(p, yes ? v : &other);
	if (!err)
		err = need(p, ':', "':'");
	if (!err)
		err = expr_read(p, yes ? &other : v);
	compound(v);
	return err;
}

/* Whatever has expressions inside, parentheses, arguments or an index, comes through here. */
int expr_read(struct parser *p, struct value *v)
{
	const char *start = p->lex.tok.s;
	int err;

	begin(p, v);
	err = enter(p);
	if (err)
		return err;
	err = read_binary(p, v, 1);
	if (!err && p->lex.tok.kind == '?') {
		err = v->core ? core_alone(p, v) : read_choice(p, v);
		v->s = start;
		measure(p, v);
	}
	leave(p);
	return err;
}

int expr_sum(struct parser *p, struct value *v)
{
	struct value right;
	int op = p->lex.tok.kind;
	int err;

	begin(p, v);
	lex_next(&p->lex);
	err = read_binary(p, &right, PRECEDENCE_SUM + 1);
	if (err)
		return err;
	if (op == '+') {
		right.s = v->s;
		*v = right;
	} else {
		num_unary('-', right.num, &v->num);
		if (right.core)
			return core_alone(p, &right);
	}
	measure(p, v);
	return read_rest(p, v, PRECEDENCE_SUM);
}

/* --- ranges --- */

int value_fail(struct parser *p, const struct value *v, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return src_error(p->src, lex_pos(&p->lex, v->s), v->len ? v->len : 1, "%s", text);
}

int value_in(struct parser *p, const struct value *v, int64_t min, uint64_t max, const char *what)
{
	if (num_in(v->num, min, max))
		return 0;
	if (min == 0 && max == 0)
		return value_fail(p, v, "%s must be 0", what);
	return value_fail(p, v, "%s must be between %lld and %llu, not %s%llu", what,
			  (long long)min, (unsigned long long)max, v->num.neg ? "-" : "",
			  (unsigned long long)v->num.mag);
}

int expr_in(struct parser *p, struct value *v, int64_t min, uint64_t max, const char *what)
{
	int err = expr_read(p, v);

	return err ? err : value_in(p, v, min, max, what);
}
