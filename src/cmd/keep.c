// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pinning a whole object. */
#include "cmd/keep.h"

#include <stdlib.h>
#include <string.h>

#include "core/attach.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/object.h"
#include "core/pin.h"

const struct out_col keep_cols[] = {
	{ "kind", "KIND", K_STR, "prog, map or link", 0 },
	{ "name", "NAME", K_STR, "of the program or map; of a link its program's", 0 },
	{ "pinned", "PINNED", K_STR, "the path", 0 },
	{ "target", "TARGET", K_STR, "links: where it is attached", OUT_IF_ANY },
	OUT_END,
};

/* The kernel refuses a dot in a path of bpffs: ".rodata" becomes "_rodata". */
static char *pin_path(const char *dir, const char *sub, const char *name)
{
	char *path = xasprintf("%s/%s%s", dir, sub, name);

	for (char *p = path + strlen(path) - strlen(name); *p; p++)
		if (*p == '.' || *p == '/')
			*p = '_';
	return path;
}

/* What was pinned; shown when all of it is. */
struct kept {
	const char *kind, *name, *target;
	char *path;
};

struct keeping {
	struct pinning pins;
	struct kept *v;
	size_t n, cap;
	struct err *e;
};

static void keeping_free(struct keeping *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->v[i].path);
	freep(&k->v);
	pin_undo(&k->pins);
}
#define auto_keeping __attribute__((cleanup(keeping_free)))

/* Takes path, and returns it. */
static char *note(struct keeping *k, char *path, const char *kind, const char *name,
		  const char *target)
{
	k->v = xreallocarray(k->v, k->n + 1, sizeof(*k->v));
	k->v[k->n++] = (struct kept){ .kind = kind, .name = name, .target = target, .path = path };
	return path;
}

static int keep(struct keeping *k, int fd, char *path, const char *kind, const char *name)
{
	return pin_add(&k->pins, fd, note(k, path, kind, name, NULL), k->e);
}

static int keep_link(struct keeping *k, const char *dir, const char *name,
		     const struct attachment *a)
{
	char *path = note(k, pin_path(dir, "links/", name), "link", name, a->target);

	if (!a->is_link)
		return attachment_pin(a, path, k->pins.nomount, k->e); /* says why it cannot */
	return pin_add(&k->pins, a->fd, path, k->e);
}

static int keep_progs(struct keeping *k, struct object *o, const struct attachment *attached,
		      const char *dir)
{
	struct object_prog p;
	int r = 0;

	for (size_t i = 0; i < object_nr_progs(o) && r == 0; i++) {
		object_prog(o, i, &p);
		if (p.fd >= 0)
			r = keep(k, p.fd, pin_path(dir, "", p.name), "prog", p.name);
		if (r == 0 && attached && attached[i].fd >= 0)
			r = keep_link(k, dir, p.name, &attached[i]);
	}
	return r;
}

static int keep_maps(struct keeping *k, struct object *o, const char *dir)
{
	struct object_map m;
	int r = 0;

	for (size_t i = 0; i < object_nr_maps(o) && r == 0; i++) {
		object_map(o, i, &m);
		r = keep(k, m.fd, pin_path(dir, "", m.name), "map", m.name);
	}
	return r;
}

static void put_kept(struct out *out, const struct keeping *k)
{
	out_begin(out, keep_cols, OUT_ROWS);
	for (size_t i = 0; i < k->n; i++) {
		out_row(out);
		out_str(out, "kind", k->v[i].kind);
		out_str(out, "name", k->v[i].name);
		out_str(out, "pinned", k->v[i].path);
		if (k->v[i].target)
			out_str(out, "target", k->v[i].target);
	}
}

int keep_object(struct ctx *ctx, struct object *o, const struct attachment *attached,
		const char *dir, const char *map_dir, struct err *e)
{
	auto_keeping struct keeping k = { .pins = { .nomount = ctx->nomount }, .e = e };
	int r = dir ? keep_progs(&k, o, attached, dir) : 0;

	if (r == 0 && map_dir)
		r = keep_maps(&k, o, map_dir);
	if (r < 0)
		return r;
	pin_keep(&k.pins);
	put_kept(ctx->out, &k);
	return 0;
}
