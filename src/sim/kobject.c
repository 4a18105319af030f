// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Mock kernel objects. */
#include "sim/kobject.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "sim/btf.h"
#include "sim/run_priv.h"
#include "sim/space.h"

#define OBJECT_MAX (1u << 20)

struct kobject {
	struct world *w;
	struct region *rg;
	const struct btf *btf;
	uint32_t type;
	size_t n;
	uint8_t *bytes, *fields;
	uint64_t symbol; /* btf id of the variable it stands for, or 0 */
	struct kobject *next, **prev;
};

static struct kobject *make(struct world *w, size_t n, const char *label, const uint8_t *fields)
{
	struct kobject *o = calloc(1, sizeof(*o));
	struct region_spec spec = {
		.kind = REGION_OBJECT, .flags = REGION_READ, .label = label, .len = n
	};

	if (!o)
		return NULL;
	o->w = w;
	o->n = n;
	o->bytes = calloc(1, (n + 15) & ~(size_t)7);
	if (fields) {
		o->fields = malloc(n);
		if (o->fields)
			memcpy(o->fields, fields, n);
		spec.fields = o->fields;
	}
	spec.host = o->bytes;
	spec.object = o;
	if (o->bytes && (!fields || o->fields))
		o->rg = space_add(w->space, &spec);
	if (!o->rg) {
		free(o->bytes);
		free(o->fields);
		free(o);
		return NULL;
	}
	o->next = w->run->objects;
	o->prev = &w->run->objects;
	if (o->next)
		o->next->prev = &o->next;
	w->run->objects = o;
	return o;
}

struct kobject *kobject_new(struct world *w, const struct btf *b, uint32_t type, const char *label)
{
	struct kobject *o;
	uint32_t size;

	if (!btf_size(b, type, &size) || !size || size > OBJECT_MAX)
		return NULL;
	o = make(w, size, label, NULL);
	if (!o)
		return NULL;
	o->btf = b;
	o->type = btf_strip(b, type);
	return o;
}

struct kobject *kobject_new_struct(struct world *w, const char *name)
{
	uint32_t id = w->vmlinux ? btf_find(w->vmlinux, BTF_KIND_STRUCT, name) : 0;

	return id ? kobject_new(w, w->vmlinux, id, name) : NULL;
}

struct kobject *kobject_new_bytes(struct world *w, const void *bytes, size_t n, const char *label)
{
	struct kobject *o = n <= OBJECT_MAX ? make(w, n, label, NULL) : NULL;

	if (!o)
		return NULL;
	memcpy(o->bytes, bytes, n);
	region_set_flags(o->rg, REGION_READ | REGION_WRITE);
	return o;
}

struct kobject *kobject_new_sock(struct world *w)
{
	uint8_t fields[256];

	ctx_fields(CTX_sk, fields);
	return make(w, ctx_shape(CTX_sk)->size, "socket", fields);
}

void kobject_drop(struct kobject *o, const char *why)
{
	struct run *r = o->w->run;

	region_drop(o->rg, why);
	*o->prev = o->next;
	if (o->next)
		o->next->prev = o->prev;
	if (r->sock == o)
		r->sock = NULL;
	if (r->task == o)
		r->task = NULL;
	if (r->cgroup == o)
		r->cgroup = NULL;
	free(o->bytes);
	free(o->fields);
	free(o);
}

uint64_t kobject_addr(const struct kobject *o)
{
	return o->rg->base;
}

void *kobject_bytes(const struct kobject *o, size_t *n)
{
	*n = o->n;
	return o->bytes;
}

const struct btf *kobject_type(const struct kobject *o, uint32_t *type)
{
	*type = o->type;
	return o->btf;
}

struct kobject *kobject_at(const struct world *w, uint64_t addr)
{
	return space_object(w->space, addr, REGION_OBJECT);
}

bool kobject_member(const struct kobject *o, const char *path, uint32_t *bit_off,
		    uint32_t *bit_size)
{
	uint32_t type = o->type, off = 0, bytes;
	struct btf_field f = {};

	while (o->btf && *path) {
		size_t n = strcspn(path, ".");
		char name[128];

		if (n >= sizeof(name))
			return false;
		memcpy(name, path, n);
		name[n] = '\0';
		if (!btf_member(o->btf, type, name, &f))
			return false;
		off += f.bit_off;
		type = btf_strip(o->btf, f.type);
		path += n + (path[n] == '.');
	}
	if (!o->btf || !f.type || !btf_size(o->btf, type, &bytes))
		return false;
	*bit_off = off;
	*bit_size = f.bit_size ? f.bit_size : bytes * 8;
	return (uint64_t)off + *bit_size <= (uint64_t)o->n * 8;
}

bool kobject_get(const struct kobject *o, const char *path, uint64_t *value)
{
	uint32_t off, size, shift;
	uint64_t v = 0;

	if (!kobject_member(o, path, &off, &size) || size > 64)
		return false;
	/* The buffer is 8 bytes longer than the object. */
	memcpy(&v, o->bytes + off / 8, 8);
	shift = off % 8;
	v >>= shift;
	*value = size + shift >= 64 && size == 64 ? v : v & ((UINT64_C(1) << size) - 1);
	return true;
}

bool kobject_set(struct kobject *o, const char *path, uint64_t value)
{
	uint32_t off, size, shift;
	uint64_t v, mask;

	if (!kobject_member(o, path, &off, &size) || size > 64)
		return false;
	shift = off % 8;
	mask = (size == 64 ? ~UINT64_C(0) : (UINT64_C(1) << size) - 1) << shift;
	memcpy(&v, o->bytes + off / 8, 8);
	v = (v & ~mask) | (value << shift & mask);
	memcpy(o->bytes + off / 8, &v, 8);
	return true;
}

static void set_bytes(struct kobject *o, const char *path, const void *from, size_t n)
{
	uint32_t off, size;

	if (kobject_member(o, path, &off, &size))
		memcpy(o->bytes + off / 8, from, n < size / 8 ? n : size / 8);
}

/* The group leader, or another: what most programs look for is the same in both. */
static struct kobject *new_task(struct world *w, const char *label)
{
	struct kobject *o = kobject_new_struct(w, "task_struct");

	/* Without types it is at least an address. */
	if (!o)
		o = kobject_new_bytes(w, "", 1, label);
	return o;
}

uint64_t kobject_current(struct world *w)
{
	struct run *r = w->run;
	struct kobject *o = r->task, *parent;

	if (!o) {
		o = r->task = new_task(w, "current task");
		if (!o)
			return 0;
		parent = o->btf ? new_task(w, "parent task") : NULL;
		if (parent) {
			kobject_set(parent, "pid", w->task.ppid);
			kobject_set(parent, "tgid", w->task.ppid);
			kobject_set(o, "real_parent", kobject_addr(parent));
			kobject_set(o, "parent", kobject_addr(parent));
		}
		kobject_set(o, "group_leader", kobject_addr(o));
	}
	kobject_set(o, "pid", w->task.pid);
	kobject_set(o, "tgid", w->task.tgid);
	set_bytes(o, "comm", w->task.comm, sizeof(w->task.comm));
	return kobject_addr(o);
}

uint64_t kobject_cgroup(struct world *w)
{
	struct run *r = w->run;

	if (!r->cgroup)
		r->cgroup = kobject_new_struct(w, "cgroup");
	if (!r->cgroup)
		r->cgroup = kobject_new_bytes(w, "", 1, "cgroup");
	if (!r->cgroup)
		return 0;
	kobject_set(r->cgroup, "kn.id", w->task.cgroup);
	kobject_set(r->cgroup, "level", 1);
	return kobject_addr(r->cgroup);
}

uint64_t kobject_symbol(struct world *w, const struct btf *b, uint32_t id)
{
	const struct btf_type *t = btf_type(b, id);
	struct kobject *o;

	if (!t)
		return 0;
	for (o = w->run->objects; o; o = o->next)
		if (o->btf == b && o->symbol == id)
			return kobject_addr(o);
	if (BTF_INFO_KIND(t->info) == BTF_KIND_VAR)
		o = kobject_new(w, b, t->type, btf_name(b, t->name_off));
	else
		o = kobject_new_bytes(w, "", 1, btf_name(b, t->name_off));
	if (!o)
		return 0;
	o->btf = b;
	o->symbol = id;
	return kobject_addr(o);
}
