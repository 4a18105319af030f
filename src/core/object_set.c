// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Global variables by name, before the object is loaded. */
#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "core/codec.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/object_priv.h"
#include "core/types.h"

/* A variable: the section it is in, by BTF, and the map made of that. */
struct variable {
	uint32_t section; /* DATASEC */
	size_t map;
	bool seen; /* the section has no map: an extern */
};

/* The map of a section: libbpf calls it "object.rodata", or ".rodata.extra" by its own name. */
static bool map_of(const struct object *o, const char *section, size_t *map)
{
	for (size_t i = 0; i < o->nr_maps; i++) {
		const char *name = bpf_map__name(o->maps[i]), *dot = strchr(name, '.');

		if (bpf_map__is_internal(o->maps[i]) && dot && strcmp(dot, section) == 0) {
			*map = i;
			return true;
		}
	}
	return false;
}

static bool find(const struct object *o, const char *name, size_t len, struct variable *v,
		 struct near *near)
{
	struct type_member m;
	struct type t;
	size_t map;

	*v = (struct variable){};
	for (uint32_t id = 1; o->types && id < types_count(o->types); id++) {
		if (!types_get(o->types, id, &t) || t.kind != T_DATASEC || !map_of(o, t.name, &map))
			continue;
		for (uint32_t i = 0; i < t.n && types_member(o->types, &t, i, &m); i++) {
			near_offer(near, m.name);
			if (strlen(m.name) != len || memcmp(m.name, name, len) != 0)
				continue;
			*v = (struct variable){ .section = id, .map = map };
			return true;
		}
	}
	return false;
}

static int no_variable(const struct object *o, const char *name, size_t len,
		       const struct near *near, struct err *e)
{
	int r = err_absent(e, "%s has no global variable '%.*s'", o->name, (int)len, name);

	if (!o->types)
		err_hint(e, "it has no BTF, which would say what variables there are: compile it "
			    "with -g");
	else if (near->best)
		err_hint(e, "did you mean '%s'?", near->best);
	return r;
}

void object_var_close(struct object_var *v)
{
	codec_freep(&v->codec);
	codec_freep(&v->section);
}

int object_var_open(const struct object *o, const char *path, struct object_var *v, struct err *e)
{
	size_t len = strcspn(path, ".["), size;
	struct near near = near_to(path, len);
	struct variable var;
	const void *data;

	*v = (struct object_var){};
	if (!find(o, path, len, &var, &near))
		return no_variable(o, path, len, &near, e);
	v->map = var.map;
	v->section = codec_of_type(o->types, var.section, CODEC_TYPED, e);
	if (v->section)
		v->codec = codec_field(v->section, path, &v->off, e);
	data = bpf_map__initial_value(o->maps[var.map], &size);
	if (v->codec && data && v->off + (size_t)codec_size(v->codec) <= size)
		return 0;
	if (v->codec)
		err_input(e, "%s: the variable %s lies outside of its section", o->name, path);
	object_var_close(v);
	return -EINVAL;
}

int object_set(struct object *o, const char *assignment, struct err *e)
{
	const char *equals = strchr(assignment, '=');
	auto_object_var struct object_var v = {};
	auto_free char *path = NULL;
	size_t size;
	int r;

	if (!equals || !strcspn(assignment, ".[="))
		return err_usage(e, "'%s' sets nothing: expected NAME=VALUE", assignment);
	path = xstrndup(assignment, (size_t)(equals - assignment));
	r = object_var_open(o, path, &v, e);
	if (r < 0)
		return r;
	r = codec_parse(v.codec, equals + 1, (char *)object_map_data(o, v.map, &size) + v.off, e);
	return r ? err_wrap(e, "%s: ", path) : 0;
}
