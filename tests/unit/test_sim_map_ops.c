// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Operations: each type, each command, good and bad arguments, in the mock and in the kernel. */
#include "sim_maps.h"

#include <netinet/in.h>
#include <sys/stat.h>

#include "kern.h"

#define NP BPF_F_NO_PREALLOC

/* What the values of a type are. */
enum content { BYTES, PROGS, MAPS, PERFS, CGROUPS, DEVS, CPUS, SOCKETS, XSKS, TASKS, FILES };

struct subject {
	uint32_t type, key, value, entries, flags;
	enum content content;
	bool btf;
};

static const struct subject subjects[] = {
	{ UAPI_MAP_hash, 4, 8, 4, 0, BYTES, false },
	{ UAPI_MAP_hash, 4, 8, 4, NP, BYTES, false },
	{ UAPI_MAP_hash, 7, 5, 4, 0, BYTES, false },
	{ UAPI_MAP_array, 4, 8, 4, 0, BYTES, false },
	{ UAPI_MAP_array, 4, 5, 4, BPF_F_MMAPABLE, BYTES, false },
	{ UAPI_MAP_prog_array, 4, 4, 4, 0, PROGS, false },
	{ UAPI_MAP_perf_event_array, 4, 4, 4, 0, PERFS, false },
	{ UAPI_MAP_percpu_hash, 4, 8, 4, 0, BYTES, false },
	{ UAPI_MAP_percpu_hash, 4, 5, 4, NP, BYTES, false },
	{ UAPI_MAP_percpu_array, 4, 12, 4, 0, BYTES, false },
	{ UAPI_MAP_stack_trace, 4, 80, 4, 0, BYTES, false },
	{ UAPI_MAP_cgroup_array, 4, 4, 4, 0, CGROUPS, false },
	{ UAPI_MAP_lru_hash, 4, 8, 64, 0, BYTES, false },
	{ UAPI_MAP_lru_percpu_hash, 4, 8, 64, 0, BYTES, false },
	{ UAPI_MAP_lpm_trie, 8, 8, 4, NP, BYTES, false },
	{ UAPI_MAP_array_of_maps, 4, 4, 4, 0, MAPS, false },
	{ UAPI_MAP_hash_of_maps, 4, 4, 4, 0, MAPS, false },
	{ UAPI_MAP_devmap, 4, 4, 4, 0, DEVS, false },
	{ UAPI_MAP_devmap, 4, 8, 4, 0, DEVS, false },
	{ UAPI_MAP_devmap_hash, 4, 4, 4, 0, DEVS, false },
	{ UAPI_MAP_devmap_hash, 4, 8, 4, 0, DEVS, false },
	{ UAPI_MAP_cpumap, 4, 4, 4, 0, CPUS, false },
	{ UAPI_MAP_cpumap, 4, 8, 4, 0, CPUS, false },
	{ UAPI_MAP_xskmap, 4, 4, 4, 0, XSKS, false },
	{ UAPI_MAP_sockmap, 4, 4, 4, 0, SOCKETS, false },
	{ UAPI_MAP_sockmap, 4, 8, 4, 0, SOCKETS, false },
	{ UAPI_MAP_sockhash, 4, 4, 4, 0, SOCKETS, false },
	{ UAPI_MAP_sockhash, 4, 8, 4, 0, SOCKETS, false },
	{ UAPI_MAP_reuseport_sockarray, 4, 4, 4, 0, SOCKETS, false },
	{ UAPI_MAP_reuseport_sockarray, 4, 8, 4, 0, SOCKETS, false },
	{ UAPI_MAP_cgroup_storage, 8, 8, 0, 0, BYTES, false },
	{ UAPI_MAP_percpu_cgroup_storage, 16, 8, 0, 0, BYTES, false },
	{ UAPI_MAP_queue, 0, 8, 4, 0, BYTES, false },
	{ UAPI_MAP_stack, 0, 8, 4, 0, BYTES, false },
	{ UAPI_MAP_bloom_filter, 0, 8, 4, 0, BYTES, false },
	{ UAPI_MAP_ringbuf, 0, 0, 4096, 0, BYTES, false },
	{ UAPI_MAP_user_ringbuf, 0, 0, 4096, 0, BYTES, false },
	{ UAPI_MAP_arena, 0, 0, 16, BPF_F_MMAPABLE, BYTES, false },
	{ UAPI_MAP_sk_storage, 4, 4, 0, NP, SOCKETS, true },
	{ UAPI_MAP_inode_storage, 4, 4, 0, NP, FILES, true },
	{ UAPI_MAP_task_storage, 4, 4, 0, NP, TASKS, true },
	{ UAPI_MAP_cgrp_storage, 4, 4, 0, NP, CGROUPS, true },
};

struct ground {
	struct maps_rig r;
	const char *cgroup;
	int btf;
	unsigned int rows, wrong;
};

/* Two of everything, so that what differs is not the number of the descriptor. */
static bool ground_init(struct ground *t)
{
	struct perf_event_attr perf = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(perf),
					.config = PERF_COUNT_SW_BPF_OUTPUT,
					.sample_type = PERF_SAMPLE_RAW };
	struct map_spec inner = {
		.type = UAPI_MAP_array, .key_size = 4, .value_size = 4, .max_entries = 4
	};
	struct bpf_map_info mi = {};
	struct bpf_prog_info pi = {};
	union bpf_attr attr = {};
	struct maps_fds *f = &t->r.fd;
	struct sockaddr_in any = { .sin_family = AF_INET };

	memset(t, 0, sizeof(*t));
	maps_init(&t->r);
	t->btf = maps_btf();
	CHECK_INT(map_new(&t->r.w, &t->r.objects, &inner, &t->r.inner), 0);
	f->map = maps_kernel_new(&inner, -1, -1);
	f->prog = make_prog(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, NULL);
	f->prog2 = make_prog(BPF_PROG_TYPE_XDP, 0, 0, NULL);
	t->r.prog2.type = UAPI_PROG_xdp;
	f->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK_INT(bind(f->udp, (struct sockaddr *)&any, sizeof(any)), 0);
	f->xsk = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	f->perf = (int)syscall(SYS_perf_event_open, &perf, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	f->pid = (int)syscall(SYS_pidfd_open, getpid(), 0);
	f->file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	t->cgroup = make_cgroup();
	f->cgroup = t->cgroup ? open(t->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	attr.info.bpf_fd = (uint32_t)f->map;
	attr.info.info = (uintptr_t)&mi;
	attr.info.info_len = sizeof(mi);
	CHECK_INT(maps_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), 0);
	t->r.inner->obj.id = mi.id;
	attr.info.bpf_fd = (uint32_t)f->prog;
	attr.info.info = (uintptr_t)&pi;
	attr.info.info_len = sizeof(pi);
	CHECK_INT(maps_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), 0);
	t->r.prog.obj.id = pi.id;
	return f->map >= 0 && f->prog >= 0 && f->prog2 >= 0 && f->perf >= 0;
}

static void ground_free(struct ground *t)
{
	closep(&t->btf);
	maps_free(&t->r);
	if (t->cgroup)
		rmdir(t->cgroup);
}

/* ---- rows --------------------------------------------------------------------------------- */

struct both {
	const struct subject *s;
	struct map *m;
	int fd;
	uint32_t size; /* of a user value */
};

static bool compare_out(enum maps_op op)
{
	return op != OP_UPDATE && op != OP_DELETE && op != OP_FREEZE && op != OP_BATCH_UPDATE &&
	       op != OP_BATCH_DELETE;
}

static void say(struct ground *t, const struct both *b, enum maps_op op, const char *what, int mock,
		int kernel)
{
	if (t->wrong++ > 200)
		return;
	FAIL("%s %u/%u, %s %s: %d, the kernel says %d", uapi_map_type_name(b->s->type), b->s->key,
	     b->s->value, maps_op_name(op), what, mock, kernel);
}

/* One operation on one key. */
static void row(struct ground *t, const struct both *b, enum maps_op op, const void *key,
		const void *value, uint64_t flags, const char *what)
{
	uint8_t got[2][MAPS_VALUE];
	size_t n = op == OP_NEXT ? b->s->key : b->size;
	struct maps_args a[2];
	int r[2];

	for (int i = 0; i < 2; i++) {
		memset(got[i], 0x5a, sizeof(got[i]));
		if (value)
			memcpy(got[i], value, b->size);
		a[i] = (struct maps_args){ .key = key, .value = got[i], .flags = flags };
		r[i] = i ? maps_kernel(b->fd, op, &a[i]) : maps_mock(b->m, op, &a[i]);
	}
	t->rows++;
	if (r[0] != r[1])
		say(t, b, op, what, r[0], r[1]);
	else if (!r[0] && compare_out(op) && memcmp(got[0], got[1], n) != 0)
		say(t, b, op, "(the value)", got[0][0], got[1][0]);
}

/* A batch of `count`, from the start or from where `in` says. */
static void batch_row(struct ground *t, const struct both *b, enum maps_op op, const void *in,
		      uint32_t count, uint64_t flags, uint64_t batch_flags, const char *what)
{
	uint8_t keys[2][64] = {}, values[2][MAPS_VALUE] = {}, out[2][64] = {};
	struct maps_args a[2];
	int r[2];

	for (int i = 0; i < 2; i++) {
		for (uint32_t k = 0; k < 3; k++)
			memcpy(keys[i] + (size_t)k * b->s->key, &k, b->s->key < 4 ? b->s->key : 4);
		a[i] = (struct maps_args){ .key = in,
					   .keys = keys[i],
					   .value = values[i],
					   .out = out[i],
					   .count = count,
					   .flags = flags,
					   .batch_flags = batch_flags };
		r[i] = i ? maps_kernel(b->fd, op, &a[i]) : maps_mock(b->m, op, &a[i]);
	}
	t->rows++;
	if (r[0] != r[1])
		say(t, b, op, what, r[0], r[1]);
	else if (a[0].count != a[1].count)
		say(t, b, op, "(the count)", (int)a[0].count, (int)a[1].count);
}

/* A value of the type: number 0 is a good one, 1 another, 2 the wrong kind, 3 nothing. */
static void make_value(struct ground *t, const struct subject *s, unsigned int which,
		       uint8_t *value)
{
	const struct maps_fds *f = &t->r.fd;
	const int good[] = { 0, f->prog, f->map, f->perf, f->cgroup, 1, 192, f->udp, f->xsk, 0, 0 };
	int v = good[s->content];

	memset(value, 0, MAPS_VALUE);
	if (s->content == BYTES || s->btf) {
		for (size_t i = 0; i < MAPS_VALUE; i++)
			value[i] = (uint8_t)(which * 16 + 1 + i % 7);
		return;
	}
	if (which == 1 && s->content == PROGS)
		v = f->prog2;
	if (which == 2)
		v = s->content == DEVS ? 0 : s->content == CPUS ? 20000 : f->file;
	if (which == 3)
		v = s->content == DEVS || s->content == CPUS ? 0 : 999;
	memcpy(value, &v, sizeof(v));
	/* A program that does not fit. */
	if (which == 1 && s->value == 8 && (s->content == DEVS || s->content == CPUS))
		memcpy(value + 4, &f->prog, sizeof(v));
}

static void make_key(struct ground *t, const struct subject *s, uint32_t which, uint8_t *key)
{
	const struct maps_fds *f = &t->r.fd;
	int fd = s->content == SOCKETS	 ? f->udp
		 : s->content == TASKS	 ? f->pid
		 : s->content == CGROUPS ? f->cgroup
					 : f->file;

	memset(key, 0, 64);
	if (s->btf) {
		fd = which == 0 ? fd : which == 1 ? f->map : -1;
		memcpy(key, &fd, sizeof(fd));
		return;
	}
	if (s->type == UAPI_MAP_lpm_trie) {
		uint32_t len = which > 5 ? which : 8 * which;

		memcpy(key, &len, sizeof(len));
		key[4] = 10;
		key[5] = (uint8_t)which;
		return;
	}
	memcpy(key, &which, s->key < 4 ? s->key : 4);
}

static const uint64_t flag_values[] = { 0, 1, 2, 3, 4, 5, 6, 8, 1ull << 32, ~0ull };

static bool open_both(struct ground *t, const struct subject *s, struct both *b)
{
	struct map_spec spec = { .type = s->type,
				 .key_size = s->key,
				 .value_size = s->value,
				 .max_entries = s->entries,
				 .flags = s->flags,
				 .btf_key_type = s->btf,
				 .btf_value_type = s->btf,
				 .inner = t->r.inner };

	*b = (struct both){ .s = s };
	b->fd = maps_kernel_new(&spec, t->r.fd.map, s->btf ? t->btf : -1);
	if (b->fd < 0)
		return false;
	CHECK_INT(map_new(&t->r.w, &t->r.objects, &spec, &b->m), 0);
	b->size = map_user_size(b->m);
	return b->m != NULL;
}

static void close_both(struct both *b)
{
	kobj_put(&b->m->obj);
	close(b->fd);
}

/* ---- tests -------------------------------------------------------------------------------- */

#define NEED_BOTH()                                                                                \
	do {                                                                                       \
		NEED_KERNEL();                                                                     \
		if (maps_no_kernel())                                                              \
			SKIP(maps_no_kernel());                                                    \
	} while (0)

static bool ordered(uint32_t type)
{
	/* Elsewhere the order of keys is the kernel's own; see the random test. */
	return type != UAPI_MAP_hash && type != UAPI_MAP_lru_hash && type != UAPI_MAP_percpu_hash &&
	       type != UAPI_MAP_lru_percpu_hash && type != UAPI_MAP_hash_of_maps &&
	       type != UAPI_MAP_sockhash && type != UAPI_MAP_devmap_hash;
}

static const uint32_t key_values[] = { 0, 1, 2, 3, 4, 5, 7, 0x7fffffff, 0xffffffff };

/* Every command on every key, with values of one sort. */
static void sweep(struct ground *t, const struct both *b, unsigned int which)
{
	uint8_t key[64], value[MAPS_VALUE];
	char what[64];

	for (size_t k = 0; k < countof(key_values); k++) {
		const void *at = b->s->key ? key : NULL;

		make_key(t, b->s, key_values[k], key);
		for (size_t f = 0; f < countof(flag_values); f++) {
			snprintf(what, sizeof(what), "key %#x flags %#llx value %u", key_values[k],
				 (unsigned long long)flag_values[f], which);
			make_value(t, b->s, which, value);
			row(t, b, OP_LOOKUP, at, b->s->type == UAPI_MAP_bloom_filter ? value : NULL,
			    flag_values[f], what);
			row(t, b, OP_UPDATE, at, value, flag_values[f], what);
			row(t, b, OP_LOOKUP, at, b->s->type == UAPI_MAP_bloom_filter ? value : NULL,
			    0, what);
		}
		if (ordered(b->s->type))
			row(t, b, OP_NEXT, at, NULL, 0, what);
	}
	if (ordered(b->s->type))
		row(t, b, OP_NEXT, NULL, NULL, 0, "NULL");
	for (size_t k = 0; k < countof(key_values); k++) {
		const void *at = b->s->key ? key : NULL;

		make_key(t, b->s, key_values[k], key);
		snprintf(what, sizeof(what), "key %#x after value %u", key_values[k], which);
		for (size_t f = 0; f < countof(flag_values); f++)
			row(t, b, OP_TAKE, at, NULL, flag_values[f], what);
		make_value(t, b->s, which, value);
		row(t, b, OP_UPDATE, at, value, 0, what);
		row(t, b, OP_DELETE, at, NULL, 0, what);
		row(t, b, OP_DELETE, at, NULL, 0, what);
	}
}

static void test_elements(void)
{
	struct ground t;
	struct both b;

	NEED_BOTH();
	if (!ground_init(&t))
		SKIP("no ground to test on");
	for (size_t i = 0; i < countof(subjects); i++) {
		if (!open_both(&t, &subjects[i], &b))
			continue;
		for (unsigned int which = 0; which < 4; which++)
			sweep(&t, &b, which);
		close_both(&b);
	}
	printf("# %u rows compared, %u differ\n", t.rows, t.wrong);
	ground_free(&t);
}

static void test_keyless(void)
{
	uint8_t key[8] = {}, value[MAPS_VALUE] = {};
	struct ground t;
	struct both b;

	NEED_BOTH();
	if (!ground_init(&t))
		SKIP("no ground to test on");
	for (size_t i = 0; i < countof(subjects); i++) {
		const void *wrong = subjects[i].key ? NULL : key;

		if (!open_both(&t, &subjects[i], &b))
			continue;
		row(&t, &b, OP_LOOKUP, wrong, NULL, 0, "with the wrong kind of key");
		row(&t, &b, OP_UPDATE, wrong, value, 0, "with the wrong kind of key");
		row(&t, &b, OP_DELETE, wrong, NULL, 0, "with the wrong kind of key");
		row(&t, &b, OP_TAKE, wrong, NULL, 0, "with the wrong kind of key");
		if (!subjects[i].key)
			row(&t, &b, OP_NEXT, wrong, NULL, 0, "with the wrong kind of key");
		close_both(&b);
	}
	printf("# %u rows compared, %u differ\n", t.rows, t.wrong);
	ground_free(&t);
}

static void test_batches(void)
{
	static const uint32_t counts[] = { 0, 1, 3, 4 };
	uint32_t far[16] = { 3 }, beyond[16] = { 1u << 20 };
	struct ground t;
	struct both b;

	NEED_BOTH();
	if (!ground_init(&t))
		SKIP("no ground to test on");
	for (size_t i = 0; i < countof(subjects); i++) {
		if (!open_both(&t, &subjects[i], &b))
			continue;
		for (enum maps_op op = OP_BATCH_LOOKUP; op < OPS; op++) {
			for (size_t f = 0; f < countof(flag_values); f++)
				batch_row(&t, &b, op, NULL, 3, flag_values[f], 0, "elem_flags");
			for (size_t c = 0; c < countof(counts); c++)
				batch_row(&t, &b, op, NULL, counts[c], 0, 0, "count");
			/* All of it fits whatever the buckets. */
			if (b.s->content == BYTES && op == OP_BATCH_DELETE)
				batch_row(&t, &b, OP_BATCH_UPDATE, NULL, 3, 0, 0, "again");
			batch_row(&t, &b, op, NULL, 3, 0, 1, "flags");
			batch_row(&t, &b, op, beyond, 3, 0, 0, "from beyond");
			if (ordered(b.s->type))
				batch_row(&t, &b, op, far, 3, 0, 0, "from 3");
		}
		batch_row(&t, &b, OP_BATCH_UPDATE, NULL, 3, 0, 0, "three");
		batch_row(&t, &b, OP_BATCH_LOOKUP, NULL, 8, 0, 0, "all");
		batch_row(&t, &b, OP_BATCH_TAKE, NULL, 8, 0, 0, "all");
		batch_row(&t, &b, OP_BATCH_LOOKUP, NULL, 8, 0, 0, "what is left");
		close_both(&b);
	}
	printf("# %u rows compared, %u differ\n", t.rows, t.wrong);
	ground_free(&t);
}

static void test_frozen(void)
{
	uint8_t key[64] = {}, value[MAPS_VALUE];
	struct ground t;
	struct both b;

	NEED_BOTH();
	if (!ground_init(&t))
		SKIP("no ground to test on");
	for (size_t i = 0; i < countof(subjects); i++) {
		const void *at = subjects[i].key ? key : NULL;

		if (!open_both(&t, &subjects[i], &b))
			continue;
		make_key(&t, b.s, 0, key);
		make_value(&t, b.s, 0, value);
		row(&t, &b, OP_UPDATE, at, value, 0, "before");
		row(&t, &b, OP_FREEZE, NULL, NULL, 0, "once");
		row(&t, &b, OP_FREEZE, NULL, NULL, 0, "twice");
		row(&t, &b, OP_UPDATE, at, value, 0, "of a frozen map");
		row(&t, &b, OP_UPDATE, at, value, 8, "of a frozen map, bad flags");
		row(&t, &b, OP_DELETE, at, NULL, 0, "of a frozen map");
		row(&t, &b, OP_TAKE, at, NULL, 0, "of a frozen map");
		row(&t, &b, OP_TAKE, at, NULL, 8, "of a frozen map, bad flags");
		if (b.s->type != UAPI_MAP_bloom_filter)
			row(&t, &b, OP_LOOKUP, at, NULL, 0, "of a frozen map");
		row(&t, &b, OP_NEXT, NULL, NULL, 0, "of a frozen map");
		for (enum maps_op op = OP_BATCH_LOOKUP; op < OPS; op++)
			batch_row(&t, &b, op, NULL, 8, 0, 0, "of a frozen map");
		close_both(&b);
	}
	printf("# %u rows compared, %u differ\n", t.rows, t.wrong);
	ground_free(&t);
}

/* struct { u64 a; struct bpf_spin_lock lock; u32 b; u64 c; } */
static int lock_btf(void)
{
#define NAMES "\0u32\0u64\0bpf_spin_lock\0val\0v\0a\0lock\0b\0c"
	enum { U32 = 1, U64 = 5, LOCK = 9, VAL = 23, V = 27, A = 29, L = 31, B = 36, C = 38 };
	static const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t hdr_len, type_off, type_len, str_off, str_len;
		uint32_t types[29];
		char strings[sizeof(NAMES)];
	} btf = { .magic = 0xeb9f,
		  .version = 1,
		  .hdr_len = 24,
		  .type_len = sizeof(btf.types),
		  .str_off = sizeof(btf.types),
		  .str_len = sizeof(NAMES),
		  .types = { U32,  1 << 24,	4,  32,	       /* 1 */
			     U64,  1 << 24,	8,  64,	       /* 2 */
			     LOCK, 4 << 24 | 1, 4,  VAL, 1, 0, /* 3 */
			     V,	   4 << 24 | 4, 24, A,	 2, 0, L, 3, 64, B, 1, 96, C, 2, 128 },
		  .strings = NAMES };
	union bpf_attr attr = { .btf = (uintptr_t)&btf,
				.btf_size = (uint32_t)(offsetof(__typeof__(btf), strings) +
						       sizeof(NAMES)) };

	return (int)syscall(SYS_bpf, BPF_BTF_LOAD, &attr, sizeof(attr));
}

/* Values with a lock: which field is not written, what BPF_F_LOCK allows. */
static void test_locked(void)
{
	static const struct subject locked[] = {
		{ UAPI_MAP_hash, 4, 24, 4, 0, BYTES, false },
		{ UAPI_MAP_hash, 4, 24, 4, NP, BYTES, false },
		{ UAPI_MAP_array, 4, 24, 4, 0, BYTES, false },
	};
	struct ground t;

	NEED_BOTH();
	if (!ground_init(&t))
		SKIP("no ground to test on");
	for (size_t i = 0; i < countof(locked); i++) {
		struct both b = { .s = &locked[i], .size = 24 };
		struct map_fields *f = calloc(1, sizeof(*f) + sizeof(f->field[0]));
		struct map_spec spec = { .type = b.s->type,
					 .key_size = 4,
					 .value_size = 24,
					 .max_entries = 4,
					 .flags = b.s->flags,
					 .btf_key_type = 1,
					 .btf_value_type = 4 };
		auto_fd int btf = lock_btf();

		f->n = 1;
		f->field[0] =
			(struct map_field){ .kind = MAP_FIELD_SPIN_LOCK, .off = 8, .size = 4 };
		b.fd = maps_kernel_new(&spec, -1, btf);
		if (b.fd < 0)
			FAIL("no map with a lock: %d", b.fd);
		spec.fields = f;
		CHECK_INT(map_new(&t.r.w, &t.r.objects, &spec, &b.m), 0);
		for (unsigned int which = 0; which < 3; which++)
			sweep(&t, &b, which);
		for (enum maps_op op = OP_BATCH_LOOKUP; op < OPS; op++)
			for (size_t k = 0; k < countof(flag_values); k++)
				batch_row(&t, &b, op, NULL, 4, flag_values[k], 0, "of locked");
		row(&t, &b, OP_FREEZE, NULL, NULL, 0, "of a map with a lock");
		close_both(&b);
	}
	printf("# %u rows compared, %u differ\n", t.rows, t.wrong);
	ground_free(&t);
}

static const struct test tests[] = {
	{ "elements: every command, key and flag, as the kernel", test_elements },
	{ "a key where there is none and none where there is one", test_keyless },
	{ "batches, as the kernel", test_batches },
	{ "values with a lock, as the kernel", test_locked },
	{ "frozen maps, as the kernel", test_frozen },
};
TEST_MAIN(tests)
