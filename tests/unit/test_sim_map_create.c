// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Creation: every type with every wrong size and flag, in the mock and in the kernel. */
#include "sim_maps.h"

/* One good map of each type. */
struct good {
	uint32_t type, key, value, entries, flags;
	bool btf;   /* int, int */
	bool inner; /* wants a template */
};

#define NP BPF_F_NO_PREALLOC

static const struct good goods[] = {
	{ UAPI_MAP_hash, 4, 8, 16, 0, false, false },
	{ UAPI_MAP_array, 4, 8, 16, 0, false, false },
	{ UAPI_MAP_prog_array, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_perf_event_array, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_percpu_hash, 4, 8, 16, 0, false, false },
	{ UAPI_MAP_percpu_array, 4, 8, 16, 0, false, false },
	{ UAPI_MAP_stack_trace, 4, 80, 16, 0, false, false },
	{ UAPI_MAP_cgroup_array, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_lru_hash, 4, 8, 16, 0, false, false },
	{ UAPI_MAP_lru_percpu_hash, 4, 8, 16, 0, false, false },
	{ UAPI_MAP_lpm_trie, 8, 8, 16, NP, false, false },
	{ UAPI_MAP_array_of_maps, 4, 4, 16, 0, false, true },
	{ UAPI_MAP_hash_of_maps, 4, 4, 16, 0, false, true },
	{ UAPI_MAP_devmap, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_sockmap, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_cpumap, 4, 4, 2, 0, false, false },
	{ UAPI_MAP_xskmap, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_sockhash, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_cgroup_storage, 8, 8, 0, 0, false, false },
	{ UAPI_MAP_reuseport_sockarray, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_percpu_cgroup_storage, 8, 8, 0, 0, false, false },
	{ UAPI_MAP_queue, 0, 8, 16, 0, false, false },
	{ UAPI_MAP_stack, 0, 8, 16, 0, false, false },
	{ UAPI_MAP_sk_storage, 4, 4, 0, NP, true, false },
	{ UAPI_MAP_devmap_hash, 4, 4, 16, 0, false, false },
	{ UAPI_MAP_ringbuf, 0, 0, 4096, 0, false, false },
	{ UAPI_MAP_inode_storage, 4, 4, 0, NP, true, false },
	{ UAPI_MAP_task_storage, 4, 4, 0, NP, true, false },
	{ UAPI_MAP_bloom_filter, 0, 8, 16, 0, false, false },
	{ UAPI_MAP_user_ringbuf, 0, 0, 4096, 0, false, false },
	{ UAPI_MAP_cgrp_storage, 4, 4, 0, NP, true, false },
	{ UAPI_MAP_arena, 0, 0, 16, BPF_F_MMAPABLE, false, false },
};

static struct map_spec spec_of(const struct good *g)
{
	return (struct map_spec){ .type = g->type,
				  .key_size = g->key,
				  .value_size = g->value,
				  .max_entries = g->entries,
				  .flags = g->flags,
				  .btf_key_type = g->btf,
				  .btf_value_type = g->btf };
}

struct ground {
	struct maps_rig r;
	const char *no_kernel;
	int btf, inner;
	unsigned int rows;
};

static void ground_init(struct ground *t)
{
	struct map_spec spec = {
		.type = UAPI_MAP_array, .key_size = 4, .value_size = 4, .max_entries = 4
	};

	memset(t, 0, sizeof(*t));
	maps_init(&t->r);
	t->no_kernel = maps_no_kernel();
	t->btf = t->no_kernel ? -1 : maps_btf();
	t->inner = t->no_kernel ? -1 : maps_kernel_new(&spec, -1, -1);
	CHECK_INT(map_new(&t->r.w, &t->r.objects, &spec, &t->r.inner), 0);
}

static void ground_free(struct ground *t);

/* For what is nothing but a comparison. */
#define NEED_MAPS(t)                                                                               \
	do {                                                                                       \
		if ((t)->no_kernel) {                                                              \
			ground_free(t);                                                            \
			SKIP("needs CAP_BPF");                                                     \
		}                                                                                  \
	} while (0)

static void ground_free(struct ground *t)
{
	closep(&t->btf);
	closep(&t->inner);
	maps_free(&t->r);
}

static int in_mock(struct ground *t, const struct map_spec *spec)
{
	struct map *m;
	int r = map_new(&t->r.w, &t->r.objects, spec, &m);

	if (!r)
		kobj_put(&m->obj);
	return r;
}

/* The same map in both; what is it that differs from a good one says `what`. */
static void both(struct ground *t, const struct good *g, struct map_spec *s, const char *what,
		 unsigned long long value)
{
	int mock, kernel;
	auto_fd int fd = -1;

	s->inner = g->inner ? t->r.inner : NULL;
	mock = in_mock(t, s);
	if (t->no_kernel)
		return;
	fd = maps_kernel_new(s, g->inner ? t->inner : -1, g->btf ? t->btf : -1);
	kernel = fd < 0 ? fd : 0;
	t->rows++;
	if (mock != kernel)
		FAIL("%s, %s %#llx: %d, the kernel says %d", uapi_map_type_name(g->type), what,
		     value, mock, kernel);
}

static void test_good(void)
{
	struct ground t;

	ground_init(&t);
	for (size_t i = 0; i < countof(goods); i++) {
		struct map_spec s = spec_of(&goods[i]);

		s.inner = t.r.inner;
		if (in_mock(&t, &s))
			FAIL("%s: %d", uapi_map_type_name(s.type), in_mock(&t, &s));
		both(&t, &goods[i], &s, "nothing", 0);
	}
	ground_free(&t);
}

static void test_sizes(void)
{
	static const uint32_t keys[] = { 0,  1,	 2,  3,	  4,   5,   7,	 8,   9,
					 12, 16, 17, 260, 261, 264, 512, 513, 4096 };
	static const uint32_t values[] = { 0,
					   1,
					   2,
					   3,
					   4,
					   5,
					   7,
					   8,
					   9,
					   12,
					   16,
					   24,
					   32,
					   33,
					   64,
					   1016,
					   1024,
					   4064,
					   4096,
					   32760,
					   32761,
					   32768,
					   32769,
					   65448,
					   65407,
					   65408,
					   65480,
					   65535,
					   65536,
					   1 << 20,
					   (1 << 22) - 281,
					   (1 << 22) - 280,
					   (1 << 22) - 279,
					   (1 << 22) - 52,
					   (1 << 22) - 51,
					   1 << 22,
					   (1 << 22) + 1,
					   UINT32_C(1) << 31,
					   UINT32_MAX };
	struct ground t;

	ground_init(&t);
	NEED_MAPS(&t);
	for (size_t i = 0; i < countof(goods); i++) {
		for (size_t k = 0; k < countof(keys); k++) {
			struct map_spec s = spec_of(&goods[i]);

			s.key_size = keys[k];
			both(&t, &goods[i], &s, "key size", keys[k]);
		}
		for (size_t k = 0; k < countof(values); k++) {
			struct map_spec s = spec_of(&goods[i]);

			/* The kernel compares it with BTF's, and sums stay below its memory. */
			if (goods[i].btf && values[k] && values[k] < 4u << 20)
				continue;
			s.value_size = values[k];
			if (values[k] > 65536 && s.max_entries)
				s.max_entries = 1;
			both(&t, &goods[i], &s, "value size", values[k]);
		}
	}
	printf("# %u rows compared\n", t.rows);
	ground_free(&t);
}

static void test_entries(void)
{
	static const uint32_t entries[] = { 0, 1, 2, 3, 5, 4095, 4096, 4097, 8192, 12288, 65536 };
	static const uint32_t huge[] = { (1u << 28) + 1, 1u << 31, (1u << 31) + 1, UINT32_MAX };
	struct ground t;

	ground_init(&t);
	NEED_MAPS(&t);
	for (size_t i = 0; i < countof(goods); i++) {
		for (size_t k = 0; k < countof(entries); k++) {
			struct map_spec s = spec_of(&goods[i]);

			s.max_entries = entries[k];
			/* Its limit is how the kernel was built. */
			if (s.type == UAPI_MAP_cpumap && entries[k] > 64)
				continue;
			both(&t, &goods[i], &s, "max_entries", entries[k]);
		}
		/* Where it is not memory that decides. */
		for (size_t k = 0; k < countof(huge); k++) {
			struct map_spec s = spec_of(&goods[i]);

			if (!strstr(uapi_map_type_name(s.type), "hash") &&
			    s.type != UAPI_MAP_arena && s.type != UAPI_MAP_ringbuf &&
			    s.type != UAPI_MAP_user_ringbuf)
				continue;
			if (s.type == UAPI_MAP_devmap_hash && huge[k] <= 1u << 31)
				continue;
			s.max_entries = huge[k];
			if (s.type == UAPI_MAP_ringbuf && !(huge[k] & (huge[k] - 1)))
				continue;
			if (s.type == UAPI_MAP_user_ringbuf && !(huge[k] & (huge[k] - 1)))
				continue;
			both(&t, &goods[i], &s, "max_entries", huge[k]);
		}
	}
	printf("# %u rows compared\n", t.rows);
	ground_free(&t);
}

static void test_flags(void)
{
	static const uint32_t pairs[] = {
		BPF_F_RDONLY | BPF_F_WRONLY,	       BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG,
		BPF_F_RDONLY | BPF_F_RDONLY_PROG,      BPF_F_NO_PREALLOC | BPF_F_NO_COMMON_LRU,
		BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG,
		BPF_F_MMAPABLE | BPF_F_INNER_MAP,      BPF_F_ZERO_SEED | BPF_F_NO_PREALLOC,
		BPF_F_NO_PREALLOC | BPF_F_CLONE,
	};
	struct ground t;

	ground_init(&t);
	NEED_MAPS(&t);
	for (size_t i = 0; i < countof(goods); i++) {
		for (unsigned int bit = 0; bit < 32; bit++) {
			struct map_spec s = spec_of(&goods[i]);

			/* A token's descriptor, and what newer kernels know, are not asked. */
			if (bit == 16 || bit == 19)
				continue;
			s.flags ^= 1u << bit;
			both(&t, &goods[i], &s, "flags ^", 1u << bit);
		}
		for (size_t k = 0; k < countof(pairs); k++) {
			struct map_spec s = spec_of(&goods[i]);

			s.flags |= pairs[k];
			both(&t, &goods[i], &s, "flags |", pairs[k]);
		}
	}
	printf("# %u rows compared\n", t.rows);
	ground_free(&t);
}

static void test_other(void)
{
	static const uint64_t extras[] = { 1,	      5,       15,	   16,
					   4096,      1 << 20, 1ull << 32, (1ull << 32) - 4096,
					   1ull << 63 };
	struct ground t;

	ground_init(&t);
	NEED_MAPS(&t);
	for (size_t i = 0; i < countof(goods); i++) {
		struct map_spec s;

		for (size_t k = 0; k < countof(extras); k++) {
			s = spec_of(&goods[i]);
			s.extra = extras[k];
			both(&t, &goods[i], &s, "map_extra", extras[k]);
		}
		s = spec_of(&goods[i]);
		s.flags |= BPF_F_NUMA_NODE;
		s.numa_node = 63;
		both(&t, &goods[i], &s, "NUMA node", 63);
		s = spec_of(&goods[i]);
		s.btf_key_type = 1;
		s.btf_value_type = 0;
		both(&t, &goods[i], &s, "a key's type alone", 1);
		s = spec_of(&goods[i]);
		s.btf_vmlinux_value_type = 1;
		both(&t, &goods[i], &s, "a type of vmlinux", 1);
		s = spec_of(&goods[i]);
		s.btf_key_type = s.btf_value_type = 0;
		if (goods[i].btf)
			both(&t, &goods[i], &s, "no BTF", 0);
		/* Two wrongs: which is told. */
		s = spec_of(&goods[i]);
		s.max_entries = 0;
		s.flags |= BPF_F_NO_PREALLOC;
		both(&t, &goods[i], &s, "no entries, no preallocation", 0);
		s = spec_of(&goods[i]);
		s.value_size = UINT32_MAX;
		s.flags |= BPF_F_CLONE;
		both(&t, &goods[i], &s, "a large value, BPF_F_CLONE", 0);
	}
	printf("# %u rows compared\n", t.rows);
	ground_free(&t);
}

/* Inner maps: which types, and what a map must have in common with the template. */
static void test_inner(void)
{
	struct ground t;

	ground_init(&t);
	NEED_MAPS(&t);
	for (size_t i = 0; i < countof(goods); i++) {
		struct map_spec s = spec_of(&goods[i]), outer = { .type = UAPI_MAP_array_of_maps,
								  .key_size = 4,
								  .value_size = 4,
								  .max_entries = 1 };
		struct map *inner;
		int mock, kernel;

		s.inner = t.r.inner;
		if (map_new(&t.r.w, &t.r.objects, &s, &inner)) {
			FAIL("%s is not made", uapi_map_type_name(s.type));
			continue;
		}
		outer.inner = inner;
		mock = in_mock(&t, &outer);
		kobj_put(&inner->obj);
		if (!t.no_kernel) {
			auto_fd int in = maps_kernel_new(&s, goods[i].inner ? t.inner : -1,
							 goods[i].btf ? t.btf : -1);
			auto_fd int out = maps_kernel_new(&outer, in, -1);

			kernel = out < 0 ? out : 0;
			if (mock != kernel)
				FAIL("%s inside: %d, the kernel says %d",
				     uapi_map_type_name(s.type), mock, kernel);
		}
	}
	ground_free(&t);
}

/* What info shows of a map that was made. */
static void test_info(void)
{
	static const uint32_t more[] = { 0, BPF_F_NO_COMMON_LRU, BPF_F_RDONLY_PROG, BPF_F_RDONLY,
					 BPF_F_INNER_MAP };
	struct ground t;

	ground_init(&t);
	NEED_MAPS(&t);
	for (size_t i = 0; i < countof(goods) * countof(more); i++) {
		const struct good *g = &goods[i / countof(more)];
		struct map_spec s = spec_of(g);
		struct bpf_map_info info = {};
		union bpf_attr attr = { .info = { .info_len = sizeof(info),
						  .info = (uintptr_t)&info } };
		struct map *m;
		int fd;

		s.flags |= more[i % countof(more)];
		if (s.max_entries == 16 && s.type != UAPI_MAP_arena)
			s.max_entries = 13;
		s.inner = g->inner ? t.r.inner : NULL;
		fd = maps_kernel_new(&s, g->inner ? t.inner : -1, g->btf ? t.btf : -1);
		if (fd < 0)
			continue;
		attr.info.bpf_fd = (uint32_t)fd;
		CHECK_INT(maps_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), 0);
		CHECK_INT(map_new(&t.r.w, &t.r.objects, &s, &m), 0);
		t.rows++;
		if (info.max_entries != m->spec.max_entries || info.map_flags != m->spec.flags ||
		    info.key_size != m->spec.key_size || info.value_size != m->spec.value_size)
			FAIL("%s: %u entries, flags %#x, the kernel shows %u and %#x",
			     uapi_map_type_name(s.type), m->spec.max_entries, m->spec.flags,
			     info.max_entries, info.map_flags);
		kobj_put(&m->obj);
		close(fd);
	}
	printf("# %u rows compared\n", t.rows);
	ground_free(&t);
}

static void test_huge(void)
{
	struct map_spec s = {
		.type = UAPI_MAP_hash, .key_size = 8, .value_size = 64, .max_entries = 50000000
	};
	static const uint8_t value[1 << 20] = { 1, 2, 3 };
	const struct {
		uint32_t len;
		uint8_t addr[4];
	} prefix = { 32, { 10, 0, 0, 1 } };
	uint64_t key = 5, got[8];
	struct ground t;
	struct map *m;

	/* A map of gigabytes costs what is in it. */
	ground_init(&t);
	CHECK_INT(map_new(&t.r.w, &t.r.objects, &s, &m), 0);
	CHECK_INT(map_user_update(m, &key, value, BPF_ANY), 0);
	CHECK_INT(map_user_lookup(m, &key, got, 0), 0);
	CHECK(!memcmp(value, got, sizeof(got)));
	kobj_put(&m->obj);
	/* Elements that are allocated one by one: no map is too large to be made. */
	s.flags = BPF_F_NO_PREALLOC;
	s.value_size = 1 << 20;
	CHECK_INT(map_new(&t.r.w, &t.r.objects, &s, &m), 0);
	kobj_put(&m->obj);
	s.type = UAPI_MAP_lpm_trie;
	s.max_entries = UINT32_MAX;
	CHECK_INT(map_new(&t.r.w, &t.r.objects, &s, &m), 0);
	CHECK_INT(map_user_update(m, &prefix, value, BPF_ANY), 0);
	kobj_put(&m->obj);
	s.flags = 0;
	s.type = UAPI_MAP_array;
	s.key_size = 4;
	s.value_size = 1 << 20;
	s.max_entries = UINT32_MAX;
	CHECK_INT(map_new(&t.r.w, &t.r.objects, &s, &m), -ENOMEM);
	ground_free(&t);
}

static const struct test tests[] = {
	{ "one map of each type", test_good },
	{ "sizes of keys and values, as the kernel", test_sizes },
	{ "max_entries, as the kernel", test_entries },
	{ "flags, as the kernel", test_flags },
	{ "map_extra, NUMA nodes, BTF, two wrongs, as the kernel", test_other },
	{ "types of inner maps, as the kernel", test_inner },
	{ "what info shows, as the kernel", test_info },
	{ "huge maps cost what is in them", test_huge },
};
TEST_MAIN(tests)
