// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bpf(2) commands of maps: what is asked for, copied in and out. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "sim/btf_priv.h"
#include "sim/kern_attr.h"
#include "sim/kern_priv.h"
#include "sim/kern_state.h"
#include "sim/map_ops.h"
#include "uapi/names.h"

/* ---- making -------------------------------------------------------------------------------- */

static int check_key(const struct map_spec *s, const struct btf *b)
{
	const struct btf_type *t = btf_type(b, btf_strip(b, s->btf_key_type));
	bool array = s->type == UAPI_MAP_array || s->type == UAPI_MAP_percpu_array;
	uint32_t size;

	if (!s->btf_key_type)
		return array || s->type == UAPI_MAP_hash || s->type == UAPI_MAP_lru_hash ||
				       s->type == UAPI_MAP_percpu_hash ||
				       s->type == UAPI_MAP_lru_percpu_hash
			       ? -EINVAL
			       : 0;
	if (!btf_size(b, s->btf_key_type, &size) || size != s->key_size)
		return -EINVAL;
	if (array && (btf_kind(t) != BTF_KIND_INT || BTF_INT_BITS(btf_int_data(t)) != 32 ||
		      BTF_INT_OFFSET(btf_int_data(t))))
		return -EINVAL;
	return 0;
}

/* Global data has no key: void, and a section as its value. */
static bool is_section(const struct map_spec *s, const struct btf *b)
{
	const struct btf_type *t = btf_type(b, s->btf_value_type);

	return s->type == UAPI_MAP_array && !s->btf_key_type && s->max_entries == 1 && t &&
	       btf_kind(t) == BTF_KIND_DATASEC;
}

static int check_btf(struct kern *k, const struct attr_map_create *a, struct map_spec *s)
{
	struct kobj *o;
	uint32_t size;
	const struct btf *b;
	int err = kern_object(k, (int)a->btf_fd, KOBJ_BTF, &o);

	if (k->by_id) {
		o = kern_by_id(k, KOBJ_BTF, a->btf_fd);
		err = o ? 0 : -ENOENT;
	}
	if (err)
		return err;
	b = (struct btf *)o;
	if (b->is_kernel)
		return -EACCES;
	if (a->btf_value_type_id) {
		err = is_section(s, b) ? 0 : check_key(s, b);
		if (!err && (!btf_size(b, s->btf_value_type, &size) || size != s->value_size))
			err = -EINVAL;
		if (!err)
			err = btf_map_fields(b, s->btf_value_type, &s->fields);
		for (uint32_t i = 0; !err && s->fields && i < s->fields->n; i++)
			err = map_field_allowed(s->type, s->fields->field[i].kind);
		if (err)
			return err;
	}
	s->btf = kobj_get(o);
	return 0;
}

static int check_create(const struct attr_map_create *a)
{
	if (a->btf_vmlinux_value_type_id &&
	    (a->map_type != UAPI_MAP_struct_ops || a->btf_key_type_id || a->btf_value_type_id))
		return -EINVAL;
	if (a->btf_key_type_id && !a->btf_value_type_id)
		return -EINVAL;
	if (a->map_extra && a->map_type != UAPI_MAP_bloom_filter && a->map_type != UAPI_MAP_arena)
		return -EINVAL;
	if ((a->map_flags & BPF_F_RDONLY) && (a->map_flags & BPF_F_WRONLY))
		return -EINVAL;
	if ((a->map_flags & BPF_F_NUMA_NODE) && a->numa_node)
		return -EINVAL; /* the mock has one node */
	if (!kern_name_ok(a->map_name))
		return -EINVAL;
	if (a->map_flags & MAP_F_TOKEN_FD) /* no descriptor is of a token */
		return fcntl(a->map_token_fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	return 0;
}

static int find_inner(struct kern *k, const struct attr_map_create *a, struct map_spec *s)
{
	struct kobj *o;
	int err;

	if (a->map_type != UAPI_MAP_array_of_maps && a->map_type != UAPI_MAP_hash_of_maps)
		return 0;
	if (k->by_id) {
		o = kern_by_id(k, KOBJ_MAP, a->inner_map_fd);
		err = o ? 0 : -ENOENT;
	} else {
		err = kern_object(k, (int)a->inner_map_fd, KOBJ_MAP, &o);
	}
	if (!err)
		s->inner = (struct map *)o;
	return err;
}

int kern_map_new(struct kern *k, const struct attr_map_create *a, uint32_t id, struct map **m)
{
	struct map_spec s = { .type = a->map_type,
			      .key_size = a->key_size,
			      .value_size = a->value_size,
			      .max_entries = a->max_entries,
			      .flags = a->map_flags,
			      .numa_node = a->numa_node,
			      .ifindex = a->map_ifindex,
			      .extra = a->map_extra,
			      .btf_key_type = a->btf_key_type_id,
			      .btf_value_type = a->btf_value_type_id,
			      .btf_vmlinux_value_type = a->btf_vmlinux_value_type_id };
	int err = check_create(a);

	memcpy(s.name, a->map_name, sizeof(s.name));
	if (!err)
		err = find_inner(k, a, &s);
	if (!err && (a->btf_key_type_id || a->btf_value_type_id))
		err = check_btf(k, a, &s);
	if (!err)
		err = map_new(&k->world, &k->objects, &s, m);
	if (err) {
		kobj_put(s.btf);
		free(s.fields);
		return err;
	}
	err = kern_add(k, &(*m)->obj, id);
	if (err)
		kobj_put(&(*m)->obj);
	return err;
}

long call_map_create(struct call *c)
{
	const struct attr_map_create *a = (const void *)c->attr;
	struct map *m;
	long fd = kern_map_new(c->k, a, 0, &m);

	if (fd)
		return fd;
	fd = kern_fd(c->k, &m->obj, a->map_flags & (BPF_F_RDONLY | BPF_F_WRONLY));
	kobj_put(&m->obj);
	return fd;
}

/* ---- entries ------------------------------------------------------------------------------- */

enum { TO_READ = 1, TO_WRITE = 2 };

static int find(struct kern *k, uint32_t fd, unsigned int access, struct map **m)
{
	struct kobj *o;
	int err = kern_object(k, (int)fd, KOBJ_MAP, &o), mode;

	if (err)
		return err;
	*m = (struct map *)o;
	mode = fcntl((int)fd, F_GETFL) & O_ACCMODE;
	if (((access & TO_READ) && mode == O_WRONLY) || ((access & TO_WRITE) && mode == O_RDONLY))
		return -EPERM;
	return 0;
}

/* The key's bytes into *key (the caller's); without a key size there must be none. */
static int take_key(const struct map *m, uint64_t from, void **key)
{
	*key = NULL;
	if (!map_key_size(m))
		return from ? -EINVAL : 0;
	return user_take(key, from, map_key_size(m));
}

/* The shape LOOKUP and LOOKUP_AND_DELETE share. */
static long look_up(struct call *c, unsigned int access, bool with_key,
		    int (*fn)(struct map *m, const void *key, void *value, uint64_t flags))
{
	const struct attr_elem *a = (const void *)c->attr;
	auto_free void *key = NULL, *value = NULL;
	struct map *m;
	int err = find(c->k, a->map_fd, access, &m);

	if (err)
		return err;
	err = take_key(m, a->key, &key);
	if (err)
		return err;
	value = calloc(1, map_user_size(m) + 1ul);
	if (!value)
		return -ENOMEM;
	/* Bloom filters read the value they are asked about. */
	if (with_key && m->spec.type == UAPI_MAP_bloom_filter &&
	    user_read(value, a->value, m->spec.value_size))
		return -EFAULT;
	err = fn(m, key, value, a->flags);
	return err ? err : user_write(a->value, value, map_user_size(m));
}

long call_map_lookup(struct call *c)
{
	const struct attr_elem *a = (const void *)c->attr;

	return a->flags & ~(uint64_t)BPF_F_LOCK ? -EINVAL
						: look_up(c, TO_READ, true, map_user_lookup);
}

long call_map_lookup_delete(struct call *c)
{
	const struct attr_elem *a = (const void *)c->attr;

	if (a->flags & ~(uint64_t)BPF_F_LOCK)
		return -EINVAL;
	return look_up(c, TO_READ | TO_WRITE, false, map_user_take);
}

long call_map_update(struct call *c)
{
	const struct attr_elem *a = (const void *)c->attr;
	auto_free void *key = NULL, *value = NULL;
	struct map *m;
	int err = find(c->k, a->map_fd, TO_WRITE, &m);

	if (!err && m->frozen)
		err = -EPERM;
	if (!err)
		err = take_key(m, a->key, &key);
	if (!err)
		err = user_take(&value, a->value, map_user_size(m));
	return err ? err : map_user_update(m, key, value, a->flags);
}

long call_map_delete(struct call *c)
{
	const struct attr_elem *a = (const void *)c->attr;
	auto_free void *key = NULL;
	struct map *m;
	int err = find(c->k, a->map_fd, TO_WRITE, &m);

	if (!err && m->frozen)
		err = -EPERM;
	if (!err)
		err = take_key(m, a->key, &key);
	return err ? err : map_user_delete(m, key);
}

long call_map_next(struct call *c)
{
	const struct attr_elem *a = (const void *)c->attr;
	auto_free void *key = NULL, *next = NULL;
	struct map *m;
	int err = find(c->k, a->map_fd, TO_READ, &m);

	if (!err && a->key)
		err = take_key(m, a->key, &key);
	if (err)
		return err;
	next = calloc(1, map_key_size(m) + 1ul);
	if (!next)
		return -ENOMEM;
	err = map_user_next(m, key, next);
	return err ? err : user_write(a->value, next, map_key_size(m));
}

long call_map_freeze(struct call *c)
{
	const struct attr_freeze *a = (const void *)c->attr;
	struct map *m;
	int err = find(c->k, a->map_fd, 0, &m);

	if (!err && (fcntl((int)a->map_fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		err = -EPERM;
	return err ? err : map_user_freeze(m);
}

/* ---- batches ------------------------------------------------------------------------------- */

/* Room for the keys and values there can be, and for a token. */
static int batch_room(struct map *m, struct map_batch_args *a)
{
	uint64_t keys, values;

	if (a->count > m->spec.max_entries)
		a->count = m->spec.max_entries;
	keys = (uint64_t)a->count * map_key_size(m);
	values = (uint64_t)a->count * map_user_size(m);
	if (keys > INT32_MAX || values > INT32_MAX)
		return -ENOMEM;
	a->keys = calloc(1, keys + 1);
	a->values = calloc(1, values + 1);
	a->out = calloc(1, map_batch_token(m) + 1ul);
	return a->keys && a->values && a->out ? 0 : -ENOMEM;
}

static int batch_out(struct call *c, const struct map *m, const struct map_batch_args *a, int r)
{
	struct attr_batch *u = (void *)c->attr;

	if ((!r || r == -ENOENT) &&
	    (user_write(u->keys, a->keys, (size_t)a->count * map_key_size(m)) ||
	     user_write(u->values, a->values, (size_t)a->count * map_user_size(m)) ||
	     user_write(u->out_batch, a->out, map_batch_token(m))))
		return -EFAULT;
	u->count = a->count;
	return CALL_PUT(c, attr_batch, count) ? -EFAULT : r;
}

/* Entries out, with or without taking them away. */
static long batch(struct call *c, enum map_batch what, unsigned int access)
{
	struct attr_batch *u = (void *)c->attr;
	struct map_batch_args a = { .count = u->count,
				    .elem_flags = u->elem_flags,
				    .flags = u->flags };
	void *in = NULL;
	struct map *m;
	int err = find(c->k, u->map_fd, access, &m);

	if (err)
		return err;
	if (u->elem_flags & ~(uint64_t)BPF_F_LOCK)
		return -EINVAL;
	err = batch_room(m, &a);
	if (!err && u->in_batch)
		err = user_take(&in, u->in_batch, map_batch_token(m));
	a.in = in;
	if (!err) {
		err = map_batch(m, what, &a);
		err = batch_out(c, m, &a, err);
	}
	free(in);
	free(a.keys);
	free(a.values);
	free(a.out);
	return err;
}

/* Entries in, or keys to delete: one after the other, so that those before a bad one are done. */
static long change_batch(struct call *c, enum map_batch what)
{
	struct attr_batch *u = (void *)c->attr;
	struct map_batch_args a = { .elem_flags = u->elem_flags, .flags = u->flags };
	uint32_t done = 0;
	struct map *m;
	int err = find(c->k, u->map_fd, TO_WRITE, &m);

	if (!err && what == MAP_BATCH_DELETE && u->elem_flags & ~(uint64_t)BPF_F_LOCK)
		err = -EINVAL;
	if (!err)
		err = map_batch(m, what, &a); /* of nothing: whether it may be */
	if (err)
		return err;
	while (!err && done < u->count) {
		auto_free void *key = NULL, *value = NULL;

		err = user_take(&key, u->keys + (uint64_t)done * map_key_size(m), map_key_size(m));
		if (!err && what == MAP_BATCH_UPDATE)
			err = user_take(&value, u->values + (uint64_t)done * map_user_size(m),
					map_user_size(m));
		a.keys = key;
		a.values = value;
		a.count = 1;
		if (!err)
			err = map_batch(m, what, &a);
		done += !err;
	}
	u->count = done;
	return CALL_PUT(c, attr_batch, count) ? -EFAULT : err;
}

long call_map_batch_lookup(struct call *c)
{
	return batch(c, MAP_BATCH_LOOKUP, TO_READ);
}

long call_map_batch_lookup_delete(struct call *c)
{
	return batch(c, MAP_BATCH_LOOKUP_DELETE, TO_READ | TO_WRITE);
}

long call_map_batch_update(struct call *c)
{
	return change_batch(c, MAP_BATCH_UPDATE);
}

long call_map_batch_delete(struct call *c)
{
	return change_batch(c, MAP_BATCH_DELETE);
}
