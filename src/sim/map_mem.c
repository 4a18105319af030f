// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory of maps: zeroed, paid for when touched; and the regions programs see it through. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/map_ops.h"

/* Below this the allocator is cheaper than a mapping. */
#define SMALL 65536u

static int map_file_new(struct map_mem *mem)
{
	auto_fd int fd = memfd_create("bpf-map", MFD_CLOEXEC);
	void *host;

	if (fd < 0 || ftruncate(fd, (off_t)mem->len))
		return -ENOMEM;
	host = mmap(NULL, mem->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (host == MAP_FAILED)
		return -ENOMEM;
	mem->host = host;
	mem->mapped = mem->file = true;
	mem->fd = take_fd(fd);
	return 0;
}

int map_mem_new(struct map_mem *mem, uint64_t count, uint64_t stride, bool file)
{
	uint64_t len;

	if (__builtin_mul_overflow(count, stride, &len) || len > MAP_MEMORY_MAX)
		return -ENOMEM;
	if (file || len > SMALL)
		len = (len + MAP_PAGE - 1) & ~(uint64_t)(MAP_PAGE - 1);
	mem->len = len;
	if (file)
		return map_file_new(mem);
	if (len <= SMALL) {
		mem->host = calloc(1, len ? len : 1);
		return mem->host ? 0 : -ENOMEM;
	}
	mem->host = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem->host == MAP_FAILED) {
		mem->host = NULL;
		return -ENOMEM;
	}
	mem->mapped = true;
	return 0;
}

void map_mem_free(struct map_mem *mem)
{
	if (mem->mapped)
		munmap(mem->host, mem->len);
	else
		free(mem->host);
	if (mem->file)
		close(mem->fd);
	*mem = (struct map_mem){};
}

/* Of a file: what is no hole. */
static bool file_used(const struct map_mem *mem, size_t from, size_t *start, size_t *end)
{
	off_t data = lseek(mem->fd, (off_t)from, SEEK_DATA), hole;

	if (data < 0)
		return false;
	hole = lseek(mem->fd, data, SEEK_HOLE);
	*start = (size_t)data;
	*end = hole < 0 ? mem->len : (size_t)hole;
	return true;
}

/* Of memory: pages that are there, or swapped out, by /proc/self/pagemap. */
static bool pages_used(const struct map_mem *mem, size_t from, size_t *start, size_t *end)
{
	auto_fd int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at = from / page;
	size_t last = (mem->len + page - 1) / page, first = (uintptr_t)mem->host / page;
	uint64_t map[1024];
	bool found = false;

	while (at < last) {
		size_t n = last - at < countof(map) ? last - at : countof(map);

		if (fd < 0 ||
		    pread(fd, map, n * 8, (off_t)((first + at) * 8)) != (ssize_t)(n * 8)) {
			*start = found ? *start : at * page; /* it cannot be told: all of it */
			*end = mem->len;
			return true;
		}
		for (size_t i = 0; i < n; i++, at++) {
			bool used = map[i] >> 62; /* present, swapped */

			if (used && !found)
				*start = at * page;
			*end = at * page;
			if (found && !used)
				return true;
			found |= used;
		}
	}
	*end = mem->len;
	return found;
}

bool map_mem_used(const struct map_mem *mem, size_t from, size_t *start, size_t *end)
{
	bool used;

	if (from >= mem->len)
		return false;
	*start = from;
	*end = mem->len;
	if (!mem->mapped)
		return true;
	used = mem->file ? file_used(mem, from, start, end) : pages_used(mem, from, start, end);
	if (*start < from)
		*start = from;
	return used;
}

int map_values_new(struct map *m, struct map_values *v, uint64_t count, bool file)
{
	v->stride = round8(m->spec.value_size);
	v->count = count;
	return map_mem_new(&v->mem, count, v->stride, file);
}

void map_values_free(struct map_values *v)
{
	if (v->rg)
		region_drop(v->rg, "map freed");
	map_mem_free(&v->mem);
}

static unsigned int value_flags(const struct map *m)
{
	unsigned int flags = 0;

	if (!(m->spec.flags & BPF_F_WRONLY_PROG))
		flags |= REGION_READ;
	if (!(m->spec.flags & BPF_F_RDONLY_PROG))
		flags |= REGION_WRITE;
	else if (m->frozen && !m->writers)
		flags |= REGION_CONST;
	return flags;
}

void map_values_flags(struct map *m, struct map_values *v)
{
	if (v->rg)
		region_set_flags(v->rg, value_flags(m));
}

uint64_t map_values_region(struct map *m, struct map_values *v)
{
	char label[48];
	struct region_spec spec = { .kind = REGION_VALUE,
				    .flags = value_flags(m),
				    .label = label,
				    .host = v->mem.host,
				    .len = m->spec.value_size,
				    .count = v->count,
				    .host_stride = v->stride,
				    .object = m };

	snprintf(label, sizeof(label), "value of map %s", m->spec.name);
	v->rg = space_add(m->world->space, &spec);
	if (!v->rg)
		return 0;
	v->base = region_elem(v->rg, 0);
	v->shift = 0;
	while (v->count > 1 && region_elem(v->rg, 1) - v->base != UINT64_C(1) << v->shift)
		v->shift++;
	return v->base;
}

void map_copy_around(const struct map *m, void *value, const void *from)
{
	const struct map_fields *f = m->spec.fields;
	uint8_t *to = value;
	uint32_t at = 0;

	for (uint32_t i = 0; f && i < f->n; i++) {
		memcpy(to + at, (const uint8_t *)from + at, f->field[i].off - at);
		at = f->field[i].off + f->field[i].size;
	}
	memcpy(to + at, (const uint8_t *)from + at, m->spec.value_size - at);
}

void map_copy_in_padded(const struct map *m, void *value, const void *from)
{
	uint32_t n = m->spec.value_size;

	map_copy_in(m, value, from);
	memcpy((uint8_t *)value + n, (const uint8_t *)from + n, round8(n) - n);
}

void map_copy_out(const struct map *m, void *to, const void *value)
{
	memcpy(to, value, m->spec.value_size);
	map_init_fields(m, to);
}

void map_init_fields(const struct map *m, void *value)
{
	const struct map_fields *f = m->spec.fields;

	for (uint32_t i = 0; f && i < f->n; i++)
		memset((uint8_t *)value + f->field[i].off, 0, f->field[i].size);
}
