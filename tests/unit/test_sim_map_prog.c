// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps as programs see them: addresses of values, walks, objects, storages, redirects. */
#include "sim_maps.h"

#include <sys/mman.h>

static struct map *make(struct maps_rig *r, uint32_t type, uint32_t key, uint32_t value,
			uint32_t entries, uint32_t flags)
{
	struct map_spec s = { .type = type,
			      .key_size = key,
			      .value_size = value,
			      .max_entries = entries,
			      .flags = flags,
			      .btf_key_type = entries == 0 && key == 4,
			      .btf_value_type = entries == 0 && key == 4,
			      .inner = r->inner,
			      .name = "m" };
	struct map *m = NULL;
	int err = map_new(&r->w, &r->objects, &s, &m);

	if (err) {
		FAIL("%s: %d", uapi_map_type_name(type), err);
		abort();
	}
	return m;
}

static uint64_t word_at(struct maps_rig *r, uint64_t addr)
{
	uint64_t v = UINT64_C(0xdeadbeef);

	CHECK(space_peek(r->w.space, addr, &v, sizeof(v)));
	return v;
}

static bool set_word(struct maps_rig *r, uint64_t addr, uint64_t v)
{
	return space_poke(r->w.space, addr, &v, sizeof(v));
}

static void test_addresses(void)
{
	struct maps_rig r;
	struct map *m;
	uint64_t a, b, v = 7, got;
	uint32_t key = 1;

	maps_init(&r);
	m = make(&r, UAPI_MAP_hash, 4, 8, 4, 0);
	CHECK(space_object(r.w.space, map_addr(m), REGION_MAP) == m);
	CHECK_INT(map_addr(m), map_addr(m));
	CHECK_INT((int64_t)map_elem(m, &key), 0);
	CHECK_INT(map_prog_update(m, &key, &v, BPF_ANY), 0);
	a = map_elem(m, &key);
	CHECK_INT(word_at(&r, a), 7);
	CHECK(set_word(&r, a, 8));
	CHECK_INT(map_user_lookup(m, &key, &got, 0), 0);
	CHECK_INT(got, 8);
	/* One value is all an address gives access to. */
	CHECK(!set_word(&r, a + 1, 8));
	CHECK(!set_word(&r, a + 8, 8));
	/* An update puts another in its place; who has the old address sees the old value. */
	v = 9;
	CHECK_INT(map_prog_update(m, &key, &v, BPF_EXIST), 0);
	b = map_elem(m, &key);
	CHECK(a != b);
	CHECK_INT(word_at(&r, a), 8);
	CHECK_INT(word_at(&r, b), 9);
	CHECK_INT(map_prog_delete(m, &key), 0);
	CHECK_INT(map_prog_delete(m, &key), -ENOENT);
	CHECK_INT((int64_t)map_elem(m, &key), 0);
	for (key = 0; key < 4; key++)
		CHECK_INT(map_prog_update(m, &key, &v, 0), 0);
	CHECK_INT(map_prog_update(m, &key, &v, 0), -E2BIG);
	CHECK_INT(map_count(m), 4);
	/* A frozen map is frozen for user space. */
	CHECK_INT(map_user_freeze(m), 0);
	key = 1;
	CHECK_INT(map_prog_delete(m, &key), 0);
	a = map_addr(m);
	kobj_put(&m->obj);
	CHECK(!space_object(r.w.space, a, REGION_MAP));
	maps_free(&r);
}

static void test_access(void)
{
	struct maps_rig r;
	uint32_t key = 0;
	struct map *m;

	maps_init(&r);
	m = make(&r, UAPI_MAP_array, 4, 8, 1, BPF_F_RDONLY_PROG);
	CHECK(!set_word(&r, map_elem(m, &key), 1));
	CHECK_INT(word_at(&r, map_elem(m, &key)), 0);
	CHECK_INT(map_user_freeze(m), 0);
	CHECK(space_find(r.w.space, map_elem(m, &key))->flags & REGION_CONST);
	kobj_put(&m->obj);
	m = make(&r, UAPI_MAP_array, 4, 8, 1, BPF_F_WRONLY_PROG);
	CHECK(set_word(&r, map_elem(m, &key), 1));
	CHECK(!space_peek(r.w.space, map_elem(m, &key), &key, 4));
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_percpu(void)
{
	static const uint32_t types[] = { UAPI_MAP_percpu_array, UAPI_MAP_percpu_hash,
					  UAPI_MAP_lru_percpu_hash };
	uint64_t v = 5, all[8];
	uint32_t key = 1;
	struct maps_rig r;

	maps_init(&r);
	r.w.cpus = 3;
	for (size_t i = 0; i < countof(types); i++) {
		struct map *m = make(&r, types[i], 4, 8, 6, 0);

		r.w.cpu = 2;
		CHECK_INT(map_user_size(m), 24);
		CHECK_INT(map_prog_update(m, &key, &v, 0), 0);
		CHECK_INT(map_user_lookup(m, &key, all, 0), 0);
		CHECK(all[0] == 0 && all[1] == 0 && all[2] == 5);
		CHECK_INT(word_at(&r, map_elem(m, &key)), 5);
		CHECK(set_word(&r, map_elem_cpu(m, &key, 1), 6));
		CHECK_INT((int64_t)map_elem_cpu(m, &key, 3), 0);
		CHECK_INT(map_user_lookup(m, &key, all, 0), 0);
		CHECK(all[1] == 6);
		r.w.cpu = 1;
		CHECK_INT(word_at(&r, map_elem(m, &key)), 6);
		kobj_put(&m->obj);
	}
	maps_free(&r);
}

/* ---- walks -------------------------------------------------------------------------------- */

struct walk {
	struct maps_rig *r;
	struct map *m;
	uint64_t sum;
	unsigned int stop;
	bool remove;
};

static int visit(void *arg, const void *key, uint64_t addr)
{
	struct walk *w = arg;

	w->sum += word_at(w->r, addr);
	if (w->remove)
		CHECK_INT(map_prog_delete(w->m, key), 0);
	return w->stop && !--w->stop;
}

static void test_walks(void)
{
	struct maps_rig r;
	struct walk w = { .r = &r };
	uint64_t v;

	maps_init(&r);
	w.m = make(&r, UAPI_MAP_hash, 4, 8, 100, 0);
	for (uint32_t key = 0; key < 100; key++) {
		v = key;
		CHECK_INT(map_prog_update(w.m, &key, &v, 0), 0);
	}
	CHECK_INT(map_for_each(w.m, visit, &w), 100);
	CHECK_INT(w.sum, 4950);
	w.stop = 3;
	CHECK_INT(map_for_each(w.m, visit, &w), 3);
	w.sum = 0;
	w.remove = true;
	CHECK_INT(map_for_each(w.m, visit, &w), 100);
	CHECK_INT(w.sum, 4950);
	CHECK_INT(map_count(w.m), 0);
	kobj_put(&w.m->obj);
	w = (struct walk){ .r = &r, .m = make(&r, UAPI_MAP_array, 4, 8, 5, 0) };
	CHECK_INT(map_for_each(w.m, visit, &w), 5);
	kobj_put(&w.m->obj);
	w.m = make(&r, UAPI_MAP_queue, 0, 8, 5, 0);
	CHECK_INT(map_for_each(w.m, visit, &w), -EINVAL);
	kobj_put(&w.m->obj);
	maps_free(&r);
}

static void test_lru(void)
{
	struct maps_rig r;
	uint64_t v = 1;
	uint32_t key;
	struct map *m;

	/* The one nobody has looked at for longest goes. */
	maps_init(&r);
	m = make(&r, UAPI_MAP_lru_hash, 4, 8, 4, 0);
	for (key = 0; key < 4; key++)
		CHECK_INT(map_prog_update(m, &key, &v, 0), 0);
	key = 0;
	CHECK(map_elem(m, &key) != 0);
	key = 1;
	CHECK_INT(map_user_lookup(m, &key, &v, 0), 0); /* user space does not count */
	key = 9;
	CHECK_INT(map_prog_update(m, &key, &v, 0), 0);
	CHECK_INT(map_count(m), 4);
	key = 1;
	CHECK_INT((int64_t)map_elem(m, &key), 0);
	key = 0;
	CHECK(map_elem(m, &key) != 0);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_direct(void)
{
	struct maps_rig r;
	struct map *m;
	uint64_t addr;
	size_t len;
	void *p;
	int fd;

	maps_init(&r);
	m = make(&r, UAPI_MAP_array, 4, 24, 1, BPF_F_MMAPABLE);
	CHECK_INT(map_direct_value(m, 16, &addr), 0);
	CHECK_INT(map_direct_value(m, 24, &addr), -EINVAL);
	CHECK(set_word(&r, addr, 1234));
	CHECK_INT(map_memfd(m, &fd, &len), 0);
	CHECK_INT(len, 4096);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK_INT(((uint64_t *)p)[2], 1234);
	((uint64_t *)p)[2] = 99;
	CHECK_INT(word_at(&r, addr), 99);
	munmap(p, len);
	m->writers = 1;
	CHECK_INT(map_user_freeze(m), -EBUSY);
	kobj_put(&m->obj);
	m = make(&r, UAPI_MAP_array, 4, 24, 2, 0);
	CHECK_INT(map_direct_value(m, 0, &addr), -MAP_ENOTSUPP);
	CHECK_INT(map_memfd(m, &fd, &len), -MAP_ENOTSUPP);
	kobj_put(&m->obj);
	m = make(&r, UAPI_MAP_hash, 4, 24, 1, 0);
	CHECK_INT(map_direct_value(m, 0, &addr), -EINVAL);
	kobj_put(&m->obj);
	maps_free(&r);
}

/* ---- objects ------------------------------------------------------------------------------ */

static void test_maps_of_maps(void)
{
	static const uint32_t types[] = { UAPI_MAP_array_of_maps, UAPI_MAP_hash_of_maps };
	struct maps_rig r;
	struct map *m, *template;
	uint32_t key = 2;

	maps_init(&r);
	template = make(&r, UAPI_MAP_array, 4, 4, 4, 0);
	for (size_t i = 0; i < countof(types); i++) {
		r.inner = template;
		r.fd.map = dup(0);
		m = make(&r, types[i], 4, 4, 4, 0);
		CHECK_INT(map_user_update(m, &key, &r.fd.map, 0), 0);
		CHECK_INT(template->obj.refs, 2);
		CHECK(map_inner_at(m, &key) == template);
		CHECK_INT(map_elem(m, &key), map_addr(template));
		/* Another shape does not go in. */
		r.inner = make(&r, UAPI_MAP_array, 4, 4, 5, 0);
		CHECK_INT(map_user_update(m, &key, &r.fd.map, 0), -EINVAL);
		kobj_put(&r.inner->obj);
		CHECK_INT(map_user_delete(m, &key), 0);
		CHECK_INT(template->obj.refs, 1);
		r.inner = template;
		CHECK_INT(map_user_update(m, &key, &r.fd.map, 0), 0);
		kobj_put(&m->obj);
		CHECK_INT(template->obj.refs, 1);
		closep(&r.fd.map);
	}
	maps_free(&r);
}

static void test_prog_array(void)
{
	struct maps_rig r;
	uint32_t key = 1;
	struct map *m;

	maps_init(&r);
	r.fd.prog = dup(0);
	r.fd.prog2 = dup(0);
	r.prog2.type = UAPI_PROG_xdp;
	m = make(&r, UAPI_MAP_prog_array, 4, 4, 4, 0);
	CHECK_INT(map_user_update(m, &key, &r.fd.prog, 0), 0);
	CHECK(map_prog_at(m, 1) == &r.prog);
	CHECK(!map_prog_at(m, 0) && !map_prog_at(m, 4));
	CHECK_INT(r.prog.obj.refs, 2);
	/* The first program's type is that of all, also of those that tail call through it. */
	CHECK_INT(map_user_update(m, &key, &r.fd.prog2, 0), -EINVAL);
	CHECK(!map_prog_compatible(m, &r.prog2));
	CHECK(map_prog_compatible(m, &r.prog));
	map_closed(m);
	CHECK(!map_prog_at(m, 1));
	CHECK_INT(r.prog.obj.refs, 1);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_perf(void)
{
	struct map_perf_record rec;
	struct maps_rig r;
	uint32_t key = 1;
	struct map *m;

	maps_init(&r);
	r.fd.perf = dup(0);
	r.w.cpus = 2;
	r.w.cpu = 1;
	m = make(&r, UAPI_MAP_perf_event_array, 4, 4, 2, 0);
	CHECK_INT(map_perf_output(m, BPF_F_CURRENT_CPU, "abc", 3), -ENOENT);
	CHECK_INT(map_perf_output(m, 2, "abc", 3), -E2BIG);
	CHECK_INT(map_perf_output(m, 1ull << 33, "abc", 3), -EINVAL);
	CHECK_INT(map_user_update(m, &key, &r.fd.perf, 0), 0);
	CHECK_INT(map_perf_output(m, BPF_F_CURRENT_CPU, "abc", 3), 0);
	CHECK_INT(map_perf_output(m, 1, "defg", 4), 0);
	CHECK(map_perf_next(m, &rec) && rec.cpu == 1 && rec.size == 3 && rec.time == 1000);
	CHECK(!memcmp(rec.data, "abc", 3));
	CHECK(map_perf_next(m, &rec) && rec.size == 4 && !memcmp(rec.data, "defg", 4));
	CHECK(!map_perf_next(m, &rec));
	map_closed(m);
	CHECK_INT(map_perf_output(m, 1, "x", 1), -ENOENT);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_redirects(void)
{
	uint32_t key = 2, val[2] = { 5, 0 };
	struct maps_rig r;
	struct prog *prog;
	struct map *m;
	uint64_t to;

	maps_init(&r);
	r.fd.prog2 = dup(0);
	r.prog2.type = UAPI_PROG_xdp;
	r.prog2.attach_type = UAPI_ATTACH_xdp_devmap;
	m = make(&r, UAPI_MAP_devmap, 4, 8, 4, 0);
	CHECK_INT(map_redirect_target(m, &key, &to, &prog), -ENOENT);
	val[1] = (uint32_t)r.fd.prog2;
	CHECK_INT(map_user_update(m, &key, val, 0), 0);
	CHECK_INT(map_redirect_target(m, &key, &to, &prog), 0);
	CHECK(to == 5 && prog == &r.prog2);
	CHECK_INT(map_user_lookup(m, &key, val, 0), 0);
	CHECK(val[0] == 5 && val[1] == r.prog2.obj.id);
	CHECK_INT((uint32_t)word_at(&r, map_elem(m, &key)), 5);
	CHECK(!set_word(&r, map_elem(m, &key), 1)); /* programs only read it */
	CHECK(m->spec.flags & BPF_F_RDONLY_PROG);
	CHECK_INT(r.prog2.obj.refs, 2);
	kobj_put(&m->obj);
	CHECK_INT(r.prog2.obj.refs, 1);
	key = 77;
	val[0] = 6;
	m = make(&r, UAPI_MAP_devmap_hash, 4, 4, 4, 0);
	CHECK_INT(map_user_update(m, &key, val, 0), 0);
	CHECK_INT(map_redirect_target(m, &key, &to, &prog), 0);
	CHECK(to == 6 && !prog);
	kobj_put(&m->obj);
	key = 0;
	m = make(&r, UAPI_MAP_cpumap, 4, 4, 4, 0);
	CHECK_INT(map_user_update(m, &key, val, 0), 0);
	CHECK_INT(map_redirect_target(m, &key, &to, &prog), 0);
	CHECK_INT(to, 0);
	kobj_put(&m->obj);
	maps_free(&r);
}

/* ---- storages and the rest ---------------------------------------------------------------- */

static void test_storage(void)
{
	uint32_t init[2] = { 3, 4 };
	struct maps_rig r;
	struct map *m;
	uint64_t a, v = 8;
	int fd;

	maps_init(&r);
	m = make(&r, UAPI_MAP_task_storage, 4, 8, 0, BPF_F_NO_PREALLOC);
	CHECK_INT((int64_t)map_storage(m, 100, NULL, 0), 0);
	a = map_storage(m, 100, init, BPF_LOCAL_STORAGE_GET_F_CREATE);
	CHECK_INT(word_at(&r, a), 4ull << 32 | 3);
	CHECK_INT(map_storage(m, 100, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE), a);
	CHECK(map_storage(m, 101, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE) != a);
	CHECK_INT(map_count(m), 2);
	CHECK_INT(map_storage_delete(m, 100), 0);
	CHECK_INT(map_storage_delete(m, 100), -ENOENT);
	CHECK_INT((int64_t)map_storage(m, 100, NULL, 2), 0);
	/* What user space writes through the pidfd is the same value. */
	fd = r.fd.pid = dup(0);
	CHECK_INT(map_user_update(m, &fd, &v, BPF_NOEXIST), 0);
	CHECK_INT(word_at(&r, map_storage(m, (uint64_t)fd, NULL, 0)), 8);
	kobj_put(&m->obj);

	m = make(&r, UAPI_MAP_cgroup_storage, 16, 8, 0, 0);
	a = map_cgroup_storage(m, 7, 1);
	CHECK(a && map_cgroup_storage(m, 7, 2) != a);
	CHECK_INT(map_cgroup_storage(m, 7, 1), a);
	map_cgroup_gone(m, 7, 1);
	CHECK_INT(map_count(m), 1);
	kobj_put(&m->obj);
	m = make(&r, UAPI_MAP_percpu_cgroup_storage, 8, 8, 0, 0);
	CHECK_INT(map_cgroup_storage(m, 7, 1), map_cgroup_storage(m, 7, 2));
	CHECK(set_word(&r, map_cgroup_storage(m, 7, 1), 5));
	a = 7;
	CHECK_INT(map_user_next(m, NULL, &v), 0);
	CHECK_INT(v, 7);
	CHECK_INT(map_user_next(m, &v, &v), -ENOENT);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_stacks(void)
{
	uint64_t ips[6] = { 1, 2, 3, 4, 5, 6 }, other[2] = { 9, 9 }, got[4];
	struct maps_rig r;
	struct map *m;
	int64_t id;
	uint32_t key;

	maps_init(&r);
	m = make(&r, UAPI_MAP_stack_trace, 4, 32, 1, 0);
	id = map_stack_id(m, ips, 6, 1);
	CHECK_INT(id, 0);
	key = (uint32_t)id;
	CHECK_INT(map_stack_id(m, ips, 6, 1), id);
	CHECK_INT(map_user_lookup(m, &key, got, 0), 0);
	CHECK(!memcmp(got, ips + 1, sizeof(got)));
	CHECK_INT(map_stack_id(m, other, 2, 0), -EEXIST);
	CHECK_INT(map_stack_id(m, other, 2, BPF_F_REUSE_STACKID), 0);
	CHECK_INT(map_user_take(m, &key, got, 0), 0);
	CHECK(got[0] == 9 && got[1] == 9 && !got[2] && !got[3]);
	CHECK_INT(map_stack_id(m, other, 2, 2), -EFAULT);
	CHECK_INT(map_stack_id(m, other, 2, 1 << 12), -EINVAL);
	CHECK_INT(map_count(m), 0);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_arena(void)
{
	struct maps_rig r;
	struct map *m;

	maps_init(&r);
	m = make(&r, UAPI_MAP_arena, 0, 0, 10, BPF_F_MMAPABLE);
	CHECK_INT(map_arena_alloc(m, -1, 4), 0);
	CHECK_INT(map_arena_alloc(m, -1, 4), 4);
	CHECK_INT(map_arena_alloc(m, -1, 4), -ENOMEM);
	CHECK_INT(map_arena_alloc(m, 3, 1), -ENOMEM);
	CHECK(set_word(&r, map_arena_region(m)->base + 4096, 5));
	CHECK_INT(map_arena_free(m, 1, 2), 0);
	CHECK_INT(word_at(&r, map_arena_region(m)->base + 4096), 0);
	CHECK_INT(map_arena_alloc(m, -1, 2), 1);
	CHECK_INT(map_arena_free(m, 9, 2), -EINVAL);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void drop_value(struct map *m, void *value)
{
	(void)m;
	memset((uint8_t *)value + 8, 0xee, 1);
}

static void test_fields(void)
{
	uint8_t in[24], out[24];
	struct map_fields *f = calloc(1, sizeof(*f) + sizeof(f->field[0]));
	struct map_spec s = { .type = UAPI_MAP_hash,
			      .key_size = 4,
			      .value_size = 24,
			      .max_entries = 2,
			      .fields = f };
	struct maps_rig r;
	uint32_t key = 3;
	struct map *m;

	/* A lock of 4 bytes at 8: neither written nor shown. */
	f->n = 1;
	f->field[0] = (struct map_field){ .kind = MAP_FIELD_SPIN_LOCK, .off = 8, .size = 4 };
	maps_init(&r);
	CHECK_INT(map_new(&r.w, &r.objects, &s, &m), 0);
	m->free_fields = drop_value;
	memset(in, 0x11, sizeof(in));
	CHECK_INT(map_user_update(m, &key, in, BPF_F_LOCK), 0);
	CHECK_INT((uint32_t)word_at(&r, map_elem(m, &key) + 8), 0);
	CHECK_INT(map_user_lookup(m, &key, out, BPF_F_LOCK), 0);
	memset(in + 8, 0, 4);
	CHECK(!memcmp(in, out, sizeof(in)));
	CHECK_INT(map_user_freeze(m), -MAP_ENOTSUPP);
	CHECK(map_field(m, MAP_FIELD_SPIN_LOCK) && !map_field(m, MAP_FIELD_TIMER));
	CHECK_INT(map_field_allowed(UAPI_MAP_queue, MAP_FIELD_TIMER), -EOPNOTSUPP);
	CHECK_INT(map_field_allowed(UAPI_MAP_hash, MAP_FIELD_TIMER), 0);
	kobj_put(&m->obj);
	maps_free(&r);
}

static const struct test tests[] = {
	{ "values have addresses, and updates new ones", test_addresses },
	{ "maps programs may only read, or write", test_access },
	{ "values per CPU", test_percpu },
	{ "walks, also with deletes", test_walks },
	{ "least recently used", test_lru },
	{ "direct values and mappings", test_direct },
	{ "maps of maps", test_maps_of_maps },
	{ "arrays of programs", test_prog_array },
	{ "perf events", test_perf },
	{ "redirects", test_redirects },
	{ "storages", test_storage },
	{ "stacks", test_stacks },
	{ "arenas", test_arena },
	{ "fields of values", test_fields },
};
TEST_MAIN(tests)
