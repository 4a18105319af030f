// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What programs write into the buffers of perf events. */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "sim/kern_perf.h"
#include "sim/kern_priv.h"

#define RECORD_MAX 65535 /* the header's size has 16 bits */

/* The next word of a line. */
static char *skip_word(char *p)
{
	p += strspn(p, " ");
	return p + strcspn(p, " ");
}

/* "FROM-TO PERMISSIONS OFFSET DEVICE INODE NAME": the length, if it is that of the file's
 * beginning. */
static uint64_t mapping(char *line, uint64_t ino)
{
	char *p = line;
	uint64_t from = strtoull(p, &p, 16), to = *p == '-' ? strtoull(p + 1, &p, 16) : 0;
	uint64_t off = strtoull(skip_word(p), &p, 16);

	return strtoull(skip_word(p), &p, 10) == ino && off == 0 && to > from ? to - from : 0;
}

/* Where the caller has mapped the file from its beginning, and so how large the buffer is. */
static uint64_t mapped_size(uint64_t ino)
{
	auto_file FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char line[512];

	while (maps && fgets(line, sizeof(line), maps)) {
		uint64_t n = mapping(line, ino);

		if (n > page)
			return n - page;
	}
	return 0;
}

/* Any descriptor of the file does. */
static int open_file(const struct kern_file *f)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", kern_any_fd(f));
	return open(path, O_RDWR | O_CLOEXEC);
}

static bool put(int fd, const struct kern_perf_ring *r, uint64_t at, const void *data, size_t n)
{
	off_t page = (off_t)sysconf(_SC_PAGESIZE);
	uint64_t off = at % r->size;
	size_t first = n < r->size - off ? n : r->size - off;

	return pwrite(fd, data, first, page + (off_t)off) == (ssize_t)first &&
	       pwrite(fd, (const uint8_t *)data + first, n - first, page) == (ssize_t)(n - first);
}

static uint64_t tail_of(int fd)
{
	uint64_t tail = 0;

	if (pread(fd, &tail, sizeof(tail), offsetof(struct perf_event_mmap_page, data_tail)) < 0)
		return 0;
	return tail;
}

static int append(int fd, struct kern_perf_ring *r, const struct buf *record)
{
	if (r->head + record->len - tail_of(fd) > r->size - 1)
		return -ENOSPC;
	if (!put(fd, r, r->head, record->data, record->len))
		return -ENOSPC;
	r->head += record->len;
	if (pwrite(fd, &r->head, sizeof(r->head),
		   offsetof(struct perf_event_mmap_page, data_head)) < 0)
		return -ENOSPC;
	return 0;
}

static void begin(struct buf *to, uint32_t type, size_t body)
{
	struct perf_event_header h = { .type = type, .size = (uint16_t)(sizeof(h) + body) };

	buf_add(to, &h, sizeof(h));
}

/* The members that the event asked for, in the order of perf_event_open(2). */
static int make_sample(const struct world *w, const struct kern_perf_ring *r, const void *data,
		       uint32_t size, struct buf *to)
{
	uint32_t padded = (uint32_t)((size + 4 + 7) & ~7u) - 4;
	const struct {
		uint64_t type, value;
	} words[] = {
		{ PERF_SAMPLE_TID, (uint64_t)w->task.pid << 32 | w->task.tgid },
		{ PERF_SAMPLE_TIME, w->clock.boot_ns },
		{ PERF_SAMPLE_CPU, w->cpu },
		{ PERF_SAMPLE_PERIOD, 1 },
	};
	size_t body = 4 + (size_t)padded;

	for (size_t i = 0; i < countof(words); i++)
		body += r->sample_type & words[i].type ? 8 : 0;
	if (body + sizeof(struct perf_event_header) > RECORD_MAX)
		return -E2BIG;
	begin(to, PERF_RECORD_SAMPLE, body);
	for (size_t i = 0; i < countof(words); i++)
		if (r->sample_type & words[i].type)
			buf_add(to, &words[i].value, 8);
	buf_add(to, &padded, 4);
	buf_add(to, data, size);
	buf_fill(to, 0, padded - size);
	return buf_error(to) ? -ENOMEM : 0;
}

/* How many were lost is said as soon as there is room for it. */
static int say_lost(int fd, struct kern_perf_ring *r)
{
	const uint64_t body[] = { 0, r->lost };
	auto_buf struct buf b = {};
	int err;

	if (!r->lost)
		return 0;
	begin(&b, PERF_RECORD_LOST, sizeof(body));
	buf_add(&b, body, sizeof(body));
	err = buf_error(&b) ? -ENOMEM : append(fd, r, &b);
	if (!err)
		r->lost = 0;
	return err;
}

static int output(struct kern *k, struct kern_file *f, const void *data, uint64_t size)
{
	struct kern_perf_ring *r = &f->ring;
	auto_buf struct buf b = {};
	auto_fd int fd = -1;
	int err;

	if (f->type != PERF_TYPE_SOFTWARE || f->config != PERF_COUNT_SW_BPF_OUTPUT)
		return -EINVAL;
	if (r->cpu >= 0 && (unsigned int)r->cpu != k->world.cpu)
		return -EOPNOTSUPP;
	if (!r->size)
		r->size = mapped_size(f->ino);
	if (!r->size) /* nobody will read it */
		return 0;
	fd = open_file(f);
	if (fd < 0)
		return -ENOENT;
	err = make_sample(&k->world, r, data, (uint32_t)size, &b);
	if (err)
		return err;
	err = say_lost(fd, r);
	if (!err)
		err = append(fd, r, &b);
	r->lost += err == -ENOSPC;
	return err;
}

int kern_perf_output(void *arg, uint64_t event, const void *data, uint64_t size)
{
	struct kern *k = arg;

	if (size > RECORD_MAX)
		return -E2BIG;
	for (size_t i = 0; i < k->nr_files; i++)
		if (k->files[i].kind == FILE_PERF && k->files[i].ino == event)
			return output(k, &k->files[i], data, size);
	return -ENOENT;
}

bool kern_perf_readable(const struct kern_file *f, int fd)
{
	return f->ring.head != tail_of(fd);
}
