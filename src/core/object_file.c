// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One thing out of an object file. */
#include "core/object_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/object.h"

/* The path of "OBJ:NAME" and its name; a file whose name has a colon in it is taken whole. */
static char *split(const char *spec, const char **name)
{
	const char *colon = strrchr(spec, ':');

	*name = NULL;
	if (!colon || access(spec, F_OK) == 0)
		return xstrdup(spec);
	*name = colon + 1;
	return xstrndup(spec, (size_t)(colon - spec));
}

static int ambiguous(const struct object *o, enum obj_kind kind, struct err *e)
{
	auto_buf struct buf names = {};
	struct object_prog p;
	struct object_map m;

	if (kind == OBJ_PROG)
		for (size_t i = 0; i < object_nr_progs(o); i++) {
			object_prog(o, i, &p);
			buf_addf(&names, "%s%s", i ? ", " : "", p.name);
		}
	else
		for (size_t i = 0; i < object_nr_maps(o); i++) {
			object_map(o, i, &m);
			buf_addf(&names, "%s%s", i ? ", " : "", m.name);
		}
	if (!names.len)
		return err_absent(e, "%s has no %s", object_name(o), obj_kind_name(kind));
	err_usage(e, "%s has several %ss: %s", object_name(o), obj_kind_name(kind),
		  buf_str(&names));
	return err_hint(e, "say which: %s:NAME", object_name(o));
}

static int pick(struct object *o, enum obj_kind kind, const char *name, struct err *e)
{
	size_t n = kind == OBJ_PROG ? object_nr_progs(o) : object_nr_maps(o);

	if (name)
		return kind == OBJ_PROG ? object_find_prog(o, name, e)
					: object_find_map(o, name, e);
	return n == 1 ? 0 : ambiguous(o, kind, e);
}

int object_file_open(const char *spec, enum obj_kind kind, struct err *e)
{
	struct object_opts opts = {};
	auto_object struct object *o = NULL;
	auto_free char *path = NULL;
	struct object_prog p = { .fd = -1 };
	struct object_map m = { .fd = -1 };
	const char *name;
	int i, r, fd;

	if (kind != OBJ_PROG && kind != OBJ_MAP)
		return err_usage(e, "a %s cannot be taken from a file", obj_kind_name(kind));
	path = split(spec, &name);
	o = object_open_file(path, &opts, e);
	if (!o)
		return err_class(e, e->class);
	i = pick(o, kind, name, e);
	if (i < 0)
		return i;
	/* The other programs need not pass the verifier, nor be allowed here. */
	for (size_t k = 0; k < object_nr_progs(o); k++) {
		r = object_set_autoload(o, k, kind == OBJ_PROG && k == (size_t)i, e);
		if (r)
			return r;
	}
	r = object_load(o, e);
	if (r)
		return r;
	if (kind == OBJ_PROG)
		object_prog(o, (size_t)i, &p);
	else
		object_map(o, (size_t)i, &m);
	fd = fcntl(kind == OBJ_PROG ? p.fd : m.fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? err_sys(e, "cannot keep the descriptor") : fd;
}
