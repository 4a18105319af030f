// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The bounds of BTF. */
#include "core/btf_check.h"

#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"

#define MAX_CHAIN 32 /* modifiers on top of each other; the kernel's own limit */
#define ENUM64 19    /* newer than some linux/btf.h */

struct checking {
	const char *name;
	struct err *e;
	const uint8_t *types;
	uint32_t types_len;
	const char *strings;
	uint32_t strings_len;
	uint32_t *offs; /* of types, by id; id 0 is void */
	size_t n, cap;
};

static int bad(struct checking *c, size_t id, const char *what)
{
	return err_input(c->e, "%s: damaged BTF: type %zu %s", c->name, id, what);
}

/* How much follows struct btf_type; -1: no such kind. */
static long extra(const struct btf_type *t)
{
	uint32_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return (long)n * 8;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case ENUM64:
		return (long)n * 12;
	case BTF_KIND_UNKN:
		return -1;
	default:
		return BTF_INFO_KIND(t->info) > ENUM64 ? -1 : 0;
	}
}

static const struct btf_type *type_at(const struct checking *c, size_t id)
{
	return (const void *)(c->types + c->offs[id]);
}

static uint32_t kind_of(const struct checking *c, size_t id)
{
	return id ? BTF_INFO_KIND(type_at(c, id)->info) : BTF_KIND_UNKN;
}

static int find_types(struct checking *c)
{
	uint32_t at = 0;

	c->n = 1;
	while (at < c->types_len) {
		const struct btf_type *t = (const void *)(c->types + at);
		long more = c->types_len - at >= sizeof(*t) ? extra(t) : -1;

		if (more < 0 || (size_t)more > c->types_len - at - sizeof(*t))
			return bad(c, c->n, "is of no known kind, or cut off");
		while (c->n >= c->cap)
			if (array_grow(&c->offs, c->cap, &c->cap, sizeof(*c->offs)))
				return err_code(c->e, ENOMEM, "no memory for types");
		c->offs[c->n++] = at;
		at += (uint32_t)(sizeof(*t) + (size_t)more);
	}
	return 0;
}

static bool is_string(const struct checking *c, uint32_t off)
{
	return off < c->strings_len;
}

/* Words of what follows a type: how many there are to an entry, and which are names and types. */
static int check_entries(struct checking *c, size_t id, size_t words, int name, int type)
{
	const struct btf_type *t = type_at(c, id);
	const uint32_t *w = (const void *)(t + 1);

	for (uint32_t i = 0; i < BTF_INFO_VLEN(t->info); i++, w += words) {
		if (name >= 0 && !is_string(c, w[name]))
			return bad(c, id, "has a member whose name is not there");
		if (type >= 0 && w[type] >= c->n)
			return bad(c, id, "has a member whose type is not there");
	}
	return 0;
}

/* A chain of modifiers ends; with its own type somewhere in it, it does not. */
static int check_chain(struct checking *c, size_t id)
{
	size_t at = id;

	for (unsigned int i = 0; i < MAX_CHAIN; i++) {
		switch (kind_of(c, at)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			at = type_at(c, at)->type;
			if (at >= c->n)
				return bad(c, id, "leads to one that is not there");
			break;
		default:
			return 0;
		}
	}
	return bad(c, id, "leads to itself, or by too many others");
}

static int check_array(struct checking *c, size_t id)
{
	const struct btf_array *a = (const void *)(type_at(c, id) + 1);

	return a->type < c->n && a->index_type < c->n ? 0 : bad(c, id, "is an array of nothing");
}

static int check_ref(struct checking *c, size_t id)
{
	uint32_t to = type_at(c, id)->type;

	if (to >= c->n)
		return bad(c, id, "refers to one that is not there");
	if (kind_of(c, id) == BTF_KIND_FUNC && kind_of(c, to) != BTF_KIND_FUNC_PROTO)
		return bad(c, id, "is a function without parameters and result");
	return check_chain(c, id);
}

/* Sections hold variables, and functions of the kernel. */
static int check_section(struct checking *c, size_t id)
{
	const struct btf_type *t = type_at(c, id);
	const struct btf_var_secinfo *v = (const void *)(t + 1);

	for (uint32_t i = 0; i < BTF_INFO_VLEN(t->info); i++)
		if (v[i].type >= c->n || (kind_of(c, v[i].type) != BTF_KIND_VAR &&
					  kind_of(c, v[i].type) != BTF_KIND_FUNC))
			return bad(c, id, "is a section of something else than variables");
	return 0;
}

static int check_type(struct checking *c, size_t id)
{
	if (!is_string(c, type_at(c, id)->name_off))
		return bad(c, id, "has a name that is not there");
	switch (kind_of(c, id)) {
	case BTF_KIND_ARRAY:
		return check_array(c, id);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return check_entries(c, id, 3, 0, 1);
	case BTF_KIND_ENUM:
		return check_entries(c, id, 2, 0, -1);
	case ENUM64:
		return check_entries(c, id, 3, 0, -1);
	case BTF_KIND_FUNC_PROTO:
		return type_at(c, id)->type < c->n ? check_entries(c, id, 2, 0, 1)
						   : bad(c, id, "has a result of no type");
	case BTF_KIND_DATASEC:
		return check_section(c, id);
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_FWD:
		return 0;
	default:
		return check_ref(c, id);
	}
}

static int check(struct checking *c)
{
	int err = find_types(c);

	for (size_t id = 1; id < c->n && !err; id++)
		err = check_type(c, id);
	return err;
}

int btf_check(const char *name, const uint8_t *data, size_t len, struct err *e)
{
	auto_free uint8_t *copy = xmalloc(len); /* aligned, wherever it lies in the file */
	struct checking c = { .name = name, .e = e };
	struct btf_header h;
	int err;

	if (len < sizeof(h))
		return err_input(e, "%s: damaged BTF: it is cut off", name);
	memcpy(&h, data, sizeof(h));
	if (h.magic != BTF_MAGIC)
		return 0;
	if (h.hdr_len < sizeof(h) || h.hdr_len > len || h.hdr_len % 4 || h.type_off % 4 ||
	    h.type_off > len - h.hdr_len || h.type_len > len - h.hdr_len - h.type_off ||
	    h.str_off > len - h.hdr_len || h.str_len > len - h.hdr_len - h.str_off || !h.str_len)
		return err_input(e, "%s: damaged BTF: its parts do not lie in it", name);
	memcpy(copy, data, len);
	c.types = copy + h.hdr_len + h.type_off;
	c.types_len = h.type_len;
	c.strings = (const char *)copy + h.hdr_len + h.str_off;
	c.strings_len = h.str_len;
	if (c.strings[0] || c.strings[h.str_len - 1])
		return err_input(e, "%s: damaged BTF: its strings do not end", name);
	err = check(&c);
	free(c.offs);
	return err;
}
