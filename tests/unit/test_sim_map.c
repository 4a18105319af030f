// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What bpf(2) does with maps, for where there is no kernel to compare with. */
#include "sim_maps.h"

static struct map *make(struct maps_rig *r, uint32_t type, uint32_t key, uint32_t value,
			uint32_t entries, uint32_t flags)
{
	struct map_spec s = { .type = type,
			      .key_size = key,
			      .value_size = value,
			      .max_entries = entries,
			      .flags = flags,
			      .btf_vmlinux_value_type = type == UAPI_MAP_struct_ops };
	struct map *m = NULL;
	int err = map_new(&r->w, &r->objects, &s, &m);

	if (err) {
		FAIL("%s: %d", uapi_map_type_name(type), err);
		abort();
	}
	return m;
}

static void test_hash(void)
{
	struct maps_rig r;
	uint32_t key = 0, next, seen = 0;
	uint64_t v = 1;
	struct map *m;

	maps_init(&r);
	m = make(&r, UAPI_MAP_hash, 4, 8, 3, 0);
	CHECK_INT(map_user_next(m, NULL, &next), -ENOENT);
	CHECK_INT(map_user_update(m, &key, &v, BPF_EXIST), -ENOENT);
	for (key = 0; key < 3; key++)
		CHECK_INT(map_user_update(m, &key, &v, BPF_NOEXIST), 0);
	CHECK_INT(map_user_update(m, &key, &v, BPF_ANY), -E2BIG);
	key = 2;
	CHECK_INT(map_user_update(m, &key, &v, BPF_NOEXIST), -EEXIST);
	CHECK_INT(map_user_update(m, &key, &v, 3), -EINVAL);
	CHECK_INT(map_user_update(m, &key, &v, BPF_F_LOCK), -EINVAL);
	CHECK_INT(map_user_lookup(m, &key, &v, 1), -EINVAL);
	CHECK_INT(map_user_lookup(m, NULL, &v, 0), -EFAULT);
	for (int more = map_user_next(m, NULL, &next); !more;
	     more = map_user_next(m, &key, &next)) {
		seen |= 1u << next;
		key = next;
	}
	CHECK_INT(seen, 7);
	CHECK_INT(map_user_take(m, &key, &v, 0), 0);
	CHECK_INT(map_user_take(m, &key, &v, 0), -ENOENT);
	CHECK_INT(map_user_freeze(m), 0);
	CHECK_INT(map_user_freeze(m), -EPERM);
	CHECK_INT(map_user_update(m, &key, &v, 0), -EPERM);
	CHECK_INT(map_user_delete(m, &key), -EPERM);
	kobj_put(&m->obj);
	maps_free(&r);
}

/* Batches go by buckets, and say where they stopped. */
static void test_batches(void)
{
	uint32_t keys[64], token, seen = 0;
	uint64_t values[64];
	struct map_batch_args a = { .keys = keys, .values = values, .count = 20 };
	struct maps_rig r;
	struct map *m;
	int err;

	maps_init(&r);
	m = make(&r, UAPI_MAP_hash, 4, 8, 20, 0);
	CHECK_INT(map_batch_token(m), 4);
	for (uint32_t i = 0; i < 20; i++) {
		keys[i] = i;
		values[i] = 10ull * i;
	}
	CHECK_INT(map_batch(m, MAP_BATCH_UPDATE, &a), 0);
	CHECK_INT(a.count, 20);
	a.out = &token;
	do {
		a.count = 10;
		err = map_batch(m, MAP_BATCH_LOOKUP, &a);
		a.in = &token;
		for (uint32_t i = 0; i < a.count; i++) {
			CHECK_INT(values[i], 10ull * keys[i]);
			seen |= 1u << keys[i];
		}
	} while (!err);
	CHECK_INT(err, -ENOENT);
	CHECK_INT(seen, (1u << 20) - 1);
	a.in = NULL;
	a.count = 64;
	CHECK_INT(map_batch(m, MAP_BATCH_LOOKUP_DELETE, &a), -ENOENT);
	CHECK_INT(a.count, 20);
	CHECK_INT(map_count(m), 0);
	a.count = 5;
	CHECK_INT(map_batch(m, MAP_BATCH_DELETE, &a), -ENOENT);
	CHECK_INT(a.count, 0);
	kobj_put(&m->obj);
	m = make(&r, UAPI_MAP_queue, 0, 8, 20, 0);
	CHECK_INT(map_batch(m, MAP_BATCH_LOOKUP, &a), -MAP_ENOTSUPP);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_queues(void)
{
	static const struct {
		uint32_t type, first, second, kept;
	} rows[] = { { UAPI_MAP_queue, 1, 2, 2 }, { UAPI_MAP_stack, 3, 2, 4 } };
	struct maps_rig r;

	maps_init(&r);
	for (size_t i = 0; i < countof(rows); i++) {
		struct map *m = make(&r, rows[i].type, 0, 4, 3, 0);
		uint32_t v, got = 9;

		CHECK_INT(map_pop(m, &got), -ENOENT);
		CHECK_INT(got, 0);
		for (v = 1; v <= 3; v++)
			CHECK_INT(map_user_update(m, NULL, &v, 0), 0);
		CHECK_INT(map_user_update(m, NULL, &v, 0), -E2BIG);
		CHECK_INT(map_user_lookup(m, NULL, &got, 0), 0);
		CHECK_INT(got, rows[i].first);
		/* In place of the oldest. */
		CHECK_INT(map_push(m, &v, BPF_EXIST), 0);
		CHECK_INT(map_peek(m, &got), 0);
		CHECK_INT(got, rows[i].kept);
		CHECK_INT(map_push(m, &v, BPF_NOEXIST), -EINVAL);
		CHECK_INT(map_user_take(m, NULL, &got, 0), 0);
		CHECK_INT(got, rows[i].kept);
		CHECK_INT(map_user_delete(m, NULL), -EINVAL);
		CHECK_INT(map_count(m), 2);
		kobj_put(&m->obj);
	}
	maps_free(&r);
}

static void test_bloom(void)
{
	struct maps_rig r;
	struct map *m;
	unsigned int wrong = 0;

	maps_init(&r);
	m = make(&r, UAPI_MAP_bloom_filter, 0, 4, 1000, 0);
	for (uint32_t v = 0; v < 1000; v++)
		CHECK_INT(map_user_update(m, NULL, &v, 0), 0);
	for (uint32_t v = 0; v < 1000; v++)
		CHECK_INT(map_user_lookup(m, NULL, &v, 0), 0);
	for (uint32_t v = 1000; v < 11000; v++)
		wrong += map_user_lookup(m, NULL, &v, 0) == 0;
	if (wrong > 500)
		FAIL("%u of 10000 found that were not put in", wrong);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_trie(void)
{
	static const struct prefix {
		uint32_t len;
		uint8_t addr[4];
	} in[] = { { 8, { 10 } },	    { 16, { 10, 1 } }, { 24, { 10, 1, 2 } },
		   { 32, { 10, 1, 2, 3 } }, { 0, { 0 } },      { 16, { 192, 168 } } },
	  order[] = { { 32, { 10, 1, 2, 3 } }, { 24, { 10, 1, 2 } }, { 16, { 10, 1 } },
		      { 8, { 10 } },	       { 16, { 192, 168 } }, { 0, { 0 } } };
	struct prefix key, next;
	struct maps_rig r;
	uint32_t v, got = 0;
	struct map *m;

	maps_init(&r);
	m = make(&r, UAPI_MAP_lpm_trie, 8, 4, 6, BPF_F_NO_PREALLOC);
	for (v = 0; v < 6; v++)
		CHECK_INT(map_user_update(m, &in[v], &v, BPF_NOEXIST), 0);
	key = (struct prefix){ 9, { 10 } };
	CHECK_INT(map_user_update(m, &key, &v, 0), -ENOSPC);
	key = (struct prefix){ 33, { 10 } };
	CHECK_INT(map_user_update(m, &key, &v, 0), -EINVAL);
	key = (struct prefix){ 32, { 10, 1, 2, 9 } };
	CHECK_INT(map_user_lookup(m, &key, &got, 0), 0);
	CHECK_INT(got, 2);
	key = (struct prefix){ 32, { 10, 9, 9, 9 } };
	CHECK_INT(map_user_lookup(m, &key, &got, 0), 0);
	CHECK_INT(got, 0);
	key = (struct prefix){ 32, { 9, 9, 9, 9 } };
	CHECK_INT(map_user_lookup(m, &key, &got, 0), 0);
	CHECK_INT(got, 4);
	/* The more specific first. */
	for (size_t i = 0; i < countof(order); i++) {
		CHECK_INT(map_user_next(m, i ? &key : NULL, &next), 0);
		CHECK(!memcmp(&next, &order[i], sizeof(next)));
		key = next;
	}
	CHECK_INT(map_user_next(m, &key, &next), -ENOENT);
	CHECK_INT(map_user_delete(m, &in[1]), 0);
	CHECK_INT(map_user_delete(m, &in[1]), -ENOENT);
	key = (struct prefix){ 32, { 10, 1, 9, 9 } };
	CHECK_INT(map_user_lookup(m, &key, &got, 0), 0);
	CHECK_INT(got, 0);
	kobj_put(&m->obj);
	maps_free(&r);
}

static void test_struct_ops(void)
{
	uint32_t key = 0, one = 1, value[8] = {}, got[8];
	struct maps_rig r;
	struct map *m;

	maps_init(&r);
	m = make(&r, UAPI_MAP_struct_ops, 4, 32, 1, 0);
	CHECK_INT(map_user_delete(m, &key), -ENOENT);
	value[2] = 5;
	CHECK_INT(map_user_update(m, &one, value, 0), -E2BIG);
	CHECK_INT(map_user_update(m, &key, value, 1), -EINVAL);
	CHECK_INT(map_user_update(m, &key, value, 0), 0);
	CHECK_INT(map_user_update(m, &key, value, 0), -EBUSY);
	CHECK_INT(map_user_lookup(m, &key, got, 0), 0);
	CHECK(got[1] == 1 && got[2] == 5); /* in use */
	CHECK(!map_struct_ops_ready(m));
	CHECK_INT(map_user_delete(m, &key), 0);
	CHECK_INT(map_user_delete(m, &key), -EINPROGRESS);
	kobj_put(&m->obj);
	m = make(&r, UAPI_MAP_struct_ops, 4, 32, 1, 1 << 13);
	CHECK(!map_struct_ops_ready(m));
	CHECK_INT(map_user_update(m, &key, value, 0), 0);
	CHECK(map_struct_ops_ready(m));
	CHECK_INT(map_user_delete(m, &key), -EOPNOTSUPP);
	kobj_put(&m->obj);
	maps_free(&r);
}

static const struct test tests[] = {
	{ "hash: flags, capacity, walks, frozen", test_hash },
	{ "batches", test_batches },
	{ "queues and stacks", test_queues },
	{ "bloom filters", test_bloom },
	{ "tries", test_trie },
	{ "struct_ops", test_struct_ops },
};
TEST_MAIN(tests)
