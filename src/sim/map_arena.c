// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* arena: pages that programs and user space share. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/map_ops.h"

struct arena {
	struct map m;
	struct map_mem mem, used; /* used: a byte per page */
	struct region *rg;
	uint32_t page;
};

static struct arena *arena(struct map *m)
{
	return (struct arena *)m;
}

static int arena_check(const struct world *w, const struct map_spec *s)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), len = s->max_entries * page;

	(void)w;
	if (!(s->flags & BPF_F_MMAPABLE) || s->extra % page)
		return -EINVAL;
	if (len > UINT64_C(1) << 32)
		return -E2BIG;
	return s->extra >> 32 != (s->extra + len - 1) >> 32 ? -ERANGE : 0;
}

static int arena_init(struct map *m)
{
	struct arena *a = arena(m);
	int r;

	a->page = (uint32_t)sysconf(_SC_PAGESIZE);
	r = map_mem_new(&a->mem, m->spec.max_entries, a->page, true);
	return r ? r : map_mem_new(&a->used, m->spec.max_entries, 1, false);
}

static void arena_release(struct map *m)
{
	struct arena *a = arena(m);

	if (a->rg)
		region_drop(a->rg, "map freed");
	map_mem_free(&a->mem);
	map_mem_free(&a->used);
}

static int arena_memfd(struct map *m, int *fd, size_t *len)
{
	*fd = arena(m)->mem.fd;
	*len = arena(m)->mem.len;
	return 0;
}

struct region *map_arena_region(struct map *m)
{
	struct arena *a = arena(m);
	char label[48];
	struct region_spec spec = { .kind = REGION_MEM,
				    .flags = REGION_READ | REGION_WRITE,
				    .label = label,
				    .host = a->mem.host,
				    .len = a->mem.len,
				    .object = m };

	if (!a->rg) {
		snprintf(label, sizeof(label), "arena %s", m->spec.name);
		a->rg = space_add(m->world->space, &spec);
	}
	return a->rg;
}

static bool is_free(const struct arena *a, uint32_t page, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (a->used.host[page + i])
			return false;
	return true;
}

int64_t map_arena_alloc(struct map *m, int64_t page, uint32_t n)
{
	struct arena *a = arena(m);
	uint32_t pages = m->spec.max_entries, at = page < 0 ? 0 : (uint32_t)page;

	if (!n || n > pages || page > (int64_t)(pages - n))
		return n ? -ENOMEM : -EINVAL;
	while (!is_free(a, at, n))
		if (page >= 0 || ++at > pages - n)
			return -ENOMEM;
	memset(a->used.host + at, 1, n);
	return at;
}

int map_arena_free(struct map *m, uint32_t page, uint32_t n)
{
	struct arena *a = arena(m);

	if (page >= m->spec.max_entries || n > m->spec.max_entries - page)
		return -EINVAL;
	memset(a->used.host + page, 0, n);
	/* Pages come back as zeros. */
	memset(a->mem.host + (size_t)page * a->page, 0, (size_t)n * a->page);
	return 0;
}

static int arena_direct(struct map *m, uint32_t off, uint64_t *addr)
{
	const struct region *rg = map_arena_region(m);

	if (!rg)
		return -ENOMEM;
	if (off >= rg->len)
		return -ERANGE;
	*addr = rg->base + off;
	return 0;
}

const struct map_ops map_arena_ops = {
	.size = sizeof(struct arena),
	.check = arena_check,
	.init = arena_init,
	.release = arena_release,
	.inner = true,
	.no = { .lookup = EINVAL, .update = EOPNOTSUPP, .remove = EOPNOTSUPP, .next = EOPNOTSUPP },
	.memfd = arena_memfd,
	.direct = arena_direct,
};
