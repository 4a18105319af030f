// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps read while another process inserts and deletes as fast as it can. */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#undef MAP_TYPE /* of mmap(2) */

#include "core/err.h"
#include "core/map.h"
#include "core/map_cursor.h"
#include "kern.h"
#include "uapi/names.h"

enum { STAYS = 20000, COMES = 20000, STEP = 500, CHANGES = 100000 };

/* A kernel without batches. */
static long no_batches(struct sys_backend *self, long nr, const unsigned long args[6])
{
	if (nr == SYS_bpf && args[0] >= BPF_MAP_LOOKUP_BATCH && args[0] <= BPF_MAP_DELETE_BATCH) {
		errno = 524;
		return -1;
	}
	return sys_next(self, nr, args);
}

/* A key of 8 bytes is a prefix of 32 bits. */
static void make_key(const struct map *m, uint32_t n, uint8_t *key)
{
	uint32_t prefix = 32;

	if (m->info.key_size == 8) {
		memcpy(key, &prefix, 4);
		key += 4;
	}
	memcpy(key, &n, 4);
}

static uint32_t key_number(const struct map *m, const void *key)
{
	uint32_t n;

	memcpy(&n, (const uint8_t *)key + m->info.key_size - 4, 4);
	return n;
}

static void put(const struct map *m, uint32_t from, uint32_t n)
{
	auto_free uint8_t *keys = xcalloc(n, m->info.key_size);
	auto_free uint8_t *values = xcalloc(n, m->value_len);
	struct err e = {};
	uint32_t done;

	for (uint32_t i = 0; i < n; i++)
		make_key(m, from + i, keys + (size_t)i * m->info.key_size);
	map_update_batch(m, keys, values, n, 0, &done, &e);
}

static void drop(const struct map *m, uint32_t from, uint32_t n)
{
	auto_free uint8_t *keys = xcalloc(n, m->info.key_size);
	struct err e = {};
	uint32_t done;

	for (uint32_t i = 0; i < n; i++)
		make_key(m, from + i, keys + (size_t)i * m->info.key_size);
	map_delete_batch(m, keys, n, &done, &e);
}

/* Never ends; *changes counts. */
static void churn(const struct map *m, volatile uint64_t *changes)
{
	for (uint32_t at = 0;; at = (at + STEP) % COMES) {
		put(m, STAYS + at, STEP);
		drop(m, STAYS + (at + COMES / 2) % COMES, STEP);
		*changes += 2 * (uint64_t)STEP;
	}
}

static bool walk_once(const struct map *m)
{
	auto_free uint8_t *seen = xcalloc(STAYS + COMES, 1);
	auto_map_cursor struct map_cursor c = {};
	const void *key, *value;
	struct err e = {};
	uint32_t missing = 0;
	int r = map_cursor_open(&c, m, &e);

	while (r == 0 && (r = map_cursor_next(&c, &key, &value, &e)) > 0) {
		uint32_t n = key_number(m, key);

		r = 0;
		if (n >= STAYS + COMES || seen[n]++) {
			FAIL("key %u of map type %u comes twice", n, m->info.type);
			return false;
		}
	}
	for (uint32_t n = 0; n < STAYS; n++)
		missing += !seen[n];
	if (r || (missing && !c.cut))
		FAIL("map type %u: %d %s, %u keys are missing", m->info.type, r, e.what, missing);
	return !r && (!missing || c.cut);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Walks until the other process has made CHANGES, at least 3 times. */
static void read_under_churn(uint32_t type, uint32_t key_size, uint32_t flags, bool batches)
{
	struct sys_backend old = { .call = no_batches };
	auto_map struct map m = MAP_INIT;
	int fd = make_map(type, key_size, 8, 4 * (STAYS + COMES), flags, own_name("c"));
	volatile uint64_t *changes =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct err e = {};
	double start;
	int walks = 0;
	pid_t pid;

	CHECK_INT(map_open(&m, fd, &e), 0);
	put(&m, 0, STAYS);
	pid = fork();
	if (pid == 0)
		churn(&m, changes);
	start = seconds();
	while (*changes == 0)
		;
	if (!batches)
		sys_push(&old);
	while ((walks < 3 || *changes < CHANGES) && walk_once(&m))
		walks++;
	if (!batches)
		sys_pop(&old);
	printf("# map type %u: %d walks, %.0f changes a second\n", type, walks,
	       (double)*changes / (seconds() - start));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	munmap((void *)(uintptr_t)changes, 4096);
}

static void hashes(void)
{
	NEED_KERNEL();
	read_under_churn(UAPI_MAP_hash, 4, 0, true);
	read_under_churn(UAPI_MAP_hash, 4, BPF_F_NO_PREALLOC, true);
	read_under_churn(UAPI_MAP_percpu_hash, 4, 0, true);
}

static void hashes_key_by_key(void)
{
	NEED_KERNEL();
	read_under_churn(UAPI_MAP_hash, 4, 0, false);
}

static void tries(void)
{
	NEED_KERNEL();
	read_under_churn(UAPI_MAP_lpm_trie, 8, BPF_F_NO_PREALLOC, true);
	read_under_churn(UAPI_MAP_lpm_trie, 8, BPF_F_NO_PREALLOC, false);
}

static const struct test tests[] = {
	{ "hash tables give each key that stays once", hashes },
	{ "so do they without batches", hashes_key_by_key },
	{ "and prefix tries", tries },
};
TEST_MAIN(tests)
