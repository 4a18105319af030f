// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps as BTF types: structs that libbpf reads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asm/btf.h"
#include "asm/btfunit.h"
#include "asm/ctype.h"
#include "asm/layout.h"
#include "asm/src.h"
#include "core/mem.h"

static uint32_t add_number(struct maker *m, uint32_t n)
{
	struct number *r = m->recent;

	for (uint32_t i = 0; i < m->nr_numbers && i < NR_RECENT; i++)
		if (r[i].n == n)
			return r[i].ptr;
	r = &m->recent[m->nr_numbers++ % NR_RECENT];
	r->n = n;
	r->ptr = btfw_type(m->w, NULL, KIND_PTR, 0, maker_array(m, m->id[m->lay->int_type], n));
	return r->ptr;
}

/* More than 32 bits do not fit an array's length: the name of an enum carries no weight here. */
static uint32_t add_wide_number(struct maker *m, uint64_t n)
{
	uint32_t id = btfw_type(m->w, NULL, KIND_ENUM64, 1, 8);

	btfw_word(m->w, btfw_name(m->w, "__unique_value"));
	btfw_word(m->w, (uint32_t)n);
	btfw_word(m->w, (uint32_t)(n >> 32));
	return id;
}

static uint32_t add_func_proto(struct maker *m)
{
	return btfw_type(m->w, NULL, KIND_FUNC_PROTO, 0, m->id[m->lay->int_type]);
}

/*
 * A struct that exists for its members' types alone.  The last of them says what the elements are:
 * maps of such a struct, or programs; the elements themselves follow it in the section.
 */
static uint32_t add_map_struct(struct maker *m, const struct map_decl *map)
{
	struct map_attr attrs[MAP_ATTRS_MAX];
	uint32_t types[MAP_ATTRS_MAX], id, of, values = 0;
	size_t n = map_attrs(map, attrs);

	for (size_t i = 0; i < n; i++) {
		if (attrs[i].is_type)
			types[i] = btfw_type(m->w, NULL, KIND_PTR, 0, m->id[attrs[i].value]);
		else if (attrs[i].value > UINT32_MAX)
			types[i] = add_wide_number(m, attrs[i].value);
		else
			types[i] = add_number(m, (uint32_t)attrs[i].value);
	}
	if (map->inner || map->nr_values) {
		of = map->inner ? add_map_struct(m, map->inner) : add_func_proto(m);
		values = maker_array(m, btfw_type(m->w, NULL, KIND_PTR, 0, of), 0);
	}
	id = btfw_type(m->w, NULL, KIND_STRUCT, (uint32_t)n + (values != 0),
		       (uint32_t)(n * sizeof(uint64_t)));
	for (size_t i = 0; i < n; i++) {
		btfw_word(m->w, btfw_name(m->w, attrs[i].name));
		btfw_word(m->w, types[i]);
		btfw_word(m->w, (uint32_t)(i * 64));
	}
	if (values) {
		btfw_word(m->w, btfw_name(m->w, "values"));
		btfw_word(m->w, values);
		btfw_word(m->w, (uint32_t)(n * 64));
	}
	return id;
}

static uint32_t add_map(struct maker *m, const struct map_decl *map)
{
	return maker_var(m, map->name, add_map_struct(m, map), LINK_GLOBAL);
}

/* The name by which BTF knows a type; NULL: none. */
static const char *type_name(const struct maker *m, uint32_t type)
{
	const struct ctype *t = ctype_get(m->u->types, type);

	while (t->kind == CT_CONST || maker_is_short(m, t))
		t = ctype_get(m->u->types, t->ref);
	return t->name;
}

/* See btf.h for what they say. */
static int add_map_tags(struct maker *m, const struct map_decl *map, uint32_t var)
{
	auto_buf struct buf tag = {};

	for (uint32_t i = 0; i < map->nr_events; i++) {
		const char *name = type_name(m, map->events[i]);

		if (!name)
			return src_error(m->u->src, map->pos, 1,
					 "the records of map '%s' have a type without a name",
					 map->name);
		tag.len = 0;
		buf_addf(&tag, "event:%s", name);
		btfw_tag(m->w, buf_str(&tag), var);
	}
	return buf_error(&tag);
}

/* All maps, and the list by which libbpf finds them. */
int maker_maps(struct maker *m)
{
	const struct unit *u = m->u;
	auto_free uint32_t *var = calloc(u->nr_maps + 1, sizeof(*var));
	int err = 0;

	if (!var || !u->nr_maps)
		return var ? 0 : -ENOMEM;
	for (size_t i = 0; i < u->nr_maps && !err; i++) {
		var[i] = add_map(m, &u->maps[i]);
		err = add_map_tags(m, &u->maps[i], var[i]);
	}
	if (!err)
		err = maker_check(m, u->nr_maps, u->maps[0].pos, "maps");
	if (err)
		return err;
	btfw_type(m->w, ".maps", KIND_DATASEC, (uint32_t)u->nr_maps, m->lay->maps_size);
	for (size_t i = 0; i < u->nr_maps; i++) {
		uint32_t end = i + 1 < u->nr_maps ? m->lay->map_off[i + 1] : m->lay->maps_size;

		maker_row(m, var[i], m->lay->map_off[i], end - m->lay->map_off[i]);
	}
	return 0;
}
