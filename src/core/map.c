// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps as objects: information, opening, creation. */
#include "core/map.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/obj.h"
#include "core/probe.h"
#include "core/sys.h"
#include "core/uapi.h"
#include "core/uapi_info.h"
#include "uapi/names.h"

static int info_read(int fd, struct map_info *i, struct err *e)
{
	struct uapi_map_info k = {};
	int r = sys_info(fd, &k, sizeof(k));

	memset(i, 0, sizeof(*i));
	if (r)
		return err_code(e, r, "cannot ask the kernel about a map");
	*i = (struct map_info){
		.id = k.id,
		.type = k.type,
		.key_size = k.key_size,
		.value_size = k.value_size,
		.max_entries = k.max_entries,
		.flags = k.map_flags,
		.map_extra = k.map_extra,
		.ifindex = k.ifindex,
		.netns_dev = k.netns_dev,
		.netns_ino = k.netns_ino,
		.btf_id = k.btf_id,
		.key_type_id = k.btf_key_type_id,
		.value_type_id = k.btf_value_type_id,
		.vmlinux_value_type_id = k.btf_vmlinux_value_type_id,
		.owner_prog_type = -1,
		.owner_jited = -1,
	};
	memcpy(i->name, k.name, sizeof(i->name));
	i->name[sizeof(i->name) - 1] = '\0';
	return 0;
}

int map_info_read(int fd, struct map_info *i, struct err *e)
{
	char text[4096];
	uint64_t v;
	int r = info_read(fd, i, e);

	if (r)
		return r;
	obj_fdinfo(fd, text, sizeof(text));
	i->has_memlock = obj_fdinfo_u64(text, "memlock", &i->memlock);
	i->frozen = obj_fdinfo_u64(text, "frozen", &v) && v;
	if (obj_fdinfo_u64(text, "owner_prog_type", &v))
		i->owner_prog_type = (int)v;
	if (obj_fdinfo_u64(text, "owner_jited", &v))
		i->owner_jited = v != 0;
	return 0;
}

struct each {
	int (*fn)(const struct map_info *i, int fd, void *arg);
	void *arg;
	struct err *e;
};

static int each_fd(int fd, uint32_t id, void *arg)
{
	struct each *x = arg;
	struct map_info i;
	int r = map_info_read(fd, &i, x->e);

	(void)id;
	return r ? r : x->fn(&i, fd, x->arg);
}

int map_each(int (*fn)(const struct map_info *i, int fd, void *arg), void *arg, struct err *e)
{
	struct each x = { fn, arg, e };

	return obj_each(OBJ_MAP, each_fd, &x, e);
}

static bool is_percpu(uint32_t type)
{
	for (size_t i = 0; i < uapi_nr_map_types; i++)
		if (uapi_map_types[i].id == type)
			return uapi_map_types[i].percpu;
	return false;
}

int map_open(struct map *m, int fd, struct err *e)
{
	int r;

	m->fd = fd;
	r = info_read(fd, &m->info, e);
	if (r) {
		map_close(m);
		return r;
	}
	map_lay_out(m, is_percpu(m->info.type) ? sys_possible_cpus() : 0);
	return 0;
}

void map_lay_out(struct map *m, unsigned int cpus)
{
	m->cpus = cpus;
	m->stride = m->info.value_size;
	if (cpus)
		m->stride = (m->stride + 7) & ~(size_t)7;
	m->value_len = m->stride * (cpus ? cpus : 1);
}

int map_open_id(struct map *m, uint32_t id, struct err *e)
{
	int fd = obj_open(OBJ_MAP, id, e);

	return fd < 0 ? fd : map_open(m, fd, e);
}

void map_close(struct map *m)
{
	closep(&m->fd);
}

const char *map_label(const struct map_info *i, char buf[64])
{
	if (i->name[0])
		snprintf(buf, 64, "map %u (%s)", i->id, i->name);
	else
		snprintf(buf, 64, "map %u", i->id);
	return buf;
}

bool map_is_array(uint32_t type)
{
	switch (type) {
	case UAPI_MAP_array:
	case UAPI_MAP_percpu_array:
	case UAPI_MAP_prog_array:
	case UAPI_MAP_perf_event_array:
	case UAPI_MAP_cgroup_array:
	case UAPI_MAP_array_of_maps:
	case UAPI_MAP_devmap:
	case UAPI_MAP_sockmap:
	case UAPI_MAP_cpumap:
	case UAPI_MAP_xskmap:
	case UAPI_MAP_reuseport_sockarray:
	case UAPI_MAP_struct_ops:
	case UAPI_MAP_insn_array:
		return true;
	default:
		return false;
	}
}

bool map_is_keyless(uint32_t type)
{
	return type == UAPI_MAP_queue || type == UAPI_MAP_stack || type == UAPI_MAP_bloom_filter;
}

int map_freeze(const struct map *m, struct err *e)
{
	struct attr_elem a = { .map_fd = (uint32_t)m->fd };
	int r = sys_bpf(BPF_MAP_FREEZE, &a, sizeof(a.map_fd));
	struct map_info now;
	char label[64];

	if (!r)
		return 0;
	map_label(&m->info, label);
	/* A frozen map answers EPERM, and EBUSY up to 6.1. */
	if ((r == -EPERM || r == -EBUSY) && map_info_read(m->fd, &now, e) == 0 && now.frozen)
		return err_worded(e, EBUSY, "%s is frozen already", label);
	err_code(e, r, "cannot freeze %s", label);
	if (r == -EBUSY)
		return err_hint(e, "a process has it mapped into memory for writing");
	return probe_denied(e, NEED_BPF);
}

static bool is_ring(uint32_t type)
{
	return type == UAPI_MAP_ringbuf || type == UAPI_MAP_user_ringbuf;
}

static bool is_ring_size(uint32_t n)
{
	return n && !(n & (n - 1)) && n % (uint32_t)sysconf(_SC_PAGESIZE) == 0;
}

int map_create_error(const struct map_spec *s, int code, struct err *e)
{
	const char *type = uapi_map_type_name(s->type);
	unsigned int need = NEED_BPF;

	if (code == -EINVAL && is_ring(s->type) && !is_ring_size(s->max_entries))
		return err_input(e,
				 "a %s of %u bytes cannot be: its size is a power of 2 and a "
				 "multiple of the page size, %ld",
				 type, s->max_entries, sysconf(_SC_PAGESIZE));
	if (type)
		err_code(e, code, "cannot create a map of type %s", type);
	else
		err_code(e, code, "cannot create a map of type %u", s->type);
	switch (code) {
	case -EPERM:
		if (s->type == UAPI_MAP_sockmap || s->type == UAPI_MAP_sockhash ||
		    s->type == UAPI_MAP_devmap || s->type == UAPI_MAP_devmap_hash ||
		    s->type == UAPI_MAP_xskmap)
			need |= NEED_NET_ADMIN;
		return probe_denied(e, need);
	case -EINVAL:
		for (size_t i = 0; i < uapi_nr_map_types; i++) {
			const struct uapi_map_type_info *t = &uapi_map_types[i];

			if (t->id == s->type)
				return err_hint(e,
						"it is there since Linux %s and takes key: %s; "
						"value: %s; max_entries: %s",
						t->since, t->key, t->value, t->max_entries);
		}
		return -EINVAL;
	case -E2BIG:
	case -ENOMEM:
		return err_hint(e, "%u entries of %u and %u bytes are more than the kernel allows",
				s->max_entries, s->key_size, s->value_size);
	default:
		return code;
	}
}

static int check_name(const char *name, struct err *e)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_.";

	if (strlen(name) > 15)
		return err_input(e, "the map name %s is longer than 15 characters", name);
	if (name[strspn(name, allowed)])
		return err_input(e, "the map name %s has other characters than A-Z a-z 0-9 _ .",
				 name);
	return 0;
}

int map_create(struct map *m, const struct map_spec *s, struct err *e)
{
	struct attr_map_create a = {
		.map_type = s->type,
		.key_size = s->key_size,
		.value_size = s->value_size,
		.max_entries = s->max_entries,
		.map_flags = s->flags,
		.inner_map_fd = (uint32_t)s->inner_fd,
		.numa_node = s->numa_node,
		.map_ifindex = s->ifindex,
		.btf_fd = (uint32_t)s->btf_fd,
		.btf_key_type_id = s->key_type_id,
		.btf_value_type_id = s->value_type_id,
		.btf_vmlinux_value_type_id = s->vmlinux_value_type_id,
		.map_extra = s->map_extra,
	};
	int fd;

	if (s->name) {
		int r = check_name(s->name, e);

		if (r)
			return r;
		memcpy(a.map_name, s->name, strlen(s->name));
	}
	fd = sys_bpf(BPF_MAP_CREATE, &a, sizeof(a));
	return fd < 0 ? map_create_error(s, fd, e) : map_open(m, fd, e);
}
