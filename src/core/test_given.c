// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a test gives to a program: variables before it is loaded, entries of maps afterwards. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/near.h"
#include "core/object_reach.h"
#include "core/sys.h"
#include "core/test_priv.h"
#include "core/types.h"
#include "uapi/names.h"

const struct test_item *test_item(const struct test_decl *t, enum test_item_kind kind, bool expect)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->items[i].kind == kind && t->items[i].expect == expect)
			return &t->items[i];
	return NULL;
}

uint64_t test_number(const struct test_decl *t, enum test_item_kind kind, uint64_t otherwise)
{
	const struct test_item *it = test_item(t, kind, false);

	return it ? num_bits(it->value.num) : otherwise;
}

/* ---- maps --------------------------------------------------------------------------------- */

void test_map_close(struct test_map *m)
{
	codec_freep(&m->key);
	codec_freep(&m->value);
}

/* By the object's types, else by size alone. */
static struct codec *codec_for(const struct object *o, uint32_t type, uint32_t size)
{
	struct codec *c = NULL;
	struct err ignored = {};

	if (type && object_types(o))
		c = codec_of_type(object_types(o), type, CODEC_TYPED, &ignored);
	err_clear(&ignored);
	if (c && codec_size(c) != size)
		codec_freep(&c);
	return c ?: codec_of_size(size);
}

int test_map_open(const struct object *o, const char *name, struct test_map *m, struct err *e)
{
	int i = object_find_map(o, name, e);

	if (i < 0)
		return i;
	m->index = (size_t)i;
	object_map(o, m->index, &m->m);
	if (m->m.key_size)
		m->key = codec_for(o, m->m.key_type, m->m.key_size);
	if (m->m.value_size)
		m->value = codec_for(o, m->m.value_type, m->m.value_size);
	if ((m->m.key_size && !m->key) || (m->m.value_size && !m->value))
		return err_code(e, ENOMEM, "no memory for map %s", name);
	return 0;
}

int test_key(const struct test_map *m, const struct test_item *it, struct buf *key, struct err *e)
{
	if (it->key.kind == TEST_ABSENT && m->key)
		return err_input(e, "map %s has keys: %s[KEY]", m->m.name, m->m.name);
	if (it->key.kind != TEST_ABSENT && !m->key)
		return err_input(e, "map %s has no keys: %s[]", m->m.name, m->m.name);
	if (!m->key)
		return 0;
	buf_fill(key, 0, m->m.key_size);
	return test_encode(m->key, &it->key, key->data, e);
}

/* Programs and maps that stand for values. */
static int put_reference(const struct object *o, const struct test_map *m,
			 const struct test_value *v, struct buf *value, struct err *e)
{
	bool prog = m->m.type == UAPI_MAP_prog_array || m->m.type == UAPI_MAP_devmap;
	struct object_prog p;
	struct object_map inner;
	int i;

	if (m->m.value_size != sizeof(uint32_t) || (v->kind == TEST_PROG) != prog)
		return err_input(e, "a %s is no value of map %s",
				 v->kind == TEST_PROG ? "program" : "map", m->m.name);
	i = prog ? object_find_prog(o, v->text, e) : object_find_map(o, v->text, e);
	if (i < 0)
		return i;
	if (prog)
		object_prog(o, (size_t)i, &p);
	else
		object_map(o, (size_t)i, &inner);
	memcpy(value->data, prog ? &p.fd : &inner.fd, sizeof(uint32_t));
	return 0;
}

/* Of a per-CPU map a list has a value for each CPU, anything else is the value of all. */
int test_map_value(const struct object *o, const struct test_map *m, const struct test_item *it,
		   unsigned int cpus, struct buf *value, struct err *e)
{
	size_t stride = cpus ? (m->m.value_size + 7u) & ~7u : m->m.value_size;
	const struct test_value *v = &it->value;
	bool each = cpus && v->kind == TEST_LIST && v->n == cpus;
	int r = 0;

	if (!m->value)
		return err_input(e, "map %s has no values", m->m.name);
	buf_fill(value, 0, stride * (cpus ? cpus : 1));
	if (buf_error(value))
		return err_code(e, ENOMEM, "no memory for a value");
	if (v->kind == TEST_PROG || v->kind == TEST_MAP)
		return put_reference(o, m, v, value, e);
	for (unsigned int cpu = 0; cpu < (cpus ? cpus : 1) && !r; cpu++)
		r = test_encode(m->value, each ? &v->fields[cpu].value : v,
				value->data + cpu * stride, e);
	return r;
}

/*
 * Whatever number a test gives: a listening socket of its own, which is at its place in the map
 * until the test ends.
 */
static int make_socket(struct test_job *j, const struct test_map *tm, struct buf *value,
		       struct err *e)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	uint64_t number = (uint64_t)fd;

	if (fd < 0)
		return err_sys(e, "cannot make a socket");
	j->sockets = xreallocarray(j->sockets, j->nr_sockets + 1, sizeof(*j->sockets));
	j->sockets[j->nr_sockets++] = fd;
	if (!value->data) /* no map of sockets is without values */
		return err_code(e, EINVAL, "map %s has no values", tm->m.name);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)&to, sizeof(to)) || listen(fd, 1))
		return err_sys(e, "cannot make a socket that listens");
	memcpy(value->data, &number, tm->m.value_size < 8 ? tm->m.value_size : 8);
	return 0;
}

static bool holds_sockets(uint32_t type)
{
	return type == UAPI_MAP_sockmap || type == UAPI_MAP_sockhash ||
	       type == UAPI_MAP_reuseport_sockarray;
}

static int fill_map(struct test_job *j, const struct test_item *it, struct err *e)
{
	auto_buf struct buf key = {}, value = {};
	auto_test_map struct test_map tm = {};
	auto_map struct map m = MAP_INIT;
	int r = test_map_open(j->o, it->name, &tm, e);
	int fd;

	if (r < 0)
		return r;
	fd = sys_dup(tm.m.fd);
	if (fd < 0)
		return err_sys(e, "cannot keep map %s", it->name);
	r = map_open(&m, fd, e);
	if (r == 0)
		r = test_key(&tm, it, &key, e);
	if (r == 0)
		r = test_map_value(j->o, &tm, it, m.cpus, &value, e);
	if (r == 0 && holds_sockets(tm.m.type))
		r = make_socket(j, &tm, &value, e);
	if (r < 0)
		return r;
	r = map_update(&m, tm.key ? key.data : NULL, value.data, MAPF_ANY, e);
	return r < 0 ? err_wrap(e, "%s: ", it->name) : 0;
}

int test_fill_maps(struct test_job *j, struct err *e)
{
	for (uint32_t i = 0; i < j->decl->n; i++) {
		const struct test_item *it = &j->decl->items[i];

		if (it->kind != ITEM_MAP || it->expect)
			continue;
		j->at = it;
		if (fill_map(j, it, e) < 0)
			return -EINVAL;
	}
	return 0;
}

/* ---- before loading ----------------------------------------------------------------------- */

static int set_variable(struct object *o, const struct test_item *it, struct err *e)
{
	auto_free char *path = xasprintf("%s%s", it->name, it->path);
	auto_object_var struct object_var v = {};
	size_t size;
	int r = object_var_open(o, path, &v, e);

	if (r < 0)
		return r;
	return test_encode(v.codec, &it->value, (char *)object_map_data(o, v.map, &size) + v.off,
			   e);
}

/* What the lines of the test name: programs that are values, maps. */
static int named_progs(struct test_job *j, bool *progs, bool *maps, struct err *e)
{
	struct err ignored = {};

	for (uint32_t i = 0; i < j->decl->n; i++) {
		const struct test_item *it = &j->decl->items[i];
		int n;

		if (it->kind == ITEM_MAP || it->kind == ITEM_COUNT) {
			n = object_find_map(j->o, it->name, &ignored);
			if (n >= 0)
				maps[n] = true;
			err_clear(&ignored);
		}
		if (it->value.kind != TEST_PROG)
			continue;
		j->at = it;
		n = object_find_prog(j->o, it->value.text, e);
		if (n < 0)
			return n;
		progs[n] = true;
	}
	return 0;
}

/* The tested program, and those it can tail-call. */
static int choose_progs(struct test_job *j, struct err *e)
{
	auto_free bool *progs = xcalloc(object_nr_progs(j->o), sizeof(*progs));
	auto_free bool *maps = xcalloc(object_nr_maps(j->o) + 1, sizeof(*maps));
	int r;

	progs[j->prog] = true;
	r = named_progs(j, progs, maps, e);
	return r < 0 ? r : object_load_reached(j->o, &j->tests->elf, progs, maps, e);
}

int test_choose(struct test_job *j, struct err *e)
{
	int r;

	j->at = test_item(j->decl, ITEM_PROG, false);
	r = object_find_prog(j->o, j->at->name, e);
	if (r < 0)
		return r;
	j->prog = (size_t)r;
	object_prog(j->o, j->prog, &j->p);
	object_pin_nothing(j->o);
	return choose_progs(j, e);
}

int test_set_variables(struct test_job *j, struct err *e)
{
	for (uint32_t i = 0; i < j->decl->n; i++) {
		j->at = &j->decl->items[i];
		if (j->at->kind == ITEM_SET && !j->at->expect && set_variable(j->o, j->at, e) < 0)
			return -EINVAL;
	}
	return 0;
}
