// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* queue, stack, bloom_filter: values without keys. */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_ops.h"
#include "uapi/names.h"

struct queue {
	struct map m;
	struct map_mem mem;
	uint64_t size;	     /* places; one stays empty */
	uint64_t head, tail; /* written next, read first */
};

static struct queue *queue(struct map *m)
{
	return (struct queue *)m;
}

static int value_check(const struct world *w, const struct map_spec *s)
{
	(void)w;
	return s->value_size > MAP_KMALLOC_MAX ? -E2BIG : 0;
}

static int queue_init(struct map *m)
{
	queue(m)->size = (uint64_t)m->spec.max_entries + 1;
	return map_mem_new(&queue(m)->mem, queue(m)->size, m->spec.value_size, false);
}

static void queue_release(struct map *m)
{
	map_mem_free(&queue(m)->mem);
}

static uint8_t *place(struct queue *q, uint64_t i)
{
	return q->mem.host + i * q->m.spec.value_size;
}

static int queue_push(struct map *m, const void *value, uint64_t flags)
{
	struct queue *q = queue(m);

	if (flags & BPF_NOEXIST || flags > BPF_EXIST)
		return -EINVAL;
	if ((q->head + 1) % q->size == q->tail) {
		if (!(flags & BPF_EXIST))
			return -E2BIG;
		q->tail = (q->tail + 1) % q->size;
	}
	memcpy(place(q, q->head), value, m->spec.value_size);
	q->head = (q->head + 1) % q->size;
	return 0;
}

static int queue_get(struct map *m, void *value, bool take)
{
	struct queue *q = queue(m);
	bool last = m->spec.type == UAPI_MAP_stack;
	uint64_t at = last ? (q->head + q->size - 1) % q->size : q->tail;

	if (q->head == q->tail) {
		memset(value, 0, m->spec.value_size);
		return -ENOENT;
	}
	memcpy(value, place(q, at), m->spec.value_size);
	if (take && last)
		q->head = at;
	else if (take)
		q->tail = (q->tail + 1) % q->size;
	return 0;
}

static int queue_pop(struct map *m, void *value)
{
	return queue_get(m, value, true);
}

static int queue_peek(struct map *m, void *value)
{
	return queue_get(m, value, false);
}

static int keyless_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	(void)key, (void)flags;
	return m->ops->peek(m, value);
}

static int keyless_update(struct map *m, const void *key, const void *value, uint64_t flags)
{
	(void)key;
	return m->ops->push(m, value, flags);
}

static int queue_take(struct map *m, const void *key, void *value, uint64_t flags)
{
	(void)key, (void)flags;
	return queue_pop(m, value);
}

static uint64_t queue_count(const struct map *m)
{
	const struct queue *q = (const struct queue *)m;

	return (q->head + q->size - q->tail) % q->size;
}

#define QUEUE_OPS                                                                                  \
	.size = sizeof(struct queue), .check = value_check, .init = queue_init,                    \
	.release = queue_release, .inner = true, .lookup = keyless_lookup,                         \
	.update = keyless_update, .take = queue_take, .no = { .remove = EINVAL, .next = EINVAL },  \
	.push = queue_push, .pop = queue_pop, .peek = queue_peek, .count = queue_count

const struct map_ops map_queue_ops = { QUEUE_OPS };
const struct map_ops map_stack_ops = { QUEUE_OPS };

/* ---- bloom_filter ------------------------------------------------------------------------- */

struct bloom {
	struct map m;
	struct map_mem bits;
	uint64_t mask; /* of a bit's number */
	uint32_t hashes;
};

static int bloom_check(const struct world *w, const struct map_spec *s)
{
	return s->extra & ~UINT64_C(15) ? -EINVAL : value_check(w, s);
}

/* max_entries * hashes / ln 2 bits, to the next power of two, as the kernel sizes it. */
static int bloom_init(struct map *m)
{
	struct bloom *b = (struct bloom *)m;
	uint64_t want, n = 64;

	b->hashes = m->spec.extra ? (uint32_t)m->spec.extra : 5;
	want = (uint64_t)m->spec.max_entries * b->hashes * 7 / 5;
	while (n < want && n < UINT64_C(1) << 32)
		n <<= 1;
	b->mask = n - 1;
	return map_mem_new(&b->bits, n / 8, 1, false);
}

static void bloom_release(struct map *m)
{
	map_mem_free(&((struct bloom *)m)->bits);
}

static uint64_t bloom_bit(const struct bloom *b, const uint8_t *value, uint32_t seed)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) + seed * UINT64_C(0x9e3779b97f4a7c15);

	for (uint32_t i = 0; i < b->m.spec.value_size; i++)
		h = (h ^ value[i]) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return (h ^ h >> 32) & b->mask;
}

static int bloom_push(struct map *m, const void *value, uint64_t flags)
{
	struct bloom *b = (struct bloom *)m;

	if (flags != BPF_ANY)
		return -EINVAL;
	for (uint32_t i = 0; i < b->hashes; i++) {
		uint64_t at = bloom_bit(b, value, i);

		b->bits.host[at / 8] |= (uint8_t)(1 << at % 8);
	}
	return 0;
}

static int bloom_peek(struct map *m, void *value)
{
	struct bloom *b = (struct bloom *)m;

	for (uint32_t i = 0; i < b->hashes; i++) {
		uint64_t at = bloom_bit(b, value, i);

		if (!(b->bits.host[at / 8] >> at % 8 & 1))
			return -ENOENT;
	}
	return 0;
}

static bool is_clear(const uint8_t *p, size_t n)
{
	while (n && !p[n - 1])
		n--;
	return !n;
}

static void bloom_dump(struct map *m, map_piece *fn, void *arg)
{
	const struct bloom *b = (const struct bloom *)m;
	uint64_t bytes = (b->mask + 1) / 8, n = bytes < 64 ? bytes : 64;

	for (uint64_t at = 0; at < bytes; at += n)
		if (!is_clear(b->bits.host + at, n))
			fn(arg, &at, sizeof(at), b->bits.host + at, n);
}

static int bloom_restore(struct map *m, const void *key, size_t key_len, const void *value,
			 size_t len)
{
	struct bloom *b = (struct bloom *)m;
	uint64_t bytes = (b->mask + 1) / 8, at;

	if (key_len != sizeof(at))
		return -EINVAL;
	memcpy(&at, key, sizeof(at));
	if (at > bytes || len > bytes - at)
		return -EINVAL;
	memcpy(b->bits.host + at, value, len);
	return 0;
}

const struct map_ops map_bloom_filter_ops = {
	.size = sizeof(struct bloom),
	.check = bloom_check,
	.check_first = true,
	.init = bloom_init,
	.release = bloom_release,
	.inner = true,
	.lookup = keyless_lookup,
	.update = keyless_update,
	.no = { .remove = EOPNOTSUPP, .next = EOPNOTSUPP },
	.push = bloom_push,
	.peek = bloom_peek,
	.dump = bloom_dump,
	.restore = bloom_restore,
};
