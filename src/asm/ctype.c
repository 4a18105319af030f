// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table of types: making and finding them. */
#include "asm/ctype.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/ctype_base.h"
#include "asm/pool.h"
#include "asm/symtab.h"
#include "core/mem.h"

#define FEW 8	       /* members searched one by one */
#define MAX_NESTING 32 /* anonymous structs inside each other; the parser allows fewer */

struct type {
	struct ctype c;	     /* first: ctype_get() hands it out */
	size_t cap;	     /* of members or values */
	uint64_t bits;	     /* where the next member may begin */
	struct symtab index; /* name to member, anonymous ones seen through; empty when few */
};

struct ctypes {
	struct type **types;
	size_t n, cap;
	struct symtab names;
	struct symtab derived; /* struct derivation to type */
	struct pool pool;
};

struct ctypes *ctypes_new(void)
{
	struct ctypes *t = calloc(1, sizeof(*t));

	if (t && ctype_add_base(t) != 0)
		ctypes_freep(&t);
	return t;
}

/* The key of pointers, const types and arrays. */
struct derivation {
	uint32_t kind, ref, n;
};

static struct type *type_of(const struct ctypes *t, uint32_t type)
{
	return t->types[type];
}

const struct ctype *ctype_get(const struct ctypes *t, uint32_t type)
{
	return &type_of(t, type)->c;
}

size_t ctypes_count(const struct ctypes *t)
{
	return t->n;
}

void ctypes_freep(struct ctypes **tp)
{
	struct ctypes *t = *tp;

	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++) {
		free(t->types[i]->c.members);
		free(t->types[i]->c.values);
		symtab_free(&t->types[i]->index);
	}
	free(t->types);
	symtab_free(&t->names);
	symtab_free(&t->derived);
	pool_free(&t->pool);
	free(t);
	*tp = NULL;
}

bool ctype_find(const struct ctypes *t, const char *name, size_t len, uint32_t *type)
{
	const struct symbol *s = symtab_find(&t->names, name, len);

	if (s)
		*type = s->value;
	return s;
}

/* The number a type is known by from now on. */
static uint32_t add(struct ctypes *t, const struct ctype *c)
{
	struct type *type = pool_alloc(&t->pool, sizeof(*type));

	if (!type || t->n >= CTYPE_NONE ||
	    array_grow(&t->types, t->n, &t->cap, sizeof(struct type *)) != 0)
		return CTYPE_NONE;
	type->c = *c;
	t->types[t->n] = type;
	return (uint32_t)t->n++;
}

uint32_t ctype_add(struct ctypes *t, struct ctype *c, const char *name, size_t len)
{
	char *copy = pool_str(&t->pool, name, len);

	if (!copy || !symtab_add(&t->names, copy, len, (uint32_t)t->n, NULL))
		return CTYPE_NONE;
	c->name = copy;
	return add(t, c);
}

/* Made once: who asks again gets the same. */
static uint32_t derive(struct ctypes *t, const struct ctype *c)
{
	struct derivation key = { c->kind, c->ref, c->n }, *kept;
	struct symbol *s = symtab_find(&t->derived, (const char *)&key, sizeof(key));

	if (s)
		return s->value;
	kept = pool_alloc(&t->pool, sizeof(*kept));
	if (!kept)
		return CTYPE_NONE;
	*kept = key;
	s = symtab_add(&t->derived, (const char *)kept, sizeof(*kept), (uint32_t)t->n, NULL);
	return s ? add(t, c) : CTYPE_NONE;
}

/* A pointer need not know what it points to; the other two copy its size. */
uint32_t ctype_ptr(struct ctypes *t, uint32_t to)
{
	return derive(t, &(struct ctype){ .kind = CT_PTR, .size = 8, .align = 8, .ref = to });
}

uint32_t ctype_const(struct ctypes *t, uint32_t of)
{
	const struct ctype *c = ctype_get(t, of);

	if (c->kind == CT_CONST)
		return of;
	return derive(t, &(struct ctype){
				 .kind = CT_CONST, .size = c->size, .align = c->align, .ref = of });
}

uint32_t ctype_array(struct ctypes *t, uint32_t of, uint32_t n)
{
	const struct ctype *c = ctype_get(t, of);

	return derive(t, &(struct ctype){ .kind = CT_ARRAY,
					  .size = c->size * n,
					  .align = c->align,
					  .ref = of,
					  .n = n });
}

uint32_t ctype_new(struct ctypes *t, enum ctype_kind kind, const char *name, size_t len,
		   uint32_t pos)
{
	struct ctype c = { .kind = kind, .align = 1, .pos = pos };

	return len ? ctype_add(t, &c, name, len) : add(t, &c);
}

void ctype_pack(struct ctypes *t, uint32_t type)
{
	type_of(t, type)->c.flags |= CT_PACKED;
}

uint32_t ctype_strip(const struct ctypes *t, uint32_t type)
{
	const struct ctype *c = ctype_get(t, type);

	while (c->kind == CT_TYPEDEF || c->kind == CT_CONST) {
		type = c->ref;
		c = ctype_get(t, type);
	}
	return type;
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

/* Where a member goes: fields that would straddle a unit of their type begin the next one. */
static uint64_t place(const struct type *s, const struct ctype *m, uint32_t align,
		      unsigned int bits)
{
	uint64_t unit = (uint64_t)m->size * 8, at = s->c.kind == CT_UNION ? 0 : s->bits;

	if (!bits)
		return round_up(at, (uint64_t)align * 8);
	if (s->c.flags & CT_PACKED || at / unit == (at + bits - 1) / unit)
		return at;
	return round_up(at, unit);
}

/* Members are few or many: the array doubles, names go to the pool. */
static int add_member(struct ctypes *t, struct type *s, const char *name, size_t len,
		      const struct cmember *m)
{
	char *copy = pool_str(&t->pool, name, len);

	if (s->c.n >= CTYPE_MAX_MEMBERS)
		return -E2BIG;
	if (!copy || array_grow(&s->c.members, s->c.n, &s->cap, sizeof(*m)) != 0)
		return -ENOMEM;
	s->c.members[s->c.n] = *m;
	s->c.members[s->c.n++].name = copy;
	return 0;
}

/* Also what only takes room, which has no name. */
static int member_at(struct ctypes *t, uint32_t to, const char *name, size_t len,
		     const struct cmember *m)
{
	struct type *s = type_of(t, to);
	uint64_t width = m->bits ? m->bits : (uint64_t)ctype_get(t, m->type)->size * 8;
	uint64_t end = m->bit_off + width;

	if (end > (uint64_t)CTYPE_MAX_SIZE * 8)
		return -E2BIG;
	if (end > s->bits)
		s->bits = end;
	return name ? add_member(t, s, name, len, m) : 0;
}

int ctype_member(struct ctypes *t, uint32_t to, const char *name, size_t len, uint32_t type,
		 unsigned int bits)
{
	struct type *s = type_of(t, to);
	const struct ctype *m = ctype_get(t, ctype_strip(t, type));
	uint32_t align = s->c.flags & CT_PACKED ? 1 : m->align;
	struct cmember member = { .type = type, .bits = (uint8_t)bits };

	if (!name && !bits) {
		s->bits = round_up(s->bits, (uint64_t)m->size * 8);
		return 0;
	}
	if (name && align > s->c.align)
		s->c.align = align;
	member.bit_off = (uint32_t)place(s, m, align, bits);
	return member_at(t, to, name, len, &member);
}

int ctype_member_at(struct ctypes *t, uint32_t to, const char *name, size_t len, uint32_t type,
		    uint32_t off)
{
	struct type *s = type_of(t, to);
	const struct ctype *m = ctype_get(t, type);
	struct cmember member = { .type = type, .bit_off = off * 8 };

	if (m->align > s->c.align)
		s->c.align = m->align;
	return member_at(t, to, name, len, &member);
}

int ctype_kernel_member(struct ctypes *t, uint32_t to, const char *name, uint32_t type,
			uint32_t bit_off, unsigned int bits)
{
	struct cmember m = { .type = type, .bit_off = bit_off, .bits = (uint8_t)bits };

	return add_member(t, type_of(t, to), name, strlen(name), &m);
}

uint32_t ctype_kernel(struct ctypes *t, enum ctype_kind kind, const char *name, uint32_t size,
		      uint32_t id, uint32_t ref)
{
	bool is_number = kind == CT_INT, is_struct = kind == CT_STRUCT || kind == CT_UNION;
	struct ctype c = { .kind = kind,
			   .flags = is_struct	       ? CT_KERNEL
				    : is_number && ref ? CT_SIGNED
						       : 0,
			   .size = size,
			   .align = 1,
			   .kernel_id = id,
			   .ref = is_number ? 0 : ref };

	c.name = *name ? pool_str(&t->pool, name, strlen(name)) : NULL;
	return *name && !c.name ? CTYPE_NONE : add(t, &c);
}

void ctype_kernel_done(struct ctypes *t, uint32_t type)
{
	type_of(t, type)->c.kernel_id = 0;
}

void ctype_use(struct ctypes *t, uint32_t type, uint32_t member)
{
	type_of(t, type)->c.members[member].used = true;
}

void ctype_use_func(struct ctypes *t, uint32_t type, uint32_t member)
{
	type_of(t, type)->c.members[member].is_func = true;
}

int ctype_value(struct ctypes *t, uint32_t to, const char *name, size_t len, int64_t value)
{
	struct ctype *e = &type_of(t, to)->c;
	char *copy = pool_str(&t->pool, name, len);

	if (e->n >= CTYPE_MAX_MEMBERS)
		return -E2BIG;
	if (!copy || array_grow(&e->values, e->n, &type_of(t, to)->cap, sizeof(*e->values)) != 0)
		return -ENOMEM;
	e->values[e->n++] = (struct cenumerator){ copy, value };
	return 0;
}

/* Four bytes if all values fit, as int or, when none is negative, as unsigned int. */
static void finish_enum(struct ctype *e)
{
	int64_t min = 0, max = 0;

	for (uint32_t i = 0; i < e->n; i++) {
		min = e->values[i].value < min ? e->values[i].value : min;
		max = e->values[i].value > max ? e->values[i].value : max;
	}
	if (min < 0)
		e->flags |= CT_SIGNED;
	e->size = min < INT32_MIN || max > (min < 0 ? INT32_MAX : UINT32_MAX) ? 8 : 4;
	e->align = e->size;
}

/* Makes the names of an anonymous member, or one name, lead to member nr of s. */
static int index_member(const struct ctypes *t, struct type *s, const struct ctype *inner,
			uint32_t nr, unsigned int depth)
{
	for (uint32_t i = 0; i < inner->n; i++) {
		const struct cmember *m = &inner->members[i];
		int err = 0;

		if (*m->name)
			err = symtab_add(&s->index, m->name, strlen(m->name), nr, NULL) ? 0
											: -ENOMEM;
		else if (depth < MAX_NESTING)
			err = index_member(t, s, ctype_get(t, ctype_strip(t, m->type)), nr,
					   depth + 1);
		if (err)
			return err;
		nr += depth == 0;
	}
	return 0;
}

/* `const struct x *` may have been written before struct x was complete. */
static void finish_const(struct ctypes *t, uint32_t type)
{
	struct derivation key = { CT_CONST, type, 0 };
	struct symbol *s = symtab_find(&t->derived, (const char *)&key, sizeof(key));

	if (s) {
		type_of(t, s->value)->c.size = ctype_get(t, type)->size;
		type_of(t, s->value)->c.align = ctype_get(t, type)->align;
	}
}

int ctype_finish(struct ctypes *t, uint32_t type)
{
	struct type *s = type_of(t, type);

	if (s->c.kind == CT_ENUM)
		finish_enum(&s->c);
	else
		s->c.size = (uint32_t)round_up((s->bits + 7) / 8, s->c.align);
	finish_const(t, type);
	if (s->c.kind == CT_ENUM)
		return 0;
	return s->c.n > FEW ? index_member(t, s, &s->c, 0, 0) : 0;
}

static const struct cmember *search(const struct ctypes *t, const struct type *s, const char *name,
				    size_t len, struct cfield *f);

/* Whether the name is member m, or inside it when it has none itself. */
static bool is_through(const struct ctypes *t, const struct cmember *m, const char *name,
		       size_t len, struct cfield *f)
{
	if (*m->name) {
		f->type = m->type;
		f->bits = m->bits;
		f->bit_off = m->bit_off;
		return strlen(m->name) == len && memcmp(m->name, name, len) == 0;
	}
	if (!search(t, type_of(t, ctype_strip(t, m->type)), name, len, f))
		return false;
	f->bit_off += m->bit_off;
	return true;
}

/* As deep as the nesting of anonymous members, which the parser limits. */
static const struct cmember *search(const struct ctypes *t, const struct type *s, const char *name,
				    size_t len, struct cfield *f)
{
	const struct symbol *known = symtab_find(&s->index, name, len);

	if (known)
		return is_through(t, &s->c.members[known->value], name, len, f)
			       ? &s->c.members[known->value]
			       : NULL;
	for (uint32_t i = 0; i < s->c.n && s->c.n <= FEW; i++)
		if (is_through(t, &s->c.members[i], name, len, f))
			return &s->c.members[i];
	return NULL;
}

bool ctype_field(const struct ctypes *t, uint32_t type, const char *name, size_t len,
		 struct cfield *f)
{
	const struct type *s = type_of(t, ctype_strip(t, type));

	if (s->c.kind != CT_STRUCT && s->c.kind != CT_UNION)
		return false;
	if (!search(t, s, name, len, f))
		return false;
	f->off = f->bit_off / 8;
	return true;
}
