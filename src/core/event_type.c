// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What type the records of a map have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/codec.h"
#include "core/err.h"
#include "core/event.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/obj.h"
#include "core/opt.h"
#include "core/prog.h"
#include "core/types.h"

#define KERNEL_NAME 15

void event_types_free(struct event_types *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		codec_freep(&t->v[i].codec);
	}
	free(t->v);
	types_freep(&t->types);
	*t = (struct event_types){};
}

/* Takes codec. */
static struct event_type *add(struct event_types *t, const char *name, struct codec *codec)
{
	codec_set_loose(codec);
	t->v = xreallocarray(t->v, t->n + 1, sizeof(*t->v));
	t->v[t->n] = (struct event_type){ .name = name ? xstrdup(name) : NULL, .codec = codec };
	return &t->v[t->n++];
}

/* The variable of a map; the kernel has only the beginning of a long name.  0: none. */
static uint32_t variable(const struct types *types, const char *map_name)
{
	uint32_t section = types_find_kind(types, ".maps", T_DATASEC), found = 0;
	struct type_member m;
	struct type t;

	if (!section || !types_get(types, section, &t))
		return 0;
	for (uint32_t i = 0; i < t.n && types_member(types, &t, i, &m); i++) {
		if (strcmp(m.name, map_name) == 0)
			return m.type;
		if (strlen(map_name) == KERNEL_NAME && strncmp(m.name, map_name, KERNEL_NAME) == 0)
			found = m.type;
	}
	return found;
}

/* "kind:N" on a struct. */
static bool kind_tag(const struct types *types, uint32_t id, uint32_t *kind)
{
	struct type tag;
	uint64_t n;

	for (uint32_t i = 1; i < types_count(types); i++) {
		if (!types_get(types, i, &tag) || tag.kind != T_DECL_TAG || tag.ref != id ||
		    tag.component != -1 || strncmp(tag.name, "kind:", 5) != 0)
			continue;
		if (opt_number(tag.name + 5, &n) == 0 && n <= UINT32_MAX) {
			*kind = (uint32_t)n;
			return true;
		}
	}
	return false;
}

/* A struct before all else: an event may share its name with a map or a function. */
static uint32_t named(const struct types *types, const char *name)
{
	static const enum type_kind kinds[] = { T_STRUCT, T_TYPEDEF, T_UNION, T_INT,
						T_ENUM,	  T_ENUM64,  T_FLOAT };

	for (size_t i = 0; i < countof(kinds); i++) {
		uint32_t id = types_find_kind(types, name, kinds[i]);

		if (id)
			return id;
	}
	return types_find(types, name);
}

/* "NAME" or "NAME=KIND", what stands behind "event:". */
static int add_tag(struct event_types *t, const struct types *types, const char *text,
		   struct err *e)
{
	auto_free char *name = xstrdup(text);
	char *equals = strchr(name, '=');
	struct codec *codec;
	struct event_type *type;
	uint64_t kind = 0;
	uint32_t id;

	if (equals)
		*equals++ = '\0';
	if (equals && (opt_number(equals, &kind) || kind > UINT32_MAX))
		return err_input(e, "the tag event:%s has no number behind '='", text);
	id = named(types, name);
	if (!id)
		return err_input(e, "the tag event:%s names a type that is not there", text);
	codec = codec_of_type(types, id, CODEC_TYPED, e);
	if (!codec)
		return err_wrap(e, "event %s: ", name);
	type = add(t, name, codec);
	type->kind = (uint32_t)kind;
	type->has_kind = equals || kind_tag(types, id, &type->kind);
	return 0;
}

int event_types_of_btf(struct event_types *t, const struct types *types, const char *map_name,
		       struct err *e)
{
	uint32_t var = variable(types, map_name);
	struct type tag;

	for (uint32_t i = 1; var && i < types_count(types); i++) {
		int r;

		if (!types_get(types, i, &tag) || tag.kind != T_DECL_TAG || tag.ref != var ||
		    tag.component != -1 || strncmp(tag.name, "event:", 6) != 0)
			continue;
		r = add_tag(t, types, tag.name + 6, e);
		if (r)
			return r;
	}
	return 0;
}

/* ---- maps that are loaded ----------------------------------------------------------------- */

/* BTF of the programs that use a map, one after the other. */
struct users {
	const struct map *m;
	/* 1: this one will do, and its types are taken; 0: look on; negative: error */
	int (*try)(struct event_types *t, struct types *types, const struct users *u);
	struct event_types *t;
	const char *name;
	struct err *e;
	uint32_t tried; /* BTF objects come in runs: all programs of one object share theirs */
};

static int try_btf(struct users *u, uint32_t btf_id)
{
	auto_types struct types *types = NULL;
	struct err ignored = {};
	int r;

	if (!btf_id || btf_id == u->tried)
		return 0;
	u->tried = btf_id;
	types = types_by_id(btf_id, &ignored);
	if (!types)
		return 0;
	r = u->try(u->t, types, u);
	if (r > 0)
		u->t->types = take_ptr(types);
	else
		event_types_free(u->t);
	return r;
}

static int try_prog(const struct prog_info *i, int fd, void *arg)
{
	struct users *u = arg;

	(void)fd;
	for (uint32_t k = 0; k < i->nr_map_ids; k++)
		if (i->map_ids[k] == u->m->info.id)
			return try_btf(u, i->btf_id);
	return 0;
}

/* 1: found, 0: not. */
static int search(struct users *u)
{
	int r = try_btf(u, u->m->info.btf_id);

	return r ? r : prog_each(try_prog, u, u->e);
}

static int try_tags(struct event_types *t, struct types *types, const struct users *u)
{
	int r = event_types_of_btf(t, types, u->m->info.name, u->e);

	return r ? r : t->n > 0;
}

int event_types_of_map(struct event_types *t, const struct map *m, struct err *e)
{
	struct users u = { .m = m, .try = try_tags, .t = t, .e = e };
	int r = search(&u);

	return r < 0 ? r : 0;
}

static int try_name(struct event_types *t, struct types *types, const struct users *u)
{
	uint32_t id = named(types, u->name);
	struct codec *codec = id ? codec_of_type(types, id, CODEC_TYPED, u->e) : NULL;

	if (!codec)
		return id ? -EINVAL : 0;
	add(t, u->name, codec);
	return 1;
}

int event_types_by_name(struct event_types *t, const struct map *m, const char *name, struct err *e)
{
	struct users u = { .m = m, .try = try_name, .t = t, .name = name, .e = e };
	struct err ignored = {};
	int r = search(&u);

	if (r)
		return r < 0 ? r : 0;
	t->types = types_vmlinux(&ignored);
	if (t->types) {
		r = try_name(t, t->types, &u);
		if (r)
			return r < 0 ? r : 0;
	}
	return err_absent(e, "neither a program of the map nor the kernel has a type '%s'", name);
}

int event_types_by_spec(struct event_types *t, const char *spec, struct err *e)
{
	struct codec *codec = codec_of_spec(spec, NULL, e);

	if (!codec)
		return -EINVAL;
	add(t, NULL, codec);
	return 0;
}

const struct event_type *event_type_of(const struct event_types *t, const void *data, size_t len)
{
	uint32_t kind;

	if (t->n == 1 && !t->v[0].has_kind)
		return &t->v[0];
	if (len >= sizeof(kind)) {
		memcpy(&kind, data, sizeof(kind));
		for (size_t i = 0; i < t->n; i++)
			if (t->v[i].has_kind && t->v[i].kind == kind)
				return &t->v[i];
	}
	/* Without kinds, a type that has just this size. */
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].has_kind && codec_size(t->v[i].codec) == len)
			return &t->v[i];
	return NULL;
}
