// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* stack_trace: stacks by the hash of their addresses. */
#include <errno.h>
#include <linux/bpf.h>

#include "sim/map_hash.h"
#include "uapi/names.h"

#define DEPTH_MAX 127u /* kernel.perf_event_max_stack */

struct stack {
	uint32_t hash, n; /* addresses; 0: none is here */
	uint64_t ips[];
};

struct stacks {
	struct map m;
	struct map_mem mem;
	uint32_t buckets, stride, elem, count;
};

static struct stacks *stacks(struct map *m)
{
	return (struct stacks *)m;
}

static uint32_t elem_size(const struct map_spec *s)
{
	return s->flags & BPF_F_STACK_BUILD_ID ? sizeof(struct bpf_stack_build_id)
					       : sizeof(uint64_t);
}

static int stack_check(const struct world *w, const struct map_spec *s)
{
	uint32_t elem = elem_size(s);

	(void)w;
	if (s->value_size % 8 || s->value_size % elem || s->value_size / elem > DEPTH_MAX)
		return -EINVAL;
	return s->max_entries > 1u << 31 ? -E2BIG : 0;
}

static int stack_init(struct map *m)
{
	struct stacks *t = stacks(m);

	t->buckets = 1;
	while (t->buckets < m->spec.max_entries)
		t->buckets <<= 1;
	t->elem = elem_size(&m->spec);
	t->stride = (uint32_t)sizeof(struct stack) + m->spec.value_size / t->elem * 8;
	return map_mem_new(&t->mem, t->buckets, t->stride, false);
}

static void stack_release(struct map *m)
{
	map_mem_free(&stacks(m)->mem);
}

static struct stack *stack_at(const struct stacks *t, uint32_t id)
{
	return (struct stack *)(void *)(t->mem.host + (size_t)id * t->stride);
}

static struct stack *find(struct map *m, const void *key)
{
	uint32_t id = map_index(key);
	struct stack *s = id < stacks(m)->buckets ? stack_at(stacks(m), id) : NULL;

	return s && s->n ? s : NULL;
}

static int stack_lookup(struct map *m, const void *key, void *value, uint64_t flags)
{
	const struct stack *s = find(m, key);

	(void)flags;
	if (!s)
		return -ENOENT;
	memset(value, 0, m->spec.value_size);
	if (!(m->spec.flags & BPF_F_STACK_BUILD_ID)) {
		memcpy(value, s->ips, s->n * sizeof(*s->ips));
		return 0;
	}
	for (uint32_t i = 0; i < s->n; i++) {
		struct bpf_stack_build_id b = { .status = BPF_STACK_BUILD_ID_IP, .ip = s->ips[i] };

		memcpy((uint8_t *)value + i * sizeof(b), &b, sizeof(b));
	}
	return 0;
}

static int stack_remove(struct map *m, const void *key)
{
	struct stack *s;

	if (map_index(key) >= stacks(m)->buckets)
		return -E2BIG;
	s = find(m, key);
	if (!s)
		return -ENOENT;
	s->n = 0;
	stacks(m)->count--;
	return 0;
}

static int stack_take(struct map *m, const void *key, void *value, uint64_t flags)
{
	int r = stack_lookup(m, key, value, flags);

	return r ? r : stack_remove(m, key);
}

static int stack_next(struct map *m, const void *key, void *next)
{
	const struct stacks *t = stacks(m);
	uint32_t id = key && find(m, key) ? map_index(key) + 1 : 0;

	while (t->count && id < t->buckets && !stack_at(t, id)->n)
		id++;
	if (!t->count || id >= t->buckets)
		return -ENOENT;
	memcpy(next, &id, sizeof(id));
	return 0;
}

static uint64_t stack_count(const struct map *m)
{
	return ((const struct stacks *)m)->count;
}

int64_t map_stack_id(struct map *m, const uint64_t *ips, uint32_t n, uint64_t flags)
{
	struct stacks *t = stacks(m);
	uint32_t skip = (uint32_t)(flags & BPF_F_SKIP_FIELD_MASK), hash, id;
	uint32_t max = m->spec.value_size / t->elem;
	struct stack *s;

	if (flags & ~(uint64_t)(BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP |
				BPF_F_REUSE_STACKID))
		return -EINVAL;
	if (n <= skip)
		return -EFAULT;
	ips += skip;
	n = n - skip < max ? n - skip : max;
	hash = table_hash(ips, n * (uint32_t)sizeof(*ips));
	id = hash & (t->buckets - 1);
	s = stack_at(t, id);
	if (s->n && s->hash == hash &&
	    (flags & BPF_F_FAST_STACK_CMP ||
	     (s->n == n && memcmp(s->ips, ips, n * sizeof(*ips)) == 0)))
		return id;
	if (s->n && !(flags & BPF_F_REUSE_STACKID))
		return -EEXIST;
	t->count += !s->n;
	s->hash = hash;
	s->n = n;
	memcpy(s->ips, ips, n * sizeof(*ips));
	return id;
}

static void stack_dump(struct map *m, map_piece *fn, void *arg)
{
	const struct stacks *t = stacks(m);

	for (uint32_t id = 0; id < t->buckets; id++) {
		const struct stack *s = stack_at(t, id);

		if (s->n)
			fn(arg, &id, sizeof(id), s->ips, s->n * sizeof(*s->ips));
	}
}

/* At the place that its addresses give it. */
static int stack_restore(struct map *m, const void *key, size_t key_len, const void *value,
			 size_t len)
{
	uint64_t ips[DEPTH_MAX];
	uint32_t n = (uint32_t)(len / sizeof(*ips));
	int64_t id;

	if (key_len != sizeof(uint32_t) || !n || len % sizeof(*ips) ||
	    len / sizeof(*ips) > m->spec.value_size / stacks(m)->elem)
		return -EINVAL;
	memcpy(ips, value, len);
	id = map_stack_id(m, ips, n, 0);
	return id == (int64_t)map_index(key) ? 0 : -EINVAL;
}

const struct map_ops map_stack_trace_ops = {
	.size = sizeof(struct stacks),
	.check = stack_check,
	.init = stack_init,
	.release = stack_release,
	.inner = true,
	.lookup = stack_lookup,
	.remove = stack_remove,
	.next = stack_next,
	.take = stack_take,
	.no = { .update = EINVAL },
	.count = stack_count,
	.dump = stack_dump,
	.restore = stack_restore,
};
