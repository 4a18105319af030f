// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* data, rodata, bss: variables and their initial values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/type.h"
#include "core/mem.h"

#define MAX_INIT_BYTES (256u << 20) /* of all variables */

/* --- first reading --- */

/* The name in `u32 name[2] = ...`, `const struct x *name`: the last before what cannot be one. */
void decl_find_name(struct parser *p)
{
	struct lex at = p->lex;

	while (!at_end(p) && !strchr("[=({;", p->lex.tok.kind)) {
		if (tok_is_name(&p->lex.tok) && !tok_is(&p->lex.tok, "weak"))
			at = p->lex;
		lex_next(&p->lex);
	}
	p->lex = at;
}

bool unit_reserves(const char *name)
{
	static const char *const names[] = { "",	 ".text",   ".maps",   "license", ".BTF",
					     ".BTF.ext", ".symtab", ".strtab", "version", "maps" };

	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, ".rel", 4) == 0;
}

/* `".data.hidden"`: libbpf makes a map of each section, of the names it knows. */
static int read_section(struct parser *p, const char **section)
{
	static const char *const known[] = { ".data", ".rodata", ".bss" };
	struct tok t = p->lex.tok;

	if (t.kind != T_STR)
		return 0;
	*section = decl_string(p, &t);
	if (!*section)
		return -EINVAL;
	if (unit_reserves(*section))
		return fail(p, &t, "section '%s' is not for variables", *section);
	lex_next(&p->lex);
	for (size_t i = 0; i < countof(known); i++)
		if (strncmp(*section, known[i], strlen(known[i])) == 0)
			return 0;
	src_warn(p->src, "unknown-section", pos_of(p, &t), t.len,
		 "loaders make no map of a section of this name");
	return 0;
}

/* `data|rodata|bss ["SECTION"] [static] TYPE NAME [= VALUE]` */
int collect_var(struct parser *p, const struct word *w)
{
	static const char *const sections[] = { ".data", ".rodata", ".bss" };
	enum var_section kind = w->use == W_DATA     ? VAR_DATA
				: w->use == W_RODATA ? VAR_RODATA
						     : VAR_BSS;
	const char *section = sections[kind];
	struct unit *u = p->u;
	bool is_static;
	struct lex start;
	struct decl *d;
	int err;

	lex_next(&p->lex);
	err = read_section(p, &section);
	if (err)
		return err;
	is_static = tok_is(&p->lex.tok, "static");
	if (is_static)
		lex_next(&p->lex);
	start = p->lex;
	decl_find_name(p);
	err = decl_add(p, DECL_VAR, w, &d);
	if (err)
		return err;
	if (array_grow(&u->vars, u->nr_vars, &p->cap_vars, sizeof(*u->vars)) != 0)
		return fail_memory(p);
	d->at = start;
	d->nr = (uint32_t)u->nr_vars;
	u->vars[u->nr_vars++] = (struct var_decl){ .name = decl_name(p, &d->name),
						   .section = section,
						   .kind = kind,
						   .is_static = is_static,
						   .pos = d->pos };
	return 0;
}

/* --- initial values --- */

static int init_value(struct parser *p, uint32_t type, uint8_t *to);

static void skip_newlines(struct parser *p)
{
	while (p->lex.tok.kind == T_EOL)
		lex_next(&p->lex);
}

static void put_int(struct parser *p, uint8_t *to, uint64_t bits, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		to[p->u->big_endian ? size - 1 - i : i] = (uint8_t)(bits >> 8 * i);
}

/* The lowest bits of the value; big-endian targets count bits from the highest. */
static void put_bits(struct parser *p, uint8_t *to, uint32_t off, uint32_t width, uint64_t bits)
{
	for (uint32_t i = 0; i < width; i++) {
		uint32_t at = p->u->big_endian ? off + width - 1 - i : off + i;
		uint32_t bit = p->u->big_endian ? 7 - at % 8 : at % 8;

		if (bits >> i & 1)
			to[at / 8] |= (uint8_t)(1u << bit);
	}
}

/* Either range of the width: u8 x = -1 and s8 x = 0xff are the same byte. */
static int init_number(struct parser *p, const struct ctype *c, unsigned int width, uint64_t *bits)
{
	bool is_bool = c->flags & CT_BOOL;
	uint64_t max = is_bool ? 1 : width < 64 ? ((uint64_t)1 << width) - 1 : UINT64_MAX;
	int64_t min = is_bool ? 0 : (int64_t)(-((uint64_t)1 << (width - 1)));
	struct value v = { .len = 0 };
	int err = expr_in(p, &v, min, max, "the value");

	*bits = num_bits(v.num);
	return err;
}

/* Text without its terminator when the array has no room for it, as in C. */
static int init_string(struct parser *p, const struct ctype *c, uint8_t *to)
{
	struct tok t = p->lex.tok;
	auto_free char *text = malloc(t.len);
	long len;

	if (!text)
		return fail_memory(p);
	len = lex_string(&t, text);
	if (len < 0)
		return fail(p, &t, "bad escape in a string");
	if ((uint64_t)len > c->n)
		return fail(p, &t, "a string of %ld bytes in an array of %u", len, c->n);
	memcpy(to, text, (size_t)len);
	lex_next(&p->lex);
	return 0;
}

static bool is_text(struct parser *p, const struct ctype *array)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, array->ref));

	return p->lex.tok.kind == T_STR && c->kind == CT_INT && c->size == 1;
}

/* Between the values of a list; the closing brace is left to the caller. */
static int next_item(struct parser *p)
{
	int err = 0;

	skip_newlines(p);
	if (p->lex.tok.kind != '}')
		err = need(p, ',', "',' or '}'");
	skip_newlines(p);
	return err;
}

/* `[3] = 7` sets the index. */
static int init_index(struct parser *p, const struct ctype *c, uint32_t *index)
{
	struct value v = { .len = 0 };
	int err;

	lex_next(&p->lex);
	err = expr_in(p, &v, 0, c->n ? c->n - 1 : 0, "the index");
	if (!err)
		err = need(p, ']', "']'");
	*index = (uint32_t)v.num.mag;
	return err ? err : need(p, '=', "'='");
}

/* `{ 1, 2, [5] = 6 }`; what is left out is zero. */
static int init_array(struct parser *p, const struct ctype *c, uint8_t *to)
{
	uint32_t size = ctype_get(p->u->types, ctype_strip(p->u->types, c->ref))->size;
	int err = need(p, '{', "'{'");

	skip_newlines(p);
	for (uint32_t i = 0; !err && p->lex.tok.kind != '}'; i++) {
		if (p->lex.tok.kind == '[')
			err = init_index(p, c, &i);
		if (!err && i >= c->n)
			err = fail(p, &p->lex.tok, "no element is left for this: the array has %u",
				   c->n);
		if (!err)
			err = init_value(p, c->ref, to + (size_t)i * size);
		if (!err)
			err = next_item(p);
	}
	return err ? err : need(p, '}', "'}'");
}

/* `.name = value` */
static int init_named(struct parser *p, uint32_t type, struct cfield *f)
{
	int err;

	*f = (struct cfield){ .type = type };
	err = type_path(p, f);
	return err ? err : need(p, '=', "'='");
}

/* Bitfields share bytes; all others have their own. */
static int init_field(struct parser *p, const struct cfield *f, uint8_t *to)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, f->type));
	uint64_t bits = 0;
	int err;

	if (!f->bits)
		return init_value(p, f->type, to + f->off);
	err = init_number(p, c, f->bits, &bits);
	if (!err)
		put_bits(p, to, f->bit_off, f->bits, bits);
	return err;
}

/* `{ 1, .name = 2 }`; of a union one value, that of the first field if it has no name. */
static int init_struct(struct parser *p, uint32_t type, const struct ctype *c, uint8_t *to)
{
	uint32_t most = c->kind == CT_UNION ? 1 : c->n;
	int err = need(p, '{', "'{'");

	skip_newlines(p);
	for (uint32_t i = 0; !err && p->lex.tok.kind != '}'; i++) {
		struct cfield f = {};

		if (p->lex.tok.kind == '.') {
			err = init_named(p, type, &f);
		} else if (i >= most) {
			err = fail(p, &p->lex.tok, "no field is left for this");
		} else {
			const struct cmember *m = &c->members[i];

			f = (struct cfield){ m->type, m->bit_off / 8, m->bits, m->bit_off };
		}
		if (!err)
			err = init_field(p, &f, to);
		if (!err)
			err = next_item(p);
	}
	return err ? err : need(p, '}', "'}'");
}

/* What the type takes, into size bytes of zeros. */
static int init_value(struct parser *p, uint32_t type, uint8_t *to)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, type));
	uint64_t bits = 0;
	int err = enter(p);

	if (err)
		return err;
	switch (c->kind) {
	case CT_ARRAY:
		err = is_text(p, c) ? init_string(p, c, to) : init_array(p, c, to);
		break;
	case CT_STRUCT:
	case CT_UNION:
		err = init_struct(p, ctype_strip(p->u->types, type), c, to);
		break;
	case CT_INT:
	case CT_ENUM:
	case CT_PTR:
		err = init_number(p, c, c->size * 8, &bits);
		if (!err)
			put_int(p, to, bits, c->size);
		break;
	default:
		err = fail(p, &p->lex.tok, "there are no constants of this type");
	}
	leave(p);
	return err;
}

int decl_init(struct parser *p, uint32_t type, uint8_t *to)
{
	return init_value(p, type, to);
}

/* --- second reading --- */

/* With the terminator. */
static int count_text(struct parser *p, uint32_t *n)
{
	auto_free char *text = malloc(p->lex.tok.len);
	long len = text ? lex_string(&p->lex.tok, text) : 0;

	*n = len < 0 ? 1 : (uint32_t)len + 1; /* a bad escape is reported when it is stored */
	return text ? 0 : fail_memory(p);
}

/* The values of the list that begins here: what is between its commas, but for an empty end. */
static int count_list(struct parser *p, uint32_t *n)
{
	struct lex saved = p->lex;
	unsigned int depth = 1;
	bool filled = false;

	for (*n = 0; depth && p->lex.tok.kind != T_EOF;) {
		lex_next(&p->lex);
		switch (p->lex.tok.kind) {
		case ',':
			*n += depth == 1 && filled;
			filled &= depth > 1;
			break;
		case '{':
		case '(':
			depth++;
			filled = true;
			break;
		case '}':
		case ')':
			depth--;
			break;
		case '[':
			if (depth == 1 && !filled)
				return fail(p, &p->lex.tok,
					    "an index needs an array with a number");
			break;
		case T_EOL:
			break;
		default:
			filled = true;
		}
	}
	*n += filled;
	p->lex = saved;
	return *n ? 0 : fail(p, &p->lex.tok, "an empty list for an array without a number");
}

/* The elements of an array without a number. */
static int count_elements(struct parser *p, uint32_t *n)
{
	if (p->lex.tok.kind == T_STR)
		return count_text(p, n);
	return p->lex.tok.kind == '{' ? count_list(p, n) : fail_expected(p, "'{' or a string");
}

/* `x[] = ...`: as many elements as there are values. */
static int size_by_value(struct parser *p, struct var_decl *v)
{
	const struct ctype *c = ctype_get(p->u->types, v->type);
	uint32_t size = ctype_get(p->u->types, ctype_strip(p->u->types, c->ref))->size, n = 0;
	int err = count_elements(p, &n);

	if (err)
		return err;
	if (!size || n > CTYPE_MAX_SIZE / size)
		return fail(p, &p->lex.tok, "an array of %s",
			    size ? "more than 64 MiB" : "nothing");
	v->type = ctype_array(p->u->types, c->ref, n);
	return v->type == CTYPE_NONE ? fail_memory(p) : 0;
}

static int read_init(struct parser *p, struct var_decl *v)
{
	const struct ctype *c = ctype_get(p->u->types, v->type);
	uint8_t *init;
	int err = 0;

	if (v->kind == VAR_BSS)
		return fail(p, &p->lex.tok, "bss is zero; data and rodata can have a value");
	lex_next(&p->lex);
	if (c->kind == CT_ARRAY && !c->n)
		err = size_by_value(p, v);
	if (err)
		return err;
	p->init_bytes += ctype_get(p->u->types, v->type)->size;
	if (p->init_bytes > MAX_INIT_BYTES)
		return fail(p, &p->lex.tok, "initial values of more than 256 MiB");
	init = pool_alloc(&p->u->pool, ctype_get(p->u->types, v->type)->size);
	if (!init)
		return fail_memory(p);
	v->init = init;
	return init_value(p, v->type, init);
}

int resolve_var(struct parser *p, struct decl *d)
{
	struct var_decl v = p->u->vars[d->nr];
	struct tok first = p->lex.tok;
	int err;

	if (d->use == W_STRUCT_OPS)
		return resolve_struct_ops(p, d);
	err = type_read(p, &v.type);
	if (err)
		return err;
	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, "a name");
	lex_next(&p->lex);
	err = type_read_array(p, &v.type);
	if (!err)
		err = type_complete(p, v.type, &first);
	if (!err && p->lex.tok.kind == '=')
		err = read_init(p, &v);
	if (!err && !ctype_get(p->u->types, v.type)->size)
		err = fail(p, &d->name, "an array needs a number of elements, or a value to count");
	if (!err && !at_end(p))
		err = fail_expected(p, "'=' or the end of the line");
	p->u->vars[d->nr] = v;
	return err;
}

/* A section that is being filled; the first of its variables says what it is made of. */
struct place {
	const struct var_decl *first;
	uint64_t end;
};

static int fail_mixed(struct parser *p, const struct var_decl *v, const struct var_decl *first)
{
	src_error(p->src, v->pos, (uint32_t)strlen(v->name),
		  "section '%s' cannot be of two kinds: data, rodata, bss", v->section);
	src_note(p->src, first->pos, (uint32_t)strlen(first->name), "the first variable in it");
	return -EINVAL;
}

static int place_var(struct parser *p, struct var_decl *v, struct place *in)
{
	const struct ctype *c = ctype_get(p->u->types, v->type);
	uint64_t align = c->align ? c->align : 1;

	if (!in->first)
		in->first = v;
	if (in->first->kind != v->kind)
		return fail_mixed(p, v, in->first);
	in->end = (in->end + align - 1) / align * align;
	v->off = (uint32_t)in->end;
	in->end += c->size;
	if (in->end > INT32_MAX)
		return src_error(p->src, v->pos, 1, "section %s is larger than 2 GiB", v->section);
	return 0;
}

/* Each section in source order, naturally aligned. */
int decl_lay_out(struct parser *p)
{
	struct unit *u = p->u;
	auto_free struct place *places = calloc(u->nr_vars + 1, sizeof(*places));
	struct symtab names = { .slots = NULL };
	uint32_t n = 0;
	int err = 0;

	if (!places)
		return fail_memory(p);
	for (size_t i = 0; i < u->nr_vars && !err; i++) {
		struct var_decl *v = &u->vars[i];
		bool is_new;
		const struct symbol *s =
			symtab_add(&names, v->section, strlen(v->section), n, &is_new);

		n += s && is_new;
		err = s ? place_var(p, v, &places[s->value]) : fail_memory(p);
	}
	symtab_free(&names);
	return err;
}
