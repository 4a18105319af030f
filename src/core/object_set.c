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

int object_set(struct object *o, const char *assignment, struct err *e)
{
	const char *equals = strchr(assignment, '=');
	size_t len = strcspn(assignment, ".[=");
	struct near near = near_to(assignment, len);
	auto_codec struct codec *section = NULL, *field = NULL;
	auto_free char *path = NULL;
	struct variable v;
	uint32_t off;
	size_t size;
	char *data;
	int r;

	if (!equals || !len)
		return err_usage(e, "'%s' sets nothing: expected NAME=VALUE", assignment);
	if (!find(o, assignment, len, &v, &near))
		return no_variable(o, assignment, len, &near, e);
	path = xstrndup(assignment, (size_t)(equals - assignment));
	section = codec_of_type(o->types, v.section, CODEC_TYPED, e);
	if (section)
		field = codec_field(section, path, &off, e);
	data = object_map_data(o, v.map, &size);
	if (!field)
		return -EINVAL;
	if (!data || off + (size_t)codec_size(field) > size)
		return err_input(e, "%s: the variable %s lies outside of its section", o->name,
				 path);
	r = codec_parse(field, equals + 1, data + off, e);
	return r ? err_wrap(e, "%s: ", path) : 0;
}
