// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a unit declares, as BTF types. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/btf.h"
#include "asm/btfunit.h"
#include "asm/ctype.h"
#include "asm/layout.h"
#include "asm/src.h"
#include "core/mem.h"

/* BTF counts what a type lists in 16 bits. */
int maker_check(const struct maker *m, size_t n, uint32_t pos, const char *what)
{
	if (n <= BTFW_MAX_VLEN)
		return 0;
	return src_error(m->u->src, pos, 1, "%zu %s, and BTF can list only %u", n, what,
			 BTFW_MAX_VLEN);
}

/* A type that the object has to describe; void is no type but the absence of one. */
static void need(struct maker *m, uint32_t type)
{
	if (ctype_get(m->u->types, type)->kind == CT_VOID || m->id[type])
		return;
	m->id[type] = UINT32_MAX;
	m->todo[m->nr_todo++] = type;
}

static void need_func(struct maker *m, uint32_t ret, const struct param *params, size_t n)
{
	need(m, ret);
	for (size_t i = 0; i < n; i++)
		need(m, params[i].type);
}

/* What the declarations mention. */
static void need_declared(struct maker *m)
{
	const struct unit *u = m->u;

	need(m, m->lay->int_type);
	for (size_t i = 0; i < u->nr_progs; i++)
		need_func(m, u->progs[i].ret, u->progs[i].params, u->progs[i].nr_params);
	for (size_t i = 0; i < u->nr_maps; i++) {
		need(m, u->maps[i].key);
		need(m, u->maps[i].value);
		if (u->maps[i].inner) {
			need(m, u->maps[i].inner->key);
			need(m, u->maps[i].inner->value);
		}
		for (uint32_t j = 0; j < u->maps[i].nr_events; j++)
			need(m, u->maps[i].events[j]);
	}
	for (size_t i = 0; i < u->nr_vars; i++)
		need(m, u->vars[i].type);
	for (size_t i = 0; i < u->nr_externs; i++) {
		const struct extern_decl *e = &u->externs[i];

		if (m->lay->extern_sym[i] && e->is_func)
			need_func(m, e->ret, e->params, e->nr_params);
		else if (m->lay->extern_sym[i])
			need(m, e->type);
	}
	for (size_t i = 0; i < u->nr_events; i++)
		need(m, u->events[i].type);
	for (size_t i = 0; i < u->nr_cores; i++)
		need(m, u->cores[i].ref->type);
}

/* Of a kernel's struct only what the program names; libbpf finds the rest by name. */
static bool is_kept(const struct ctype *t, uint32_t member)
{
	return !(t->flags & CT_KERNEL) || t->members[member].used;
}

/* What a type is made of.  Pointers count: they lead to what a program may look at. */
static void need_parts(struct maker *m, const struct ctype *t)
{
	switch (t->kind) {
	case CT_PTR:
	case CT_ARRAY:
	case CT_TYPEDEF:
	case CT_CONST:
		need(m, t->ref);
		break;
	case CT_STRUCT:
	case CT_UNION:
		for (uint32_t i = 0; i < t->n; i++)
			if (is_kept(t, i))
				need(m, t->members[i].type);
		break;
	default:
		break;
	}
}

/*
 * u32, a typedef of __u32, and its like are written as what they stand for: those names every C
 * program has from linux/types.h, so that a skeleton made from the object compiles.
 */
bool maker_is_short(const struct maker *m, const struct ctype *t)
{
	const struct ctype *of;

	if (t->kind != CT_TYPEDEF)
		return false;
	of = ctype_get(m->u->types, t->ref);
	return of->kind == CT_TYPEDEF && strncmp(of->name, "__", 2) == 0 &&
	       strcmp(of->name + 2, t->name) == 0;
}

/* Types refer to one another in any order, so all have numbers before the first is written. */
static void number_ctypes(struct maker *m)
{
	uint32_t next = m->w->nr;

	for (uint32_t i = 0; i < m->nr_ctypes; i++)
		if (m->id[i] && !maker_is_short(m, ctype_get(m->u->types, i)))
			m->id[i] = ++next;
	for (uint32_t i = 0; i < m->nr_ctypes; i++)
		if (m->id[i] == UINT32_MAX)
			m->id[i] = m->id[ctype_get(m->u->types, i)->ref];
}

/* With a bitfield, every member's offset shares its word with a width. */
static int add_members(struct maker *m, const struct ctype *t)
{
	uint32_t far = 0, kflag = 0, n = 0;
	int err = maker_check(m, t->n, t->pos, "members");

	if (err)
		return err;
	for (uint32_t i = 0; i < t->n; i++) {
		if (!is_kept(t, i))
			continue;
		n++;
		kflag |= t->members[i].bits ? BTFW_KFLAG : 0;
		far = t->members[i].bit_off > far ? t->members[i].bit_off : far;
	}
	if (kflag && far > BTFW_MAX_BIT_OFF)
		return src_error(m->u->src, t->pos, 1,
				 "a struct with bitfields is larger than the 2 MiB BTF can say");
	btfw_type(m->w, t->name, t->kind == CT_UNION ? KIND_UNION : KIND_STRUCT, n | kflag,
		  t->size);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct cmember *f = &t->members[i];

		if (!is_kept(t, i))
			continue;
		btfw_word(m->w, btfw_name(m->w, f->name));
		btfw_word(m->w, f->is_func ? m->func_ptr : m->id[f->type]);
		btfw_word(m->w, kflag ? (uint32_t)f->bits << 24 | f->bit_off : f->bit_off);
	}
	return 0;
}

/* Values of more than 32 bits have a kind of their own. */
static int add_enum(struct maker *m, const struct ctype *t)
{
	uint32_t kflag = t->flags & CT_SIGNED ? BTFW_KFLAG : 0;
	bool wide = t->size > 4;
	int err = maker_check(m, t->n, t->pos, "enumerators");

	if (err)
		return err;
	btfw_type(m->w, t->name, wide ? KIND_ENUM64 : KIND_ENUM, t->n | kflag, t->size);
	for (uint32_t i = 0; i < t->n; i++) {
		uint64_t v = (uint64_t)t->values[i].value;

		btfw_word(m->w, btfw_name(m->w, t->values[i].name));
		btfw_word(m->w, (uint32_t)v);
		if (wide)
			btfw_word(m->w, (uint32_t)(v >> 32));
	}
	return 0;
}

uint32_t maker_array(struct maker *m, uint32_t element, uint32_t n)
{
	uint32_t id = btfw_type(m->w, NULL, KIND_ARRAY, 0, 0);

	btfw_word(m->w, element);
	btfw_word(m->w, m->array_index);
	btfw_word(m->w, n);
	return id;
}

/* clang's char is signed, and does not say that it is a character. */
static uint32_t encoding(const struct ctype *t)
{
	if (t->flags & CT_BOOL)
		return ENC_BOOL;
	if (t->flags & CT_SIGNED)
		return ENC_SIGNED;
	return t->flags & CT_CHAR ? ENC_CHAR : 0;
}

static int add_ctype(struct maker *m, const struct ctype *t)
{
	switch (t->kind) {
	case CT_VOID:
		break;
	case CT_INT:
		btfw_int(m->w, t->name, t->size, encoding(t));
		break;
	case CT_FLOAT:
		btfw_type(m->w, t->name, KIND_FLOAT, 0, t->size);
		break;
	case CT_PTR:
		btfw_type(m->w, NULL, KIND_PTR, 0, m->id[t->ref]);
		break;
	case CT_CONST:
		btfw_type(m->w, NULL, KIND_CONST, 0, m->id[t->ref]);
		break;
	case CT_TYPEDEF:
		btfw_type(m->w, t->name, KIND_TYPEDEF, 0, m->id[t->ref]);
		break;
	case CT_ARRAY:
		maker_array(m, m->id[t->ref], t->n);
		break;
	case CT_STRUCT:
	case CT_UNION:
		return add_members(m, t);
	case CT_ENUM:
		return add_enum(m, t);
	}
	return 0;
}

static int add_ctypes(struct maker *m)
{
	int err = 0;

	need_declared(m);
	while (m->nr_todo)
		need_parts(m, ctype_get(m->u->types, m->todo[--m->nr_todo]));
	number_ctypes(m);
	for (uint32_t i = 0; i < m->nr_ctypes && !err; i++) {
		const struct ctype *t = ctype_get(m->u->types, i);

		if (m->id[i] && !maker_is_short(m, t))
			err = add_ctype(m, t);
	}
	return err;
}

/* A FUNC and its FUNC_PROTO.  The kernel wants every parameter of a FUNC to have a name. */
static uint32_t add_func(struct maker *m, const char *name, uint32_t linkage, uint32_t ret,
			 const struct param *params, uint32_t n)
{
	uint32_t proto = btfw_type(m->w, NULL, KIND_FUNC_PROTO, n, ret);

	for (uint32_t i = 0; i < n; i++) {
		char made[sizeof("arg4294967295")] = "";

		if (!params[i].name)
			snprintf(made, sizeof(made), "arg%u", i);
		btfw_word(m->w, btfw_name(m->w, params[i].name ? params[i].name : made));
		btfw_word(m->w, m->id[params[i].type]);
	}
	return btfw_type(m->w, name, KIND_FUNC, linkage, proto);
}

/* Programs are global, as in C; a function only if the verifier shall see it on its own. */
static int add_progs(struct maker *m)
{
	const struct layout *lay = m->lay;
	int err;

	m->w->prog_func = calloc(lay->nr_progs + 1, sizeof(*m->w->prog_func));
	if (!m->w->prog_func)
		return -ENOMEM;
	for (uint32_t i = 0; i < lay->nr_progs; i++) {
		const struct prog *p = &lay->progs[i];
		uint32_t linkage = p->is_func && !p->global ? LINK_STATIC : LINK_GLOBAL;

		err = maker_check(m, p->nr_params, p->pos, "parameters");
		if (err)
			return err;
		m->w->prog_func[i] =
			add_func(m, p->name, linkage, m->id[p->ret], p->params, p->nr_params);
	}
	return 0;
}

uint32_t maker_var(struct maker *m, const char *name, uint32_t type, uint32_t linkage)
{
	uint32_t id = btfw_type(m->w, name, KIND_VAR, 0, type);

	btfw_word(m->w, linkage);
	return id;
}

/* A row of a DATASEC. */
void maker_row(struct maker *m, uint32_t type, uint32_t off, uint32_t size)
{
	btfw_word(m->w, type);
	btfw_word(m->w, off);
	btfw_word(m->w, size);
}

/*
 * The variables of every section, by offset as the kernel demands.  clang leaves sizes and
 * offsets of the list to the loader; here they are known.
 */
static int add_vars(struct maker *m)
{
	const struct unit *u = m->u;
	uint32_t first;
	int err;

	for (uint32_t i = 0; i < m->lay->nr_data; i++) {
		const struct layout_sec *s = &m->lay->data[i];
		const uint32_t *order = m->lay->var_order + s->first;

		err = maker_check(m, s->n, u->vars[order[0]].pos, "variables in a section");
		if (err)
			return err;
		first = m->w->nr + 1;
		for (uint32_t j = 0; j < s->n; j++)
			maker_var(m, u->vars[order[j]].name, m->id[u->vars[order[j]].type],
				  u->vars[order[j]].is_static ? LINK_STATIC : LINK_GLOBAL);
		btfw_type(m->w, s->name, KIND_DATASEC, s->n, s->size);
		for (uint32_t j = 0; j < s->n; j++)
			maker_row(m, first + j, u->vars[order[j]].off,
				  ctype_get(u->types, u->vars[order[j]].type)->size);
	}
	return 0;
}

static uint32_t add_extern(struct maker *m, const struct extern_decl *e, uint32_t *const_void)
{
	if (e->is_func)
		return add_func(m, e->name, LINK_EXTERN, m->id[e->ret], e->params, e->nr_params);
	if (m->id[e->type])
		return maker_var(m, e->name, m->id[e->type], LINK_EXTERN);
	/* the kernel has no variables of type void, so C writes extern const void */
	if (!*const_void)
		*const_void = btfw_type(m->w, NULL, KIND_CONST, 0, 0);
	return maker_var(m, e->name, *const_void, LINK_EXTERN);
}

/* The loader finds externs through the DATASEC of their section, and fills in where they lie. */
static int add_externs(struct maker *m, const char *section)
{
	const struct unit *u = m->u;
	auto_free uint32_t *ids = calloc(u->nr_externs + 1, sizeof(*ids));
	uint32_t n = 0, const_void = 0;
	int err;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < u->nr_externs; i++) {
		const struct extern_decl *e = &u->externs[i];

		if (!m->lay->extern_sym[i] || strcmp(e->section, section) != 0)
			continue;
		err = maker_check(m, ++n, e->pos, "externs");
		if (!err)
			err = maker_check(m, e->nr_params, e->pos, "parameters");
		if (err)
			return err;
		ids[i] = add_extern(m, e, &const_void);
	}
	if (!n)
		return 0;
	btfw_type(m->w, section, KIND_DATASEC, n, 0);
	for (size_t i = 0; i < u->nr_externs; i++)
		if (ids[i])
			maker_row(m, ids[i], 0, ctype_get(u->types, u->externs[i].type)->size);
	return 0;
}

/* Also for programs, what `attach` says of them: DECL_TAG "attach:KEY=VALUE". */
static void add_attaches(struct maker *m)
{
	for (size_t i = 0; i < m->u->nr_attaches; i++) {
		const struct attach_decl *a = &m->u->attaches[i];
		auto_buf struct buf tag = {};

		buf_addf(&tag, *a->value ? "attach:%s=%s" : "attach:%s", a->key, a->value);
		btfw_tag(m->w, buf_str(&tag), m->w->prog_func[a->prog]);
	}
}

static void add_kinds(struct maker *m)
{
	for (size_t i = 0; i < m->u->nr_events; i++) {
		const struct event_decl *ev = &m->u->events[i];
		char tag[sizeof("kind:4294967295")];

		if (!ev->has_kind)
			continue;
		snprintf(tag, sizeof(tag), "kind:%u", ev->kind);
		btfw_tag(m->w, tag, m->id[ev->type]);
	}
}

/* The order shows in dumps only: what the language declares, from types to externs. */
static int add_all(struct maker *m)
{
	int err;

	m->array_index = btfw_int(m->w, "__ARRAY_SIZE_TYPE__", 4, 0);
	for (size_t i = 0; i < m->u->nr_vars && !m->func_ptr; i++)
		if (m->u->vars[i].nr_refs)
			m->func_ptr = btfw_type(m->w, NULL, KIND_PTR, 0,
						btfw_type(m->w, NULL, KIND_FUNC_PROTO, 0, 0));
	err = add_ctypes(m);
	if (!err)
		err = add_progs(m);
	add_kinds(m);
	if (!err)
		add_attaches(m);
	if (!err)
		err = maker_maps(m);
	if (!err)
		err = add_vars(m);
	if (!err)
		err = add_externs(m, ".kconfig");
	if (!err)
		err = add_externs(m, ".ksyms");
	return err;
}

int btfw_make(struct btfw *w, const struct layout *lay)
{
	size_t n = ctypes_count(lay->u->types);
	auto_free uint32_t *id = calloc(n + 1, sizeof(*id));
	auto_free uint32_t *todo = calloc(n + 1, sizeof(*todo));
	struct maker m = { .w = w, .lay = lay, .u = lay->u, .id = id, .todo = todo };
	int err;

	memset(w, 0, sizeof(*w));
	w->big_endian = lay->u->big_endian;
	if (!id || !todo)
		return -ENOMEM;
	m.nr_ctypes = (uint32_t)n;
	err = add_all(&m);
	w->type_id = take_ptr(id);
	if (!err)
		err = buf_error(&w->types);
	if (!err)
		err = strtab_error(&w->strs);
	if (!err &&
	    (w->nr > BTFW_MAX_TYPES || w->types.len + w->strs.bytes.len > BTFW_MAX - BTFW_SPARE))
		err = src_error(lay->u->src, 0, 1,
				"the types make more than the %u MiB of BTF that a kernel takes",
				BTFW_MAX >> 20);
	return err;
}
