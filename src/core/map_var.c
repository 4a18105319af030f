// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Global variables by name. */
#include "core/map_var.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/codec.h"
#include "core/codec_priv.h"
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/types.h"
#include "core/uapi.h"

void vars_close(struct vars *v)
{
	if (v->mapped)
		munmap(v->data, v->mapped);
	else
		free(v->data);
	codec_freep(&v->codec);
	types_freep(&v->types);
	*v = (struct vars){};
}

static int no_section(const struct map *m, struct err *e)
{
	char label[64];

	return err_input(e,
			 "%s holds no global variables: those are in the array maps that programs "
			 "have for .data, .bss and .rodata",
			 map_label(&m->info, label));
}

static int open_types(struct vars *v, struct err *e)
{
	const struct map_info *i = &v->map->info;
	struct type t;
	char label[64];

	if (i->type != BPF_MAP_TYPE_ARRAY || i->max_entries != 1)
		return no_section(v->map, e);
	if (!i->btf_id || !i->value_type_id)
		return err_input(e, "%s has no BTF, which would say what variables are in it",
				 map_label(i, label));
	v->types = types_by_id(i->btf_id, e);
	if (!v->types)
		return err_class(e, e->class);
	if (!types_get(v->types, i->value_type_id, &t) || t.kind != T_DATASEC)
		return no_section(v->map, e);
	v->codec = codec_of_type(v->types, i->value_type_id, CODEC_TYPED, e);
	if (!v->codec)
		return -EINVAL;
	return codec_size(v->codec) <= i->value_size ? 0 : no_section(v->map, e);
}

/* Reading needs no mapping, but has the same answer through one. */
static bool map_memory(struct vars *v, bool write)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (v->map->info.value_size + page - 1) / page * page;
	void *p;

	if (!(v->map->info.flags & BPF_F_MMAPABLE))
		return false;
	p = mmap(NULL, size, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, v->map->fd, 0);
	if (p == MAP_FAILED)
		return false;
	v->data = p;
	v->mapped = size;
	return true;
}

int vars_open(struct vars *v, const struct map *map, bool write, struct err *e)
{
	struct map_info now;
	uint32_t zero = 0;
	char label[64];
	int r;

	*v = (struct vars){ .map = map };
	r = open_types(v, e);
	if (!r)
		r = map_info_read(map->fd, &now, e);
	if (!r && write && now.frozen)
		r = err_worded(e, EPERM, "%s is frozen: its variables cannot change any more",
			       map_label(&map->info, label));
	if (!r && !map_memory(v, write)) {
		v->data = xcalloc(1, map->value_len);
		r = map_lookup(map, &zero, v->data, 0, e);
	}
	if (r)
		vars_close(v);
	else
		v->frozen = now.frozen;
	return r;
}

int vars_at(const struct vars *v, size_t i, struct var *var, struct err *e)
{
	const struct op *ops = v->codec->ops;

	for (uint32_t m = 1; m < ops[0].next; m = ops[m].next) {
		if (i--)
			continue;
		return vars_find(v, ops[m].name, var, e);
	}
	return 1;
}

/* What the codec said about a field, as it is said about a variable. */
static int no_variable(const struct vars *v, const char *name, struct err *e)
{
	char hint[sizeof(e->hint)], label[64];

	memcpy(hint, e->hint, sizeof(hint));
	err_absent(e, "%s has no variable '%s'", map_label(&v->map->info, label), name);
	return hint[0] ? err_hint(e, "%s", hint) : -ENOENT;
}

int vars_find(const struct vars *v, const char *path, struct var *var, struct err *e)
{
	*var = (struct var){ .name = path };
	var->codec = codec_field(v->codec, path, &var->off, e);
	if (!var->codec)
		return strpbrk(path, ".[") ? -EINVAL : no_variable(v, path, e);
	var->size = codec_size(var->codec);
	return 0;
}

int vars_set(struct vars *v, const struct var *var, const char *text, struct err *e)
{
	auto_free uint8_t *bytes = xcalloc(1, var->size ?: 1);
	uint32_t zero = 0;
	int r;

	/* A bitfield shares its bytes with others. */
	memcpy(bytes, v->data + var->off, var->size);
	r = codec_parse(var->codec, text, bytes, e);
	if (r)
		return err_wrap(e, "%s: ", var->name);
	memcpy(v->data + var->off, bytes, var->size);
	return v->mapped ? 0 : map_update(v->map, &zero, v->data, MAPF_EXIST, e);
}
