// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Elements of maps: one by one and in batches, with the kernel's errors put into words. */
#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "core/map.h"
#include "core/obj.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "uapi/names.h"

#define ENOTSUPP 524 /* kernel-internal, and yet what bpf(2) answers */

enum op { OP_LOOKUP, OP_UPDATE, OP_DELETE, OP_NEXT, OP_TAKE };

static const struct {
	int cmd;
	const char *does;   /* "cannot ... map 12" */
	const char *unable; /* "a ringbuf map cannot be ..." */
} ops[] = {
	[OP_LOOKUP] = { BPF_MAP_LOOKUP_ELEM, "read from", "read by key" },
	[OP_UPDATE] = { BPF_MAP_UPDATE_ELEM, "write to", "written to from user space" },
	[OP_DELETE] = { BPF_MAP_DELETE_ELEM, "delete from", "deleted from" },
	[OP_NEXT] = { BPF_MAP_GET_NEXT_KEY, "walk through", "walked through" },
	[OP_TAKE] = { BPF_MAP_LOOKUP_AND_DELETE_ELEM, "take from", "taken from" },
};

static const char *type_name(const struct map *m)
{
	const char *name = uapi_map_type_name(m->info.type);

	return name ? name : "such a";
}

static int denied(const struct map *m, enum op op, const char *label, int code, struct err *e)
{
	struct map_info now;

	if ((op == OP_UPDATE || op == OP_DELETE || op == OP_TAKE) &&
	    map_info_read(m->fd, &now, e) == 0 && now.frozen)
		return err_worded(e, code, "%s is frozen: user space cannot change it", label);
	err_code(e, code, "cannot %s %s", ops[op].does, label);
	if (code == -EPERM && (m->info.flags & (BPF_F_RDONLY | BPF_F_WRONLY)))
		return err_hint(e, "it was created %s for user space",
				m->info.flags & BPF_F_RDONLY ? "read-only" : "write-only");
	if (code == -EPERM && !probe_missing(NEED_BPF))
		return err_hint(e, "the pin it was opened through, or its flags, allow only %s",
				op == OP_LOOKUP || op == OP_NEXT ? "writing" : "reading");
	return probe_denied(e, NEED_BPF);
}

static int too_big(const struct map *m, const char *label, struct err *e)
{
	if (map_is_array(m->info.type))
		return err_worded(e, E2BIG, "%s has no such index: the last one is %u", label,
				  m->info.max_entries - 1);
	return err_worded(e, E2BIG, "%s is full: it takes %u entries", label, m->info.max_entries);
}

/* One element, and what was to be done with it. */
struct elem {
	const struct map *m;
	enum op op;
	const void *key, *value;
	uint64_t flags;
};

static bool is_behind(const struct map *m, const void *key)
{
	uint32_t index;

	if (!key || !map_is_array(m->info.type))
		return false;
	memcpy(&index, key, sizeof(index));
	return index >= m->info.max_entries;
}

/* These tables have slots, which are overwritten whatever is in them. */
static bool is_table(uint32_t type)
{
	return type == UAPI_MAP_prog_array || type == UAPI_MAP_array_of_maps ||
	       type == UAPI_MAP_cgroup_array || type == UAPI_MAP_perf_event_array;
}

static int invalid(const struct elem *x, const char *label, struct err *e)
{
	const struct map *m = x->m;
	enum op op = x->op;

	if (is_behind(m, x->key))
		return too_big(m, label, e);
	if (op == OP_UPDATE && is_table(m->info.type) && x->flags)
		return err_input(e,
				 "%s is of type %s, whose slots can only be written without "
				 "exist, noexist and lock",
				 label, type_name(m));
	if (op == OP_DELETE && m->info.type == UAPI_MAP_sockmap)
		return err_absent(e, "%s has no such key", label);
	if (op == OP_DELETE && map_is_array(m->info.type))
		return err_input(e,
				 "%s is of type %s: its elements cannot be deleted, only "
				 "overwritten",
				 label, type_name(m));
	if (map_is_keyless(m->info.type) && (op == OP_DELETE || op == OP_NEXT))
		return err_input(e, "%s is a %s, which has no keys", label, type_name(m));
	if (op == OP_UPDATE && m->info.type == UAPI_MAP_prog_array)
		return err_input(e,
				 "%s does not take this program: all programs of a prog_array "
				 "have one type and attach type",
				 label);
	if (op == OP_UPDATE &&
	    (m->info.type == UAPI_MAP_array_of_maps || m->info.type == UAPI_MAP_hash_of_maps))
		return err_input(e,
				 "%s does not take this map: its type, sizes and flags must be "
				 "those of the inner map it was created with",
				 label);
	if (op == OP_UPDATE && m->info.type == UAPI_MAP_lpm_trie)
		return err_input(e, "%s does not take this key: its prefix is longer than %u bits",
				 label, (m->info.key_size - 4) * 8);
	return err_worded(e, EINVAL, "the kernel refuses to %s %s with this key, value or flag",
			  ops[op].does, label);
}

static int elem_error(const struct elem *x, int code, struct err *e)
{
	const struct map *m = x->m;
	enum op op = x->op;
	char label[64];

	map_label(&m->info, label);
	switch (code) {
	case -ENOENT:
		if (map_is_keyless(m->info.type))
			return m->info.type == UAPI_MAP_bloom_filter
				       ? err_absent(e, "%s has not seen this value", label)
				       : err_absent(e, "%s is empty", label);
		return err_absent(e, "%s has no such key", label);
	case -EEXIST:
		return err_worded(e, EEXIST, "%s has this key already", label);
	case -E2BIG:
		return too_big(m, label, e);
	case -ENOTSUPP:
	case -EOPNOTSUPP:
		err_worded(e, code, "%s is of type %s, which cannot be %s", label, type_name(m),
			   ops[op].unable);
		return code;
	case -EINVAL:
		return invalid(x, label, e);
	case -EPERM:
	case -EACCES:
		return denied(m, op, label, code, e);
	case -ENOSPC:
		if (op == OP_LOOKUP)
			return err_worded(e, code,
					  "%s cannot be read: sockets show their cookie "
					  "only in maps with 8-byte values",
					  label);
		break;
	}
	return err_code(e, code, "cannot %s %s", ops[op].does, label);
}

static int elem(const struct map *m, enum op op, const void *key, const void *value, uint64_t flags,
		struct err *e)
{
	struct attr_elem a = {
		.map_fd = (uint32_t)m->fd,
		.key = attr_ptr(key),
		.value = attr_ptr(value),
		.flags = flags,
	};
	struct elem x = { m, op, key, value, flags };
	int r = sys_bpf(ops[op].cmd, &a, sizeof(a));

	return r < 0 ? elem_error(&x, r, e) : 0;
}

int map_lookup(const struct map *m, const void *key, void *value, uint64_t flags, struct err *e)
{
	return elem(m, OP_LOOKUP, key, value, flags, e);
}

int map_update(const struct map *m, const void *key, const void *value, uint64_t flags,
	       struct err *e)
{
	return elem(m, OP_UPDATE, key, value, flags, e);
}

int map_delete(const struct map *m, const void *key, struct err *e)
{
	return elem(m, OP_DELETE, key, NULL, 0, e);
}

int map_lookup_and_delete(const struct map *m, const void *key, void *value, struct err *e)
{
	return elem(m, OP_TAKE, key, value, 0, e);
}

int map_next_key(const struct map *m, const void *key, void *next, struct err *e)
{
	struct attr_elem a = {
		.map_fd = (uint32_t)m->fd,
		.key = attr_ptr(key),
		.value = attr_ptr(next),
	};
	int r = sys_bpf(BPF_MAP_GET_NEXT_KEY, &a, sizeof(a));

	if (r == -ENOENT)
		return 0;
	return r < 0 ? elem_error(&(struct elem){ m, OP_NEXT, NULL, NULL, 0 }, r, e) : 1;
}

/* What kernels say that have no batches, or none for this type of map. */
static bool no_batch(int code)
{
	return code == -ENOTSUPP || code == -EOPNOTSUPP || code == -EINVAL;
}

/* A run of elements that go the same way. */
struct run {
	const struct map *m;
	int cmd;
	enum op op;
	const uint8_t *keys, *values; /* values NULL: deleting */
	uint64_t flags;
};

/* The element at i alone; a key that is not there is no reason to stop deleting. */
static int one(const struct run *x, uint32_t i, struct err *e)
{
	int r = elem(x->m, x->op, x->keys + (size_t)i * x->m->info.key_size,
		     x->values ? x->values + i * x->m->value_len : NULL, x->flags, e);

	return r == -ENOENT && x->op == OP_DELETE ? 0 : r;
}

/* Elements from *done on; *done follows.  0, or what the kernel said to the one at *done. */
static int many(const struct run *x, uint32_t n, uint32_t *done)
{
	struct attr_batch a = {
		.keys = attr_ptr(x->keys + (size_t)*done * x->m->info.key_size),
		.values = attr_ptr(x->values ? x->values + *done * x->m->value_len : NULL),
		.map_fd = (uint32_t)x->m->fd,
		.elem_flags = x->flags,
		.count = n - *done,
	};
	int r = sys_bpf(x->cmd, &a, sizeof(a));

	if (!r)
		*done = n;
	else if (!no_batch(r) && r != -EFAULT && a.count < n - *done)
		*done += a.count;
	return r;
}

static int run(const struct run *x, uint32_t n, uint32_t *done, bool *batches, struct err *e)
{
	*batches = true;
	*done = 0;
	while (*done < n) {
		int r = *batches ? many(x, n, done) : -ENOTSUPP;

		if (!r)
			break;
		if (no_batch(r))
			*batches = false;
		/* The one that failed goes alone: for the right error, or to step over it. */
		r = one(x, *done, e);
		if (r)
			return r;
		(*done)++;
	}
	return (int)n;
}

int map_update_batch(const struct map *m, const void *keys, const void *values, uint32_t n,
		     uint64_t flags, uint32_t *done, struct err *e)
{
	struct run x = { m, BPF_MAP_UPDATE_BATCH, OP_UPDATE, keys, values, flags };
	bool batched;

	return run(&x, n, done, &batched, e);
}

int map_update_many(const struct map *m, const void *keys, const void *values, uint32_t n,
		    uint32_t *done, bool *batched, struct err *e)
{
	struct run x = { m, BPF_MAP_UPDATE_BATCH, OP_UPDATE, keys, values, 0 };

	return run(&x, n, done, batched, e);
}

int map_delete_batch(const struct map *m, const void *keys, uint32_t n, uint32_t *done,
		     struct err *e)
{
	struct run x = { m, BPF_MAP_DELETE_BATCH, OP_DELETE, keys, NULL, 0 };
	bool batched;

	return run(&x, n, done, &batched, e);
}
