// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pins of what an object holds. */
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/object.h"
#include "core/pin.h"

static int pin_named(int fd, const char *dir, const char *name, struct pinning *p, struct err *e)
{
	auto_free char *path = xasprintf("%s/%s", dir, name);

	/* A BPF file system allows no dots in names, and maps of globals have one. */
	for (char *c = path + strlen(dir); *c; c++)
		if (*c == '.')
			*c = '_';
	return pin_add(p, fd, path, e);
}

int object_pin_progs(const struct object *o, const char *dir, struct pinning *p, struct err *e)
{
	struct object_prog prog;
	int r = 0;

	for (size_t i = 0; i < object_nr_progs(o) && !r; i++) {
		object_prog(o, i, &prog);
		if (prog.fd >= 0)
			r = pin_named(prog.fd, dir, prog.name, p, e);
	}
	return r;
}

int object_pin_maps(const struct object *o, const char *dir, struct pinning *p, struct err *e)
{
	struct object_map map;
	int r = 0;

	for (size_t i = 0; i < object_nr_maps(o) && !r; i++) {
		object_map(o, i, &map);
		/* What its definition has pinned already stays where that says. */
		if (map.fd >= 0 && !map.pin_path)
			r = pin_named(map.fd, dir, map.name, p, e);
	}
	return r;
}
