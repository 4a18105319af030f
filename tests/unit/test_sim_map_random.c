// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Random operations on random small maps: the mock and the kernel must agree at every step. */
#include "sim_maps.h"

#define KEY_MAX 20
#define NP BPF_F_NO_PREALLOC

static const struct kind {
	uint32_t type, flags;
	bool queue, fixed, ordered; /* fixed: keys of 4 bytes; ordered: keys come in one order */
} kinds[] = {
	{ UAPI_MAP_hash, 0, false, false, false },
	{ UAPI_MAP_hash, NP, false, false, false },
	{ UAPI_MAP_percpu_hash, 0, false, false, false },
	{ UAPI_MAP_percpu_hash, NP, false, false, false },
	{ UAPI_MAP_lru_hash, 0, false, false, false },
	{ UAPI_MAP_lru_percpu_hash, 0, false, false, false },
	{ UAPI_MAP_array, 0, false, true, true },
	{ UAPI_MAP_array, BPF_F_MMAPABLE, false, true, true },
	{ UAPI_MAP_percpu_array, 0, false, true, true },
	{ UAPI_MAP_lpm_trie, NP, false, false, true },
	{ UAPI_MAP_lpm_trie, NP, false, false, true },
	{ UAPI_MAP_queue, 0, true, false, true },
	{ UAPI_MAP_stack, 0, true, false, true },
};

struct run {
	struct maps_rig r;
	const struct kind *k;
	struct map *m;
	int fd;
	uint32_t key, value, entries, range; /* bytes, bytes for user space, keys drawn from */
	uint64_t seed;
	unsigned int step;
	bool failed;
};

static uint32_t draw(struct run *t, uint32_t below)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return (uint32_t)(t->seed >> 32) % below;
}

static void draw_key(struct run *t, uint8_t *key)
{
	uint32_t n = draw(t, t->range), len;

	memset(key, 0, KEY_MAX);
	if (t->k->type != UAPI_MAP_lpm_trie) {
		memcpy(key, &n, t->key < 4 ? t->key : 4);
		return;
	}
	/* Few bits, so that prefixes are often part of each other; a wrong length at times. */
	len = draw(t, 40) ? draw(t, (t->key - 4) * 8 + 1) : 300;
	if (draw(t, 2))
		len &= 15;
	memcpy(key, &len, sizeof(len));
	key[4] = (uint8_t)(n << 5 | n >> 3);
	if (t->key > 5)
		key[5] = (uint8_t)draw(t, 4);
}

static void draw_value(struct run *t, uint8_t *value, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		value[i] = (uint8_t)draw(t, 256);
}

static void differ(struct run *t, const char *what, long long mock, long long kernel)
{
	if (!t->failed)
		FAIL("%s key %u value %u entries %u, step %u, %s: %lld, the kernel says %lld",
		     uapi_map_type_name(t->k->type), t->key, t->value, t->entries, t->step, what,
		     mock, kernel);
	t->failed = true;
}

/* One operation on one random key. */
static void element(struct run *t)
{
	static const enum maps_op ops[] = { OP_LOOKUP, OP_UPDATE, OP_UPDATE, OP_UPDATE,
					    OP_DELETE, OP_TAKE,	  OP_LOOKUP };
	enum maps_op op = ops[draw(t, countof(ops))];
	uint8_t key[KEY_MAX], got[2][MAPS_VALUE];
	uint64_t flags = op == OP_UPDATE && !draw(t, 3) ? draw(t, 4) : 0;
	int r[2];

	draw_key(t, key);
	draw_value(t, got[0], t->value);
	memcpy(got[1], got[0], t->value);
	for (int i = 0; i < 2; i++) {
		struct maps_args a = { .key = t->k->queue ? NULL : key,
				       .value = got[i],
				       .flags = flags };

		r[i] = i ? maps_kernel(t->fd, op, &a) : maps_mock(t->m, op, &a);
	}
	if (r[0] != r[1])
		differ(t, maps_op_name(op), r[0], r[1]);
	else if (!r[0] && (op == OP_LOOKUP || op == OP_TAKE) &&
		 memcmp(got[0], got[1], t->value) != 0)
		differ(t, "the value", got[0][0], got[1][0]);
}

static void change_batch(struct run *t)
{
	uint8_t keys[8 * KEY_MAX], values[8 * 512], key[KEY_MAX];
	enum maps_op op = draw(t, 3) ? OP_BATCH_UPDATE : OP_BATCH_DELETE;
	uint32_t n = 1 + draw(t, 8), count[2];
	int r[2];

	for (uint32_t i = 0; i < n; i++) {
		draw_key(t, key);
		memcpy(keys + (size_t)i * t->key, key, t->key);
	}
	draw_value(t, values, n * t->value);
	for (int i = 0; i < 2; i++) {
		struct maps_args a = { .keys = keys, .value = values, .count = n };

		r[i] = i ? maps_kernel(t->fd, op, &a) : maps_mock(t->m, op, &a);
		count[i] = a.count;
	}
	if (r[0] != r[1])
		differ(t, maps_op_name(op), r[0], r[1]);
	else if (r[0] != -524 && count[0] != count[1])
		differ(t, "the batch's count", count[0], count[1]);
}

/* Keys and values, sorted by key unless their order says something. */
struct dump {
	uint32_t n, size;
	uint8_t data[64 * (KEY_MAX + 512)];
};

static int by_bytes(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(uint32_t *)size);
}

static int dump_keys(struct run *t, int which, struct dump *d)
{
	uint8_t key[KEY_MAX], *at = NULL;
	int r = 0;

	d->n = 0;
	d->size = t->key + t->value;
	while (d->n < 64) {
		uint8_t *to = d->data + (size_t)d->n * d->size;
		struct maps_args next = { .key = at, .value = to };
		struct maps_args get = { .key = to, .value = to + t->key };

		r = which ? maps_kernel(t->fd, OP_NEXT, &next) : maps_mock(t->m, OP_NEXT, &next);
		if (r)
			break;
		r = which ? maps_kernel(t->fd, OP_LOOKUP, &get) : maps_mock(t->m, OP_LOOKUP, &get);
		if (r)
			break;
		memcpy(key, to, t->key);
		at = key;
		d->n++;
	}
	return r;
}

/* The same by batches of a size the kernel's buckets always fit in. */
static int dump_batches(struct run *t, int which, enum maps_op op, struct dump *d)
{
	uint8_t keys[64 * KEY_MAX], values[64 * 512], token[2][KEY_MAX + 8];
	bool more = false;
	int r;

	d->n = 0;
	d->size = t->key + t->value;
	do {
		struct maps_args a = { .key = more ? token[0] : NULL,
				       .out = token[1],
				       .keys = keys,
				       .value = values,
				       .count = t->entries < 8 ? t->entries : t->entries / 2 + 4 };

		r = which ? maps_kernel(t->fd, op, &a) : maps_mock(t->m, op, &a);
		/* A bucket that did not fit: all the room there can be. */
		if (r == -ENOSPC) {
			a.count = 64;
			r = which ? maps_kernel(t->fd, op, &a) : maps_mock(t->m, op, &a);
		}
		if (r && r != -ENOENT)
			return r;
		for (uint32_t i = 0; i < a.count && d->n < 64; i++, d->n++) {
			uint8_t *to = d->data + (size_t)d->n * d->size;

			memcpy(to, keys + (size_t)i * t->key, t->key);
			memcpy(to + t->key, values + (size_t)i * t->value, t->value);
		}
		memcpy(token[0], token[1], sizeof(token[0]));
		more = true;
	} while (!r && d->n < 64);
	return r;
}

static void compare_dumps(struct run *t, struct dump d[2], const int r[2], const char *what)
{
	if (r[0] != r[1])
		differ(t, what, r[0], r[1]);
	else if (r[0] != -ENOENT && r[0])
		return;
	else if (d[0].n != d[1].n)
		differ(t, what, d[0].n, d[1].n);
	if (t->failed)
		return;
	for (int i = 0; i < 2 && !t->k->ordered; i++)
		qsort_r(d[i].data, d[i].n, d[i].size, by_bytes, &d[i].size);
	if (memcmp(d[0].data, d[1].data, (size_t)d[0].n * d[0].size) != 0)
		differ(t, what, 0, 1);
}

static void compare_all(struct run *t, enum maps_op op)
{
	static const char *const what[] = { "all keys", "all by batches", "all taken" };
	int kind = op == OP_BATCH_LOOKUP ? 1 : op == OP_BATCH_TAKE ? 2 : 0, r[2];
	struct dump *d = calloc(2, sizeof(*d));

	for (int i = 0; i < 2; i++)
		r[i] = kind ? dump_batches(t, i, op, &d[i]) : dump_keys(t, i, &d[i]);
	compare_dumps(t, d, r, what[kind]);
	free(d);
}

static void steps(struct run *t)
{
	for (t->step = 0; t->step < 250 && !t->failed; t->step++) {
		uint32_t what = draw(t, 24);

		if (what < 18 || t->k->queue)
			element(t);
		else if (what < 21)
			change_batch(t);
		else if (what == 21)
			compare_all(t, OP_NEXT);
		else if (what == 22)
			compare_all(t, OP_BATCH_LOOKUP);
		else if (!draw(t, 6))
			compare_all(t, OP_BATCH_TAKE);
	}
	if (!t->failed && !t->k->queue)
		compare_all(t, OP_NEXT);
}

static void test_random(void)
{
	static const uint32_t keys[] = { 1, 2, 3, 4, 7, 8, 12, 16 };
	struct run t = {};
	unsigned int maps = 0;

	if (maps_no_kernel())
		SKIP(maps_no_kernel());
	maps_init(&t.r);
	for (uint64_t seed = 1; seed <= 650; seed++) {
		struct map_spec s;

		t.k = &kinds[seed % countof(kinds)];
		t.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
		t.failed = false;
		s = (struct map_spec){ .type = t.k->type,
				       .flags = t.k->flags,
				       .value_size = 1 + draw(&t, 40),
				       .max_entries = 1 + draw(&t, 24) };
		s.key_size = t.k->queue			      ? 0
			     : t.k->fixed		      ? 4
			     : t.k->type == UAPI_MAP_lpm_trie ? 5 + draw(&t, 8)
							      : keys[draw(&t, countof(keys))];
		t.range = s.max_entries + 4;
		/* What an LRU map does when it is full is its own affair. */
		if (t.k->type == UAPI_MAP_lru_hash || t.k->type == UAPI_MAP_lru_percpu_hash)
			s.max_entries = 1024;
		t.key = s.key_size;
		t.entries = t.range;
		CHECK_INT(map_new(&t.r.w, &t.r.objects, &s, &t.m), 0);
		t.fd = maps_kernel_new(&s, -1, -1);
		t.value = map_user_size(t.m);
		if (t.fd >= 0 && t.value <= 512) {
			steps(&t);
			maps++;
		}
		closep(&t.fd);
		kobj_put(&t.m->obj);
		if (t.failed)
			printf("# seed %llu\n", (unsigned long long)seed);
	}
	printf("# %u maps\n", maps);
	maps_free(&t.r);
}

static const struct test tests[] = {
	{ "random operations, as the kernel", test_random },
};
TEST_MAIN(tests)
