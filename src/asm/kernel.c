// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The types of a kernel, taken over as far as somebody names their fields. */
#include <errno.h>
#include <string.h>

#include "asm/core.h"
#include "asm/ctype.h"
#include "asm/parse.h"

#define MAX_ALIASES 32 /* const and typedefs on top of each other */

static int import(struct parser *p, uint32_t id, uint32_t *type);

/* The type that const and typedefs stand for; false: broken. */
static bool strip(struct parser *p, uint32_t *id, struct kernel_type *t)
{
	const struct kernel_types *k = p->opts->kernel;

	for (unsigned int i = 0; i < MAX_ALIASES; i++) {
		if (!k->get(k->arg, *id, t))
			return false;
		if (t->kind != KERNEL_ALIAS && t->kind != KERNEL_TYPEDEF)
			return true;
		*id = t->ref;
	}
	return false;
}

/* By the kernel's name for it, which type_matches() compares. */
static uint32_t integer(struct parser *p, const struct kernel_type *t)
{
	uint32_t type = 0;

	if (ctype_find(p->u->types, t->name, strlen(t->name), &type) &&
	    ctype_get(p->u->types, type)->kind == CT_INT &&
	    ctype_get(p->u->types, type)->size == t->size)
		return type;
	return ctype_kernel(p->u->types, CT_INT, t->name, t->size, 0, t->is_signed);
}

/* What a pointer points to matters only where it is a struct, whose fields can be named. */
static int pointer(struct parser *p, uint32_t to, uint32_t *type)
{
	struct kernel_type t;
	int err = 0;

	*type = 0;
	if (to && strip(p, &to, &t) &&
	    (t.kind == KERNEL_STRUCT || t.kind == KERNEL_UNION || t.kind == KERNEL_FWD))
		err = import(p, to, type);
	if (!err)
		*type = ctype_ptr(p->u->types, *type);
	return err;
}

static int array(struct parser *p, const struct kernel_type *t, uint32_t *type)
{
	uint32_t n = t->n, of;
	int err = import(p, t->ref, &of);
	uint64_t size = err ? 0 : ctype_get(p->u->types, of)->size;

	if (err)
		return err;
	if (size * n > CTYPE_MAX_SIZE)
		n = 0;
	*type = ctype_array(p->u->types, of, n);
	return 0;
}

static int enumeration(struct parser *p, uint32_t id, const struct kernel_type *t, uint32_t *type)
{
	const struct kernel_types *k = p->opts->kernel;
	uint32_t n = t->n;
	const char *name;
	int64_t value;
	int err = 0;

	*type = ctype_kernel(p->u->types, CT_ENUM, t->name, t->size, 0, 0);
	if (*type == CTYPE_NONE)
		return 0;
	for (uint32_t i = 0; i < n && !err && k->value(k->arg, id, i, &name, &value); i++)
		err = ctype_value(p->u->types, *type, name, strlen(name), value);
	if (!err)
		err = ctype_finish(p->u->types, *type);
	return err == -ENOMEM ? fail_memory(p) : 0;
}

static int make(struct parser *p, uint32_t id, const struct kernel_type *t, uint32_t *type)
{
	switch (t->kind) {
	case KERNEL_INT:
		*type = integer(p, t);
		return 0;
	case KERNEL_PTR:
		return pointer(p, t->ref, type);
	case KERNEL_ARRAY:
		return array(p, t, type);
	case KERNEL_ENUM:
		return enumeration(p, id, t, type);
	case KERNEL_STRUCT:
	case KERNEL_UNION:
		*type = ctype_kernel(p->u->types, t->kind == KERNEL_UNION ? CT_UNION : CT_STRUCT,
				     t->name, t->size, id, 0);
		return 0;
	default:
		*type = ctype_kernel(p->u->types, CT_STRUCT, t->name, 0, 0, 0);
		return 0;
	}
}

/* Once for every id: types refer to each other in circles. */
static int import(struct parser *p, uint32_t id, uint32_t *type)
{
	struct kernel_type t;
	const struct symbol *known;
	uint32_t *key;
	int err;

	if (!strip(p, &id, &t))
		t = (struct kernel_type){ .kind = KERNEL_NONE, .name = "" };
	known = symtab_find(&p->kernel_types, (const char *)&id, sizeof(id));
	if (known) {
		*type = known->value;
		return 0;
	}
	err = enter(p);
	if (err)
		return err;
	err = make(p, id, &t, type);
	leave(p);
	if (err)
		return err;
	key = pool_alloc(&p->u->pool, sizeof(*key));
	if (!key || *type == CTYPE_NONE)
		return fail_memory(p);
	*key = id;
	return symtab_add(&p->kernel_types, (const char *)key, sizeof(*key), *type, NULL)
		       ? 0
		       : fail_memory(p);
}

int kernel_members(struct parser *p, uint32_t type)
{
	const struct ctype *c = ctype_get(p->u->types, type);
	const struct kernel_types *k = p->opts->kernel;
	uint32_t id = c->kernel_id, of;
	struct kernel_member m;
	int err = 0;

	if (!id)
		return 0;
	ctype_kernel_done(p->u->types, type);
	for (uint32_t i = 0; !err && k->member(k->arg, id, i, &m); i++) {
		char *name = pool_str(&p->u->pool, m.name, strlen(m.name));

		if (!name)
			return fail_memory(p);
		err = import(p, m.type, &of);
		if (!err)
			err = ctype_kernel_member(p->u->types, type, name, of, m.bit_off, m.bits);
	}
	return err == -ENOMEM ? fail_memory(p) : err;
}

/* A typedef is a type of its own for who asks whether it exists. */
static int find(struct parser *p, const char *name, uint32_t *type)
{
	const struct kernel_types *k = p->opts->kernel;
	uint32_t id = k->find(k->arg, name);
	struct kernel_type t;
	int err;

	if (!id || !k->get(k->arg, id, &t))
		return -ENOENT;
	if (t.kind != KERNEL_TYPEDEF)
		return import(p, id, type);
	err = import(p, t.ref, type);
	if (err)
		return err;
	*type = ctype_kernel(p->u->types, CT_TYPEDEF, name, ctype_get(p->u->types, *type)->size, 0,
			     *type);
	return *type == CTYPE_NONE ? fail_memory(p) : 0;
}

int kernel_find(struct parser *p, const char *name, uint32_t len, uint32_t *type)
{
	const struct symbol *known = symtab_find(&p->kernel_names, name, len);
	char *copy;
	int err;

	if (known) {
		*type = known->value;
		return 0;
	}
	if (!p->opts->kernel)
		return -ENOENT;
	copy = pool_str(&p->u->pool, name, len);
	if (!copy)
		return fail_memory(p);
	err = find(p, copy, type);
	if (!err && !symtab_add(&p->kernel_names, copy, len, *type, NULL))
		return fail_memory(p);
	return err;
}
