// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps: information, elements, batches, and walks through maps that change. */
#include <sys/syscall.h>

#include "core/err.h"
#include "core/map.h"
#include "core/map_cursor.h"
#include "core/obj.h"
#include "kern.h"
#include "uapi/names.h"

/* A kernel without batches. */
static long no_batches(struct sys_backend *self, long nr, const unsigned long args[6])
{
	if (nr == SYS_bpf && args[0] >= BPF_MAP_LOOKUP_BATCH && args[0] <= BPF_MAP_DELETE_BATCH) {
		errno = 524;
		return -1;
	}
	return sys_next(self, nr, args);
}

static int open_new(struct map *m, uint32_t type, uint32_t key, uint32_t value, uint32_t entries,
		    uint32_t flags)
{
	struct err e = {};
	struct map_spec s = { .type = type,
			      .key_size = key,
			      .value_size = value,
			      .max_entries = entries,
			      .flags = flags,
			      .name = own_name("m") };
	int r = map_create(m, &s, &e);

	if (r)
		FAIL("%s (%s)", e.what, e.hint);
	return r;
}

static void information(void)
{
	auto_map struct map m = MAP_INIT, again = MAP_INIT;
	struct map_info i;
	struct err e = {};
	char label[64];

	NEED_KERNEL();
	if (open_new(&m, UAPI_MAP_percpu_hash, 3, 5, 7, BPF_F_NO_PREALLOC))
		return;
	CHECK_INT(m.cpus, sys_possible_cpus());
	CHECK_INT(m.stride, 8);
	CHECK_INT(m.value_len, 8 * m.cpus);
	CHECK_INT(map_open_id(&again, m.info.id, &e), 0);
	CHECK_INT(map_info_read(again.fd, &i, &e), 0);
	CHECK_INT(i.id, m.info.id);
	CHECK_INT(i.key_size, 3);
	CHECK_INT(i.value_size, 5);
	CHECK_INT(i.max_entries, 7);
	CHECK_INT(i.flags, BPF_F_NO_PREALLOC);
	CHECK_STR(i.name, own_name("m"));
	CHECK(i.has_memlock && !i.frozen && i.owner_prog_type == -1);
	snprintf(label, sizeof(label), "map %u (%s)", i.id, own_name("m"));
	CHECK_STR(map_label(&i, (char[64]){}), label);
	CHECK_INT(map_freeze(&m, &e), 0);
	CHECK_INT(map_info_read(again.fd, &i, &e), 0);
	CHECK(i.frozen);
	CHECK_INT(map_freeze(&m, &e), -EBUSY);
	CHECK(strstr(e.what, "is frozen already"));
}

struct count {
	uint32_t id;
	int found;
};

static int count_one(const struct map_info *i, int fd, void *arg)
{
	struct count *c = arg;

	c->found += i->id == c->id && fd >= 0;
	return 0;
}

static void all_maps_are_visited(void)
{
	auto_map struct map m = MAP_INIT;
	struct count c = {};
	struct err e = {};

	NEED_KERNEL();
	if (open_new(&m, UAPI_MAP_array, 4, 4, 1, 0))
		return;
	c.id = m.info.id;
	CHECK_INT(map_each(count_one, &c, &e), 0);
	CHECK_INT(c.found, 1);
}

static void elements(void)
{
	auto_map struct map m = MAP_INIT;
	struct err e = {};
	uint32_t key = 5, value = 50, next;

	NEED_KERNEL();
	if (open_new(&m, UAPI_MAP_hash, 4, 4, 2, 0))
		return;
	CHECK_INT(map_lookup(&m, &key, &value, 0, &e), -ENOENT);
	CHECK_INT(e.class, ERR_ABSENT);
	CHECK(strstr(e.what, "has no such key"));
	CHECK_INT(map_update(&m, &key, &value, MAPF_EXIST, &e), -ENOENT);
	CHECK_INT(map_update(&m, &key, &value, MAPF_NOEXIST, &e), 0);
	CHECK_INT(map_update(&m, &key, &value, MAPF_NOEXIST, &e), -EEXIST);
	value = 0;
	CHECK_INT(map_lookup(&m, &key, &value, 0, &e), 0);
	CHECK_INT(value, 50);
	CHECK_INT(map_next_key(&m, NULL, &next, &e), 1);
	CHECK_INT(next, 5);
	CHECK_INT(map_next_key(&m, &next, &next, &e), 0);
	key = 6;
	CHECK_INT(map_update(&m, &key, &value, 0, &e), 0);
	key = 7;
	CHECK_INT(map_update(&m, &key, &value, 0, &e), -E2BIG);
	CHECK(strstr(e.what, "is full: it takes 2 entries"));
	key = 6;
	value = 0;
	CHECK_INT(map_lookup_and_delete(&m, &key, &value, &e), 0);
	CHECK_INT(value, 50);
	CHECK_INT(map_delete(&m, &key, &e), -ENOENT);
	CHECK_INT(map_freeze(&m, &e), 0);
	CHECK_INT(map_update(&m, &key, &value, 0, &e), -EPERM);
	CHECK(strstr(e.what, "is frozen"));
}

static void errors_say_what_the_type_allows(void)
{
	auto_map struct map a = MAP_INIT, q = MAP_INIT, p = MAP_INIT, none = MAP_INIT;
	struct err e = {};
	uint32_t key = 9, value = 1;
	const void *k, *v;
	struct map_cursor c;

	NEED_KERNEL();
	if (open_new(&a, UAPI_MAP_array, 4, 4, 4, 0) || open_new(&q, UAPI_MAP_queue, 0, 4, 2, 0) ||
	    open_new(&p, UAPI_MAP_perf_event_array, 4, 4, 1, 0))
		return;
	CHECK_INT(map_update(&a, &key, &value, 0, &e), -E2BIG);
	CHECK(strstr(e.what, "has no such index: the last one is 3"));
	key = 0;
	CHECK_INT(map_delete(&a, &key, &e), -EINVAL);
	CHECK(strstr(e.what, "cannot be deleted"));

	CHECK_INT(map_lookup_and_delete(&q, NULL, &value, &e), -ENOENT);
	CHECK(strstr(e.what, "is empty"));
	CHECK_INT(map_update(&q, NULL, &value, 0, &e), 0);
	CHECK_INT(map_update(&q, NULL, &value, 0, &e), 0);
	CHECK_INT(map_update(&q, NULL, &value, 0, &e), -E2BIG);
	value = 0;
	CHECK_INT(map_lookup(&q, NULL, &value, 0, &e), 0);
	CHECK_INT(value, 1);
	CHECK_INT(map_delete(&q, NULL, &e), -EINVAL);
	CHECK(strstr(e.what, "is a queue, which has no keys"));
	CHECK_INT(map_cursor_open(&c, &q, &e), -EINVAL);

	CHECK_INT(map_lookup(&p, &key, &value, 0, &e), -524);
	CHECK(strstr(e.what, "is of type perf_event_array, which cannot be read by key"));
	CHECK_INT(map_cursor_open(&c, &p, &e), 0);
	CHECK_INT(map_cursor_next(&c, &k, &v, &e), 1);
	CHECK_INT(c.value_error, 524);
	CHECK(!v);
	map_cursor_close(&c);

	CHECK(map_create(&none,
			 &(struct map_spec){ .type = UAPI_MAP_lpm_trie,
					     .key_size = 4,
					     .value_size = 4,
					     .max_entries = 4 },
			 &e) < 0);
	CHECK(strstr(e.hint, "__u32 prefixlen"));
	CHECK(map_create(&none,
			 &(struct map_spec){ .type = UAPI_MAP_array,
					     .key_size = 4,
					     .value_size = 4,
					     .max_entries = 4,
					     .name = "much_too_long_name" },
			 &e) < 0);
	CHECK_INT(e.class, ERR_INPUT);
}

static void fill(const struct map *m, uint32_t n)
{
	auto_free uint32_t *keys = xcalloc(n, 4);
	auto_free uint64_t *values = xcalloc(n, m->value_len);
	struct err e = {};
	uint32_t done;

	for (uint32_t i = 0; i < n; i++) {
		keys[i] = i;
		values[i * m->value_len / 8] = i + 1;
	}
	CHECK_INT(map_update_batch(m, keys, values, n, 0, &done, &e), n);
	CHECK_INT(done, n);
}

/* Walks once, checks that each key comes once and has its value. */
static void walk_and_check(const struct map *m, uint32_t n)
{
	auto_free uint8_t *seen = xcalloc(n, 1);
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	struct err e = {};
	uint32_t count = 0, k;
	uint64_t v;

	CHECK_INT(map_cursor_open(&c, m, &e), 0);
	while (map_cursor_next(&c, &key, &value, &e) == 1) {
		memcpy(&k, key, 4);
		memcpy(&v, value, 8);
		if (k >= n || seen[k]++ || v != k + 1) {
			FAIL("key %u of map type %u comes wrongly", k, m->info.type);
			return;
		}
		count++;
	}
	CHECK_INT(count, n);
	CHECK(!c.cut);
}

static void walks_are_complete(void)
{
	static const uint32_t types[] = { UAPI_MAP_hash, UAPI_MAP_array, UAPI_MAP_percpu_hash,
					  UAPI_MAP_percpu_array, UAPI_MAP_lru_hash };

	NEED_KERNEL();
	for (size_t i = 0; i < countof(types); i++) {
		struct sys_backend old = { .call = no_batches };
		auto_map struct map m = MAP_INIT;
		uint32_t n = 20000;

		if (open_new(&m, types[i], 4, 8, types[i] == UAPI_MAP_lru_hash ? 2 * n : n, 0))
			continue;
		fill(&m, n);
		walk_and_check(&m, n);
		sys_push(&old);
		fill(&m, n);
		walk_and_check(&m, n);
		sys_pop(&old);
	}
}

static void crowded_buckets_grow_the_buffer(void)
{
	auto_map struct map m = MAP_INIT;
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	struct err e = {};
	uint32_t n = 0, k;

	NEED_KERNEL();
	/* Values so large that the buffer starts with four entries. */
	if (open_new(&m, UAPI_MAP_hash, 4, 100000, 64, BPF_F_NO_PREALLOC))
		return;
	for (k = 0; k < 64; k++) {
		auto_free uint8_t *big = xcalloc(1, 100000);

		CHECK_INT(map_update(&m, &k, big, 0, &e), 0);
	}
	CHECK_INT(map_cursor_open(&c, &m, &e), 0);
	c.cap = 1; /* any bucket of two is too large */
	while (map_cursor_next(&c, &key, &value, &e) == 1)
		n++;
	CHECK_INT(n, 64);
	CHECK(c.cap > 1);
}

static void deleting_what_was_read(const struct map *m, uint32_t n)
{
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	struct err e = {};
	uint32_t count = 0;

	CHECK_INT(map_cursor_open(&c, m, &e), 0);
	while (map_cursor_next(&c, &key, &value, &e) == 1) {
		CHECK_INT(map_delete(m, key, &e), 0);
		count++;
	}
	CHECK_INT(count, n);
}

static void deleting_while_walking(void)
{
	struct sys_backend old = { .call = no_batches };
	auto_map struct map m = MAP_INIT;

	NEED_KERNEL();
	if (open_new(&m, UAPI_MAP_hash, 4, 8, 5000, 0))
		return;
	fill(&m, 5000);
	deleting_what_was_read(&m, 5000);
	sys_push(&old);
	fill(&m, 5000);
	deleting_what_was_read(&m, 5000);
	sys_pop(&old);
}

/* Deletes and inserts for ever, so that a key by key walk loses its place again and again. */
static pid_t start_churn(const struct map *m, uint32_t from, uint32_t to)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (;;) {
		struct err e = {};
		uint64_t v = 0;

		for (uint32_t k = from; k < to; k++)
			map_delete(m, &k, &e);
		for (uint32_t k = from; k < to; k++)
			map_update(m, &k, &v, 0, &e);
	}
}

static void churn(uint32_t type, bool batches)
{
	struct sys_backend old = { .call = no_batches };
	auto_map struct map m = MAP_INIT;
	auto_map_cursor struct map_cursor c = {};
	uint32_t n = 2000, stay = 0;
	auto_free uint8_t *seen = xcalloc(2 * n, 1);
	const void *key, *value;
	struct err e = {};
	pid_t pid;

	if (open_new(&m, type, type == UAPI_MAP_lpm_trie ? 8 : 4, 8, 2 * n, BPF_F_NO_PREALLOC))
		return;
	if (type == UAPI_MAP_lpm_trie)
		for (uint32_t k = 0; k < n; k++)
			CHECK_INT(
				map_update(&m, (uint32_t[]){ 32, k }, &(uint64_t){ k + 1 }, 0, &e),
				0);
	else
		fill(&m, n);
	pid = start_churn(&m, n, 2 * n);
	if (!batches)
		sys_push(&old);
	CHECK_INT(map_cursor_open(&c, &m, &e), 0);
	while (map_cursor_next(&c, &key, &value, &e) == 1) {
		uint32_t k[2];

		memcpy(k, key, m.info.key_size);
		if (m.info.key_size == 8)
			k[0] = k[1];
		if (k[0] >= 2 * n || seen[k[0]]++) {
			FAIL("key %u comes twice (type %u, batches %d)", k[0], type, batches);
			break;
		}
		stay += k[0] < n;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (!batches)
		sys_pop(&old);
	CHECK(c.cut || stay == n);
}

static void walks_are_bounded_under_change(void)
{
	NEED_KERNEL();
	churn(UAPI_MAP_hash, true);
	churn(UAPI_MAP_hash, false);
	churn(UAPI_MAP_lpm_trie, true);
	churn(UAPI_MAP_lpm_trie, false);
}

static void batches_go_on_after_a_missing_key(void)
{
	uint32_t keys[] = { 0, 77, 1, 78, 79, 2 }, done, k;
	auto_map struct map m = MAP_INIT, small = MAP_INIT;
	uint64_t v[6] = { 1, 1, 1, 1, 1, 1 };
	struct err e = {};

	NEED_KERNEL();
	if (open_new(&m, UAPI_MAP_hash, 4, 8, 10, 0) ||
	    open_new(&small, UAPI_MAP_hash, 4, 8, 3, BPF_F_NO_PREALLOC))
		return;
	fill(&m, 4);
	CHECK_INT(map_delete_batch(&m, keys, 6, &done, &e), 6);
	CHECK_INT(map_next_key(&m, NULL, &k, &e), 1);
	CHECK_INT(k, 3);
	CHECK_INT(map_next_key(&m, &k, &k, &e), 0);
	/* Full after three: the error is the kernel's, the number is right. */
	CHECK_INT(map_update_batch(&small, keys, v, 6, 0, &done, &e), -E2BIG);
	CHECK_INT(done, 3);
	CHECK(strstr(e.what, "is full: it takes 3 entries"));
	/* Flags that batches do not take. */
	CHECK_INT(map_update_batch(&m, keys, v, 2, MAPF_NOEXIST, &done, &e), 2);
	CHECK_INT(map_update_batch(&m, keys, v, 2, MAPF_NOEXIST, &done, &e), -EEXIST);
	CHECK_INT(map_update_batch(&m, keys, v, 0, 0, &done, &e), 0);
}

static void sparse_arrays_give_what_is_there(void)
{
	auto_map struct map m = MAP_INIT;
	auto_map_cursor struct map_cursor c = {};
	auto_fd int prog = -1;
	const void *key, *value;
	struct err e = {};
	uint32_t at = 3, v;

	NEED_KERNEL();
	if (open_new(&m, UAPI_MAP_prog_array, 4, 4, 8, 0))
		return;
	prog = make_prog(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, NULL);
	CHECK_INT(map_update(&m, &at, &prog, 0, &e), 0);
	CHECK_INT(map_cursor_open(&c, &m, &e), 0);
	CHECK_INT(map_cursor_next(&c, &key, &value, &e), 1);
	memcpy(&v, key, 4);
	CHECK_INT(v, 3);
	memcpy(&v, value, 4);
	CHECK_INT(v, obj_id(OBJ_PROG, prog));
	CHECK_INT(map_cursor_next(&c, &key, &value, &e), 0);
}

static const struct test tests[] = {
	{ "information about a map", information },
	{ "all maps are visited", all_maps_are_visited },
	{ "elements of a hash", elements },
	{ "errors say what the type allows", errors_say_what_the_type_allows },
	{ "walks are complete, with and without batches", walks_are_complete },
	{ "a crowded bucket grows the buffer", crowded_buckets_grow_the_buffer },
	{ "what was read may be deleted", deleting_while_walking },
	{ "walks are bounded and without duplicates under change", walks_are_bounded_under_change },
	{ "a batch goes on after a missing key", batches_go_on_after_a_missing_key },
	{ "sparse arrays give what is there", sparse_arrays_give_what_is_there },
};
TEST_MAIN(tests)
