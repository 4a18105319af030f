// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* map: the attributes libbpf knows, each checked as far as the type of the map says something. */
#include <errno.h>
#include <string.h>

#include "asm/ctype.h"
#include "asm/decl.h"
#include "asm/expr.h"
#include "asm/map_rules.h"
#include "asm/parse.h"
#include "asm/type.h"
#include "core/mem.h"
#include "uapi/names.h"

#define MAX_EVENTS 4096 /* per map */

int collect_map(struct parser *p, const struct word *w)
{
	struct unit *u = p->u;
	struct decl *d;
	int err;

	lex_next(&p->lex);
	err = decl_add(p, DECL_MAP, w, &d);
	if (err)
		return err;
	if (array_grow(&u->maps, u->nr_maps, &p->cap_maps, sizeof(*u->maps)) != 0)
		return fail_memory(p);
	d->nr = (uint32_t)u->nr_maps;
	u->maps[u->nr_maps++] = (struct map_decl){ .name = decl_name(p, &d->name), .pos = d->pos };
	while (!at_end(p) && p->lex.tok.kind != '{')
		lex_next(&p->lex);
	return p->lex.tok.kind == '{' ? 0 : fail_expected(p, "'{'");
}

/* --- attributes --- */

/* What is being read: the map, and the attributes that have been given, by index. */
struct reading {
	struct map_decl *m;
	unsigned int seen;
	uint32_t events[MAX_EVENTS];
};

static int read_u32(struct parser *p, uint32_t *to, const char *what)
{
	struct value v = { .len = 0 };
	int err = expr_in(p, &v, 0, UINT32_MAX, what);

	*to = (uint32_t)v.num.mag;
	return err;
}

/* A type, and the size that follows from it. */
static int read_type(struct parser *p, uint32_t *type, uint32_t *size)
{
	struct tok first = p->lex.tok;
	int err = type_read(p, type);

	if (!err)
		err = type_read_array(p, type);
	if (!err)
		err = type_complete(p, *type, &first);
	if (!err)
		*size = ctype_get(p->u->types, ctype_strip(p->u->types, *type))->size;
	return err;
}

/* One for each attribute; the token is behind its name. */
static int attr_key(struct parser *p, struct reading *r)
{
	return read_type(p, &r->m->key, &r->m->key_size);
}

static int attr_value(struct parser *p, struct reading *r)
{
	return read_type(p, &r->m->value, &r->m->value_size);
}

static int attr_key_size(struct parser *p, struct reading *r)
{
	r->m->given |= MAP_KEY_SIZE;
	return read_u32(p, &r->m->key_size, "key_size");
}

static int attr_value_size(struct parser *p, struct reading *r)
{
	r->m->given |= MAP_VALUE_SIZE;
	return read_u32(p, &r->m->value_size, "value_size");
}

static int attr_max_entries(struct parser *p, struct reading *r)
{
	r->m->given |= MAP_MAX_ENTRIES;
	return read_u32(p, &r->m->max_entries, "max_entries");
}

static int attr_flags(struct parser *p, struct reading *r)
{
	r->m->given |= MAP_FLAGS;
	return read_u32(p, &r->m->flags, "flags");
}

static int attr_numa_node(struct parser *p, struct reading *r)
{
	r->m->given |= MAP_NUMA_NODE;
	return read_u32(p, &r->m->numa_node, "numa_node");
}

static int attr_map_extra(struct parser *p, struct reading *r)
{
	struct value v = { .len = 0 };
	int err = expr_in(p, &v, 0, UINT64_MAX, "map_extra");

	r->m->given |= MAP_EXTRA;
	r->m->map_extra = v.num.mag;
	return err;
}

/* LIBBPF_PIN_NONE and LIBBPF_PIN_BY_NAME */
static int attr_pinning(struct parser *p, struct reading *r)
{
	bool by_name = tok_is(&p->lex.tok, "by_name");

	if (!by_name && !tok_is(&p->lex.tok, "none"))
		return fail_expected(p, "by_name or none");
	r->m->given |= MAP_PINNING;
	r->m->pinning = by_name;
	lex_next(&p->lex);
	return 0;
}

static int attr_event(struct parser *p, struct reading *r)
{
	struct tok first = p->lex.tok;
	uint32_t type;
	int err = type_read(p, &type);

	if (!err)
		err = type_complete(p, type, &first);
	if (!err && ctype_get(p->u->types, ctype_strip(p->u->types, type))->kind != CT_STRUCT)
		err = fail(p, &first, "an event is a struct");
	if (!err && r->m->nr_events == MAX_EVENTS)
		err = fail(p, &first, "more than %d events", MAX_EVENTS);
	if (!err)
		r->events[r->m->nr_events++] = type;
	return err;
}

static int attr_inner(struct parser *p, struct reading *r);
static int attr_values(struct parser *p, struct reading *r);

static const struct {
	const char *name;
	int (*read)(struct parser *p, struct reading *r);
	bool many; /* may be given more than once */
} attrs[] = {
	{ "key", attr_key, false },
	{ "value", attr_value, false },
	{ "max_entries", attr_max_entries, false },
	{ "flags", attr_flags, false },
	{ "pinning", attr_pinning, false },
	{ "event", attr_event, true },
	{ "map_extra", attr_map_extra, false },
	{ "numa_node", attr_numa_node, false },
	{ "key_size", attr_key_size, false },
	{ "value_size", attr_value_size, false },
	{ "inner", attr_inner, false },
	{ "values", attr_values, false },
};

/* The whole list is the hint when no name is near. */
static int fail_attr(struct parser *p)
{
	const struct tok *t = &p->lex.tok;
	struct near near;

	near_begin(&near, t->s, t->len);
	for (size_t i = 0; i < countof(attrs); i++)
		near_try(&near, attrs[i].name, strlen(attrs[i].name));
	fail_unknown(p, t, "map attribute", &near);
	if (near.best)
		return -EINVAL;
	return src_hint(p->src,
			"there are key, value, max_entries, flags, pinning, event, map_extra, "
			"numa_node, key_size, value_size, inner and values");
}

/* `key u32`, and `key = u32` for those who think of initialisers. */
static int read_attr(struct parser *p, struct reading *r)
{
	struct tok name = p->lex.tok;
	size_t i = 0;
	int err;

	while (i < countof(attrs) && !tok_is(&name, attrs[i].name))
		i++;
	if (i == countof(attrs))
		return fail_attr(p);
	if (r->seen >> i & 1 && !attrs[i].many)
		return fail(p, &name, "%s is given twice", attrs[i].name);
	r->seen |= 1u << i;
	lex_next(&p->lex);
	accept(p, '=');
	err = attrs[i].read(p, r);
	if (!err && p->lex.tok.kind != ';' && p->lex.tok.kind != '}' && p->lex.tok.kind != T_EOL)
		err = fail_expected(p, "';' or the end of the line");
	return err;
}

/* After a bad attribute the others are read still, for what is wrong with them. */
static int read_attrs(struct parser *p, struct reading *r)
{
	int err = 0;

	for (;;) {
		int bad;

		while (p->lex.tok.kind == T_EOL || p->lex.tok.kind == ';')
			lex_next(&p->lex);
		if (p->lex.tok.kind == '}')
			return err;
		if (p->lex.tok.kind == T_EOF)
			return fail_expected(p, "'}'");
		bad = read_attr(p, r);
		if (bad == -ENOMEM)
			return bad;
		err = bad ? bad : err;
		while (bad && p->lex.tok.kind != T_EOL && p->lex.tok.kind != ';' &&
		       p->lex.tok.kind != '}' && p->lex.tok.kind != T_EOF)
			lex_next(&p->lex);
	}
}

/* --- what the type of the map says --- */

static int fail_map(struct parser *p, const struct decl *d, const char *what, const char *rule)
{
	src_error(p->src, d->pos, d->name.len, "%s of map '%.*s': %s", what, (int)d->name.len,
		  d->name.s, rule);
	return -EINVAL;
}

/* Both the type and the size have been given. */
static int check_agree(struct parser *p, const struct decl *d, const char *what, uint32_t type,
		       uint32_t size)
{
	if (!type || ctype_get(p->u->types, ctype_strip(p->u->types, type))->size == size)
		return 0;
	return fail_map(p, d, what, "the type has another size than the size given");
}

/* What the kernel would refuse anyhow, said with the place. */
static int check_map(struct parser *p, const struct decl *d, const struct map_decl *m,
		     bool by_number)
{
	const char *what, *rule = by_number ? NULL : map_rule(m, &what);
	int err = rule ? fail_map(p, d, what, rule) : 0;

	if (!err)
		err = check_agree(p, d, "key", m->key, m->key_size);
	return err ? err : check_agree(p, d, "value", m->value, m->value_size);
}

/* --- maps in maps --- */

/* By name, or by number, which is taken as it is: a type that is newer than this table. */
static int read_map_type(struct parser *p, uint32_t *id)
{
	const struct tok *t = &p->lex.tok;
	struct near near;

	if (t->kind == T_NUM)
		return read_u32(p, id, "the type of the map");
	if (t->kind != T_NAME)
		return fail_expected(p, "the type of the map");
	near_begin(&near, t->s, t->len);
	for (size_t i = 0; i < uapi_nr_map_types; i++) {
		if (tok_is(t, uapi_map_types[i].name)) {
			*id = uapi_map_types[i].id;
			lex_next(&p->lex);
			return 0;
		}
		near_try(&near, uapi_map_types[i].name, strlen(uapi_map_types[i].name));
	}
	return fail_unknown(p, t, "map type", &near);
}

static bool holds_maps(const struct map_decl *m)
{
	return m->type == UAPI_MAP_array_of_maps || m->type == UAPI_MAP_hash_of_maps;
}

/* `inner hash { key u32; value u64; max_entries 8 }` */
static int attr_inner(struct parser *p, struct reading *r)
{
	struct tok start = p->lex.tok;
	struct map_decl *m;
	struct reading *inner;
	const char *what, *rule;
	int err;

	if (!holds_maps(r->m))
		return fail(p, &start, "only array_of_maps and hash_of_maps have an inner map");
	m = pool_alloc(&p->u->pool, sizeof(*m));
	inner = pool_alloc(&p->u->pool, sizeof(*inner));
	if (!m || !inner)
		return fail_memory(p);
	inner->m = m;
	m->pos = pos_of(p, &start);
	err = read_map_type(p, &m->type);
	if (!err && holds_maps(m))
		err = fail(p, &start, "a map of maps cannot be in another");
	if (!err)
		err = need(p, '{', "'{'");
	if (!err)
		err = read_attrs(p, inner);
	if (err)
		return err;
	lex_next(&p->lex);
	if (m->nr_events)
		return fail(p, &start, "an inner map has no events");
	rule = map_rule(m, &what);
	if (rule)
		return fail(p, &start, "%s of the inner map: %s", what, rule);
	r->m->inner = m;
	if (!r->m->value_size)
		r->m->value_size = 4;
	return 0;
}

/* The map or program that the name is. */
static int read_member(struct parser *p, const struct map_decl *m, uint32_t *ref)
{
	unsigned int kind = m->type == UAPI_MAP_prog_array ? DECL_PROG : DECL_MAP;
	const struct tok *t = &p->lex.tok;
	const char *what = kind == DECL_PROG ? "program" : "map";
	const struct decl *d;
	struct near near;

	if (t->kind != T_NAME)
		return fail_expected(p, kind == DECL_PROG ? "the name of a program"
							  : "the name of a map");
	d = decl_find(p, t);
	if (d && d->kind != kind)
		return fail(p, t, "'%.*s' is not a %s", (int)t->len, t->s, what);
	near_begin(&near, t->s, t->len);
	near_decls(p, &near, 1u << kind);
	if (!d)
		return fail_unknown(p, t, what, &near);
	*ref = d->nr;
	lex_next(&p->lex);
	return 0;
}

static int read_item(struct parser *p, struct map_value *v)
{
	struct value index = { .len = 0 };
	int err;

	if (p->lex.tok.kind != '[')
		return 0;
	lex_next(&p->lex);
	err = expr_in(p, &index, 0, MAX_EVENTS - 1, "the index");
	v->index = (uint32_t)index.num.mag;
	if (!err)
		err = need(p, ']', "']'");
	return err ? err : need(p, '=', "'='");
}

static int add_value(struct parser *p, struct map_decl *m, const struct map_value *v)
{
	struct map_value *list;

	for (uint32_t i = 0; i < m->nr_values; i++)
		if (m->values[i].index == v->index)
			return src_error(p->src, v->pos, 1, "element %u is given twice", v->index);
	list = pool_alloc(&p->u->pool, (m->nr_values + 1) * sizeof(*list));
	if (!list)
		return fail_memory(p);
	if (m->nr_values)
		memcpy(list, m->values, m->nr_values * sizeof(*list));
	list[m->nr_values++] = *v;
	m->values = list;
	if (v->index >= m->nr_slots)
		m->nr_slots = v->index + 1;
	return 0;
}

static void skip_lines(struct parser *p)
{
	while (p->lex.tok.kind == T_EOL)
		lex_next(&p->lex);
}

/* `{ a, [3] = b }`: maps of an array_of_maps or hash_of_maps, programs of a prog_array */
static int attr_values(struct parser *p, struct reading *r)
{
	struct map_decl *m = r->m;
	struct map_value v = { .index = 0 };
	int err;

	if (!holds_maps(m) && m->type != UAPI_MAP_prog_array)
		return fail(p, &p->lex.tok, "only maps of maps and prog_array have values");
	err = need(p, '{', "'{'");
	for (skip_lines(p); !err && p->lex.tok.kind != '}'; v.index++) {
		v.pos = pos_of(p, &p->lex.tok);
		err = read_item(p, &v);
		if (!err)
			err = read_member(p, m, &v.ref);
		if (!err)
			err = add_value(p, m, &v);
		skip_lines(p);
		if (!err && p->lex.tok.kind != '}')
			err = need(p, ',', "',' or '}'");
		skip_lines(p);
	}
	if (!err)
		lex_next(&p->lex);
	if (!err && !m->value_size)
		m->value_size = 4;
	return err;
}

/* Every index has its place, and every map of maps a template. */
static int check_values(struct parser *p, const struct map_decl *m)
{
	for (uint32_t i = 0; i < m->nr_values; i++)
		if (m->values[i].index >= m->max_entries)
			return src_error(p->src, m->values[i].pos, 1, "element %u of a map with %u",
					 m->values[i].index, m->max_entries);
	if (m->nr_values && holds_maps(m) && !m->inner)
		return src_error(p->src, m->values[0].pos, 1,
				 "what the maps in it are like must be said: inner TYPE {...}");
	return 0;
}

/* --- second reading --- */

static int keep_events(struct parser *p, struct reading *r)
{
	size_t bytes = r->m->nr_events * sizeof(uint32_t);

	if (!bytes)
		return 0;
	r->m->events = pool_alloc(&p->u->pool, bytes);
	if (!r->m->events)
		return fail_memory(p);
	memcpy(r->m->events, r->events, bytes);
	return 0;
}

int resolve_map(struct parser *p, struct decl *d)
{
	struct map_decl m = p->u->maps[d->nr];
	struct reading r = { .m = &m };
	bool by_number = p->lex.tok.kind == T_NUM;
	int err = read_map_type(p, &m.type);

	p->lex.data = true;
	if (!err)
		err = need(p, '{', "'{'");
	if (!err)
		err = read_attrs(p, &r);
	if (err)
		return err;
	p->lex.data = false;
	lex_next(&p->lex);
	if (!at_end(p))
		return fail_expected(p, "the end of the line");
	err = check_map(p, d, &m, by_number);
	if (!err)
		err = check_values(p, &m);
	if (!err)
		err = keep_events(p, &r);
	p->u->maps[d->nr] = m;
	return err;
}
