// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* T::f and the functions of what only the loader's kernel knows. */
#include "asm/core.h"

#include <errno.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/emit.h"
#include "asm/expr.h"
#include "asm/parse.h"
#include "asm/stmt.h"
#include "core/mem.h"

#define MAX_PATH 63 /* libbpf's limit of 64 counts the number in front */

/* A field on its way: the type and place of what has been named so far. */
struct spec {
	struct core_ref ref;
	uint32_t path[MAX_PATH];
	const char *text; /* what was written */
	uint32_t len;
	uint32_t type; /* of the field */
	uint32_t bit_off;
	uint8_t bits;
	bool element; /* the last step was into an array */
};

/* --- types --- */

static int fail_root(struct parser *p, const struct tok *name)
{
	struct near near;

	near_begin(&near, name->s, name->len);
	for (size_t i = 0; i < p->nr_decls && !src_is_full(p->src); i++)
		if (p->decls[i].kind == DECL_TYPE &&
		    !near_try(&near, p->decls[i].name.s, p->decls[i].name.len))
			break;
	fail_unknown(p, name, "kernel type", &near);
	if (near.best)
		return -EINVAL;
	return src_hint(p->src,
			p->opts->kernel ? "declare struct %.*s here, with the fields that are used"
					: "declare struct %.*s here, or give the BTF of a kernel",
			(int)name->len, name->s);
}

/* `task_struct`, `struct task_struct`: one of the source, else of the kernel. */
static int read_root(struct parser *p, uint32_t *type)
{
	struct tok name;
	struct decl *d;
	int err;

	if (tok_is(&p->lex.tok, "struct") || tok_is(&p->lex.tok, "union") ||
	    tok_is(&p->lex.tok, "enum"))
		lex_next(&p->lex);
	name = p->lex.tok;
	if (!tok_is_name(&name))
		return fail_expected(p, "the name of a type");
	lex_next(&p->lex);
	d = symtab_find(&p->types, name.s, name.len)
		    ? &p->decls[symtab_find(&p->types, name.s, name.len)->value]
		    : NULL;
	if (d) {
		*type = d->nr;
		return decl_resolve(p, d, &name);
	}
	err = kernel_find(p, name.s, name.len, type);
	return err == -ENOENT ? fail_root(p, &name) : err;
}

/* --- fields --- */

static int add_step(struct parser *p, struct spec *s, uint32_t step)
{
	if (s->ref.n == MAX_PATH)
		return fail(p, &p->lex.tok, "more than %d steps to a field", MAX_PATH);
	s->path[s->ref.n++] = step;
	return 0;
}

/* Into the struct to the name, through structs without one; 1: it is not there. */
static int search(struct parser *p, struct spec *s, uint32_t type, const struct tok *name)
{
	uint32_t of = ctype_strip(p->u->types, type), n = s->ref.n;
	const struct ctype *c = ctype_get(p->u->types, of);
	int err = kernel_members(p, of);

	for (uint32_t i = 0; i < c->n && !err; i++) {
		const struct cmember *m = &c->members[i];

		s->ref.n = n;
		if (*m->name ? strlen(m->name) != name->len ||
				       memcmp(m->name, name->s, name->len) != 0
			     : !ctype_get(p->u->types, m->type)->members &&
				       !ctype_get(p->u->types, m->type)->kernel_id)
			continue;
		err = add_step(p, s, i);
		if (!err && *m->name) {
			s->type = m->type;
			s->bits = m->bits;
		} else if (!err) {
			err = search(p, s, m->type, name);
		}
		if (err == 1) {
			err = 0;
			continue;
		}
		if (!err) {
			s->bit_off += m->bit_off;
			ctype_use(p->u->types, of, i);
		}
		return err;
	}
	s->ref.n = n;
	return err ? err : 1;
}

static int step_field(struct parser *p, struct spec *s)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, s->type));
	struct tok name = p->lex.tok;
	struct near near;
	int err;

	if (!tok_is_name(&name))
		return fail_expected(p, "the name of a field");
	if (c->kind != CT_STRUCT && c->kind != CT_UNION)
		return fail(p, &name, "what is before this has no fields");
	err = search(p, s, s->type, &name);
	if (err == 1) {
		near_begin(&near, name.s, name.len);
		for (uint32_t i = 0; i < c->n; i++)
			near_try(&near, c->members[i].name, strlen(c->members[i].name));
		return fail_unknown(p, &name, "field", &near);
	}
	s->element = false;
	lex_next(&p->lex);
	return err;
}

static int step_element(struct parser *p, struct spec *s)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, s->type));
	struct value v = { .len = 0 };
	int err;

	if (c->kind != CT_ARRAY)
		return fail(p, &p->lex.tok, "what is before '[' is no array");
	lex_next(&p->lex);
	err = expr_in(p, &v, 0, c->n ? c->n - 1 : UINT16_MAX, "the index");
	if (!err)
		err = add_step(p, s, (uint32_t)v.num.mag);
	if (err)
		return err;
	s->type = c->ref;
	s->bit_off += (uint32_t)v.num.mag *
		      ctype_get(p->u->types, ctype_strip(p->u->types, c->ref))->size * 8;
	s->element = true;
	return need(p, ']', "']'");
}

/* `T::f.g[2]` */
static int read_spec(struct parser *p, struct spec *s)
{
	int err = read_root(p, &s->ref.type);

	s->type = s->ref.type;
	if (!err)
		err = need(p, T_COLONS, "'::' and a field");
	if (!err)
		err = step_field(p, s);
	while (!err && (p->lex.tok.kind == '.' || p->lex.tok.kind == '[')) {
		if (p->lex.tok.kind == '[') {
			err = step_element(p, s);
		} else {
			lex_next(&p->lex);
			err = step_field(p, s);
		}
	}
	return err;
}

int core_type(struct parser *p, uint32_t *type)
{
	return read_root(p, type);
}

int core_member(struct parser *p, uint32_t type, const struct tok *name, struct cfield *f,
		uint32_t *index)
{
	struct spec s = { .type = type };
	int err = search(p, &s, type, name);

	*f = (struct cfield){ s.type, s.bit_off / 8, s.bits, s.bit_off };
	*index = s.path[0];
	return err == 1 ? -ENOENT : err;
}

/* --- values --- */

struct bit_read bits_read(bool big_endian, uint32_t bit_off, uint32_t bits, uint32_t type_size)
{
	struct bit_read r = { .size = type_size };

	for (;;) {
		r.off = bit_off / 8 / r.size * r.size;
		if (bit_off + bits - r.off * 8 <= r.size * 8 || r.size == 8)
			break;
		r.size *= 2;
	}
	r.left = big_endian ? (8 - r.size) * 8 + (bit_off - r.off * 8)
			    : 64 - (bit_off + bits - r.off * 8);
	r.right = 64 - bits;
	return r;
}

/* What libbpf computes for the local type, and insists on finding in the instruction. */
static int64_t field_value(struct parser *p, const struct spec *s)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, s->type));
	uint32_t size = c->size ? c->size : 1;
	struct bit_read r = { s->bit_off / 8, c->size, 0, 0 };

	if (s->bits)
		r = bits_read(p->u->big_endian, s->bit_off, s->bits, size);
	else if (size <= 8)
		r = (struct bit_read){ s->bit_off / 8, size, 64 - size * 8, 64 - size * 8 };
	switch (s->ref.kind) {
	case CORE_BYTE_OFFSET:
		return r.off;
	case CORE_BYTE_SIZE:
		return r.size;
	case CORE_SIGNED:
		return c->flags & CT_SIGNED ? 1 : 0;
	case CORE_LSHIFT_U64:
		return p->u->big_endian && !s->bits ? (8 - (int64_t)r.size) * 8 : r.left;
	case CORE_RSHIFT_U64:
		return r.right;
	default:
		return 1; /* it exists here */
	}
}

/* Leaves the record where the instruction finds it. */
static int finish(struct parser *p, struct spec *s, int64_t number, struct value *v,
		  const struct tok *start)
{
	struct core_ref *ref;

	if (!p->core_ok || p->core) {
		fail(p, start, "the loader sets this value, and can do so only in some places");
		return src_hint(p->src, "it can be assigned, added or passed to a function, and be "
					"the offset in *(reg + T::f)");
	}
	ref = pool_alloc(&p->u->pool, sizeof(*ref));
	if (ref)
		*ref = s->ref;
	if (ref)
		ref->text = s->text, ref->len = s->len;
	if (ref && s->ref.n)
		ref->path = pool_alloc(&p->u->pool, s->ref.n * sizeof(*ref->path));
	if (!ref || (s->ref.n && !ref->path))
		return fail_memory(p);
	if (s->ref.n)
		memcpy(ref->path, s->path, s->ref.n * sizeof(*ref->path));
	v->num = num_s64(number);
	v->core = p->core = ref;
	return 0;
}

/* From there up to where the last token ended. */
static void take_text(const struct parser *p, struct spec *s, const char *from)
{
	const char *end = p->lex.tok.s;

	while (end > from && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	s->text = from;
	s->len = (uint32_t)(end - from);
}

int core_field(struct parser *p, struct value *v)
{
	struct tok start = p->lex.tok;
	struct spec s = { .ref.kind = CORE_BYTE_OFFSET };
	bool ok = p->core_ok;
	int err;

	p->core_ok = false;
	err = read_spec(p, &s);
	p->core_ok = ok;
	if (err)
		return err;
	take_text(p, &s, start.s);
	v->type = s.type;
	v->bitfield = s.bits;
	v->bit_off = s.bit_off;
	return finish(p, &s, field_value(p, &s), v, &start);
}

/* --- functions --- */

enum takes { FIELD, TYPE, ENUMERATOR };

static const struct {
	const char *name;
	enum core_kind kind;
	enum takes takes;
} functions[] = {
	{ "byte_size", CORE_BYTE_SIZE, FIELD },
	{ "field_exists", CORE_FIELD_EXISTS, FIELD },
	{ "signed", CORE_SIGNED, FIELD },
	{ "lshift_u64", CORE_LSHIFT_U64, FIELD },
	{ "rshift_u64", CORE_RSHIFT_U64, FIELD },
	{ "local_type_id", CORE_LOCAL_TYPE_ID, TYPE },
	{ "target_type_id", CORE_TARGET_TYPE_ID, TYPE },
	{ "type_exists", CORE_TYPE_EXISTS, TYPE },
	{ "type_size", CORE_TYPE_SIZE, TYPE },
	{ "enumval_exists", CORE_ENUMVAL_EXISTS, ENUMERATOR },
	{ "enumval", CORE_ENUMVAL, ENUMERATOR },
	{ "type_matches", CORE_TYPE_MATCHES, TYPE },
};

bool core_is_function(const struct tok *name)
{
	for (size_t i = 0; i < countof(functions); i++)
		if (tok_is(name, functions[i].name))
			return true;
	return false;
}

const char *core_name(enum core_kind kind)
{
	for (size_t i = 0; i < countof(functions); i++)
		if (functions[i].kind == kind)
			return functions[i].name;
	return NULL;
}

void core_near_functions(struct near *n)
{
	for (size_t i = 0; i < countof(functions); i++)
		near_try(n, functions[i].name, strlen(functions[i].name));
}

/* libbpf knows the size and the place of an element, and nothing else. */
static int take_field(struct parser *p, struct spec *s, int64_t *number)
{
	struct tok start = p->lex.tok;
	const struct ctype *c;
	int err = read_spec(p, s);

	if (err)
		return err;
	c = ctype_get(p->u->types, ctype_strip(p->u->types, s->type));
	if (s->element && s->ref.kind != CORE_BYTE_SIZE && s->ref.kind != CORE_FIELD_EXISTS)
		return fail(p, &start, "only the size of an element of an array can be asked for");
	if ((s->ref.kind == CORE_LSHIFT_U64 || s->ref.kind == CORE_RSHIFT_U64) &&
	    (c->kind == CT_STRUCT || c->kind == CT_UNION || c->kind == CT_ARRAY))
		return fail(p, &start, "this is no number that could be shifted");
	*number = field_value(p, s);
	return 0;
}

static int take_type(struct parser *p, struct spec *s, int64_t *number)
{
	int err = read_root(p, &s->ref.type);

	*number = 1;
	if (err)
		return err;
	if (s->ref.kind == CORE_TYPE_SIZE)
		*number = ctype_get(p->u->types, s->ref.type)->size;
	if (s->ref.kind == CORE_LOCAL_TYPE_ID || s->ref.kind == CORE_TARGET_TYPE_ID)
		*number = 0; /* the loader does not compare, since linkers renumber types */
	return 0;
}

static int take_enumerator(struct parser *p, struct spec *s, int64_t *number)
{
	struct tok name = p->lex.tok;
	const struct ctype *c;
	struct near near;
	int err = read_root(p, &s->ref.type);

	if (err)
		return err;
	c = ctype_get(p->u->types, ctype_strip(p->u->types, s->ref.type));
	if (c->kind != CT_ENUM)
		return fail(p, &name, "'%.*s' is not an enum", (int)name.len, name.s);
	err = need(p, T_COLONS, "'::' and an enumerator");
	if (err)
		return err;
	if (!tok_is_name(&p->lex.tok))
		return fail_expected(p, "the name of an enumerator");
	near_begin(&near, p->lex.tok.s, p->lex.tok.len);
	for (uint32_t i = 0; i < c->n; i++) {
		if (tok_is(&p->lex.tok, c->values[i].name)) {
			*number = s->ref.kind == CORE_ENUMVAL ? c->values[i].value : 1;
			lex_next(&p->lex);
			return add_step(p, s, i);
		}
		near_try(&near, c->values[i].name, strlen(c->values[i].name));
	}
	return fail_unknown(p, &p->lex.tok, "enumerator", &near);
}

int core_function(struct parser *p, struct value *v)
{
	struct tok start = p->lex.tok;
	struct spec s = { .bits = 0 };
	bool ok = p->core_ok;
	int64_t number = 0;
	const char *from;
	size_t i = 0;
	int err;

	while (!tok_is(&start, functions[i].name))
		i++;
	s.ref.kind = functions[i].kind;
	lex_next(&p->lex);
	err = need(p, '(', "'('");
	p->core_ok = false;
	from = p->lex.tok.s;
	if (!err)
		err = functions[i].takes == FIELD  ? take_field(p, &s, &number)
		      : functions[i].takes == TYPE ? take_type(p, &s, &number)
						   : take_enumerator(p, &s, &number);
	p->core_ok = ok;
	take_text(p, &s, from);
	if (!err)
		err = need(p, ')', "')'");
	return err ? err : finish(p, &s, number, v, &start);
}

int core_alone(struct parser *p, const struct value *v)
{
	value_fail(p, v, "the loader sets this value: nothing can be computed with it here");
	return src_hint(p->src, "load or add it by itself: rN += T::f");
}

/* --- bitfields --- */

/* The same place with another question. */
static int related(struct parser *p, const struct core_ref *ref, enum core_kind kind)
{
	struct core_ref *r;

	if (!ref)
		return 0;
	r = pool_alloc(&p->u->pool, sizeof(*r));
	if (!r)
		return fail_memory(p);
	*r = *ref;
	r->kind = kind;
	p->core = r;
	return 0;
}

/*
 * A load and two shifts.  With T::f the loader sets the offset and the shifts; the width of the
 * load stays that of the local type.
 */
int core_load_bits(struct parser *p, uint8_t dst, const struct mem *m)
{
	const struct ctype *c = ctype_get(p->u->types, ctype_strip(p->u->types, m->type));
	struct bit_read r = bits_read(p->u->big_endian, m->bit_off, m->bitfield, c->size);
	static const uint8_t sizes[] = { [1] = SIZE_B, [2] = SIZE_H, [4] = SIZE_W, [8] = SIZE_DW };
	int32_t base = m->off - (int32_t)(m->core ? r.off : m->bit_off / 8);
	struct insn load = { .code = isa_rows[ROW_ldx].code | sizes[r.size],
			     .dst = dst,
			     .src = m->reg,
			     .off = (int16_t)(base + (int32_t)r.off) };
	struct insn left = { .code = isa_rows[ROW_lsh].code, .dst = dst, .imm = (int32_t)r.left };
	struct insn right = {
		.code = isa_rows[c->flags & CT_SIGNED ? ROW_arsh : ROW_rsh].code,
		.dst = dst,
		.imm = (int32_t)r.right,
	};
	int err = emit(p, &load);

	if (!err)
		err = related(p, m->core, CORE_LSHIFT_U64);
	if (!err && (r.left || m->core))
		err = emit(p, &left);
	if (!err)
		err = related(p, m->core, CORE_RSHIFT_U64);
	return err || (!r.right && !m->core) ? err : emit(p, &right);
}
