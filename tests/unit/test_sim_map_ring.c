// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ring buffers: the bytes user space maps, record by record as the kernel writes them. */
#include "sim_maps.h"

#include <sys/mman.h>

#include "core/sys.h"

#define SIZE 4096u

struct ring_view {
	uint64_t *consumer;
	const uint64_t *producer;
	uint8_t *pages; /* consumer page, producer page, data, data */
};

struct rings {
	struct maps_rig r;
	struct map *m;
	struct ring_view view;
	size_t page, len;
};

/* The whole file at once: what libbpf maps in two parts. */
static void rings_init(struct rings *t, uint32_t type, uint32_t size)
{
	struct map_spec s = { .type = type, .max_entries = size };
	int fd = -1;
	void *p;

	memset(t, 0, sizeof(*t));
	maps_init(&t->r);
	t->page = (size_t)sysconf(_SC_PAGESIZE);
	CHECK_INT(map_new(&t->r.w, &t->r.objects, &s, &t->m), 0);
	CHECK_INT(map_memfd(t->m, &fd, &t->len), 0);
	CHECK_INT(t->len, 2 * t->page + 2 * size);
	p = mmap(NULL, t->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	t->view.pages = p;
	t->view.consumer = p;
	t->view.producer = (uint64_t *)(void *)(t->view.pages + t->page);
}

static void rings_free(struct rings *t)
{
	munmap(t->view.pages, t->len);
	kobj_put(&t->m->obj);
	maps_free(&t->r);
}

static const uint8_t *data_at(const struct rings *t, uint64_t pos)
{
	return t->view.pages + 2 * t->page + pos % t->m->spec.max_entries;
}

static uint32_t header(const struct rings *t, uint64_t pos)
{
	uint32_t len;

	memcpy(&len, data_at(t, pos), sizeof(len));
	return len;
}

static void test_records(void)
{
	struct rings t;
	uint64_t a, b;

	rings_init(&t, UAPI_MAP_ringbuf, SIZE);
	CHECK(!map_readable(t.m));
	a = map_ring_reserve(t.m, 20, 0);
	b = map_ring_reserve(t.m, 8, 0);
	CHECK(a && b && a != b);
	CHECK(map_ring_of(&t.r.w, a) == t.m);
	CHECK(!map_ring_of(&t.r.w, a + 8));
	CHECK_INT(map_ring_open(t.m), 2);
	CHECK_INT(*t.view.producer, 32 + 16);
	CHECK_INT(header(&t, 0), 20 | BPF_RINGBUF_BUSY_BIT);
	CHECK(space_poke(t.r.w.space, a, "twenty bytes of data", 20));
	/* Neither beyond its end, nor into the header. */
	CHECK(!space_poke(t.r.w.space, a + 13, "12345678", 8));
	CHECK(!space_poke(t.r.w.space, a - 8, "12345678", 8));
	map_ring_commit(t.m, b, 0, true);
	CHECK_INT(header(&t, 32), 8 | BPF_RINGBUF_DISCARD_BIT);
	map_ring_commit(t.m, a, 0, false);
	CHECK_INT(header(&t, 0), 20);
	CHECK(!memcmp(data_at(&t, 8), "twenty bytes of data", 20));
	CHECK_INT(map_ring_open(t.m), 0);
	CHECK(!map_ring_of(&t.r.w, a));
	CHECK(!space_poke(t.r.w.space, a, "late", 4));
	CHECK(map_readable(t.m));
	CHECK_INT(map_ring_query(t.m, BPF_RB_AVAIL_DATA), 48);
	CHECK_INT(map_ring_query(t.m, BPF_RB_RING_SIZE), SIZE);
	CHECK_INT(map_ring_query(t.m, 99), 0);
	*t.view.consumer = 48;
	CHECK(!map_readable(t.m));
	CHECK_INT(map_ring_query(t.m, BPF_RB_CONS_POS), 48);
	rings_free(&t);
}

static void test_full(void)
{
	uint8_t data[SIZE] = {};
	struct rings t;

	rings_init(&t, UAPI_MAP_ringbuf, SIZE);
	CHECK_INT(map_ring_output(t.m, data, 8, 4), -EINVAL);
	CHECK_INT(map_ring_output(t.m, data, SIZE - 8, 0), -EAGAIN); /* one byte is always left */
	CHECK_INT(map_ring_output(t.m, data, SIZE - 16, BPF_RB_FORCE_WAKEUP), 0);
	CHECK_INT(map_ring_output(t.m, data, 1, 0), -EAGAIN);
	CHECK_INT((int64_t)map_ring_reserve(t.m, 1, 0), 0);
	CHECK_INT((int64_t)map_ring_reserve(t.m, UINT32_MAX, 0), 0);
	CHECK_INT((int64_t)map_ring_reserve(t.m, 1, 1), 0);
	*t.view.consumer = *t.view.producer;
	CHECK_INT(map_ring_output(t.m, data, 1, BPF_RB_NO_WAKEUP), 0);
	rings_free(&t);
}

/* A reserved record holds up those behind it, however much the consumer says it has read. */
static void test_pending(void)
{
	struct rings t;
	uint64_t first;

	rings_init(&t, UAPI_MAP_ringbuf, SIZE);
	first = map_ring_reserve(t.m, 100, 0);
	for (int i = 0; i < 30; i++) {
		CHECK_INT(map_ring_output(t.m, "x", 1, 0), 0);
		*t.view.consumer = *t.view.producer;
	}
	CHECK_INT((int64_t)map_ring_reserve(t.m, SIZE - 600, 0), 0);
	map_ring_commit(t.m, first, 0, false);
	CHECK(map_ring_reserve(t.m, SIZE - 600, 0) != 0);
	rings_free(&t);
}

/* A record of no bytes, records larger than a page of addresses, many records. */
static void test_sizes(void)
{
	struct rings t;
	uint64_t at;

	rings_init(&t, UAPI_MAP_ringbuf, 1 << 20);
	at = map_ring_reserve(t.m, 0, 0);
	CHECK(map_ring_of(&t.r.w, at) == t.m);
	map_ring_commit(t.m, at, 0, false);
	for (uint32_t i = 0; i < 20000; i++) {
		at = map_ring_reserve(t.m, i % 50 ? i % 300 : 100000, 0);
		if (!at || map_ring_of(&t.r.w, at) != t.m) {
			FAIL("record %u", i);
			break;
		}
		map_ring_commit(t.m, at, 0, i % 3 == 0);
		*t.view.consumer = *t.view.producer;
	}
	rings_free(&t);
}

/* Records take turns at some places: what pointed to an older one does not point to this one. */
static void test_turns(void)
{
	struct rings t;
	uint64_t first, second, beside;
	enum miss miss = MISS_NONE;

	rings_init(&t, UAPI_MAP_ringbuf, SIZE);
	first = map_ring_reserve(t.m, 16, 0);
	CHECK(space_poke(t.r.w.space, first, "first", 5));
	map_ring_commit(t.m, first, 0, false);
	CHECK(!space_host(t.r.w.space, first, 1, REGION_WRITE, &miss));
	CHECK_INT(miss, MISS_DROPPED);
	second = map_ring_reserve(t.m, 24, 0);
	beside = map_ring_reserve(t.m, 8, 0);
	CHECK(second && beside && second != first && beside != first && beside != second);
	CHECK(!space_host(t.r.w.space, first, 1, REGION_WRITE, &miss));
	CHECK_INT(miss, MISS_DROPPED);
	CHECK(!map_ring_of(&t.r.w, first));
	CHECK(space_poke(t.r.w.space, second, "no more than twenty-four", 24));
	CHECK(!space_poke(t.r.w.space, second + 17, "12345678", 8));
	map_ring_commit(t.m, first, 0, false); /* nothing */
	CHECK_INT(map_ring_open(t.m), 2);
	map_ring_commit(t.m, second, 0, false);
	map_ring_commit(t.m, beside, 0, true);
	CHECK_INT(map_ring_open(t.m), 0);
	CHECK(!memcmp(data_at(&t, 8), "first", 5));
	rings_free(&t);
}

/* ---- as the kernel ------------------------------------------------------------------------ */

#define INSN(c, d, s, o, i)                                                                        \
	(struct bpf_insn)                                                                          \
	{                                                                                          \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                \
	}

/* Reserves size bytes, writes the first eight, submits or discards; returns how it went. */
static int record_prog(int map, uint32_t size, bool discard)
{
	struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, (int32_t)size),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ringbuf_reserve),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5, 0),
		INSN(BPF_ST | BPF_MEM | BPF_DW, 0, 0, 0, (int32_t)size * 3 + discard),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 1, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0,
		     discard ? BPF_FUNC_ringbuf_discard : BPF_FUNC_ringbuf_submit),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				.insns = (uintptr_t)insns,
				.insn_cnt = countof(insns),
				.license = (uintptr_t) "GPL" };

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static bool mock_record(struct map *m, uint32_t size, bool discard)
{
	uint64_t at = map_ring_reserve(m, size, 0), word = (uint64_t)(size * 3 + discard);

	if (!at)
		return false;
	space_poke(m->world->space, at, &word, sizeof(word));
	map_ring_commit(m, at, 0, discard);
	return true;
}

static void test_kernel_bytes(void)
{
	static const uint32_t sizes[] = { 8, 9, 100, 1000, 1801, 4000 };
	struct map_spec s = { .type = UAPI_MAP_ringbuf, .max_entries = 2 * SIZE };
	int progs[countof(sizes)][2], map;
	uint8_t *head, *tail, packet[64] = {};
	uint64_t taken = 0;
	struct rings t;

	if (maps_no_kernel())
		SKIP(maps_no_kernel());
	rings_init(&t, UAPI_MAP_ringbuf, 2 * SIZE);
	map = maps_kernel_new(&s, -1, -1);
	head = mmap(NULL, t.page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	tail = mmap(NULL, t.page + 4 * SIZE, PROT_READ, MAP_SHARED, map, (off_t)t.page);
	for (size_t i = 0; i < countof(sizes) * 2; i++)
		progs[i / 2][i % 2] = record_prog(map, sizes[i / 2], i % 2);
	if (head == MAP_FAILED || tail == MAP_FAILED || progs[0][0] < 0)
		SKIP("cannot make a ring buffer");
	for (unsigned int step = 0; step < 2000 && !test_failures; step++) {
		size_t which = step * 7 / 3 % countof(sizes);
		bool discard = step % 5 == 0, went = mock_record(t.m, sizes[which], discard);
		union bpf_attr attr = { .test = { .prog_fd = (uint32_t)progs[which][discard],
						  .data_in = (uintptr_t)packet,
						  .data_size_in = sizeof(packet) } };

		CHECK_INT(maps_bpf(BPF_PROG_TEST_RUN, &attr), 0);
		CHECK_INT(went, attr.test.retval);
		if (memcmp(t.view.pages + t.page, tail, t.page + 4 * SIZE) != 0)
			FAIL("step %u: other bytes than the kernel's", step);
		/* The consumer reads most of it, now and then. */
		if (step % 4 == 3)
			taken = *t.view.producer;
		*t.view.consumer = taken;
		memcpy(head, &taken, sizeof(taken));
	}
	for (size_t i = 0; i < countof(sizes) * 2; i++)
		close(progs[i / 2][i % 2]);
	munmap(head, t.page);
	munmap(tail, t.page + 4 * SIZE);
	close(map);
	rings_free(&t);
}

/* ---- user_ringbuf ------------------------------------------------------------------------- */

/* As libbpf's producer does: header at the position, data behind it modulo the size. */
static void produce(struct rings *t, uint32_t len, uint32_t bits, const void *data)
{
	uint64_t pos = *t->view.producer;
	uint32_t head[2] = { len | bits, 0 };

	memcpy((uint8_t *)(uintptr_t)data_at(t, pos), head, sizeof(head));
	memcpy((uint8_t *)(uintptr_t)data_at(t, pos + 8), data, len);
	*(uint64_t *)(uintptr_t)t->view.producer = pos + ((len + 8 + 7) & ~7u);
}

static void test_user(void)
{
	uint8_t data[3000];
	const void *got;
	struct rings t;
	uint32_t len;

	rings_init(&t, UAPI_MAP_user_ringbuf, SIZE);
	CHECK_INT(map_user_ring_peek(t.m, &got, &len), -ENODATA);
	for (uint32_t i = 0; i < 50; i++) {
		uint32_t n = 1 + i * 59;

		memset(data, (int)i, sizeof(data));
		produce(&t, n, 0, data);
		CHECK_INT(map_user_ring_peek(t.m, &got, &len), 0);
		CHECK_INT(len, n);
		CHECK(!memcmp(got, data, n));
		map_user_ring_done(t.m);
		CHECK_INT(*t.view.consumer, *t.view.producer);
	}
	produce(&t, 5, BPF_RINGBUF_DISCARD_BIT, "nope");
	produce(&t, 4, BPF_RINGBUF_BUSY_BIT, "wait");
	CHECK_INT(map_user_ring_peek(t.m, &got, &len), -EAGAIN);
	CHECK_INT(map_user_ring_peek(t.m, &got, &len), -ENODATA);
	*t.view.consumer = *t.view.producer;
	/* Longer than what was announced, and not a multiple of 8. */
	produce(&t, 8, 0, "8 bytes.");
	*(uint64_t *)(uintptr_t)t.view.producer -= 8;
	CHECK_INT(map_user_ring_peek(t.m, &got, &len), -EINVAL);
	*(uint64_t *)(uintptr_t)t.view.producer += 3;
	CHECK_INT(map_user_ring_peek(t.m, &got, &len), -EINVAL);
	rings_free(&t);
}

static const struct test tests[] = {
	{ "records: reserve, submit, discard, query", test_records },
	{ "a full ring", test_full },
	{ "a reserved record holds up the rest", test_pending },
	{ "records of no bytes, of many, and many", test_sizes },
	{ "an older record's address is not this one's", test_turns },
	{ "every byte as the kernel", test_kernel_bytes },
	{ "user ring buffers", test_user },
};
TEST_MAIN(tests)
